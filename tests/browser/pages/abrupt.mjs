/** The worker's script with a way to end that nobody is told of. */
globalThis.endAtOnce = globalThis.close.bind(globalThis);
await import("../dist/worker.mjs");

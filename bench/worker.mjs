/**
 * One measured process: loads one runtime, runs every row of rows.mjs, prints the times as one JSON line.
 * Started by run.py, once a round and runtime:  node worker.mjs LABEL MODULE CONVERSION SECONDS [ROW,ROW...]
 * CONVERSION is the mode of our runtime, "-" for a peer, "micropython" for MicroPython.
 */
import { readdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { measureRows } from "./measure.mjs";
import { adaptMicroPython } from "./micropython.mjs";
import { makeRows } from "./rows.mjs";

const [label, module, conversion, seconds, only] = process.argv.slice(2);
const PROGRAMS = new URL("interpreter/", import.meta.url);
const isMicroPython = conversion === "micropython";

const memories = [];
/** Notes the memories of a started module, which a runtime need not show. */
function noteMemories(instance, imports) {
  // By name only: to read other imports of Emscripten's changes what it links.
  const all = [imports?.env?.memory, ...Object.values(instance.exports)];
  memories.push(...all.filter((value) => value instanceof WebAssembly.Memory));
}
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (source, imports, ...rest) => {
  const result = await instantiate.call(WebAssembly, source, imports, ...rest);
  noteMemories(result.instance ?? result, imports);
  return result;
};
/** Bytes of the memories of WebAssembly, and of JavaScript's live objects. */
function memoryInUse() {
  globalThis.gc();
  const linear = [...new Set(memories.map(({ buffer }) => buffer))].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  );
  return linear + process.memoryUsage().heapUsed;
}

/** A started runtime with the interface of Pyodide. */
async function start() {
  const { loadMicroPython, loadPyodide } = await import(pathToFileURL(module).href);
  if (isMicroPython) {
    return adaptMicroPython(await loadMicroPython({ heapsize: 64 << 20 }));
  }
  return loadPyodide(conversion === "-" ? {} : { conversion });
}

const pyodide = await start();
if (pyodide.runPython("1 + 1") !== 2) {
  throw new Error(`${label}: the first runPython gave a wrong result`);
}
// performance.now() counts from the start of the process.
const first = performance.now() * 1e6;
const programs = readdirSync(PROGRAMS)
  .filter((name) => name.endsWith(".py"))
  .sort()
  .map((name) => ({ name, source: readFileSync(new URL(name, PROGRAMS), "utf8") }));
const results = {
  "start: process to first runPython": first,
  "memory after start: WebAssembly and JavaScript heaps": memoryInUse(),
  ...measureRows(makeRows(pyodide, isMicroPython ? "-" : conversion, programs), {
    seconds: Number(seconds),
    only,
    partial: isMicroPython,
  }),
};
process.stdout.write(`${JSON.stringify({ label, version: pyodide.version, results })}\n`, () =>
  process.exit(0),
);

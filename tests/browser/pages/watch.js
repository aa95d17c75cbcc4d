/** Counts how WebAssembly is compiled, so that tests can tell a streaming start from one by way of bytes. */
globalThis.compiled = { streaming: 0, bytes: 0 };
for (const [name, kind] of [
  ["compileStreaming", "streaming"],
  ["instantiateStreaming", "streaming"],
  ["compile", "bytes"],
]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async function (...args) {
    const result = await original.apply(this, args);
    // The runtime itself is what counts, not the few bytes that feature tests compile.
    const module = result instanceof WebAssembly.Module ? result : result.module;
    if (WebAssembly.Module.exports(module).length > 1000) {
      globalThis.compiled[kind]++;
    }
    return result;
  };
}

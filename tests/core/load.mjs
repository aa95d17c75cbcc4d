/** Instantiates a test program without any JavaScript glue; the few imports that its C library wants must not be used. */
import { readFileSync } from "node:fs";

const MEMORY_NOTICE = "emscripten_notify_memory_growth";

export async function load(file) {
  const module = await WebAssembly.compile(readFileSync(file));
  const imports = {};
  for (const { module: space, name } of WebAssembly.Module.imports(module)) {
    imports[space] ??= {};
    imports[space][name] =
      name === MEMORY_NOTICE
        ? () => {}
        : () => {
            throw new Error(`the test program called ${space}.${name}`);
          };
  }
  const { exports } = await WebAssembly.instantiate(module, imports);
  exports._initialize?.();
  return exports;
}

/** Gives MicroPython's wasm package as much of Pyodide's interface as the rows of rows.mjs need. */

const FFI = `
from jsffi import create_proxy, to_js
`;

/** The interface of Pyodide over a started MicroPython: `runPython` with a result, `globals`, `pyodide.ffi`. */
export function adaptMicroPython(micropython) {
  for (const folder of ["/lib", "/lib/pyodide"]) {
    micropython.FS.mkdir(folder);
  }
  micropython.FS.writeFile("/lib/pyodide/__init__.py", "");
  micropython.FS.writeFile("/lib/pyodide/ffi.py", FFI);
  micropython.runPython("import sys\nsys.path.append('/lib')");
  return {
    version: "MicroPython",
    globals: micropython.globals,
    runPython(code) {
      // It runs statements only: the last line is an expression when it is not part of a block and assigns nothing.
      const lines = code.trimEnd().split("\n");
      const last = lines.at(-1);
      if (/^(\s|(import|from|def)\b)/.test(last)) {
        return void micropython.runPython(code);
      }
      micropython.runPython([...lines.slice(0, -1), `_value = ${last}`].join("\n"));
      return micropython.globals.get("_value");
    },
  };
}

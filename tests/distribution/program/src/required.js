/** The same as a CommonJS module. */
const { loadPyodide, version } = require("pyodide");

globalThis.version = version;
globalThis.started = loadPyodide().then(
  (pyodide) => (globalThis.pyodide = pyodide),
);

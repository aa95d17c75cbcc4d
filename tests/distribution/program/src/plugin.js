/** What users of the plugin write: it puts the files into this folder. */
import { loadPyodide, version } from "pyodide";

globalThis.version = version;
globalThis.started = loadPyodide({ indexURL: "./pyodide/" }).then(
  (pyodide) => (globalThis.pyodide = pyodide),
);

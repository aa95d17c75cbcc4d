/** What a user writes: nothing here says where the runtime's files are. */
import { loadPyodide, version } from "pyodide";
import { startWorker } from "pyodide/workers";

globalThis.version = version;
globalThis.started = loadPyodide().then(
  (pyodide) => (globalThis.pyodide = pyodide),
);
globalThis.startWorker = startWorker;

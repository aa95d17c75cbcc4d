/** A classic worker: the same as worker.mjs with importScripts. */
importScripts("../dist/pyodide.js");

const started = loadPyodide();
onmessage = async ({ data }) => {
  try {
    const pyodide = await started;
    postMessage({ result: pyodide.runPython(data) });
  } catch (error) {
    postMessage({ error: `${error.name} ${error.type ?? ""} ${error.message}` });
  }
};

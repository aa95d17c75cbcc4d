/** A module worker: answers Python code with its result, or the error's text. */
import { loadPyodide } from "../dist/pyodide.mjs";

const started = loadPyodide();
onmessage = async ({ data }) => {
  try {
    const pyodide = await started;
    postMessage({ result: pyodide.runPython(data) });
  } catch (error) {
    postMessage({ error: `${error.name} ${error.type ?? ""} ${error.message}` });
  }
};

/**
 * A module worker: answers Python code with its result, or the error's text. Before code that is an
 * object it loads `packages`, and runs the `code` so that it can wait where the engine lets it.
 */
import { loadPyodide } from "../dist/pyodide.mjs";

const started = loadPyodide();
onmessage = async ({ data }) => {
  try {
    const pyodide = await started;
    if (typeof data === "string") {
      postMessage({ result: pyodide.runPython(data) });
    } else {
      await pyodide.loadPackage(data.packages ?? [], { messageCallback() {} });
      postMessage({ result: await pyodide.runPythonAsync(data.code) });
    }
  } catch (error) {
    postMessage({ error: `${error.name} ${error.type ?? ""} ${error.message}` });
  }
};

/**
 * A worker that runs Python code which the page interrupts: gets `{ code, buffer }`, tells "ready" when Python calls js.ready(), and
 * answers with the result or the class of the error, and the first element of the buffer.
 */
import { loadPyodide } from "../dist/pyodide.mjs";

const started = loadPyodide();
globalThis.ready = () => postMessage("ready");
onmessage = async ({ data: { code, buffer, stdin } }) => {
  const pyodide = await started;
  pyodide.setInterruptBuffer(buffer);
  pyodide.setStdin(
    stdin === "waits"
      ? {
          read() {
            throw { code: "EAGAIN" };
          },
        }
      : {},
  );
  try {
    postMessage([pyodide.runPython(code), buffer[0]]);
  } catch (error) {
    postMessage([error.type ?? String(error), buffer[0]]);
  }
};

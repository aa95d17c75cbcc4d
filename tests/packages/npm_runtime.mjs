/**
 * Runs Python code in the npm package pyodide: npm_runtime.mjs FOLDER REQUEST
 *
 * FOLDER is the package's; REQUEST is JSON with the paths of `wheels` and `code`, which ends with an
 * expression. Prints JSON: the `value`'s repr, or the `error`.
 */
import { pathToFileURL } from "node:url";

const [folder, request] = process.argv.slice(2);
const { wheels, code } = JSON.parse(request);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
// What the program prints must not get between.
const pyodide = await loadPyodide({ stdout() {}, stderr() {} });
const quiet = { messageCallback() {}, errorCallback() {} };
await pyodide.loadPackage(wheels, quiet);
const evaluate = pyodide.runPython("from pyodide.code import eval_code\nlambda code: repr(eval_code(code))");
let answer;
try {
  answer = { value: evaluate(code) };
} catch (error) {
  answer = { error: error.message };
}
console.log(JSON.stringify(answer));

/**
 * One measured process: loads wheels into one runtime and imports a module, prints the milliseconds as JSON.
 * Started by packages.py:  node packages.mjs MODULE IMPORT WHEEL...
 */
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";

const [module, name, ...wheels] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(module).href);
const pyodide = await loadPyodide();
const start = performance.now();
await pyodide.loadPackage(wheels, { messageCallback() {} });
const loaded = performance.now();
pyodide.runPython(`import ${name}`);
const imported = performance.now();
console.log(JSON.stringify({ load: loaded - start, import: imported - loaded }));

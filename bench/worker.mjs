/**
 * One measured process: loads one runtime, runs every row of rows.mjs, prints the times as one JSON line.
 * Started by run.py, once a round and runtime:  node worker.mjs LABEL MODULE CONVERSION SECONDS [ROW,ROW...]
 */
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { makeRows } from "./rows.mjs";

const [label, module, conversion, seconds, only] = process.argv.slice(2);
/** How long each sample of a row runs, and how many samples the best is taken from. */
const SAMPLE_MS = (Number(seconds) * 1000) / 5;
const SAMPLES = 5;

/** Times of one run of `body(n)`, in nanoseconds. */
function time(body, n) {
  const start = performance.now();
  body(n);
  return (performance.now() - start) * 1e6;
}

/** Nanoseconds of one operation: the median of several samples, each long enough for the clock. */
function measure({ run, baseline }) {
  let n = 1;
  while (time(run, n) < (SAMPLE_MS * 1e6) / 4 && n < 1e8) {
    n *= 2;
  }
  const samples = Array.from({ length: SAMPLES }, () => (time(run, n) - time(baseline, n)) / n);
  return samples.sort((a, b) => a - b)[SAMPLES >> 1];
}

const { loadPyodide } = await import(pathToFileURL(module).href);
const pyodide = await loadPyodide(conversion === "-" ? {} : { conversion });
if (pyodide.runPython("1 + 1") !== 2) {
  throw new Error(`${label}: the first runPython gave a wrong result`);
}
// performance.now() counts from the start of the process.
const results = { "start: process to first runPython": performance.now() * 1e6 };
const wanted = only ? new Set(only.split(",")) : undefined;
for (const row of makeRows(pyodide, conversion)) {
  if (wanted === undefined || wanted.has(row.id)) {
    row.check();
    results[row.id] = measure(row);
    row.finish?.();
  }
}
process.stdout.write(`${JSON.stringify({ label, version: pyodide.version, results })}\n`, () => process.exit(0));

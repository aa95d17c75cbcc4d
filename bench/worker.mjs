/**
 * One measured process: loads one runtime, runs every row of rows.mjs, prints the times as one JSON line.
 * Started by run.py, once a round and runtime:  node worker.mjs LABEL MODULE CONVERSION SECONDS [ROW,ROW...]
 */
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { makeRows } from "./rows.mjs";

const [label, module, conversion, seconds, only] = process.argv.slice(2);
/**
 * How many samples the best is taken from, and how long each runs: about as long as a busy system leaves a process the
 * processor, so that the best has had it to itself.
 */
const SAMPLES = 50;
const SAMPLE_MS = (Number(seconds) * 1000) / SAMPLES;

/** Times of one run of `body(n)`, in nanoseconds. */
function time(body, n) {
  const start = performance.now();
  body(n);
  return (performance.now() - start) * 1e6;
}

/**
 * Runs the row until engines have had the time to optimise it, and gives the number of operations that a sample needs.
 * WebAssembly is first compiled quickly and badly; the better code comes from a background thread, later.
 */
function warmUp({ run }) {
  let n = 1;
  const end = performance.now() + SAMPLE_MS * SAMPLES;
  do {
    const ms = time(run, n) / 1e6;
    n = ms < SAMPLE_MS / 2 ? n * 2 : n;
  } while (performance.now() < end);
  return n;
}

/**
 * Nanoseconds of one operation: the best of several samples, each long enough for the clock, less the best of the empty
 * loop. The best is what the code can do; what else the machine does only ever adds. run.py takes medians over processes.
 */
function measure({ run, baseline }, n) {
  const best = (body) => Math.min(...Array.from({ length: SAMPLES }, () => time(body, n)));
  return (best(run) - best(baseline)) / n;
}

const { loadPyodide } = await import(pathToFileURL(module).href);
const pyodide = await loadPyodide(conversion === "-" ? {} : { conversion });
if (pyodide.runPython("1 + 1") !== 2) {
  throw new Error(`${label}: the first runPython gave a wrong result`);
}
// performance.now() counts from the start of the process.
const results = { "start: process to first runPython": performance.now() * 1e6 };
/** Whether a row was asked for: by its name, or by the beginning of its name with an asterisk. */
const isWanted = (id) =>
  !only ||
  only
    .split(",")
    .some((name) => (name.endsWith("*") ? id.startsWith(name.slice(0, -1)) : id === name));
const rows = makeRows(pyodide, conversion).filter((row) => isWanted(row.id));
rows.forEach((row) => row.check());
const sizes = rows.map(warmUp);
rows.forEach((row, i) => {
  results[row.id] = measure(row, sizes[i]);
  row.finish?.();
});
process.stdout.write(`${JSON.stringify({ label, version: pyodide.version, results })}\n`, () =>
  process.exit(0),
);

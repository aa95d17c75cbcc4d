/**
 * The Node process of the test harness: loads the runtime once, then obeys commands that arrive as JSON lines on one file
 * descriptor and answers each with one JSON line on another; both numbers are its arguments. Standard input and output stay free for the runtime.
 * Started by runtime.py with `node --expose-gc`; knows the runtime only through its public API and `pyodide._api`.
 */
import { readFileSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { decode, encode } from "./codec.mjs";

const AsyncFunction = (async () => {}).constructor;
const SETTLE_TURNS = 12;
const [COMMANDS, ANSWERS] = process.argv.slice(2).map(Number);

let pyodide;
let PyProxy;
let pythonSide;
let testState;
let knownGlobals;
let strays = [];

/** What bodies of test code can use as `h`. */
const helpers = {
  isPyProxy: (value) => PyProxy !== undefined && value instanceof PyProxy,
  /** The error that `action` throws, or a complaint when it throws none. */
  thrown(action) {
    try {
      action();
    } catch (error) {
      return describeError(error);
    }
    throw new Error("expected an exception, none was thrown");
  },
  /** Runs the garbage collector and lets finalisers run until `done()` or the patience ends; tells whether done. */
  async collect(done = () => false) {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) {
      if (done()) {
        return true;
      }
      // A WeakRef that done() looked at keeps its target alive until the end of the turn.
      await sleep(0);
      globalThis.gc();
      await sleep(turn < 2 ? 0 : 5);
    }
    return done();
  },
  counts: () => pyodide._api.debug.counts(),
};

function describeError(error) {
  const isError =
    error instanceof Error || Object.prototype.toString.call(error) === "[object Error]";
  if (!isError) {
    return { name: `thrown ${typeof error}`, message: String(error), stack: "", type: null };
  }
  return {
    name: String(error.name),
    message: String(error.message),
    stack: String(error.stack),
    type: typeof error.type === "string" ? error.type : null,
  };
}

function loadPythonSide() {
  if (pythonSide === undefined) {
    const source = readFileSync(new URL("./runtime_side.py", import.meta.url), "utf8");
    pyodide.FS.mkdirTree("/harness");
    pyodide.FS.writeFile("/harness/_harness.py", source);
    pyodide.runPython("import sys; sys.path.append('/harness'); import _harness");
    pythonSide = pyodide.runPython("_harness.handle");
    pyodide.runPython("del sys, _harness");
  }
  return pythonSide;
}

function runBody(body, vars, extraNames = [], extraValues = []) {
  const names = Object.keys(vars ?? {});
  const make = new AsyncFunction("pyodide", "h", ...extraNames, ...names, `"use strict";\n${body}`);
  return make(pyodide, helpers, ...extraValues, ...names.map((name) => decode(vars[name])));
}

function sameCounts(a, b) {
  return Object.keys(a).every((key) => a[key] === b[key]);
}

const commands = {
  async load({ dist, options, mode }) {
    const { loadPyodide } = await import(pathToFileURL(dist).href);
    const given = await new AsyncFunction(`return (${options || "{}"});`)();
    pyodide = await loadPyodide({ conversion: mode, ...given });
    // A runtime that failed refuses `pyodide.ffi`.
    PyProxy = pyodide.ffi.PyProxy;
    return encode(pyodide.version, helpers.isPyProxy);
  },
  async js({ body, vars }) {
    return encode(await runBody(body, vars), helpers.isPyProxy);
  },
  python({ request }) {
    // Request and answer stay text: JSON.parse would not tell 1.0 from 1 and would round great integers.
    return loadPythonSide()(request);
  },
  /** Crossings of one `operation` in JavaScript, after `setup` and `warm` runs of the operation. */
  async crossings({ setup, operation, warm, vars }) {
    const body = `${setup};
      const operationUnderTest = () => { ${operation}; };
      for (let i = 0; i < ${Number(warm)}; i++) operationUnderTest();
      const debug = pyodide._api.debug;
      debug.resetCrossings();
      operationUnderTest();
      return { ...debug.crossings() };`;
    return encode(await runBody(body, vars), helpers.isPyProxy);
  },
  /** Crossings while the Python function `probe(n)` of __main__ does its operation n times: the counters for n=1 and n=11. */
  pythonCrossings() {
    const probe = pyodide.runPython("probe");
    const debug = pyodide._api.debug;
    probe(2);
    const [once, more] = [1, 11].map((n) => {
      debug.resetCrossings();
      probe(n);
      return { ...debug.crossings() };
    });
    probe.destroy();
    return encode([once, more], helpers.isPyProxy);
  },
  async begin() {
    loadPythonSide();
    await helpers.collect(() => !pendingCollection());
    knownGlobals = new Set(Reflect.ownKeys(globalThis));
    strays = [];
    const before = { ...helpers.counts() };
    testState = { before, saved: pyodide._api.saveState() };
    return null;
  },
  async end() {
    const { before, saved } = testState;
    testState = undefined;
    for (const key of Reflect.ownKeys(globalThis)) {
      // What cannot be deleted is Node's own: its HTTP client, for instance.
      if (!knownGlobals.has(key) && Object.getOwnPropertyDescriptor(globalThis, key).configurable) {
        delete globalThis[key];
      }
    }
    const errorSet = helpers.counts().errorSet;
    // Timers that are due run, so that what they throw belongs to this test.
    await sleep(0);
    pyodide._api.restoreState(saved);
    const settled = () => sameCounts(before, helpers.counts());
    if (!(await helpers.collect(settled))) {
      pythonSide(JSON.stringify({ op: "collect" }));
      await helpers.collect(settled);
    }
    const clean = settled();
    const live = clean ? null : JSON.parse(pythonSide(JSON.stringify({ op: "live" }))).value;
    const after = { ...helpers.counts() };
    return { before, after, errorSet, live, strays };
  },
};

/** The first collection of a session takes what starting up left behind; later ones find nothing to wait for. */
let collectedOnce = false;
function pendingCollection() {
  const pending = !collectedOnce;
  collectedOnce = true;
  return pending;
}

function reply(message) {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length;) {
    written += writeSync(ANSWERS, bytes, written);
  }
}

function onStray(error) {
  strays.push(describeError(error));
}
process.on("uncaughtException", onStray);
process.on("unhandledRejection", onStray);

for await (const line of createInterface({
  input: new Socket({ fd: COMMANDS, writable: false }),
})) {
  const { op, ...fields } = JSON.parse(line);
  try {
    reply({ ok: true, value: await commands[op](fields) });
  } catch (error) {
    reply({ ok: false, error: describeError(error) });
  }
}
process.exit(0);

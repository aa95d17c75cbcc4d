/**
 * Measures how the cost of operations grows with the size of what they work on, in our runtime, and prints one JSON line:
 * for each curve its sizes and the nanoseconds at each. Started by growth.py:
 *   node --expose-gc growth.mjs MODULE FOLDER_OF_LIBRARIES [CURVE,CURVE*]
 */
import { readdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { sink } from "./sink.mjs";

const [module, libraries, only] = process.argv.slice(2);
const SIZES = [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000];
const ENOUGH_MS = 100;
const FEWEST_RUNS = 3;
const SHORT_MS = 2;

const { loadPyodide } = await import(pathToFileURL(module).href);
const pyodide = await loadPyodide({ conversion: "native" });
const python = (code) => pyodide.runPython(code);

await pyodide.loadPackage("numpy", { messageCallback() {} });
/** Python functions by name. */
python(`
import ctypes, gc, js, numpy
from pyodide.ffi import to_js, create_proxy
class Thing: pass
def make_list(n): return list(range(n))
def make_mixed(n): return [i if i % 3 else str(i) for i in range(n)]
def make_dict(n): return {f"key{i}": i for i in range(n)}
def make_records(n): return [{"id": i, "name": "x"} for i in range(n)]
def make_nested(n):
    value = []
    for _ in range(n): value = [value]
    return value
def make_things(n): return [Thing() for _ in range(n)]
def consume(value): return 7
def count_items(value):
    n = 0
    for _ in value: n += 1
    return n
def count_given(): return count_items(js.get_proxy("given"))
kept = []
def keep(value): kept.append(value)
def forget(): kept.clear()
def collect(): gc.collect()
def call_down(n, call): return call(n - 1) if n else 7
def raise_deep(n):
    if n: raise_deep(n - 1)
    raise ValueError("deep")
def load_library(path): return ctypes.CDLL(path)
`);
const get = (name) => pyodide.globals.getProxy(name);
const f = Object.fromEntries(
  [
    ..."make_list make_mixed make_dict make_records make_nested make_things consume count_items".split(
      " ",
    ),
    ..."keep count_given forget collect call_down raise_deep load_library".split(" "),
  ].map((name) => [name, get(name)]),
);
/** What a function makes, as a live proxy in either mode. */
const live = (name, n) => {
  pyodide.globals.set("size", n);
  python(`made = ${name}(size)`);
  return get("made");
};

const ascii = (n) => "x".repeat(n);
const wide = (n) => "\u00e9\u4e2d".repeat(n / 2);
const astral = (n) => "a\u{1f600}".repeat(n / 2);
const numbers = (n) => Array.from({ length: n }, (_, i) => i);
const mixed = (n) => Array.from({ length: n }, (_, i) => (i % 3 ? i : String(i)));
const record = (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`key${i}`, i]));
const nested = (n) => {
  let value = [];
  for (let i = 0; i < n; i++) {
    value = [value];
  }
  return value;
};

const destroyed = (proxy) => proxy.destroy();
const pythonText = (make) => (n) => {
  pyodide.globals.set("text", make(n));
  return python("lambda: text");
};

/** Curves of `{ prepare(n), run(prepared, n), finish?(prepared) }`; without `sizes` they go to the largest. */
const curves = {
  // Lists, by their length.
  "list: toJs": { prepare: (n) => live("make_list", n), run: (l) => l.toJs().length },
  "list of ints and strings: toJs": {
    prepare: (n) => live("make_mixed", n),
    run: (l) => l.toJs().length,
  },
  "list of records: toJs": {
    prepare: (n) => live("make_records", n),
    run: (l) => l.toJs().length,
    sizes: SIZES.slice(0, -1),
  },
  "list: iterate the proxy in JS": { prepare: (n) => live("make_list", n), run: count },
  "list: one item of the proxy": {
    prepare: (n) => live("make_list", n),
    run: (l, n) => l.get(n >> 1),
  },
  "list: JSON.stringify of the proxy": {
    prepare: (n) => live("make_list", n),
    run: (l) => JSON.stringify(l.toJs()).length,
  },
  "array: toPy": { prepare: numbers, run: (a) => destroyed(pyodide.toPy(a)) },
  "array of ints and strings: toPy": { prepare: mixed, run: (a) => destroyed(pyodide.toPy(a)) },
  "array: implicit argument": { prepare: numbers, run: (a) => f.consume(a) },
  "array: iterate the proxy in Python": {
    prepare: (n) => void (globalThis.given = numbers(n)),
    run: () => f.count_given(),
    finish: () => void (globalThis.given = undefined),
  },
  // Strings, by their length.
  "str ASCII: to Python": { prepare: ascii, run: (s) => f.consume(s) },
  "str BMP: to Python": { prepare: wide, run: (s) => f.consume(s) },
  "str astral: to Python": { prepare: astral, run: (s) => f.consume(s) },
  "str ASCII: to JS": { prepare: pythonText(ascii), run: (give) => give().length },
  "str BMP: to JS": { prepare: pythonText(wide), run: (give) => give().length },
  "str astral: to JS": { prepare: pythonText(astral), run: (give) => give().length },
  "str: built in JS by +=, to Python": {
    prepare: builder,
    run: (make) => f.consume(make()),
  },
  // Dicts, by their size.
  "dict: toJs": { prepare: (n) => live("make_dict", n), run: (d) => typeof d.toJs() },
  "dict: one key of the proxy": { prepare: (n) => live("make_dict", n), run: (d) => d.get("key7") },
  "object: toPy": { prepare: record, run: (o) => destroyed(pyodide.toPy(o)) },
  "Map: toPy": {
    prepare: (n) => new Map(Object.entries(record(n))),
    run: (m) => destroyed(pyodide.toPy(m)),
  },
  "Set: toPy": { prepare: (n) => new Set(numbers(n)), run: (s) => destroyed(pyodide.toPy(s)) },
  // The engine alone, to compare: what leaves the processor's caches costs more an item.
  "JavaScript alone: an object of n new keys": {
    prepare: textsOf,
    run: (texts) => typeof objectOf(texts()),
  },
  "JavaScript alone: a string built by +=, read": {
    prepare: builder,
    run: (make) => make().codePointAt(7),
  },
  "JavaScript alone: TextDecoder": {
    prepare: (n) => new TextEncoder().encode(ascii(n)),
    run: (bytes) => new TextDecoder().decode(bytes).length,
  },
  // Bytes: copies, and views that are none.
  "bytes: toJs": {
    prepare: (n) => python(`bytes(${n * 8})`),
    run: (b) => b.toJs().length,
    sizes: SIZES,
  },
  "bytes: getBuffer (a view)": { prepare: (n) => python(`bytearray(${n * 8})`), run: lent },
  "Float64Array: to_bytes": {
    prepare: (n) => new Float64Array(n),
    run: calling("lambda a: len(a.to_bytes())"),
  },
  "Float64Array: read by Python (live)": {
    prepare: (n) => new Float64Array(n),
    run: calling("lambda a: a[5]"),
  },
  "numpy array: getBuffer (a view)": { prepare: (n) => python(`numpy.zeros(${n})`), run: lent },
  "numpy.asarray of a Float64Array (a copy)": {
    prepare: (n) => new Float64Array(n),
    run: calling("lambda a: len(numpy.asarray(a))"),
  },
  "numpy.asarray of Python's memory (a view)": {
    prepare: (n) => python(`bytearray(${n * 8})`),
    run: calling("lambda a: len(numpy.asarray(a))"),
  },
  // Nesting, to the limit of the default recursion limit.
  "nested list: toJs": {
    prepare: (n) => live("make_nested", n),
    run: (l) => l.toJs().length,
    sizes: SIZES,
  },
  "nested array: toPy": { prepare: nested, run: (a) => destroyed(pyodide.toPy(a)), sizes: SIZES },
  "calls nested through both languages": {
    prepare: () => null,
    run: (_, n) => nestedCalls(n),
    sizes: [10, 20, 40, 80, 160, 320],
  },
  "exception through a deep stack": {
    prepare: () => null,
    run: (_, n) => raised(n),
    sizes: [10, 30, 100, 300, 900],
  },
  // Live proxies of both kinds: to make and drop n, and one operation while n live.
  "PyProxies: make n, destroy them": {
    prepare: (n) => live("make_things", n),
    run: (things, n) => {
      const all = Array.from({ length: n }, (_, i) => things.get(i));
      all.forEach(destroyed);
    },
  },
  "PyProxies: a call while n live": {
    prepare: (n) => {
      const things = live("make_things", n);
      return [things, ...Array.from({ length: n }, (_, i) => things.get(i))];
    },
    run: () => f.consume(7),
    finish: (all) => all.forEach(destroyed),
  },
  "PyProxies: the same object again while n live": {
    prepare: (n) => {
      const things = live("make_things", n);
      return { things, all: Array.from({ length: n }, (_, i) => things.get(i)) };
    },
    run: ({ things }, n) => things.get(n >> 1).destroy(),
    finish: ({ things, all }) => [things, ...all].forEach(destroyed),
  },
  "JsProxies: make n, drop them": {
    prepare: (n) => Array.from({ length: n }, (_, i) => new Map([[i, i]])),
    run: (objects) => {
      objects.forEach((object) => f.keep(object));
      f.forget();
    },
  },
  "JsProxies: a call while n live": {
    prepare: (n) => void Array.from({ length: n }, () => f.keep(new Map())),
    run: () => f.consume(7),
    finish: () => f.forget(),
  },
  "JsProxies: the same object again while n live": {
    prepare: (n) =>
      Array.from({ length: n }, () => {
        const m = new Map();
        f.keep(m);
        return m;
      }),
    run: (all, n) => f.consume(all[n >> 1]),
    finish: () => f.forget(),
  },
  "JsProxies: gc.collect() while n live": {
    prepare: (n) => void Array.from({ length: n }, () => f.keep(new Map())),
    run: () => f.collect(),
    finish: () => f.forget(),
  },
  // Side modules: each size loads as many more.
  "side modules: load n": {
    prepare: libraryPaths,
    run: (paths) => paths.forEach((p) => destroyed(f.load_library(p))),
    sizes: [10, 30, 100, 300, 1_000, 3_000],
    once: true,
  },
};

/** A function that builds a string of 2n characters piece by piece, as an engine keeps it until it is read. */
function builder(n) {
  return () => {
    let text = "";
    for (let i = 0; i < n; i++) {
      text += "ab";
    }
    return text;
  };
}

/** A function that makes n strings anew, as a conversion does. */
function textsOf(n) {
  const codes = Array.from({ length: n }, (_, i) => [...("key" + i)].map((c) => c.charCodeAt(0)));
  return () => codes.map((c) => String.fromCharCode(...c));
}

function objectOf(texts) {
  const object = {};
  texts.forEach((text, i) => {
    object[text] = i;
  });
  return object;
}

function count(iterable) {
  let n = 0;
  for (const _ of iterable) {
    n++;
  }
  return n;
}

/** A function that calls a Python lambda, made once, with a live proxy. */
function calling(source) {
  let call;
  return (value) => (call ??= python(source))(value);
}

function lent(proxy) {
  const view = proxy.getBuffer();
  const { length } = view.data;
  view.release();
  return length;
}

function nestedCalls(n) {
  const down = (left) => f.call_down(left, down);
  return down(n);
}

function raised(n) {
  try {
    f.raise_deep(n);
  } catch (error) {
    return error.message.length;
  }
  throw new Error("it did not raise");
}

const files = readdirSync(libraries).sort();
let used = 0;
pyodide.FS.mkdirTree("/bench");
/** Paths of n libraries that have not been loaded yet. */
function libraryPaths(n) {
  const names = files.slice(used, used + n);
  used += n;
  return names.map((name) => {
    pyodide.FS.writeFile(`/bench/${name}`, readFileSync(`${libraries}/${name}`));
    return `/bench/${name}`;
  });
}

/** The best time of an operation, in nanoseconds; short ones are repeated within a sample. */
function best(run) {
  let least = Infinity;
  let repeat = 1;
  const end = performance.now() + ENOUGH_MS;
  for (let i = 0; i < FEWEST_RUNS || performance.now() < end; i++) {
    const start = performance.now();
    for (let j = 0; j < repeat; j++) {
      sink.value = run();
    }
    const ms = performance.now() - start;
    least = Math.min(least, ms / repeat);
    if (ms < SHORT_MS) {
      repeat *= 2;
    }
  }
  return least * 1e6;
}

function once(run) {
  const start = performance.now();
  run();
  return (performance.now() - start) * 1e6;
}

/** One curve; it ends before its largest size where an error says that this is too much, which is kept. */
async function measure({ prepare, run, finish, sizes = SIZES, once: isOnce }) {
  const found = { sizes: [], times: [] };
  for (const n of sizes) {
    let prepared;
    try {
      prepared = prepare(n);
      found.times.push((isOnce ? once : best)(() => run(prepared, n)));
      found.sizes.push(n);
    } catch (error) {
      found.limit = `${n}: ${String(error.message).trim().split("\n").at(-1)}`;
      break;
    }
    finish?.(prepared);
    if (prepared instanceof pyodide.ffi.PyProxy) {
      prepared.destroy();
    }
    prepared = undefined;
    pyodide.globals.set("made", null);
    // What is gone is released in a task of its own.
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve));
  }
  return found;
}

const isWanted = (name) =>
  !only ||
  only.split(",").some((w) => (w.endsWith("*") ? name.startsWith(w.slice(0, -1)) : name === w));
const results = {};
for (const [name, curve] of Object.entries(curves)) {
  if (isWanted(name)) {
    results[name] = await measure(curve);
    process.stderr.write(
      `${name}: ${results[name].times.map((t) => (t / 1e3).toFixed(1)).join(" ")} us ${results[name].limit ?? ""}\n`,
    );
  }
}
process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit(0));

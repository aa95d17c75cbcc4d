/**
 * The operations that are measured, as rows of `{ id, run(n), baseline(n), check(), finish?() }`. The same code runs in
 * every runtime; where a peer has no implicit list conversion the row is left out for it and the explicit one stands
 * beside it. `check` verifies the operation's result once, so that a row cannot be fast by doing nothing.
 */

import { interpreterRows } from "./interpreter.mjs";
import { sink } from "./sink.mjs";

const INTS = 1000;
const LONG = "x".repeat(1200);

function expectEqual(row, got, wanted) {
  const text = (x) => JSON.stringify(x, (_, v) => (typeof v === "bigint" ? `${v}n` : v));
  if (text(got ?? null) !== text(wanted ?? null)) {
    throw new Error(`bench row '${row}': expected ${text(wanted)}, got ${text(got)}`);
  }
}

const PYTHON = `
class WithMethod:
    number = 5
    def method(self): return 7
thing = WithMethod()
table = {"key": 5}
ints = list(range(${INTS}))
big = {f"key{i}": i for i in range(${INTS})}
def no_argument(): return 7
def two(a, b): return a
def one(a): return 7
def ints_given(a): return len(a)
def give_ints(): return ints
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
`;

/** Rows whose loop runs in JavaScript and works on Python objects. */
function javascriptRows(pyodide, conversion) {
  const names = ["thing", "table", "no_argument", "two", "one", "ints_given", "give_ints", "fib"];
  const [thing, table, noArgument, two, one, intsGiven, giveInts, fib] = names.map((n) =>
    pyodide.globals.get(n),
  );
  const ints = Array.from({ length: INTS }, (_, i) => i);
  const object = { number: 5 };
  const live = pyodide.globals.getProxy
    ? pyodide.globals.getProxy("ints")
    : pyodide.globals.get("ints");
  const rows = [];
  /** `operation(i)` is measured; the empty loop around it is not. */
  const add = (id, operation, wanted) =>
    rows.push({
      id,
      check: () => expectEqual(id, operation(0), wanted),
      run(n) {
        let last;
        for (let i = 0; i < n; i++) {
          last = operation(i);
        }
        sink.value = last;
      },
      baseline(n) {
        let last;
        for (let i = 0; i < n; i++) {
          last = nothing(i);
        }
        sink.value = last;
      },
    });
  const nothing = (i) => i;
  add("JS calls Python: no argument", () => noArgument(), 7);
  add("JS calls Python: two ints", (i) => two(i & 1, 2), 0);
  add("JS calls Python: short str", () => one("short"), 7);
  add("JS calls Python: 1200-char str", () => one(LONG), 7);
  add("JS calls Python: JS object", () => one(object), 7);
  add("Python attribute from JS: read", () => thing.number, 5);
  add("Python attribute from JS: write", (i) => (thing.number = 5 + (i & 0)), 5);
  add("Python attribute from JS: method call", () => thing.method(), 7);
  add("Python attribute from JS: dict.get", () => table.get("key"), 5);
  if (conversion === "native") {
    add("list of 1000 ints to JS: implicit", () => giveInts().length, INTS);
    add("list of 1000 ints to Python: implicit", () => intsGiven(ints), INTS);
  }
  if (hasMethod(live, "toJs")) {
    add("list of 1000 ints to JS: toJs", () => live.toJs().length, INTS);
  }
  add("item of a Python list from JS", () => live.get(500), 500);
  add("iterate a Python list of 1000 in JS", () => sumOf(live), (INTS * (INTS - 1)) / 2);
  const megabyte = pyodide.runPython("bytearray(1 << 20)");
  add("1 MB bytearray to JS: toJs", () => megabyte.toJs().length, 1 << 20);
  add("1 MB bytearray to JS: getBuffer", () => lent(megabyte), 1 << 20);
  const wide = pyodide.runPython("from array import array\narray('d', bytes(1 << 23))");
  add("8 MB array of doubles to JS: getBuffer", () => lent(wide), 1 << 20);
  const big = pyodide.globals.get("big");
  const records = makeRecords();
  if (hasMethod(big, "toJs")) {
    add("dict of 1000 to JS: toJs", () => big.toJs().key7, 7);
  }
  add("100 nested records to Python: toPy", () => destroyed(pyodide.toPy(records)), 100);
  add("list of 1000 ints to Python: toPy", () => destroyed(pyodide.toPy(ints)), INTS);
  add("fib(25) in Python", () => fib(25), 75025);
  return rows;
}

/** Whether a proxy has a method; MicroPython's throw where there is none. */
function hasMethod(proxy, name) {
  try {
    return typeof proxy[name] === "function";
  } catch {
    return false;
  }
}

/** Data as programs have it: a list of objects with lists and objects inside. */
function makeRecords() {
  return Array.from({ length: 100 }, (_, i) => ({
    id: i,
    name: `record ${i}`,
    tags: ["a", "b", "c"],
    place: { x: i / 2, y: -i, known: true },
  }));
}

/** The sum of a proxied list's items, by its iterator. */
function sumOf(proxy) {
  let sum = 0;
  for (const item of proxy) {
    sum += item;
  }
  return sum;
}

/** Length of a buffer's memory, which is lent and given back. */
function lent(proxy) {
  const view = proxy.getBuffer();
  const { length } = view.data;
  view.release();
  return length;
}

/** Length of a proxied list, which is destroyed. */
function destroyed(proxy) {
  const { length } = proxy;
  proxy.destroy();
  return length;
}

/** `probe(n)` runs the operation n times in Python; the empty loop is measured to be subtracted. */
const PYTHON_LOOP = `
def make_probe(setup, operation):
    space = {}
    exec(setup, space)
    source = f"def probe(_n):\\n    _last = None\\n    for _i in range(_n):\\n        {operation}\\n    return _last\\n"
    exec(source, space)
    return space["probe"]
`;

const JAVASCRIPT = `
globalThis.bench = {
  noArgument: () => 7,
  two: (a, b) => a,
  one: (a) => 7,
  object: { number: 5, text: "short", child: {}, method() { return 7; } },
  ints: Array.from({ length: ${INTS} }, (_, i) => i),
  count: (list) => list.length,
  map: new Map(Array.from({ length: ${INTS} }, (_, i) => ["key" + i, i])),
  doubles: new Float64Array(1 << 20),
};
`;

/** Rows whose loop runs in Python and works on JavaScript objects. */
function pythonRows(pyodide, conversion) {
  new Function(JAVASCRIPT)();
  pyodide.runPython(PYTHON_LOOP);
  const make = pyodide.globals.get("make_probe");
  const setup = `
import js
from pyodide.ffi import to_js
bench = js.bench
no_argument, two, one, obj, count = bench.noArgument, bench.two, bench.one, bench.object, bench.count
long_text, ints = "x" * 1200, list(range(${INTS}))
array = to_js(ints)
records = [
    {"id": i, "name": f"record {i}", "tags": ["a", "b", "c"], "place": {"x": i / 2, "y": -i, "known": True}}
    for i in range(100)
]
map, doubles = bench.map, bench.doubles
`;
  const empty = make("", "_last = _i");
  const rows = [];
  const add = (id, operation, wanted) => {
    const probe = make(setup, operation);
    rows.push({
      id,
      check: () => expectEqual(id, probe(1), wanted),
      run: (n) => (sink.value = probe(n)),
      baseline: (n) => (sink.value = empty(n)),
      finish: () => probe.destroy?.(),
    });
  };
  add("Python calls JS: no argument", "_last = no_argument()", 7);
  add("Python calls JS: two ints", "_last = two(1, 2)", 1);
  add("Python calls JS: short str", "_last = one('short')", 7);
  add("Python calls JS: 1200-char str", "_last = one(long_text)", 7);
  add("JS attribute from Python: int", "_last = obj.number", 5);
  add("JS attribute from Python: str", "_last = obj.text", "short");
  add("JS attribute from Python: object", "obj.child", undefined);
  add("JS attribute from Python: write", "obj.number = 5", undefined);
  add("JS attribute from Python: method call", "_last = obj.method()", 7);
  add("item of a JS Array from Python", "_last = array[500]", 500);
  add("item of a JS Map from Python", "_last = map['key7']", 7);
  add("item of a Float64Array from Python", "_last = doubles[7]", 0);
  if (conversion === "native") {
    add("list of 1000 ints Python to JS: implicit argument", "_last = count(ints)", INTS);
    add("list of 1000 ints JS to Python: implicit attribute", "_last = len(bench.ints)", INTS);
  }
  add("list of 1000 ints Python to JS: to_js", "_last = to_js(ints).length", INTS);
  if (
    pyodide.runPython("from pyodide.ffi import to_js; import js; hasattr(js.Object.new(), 'to_py')")
  ) {
    add("list of 1000 ints JS to Python: to_py", "_last = len(array.to_py())", INTS);
    add("Map of 1000 to Python: to_py", "_last = len(map.to_py())", INTS);
  }
  add("100 nested records Python to JS: to_js", "_last = to_js(records).length", 100);
  add("iterate an array of 1000 in Python", "for _last in array: pass", INTS - 1);
  add("8 MB Float64Array in Python: live attribute", "_last = len(bench.doubles)", 1 << 20);
  add("8 MB Float64Array to bytes", "_last = len(doubles.to_bytes())", 8 << 20);
  return rows;
}

/**
 * All rows for one loaded runtime. `conversion` is the mode of ours and "-" for a peer; `programs` are those of
 * interpreter/, as `{ name, source }`.
 */
export function makeRows(pyodide, conversion, programs) {
  pyodide.runPython(PYTHON);
  return [
    ...javascriptRows(pyodide, conversion),
    ...pythonRows(pyodide, conversion),
    ...interpreterRows(pyodide, programs),
  ];
}

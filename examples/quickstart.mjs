/**
 * Quickstart: Python and JavaScript use each other's objects.
 *
 *   node examples/quickstart.mjs            # runs the build in ../dist
 *
 * Shows every row of the conversion table in both directions, imports, calls and errors across the border, and ends with
 * a real job: Python reads a CSV file and hands its statistics back to JavaScript. Each shown value is checked; the
 * program ends with status 1 if one is not as it should be.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual, inspect } from "node:util";

// The tests set PYODIDE_DIST to try another build.
const { PYODIDE_DIST } = process.env;
const dist = PYODIDE_DIST
  ? pathToFileURL(`${PYODIDE_DIST}/`)
  : new URL("../dist/", import.meta.url);
const { loadPyodide } = await import(new URL("pyodide.mjs", dist));

let mismatches = 0;

function title(text) {
  console.log(`\n${text}\n${"-".repeat(text.length)}`);
}

/** Prints one line of the tour and checks the value that it shows. */
function show(what, got, wanted) {
  const good = isDeepStrictEqual(got, wanted);
  const text = inspect(got, { breakLength: Infinity, depth: 4 });
  console.log(
    `${good ? "  " : "! "}${what.padEnd(46)} ${text}${good ? "" : `   (expected ${inspect(wanted)})`}`,
  );
  mismatches += good ? 0 : 1;
}

const pyodide = await loadPyodide();
const { PyProxy, PythonError } = pyodide.ffi;
console.log(
  `Pyodide ${pyodide.version}, ${pyodide.runPython("import sys; sys.version.split(' (')[0]")}`,
);

title("Python values in JavaScript");
const fromPython = (code) => pyodide.runPython(code);
show("None", fromPython("None"), undefined);
show("jsnull", fromPython("from pyodide.ffi import jsnull; jsnull"), null);
show("True", fromPython("True"), true);
show("42", fromPython("42"), 42);
show("2 ** 100", fromPython("2 ** 100"), 2n ** 100n);
show("0.1 + 0.2", fromPython("0.1 + 0.2"), 0.1 + 0.2);
show("float('-inf')", fromPython("float('-inf')"), -Infinity);
show("'snake \\U0001f40d'", fromPython("'snake \\U0001f40d'"), "snake 🐍");
show("[1, 'two', (3.0, None)]", fromPython("[1, 'two', (3.0, None)]"), [1, "two", [3, undefined]]);
for (const [code, type] of [
  ["{'a': 1}", "dict"],
  ["{1, 2}", "set"],
  ["b'bytes'", "bytes"],
  ["lambda x: x + 1", "function"],
  ["complex(1, 2)", "complex"],
]) {
  const proxy = fromPython(code);
  show(`${code}  (a live proxy)`, [proxy instanceof PyProxy, proxy.type], [true, type]);
  proxy.destroy();
}
const shared = fromPython("inner = [1]; [inner, inner]");
show("a list that occurs twice stays one", shared[0] === shared[1], true);

title("JavaScript values in Python");
const describe = pyodide.runPython("lambda x: f'{type(x).__name__} {x!r}'");
show("undefined", describe(undefined), "NoneType None");
show("null", describe(null), "JsNull jsnull");
show("true", describe(true), "bool True");
show("42", describe(42), "int 42");
show("2n ** 100n", describe(2n ** 100n).replace(/^\w+ /, ""), String(2n ** 100n));
show("0.5", describe(0.5), "float 0.5");
show("NaN", describe(NaN), "float nan");
show("'snake 🐍'", describe("snake 🐍"), "str 'snake 🐍'");
show("[1, 'two', [3, null]]", describe([1, "two", [3, null]]), "list [1, 'two', [3, jsnull]]");
for (const [source, value, text] of [
  ["({ a: 1 })", { a: 1 }, "[object Object]"],
  ["new Map([['a', 1]])", new Map([["a", 1]]), "[object Map]"],
  ["new Uint8Array([1, 2])", new Uint8Array([1, 2]), "1,2"],
  ["Symbol('s')", Symbol("s"), "Symbol(s)"],
]) {
  show(`${source}  (a live proxy)`, describe(value), `JsProxy ${text}`);
}
describe.destroy();

title("The same object comes back");
const object = { n: 1 };
const same = pyodide.runPython("lambda x: x");
show("an object through Python", same(object) === object, true);
same.destroy();
globalThis.identity = (x) => x;
show(
  "a dict through JavaScript",
  pyodide.runPython("import js\nd = {}\njs.identity(d) is d"),
  true,
);

title("import js, and JavaScript from Python");
globalThis.Counter = class Counter {
  count = 0;
  add(n, options = {}) {
    this.count += n * (options.times ?? 1);
    return this.count;
  }
};
show(
  "from js import Math; Math.hypot(3, 4)",
  pyodide.runPython("from js import Math; Math.hypot(3, 4)"),
  5,
);
const counted = pyodide.runPython(`
from js import Counter
counter = Counter.new()
counter.add(2)
counter.add(5, times=2)     # keyword arguments become an options object
counter.label = "mine"      # attributes can be written
[counter.count, counter.label, hasattr(counter, "nothing")]
`);
show("new, methods, keyword arguments, attributes", counted, [12, "mine", false]);
const text = pyodide.runPython(
  "import js\njs.JSON.stringify(js.Object.fromEntries([['k', [1, 2]]]))",
);
show("JSON.stringify(Object.fromEntries(...))", text, '{"k":[1,2]}');

title("pyodide.pyimport, and Python from JavaScript");
const math = pyodide.pyimport("math");
show("math.gcd(12, 18)", math.gcd(12, 18), 6);
math.destroy();
const Fraction = pyodide.pyimport("fractions.Fraction");
const third = Fraction(1, 3);
show("Fraction(1, 3).denominator", third.denominator, 3);
show("String(Fraction(1, 3))", String(third), "1/3");
third.destroy();
Fraction.destroy();
pyodide.runPython(`
class Account:
    def __init__(self, owner, balance=0):
        self.owner, self.balance, self.log = owner, balance, []
    def pay(self, amount, *, note=""):
        self.balance -= amount
        self.log.append((amount, note))
        return self.balance
account = Account("Ada", 100)
`);
const account = pyodide.globals.get("account");
show("account.pay(30)", account.pay(30), 70);
show("account.pay.callKwargs(5, { note: 'tea' })", account.pay.callKwargs(5, { note: "tea" }), 65);
account.owner = "Grace";
show("account.owner, written from JavaScript", pyodide.runPython("account.owner"), "Grace");
show("account.log, a copy", account.log, [
  [30, ""],
  [5, "tea"],
]);
const log = account.getProxy("log");
log.append("live");
show("account.getProxy('log'), the live list", pyodide.runPython("account.log[-1]"), "live");
log.destroy();
account.destroy();
globalThis.sortBy = (list, key) => list.sort((a, b) => key(a) - key(b));
show(
  "sorted by JavaScript with Python's len",
  pyodide.runPython("import js\njs.sortBy(['ccc', 'a', 'bb'], len)"),
  ["a", "bb", "ccc"],
);

title("Errors cross, each as its own kind");
try {
  pyodide.runPython("{}['missing']");
} catch (error) {
  show(
    "Python's KeyError in JavaScript",
    [error instanceof PythonError, error.type],
    [true, "KeyError"],
  );
  show("its last line", error.message.trim().split("\n").at(-1), "KeyError: 'missing'");
}
globalThis.fail = () => {
  throw new RangeError("too far");
};
const caught = pyodide.runPython(`
import js
from pyodide.ffi import JsException
try:
    js.fail()
except JsException as error:
    caught = [error.name, error.message]
caught
`);
show("JavaScript's RangeError in Python", caught, ["RangeError", "too far"]);
globalThis.callBack = (f) => f();
const original = pyodide.runPython(`
import js
error = ValueError("there and back")
def fail():
    raise error
try:
    js.callBack(fail)
except ValueError as got:
    same = got is error
same
`);
show("through JavaScript and back: the same exception", original, true);

title("A job: a year of weather, read by Python, shown by JavaScript");
const csv = readFileSync(new URL("data/weather_2024.csv", import.meta.url));
pyodide.FS.writeFile("/tmp/weather.csv", csv);
const report = pyodide.runPython(`
import csv, json, statistics
from collections import defaultdict

def number(text):
    return float(text) if text else None

with open("/tmp/weather.csv", newline="", encoding="utf-8") as file:
    days = list(csv.DictReader(file))

months = defaultdict(list)
for day in days:
    months[day["date"][:7]].append(day)

def column(rows, name):
    return [value for row in rows if (value := number(row[name])) is not None]

table = []
for month, rows in sorted(months.items()):
    highs = column(rows, "temp_max_c")
    table.append([
        month,
        round(statistics.mean(highs), 1),
        round(statistics.stdev(highs), 1),
        min(column(rows, "temp_min_c")),
        round(sum(column(rows, "rain_mm")), 1),
        round(statistics.median(column(rows, "wind_kmh")), 1),
        sum(1 for row in rows if row["remark"]),
    ])

summary = json.dumps({
    "days": len(days),
    "hottest": max(days, key=lambda day: float(day["temp_max_c"]))["date"],
    "rain_mm": round(sum(column(days, "rain_mm")), 1),
    "missing": sum(1 for day in days for name in ("rain_mm", "wind_kmh", "sunshine_h") if not day[name]),
})
[table, summary]
`);
const [rows, summaryText] = report;
const columns = ["month", "mean high", "st.dev.", "lowest", "rain mm", "wind km/h", "remarks"];
console.table(rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]]))));
const summary = JSON.parse(summaryText);

// The same by JavaScript alone; only the last column of the file holds quotes and commas.
const lines = csv
  .toString("utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(","));
const rain = lines.reduce((sum, cells) => sum + Number(cells[3]), 0);
const hottest = lines.reduce((a, b) => (Number(b[2]) > Number(a[2]) ? b : a))[0];
const mayHighs = lines
  .filter(([date]) => date.startsWith("2024-05"))
  .map((cells) => Number(cells[2]));
const mayMean = mayHighs.reduce((a, b) => a + b) / mayHighs.length;
show("days", summary.days, lines.length);
show("hottest day", summary.hottest, hottest);
show("rain in the year, mm", summary.rain_mm, Number(rain.toFixed(1)));
show(
  "missing values",
  summary.missing,
  lines.reduce((n, cells) => n + cells.slice(3, 6).filter((c) => c === "").length, 0),
);
show("months", rows.length, 12);
show("mean high of May", Math.abs(rows[4][1] - mayMean) <= 0.05, true);

console.log(
  mismatches === 0 ? "\nAll values are as they should be." : `\n${mismatches} values are wrong.`,
);
process.exitCode = mismatches === 0 ? 0 : 1;

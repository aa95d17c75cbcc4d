// Crosses between the languages a given number of times, in many ways mixed by a seeded generator,
// and prints as JSON what the runtime held after a warm-up and at the end.
//
// Usage: node --expose-gc soak.mjs DIST MODE CROSSINGS SEED
import { pathToFileURL } from "node:url";
import path from "node:path";

const [dist, conversion, crossings, seed] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.resolve(dist, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ conversion });

/** Marsaglia's xorshift32: https://doi.org/10.18637/jss.v008.i14 */
let state = Number(seed) || 1;
function random(n) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % n;
}

pyodide.runPython(`
import js

class Point:
    def __init__(self, x): self.x = x
    def double(self): return self.x * 2
    def fail(self): raise ValueError("soak")

def same(value): return value
def call(f, value): return f(value)
def attribute(obj): obj.count = obj.count + 1; return obj.name
def method(obj, value): return obj.echo(value)
def items(array): return [item for item in array]
def catch(f):
    try:
        f()
    except Exception as error:
        return str(error)
`);
const get = (name) => pyodide.globals.get(name);
const [Point, same, call, attribute, method, items, catchError] = [
  "Point", "same", "call", "attribute", "method", "items", "catch",
].map(get);
const target = { count: 0, name: "target", echo: (value) => value };
const texts = ["", "abc", "é".repeat(30), "日本語", "\u{1F600}", "x".repeat(2000)];

const operations = [
  () => same(random(1 << 30)),
  () => same(texts[random(texts.length)]),
  () => same(10n ** BigInt(random(40))),
  () => same([random(9), [random(9) / 2, texts[random(texts.length)]], null]),
  () => same({ key: random(9) }),
  () => call((value) => value, random(9)),
  () => attribute(target),
  () => method(target, texts[random(texts.length)]),
  () => items([1, 2, 3]),
  () => catchError(() => { throw new RangeError("soak"); }),
  () => { const point = Point(random(9)); point.x = 5; return point.x + point.double(); },
  () => { const point = Point(1); point.destroy(); },
  () => { try { Point(1).fail(); } catch { /* the error is what is soaked */ } },
  () => pyodide.toPy({ list: [1, 2], map: new Map([[1, "a"]]) }),
  () => call((value) => value.copy(), Point),
];

async function settle() {
  for (let i = 0; i < 6; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const blocks = pyodide.runPython("import gc, sys; gc.collect(); sys.getallocatedblocks()");
  const { jsRefs, jsProxies, pyProxies, frames, errorSet } = pyodide._api.debug.counts();
  return {
    jsRefs, jsProxies, pyProxies, frames, errorSet, blocks,
    wasm: pyodide._module.wasmMemory.buffer.byteLength,
    heap: process.memoryUsage().heapUsed,
  };
}

async function cross(times) {
  const { debug } = pyodide._api;
  let done = 0;
  let turns = 0;
  while (done < times) {
    debug.resetCrossings();
    for (let i = 0; i < 2000; i++) operations[random(operations.length)]();
    const { jsToPy, pyToJs } = debug.crossings();
    done += jsToPy + pyToJs;
    // Finalizers run between tasks only.
    await new Promise((resolve) => setTimeout(resolve, 0));
    // V8 does not know how much memory hangs on the proxies that it has not collected yet.
    if (++turns % 10 === 0) globalThis.gc();
  }
  return done;
}

await cross(Number(crossings) / 5);
const before = await settle();
const done = await cross(Number(crossings));
const after = await settle();
process.stdout.write(JSON.stringify({ done, before, after }) + "\n", () => process.exit(0));

/** Checks of the handle table, run by test_core.py with --expose-gc and the compiled handles_test.c in $PROGRAM. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { load } from "./load.mjs";

const INDEX_BITS = 24;
const indexOf = (ref) => (ref >>> 0) & ((1 << INDEX_BITS) - 1);
const program = process.env.PROGRAM;

/** Each test gets a table of its own. */
const fresh = () => load(program);

test("a held value is the value itself, of every kind", async () => {
  const { hold, get, drop } = await fresh();
  const values = [
    {},
    () => 1,
    Symbol("s"),
    "text",
    1.5,
    NaN,
    10n ** 30n,
    true,
    undefined,
    null,
    globalThis,
  ];
  const refs = values.map(hold);
  assert.equal(new Set(refs).size, values.length);
  refs.forEach((ref, i) => assert.ok(Object.is(get(ref), values[i])));
  refs.forEach(drop);
});

test("no handle is the null handle", async () => {
  const { hold } = await fresh();
  for (let i = 0; i < 1000; i++) {
    assert.notEqual(hold({}), 0);
  }
});

test("the live count follows", async () => {
  const { hold, drop, live } = await fresh();
  assert.equal(live(), 0);
  const refs = Array.from({ length: 5000 }, (_, i) => hold({ i }));
  assert.equal(live(), 5000);
  refs.forEach(drop);
  assert.equal(live(), 0);
  drop(0);
  assert.equal(live(), 0);
});

test("one object may be held many times, each handle on its own", async () => {
  const { hold, get, drop, live } = await fresh();
  const object = {};
  const [first, second] = [hold(object), hold(object)];
  drop(first);
  assert.equal(get(second), object);
  assert.equal(live(), 1);
});

test("a stale handle traps, even when its place was given away", async () => {
  const { hold, get, drop } = await fresh();
  const old = hold({ old: true });
  drop(old);
  assert.throws(() => get(old), WebAssembly.RuntimeError);
  assert.throws(() => drop(old), WebAssembly.RuntimeError);
  const young = hold({ young: true });
  assert.equal(indexOf(young), indexOf(old));
  assert.notEqual(young, old);
  assert.throws(() => get(old), WebAssembly.RuntimeError);
  assert.throws(() => drop(old), WebAssembly.RuntimeError);
  assert.deepEqual(get(young), { young: true });
});

test("versions tell 255 reuses of a place apart", async () => {
  const { hold, get, drop } = await fresh();
  const seen = new Set();
  const first = hold({});
  seen.add(first);
  drop(first);
  for (let i = 0; i < 254; i++) {
    const ref = hold({});
    assert.equal(indexOf(ref), indexOf(first));
    assert.ok(!seen.has(ref));
    assert.throws(() => get(first), WebAssembly.RuntimeError);
    seen.add(ref);
    drop(ref);
  }
});

test("invented handles trap", async () => {
  const { hold, get, drop } = await fresh();
  const ref = hold({});
  const invented = [
    0,
    1 << INDEX_BITS,
    indexOf(ref),
    (ref + 1) >>> 0,
    0xffffffff,
    0x00ffffff,
    (ref ^ (1 << 31)) >>> 0,
  ];
  for (const bits of invented) {
    assert.throws(() => get(bits), WebAssembly.RuntimeError, bits.toString(16));
    if (bits !== 0) {
      assert.throws(() => drop(bits), WebAssembly.RuntimeError, bits.toString(16));
    }
  }
});

test("a hundred thousand handles, dropped in any order, stay apart and dense", async () => {
  const { hold, get, drop, live } = await fresh();
  const count = 100_000;
  let refs = Array.from({ length: count }, (_, i) => hold(i));
  assert.ok(Math.max(...refs.slice(-10).map(indexOf)) < count * 2 + 2);
  refs.filter((_, i) => i % 3 === 0).forEach(drop);
  refs = refs.filter((_, i) => i % 3 !== 0);
  const again = Array.from({ length: 1000 }, (_, i) => hold(-i));
  again.forEach((ref) => assert.ok(indexOf(ref) <= count));
  refs.forEach((ref, k) => assert.equal(get(ref), k + (k >> 1) + 1));
  [...refs, ...again].forEach(drop);
  assert.equal(live(), 0);
});

test("a dropped handle lets its object go", async () => {
  const { hold, drop } = await fresh();
  let weak;
  (() => {
    const object = {};
    weak = new WeakRef(object);
    drop(hold(object));
  })();
  for (let i = 0; i < 10; i++) {
    await sleep(0);
    globalThis.gc();
  }
  assert.equal(weak.deref(), undefined);
});

test("a held object stays", async () => {
  const { hold, get } = await fresh();
  const ref = hold({ mark: 7 });
  await sleep(0);
  globalThis.gc();
  assert.equal(get(ref).mark, 7);
});

/** The format of memory snapshots: what is in one, what comes back, and what is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Snapshot, takeSnapshot } from "../../../src/js/api/snapshot";

const PAGE = 65536;
/** A stack in the middle of static data, and a heap. */
const LAYOUT = {
  stack: { end: 2048, base: 4096 },
  heap: { start: 8192, end: 20_000 },
};

/** Memory of two pages, and an allocator that grows it by whole pages. */
function newInstance(pages = 2) {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 10 });
  const bytes = () => new Uint8Array(memory.buffer);
  const POINTER = 16;
  new Uint32Array(memory.buffer)[POINTER / 4] = 12_000;
  const exports = {
    emscripten_get_sbrk_ptr: () => POINTER,
    malloc(size: number) {
      const end = new Uint32Array(memory.buffer)[POINTER / 4]! + size;
      if (end > 10 * PAGE) return 0;
      const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
      if (missing > 0) memory.grow(missing);
      return end - size;
    },
  };
  // What the wasm file has in memory, and what constructors leave in the heap.
  bytes().fill(7, 256, 512);
  bytes().fill(9, 10_000, 11_000);
  return { memory, bytes, exports: exports as unknown as WebAssembly.Exports };
}

function used(pages?: number) {
  const { memory, bytes } = newInstance(pages);
  const untouched = bytes().slice();
  bytes().fill(1, 300, 310);
  bytes().fill(2, 3000, 3010);
  bytes().fill(3, 5000, 5010);
  bytes().fill(0, 8192, 20_000);
  bytes().fill(4, 19_000, 20_000);
  return { memory: bytes().slice(), untouched, size: memory.buffer.byteLength };
}

test("memory comes back, but for the stack", () => {
  const { memory, untouched } = used();
  const file = takeSnapshot(memory, [untouched], LAYOUT, "b");
  const { memory: target, bytes, exports } = newInstance();
  Snapshot.read(file, "f", "b").restore(target, exports);
  const expected = memory.slice();
  expected.fill(0, 2048, 4096);
  assert.deepEqual(bytes(), expected);
});

test("only what differs is in the file", () => {
  const { memory, untouched } = used();
  const file = takeSnapshot(memory, [untouched], LAYOUT, "b");
  assert.ok(file.length < 2500, String(file.length));
  // What constructors have changed, and Python has changed back, is in it too.
  const before = untouched.slice();
  before.fill(5, 700, 710);
  const both = takeSnapshot(memory, [before, untouched], LAYOUT, "b");
  assert.ok(both.length > file.length);
});

test("memory grows as the snapshot needs it", () => {
  const { memory, untouched } = used(5);
  const file = takeSnapshot(memory, [untouched], LAYOUT, "b");
  const { memory: target, bytes, exports } = newInstance();
  Snapshot.read(file, "f", "b").restore(target, exports);
  assert.ok(bytes().length >= memory.length);
  assert.deepEqual(bytes().slice(5000, 5010), memory.slice(5000, 5010));
  const large = new Uint8Array(11 * PAGE);
  large.set(memory);
  const tooLarge = takeSnapshot(large, [untouched], LAYOUT, "b");
  assert.throws(() => Snapshot.read(tooLarge, "f", "b").restore(target, exports), {
    name: "RangeError",
    message: /out of memory/,
  });
});

test("damaged files and those of another build are refused", () => {
  const { memory, untouched } = used();
  const file = takeSnapshot(memory, [untouched], LAYOUT, "b");
  assert.ok(Snapshot.looksLike(file));
  assert.ok(!Snapshot.looksLike(new TextEncoder().encode("<html>")));
  const damaged = file.slice();
  damaged[20] = 0xff;
  for (const bytes of [
    file.subarray(0, 4),
    file.subarray(0, 40),
    file.subarray(0, -1),
    damaged,
    new Uint8Array(0),
  ]) {
    assert.throws(() => Snapshot.read(bytes, "some.bin", "b"), {
      message: /some\.bin.*damaged/s,
    });
  }
  assert.throws(() => Snapshot.read(file, "some.bin", "c"), {
    message: /some\.bin.*another build/s,
  });
});

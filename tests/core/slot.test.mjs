/** Checks of the slot setters byte by byte, run by test_core.py with the compiled slot_test.c in $PROGRAM, the contract of abi.toml in $ABI. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { layout, tags, string_kinds: kinds } = JSON.parse(process.env.ABI);
const slot = await load(process.env.PROGRAM);

/** The slot after `fill`, as a DataView; whatever a setter leaves alone is zero. */
function filled(fill) {
  const address = slot.dirty();
  fill();
  return new DataView(slot.memory.buffer, address, layout.slot_size);
}

function header(view) {
  return {
    tag: view.getUint8(0),
    kind: view.getUint8(layout.kind_offset),
    aux: view.getUint32(layout.aux_offset, true),
  };
}

test("a slot has the agreed size", () => {
  assert.equal(slot.size(), layout.slot_size);
});

test("setters write the whole slot", () => {
  for (const tag of Object.values(tags)) {
    const view = filled(() => slot.set_tag(tag));
    const bytes = Array.from({ length: layout.slot_size }, (_, i) => view.getUint8(i));
    assert.deepEqual(bytes, [tag, ...new Array(layout.slot_size - 1).fill(0)]);
  }
});

test("bools are 0 or 1, whatever C calls true", () => {
  for (const [given, stored] of [
    [0, 0],
    [1, 1],
    [5, 1],
    [-1, 1],
  ]) {
    const view = filled(() => slot.set_bool(given));
    assert.deepEqual(header(view), { tag: tags.BOOL, kind: 0, aux: 0 });
    assert.equal(view.getInt32(layout.payload_offset, true), stored);
  }
});

test("ints keep 32 bits and their sign", () => {
  for (const value of [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]) {
    const view = filled(() => slot.set_int(value));
    assert.deepEqual(header(view), { tag: tags.INT, kind: 0, aux: 0 });
    assert.equal(view.getInt32(layout.payload_offset, true), value);
  }
});

test("numbers keep every bit", () => {
  for (const value of [0, -0, 1.5, -1e300, 5e-324, Infinity, -Infinity, NaN, 2 ** 53]) {
    const view = filled(() => slot.set_number(value));
    assert.deepEqual(header(view), { tag: tags.NUM, kind: 0, aux: 0 });
    assert.ok(Object.is(view.getFloat64(layout.payload_offset, true), value));
  }
});

test("strings carry kind, address and length", () => {
  for (const kind of Object.values(kinds)) {
    let address;
    const view = filled(() => (address = slot.set_string(kind, 4)));
    assert.deepEqual(header(view), { tag: tags.STR, kind, aux: 0 });
    assert.equal(view.getUint32(layout.payload_offset, true), address);
    assert.equal(view.getUint32(layout.len_offset, true), 4);
    assert.equal(Buffer.from(slot.memory.buffer, address, 4).toString(), "text");
  }
});

test("objects carry their place beside the slots", () => {
  for (const place of [-1, 0, 3]) {
    const view = filled(() => slot.set_ref(place));
    assert.deepEqual(header(view), { tag: tags.REF, kind: 0, aux: 0 });
    assert.equal(view.getInt32(layout.payload_offset, true), place);
  }
});

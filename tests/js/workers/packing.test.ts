/** Values between page and worker: what is copied, what is referred to, and what is moved. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  pack,
  type Packer,
  transfer,
  unpack,
  type Unpacker,
} from "../../../src/js/workers/packing";

class Kept {
  constructor(readonly id: number) {}
}

const packer: Packer = {
  refer: (value) => {
    if (value instanceof Kept) return { owner: "sender", id: value.id };
    return typeof value === "function" ? { owner: "receiver", id: 7 } : undefined;
  },
};
const unpacker: Unpacker = { resolve: (owner, id) => `${owner} ${id}` };

/** Sends a value, as a port would. */
function send(value: unknown): any {
  const { packed, list } = pack(value, packer);
  return unpack(structuredClone(packed, { transfer: list as ArrayBuffer[] }), unpacker);
}

test("values without references go as they are", () => {
  const value = {
    a: [1, , 3],
    b: new Map([[1, new Set(["x"])]]),
    c: new Date(5),
    d: null,
  };
  assert.equal(pack(value, packer).packed.value, value);
  assert.deepEqual(send(value), value);
  for (const scalar of [undefined, null, 1, "x", 5n, true]) assert.equal(send(scalar), scalar);
});

test("references stand for objects anywhere", () => {
  assert.equal(send(new Kept(1)), "sender 1");
  const got = send({
    list: [new Kept(2), 5],
    map: new Map<unknown, unknown>([["k", new Kept(3)]]),
    set: new Set([() => 1]),
    deep: [[{ f: () => 1 }]],
    __proto__: null,
  });
  assert.deepEqual(got.list, ["sender 2", 5]);
  assert.equal(got.map.get("k"), "sender 3");
  assert.deepEqual([...got.set], ["receiver 7"]);
  assert.equal(got.deep[0][0].f, "receiver 7");
});

test("sharing and cycles keep their shape", () => {
  const shared = { kept: new Kept(1) };
  const cyclic: unknown[] = [shared, shared];
  cyclic.push(cyclic);
  const got = send(cyclic);
  assert.equal(got[0], got[1]);
  assert.equal(got[2], got);
  assert.equal(got[0].kept, "sender 1");
});

test("a property named __proto__ is a property", () => {
  const value = JSON.parse('{"__proto__": 5}') as Record<string, unknown>;
  value["kept"] = new Kept(1);
  const got = send(value);
  assert.deepEqual(Object.keys(got), ["__proto__", "kept"]);
  assert.equal(Object.getPrototypeOf(got), Object.prototype);
});

test("the sender's value is not changed", () => {
  const value = { kept: new Kept(1), list: [1] };
  send(value);
  assert.ok(value.kept instanceof Kept);
});

test("marked buffers are moved, others copied", () => {
  const moved = new Uint8Array([1, 2]);
  const copied = new Uint8Array([3]);
  const got = send({
    inside: [transfer(moved, [moved.buffer])],
    copied,
    kept: new Kept(1),
  });
  assert.deepEqual([...got.inside[0]], [1, 2]);
  assert.equal(moved.length, 0);
  assert.equal(copied.length, 1);
});

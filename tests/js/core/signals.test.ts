/** Waiting that a signal ends. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Signals } from "../../../src/js/core/signals";

test("nothing is pending without a buffer, without elements, or with 0", () => {
  const signals = new Signals();
  assert.equal(signals.pending(), false);
  signals.buffer = new Uint8Array(0);
  assert.equal(signals.pending(), false);
  signals.buffer = new Uint8Array(1);
  assert.equal(signals.pending(), false);
  signals.buffer[0] = 17;
  assert.equal(signals.pending(), true);
  assert.equal(signals.buffer[0], 17);
});

test("a wait ends at its time, or at once when a signal is there", () => {
  const signals = new Signals();
  assert.equal(signals.wait(1), true);
  assert.equal(signals.wait(-1), true);
  signals.buffer = new Int32Array(1);
  assert.equal(signals.wait(1), true);
  signals.buffer[0] = 2;
  assert.equal(signals.wait(1e9), false);
});

for (const [name, make] of [
  ["shared 32-bit", (memory: SharedArrayBuffer) => new Int32Array(memory)],
  ["other", (memory: SharedArrayBuffer) => new Uint8Array(memory)],
] as const) {
  test(`a signal from another thread ends a wait: ${name} buffer`, async () => {
    const memory = new SharedArrayBuffer(4);
    const signals = new Signals();
    signals.buffer = make(memory);
    const program =
      "const { workerData } = require('node:worker_threads'); new Uint8Array(workerData)[0] = 2;";
    const worker = new Worker(program, { eval: true, workerData: memory });
    assert.equal(signals.wait(1e9), false);
    await worker.terminate();
  });
}

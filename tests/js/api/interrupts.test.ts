/** setInterruptBuffer and checkInterrupt over a stand-in for the core. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmscriptenModule } from "../../../src/js/api/emscripten";
import { createInterrupts } from "../../../src/js/api/interrupts";
import { FakeCore } from "./fake_core";

class ErrnoError extends Error {
  constructor(readonly errno: number) {
    super();
  }
}

function setUp() {
  const core = new FakeCore({});
  const module = {
    FS: { ErrnoError },
    ERRNO_CODES: { EINTR: 27 },
  } as unknown as EmscriptenModule;
  return { core, module, ...createInterrupts(core.asCore(), module) };
}

test("a buffer switches signals on, nothing switches them off", () => {
  const { core, module, setInterruptBuffer } = setUp();
  for (const nothing of [undefined, null]) {
    const buffer = new Int32Array(1);
    setInterruptBuffer(buffer);
    assert.equal(module["Py_EmscriptenSignalBuffer"], buffer);
    assert.equal(core.signals.buffer, buffer);
    setInterruptBuffer(nothing);
    assert.equal(module["Py_EmscriptenSignalBuffer"], undefined);
    assert.equal(core.signals.buffer, undefined);
  }
});

test("only typed arrays are buffers", () => {
  const { setInterruptBuffer } = setUp();
  const wrong = [5, "x", {}, [2], new ArrayBuffer(1), new DataView(new ArrayBuffer(1))];
  for (const value of wrong) {
    assert.throws(() => setInterruptBuffer(value as never), TypeError);
  }
});

test("without the lock a pending SIGINT is EINTR and stays in the buffer", () => {
  const { core, setInterruptBuffer, checkInterrupt } = setUp();
  const buffer = new Uint8Array(1);
  setInterruptBuffer(buffer);
  core.signalAnswer = false;
  checkInterrupt();
  buffer[0] = 2;
  assert.throws(checkInterrupt, { errno: 27 });
  assert.equal(buffer[0], 2);
  core.signalAnswer = true;
  checkInterrupt();
  setInterruptBuffer(undefined);
  core.signalAnswer = false;
  checkInterrupt();
});

test("what a handler raises is thrown", () => {
  const { core, checkInterrupt } = setUp();
  core.signalAnswer = new Error("KeyboardInterrupt");
  assert.throws(checkInterrupt, core.signalAnswer);
});

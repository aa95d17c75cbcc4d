/** What passes between the two threads of the program. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel, Word } from "../../../src/js/program/channel";

function pair() {
  const main = new Channel();
  return { main, python: new Channel(main.memory) };
}

test("an answer arrives once, as a copy", () => {
  const { main, python } = pair();
  main.answer(new Uint8Array([1, 2, 3]));
  const first = python.awaitAnswer();
  main.answer(new Uint8Array([9]));
  assert.deepEqual([...first!], [1, 2, 3]);
  assert.deepEqual([...python.awaitAnswer()!], [9]);
});

test("the end of input is an empty answer, a failure an error with a code", () => {
  const { main, python } = pair();
  main.answer(new Uint8Array(0));
  assert.equal(python.awaitAnswer()!.length, 0);
  main.answer(null);
  assert.throws(() => python.awaitAnswer(), { code: "EIO" });
});

test("an interrupt ends the wait, and is not taken back by it", () => {
  const { main, python } = pair();
  assert.equal(main.interrupt(), true);
  assert.equal(python.awaitAnswer(), undefined);
  assert.equal(python.words[Word.Signal], 2);
});

test("an interrupt that Python has not taken is known", () => {
  const { main, python } = pair();
  main.interrupt();
  assert.equal(main.interrupt(), false);
  python.words[Word.Signal] = 0;
  assert.equal(main.interrupt(), true);
});

test("an answer that is there comes before an interrupt", () => {
  const { main, python } = pair();
  main.answer(new Uint8Array([7]));
  main.interrupt();
  assert.deepEqual([...python.awaitAnswer()!], [7]);
  assert.equal(python.awaitAnswer(), undefined);
});

/** Lines of input in shared memory; that a worker really sleeps is seen in tests/bridge. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  InputAnswers,
  makeInputMemory,
  SharedInput,
} from "../../../src/js/workers/input";

/**
 * Reads as a worker does. What it asks is served before it sleeps, so that one thread can do both:
 * the answers here are there at once.
 */
function read(memory: SharedArrayBuffer, serve: (turn: number) => void, pending = false): Answer {
  return new SharedInput(memory).read(serve, () => pending);
}

/** Serves the way the page does, as far as that is done without waiting for a promise. */
async function ready(line: unknown): Promise<{ memory: SharedArrayBuffer; page: InputAnswers }> {
  const memory = makeInputMemory();
  const page = new InputAnswers(memory);
  // The page has its answer before the worker asks; the question with the same number gets it.
  await page.serve(1, () => {
    if (line instanceof Error) throw line;
    return line;
  });
  return { memory, page };
}

test("a line, and a long one in several parts", async () => {
  for (const text of ["short", "", "é".repeat(100_000), `${"x".repeat(65_535)}é€😀`]) {
    const { memory, page } = await ready(text);
    assert.deepEqual(
      read(memory, (turn) => void page.serve(turn, () => assert.fail("asked twice"))),
      { kind: "line", text },
    );
  }
});

test("errors of the page keep name and message", async () => {
  for (const [line, name, words] of [
    [new RangeError("no more"), "RangeError", "no more"],
    [5, "TypeError", "must return a string"],
  ] as const) {
    const { memory, page } = await ready(line);
    const answer = read(memory, (turn) => void page.serve(turn, () => undefined));
    assert.ok(answer.kind === "error");
    assert.equal(answer.error.name, name);
    assert.ok(answer.error.message.includes(words));
  }
});

test("a signal that came before, and one that comes while the worker waits", () => {
  const memory = makeInputMemory();
  const page = new InputAnswers(memory);
  const never = (): void => assert.fail("asked although a signal waits");
  assert.deepEqual(read(memory, never, true), { kind: "interrupted" });
  assert.deepEqual(
    read(memory, () => page.interrupt()),
    { kind: "interrupted" },
  );
});

test("an answer that comes too late is dropped", async () => {
  const memory = makeInputMemory();
  const page = new InputAnswers(memory);
  let answer!: (line: string) => void;
  const late = new Promise<string>((resolve) => (answer = resolve));
  let serving: Promise<void> | undefined;
  assert.deepEqual(
    read(memory, (turn) => {
      serving = page.serve(turn, () => late);
      page.interrupt();
    }),
    { kind: "interrupted" },
  );
  answer("late");
  await serving;
  await page.serve(2, () => "new");
  assert.deepEqual(
    read(memory, (turn) => void page.serve(turn, () => assert.fail("asked twice"))),
    { kind: "line", text: "new" },
  );
});

test("a page with nothing to interrupt is not disturbed by it", async () => {
  const { memory, page } = await ready("line");
  page.interrupt();
  assert.deepEqual(
    read(memory, (turn) => void page.serve(turn, () => undefined)),
    { kind: "line", text: "line" },
  );
});

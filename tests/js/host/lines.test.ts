/** Bytes to lines, and the script's address out of a stack trace. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptFromStack } from "../../../src/js/host/detect";
import { LineDecoder } from "../../../src/js/host/lines";

const bytes = (text: string) => new TextEncoder().encode(text);

test("lines come out whole, however the bytes are cut", () => {
  const text = "é one\n\ntwo ✓\nrest";
  for (let size = 1; size < 20; size++) {
    const lines: string[] = [];
    const decoder = new LineDecoder((line) => lines.push(line));
    const all = bytes(text);
    for (let at = 0; at < all.length; at += size) {
      decoder.write(all.subarray(at, at + size));
    }
    assert.deepEqual(lines, ["é one", "", "two ✓"]);
    decoder.flush();
    decoder.flush();
    assert.deepEqual(lines, ["é one", "", "two ✓", "rest"]);
  }
});

test("held bytes do not change with the caller's buffer", () => {
  const lines: string[] = [];
  const decoder = new LineDecoder((line) => lines.push(line));
  const buffer = bytes("abc");
  decoder.write(buffer);
  buffer.fill(120);
  decoder.write(bytes("\n"));
  assert.deepEqual(lines, ["abc"]);
});

test("a line that the sink refuses is kept, or left to the caller", () => {
  const lines: string[] = [];
  let refuse = true;
  const decoder = new LineDecoder((line) => {
    if (refuse) throw new Error("full");
    lines.push(line);
  });
  assert.equal(decoder.write(bytes("be")), 2);
  assert.throws(() => decoder.write(bytes("gin\nrest")), /full/);
  refuse = false;
  assert.equal(decoder.write(bytes("gin\nrest")), 8);
  assert.deepEqual(lines, ["begin"]);
  refuse = true;
  assert.throws(() => decoder.flush(), /full/);
  assert.equal(decoder.unfinished, "rest");
  refuse = false;
  decoder.flush();
  assert.deepEqual(lines, ["begin", "rest"]);
  assert.equal(decoder.unfinished, "");
  const stubborn = new LineDecoder((line) => {
    if (line === "c") throw new Error("full");
  });
  assert.equal(stubborn.write(bytes("a\nb\nc\n")), 4);
});

test("a NUL is dropped and a byte order mark kept", () => {
  const lines: string[] = [];
  new LineDecoder((line) => lines.push(line)).write(bytes("\ufeffa\0b\n"));
  assert.deepEqual(lines, ["\ufeffab"]);
});

test("the script's address in stack traces of Chromium, Firefox and Safari", () => {
  const url = "https://example.org:8443/x/pyodide.js";
  const stacks = [
    `Error\n    at ${url}:1:23\n    at ${url}:9:1`,
    `Error\n    at new Loader (${url}?v=1:1:23)\n    at b`.replace("?v=1", ""),
    `@${url}:1:23\n@https://example.org/worker.js:1:1\n`,
    `f@${url}:10:5\nglobal code@${url}:1:1`,
  ];
  for (const stack of stacks) {
    assert.equal(scriptFromStack(stack), url);
  }
  assert.equal(scriptFromStack("Error\n    at eval (<anonymous>:1:1)"), undefined);
  assert.equal(scriptFromStack(undefined), undefined);
});

/** Output as text: characters in pieces, and the line that a question stands on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { OutputText } from "../../../src/js/workers/output";

test("characters may come in pieces, on both streams at once", () => {
  const said: string[] = [];
  const output = new OutputText((stream, text) => said.push(`${stream} ${text}`));
  const [first, second] = new TextEncoder().encode("é");
  assert.equal(output.write("stdout", new Uint8Array([first!])), 1);
  output.write("stderr", new Uint8Array([97]));
  output.write("stdout", new Uint8Array([second!]));
  assert.deepEqual(said, ["stderr a", "stdout é"]);
});

test("the last line is that of standard output", () => {
  const output = new OutputText(() => {});
  const write = (text: string): number => output.write("stdout", new TextEncoder().encode(text));
  write("a\nNa");
  output.write("stderr", new Uint8Array([98]));
  write("me? ");
  assert.equal(output.lastLine, "Name? ");
  output.line("stdout", "x");
  assert.equal(output.lastLine, "");
});

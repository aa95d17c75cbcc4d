/** Where the console's input is on the screen, and how it is drawn. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawBlock, eraseDrawing, listInColumns } from "../../../src/js/console/layout";

const LOOK = { prompt: "> ", continuation: ". ", style: "" };

/** Draws a block on a terminal of some columns and 24 rows; styles are left out of the output. */
function draw(text: string, head: string, columns: number, rows = 24) {
  const { output, above } = drawBlock({ text, head }, LOOK, { columns, rows });
  return { output: output.replaceAll("\x1b[0m", ""), above };
}

test("the cursor is at its place in a line that may wrap", () => {
  assert.deepEqual(draw("abcdef", "a", 80), {
    output: "> abcdef\r\x1b[3C",
    above: 0,
  });
  assert.deepEqual(draw("abcdef", "a", 5), {
    output: "> abcdef\x1b[1A\r\x1b[3C",
    above: 0,
  });
  assert.deepEqual(draw("abcdef", "abcdef", 5), {
    output: "> abcdef\r\x1b[3C",
    above: 1,
  });
});

test("wide characters, combining marks, tabs", () => {
  assert.deepEqual(draw("漢字", "漢字", 10), {
    output: "> 漢字\r\x1b[6C",
    above: 0,
  });
  assert.deepEqual(draw("ab漢", "ab漢", 5), {
    output: "> ab漢\r\x1b[2C",
    above: 1,
  });
  assert.deepEqual(draw("e\u0301", "e\u0301", 5), {
    output: "> e\u0301\r\x1b[3C",
    above: 0,
  });
  assert.deepEqual(draw("\tx", "\tx", 10), {
    output: ">     x\r\x1b[7C",
    above: 0,
  });
});

test("control characters of a paste do not reach the terminal", () => {
  assert.equal(draw("a\x1b[2J\x7f\x00", "", 80).output, "> a␛[2J␡␀\r\x1b[2C");
});

test("a line that fills its row leaves the cursor in the next one", () => {
  assert.deepEqual(draw("abc", "abc", 5), { output: "> abc\r\n\r", above: 1 });
  assert.deepEqual(draw("abc", "ab", 5), {
    output: "> abc\r\x1b[4C",
    above: 0,
  });
  assert.deepEqual(draw("abcdef", "abc", 5), {
    output: "> abcdef\r",
    above: 1,
  });
  assert.deepEqual(draw("abc\nd", "abc", 5), {
    output: "> abc\r\n\r\n. d\x1b[1A\r",
    above: 1,
  });
  assert.deepEqual(draw("abc\nd", "abc\nd", 5), {
    output: "> abc\r\n. d\r\x1b[3C",
    above: 1,
  });
});

test("each further line has its prompt, and the cursor is in its line", () => {
  const text = "if a:\n    b\n";
  assert.deepEqual(draw(text, text, 80), {
    output: "> if a:\r\n.     b\r\n. \r\x1b[2C",
    above: 2,
  });
  assert.deepEqual(draw(text, "if", 80), {
    output: "> if a:\r\n.     b\r\n. \x1b[2A\r\x1b[4C",
    above: 0,
  });
  // The first line takes two rows of five columns.
  assert.deepEqual(draw("abcd\nef", "abcd\ne", 5), {
    output: "> abcd\r\n. ef\r\x1b[3C",
    above: 2,
  });
});

test("prompts have their style, the text has none", () => {
  const look = { ...LOOK, style: "<s>" };
  const { output } = drawBlock({ text: "a\nb", head: "" }, look, {
    columns: 9,
    rows: 9,
  });
  assert.equal(output, "<s>> \x1b[0ma\r\n<s>. \x1b[0mb\x1b[1A\r\x1b[2C");
});

test("of a block higher than the terminal the part around the cursor is drawn", () => {
  const lines = Array.from({ length: 10 }, (_, i) => String(i));
  const text = lines.join("\n");
  const shown = (line: number, rows: number) => {
    const { output, above } = draw(text, lines.slice(0, line + 1).join("\n"), 80, rows);
    const drawn = output.match(/\d(?=\r\n|\r|\x1b)/g)!.join("");
    return [drawn, above];
  };
  assert.deepEqual(shown(9, 4), ["6789", 3]);
  assert.deepEqual(shown(5, 4), ["3456", 2]);
  assert.deepEqual(shown(0, 4), ["0123", 0]);
  assert.deepEqual(shown(0, Infinity), ["0123456789", 0]);
  assert.deepEqual(shown(9, 10), ["0123456789", 9]);
  assert.deepEqual(shown(4, 1), ["4", 0]);
});

test("erasing starts from the cursor's row", () => {
  assert.equal(eraseDrawing({ output: "", above: 0 }), "\r\x1b[J");
  assert.equal(eraseDrawing({ output: "", above: 2 }), "\x1b[2A\r\x1b[J");
});

test("completions in columns, downwards", () => {
  const words = ["aa", "b", "c", "d", "e"];
  assert.equal(listInColumns(words, 12), "aa  c   e\nb   d\n");
  assert.equal(listInColumns(words, 1), "aa\nb\nc\nd\ne\n");
});

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

const drawings: [
  what: string,
  text: string,
  head: string,
  columns: number,
  output: string,
  above: number,
][] = [
  ["cursor in a line", "abcdef", "a", 80, "> abcdef\r\x1b[3C", 0],
  ["cursor in a line that wraps", "abcdef", "a", 5, "> abcdef\x1b[1A\r\x1b[3C", 0],
  ["cursor behind a line that wraps", "abcdef", "abcdef", 5, "> abcdef\r\x1b[3C", 1],
  ["wide characters", "漢字", "漢字", 10, "> 漢字\r\x1b[6C", 0],
  ["a wide character that wraps", "ab漢", "ab漢", 5, "> ab漢\r\x1b[2C", 1],
  ["a combining mark", "e\u0301", "e\u0301", 5, "> e\u0301\r\x1b[3C", 0],
  ["a tab", "\tx", "\tx", 10, ">     x\r\x1b[7C", 0],
  ["control characters of a paste", "a\x1b[2J\x7f\x00", "", 80, "> a␛[2J␡␀\r\x1b[2C", 0],
  ["a line that fills its row, cursor behind it", "abc", "abc", 5, "> abc\r\n\r", 1],
  ["a line that fills its row, cursor in it", "abc", "ab", 5, "> abc\r\x1b[4C", 0],
  ["a line of more than a row, cursor between them", "abcdef", "abc", 5, "> abcdef\r", 1],
  ["a full row, cursor before the next line", "abc\nd", "abc", 5, "> abc\r\n\r\n. d\x1b[1A\r", 1],
  ["a full row, cursor in the next line", "abc\nd", "abc\nd", 5, "> abc\r\n. d\r\x1b[3C", 1],
  [
    "lines, cursor in the last",
    "if a:\n    b\n",
    "if a:\n    b\n",
    80,
    "> if a:\r\n.     b\r\n. \r\x1b[2C",
    2,
  ],
  [
    "lines, cursor in the first",
    "if a:\n    b\n",
    "if",
    80,
    "> if a:\r\n.     b\r\n. \x1b[2A\r\x1b[4C",
    0,
  ],
  ["lines, the first of two rows", "abcd\nef", "abcd\ne", 5, "> abcd\r\n. ef\r\x1b[3C", 2],
];

for (const [what, text, head, columns, output, above] of drawings) {
  test(`drawn: ${what}`, () => {
    assert.deepEqual(draw(text, head, columns), { output, above });
  });
}

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

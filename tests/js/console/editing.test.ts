/** Keys, line editing, history, layout and pasted text of the console page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { History, type LineStore } from "../../../src/js/console/history";
import { type Input, KeyReader } from "../../../src/js/console/keys";
import {
  drawLine,
  eraseLine,
  listInColumns,
  placeAfter,
} from "../../../src/js/console/layout";
import { LineEditor } from "../../../src/js/console/line_editor";
import { linesForPrompt } from "../../../src/js/console/paste";

/** Types `data` into an editor; requests are collected. */
function type(data: string, history = new History(undefined)) {
  const editor = new LineEditor(history);
  const requests: string[] = [];
  for (const input of new KeyReader().read(data)) {
    if (input.kind === "key") {
      const request = editor.press(input.name);
      if (request !== undefined) requests.push(request);
    } else {
      editor.insert(input.text);
    }
  }
  return { editor, requests };
}

test("keys: text, controls and sequences in one chunk; unknown sequences are dropped", () => {
  const expected: Input[] = [
    { kind: "text", text: "aé" },
    { kind: "key", name: "left" },
    { kind: "key", name: "enter" },
    { kind: "text", text: "b" },
  ];
  assert.deepEqual(new KeyReader().read("aé\x1b[D\x1b[99;9z\r\x00b"), expected);
});

test("keys: a paste may arrive in pieces and keeps its text", () => {
  const reader = new KeyReader();
  assert.deepEqual(reader.read("x\x1b[200~one\r\ntw"), [
    { kind: "text", text: "x" },
  ]);
  assert.deepEqual(reader.read("o\t\x1b[20"), []);
  assert.deepEqual(reader.read("1~y"), [
    { kind: "paste", text: "one\ntwo\t" },
    { kind: "text", text: "y" },
  ]);
});

test("keys: a surrogate pair may arrive in halves", () => {
  const reader = new KeyReader();
  assert.deepEqual(reader.read("a\ud83d"), [{ kind: "text", text: "a" }]);
  assert.deepEqual(reader.read("\udc0d"), [
    { kind: "text", text: "\u{1f40d}" },
  ]);
});

test("editing in the middle of a line", () => {
  const cases: [string, string, string][] = [
    ["ac\x1b[Db", "abc", "ab"],
    ["abc\x01X", "Xabc", "X"],
    ["abc\x01\x1b[3~\x1b[3~", "c", ""],
    ["abc\x7f\x7f", "a", "a"],
    ["one two\x17", "one ", "one "],
    ["one two\x1b[1;5D\x0b", "one ", "one "],
    ["one two\x1b[1;5D\x15", "two", ""],
    ["one.two\x01\x1b[1;5CX", "oneX.two", "oneX"],
    ["a\u{1f40d}b\x1b[D\x7f", "ab", "a"],
    ["ab\x01\x04", "b", ""],
  ];
  for (const [keys, text, head] of cases) {
    const { editor } = type(keys);
    assert.deepEqual(
      [editor.text, editor.head],
      [text, head],
      JSON.stringify(keys),
    );
  }
});

test("Tab indents at the start of a line and completes elsewhere; Backspace undoes a level", () => {
  assert.deepEqual(type("\t").editor.text, "    ");
  assert.deepEqual(type("\t\t\x7f").editor.text, "    ");
  assert.deepEqual(type("      \x7f").editor.text, "    ");
  assert.deepEqual(type("ab\t").requests, ["complete"]);
});

test("requests of the other keys", () => {
  assert.deepEqual(type("\r\x03\x04\x0c").requests, [
    "submit",
    "cancel",
    "end-of-input",
    "clear-screen",
  ]);
});

test("replacing the word before the cursor", () => {
  const { editor } = type("x.fo)\x1b[D");
  editor.replaceBefore(2, "format");
  assert.deepEqual([editor.text, editor.head], ["x.format)", "x.format"]);
});

test("history: up and down, the draft comes back, blanks and repeats are left out", () => {
  const history = new History(undefined);
  for (const line of ["one", "two", "  ", "two"]) history.add(line);
  const up = "\x1b[A";
  const down = "\x1b[B";
  assert.equal(type(`dr${up}`, history).editor.text, "two");
  history.rewind();
  assert.equal(type(up + up + up, history).editor.text, "one");
  history.rewind();
  assert.equal(type(`dr${up}${up}${down}${down}`, history).editor.text, "dr");
});

test("history survives in the store; a damaged or failing store is harmless", () => {
  const kept = new Map<string, string>();
  const store: LineStore = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  };
  const first = new History(store);
  for (let i = 0; i < 1005; i++) first.add(`line ${i}`);
  const second = new History(store);
  assert.equal(second.step(-1, ""), "line 1004");
  let oldest: string | undefined;
  for (
    let line = second.step(-1, "");
    line !== undefined;
    line = second.step(-1, "")
  ) {
    oldest = line;
  }
  assert.equal(oldest, "line 5");
  for (const text of ["{not json", '{"a":1}', "[1,null]"]) {
    assert.equal(
      new History({ ...store, getItem: () => text }).step(-1, ""),
      undefined,
    );
  }
  const failing = {
    getItem: () => null,
    setItem: () => {
      throw new Error("full");
    },
  };
  const history = new History(failing);
  history.add("x");
  assert.equal(history.step(-1, ""), "x");
});

test("places: wrapping, wide characters, combining marks, tabs", () => {
  assert.deepEqual(placeAfter("abcd", 10), { row: 0, column: 4 });
  assert.deepEqual(placeAfter("abcde", 5), { row: 1, column: 0 });
  assert.deepEqual(placeAfter("abcdef", 5), { row: 1, column: 1 });
  assert.deepEqual(placeAfter("漢字", 10), { row: 0, column: 4 });
  assert.deepEqual(placeAfter("abcd漢", 5), { row: 1, column: 2 });
  assert.deepEqual(placeAfter("e\u0301", 5), { row: 0, column: 1 });
  assert.deepEqual(placeAfter("\tx", 10), { row: 0, column: 5 });
});

test("drawing puts the cursor at its place, erasing starts from there", () => {
  const shown = { prompt: "> ", text: "abcdef", head: "a" };
  assert.equal(drawLine(shown, 80, ""), "> \x1b[0mabcdef\r\x1b[3C");
  assert.equal(drawLine(shown, 5, ""), "> \x1b[0mabcdef\x1b[1A\r\x1b[3C");
  assert.equal(eraseLine(shown, 5), "\r\x1b[J");
  assert.equal(eraseLine({ ...shown, head: shown.text }, 5), "\x1b[1A\r\x1b[J");
  // A line that fills its row exactly leaves the cursor at the start of the next one.
  assert.equal(
    drawLine({ prompt: "> ", text: "abc", head: "abc" }, 5, ""),
    "> \x1b[0mabc\r\n\r",
  );
});

test("completions in columns, downwards", () => {
  const words = ["aa", "b", "c", "d", "e"];
  assert.equal(listInColumns(words, 12), "aa  c   e\nb   d\n");
  assert.equal(listInColumns(words, 1), "aa\nb\nc\nd\ne\n");
});

const pasted: [name: string, text: string, lines: string[]][] = [
  ["one line without newline", "x = 1", ["x = 1"]],
  ["one line with newline", "x = 1\n", ["x = 1", ""]],
  [
    "a block is ended before the next statement",
    "def f():\n  return 1\nf()\n",
    ["def f():", "  return 1", "", "f()", ""],
  ],
  [
    "blank lines inside a block go",
    "def f():\n  a = 1\n\n  return a\n\nf()\n",
    ["def f():", "  a = 1", "  return a", "", "f()", ""],
  ],
  [
    "else continues the block",
    "if a:\n  b\nelse:\n  c\n\nd\n",
    ["if a:", "  b", "else:", "  c", "", "d", ""],
  ],
  [
    "a block at the end is ended",
    "for i in x:\n  print(i)\n",
    ["for i in x:", "  print(i)", "", ""],
  ],
  ["a block goes on after the paste", "if a:\n  b\n  ", ["if a:", "  b", "  "]],
  [
    "strings over several lines stay as they are",
    'x = """a\n\n  b\nc"""\ny\n',
    ['x = """a', "", "  b", 'c"""', "y", ""],
  ],
  [
    "brackets over several lines",
    "f(\n  1,\n\n)\ny\n",
    ["f(", "  1,", "", ")", "y", ""],
  ],
  [
    "quotes and brackets in comments and strings",
    "a # ([\"'\nb = '(#'\nc\n",
    ["a # ([\"'", "b = '(#'", "c", ""],
  ],
  [
    "a backslash continues a statement",
    "x = 1 + \\\n\n2\n",
    ["x = 1 + \\", "", "2", ""],
  ],
  [
    "decorators belong to what follows",
    "@d\ndef f():\n  pass\nf\n",
    ["@d", "def f():", "  pass", "", "f", ""],
  ],
  ["one-line compound statements", "if a: b\nc\n", ["if a: b", "", "c", ""]],
];

for (const [name, text, lines] of pasted) {
  test(`paste: ${name}`, () => assert.deepEqual(linesForPrompt(text), lines));
}

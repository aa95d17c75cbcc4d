/** Keys, editing of blocks, and history of the console page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockEditor } from "../../../src/js/console/block_editor";
import { type BlockStore, History } from "../../../src/js/console/history";
import { type Input, type KeyName, KeyReader } from "../../../src/js/console/keys";

const UP = "\x1b[A";
const DOWN = "\x1b[B";
const LEFT = "\x1b[D";
const RIGHT = "\x1b[C";
const HOME = "\x1b[H";
const END = "\x1b[F";
const WORD_LEFT = "\x1b[1;5D";
const WORD_RIGHT = "\x1b[1;5C";
const DELETE = "\x1b[3~";
const BACKSPACE = "\x7f";
const ALT_ENTER = "\x1b\r";

/** Types `data` into an editor that holds `text`; requests are collected. */
function type(data: string, history = new History(undefined), text = "") {
  const editor = new BlockEditor(history);
  editor.setText(text);
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

test("keys: Alt-Enter is not Enter", () => {
  assert.deepEqual(new KeyReader().read("\x1b\r\r"), [
    { kind: "key", name: "newline" },
    { kind: "key", name: "enter" },
  ]);
});

test("keys: a paste may arrive in pieces and keeps its text", () => {
  const reader = new KeyReader();
  assert.deepEqual(reader.read("x\x1b[200~one\r\ntw"), [{ kind: "text", text: "x" }]);
  assert.deepEqual(reader.read("o\t\x1b[20"), []);
  assert.deepEqual(reader.read("1~y"), [
    { kind: "paste", text: "one\ntwo\t" },
    { kind: "text", text: "y" },
  ]);
});

test("keys: a surrogate pair may arrive in halves", () => {
  const reader = new KeyReader();
  assert.deepEqual(reader.read("a\ud83d"), [{ kind: "text", text: "a" }]);
  assert.deepEqual(reader.read("\udc0d"), [{ kind: "text", text: "\u{1f40d}" }]);
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
    assert.deepEqual([editor.text, editor.head], [text, head], JSON.stringify(keys));
  }
});

test("Tab indents at the start of a line and completes elsewhere; Backspace undoes a level", () => {
  assert.deepEqual(type("\t").editor.text, "    ");
  assert.deepEqual(type("\t\t\x7f").editor.text, "    ");
  assert.deepEqual(type("      \x7f").editor.text, "    ");
  assert.deepEqual(type("ab\t").requests, ["complete"]);
});

/** Two lines and a bit, with the cursor behind the last one. */
const BLOCK = "def f(n):\n    a = n + 1\n    return a";

const inBlocks: [name: string, keys: string, text: string, head: string][] = [
  ["Home", `${HOME}X`, "def f(n):\n    a = n + 1\nX    return a", "def f(n):\n    a = n + 1\nX"],
  ["Up keeps the column", UP, BLOCK, "def f(n):\n    a = n + 1".slice(0, -1)],
  ["Up, and the end of a shorter line", UP + UP, BLOCK, "def f(n):"],
  ["Up and Down over a shorter line", UP + UP + DOWN + DOWN, BLOCK, BLOCK],
  ["Left forgets the column", UP + UP + LEFT + DOWN, BLOCK, "def f(n):\n    a = "],
  ["End", UP + HOME + END, BLOCK, "def f(n):\n    a = n + 1"],
  ["Ctrl-A and Ctrl-E", `${UP}\x01\x05`, BLOCK, "def f(n):\n    a = n + 1"],
  ["Left over a line break", HOME + LEFT, BLOCK, "def f(n):\n    a = n + 1"],
  ["Right over a line break", UP + END + RIGHT, BLOCK, "def f(n):\n    a = n + 1\n"],
  [
    "a word stays in its line",
    WORD_LEFT + WORD_LEFT + WORD_LEFT,
    BLOCK,
    "def f(n):\n    a = n + 1\n",
  ],
  ["a word back from a line's start", HOME + WORD_LEFT, BLOCK, "def f(n):\n    a = n + 1"],
  [
    "words forth",
    UP + END + WORD_RIGHT + WORD_RIGHT,
    BLOCK,
    "def f(n):\n    a = n + 1\n    return",
  ],
  [
    "Backspace in the indentation",
    UP + HOME + RIGHT.repeat(4) + BACKSPACE,
    "def f(n):\na = n + 1\n    return a",
    "def f(n):\n",
  ],
  [
    "Backspace joins lines",
    HOME + BACKSPACE,
    "def f(n):\n    a = n + 1    return a",
    "def f(n):\n    a = n + 1",
  ],
  ["Delete joins lines", UP + UP + DELETE, "def f(n):    a = n + 1\n    return a", "def f(n):"],
  [
    "Ctrl-K clears the rest of the line",
    `${UP}${HOME}\x0b`,
    "def f(n):\n\n    return a",
    "def f(n):\n",
  ],
  [
    "Ctrl-K at the end of a line joins",
    `${UP}${END}\x0b`,
    "def f(n):\n    a = n + 1    return a",
    "def f(n):\n    a = n + 1",
  ],
  [
    "Ctrl-U clears the line before the cursor",
    "\x15",
    "def f(n):\n    a = n + 1\n",
    "def f(n):\n    a = n + 1\n",
  ],
  ["Ctrl-W", "\x17\x17", "def f(n):\n    a = n + 1\n    ", "def f(n):\n    a = n + 1\n    "],
  [
    "Tab indents",
    `${HOME}\t`,
    "def f(n):\n    a = n + 1\n        return a",
    "def f(n):\n    a = n + 1\n    ",
  ],
  [
    "Enter above other lines",
    `${UP}${END}\rb = 2`,
    "def f(n):\n    a = n + 1\n    b = 2\n    return a",
    "def f(n):\n    a = n + 1\n    b = 2",
  ],
  [
    "Enter behind a colon",
    `${UP}${UP}${END}\r`,
    "def f(n):\n    \n    a = n + 1\n    return a",
    "def f(n):\n    ",
  ],
  ["Alt-Enter", `${ALT_ENTER}b`, `${BLOCK}\n    b`, `${BLOCK}\n    b`],
];

for (const [name, keys, text, head] of inBlocks) {
  test(`in a block: ${name}`, () => {
    const { editor, requests } = type(keys, undefined, BLOCK);
    assert.deepEqual([editor.text, editor.head, requests], [text, head, []]);
  });
}

test("Enter is a request on the last line, also when only blank lines follow", () => {
  for (const text of ["x", "def f():\n    return 1", ""]) {
    assert.deepEqual(type("\r", undefined, text).requests, ["submit"]);
  }
  const { editor, requests } = type(`${UP}${END}\r`, undefined, "if a: b\n    ");
  assert.deepEqual([editor.text, requests], ["if a: b\n    ", ["submit"]]);
});

test("a new line is indented as the one before, deeper after a colon that is code", () => {
  const cases: [line: string, indentation: string][] = [
    ["x = 1", ""],
    ["def f():", "    "],
    ["    if a:  # why:", "        "],
    ["    x = 1  # not code:", "    "],
    ["x = 'a:", ""],
    ["x = 'a:'", ""],
    ["if x == '#':", "    "],
    ['if x == "it\'s":', "    "],
    ["\tif x:", "\t    "],
    ["  y", "  "],
  ];
  for (const [line, indentation] of cases) {
    const { editor } = type("", undefined, line);
    editor.newline();
    assert.equal(editor.text, `${line}\n${indentation}`);
  }
});

test("pasted text that is indented does not double the indentation", () => {
  const { editor } = type("", undefined, "def f():\n    ");
  editor.paste("  a = 1\n  b = 2");
  assert.equal(editor.text, "def f():\n  a = 1\n  b = 2");
  editor.paste(" + 3");
  assert.equal(editor.text, "def f():\n  a = 1\n  b = 2 + 3");
  const other = type("", undefined, "def f():\n    ").editor;
  other.paste("a = 1\n    b = 2");
  assert.equal(other.text, "def f():\n    a = 1\n    b = 2");
});

test("requests of the other keys", () => {
  assert.deepEqual(type("\r\x03\x04\x0c").requests, [
    "submit",
    "cancel",
    "end-of-input",
    "clear-screen",
  ]);
});

test("Ctrl-D in a block deletes", () => {
  const { editor, requests } = type(`${UP}${END}\x04`, undefined, "a\nb");
  assert.deepEqual([editor.text, requests], ["ab", []]);
});

test("replacing the word before the cursor", () => {
  const { editor } = type("x.fo)\x1b[D");
  editor.replaceBefore(2, "format");
  assert.deepEqual([editor.text, editor.head], ["x.format)", "x.format"]);
});

test("history: up and down, the draft comes back, blanks and repeats are left out", () => {
  const history = new History(undefined);
  for (const line of ["one", "two", "  ", "two"]) history.add(line);
  assert.equal(type(`dr${UP}`, history).editor.text, "two");
  history.rewind();
  assert.equal(type(UP + UP + UP, history).editor.text, "one");
  history.rewind();
  assert.equal(type(`dr${UP}${UP}${DOWN}${DOWN}`, history).editor.text, "dr");
});

test("history: a block is one entry, walked through line by line before the next one", () => {
  const history = new History(undefined);
  history.add("before");
  history.add("def f():\n    return 1\n    \n");
  const { editor } = type(UP, history);
  assert.equal(editor.text, "def f():\n    return 1");
  assert.equal(editor.tail, "");
  const steps: [key: KeyName, text: string, head: string][] = [
    ["up", "def f():\n    return 1", "def f():"],
    ["up", "before", "before"],
    ["down", "def f():\n    return 1", "def f():\n    return 1"],
    ["down", "", ""],
  ];
  for (const [key, text, head] of steps) {
    editor.press(key);
    assert.deepEqual([editor.text, editor.head], [text, head]);
  }
});

test("a draft of several lines comes back", () => {
  const history = new History(undefined);
  history.add("old");
  const { editor } = type(UP + UP, history, "a\nb");
  assert.equal(editor.text, "old");
  editor.press("down");
  assert.equal(editor.text, "a\nb");
});

test("history survives in the store; a damaged or failing store is harmless", () => {
  const kept = new Map<string, string>();
  const store: BlockStore = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  };
  const first = new History(store);
  for (let i = 0; i < 1005; i++) first.add(`line ${i}`);
  const second = new History(store);
  assert.equal(second.step(-1, ""), "line 1004");
  let oldest: string | undefined;
  for (let line = second.step(-1, ""); line !== undefined; line = second.step(-1, "")) {
    oldest = line;
  }
  assert.equal(oldest, "line 5");
  // What an earlier version kept, one line an entry, is as good.
  kept.set("pyodide-console-history", '["x = 1","def f():","    return x",""]');
  assert.equal(new History(store).step(-1, ""), "");
  for (const text of ["{not json", '{"a":1}', "[1,null]"]) {
    assert.equal(new History({ ...store, getItem: () => text }).step(-1, ""), undefined);
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

test("history: the newest million characters are kept, and a block larger than that", () => {
  let saved = "[]";
  const store = {
    getItem: () => saved,
    setItem: (_: string, value: string) => void (saved = value),
  };
  const history = new History(store);
  const block = (letter: string) => letter.repeat(400_000);
  for (const letter of ["a", "b", "c"]) history.add(block(letter));
  assert.deepEqual(JSON.parse(saved), [block("b"), block("c")]);
  history.add("d".repeat(1_500_000));
  assert.deepEqual(JSON.parse(saved), ["d".repeat(1_500_000)]);
});

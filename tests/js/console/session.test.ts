/** The console's session: blocks, order of execution, output while editing, completion, Ctrl-C. */

import assert from "node:assert/strict";
import { setImmediate as tick } from "node:timers/promises";
import { test } from "node:test";
import { History } from "../../../src/js/console/history";
import { type Interpreter, type Pasted, Session } from "../../../src/js/console/session";

/** A terminal that understands the sequences that the session writes; text is not laid out anew when it is resized. */
class FakeScreen {
  columns = 40;
  rows = 24;
  #rows: string[] = [""];
  #row = 0;
  #column = 0;

  write(data: string): void {
    for (const [token, count, code] of data.matchAll(/\x1b\[([\d;]*)([A-Za-z])|[\s\S]/g)) {
      const steps = Number(count || 1);
      if (code === "A") this.#row = Math.max(this.#top, this.#row - steps);
      else if (code === "C") this.#column += steps;
      else if (code === "J") this.#rows = [...this.#rows.slice(0, this.#row), this.#left()];
      else if (token === "\r") this.#column = 0;
      else if (token === "\n") this.#newline();
      else if (code === undefined) this.#put(token);
    }
  }
  clear(): void {
    this.#rows = [""];
    this.#row = this.#column = 0;
  }
  get lines(): string[] {
    return this.#rows;
  }
  /** The first row that is not scrolled away. */
  get #top(): number {
    return Math.max(0, this.#rows.length - this.rows);
  }
  #left(): string {
    return this.#rows[this.#row]!.slice(0, this.#column);
  }
  #newline(): void {
    this.#row++;
    this.#column = 0;
    this.#rows[this.#row] ??= "";
  }
  #put(char: string): void {
    if (this.#column === this.columns) this.#newline();
    const row = this.#rows[this.#row]!.padEnd(this.#column);
    this.#rows[this.#row] = row.slice(0, this.#column) + char + row.slice(this.#column + 1);
    this.#column++;
  }
}

/**
 * Collects blocks. More is wanted after `def` until a line is empty; pasted text is one statement a
 * line; `wait` runs until it is stopped.
 */
class FakeInterpreter implements Interpreter {
  readonly ran: string[] = [];
  session!: Session;
  #stop: (() => void) | undefined;

  wantsMore(block: string): boolean {
    if (block === "dead") throw new Error("bridge is gone");
    return block.startsWith("def") && block.split("\n").at(-1)!.trim() !== "";
  }
  async run(block: string): Promise<string | undefined> {
    this.ran.push(block);
    if (block === "wait") {
      await new Promise<void>((done) => (this.#stop = done));
    }
    if (block.startsWith("print ")) {
      this.session.output(block.slice(6));
    }
    if (block === "crash") {
      throw new Error("bridge failed");
    }
    await tick();
    return block === "bad" ? "ValueError: bad" : undefined;
  }
  split(text: string): Pasted {
    if (text.startsWith("def")) return { statements: [], rest: text };
    const statements = text.split("\n");
    return { rest: statements.pop()!, statements };
  }
  interrupt(): void {
    this.#stop?.();
  }
  complete(text: string) {
    const words = ["format", "format_map", "find"].map((name) => `s.${name}`);
    const start = Math.max(text.lastIndexOf(" "), text.lastIndexOf("\n")) + 1;
    return {
      words: words.filter((word) => word.startsWith(text.slice(start))),
      start,
    };
  }
}

function setUp() {
  const screen = new FakeScreen();
  const interpreter = new FakeInterpreter();
  const session = new Session(screen, interpreter, new History(undefined));
  interpreter.session = session;
  session.start();
  return { screen, interpreter, session };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await tick();
}

/** What is typed, each part once the one before has been dealt with; which blocks have run then, and what the screen shows. */
const sessions: [what: string, typed: string[], ran: string[], lines: string[]][] = [
  [
    "a bridge that fails before anything runs is told, and the block stays",
    ["dead\rx"],
    [],
    ["Error: bridge is gone", ">>> deadx"],
  ],
  [
    "errors of Python and of the bridge leave a working prompt",
    ["bad\rcrash\rok\r"],
    ["bad", "crash", "ok"],
    [">>> bad", "ValueError: bad", ">>> crash", "Error: bridge failed", ">>> ok", ">>> "],
  ],
  [
    "a submitted block is left whole on the screen, wherever the cursor was",
    ["x\x1b\ry\x1b[D\r"],
    ["x\ny"],
    [">>> x", "... y", ">>> "],
  ],
  [
    "output without newline does not swallow the prompt",
    ["print a\r"],
    ["print a"],
    [">>> print a", "a", ">>> "],
  ],
  [
    "a block comes back from the history as a whole",
    ["def f():\r1\r\r", "\x1b[A0\r\r"],
    ["def f():\n    1\n    ", "def f():\n    10\n    "],
    [">>> def f():", "...     1", "...     ", ">>> def f():", "...     10", "...     ", ">>> "],
  ],
  [
    "history holds submitted lines only",
    ["one\rtwo\x03", "\x1b[A"],
    ["one"],
    [">>> one", ">>> two^C", ">>> one"],
  ],
  [
    "Ctrl-C drops the whole block",
    ["def f():\rretur\x1b[A\x03x\r"],
    ["x"],
    [">>> def f():", "...     retur^C", ">>> x", ">>> "],
  ],
  [
    "a paste into the middle of a block runs nothing",
    ["a\x1b\rb\x1b[A\x1b[200~c\nd\n\x1b[201~!"],
    [],
    [">>> ac", "... d", "... !", "... b"],
  ],
];

for (const [what, typed, ran, lines] of sessions) {
  test(what, async () => {
    const { screen, interpreter, session } = setUp();
    for (const keys of typed) {
      session.input(keys);
      await settle();
    }
    assert.deepEqual([interpreter.ran, screen.lines], [ran, lines]);
  });
}

test("a block is one input with continuation prompts; blocks run in order", async () => {
  const { screen, interpreter, session } = setUp();
  session.input("def f():\r1\r");
  assert.deepEqual(interpreter.ran, []);
  assert.deepEqual(screen.lines, [">>> def f():", "...     1", "...     "]);
  session.input("\rx\r");
  await settle();
  assert.deepEqual(interpreter.ran, ["def f():\n    1\n    ", "x"]);
  assert.deepEqual(screen.lines, [">>> def f():", "...     1", "...     ", ">>> x", ">>> "]);
});

test("any line of a block can be changed before it runs", async () => {
  const { screen, interpreter, session } = setUp();
  session.input("def f():\rone\rtwo");
  session.input("\x1b[A!\x1b[A\x7f()");
  assert.deepEqual(screen.lines, [">>> def f()()", "...     one!", "...     two"]);
  // Enter in the middle adds a line, on the last one it asks Python.
  session.input("\x1b[B\x1b[F\rnew\x1b[B\x1b[F\r\r");
  await settle();
  assert.deepEqual(interpreter.ran, ["def f()()\n    one!\n    new\n    two\n    "]);
});

test("a block higher than the terminal is shown in part, and whole when it has run", async () => {
  const { screen, interpreter, session } = setUp();
  session.output("before\n");
  screen.rows = 4;
  const lines = Array.from({ length: 9 }, (_, i) => `    ${i}`);
  const block = ["def f():", ...lines, ""].join("\n");
  session.input(`\x1b[200~${block}\x1b[201~`);
  session.input("\x1b[A".repeat(9));
  session.input("\x1b[D\x1b[C".repeat(5));
  assert.deepEqual(screen.lines, ["before", ">>> def f():", "...     0", "...     1", "...     2"]);
  session.input("\x1b[B".repeat(9));
  assert.deepEqual(screen.lines.slice(1), ["...     6", "...     7", "...     8", "... "]);
  session.input("\r");
  await settle();
  assert.deepEqual(interpreter.ran, [block]);
  assert.deepEqual(screen.lines, [
    "before",
    ">>> def f():",
    ...lines.map((line) => `... ${line}`),
    "... ",
    ">>> ",
  ]);
});

test("a resized terminal has the block drawn for its width", () => {
  const { screen, session } = setUp();
  session.output("old\n");
  session.input(`def f():\r${"x".repeat(20)}\x1b[D`);
  session.resize(() => {
    assert.deepEqual(screen.lines, ["old", ""]);
    screen.columns = 14;
  });
  session.input("Y");
  assert.deepEqual(screen.lines, [
    "old",
    ">>> def f():",
    "...     xxxxxx",
    `${"x".repeat(13)}Y`,
    "x",
  ]);
  session.resize(() => (screen.columns = 40));
  assert.deepEqual(screen.lines, ["old", ">>> def f():", `...     ${"x".repeat(19)}Yx`]);
});

test("a terminal resized while code runs shows no prompt", async () => {
  const { screen, session } = setUp();
  session.input("wait\r");
  session.resize(() => (screen.columns = 20));
  await settle();
  assert.deepEqual(screen.lines, [">>> wait", ""]);
});

test("input is asked for with the open line of output, and echoed", () => {
  const { screen, session } = setUp();
  session.input("wait\r");
  session.output("first\nName");
  session.output("? ");
  const questions: string[] = [];
  const ask = (answer: string | null) =>
    session.ask((question) => {
      questions.push(question);
      return answer;
    });
  assert.equal(ask("Ann"), "Ann");
  assert.equal(ask(null), null);
  assert.deepEqual(questions, ["Name? ", ""]);
  assert.ok(screen.lines.includes("Name? Ann"));
});

test("output while a line is edited appears above it, also when the line wraps", async () => {
  const { screen, session } = setUp();
  const long = "x".repeat(50);
  session.input(`${long}\x1b[D`);
  session.output("tick\n");
  assert.deepEqual(screen.lines, ["tick", `>>> ${"x".repeat(36)}`, "x".repeat(14)]);
  session.input("Y");
  assert.deepEqual(screen.lines.slice(1), [`>>> ${"x".repeat(36)}`, `${"x".repeat(13)}Yx`]);
});

test("output while a block is edited appears above it, and the cursor stays", () => {
  const { screen, session } = setUp();
  session.input("def f():\rone\x1b[A");
  session.output("tick");
  session.output(" tock\n");
  session.input("!");
  assert.deepEqual(screen.lines, ["tick", " tock", ">>> def f()!:", "...     one"]);
});

test("Ctrl-D ends the input on an empty prompt only", async () => {
  const { screen, session } = setUp();
  session.input("a\x1b\r\x04");
  await settle();
  assert.deepEqual(screen.lines, [">>> a", "... "]);
  session.input("\x03\x04");
  await settle();
  assert.deepEqual(screen.lines.slice(2), ["Reload the page to start again.", ">>> "]);
});

test("Ctrl-C while code runs interrupts it and drops what was typed ahead", async () => {
  const { interpreter, session } = setUp();
  session.input("wait\rnext\r");
  await settle();
  assert.deepEqual(interpreter.ran, ["wait"]);
  session.input("\x03");
  await settle();
  session.input("after\r");
  await settle();
  assert.deepEqual(interpreter.ran, ["wait", "after"]);
});

test("completion inserts the common part, then lists", () => {
  const { screen, session } = setUp();
  session.input("x = s.fo\t");
  assert.deepEqual(screen.lines, [">>> x = s.format"]);
  session.input("\t");
  assert.deepEqual(screen.lines, ["s.format      s.format_map", ">>> x = s.format"]);
  session.input("_\t");
  assert.equal(screen.lines.at(-1), ">>> x = s.format_map");
  session.input(" + t.z\t");
  assert.equal(screen.lines.at(-1), ">>> x = s.format_map + t.z");
});

test("completion within a block", () => {
  const { screen, session } = setUp();
  session.input("def f():\rs.fo\x1b[A\x1b[B\t");
  assert.deepEqual(screen.lines, [">>> def f():", "...     s.format"]);
  session.input("\t");
  assert.deepEqual(screen.lines, [
    "s.format      s.format_map",
    ">>> def f():",
    "...     s.format",
  ]);
});

test("complete statements of a paste run one by one; the rest waits in the editor", async () => {
  const { interpreter, session, screen } = setUp();
  session.input("1 + \x1b[200~f\ng\nlast\x1b[201~");
  await settle();
  assert.deepEqual(interpreter.ran, ["1 + f", "g"]);
  assert.equal(screen.lines.at(-1), ">>> last");
  session.input("\x1b[D!\r");
  await settle();
  assert.equal(interpreter.ran.at(-1), "las!t");
});

test("a pasted block waits in the editor", async () => {
  const { interpreter, session, screen } = setUp();
  session.input("\x1b[200~def f():\n  1\n\n  2\n\x1b[201~");
  await settle();
  assert.deepEqual(interpreter.ran, []);
  assert.deepEqual(screen.lines, [">>> def f():", "...   1", "... ", "...   2", "... "]);
  session.input("\r");
  await settle();
  assert.deepEqual(interpreter.ran, ["def f():\n  1\n\n  2\n"]);
});

test("clearing the screen keeps the block", async () => {
  const { session, screen } = setUp();
  session.output("old\n");
  session.input("abc\x1b\rd\x1b[A\x0c!");
  await settle();
  assert.deepEqual(screen.lines, [">>> a!bc", "... d"]);
});

/** The console's session: prompts, order of execution, output while editing, completion, Ctrl-C. */

import assert from "node:assert/strict";
import { setImmediate as tick } from "node:timers/promises";
import { test } from "node:test";
import { History } from "../../../src/js/console/history";
import {
  type Interpreter,
  type LineResult,
  Session,
} from "../../../src/js/console/session";

/** A terminal of 40 columns that understands the sequences that the session writes. */
class FakeScreen {
  readonly columns = 40;
  #rows: string[] = [""];
  #row = 0;
  #column = 0;

  write(data: string): void {
    for (const [token, count, code] of data.matchAll(
      /\x1b\[([\d;]*)([A-Za-z])|[\s\S]/g,
    )) {
      const steps = Number(count || 1);
      if (code === "A") this.#row -= steps;
      else if (code === "C") this.#column += steps;
      else if (code === "J")
        this.#rows = [...this.#rows.slice(0, this.#row), this.#left()];
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
    this.#rows[this.#row] =
      row.slice(0, this.#column) + char + row.slice(this.#column + 1);
    this.#column++;
  }
}

/** Collects lines; `def` opens a block that a blank line ends, `wait` runs until it is stopped. */
class FakeInterpreter implements Interpreter {
  readonly pushed: string[] = [];
  discarded = 0;
  block = false;
  session!: Session;
  #stop: (() => void) | undefined;

  async push(line: string): Promise<LineResult> {
    this.pushed.push(line);
    this.block = line.startsWith("def") || (this.block && line !== "");
    if (line === "wait") {
      await new Promise<void>((done) => (this.#stop = done));
    }
    if (line.startsWith("print ")) {
      this.session.output(line.slice(6));
    }
    if (line === "crash") {
      throw new Error("bridge failed");
    }
    await tick();
    return {
      incomplete: this.block,
      error: line === "bad" ? "ValueError: bad" : undefined,
    };
  }
  discard(): void {
    this.discarded++;
    this.block = false;
  }
  interrupt(): void {
    this.#stop?.();
  }
  complete(text: string) {
    const words = ["format", "format_map", "find"].map((name) => `s.${name}`);
    const start = text.lastIndexOf(" ") + 1;
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

test("lines run in order, with the prompt that Python asks for", async () => {
  const { screen, interpreter, session } = setUp();
  session.input("def f():\r  1\r\rx\r");
  await settle();
  assert.deepEqual(interpreter.pushed, ["def f():", "  1", "", "x"]);
  assert.deepEqual(screen.lines, [
    ">>> def f():",
    "...   1",
    "... ",
    ">>> x",
    ">>> ",
  ]);
});

test("output without newline does not swallow the prompt", async () => {
  const { screen, session } = setUp();
  session.input("print a\r");
  await settle();
  assert.deepEqual(screen.lines, [">>> print a", "a", ">>> "]);
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
  assert.deepEqual(screen.lines, [
    "tick",
    `>>> ${"x".repeat(36)}`,
    "x".repeat(14),
  ]);
  session.input("Y");
  assert.deepEqual(screen.lines.slice(1), [
    `>>> ${"x".repeat(36)}`,
    `${"x".repeat(13)}Yx`,
  ]);
});

test("errors of Python and of the bridge leave a working prompt", async () => {
  const { screen, interpreter, session } = setUp();
  session.input("bad\rcrash\rok\r");
  await settle();
  assert.deepEqual(interpreter.pushed, ["bad", "crash", "ok"]);
  assert.deepEqual(screen.lines.slice(0, 4), [
    ">>> bad",
    "ValueError: bad",
    ">>> crash",
    "Error: bridge failed",
  ]);
});

test("Ctrl-C drops the line and the unfinished statement", async () => {
  const { screen, interpreter, session } = setUp();
  session.input("def f():\r");
  await settle();
  session.input("  retur\x03");
  await settle();
  assert.equal(interpreter.discarded, 1);
  assert.deepEqual(screen.lines, [">>> def f():", "...   retur^C", ">>> "]);
});

test("Ctrl-C while code runs interrupts it and drops what was typed ahead", async () => {
  const { interpreter, session } = setUp();
  session.input("wait\rnext\r");
  await settle();
  assert.deepEqual(interpreter.pushed, ["wait"]);
  session.input("\x03");
  await settle();
  session.input("after\r");
  await settle();
  assert.deepEqual(interpreter.pushed, ["wait", "after"]);
});

test("completion inserts the common part, then lists", () => {
  const { screen, session } = setUp();
  session.input("x = s.fo\t");
  assert.deepEqual(screen.lines, [">>> x = s.format"]);
  session.input("\t");
  assert.deepEqual(screen.lines, [
    "s.format      s.format_map",
    ">>> x = s.format",
  ]);
  session.input("_\t");
  assert.equal(screen.lines.at(-1), ">>> x = s.format_map");
  session.input(" + t.z\t");
  assert.equal(screen.lines.at(-1), ">>> x = s.format_map + t.z");
});

test("pasted lines run one by one; the last one waits in the editor", async () => {
  const { interpreter, session, screen } = setUp();
  session.input("\x1b[200~def f():\n  1\ng\nlast\x1b[201~");
  await settle();
  assert.deepEqual(interpreter.pushed, ["def f():", "  1", "", "g"]);
  assert.equal(screen.lines.at(-1), ">>> last");
  session.input("\x1b[D!\r");
  await settle();
  assert.equal(interpreter.pushed.at(-1), "las!t");
});

test("history holds submitted lines only", async () => {
  const { session, screen } = setUp();
  session.input("one\rtwo\x03");
  await settle();
  session.input("\x1b[A");
  assert.equal(screen.lines.at(-1), ">>> one");
});

test("clearing the screen keeps the line", () => {
  const { session, screen } = setUp();
  session.output("old\n");
  session.input("abc\x0c");
  assert.deepEqual(screen.lines, [">>> abc"]);
});

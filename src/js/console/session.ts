/**
 * One session at the prompt: keys in, escape sequences out, blocks to Python in order. Works on
 * anything that can be written to, so it is tested without a page.
 */

import { BlockEditor, type EditorRequest } from "./block_editor";
import type { History } from "./history";
import { type Input, KeyReader } from "./keys";
import {
  drawBlock,
  type Drawing,
  eraseDrawing,
  listInColumns,
  type Look,
  type Size,
} from "./layout";

/** The terminal, as far as a session needs it; its size is that of what has been written last. */
export interface Screen extends Readonly<Size> {
  write(data: string): void;
  clear(): void;
}

/** Pasted text: statements to be run, and what is left to be edited. */
export interface Pasted {
  statements: string[];
  rest: string;
}

/** The Python side, as far as a session needs it. */
export interface Interpreter {
  /** Says, without running anything, whether Enter behind the block adds a line to it. */
  wantsMore(block: string): boolean;
  /** Runs a block; the text of its error if it has one. */
  run(block: string): Promise<string | undefined>;
  /** Takes pasted text of several lines apart, without running anything. */
  split(text: string): Pasted;
  /** Stops code that waits for something. */
  interrupt(): void;
  /** Completions for the text before the cursor, and where in it they begin. */
  complete(text: string): { words: string[]; start: number };
}

const LOOK: Look = { prompt: ">>> ", continuation: "... ", style: "\x1b[1;32m" };
const ERROR_STYLE = "\x1b[31m";
const RESET = "\x1b[0m";

/** What waits for its turn: input, or a pasted statement. */
type Task = Input | { kind: "statement"; text: string };

/** Reads blocks at a prompt and runs them. */
export class Session {
  readonly #screen: Screen;
  readonly #interpreter: Interpreter;
  readonly #history: History;
  readonly #editor: BlockEditor;
  readonly #reader = new KeyReader();
  #queue: Task[] = [];
  #busy = false;
  /** How the input is drawn; undefined while there is no prompt. */
  #shown: Drawing | undefined;
  /** Output since its last newline. */
  #openLine = "";

  constructor(screen: Screen, interpreter: Interpreter, history: History) {
    this.#screen = screen;
    this.#interpreter = interpreter;
    this.#history = history;
    this.#editor = new BlockEditor(history);
  }

  /** Shows the first prompt. */
  start(): void {
    this.#draw();
  }

  /** Takes what the terminal sends. While code runs, it waits, except for Ctrl-C. */
  input(data: string): void {
    for (const input of this.#reader.read(data)) {
      if (this.#busy && input.kind === "key" && input.name === "cancel") {
        this.#queue = [];
        this.#interpreter.interrupt();
      } else {
        this.#queue.push(input);
      }
    }
    this.#drain();
  }

  /** Writes output of the program, above the input if there is any. */
  output(text: string, style = ""): void {
    if (text === "") {
      return;
    }
    this.#aside(() => {
      this.#screen.write(style === "" ? text : `${style}${text}${RESET}`);
      const line = this.#openLine + text;
      this.#openLine = line.slice(line.lastIndexOf("\n") + 1);
    });
  }

  /**
   * Changes the size of the terminal; the input is drawn anew.
   * @param change - does it, after what has been written so far
   */
  resize(change: () => void): void {
    this.#aside(change);
  }

  /** Writes an error message, in red unless it has colours of its own. */
  error(text: string): void {
    this.output(text, text.includes("\x1b[") ? "" : ERROR_STYLE);
  }

  /**
   * Asks for a line of input on behalf of the program; it is shown as if it were typed here.
   * @param prompt - gets the output that ends no line, which is what the program asks
   * @returns what `prompt` returned
   */
  ask(prompt: (question: string) => string | null): string | null {
    const answer = prompt(this.#openLine);
    if (answer !== null) {
      this.output(`${answer}\n`);
    }
    return answer;
  }

  #drain(): void {
    while (!this.#busy && this.#queue.length > 0) {
      try {
        this.#perform(this.#queue.shift()!);
      } catch (error) {
        // Of a bridge that works no more.
        this.error(`${String(error)}\n`);
      }
      if (!this.#busy) {
        this.#draw();
      }
    }
  }

  #perform(task: Task): void {
    switch (task.kind) {
      case "text":
        this.#editor.insert(task.text);
        break;
      case "paste":
        this.#paste(task.text);
        break;
      case "statement":
        this.#editor.setText(task.text);
        this.#submit();
        break;
      case "key":
        this.#handle(this.#editor.press(task.name));
        break;
    }
  }

  /** Inserts pasted text; what is complete in it and followed by more is run, as if it were typed. */
  #paste(text: string): void {
    const { tail } = this.#editor;
    this.#editor.paste(text);
    if (!text.includes("\n") || tail.trim() !== "") {
      return;
    }
    const { head } = this.#editor;
    const { statements, rest } = this.#interpreter.split(head);
    if (rest !== head) {
      this.#editor.setText("");
      this.#queue.unshift(
        ...statements.map((statement): Task => ({ kind: "statement", text: statement })),
        { kind: "text", text: rest },
      );
    }
  }

  #handle(request: EditorRequest | undefined): void {
    switch (request) {
      case "submit":
        if (this.#interpreter.wantsMore(this.#editor.text)) {
          this.#editor.newline();
        } else {
          this.#submit();
        }
        break;
      case "cancel":
        this.#leave("^C\n");
        break;
      case "complete":
        this.#complete();
        break;
      case "end-of-input":
        this.output("Reload the page to start again.\n");
        break;
      case "clear-screen":
        this.#erase();
        this.#screen.clear();
        break;
    }
  }

  #submit(): void {
    const block = this.#editor.text;
    this.#leave("\n");
    this.#history.add(block);
    this.#busy = true;
    void this.#run(block);
  }

  async #run(block: string): Promise<void> {
    try {
      const error = await this.#interpreter.run(block);
      if (error !== undefined) {
        this.error(error.endsWith("\n") ? error : `${error}\n`);
      }
    } catch (error) {
      this.error(`${String(error)}\n`);
    }
    this.#busy = false;
    this.#draw();
    this.#drain();
  }

  /** Leaves the whole block on the screen as it is and starts an empty one. */
  #leave(ending: string): void {
    this.#editor.moveToEnd();
    this.#draw({ columns: this.#screen.columns, rows: Infinity });
    this.#shown = undefined;
    this.#editor.setText("");
    this.#history.rewind();
    this.#screen.write(ending);
  }

  #complete(): void {
    const { head } = this.#editor;
    const { words, start } = this.#interpreter.complete(head);
    const typed = head.slice(start);
    const common = commonPrefix(words);
    if (common.length > typed.length) {
      this.#editor.replaceBefore(typed.length, common);
    } else if (words.length > 1) {
      this.output(listInColumns(words, this.#screen.columns));
    }
  }

  /** Does something to the screen without the input, if there is any, in its way. */
  #aside(change: () => void): void {
    const editing = this.#shown !== undefined;
    this.#erase();
    change();
    if (editing) {
      this.#draw();
    }
  }

  #erase(): void {
    if (this.#shown !== undefined) {
      this.#screen.write(eraseDrawing(this.#shown));
      this.#shown = undefined;
    }
  }

  #draw(size: Readonly<Size> = this.#screen): void {
    this.#erase();
    if (this.#openLine !== "") {
      this.#screen.write("\n");
      this.#openLine = "";
    }
    this.#shown = drawBlock(this.#editor, LOOK, size);
    this.#screen.write(this.#shown.output);
  }
}

/** The longest text that all words begin with. */
function commonPrefix(words: readonly string[]): string {
  const [first = "", ...others] = words;
  let size = first.length;
  for (const word of others) {
    while (!word.startsWith(first.slice(0, size))) {
      size--;
    }
  }
  return first.slice(0, size);
}

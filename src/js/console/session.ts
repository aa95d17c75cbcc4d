/**
 * One session at the prompt: keys in, escape sequences out, lines to Python in order. Works on
 * anything that can be written to, so it is tested without a page.
 */

import type { History } from "./history";
import { type Input, KeyReader } from "./keys";
import { drawLine, eraseLine, listInColumns, type Shown } from "./layout";
import { type EditorRequest, LineEditor } from "./line_editor";
import { linesForPrompt } from "./paste";

/** The terminal, as far as a session needs it. */
export interface Screen {
  readonly columns: number;
  write(data: string): void;
  clear(): void;
}

/** Outcome of a line: whether Python wants more lines, and the error text if there is one. */
export interface LineResult {
  incomplete: boolean;
  error: string | undefined;
}

/** The Python side, as far as a session needs it. */
export interface Interpreter {
  /** Runs a line, or takes it as part of a longer statement. */
  push(line: string): Promise<LineResult>;
  /** Forgets the lines of an unfinished statement. */
  discard(): void;
  /** Stops code that waits for something. */
  interrupt(): void;
  /** Completions for the text before the cursor, and where in it they begin. */
  complete(text: string): { words: string[]; start: number };
}

const PRIMARY = ">>> ";
const CONTINUATION = "... ";
const PROMPT_STYLE = "\x1b[1;32m";
const ERROR_STYLE = "\x1b[31m";
const RESET = "\x1b[0m";

/** Reads lines at a prompt and runs them. */
export class Session {
  readonly #screen: Screen;
  readonly #interpreter: Interpreter;
  readonly #history: History;
  readonly #editor: LineEditor;
  readonly #reader = new KeyReader();
  #queue: Input[] = [];
  #prompt = PRIMARY;
  #busy = false;
  /** What is drawn of the input line; undefined while there is no prompt. */
  #shown: Shown | undefined;
  /** Output since its last newline. */
  #openLine = "";

  constructor(screen: Screen, interpreter: Interpreter, history: History) {
    this.#screen = screen;
    this.#interpreter = interpreter;
    this.#history = history;
    this.#editor = new LineEditor(history);
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
    void this.#drain();
  }

  /** Writes output of the program, above the input line if there is one. */
  output(text: string, style = ""): void {
    if (text === "") {
      return;
    }
    const editing = this.#shown !== undefined;
    this.#erase();
    this.#screen.write(style === "" ? text : `${style}${text}${RESET}`);
    const line = this.#openLine + text;
    this.#openLine = line.slice(line.lastIndexOf("\n") + 1);
    if (editing) {
      this.#draw();
    }
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

  async #drain(): Promise<void> {
    while (!this.#busy && this.#queue.length > 0) {
      const input = this.#queue.shift()!;
      if (input.kind === "text") {
        this.#editor.insert(input.text);
        this.#draw();
      } else if (input.kind === "paste") {
        this.#paste(input.text);
      } else {
        await this.#handle(this.#editor.press(input.name));
      }
    }
  }

  /** Inserts pasted text; each complete line in it is run as if it were typed. */
  #paste(text: string): void {
    const { head } = this.#editor;
    const tail = this.#editor.text.slice(head.length);
    const lines = text.includes("\n") ? linesForPrompt(head + text) : [head + text];
    const last = lines.pop()!;
    this.#queue.unshift(
      ...lines.flatMap((line): Input[] => [
        { kind: "text", text: line },
        { kind: "key", name: "enter" },
      ]),
      { kind: "text", text: last + tail },
    );
    this.#editor.setText("");
  }

  async #handle(request: EditorRequest | undefined): Promise<void> {
    switch (request) {
      case "submit":
        await this.#submit();
        break;
      case "cancel":
        this.#leaveLine("^C\n");
        this.#interpreter.discard();
        this.#prompt = PRIMARY;
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
    this.#draw();
  }

  async #submit(): Promise<void> {
    const line = this.#editor.text;
    this.#leaveLine("\n");
    this.#history.add(line);
    this.#busy = true;
    try {
      const { incomplete, error } = await this.#interpreter.push(line);
      this.#prompt = incomplete ? CONTINUATION : PRIMARY;
      if (error !== undefined) {
        this.error(error.endsWith("\n") ? error : `${error}\n`);
      }
    } catch (error) {
      this.#prompt = PRIMARY;
      this.error(`${String(error)}\n`);
    } finally {
      this.#busy = false;
    }
  }

  /** Leaves the line on the screen as it is and starts an empty one. */
  #leaveLine(ending: string): void {
    this.#editor.press("end");
    this.#draw();
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

  #erase(): void {
    if (this.#shown !== undefined) {
      this.#screen.write(eraseLine(this.#shown, this.#screen.columns));
      this.#shown = undefined;
    }
  }

  #draw(): void {
    this.#erase();
    if (this.#openLine !== "") {
      this.#screen.write("\n");
      this.#openLine = "";
    }
    const { text, head } = this.#editor;
    this.#shown = { prompt: this.#prompt, text, head };
    this.#screen.write(drawLine(this.#shown, this.#screen.columns, PROMPT_STYLE));
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

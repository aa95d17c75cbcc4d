/**
 * Editing one input line: text, cursor, history. Knows nothing of a screen.
 */

import type { History } from "./history";
import type { KeyName } from "./keys";

/** What a key asks of the surroundings of the editor. */
export type EditorRequest = "submit" | "cancel" | "complete" | "end-of-input" | "clear-screen";

const INDENT = "    ";
const WORD = /[\p{L}\p{N}_]/u;

/** A line of text with a cursor; positions count code points. */
export class LineEditor {
  readonly #history: History;
  #chars: string[] = [];
  #cursor = 0;

  /** @param history - lines for Up and Down */
  constructor(history: History) {
    this.#history = history;
  }

  /** The whole line. */
  get text(): string {
    return this.#chars.join("");
  }

  /** The part before the cursor. */
  get head(): string {
    return this.#chars.slice(0, this.#cursor).join("");
  }

  /** Replaces the line; the cursor goes to its end. */
  setText(text: string): void {
    this.#chars = Array.from(text);
    this.#cursor = this.#chars.length;
  }

  /** Inserts text at the cursor. */
  insert(text: string): void {
    const chars = Array.from(text);
    this.#chars.splice(this.#cursor, 0, ...chars);
    this.#cursor += chars.length;
  }

  /** Replaces the last `count` code units before the cursor. */
  replaceBefore(count: number, text: string): void {
    const head = this.head;
    const tail = this.#chars.slice(this.#cursor);
    const start = Array.from(head.slice(0, head.length - count) + text);
    this.#chars = [...start, ...tail];
    this.#cursor = start.length;
  }

  /** Applies a key; returns what the surroundings have to do, if anything. */
  press(key: KeyName): EditorRequest | undefined {
    switch (key) {
      case "enter":
        return "submit";
      case "cancel":
      case "clear-screen":
        return key;
      case "end-of-input":
        if (this.#chars.length === 0) {
          return "end-of-input";
        }
        this.#remove(this.#cursor, this.#cursor + 1);
        return undefined;
      case "tab":
        if (this.head.trim() !== "") {
          return "complete";
        }
        this.insert(INDENT);
        return undefined;
      default:
        this.#edit(key);
        return undefined;
    }
  }

  #edit(key: KeyName): void {
    switch (key) {
      case "backspace":
        this.#backspace();
        break;
      case "delete":
        this.#remove(this.#cursor, this.#cursor + 1);
        break;
      case "kill-end":
        this.#remove(this.#cursor, this.#chars.length);
        break;
      case "kill-start":
        this.#remove(0, this.#cursor);
        break;
      case "kill-word":
        this.#remove(this.#wordLeft(), this.#cursor);
        break;
      case "up":
        this.#recall(-1);
        break;
      case "down":
        this.#recall(1);
        break;
      default:
        this.#move(key);
    }
  }

  #move(key: KeyName): void {
    switch (key) {
      case "left":
        this.#cursor = Math.max(0, this.#cursor - 1);
        break;
      case "right":
        this.#cursor = Math.min(this.#chars.length, this.#cursor + 1);
        break;
      case "home":
        this.#cursor = 0;
        break;
      case "end":
        this.#cursor = this.#chars.length;
        break;
      case "word-left":
        this.#cursor = this.#wordLeft();
        break;
      case "word-right":
        this.#cursor = this.#wordRight();
        break;
    }
  }

  #remove(start: number, end: number): void {
    this.#chars.splice(start, end - start);
    this.#cursor = start;
  }

  /** Deletes one character, or one level of indentation at the start of the line. */
  #backspace(): void {
    const { head } = this;
    const isIndent = head !== "" && head.replaceAll(" ", "") === "";
    const size = isIndent ? head.length % INDENT.length || INDENT.length : 1;
    this.#remove(Math.max(0, this.#cursor - size), this.#cursor);
  }

  #recall(by: -1 | 1): void {
    const line = this.#history.step(by, this.text);
    if (line !== undefined) {
      this.setText(line);
    }
  }

  #wordLeft(): number {
    let at = this.#cursor;
    while (at > 0 && !WORD.test(this.#chars[at - 1]!)) at--;
    while (at > 0 && WORD.test(this.#chars[at - 1]!)) at--;
    return at;
  }

  #wordRight(): number {
    let at = this.#cursor;
    while (at < this.#chars.length && !WORD.test(this.#chars[at]!)) at++;
    while (at < this.#chars.length && WORD.test(this.#chars[at]!)) at++;
    return at;
  }
}

/**
 * Editing the input of one prompt, a block of one or more lines: text, cursor, history. Knows nothing
 * of a screen.
 */

import type { History } from "./history";
import type { KeyName } from "./keys";

/** What a key asks of the surroundings of the editor. */
export type EditorRequest = "submit" | "cancel" | "complete" | "end-of-input" | "clear-screen";

const INDENT = "    ";
const WORD = /[\p{L}\p{N}_]/u;
/** A line up to its comment, or up to a string that does not end in it. */
const CODE = /^(?:[^#"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*/;

/** A block of text with a cursor; positions count code points. */
export class BlockEditor {
  readonly #history: History;
  #chars: string[] = [];
  #cursor = 0;
  /** Column that Up and Down keep to, also past shorter lines. */
  #goal: number | undefined;

  /** @param history - blocks for Up and Down */
  constructor(history: History) {
    this.#history = history;
  }

  /** The whole block. */
  get text(): string {
    return this.#chars.join("");
  }

  /** The part before the cursor. */
  get head(): string {
    return this.#chars.slice(0, this.#cursor).join("");
  }

  /** The part after the cursor. */
  get tail(): string {
    return this.#chars.slice(this.#cursor).join("");
  }

  /** Replaces the block; the cursor goes to its end. */
  setText(text: string): void {
    this.#chars = Array.from(text);
    this.moveToEnd();
  }

  /** Puts the cursor behind the last line. */
  moveToEnd(): void {
    this.#moveTo(this.#chars.length);
  }

  /** Inserts text at the cursor. */
  insert(text: string): void {
    const chars = Array.from(text);
    this.#chars = [
      ...this.#chars.slice(0, this.#cursor),
      ...chars,
      ...this.#chars.slice(this.#cursor),
    ];
    this.#moveTo(this.#cursor + chars.length);
  }

  /** Begins a new line, indented as this one, or one level deeper after a colon. */
  newline(): void {
    const line = this.#lineHead;
    const deeper = CODE.exec(line)![0].trimEnd().endsWith(":");
    this.insert(`\n${/^[ \t]*/.exec(line)![0]}${deeper ? INDENT : ""}`);
  }

  /** Inserts text from elsewhere; its own indentation takes the place of one that is already there. */
  paste(text: string): void {
    const line = this.#lineHead;
    if (/^[ \t]/.test(text) && line.trim() === "") {
      this.replaceBefore(line.length, text);
    } else {
      this.insert(text);
    }
  }

  /** Replaces the last `count` code units before the cursor. */
  replaceBefore(count: number, text: string): void {
    const { head, tail } = this;
    const start = head.slice(0, head.length - count) + text;
    this.setText(start + tail);
    this.#moveTo(Array.from(start).length);
  }

  /** Applies a key; returns what the surroundings have to do, if anything. */
  press(key: KeyName): EditorRequest | undefined {
    switch (key) {
      case "enter":
        if (this.tail.includes("\n") && this.tail.trim() !== "") {
          this.newline();
          return undefined;
        }
        return "submit";
      case "newline":
        this.newline();
        return undefined;
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
        if (this.#lineHead.trim() !== "") {
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
        // At the end of a line, its line break.
        this.#remove(this.#cursor, Math.max(this.#lineEnd(this.#cursor), this.#cursor + 1));
        break;
      case "kill-start":
        this.#remove(this.#lineStart(this.#cursor), this.#cursor);
        break;
      case "kill-word":
        this.#remove(this.#wordLeft(), this.#cursor);
        break;
      case "up":
        this.#moveUp();
        break;
      case "down":
        this.#moveDown();
        break;
      default:
        this.#move(key);
    }
  }

  #move(key: KeyName): void {
    switch (key) {
      case "left":
        this.#moveTo(Math.max(0, this.#cursor - 1));
        break;
      case "right":
        this.#moveTo(Math.min(this.#chars.length, this.#cursor + 1));
        break;
      case "home":
        this.#moveTo(this.#lineStart(this.#cursor));
        break;
      case "end":
        this.#moveTo(this.#lineEnd(this.#cursor));
        break;
      case "word-left":
        this.#moveTo(this.#wordLeft());
        break;
      case "word-right":
        this.#moveTo(this.#wordRight());
        break;
    }
  }

  #moveTo(place: number): void {
    this.#cursor = place;
    this.#goal = undefined;
  }

  #remove(start: number, end: number): void {
    this.#chars.splice(start, end - start);
    this.#moveTo(start);
  }

  /** Deletes one character, or one level of indentation at the start of the line. */
  #backspace(): void {
    const { length } = this.#lineHead;
    const isIndent = length > 0 && this.#lineHead.replaceAll(" ", "") === "";
    const size = isIndent ? length % INDENT.length || INDENT.length : 1;
    this.#remove(Math.max(0, this.#cursor - size), this.#cursor);
  }

  #moveUp(): void {
    const start = this.#lineStart(this.#cursor);
    if (start === 0) {
      this.#recall(-1);
    } else {
      this.#moveToGoal(start, this.#lineStart(start - 1));
    }
  }

  #moveDown(): void {
    const end = this.#lineEnd(this.#cursor);
    if (end === this.#chars.length) {
      this.#recall(1);
    } else {
      this.#moveToGoal(this.#lineStart(this.#cursor), end + 1);
    }
  }

  /** Moves from the line that begins at `from` to the one that begins at `to`. */
  #moveToGoal(from: number, to: number): void {
    const goal = this.#goal ?? this.#cursor - from;
    this.#cursor = Math.min(to + goal, this.#lineEnd(to));
    this.#goal = goal;
  }

  #recall(by: -1 | 1): void {
    const block = this.#history.step(by, this.text);
    if (block !== undefined) {
      this.setText(block);
    }
  }

  /** The part of the cursor's line before the cursor. */
  get #lineHead(): string {
    return this.#chars.slice(this.#lineStart(this.#cursor), this.#cursor).join("");
  }

  #lineStart(place: number): number {
    // With a start of -1 lastIndexOf would count from the end.
    return place === 0 ? 0 : this.#chars.lastIndexOf("\n", place - 1) + 1;
  }

  #lineEnd(place: number): number {
    const end = this.#chars.indexOf("\n", place);
    return end < 0 ? this.#chars.length : end;
  }

  /** The word's start before the cursor in its line; at the start of a line the end of the one above. */
  #wordLeft(): number {
    const start = this.#lineStart(this.#cursor);
    let at = this.#cursor;
    while (at > start && !WORD.test(this.#chars[at - 1]!)) at--;
    while (at > start && WORD.test(this.#chars[at - 1]!)) at--;
    return this.#cursor === start ? Math.max(0, start - 1) : at;
  }

  /** The word's end after the cursor in its line; at the end of a line the start of the one below. */
  #wordRight(): number {
    const end = this.#lineEnd(this.#cursor);
    let at = this.#cursor;
    while (at < end && !WORD.test(this.#chars[at]!)) at++;
    while (at < end && WORD.test(this.#chars[at]!)) at++;
    return this.#cursor === end ? Math.min(this.#chars.length, end + 1) : at;
  }
}

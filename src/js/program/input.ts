/**
 * Standard input, read by the main thread when the interpreter's asks for it, so that a signal
 * can end its wait. On a terminal, lines are edited.
 */

import { read } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import type { Channel, ReadRequest } from "./channel";

/** Answers the reads of the interpreter's thread. */
export interface Input {
  request(what: ReadRequest): void;
  /** Puts the terminal back as it was. */
  close(): void;
}

/** Bytes as they come, from a pipe or from a terminal that edits lines itself. */
export class PlainInput implements Input {
  readonly #channel: Channel;
  readonly #buffer: Buffer;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#buffer = Buffer.alloc(channel.data.length);
  }

  request(): void {
    read(0, this.#buffer, 0, this.#buffer.length, null, (error, count) => {
      const { code } = error ?? {};
      if (code === "EAGAIN") {
        setTimeout(() => this.request(), 10);
      } else if (code === "EOF") {
        this.#channel.answer(new Uint8Array(0));
      } else {
        this.#channel.answer(error === null ? this.#buffer.subarray(0, count) : null);
      }
    });
  }

  close(): void {}
}

/** Lines that are edited, with a history. */
export class EditedInput implements Input {
  readonly #channel: Channel;
  readonly #interrupt: () => void;
  #editor: Interface | undefined;
  #history: string[] = [];
  /** Bytes of lines that were pasted together with the one that was asked for. */
  #waiting: Buffer = Buffer.alloc(0);
  #asked = false;

  /**
   * @param channel - where the answers go
   * @param interrupt - called for Ctrl-C, which the terminal does not make a signal while a line is edited
   */
  constructor(channel: Channel, interrupt: () => void) {
    this.#channel = channel;
    this.#interrupt = interrupt;
  }

  request({ prompt }: ReadRequest): void {
    this.#asked = true;
    if (this.#waiting.length > 0) {
      this.#deliver();
      return;
    }
    const editor = (this.#editor ??= this.#open());
    process.stdin.setRawMode(true);
    editor.setPrompt(prompt);
    editor.resume();
    editor.prompt();
  }

  close(): void {
    this.#editor?.close();
    process.stdin.setRawMode(false);
  }

  #open(): Interface {
    const editor = createInterface({
      input: process.stdin,
      output: process.stdout.isTTY ? process.stdout : process.stderr,
      terminal: true,
      history: this.#history,
      historySize: 1000,
    });
    editor.on("history", (lines) => (this.#history = lines));
    editor.on("line", (line) => {
      this.#waiting = Buffer.concat([this.#waiting, Buffer.from(`${line}\n`)]);
      this.#deliver();
    });
    editor.on("SIGINT", () => {
      this.#asked = false;
      this.#drop(editor);
      this.#interrupt();
    });
    editor.on("close", () => {
      if (this.#editor !== editor) {
        return;
      }
      this.#editor = undefined;
      process.stdin.setRawMode(false);
      if (this.#asked) {
        // Ctrl-D on an empty line.
        this.#asked = false;
        this.#channel.answer(new Uint8Array(0));
      }
    });
    return editor;
  }

  #drop(editor: Interface): void {
    this.#editor = undefined;
    editor.close();
    process.stdin.setRawMode(false);
  }

  /** Answers with as much as fits, and hands the terminal back while Python works. */
  #deliver(): void {
    if (!this.#asked) {
      return;
    }
    this.#asked = false;
    this.#editor?.pause();
    process.stdin.setRawMode(false);
    // One line at a time, as a terminal gives them.
    const end = Math.min(this.#waiting.indexOf("\n") + 1, this.#channel.data.length);
    const line = this.#waiting.subarray(0, end);
    this.#waiting = this.#waiting.subarray(end);
    this.#channel.answer(line);
  }
}

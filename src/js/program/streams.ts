/**
 * Descriptors 0 to 2 of the process, for the interpreter's thread. Output is written at once;
 * input comes through the main thread, but from a file, which never keeps a reader waiting.
 */

import { fstatSync, readSync, writeSync } from "node:fs";
import { Writable } from "node:stream";
import { isatty } from "node:tty";
import type { DefaultStreams } from "../host/host";
import { type Channel, type ReadRequest, Word } from "./channel";

const RETRY_MS = 5;
/** A longer line before the input is no prompt. */
const LONGEST_PROMPT = 4096;

/** A stream of Node's over a descriptor, in order with what Python writes. */
export function nodeStream(fd: 1 | 2): Writable {
  return new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      for (let written = 0; written < chunk.length;) {
        try {
          written += writeSync(fd, chunk, written);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EAGAIN") {
            done(error as Error);
            return;
          }
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
        }
      }
      done();
    },
  });
}

/** Remembers the line that is being written to the terminal: a prompt, when input follows. */
class PromptKeeper {
  #line = Buffer.alloc(0);

  add(bytes: Uint8Array): void {
    const start = bytes.lastIndexOf(10) + 1;
    const rest = bytes.subarray(start);
    const line = start > 0 ? Buffer.from(rest) : Buffer.concat([this.#line, rest]);
    this.#line = line.length > LONGEST_PROMPT ? Buffer.alloc(0) : line;
  }

  take(): string {
    const line = this.#line.toString();
    this.#line = Buffer.alloc(0);
    return line;
  }
}

/** Rows and columns of the terminal. */
export function windowSize({ words }: Channel): [rows: number, columns: number] {
  return [Atomics.load(words, Word.Rows), Atomics.load(words, Word.Columns)];
}

/**
 * Builds the streams.
 *
 * @param channel - to the main thread
 * @param ask - sends a request to it
 * @param edits - whether lines are edited there
 */
export function processStreams(
  channel: Channel,
  ask: (request: ReadRequest) => void,
  edits: boolean,
): DefaultStreams {
  const terminals = [0, 1, 2].map((fd) => isatty(fd));
  const prompt = new PromptKeeper();
  let inputIsFile = false;
  try {
    inputIsFile = fstatSync(0).isFile();
  } catch {
    // Reading it will tell Python what is wrong.
  }
  let waiting = new Uint8Array(0);
  let underWay = false;

  function readFromMain(buffer: Uint8Array): number {
    if (waiting.length === 0) {
      if (!underWay) {
        underWay = true;
        ask({ prompt: prompt.take() });
      }
      const answer = channel.awaitAnswer();
      if (answer === undefined) {
        // An edited line has been given up; other reads go on.
        underWay = !edits;
        throw Object.assign(new Error("interrupted"), { code: "EINTR" });
      }
      underWay = false;
      waiting = answer;
    }
    const count = Math.min(buffer.length, waiting.length);
    buffer.set(waiting.subarray(0, count));
    waiting = waiting.subarray(count);
    return count;
  }

  return {
    read: (buffer) => (inputIsFile ? readSync(0, buffer) : readFromMain(buffer)),
    write(fd, bytes) {
      const count = writeSync(fd, bytes);
      if (terminals[fd]) {
        prompt.add(bytes.subarray(0, count));
      }
      return count;
    },
    flush() {},
    isatty: (fd) => terminals[fd]!,
  };
}

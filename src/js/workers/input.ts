/**
 * Lines of standard input in memory that page and worker share. The worker sleeps until the page has
 * answered; the page never waits.
 */

import { packError, unpackError } from "./errors";
import type { PackedError } from "./protocol";

const enum State {
  Idle,
  /** The worker sleeps. */
  Asked,
  /** The page writes. */
  Writing,
  /** A part of the answer lies there. */
  Text,
  /** The page has no more input. */
  End,
  /** The text is JSON of a packed error. */
  Failed,
  /** A signal has come. */
  Interrupted,
}

const enum Word {
  State,
  /** Number of the question, for answers that come too late. */
  Turn,
  /** Bytes of this part. */
  Length,
  /** Bytes that are left after it. */
  Rest,
  Count,
}

const HEADER = Word.Count * Int32Array.BYTES_PER_ELEMENT;
/** Bytes of a part; longer lines come in several. */
const ROOM = 1 << 16;

/** What the worker gets. */
export type Answer =
  | { kind: "line"; text: string }
  | { kind: "end" }
  | { kind: "error"; error: Error }
  | { kind: "interrupted" };

/** The memory that both sides need. */
export function makeInputMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER + ROOM);
}

class Memory {
  protected readonly words: Int32Array;
  protected readonly room: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory, 0, Word.Count);
    this.room = new Uint8Array(memory, HEADER);
  }
}

/** The worker's end. */
export class SharedInput extends Memory {
  /**
   * Sleeps until the page has answered.
   * @param ask - sends the question with this number; called again for each further part
   * @param signalPending - whether a signal came before the worker slept
   */
  read(ask: (turn: number) => void, signalPending: () => boolean): Answer {
    const turn = Atomics.add(this.words, Word.Turn, 1) + 1;
    const parts: Uint8Array[] = [];
    for (;;) {
      Atomics.store(this.words, Word.State, State.Asked);
      if (signalPending()) {
        Atomics.store(this.words, Word.State, State.Idle);
        return { kind: "interrupted" };
      }
      ask(turn);
      for (;;) {
        const state = Atomics.load(this.words, Word.State);
        if (state !== State.Asked && state !== State.Writing) break;
        Atomics.wait(this.words, Word.State, state);
      }
      const state = Atomics.exchange(this.words, Word.State, State.Idle);
      if (state === State.End) return { kind: "end" };
      if (state === State.Interrupted) return { kind: "interrupted" };
      // Copied, for TextDecoder refuses memory that is shared.
      parts.push(this.room.slice(0, Atomics.load(this.words, Word.Length)));
      if (Atomics.load(this.words, Word.Rest) > 0) continue;
      const text = decode(parts);
      if (state !== State.Failed) return { kind: "line", text };
      return { kind: "error", error: unpackError(JSON.parse(text) as PackedError) };
    }
  }
}

function decode(parts: Uint8Array[]): string {
  const decoder = new TextDecoder();
  const texts = parts.map((part) => decoder.decode(part, { stream: true }));
  return texts.join("") + decoder.decode();
}

/** The page's end. */
export class InputAnswers extends Memory {
  #turn = 0;
  #rest = new Uint8Array(0);
  #failed = false;

  /**
   * Serves a question of the worker.
   * @param turn - its number
   * @param ask - gives a line, or null at the end of input
   */
  async serve(turn: number, ask: () => unknown): Promise<void> {
    // The same number again: the worker wants the rest of a long line.
    if (turn === this.#turn) return this.#write();
    this.#turn = turn;
    try {
      const line = await ask();
      if (line === null || line === undefined) return this.#finish(turn, State.End);
      if (typeof line !== "string") {
        throw new TypeError(`stdin must return a string, or null at its end, not ${typeof line}`);
      }
      this.#rest = new TextEncoder().encode(line);
      this.#failed = false;
    } catch (error) {
      this.#rest = new TextEncoder().encode(JSON.stringify(packError(error)));
      this.#failed = true;
    }
    if (turn === this.#turn) this.#write();
  }

  /** Wakes a worker that waits for an answer. The signal must be there before. */
  interrupt(): void {
    const { words } = this;
    if (
      Atomics.compareExchange(words, Word.State, State.Asked, State.Interrupted) === State.Asked
    ) {
      Atomics.notify(words, Word.State);
    }
  }

  #begin(turn: number): boolean {
    return (
      Atomics.load(this.words, Word.Turn) === turn &&
      Atomics.compareExchange(this.words, Word.State, State.Asked, State.Writing) === State.Asked
    );
  }

  #finish(turn: number, state: State): void {
    if (this.#begin(turn)) this.#wake(state);
  }

  #wake(state: State): void {
    Atomics.store(this.words, Word.State, state);
    Atomics.notify(this.words, Word.State);
  }

  #write(): void {
    if (!this.#begin(this.#turn)) return;
    const part = this.#rest.subarray(0, ROOM);
    this.#rest = this.#rest.subarray(part.length);
    this.room.set(part);
    Atomics.store(this.words, Word.Length, part.length);
    Atomics.store(this.words, Word.Rest, this.#rest.length);
    this.#wake(this.#failed ? State.Failed : State.Text);
  }
}

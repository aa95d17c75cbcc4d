/**
 * The memory that the two threads of the program share: the main thread, which gets signals and
 * input, and the interpreter's, which waits for them.
 */

/** Indices into {@link Channel.words}. */
export const enum Word {
  /** Number of a signal that Python is to handle; Python sets it back to 0. */
  Signal = 0,
  /** Counts events; the interpreter's thread sleeps on it. */
  Wake = 1,
  /** Whether an answer to a read lies in {@link Channel.data}. */
  Answered = 2,
  /** Number of bytes of the answer, or minus one for an error. */
  Count = 3,
  /** Rows and columns of the terminal. */
  Rows = 4,
  Columns = 5,
  /** 1 when the program ends because of a signal that Python has not handled. */
  KilledBySignal = 6,
}

const WORDS = 8;
const DATA_SIZE = 1 << 16;
const SIGINT = 2;

/** Asks for input; `prompt` is what stands on the line of the terminal where it is typed. */
export interface ReadRequest {
  prompt: string;
}

/** What the interpreter's thread is started with. */
export interface WorkerData {
  memory: SharedArrayBuffer;
  /** `sys.executable`: the path by which the program was called. */
  executable: string;
  /** The folder of the distribution. */
  folder: string;
  args: string[];
  /** Whether lines are edited on a terminal. */
  edits: boolean;
}

/** A view of the shared memory. */
export class Channel {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly data: Uint8Array<SharedArrayBuffer>;

  /** @param memory - of the other thread's channel; a new one by default */
  constructor(
    readonly memory = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT + DATA_SIZE),
  ) {
    this.words = new Int32Array(memory, 0, WORDS);
    this.data = new Uint8Array(memory, WORDS * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Wakes the interpreter's thread. */
  #wake(): void {
    Atomics.add(this.words, Word.Wake, 1);
    Atomics.notify(this.words, Word.Wake);
  }

  /**
   * Leaves an interrupt for Python.
   * @returns false if Python has not taken the last one yet
   */
  interrupt(): boolean {
    const taken = Atomics.exchange(this.words, Word.Signal, SIGINT) === 0;
    // Sleeping Python waits for this word.
    Atomics.notify(this.words, Word.Signal);
    this.#wake();
    return taken;
  }

  /** Answers a read with bytes that fit into `data`; none at the end of input, null for an error. */
  answer(bytes: Uint8Array | null): void {
    if (bytes !== null) {
      this.data.set(bytes);
    }
    Atomics.store(this.words, Word.Count, bytes === null ? -1 : bytes.length);
    Atomics.store(this.words, Word.Answered, 1);
    this.#wake();
  }

  /**
   * Sleeps until a read is answered.
   * @returns the bytes, or undefined when a signal came first and the read is still under way
   * @throws Error with a `code` if the read failed
   */
  awaitAnswer(): Uint8Array<ArrayBuffer> | undefined {
    for (;;) {
      const seen = Atomics.load(this.words, Word.Wake);
      if (Atomics.exchange(this.words, Word.Answered, 0) === 1) {
        const count = Atomics.load(this.words, Word.Count);
        if (count < 0) {
          throw Object.assign(new Error("standard input cannot be read"), { code: "EIO" });
        }
        return new Uint8Array(this.data.subarray(0, count));
      }
      if (Atomics.load(this.words, Word.Signal) !== 0) {
        return undefined;
      }
      Atomics.wait(this.words, Word.Wake, seen);
    }
  }
}

/**
 * Turns a stream of UTF-8 bytes into calls with one line each.
 */

const NEWLINE = 10;

/** Collects bytes and hands on complete lines without their newline. */
export class LineDecoder {
  readonly #sink: (line: string) => void;
  #held: Uint8Array[] = [];

  /** @param sink - called once a line */
  constructor(sink: (line: string) => void) {
    this.#sink = sink;
  }

  /**
   * Adds bytes; they are copied if they have to be kept.
   * @returns how many it has taken: not all when the sink fails at a later line, which is then left
   * for the next call
   * @throws what the sink throws at the first line; no byte is taken then
   */
  write(bytes: Uint8Array): number {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      try {
        this.#emit(bytes.subarray(start, end));
      } catch (error) {
        if (start > 0) return start;
        throw error;
      }
      start = end + 1;
    }
    if (start < bytes.length) {
      this.#held.push(bytes.slice(start));
    }
    return bytes.length;
  }

  /** Hands on an unfinished line, if there is one. */
  flush(): void {
    if (this.#held.length > 0) {
      this.#emit(new Uint8Array(0));
    }
  }

  /** The unfinished line. */
  get unfinished(): string {
    return decodeLine(this.#held);
  }

  /** Hands on the line that ends with `last`; what is held is kept if the sink fails. */
  #emit(last: Uint8Array): void {
    this.#sink(decodeLine([...this.#held, last]));
    this.#held = [];
  }
}

function decodeLine(pieces: readonly Uint8Array[]): string {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parts = pieces.map((piece) => decoder.decode(piece, { stream: true }));
  // Consoles and terminals stop at a NUL, so it is dropped.
  return (parts.join("") + decoder.decode()).replaceAll("\0", "");
}

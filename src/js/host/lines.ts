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

  /** Adds bytes; they are copied if they have to be kept. */
  write(bytes: Uint8Array): void {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#held.push(bytes.subarray(start, end));
      this.#emit();
      start = end + 1;
    }
    if (start < bytes.length) {
      this.#held.push(bytes.slice(start));
    }
  }

  /** Hands on an unfinished line, if there is one. */
  flush(): void {
    if (this.#held.length > 0) {
      this.#emit();
    }
  }

  #emit(): void {
    const size = this.#held.reduce((sum, piece) => sum + piece.length, 0);
    const line = new Uint8Array(size);
    let at = 0;
    for (const piece of this.#held) {
      line.set(piece, at);
      at += piece.length;
    }
    this.#held = [];
    // Consoles and terminals stop at a NUL, so it is dropped.
    this.#sink(new TextDecoder("utf-8", { ignoreBOM: true }).decode(line).replaceAll("\0", ""));
  }
}

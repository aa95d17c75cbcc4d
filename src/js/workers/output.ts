/** What Python writes, as text; a character may come in several pieces. */

type Stream = "stdout" | "stderr";

/** Decodes both streams. */
export class OutputText {
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  readonly #sink: (stream: Stream, text: string) => void;
  #line = "";

  /** @param sink - called with each piece of text */
  constructor(sink: (stream: Stream, text: string) => void) {
    this.#sink = sink;
  }

  /** What stands on the last line of standard output: the question that `input()` asks. */
  get lastLine(): string {
    return this.#line;
  }

  /** Takes all bytes; their number. */
  write(stream: Stream, bytes: Uint8Array): number {
    const text = this.#decoders[stream].decode(bytes, { stream: true });
    if (text !== "") this.#emit(stream, text);
    return bytes.length;
  }

  /** Takes a line without its end. */
  line(stream: Stream, line: string): void {
    this.#emit(stream, `${line}\n`);
  }

  #emit(stream: Stream, text: string): void {
    const end = text.lastIndexOf("\n");
    if (stream === "stdout") this.#line = end < 0 ? this.#line + text : text.slice(end + 1);
    this.#sink(stream, text);
  }
}

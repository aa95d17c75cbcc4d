/**
 * Standard input out of the values of a callback.
 */

/** What an input callback may return; null, undefined and an empty buffer mean the end of input. */
export type InputValue = string | number | ArrayBuffer | ArrayBufferView | null | undefined;

/** Called when Python wants input. */
export type InputCallback = () => InputValue;

const NEWLINE = 10;
const NOTHING = new Uint8Array(0);

/** What an input callback may not return. */
export class InputTypeError extends TypeError {}

/** Serves reads from the values of an input callback. Nothing that it returned is lost. */
export class CallbackReader {
  readonly #callback: InputCallback;
  readonly #autoEOF: boolean;
  /** What the callback has returned and no read has got yet. */
  #pending: Uint8Array = NOTHING;
  /** After what is pending comes the end of input. */
  #endDue = false;
  /** The callback has failed; what is pending is served before it is called again. */
  #failed = false;

  /**
   * @param callback - asked for a value whenever the last one is used up
   * @param autoEOF - a read gets one value, and what ends no line is followed by the end of input;
   * otherwise a read gets values until its buffer is full or the callback says that there are no more
   */
  constructor(callback: InputCallback, autoEOF = true) {
    this.#callback = callback;
    this.#autoEOF = autoEOF;
  }

  /**
   * Fills the buffer; returns the number of bytes, 0 at the end of input.
   * @throws InputTypeError and what the callback throws; what it returned before comes with the next read
   */
  read(buffer: Uint8Array): number {
    const enough = this.#autoEOF ? 1 : buffer.length;
    const complete = this.#endDue || (this.#failed && this.#pending.length > 0);
    this.#failed = false;
    if (this.#pending.length < enough && !complete) {
      this.#collect(buffer.length);
    }
    const count = Math.min(buffer.length, this.#pending.length);
    buffer.set(this.#pending.subarray(0, count));
    this.#pending = this.#pending.subarray(count);
    if (count === 0) this.#endDue = false;
    return count;
  }

  /** Asks for as many values as a read of `limit` bytes wants. */
  #collect(limit: number): void {
    const chunks = [this.#pending];
    let size = this.#pending.length;
    try {
      while (size < limit) {
        const value = this.#callback();
        const bytes = encodeInput(value);
        if (bytes.length === 0) {
          this.#endDue = true;
          break;
        }
        chunks.push(bytes);
        size += bytes.length;
        if (this.#autoEOF && this.#isEnough(value, bytes)) break;
      }
    } catch (error) {
      this.#failed = true;
      throw error;
    } finally {
      this.#pending = concat(chunks, size);
    }
  }

  /** Whether a value is all that a read gets. Numbers are: up to the end of the line. */
  #isEnough(value: InputValue, bytes: Uint8Array): boolean {
    const endsLine = bytes[bytes.length - 1] === NEWLINE;
    if (typeof value === "number") return endsLine;
    this.#endDue = !endsLine;
    return true;
  }
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const full = chunks.filter((chunk) => chunk.length > 0);
  if (full.length === 1) return full[0]!;
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of full) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function encodeInput(value: InputValue): Uint8Array {
  if (value === null || value === undefined) {
    return NOTHING;
  }
  if (typeof value === "string") {
    return new TextEncoder().encode(value.endsWith("\n") ? value : `${value}\n`);
  }
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255) {
    return Uint8Array.of(value);
  }
  if (value instanceof ArrayBuffer) {
    return new Uint8Array(value.slice(0));
  }
  if (ArrayBuffer.isView(value) && (value instanceof DataView || itemSize(value) === 1)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  }
  throw new InputTypeError(
    `stdin returned ${nameOf(value)}; expected a string, a byte, an ArrayBuffer or a view of bytes, or null or undefined at the end of input`,
  );
}

function itemSize(view: ArrayBufferView): number | undefined {
  return (view as Uint8Array).BYTES_PER_ELEMENT;
}

function nameOf(value: unknown): string {
  if (typeof value === "number") return `the number ${value}`;
  if (ArrayBuffer.isView(value)) return `a view with items of ${itemSize(value)} bytes`;
  return `a value of type ${typeof value}`;
}

/**
 * Signals from outside, and waiting that ends when one comes. While JavaScript waits here its
 * event loop stands still.
 */

/** A buffer whose first element is the number of a signal, or 0. */
export type InterruptBuffer =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** How long at most, in milliseconds, nobody looks at the buffer. */
const SLICE_MS = 20;

/** The buffer of one interpreter. */
export class Signals {
  buffer: InterruptBuffer | undefined = undefined;

  /** True when a signal has come that Python has not seen. It stays in the buffer. */
  pending(): boolean {
    return Boolean(this.buffer?.[0]);
  }

  /**
   * Waits for `ms` milliseconds; asleep where the engine lets a thread sleep, which a page's main
   * thread may not.
   * @returns false when a signal came
   */
  wait(ms: number): boolean {
    const end = performance.now() + ms;
    for (;;) {
      if (this.pending()) return false;
      const left = end - performance.now();
      if (left <= 0) return true;
      sleep(this.buffer === undefined ? left : Math.min(left, SLICE_MS), this.buffer);
    }
  }
}

/** Sleeps for at most `ms` milliseconds; returns at once where that is not to be had. */
function sleep(ms: number, buffer: InterruptBuffer | undefined): void {
  if (typeof SharedArrayBuffer !== "function") return;
  const wakes = buffer instanceof Int32Array && buffer.buffer instanceof SharedArrayBuffer;
  try {
    // Who notifies the buffer's element is served at once.
    Atomics.wait(wakes ? buffer : new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

/**
 * Breaks for the page while Python is busy. Where the engine can switch stacks, Python is told by a
 * signal every now and then to wait for a moment, in which the page draws and takes keys; so
 * Ctrl-C reaches even a loop without end.
 */

import type { PyodideAPI } from "../pyodide";

const SIGUSR1 = 10;
/** Milliseconds of work between breaks. */
const WORK = 50;

export class Breaks {
  /** Signals from the page; the first element is the number of one, or 0. */
  readonly #buffer = new Int32Array(1);
  #lastBreak = performance.now();

  /** Has Python look for signals, and finds it one when a break is due. */
  attach(pyodide: PyodideAPI): void {
    pyodide.setInterruptBuffer(this.#buffer);
    const next = (): number => this.#nextSignal();
    const store = (value: number): void => {
      this.#buffer[0] = value;
    };
    // CPython reads the signal here, and writes 0.
    pyodide._module["Py_EmscriptenSignalBuffer"] = Object.create(null, {
      0: { get: next, set: store },
    });
  }

  /** A new promise for Python to wait for; read as a property it does not become a future, for
   * which Python's event loop would have to run. */
  get rest(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve));
  }

  #nextSignal(): number {
    const signal = this.#buffer[0]!;
    const now = performance.now();
    if (signal !== 0 || now - this.#lastBreak < WORK) {
      return signal;
    }
    // Where Python cannot take the break it is asked again after as much work.
    this.#lastBreak = now;
    return SIGUSR1;
  }
}

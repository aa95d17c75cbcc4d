/** Interrupting Python code from outside, through a buffer that both sides see. */

import type { Core } from "../core/core";
import type { EmscriptenModule } from "./emscripten";

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

/** The part of the public API that this file makes. */
export interface Interrupts {
  setInterruptBuffer(buffer: InterruptBuffer | null | undefined): void;
  checkInterrupt(): void;
}

const SIGINT = 2;

/** Binds the functions to an interpreter. */
export function createInterrupts(core: Core, module: EmscriptenModule): Interrupts {
  let current: InterruptBuffer | undefined;
  return {
    setInterruptBuffer(buffer) {
      const given = buffer ?? undefined;
      if (given !== undefined && (!ArrayBuffer.isView(given) || given instanceof DataView)) {
        throw new TypeError(
          "setInterruptBuffer needs a typed array, best one over a SharedArrayBuffer, or undefined",
        );
      }
      current = given;
      // CPython looks at this property.
      module["Py_EmscriptenSignalBuffer"] = given;
      core.setSignals(given === undefined ? undefined : () => given[0] !== 0);
    },

    checkInterrupt() {
      // An operation without Python's lock ends with EINTR; Python then handles the signal itself.
      if (!core.checkSignals() && current?.[0] === SIGINT) {
        throw new module.FS.ErrnoError(module.ERRNO_CODES["EINTR"]!);
      }
    },
  };
}

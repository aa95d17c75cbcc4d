/** Interrupting Python code from outside, through a buffer that both sides see. */

import type { Core } from "../core/core";
import type { PyodideAPI } from "./api";
import type { EmscriptenModule } from "./emscripten";

export type { InterruptBuffer } from "../core/signals";

/** The part of the public API that this file makes. */
export type Interrupts = Pick<PyodideAPI, "setInterruptBuffer" | "checkInterrupt">;

const SIGINT = 2;

/** Binds the functions to an interpreter. */
export function createInterrupts(core: Core, module: EmscriptenModule): Interrupts {
  return {
    setInterruptBuffer(buffer) {
      const given = buffer ?? undefined;
      if (given !== undefined && (!ArrayBuffer.isView(given) || given instanceof DataView)) {
        throw new TypeError(
          "setInterruptBuffer needs a typed array, best one over a SharedArrayBuffer, or undefined",
        );
      }
      // CPython looks at this property.
      module["Py_EmscriptenSignalBuffer"] = given;
      core.setSignals(given);
    },

    checkInterrupt() {
      // An operation without Python's lock ends with EINTR; Python then handles the signal itself.
      if (!core.checkSignals() && core.signals.buffer?.[0] === SIGINT) {
        throw new module.FS.ErrnoError(module.ERRNO_CODES["EINTR"]!);
      }
    },
  };
}

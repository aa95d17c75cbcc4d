/**
 * What goes wrong inside Emscripten's file systems becomes an OSError: an exception that is not the
 * file system's own would fly through Python and be fatal.
 */

import { isFatal } from "../core/fatal";
import { isA, isWasmException, property } from "../core/thrown";
import type { EmscriptenModule } from "./emscripten";

/** Imports of WebAssembly that work on files, and what they answer when they fail. */
const SYSTEM_CALL = /^(__syscall_|_mmap_js$|_munmap_js$)/;
const WASI_CALL = /^fd_/;
/** musl's EIO for WebAssembly. */
const EIO = 29;

type Callable = (...args: unknown[]) => unknown;

/** Whether an exception is WebAssembly's own business. */
function isInternal(error: unknown): boolean {
  return (
    isFatal(error) ||
    isA(error, WebAssembly.RuntimeError) ||
    isWasmException(error) ||
    property(error, "name") === "ExitStatus" ||
    error === "unwind"
  );
}

function guard(name: string, call: Callable, failure: number): Callable {
  return (...args) => {
    try {
      return call(...args);
    } catch (error) {
      if (isInternal(error)) throw error;
      try {
        console.error(`A file system failed in ${name}:`, error);
      } catch {
        // What can't be shown can't be helped.
      }
      return failure;
    }
  };
}

/**
 * Replaces the functions among the imports that work on files by ones that throw nothing.
 *
 * @param imports - what WebAssembly is about to be instantiated with
 */
export function guardFileImports(imports: WebAssembly.Imports): void {
  for (const functions of Object.values(imports)) {
    const isOurs = (name: string): boolean => SYSTEM_CALL.test(name) || WASI_CALL.test(name);
    for (const [name, value] of Object.entries(functions)) {
      if (typeof value === "function" && isOurs(name)) {
        functions[name] = guard(name, value as Callable, WASI_CALL.test(name) ? EIO : -EIO);
      }
    }
  }
}

/**
 * Gives errors of the file systems the right number: files that don't fit in memory, and errors of
 * Node.js that have no number here.
 *
 * @param module - the instantiated module
 */
export function correctFileErrors({ FS, MEMFS, NODEFS, ERRNO_CODES }: EmscriptenModule): void {
  for (const name of ["expandFileStorage", "resizeFileStorage"] as const) {
    const original = MEMFS[name];
    MEMFS[name] = (node, size) => {
      try {
        original(node, size);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw new FS.ErrnoError(ERRNO_CODES["ENOSPC"]!);
      }
    };
  }
  NODEFS.convertNodeCode = ({ code }) => ERRNO_CODES[code] ?? ERRNO_CODES["EIO"]!;
}

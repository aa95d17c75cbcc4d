/** Stack traces of JavaScript engines, read frame by frame. */

/** The name of the bundle, read off a stack trace. */
const BRIDGE_FILE =
  /(?:\(|at |@)(?:.*[/\\])?([^/\\()]+?):\d+:\d+\)?\s*$/m.exec(new Error().stack ?? "")?.[1] ?? "";

/** True for the file that this code runs from, as stack traces name it. */
export function isBridgeFile(file: string): boolean {
  return BRIDGE_FILE !== "" && file.endsWith(BRIDGE_FILE);
}

/** One frame of JavaScript code. */
export interface Frame {
  /** The function, or "???" where it has no name. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** Stands for a frame of WebAssembly. */
export const WASM = Symbol("WebAssembly");

/** Frames of V8 ("at f (file:1:2)") and of Firefox and Safari ("f@file:1:2"). */
const FRAME =
  /^\s*at (?:async )?(?:(.*?) \()?(?:eval at .*?, )?(.*?):(\d+)(?::\d+)?\)?$|^(.*?)@(.*?):(\d+)(?::\d+)?$/;

/** Frames of WebAssembly, in the ways of the same engines. */
const WASM_FRAME = /^\s*at .*wasm:\/\/|wasm-function\[|@\[wasm code\]/;

/** The frames of an error's `stack`, innermost first; lines that are none are left out. */
export function* framesOf(stack: string): Generator<Frame | typeof WASM, void> {
  for (const line of stack.split("\n")) {
    if (WASM_FRAME.test(line)) {
      yield WASM;
      continue;
    }
    const match = FRAME.exec(line);
    if (match === null) continue;
    const file = match[2] ?? match[5] ?? "";
    const name = match[1] || match[4] || "???";
    yield { name, file, line: Number(match[3] ?? match[6]) };
  }
}

/**
 * What an error's stack trace says of the program's own JavaScript frames, for the traceback of
 * the exception that it is in Python.
 */
import { FRAME, isBridgeFile } from "./stack_frames";

/** Functions of the public API that run Python code: the only frames of the bundle that count. */
const PUBLIC = /(?:^|\.)(runPython|runPythonAsync|pyimport)$/;

/** Frames of WebAssembly, in the ways of the same engines. */
const WASM = /^\s*at .*wasm:\/\/|wasm-function\[|@\[wasm code\]/;

/** Frames that are kept of a place where an error leaves Python. */
const KEPT = 100;

/** Function, file and line of frames in turn, innermost first. */
export type Frames = (string | number)[];

/** Where JavaScript is now. The text is made when it is first asked for, which is seldom. */
export function here(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = KEPT;
  const place = new Error();
  Error.stackTraceLimit = limit;
  return place;
}

function addFrame(line: string, frames: Frames): void {
  const match = FRAME.exec(line);
  if (match === null) return;
  const file = match[2] ?? match[5] ?? "";
  const name = match[1] || match[4] || "???";
  // Node's own frames say nothing about the program.
  const shown = isBridgeFile(file)
    ? PUBLIC.exec(name)?.[1]
    : file.startsWith("node:")
      ? undefined
      : name;
  if (shown !== undefined) frames.push(shown, file, Number(match[3] ?? match[6]));
}

/** The frames above WebAssembly that an error has come through since JavaScript threw it. */
export function framesOfThrow(error: unknown): Frames {
  let stack: unknown;
  try {
    ({ stack } = error as { stack?: unknown });
  } catch {
    return [];
  }
  const frames: Frames = [];
  if (typeof stack !== "string") return frames;
  for (const line of stack.split("\n")) {
    if (WASM.test(line)) break;
    addFrame(line, frames);
  }
  return frames;
}

/**
 * The frames between the call of Python that an error has left and the call of JavaScript in
 * which it now ends; none when no Python waits for that call.
 */
export function framesOfReturn(departure: Error): Frames {
  const lines = (departure.stack ?? "").split("\n");
  const frames: Frames = [];
  const left = lines.findIndex((line) => WASM.test(line));
  if (left < 0) return frames;
  let at = left;
  while (at < lines.length && WASM.test(lines[at]!)) at++;
  for (; at < lines.length; at++) {
    if (WASM.test(lines[at]!)) return frames;
    addFrame(lines[at]!, frames);
  }
  return lines.length > KEPT ? frames : [];
}

/**
 * What an error's stack trace says of the program's own JavaScript frames, for the traceback of
 * the exception that it is in Python.
 */
import { type Frame, framesOf, isBridgeFile, WASM } from "./stack_frames";
import { property } from "./thrown";

/** Functions of the public API that run Python code: the only frames of the bundle that count. */
const PUBLIC = /(?:^|\.)(runPython|runPythonAsync|pyimport)$/;

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

function addFrame({ name, file, line }: Frame, frames: Frames): void {
  // Node's own frames say nothing about the program.
  const shown = isBridgeFile(file)
    ? PUBLIC.exec(name)?.[1]
    : file.startsWith("node:")
      ? undefined
      : name;
  if (shown !== undefined) frames.push(shown, file, line);
}

/** The frames above WebAssembly that an error has come through since JavaScript threw it. */
export function framesOfThrow(error: unknown): Frames {
  const stack = property(error, "stack");
  const frames: Frames = [];
  if (typeof stack !== "string") return frames;
  for (const frame of framesOf(stack)) {
    if (frame === WASM) break;
    addFrame(frame, frames);
  }
  return frames;
}

/**
 * The frames between the call of Python that an error has left and the call of JavaScript in
 * which it now ends; none when no Python waits for that call.
 */
export function framesOfReturn(departure: Error): Frames {
  const stack = departure.stack ?? "";
  const frames: Frames = [];
  let left = false;
  let between = false;
  for (const frame of framesOf(stack)) {
    if (frame !== WASM) {
      between = left;
      if (between) addFrame(frame, frames);
    } else if (between) {
      return frames;
    } else {
      left = true;
    }
  }
  return stack.split("\n").length > KEPT ? frames : [];
}

/** Errors on the JavaScript side: PythonError, and what to make of odd things thrown. */
import { ErrorCode, JsFlag, Tag, type Ptr, type SlotPtr } from "./abi.gen";
import { jsFlags } from "./capabilities";
import { type Runtime } from "./runtime";
import { type Frames, framesOfReturn, framesOfThrow, here } from "./stack";
import { encodeText, TooLargeError } from "./text";

/** How an error has last left Python. */
interface Departure {
  readonly rt: Runtime;
  /** Address of the exception, compared with `sys.last_exc`; it owns no reference. */
  readonly token: Ptr;
  /** Where it was; gone when the error has come back. */
  place: Error | undefined;
}

/** PythonErrors, and JavaScript's errors that have gone through Python. */
const departures = new WeakMap<object, Departure>();

/**
 * A Python exception in JavaScript. It holds no reference to the exception, so it keeps no
 * frames alive; when it is thrown back into Python the original exception continues.
 */
export class PythonError extends Error {
  /** The exception's type, as Python's `type(exc).__qualname__`: for example `"KeyError"`. */
  readonly type: string;

  /**
   * @param type name of the exception's type
   * @param message the formatted traceback
   */
  constructor(type: string, message: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = Infinity;
    super(message);
    Error.stackTraceLimit = limit;
    this.type = type;
  }

  /** False, and no error, also for revoked Proxies. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    try {
      return Function.prototype[Symbol.hasInstance].call(this, value);
    } catch {
      return false;
    }
  }
}
Object.defineProperty(PythonError.prototype, "name", {
  value: "PythonError",
  configurable: true,
  writable: true,
});

/** Thrown inside an import: Python must raise an exception of one of its own types. */
export class PythonRaise extends Error {
  readonly #code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.#code = code;
  }

  /** The code of a PythonRaise; undefined for anything else. Asks no Proxy, unlike instanceof. */
  static codeOf(thrown: unknown): ErrorCode | undefined {
    if (typeof thrown !== "object" || thrown === null) return undefined;
    return #code in thrown ? thrown.#code : undefined;
  }
}

/** Make the error for an exception that leaves Python. */
export function makePythonError(
  rt: Runtime,
  type: string,
  message: string,
  token: Ptr,
): PythonError {
  const error = new PythonError(type, message);
  errorLeaves(rt, error, token);
  return error;
}

/** Note that an error leaves Python, where it is the exception at the address `token`. */
export function errorLeaves(rt: Runtime, error: object, token: Ptr): void {
  departures.set(error, { rt, token, place: here() });
}

/** The program's own frames that an error has come through since it left Python or was thrown. */
export function takeFrames(error: unknown): Frames {
  const departure = departures.get(error as object);
  const place = departure?.place;
  if (departure === undefined || place === undefined) return framesOfThrow(error);
  departure.place = undefined;
  return framesOfReturn(place);
}

/** One line of the text for something thrown that is no error. */
function describe(how: () => string, label: string, verb: string): string {
  try {
    return `${label} ${verb} """${how()}""".`;
  } catch {
    return `${label} fails.`;
  }
}

function tagOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return "that cannot be read";
  }
}

/** An Error for any value: itself, or a new one that says what was thrown. */
export function asError(value: unknown): Error {
  try {
    if (value instanceof Error) return value;
    if (typeof value === "object" && value !== null) {
      // Errors of another realm and DOMException look like this.
      const like = value as { name?: unknown; message?: unknown; stack?: unknown };
      if ("name" in like && "message" in like && "stack" in like) return value as unknown as Error;
      if (like.constructor?.name === "DOMException") return value as unknown as Error;
    }
  } catch {
    // A revoked Proxy or a throwing trap: described below like any other oddity.
  }
  if (typeof value === "string") return new Error(value);
  const lines = [
    `A value of type ${typeof value} with tag ${tagOf(value)} was thrown as an error!`,
    describe(() => `${value as string}`, "String interpolation of the thrown value", "gives"),
    describe(
      () => (value as { toString(): string }).toString(),
      "The thrown value's toString method",
      "returns",
    ),
  ];
  return new Error(lines.join("\n"));
}

const CLONE_ADVICE =
  " A Python object cannot be copied to another thread or into a database. Send to_js(obj) of pyodide.ffi, " +
  "a copy; or let the page use the object where it is, through the module workers.mjs.";

/** Adds what to do to an error of structured cloning, whose text does not even name the object. */
function explainClone(error: Error): void {
  try {
    if (error.name !== "DataCloneError" || error.message.endsWith(CLONE_ADVICE)) return;
    const value = error.message + CLONE_ADVICE;
    Object.defineProperty(error, "message", { value, configurable: true, writable: true });
  } catch {
    // An odd error stays as it is.
  }
}

/**
 * Write an ERR slot for something thrown by JavaScript.
 * @returns the externref that goes with the slot: the error
 */
export function encodeError(rt: Runtime, thrown: unknown, out: SlotPtr): Error {
  if (thrown instanceof TooLargeError) {
    return encodeError(rt, new PythonRaise(ErrorCode.CONVERSION_ERROR, thrown.message), out);
  }
  const code = PythonRaise.codeOf(thrown);
  if (code !== undefined) {
    const { heap } = rt;
    const top = heap.top;
    heap.check();
    encodeText(heap, (thrown as PythonRaise).message, out, rt);
    heap.top = top;
    const w = out >>> 2;
    heap.i32[w] = (heap.i32[w]! & 0xff00) | Tag.ERR | (code << 16);
    return thrown as PythonRaise;
  }
  const error = asError(thrown);
  explainClone(error);
  const known = departures.get(error);
  // Whatever its shape, what was thrown is an exception in Python.
  const flags = jsFlags(error) | JsFlag.IS_ERROR;
  const heap = rt.heap;
  heap.check();
  const w = out >>> 2;
  heap.i32[w] = Tag.ERR;
  heap.i32[w + 1] = flags;
  heap.u32[w + 2] = known !== undefined && known.rt === rt ? known.token : 0;
  return error;
}

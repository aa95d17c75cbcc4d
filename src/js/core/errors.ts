/** Errors on the JavaScript side: PythonError, and what to make of odd things thrown. */
import { type ErrorCode, JsFlag, Tag, type Ptr, type SlotPtr } from "./abi.gen";
import { jsFlags } from "./capabilities";
import { type Runtime } from "./runtime";
import { encodeText } from "./text";

/** Identity tokens of PythonErrors: which runtime, and the address of the exception. */
const tokens = new WeakMap<PythonError, { rt: Runtime; token: Ptr }>();

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
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
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
  tokens.set(error, { rt, token });
  return error;
}

function describe(how: () => string, label: string): string {
  try {
    return `${label}: ${how()}`;
  } catch {
    return `${label} fails.`;
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
  const tag = describe(() => Object.prototype.toString.call(value), "tag").replace(/^tag:? /, "");
  const lines = [
    `A value of type ${typeof value} with tag ${tag} was thrown as an error!`,
    describe(() => `"${value as string}"`, "String interpolation of the thrown value gives"),
    describe(
      () => `"${(value as { toString(): string }).toString()}"`,
      "The thrown value's toString method returns",
    ),
  ];
  return new Error(lines.join("\n"));
}

/**
 * Write an ERR slot for something thrown by JavaScript.
 * @returns the externref that goes with the slot: the error
 */
export function encodeError(rt: Runtime, thrown: unknown, out: SlotPtr): Error {
  if (thrown instanceof PythonRaise) {
    const { heap } = rt;
    const top = heap.top;
    heap.check();
    encodeText(heap, thrown.message, out, rt);
    heap.top = top;
    const w = out >>> 2;
    heap.i32[w] = (heap.i32[w]! & 0xff00) | Tag.ERR | (thrown.code << 16);
    return thrown;
  }
  const error = asError(thrown);
  const known = tokens.get(error as PythonError);
  // Whatever its shape, what was thrown is an exception in Python.
  const flags = jsFlags(error) | JsFlag.IS_ERROR;
  const heap = rt.heap;
  heap.check();
  const w = out >>> 2;
  heap.i32[w] = Tag.ERR;
  heap.i32[w + 1] = flags;
  heap.u32[w + 2] = known !== undefined && known.rt === rt ? known.token : 0;
  heap.u32[w + 3] = 0;
  return error;
}

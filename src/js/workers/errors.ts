/** Errors that cross between a page and its worker, and those of the worker itself. */

import type { Outcome, Packed, PackedError } from "./protocol";

/** A Python exception in a worker. */
export class PythonError extends Error {
  /** Name of the exception's type, such as `"KeyError"`. */
  readonly type: string;

  /**
   * @param type - name of the exception's type
   * @param message - Python's traceback
   */
  constructor(type: string, message: string) {
    super(message);
    this.name = "PythonError";
    this.type = type;
  }
}

/** A worker that could not be started, has ended, or was terminated; its objects are gone with it. */
export class WorkerError extends Error {
  /** What has become of the worker. */
  readonly reason: "not started" | "died" | "terminated";

  /** @internal */
  constructor(reason: WorkerError["reason"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "WorkerError";
    this.reason = reason;
  }
}

/** Makes an error ready for sending. Anything may have been thrown. */
export function packError(thrown: unknown): PackedError {
  const like = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Partial<
    Record<keyof PackedError, unknown>
  >;
  const text = (value: unknown): string | undefined =>
    typeof value === "string" ? value : undefined;
  return {
    name: text(like.name) ?? "Error",
    message: text(like.message) ?? String(thrown),
    stack: text(like.stack),
    type: text(like.type),
  };
}

const DOM_NAMES = new Set(["AbortError", "DataCloneError", "NetworkError", "TimeoutError"]);

/** The error that was sent, as one of this side. */
export function unpackError({ name, message, stack, type }: PackedError): Error {
  if (name === "PythonError" && type !== undefined) return new PythonError(type, message);
  if (DOM_NAMES.has(name)) return new DOMException(message, name);
  const Class = (globalThis as Record<string, unknown>)[name];
  const known = /^(Eval|Range|Reference|Syntax|Type|URI)Error$/.test(name);
  const error = known ? new (Class as ErrorConstructor)(message) : new Error(message);
  if (!known) Object.defineProperty(error, "name", { value: name, configurable: true });
  if (stack !== undefined) {
    Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
  }
  return error;
}

/** Runs something, and says how it has ended. */
export async function outcomeOf(run: () => Promise<Packed>): Promise<Outcome> {
  try {
    return { result: await run() };
  } catch (error) {
    return { error: packError(error) };
  }
}

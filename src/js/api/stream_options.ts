/**
 * What users say of the standard streams: the options of `setStdin`, `setStdout` and `setStderr`, and
 * the handlers that are made of them.
 */

import type { DefaultStreams } from "../host/host";
import { LineDecoder } from "../host/lines";
import { CallbackReader, type InputCallback } from "./stream_input";

/**
 * Options of {@link PyodideAPI.setStdin}: at most one of `stdin`, `read` and `error`; none means the
 * default. The functions are called as methods of this object.
 */
export interface StdinOptions {
  /**
   * Called when Python wants input. Returns a string, which gets its newline, a byte, or a buffer of
   * bytes; null or undefined at the end of input.
   */
  stdin?: InputCallback | undefined;
  /** Fills the buffer with input and returns the number of bytes, 0 at the end of input. */
  read?: ((buffer: Uint8Array) => number) | undefined;
  /** Every read fails with an OSError (EIO). */
  error?: boolean | undefined;
  /** What `sys.stdin.isatty()` says. Default: false. */
  isatty?: boolean | undefined;
  /**
   * With `stdin`: each read gets one value, and a value that ends no line is followed by the end of
   * input. Otherwise a read gets values until its buffer is full or there are no more. Default: true.
   */
  autoEOF?: boolean | undefined;
  /** Called for `os.fsync(0)`. */
  fsync?: (() => void) | undefined;
}

/**
 * Options of {@link PyodideAPI.setStdout} and {@link PyodideAPI.setStderr}: at most one of `batched`,
 * `raw` and `write`; none means the default. The functions are called as methods of this object.
 */
export interface StdoutOptions {
  /** Called with each line, without its newline, and with what ends no line at `os.fsync(1)`. */
  batched?: ((line: string) => void) | undefined;
  /** Called with each byte. */
  raw?: ((byte: number) => void) | undefined;
  /** Called with a copy of the bytes; returns how many it has taken, at least one. */
  write?: ((bytes: Uint8Array) => number) | undefined;
  /** With `raw` or `write`: what `sys.stdout.isatty()` says. Default: false. */
  isatty?: boolean | undefined;
  /** Called for `os.fsync(1)`. */
  fsync?: (() => void) | undefined;
}

/** One standard stream, as its device sees it. */
export interface StreamHandler {
  readonly isatty: boolean;
  /** Fills the buffer, returns the number of bytes, 0 at the end of input. */
  read?(buffer: Uint8Array): number;
  /** Takes bytes, of which it may keep a copy only; returns how many. */
  write?(bytes: Uint8Array): number;
  /** Passes on what is held back. */
  fsync(): void;
  /** How long to wait before asking again after EAGAIN, in milliseconds. */
  readonly retryMs?: number;
}

/** Thrown by a handler whose failure needs no further words: EIO. */
export const FAILED = Symbol("EIO");

/** How long a user's handler that throws EAGAIN is left alone. */
export const RETRY_MS = 100;
/** The same for the host's streams, which know at once when there is input. */
const HOST_RETRY_MS = 10;

type StdoutName = "setStdout" | "setStderr";

function checkedObject<T extends object>(name: string, options: T | undefined): T {
  if (options === undefined) return {} as T;
  if ((typeof options !== "object" && typeof options !== "function") || options === null) {
    throw new TypeError(`${name} needs an object with functions, not ${String(options)}`);
  }
  return options;
}

/** The function that an option holds, as a method of the options. */
function method<T extends object, K extends keyof T & string>(
  name: string,
  options: T,
  key: K,
  isPyProxy: (value: unknown) => boolean,
): NonNullable<T[K]> | undefined {
  const value = options[key] as unknown;
  if (value === undefined || value === null) return undefined;
  if (isPyProxy(value)) {
    throw new TypeError(
      `${name}: '${key}' is a Python function, which cannot run while Python waits for its stream. ` +
        `In Python, put an object with the methods of a file into sys.stdin, sys.stdout or sys.stderr.`,
    );
  }
  if (typeof value !== "function") {
    throw new TypeError(`${name}: '${key}' must be a function, not ${typeof value}`);
  }
  return value.bind(options) as NonNullable<T[K]>;
}

function flag<T extends object>(
  name: string,
  options: T,
  key: keyof T & string,
): boolean | undefined {
  const value = options[key] as unknown;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") {
    throw new TypeError(`${name}: '${key}' must be a boolean, not ${typeof value}`);
  }
  return value;
}

function atMostOne(name: string, given: Record<string, unknown>): void {
  const names = Object.keys(given).filter(
    (key) => given[key] !== undefined && given[key] !== false,
  );
  if (names.length > 1) {
    const all = Object.keys(given);
    throw new TypeError(
      `${name}: at most one of ${all.slice(0, -1).join(", ")} and ${all.at(-1)} must be given, not ${names.join(" and ")}`,
    );
  }
}

/**
 * The handler that the options of `setStdin` ask for.
 *
 * @param given - the options
 * @param host - the default
 * @param interruptible - whether a signal may come while the default waits
 * @param isPyProxy - recognises objects of Python
 * @throws TypeError for options that are wrong or exclude each other
 */
export function inputHandler(
  given: StdinOptions | undefined,
  host: DefaultStreams,
  interruptible: () => boolean,
  isPyProxy: (value: unknown) => boolean,
): StreamHandler {
  const name = "setStdin";
  const options = checkedObject(name, given);
  const stdin = method(name, options, "stdin", isPyProxy);
  const read = method(name, options, "read", isPyProxy);
  const error = flag(name, options, "error");
  const autoEOF = flag(name, options, "autoEOF");
  const isatty = flag(name, options, "isatty");
  const fsync = method(name, options, "fsync", isPyProxy) ?? (() => {});
  atMostOne(name, { stdin, read, error });
  if (autoEOF !== undefined && stdin === undefined) {
    throw new TypeError(`${name}: 'autoEOF' can only be used with 'stdin'`);
  }
  if (error === true) {
    const fail = (): never => {
      throw FAILED;
    };
    return { read: fail, fsync, isatty: isatty ?? false };
  }
  if (stdin !== undefined) {
    const reader = new CallbackReader(stdin, autoEOF);
    return { read: (buffer) => reader.read(buffer), fsync, isatty: isatty ?? false };
  }
  if (read !== undefined) return { read, fsync, isatty: isatty ?? false };
  return {
    read: (buffer) => host.read(buffer, interruptible()),
    fsync,
    isatty: isatty ?? host.isatty(0),
    retryMs: HOST_RETRY_MS,
  };
}

/** Calls a function for each byte; what it has taken before it fails is taken. */
function byteWriter(raw: (byte: number) => void): (bytes: Uint8Array) => number {
  return (bytes) => {
    for (let done = 0; done < bytes.length; done++) {
      try {
        raw(bytes[done]!);
      } catch (error) {
        if (done > 0) return done;
        throw error;
      }
    }
    return bytes.length;
  };
}

/**
 * The handler that the options of `setStdout` or `setStderr` ask for.
 *
 * @param fd - 1 or 2
 * @param given - the options
 * @param host - the default
 * @param isPyProxy - recognises objects of Python
 * @throws TypeError for options that are wrong or exclude each other
 */
export function outputHandler(
  fd: 1 | 2,
  given: StdoutOptions | undefined,
  host: DefaultStreams,
  isPyProxy: (value: unknown) => boolean,
): StreamHandler {
  const name: StdoutName = fd === 1 ? "setStdout" : "setStderr";
  const options = checkedObject(name, given);
  const batched = method(name, options, "batched", isPyProxy);
  const raw = method(name, options, "raw", isPyProxy);
  const write = method(name, options, "write", isPyProxy);
  const isatty = flag(name, options, "isatty");
  const fsync = method(name, options, "fsync", isPyProxy);
  atMostOne(name, { batched, raw, write });
  if (isatty === true && raw === undefined && write === undefined) {
    throw new TypeError(`${name}: 'isatty' can only be true with 'raw' or 'write'`);
  }
  const rest = { isatty: isatty ?? false, fsync: fsync ?? (() => {}) };
  if (raw !== undefined) return { write: byteWriter(raw), ...rest };
  // The user may keep the bytes; those of WebAssembly's memory would change.
  if (write !== undefined) return { write: (bytes) => write(bytes.slice()), ...rest };
  if (batched !== undefined) {
    const lines = new LineDecoder(batched);
    const flush = (): void => {
      lines.flush();
      fsync?.();
    };
    return { write: (bytes) => lines.write(bytes), fsync: flush, isatty: false };
  }
  return {
    write: (bytes) => host.write(fd, bytes),
    fsync() {
      host.flush(fd);
      fsync?.();
    },
    isatty: isatty ?? host.isatty(fd),
    retryMs: HOST_RETRY_MS,
  };
}

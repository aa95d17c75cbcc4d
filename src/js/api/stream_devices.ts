/**
 * Devices of the virtual file system over handlers that JavaScript may change at any time, and what
 * a handler's failure looks like to Python. Nothing that a handler throws gets into WebAssembly.
 */

import { isFatal } from "../core/fatal";
import type { Signals } from "../core/signals";
import { isA, property } from "../core/thrown";
import type { EmscriptenModule, FSStream, FSStreamOps, FSType } from "./emscripten";
import { InputTypeError } from "./stream_input";
import { FAILED, RETRY_MS, type StreamHandler } from "./stream_options";

/** What the devices need of the module. */
export type DeviceModule = Pick<EmscriptenModule, "FS" | "ERRNO_CODES" | "TTY" | "HEAP8">;

const O_NONBLOCK = 0o4000;
/** A read gets no more at once; programs that want more ask again. */
const READ_MAX = 0x10000;

/** Says on the console what Python can't be told. */
function report(...lines: unknown[]): void {
  try {
    for (const line of lines) console.error(line);
  } catch {
    // What can't be shown can't be helped.
  }
}

/** The number of bytes a handler says; or a warning and an error. */
function checkCount(operation: string, count: unknown, least: number, most: number): number {
  if (typeof count === "number" && Number.isInteger(count) && count >= least && count <= most) {
    return count;
  }
  const isNumber = typeof count === "number";
  const said = isNumber || count === undefined ? String(count) : `a value of type ${typeof count}`;
  const range = isNumber ? ` of bytes from ${least} to ${most}` : "";
  console.warn(
    `${operation} returned ${said}; a correct implementation must return a number${range}`,
  );
  throw FAILED;
}

/** Devices of one interpreter. */
export class StreamDevices {
  readonly #module: DeviceModule;
  readonly #signals: Signals;

  /**
   * @param module - the instantiated module
   * @param signals - end the waiting for a handler that is not ready
   */
  constructor(module: DeviceModule, signals: Signals) {
    this.#module = module;
    this.#signals = signals;
  }

  /**
   * Operations of a device.
   * @param current - the handler at this moment
   */
  operations(current: () => StreamHandler): FSStreamOps {
    const show = (stream: FSStream): void => this.#showTerminal(stream, current);
    const sync = (): void => {
      const handler = current();
      this.#attempt("fsync", handler, false, () => handler.fsync());
    };
    return {
      open(stream) {
        stream.seekable = false;
        show(stream);
      },
      dup: show,
      close: sync,
      fsync: sync,
      read: (stream, heap, offset, length) => this.#read(current(), stream, heap, offset, length),
      write: (stream, heap, offset, length) => this.#write(current(), stream, heap, offset, length),
    };
  }

  /**
   * Operations of the device `/dev/tty`, which can be opened while its handler is a terminal.
   * @param current - the handler at this moment
   */
  terminal(current: () => StreamHandler): FSStreamOps {
    const ops = this.operations(current);
    return {
      ...ops,
      open: (stream) => {
        if (!current().isatty) {
          // FS.open has registered the file already.
          this.#module.FS.closeStream(stream.fd);
          throw this.#errnoError("ENXIO");
        }
        ops.open!(stream);
      },
    };
  }

  #read(
    handler: StreamHandler,
    stream: FSStream,
    heap: Int8Array,
    at: number,
    length: number,
  ): number {
    const { read } = handler;
    if (read === undefined) throw this.#errnoError("EBADF");
    if (length === 0) return 0;
    // Not the heap itself: the handler may keep it, and memory may move while it runs.
    const buffer = new Uint8Array(Math.min(length, READ_MAX));
    const count = this.#attempt("read", handler, isNonBlocking(stream), () =>
      checkCount("read", read(buffer), 0, buffer.length),
    );
    const target = heap.byteLength === 0 ? this.#module.HEAP8 : heap;
    target.set(buffer.subarray(0, count), at);
    return count;
  }

  #write(
    handler: StreamHandler,
    stream: FSStream,
    heap: Int8Array,
    at: number,
    length: number,
  ): number {
    const { write } = handler;
    if (write === undefined) throw this.#errnoError("EBADF");
    if (length === 0) return 0;
    return this.#attempt("write", handler, isNonBlocking(stream), () =>
      checkCount(
        "write",
        write(new Uint8Array(heap.buffer, heap.byteOffset + at, length)),
        1,
        length,
      ),
    );
  }

  /** Runs a handler, again and again while it is not ready. */
  #attempt<T>(operation: string, handler: StreamHandler, nonBlocking: boolean, action: () => T): T {
    for (;;) {
      try {
        return action();
      } catch (error) {
        const seen = this.#asSeenByPython(operation, error);
        const { errno } = seen as { errno?: number };
        if (errno !== this.#module.ERRNO_CODES["EAGAIN"] || nonBlocking) throw seen;
      }
      if (!this.#signals.wait(handler.retryMs ?? RETRY_MS)) throw this.#errnoError("EINTR");
    }
  }

  #errnoError(name: string): InstanceType<FSType["ErrnoError"]> {
    const { FS, ERRNO_CODES } = this.#module;
    return new FS.ErrnoError(ERRNO_CODES[name]!);
  }

  /** The error number that a failure names, otherwise EIO; fatal errors stay what they are. */
  #asSeenByPython(operation: string, error: unknown): unknown {
    if (isFatal(error)) return error;
    if (error === FAILED) return this.#errnoError("EIO");
    if (isA(error, InputTypeError)) {
      console.warn(error.message);
      return this.#errnoError("EIO");
    }
    // Each interpreter has its own class of this name.
    const errno = property(error, "errno");
    if (property(error, "name") === "ErrnoError" && typeof errno === "number") {
      return new this.#module.FS.ErrnoError(errno);
    }
    const code = property(error, "code");
    if (typeof code === "string" && Object.hasOwn(this.#module.ERRNO_CODES, code)) {
      return this.#errnoError(code);
    }
    report(`Error thrown in ${operation}:`, error);
    return this.#errnoError("EIO");
  }

  /** Makes an open file a terminal when its device is one at the moment of asking. */
  #showTerminal(stream: FSStream, current: () => StreamHandler): void {
    const terminal = { ops: this.#module.TTY.default_tty_ops };
    // Not enumerable, so that `dup` does not copy what it says just now.
    Object.defineProperty(stream, "tty", {
      get: () => (current().isatty ? terminal : undefined),
      configurable: true,
    });
  }
}

function isNonBlocking(stream: FSStream): boolean {
  return (stream.flags & O_NONBLOCK) !== 0;
}

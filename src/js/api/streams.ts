/**
 * Standard input, output and error: devices of the virtual file system that call JavaScript.
 */

import type { DefaultStreams } from "../host/host";
import { LineDecoder } from "../host/lines";
import type { EmscriptenModule, FSStreamOps, FSType } from "./emscripten";

/** What an input callback may return; null and undefined mean the end of input. */
export type InputValue = string | number | ArrayBuffer | ArrayBufferView | null | undefined;

/** Called when Python wants input. */
export type InputCallback = () => InputValue;

/** One standard stream, as its device sees it. */
export interface StreamHandler {
  /** Fills the buffer, returns the number of bytes, 0 at the end of input. */
  read?(buffer: Uint8Array): number;
  write?(bytes: Uint8Array): void;
  flush?(): void;
  isatty: boolean;
}

/** Handlers of descriptors 0, 1 and 2. */
export type StandardHandlers = readonly [StreamHandler, StreamHandler, StreamHandler];

/** Major number of our devices; Emscripten's own are 1, 5, 6 and from 64 on. */
const DEVICE_MAJOR = 40;
const NEWLINE = 10;
const O_RDONLY = 0;
const O_WRONLY = 1;
const DEVICE_PATHS = ["/dev/stdin", "/dev/stdout", "/dev/stderr"] as const;

/** Serves reads from the values of an input callback, one value a read. */
export class CallbackReader {
  readonly #callback: InputCallback;
  #pending = new Uint8Array(0);
  /** The value just used up did not end a line, so the next read reports the end of input. */
  #endAfterPending = false;

  /** @param callback - asked for a value whenever the last one is used up */
  constructor(callback: InputCallback) {
    this.#callback = callback;
  }

  /** Fills the buffer; returns the number of bytes, 0 at the end of input. */
  read(buffer: Uint8Array): number {
    if (this.#pending.length === 0) {
      if (this.#endAfterPending) {
        this.#endAfterPending = false;
        return 0;
      }
      const bytes = this.#next();
      if (bytes.length === 0) {
        return 0;
      }
      this.#pending = bytes;
      this.#endAfterPending = bytes[bytes.length - 1] !== NEWLINE;
    }
    const count = Math.min(buffer.length, this.#pending.length);
    buffer.set(this.#pending.subarray(0, count));
    this.#pending = this.#pending.subarray(count);
    return count;
  }

  /** Bytes of the next value; of numbers, all up to the end of the line. */
  #next(): Uint8Array<ArrayBuffer> {
    const bytes: number[] = [];
    for (;;) {
      const value = this.#callback();
      if (typeof value !== "number") {
        const rest = encodeInput(value);
        return bytes.length === 0 ? rest : new Uint8Array([...bytes, ...rest]);
      }
      bytes.push(value);
      if (value === NEWLINE) {
        return new Uint8Array(bytes);
      }
    }
  }
}

function encodeInput(value: Exclude<InputValue, number>): Uint8Array<ArrayBuffer> {
  if (value === null || value === undefined) {
    return new Uint8Array(0);
  }
  if (typeof value === "string") {
    return new TextEncoder().encode(value.endsWith("\n") ? value : `${value}\n`);
  }
  if (value instanceof ArrayBuffer) {
    return new Uint8Array(value.slice(0));
  }
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  }
  throw new TypeError(
    `stdin returned a value of type ${typeof value}; expected a string, a byte, a buffer, null or undefined`,
  );
}

/** The handlers that the loader's options ask for; the host's where they say nothing. */
export function chooseHandlers(
  options: {
    stdin: InputCallback | undefined;
    stdout: ((line: string) => void) | undefined;
    stderr: ((line: string) => void) | undefined;
  },
  host: DefaultStreams,
): StandardHandlers {
  const input: StreamHandler =
    options.stdin === undefined
      ? { read: (buffer) => host.read(buffer), isatty: host.isatty(0) }
      : readerOf(new CallbackReader(options.stdin));
  const output = (fd: 1 | 2, callback: ((line: string) => void) | undefined): StreamHandler => {
    if (callback !== undefined) {
      const lines = new LineDecoder(callback);
      return { write: (bytes) => lines.write(bytes), flush: () => lines.flush(), isatty: false };
    }
    return {
      write: (bytes) => host.write(fd, bytes),
      flush: () => host.flush(fd),
      isatty: host.isatty(fd),
    };
  };
  return [input, output(1, options.stdout), output(2, options.stderr)];
}

function readerOf(reader: CallbackReader): StreamHandler {
  return { read: (buffer) => reader.read(buffer), isatty: false };
}

/**
 * Puts the handlers behind descriptors 0, 1 and 2.
 *
 * @param module - the instantiated module; its standard descriptors are open
 * @param handlers - one for each descriptor
 */
export function installStreams(
  module: Pick<EmscriptenModule, "FS" | "ERRNO_CODES">,
  handlers: StandardHandlers,
): void {
  const { FS } = module;
  for (const fd of [0, 1, 2] as const) {
    const device = FS.makedev(DEVICE_MAJOR, fd);
    FS.registerDevice(device, deviceOps(module, handlers[fd]));
    const open = FS.getStream(fd);
    if (open !== null && open !== undefined) {
      FS.close(open);
    }
    const path = DEVICE_PATHS[fd];
    FS.unlink(path);
    FS.mkdev(path, 0o666, device);
  }
  for (const fd of [0, 1, 2] as const) {
    const stream = FS.open(DEVICE_PATHS[fd], fd === 0 ? O_RDONLY : O_WRONLY);
    if (stream.fd !== fd) {
      throw new Error(`Cannot open ${DEVICE_PATHS[fd]}: it got descriptor ${stream.fd}, not ${fd}`);
    }
  }
}

function deviceOps(
  { FS, ERRNO_CODES }: Pick<EmscriptenModule, "FS" | "ERRNO_CODES">,
  handler: StreamHandler,
): FSStreamOps {
  const bytesOf = (heap: Int8Array, offset: number, length: number): Uint8Array =>
    new Uint8Array(heap.buffer, heap.byteOffset + offset, length);
  const errnoOf = (name: string): number => ERRNO_CODES[name]!;
  const guarded = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw toErrnoError(FS, ERRNO_CODES, error);
    }
  };
  return {
    open(stream) {
      stream.seekable = false;
      if (handler.isatty) {
        stream.tty = { ops: {} };
      }
    },
    close() {
      guarded(() => handler.flush?.());
    },
    fsync() {
      guarded(() => handler.flush?.());
    },
    read(_stream, heap, offset, length) {
      const { read } = handler;
      if (read === undefined) {
        throw new FS.ErrnoError(errnoOf("EBADF"));
      }
      return guarded(() => read(bytesOf(heap, offset, length)));
    },
    write(_stream, heap, offset, length) {
      const { write } = handler;
      if (write === undefined) {
        throw new FS.ErrnoError(errnoOf("EBADF"));
      }
      guarded(() => write(bytesOf(heap, offset, length)));
      return length;
    },
  };
}

/** What a failing handler looks like to Python: the error number it names, otherwise EIO. */
function toErrnoError(FS: FSType, codes: Record<string, number>, error: unknown): Error {
  if (error instanceof FS.ErrnoError) {
    return error;
  }
  const name = (error as { code?: unknown } | null)?.code;
  const errno = typeof name === "string" ? codes[name] : undefined;
  if (errno === undefined) {
    console.error("A handler of a standard stream failed:", error);
  }
  return new FS.ErrnoError(errno ?? codes["EIO"]!);
}

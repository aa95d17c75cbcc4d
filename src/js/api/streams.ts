/**
 * Standard input, output and error: which handlers they have, and descriptors 0, 1 and 2.
 */

import type { Signals } from "../core/signals";
import type { DefaultStreams } from "../host/host";
import type { PyodideAPI } from "./api";
import type { FSStreamOps } from "./emscripten";
import { type DeviceModule, StreamDevices } from "./stream_devices";
import type { InputCallback } from "./stream_input";
import {
  inputHandler,
  outputHandler,
  type StdinOptions,
  type StdoutOptions,
  type StreamHandler,
} from "./stream_options";

/** The part of the public API that this file makes. */
export type Streams = Pick<PyodideAPI, "setStdin" | "setStdout" | "setStderr">;

/** The loader's options that are about streams. */
export interface StreamCallbacks {
  stdin: InputCallback | undefined;
  stdout: ((line: string) => void) | undefined;
  stderr: ((line: string) => void) | undefined;
}

/** What the streams need of the interpreter they belong to. */
export interface StreamParts {
  readonly module: DeviceModule;
  readonly signals: Signals;
  readonly host: DefaultStreams;
  isPyProxy(value: unknown): boolean;
  /** Makes Python write what it holds back. Called once Python runs. */
  flushPython(): void;
}

type Descriptor = 0 | 1 | 2;

const DESCRIPTORS = [0, 1, 2] as const;
/** Major number of our devices; Emscripten's own are 1, 5, 6 and from 64 on. */
const DEVICE_MAJOR = 40;
const TERMINAL_MINOR = 3;
const DEVICE_PATHS = ["/dev/stdin", "/dev/stdout", "/dev/stderr"] as const;
const TERMINAL_PATH = "/dev/tty";
const O_RDONLY = 0;
const O_WRONLY = 1;

/** The standard streams of one interpreter. */
export class StandardStreams implements Streams {
  readonly #parts: StreamParts;
  readonly #handlers: [StreamHandler, StreamHandler, StreamHandler];
  #pythonRuns = false;

  /**
   * Puts the handlers behind descriptors 0, 1 and 2.
   *
   * @param parts - the interpreter; its standard descriptors are open
   * @param callbacks - what the loader's options say
   */
  constructor(parts: StreamParts, callbacks: StreamCallbacks) {
    this.#parts = parts;
    const { stdin, stdout, stderr } = callbacks;
    this.#handlers = [
      this.#input(stdin && { stdin }),
      this.#output(1, stdout && { batched: stdout }),
      this.#output(2, stderr && { batched: stderr }),
    ];
    this.#makeDevices();
    for (const fd of DESCRIPTORS) this.#open(fd);
  }

  /** Python has started: from now on it is asked to write what it holds back. */
  pythonStarted(): void {
    this.#pythonRuns = true;
  }

  setStdin(options?: StdinOptions): void {
    this.#set(0, this.#input(options));
  }

  setStdout(options?: StdoutOptions): void {
    this.#set(1, this.#output(1, options));
  }

  setStderr(options?: StdoutOptions): void {
    this.#set(2, this.#output(2, options));
  }

  /** What was written so far goes to the old handler, what comes after to the new one. */
  #set(fd: Descriptor, handler: StreamHandler): void {
    if (this.#pythonRuns) this.#parts.flushPython();
    const { FS } = this.#parts.module;
    try {
      this.#handlers[fd].fsync();
    } catch (error) {
      console.error("Error thrown in fsync by a stream that is replaced:", error);
    }
    this.#handlers[fd] = handler;
    // Every descriptor of the device sees the new handler. Where another file is, we come back.
    if (FS.getStream(fd)?.node.rdev !== FS.makedev(DEVICE_MAJOR, fd)) this.#open(fd);
  }

  #input(options: StdinOptions | undefined): StreamHandler {
    const { host, signals, isPyProxy } = this.#parts;
    return inputHandler(options, host, () => signals.buffer !== undefined, isPyProxy);
  }

  #output(fd: 1 | 2, options: StdoutOptions | undefined): StreamHandler {
    const { host, isPyProxy } = this.#parts;
    return outputHandler(fd, options, host, isPyProxy);
  }

  #makeDevices(): void {
    const { module, signals } = this.#parts;
    const { FS } = module;
    const devices = new StreamDevices(module, signals);
    const replace = (path: string, minor: number, ops: FSStreamOps): void => {
      const device = FS.makedev(DEVICE_MAJOR, minor);
      FS.registerDevice(device, ops);
      FS.unlink(path);
      FS.mkdev(path, 0o666, device);
    };
    for (const fd of DESCRIPTORS) {
      replace(
        DEVICE_PATHS[fd],
        fd,
        devices.operations(() => this.#handlers[fd]),
      );
    }
    replace(
      TERMINAL_PATH,
      TERMINAL_MINOR,
      devices.terminal(() => this.#terminal()),
    );
  }

  /** What `/dev/tty` is: where input comes from and output goes to. */
  #terminal(): StreamHandler {
    const [input, output] = this.#handlers;
    return {
      ...input,
      write: (bytes) => output.write!(bytes),
      fsync: () => output.fsync(),
    };
  }

  #open(fd: Descriptor): void {
    const { FS } = this.#parts.module;
    const before = FS.getStream(fd);
    if (before !== null && before !== undefined) FS.close(before);
    const stream = FS.open(DEVICE_PATHS[fd], fd === 0 ? O_RDONLY : O_WRONLY);
    if (stream.fd === fd) return;
    FS.dupStream(stream, fd);
    FS.close(stream);
  }
}

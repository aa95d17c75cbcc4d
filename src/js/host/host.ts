/**
 * What the loader needs of the environment it runs in. Implemented by `node.ts` and `web.ts`;
 * nothing here knows of the bridge.
 */

import type { HttpExchange, HttpRequest } from "./node_http";

/** Told how far a download is; `total` is undefined when the server does not say. */
export type ProgressHook = (file: string, loaded: number, total: number | undefined) => void;

/**
 * What the first three file descriptors do unless the user redirects them. An error with the `code`
 * EAGAIN means: not ready, ask again.
 */
export interface DefaultStreams {
  /**
   * Fills `buffer` with input; returns the number of bytes, 0 at the end of input.
   *
   * @param interruptible - throw EAGAIN rather than wait, if the host can
   */
  read(buffer: Uint8Array, interruptible: boolean): number;
  /** Writes bytes to standard output (1) or standard error (2); returns how many. */
  write(fd: 1 | 2, bytes: Uint8Array): number;
  /** Flushes what `write` holds back. */
  flush(fd: 1 | 2): void;
  /** True if the descriptor is a terminal. */
  isatty(fd: 0 | 1 | 2): boolean;
}

/** What the runtime needs of the program that it lives in. */
export interface Host {
  readonly kind: "node" | "browser" | "worker";
  /** Makes `location` absolute against `base`; a missing `base` means the page or working directory. */
  resolve(location: string, base?: string): string;
  /** Folder (with trailing slash) of an absolute file address. */
  folderOf(file: string): string;
  /**
   * Reads a whole file.
   * @throws RuntimeFileError
   */
  readBytes(file: string, onProgress?: ProgressHook): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Reads a whole file while the program waits. Missing where there is no way to.
   * @throws RuntimeFileError
   */
  readonly readNow?: ((file: string) => Uint8Array<ArrayBuffer>) | undefined;
  /**
   * Writes a file, making its folder, so that nobody ever sees a part of it. Missing where
   * there is no file system to write to.
   */
  readonly keepFile?: (file: string, bytes: Uint8Array) => Promise<void>;
  /**
   * Reads and compiles a WebAssembly file, while it arrives if the host can.
   * @throws RuntimeFileError
   */
  compileWasm(file: string, onProgress?: ProgressHook): Promise<WebAssembly.Module>;
  /**
   * Imports an ECMAScript module.
   * @throws RuntimeFileError
   */
  importModule(file: string): Promise<Record<string, unknown>>;
  /** What is at a path of the host's file system, links followed; missing where there is none. */
  readonly kindOf?: (path: string) => "directory" | "file" | undefined;
  /** Where output goes and input comes from by default. */
  readonly streams: DefaultStreams;
  /** Begins an HTTP request that can be waited for; only where there is no XMLHttpRequest. */
  readonly openHttp?: ((request: HttpRequest) => HttpExchange) | undefined;
}

/**
 * Dynamic import that bundlers leave alone: what it loads is a file of the distribution, or a
 * built-in module of Node that must not appear in a browser's bundle.
 */
export function importUntouched(specifier: string): Promise<Record<string, unknown>> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ specifier) as Promise<
    Record<string, unknown>
  >;
}

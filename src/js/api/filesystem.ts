/**
 * Files of the host and archives in the virtual file system: the functions of the public API.
 */

import type { Host } from "../host/host";
import type { PyodideAPI } from "./api";
import type { EmscriptenModule, FSType } from "./emscripten";
import { createNativeFiles } from "./native_files";
import type { PythonSide } from "./python";

const ARCHIVES = "_pyodide._archive";

/** What {@link PyodideAPI.mountNativeFS} resolves to. */
export interface NativeFS {
  /**
   * Writes to the native directory what Python has changed since the last time; with `populate` the
   * other way round: reads what others have changed in it.
   *
   * @param populate - read instead of write. Default: false
   * @returns a promise that rejects with an Error that names the file which could not be read or written
   */
  syncfs(populate?: boolean): Promise<void>;
}

/** Options of {@link PyodideAPI.unpackArchive}. */
export interface UnpackOptions {
  /** The folder to unpack to; made if it is missing. Default: Python's current folder. */
  extractDir?: string | undefined;
}

/** The part of the public API that this file makes. */
export type Files = Pick<PyodideAPI, "unpackArchive" | "mountNodeFS" | "mountNativeFS">;

/** Text for what went wrong in an operation of the file system. */
function errnoName(module: EmscriptenModule, error: unknown): string {
  const { errno } = error as { errno?: number };
  const found = Object.entries(module.ERRNO_CODES).find(([, number]) => number === errno);
  return found?.[0] ?? String(error);
}

/** The folder at `path`, symbolic links followed; undefined when nothing is there. */
function findNode(
  module: EmscriptenModule,
  path: string,
): ReturnType<FSType["lookupPath"]>["node"] | undefined {
  try {
    return module.FS.lookupPath(path, { follow: true, follow_mount: false }).node;
  } catch (error) {
    if ((error as { errno?: number }).errno === module.ERRNO_CODES["ENOENT"]) return undefined;
    throw new Error(`path '${path}' cannot be used: ${errnoName(module, error)}`, { cause: error });
  }
}

/**
 * Makes the folder for a mount, unless it is there.
 * @throws Error if something else is there, or anything is in it
 */
function prepareMountPoint(module: EmscriptenModule, path: string): void {
  const { FS } = module;
  const node = findNode(module, path);
  if (node === undefined) {
    try {
      FS.mkdirTree(path);
    } catch (error) {
      const what = `path '${path}' cannot be made: ${errnoName(module, error)}`;
      throw new Error(what, { cause: error });
    }
    return;
  }
  if (FS.isMountpoint(node)) {
    throw new Error(`path '${path}' is already a file system mount point`);
  }
  if (!FS.isDir(node.mode)) {
    throw new Error(`path '${path}' points to a file not a directory`);
  }
  if (FS.readdir(path).length > 2) {
    throw new Error(`directory '${path}' is not empty`);
  }
}

function checkPath(name: string, path: unknown): void {
  if (typeof path !== "string" || path === "") {
    throw new TypeError(`${name}: the path in the virtual file system must be a string`);
  }
}

function isBuffer(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

/** Binds the functions to an interpreter. */
export function createFiles(python: PythonSide, module: EmscriptenModule, host: Host): Files {
  return {
    unpackArchive(buffer, format, options = {}) {
      if (!isBuffer(buffer)) {
        throw new TypeError(
          "Expected argument 'buffer' to be an ArrayBuffer or an ArrayBuffer view",
        );
      }
      if (typeof format !== "string") {
        throw new TypeError(
          `Expected argument 'format' to be a string such as "zip" or "gztar", not ${typeof format}`,
        );
      }
      const extractDir = (options as UnpackOptions | null)?.extractDir ?? undefined;
      if (extractDir !== undefined && typeof extractDir !== "string") {
        throw new TypeError(`Option 'extractDir' must be a string, not ${typeof extractDir}`);
      }
      python.call(ARCHIVES, "unpack_buffer", [buffer, format, extractDir]);
    },

    mountNodeFS(path, hostPath) {
      checkPath("mountNodeFS", path);
      if (host.kindOf === undefined) {
        throw new Error("mountNodeFS only works in Node.js; pages have mountNativeFS");
      }
      if (typeof hostPath !== "string" && !(hostPath instanceof URL)) {
        throw new TypeError("mountNodeFS: the path in the host's file system must be a string");
      }
      const root = host.resolve(String(hostPath));
      const kind = host.kindOf(root);
      if (kind === undefined) throw new Error(`hostPath '${String(hostPath)}' does not exist`);
      if (kind !== "directory") {
        throw new Error(`hostPath '${String(hostPath)}' is not a directory`);
      }
      prepareMountPoint(module, path);
      module.FS.mount(module.FS.filesystems["NODEFS"], { root }, path);
    },

    async mountNativeFS(path, directory) {
      checkPath("mountNativeFS", path);
      const files = await createNativeFiles(module, directory);
      prepareMountPoint(module, path);
      const mount = module.FS.mount(files, {}, path).mount;
      try {
        await files.synchronize(mount, true);
      } catch (error) {
        module.FS.unmount(path);
        throw error;
      }
      return { syncfs: (populate = false) => files.synchronize(mount, populate) };
    },
  };
}

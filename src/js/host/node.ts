/**
 * Node.js: files through node:fs, descriptors 0-2 of the process.
 */

import { ADVICE_COPY_AGAIN, ADVICE_INDEX_URL, describeError, RuntimeFileError } from "./errors";
import { type DefaultStreams, type Host, importUntouched, type ProgressHook } from "./host";
import { createNodeHttp, type Threads } from "./node_http";
import { compileBytes } from "./wasm";
import { fetchBytes } from "./fetch";

type Fs = typeof import("node:fs");
type Path = typeof import("node:path");
type Url = typeof import("node:url");
type Tty = typeof import("node:tty");
type V8 = typeof import("node:v8");

const URL_SCHEME = /^[a-z][a-z0-9+.-]+:\/\//i;

/**
 * Node 20 compiles functions as large as Python's interpreter loop in a quick way, which keeps values in memory rather than
 * in registers: such a loop is a tenth slower and takes twice the stack, too much for as many nested calls as Python allows.
 * Later releases have no such way, and no such flag.
 */
function allocateRegistersWell(v8: V8): void {
  if (process.versions.v8.startsWith("11.3.")) {
    v8.setFlagsFromString("--no-turbo-use-mid-tier-regalloc-for-huge-functions");
  }
}

/** Builds the host; loads the built-in modules that it uses. */
export async function createNodeHost(): Promise<Host> {
  const [fs, path, url, tty, threads, v8] = (await Promise.all(
    ["node:fs", "node:path", "node:url", "node:tty", "node:worker_threads", "node:v8"].map(
      importUntouched,
    ),
  )) as unknown as [Fs, Path, Url, Tty, Threads, V8];
  allocateRegistersWell(v8);

  const toPath = (file: string): string =>
    file.startsWith("file:") ? url.fileURLToPath(file) : file;
  const isRemote = (file: string): boolean => URL_SCHEME.test(file) && !file.startsWith("file:");

  async function readBytes(
    file: string,
    onProgress?: ProgressHook,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (isRemote(file)) {
      return fetchBytes(file, onProgress);
    }
    try {
      const buffer = await fs.promises.readFile(toPath(file));
      onProgress?.(file, buffer.length, buffer.length);
      return plainBytes(buffer);
    } catch (error) {
      throw readFailure(error, file);
    }
  }

  return {
    kind: "node",
    resolve(location, base) {
      if (isRemote(location)) {
        return location;
      }
      if (base !== undefined && isRemote(base)) {
        return new URL(location, base).href;
      }
      return path.resolve(base === undefined ? "." : toPath(base), toPath(location));
    },
    folderOf: (file) =>
      isRemote(file) ? new URL(".", file).href : path.dirname(toPath(file)) + path.sep,
    readBytes,
    readNow(file) {
      try {
        return plainBytes(fs.readFileSync(toPath(file)));
      } catch (error) {
        throw readFailure(error, file);
      }
    },
    keepFile: (file, bytes) => writeWhole(fs, path, toPath(file), bytes),
    compileWasm: async (file, onProgress) => compileBytes(await readBytes(file, onProgress), file),
    async importModule(file) {
      if (isRemote(file)) {
        throw new RuntimeFileError(
          file,
          "cannot be imported, because Node.js loads program code from files only",
          "Download the distribution and let `indexURL` name its folder.",
        );
      }
      const target = toPath(file);
      if (!fs.existsSync(target)) {
        throw new RuntimeFileError(file, "does not exist", ADVICE_INDEX_URL);
      }
      try {
        return await importUntouched(url.pathToFileURL(target).href);
      } catch (error) {
        const problem = `cannot be loaded (${describeError(error)})`;
        throw new RuntimeFileError(file, problem, ADVICE_COPY_AGAIN, error);
      }
    },
    kindOf(path) {
      const found = fs.statSync(toPath(path), { throwIfNoEntry: false });
      return found && (found.isDirectory() ? "directory" : "file");
    },
    streams: nodeStreams(fs, tty),
    openHttp: createNodeHttp(threads),
  };
}

const plainBytes = ({ buffer, byteOffset, byteLength }: Buffer): Uint8Array<ArrayBuffer> =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

/** Writes a file, and the folder for it, so that others see all of it or nothing. */
async function writeWhole(fs: Fs, path: Path, target: string, bytes: Uint8Array): Promise<void> {
  const partial = `${target}.${process.pid}.partial`;
  await fs.promises.mkdir(path.dirname(target), { recursive: true });
  await fs.promises.writeFile(partial, bytes);
  await fs.promises.rename(partial, target);
}

function readFailure(error: unknown, file: string): RuntimeFileError {
  const code = (error as NodeJS.ErrnoException).code;
  const problem = code === "ENOENT" ? "does not exist" : `cannot be read (${describeError(error)})`;
  return new RuntimeFileError(file, problem, ADVICE_INDEX_URL, error);
}

function nodeStreams(fs: Fs, tty: Tty): DefaultStreams {
  let input: number | undefined;
  return {
    read(buffer, interruptible) {
      try {
        return fs.readSync(interruptible ? (input ??= openNonBlocking(fs)) : 0, buffer);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EOF") {
          return 0;
        }
        throw error;
      }
    },
    write: (fd, bytes) => fs.writeSync(fd, bytes),
    flush() {},
    isatty: (fd) => tty.isatty(fd),
  };
}

/**
 * A second descriptor of standard input that does not wait for input, for waiting can't be
 * interrupted; the first one if there can be none. Other processes that share the first one are not
 * affected.
 */
function openNonBlocking(fs: Fs): number {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = fs.constants;
  try {
    const kind = fs.fstatSync(0);
    // A file would be read from its start again.
    return kind.isFIFO() || kind.isCharacterDevice()
      ? fs.openSync("/dev/stdin", O_RDONLY | O_NONBLOCK | O_NOCTTY)
      : 0;
  } catch {
    return 0;
  }
}

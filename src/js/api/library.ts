/**
 * The parts of the Python library that are apart: files that are in the virtual file system from the start, and whose
 * contents are read when Python first does.
 */

import { ADVICE_COPY_AGAIN, describeError, RuntimeFileError } from "../host/errors";
import type { Host, ProgressHook } from "../host/host";
import { verifyWasm, verifyZip } from "../host/verify";
import type { EmscriptenModule, FSNode } from "./emscripten";
import { EXTENSION_SUFFIX, type FileKey, LIB_DYNLOAD, LIBRARY, type Places } from "./layout";

/** What is apart: sizes in bytes, by names. */
export interface LibraryIndex {
  /** Files of the archive `modules.zip`, in its order, by their paths below the library's folder. */
  readonly modules: Readonly<Record<string, number>>;
  /** Extension modules, each a file of its own. */
  readonly extensions: Readonly<Record<string, number>>;
}

/** Filled in by the build. */
declare const BUILD_LIBRARY: LibraryIndex;

const MODULES: FileKey = "modules.zip";
/** Of the header before each file in an archive, without its name. */
const ZIP_HEADER_SIZE = 30;
const READ_ONLY_FILE = 0o100444;
const ADVICE_LOAD_AT_START =
  "To read all of the library at the start, pass fullStdLib: true to loadPyodide.";

/** Where in a part a file is. */
interface Place {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
}

/** A file of the distribution, with the files that are in it. */
interface Part {
  readonly file: FileKey;
  readonly size: number;
  readonly places: readonly Place[];
  readonly verify: (bytes: Uint8Array, file: string) => void;
}

/** Parts that have been read, by their names. */
export type LoadedParts = ReadonlyMap<FileKey, Uint8Array<ArrayBuffer>>;

function listParts(index: LibraryIndex): Part[] {
  let end = 0;
  const places = Object.entries(index.modules).map(([name, size]) => {
    const offset = end + ZIP_HEADER_SIZE + name.length;
    end = offset + size;
    return { path: `${LIBRARY}/${name}`, offset, size };
  });
  const extensions = Object.entries(index.extensions).map(([name, size]) => {
    const path = `${LIB_DYNLOAD}/${name}${EXTENSION_SUFFIX}`;
    const file = `${name}.wasm` as FileKey;
    return { file, size, places: [{ path, offset: 0, size }], verify: verifyWasm };
  });
  return places.length === 0
    ? extensions
    : [{ file: MODULES, size: end, places, verify: verifyZip }, ...extensions];
}

/** The library's parts, of one interpreter. */
export class Library {
  readonly #host: Host;
  readonly #locations: Places;
  readonly #parts: readonly Part[];
  /** Parts that have been read. */
  readonly #read = new Map<FileKey, Uint8Array<ArrayBuffer>>();
  #modules: Promise<void> | undefined;

  /**
   * @param host - reads the files
   * @param locations - where they are
   * @param index - what is apart
   */
  constructor(host: Host, locations: Places, index: LibraryIndex = BUILD_LIBRARY) {
    this.#host = host;
    this.#locations = locations;
    this.#parts = listParts(index);
  }

  /**
   * Reads all parts, if that is wanted or they could not be read later.
   *
   * @param wanted - whether the user wants it
   * @param onProgress - told how far that is
   * @throws RuntimeFileError
   */
  async load(wanted: boolean, onProgress?: ProgressHook): Promise<LoadedParts> {
    const parts = wanted || this.#host.readNow === undefined ? this.#parts : [];
    const pairs = parts.map(async (part) => {
      const file = this.#locations.of(part.file);
      return [
        part.file,
        checked(part, await this.#host.readBytes(file, onProgress), file),
      ] as const;
    });
    return new Map(await Promise.all(pairs));
  }

  /** Puts the files in their places. */
  place(module: EmscriptenModule, loaded: LoadedParts): void {
    for (const [file, bytes] of loaded) this.#read.set(file, bytes);
    for (const part of this.#parts) {
      this.#placePart(module, part);
    }
  }

  /**
   * Reads the modules, for what is about to run will import some and would have to wait for them. Where
   * they lie on disk there is nothing to gain. If that fails, who imports one is told.
   */
  async expectModules(): Promise<void> {
    const part = this.#parts.find(({ file }) => file === MODULES);
    if (part === undefined || this.#host.kind === "node") return;
    const read = async (): Promise<void> => {
      if (this.#read.has(MODULES)) return;
      const file = this.#locations.of(MODULES);
      const bytes = checked(part, await this.#host.readBytes(file), file);
      if (!this.#read.has(MODULES)) this.#read.set(MODULES, bytes);
    };
    this.#modules ??= read().catch(() => {
      this.#modules = undefined;
    });
    await this.#modules;
  }

  #placePart({ FS, MEMFS }: EmscriptenModule, part: Part): void {
    const read = (): Uint8Array => {
      let bytes = this.#read.get(part.file);
      if (bytes === undefined) {
        bytes = this.#readNow(part);
        this.#read.set(part.file, bytes);
      }
      return bytes;
    };
    const folders = new Map<string, FSNode>();
    for (const { path, offset, size } of part.places) {
      const cut = path.lastIndexOf("/");
      const name = path.slice(0, cut);
      let folder = folders.get(name);
      if (folder === undefined) {
        FS.mkdirTree(name);
        folder = FS.lookupPath(name).node;
        folders.set(name, folder);
      }
      const node = MEMFS.createNode(folder, path.slice(cut + 1), READ_ONLY_FILE, 0);
      node.usedBytes = size;
      readLater(node, () => read().subarray(offset, offset + size));
    }
  }

  #readNow(part: Part): Uint8Array<ArrayBuffer> {
    const file = this.#locations.of(part.file);
    try {
      return checked(part, this.#host.readNow!(file), file);
    } catch (error) {
      const problem = error instanceof RuntimeFileError ? error.problem : describeError(error);
      throw new Error(
        `A part of the Python library is missing: ${file} ${problem}. ${ADVICE_LOAD_AT_START}`,
        { cause: error },
      );
    }
  }
}

function checked(
  part: Part,
  bytes: Uint8Array<ArrayBuffer>,
  file: string,
): Uint8Array<ArrayBuffer> {
  part.verify(bytes, file);
  // An archive has a directory behind the files.
  if (part.file === MODULES ? bytes.length < part.size : bytes.length !== part.size) {
    const problem = `is of another build: it has ${bytes.length} bytes instead of ${part.size}`;
    throw new RuntimeFileError(file, problem, ADVICE_COPY_AGAIN);
  }
  return bytes;
}

/** Has a file's contents be read when they are first looked at; who writes to the file replaces them. */
function readLater(node: FSNode, read: () => Uint8Array): void {
  const settle = (value: unknown): void => {
    Object.defineProperty(node, "contents", { value, writable: true, enumerable: true });
  };
  Object.defineProperty(node, "contents", {
    configurable: true,
    enumerable: true,
    get() {
      const value = read();
      settle(value);
      return value;
    },
    set: settle,
  });
}

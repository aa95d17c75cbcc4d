/**
 * Types of the parts of the Emscripten module that the API uses or hands to its users.
 */

/** Result of `FS.stat`. */
export interface FSStat {
  dev: number;
  ino: number;
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  rdev: number;
  size: number;
  atime: Date;
  mtime: Date;
  ctime: Date;
  blksize: number;
  blocks: number;
}

/** An entry of the virtual file system's tree. */
export interface FSNode {
  id: number;
  name: string;
  mode: number;
  rdev: number;
  parent: FSNode;
  mount: FSMount;
  /** Times in milliseconds since 1970. */
  mtime: number;
  /** Bytes of a file in memory, which may be longer than the file; entries of a folder in memory. */
  contents?: unknown;
  usedBytes?: number;
  node_ops: FSNodeOps;
}

/** Operations on entries of a file system's tree, as far as they are used. */
export interface FSNodeOps {
  mknod?: ((parent: FSNode, name: string, mode: number, device: number) => FSNode) | undefined;
  symlink?: ((parent: FSNode, name: string, target: string) => FSNode) | undefined;
}

/** A file system in its place. */
export interface FSMount {
  readonly mountpoint: string;
  readonly root: FSNode;
}

/** An open file. */
export interface FSStream {
  fd: number;
  node: FSNode;
  path: string;
  flags: number;
  position: number;
  tty?: { ops: object };
  seekable?: boolean;
  stream_ops: FSStreamOps;
}

/** Operations of a device registered with `FS.registerDevice`. */
export interface FSStreamOps {
  open?(stream: FSStream): void;
  close?(stream: FSStream): void;
  fsync?(stream: FSStream): void;
  /** The stream is a copy of another one of the same file. */
  dup?(stream: FSStream): void;
  read?(
    stream: FSStream,
    buffer: Int8Array,
    offset: number,
    length: number,
    position?: number,
  ): number;
  write?(
    stream: FSStream,
    buffer: Int8Array,
    offset: number,
    length: number,
    position?: number,
  ): number;
}

/** The virtual file system (Emscripten's `FS`). */
export interface FSType {
  /** Errors of all operations; `errno` is one of {@link PyodideAPI.ERRNO_CODES}. */
  readonly ErrnoError: new (errno: number) => Error & { errno: number };
  /** Available file system types, to pass to `mount`. */
  readonly filesystems: Record<string, unknown>;
  /**
   * Called with what is done to files, by the functions' names: `onOpenFile`, `onCloseFile`, `onReadFile`,
   * `onWriteToFile`, `onMakeDirectory`, `onMovePath`, `onDeletePath` ... with paths and numbers.
   */
  trackingDelegate: Record<string, (...args: any[]) => unknown>;
  cwd(): string;
  chdir(path: string): void;
  mkdir(path: string, mode?: number): FSNode;
  mkdirTree(path: string, mode?: number): void;
  rmdir(path: string): void;
  readdir(path: string): string[];
  rename(oldPath: string, newPath: string): void;
  unlink(path: string): void;
  symlink(target: string, path: string): FSNode;
  readlink(path: string): string;
  stat(path: string, dontFollow?: boolean): FSStat;
  lstat(path: string): FSStat;
  chmod(path: string, mode: number, dontFollow?: boolean): void;
  lchmod(path: string, mode: number): void;
  fchmod(fd: number, mode: number): void;
  chown(path: string, uid: number, gid: number, dontFollow?: boolean): void;
  utime(path: string, atime: number, mtime: number): void;
  truncate(path: string, length: number): void;
  ftruncate(fd: number, length: number): void;
  mknod(path: string, mode: number, device: number): FSNode;
  isChrdev(mode: number): boolean;
  isBlkdev(mode: number): boolean;
  isFIFO(mode: number): boolean;
  isSocket(mode: number): boolean;
  isFile(mode: number): boolean;
  isDir(mode: number): boolean;
  isLink(mode: number): boolean;
  readFile(path: string, options: { encoding: "utf8" }): string;
  readFile(path: string, options?: { encoding?: "binary" }): Uint8Array;
  writeFile(
    path: string,
    data: string | ArrayBufferView,
    options?: { canOwn?: boolean; flags?: number | string; mode?: number; encoding?: string },
  ): void;
  open(path: string, flags: number | string, mode?: number): FSStream;
  close(stream: FSStream): void;
  getStream(fd: number): FSStream | null | undefined;
  /** Makes `fd`, which is free, another descriptor of an open file. */
  dupStream(stream: FSStream, fd?: number): FSStream;
  /** Forgets a descriptor without a word to its file. */
  closeStream(fd: number): void;
  read(
    stream: FSStream,
    buffer: ArrayBufferView,
    offset: number,
    length: number,
    position?: number,
  ): number;
  write(
    stream: FSStream,
    buffer: ArrayBufferView,
    offset: number,
    length: number,
    position?: number,
  ): number;
  llseek(stream: FSStream, offset: number, whence: number): number;
  getPath(node: FSNode): string;
  /**
   * Makes a file of `data`; who may read and write it is said by the last two.
   * @returns the new file
   */
  createDataFile(
    parent: string | FSNode,
    name: string | null,
    data: ArrayLike<number> | string,
    canRead: boolean,
    canWrite: boolean,
    canOwn?: boolean,
  ): FSNode | void;
  /** Makes a file whose contents are read from an address when they are first wanted; only in workers. */
  createLazyFile(
    parent: string | FSNode,
    name: string,
    url: string,
    canRead: boolean,
    canWrite: boolean,
  ): FSNode;
  /** Makes a folder and those above it; returns its path. */
  createPath(parent: string | FSNode, path: string, canRead?: boolean, canWrite?: boolean): string;
  /** Makes a device of functions that give and take bytes; `major` is the number of the last one. */
  createDevice: {
    (
      parent: string | FSNode,
      name: string,
      input?: () => number | null | undefined,
      output?: (code: number) => void,
    ): FSNode;
    major: number;
  };
  isMountpoint(node: FSNode): boolean;
  mount(type: unknown, options: object, mountPoint: string): FSNode;
  unmount(mountPoint: string): void;
  syncfs(populate: boolean, callback: (error: any) => void): void;
  syncfs(callback: (error: any) => void): void;
  analyzePath(path: string, dontResolveLastLink?: boolean): { exists: boolean };
  lookupPath(path: string, options?: object): { path: string; node: FSNode };
  makedev(major: number, minor: number): number;
  mkdev(path: string, mode: number, device: number): FSNode;
  mkdev(path: string, device: number): FSNode;
  registerDevice(device: number, ops: FSStreamOps): void;
}

/** Path arithmetic (Emscripten's `PATH`). */
export interface PathType {
  isAbs(path: string): boolean;
  normalize(path: string): string;
  dirname(path: string): string;
  basename(path: string): string;
  join(...parts: string[]): string;
  join2(left: string, right: string): string;
}

/** How a shared library is loaded. */
export interface LibraryFlags {
  /** Its symbols are for all libraries that are loaded later. */
  global: boolean;
  /** It stays loaded. */
  nodelete: boolean;
  /** Give a promise of the result. */
  loadAsync?: boolean;
}

/** Emscripten's loader of shared libraries, as far as it is used here. */
export interface DynamicLinker {
  /** Loaded libraries; `__main__` is the main module with all global symbols. */
  LDSO: { loadedLibsByName: Record<string, { exports: WebAssembly.Exports } | undefined> };
  /** Exports of libraries that need not be read from a file, by their paths. */
  preloadedWasm: Record<string, WebAssembly.Exports>;
  loadDynamicLibrary(path: string, flags: LibraryFlags, scope?: Record<string, unknown>): unknown;
  loadWebAssemblyModule(
    binary: WebAssembly.Module | Uint8Array,
    flags: LibraryFlags,
    path: string,
    scope: Record<string, unknown>,
  ): WebAssembly.Exports;
}

/** The instantiated Emscripten module. */
export interface EmscriptenModule {
  FS: FSType;
  PATH: PathType;
  ERRNO_CODES: Record<string, number>;
  ENV: Record<string, string>;
  TTY: { default_tty_ops: object };
  MEMFS: {
    mount(mount: FSMount): FSNode;
    createNode(parent: FSNode, name: string, mode: number, device: number): FSNode;
    expandFileStorage(node: FSNode, size: number): void;
    resizeFileStorage(node: FSNode, size: number): void;
  };
  NODEFS: { convertNodeCode(error: { code: string }): number };
  /** Where Emscripten's graphics libraries draw. */
  canvas?: unknown;
  HEAP8: Int8Array;
  HEAPU8: Uint8Array;
  /** A `WebAssembly.Memory`; not every program that reads these types knows that name. */
  wasmMemory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  [name: string]: unknown;
}

/** What is handed to the module's factory. */
export interface EmscriptenModuleArg {
  noInitialRun: boolean;
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): object;
  locateFile(name: string): string;
  preRun: ((module: EmscriptenModule) => void)[];
  onAbort(reason: unknown): void;
  print(text: string): void;
  printErr(text: string): void;
}

/** Default export of `pyodide.asm.mjs`. */
export type EmscriptenFactory = (arg: EmscriptenModuleArg) => Promise<EmscriptenModule>;

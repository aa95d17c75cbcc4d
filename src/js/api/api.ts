/**
 * The object that `loadPyodide` resolves to.
 */

import type { Core } from "../core/core";
import type { LiveProxy } from "../core/pyproxy/provenance";
import type { Host } from "../host/host";
import type { HttpExchange, HttpRequest } from "../host/node_http";
import type { EmscriptenModule, FSType, PathType } from "./emscripten";
import type { Ffi, PyDict, PyProxy } from "./ffi";
import { createFiles, type NativeFS, type UnpackOptions } from "./filesystem";
import { createGlobals } from "./globals";
import { createInterrupts, type InterruptBuffer } from "./interrupts";
import { addKnownNames, type Config, type KnownNames, knownNames } from "./known_names";
import { BOOTSTRAP, version } from "./layout";
import type { Lockfile, LockfileInfo, LockfilePackage } from "./packages/lockfile";
import type { LoadPackageOptions, PackageData, PackageManager } from "./packages/manager";
import type { DirectoryHandle } from "./native_files";
import { PythonSide } from "./python";
import { createRunner, type RunOptions } from "./run";
import type { StdinOptions, StdoutOptions } from "./stream_options";
import type { Streams } from "./streams";

/** Options of {@link PyodideAPI.toPy}. */
export interface ToPyOptions {
  /** How many levels of containers to convert; -1 or nothing means all. */
  depth?: number | undefined;
  /**
   * Called for objects that have no conversion of their own. A PyProxy that it returns is used
   * up; `convert` returns proxies that it must destroy.
   */
  defaultConverter?:
    | ((
        value: any,
        convert: (value: any) => any,
        cache: (value: any, result: PyProxy) => void,
      ) => any)
    | null
    | undefined;
}

/** Counters of the bridge. */
export interface DebugApi {
  /** Live references and proxies, and whether a Python error is pending. */
  counts(): {
    jsRefs: number;
    jsProxies: number;
    pyProxies: number;
    frames: number;
    errorSet: boolean;
  };
  /** Calls across the boundary since {@link DebugApi.resetCrossings}. */
  crossings(): { jsToPy: number; pyToJs: number };
  resetCrossings(): void;
}

/** The canvas that Emscripten's graphics libraries draw on; they share one. */
export interface Canvas {
  /** Says which canvas is drawn on. */
  setCanvas2D(canvas: any): void;
  /** The canvas that was set, or undefined. */
  getCanvas2D(): any;
  /** As {@link Canvas.setCanvas2D}. */
  setCanvas3D(canvas: any): void;
  /** As {@link Canvas.getCanvas2D}. */
  getCanvas3D(): any;
}

/** For the project's tests and tools; may change with every version. */
export interface PrivateApi extends KnownNames {
  readonly core: unknown;
  readonly debug: DebugApi;
  /** Remembers what Python code can change in `__main__`, `sys.modules` and the JavaScript modules. */
  saveState(): PyProxy;
  /** Puts it back and destroys `state`; returns what Python's `gc.collect()` returns. */
  restoreState(state: PyProxy): number;
  /**
   * Treats `error` as fatal: logs it and makes the runtime refuse to work. Called, as it is then,
   * for everything that escapes from WebAssembly.
   * @throws `error` itself, so that no Python code goes on
   */
  fatal_error(error: unknown): never;
  /** Called, if set, with the error that made the runtime refuse to work. */
  on_fatal?: ((error: unknown) => void) | undefined;
  /**
   * What installers in Python use, such as micropip: unpacks a wheel, and compiles its libraries.
   * @param buffer - the wheel
   * @param filename - name of its file
   * @param installDir - folder of modules. Default: site-packages
   * @param metadata - texts to add to the wheel's dist-info by their file names; a dict from Python
   */
  install(
    buffer: ArrayBuffer | ArrayBufferView<ArrayBuffer>,
    filename: string,
    installDir?: string,
    metadata?: Record<string, string> | PyProxy,
  ): Promise<void>;
  /** Loads a shared library; its symbols are for later ones if `global` is true. */
  loadDynlib(path: string, global?: boolean): Promise<void>;
  /** Reads a file of the host: of Node's file system, or an address. */
  loadBinaryFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  readonly lockfile: Lockfile;
  readonly lockfile_info: LockfileInfo;
  readonly lockfile_packages: Record<string, LockfilePackage>;
  /** Class of what PyProxies throw where Python has let go of its lock. */
  readonly NoGilError: new () => Error;
  /**
   * A leak report: the live proxies that were made since `setDebug(true)`, oldest first, without
   * those that the garbage collector has taken.
   */
  liveProxies(): LiveProxy[];
  /** Begins an HTTP request that Python can wait for without `await`; only in Node. */
  readonly openHttp: ((request: HttpRequest) => HttpExchange) | undefined;
}

/** A Python interpreter. */
export interface PyodideAPI {
  /** Version of this package. */
  readonly version: string;
  /** Python's global variables; `get` and `has` also see the builtins. */
  readonly globals: PyDict;
  /** The Python package `pyodide`. */
  readonly pyodide_py: PyProxy;
  /** Classes of Python objects in JavaScript, for `instanceof`. */
  readonly ffi: Ffi;
  /** The virtual file system. */
  readonly FS: FSType;
  /** Path arithmetic for the virtual file system. */
  readonly PATH: PathType;
  /** Numbers of the errors that `FS` throws, by name. */
  readonly ERRNO_CODES: Record<string, number>;
  /**
   * Runs Python code and returns the value of its last expression.
   * @throws PythonError if the code raises
   */
  runPython(code: string, options?: RunOptions): any;
  /**
   * Runs Python code that may use `await` at top level.
   * @returns a promise of the value of its last expression; rejects with a PythonError
   */
  runPythonAsync(code: string, options?: RunOptions): Promise<any>;
  /**
   * The object that Python's global variable `name` holds; without such a variable, the
   * module of that name, which is imported. In `"a.b"`, `b` is an attribute or submodule of `a`.
   * @throws PythonError if there is neither
   */
  pyimport(name: string): any;
  /**
   * Loads packages of the distribution, or wheels, and what they need. All files are there and
   * checked before the first is installed.
   *
   * @param names - names of packages, addresses of wheels, or a Python list of them
   * @param options - who is told what goes on, and whether files are compared with their digests
   * @returns a promise of what was loaded, without what was there already
   * @throws Error for an unknown name, or a wheel for another machine
   * @throws PackageError if a file cannot be had, or is not what it should be; what was loaded
   * before still works
   */
  loadPackage(
    names: string | string[] | PyProxy,
    options?: LoadPackageOptions,
  ): Promise<PackageData[]>;
  /**
   * Loads the packages of the distribution that hold the modules which `code` imports.
   * @param code - Python code; with a syntax error in it, nothing is loaded
   */
  loadPackagesFromImports(code: string, options?: LoadPackageOptions): Promise<PackageData[]>;
  /** Loaded packages by name: `"default channel"`, or the address of the wheel. */
  readonly loadedPackages: Record<string, string>;
  /** The distribution's packages. */
  readonly lockfile: Lockfile;
  /** Base address of the files that the lock file names; of several, the first. */
  readonly lockfileBaseUrl: string | undefined;
  /** Converts a JavaScript value to Python, containers included; scalars and PyProxies stay as they are. */
  toPy(value: any, options?: ToPyOptions): any;
  /**
   * Makes `module` importable in Python as `name`.
   * @throws PythonError if `name` is not a string or `module` not an object
   */
  registerJsModule(name: string, module: object): void;
  /**
   * Undoes {@link PyodideAPI.registerJsModule} for later imports.
   * @throws PythonError if no such module is registered
   */
  unregisterJsModule(name: string): void;
  /**
   * Tells the library Comlink's proxies, which claim to have every property, from functions:
   * in Python they are callable and awaitable.
   * @param comlink - the module Comlink
   * @throws TypeError if it is another object
   */
  registerComlink(comlink: any): void;
  /** The canvas that Emscripten's graphics libraries draw on. */
  readonly canvas: Canvas;
  /**
   * Unpacks an archive into the virtual file system. The buffer is not copied and must not change meanwhile.
   *
   * @param buffer - the archive
   * @param format - `"zip"`, `"tar"`, `"gztar"`, `"bztar"`, `"xztar"`, `"whl"`, another format that is registered
   * with Python's `shutil`, or an extension such as `".tar.gz"` or `"wheel"`
   * @throws TypeError for arguments of other types
   * @throws PythonError of type ValueError for an unknown format, ReadError for bytes that are no such archive
   */
  unpackArchive(
    buffer: ArrayBuffer | ArrayBufferView,
    format: string,
    options?: UnpackOptions,
  ): void;
  /**
   * Node.js only: mounts a directory of the host. What Python does to its files happens at once.
   *
   * @param path - where Python sees it: an empty directory, made if it is missing
   * @param hostPath - the directory of the host
   * @throws Error if one of them is not as it should be, or elsewhere than in Node.js
   */
  mountNodeFS(path: string, hostPath: string | URL): void;
  /**
   * Mounts a copy of a directory that the user has opened (`showDirectoryPicker()`) or of the origin's private one
   * (`navigator.storage.getDirectory()`). `syncfs()` of the result writes Python's changes to it. What others have put
   * there stays; of a file that both have changed, the last to be copied wins.
   *
   * @param path - where Python sees it: an empty directory, made if it is missing
   * @param directory - the directory; the user is asked for permission if that is needed
   * @returns a promise that resolves when all files have been read
   * @throws TypeError for another kind of handle
   * @throws Error if `path` is not as it should be, the user does not permit it, or a file can't be read
   */
  mountNativeFS(path: string, directory: DirectoryHandle): Promise<NativeFS>;
  /**
   * Says where standard input comes from, from the next read on; without options from where it
   * comes by default: a question in a page (`prompt`), the process's input in Node.js, nothing in a
   * worker. What a handler throws is an OSError in Python, of the kind that a `code` such as `"EPIPE"` names; after
   * `"EAGAIN"` it is asked again.
   * @throws TypeError for options that are wrong or exclude each other
   */
  setStdin(options?: StdinOptions): void;
  /**
   * Says where standard output goes, from the next write on; without options to the console or the
   * process's output. Errors of handlers as in {@link PyodideAPI.setStdin}.
   * @throws TypeError for options that are wrong or exclude each other
   */
  setStdout(options?: StdoutOptions): void;
  /** As {@link PyodideAPI.setStdout}, for standard error. */
  setStderr(options?: StdoutOptions): void;
  /**
   * Gives Python a buffer to look for signals in while it runs: the number of a signal that is
   * put into the first element runs Python's handler for it, which for 2, SIGINT, raises
   * KeyboardInterrupt. Python sets the element back to 0. `undefined` or `null` ends that.
   * @throws TypeError if `buffer` is no typed array
   */
  setInterruptBuffer(buffer: InterruptBuffer | null | undefined): void;
  /**
   * Handles a signal in the interrupt buffer now; for JavaScript that Python has called and that
   * takes long.
   * @throws PythonError what the signal's handler raises
   * @throws FS.ErrnoError EINTR for signal 2, in an operation of the file system for which Python has
   * let go of its lock
   */
  checkInterrupt(): void;
  /**
   * Copies the interpreter's memory, for the option `_loadSnapshot` of a later start with the same build, which then
   * has the modules and variables of this one. Files are not in it, nor are loaded shared libraries and JavaScript
   * objects. Needs the option `_makeSnapshot`.
   * @returns the snapshot
   * @throws Error without the option, or when something cannot be in a snapshot; the message says what
   */
  makeMemorySnapshot(options?: { _renewHashes?: boolean }): Uint8Array;
  /** Switches detailed messages on or off; returns what they were. */
  setDebug(flag: boolean): boolean;
  /** @internal */
  readonly _module: EmscriptenModule;
  /** @internal */
  readonly _api: PrivateApi;
}

/**
 * Builds the API over a started core. Python's package `pyodide` is set up by the caller.
 *
 * @param core - the started core
 * @param module - the Emscripten module that it is attached to
 * @param packages - the interpreter's packages
 * @param host - the environment
 * @param streams - its standard streams
 * @param makeMemorySnapshot - see {@link PyodideAPI.makeMemorySnapshot}
 * @param config - what programs find in `_api.config`
 */
export function createApi(
  core: Core,
  module: EmscriptenModule,
  packages: PackageManager,
  host: Host,
  streams: Streams,
  makeMemorySnapshot: (renewHashes: boolean) => Uint8Array,
  config: Config,
): PyodideAPI {
  const python = new PythonSide(core);
  const globals = createGlobals(python);
  const runner = createRunner(python, globals);
  const privateApi = createPrivateApi(core, python, packages, host, config);
  addKnownNames(module, privateApi);
  const api: PyodideAPI = {
    version,
    globals,
    pyodide_py: core.importModule("pyodide") as PyProxy,
    ffi: python.ffi,
    FS: module.FS,
    PATH: module.PATH,
    ERRNO_CODES: module.ERRNO_CODES,
    ...runner,
    ...createInterrupts(core, module),
    loadPackage: (names, options) => packages.loadPackage(names, options),
    loadPackagesFromImports: (code, options) => packages.loadPackagesFromImports(code, options),
    loadedPackages: packages.loadedPackages,
    lockfile: packages.lockfile,
    lockfileBaseUrl: packages.lockfileBaseUrl,
    ...createFiles(python, module, host),
    canvas: createCanvas(module),
    setStdin: (options) => streams.setStdin(options),
    setStdout: (options) => streams.setStdout(options),
    setStderr: (options) => streams.setStderr(options),
    toPy: (value, options) => core.toPy(value, options),
    registerJsModule: (name, object) => {
      python.call("pyodide.ffi", "register_js_module", [name, object]);
    },
    unregisterJsModule: (name) => {
      python.call("pyodide.ffi", "unregister_js_module", [name]);
    },
    registerComlink: (comlink) => core.registerComlink(comlink),
    makeMemorySnapshot: ({ _renewHashes = false } = {}) => makeMemorySnapshot(_renewHashes),
    setDebug: (flag) => core.setDebug(Boolean(flag)),
    _module: module,
    _api: privateApi,
  };
  core.setFatalHandler((error) => privateApi.fatal_error(error));
  core.onFatal((error) => {
    disable(api, core.refusal);
    try {
      privateApi.on_fatal?.(error);
    } catch (hookError) {
      // It must not take the place of the error that it was told of.
      console.error(hookError);
    }
  });
  return api;
}

function createPrivateApi(
  core: Core,
  python: PythonSide,
  packages: PackageManager,
  host: Host,
  config: Config,
): PrivateApi {
  const own = {
    core,
    debug: core.debug,
    saveState: () => python.call(BOOTSTRAP, "save_state", []) as PyProxy,
    restoreState(state: PyProxy) {
      try {
        return python.call(BOOTSTRAP, "restore_state", [state]) as number;
      } finally {
        state.destroy();
      }
    },
    fatal_error(error: unknown): never {
      throw core.fatalError(error);
    },
    install: (...args: Parameters<PrivateApi["install"]>) => packages.install(...args),
    loadDynlib: (path: string, global?: boolean) => packages.loadDynlib(path, global),
    loadBinaryFile: async (path: string) => host.readBytes(host.resolve(path)),
    lockfile: packages.lockfile,
    lockfile_info: packages.lockfile.info,
    lockfile_packages: packages.lockfile.packages,
    NoGilError: core.NoGilError,
    liveProxies: () => core.liveProxies(),
    openHttp: host.openHttp,
  };
  const known = Object.getOwnPropertyDescriptors(knownNames(python, packages, config));
  return Object.defineProperties(own, known) as typeof own & KnownNames as PrivateApi;
}

function createCanvas(module: EmscriptenModule): Canvas {
  const set = (canvas: unknown): void => {
    module.canvas = canvas;
  };
  const get = (): unknown => module.canvas;
  return { setCanvas2D: set, getCanvas2D: get, setCanvas3D: set, getCanvas3D: get };
}

/** Makes every public property but `version` throw. */
function disable(api: object, message: string): void {
  for (const name of Object.keys(api)) {
    if (name === "version" || name.startsWith("_")) {
      continue;
    }
    Object.defineProperty(api, name, {
      configurable: true,
      enumerable: true,
      get() {
        throw new Error(message);
      },
    });
  }
}

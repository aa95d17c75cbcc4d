/**
 * Starting an interpreter: downloads in parallel, instantiation, file system, Python.
 */

import type { Core, CoreOptions } from "../core/core";
import {
  ADVICE_COPY_AGAIN,
  ADVICE_INDEX_URL,
  describeError,
  RuntimeFileError,
} from "../host/errors";
import type { Host } from "../host/host";
import { verifyZip, zipComment } from "../host/verify";
import { createApi, type PyodideAPI } from "./api";
import type { EmscriptenFactory, EmscriptenModule } from "./emscripten";
import type { PyCallable } from "./ffi";
import { correctFileErrors, guardFileImports } from "./file_errors";
import {
  BOOTSTRAP,
  type FileKey,
  FILES,
  FOLDERS,
  HOME,
  LIBRARY_FOLDER,
  type Places,
  PYTHON_PATH,
  SITE_PACKAGES,
  STDLIB_ARCHIVE,
  version,
} from "./layout";
import type { Config } from "./known_names";
import { PythonSide } from "./python";
import { type CheckedOptions, checkOptions, type LoadOptions } from "./options";
import { Library, type LoadedParts } from "./library";
import { SnapshotMaker } from "./make_snapshot";
import type { PackageManager } from "./packages/manager";
import { openPackages } from "./packages/open";
import { Snapshot } from "./snapshot";
import { StandardStreams } from "./streams";
import { addTestHooks } from "./test_hooks";

const DEFAULT_ENVIRONMENT = { HOME, PYTHONINSPECT: "1", LD_LIBRARY_PATH: LIBRARY_FOLDER };

/** What the loader stands on; tests hand in their own. */
export interface LoaderParts {
  createCore(options: CoreOptions): Core;
  detectHost(): Promise<Host>;
  /** Address or path of the loader script, beside which the distribution lies. */
  readonly scriptLocation: string;
  /** Where the files are when no option says so; otherwise beside the script. */
  locateFiles?(): Readonly<Record<FileKey, string>>;
}

/** The files of the runtime, downloaded and checked. */
interface RuntimeFiles {
  factory: EmscriptenFactory;
  wasm: WebAssembly.Module;
  wasmFile: string;
  stdlib: Uint8Array<ArrayBuffer>;
  /** Which build the files are of. */
  build: string;
  /** What takes the place of starting Python, if anything does. */
  snapshot: Snapshot | undefined;
  parts: LoadedParts;
}

/**
 * Loads the runtime and starts Python.
 *
 * @param parts - core, host and place of the loader
 * @param given - the user's options
 * @throws TypeError for wrong options
 * @throws RuntimeFileError for files that are missing or broken
 * @throws PackageError for a package of the option `packages` that cannot be loaded
 * @throws ExitStatus if the command line makes Python exit, as `--version` does
 * @throws Error with Python's message if the interpreter does not start
 */
export async function load(parts: LoaderParts, given: LoadOptions): Promise<PyodideAPI> {
  const options = checkOptions(given);
  const host = await parts.detectHost();
  const places = findPlaces(parts, host, options.indexURL);
  const core = parts.createCore({
    conversion: options.conversion,
    jsglobals: options.jsglobals,
    convertNullToNone: options.convertNullToNone,
    pyproxyToStringRepr: options.pyproxyToStringRepr,
    toJsLiteralMap: options.toJsLiteralMap,
    debug: options.debug,
  });
  const python = new PythonSide(core);
  const library = new Library(host, places);
  const [files, packages] = await Promise.all([
    loadFiles(host, places, library, options),
    openPackages(python, host, places, options, library),
  ]);
  options.progress.enter("start");
  const { commandLine } = options;
  const env = commandLine ? options.env : { ...DEFAULT_ENVIRONMENT, ...options.env };
  const { snapshot } = files;
  const maker = options.makeSnapshot ? new SnapshotMaker(files.build) : undefined;
  const { module, exports } = await instantiate(core, files, env, maker);
  maker?.remember(module.wasmMemory);
  snapshot?.restore(module.wasmMemory, exports);
  core.attach(module, exports);
  addTestHooks(module, exports, core);
  const home = commandLine ? HOME : env["HOME"]!;
  await prepareFileSystem(module, files, library, home, options);
  const streams = createStreams(python, module, host, options);
  const { args, sysExecutable: path } = options;
  const start = {
    args,
    cwd: home,
    pythonPath: commandLine ? [] : [...PYTHON_PATH],
    ...(path === undefined ? {} : { executable: { path, base: path } }),
    ...commandLine,
  };
  if (snapshot === undefined) core.start(start);
  else core.resume(start);
  const makeSnapshot = (renewHashes: boolean): Uint8Array => {
    if (maker === undefined) {
      throw new Error("makeMemorySnapshot needs loadPyodide's option _makeSnapshot: true");
    }
    return maker.make(python, module, () => setUpPython(python, api, options), renewHashes);
  };
  const { manager } = packages;
  const config = configOf(options, places, manager);
  const api = createApi(core, module, manager, host, streams, makeSnapshot, config);
  setUpPython(python, api, options);
  streams.pythonStarted();
  manager.start(module);
  await packages.preloaded;
  options.progress.enter("ready");
  return api;
}

function configOf(options: CheckedOptions, places: Places, manager: PackageManager): Config {
  const { jsglobals, args, env, packageCacheDir, fullStdLib, enableRunUntilComplete } = options;
  return {
    indexURL: places.folder,
    packageBaseUrl: manager.lockfileBaseUrl,
    ...{ jsglobals, args, env, packageCacheDir, fullStdLib, enableRunUntilComplete },
  };
}

function findPlaces(parts: LoaderParts, host: Host, indexURL: string | undefined): Places {
  if (indexURL === undefined && parts.locateFiles !== undefined) {
    const locations = parts.locateFiles();
    return {
      of: (file) => host.resolve(locations[file]),
      // A bundler may have put the small ones into the program, and changes the script's address.
      folder: host.folderOf(host.resolve(locations.wasm)),
    };
  }
  const folder =
    indexURL === undefined
      ? host.folderOf(parts.scriptLocation)
      : host.resolve(indexURL.replace(/\/*$/, "/"));
  return { of: (file) => host.resolve(FILES[file], folder), folder };
}

function createStreams(
  python: PythonSide,
  module: EmscriptenModule,
  host: Host,
  options: CheckedOptions,
): StandardStreams {
  const parts = {
    module,
    signals: python.core.signals,
    host: options.commandLine?.streams ?? host.streams,
    isPyProxy: (value: unknown) => python.isPyProxy(value),
    flushPython() {
      try {
        python.call(BOOTSTRAP, "flush_streams", []);
      } catch (error) {
        // A handler has asked for another one, in the middle of an operation of Python's.
        if (!(error instanceof python.core.NoGilError)) throw error;
      }
    },
  };
  return new StandardStreams(parts, options);
}

async function loadFiles(
  host: Host,
  places: Places,
  library: Library,
  options: CheckedOptions,
): Promise<RuntimeFiles> {
  const stdlibFile =
    options.stdLibURL === undefined ? places.of("stdlib") : host.resolve(options.stdLibURL);
  const wasmFile = places.of("wasm");
  const snapshotFile = places.of("snapshot");
  const [factory, wasm, stdlib, image, parts] = await Promise.all([
    loadFactory(host, places.of("glue")),
    host.compileWasm(wasmFile, options.onProgress),
    host.readBytes(stdlibFile, options.onProgress),
    options.loadSnapshot ??
      (options.snapshot ? readOwnSnapshot(host, snapshotFile, options) : undefined),
    library.load(options.fullStdLib, options.onProgress),
  ]);
  verifyZip(stdlib, stdlibFile);
  const build = buildOf(wasm, stdlib);
  const place = options.loadSnapshot === undefined ? snapshotFile : "_loadSnapshot";
  const snapshot = image && Snapshot.read(image, place, build);
  return { factory, wasm, wasmFile, stdlib, build, snapshot, parts };
}

/**
 * The distribution's snapshot; undefined when it is missing, for programs that copy the files of
 * Pyodide that they know leave it behind. Some servers send a page for what they do not have.
 */
async function readOwnSnapshot(
  host: Host,
  file: string,
  options: CheckedOptions,
): Promise<Uint8Array | undefined> {
  try {
    const bytes = await host.readBytes(file, options.onProgress);
    return Snapshot.looksLike(bytes) ? bytes : undefined;
  } catch (error) {
    if (error instanceof RuntimeFileError) return undefined;
    throw error;
  }
}

/** The name that the build has given to the main module, and to the standard library. */
function buildOf(wasm: WebAssembly.Module, stdlib: Uint8Array): string {
  const [section] = WebAssembly.Module.customSections(wasm, "build_id");
  const decoder = new TextDecoder();
  return `${decoder.decode(section)} ${decoder.decode(zipComment(stdlib))}`;
}

async function loadFactory(host: Host, file: string): Promise<EmscriptenFactory> {
  const factory = (await host.importModule(file))["default"];
  if (typeof factory !== "function") {
    throw new RuntimeFileError(file, "does not export the runtime's factory", ADVICE_COPY_AGAIN);
  }
  return factory as EmscriptenFactory;
}

/** Instantiates the module; a failure inside Emscripten's callbacks rejects too. */
async function instantiate(
  core: Core,
  files: RuntimeFiles,
  env: Record<string, string>,
  maker: SnapshotMaker | undefined,
): Promise<{ module: EmscriptenModule; exports: WebAssembly.Exports }> {
  let exports: WebAssembly.Exports | undefined;
  const module = await new Promise<EmscriptenModule>((resolve, reject) => {
    files
      .factory({
        noInitialRun: true,
        locateFile: (name) => name,
        print: (text) => console.log(text),
        printErr: (text) => console.warn(text),
        preRun: [(starting) => void Object.assign(starting.ENV, env)],
        onAbort: (reason) =>
          reject(new Error(`The Python runtime aborted while it started: ${String(reason)}`)),
        instantiateWasm(imports, receive) {
          guardFileImports(imports);
          imports["ffi"] = core.imports;
          WebAssembly.instantiate(files.wasm, imports).then(
            (instance) => {
              exports = instance.exports;
              maker?.remember(exports["memory"] as WebAssembly.Memory);
              receive(instance, files.wasm);
            },
            (error: unknown) => reject(linkFailure(error, files.wasmFile)),
          );
          return {};
        },
      })
      .then(resolve, reject);
  });
  if (exports === undefined) {
    throw new RuntimeFileError(files.wasmFile, "was not instantiated", ADVICE_INDEX_URL);
  }
  return { module, exports };
}

function linkFailure(error: unknown, file: string): RuntimeFileError {
  return new RuntimeFileError(
    file,
    `does not fit the loader or ${FILES.glue} (${describeError(error)})`,
    ADVICE_COPY_AGAIN,
    error,
  );
}

async function prepareFileSystem(
  module: EmscriptenModule,
  files: RuntimeFiles,
  library: Library,
  home: string,
  options: CheckedOptions,
): Promise<void> {
  correctFileErrors(module);
  const { FS } = module;
  for (const folder of [...FOLDERS, home]) {
    FS.mkdirTree(folder);
  }
  FS.writeFile(STDLIB_ARCHIVE, files.stdlib, { canOwn: true });
  library.place(module, files.parts);
  FS.chdir(home);
  await options.fsInit?.(FS, { sitePackages: SITE_PACKAGES });
}

/** Registers the modules of JavaScript in Python and checks that both halves fit. */
function setUpPython(python: PythonSide, api: PyodideAPI, options: CheckedOptions): void {
  const { jsglobals, enableRunUntilComplete, commandLine } = options;
  const isProgram = commandLine !== undefined;
  python.call(BOOTSTRAP, "setup", [jsglobals, api, { enableRunUntilComplete, isProgram }]);
  if (!isProgram) {
    showLinesAtOnce(python);
  }
  if (options.checkAPIVersion) {
    const inside = python.attribute("pyodide", "__version__");
    if (inside !== version) {
      throw new Error(
        `The loader is of version ${version}, but the Python library of version ${String(inside)}. ` +
          `${ADVICE_COPY_AGAIN} To go on all the same, pass checkAPIVersion: false.`,
      );
    }
  }
}

/** Python holds back output that goes to no terminal until there is much of it; here, until a line ends. */
function showLinesAtOnce(python: PythonSide): void {
  const stdout = python.attribute("sys", "stdout");
  const reconfigure = python.core.getAttr(stdout, "reconfigure") as PyCallable;
  reconfigure.callKwargs({ line_buffering: true });
  python.release(reconfigure);
  python.release(stdout);
}

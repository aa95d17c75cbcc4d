/**
 * The options of `loadPyodide`: their types, and the checks that turn a mistake into a clear error.
 */

import type { DefaultStreams, ProgressHook } from "../host/host";
import type { FSType } from "./emscripten";
import { type LoadProgress, ProgressReport } from "./progress";
import type { InputCallback } from "./stream_input";

/** Options of {@link loadPyodide}. */
export interface LoadOptions {
  /** Folder of the distribution's files; relative values are resolved. Default: where the loader script is. */
  indexURL?: string | URL | undefined;
  /** Address of the standard library's archive. Default: `python_stdlib.zip` in `indexURL`. */
  stdLibURL?: string | URL | undefined;
  /** Address of the lock file. Default: `pyodide-lock.json` in `indexURL`. */
  lockFileURL?: string | URL | undefined;
  /** The lock file itself: an object, its JSON text, or a promise of either. Excludes `lockFileURL`. */
  lockFileContents?: object | string | Promise<object | string> | undefined;
  /**
   * Base address of package files that the lock file names by a relative address; of several, the
   * first that has a file is used. Default: the folder of the lock file.
   */
  packageBaseUrl?: string | string[] | undefined;
  /** Folder where downloaded packages are kept (Node.js only). Default: the folder of the runtime's files. */
  packageCacheDir?: string | undefined;
  /**
   * Read all of the Python library at the start. Otherwise its rarely used parts are read when they are first
   * imported, while the program waits. Default: false.
   */
  fullStdLib?: boolean | undefined;
  /** How lists, tuples and arrays cross when nothing else is said: copied (`"native"`) or as proxies. */
  conversion?: "native" | "proxy" | undefined;
  /** The object behind Python's `import js`. Default: `globalThis`. */
  jsglobals?: object | undefined;
  /** Python's command line after the program's name. */
  args?: string[] | undefined;
  /** Environment variables. `HOME`, `PYTHONINSPECT` and `LD_LIBRARY_PATH` have defaults. */
  env?: Record<string, string | number | undefined> | undefined;
  /** Called when Python wants a line of input; null or undefined means the end of input. */
  stdin?: InputCallback | undefined;
  /** Called with each line of standard output. */
  stdout?: ((line: string) => void) | undefined;
  /** Called with each line of standard error. */
  stderr?: ((line: string) => void) | undefined;
  /** Packages to load at start: their names, or addresses of wheels; or a single one. */
  packages?: string | string[] | undefined;
  /** Fail if the loader and the runtime are of different versions. Default: true. */
  checkAPIVersion?: boolean | undefined;
  /** Prepares the file system before Python starts. */
  fsInit?: ((fs: FSType, info: { sitePackages: string }) => void | Promise<void>) | undefined;
  /** Let `asyncio.run` and `loop.run_until_complete` block where the engine can switch stacks. */
  enableRunUntilComplete?: boolean | undefined;
  /** Compatibility: `toString()` of a PyProxy gives `repr` instead of `str`. */
  pyproxyToStringRepr?: boolean | undefined;
  /** Compatibility: `toJs` makes a Map of a dict whose string keys are properties too. */
  toJsLiteralMap?: boolean | undefined;
  /** Compatibility: JavaScript's `null` becomes `None` instead of `jsnull`. */
  convertNullToNone?: boolean | undefined;
  /**
   * Told how far loading is, for a progress bar. What it throws makes loading fail.
   */
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Start with detailed messages, as `setDebug(true)` gives them. */
  debug?: boolean | undefined;
  /**
   * Start from the memory snapshot of the distribution, where the other options allow it. Default:
   * true.
   */
  snapshot?: boolean | undefined;
  /** Start in such a way that {@link PyodideAPI.makeMemorySnapshot} works. */
  _makeSnapshot?: boolean | undefined;
  /** A snapshot that `makeMemorySnapshot` has made with the same build. */
  _loadSnapshot?: Uint8Array | ArrayBuffer | undefined;
  /** `sys.executable`, as tools set it that run programs in Node.js. */
  _sysExecutable?: string | undefined;
  /** @internal */
  _commandLine?: CommandLine | undefined;
}

/** How the program `python` starts an interpreter. */
export interface CommandLine {
  /** `sys.executable`, and the program that a virtual environment's link stands for. */
  executable: { path: string; base: string };
  /** The folder to start in, in the virtual file system. */
  cwd: string;
  /** Descriptors 0 to 2. */
  streams: DefaultStreams;
  /** How deep C functions may call each other on a stack of the program's choice. */
  cRecursion?: number | undefined;
}

/** Options after checking, with their defaults. */
export interface CheckedOptions {
  indexURL: string | undefined;
  stdLibURL: string | undefined;
  lockFileURL: string | undefined;
  lockFileContents: LoadOptions["lockFileContents"];
  packageBaseUrls: string[];
  packageCacheDir: string | undefined;
  packages: string[];
  fullStdLib: boolean;
  conversion: "native" | "proxy";
  jsglobals: object;
  args: string[];
  env: Record<string, string>;
  stdin: InputCallback | undefined;
  stdout: ((line: string) => void) | undefined;
  stderr: ((line: string) => void) | undefined;
  checkAPIVersion: boolean;
  fsInit: LoadOptions["fsInit"];
  enableRunUntilComplete: boolean;
  pyproxyToStringRepr: boolean;
  toJsLiteralMap: boolean;
  convertNullToNone: boolean;
  /** Who downloads tells it, and it the user. */
  onProgress: ProgressHook | undefined;
  progress: ProgressReport;
  debug: boolean;
  /** Whether the snapshot of the distribution may take the place of a start. */
  snapshot: boolean;
  makeSnapshot: boolean;
  loadSnapshot: Uint8Array | undefined;
  sysExecutable: string | undefined;
  commandLine: CommandLine | undefined;
}

interface Rule {
  expected: string;
  accepts(value: unknown): boolean;
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

const ADDRESS: Rule = {
  expected: "a string or URL",
  accepts: (value) => (typeof value === "string" && value !== "") || value instanceof URL,
};
const TEXT: Rule = { expected: "a string", accepts: (value) => typeof value === "string" };
const FLAG: Rule = { expected: "a boolean", accepts: (value) => typeof value === "boolean" };
const CALLBACK: Rule = {
  expected: "a function",
  accepts: (value) => typeof value === "function",
};
const TEXTS: Rule = {
  expected: "an array of strings",
  accepts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
};

const RULES: Record<keyof LoadOptions, Rule> = {
  indexURL: ADDRESS,
  stdLibURL: ADDRESS,
  lockFileURL: ADDRESS,
  lockFileContents: {
    expected: "an object, a JSON string, or a promise of one",
    accepts: (value) => typeof value === "string" || (typeof value === "object" && value !== null),
  },
  packageBaseUrl: {
    expected: "a string or an array of strings",
    accepts: (value) => TEXT.accepts(value) || TEXTS.accepts(value),
  },
  packageCacheDir: TEXT,
  fullStdLib: FLAG,
  conversion: {
    expected: '"native" or "proxy"',
    accepts: (value) => value === "native" || value === "proxy",
  },
  jsglobals: { expected: "an object", accepts: isObject },
  args: TEXTS,
  env: {
    expected: "an object whose values are strings or numbers",
    accepts: (value) =>
      isObject(value) &&
      Object.values(value).every((item) => ["string", "number", "undefined"].includes(typeof item)),
  },
  stdin: CALLBACK,
  stdout: CALLBACK,
  stderr: CALLBACK,
  packages: {
    expected: "an array of strings, or a string",
    accepts: (value) => TEXT.accepts(value) || TEXTS.accepts(value),
  },
  checkAPIVersion: FLAG,
  fsInit: CALLBACK,
  enableRunUntilComplete: FLAG,
  pyproxyToStringRepr: FLAG,
  toJsLiteralMap: FLAG,
  convertNullToNone: FLAG,
  onProgress: CALLBACK,
  debug: FLAG,
  snapshot: FLAG,
  _makeSnapshot: FLAG,
  _loadSnapshot: {
    expected: "a Uint8Array or an ArrayBuffer",
    accepts: (value) => value instanceof Uint8Array || value instanceof ArrayBuffer,
  },
  _sysExecutable: TEXT,
  _commandLine: { expected: "an object", accepts: isObject },
};

/** Number of single-character edits between two words, with case changes at half price. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 0; i < left.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < right.length; j++) {
      const [a, b] = [left.charAt(i), right.charAt(j)];
      const change = a === b ? 0 : a.toLowerCase() === b.toLowerCase() ? 0.5 : 1;
      next.push(Math.min(row[j]! + change, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[right.length]!;
}

/** The known option whose name looks most like `name`. */
function nearestOption(name: string): string {
  const offered = Object.keys(RULES).filter((known) => !known.startsWith("_"));
  const ranked = offered.map((known) => ({ known, far: editDistance(name, known) }));
  return ranked.reduce((best, item) => (item.far < best.far ? item : best)).known;
}

/** Short description of a value for an error message. */
function describeValue(value: unknown): string {
  if (value === null) {
    return "null";
  }
  if (typeof value === "string") {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  }
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}

/** Without the options that are null: programs pass it for what they have nothing to say of. */
function withoutNulls(options: LoadOptions): LoadOptions {
  const given = Object.entries(options).filter(
    ([name, value]) => value !== null || name === "jsglobals",
  );
  return Object.fromEntries(given);
}

/**
 * An option that is not known is a mistake; where programs written for Pyodide run, it may be one of
 * another version, all of which overlook it.
 */
function refuseOption(name: string, overlooked: boolean): void {
  const message = `loadPyodide: unknown option '${name}'; did you mean '${nearestOption(name)}'?`;
  if (!overlooked) throw new TypeError(message);
  console.warn(message);
}

function checkTypes(options: LoadOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof LoadOptions] : undefined;
    if (rule === undefined) {
      refuseOption(name, options.conversion === "proxy");
      continue;
    }
    if (value !== undefined && !rule.accepts(value)) {
      throw new TypeError(
        `loadPyodide: option '${name}' must be ${rule.expected}, not ${describeValue(value)}`,
      );
    }
  }
}

function checkCombinations(options: LoadOptions): void {
  if (options.lockFileContents !== undefined && options.lockFileURL !== undefined) {
    throw new Error("Can't pass both lockFileContents and lockFileURL");
  }
  if (options._makeSnapshot && options._loadSnapshot !== undefined) {
    throw new Error("Can't pass both _makeSnapshot and _loadSnapshot");
  }
}

const addressText = (value: string | URL | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

/**
 * Whether a start with these options leaves Python as the start of the snapshot has left it. What
 * Python reads while it starts must be the same.
 */
function startsAsUsual(options: LoadOptions): boolean {
  const { args = [], env = {}, fsInit, stdLibURL, _sysExecutable, _commandLine } = options;
  return (
    args.length === 0 &&
    fsInit === undefined &&
    stdLibURL === undefined &&
    _sysExecutable === undefined &&
    _commandLine === undefined &&
    !Object.keys(env).some((name) => name.startsWith("PYTHON"))
  );
}

/**
 * Checks the options and fills in the defaults that do not depend on the host.
 *
 * @param given - what the caller of `loadPyodide` passed
 * @throws TypeError for an unknown option, unless `conversion` is `"proxy"`, or a value of the wrong type
 * @throws Error for options that exclude each other
 */
export function checkOptions(given: LoadOptions): CheckedOptions {
  if (typeof given !== "object" || given === null) {
    throw new TypeError(
      `loadPyodide: expected an object of options such as {indexURL: "..."}, not ${describeValue(given)}`,
    );
  }
  const options = withoutNulls(given);
  checkTypes(options);
  checkCombinations(options);
  const progress = new ProgressReport(options.onProgress);
  return {
    indexURL: addressText(options.indexURL),
    stdLibURL: addressText(options.stdLibURL),
    lockFileURL: addressText(options.lockFileURL),
    lockFileContents: options.lockFileContents,
    packageBaseUrls: [options.packageBaseUrl ?? []].flat(),
    packageCacheDir: options.packageCacheDir,
    packages: [options.packages ?? []].flat(),
    fullStdLib: options.fullStdLib ?? false,
    conversion: options.conversion ?? "native",
    jsglobals: options.jsglobals ?? globalThis,
    args: [...(options.args ?? [])],
    env: Object.fromEntries(
      Object.entries(options.env ?? {}).flatMap(([k, v]) => (v === undefined ? [] : [[k, `${v}`]])),
    ),
    stdin: options.stdin,
    stdout: options.stdout,
    stderr: options.stderr,
    checkAPIVersion: options.checkAPIVersion ?? true,
    fsInit: options.fsInit,
    enableRunUntilComplete: options.enableRunUntilComplete ?? true,
    pyproxyToStringRepr: options.pyproxyToStringRepr ?? false,
    toJsLiteralMap: options.toJsLiteralMap ?? false,
    convertNullToNone: options.convertNullToNone ?? false,
    onProgress: progress.hook,
    progress,
    debug: options.debug ?? false,
    snapshot: (options.snapshot ?? true) && !options._makeSnapshot && startsAsUsual(options),
    makeSnapshot: options._makeSnapshot ?? false,
    loadSnapshot: options._loadSnapshot && new Uint8Array(options._loadSnapshot),
    sysExecutable: options._sysExecutable,
    commandLine: options._commandLine,
  };
}

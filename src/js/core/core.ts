/** One interpreter's bridge, put together: what the public API is built on. */
import { setComlinkEndpoint } from "./capabilities";
import { type Exports, type Imports, type Ptr, SLOT_SIZE, type SlotPtr, Tag } from "./abi.gen";
import { PythonError } from "./errors";
import { createImports } from "./imports";
import { Heap } from "./memory";
import { NameTable } from "./names";
import { ExitStatus } from "./fatal";
import { attachPyProxy, createFfi, NoGilError } from "./pyproxy/classes";
import { release } from "./pyproxy/lifetime";
import { stateOf } from "./pyproxy/state";
import { type InterruptBuffer, type Signals } from "./signals";
import { type LiveProxy, liveProxies } from "./pyproxy/provenance";
import { enter, ProxyKind, Runtime } from "./runtime";
import { decode, encodeArgs, encodeToPy } from "./slots";
import { isImmutable, levelsOf } from "./containers";
import { canSwitchStacks, enterPromising } from "./switching";
import { asConverter } from "./to_js";
import { convertToPy } from "./to_py";

/** What loadPyodide decides about conversions; see design of the conversion rule in docs/. */
export interface CoreOptions {
  conversion: "native" | "proxy";
  /** The object behind `import js`. */
  jsglobals: object;
  /** JavaScript's null arrives as None instead of jsnull. */
  convertNullToNone: boolean;
  /** toString() of a PyProxy is repr() instead of str(). */
  pyproxyToStringRepr: boolean;
  /** toJs makes a LiteralMap of a dict instead of an object. */
  toJsLiteralMap: boolean;
  /** Richer messages about destroyed proxies. */
  debug: boolean;
}

/** How the interpreter starts. All paths are absolute, in the virtual file system. */
export interface InterpreterConfig {
  /** Python's command line after the program's name. */
  args: string[];
  /** Current folder at the start. */
  cwd: string;
  /** Entries of sys.path; none for those that Python finds itself, with PYTHONPATH. */
  pythonPath: string[];
  /** sys.executable and the program that it is or stands for, when there is one. */
  executable?: { path: string; base: string } | undefined;
  /** How deep C functions may call each other on the caller's stack. Default: what fits V8's. */
  cRecursion?: number | undefined;
}

/** Numbers of live bridge objects, for leak checks. */
export interface Counts {
  jsRefs: number;
  jsProxies: number;
  pyProxies: number;
  frames: number;
  errorSet: boolean;
}

/** The bridge of one interpreter. */
export interface Core {
  readonly imports: WebAssembly.ModuleImports;
  /** Take the instance; once, after instantiation and before start. */
  attach(module: { wasmMemory: WebAssembly.Memory }, exports: WebAssembly.Exports): void;
  start(config: InterpreterConfig): void;
  /** Instead of `start`, when memory is that of an interpreter which was started. */
  resume(config: InterpreterConfig): void;
  /**
   * Prepare C for a copy of its memory. With `renewHashes`, {@link goOn} must be called before
   * anything else.
   *
   * @param renewHashes - let each use of the copy have hashes of its own. Not for objects that keep
   * hashes for themselves
   * @returns what is where in it, and how many JavaScript values Python still holds
   */
  layOut(renewHashes: boolean): MemoryLayout & { handles: number };
  /** Use memory again after it has been copied. */
  goOn(): void;
  /**
   * Do what the command line says, then end the interpreter.
   * Python may wait for promises meanwhile, where the engine can switch stacks.
   * @returns the exit status; rejects with an Exit when Python has ended the process itself
   */
  runMain(): Promise<number>;
  /** Whether the program that runMain has run has ended because of a KeyboardInterrupt. */
  endedByInterrupt(): boolean;
  readonly ffi: Readonly<Record<string, unknown>>;
  /** What PyProxies throw where Python has let go of its lock. */
  readonly NoGilError: new () => Error;
  /** The signals that have come for Python. */
  readonly signals: Signals;
  /** Where Python looks for signals while it runs or waits; nowhere with undefined. */
  setSignals(buffer: InterruptBuffer | undefined): void;
  /**
   * Run the Python handlers of signals that have come.
   * @returns false when Python has let go of its lock, so that they cannot run now
   * @throws PythonError what a handler raises, such as KeyboardInterrupt
   */
  checkSignals(): boolean;
  importModule(name: string): unknown;
  /** An attribute of a PyProxy's object. @throws PythonError when there is none */
  getAttr(proxy: unknown, name: string): unknown;
  toPy(obj: unknown, options?: ToPyOptions): unknown;
  /** Call `hook` when the runtime has been poisoned. */
  onFatal(hook: (error: unknown) => void): void;
  /** Hand what escapes from WebAssembly to `handler`, which calls fatalError with it. */
  setFatalHandler(handler: (error: unknown) => void): void;
  /** Poison the runtime. @returns the error to throw on */
  fatalError(error: unknown): Error;
  /** What uses of the poisoned runtime say. */
  readonly refusal: string;
  readonly poisoned: unknown;
  setDebug(flag: boolean): boolean;
  /** Makes proxies of the library Comlink callable, awaitable Arrays. */
  registerComlink(comlink: unknown): void;
  /** The live PyProxies that were made in debug mode. */
  liveProxies(): LiveProxy[];
  readonly debug: {
    counts(): Counts;
    crossings(): { jsToPy: number; pyToJs: number };
    resetCrossings(): void;
  };
}

/** What C tells of its memory. */
export interface MemoryLayout {
  /** The stack, whose contents are of no interest between calls. */
  readonly stack: { readonly end: number; readonly base: number };
  /** The heap, as far as it is used. */
  readonly heap: { readonly start: number; readonly end: number };
}

/** Options of toPy. */
export interface ToPyOptions {
  /** Levels of containers to convert; -1 for all. */
  depth?: number | undefined;
  /** Called with (value, convert, cache) for objects without a conversion. */
  defaultConverter?: ((...args: any[]) => unknown) | null | undefined;
}

/** What Python takes for its own folder; the standard library is given by sys.path. */
const PREFIX = "/";
/**
 * CPython counts nested calls of C functions and raises RecursionError at a limit that it has for
 * native stacks. A browser's stack is about 1 MB, of which one level takes up to 1.3 kB.
 */
const C_RECURSION = 600;
const OPTION_NATIVE = 0;
const OPTION_NULL_IS_NONE = 1;
const OPTION_SIGNALS = 2;

/** Run one export whose frame holds `values`, and give its result. */
function callExport(
  rt: Runtime,
  f: keyof Exports,
  a: number,
  b: number,
  values: readonly unknown[],
): unknown {
  const { heap } = rt;
  const top = heap.top;
  const refs = rt.refs.length;
  try {
    const out = heap.reserve(SLOT_SIZE);
    const frame = heap.reserve(values.length * SLOT_SIZE);
    encodeArgs(rt, values, frame);
    const { r0, r1, r2, r3 } = rt;
    const ref = enter(rt, rt.exports[f], a, b, frame, values.length, out, r0, r1, r2, r3);
    return decode(rt, out, ref, ProxyKind.Owned);
  } finally {
    heap.top = top;
    rt.refs.length = refs;
  }
}

function intern(rt: Runtime, name: string): Ptr {
  const { heap } = rt;
  const top = heap.top;
  try {
    const out: SlotPtr = heap.reserve(SLOT_SIZE);
    const frame = heap.reserve(SLOT_SIZE);
    encodeArgs(rt, [name], frame);
    const ref = enter(rt, rt.exports.pyx_intern, 0, 0, frame, 1, out, null, null, null, null);
    heap.check();
    if (heap.u8[out] !== Tag.PYOBJ) decode(rt, out, ref, ProxyKind.Owned);
    return heap.u32[(out >>> 2) + 2]!;
  } finally {
    heap.top = top;
  }
}

function counts(rt: Runtime): Counts {
  const { heap } = rt;
  const top = heap.top;
  const frames = heap.used;
  try {
    const frame = heap.reserve(3 * SLOT_SIZE);
    enter(rt, rt.exports.pyx_counts, 0, 0, frame, 3, frame, null, null, null, null);
    heap.check();
    const number = (i: number): number => heap.i32[((frame + i * SLOT_SIZE) >>> 2) + 2]!;
    return {
      jsRefs: number(0),
      jsProxies: number(1),
      pyProxies: rt.livePyProxies,
      frames: frames / SLOT_SIZE,
      errorSet: number(2) !== 0,
    };
  } finally {
    heap.top = top;
  }
}

function layOut(rt: Runtime, renewHashes: boolean): MemoryLayout & { handles: number } {
  const { heap } = rt;
  const top = heap.top;
  try {
    const frame = heap.reserve(5 * SLOT_SIZE);
    const out = heap.reserve(SLOT_SIZE);
    heap.u8[out] = Tag.UNDEFINED;
    const { pyx_lay_out } = rt.exports;
    const renew = Number(renewHashes);
    const ref = enter(rt, pyx_lay_out, renew, 0, frame, 5, out, null, null, null, null);
    decode(rt, out, ref, ProxyKind.Owned);
    heap.check();
    const number = (i: number): number => heap.u32[((frame + i * SLOT_SIZE) >>> 2) + 2]!;
    return {
      handles: number(0),
      stack: { end: number(1), base: number(2) },
      heap: { start: number(3), end: number(4) },
    };
  } finally {
    heap.top = top;
  }
}

/** Convert with toPy's rule: containers are copied, in both conversion modes. */
function toPy(rt: Runtime, obj: unknown, options: ToPyOptions): unknown {
  const defaultConverter = options.defaultConverter ?? undefined;
  const levels = levelsOf(options.depth ?? -1, "toPy");
  if (defaultConverter !== undefined && typeof defaultConverter !== "function") {
    throw new TypeError("toPy: defaultConverter must be a function");
  }
  if (isImmutable(obj) || stateOf(obj)?.rt === rt) return obj;
  if (defaultConverter !== undefined) {
    return convertToPy(rt, obj, levels, asConverter(rt, defaultConverter));
  }
  const { heap } = rt;
  const top = heap.top;
  const refs = rt.refs.length;
  try {
    const out = heap.reserve(SLOT_SIZE);
    const frame = heap.reserve(SLOT_SIZE);
    const r0 = encodeToPy(rt, obj, frame, 0, levels);
    const ref = enter(rt, rt.exports.pyx_to_py, 0, 0, frame, 1, out, r0, null, null, null);
    return decode(rt, out, ref, ProxyKind.Owned);
  } finally {
    heap.top = top;
    rt.refs.length = refs;
  }
}

function attach(
  rt: Runtime,
  options: CoreOptions,
  memory: WebAssembly.Memory,
  exports: Exports,
): void {
  rt.exports = exports;
  rt.heap = new Heap(memory);
  rt.names = new NameTable({
    intern: (name) => intern(rt, name),
    release: (addresses) => release(rt, addresses),
    idle: () => rt.heap.used === 0,
  });
  rt.exports.pyx_frame_region(0, 0, 0, 0, 0, null, null, null, null);
  callExport(rt, "pyx_set_option", OPTION_NATIVE, Number(options.conversion === "native"), []);
  callExport(rt, "pyx_set_option", OPTION_NULL_IS_NONE, Number(options.convertNullToNone), []);
}

function start(rt: Runtime, config: InterpreterConfig): void {
  const { executable, pythonPath } = config;
  // Stacks that can be switched are of the default size.
  const cRecursion = (canSwitchStacks ? undefined : config.cRecursion) ?? C_RECURSION;
  const { path = "", base = "" } = executable ?? {};
  const program = path === "" ? "python" : path;
  const values = [PREFIX, config.cwd, path, base, ...pythonPath, program, ...config.args];
  // C reads these as C strings.
  const terminated = values.map((value) => `${value}\0`);
  const status = callExport(rt, "pyx_start", cRecursion, pythonPath.length, terminated);
  if (status !== undefined) throw new ExitStatus(status as number);
}

function runMain(rt: Runtime): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    // At once: what waits for the end of the job must not enter Python any more.
    const end = (status: unknown): void => {
      rt.fatal.exit(status as number);
      resolve(status as number);
    };
    if (canSwitchStacks) {
      const settler = { resolve: end, reject };
      const name = "pyx_run_main_promising";
      enterPromising(rt, name, settler, 0, 0, 0, 0, 0, settler, null, null, null);
    } else {
      end(callExport(rt, "pyx_run_main", 0, 0, []));
    }
  });
}

function checkSignals(rt: Runtime): boolean {
  try {
    callExport(rt, "pyx_check_signals", 0, 0, []);
    return true;
  } catch (error) {
    if (error instanceof NoGilError) return false;
    throw error;
  }
}

function getAttr(rt: Runtime, proxy: unknown, name: string): unknown {
  const address = Math.abs(rt.unwrapProxy(proxy as object) ?? 0);
  if (address === 0) throw new TypeError("getAttr: not a PyProxy of this interpreter");
  const value = callExport(rt, "pyx_getattr", address, rt.names.get(name), []);
  if (value === undefined && !callExport(rt, "pyx_hasattr", address, rt.names.get(name), [])) {
    throw new PythonError("AttributeError", `the Python object has no attribute '${name}'\n`);
  }
  return value;
}

function registerComlink(comlink: unknown): void {
  const key = (comlink as { createEndpoint?: unknown } | null | undefined)?.createEndpoint;
  if (typeof key !== "symbol") {
    throw new TypeError("registerComlink() needs the module Comlink, with its createEndpoint");
  }
  setComlinkEndpoint(key);
}

/** Make the bridge of one interpreter. */
export function createCore(options: CoreOptions): Core {
  const rt = new Runtime(options);
  attachPyProxy(rt);
  const imports: Imports = createImports(rt);
  return {
    imports: imports as unknown as WebAssembly.ModuleImports,
    ffi: createFfi(rt),
    NoGilError,

    attach: ({ wasmMemory }, exports) =>
      attach(rt, options, wasmMemory, exports as unknown as Exports),
    start: (config) => start(rt, config),
    resume({ cwd, cRecursion }) {
      callExport(rt, "pyx_resume", cRecursion ?? C_RECURSION, 0, [`${cwd}\0`]);
    },
    layOut: (renewHashes) => layOut(rt, renewHashes),
    goOn: () => void callExport(rt, "pyx_go_on", 0, 0, []),
    runMain: () => runMain(rt),
    endedByInterrupt: () => rt.unhandledInterrupt(),

    signals: rt.signals,
    setSignals(buffer) {
      rt.signals.buffer = buffer;
      callExport(rt, "pyx_set_option", OPTION_SIGNALS, Number(buffer !== undefined), []);
    },
    checkSignals: () => checkSignals(rt),

    importModule: (name) => callExport(rt, "pyx_import_module", 0, 0, [name]),
    getAttr: (proxy, name) => getAttr(rt, proxy, name),
    toPy: (obj, given = {}) => toPy(rt, obj, given),

    onFatal: (hook) => rt.fatal.onFatal(hook),
    setFatalHandler(handler) {
      rt.fatal.handler = handler;
    },
    fatalError: (error) =>
      // What is refused where Python has let go of its lock does no harm.
      error instanceof NoGilError ? error : rt.fatal.poison(rt, error),
    get refusal() {
      return rt.fatal.message;
    },
    get poisoned() {
      return rt.fatal.cause;
    },

    setDebug(flag) {
      const before = rt.options.debug;
      rt.options.debug = flag;
      return before;
    },
    registerComlink,
    liveProxies: () => liveProxies(rt),
    debug: {
      counts: () => counts(rt),
      crossings: () => ({ jsToPy: rt.jsToPy, pyToJs: rt.pyToJs }),
      resetCrossings() {
        rt.jsToPy = 0;
        rt.pyToJs = 0;
      },
    },
  };
}

/**
 * The state that the two halves of one interpreter's bridge share, and the single gate
 * through which JavaScript enters WebAssembly. One Runtime per loadPyodide.
 */
import {
  type Exports,
  NAME_CACHE_SIZE,
  type ProxyKind,
  type Ptr,
  type Pyx,
  SLOT_SIZE,
  type SlotPtr,
} from "./abi.gen";
import { asError } from "./errors";
import { FatalState } from "./fatal";
import { KeyCache } from "./key_cache";
import { Heap } from "./memory";
import { NameTable } from "./names";
import { findRetainers, Retained } from "./retainers";
import { ShapeTable } from "./shapes";
import { Signals } from "./signals";
import { type CallScope } from "./slots";
import { type Task } from "./switching";

export interface RuntimeOptions {
  readonly conversion: "native" | "proxy";
  readonly jsglobals: object;
  readonly convertNullToNone: boolean;
  readonly pyproxyToStringRepr: boolean;
  readonly toJsLiteralMap: boolean;
  debug: boolean;
}

export { ProxyKind } from "./abi.gen";

/** What create_proxy and its kin ask of a PyProxy. */
export interface ProxyOptions {
  /** Coming back to Python it stays a JsDoubleProxy instead of being unwrapped. */
  roundtrip?: boolean;
  /** `this` is passed as the first argument of a call. */
  captureThis?: boolean;
  /** Calls are made as callPromising makes them, where the engine can. */
  promising?: boolean;
}

/** What the PyProxy room does about cycles through both heaps; see pyproxy/cycles.ts. */
export interface CycleCollector {
  add(grip: object): void;
  remove(grip: object): void;
  /** Search when the running job is done. */
  request(): void;
  wake(node: object): void;
  wakeWatched(address: Ptr): boolean;
  /** The value that a weak handle leads to. */
  valueOfWeak(weak: unknown): unknown;
  forgetDead(): void;
}

export class Runtime {
  heap!: Heap;
  exports!: Exports;
  /** Interned Python names by their JavaScript text. */
  names!: NameTable;
  readonly fatal = new FatalState();
  readonly signals = new Signals();
  /** Externrefs on their way to or from C beside a frame or tape. */
  readonly refs: unknown[] = [];
  /** Keys of records on their way to Python. */
  readonly shapes = new ShapeTable();
  /** Keys of the shapes that C has numbered. */
  readonly learntShapes: string[][] = [];
  /** Keys of dicts on their way from Python. */
  readonly keys = new KeyCache();
  /** Calls of exports and of imports, counted for tests. */
  jsToPy = 0;
  pyToJs = 0;
  livePyProxies = 0;
  /** Where the text of the latest answer to an import ends: C has not read it before the return. */
  answerEnd = 0;
  /** How often the life of a PyProxy has ended by hand. */
  endedLives = 0;
  /** The PyProxies on the tape that was written last, for who is about to write more. */
  tapeProxies: object[] | undefined = undefined;
  /** Attribute names that Python hands over by number. An Array with holes would be a slow hash table. */
  readonly attributeNames: string[] = new Array<string>(NAME_CACHE_SIZE).fill("");
  /** The objects of the frame that encodeArgs has written last. */
  r0: unknown = null;
  r1: unknown = null;
  r2: unknown = null;
  r3: unknown = null;
  refCount = 0;
  /** The promising call that runs now; see switching.ts. */
  task: Task | undefined = undefined;

  /** `constructor` of every PyProxy. Set by core/pyproxy, which keeps here what it makes them from. */
  publicClass!: object;
  readonly proxyTypes = new Map<number, unknown>();
  /** Set by core/pyproxy when it is attached; core below it must not import it. */
  makeProxy!: (ptr: Ptr, flags: number, kind: ProxyKind, options?: ProxyOptions) => object;
  /**
   * What a JavaScript value is to the PyProxy room: undefined when it is no PyProxy of this
   * runtime; else its Python object's address, negative and not to be unwrapped when the
   * proxy has the roundtrip property. Throws when the proxy is destroyed.
   */
  unwrapProxy!: (value: object) => Ptr | undefined;

  /** Ends the lives of call-scoped proxies. Set by core/pyproxy, like those down to noGilError. */
  destroyCallProxies!: (scope: object[], message?: string) => void;
  /** Gives call-scoped proxies references of their own, because they outlive the call. */
  extendCallProxies!: (scope: object[]) => void;
  /** Ends the life of a PyProxy, but of one that is lent to a call. */
  endProxy!: (proxy: object, message: string) => void;
  /**
   * Ends the life of a PyProxy whose object Python is about to get, but of one that is lent to
   * a call unless `isLent` says that the call is over. True when the reference that it owned is
   * now the caller's.
   */
  surrender!: (proxy: object, message?: string, isLent?: boolean) => boolean;
  /** The promise of an awaitable that is scheduled and used up; undefined for all else. */
  scheduledPromise!: (value: unknown) => Promise<unknown> | undefined;
  /** In debug mode: notes which function the labelled proxies of a scope are passed to. */
  noteArguments!: (func: unknown, scope: CallScope) => void;
  /** Gives references back to Python. */
  release!: (ptrs: readonly Ptr[]) => void;
  cycles!: CycleCollector;
  /** The error for entering Python without its lock. */
  noGilError!: () => Error;

  /** Functions of the platform that keep their arguments. */
  readonly retainers: WeakSet<object>;
  /** What has been passed to them. */
  readonly retained = new Retained();
  /** Address of a PyProxy's object, 0 when its life is over. Set by core/pyproxy. */
  liveAddress!: (proxy: object) => Ptr;
  /** Calls a PyProxy on a stack of its own. Set by core/pyproxy, like the next. */
  callPromising!: (proxy: object, args: readonly unknown[]) => Promise<unknown>;
  /** What a PyProxy's object can do, as PYF bits; 0 for what is no PyProxy. */
  proxyFlags!: (value: object) => number;

  constructor(readonly options: RuntimeOptions) {
    this.retainers = findRetainers(globalThis, options.jsglobals);
  }

  /** Bytes from C's allocator. @throws RangeError when memory is exhausted */
  malloc(bytes: number): Ptr {
    const top = this.heap.top;
    const out = this.heap.reserve(SLOT_SIZE);
    try {
      enter(this, this.exports.pyx_malloc, bytes, 0, 0, 0, out, null, null, null, null);
      this.heap.check();
      const at = this.heap.u32[(out >>> 2) + 2]!;
      if (at === 0)
        throw new RangeError(`out of WebAssembly memory: ${bytes} bytes are not to be had`);
      return at;
    } finally {
      this.heap.top = top;
    }
  }

  free(at: Ptr): void {
    enter(this, this.exports.pyx_free, at, 0, 0, 0, 0, null, null, null, null);
  }

  /** An Error for anything thrown. */
  asError(value: unknown): Error {
    return asError(value);
  }

  /** Whether a KeyboardInterrupt that nobody has caught has ended Python; asked when it has ended. */
  unhandledInterrupt(): boolean {
    const { heap } = this;
    const out = heap.reserve(SLOT_SIZE);
    this.exports.pyx_unhandled_interrupt(0, 0, 0, 0, out, null, null, null, null);
    heap.check();
    return heap.i32[(out >>> 2) + 2] !== 0;
  }

  /** Write Python's stack to its stderr; used when the runtime is already poisoned. */
  dumpPythonStack(): void {
    this.exports.pyx_dump_traceback(0, 0, 0, 0, 0, null, null, null, null);
  }
}

/**
 * Call an export of C. The only function that does so, but for those that must work before the
 * frame region is known and after the runtime is poisoned.
 *
 * Whatever is thrown in there and was not made into a slot by an import's body is a fatal
 * error: C's stack and Python's state are then unknown, and the runtime is poisoned.
 */
export function enter(
  rt: Runtime,
  f: Pyx,
  a: number,
  b: number,
  frame: SlotPtr,
  n: number,
  out: SlotPtr,
  r0: unknown,
  r1: unknown,
  r2: unknown,
  r3: unknown,
): unknown {
  if (rt.fatal.poisoned) rt.fatal.refuse();
  rt.jsToPy++;
  try {
    return f(a, b, frame, n, out, r0, r1, r2, r3);
  } catch (error) {
    throw rt.fatal.escaped(rt, error);
  }
}

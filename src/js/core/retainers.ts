/**
 * Functions of the platform that keep what they are given: listeners, timers, containers.
 *
 * An argument that Python passes is borrowed for the call. That is wrong for these functions: an
 * event listener that dies when addEventListener returns is of no use. So what is passed to them
 * gets a life of its own, which the garbage collector ends when JavaScript lets go of it.
 */
import { BOUND_METHOD_OFFSET, PyFlag, type Ptr } from "./abi.gen";
import { type Runtime } from "./runtime";

type Dict = Record<string, unknown>;

/** Methods that keep their arguments, by the class whose prototype has them. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  EventTarget: ["addEventListener"],
  Array: ["push", "unshift", "splice", "fill", "concat", "with"],
  Map: ["set"],
  Set: ["add"],
  WeakMap: ["set"],
  WeakSet: ["add"],
  FinalizationRegistry: ["register"],
};

/** Global functions and constructors that keep their arguments. */
const GLOBALS: readonly string[] = [
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "requestAnimationFrame",
  "requestIdleCallback",
  "Promise",
  "Array",
  "Map",
  "Set",
  "WeakMap",
  "WeakSet",
  "WeakRef",
  "FinalizationRegistry",
  "MutationObserver",
  "ResizeObserver",
  "IntersectionObserver",
  "PerformanceObserver",
  "ReportingObserver",
  "ReadableStream",
  "WritableStream",
  "TransformStream",
  "Proxy",
];

/** Static functions that keep their arguments, by the global object that has them. */
const STATICS: Readonly<Record<string, readonly string[]>> = {
  Array: ["of", "from"],
  Object: ["assign", "defineProperty", "fromEntries"],
  Reflect: ["set", "defineProperty"],
};

function add(found: WeakSet<object>, value: unknown): void {
  if (typeof value === "function") found.add(value);
}

function addFrom(found: WeakSet<object>, holder: unknown, names: readonly string[]): void {
  if ((typeof holder !== "object" && typeof holder !== "function") || holder === null) return;
  for (const name of names) add(found, (holder as Dict)[name]);
}

/** Event emitters of Node are no part of the global object. */
function addNode(found: WeakSet<object>, globals: Dict): void {
  const process = globals["process"] as Dict | undefined;
  if (typeof process !== "object" || process === null) return;
  addFrom(found, process, ["on", "once", "addListener", "prependListener", "nextTick"]);
}

/** Find the platform's retaining functions among the global objects. */
export function findRetainers(...realms: object[]): WeakSet<object> {
  const found = new WeakSet<object>();
  for (const realm of realms) {
    const globals = realm as Dict;
    for (const name of GLOBALS) add(found, globals[name]);
    for (const [name, methods] of Object.entries(METHODS)) {
      addFrom(found, (globals[name] as Dict | undefined)?.["prototype"], methods);
    }
    for (const [name, methods] of Object.entries(STATICS)) addFrom(found, globals[name], methods);
    addNode(found, globals);
  }
  return found;
}

/** Entries of which some may be dead; above this the dead ones are dropped. */
const SWEEP = 256;

/** What a function is recognised by. */
type Identity = Ptr | string;

/**
 * The identity of the object at `address`: the address, but for bound methods, which Python makes
 * anew for each reading, that of the function and of `self`.
 */
function identityOf({ heap }: Runtime, address: Ptr, flags: number): Identity {
  if ((flags & PyFlag.IS_BOUND_METHOD) === 0) return address;
  heap.check();
  const w = (address + BOUND_METHOD_OFFSET) >>> 2;
  return `${heap.u32[w]!} ${heap.u32[w + 1]!}`;
}

/** The proxies that were handed over, so that the same function crosses as the same proxy again. */
export class Retained {
  private readonly proxies = new Map<Identity, WeakRef<object>>();
  private sweepAt = SWEEP;

  /** The proxy that JavaScript may still hold for the object at `address`. */
  find(rt: Runtime, address: Ptr, flags: number): object | undefined {
    if (this.proxies.size === 0) return undefined;
    const proxy = this.proxies.get(identityOf(rt, address, flags))?.deref();
    // While its life lasts, the proxy owns a reference to its object, and a bound method to what it
    // consists of, so that the addresses are still theirs.
    return proxy !== undefined && rt.liveAddress(proxy) !== 0 ? proxy : undefined;
  }

  add(rt: Runtime, proxy: object): void {
    const address = rt.liveAddress(proxy);
    if (address === 0) return;
    this.proxies.set(identityOf(rt, address, rt.proxyFlags(proxy)), new WeakRef(proxy));
    if (this.proxies.size < this.sweepAt) return;
    for (const [key, reference] of this.proxies) {
      if (reference.deref() === undefined) this.proxies.delete(key);
    }
    this.sweepAt = Math.max(SWEEP, 2 * this.proxies.size);
  }
}

/**
 * Give the proxies made for a call's arguments to `func`, if it keeps them: the scope is then
 * empty, so that the end of the call does not end them.
 */
export function handOver(rt: Runtime, func: unknown, scope: object[]): void {
  if (scope.length === 0 || !rt.retainers.has(func as object)) return;
  rt.extendCallProxies(scope);
  for (const proxy of scope) if (typeof proxy === "function") rt.retained.add(rt, proxy);
  scope.length = 0;
}

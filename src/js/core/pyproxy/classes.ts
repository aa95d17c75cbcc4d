/**
 * The public face of the PyProxy room: the classes of `pyodide.ffi`, whose instanceof asks for
 * capabilities, and the functions that the rest of the core needs.
 */
import { PyFlag, type Ptr } from "../abi.gen";
import { PythonError } from "../errors";
import { ProxyKind, type ProxyOptions, type Runtime } from "../runtime";
import { PyBufferView } from "./buffer";
import { callPromising } from "./call_members";
import { Ended, Lifetime, NoGilError, release, makeCycles } from "./lifetime";
import { noteArguments } from "./provenance";
import { makeOfType } from "./types";
import { CAPTURING, PROMISING, stateOf, UNBOUND } from "./state";

export { NoGilError } from "./lifetime";

/** A class whose instances are `rt`'s proxies with any of `flags`; 0 means all its proxies. */
function capabilityClass(rt: Runtime, name: string, flags: number): new () => object {
  const made = class {
    constructor() {
      throw new TypeError(`${name} is not a constructor`);
    }

    static [Symbol.hasInstance](value: unknown): boolean {
      const state = stateOf(value);
      return state?.rt === rt && (flags === 0 || (state.flags & flags) !== 0);
    }
  };
  Object.defineProperty(made, "name", { value: name, configurable: true });
  return made;
}

/** Name of each class and the capabilities of which it needs one. */
const CLASS_ROWS: readonly (readonly [string, number])[] = [
  ["PyProxy", 0],
  ["PyProxyWithLength", PyFlag.HAS_LENGTH],
  ["PyProxyWithGet", PyFlag.HAS_GET],
  ["PyProxyWithSet", PyFlag.HAS_SET],
  ["PyProxyWithHas", PyFlag.HAS_CONTAINS],
  ["PyDict", PyFlag.IS_DICT],
  ["PyIterable", PyFlag.IS_ITERABLE | PyFlag.IS_ITERATOR],
  ["PyIterator", PyFlag.IS_ITERATOR],
  ["PyGenerator", PyFlag.IS_GENERATOR],
  ["PyAsyncIterable", PyFlag.IS_ASYNC_ITERABLE | PyFlag.IS_ASYNC_ITERATOR],
  ["PyAsyncIterator", PyFlag.IS_ASYNC_ITERATOR],
  ["PyAsyncGenerator", PyFlag.IS_ASYNC_GENERATOR],
  ["PyAwaitable", PyFlag.IS_AWAITABLE],
  ["PyCallable", PyFlag.IS_CALLABLE],
  ["PyBuffer", PyFlag.IS_BUFFER],
  ["PySequence", PyFlag.IS_SEQUENCE],
  ["PyMutableSequence", PyFlag.IS_MUTABLE_SEQUENCE],
];

/** The classes of `pyodide.ffi`. */
export function createFfi(rt: Runtime): Readonly<Record<string, unknown>> {
  const classes: Readonly<Record<string, new () => object>> = Object.fromEntries(
    CLASS_ROWS.map(([name, flags]) => [name, capabilityClass(rt, name, flags)]),
  );
  rt.publicClass = classes["PyProxy"]!;
  return { ...classes, PyBufferView, PythonError };
}

/**
 * Keep what enters Python off the text of an answer that was written but not read.
 * @returns the top to restore
 */
function guardAnswer(rt: Runtime): Ptr {
  const { heap } = rt;
  const { top } = heap;
  if (rt.answerEnd > top) heap.top = (rt.answerEnd + 15) & ~15;
  return top;
}

/** End call-scoped proxies; their references, where they own any, are given back together. */
function destroyCallProxies(rt: Runtime, scope: readonly object[], message: string): void {
  const doomed: Ptr[] = [];
  const top = guardAnswer(rt);
  try {
    for (const proxy of scope) stateOf(proxy)?.life.detach(message, doomed);
    if (doomed.length > 0) release(rt, doomed);
  } finally {
    rt.heap.top = top;
  }
}

function extendCallProxies(rt: Runtime, scope: readonly object[]): void {
  const top = guardAnswer(rt);
  try {
    for (const proxy of scope) stateOf(proxy)?.life.extend();
  } finally {
    rt.heap.top = top;
  }
}

/** Give the runtime its PyProxies. */
export function attachPyProxy(rt: Runtime): void {
  rt.makeProxy = (ptr, flags, kind, options: ProxyOptions = {}) => {
    const life = new Lifetime(rt, ptr, kind, options.roundtrip ?? false);
    const binding =
      options.captureThis === true ? CAPTURING : options.promising === true ? PROMISING : UNBOUND;
    return makeOfType(rt, life, flags, binding);
  };

  rt.callPromising = (proxy, args) => callPromising(stateOf(proxy)!, undefined, args, [], false);

  rt.unwrapProxy = (value) => {
    const state = stateOf(value);
    if (state === undefined || state.rt !== rt) return undefined;
    const ptr = state.use();
    const { life } = state;
    return life.roundtrip || life.kind === ProxyKind.Once ? -ptr : ptr;
  };

  rt.destroyCallProxies = (scope, message = Ended.call) => destroyCallProxies(rt, scope, message);

  rt.extendCallProxies = (scope) => extendCallProxies(rt, scope);

  rt.endProxy = (proxy, message) => {
    const life = stateOf(proxy)?.life;
    if (life !== undefined && life.kind !== ProxyKind.Call) life.end(message);
  };

  rt.surrender = (proxy, message = Ended.call, isLent = false) => {
    const life = stateOf(proxy)?.life;
    if (life === undefined || (life.kind === ProxyKind.Call && !isLent)) return false;
    const doomed: number[] = [];
    life.detach(message, doomed);
    // The first is the object's own, the others are those of cached attributes.
    if (doomed.length > 1) release(rt, doomed.slice(1));
    return doomed.length > 0;
  };

  rt.scheduledPromise = (value) => {
    const life = stateOf(value)?.life;
    return life?.promise !== undefined && life.over ? life.promise : undefined;
  };

  rt.noteArguments = (func, scope) => {
    const lives = scope.map((proxy) => stateOf(proxy)?.life);
    noteArguments(func, lives, scope.labels ?? []);
  };

  rt.release = (ptrs) => release(rt, ptrs);

  rt.liveAddress = (proxy) => stateOf(proxy)?.life.address ?? 0;

  rt.proxyFlags = (value) => stateOf(value)?.flags ?? 0;

  rt.noGilError = () => new NoGilError();

  rt.cycles = makeCycles(rt);
}

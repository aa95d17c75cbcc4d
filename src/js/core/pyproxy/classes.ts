/**
 * The public face of the PyProxy room: the classes of `pyodide.ffi`, whose instanceof asks for
 * capabilities, and the functions that the rest of the core needs.
 */
import { PyFlag } from "../abi.gen";
import { PythonError } from "../errors";
import { ProxyKind, type ProxyOptions, type Runtime } from "../runtime";
import { PyBufferView } from "./buffer";
import { Ended, Lifetime, NoGilError, release } from "./lifetime";
import { makeShaped, setPublicClass } from "./shapes";
import { CAPTURING, stateOf, UNBOUND } from "./state";

export { NoGilError } from "./lifetime";

/** A class whose instances are the proxies with any of `flags`; 0 means all proxies. */
function capabilityClass(name: string, flags: number): new () => object {
  const made = class {
    constructor() {
      throw new TypeError(`${name} is not a constructor`);
    }

    static [Symbol.hasInstance](value: unknown): boolean {
      const state = stateOf(value);
      return state !== undefined && (flags === 0 || (state.flags & flags) !== 0);
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

const classes: Readonly<Record<string, new () => object>> = Object.fromEntries(
  CLASS_ROWS.map(([name, flags]) => [name, capabilityClass(name, flags)]),
);
setPublicClass(classes["PyProxy"]!);

/** The classes of `pyodide.ffi`. */
export function createFfi(_rt: Runtime): Readonly<Record<string, unknown>> {
  return { ...classes, PyBufferView, PythonError };
}

/** End call-scoped proxies; their references, where they own any, are given back together. */
function destroyCallProxies(rt: Runtime, scope: readonly object[], message: string): void {
  const doomed: number[] = [];
  for (const proxy of scope) stateOf(proxy)?.life.detach(message, doomed);
  if (doomed.length > 0) release(rt, doomed);
}

/** Give the runtime its PyProxies. */
export function attachPyProxy(rt: Runtime): void {
  rt.makeProxy = (ptr, flags, kind, options: ProxyOptions = {}) => {
    const life = new Lifetime(rt, ptr, kind, options.roundtrip ?? false);
    return makeShaped(rt, life, flags, options.captureThis === true ? CAPTURING : UNBOUND);
  };

  rt.unwrapProxy = (value) => {
    const state = stateOf(value);
    if (state === undefined || state.rt !== rt) return undefined;
    const ptr = state.use();
    const { life } = state;
    return life.roundtrip || life.kind === ProxyKind.Once ? -ptr : ptr;
  };

  rt.destroyCallProxies = (scope, message = Ended.call) => destroyCallProxies(rt, scope, message);

  rt.extendCallProxies = (scope) => {
    for (const proxy of scope) stateOf(proxy)?.life.extend();
  };

  rt.release = (ptrs) => release(rt, ptrs);

  rt.liveAddress = (proxy) => stateOf(proxy)?.life.ptr ?? 0;

  rt.noGilError = () => new NoGilError();
}

/**
 * When the lives end of what a call from Python lends to JavaScript.
 *
 * The proxies made for the arguments end with the call. When it returns a promise they end after
 * that is settled, and when it returns a generator as soon as that has finished. A PyProxy that a
 * call returns or a generator yields is used up: Python gets its object.
 */
import { JsFlag, type SlotPtr, StrKind, Tag } from "./abi.gen";
import { type Runtime } from "./runtime";
import { type CallScope } from "./slots";

type Step = { readonly done?: unknown; readonly value?: unknown };
type StepMethod = (...args: unknown[]) => unknown;

export const PROMISE_SETTLED =
  "This borrowed proxy was automatically destroyed at the end of an asynchronous function call. " +
  "Try using create_proxy or create_once_callable.";
const GENERATOR_FINISHED =
  "This borrowed proxy was automatically destroyed when a generator completed execution. " +
  "Try using create_proxy or create_once_callable.";
const YIELDED =
  "This borrowed proxy was automatically destroyed when a generator yielded it to Python. " +
  "Use its copy method.";

/** Generators that a call has returned, with what was lent to them. */
const generators = new WeakMap<object, CallScope[]>();

/** Lent proxies whose generator has finished with one of them as its value. */
const returned = new WeakSet<object>();

/** True for generators that a call from Python has returned. */
export const isLentTo = (obj: unknown): boolean => generators.has(obj as object);

/** The capabilities that an answer has been given; 0 when it is no object. */
function answeredFlags(rt: Runtime, out: SlotPtr): number {
  const { i32 } = rt.heap;
  return (i32[out >>> 2]! & 0xff) === Tag.REF ? i32[(out >>> 2) + 1]! : 0;
}

/**
 * Let Python have the object of the PyProxy that was written to `out`, and end the proxy.
 * Those with the roundtrip property are no PYOBJ; lent ones belong to whoever lent them.
 */
export function useUp(rt: Runtime, value: unknown, out: SlotPtr, message?: string): void {
  rt.heap.check();
  if (rt.heap.u8[out] !== Tag.PYOBJ) return;
  const isOurs = returned.delete(value as object);
  // The address must stay good until C has read the slot: the proxy's reference goes with it.
  if (rt.surrender(value as object, message, isOurs)) rt.heap.u8[out + 1] = StrKind.OWNED;
}

/** Iterators of containers, whose items stay in them. */
const CONTAINER_ITERATOR = /^\[object (?:Array|Map|Set) Iterator\]$/;

/** As useUp, for the value of an iterator's step. */
export function useUpStep(rt: Runtime, iterator: unknown, value: unknown, out: SlotPtr): void {
  rt.heap.check();
  if (rt.heap.u8[out] !== Tag.PYOBJ) return;
  if (CONTAINER_ITERATOR.test(Object.prototype.toString.call(iterator))) return;
  useUp(rt, value, out, YIELDED);
}

/** True for promises of this realm; a revoked Proxy is none. */
export function isPromise(value: unknown): value is Promise<unknown> {
  try {
    return value instanceof Promise;
  } catch {
    return false;
  }
}

/**
 * End the lives of a call's argument proxies, or leave that to the promise or generator that
 * the call has returned.
 * @param self the object whose method was called
 * @param out the answer that was written for `result`
 */
export function endCall(
  rt: Runtime,
  scope: CallScope,
  self: unknown,
  result: unknown,
  out: SlotPtr,
): void {
  const flags = answeredFlags(rt, out);
  if ((flags & (JsFlag.IS_GENERATOR | JsFlag.IS_ASYNC_GENERATOR)) !== 0) {
    // Told apart from other generators even without arguments: it keeps what is sent to it.
    watch(result as object);
    if (scope.length > 0) lend(rt, result as object, scope);
  } else if (scope.length === 0) {
    return;
  } else if (isLentTo(self)) {
    lend(rt, self as object, scope);
  } else if (isPromise(result)) {
    rt.extendCallProxies(scope);
    // Python's own handlers come after this one, and may be given one of the proxies.
    const end = (): void => rt.destroyCallProxies(scope, PROMISE_SETTLED);
    const later = (): void => queueMicrotask(end);
    Promise.prototype.then.call(result, later, later);
  } else {
    rt.destroyCallProxies(scope);
  }
}

/** Note a generator that a call has returned. */
function watch(generator: object): void {
  if (!generators.has(generator)) generators.set(generator, []);
}

/** Give proxies to a generator: their lives end when it has finished. */
export function lend(rt: Runtime, generator: object, scope: CallScope): void {
  const lent = generators.get(generator)!;
  rt.extendCallProxies(scope);
  lent.push(scope);
  if (lent.length > 1) return;
  const end = (last: unknown): void => {
    for (const name of STEPS) Reflect.deleteProperty(generator, name);
    const doomed = lent.splice(0).flat();
    const now = doomed.filter((proxy) => proxy !== last);
    rt.destroyCallProxies(now, GENERATOR_FINISHED);
    if (now.length === doomed.length) return;
    // Whoever has taken the last step reads its value first; Python uses it up.
    returned.add(last as object);
    queueMicrotask(() => {
      returned.delete(last as object);
      rt.destroyCallProxies(doomed, GENERATOR_FINISHED);
    });
  };
  for (const name of STEPS) observe(generator, name, end);
}

const STEPS = ["next", "throw", "return"] as const;

/**
 * Call `end` with the value of the generator's last step. Whoever takes the step, the method that
 * it finds is ours; when the generator cannot have it, the collector ends the lives.
 */
function observe(
  generator: object,
  name: (typeof STEPS)[number],
  end: (last: unknown) => void,
): void {
  const original = (generator as Record<string, StepMethod>)[name];
  const failed = (): void => end(undefined);
  const check = (step: unknown): void => {
    const { done, value } = step as Step;
    if (done === true) end(value);
  };
  const value = function (this: unknown, ...args: unknown[]): unknown {
    let step: unknown;
    try {
      step = Reflect.apply(original!, this, args);
    } catch (error) {
      failed();
      throw error;
    }
    if (step instanceof Promise) Promise.prototype.then.call(step, check, failed);
    else check(step);
    return step;
  };
  Reflect.defineProperty(generator, name, { value, configurable: true, writable: true });
}

/**
 * The bodies of C's imports: what Python asks of JavaScript. Each catches everything and
 * answers with a slot: a value or an error. Only a fatal error goes through, so that the
 * outermost enter() sees it.
 */
import {
  CallFlag,
  ErrorCode,
  type Imports,
  JsFlag,
  ProxyOption,
  SLOT_SIZE,
  type SlotPtr,
  Tag,
} from "./abi.gen";
import { endCall, isPromise, useUp } from "./call_scope";
import { hasMethod, jsFlags } from "./capabilities";
import { encodeError, errorLeaves, makePythonError, PythonRaise } from "./errors";
import { nextStep, operations } from "./ops";
import { answer, answerKeep, lendsNothing, setTag } from "./ops_common";
import { handOver } from "./retainers";
import { ProxyKind, type Runtime } from "./runtime";
import { attributeName, type CallScope, decode, decodeArgument, labelArgument } from "./slots";
import { createSwitching, settle, type Settler } from "./switching";

function fail(rt: Runtime, error: unknown, out: SlotPtr): unknown {
  // A poisoned runtime must not go on: let the error fly to the outermost gate.
  if (rt.fatal.poisoned) throw error;
  return encodeError(rt, error, out);
}

/** Read a property: undefined and ABSENT are told apart only when the value is undefined. */
function getattr(rt: Runtime, obj: unknown, name: string, out: SlotPtr): unknown {
  const value = (obj as Record<string, unknown>)[name];
  if (value === undefined && !hasProperty(obj, name)) return setTag(rt, out, Tag.ABSENT);
  return answer(rt, value, out);
}

function hasProperty(obj: unknown, name: string): boolean {
  // Symbols and other primitives have properties, but no `in`.
  return typeof obj === "object" || typeof obj === "function"
    ? name in (obj as object)
    : name in (Object(obj) as object);
}

function keywordObject(
  rt: Runtime,
  frame: SlotPtr,
  nkw: number,
  scope: CallScope,
  refs: readonly unknown[],
): object {
  const keywords: Record<string, unknown> = {};
  const { labels } = scope;
  for (let i = 0; i < nkw; i++) {
    const at = frame + 2 * i * SLOT_SIZE;
    const name = decode(rt, at, null, ProxyKind.Owned) as string;
    const value = decodeArgument(rt, at + SLOT_SIZE, scope, refs[0], refs[1], refs[2], refs[3]);
    if (labels !== undefined) labelArgument(scope, labels, `keyword argument "${name}"`);
    // `__proto__=...` must be an own property like any other keyword.
    Object.defineProperty(keywords, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return keywords;
}

function readArguments(
  rt: Runtime,
  frame: SlotPtr,
  nargs: number,
  nkw: number,
  flags: number,
  scope: CallScope,
  r0: unknown,
  r1: unknown,
  r2: unknown,
  r3: unknown,
): unknown[] {
  rt.heap.check();
  const args = new Array<unknown>(nkw > 0 ? nargs + 1 : nargs);
  const labels = rt.options.debug ? (scope.labels = []) : undefined;
  const before = (flags & CallFlag.THIS) !== 0 ? 1 : 0;
  try {
    for (let i = 0; i < nargs; i++) {
      args[i] = decodeArgument(rt, frame + i * SLOT_SIZE, scope, r0, r1, r2, r3);
      if (labels !== undefined) {
        labelArgument(scope, labels, i < before ? "this" : `argument ${i + 1 - before}`);
      }
    }
    if (nkw > 0) {
      args[nargs] = keywordObject(rt, frame + nargs * SLOT_SIZE, nkw, scope, [r0, r1, r2, r3]);
    }
  } catch (error) {
    // There will be no call whose end they could await.
    rt.destroyCallProxies(scope);
    throw error;
  }
  return args;
}

/** Most arguments of a call that passes nothing of Python's. */
const FEW = 3;

/**
 * Whether a call passes nothing that is Python's and would have to end with it: no objects and no containers, of which some may
 * be in them.
 */
function allLendNothing(rt: Runtime, frame: SlotPtr, nargs: number): boolean {
  for (let i = 0; i < nargs; i++) {
    if (!lendsNothing(rt, frame + i * SLOT_SIZE)) return false;
  }
  return true;
}

const NOTHING: CallScope = [];

/** Call with at most FEW arguments that lend nothing: most calls, which need no Array and no scope. */
function callFew(
  rt: Runtime,
  func: unknown,
  self: unknown,
  frame: SlotPtr,
  nargs: number,
  r0: unknown,
  r1: unknown,
  r2: unknown,
  out: SlotPtr,
): unknown {
  const f = func as () => unknown;
  let result: unknown;
  if (nargs === 0) {
    result = Reflect.apply(f, self, []);
  } else {
    const first = decodeArgument(rt, frame, NOTHING, r0, r1, r2, null);
    if (nargs === 1) {
      result = Reflect.apply(f, self, [first]);
    } else {
      const second = decodeArgument(rt, frame + SLOT_SIZE, NOTHING, r0, r1, r2, null);
      if (nargs === 2) {
        result = Reflect.apply(f, self, [first, second]);
      } else {
        const third = decodeArgument(rt, frame + 2 * SLOT_SIZE, NOTHING, r0, r1, r2, null);
        result = Reflect.apply(f, self, [first, second, third]);
      }
    }
  }
  if (typeof result === "number" && (result | 0) === result) {
    const { heap } = rt;
    heap.check();
    heap.i32[out >>> 2] = Tag.INT;
    heap.i32[(out >>> 2) + 2] = result;
    return null;
  }
  return finishCall(rt, self, result, [], 0, out);
}

function callWith(
  rt: Runtime,
  func: unknown,
  self: unknown,
  args: unknown[],
  scope: CallScope,
  flags: number,
  out: SlotPtr,
): unknown {
  let result: unknown;
  if (scope.labels !== undefined) rt.noteArguments(func, scope);
  handOver(rt, func, scope);
  try {
    if ((flags & CallFlag.CONSTRUCT) !== 0) {
      result = Reflect.construct(func as new () => unknown, args);
      const instance = answer(rt, result, out);
      rt.destroyCallProxies(scope);
      return instance;
    }
    return finishCall(
      rt,
      self,
      Reflect.apply(func as () => unknown, self, args),
      scope,
      flags,
      out,
    );
  } catch (thrown) {
    // Something odd is described while it can be: it may be one of the arguments.
    const error = rt.asError(thrown);
    rt.destroyCallProxies(scope);
    throw error;
  }
}

/** Write what a call has returned, and end what was lent to it. */
function finishCall(
  rt: Runtime,
  self: unknown,
  returned: unknown,
  scope: CallScope,
  flags: number,
  out: SlotPtr,
): unknown {
  // The coroutine of an `async def` that JavaScript has called runs already.
  let result = rt.scheduledPromise(returned) ?? returned;
  // A thenable is asked once, and settles once.
  if (scope.length > 0 && isThenable(rt, result)) result = Promise.resolve(result);
  // An argument that comes back is unwrapped before its proxy dies.
  const ref =
    (flags & CallFlag.KEEP_LISTS) !== 0 ? answerKeep(rt, result, out) : answer(rt, result, out);
  useUp(rt, result, out);
  endCall(rt, scope, self, result, out);
  return ref;
}

function isThenable(rt: Runtime, value: unknown): boolean {
  if (typeof value !== "object" || value === null || isPromise(value)) return false;
  return rt.unwrapProxy(value) === undefined && hasMethod(value, "then");
}

function notCallable(name: string, value: unknown): PythonRaise {
  const text = `Expected callable: the JavaScript attribute '${name}' is of type ${typeof value}`;
  return new PythonRaise(ErrorCode.TYPE_ERROR, text);
}

/** Attributes of JavaScript objects. */
function attributes(rt: Runtime) {
  return {
    jsx_getattr(obj, id, nameSlot, out) {
      rt.pyToJs++;
      try {
        return getattr(rt, obj, attributeName(rt, id, nameSlot), out);
      } catch (error) {
        return fail(rt, error, out);
      }
    },

    jsx_setattr(obj, id, nameSlot, value, rvalue, out) {
      rt.pyToJs++;
      try {
        const name = attributeName(rt, id, nameSlot);
        (obj as Record<string, unknown>)[name] = decode(rt, value, rvalue, ProxyKind.Owned);
        return setTag(rt, out, Tag.UNDEFINED);
      } catch (error) {
        return fail(rt, error, out);
      }
    },

    jsx_delattr(obj, id, nameSlot, out) {
      rt.pyToJs++;
      try {
        delete (obj as Record<string, unknown>)[attributeName(rt, id, nameSlot)];
        return setTag(rt, out, Tag.UNDEFINED);
      } catch (error) {
        return fail(rt, error, out);
      }
    },
  } satisfies Partial<Imports>;
}

/** Calls of JavaScript functions and methods. */
function calls(rt: Runtime) {
  return {
    jsx_call(func, self, r0, r1, r2, r3, frame, nargs, nkw, flags, out) {
      rt.pyToJs++;
      try {
        if (nargs <= FEW && nkw === 0 && flags === 0 && allLendNothing(rt, frame, nargs)) {
          return callFew(rt, func, self ?? undefined, frame, nargs, r0, r1, r2, out);
        }
        const scope: CallScope = [];
        const args = readArguments(rt, frame, nargs, nkw, flags, scope, r0, r1, r2, r3);
        const receiver = (flags & CallFlag.THIS) !== 0 ? args.shift() : (self ?? undefined);
        return callWith(rt, func, receiver, args, scope, flags, out);
      } catch (error) {
        return fail(rt, error, out);
      }
    },

    jsx_call_method(obj, id, nameSlot, r0, r1, r2, r3, frame, nargs, nkw, out) {
      rt.pyToJs++;
      try {
        const name = attributeName(rt, id, nameSlot);
        const method = (obj as Record<string, unknown>)[name];
        if (typeof method !== "function") {
          if (method === undefined && !hasProperty(obj, name)) return setTag(rt, out, Tag.ABSENT);
          throw notCallable(name, method);
        }
        const ptr = rt.unwrapProxy(method);
        if (ptr !== undefined && ptr > 0) {
          // A Python function: Python calls it itself, with the arguments as they were.
          answer(rt, method, out);
          rt.heap.i32[(out >>> 2) + 1] = -1;
          return null;
        }
        if (nargs <= FEW && nkw === 0 && allLendNothing(rt, frame, nargs)) {
          return callFew(rt, method, obj, frame, nargs, r0, r1, r2, out);
        }
        const scope: CallScope = [];
        const args = readArguments(rt, frame, nargs, nkw, 0, scope, r0, r1, r2, r3);
        return callWith(rt, method, obj, args, scope, 0, out);
      } catch (error) {
        return fail(rt, error, out);
      }
    },
  } satisfies Partial<Imports>;
}

/** Everything else that is done with objects. */
function useOfObjects(rt: Runtime) {
  return {
    jsx_op(op, obj, a, ra, b, rb, out) {
      rt.pyToJs++;
      try {
        return operations[op]!(rt, obj, a, ra, b, rb, out);
      } catch (error) {
        return fail(rt, error, out);
      }
    },

    jsx_next(obj, out) {
      rt.pyToJs++;
      try {
        return nextStep(rt, obj, out);
      } catch (error) {
        return fail(rt, error, out);
      }
    },

    jsx_make_proxy(value, kind, out) {
      rt.heap.check();
      const w = value >>> 2;
      const proxy = rt.makeProxy(rt.heap.u32[w + 2]!, rt.heap.i32[w + 1]!, kind & 15, {
        roundtrip: (kind & ProxyOption.ROUNDTRIP) !== 0,
        captureThis: (kind & ProxyOption.CAPTURE_THIS) !== 0,
        promising: (kind & ProxyOption.PROMISING) !== 0,
      });
      const flags = jsFlags(proxy) | JsFlag.IS_DOUBLE_PROXY;
      setTag(rt, out, Tag.REF);
      rt.heap.i32[(out >>> 2) + 1] = flags;
      return proxy;
    },
  } satisfies Partial<Imports>;
}

/** Objects, errors and results on their way to Python or out of it. */
function transport(rt: Runtime) {
  return {
    jsx_push_ref(value) {
      return rt.refs.push(value) - 1;
    },

    jsx_take_ref(index) {
      return rt.refs[index];
    },

    jsx_clear_refs(length) {
      rt.refs.length = length;
    },

    jsx_make_error(type, message, token) {
      return makePythonError(rt, text(rt, type), text(rt, message), token >>> 0);
    },

    jsx_error_leaves(error, token) {
      errorLeaves(rt, error as object, token >>> 0);
    },

    jsx_fatal(message) {
      throw new Error(text(rt, message));
    },

    jsx_settle(settler, value, rvalue) {
      rt.pyToJs++;
      settle(rt, settler as Settler, value, rvalue);
    },
  } satisfies Partial<Imports>;
}

/** Cycles through both heaps. */
function cycles(rt: Runtime) {
  return {
    jsx_cycles_soon() {
      rt.cycles.request();
    },

    jsx_cycles_wake(address) {
      return rt.cycles.wakeWatched(address >>> 0) ? 1 : 0;
    },

    jsx_weak_value(weak) {
      return rt.cycles.valueOfWeak(weak);
    },
  } satisfies Partial<Imports>;
}

function text(rt: Runtime, slot: SlotPtr): string {
  return decode(rt, slot, null, ProxyKind.Owned) as string;
}

/** The table for `imports.ffi` of instantiateWasm. */
export function createImports(rt: Runtime): Imports {
  return {
    ...attributes(rt),
    ...calls(rt),
    ...useOfObjects(rt),
    ...transport(rt),
    ...cycles(rt),
    ...createSwitching(rt),

    jsx_sleep(duration) {
      rt.heap.check();
      return Number(!rt.signals.wait(rt.heap.f64[(duration >>> 3) + 1]!));
    },

    jsx_frame_region(address) {
      rt.heap.setRegion(address >>> 0);
    },
  };
}

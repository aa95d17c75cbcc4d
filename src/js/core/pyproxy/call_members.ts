/** Callables: the function that stands behind a proxy, and the ways of calling beside `p()`. */
import { ProxyKind } from "../runtime";
import { scheduleResult } from "./awaitable";
import { Ended } from "./lifetime";
import { callObject, callWithInts, isSmallInt } from "./operations";
import { Binding, makeAlias, type ProxyState, stateOfThis, UNBOUND } from "./state";

/** Options of callWithOptions. */
export interface CallOptions {
  /** Surplus arguments are dropped. */
  relaxed?: boolean;
  /** The last argument holds keyword arguments. */
  kwargs?: boolean;
}

/** Call a Python object; `keywords` are names and values in turn, after the arguments. */
function call(
  state: ProxyState,
  self: unknown,
  args: readonly unknown[],
  keywords: readonly unknown[],
  relaxed: boolean,
): unknown {
  const { binding, life, rt } = state;
  const complete = binding.complete(self, args);
  const all = keywords.length === 0 ? complete : [...complete, ...keywords];
  const f = relaxed ? rt.exports.pyx_call_relaxed : rt.exports.pyx_call;
  const count = keywords.length / 2;
  if (life.kind !== ProxyKind.Once) return callObject(life, f, all, count, scheduleResult);
  try {
    return callObject(life, f, all, count, scheduleResult);
  } finally {
    life.end(Ended.once);
  }
}

const NO_KEYWORDS: readonly unknown[] = [];

/**
 * The target of a callable's Proxy. A Proxy without an `apply` trap calls its target, which is
 * several times faster than the trap.
 */
export function functionTarget(state: ProxyState): object {
  const { rt, life, binding } = state;
  if (binding !== UNBOUND || life.kind === ProxyKind.Once) {
    return function (this: unknown, ...args: unknown[]): unknown {
      return call(state, this, args, NO_KEYWORDS, false);
    };
  }
  const f = rt.exports.pyx_call;
  return function (first?: unknown, second?: unknown): unknown {
    switch (arguments.length) {
      case 0:
        return callWithInts(life, f, 0, 0, 0, scheduleResult);
      case 1:
        if (isSmallInt(first)) return callWithInts(life, f, 1, first, 0, scheduleResult);
        break;
      case 2:
        if (isSmallInt(first) && isSmallInt(second)) {
          return callWithInts(life, f, 2, first, second, scheduleResult);
        }
    }
    return callObject(life, f, arguments, 0, scheduleResult);
  };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null) return true;
  // Objects of another realm have another Object.prototype, which has no prototype either.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

/** Names and values in turn of the keyword arguments that are the last of `args`. */
function takeKeywords(args: unknown[], caller: string): unknown[] {
  if (args.length === 0) {
    throw new TypeError(`${caller} requires at least one argument (the key word argument object)`);
  }
  const keywords = args.pop();
  if (!isPlainObject(keywords)) throw new TypeError("kwargs argument is not an object");
  return Object.entries(keywords).flat();
}

export class CallMembers {
  /** Call like Function.prototype.call; `self` matters only with captureThis. */
  call(self: unknown, ...args: unknown[]): unknown {
    return call(stateOfThis(this), self, args, NO_KEYWORDS, false);
  }

  /** Call like Function.prototype.apply. */
  apply(self: unknown, list?: ArrayLike<unknown> | null): unknown {
    // JavaScript's own apply knows what counts as a list of arguments.
    const args = Reflect.apply(Function.prototype.apply, (...given: unknown[]) => given, [
      undefined,
      list,
    ]) as unknown[];
    return call(stateOfThis(this), self, args, NO_KEYWORDS, false);
  }

  /** An alias with the same life that has leading arguments and, for captureThis, `this`. */
  bind(self: unknown, ...args: unknown[]): object {
    const state = stateOfThis(this);
    state.use();
    const { captureThis, bound, self: first, args: before } = state.binding;
    const binding = new Binding(captureThis, true, bound ? first : self, [...before, ...args]);
    return makeAlias(state, state.flags, binding);
  }

  /** An alias with the same life that passes `this` as the first argument. */
  captureThis(): object {
    const state = stateOfThis(this);
    state.use();
    const { bound, self, args } = state.binding;
    return makeAlias(state, state.flags, new Binding(true, bound, self, args));
  }

  /** Call with keyword arguments: the last argument is an object of them. */
  callKwargs(...args: unknown[]): unknown {
    const keywords = takeKeywords(args, "callKwargs");
    return call(stateOfThis(this), undefined, args, keywords, false);
  }

  /** Call without the arguments that the Python function has no parameters for. */
  callRelaxed(...args: unknown[]): unknown {
    return call(stateOfThis(this), undefined, args, NO_KEYWORDS, true);
  }

  callKwargsRelaxed(...args: unknown[]): unknown {
    const keywords = takeKeywords(args, "callKwargsRelaxed");
    return call(stateOfThis(this), undefined, args, keywords, true);
  }

  /** Any combination of the above. */
  callWithOptions(options: CallOptions, ...args: unknown[]): unknown {
    if (options === undefined || options === null) {
      throw new TypeError("callWithOptions needs an object of options as its first argument");
    }
    const { relaxed = false, kwargs = false } = options;
    const keywords = kwargs
      ? takeKeywords(args, "callWithOptions with 'kwargs: true'")
      : NO_KEYWORDS;
    return call(stateOfThis(this), undefined, args, keywords, relaxed);
  }
}

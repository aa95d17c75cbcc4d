/** Callables: the function that stands behind a proxy, and the ways of calling beside `p()`. */
import { ProxyKind } from "../runtime";
import { canSwitchStacks } from "../switching";
import { scheduleResult } from "./awaitable";
import { Ended } from "./lifetime";
import { callObject, callOnStack, callWithInts, isSmallInt } from "./operations";
import { Binding, makeAlias, type ProxyState, stateOfThis, UNBOUND } from "./state";

/** Options of callWithOptions. */
export interface CallOptions {
  /** Surplus arguments are dropped. */
  relaxed?: boolean;
  /** The last argument holds keyword arguments. */
  kwargs?: boolean;
  /** As callPromising: the result is a promise, and Python may wait for promises. */
  promising?: boolean;
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
  if (binding.promising && canSwitchStacks) {
    return callPromising(state, self, args, keywords, relaxed);
  }
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

/**
 * Call a Python object so that it may wait for promises; as `call`.
 * @returns a promise of the result; all errors reject it
 */
export function callPromising(
  state: ProxyState,
  self: unknown,
  args: readonly unknown[],
  keywords: readonly unknown[],
  relaxed: boolean,
): Promise<unknown> {
  const { binding, life } = state;
  return new Promise((resolve, reject) => {
    state.use();
    if (!canSwitchStacks) {
      throw new Error("WebAssembly stack switching not supported in this JavaScript runtime");
    }
    const all = [...binding.complete(self, args), ...keywords];
    const f = relaxed ? "pyx_call_relaxed_promising" : "pyx_call_promising";
    try {
      callOnStack(life, f, { resolve, reject }, all, keywords.length / 2);
    } finally {
      if (life.kind === ProxyKind.Once) life.end(Ended.once);
    }
  });
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
    const { captureThis, bound, self: first, args: before, promising } = state.binding;
    const all = [...before, ...args];
    const binding = new Binding(captureThis, true, bound ? first : self, all, promising);
    return makeAlias(state, state.flags, binding);
  }

  /** An alias with the same life that passes `this` as the first argument. */
  captureThis(): object {
    const state = stateOfThis(this);
    state.use();
    const { bound, self, args, promising } = state.binding;
    return makeAlias(state, state.flags, new Binding(true, bound, self, args, promising));
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

  /** Call so that Python may wait for promises (run_sync), where the engine can switch stacks. */
  callPromising(...args: unknown[]): Promise<unknown> {
    return callPromising(stateOfThis(this), undefined, args, NO_KEYWORDS, false);
  }

  /** Both callPromising and callKwargs. */
  callPromisingKwargs(...args: unknown[]): Promise<unknown> {
    const keywords = takeKeywords(args, "callPromisingKwargs");
    return callPromising(stateOfThis(this), undefined, args, keywords, false);
  }

  /** Any combination of the above. */
  callWithOptions(options: CallOptions, ...args: unknown[]): unknown {
    if (options === undefined || options === null) {
      throw new TypeError("callWithOptions needs an object of options as its first argument");
    }
    const { relaxed = false, kwargs = false, promising = false } = options;
    const keywords = kwargs
      ? takeKeywords(args, "callWithOptions with 'kwargs: true'")
      : NO_KEYWORDS;
    const make = promising ? callPromising : call;
    return make(stateOfThis(this), undefined, args, keywords, relaxed);
  }
}

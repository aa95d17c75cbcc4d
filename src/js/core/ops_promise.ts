/** Handlers of promises, and of the steps of async iterators, that Python attaches. */
import { JsFlag, Op, SLOT_SIZE, type SlotPtr, Tag } from "./abi.gen";
import { PROMISE_SETTLED } from "./call_scope";
import { jsFlags } from "./capabilities";
import {
  answer,
  argument,
  type Dict,
  type Method,
  type Rows,
  setTag,
  typeError,
} from "./ops_common";
import { type Runtime } from "./runtime";
import { canSwitchStacks } from "./switching";

const HANDLED = "This handler was destroyed when its promise was settled.";

/** What is wrong with an iterator's step that is no object. */
export function notAStep(step: unknown): string {
  return `Result should have type "object" not "${step === null ? "null" : typeof step}"`;
}

/** What is wrong with a step of an async iterator, or undefined. */
function problemOf(step: unknown): string | undefined {
  if (typeof step !== "object" || step === null) return notAStep(step);
  return "done" in step ? undefined : 'Result has no "done" field.';
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** End a PyProxy that a promise was fulfilled with, after Python has taken its object. */
function endFulfilment(rt: Runtime, value: unknown): void {
  if (isObject(value) && isPython(rt, value)) rt.endProxy(value, PROMISE_SETTLED);
}

/** Functions of which one is called, once; nothing but the promise holds them. */
class Handlers {
  private readonly own: object[];

  constructor(
    private readonly rt: Runtime,
    readonly fulfilled: Method | undefined,
    readonly rejected?: Method,
  ) {
    this.own = [fulfilled, rejected].filter((f) => isObject(f) && isPython(rt, f)) as object[];
  }

  /** Let go of both. */
  end(): void {
    for (const proxy of this.own.splice(0)) this.rt.endProxy(proxy, HANDLED);
  }

  /** The handler as a function that lets go of both after its call. */
  once(handler: Method | undefined): Method | undefined {
    if (handler === undefined) return undefined;
    return (...args) => {
      try {
        // A handler in Python may wait for promises, if the engine can do that.
        return canSwitchStacks && isPython(this.rt, handler)
          ? this.rt.callPromising(handler, args)
          : handler(...args);
      } finally {
        this.end();
      }
    };
  }

  /**
   * Have one of them called when a promise is settled. What the first one cannot be given, a
   * proxy that is destroyed, is a rejection.
   */
  wait(promise: unknown, fulfil: (value: unknown) => void): void {
    const fulfilled = (value: unknown): void => {
      try {
        fulfil(value);
      } catch (error) {
        this.rejected!(error);
      } finally {
        this.end();
      }
    };
    void Promise.resolve(promise).then(fulfilled, this.once(this.rejected));
  }
}

function isPython(rt: Runtime, value: object): boolean {
  return (rt.unwrapProxy(value) ?? 0) > 0;
}

function readHandlers(rt: Runtime, a: SlotPtr, ra: unknown, b: SlotPtr, rb: unknown): Handlers {
  const fulfilled = argument(rt, a, ra) as Method | undefined;
  return new Handlers(rt, fulfilled, b === 0 ? undefined : (argument(rt, b, rb) as Method));
}

/** The operations of this file. */
export const promiseRows: Rows = {
  [Op.SIGNAL]: (rt, _obj, _a, _ra, _b, _rb, out) => {
    const signal: Dict = {};
    signal["promise"] = new Promise((resolve) => {
      signal["resolve"] = resolve;
    });
    return answer(rt, signal, out);
  },
  [Op.WAIT]: (rt, obj, a, ra, b, rb, out) => {
    const handlers = readHandlers(rt, a, ra, b, rb);
    const useUp = argument(rt, b + SLOT_SIZE, null) as boolean;
    if ((jsFlags(obj) & JsFlag.IS_AWAITABLE) === 0) {
      handlers.end();
      throw typeError("the object can't be used in 'await' expression");
    }
    handlers.wait(obj, (value) => {
      handlers.fulfilled!(value);
      if (useUp) endFulfilment(rt, value);
    });
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.WAIT_STEP]: (rt, obj, a, ra, b, rb, out) => {
    const handlers = readHandlers(rt, a, ra, b, rb);
    handlers.wait(obj, (step) => {
      const problem = problemOf(step);
      const { done, value } = (problem === undefined ? step : {}) as Dict;
      handlers.fulfilled!(problem, Boolean(done), value);
      endFulfilment(rt, value);
    });
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.THEN]: (rt, obj, a, ra, b, rb, out) => {
    const handlers = readHandlers(rt, a, ra, b, rb);
    // One that is missing passes the outcome on, after which nobody calls the other.
    const pass = handlers.once((value) => value)!;
    const raise = handlers.once((error) => {
      throw error;
    })!;
    try {
      const next = (obj as PromiseLike<unknown>).then(
        handlers.once(handlers.fulfilled) ?? pass,
        handlers.once(handlers.rejected) ?? raise,
      );
      return answer(rt, next, out);
    } catch (error) {
      handlers.end();
      throw error;
    }
  },
  [Op.FINALLY]: (rt, obj, a, ra, _b, _rb, out) => {
    const handlers = readHandlers(rt, a, ra, 0, null);
    const handler = handlers.once(handlers.fulfilled)!;
    try {
      return answer(
        rt,
        (obj as Promise<unknown>).finally(() => handler()),
        out,
      );
    } catch (error) {
      handlers.end();
      throw error;
    }
  },
};

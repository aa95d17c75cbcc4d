/**
 * Stack switching (JSPI): calls of Python that may wait for promises while JavaScript goes on.
 *
 * Such a call enters through an export wrapped by WebAssembly.promising. In it Python may wait
 * as long as no frame of JavaScript lies in between, which would have to be switched too. That is
 * seen by the frame region: whatever enters Python from JavaScript takes some of it.
 */
import {
  type Exports,
  type Imports,
  type Ptr,
  type Pyx,
  SwitchState,
  type SlotPtr,
  Tag,
} from "./abi.gen";
import { encodeError } from "./errors";
import { answer, setTag } from "./ops_common";
import { ProxyKind, type Runtime } from "./runtime";
import { decode } from "./slots";

/** What the engine offers, where it can switch stacks. */
interface StackSwitching {
  promising(f: Pyx): (...args: Parameters<Pyx>) => Promise<unknown>;
  Suspending: new (f: (promise: unknown) => Promise<unknown>) => Imports["jsx_suspend"];
}

const engine = WebAssembly as unknown as Partial<StackSwitching>;

/** Whether the engine can switch stacks. */
export const canSwitchStacks =
  typeof engine.promising === "function" && typeof engine.Suspending === "function";

/** A promising call that has not ended. */
export class Task {
  /** Top of the frame region while none of JavaScript's frames lies above the call. */
  top: Ptr = 0;

  /** @param below the promising call that was running when this one began or went on */
  constructor(public below: Task | undefined) {}
}

/** How the waiting for a promise has ended. */
const enum Outcome {
  Fulfilled,
  Rejected,
  /** A signal has come; Python sees to it and may wait on. */
  Signal,
}

class Settled {
  constructor(
    readonly task: Task,
    readonly outcome: Outcome,
    readonly value: unknown,
  ) {}
}

/** Milliseconds between looks for signals, while Python waits for a promise. */
const SIGNAL_INTERVAL = 50;

/** Resolves when a signal waits for Python; `stop` ends the watch. */
function watchSignals(rt: Runtime, task: Task): { signal: Promise<Settled>; stop: () => void } {
  let timer: ReturnType<typeof setInterval> | undefined;
  const signal = new Promise<Settled>((resolve) => {
    timer = setInterval(() => {
      if (rt.signals.pending()) resolve(new Settled(task, Outcome.Signal, undefined));
    }, SIGNAL_INTERVAL);
  });
  return { signal, stop: () => clearInterval(timer) };
}

/** Wait for a promise, or for a signal if Python looks for signals. */
function settlement(rt: Runtime, task: Task, promise: unknown): Promise<Settled> {
  const settled = Promise.resolve(promise).then(
    (value) => new Settled(task, Outcome.Fulfilled, value),
    (error: unknown) => new Settled(task, Outcome.Rejected, error),
  );
  if (rt.signals.buffer === undefined) return settled;
  const { signal, stop } = watchSignals(rt, task);
  return Promise.race([settled, signal]).finally(stop);
}

/** The two ends of the promise of a promising call. */
export interface Settler {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

type Switching = Pick<Imports, "jsx_can_switch" | "jsx_suspend" | "jsx_resumed" | "jsx_call_ended">;

/** The bodies of the imports of this room. */
export function createSwitching(rt: Runtime): Switching {
  const suspend = (promise: unknown): Promise<Settled> => {
    const task = rt.task!;
    rt.task = task.below;
    task.below = undefined;
    return settlement(rt, task, promise);
  };
  return {
    jsx_can_switch() {
      if (!canSwitchStacks) return SwitchState.UNSUPPORTED;
      return rt.task !== undefined && rt.task.top === rt.heap.top
        ? SwitchState.POSSIBLE
        : SwitchState.SYNCHRONOUS;
    },

    jsx_suspend: canSwitchStacks ? new engine.Suspending!(suspend) : suspend,

    jsx_resumed(settled, out) {
      const { task, outcome, value } = settled as Settled;
      rt.pyToJs++;
      task.below = rt.task;
      rt.task = task;
      task.top = rt.heap.top;
      if (outcome === Outcome.Signal) return setTag(rt, out, Tag.ABSENT);
      if (outcome === Outcome.Rejected) return encodeError(rt, value, out);
      try {
        return answer(rt, value, out);
      } catch (error) {
        return encodeError(rt, error, out);
      }
    },

    jsx_call_ended(settler, value, rvalue) {
      rt.task = rt.task!.below;
      settle(rt, settler as Settler, value, rvalue);
    },
  };
}

/** Settle a promise with a slot that C has filled: a value, or an ERR. */
export function settle(rt: Runtime, settler: Settler, value: SlotPtr, rvalue: unknown): void {
  try {
    settler.resolve(decode(rt, value, rvalue, ProxyKind.Owned));
  } catch (error) {
    if (rt.fatal.poisoned) throw error;
    settler.reject(error);
  }
}

/**
 * Call an export on a stack of its own, as enter() does on the present one. The call ends, or
 * waits, before this returns.
 * @param settler of the promise that the export settles; what it throws is fatal, and a rejection
 */
export function enterPromising(
  rt: Runtime,
  f: keyof Exports,
  settler: Settler,
  ...args: Parameters<Pyx>
): void {
  if (rt.fatal.poisoned) rt.fatal.refuse();
  rt.jsToPy++;
  const task = new Task(rt.task);
  const { below } = task;
  rt.task = task;
  task.top = rt.heap.top;
  try {
    promisingExport(rt, f)(...args).catch((error: unknown) => settler.reject(escaped(rt, error)));
  } finally {
    rt.task = below;
  }
}

/** The error to reject with for what has escaped from WebAssembly. */
function escaped(rt: Runtime, error: unknown): unknown {
  try {
    return rt.fatal.escaped(rt, error);
  } catch (thrown) {
    // The handler of fatal errors throws it on.
    return thrown;
  }
}

const wrapped = new WeakMap<Pyx, ReturnType<StackSwitching["promising"]>>();

function promisingExport(
  rt: Runtime,
  name: keyof Exports,
): ReturnType<StackSwitching["promising"]> {
  const f = rt.exports[name];
  let promising = wrapped.get(f);
  if (promising === undefined) {
    promising = engine.promising!(f);
    wrapped.set(f, promising);
  }
  return promising;
}

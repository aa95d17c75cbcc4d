/** Awaitables as thenables: asyncio schedules them, and a promise tells how they end. */
import { SLOT_SIZE, type Ptr } from "../abi.gen";
import { enter, ProxyKind, type Runtime } from "../runtime";
import { decode, encodeKeepArray } from "../slots";
import { type Settler } from "../switching";
import { Ended, NoGilError } from "./lifetime";
import { type ProxyState, stateOf, stateOfThis } from "./state";

/**
 * Schedule the awaitable at `ptr`; asyncio keeps it alive from then on.
 * @returns a promise of its result, rejected if it cannot be scheduled
 * @throws NoGilError when Python's lock is not held; the awaitable is then as it was
 */
export function promiseOf(rt: Runtime, ptr: Ptr): Promise<unknown> {
  let refused: NoGilError | undefined;
  const promise = new Promise((resolve, reject) => {
    const settler: Settler = { resolve, reject };
    const { heap } = rt;
    const top = heap.top;
    const out = heap.reserve(2 * SLOT_SIZE);
    const frame = out + SLOT_SIZE;
    try {
      const r0 = encodeKeepArray(rt, settler, frame, 0);
      const ref = enter(rt, rt.exports.pyx_await, ptr, 0, frame, 1, out, r0, null, null, null);
      decode(rt, out, ref, ProxyKind.Owned);
    } catch (error) {
      if (error instanceof NoGilError) refused = error;
      else reject(error);
    } finally {
      heap.top = top;
    }
  });
  if (refused !== undefined) throw refused;
  return promise;
}

/** The promise of an awaitable, which is scheduled at the first time and then let go. */
export function schedule(state: ProxyState): Promise<unknown> {
  const { life } = state;
  if (life.promise === undefined) {
    life.promise = promiseOf(state.rt, life.use());
    if (!life.roundtrip) life.end(Ended.awaited);
  }
  return life.promise;
}

/** Start the coroutine that a call of an `async def` has returned. */
export function scheduleResult(coroutine: object): void {
  void schedule(stateOf(coroutine)!);
}

type Handler = ((value: unknown) => unknown) | null | undefined;

export class AwaitableMembers {
  /** Schedule the awaitable, unless that is done, and do as Promise.prototype.then. */
  then(onFulfilled?: Handler, onRejected?: Handler): Promise<unknown> {
    return schedule(stateOfThis(this)).then(onFulfilled, onRejected);
  }

  catch(onRejected?: Handler): Promise<unknown> {
    return schedule(stateOfThis(this)).catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<unknown> {
    return schedule(stateOfThis(this)).finally(onFinally);
  }
}

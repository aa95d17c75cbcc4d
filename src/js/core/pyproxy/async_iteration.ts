/** Asynchronous iteration over Python objects: each step is an awaitable and so a promise. */
import { SLOT_SIZE } from "../abi.gen";
import { PythonError } from "../errors";
import { enter, ProxyKind, type Runtime } from "../runtime";
import { decode } from "../slots";
import { promiseOf } from "./awaitable";
import { Ended, Lifetime, release } from "./lifetime";
import { crossForObject, encodeThrowable } from "./operations";
import { stateOfThis } from "./state";

/** Values of pyx_async_step's parameter b. */
const enum AsyncStep {
  NEXT = 0,
  THROW = 1,
  CLOSE = 2,
  ITERATE = 3,
}

/** True for a PythonError of the type. */
function isPython(error: unknown, type: string): boolean {
  return error instanceof PythonError && error.type === type;
}

/** Schedule an awaitable that belongs to us. */
function settle(rt: Runtime, awaitable: number): Promise<unknown> {
  const promise = promiseOf(rt, awaitable);
  release(rt, [awaitable]);
  return promise;
}

async function step(awaited: Promise<unknown>): Promise<IteratorResult<unknown>> {
  try {
    return { done: false, value: await awaited };
  } catch (error) {
    if (isPython(error, "StopAsyncIteration")) return { done: true, value: undefined };
    throw error;
  }
}

function next(life: Lifetime, value: unknown): Promise<IteratorResult<unknown>> {
  const { rt } = life;
  const n = value === undefined ? 0 : 1;
  const f = rt.exports.pyx_async_step;
  return step(settle(rt, crossForObject(life, f, AsyncStep.NEXT, n, value)));
}

/** One `for await` loop. */
class AsyncIteration implements AsyncIterator<unknown> {
  readonly #life: Lifetime;

  constructor(rt: Runtime, ptr: number) {
    this.#life = new Lifetime(rt, ptr, ProxyKind.Owned, false);
  }

  async next(): Promise<IteratorResult<unknown>> {
    const life = this.#life;
    if (life.address === 0) return { done: true, value: undefined };
    try {
      const result = await next(life, undefined);
      if (result.done === true) life.end(Ended.iteration);
      return result;
    } catch (error) {
      life.end(Ended.iteration);
      throw error;
    }
  }

  return(value?: unknown): Promise<IteratorResult<unknown>> {
    this.#life.end(Ended.iteration);
    return Promise.resolve({ done: true, value });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

export class AsyncIterableMembers {
  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    const state = stateOfThis(this);
    const { rt } = state;
    const f = rt.exports.pyx_async_step;
    return new AsyncIteration(rt, crossForObject(state.life, f, AsyncStep.ITERATE, 0, undefined));
  }
}

export class AsyncIteratorMembers {
  [Symbol.asyncIterator](): unknown {
    return this;
  }

  /** A promise of `anext(it)`, or of `it.asend(value)` when there is a value. */
  async next(value?: unknown): Promise<IteratorResult<unknown>> {
    const state = stateOfThis(this);
    return next(state.life, value);
  }
}

export class AsyncGeneratorMembers {
  /** Raise an error where the generator waits. */
  async throw(error: unknown): Promise<IteratorResult<unknown>> {
    const state = stateOfThis(this);
    const { rt } = state;
    const { heap } = rt;
    const ptr = state.use();
    const top = heap.top;
    const out = heap.reserve(2 * SLOT_SIZE);
    const frame = out + SLOT_SIZE;
    let awaitable: number;
    try {
      const r0 = encodeThrowable(rt, error, frame);
      const f = rt.exports.pyx_async_step;
      const ref = enter(rt, f, ptr, AsyncStep.THROW, frame, 1, out, r0, null, null, null);
      heap.check();
      if (ref !== null) decode(rt, out, ref, ProxyKind.Owned);
      awaitable = heap.u32[(out >>> 2) + 2]!;
    } finally {
      heap.top = top;
    }
    return step(settle(rt, awaitable));
  }

  /** Raise GeneratorExit where the generator waits. */
  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    const state = stateOfThis(this);
    const { rt } = state;
    const f = rt.exports.pyx_async_step;
    const awaitable = crossForObject(state.life, f, AsyncStep.CLOSE, 0, undefined);
    try {
      return await step(settle(rt, awaitable));
    } catch (error) {
      if (isPython(error, "GeneratorExit")) return { done: true, value };
      throw error;
    }
  }
}

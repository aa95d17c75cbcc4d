/** Iteration over Python objects: iterables, iterators and generators. */
import { ProxyKind, type Runtime } from "../runtime";
import { Ended, Lifetime } from "./lifetime";
import { CLOSED, iterate, nextStep, type Step, throwStep } from "./operations";
import { type ProxyState, stateOf, stateOfThis } from "./state";

/** The prototype from which iterators get `map`, `filter` and their kin. */
export const IteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf([][Symbol.iterator]()),
) as object;

/**
 * One loop over a Python iterable. Items that are proxies are borrowed: they end when the
 * iterator is exhausted. After an early exit they are left to the garbage collector.
 */
class Iteration implements Iterator<unknown> {
  readonly #life: Lifetime;
  readonly #borrowed: ProxyState[] = [];

  constructor(rt: Runtime, ptr: number) {
    this.#life = new Lifetime(rt, ptr, ProxyKind.Owned, false);
  }

  next(): IteratorResult<unknown> {
    const life = this.#life;
    if (life.address === 0) return { done: true, value: undefined };
    let step: Step;
    try {
      step = nextStep(life, undefined);
    } catch (error) {
      life.end(Ended.iteration);
      throw error;
    }
    if (step.done) {
      this.#exhausted();
      return { done: true, value: undefined };
    }
    if (step.fresh) this.#borrowed.push(stateOf(step.value)!);
    return { done: false, value: step.value };
  }

  #exhausted(): void {
    for (const { life } of this.#borrowed) life.end(Ended.iteration);
    this.#borrowed.length = 0;
    this.#life.end(Ended.iteration);
  }

  return(value?: unknown): IteratorResult<unknown> {
    this.#borrowed.length = 0;
    this.#life.end(Ended.iteration);
    return { done: true, value };
  }
}
Object.setPrototypeOf(Iteration.prototype, IteratorPrototype);

export class IterableMembers {
  [Symbol.iterator](): Iterator<unknown> {
    const state = stateOfThis(this);
    return new Iteration(state.rt, iterate(state));
  }
}

function result({ done, value }: Step): IteratorResult<unknown> {
  return { done, value };
}

export class IteratorMembers {
  [Symbol.iterator](): unknown {
    return this;
  }

  /** `next(it)`, or `it.send(value)` when there is a value. */
  next(value?: unknown): IteratorResult<unknown> {
    return result(nextStep(stateOfThis(this).life, value));
  }
}

export class GeneratorMembers {
  /** Raise an error where the generator waits. */
  throw(error: unknown): IteratorResult<unknown> {
    const state = stateOfThis(this);
    return result(throwStep(state.life, state.rt.exports.pyx_throw, error));
  }

  /** Raise GeneratorExit where the generator waits. */
  return(value?: unknown): IteratorResult<unknown> {
    const state = stateOfThis(this);
    const step = throwStep(state.life, state.rt.exports.pyx_return, undefined);
    return step.value === CLOSED ? { done: true, value } : result(step);
  }
}

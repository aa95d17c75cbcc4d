/**
 * Array methods of sequences. Those that only read work as Array.prototype's do, applied to
 * the proxy; those that change the sequence use its own Python methods.
 */
import { callObject, getAttribute, getItem, getItemProxy, lengthOf, setItem } from "./operations";
import { deleteItem, containsItem } from "./operations";
import { stateOf, type ProxyState, stateOfThis } from "./state";

type Method = (...args: unknown[]) => unknown;

/** Methods of Array.prototype that need nothing but `length` and indices of `this`. */
const READING = [
  "join",
  "slice",
  "indexOf",
  "forEach",
  "map",
  "filter",
  "some",
  "every",
  "reduce",
  "reduceRight",
  "at",
  "concat",
  "entries",
  "keys",
  "values",
  "find",
  "findIndex",
] as const;

export class SequenceMembers {
  get [Symbol.isConcatSpreadable](): boolean {
    return true;
  }

  lastIndexOf(item: unknown, ...from: number[]): number {
    return Array.prototype.lastIndexOf.call(this, item, ...(from as [number]));
  }

  /** `item in obj` */
  includes(item: unknown): boolean {
    return containsItem(stateOfThis(this), item);
  }

  /** The items as an Array, so that JSON.stringify sees one. */
  toJSON(): unknown[] {
    const state = stateOfThis(this);
    // By index: items of a loop would be destroyed at its end, before they are written.
    return Array.from({ length: lengthOf(state) }, (_, i) => getItem(state, i));
  }
}
for (const name of READING) {
  const method = Array.prototype[name] as Method;
  Object.defineProperty(SequenceMembers.prototype, name, {
    value(this: unknown, ...args: unknown[]): unknown {
      return Reflect.apply(method, this, args);
    },
    writable: true,
    configurable: true,
  });
}

/** Call a Python method of the sequence. */
function callMethod(state: ProxyState, name: string, args: readonly unknown[]): unknown {
  const method = stateOf(getAttribute(state, name));
  if (method === undefined) throw new TypeError(`the Python object has no method ${name}`);
  return callObject(method.life, state.rt.exports.pyx_call, args, 0, () => undefined);
}

/** The items, with lists and tuples as proxies, so that they keep their identity. */
function liveItems(state: ProxyState, length: number): unknown[] {
  return Array.from({ length }, (_, i) => getItemProxy(state, i));
}

/** Let go of proxies that liveItems has made. */
function dropItems(items: readonly unknown[]): void {
  for (const item of items) {
    const state = stateOf(item);
    if (state !== undefined && !state.life.roundtrip) state.life.end("");
  }
}

/** A position as Array.prototype's methods take it: negative counts from the end. */
function position(value: unknown, length: number, otherwise: number): number {
  if (value === undefined) return otherwise;
  const index = Math.trunc(Number(value)) || 0;
  return index < 0 ? Math.max(length + index, 0) : Math.min(index, length);
}

/** Array.prototype.sort's order: undefined last, and by text where no function is given. */
function order(compare: ((a: unknown, b: unknown) => number) | undefined): typeof byText {
  const inner = compare ?? byText;
  return (a, b) => {
    if (a === undefined || b === undefined)
      return Number(a === undefined) - Number(b === undefined);
    return inner(a, b);
  };
}

function byText(a: unknown, b: unknown): number {
  const left = String(a);
  const right = String(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

export class MutableSequenceMembers {
  reverse(): this {
    callMethod(stateOfThis(this), "reverse", []);
    return this;
  }

  /** Sort in place by JavaScript's order. */
  sort(compare?: (a: unknown, b: unknown) => number): this {
    const state = stateOfThis(this);
    if (compare !== undefined && typeof compare !== "function") {
      throw new TypeError("The comparison function must be either a function or undefined");
    }
    const length = lengthOf(state);
    const live = liveItems(state, length);
    try {
      const values = live.map((_, i) => getItem(state, i));
      const ordered = order(compare);
      const places = live.map((_, i) => i).sort((a, b) => ordered(values[a], values[b]));
      places.forEach((from, to) => setItem(state, to, live[from]));
    } finally {
      dropItems(live);
    }
    return this;
  }

  splice(start?: number, count?: number, ...items: unknown[]): unknown[] {
    const state = stateOfThis(this);
    const length = lengthOf(state);
    const first = position(start, length, 0);
    // As in Array.prototype.splice it matters whether an argument was given at all.
    const wanted = arguments.length === 0 ? 0 : arguments.length === 1 ? length : Number(count);
    const removed = Math.min(Math.max(Math.trunc(wanted) || 0, 0), length - first);
    const result = Array.from({ length: removed }, (_, i) => getItem(state, first + i));
    for (let i = 0; i < removed; i++) deleteItem(state, first);
    items.forEach((item, i) => callMethod(state, "insert", [first + i, item]));
    return result;
  }

  push(...items: unknown[]): number {
    const state = stateOfThis(this);
    for (const item of items) callMethod(state, "append", [item]);
    return lengthOf(state);
  }

  unshift(...items: unknown[]): number {
    const state = stateOfThis(this);
    items.forEach((item, i) => callMethod(state, "insert", [i, item]));
    return lengthOf(state);
  }

  pop(): unknown {
    const state = stateOfThis(this);
    return lengthOf(state) === 0 ? undefined : callMethod(state, "pop", []);
  }

  shift(): unknown {
    const state = stateOfThis(this);
    return lengthOf(state) === 0 ? undefined : callMethod(state, "pop", [0]);
  }

  fill(value: unknown, start?: number, end?: number): this {
    const state = stateOfThis(this);
    const length = lengthOf(state);
    const stop = position(end, length, length);
    for (let i = position(start, length, 0); i < stop; i++) setItem(state, i, value);
    return this;
  }

  copyWithin(target: number, start: number, end?: number): this {
    const state = stateOfThis(this);
    const length = lengthOf(state);
    const to = position(target, length, 0);
    const from = position(start, length, 0);
    const count = Math.min(position(end, length, length) - from, length - to);
    if (count <= 0) return this;
    const items = Array.from({ length: count }, (_, i) => getItemProxy(state, from + i));
    try {
      items.forEach((item, i) => setItem(state, to + i, item));
    } finally {
      dropItems(items);
    }
    return this;
  }
}

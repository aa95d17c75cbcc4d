/**
 * Values on their way between page and worker. Structured cloning copies what it can; functions and
 * Python objects, wherever they stand in a value, become references. Structured cloning keeps
 * identity, so an empty object marks the place of each in the copy.
 */

import type { Id, Owner, Packed } from "./protocol";

/** Knows which objects are sent as references. */
export interface Packer {
  /** The reference to send for an object, or undefined when it is copied. */
  refer(value: object): { owner: Owner; id: Id } | undefined;
}

/** Knows what references mean. */
export interface Unpacker {
  resolve(owner: Owner, id: Id): unknown;
}

/** What has been marked for moving instead of copying. */
const transfers = new WeakMap<object, Transferable[]>();

/**
 * Marks a value, so that buffers, ports and the like in it are moved to the other side, not copied,
 * when the value is sent: `await f(transfer(bytes, [bytes.buffer]))`.
 *
 * @param value - an object, alone as an argument or inside one
 * @param list - what is moved; it cannot be used here afterwards
 * @returns `value`
 */
export function transfer<T extends object>(value: T, list: Transferable[]): T {
  transfers.set(value, list);
  return value;
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || prototype === Object.prototype;
}

/** Sets a property of whatever name, `__proto__` too. */
function put(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

/** Copies the containers of a value, with `change` applied to what is no container. */
class Walk {
  readonly #done = new Map<object, unknown>();

  /** @param change - gives undefined for what is to stay */
  constructor(readonly change: (value: object) => { by: unknown } | undefined) {}

  visit(value: unknown): unknown {
    if (!isObject(value)) return value;
    if (this.#done.has(value)) return this.#done.get(value);
    const changed = this.change(value);
    if (changed !== undefined) return this.#note(value, changed.by);
    if (Array.isArray(value)) return this.#array(value);
    if (value instanceof Map) return this.#map(value);
    if (value instanceof Set) return this.#set(value);
    return isPlain(value) ? this.#plain(value) : value;
  }

  #note<T>(value: object, copy: T): T {
    this.#done.set(value, copy);
    return copy;
  }

  #array(value: unknown[]): unknown[] {
    const copy = this.#note(value, new Array<unknown>(value.length));
    value.forEach((item, i) => (copy[i] = this.visit(item)));
    return copy;
  }

  #map(value: Map<unknown, unknown>): Map<unknown, unknown> {
    const copy = this.#note(value, new Map<unknown, unknown>());
    for (const [key, item] of value) copy.set(this.visit(key), this.visit(item));
    return copy;
  }

  #set(value: Set<unknown>): Set<unknown> {
    const copy = this.#note(value, new Set<unknown>());
    for (const item of value) copy.add(this.visit(item));
    return copy;
  }

  #plain(value: Record<string, unknown>): object {
    const copy = this.#note(value, {});
    for (const [name, item] of Object.entries(value)) put(copy, name, this.visit(item));
    return copy;
  }
}

/**
 * Makes a value ready for sending.
 * @returns the value as it is sent, and what is moved with it
 */
export function pack(value: unknown, packer: Packer): { packed: Packed; list: Transferable[] } {
  const places: NonNullable<Packed["places"]> = [];
  const list: Transferable[] = [];
  const walk = new Walk((object) => {
    list.push(...(transfers.get(object) ?? []));
    const reference = packer.refer(object);
    if (reference === undefined) return undefined;
    const place = {};
    places.push([place, reference.owner, reference.id]);
    return { by: place };
  });
  const copy = walk.visit(value);
  // Without references the value goes as it is: structured cloning also keeps holes of Arrays.
  return { packed: places.length === 0 ? { value } : { value: copy, places }, list };
}

/** The value that was sent. */
export function unpack({ value, places }: Packed, unpacker: Unpacker): unknown {
  if (places === undefined) return value;
  const found = new Map(places.map(([place, owner, id]) => [place, unpacker.resolve(owner, id)]));
  return new Walk((object) => (found.has(object) ? { by: found.get(object) } : undefined)).visit(
    value,
  );
}

/**
 * LiteralMap: what toJs makes of a dict with the option toJsLiteralMap. A real Map whose string
 * keys are also properties; methods win over keys of the same name.
 */

/** The Map behind each LiteralMap, which is a Proxy. */
const targets = new WeakMap<object, Map<unknown, unknown>>();

const real = (self: unknown): Map<unknown, unknown> =>
  targets.get(self as object) ?? (self as Map<unknown, unknown>);

const { prototype: base } = Map;

/** True for a key that is a property of its own: not a member of every LiteralMap. */
function isEntry(target: Map<unknown, unknown>, key: PropertyKey): key is string {
  return typeof key === "string" && !(key in target);
}

const traps: ProxyHandler<Map<unknown, unknown>> = {
  get: (target, key, receiver) =>
    isEntry(target, key)
      ? base.get.call(target, key)
      : (Reflect.get(target, key, receiver) as unknown),

  set(target, key, value) {
    if (typeof key === "symbol") return Reflect.set(target, key, value);
    if (key in target) return false;
    base.set.call(target, key, value);
    return true;
  },

  has: (target, key) =>
    Reflect.has(target, key) || (typeof key === "string" && base.has.call(target, key)),

  deleteProperty(target, key) {
    if (typeof key === "string" && base.delete.call(target, key)) return true;
    return Reflect.deleteProperty(target, key);
  },

  ownKeys(target) {
    const names = [...base.keys.call(target)].filter((key) => typeof key === "string");
    return [...names, ...Reflect.ownKeys(target)];
  },

  getOwnPropertyDescriptor(target, key) {
    if (typeof key !== "string" || !base.has.call(target, key)) {
      return Reflect.getOwnPropertyDescriptor(target, key);
    }
    const value: unknown = base.get.call(target, key);
    return { value, writable: true, enumerable: true, configurable: true };
  },

  defineProperty(target, key, descriptor) {
    if (typeof key === "symbol") return Reflect.defineProperty(target, key, descriptor);
    if (key in target || !("value" in descriptor)) return false;
    base.set.call(target, key, descriptor.value);
    return true;
  },

  // Entries could not be shown as properties of an object that takes no new ones.
  preventExtensions: () => false,
};

/** A Map whose string keys can be read, written and deleted as properties. */
export class LiteralMap extends Map<unknown, unknown> {
  constructor(entries: Iterable<readonly [unknown, unknown]> = []) {
    super();
    for (const [key, value] of entries) base.set.call(this, key, value);
    const proxy = new Proxy(this, traps);
    targets.set(proxy, this);
    return proxy;
  }

  override get size(): number {
    return real(this) === this ? super.size : real(this).size;
  }

  override get(key: unknown): unknown {
    return base.get.call(real(this), key);
  }

  override set(key: unknown, value: unknown): this {
    base.set.call(real(this), key, value);
    return this;
  }

  override has(key: unknown): boolean {
    return base.has.call(real(this), key);
  }

  override delete(key: unknown): boolean {
    return base.delete.call(real(this), key);
  }

  override clear(): void {
    base.clear.call(real(this));
  }

  override forEach(
    callback: (value: unknown, key: unknown, map: Map<unknown, unknown>) => void,
    thisArg?: unknown,
  ): void {
    base.forEach.call(real(this), (value, key) => {
      Reflect.apply(callback, thisArg, [value, key, this]);
    });
  }

  override entries(): MapIterator<[unknown, unknown]> {
    return base.entries.call(real(this));
  }

  override keys(): MapIterator<unknown> {
    return base.keys.call(real(this));
  }

  override values(): MapIterator<unknown> {
    return base.values.call(real(this));
  }

  override [Symbol.iterator](): MapIterator<[unknown, unknown]> {
    return base.entries.call(real(this));
  }
}

/**
 * The traps of a PyProxy: which property is JavaScript's and which is Python's.
 *
 * BaseTraps serves objects with attributes only; further capabilities override some of its
 * methods, see types.ts.
 */
import { PyFlag } from "../abi.gen";
import {
  attributeNames,
  deleteAttribute,
  getAttribute,
  hasAttribute,
  lengthOf,
  pythonName,
  setAttribute,
  typeName,
} from "./operations";
import { ProxyState, publicFlags } from "./state";

export type Key = string | symbol;

export class BaseTraps extends ProxyState implements Omit<ProxyHandler<object>, "apply"> {
  /**
   * Engines look for a trap at each use of a Proxy, and find what is the handler's own several times faster than what is
   * inherited or not there: the trap of calls, which there is not, and that of reading.
   */
  readonly apply: undefined = undefined;

  constructor(...args: ConstructorParameters<typeof ProxyState>) {
    super(...args);
    const { get } = this;
    this.get = get;
  }

  /** True when the property belongs to the JavaScript side: a member, or set by the program. */
  isMember(target: object, key: Key): boolean {
    return key in target;
  }

  /** True when the target may have properties of its own, which only defineProperty makes. */
  protected modified = false;

  get(target: object, key: Key, receiver: unknown): unknown {
    if (typeof key === "symbol") return Reflect.get(target, key, receiver);
    if (!this.isMember(target, key)) return this.read(key);
    if (this.modified) return Reflect.get(target, key, receiver);
    return this.member(target, key);
  }

  /** Read a member: getters without the detour through the proxy, methods from the target. */
  private member(target: object, key: string): unknown {
    switch (key) {
      case "type":
        return typeName(this);
      case "$$flags":
        return publicFlags(this.flags);
      case "length":
        if ((this.flags & PyFlag.HAS_LENGTH) !== 0) return lengthOf(this);
        break;
    }
    return (target as Record<string, unknown>)[key];
  }

  defineProperty(target: object, key: Key, descriptor: PropertyDescriptor): boolean {
    this.modified = true;
    return Reflect.defineProperty(target, key, descriptor);
  }

  /** What Python has cannot be frozen from here, and the keys of a frozen target could not change. */
  preventExtensions(): boolean {
    return false;
  }

  /** Read what Python has under a name. */
  read(key: string): unknown {
    return getAttribute(this, pythonName(key));
  }

  set(target: object, key: Key, value: unknown, receiver: unknown): boolean {
    if (typeof key === "symbol" || this.isMember(target, key)) {
      return Reflect.set(target, key, value, receiver);
    }
    return this.write(key, value);
  }

  /** Set what Python has under a name; false when it cannot be set. */
  write(key: string, value: unknown): boolean {
    setAttribute(this, pythonName(key), value);
    return true;
  }

  has(target: object, key: Key): boolean {
    if (typeof key === "symbol" || this.isMember(target, key)) return Reflect.has(target, key);
    return this.contains(key);
  }

  /** Whether Python has anything under a name. */
  contains(key: string): boolean {
    return hasAttribute(this, pythonName(key));
  }

  deleteProperty(target: object, key: Key): boolean {
    if (typeof key === "symbol" || this.isMember(target, key)) {
      return Reflect.deleteProperty(target, key);
    }
    return this.remove(key);
  }

  /** Delete what Python has under a name; false when there is nothing to delete. */
  remove(key: string): boolean {
    deleteAttribute(this, pythonName(key));
    return true;
  }

  ownKeys(target: object): Key[] {
    // A key that occurs twice would be an error.
    return [...new Set<Key>([...this.names(), ...this.ownMembers(target)])];
  }

  /** The names that Python has. */
  names(): string[] {
    return attributeNames(this);
  }

  /** The JavaScript side's own properties. */
  ownMembers(target: object): Key[] {
    return Reflect.ownKeys(target);
  }
}

/** The class of a handler; mixins make one from another. */
export type TrapsClass = new (...args: ConstructorParameters<typeof BaseTraps>) => BaseTraps;

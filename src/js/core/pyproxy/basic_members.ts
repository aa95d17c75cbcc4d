/** Members that every PyProxy has, and those of objects with a length or with items. */
import { PyFlag } from "../abi.gen";
import { ProxyKind } from "../runtime";
import { Ended, Lifetime } from "./lifetime";
import {
  containsItem,
  deleteItem,
  getAttributeProxy,
  getItem,
  getItemProxy,
  lengthOf,
  pythonName,
  setItem,
  textOf,
  typeName,
} from "./operations";
import { makeCopy, type ProxyState, publicFlags, stateOfThis } from "./state";

/** Options of destroy(). */
export interface DestroyOptions {
  /** What an error says to whoever uses the proxy afterwards. */
  message?: string;
  /** Whether a proxy made by create_proxy with roundtrip is destroyed too; default true. */
  destroyRoundtrip?: boolean;
}

function destroy(
  state: ProxyState,
  { message = "", destroyRoundtrip = true }: DestroyOptions,
): void {
  const { life } = state;
  if (life.roundtrip && !destroyRoundtrip) return;
  // Python wants to know that a callable for one call has been called.
  if (life.kind === ProxyKind.Once && life.address === 0) throw life.ended();
  life.end(message || Ended.byUser);
}

export class BasicMembers {
  get [Symbol.toStringTag](): string {
    return "PyProxy";
  }

  /** The bits of what the object can do. */
  get $$flags(): number {
    return publicFlags(stateOfThis(this).flags);
  }

  /** Name of the Python type. */
  get type(): string {
    return typeName(stateOfThis(this));
  }

  /** `str(obj)` */
  toString(): string {
    const state = stateOfThis(this);
    return textOf(state, state.rt.options.pyproxyToStringRepr);
  }

  /** Give the object back to Python; the proxy is unusable afterwards. */
  destroy(options?: DestroyOptions | null): void {
    destroy(stateOfThis(this), options ?? {});
  }

  /** A proxy of the same object that has to be destroyed separately. */
  copy(): object {
    const state = stateOfThis(this);
    const { rt, life } = state;
    const cache = life.attributes();
    const copy = new Lifetime(rt, life.incref(), ProxyKind.Owned, life.roundtrip);
    copy.share(cache);
    return makeCopy(state, copy);
  }

  /**
   * An attribute or item as a live proxy, also where reading it would copy a list or tuple.
   * Dicts are asked for an item, sequences for numbers too; all else for an attribute first.
   */
  getProxy(key: unknown): unknown {
    const state = stateOfThis(this);
    state.use();
    const items = (state.flags & PyFlag.HAS_GET) !== 0;
    if ((state.flags & PyFlag.IS_DICT) !== 0 || (items && typeof key !== "string")) {
      return getItemProxy(state, key);
    }
    if (typeof key !== "string") throw new TypeError("getProxy: the object has no items");
    const attribute = getAttributeProxy(state, pythonName(key));
    if (attribute !== undefined || !items || (state.flags & PyFlag.IS_SEQUENCE) !== 0) {
      return attribute;
    }
    return getItemProxy(state, key);
  }
}

/** `using proxy = ...` where the engine knows of it. */
export class DisposeMembers {}
if (typeof Symbol.dispose === "symbol") {
  Object.defineProperty(DisposeMembers.prototype, Symbol.dispose, {
    value(this: unknown): void {
      destroy(stateOfThis(this), {});
    },
    writable: true,
    configurable: true,
  });
}

export class LengthMembers {
  get length(): number {
    return lengthOf(stateOfThis(this));
  }
}

export class GetMembers {
  /** `obj[key]`; undefined when there is no such item. */
  get(key: unknown): unknown {
    return getItem(stateOfThis(this), key);
  }
}

export class SetMembers {
  /** `obj[key] = value` */
  set(key: unknown, value: unknown): void {
    setItem(stateOfThis(this), key, value);
  }

  /** `del obj[key]` */
  delete(key: unknown): void {
    deleteItem(stateOfThis(this), key);
  }
}

export class HasMembers {
  /** `key in obj` */
  has(key: unknown): boolean {
    return containsItem(stateOfThis(this), key);
  }
}

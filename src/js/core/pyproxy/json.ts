/**
 * The JSON views that asJsJson makes: a Python object seen as the data that it holds, where
 * nested containers are views again. A view shares the life of the object's proxy.
 */
import { ItemFlag, PyFlag } from "../abi.gen";
import { askItem, itemDescriptor, itemNames, readItem, writeItem } from "./dict_traps";
import { IteratorPrototype } from "./iteration";
import { getItemProxy, lengthOf } from "./operations";
import { indexOf } from "./sequence_traps";
import { makeAlias, type ProxyState, stateOf, stateOfThis } from "./state";
import { type Key, type TrapsClass } from "./traps";

const VIEW = PyFlag.IS_JSON_ADAPTOR_DICT | PyFlag.IS_JSON_ADAPTOR_SEQUENCE;

/** Members that a view of something dict-like keeps; all other names are items. */
const KEPT = new Set<Key>(["copy", "constructor", "$$flags", "toString", "destroy"]);

/** The view of a proxy; the proxy itself when it has no items. */
function viewOf(state: ProxyState): object {
  if ((state.flags & VIEW) !== 0) return state.self;
  if ((state.flags & PyFlag.IS_SEQUENCE) !== 0) {
    return makeAlias(state, state.flags | PyFlag.IS_JSON_ADAPTOR_SEQUENCE, state.binding);
  }
  if ((state.flags & PyFlag.HAS_GET) !== 0) {
    return makeAlias(state, state.flags | PyFlag.IS_JSON_ADAPTOR_DICT, state.binding);
  }
  return state.self;
}

/**
 * What a view shows for an item: nested containers as views, which are cached on the parent so
 * that they stay alive as long as it does.
 */
function viewOfItem(state: ProxyState, key: string, value: unknown): unknown {
  const item = stateOf(value);
  if (item === undefined || item.rt !== state.rt) return value;
  const { entries } = state.life.attributes();
  // NUL keeps these apart from the names of attributes.
  const name = `\0item:${key}`;
  const known = entries.get(name);
  if (known !== undefined && known.life.address === item.life.address) {
    if (known.life !== item.life && !item.life.roundtrip) item.life.end("");
    return known.self;
  }
  const view = viewOf(item);
  entries.set(name, stateOf(view)!);
  return view;
}

/** Items of a sequence's view are views. */
export function JsonSequenceTraps(Base: TrapsClass): TrapsClass {
  return class extends Base {
    override read(key: string): unknown {
      const index = indexOf(key);
      if (index < 0) return super.read(key);
      return viewOfItem(this, key, getItemProxy(this, index));
    }

    getOwnPropertyDescriptor(target: object, key: Key): PropertyDescriptor | undefined {
      if (typeof key === "symbol" || indexOf(key) < 0) {
        return Reflect.getOwnPropertyDescriptor(target, key);
      }
      return this.contains(key) ? itemDescriptor(this.read(key)) : undefined;
    }

    override names(): string[] {
      return Array.from({ length: lengthOf(this) }, (_, i) => String(i));
    }
  };
}

/** The items are all that the view of a dict-like object has. */
export function JsonDictTraps(Base: TrapsClass): TrapsClass {
  return class extends Base {
    override isMember(target: object, key: Key): boolean {
      return KEPT.has(key) || Object.hasOwn(target, key);
    }

    override get(target: object, key: Key, receiver: unknown): unknown {
      const value = super.get(target, key, receiver);
      // An exact lookup by key must be possible where no item has that name.
      return value === undefined && key === "get" ? Reflect.get(target, key, receiver) : value;
    }

    override read(key: string): unknown {
      const value = readItem(this, ItemFlag.KEEP_LISTS, key);
      return viewOfItem(this, key, value);
    }

    override write(key: string, value: unknown): boolean {
      return writeItem(this, 0, key, value);
    }

    override contains(key: string): boolean {
      return askItem(this, "pyx_item_has", 0, key);
    }

    override remove(key: string): boolean {
      return askItem(this, "pyx_item_delete", 0, key);
    }

    override names(): string[] {
      return itemNames(this, 0);
    }

    getOwnPropertyDescriptor(target: object, key: Key): PropertyDescriptor | undefined {
      const own = Reflect.getOwnPropertyDescriptor(target, key);
      if (own !== undefined || typeof key === "symbol" || KEPT.has(key)) return own;
      return this.contains(key) ? itemDescriptor(this.read(key)) : undefined;
    }
  };
}

/** Of views: what `get` gives are views too. */
export class JsonGetMembers {
  /** `obj[key]` for exactly this key; undefined when there is no such item. */
  get(key: unknown): unknown {
    const state = stateOfThis(this);
    const value = getItemProxy(state, key);
    if (typeof key === "string" || typeof key === "number") {
      return viewOfItem(state, String(key), value);
    }
    const item = stateOf(value);
    return item === undefined || item.rt !== state.rt ? value : viewOf(item);
  }
}

/** Of the view of a sequence: what a loop gives are views too. */
export class JsonSequenceMembers {
  [Symbol.iterator](): Iterator<unknown> {
    const state = stateOfThis(this);
    let index = 0;
    const next = (): IteratorResult<unknown> => {
      if (index >= lengthOf(state)) return { done: true, value: undefined };
      const value = viewOfItem(state, String(index), getItemProxy(state, index));
      index++;
      return { done: false, value };
    };
    return Object.setPrototypeOf({ next }, IteratorPrototype) as Iterator<unknown>;
  }
}

/** Of everything that has items. */
export class JsonMembers {
  /** The object as JSON-like data: items are properties, nested containers views again. */
  asJsJson(): object {
    const state = stateOfThis(this);
    state.use();
    return viewOf(state);
  }
}

/**
 * Traps of exact dicts: a property is an attribute, else the item with that string as its key,
 * else the item with the int that the name spells.
 */
import { ItemFlag, type SlotPtr, SLOT_SIZE, Tag } from "../abi.gen";
import { enter, ProxyKind } from "../runtime";
import { decode, encode } from "../slots";
import { crossPair, crossValue, crossWords, pythonName } from "./operations";
import { type ProxyState, stateOf } from "./state";
import { type Key, type TrapsClass } from "./traps";

const FLAGS = ItemFlag.ATTRIBUTES;

/** Decode what pyx_item_get has found, and keep its proxy for the next reading. */
function decodeFound(
  state: ProxyState,
  name: string,
  cached: object | undefined,
  out: SlotPtr,
  ref: unknown,
): unknown {
  const { rt, life } = state;
  rt.heap.check();
  const tag = rt.heap.u8[out];
  if (tag === Tag.SAME) return cached;
  if (cached !== undefined) life.cache?.entries.delete(name);
  const value = decode(rt, out, ref, ProxyKind.Attribute);
  if (tag === Tag.PYOBJ && life.ptr !== 0) {
    life.attributes().entries.set(name, stateOf(value)!);
  }
  return value;
}

/** Read an attribute or item by name; undefined when there is neither. */
function readFound(state: ProxyState, name: string): unknown {
  const { rt } = state;
  const ptr = state.use();
  const entry = state.life.cache?.entries.get(name);
  const cached = entry !== undefined && entry.life.ptr !== 0 ? entry : undefined;
  const { heap } = rt;
  const top = heap.top;
  const out = heap.reserve(2 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    encode(rt, name, frame, 0);
    const known = cached === undefined ? 0 : cached.life.ptr;
    const f = rt.exports.pyx_item_get;
    const ref = enter(rt, f, ptr, FLAGS, frame, known, out, null, null, null, null);
    return decodeFound(state, name, cached?.self, out, ref);
  } finally {
    heap.top = top;
  }
}

/** A property that the target does not have, in the form that Proxy's invariants allow. */
export function itemDescriptor(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}

/** Cross for a yes or no about the item, or with FLAGS also the attribute, of a name. */
export function askItem(
  state: ProxyState,
  f: "pyx_item_has" | "pyx_item_delete",
  flags: number,
  name: string,
): boolean {
  const { rt } = state;
  const ptr = state.use();
  return crossValue(rt, rt.exports[f], ptr, flags, 1, name, ProxyKind.Owned) as boolean;
}

/** Read the item, not the attribute, of a name. */
export function readItem(state: ProxyState, flags: number, name: string): unknown {
  const { rt } = state;
  const f = rt.exports.pyx_item_get;
  return crossValue(rt, f, state.use(), flags, 0, name, ProxyKind.Owned);
}

/** Set the item, or with FLAGS the attribute, of a name; false when the key is refused. */
export function writeItem(state: ProxyState, flags: number, name: string, value: unknown): boolean {
  const { rt } = state;
  return crossPair(rt, rt.exports.pyx_item_set, state.use(), flags, name, value) as boolean;
}

/** The names of all items, and with FLAGS of all attributes. */
export function itemNames(state: ProxyState, flags: number): string[] {
  const { rt } = state;
  const f = rt.exports.pyx_item_names;
  return crossWords(rt, f, state.use(), flags, 0, ProxyKind.Owned) as string[];
}

/** The class that makes the items of an exact dict properties. */
export function DictTraps(Base: TrapsClass): TrapsClass {
  return class extends Base {
    override read(key: string): unknown {
      if (pythonName(key) !== key) {
        // `$x` is the attribute x if there is one, else the item "$x".
        const attribute = super.read(key);
        return attribute === undefined ? readItem(this, 0, key) : attribute;
      }
      return readFound(this, key);
    }

    override write(key: string, value: unknown): boolean {
      return writeItem(this, FLAGS, key, value);
    }

    override contains(key: string): boolean {
      if (askItem(this, "pyx_item_has", FLAGS, key)) return true;
      return pythonName(key) !== key && super.contains(key);
    }

    override remove(key: string): boolean {
      return askItem(this, "pyx_item_delete", FLAGS, key);
    }

    override names(): string[] {
      return itemNames(this, FLAGS);
    }

    getOwnPropertyDescriptor(target: object, key: Key): PropertyDescriptor | undefined {
      const own = Reflect.getOwnPropertyDescriptor(target, key);
      if (own !== undefined || typeof key === "symbol" || this.isMember(target, key)) return own;
      // Attributes are no own properties: Object.keys lists the items alone.
      if (!askItem(this, "pyx_item_has", 0, key)) return undefined;
      return itemDescriptor(readItem(this, 0, key));
    }
  };
}

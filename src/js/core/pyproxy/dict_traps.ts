/**
 * Traps of exact dicts: a property is an attribute, else the item with that string as its key,
 * else the item with the int that the name spells.
 */
import { ItemFlag } from "../abi.gen";
import { ProxyKind } from "../runtime";
import {
  crossPair,
  crossValue,
  crossWords,
  hasAttribute,
  pythonName,
  readCached,
} from "./operations";
import { type ProxyState } from "./state";
import { type Key, type TrapsClass } from "./traps";

const FLAGS = ItemFlag.ATTRIBUTES;

/** A property that the target does not have, in the form that Proxy's invariants allow. */
export function itemDescriptor(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}

/** Cross for a yes or no about the item, or with FLAGS also the attribute, of a name. */
export function askItem(
  { rt, life }: ProxyState,
  f: "pyx_item_has" | "pyx_item_delete",
  flags: number,
  name: string,
): boolean {
  return crossValue(life, rt.exports[f], flags, 1, name, ProxyKind.Owned) as boolean;
}

/** Read the item, not the attribute, of a name. */
export function readItem({ rt, life }: ProxyState, flags: number, name: string): unknown {
  return crossValue(life, rt.exports.pyx_item_get, flags, 0, name, ProxyKind.Owned);
}

/** Set the item, or with FLAGS the attribute, of a name; false when the key is refused. */
export function writeItem(
  { rt, life }: ProxyState,
  flags: number,
  name: string,
  value: unknown,
): boolean {
  return crossPair(life, rt.exports.pyx_item_set, flags, name, value) as boolean;
}

/** The names of all items, and with FLAGS of all attributes. */
export function itemNames({ rt, life }: ProxyState, flags: number): string[] {
  return crossWords(life, rt.exports.pyx_item_names, flags, 0, ProxyKind.Owned) as string[];
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
      return readCached(this.life, this.rt.exports.pyx_item_get, FLAGS, key, true);
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
      if (own !== undefined || typeof key === "symbol") return own;
      // Attributes are no own properties: Object.keys lists the items alone, and all of them.
      if (askItem(this, "pyx_item_has", 0, key)) return itemDescriptor(readItem(this, 0, key));
      // V8's for-in takes an own key without a descriptor for enumerable where a member has its name.
      if (!this.isMember(target, key) || !hasAttribute(this, key)) return undefined;
      return { ...itemDescriptor(Reflect.get(target, key, this.self)), enumerable: false };
    }
  };
}

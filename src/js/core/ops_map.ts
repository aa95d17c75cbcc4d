/**
 * Operations on objects that act as dicts, each in one crossing. What an item is depends on the
 * object: for Maps and their like it is what `get` and `set` say, for
 * object maps and JSON views an own enumerable property.
 */
import { Op, type SlotPtr, Tag } from "./abi.gen";
import {
  answer,
  answerItems,
  answerKeep,
  answerList,
  argument,
  asItem,
  borrowing,
  type Dict,
  keeping,
  lendsNothing,
  type Method,
  type Rows,
  setTag,
} from "./ops_common";
import { type Runtime } from "./runtime";
import { define } from "./tape";

/** How the items of an object are reached. */
interface Access {
  /** The value of a key, or MISSING. */
  get(obj: unknown, key: unknown): unknown;
  set(obj: unknown, key: unknown, value: unknown): void;
  /** Delete an item; false when there was none. */
  delete(obj: unknown, key: unknown): boolean;
  has(obj: unknown, key: unknown): boolean;
  keys(obj: unknown): Iterable<unknown>;
  clear(obj: unknown): void;
}

const MISSING = Symbol("missing");

/** What of a Map an object with some of its methods may have. */
interface MapLike {
  get: Method;
  set: Method;
  delete: Method;
  has?: Method;
  keys?: () => Iterable<unknown>;
  clear?: unknown;
  [Symbol.iterator]: () => Iterator<unknown>;
}

const mapAccess: Access = {
  get(obj, key) {
    const like = obj as MapLike;
    const value = like.get(key);
    if (value !== undefined || typeof like.has !== "function") return value;
    return like.has(key) ? value : MISSING;
  },
  set(obj, key, value) {
    (obj as MapLike).set(key, value);
  },
  delete(obj, key) {
    const like = obj as MapLike;
    // URLSearchParams and its kin delete without saying whether there was anything.
    const known = typeof like.has === "function" && Boolean(like.has(key));
    const deleted: unknown = like.delete(key);
    return deleted === undefined ? known : Boolean(deleted);
  },
  has: (obj, key) => Boolean((obj as Required<MapLike>).has(key)),
  keys(obj) {
    const like = obj as MapLike;
    return typeof like.keys === "function" ? like.keys() : like;
  },
  clear(obj) {
    const like = obj as MapLike;
    if (typeof like.clear === "function") (like as { clear: Method }).clear();
    else for (const key of [...this.keys(obj)]) like.delete(key);
  },
};

/** Properties that an object has itself, under names, and that can be enumerated. */
const ownAccess: Access = {
  get: (obj, key) => (ownAccess.has(obj, key) ? (obj as Dict)[key as string] : MISSING),
  set(obj, key, value) {
    // An inherited setter or read-only property is none of the map's.
    if (Object.hasOwn(obj as object, key as string)) (obj as Dict)[key as string] = value;
    else define(obj as object, key as string, value);
  },
  delete: (obj, key) => ownAccess.has(obj, key) && delete (obj as Dict)[key as string],
  has: (obj, key) => Object.prototype.propertyIsEnumerable.call(obj, key as string),
  keys: (obj) => Object.keys(obj as object),
  clear(obj) {
    for (const key of Object.keys(obj as object)) delete (obj as Dict)[key];
  },
};

/** The numbers of one family of operations. */
interface Numbers {
  readonly get: Op;
  readonly set: Op;
  readonly delete: Op;
  readonly has: Op;
  readonly items: Op;
  readonly pop: Op;
  readonly popItem: Op;
  readonly update: Op;
  readonly clear: Op;
}

const MAP: Numbers = {
  get: Op.GET_KEY,
  set: Op.SET_KEY,
  delete: Op.DELETE_KEY,
  has: Op.HAS_KEY,
  items: Op.MAP_ITEMS,
  pop: Op.MAP_POP,
  popItem: Op.MAP_POP_ITEM,
  update: Op.MAP_UPDATE,
  clear: Op.MAP_CLEAR,
};

const OWN: Numbers = {
  get: Op.OWN_GET,
  set: Op.OWN_SET,
  delete: Op.OWN_DELETE,
  has: Op.OWN_HAS,
  items: Op.OWN_ITEMS,
  pop: Op.OWN_POP,
  popItem: Op.OWN_POP_ITEM,
  update: Op.OWN_UPDATE,
  clear: Op.OWN_CLEAR,
};

/** Write a value; `keep` is not 0 when an Array must not be copied. */
function answerValue(rt: Runtime, value: unknown, keep: SlotPtr, out: SlotPtr): unknown {
  if (value === MISSING) return setTag(rt, out, Tag.ABSENT);
  return keep === 0 ? answer(rt, value, out) : answerKeep(rt, value, out);
}

/** Reading and writing one item. */
function itemRows(access: Access, op: Numbers): Rows {
  return {
    [op.get]: (rt, obj, a, ra, b, _rb, out) =>
      lendsNothing(rt, a)
        ? answerValue(rt, access.get(obj, argument(rt, a, ra)), b, out)
        : borrowing(rt, a, ra, (key) => answerValue(rt, access.get(obj, key), b, out)),
    [op.set]: (rt, obj, a, ra, b, rb, out) => {
      keeping(rt, a, ra, (key) => {
        keeping(rt, b, rb, (value) => access.set(obj, key, value));
      });
      return setTag(rt, out, Tag.UNDEFINED);
    },
    [op.delete]: (rt, obj, a, ra, _b, _rb, out) => {
      const found = borrowing(rt, a, ra, (key) => access.delete(obj, key));
      return setTag(rt, out, found ? Tag.UNDEFINED : Tag.ABSENT);
    },
    [op.has]: (rt, obj, a, ra, _b, _rb, out) =>
      answer(
        rt,
        borrowing(rt, a, ra, (key) => access.has(obj, key)),
        out,
      ),
    [op.pop]: (rt, obj, a, ra, b, _rb, out) =>
      borrowing(rt, a, ra, (key) => {
        const value = access.get(obj, key);
        const found = value !== MISSING && access.delete(obj, key);
        return answerValue(rt, found ? value : MISSING, b, out);
      }),
  };
}

/** What concerns all items. */
function collectionRows(access: Access, op: Numbers): Rows {
  return {
    [op.items]: (rt, obj, _a, _ra, b, _rb, out) => {
      const flat: unknown[] = [];
      for (const key of access.keys(obj)) flat.push(key, present(access.get(obj, key)));
      return answerItems(rt, flat, out, b !== 0);
    },
    [op.popItem]: (rt, obj, _a, _ra, b, _rb, out) => {
      for (const key of access.keys(obj)) {
        const value = present(access.get(obj, key));
        access.delete(obj, key);
        return answerItems(rt, [key, value], out, b !== 0);
      }
      return setTag(rt, out, Tag.ABSENT);
    },
    [op.update]: (rt, obj, a, ra, _b, _rb, out) => {
      const flat = argument(rt, a, ra) as unknown[];
      for (let i = 0; i < flat.length; i += 2) access.set(obj, flat[i], flat[i + 1]);
      return setTag(rt, out, Tag.UNDEFINED);
    },
    [op.clear]: (rt, obj, _a, _ra, _b, _rb, out) => {
      access.clear(obj);
      return setTag(rt, out, Tag.UNDEFINED);
    },
  };
}

const present = (value: unknown): unknown => (value === MISSING ? undefined : value);

/** The operations of this file. */
export const mapRows: Rows = {
  ...itemRows(mapAccess, MAP),
  ...collectionRows(mapAccess, MAP),
  ...itemRows(ownAccess, OWN),
  ...collectionRows(ownAccess, OWN),
  [Op.INCLUDES]: (rt, obj, a, ra, _b, _rb, out) => {
    const like = obj as { includes: Method };
    const found = borrowing(rt, a, ra, (value) => Boolean(like.includes(asItem(obj, value))));
    return answer(rt, found, out);
  },
  [Op.OWN_KEYS]: (rt, obj, _a, _ra, _b, _rb, out) =>
    answerList(rt, Object.keys(obj as object), out),
  [Op.OWN_LENGTH]: (rt, obj, _a, _ra, _b, _rb, out) =>
    answer(rt, Object.keys(obj as object).length, out),
};

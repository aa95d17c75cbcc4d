/**
 * Operations on Arrays, and on typed arrays and node lists as far as they have them: what
 * Python's list does, each in one crossing.
 */
import { isArray } from "./containers";
import { ErrorCode, Op, SLOT_SIZE, type SlotPtr, Tag } from "./abi.gen";
import { PythonRaise } from "./errors";
import {
  answer,
  answerItems,
  answerKeep,
  argument,
  asItem,
  checkedLength,
  keeping,
  type Rows,
  setTag,
  valueError,
} from "./ops_common";
import { type Runtime } from "./runtime";

type Items = ArrayLike<unknown>;

/** Longer ones end the process of some engines instead of failing. */
const MAX_REPEATED = 2 ** 26;

/** The length of an Array or typed array as it is; that of anything else is checked. */
function lengthOf(obj: Items): number {
  return isArray(obj) || ArrayBuffer.isView(obj) ? obj.length : checkedLength(obj.length);
}

/** The index of an item, or a negative number: negative ones count from the end. */
function place(obj: Items, index: number): number {
  return index < 0 ? index + lengthOf(obj) : index;
}

function readInt(rt: Runtime, slot: SlotPtr): number {
  rt.heap.check();
  return rt.heap.i32[(slot >>> 2) + 2]!;
}

/** Indices that a slice stands for, as slice.indices() gives them. */
interface Range {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly count: number;
}

/** The slice in three slots, for a sequence of this length. */
function readSlice(rt: Runtime, slot: SlotPtr, length: number): Range {
  const step = readInt(rt, slot + 2 * SLOT_SIZE);
  const low = step < 0 ? -1 : 0;
  const high = step < 0 ? length - 1 : length;
  const clamp = (index: number): number =>
    Math.min(Math.max(index < 0 ? index + length : index, low), high);
  const start = clamp(readInt(rt, slot));
  const stop = clamp(readInt(rt, slot + SLOT_SIZE));
  const count = Math.max(0, Math.ceil((stop - start) / step));
  return { start, stop, step, count };
}

function slice(items: readonly unknown[], { start, step, count }: Range): unknown[] {
  if (step === 1) return Array.prototype.slice.call(items, start, start + count);
  const result = new Array<unknown>(count);
  for (let i = 0; i < count; i++) result[i] = items[start + i * step];
  return result;
}

/** Spread arguments lie on the engine's stack: this many are safe. */
const CHUNK = 8192;

/** Replace items by others, however many those are; the length is restored on failure. */
function replace(
  items: unknown[],
  start: number,
  removed: number,
  added: readonly unknown[],
): void {
  if (added.length <= CHUNK) {
    Array.prototype.splice.call(items, start, removed, ...added);
    return;
  }
  const tail = Array.prototype.slice.call(items, start + removed);
  const end = start + added.length;
  items.length = end + tail.length;
  for (let i = 0; i < added.length; i++) items[start + i] = added[i];
  for (let i = 0; i < tail.length; i++) {
    if (i in tail) items[end + i] = tail[i];
    else delete items[end + i];
  }
}

function assignSlice(items: unknown[], range: Range, values: readonly unknown[]): void {
  const { start, step, count } = range;
  if (step === 1) {
    replace(items, start, count, values);
    return;
  }
  if (values.length !== count) {
    throw valueError(
      `attempt to assign sequence of size ${values.length} to extended slice of size ${count}`,
    );
  }
  for (let i = 0; i < count; i++) items[start + i * step] = values[i];
}

function deleteSlice(items: unknown[], { start, step, count }: Range): void {
  if (count === 0) return;
  if (step === 1) {
    Array.prototype.splice.call(items, start, count);
    return;
  }
  const first = step < 0 ? start + (count - 1) * step : start;
  const stride = Math.abs(step);
  const { length } = items;
  let to = first;
  for (let from = first; from < length; from++) {
    const doomed = (from - first) % stride === 0 && (from - first) / stride < count;
    if (doomed) continue;
    if (from in items) items[to] = items[from];
    else delete items[to];
    to++;
  }
  items.length = to;
}

/** Add items at the end: all of them, or when that fails none. */
function extend(items: unknown[], added: readonly unknown[]): void {
  const { length } = items;
  try {
    for (let i = 0; i < added.length; i++) Array.prototype.push.call(items, added[i]);
  } catch (error) {
    if (items.length > length) items.length = length;
    throw error;
  }
}

/** The items of an argument as an Array of its own: the argument may be the object itself. */
function itemsOf(value: unknown): unknown[] {
  return Array.from({ length: lengthOf(value as Items) }, (_, i) => (value as Items)[i]);
}

/** Use items that the object keeps, unless that fails. */
function keepingItems(
  rt: Runtime,
  slot: SlotPtr,
  ref: unknown,
  use: (items: readonly unknown[]) => void,
): void {
  keeping(rt, slot, ref, (value) => {
    rt.heap.check();
    const copied = (rt.heap.i32[slot >>> 2]! & 0xff) === Tag.TAPE;
    use(copied ? (value as unknown[]) : itemsOf(value));
  });
}

function repeat(items: Items, count: number, target: unknown[]): unknown[] {
  const length = lengthOf(items);
  if (length * count > MAX_REPEATED) {
    throw new PythonRaise(ErrorCode.MEMORY_ERROR, "the Array would be longer than 2**26 items");
  }
  if (count <= 0) {
    target.length = 0;
    return target;
  }
  const first = target.length;
  const once = Array.from({ length }, (_, i) => items[i]);
  for (let n = first === 0 ? 0 : 1; n < count; n++) {
    for (let i = 0; i < length; i++) target.push(once[i]);
  }
  return target;
}

function insert(items: unknown[], index: number, value: unknown): void {
  const { length } = items;
  const at = Math.max(0, place(items, index));
  if (at >= length) Array.prototype.push.call(items, value);
  else Array.prototype.splice.call(items, at, 0, value);
}

function pop(items: unknown[], index: number): unknown {
  const at = place(items, index);
  if (at < 0 || at >= items.length) {
    const text = items.length === 0 ? "pop from empty list" : "pop index out of range";
    throw new PythonRaise(ErrorCode.INDEX_ERROR, text);
  }
  return Array.prototype.splice.call(items, at, 1)[0];
}

/** The index of the first item that is `value`, or -1. */
function find(items: Items, value: unknown, start: number, stop: number): number {
  const length = lengthOf(items);
  const from = Math.max(0, start < 0 ? start + length : start);
  const to = Math.min(length, stop < 0 ? stop + length : stop);
  for (let i = from; i < to; i++) {
    if (items[i] === value) return i;
  }
  return -1;
}

/**
 * Index and item, in turn, of those that only Python can compare: Python objects, and in
 * native mode Arrays, which are lists there. A destroyed proxy equals nothing.
 */
function candidates(rt: Runtime, items: Items): unknown[] {
  const result: unknown[] = [];
  const length = lengthOf(items);
  for (let i = 0; i < length; i++) {
    const item = items[i];
    if ((typeof item !== "object" && typeof item !== "function") || item === null) continue;
    if (rt.options.conversion === "native" && isArray(item)) result.push(i, item);
    else if (isPythonObject(rt, item)) result.push(i, item);
  }
  return result;
}

function isPythonObject(rt: Runtime, item: object): boolean {
  try {
    const ptr = rt.unwrapProxy(item);
    return ptr !== undefined && ptr > 0;
  } catch {
    return false;
  }
}

/** What reversed() gives: it looks at the object as it is at each step, as that of a list. */
class ReverseIterator {
  constructor(
    private items: Items | undefined,
    private index: number,
  ) {}

  [Symbol.iterator](): this {
    return this;
  }

  next(): { done: boolean; value: unknown } {
    const { items, index } = this;
    if (items === undefined || index < 0 || index >= lengthOf(items)) {
      this.items = undefined;
      return { done: true, value: undefined };
    }
    this.index--;
    return { done: false, value: items[index] };
  }
}

/** Items by index. */
const itemRows: Rows = {
  [Op.GET_INDEX]: (rt, obj, a, _ra, _b, _rb, out) => {
    const list = obj as Items;
    const at = place(list, readInt(rt, a));
    const value = list[at];
    if (value === undefined && !(at in list)) return setTag(rt, out, Tag.ABSENT);
    return answer(rt, value, out);
  },
  [Op.SET_INDEX]: (rt, obj, a, _ra, b, rb, out) => {
    const list = obj as unknown[];
    const at = place(list, readInt(rt, a));
    // A typed array would ignore the value silently.
    const absent = at < 0 || (ArrayBuffer.isView(obj) && at >= list.length);
    keeping(rt, b, rb, (value) => {
      if (absent) throw new PythonRaise(ErrorCode.INDEX_ERROR, String(readInt(rt, a)));
      list[at] = asItem(list, value);
    });
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.DELETE_INDEX]: (rt, obj, a, _ra, _b, _rb, out) => {
    const list = obj as unknown[];
    const at = place(list, readInt(rt, a));
    if (at < 0 || at >= list.length) return setTag(rt, out, Tag.ABSENT);
    Array.prototype.splice.call(list, at, 1);
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.INSERT]: (rt, obj, a, _ra, b, rb, out) => {
    const index = readInt(rt, a);
    keeping(rt, b, rb, (value) => insert(obj as unknown[], index, value));
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.POP]: (rt, obj, a, _ra, _b, _rb, out) =>
    answer(rt, pop(obj as unknown[], readInt(rt, a)), out),
  [Op.POP_PROXY]: (rt, obj, a, _ra, _b, _rb, out) =>
    answerKeep(rt, pop(obj as unknown[], readInt(rt, a)), out),
};

/** Slices, and the operators of sequences. */
const sliceRows: Rows = {
  [Op.SLICE]: (rt, obj, a, _ra, _b, _rb, out) => {
    const list = obj as unknown[];
    return answerKeep(rt, slice(list, readSlice(rt, a, list.length)), out);
  },
  [Op.SET_SLICE]: (rt, obj, a, _ra, b, rb, out) => {
    const list = obj as unknown[];
    keepingItems(rt, b, rb, (items) => assignSlice(list, readSlice(rt, a, list.length), items));
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.DELETE_SLICE]: (rt, obj, a, _ra, _b, _rb, out) => {
    const list = obj as unknown[];
    deleteSlice(list, readSlice(rt, a, list.length));
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.EXTEND]: (rt, obj, a, ra, _b, _rb, out) => {
    keepingItems(rt, a, ra, (items) => extend(obj as unknown[], items));
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.CONCAT]: (rt, obj, a, ra, _b, _rb, out) => {
    const result = itemsOf(obj);
    keepingItems(rt, a, ra, (items) => extend(result, items));
    return answerKeep(rt, result, out);
  },
  [Op.REPEAT]: (rt, obj, a, _ra, _b, _rb, out) =>
    answerKeep(rt, repeat(obj as Items, readInt(rt, a), []), out),
  [Op.REPEAT_IN_PLACE]: (rt, obj, a, _ra, _b, _rb, out) => {
    repeat(obj as Items, readInt(rt, a), obj as unknown[]);
    return setTag(rt, out, Tag.UNDEFINED);
  },
};

/** Searching and order. */
const searchRows: Rows = {
  [Op.FIND]: (rt, obj, a, ra, b, _rb, out) => {
    const start = readInt(rt, b);
    const stop = readInt(rt, b + SLOT_SIZE);
    const at = find(obj as Items, asItem(obj, argument(rt, a, ra)), start, stop);
    return at < 0 ? setTag(rt, out, Tag.ABSENT) : answer(rt, at, out);
  },
  [Op.COUNT]: (rt, obj, a, ra, _b, _rb, out) => {
    const items = obj as Items;
    const value = asItem(items, argument(rt, a, ra));
    const length = lengthOf(items);
    let count = 0;
    for (let i = 0; i < length; i++) count += items[i] === value ? 1 : 0;
    return answer(rt, count, out);
  },
  [Op.REMOVE]: (rt, obj, a, ra, _b, _rb, out) => {
    const items = obj as unknown[];
    const at = find(items, argument(rt, a, ra), 0, items.length);
    if (at < 0) return setTag(rt, out, Tag.ABSENT);
    Array.prototype.splice.call(items, at, 1);
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.CANDIDATES]: (rt, obj, _a, _ra, _b, _rb, out) =>
    answerItems(rt, candidates(rt, obj as Items), out),
  [Op.REVERSE]: (rt, obj, _a, _ra, _b, _rb, out) => {
    Array.prototype.reverse.call(obj);
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.REVERSED]: (rt, obj, _a, _ra, _b, _rb, out) =>
    answer(rt, new ReverseIterator(obj as Items, lengthOf(obj as Items) - 1), out),
};

/** The operations of this file. */
export const arrayRows: Rows = {
  ...itemRows,
  ...sliceRows,
  ...searchRows,
};

/** The index of an item for whoever has it as a Number. */
export { place };

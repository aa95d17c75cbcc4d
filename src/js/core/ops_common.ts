/** What the files of operations share: how an argument is read and an answer written. */
import { ErrorCode, type SlotPtr, Tag } from "./abi.gen";
import { PythonRaise } from "./errors";
import { ProxyKind, type Runtime } from "./runtime";
import {
  type CallScope,
  decode,
  decodeArgument,
  encode,
  encodeDeep,
  encodeKeepArray,
  encodeToPy,
} from "./slots";
import { decodeTape } from "./tape";

/** The body of one operation; see `[ops]` in abi.toml for the parameters. */
export type Operation = (
  rt: Runtime,
  obj: unknown,
  a: SlotPtr,
  ra: unknown,
  b: SlotPtr,
  rb: unknown,
  out: SlotPtr,
) => unknown;

/** Operations by number. */
export type Rows = Readonly<Partial<Record<number, Operation>>>;

export type Dict = Record<PropertyKey, unknown>;
export type Method = (...args: unknown[]) => unknown;

/** Let a result be written; text of it lies above heap.top until C has read it. */
function answering(rt: Runtime, write: () => unknown): unknown {
  const { heap } = rt;
  const { top } = heap;
  try {
    return write();
  } finally {
    rt.answerEnd = heap.top;
    heap.top = top;
  }
}

/** Write a result. */
export function answer(rt: Runtime, value: unknown, out: SlotPtr): unknown {
  const { heap } = rt;
  const { top } = heap;
  try {
    return encode(rt, value, out, 0);
  } finally {
    rt.answerEnd = heap.top;
    heap.top = top;
  }
}

/** As answer, for a new Array that Python must get as a JsProxy in both modes. */
export function answerKeep(rt: Runtime, value: unknown, out: SlotPtr): unknown {
  return answering(rt, () => encodeKeepArray(rt, value, out, 0));
}

/** Write an Array that Python gets as a list in both modes. */
export function answerList(rt: Runtime, value: unknown[], out: SlotPtr): unknown {
  return answering(rt, () => encodeDeep(rt, value, out, 0));
}

/**
 * Write an Array that Python gets as a list, whose items cross by the implicit rule.
 * @param keep Arrays among the items are not copied, in native mode either
 */
export function answerItems(
  rt: Runtime,
  values: unknown[],
  out: SlotPtr,
  keep: boolean = false,
): unknown {
  if (rt.options.conversion === "native" && !keep) return answerList(rt, values, out);
  return answering(rt, () => encodeToPy(rt, values, out, 0, 1));
}

export function setTag(rt: Runtime, out: SlotPtr, tag: number): null {
  rt.heap.check();
  rt.heap.i32[out >>> 2] = tag;
  return null;
}

/** An argument that the object keeps: a Python object becomes an owned proxy. */
export const argument = (rt: Runtime, slot: SlotPtr, ref: unknown): unknown =>
  decode(rt, slot, ref, ProxyKind.Owned);

/** True when an argument brings nothing of Python's along, whose life would have to end. */
export function lendsNothing(rt: Runtime, slot: SlotPtr): boolean {
  rt.heap.check();
  const tag = rt.heap.u8[slot];
  return tag !== Tag.PYOBJ && tag !== Tag.TAPE;
}

/** Use an argument that the object only looks at: its proxies die when `use` returns. */
export function borrowing<T>(
  rt: Runtime,
  slot: SlotPtr,
  ref: unknown,
  use: (value: unknown) => T,
): T {
  const scope: CallScope = [];
  try {
    return use(decodeArgument(rt, slot, scope, ref, null, null, null));
  } finally {
    if (scope.length > 0) rt.destroyCallProxies(scope);
  }
}

/** Use an argument that the object keeps, unless `use` fails: then its proxies are destroyed. */
export function keeping<T>(
  rt: Runtime,
  slot: SlotPtr,
  ref: unknown,
  use: (value: unknown) => T,
): T {
  const made: CallScope = [];
  try {
    return use(decodeOwned(rt, slot, ref, made));
  } catch (error) {
    if (made.length > 0) rt.destroyCallProxies(made, NOT_STORED);
    throw error;
  }
}

const NOT_STORED =
  "This proxy was destroyed because the operation that should have stored it has failed.";

/** As argument, and the proxies that are made join `made`. */
function decodeOwned(rt: Runtime, slot: SlotPtr, ref: unknown, made: CallScope): unknown {
  rt.heap.check();
  const w = slot >>> 2;
  const tag = rt.heap.i32[w]! & 0xff;
  if (tag === Tag.TAPE) {
    const saved = rt.heap.i32[w + 1]!;
    try {
      return decodeTape(rt, rt.heap.u32[w + 2]!, ProxyKind.Owned, made);
    } finally {
      // C says in aux how many objects it has pushed for this tape.
      rt.refs.length -= saved;
    }
  }
  const value = argument(rt, slot, ref);
  if (tag === Tag.PYOBJ) made.push(value as object);
  return value;
}

/** A value as it is among the items: an int of Python is a BigInt in an array of such. */
export function asItem(items: unknown, value: unknown): unknown {
  const bigints =
    ArrayBuffer.isView(items) && typeof (items as unknown as ArrayLike<unknown>)[0] === "bigint";
  return bigints && Number.isSafeInteger(value) ? BigInt(value as number) : value;
}

export const typeError = (text: string): PythonRaise => new PythonRaise(ErrorCode.TYPE_ERROR, text);

export const valueError = (text: string): PythonRaise =>
  new PythonRaise(ErrorCode.VALUE_ERROR, text);

/** A length as BigInt when it is a whole number of any size, else undefined. */
function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : undefined;
}

const INT_MAX = 2147483647;

/** A length that Python can use. @throws PythonRaise with the number in its text */
export function checkedLength(value: unknown): number {
  if (value === Infinity || value === -Infinity) throw outOfRange(value, value < 0);
  const length = wholeNumber(value);
  if (length === undefined) throw typeError("object does not have a valid length");
  if (length < 0n || length > BigInt(INT_MAX)) throw outOfRange(length, length < 0n);
  return Number(length);
}

function outOfRange(length: bigint | number, negative: boolean): PythonRaise {
  if (negative) return valueError(`length ${length} of object is negative`);
  const text = `length ${length} of object is larger than INT_MAX (${INT_MAX})`;
  return new PythonRaise(ErrorCode.OVERFLOW_ERROR, text);
}

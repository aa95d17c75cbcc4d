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

/** Write a result; text of it lies above heap.top until C has read it. */
export function answer(rt: Runtime, value: unknown, out: SlotPtr): unknown {
  const top = rt.heap.top;
  try {
    return encode(rt, value, out, 0);
  } finally {
    rt.heap.top = top;
  }
}

/** As answer, for a new Array that Python must get as a JsProxy in both modes. */
export function answerKeep(rt: Runtime, value: unknown, out: SlotPtr): unknown {
  const top = rt.heap.top;
  try {
    return encodeKeepArray(rt, value, out, 0);
  } finally {
    rt.heap.top = top;
  }
}

/** Write an Array that Python gets as a list in both modes. */
export function answerList(rt: Runtime, value: unknown[], out: SlotPtr): unknown {
  const top = rt.heap.top;
  try {
    return encodeDeep(rt, value, out, 0);
  } finally {
    rt.heap.top = top;
  }
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
  const top = rt.heap.top;
  try {
    return encodeToPy(rt, values, out, 0, 1);
  } finally {
    rt.heap.top = top;
  }
}

export function setTag(rt: Runtime, out: SlotPtr, tag: number): null {
  rt.heap.check();
  rt.heap.i32[out >>> 2] = tag;
  return null;
}

/** An argument that the object keeps: a Python object becomes an owned proxy. */
export const argument = (rt: Runtime, slot: SlotPtr, ref: unknown): unknown =>
  decode(rt, slot, ref, ProxyKind.Owned);

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
  const length = wholeNumber(value);
  if (length === undefined) throw typeError("object does not have a valid length");
  if (length < 0n) throw valueError(`length ${length} of object is negative`);
  if (length > BigInt(INT_MAX)) {
    const text = `length ${length} of object is larger than INT_MAX (${INT_MAX})`;
    throw new PythonRaise(ErrorCode.OVERFLOW_ERROR, text);
  }
  return Number(length);
}

/** The crossings that traps and members are made of: each function here is exactly one. */
import { type Exports, JsFlag, type Ptr, type Pyx, SLOT_SIZE, type SlotPtr, Tag } from "../abi.gen";
import { jsFlags } from "../capabilities";
import { encodeError } from "../errors";
import { enter, ProxyKind, type Runtime } from "../runtime";
import { decode, encode, encodeArgs, encodeKey, encodePair } from "../slots";
import { enterPromising, type Settler } from "../switching";
import { type CachedAttribute, type Lifetime } from "./lifetime";
import { type ProxyState, stateOf } from "./state";

/** Cross with an object and two words, and decode what comes back. */
export function crossWords(life: Lifetime, f: Pyx, b: number, n: number, kind: ProxyKind): unknown {
  const ptr = life.use();
  const { rt } = life;
  const { heap } = rt;
  const top = heap.top;
  const out = heap.reserve(SLOT_SIZE);
  try {
    const ref = enter(rt, f, ptr, b, 0, n, out, null, null, null, null);
    return decode(rt, out, ref, kind);
  } finally {
    heap.top = top;
  }
}

/** Drop what a call has left in rt.refs. */
function restoreRefs(rt: Runtime, mark: number): void {
  if (rt.refs.length !== mark) rt.refs.length = mark;
}

/**
 * Cross with an object and one value in frame[0]; `n` is the export's.
 *
 * Looking at a value may run the program's code, which may destroy the proxy: so here and
 * below the object's address is taken after that.
 */
export function crossValue(
  life: Lifetime,
  f: Pyx,
  b: number,
  n: number,
  value: unknown,
  kind: ProxyKind,
): unknown {
  life.use();
  const { rt } = life;
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve(2 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const r0 = encode(rt, value, frame, 0);
    const ref = enter(rt, f, life.use(), b, frame, n, out, r0, null, null, null);
    return decode(rt, out, ref, kind);
  } finally {
    heap.top = top;
    restoreRefs(rt, mark);
  }
}

/** Cross with an object and a key in frame[0]. */
function crossKey(life: Lifetime, f: Pyx, key: unknown): unknown {
  life.use();
  const { rt } = life;
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve(2 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const r0 = encodeKey(rt, key, frame, 0);
    const ref = enter(rt, f, life.use(), 0, frame, 1, out, r0, null, null, null);
    return decode(rt, out, ref, ProxyKind.Owned);
  } finally {
    heap.top = top;
    restoreRefs(rt, mark);
  }
}

/** Cross with an object, a key in frame[0] and a value in frame[1]. */
export function crossPair(
  life: Lifetime,
  f: Pyx,
  b: number,
  first: unknown,
  second: unknown,
): unknown {
  life.use();
  const { rt } = life;
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve(3 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const [r0, r1] = encodePair(rt, first, second, frame);
    const ref = enter(rt, f, life.use(), b, frame, 2, out, r0, r1, null, null);
    return decode(rt, out, ref, ProxyKind.Owned);
  } finally {
    heap.top = top;
    restoreRefs(rt, mark);
  }
}

/** An export that makes a new Python reference: its address, which the caller owns. */
export function crossForObject(life: Lifetime, f: Pyx, b: number, n: number, value: unknown): Ptr {
  life.use();
  const { rt } = life;
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve(2 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const r0 = n === 0 ? null : encode(rt, value, frame, 0);
    const ref = enter(rt, f, life.use(), b, frame, n, out, r0, null, null, null);
    heap.check();
    if (heap.u8[out] !== Tag.PYOBJ) decode(rt, out, ref, ProxyKind.Owned);
    return heap.u32[(out >>> 2) + 2]!;
  } finally {
    heap.top = top;
    restoreRefs(rt, mark);
  }
}

/** One leading `$` says that a Python name is meant where a member has the same. */
export function pythonName(key: string): string {
  return key.charCodeAt(0) === 0x24 ? key.slice(1) : key;
}

/** What is cached under a name, unless it has been destroyed. */
function cachedAttribute(life: Lifetime, name: string): CachedAttribute | undefined {
  const cached = life.cache?.entries.get(name);
  return cached !== undefined && cached.life.address !== 0 ? cached : undefined;
}

/** Keep the proxy of an attribute for the next reading. */
function remember(life: Lifetime, name: string, value: unknown): void {
  // Reading may have ended the life.
  if (life.address !== 0) life.attributes().entries.set(name, stateOf(value)!);
}

/**
 * Read an attribute, or with pyx_item_get an attribute or item; undefined when there is none.
 * @param b the export's parameter
 * @param key what goes into frame[0] for pyx_item_get
 */
export function readCached(life: Lifetime, f: Pyx, b: number, name: string, key: boolean): unknown {
  const ptr = life.use();
  const { rt } = life;
  const { heap } = rt;
  const cached = cachedAttribute(life, name);
  const known = cached === undefined ? 0 : cached.life.address;
  const top = heap.top;
  const out = heap.reserve(key ? 2 * SLOT_SIZE : SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    if (key) encode(rt, name, frame, 0);
    const ref = enter(rt, f, ptr, b, frame, known, out, null, null, null, null);
    heap.check();
    const tag = heap.u8[out];
    if (tag === Tag.SAME && cached!.life.address !== 0) return cached!.self;
    // Reading has destroyed the cached proxy, so it is as if it had not been there.
    if (tag === Tag.SAME) return readCached(life, f, b, name, key);
    if (cached !== undefined) life.cache?.entries.delete(name);
    const value = decode(rt, out, ref, ProxyKind.Attribute);
    if (tag === Tag.PYOBJ) remember(life, name, value);
    return value;
  } finally {
    heap.top = top;
  }
}

/** getattr(obj, name): undefined when there is no such attribute. */
export function getAttribute({ rt, life }: ProxyState, name: string): unknown {
  return readCached(life, rt.exports.pyx_getattr, rt.names.get(name), name, false);
}

/** getattr(obj, name) where a list or tuple becomes a PyProxy in both modes. */
export function getAttributeProxy(state: ProxyState, name: string): unknown {
  const { rt, life } = state;
  const ptr = life.use();
  const { heap } = rt;
  const cached = cachedAttribute(life, name);
  const known = cached === undefined ? 0 : cached.life.address;
  const address = rt.names.get(name);
  const f = rt.exports.pyx_getattr_proxy;
  const top = heap.top;
  const out = heap.reserve(SLOT_SIZE);
  try {
    const ref = enter(rt, f, ptr, address, 0, known, out, null, null, null, null);
    heap.check();
    // Not cached: in native mode reading the same name as a property gives an Array.
    if (heap.u8[out] !== Tag.SAME) return decode(rt, out, ref, ProxyKind.Owned);
  } finally {
    heap.top = top;
  }
  return cached!.life.address === 0 ? getAttributeProxy(state, name) : cached!.self;
}

/** setattr(obj, name, value) */
export function setAttribute({ rt, life }: ProxyState, name: string, value: unknown): void {
  const f = rt.exports.pyx_setattr;
  life.use();
  crossValue(life, f, rt.names.get(name), 1, value, ProxyKind.Owned);
}

/** delattr(obj, name) */
export function deleteAttribute({ rt, life }: ProxyState, name: string): void {
  life.use();
  crossWords(life, rt.exports.pyx_delattr, rt.names.get(name), 0, ProxyKind.Owned);
}

/** hasattr(obj, name); an attribute that cannot be read is not there. */
export function hasAttribute({ rt, life }: ProxyState, name: string): boolean {
  life.use();
  const f = rt.exports.pyx_hasattr;
  return crossWords(life, f, rt.names.get(name), 0, ProxyKind.Owned) as boolean;
}

/** The strings in dir(obj). */
export function attributeNames({ rt, life }: ProxyState): string[] {
  return crossWords(life, rt.exports.pyx_dir, 0, 0, ProxyKind.Owned) as string[];
}

/** type(obj).__name__, with the module's name where a C extension has it there. */
export function typeName({ rt, life }: ProxyState): string {
  return crossWords(life, rt.exports.pyx_type_name, 0, 0, ProxyKind.Owned) as string;
}

/** str(obj) or repr(obj) */
export function textOf({ rt, life }: ProxyState, repr: boolean): string {
  return crossWords(life, rt.exports.pyx_str, repr ? 1 : 0, 0, ProxyKind.Owned) as string;
}

/** len(obj) */
export function lengthOf({ rt, life }: ProxyState): number {
  return crossWords(life, rt.exports.pyx_len, 0, 0, ProxyKind.Owned) as number;
}

/** obj[key]: undefined for KeyError and IndexError. */
export function getItem({ rt, life }: ProxyState, key: unknown): unknown {
  return crossKey(life, rt.exports.pyx_getitem, key);
}

/** obj[key] where a list or tuple becomes a PyProxy in both modes. */
export function getItemProxy({ rt, life }: ProxyState, key: unknown): unknown {
  return crossKey(life, rt.exports.pyx_getitem_proxy, key);
}

/** obj[key] = value */
export function setItem({ rt, life }: ProxyState, key: unknown, value: unknown): void {
  crossPair(life, rt.exports.pyx_setitem, 0, key, value);
}

/** del obj[key] */
export function deleteItem({ rt, life }: ProxyState, key: unknown): void {
  crossKey(life, rt.exports.pyx_delitem, key);
}

/** key in obj */
export function containsItem({ rt, life }: ProxyState, key: unknown): boolean {
  return crossKey(life, rt.exports.pyx_contains, key) as boolean;
}

/** Set beside the tag of a call's result: the coroutine of an `async def`, to be scheduled. */
const COROUTINE_HEAD = Tag.PYOBJ | (1 << 8);

/** What becomes of a call's result; `schedule` gets the coroutine of a coroutine function. */
function finishCall(
  rt: Runtime,
  out: SlotPtr,
  ref: unknown,
  schedule: (coroutine: object) => void,
): unknown {
  const { heap } = rt;
  heap.check();
  const head = heap.i32[out >>> 2]!;
  if (head === Tag.UNDEFINED) return undefined;
  if (head === Tag.INT) return heap.i32[(out >>> 2) + 2];
  const result = decode(rt, out, ref, ProxyKind.Owned);
  if (head === COROUTINE_HEAD) schedule(result as object);
  return result;
}

/** True for what travels as an INT. */
export function isSmallInt(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value;
}

/**
 * callObject for the commonest calls: at most two arguments, all small integers. Nothing is
 * allocated, and nothing but a fatal error is thrown before the result is decoded.
 */
export function callWithInts(
  life: Lifetime,
  f: Pyx,
  count: number,
  first: number,
  second: number,
  schedule: (coroutine: object) => void,
): unknown {
  const ptr = life.use();
  const { rt } = life;
  const { heap } = rt;
  const top = heap.top;
  const out = heap.reserve(3 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  if (count > 0) {
    heap.check();
    const { i32 } = heap;
    const w = frame >>> 2;
    i32[w] = Tag.INT;
    i32[w + 2] = first;
    i32[w + 4] = Tag.INT;
    i32[w + 6] = second;
  }
  const ref = enter(rt, f, ptr, 0, frame, count, out, null, null, null, null);
  heap.top = top;
  return finishCall(rt, out, ref, schedule);
}

/**
 * Call a Python object.
 * @param f pyx_call or a relative of it
 * @param args positional arguments, then the names and values of keyword arguments
 * @param keywords number of keyword arguments
 * @param schedule what to do with the coroutine of a coroutine function
 */
export function callObject(
  life: Lifetime,
  f: Pyx,
  args: ArrayLike<unknown>,
  keywords: number,
  schedule: (coroutine: object) => void,
): unknown {
  const ptr = life.use();
  const { rt } = life;
  const { heap } = rt;
  const count = args.length;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve((count + 1) * SLOT_SIZE);
  try {
    let ref: unknown;
    if (count === 0) {
      ref = enter(rt, f, ptr, 0, 0, 0, out, null, null, null, null);
    } else {
      const frame = out + SLOT_SIZE;
      encodeArgs(rt, args, frame);
      const { r0, r1, r2, r3 } = rt;
      // What was passed must not be kept alive by having been passed.
      if (rt.refCount > 0) rt.r0 = rt.r1 = rt.r2 = rt.r3 = null;
      const n = count - 2 * keywords;
      ref = enter(rt, f, life.use(), keywords, frame, n, out, r0, r1, r2, r3);
    }
    return finishCall(rt, out, ref, schedule);
  } finally {
    heap.top = top;
    restoreRefs(rt, mark);
  }
}

/**
 * Call a Python object on a stack of its own.
 * @param f pyx_call_promising or a relative of it
 * @param settler of the promise of the result
 * @param args positional arguments, then the names and values of keyword arguments
 * @param keywords number of keyword arguments
 */
export function callOnStack(
  life: Lifetime,
  f: keyof Exports,
  settler: Settler,
  args: readonly unknown[],
  keywords: number,
): void {
  life.use();
  const { rt } = life;
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const all = [settler, ...args];
  const frame = heap.reserve(all.length * SLOT_SIZE);
  try {
    encodeArgs(rt, all, frame);
    const { r0, r1, r2, r3 } = rt;
    rt.r0 = rt.r1 = rt.r2 = rt.r3 = null;
    const n = all.length - 2 * keywords;
    enterPromising(rt, f, settler, life.use(), keywords, frame, n, 0, r0, r1, r2, r3);
  } finally {
    heap.top = top;
    restoreRefs(rt, mark);
  }
}

/** One step of an iterator or generator. */
export interface Step {
  done: boolean;
  value: unknown;
  /** True when the value is a PyProxy that was made for this step. */
  fresh: boolean;
}

/** Marks a step of pyx_return that ended with GeneratorExit and so has no value of its own. */
export const CLOSED = Symbol("closed");

/** Decode the result of an export that steps an iterator. */
function decodeStep(rt: Runtime, frame: SlotPtr, out: SlotPtr, ref: unknown): Step {
  const { heap } = rt;
  heap.check();
  const tag = heap.u8[out];
  if (tag !== Tag.DONE) {
    const value = decode(rt, out, ref, ProxyKind.Owned);
    return { done: false, value, fresh: tag === Tag.PYOBJ };
  }
  const value = heap.u8[frame] === Tag.ABSENT ? CLOSED : decode(rt, frame, ref, ProxyKind.Owned);
  return { done: true, value, fresh: false };
}

/** next(iterator), or iterator.send(value) */
export function nextStep(life: Lifetime, value: unknown): Step {
  life.use();
  const { rt } = life;
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve(2 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const f = rt.exports.pyx_next;
    const n = value === undefined ? 0 : 1;
    const r0 = n === 0 ? null : encode(rt, value, frame, 0);
    const ref = enter(rt, f, life.use(), 0, frame, n, out, r0, null, null, null);
    return decodeStep(rt, frame, out, ref);
  } finally {
    heap.top = top;
    restoreRefs(rt, mark);
  }
}

/** iter(obj): the address of a new reference. */
export function iterate({ rt, life }: ProxyState): Ptr {
  return crossForObject(life, rt.exports.pyx_iter, 0, 0, undefined);
}

/** generator.throw(error), or with `f` pyx_return generator.close() that lets it answer. */
export function throwStep(life: Lifetime, f: Pyx, error: unknown): Step {
  life.use();
  const { rt } = life;
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve(2 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const r0 = encodeThrowable(rt, error, frame);
    const ref = enter(rt, f, life.use(), 0, frame, 1, out, r0, null, null, null);
    return decodeStep(rt, frame, out, ref);
  } finally {
    heap.top = top;
    restoreRefs(rt, mark);
  }
}

/** An error goes as what it is in Python; anything else as a value that Python will refuse. */
export function encodeThrowable(rt: Runtime, error: unknown, slot: SlotPtr): unknown {
  const thrown = stateOf(error) === undefined && (jsFlags(error) & JsFlag.IS_ERROR) !== 0;
  return thrown ? encodeError(rt, error, slot) : encode(rt, error, slot, 0);
}

/** The crossings that traps and members are made of: each function here is exactly one. */
import { JsFlag, type Ptr, type Pyx, SLOT_SIZE, type SlotPtr, Tag } from "../abi.gen";
import { jsFlags } from "../capabilities";
import { encodeError } from "../errors";
import { enter, ProxyKind, type Runtime } from "../runtime";
import { decode, encode, encodeArgs } from "../slots";
import { type CachedAttribute } from "./lifetime";
import { type ProxyState, stateOf } from "./state";

/** Cross with an object and two words, and decode what comes back. */
export function crossWords(
  rt: Runtime,
  f: Pyx,
  ptr: Ptr,
  b: number,
  n: number,
  kind: ProxyKind,
): unknown {
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

/** Cross with an object and one value in frame[0]; `n` is the export's. */
export function crossValue(
  rt: Runtime,
  f: Pyx,
  ptr: Ptr,
  b: number,
  n: number,
  value: unknown,
  kind: ProxyKind,
): unknown {
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve(2 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const r0 = encode(rt, value, frame, 0);
    const ref = enter(rt, f, ptr, b, frame, n, out, r0, null, null, null);
    return decode(rt, out, ref, kind);
  } finally {
    heap.top = top;
    restoreRefs(rt, mark);
  }
}

/** Cross with an object and two values in frame[0] and frame[1]. */
export function crossPair(
  rt: Runtime,
  f: Pyx,
  ptr: Ptr,
  b: number,
  first: unknown,
  second: unknown,
): unknown {
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve(3 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const r0 = encode(rt, first, frame, 0);
    const r1 = encode(rt, second, frame + SLOT_SIZE, 1);
    const ref = enter(rt, f, ptr, b, frame, 2, out, r0, r1, null, null);
    return decode(rt, out, ref, ProxyKind.Owned);
  } finally {
    heap.top = top;
    restoreRefs(rt, mark);
  }
}

/** An export that makes a new Python reference: its address, which the caller owns. */
export function crossForObject(
  rt: Runtime,
  f: Pyx,
  ptr: Ptr,
  b: number,
  n: number,
  value: unknown,
): Ptr {
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve(2 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const r0 = n === 0 ? null : encode(rt, value, frame, 0);
    const ref = enter(rt, f, ptr, b, frame, n, out, r0, null, null, null);
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
function cachedAttribute(state: ProxyState, name: string): CachedAttribute | undefined {
  const cached = state.life.cache?.entries.get(name);
  return cached !== undefined && cached.life.ptr !== 0 ? cached : undefined;
}

/** Decode an attribute that was read, and keep its proxy for the next reading. */
function decodeAttribute(
  state: ProxyState,
  name: string,
  cached: CachedAttribute | undefined,
  out: SlotPtr,
  ref: unknown,
): unknown {
  const { rt, life } = state;
  rt.heap.check();
  const tag = rt.heap.u8[out];
  if (tag === Tag.SAME) return cached!.self;
  if (cached !== undefined) life.cache?.entries.delete(name);
  const value = decode(rt, out, ref, ProxyKind.Attribute);
  if (tag === Tag.PYOBJ && life.ptr !== 0) {
    life.attributes().entries.set(name, stateOf(value)!);
  }
  return value;
}

/** getattr(obj, name): undefined when there is no such attribute. */
export function getAttribute(state: ProxyState, name: string): unknown {
  const ptr = state.use();
  const { rt } = state;
  const { heap } = rt;
  const cached = cachedAttribute(state, name);
  const address = rt.names.get(name);
  const top = heap.top;
  const out = heap.reserve(SLOT_SIZE);
  try {
    const known = cached === undefined ? 0 : cached.life.ptr;
    const ref = enter(
      rt,
      rt.exports.pyx_getattr,
      ptr,
      address,
      0,
      known,
      out,
      null,
      null,
      null,
      null,
    );
    return decodeAttribute(state, name, cached, out, ref);
  } finally {
    heap.top = top;
  }
}

/** getattr(obj, name) where a list or tuple becomes a PyProxy in both modes. */
export function getAttributeProxy(state: ProxyState, name: string): unknown {
  const ptr = state.use();
  const { rt } = state;
  const { heap } = rt;
  const cached = cachedAttribute(state, name);
  const address = rt.names.get(name);
  const top = heap.top;
  const out = heap.reserve(SLOT_SIZE);
  try {
    const known = cached === undefined ? 0 : cached.life.ptr;
    const ref = enter(
      rt,
      rt.exports.pyx_getattr_proxy,
      ptr,
      address,
      0,
      known,
      out,
      null,
      null,
      null,
      null,
    );
    heap.check();
    // Not cached: in native mode reading the same name as a property gives an Array.
    return heap.u8[out] === Tag.SAME ? cached!.self : decode(rt, out, ref, ProxyKind.Owned);
  } finally {
    heap.top = top;
  }
}

/** setattr(obj, name, value) */
export function setAttribute(state: ProxyState, name: string, value: unknown): void {
  const { rt } = state;
  const ptr = state.use();
  crossValue(rt, rt.exports.pyx_setattr, ptr, rt.names.get(name), 1, value, ProxyKind.Owned);
}

/** delattr(obj, name) */
export function deleteAttribute(state: ProxyState, name: string): void {
  const { rt } = state;
  const ptr = state.use();
  crossWords(rt, rt.exports.pyx_delattr, ptr, rt.names.get(name), 0, ProxyKind.Owned);
}

/** hasattr(obj, name); an attribute that cannot be read is not there. */
export function hasAttribute(state: ProxyState, name: string): boolean {
  const { rt } = state;
  const ptr = state.use();
  const address = rt.names.get(name);
  return crossWords(rt, rt.exports.pyx_hasattr, ptr, address, 0, ProxyKind.Owned) as boolean;
}

/** The strings in dir(obj). */
export function attributeNames(state: ProxyState): string[] {
  const { rt } = state;
  return crossWords(rt, rt.exports.pyx_dir, state.use(), 0, 0, ProxyKind.Owned) as string[];
}

/** type(obj).__name__, with the module's name where a C extension has it there. */
export function typeName(state: ProxyState): string {
  const { rt } = state;
  return crossWords(rt, rt.exports.pyx_type_name, state.use(), 0, 0, ProxyKind.Owned) as string;
}

/** str(obj) or repr(obj) */
export function textOf(state: ProxyState, repr: boolean): string {
  const { rt } = state;
  const b = repr ? 1 : 0;
  return crossWords(rt, rt.exports.pyx_str, state.use(), b, 0, ProxyKind.Owned) as string;
}

/** len(obj) */
export function lengthOf(state: ProxyState): number {
  const { rt } = state;
  return crossWords(rt, rt.exports.pyx_len, state.use(), 0, 0, ProxyKind.Owned) as number;
}

/** obj[key]: undefined for KeyError and IndexError. */
export function getItem(state: ProxyState, key: unknown): unknown {
  const { rt } = state;
  return crossValue(rt, rt.exports.pyx_getitem, state.use(), 0, 1, key, ProxyKind.Owned);
}

/** obj[key] where a list or tuple becomes a PyProxy in both modes. */
export function getItemProxy(state: ProxyState, key: unknown): unknown {
  const { rt } = state;
  return crossValue(rt, rt.exports.pyx_getitem_proxy, state.use(), 0, 1, key, ProxyKind.Owned);
}

/** obj[key] = value */
export function setItem(state: ProxyState, key: unknown, value: unknown): void {
  const { rt } = state;
  crossPair(rt, rt.exports.pyx_setitem, state.use(), 0, key, value);
}

/** del obj[key] */
export function deleteItem(state: ProxyState, key: unknown): void {
  const { rt } = state;
  crossValue(rt, rt.exports.pyx_delitem, state.use(), 0, 1, key, ProxyKind.Owned);
}

/** key in obj */
export function containsItem(state: ProxyState, key: unknown): boolean {
  const { rt } = state;
  const f = rt.exports.pyx_contains;
  return crossValue(rt, f, state.use(), 0, 1, key, ProxyKind.Owned) as boolean;
}

/** Set beside the tag of a call's result: the coroutine of an `async def`, to be scheduled. */
const COROUTINE_HEAD = Tag.PYOBJ | (1 << 8);

/**
 * Call a Python object.
 * @param f pyx_call or a relative of it
 * @param args positional arguments, then the names and values of keyword arguments
 * @param keywords number of keyword arguments
 * @param schedule what to do with the coroutine of a coroutine function
 */
export function callObject(
  state: ProxyState,
  f: Pyx,
  args: readonly unknown[],
  keywords: number,
  schedule: (coroutine: object) => void,
): unknown {
  const { rt } = state;
  const ptr = state.use();
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
      ref = enter(rt, f, ptr, keywords, frame, count - 2 * keywords, out, r0, r1, r2, r3);
    }
    heap.check();
    const coroutine = heap.i32[out >>> 2] === COROUTINE_HEAD;
    const result = decode(rt, out, ref, ProxyKind.Owned);
    if (coroutine) schedule(result as object);
    return result;
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
export function decodeStep(rt: Runtime, frame: SlotPtr, out: SlotPtr, ref: unknown): Step {
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
export function nextStep(rt: Runtime, ptr: Ptr, value: unknown): Step {
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve(2 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const n = value === undefined ? 0 : 1;
    const r0 = n === 0 ? null : encode(rt, value, frame, 0);
    const ref = enter(rt, rt.exports.pyx_next, ptr, 0, frame, n, out, r0, null, null, null);
    return decodeStep(rt, frame, out, ref);
  } finally {
    heap.top = top;
    restoreRefs(rt, mark);
  }
}

/** iter(obj): the address of a new reference. */
export function iterate(state: ProxyState): Ptr {
  const { rt } = state;
  return crossForObject(rt, rt.exports.pyx_iter, state.use(), 0, 0, undefined);
}

/** generator.throw(error), or with `f` pyx_return generator.close() that lets it answer. */
export function throwStep(state: ProxyState, f: Pyx, error: unknown): Step {
  const { rt } = state;
  const ptr = state.use();
  const { heap } = rt;
  const top = heap.top;
  const mark = rt.refs.length;
  const out = heap.reserve(2 * SLOT_SIZE);
  const frame = out + SLOT_SIZE;
  try {
    const r0 = encodeThrowable(rt, error, frame);
    const ref = enter(rt, f, ptr, 0, frame, 1, out, r0, null, null, null);
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

/**
 * Tapes of the explicit conversion to JavaScript (toJs): dicts, sets, buffers, and proxies that
 * are told to the caller. Also the tapes of one level that the conversion item by item reads.
 */
import { ErrorCode, type Ptr, SLOT_SIZE, type SlotPtr, Tag, TAPE_MAX_DEPTH } from "./abi.gen";
import { copyBuffer } from "./buffer_copy";
import { PythonRaise } from "./errors";
import { LiteralMap } from "./literal_map";
import { ProxyKind, type Runtime } from "./runtime";
import { decode } from "./slots";
import { define, TapeReader, tooDeep } from "./tape";

/**
 * A dict of more items is made an object without a prototype first: engines keep such an object as
 * a hash table, which grows and is read several times as quickly as one of many fields.
 */
const MANY = 64;

const FAILED = "The conversion that made this proxy has failed";

/** What toJs makes of a dict, still empty. */
export function newDict(rt: Runtime): object {
  return rt.options.toJsLiteralMap ? new LiteralMap() : {};
}

/** Add an item of a dict to what newDict made. @throws PythonRaise when a key is there already */
export function addItem(dict: object, key: unknown, value: unknown): void {
  if (dict instanceof LiteralMap) {
    dict.set(key, value);
    return;
  }
  const name = String(key);
  if (Object.hasOwn(dict, name)) {
    throw new PythonRaise(
      ErrorCode.CONVERSION_ERROR,
      `Key collision when converting Python dictionary to JavaScript. Key: '${name}'`,
    );
  }
  if (name === "__proto__") define(dict, name, value);
  else (dict as Record<string, unknown>)[name] = value;
}

/** Reads what both kinds of tape have in common. */
abstract class ContainerReader extends TapeReader {
  constructor(rt: Runtime, start: SlotPtr) {
    super(rt, start, ProxyKind.Owned, null);
  }

  protected override item(slot: SlotPtr, head: number): unknown {
    const { i32, u32 } = this.rt.heap;
    const w = slot >>> 2;
    switch (head & 0xff) {
      case Tag.DICT:
        return this.dict(u32[w + 3]!);
      case Tag.SET:
        return this.set(u32[w + 3]!);
      case Tag.NDARRAY:
        return this.buffer(head, u32[w + 1]!, u32[w + 3]!);
      case Tag.PYOBJ: {
        const made = this.object(u32[w + 2]!, i32[w + 1]!);
        this.opened.push(made);
        return made;
      }
      default:
        return super.item(slot, head);
    }
  }

  /** A Python object that is no container; its reference is the reader's. */
  protected abstract object(ptr: Ptr, flags: number): object;

  protected abstract dict(n: number): object;

  private set(n: number): Set<unknown> {
    const result = new Set<unknown>();
    this.opened.push(result);
    for (let i = 0; i < n; i++) result.add(this.read());
    return result;
  }

  private buffer(head: number, room: number, bytes: number): unknown {
    const { heap } = this.rt;
    const format = String.fromCharCode((head >>> 8) & 0xff);
    const dimensions = (head >>> 16) & 0x7fff;
    const first = this.at >>> 2;
    const shape = Array.from(heap.u32.subarray(first, first + dimensions));
    const items = this.at + ((4 * dimensions + 15) & ~15);
    const start = head < 0 ? heap.u32[items >>> 2]! : items;
    this.at += room;
    const made = copyBuffer(heap, format, shape, start, bytes);
    this.opened.push(made);
    return made;
  }
}

/** Reads a whole tape. */
class ExplicitReader extends ContainerReader {
  /** The proxies made. */
  readonly made: object[] = [];

  protected override object(ptr: Ptr, flags: number): object {
    const proxy = this.rt.makeProxy(ptr, flags, ProxyKind.Owned);
    this.made.push(proxy);
    return proxy;
  }

  protected override dict(n: number): object {
    if (++this.depth > TAPE_MAX_DEPTH) throw tooDeep();
    const large = n > MANY && !this.rt.options.toJsLiteralMap;
    const result = large ? (Object.create(null) as object) : newDict(this.rt);
    this.opened.push(result);
    // Keys that are str differ from each other: only another type can make a collision.
    let distinct = !(result instanceof LiteralMap);
    for (let i = 0; i < n; i++) {
      const key = this.key();
      const value = this.read();
      if (typeof key !== "string" || key === "__proto__") distinct = false;
      if (distinct) (result as Record<string, unknown>)[key as string] = value;
      else addItem(result, key, value);
    }
    if (large) Object.setPrototypeOf(result, Object.prototype);
    this.depth--;
    return result;
  }

  protected override item(slot: SlotPtr, head: number): unknown {
    switch (head & 0xff) {
      case Tag.SHAPED:
        return this.shaped(head);
      case Tag.SHAPE:
        this.learn(slot, head >>> 16);
        return this.read();
      default:
        return super.item(slot, head);
    }
  }

  /** Read the keys of a shape. */
  private learn(slot: SlotPtr, number: number): void {
    const { heap, learntShapes } = this.rt;
    const w = slot >>> 2;
    const keys: string[] = [];
    for (let left = heap.u32[w + 3]!; left > 0; left--) keys.push(this.read() as string);
    learntShapes[number] = keys;
    heap.i32[(heap.learntShapes >>> 2) + number] = heap.i32[w + 1]!;
  }

  /** A dict of which the tape has only the values. */
  private shaped(head: number): object {
    if (++this.depth > TAPE_MAX_DEPTH) throw tooDeep();
    const { learntShapes, options } = this.rt;
    const keys = learntShapes[head >>> 16]!;
    const large = keys.length > MANY && !options.toJsLiteralMap;
    const result = large ? (Object.create(null) as object) : newDict(this.rt);
    this.opened.push(result);
    const isRun = ((head >>> 8) & 0xff) !== 0;
    if (result instanceof LiteralMap) this.fillMap(result, keys, isRun);
    else if (isRun) this.fillFromRun(result as Record<string, number>, keys);
    else this.fill(result as Record<string, unknown>, keys);
    if (large) Object.setPrototypeOf(result, Object.prototype);
    this.depth--;
    return result;
  }

  private fill(result: Record<string, unknown>, keys: readonly string[]): void {
    for (let i = 0; i < keys.length; i++) result[keys[i]!] = this.read();
  }

  private fillFromRun(result: Record<string, number>, keys: readonly string[]): void {
    const view = this.runView();
    for (let i = 0; i < keys.length; i++) result[keys[i]!] = view[i]!;
  }

  private fillMap(result: LiteralMap, keys: readonly string[], isRun: boolean): void {
    const view = isRun ? this.runView() : undefined;
    keys.forEach((key, i) => result.set(key, view ? view[i] : this.read()));
  }

  private key(): unknown {
    const { rt, at } = this;
    const { i32, u32 } = rt.heap;
    const w = at >>> 2;
    const head = i32[w]!;
    if ((head & 0xff) !== Tag.STR) return this.read();
    this.at = at + SLOT_SIZE;
    return rt.keys.get(rt.heap, u32[w + 2]!, u32[w + 3]!, (head >>> 8) & 0xff, i32[w + 1]!);
  }

  /** Give back what the rest of a tape that could not be read owns. */
  abandon(end: SlotPtr): void {
    const { i32, u32 } = this.rt.heap;
    const doomed: Ptr[] = [];
    for (let at = this.at; at < end; at += SLOT_SIZE) {
      const w = at >>> 2;
      const tag = i32[w]! & 0xff;
      if (tag === Tag.PYOBJ) doomed.push(u32[w + 2]!);
      else if (tag === Tag.NDARRAY) at += u32[w + 1]!;
      else if (tag === Tag.RUN_I32) at += (4 * u32[w + 3]! + 15) & ~15;
      else if (tag === Tag.RUN_F64) at += (8 * u32[w + 3]! + 15) & ~15;
    }
    if (doomed.length > 0) this.rt.release(doomed);
  }
}

/** A Python object among the items of one level. */
export class Child {
  constructor(
    readonly ptr: Ptr,
    readonly flags: number,
  ) {}
}

/** A dict of one level. */
export class Pairs {
  readonly keys: unknown[] = [];
  readonly values: unknown[] = [];
}

/** Reads a tape of one level, whose objects are Children. */
export class LevelReader extends ContainerReader {
  /** The references that came with the tape. */
  readonly owned: Ptr[] = [];

  protected override object(ptr: Ptr, flags: number): object {
    this.owned.push(ptr);
    return new Child(ptr, flags);
  }

  protected override dict(n: number): Pairs {
    const result = new Pairs();
    this.opened.push(result);
    for (let i = 0; i < n; i++) {
      result.keys.push(this.read());
      result.values.push(this.read());
    }
    return result;
  }
}

/** Tell the caller of the proxies that a conversion has made; when that fails, end them. */
export function track(rt: Runtime, made: object[], pyproxies: unknown[] | null): void {
  if (pyproxies === null) return;
  try {
    for (const proxy of made) pyproxies.push(proxy);
  } catch (error) {
    discard(rt, made);
    throw error;
  }
}

/** End the proxies of a conversion that has failed. */
export function discard(rt: Runtime, made: object[]): void {
  if (made.length > 0) rt.destroyCallProxies(made, FAILED);
}

/**
 * The value of a slot that C has written by the explicit rule.
 * @param pyproxies gets the proxies that are made
 */
export function decodeExplicit(
  rt: Runtime,
  slot: SlotPtr,
  ref: unknown,
  pyproxies: unknown[] | null,
): unknown {
  const { heap } = rt;
  heap.check();
  const w = slot >>> 2;
  const tag = heap.u8[slot];
  if (tag === Tag.PYOBJ) {
    const proxy = rt.makeProxy(heap.u32[w + 2]!, heap.i32[w + 1]!, ProxyKind.Owned);
    track(rt, [proxy], pyproxies);
    return proxy;
  }
  if (tag !== Tag.TAPE) return decode(rt, slot, ref, ProxyKind.Owned);
  const start = heap.u32[w + 2]!;
  const end = start + heap.u32[w + 3]!;
  // C says in aux how many objects it has pushed for this tape.
  const saved = heap.i32[w + 1]!;
  const reader = new ExplicitReader(rt, start);
  try {
    const value = reader.read();
    track(rt, reader.made, pyproxies);
    return value;
  } catch (error) {
    reader.abandon(end);
    discard(rt, reader.made);
    throw error;
  } finally {
    rt.refs.length -= saved;
  }
}

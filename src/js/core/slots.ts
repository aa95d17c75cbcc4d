/** Single values and argument frames between JavaScript and slots. */
import { JsFlag, SLOT_SIZE, type SlotPtr, Tag } from "./abi.gen";
import { jsFlags } from "./capabilities";
import { isArray } from "./containers";
import { ProxyKind, type Runtime } from "./runtime";
import { decodeTape, TapeWriter } from "./tape";
import { decodeBigint, decodeText, encodeBigint, encodeText } from "./text";

function writeWord(rt: Runtime, slot: SlotPtr, tag: number, word: number): null {
  const { i32, u32 } = rt.heap;
  const w = slot >>> 2;
  i32[w] = tag;
  i32[w + 1] = 0;
  u32[w + 2] = word;
  u32[w + 3] = 0;
  return null;
}

function writeNumber(rt: Runtime, slot: SlotPtr, value: number): null {
  if ((value | 0) === value) return writeWord(rt, slot, Tag.INT, value);
  const { i32, f64 } = rt.heap;
  i32[slot >>> 2] = Number.isSafeInteger(value) ? Tag.SAFEINT : Tag.NUM;
  f64[(slot >>> 3) + 1] = value;
  return null;
}

/** Write an object slot; the object itself travels as externref number `place`. */
function writeObject(
  rt: Runtime,
  slot: SlotPtr,
  value: object | symbol,
  place: number,
): object | symbol | null {
  const ptr = typeof value === "symbol" ? undefined : rt.unwrapProxy(value);
  // unwrapProxy and jsFlags may run the program's code: the views are fetched after them.
  if (ptr !== undefined && ptr > 0) {
    rt.heap.check();
    return writeWord(rt, slot, Tag.PYOBJ, ptr);
  }
  const flags = ptr === undefined ? jsFlags(value) : jsFlags(value) | JsFlag.IS_DOUBLE_PROXY;
  const heap = rt.heap;
  heap.check();
  const w = slot >>> 2;
  heap.i32[w] = Tag.REF;
  heap.i32[w + 1] = flags;
  heap.i32[w + 2] = place;
  heap.i32[w + 3] = 0;
  return value;
}

/** Write an array by the implicit rule. */
function writeList(rt: Runtime, slot: SlotPtr, root: object): null {
  const writer = new TapeWriter(rt, root);
  writeTapeOf(rt, slot, writer, () => writer.container(root));
  rt.tapeProxies = writer.proxies;
  return null;
}

/** Write a container by toPy's rule. */
function writeContainer(rt: Runtime, slot: SlotPtr, root: object, levels: number): null {
  const tape = rt.shapes.begin(rt.heap);
  try {
    const writer = new TapeWriter(rt, root, levels, tape);
    return writeTapeOf(rt, slot, writer, () => writer.container(root));
  } finally {
    rt.shapes.end();
  }
}

/**
 * Looking at a value may run the program's code, which may destroy PyProxies whose objects have
 * been written already, without references of their own.
 * @throws Error that one of them has been destroyed
 */
function checkAlive(rt: Runtime, values: Iterable<unknown> | undefined): void {
  for (const value of values ?? []) {
    if ((typeof value === "object" && value !== null) || typeof value === "function") {
      rt.unwrapProxy(value);
    }
  }
}

/** Write what `write` gives a writer to a tape, and a slot that points to it. */
export function writeTapeOf<Writer extends TapeWriter>(
  rt: Runtime,
  slot: SlotPtr,
  writer: Writer,
  write: (writer: Writer) => void,
): null {
  const ended = rt.endedLives;
  try {
    write(writer);
    if (rt.endedLives !== ended) checkAlive(rt, writer.proxies);
  } catch (error) {
    writer.discard();
    throw error;
  }
  const heap = rt.heap;
  heap.check();
  const w = slot >>> 2;
  heap.i32[w] = Tag.TAPE | (writer.ownership << 8);
  heap.i32[w + 1] = 0;
  heap.u32[w + 2] = writer.start;
  heap.u32[w + 3] = writer.bytes;
  return null;
}

/**
 * Write `value` into a slot by the implicit rule.
 *
 * Text and tapes are laid above `heap.top`, which moves; the caller restores it.
 * @param place which externref of the call carries the value if it is an object
 * @returns that object, or null
 */
export function encode(rt: Runtime, value: unknown, slot: SlotPtr, place: number): unknown {
  const ref = encodeWith(rt, value, slot, place, rt.options.conversion === "native");
  // They must not live on because they have been written.
  rt.tapeProxies = undefined;
  return ref;
}

/** As encode, for the key of an item: a str that has been a key before is not made again. */
export function encodeKey(rt: Runtime, key: unknown, slot: SlotPtr, place: number): unknown {
  if (typeof key === "string") {
    const address = rt.names.key(key);
    if (address !== 0) {
      rt.heap.check();
      return writeWord(rt, slot, Tag.PYOBJ, address);
    }
  }
  return encode(rt, key, slot, place);
}

/** Write a key and a value to two slots, as encodeKey and encode; their objects are r0 and r1. */
export function encodePair(
  rt: Runtime,
  key: unknown,
  value: unknown,
  frame: SlotPtr,
): readonly [unknown, unknown] {
  const ended = rt.endedLives;
  const r0 =
    typeof key === "string"
      ? encodeKey(rt, key, frame, 0)
      : encodeWith(rt, key, frame, 0, rt.options.conversion === "native");
  const onTape = rt.tapeProxies;
  const r1 = encode(rt, value, frame + SLOT_SIZE, 1);
  if (rt.endedLives !== ended) {
    checkAlive(rt, [key, value]);
    checkAlive(rt, onTape);
  }
  return [r0, r1];
}

/** As encode, but an Array travels as itself in native mode too. */
export function encodeKeepArray(
  rt: Runtime,
  value: unknown,
  slot: SlotPtr,
  place: number,
): unknown {
  return encodeWith(rt, value, slot, place, false);
}

/** As encode, but an Array is copied to a list in both modes. */
export function encodeDeep(rt: Runtime, value: unknown, slot: SlotPtr, place: number): unknown {
  const ref = encodeWith(rt, value, slot, place, true);
  rt.tapeProxies = undefined;
  return ref;
}

/**
 * Write a value by the rule of toPy: containers are copied, in both modes.
 * @param levels how many levels of containers; negative for all
 */
export function encodeToPy(
  rt: Runtime,
  value: unknown,
  slot: SlotPtr,
  place: number,
  levels: number,
): unknown {
  if (typeof value === "object" && value !== null && levels !== 0) {
    rt.heap.check();
    return writeContainer(rt, slot, value, levels);
  }
  return encodeWith(rt, value, slot, place, false);
}

function encodeWith(
  rt: Runtime,
  value: unknown,
  slot: SlotPtr,
  place: number,
  arrays: boolean,
): unknown {
  rt.heap.check();
  switch (typeof value) {
    case "number":
      return writeNumber(rt, slot, value);
    case "string":
      encodeText(rt.heap, value, slot, rt);
      return null;
    case "boolean":
      return writeWord(rt, slot, Tag.BOOL, value ? 1 : 0);
    case "undefined":
      // document.all is an object that calls itself undefined.
      if (value === undefined) return writeWord(rt, slot, Tag.UNDEFINED, 0);
      return writeObject(rt, slot, value as object, place);
    case "bigint":
      encodeBigint(rt.heap, value, slot, rt);
      return null;
    default:
      if (value === null) return writeWord(rt, slot, Tag.NULL, 0);
      if (arrays && isArray(value)) return writeList(rt, slot, value);
      return writeObject(rt, slot, value as object | symbol, place);
  }
}

/**
 * Write a frame of arguments. The objects among them are left in rt.r0 to rt.r3 (null where
 * unused) and, beyond four, in rt.refs, whose length the caller restores.
 */
export function encodeArgs(rt: Runtime, args: ArrayLike<unknown>, frame: SlotPtr): void {
  rt.refCount = 0;
  rt.r0 = rt.r1 = rt.r2 = rt.r3 = null;
  rt.heap.check();
  const ended = rt.endedLives;
  let onTapes: object[] | undefined;
  for (let i = 0; i < args.length; i++) {
    const value = args[i];
    const slot = frame + i * SLOT_SIZE;
    if (typeof value === "number" && (value | 0) === value) {
      // The commonest argument; C reads nothing else of an INT.
      const { i32 } = rt.heap;
      i32[slot >>> 2] = Tag.INT;
      i32[(slot >>> 2) + 2] = value;
    } else if (typeof value === "string") {
      encodeText(rt.heap, value, slot, rt);
    } else if (typeof value === "number") {
      writeNumber(rt, slot, value);
    } else {
      encodeObjectArgument(rt, value, slot);
      if (rt.tapeProxies !== undefined) {
        onTapes = onTapes === undefined ? rt.tapeProxies : [...onTapes, ...rt.tapeProxies];
        rt.tapeProxies = undefined;
      }
    }
  }
  if (rt.endedLives !== ended) {
    checkAlive(rt, Array.from(args));
    checkAlive(rt, onTapes);
  }
}

/** Encoding an object may run the program's code, which may encode frames of its own. */
function encodeObjectArgument(rt: Runtime, value: unknown, slot: SlotPtr): void {
  const { r0, r1, r2, r3, refCount } = rt;
  const ref = encodeWith(rt, value, slot, refCount, rt.options.conversion === "native");
  rt.r0 = r0;
  rt.r1 = r1;
  rt.r2 = r2;
  rt.r3 = r3;
  rt.refCount = refCount;
  if (ref === null) return;
  if (refCount >= 4) {
    rt.heap.i32[(slot >>> 2) + 2] = rt.refs.push(ref) + 3;
    return;
  }
  rt.refCount = refCount + 1;
  if (refCount === 0) rt.r0 = ref;
  else if (refCount === 1) rt.r1 = ref;
  else if (refCount === 2) rt.r2 = ref;
  else rt.r3 = ref;
}

/** A name that C has sent by number; `slot` has its text when the number is new, and is 0 when not. */
export function attributeName(rt: Runtime, id: number, slot: SlotPtr): string {
  if (slot === 0) return rt.attributeNames[id]!;
  const heap = rt.heap;
  heap.check();
  const w = slot >>> 2;
  const kind = (heap.i32[w]! >>> 8) & 0xff;
  return (rt.attributeNames[id] = decodeText(heap, heap.u32[w + 2]!, heap.u32[w + 3]!, kind));
}

/**
 * The value of a slot that C has filled.
 * @param ref the externref result that came with the slot
 * @param kind what becomes of Python objects in it: each slot owns one reference
 * @throws what Python raised, when the slot is an ERR
 */
export function decode(rt: Runtime, slot: SlotPtr, ref: unknown, kind: ProxyKind): unknown {
  const heap = rt.heap;
  heap.check();
  const w = slot >>> 2;
  const head = heap.i32[w]!;
  switch (head & 0xff) {
    case Tag.INT:
      return heap.i32[w + 2];
    case Tag.NUM:
    case Tag.SAFEINT:
      return heap.f64[(slot >>> 3) + 1];
    case Tag.STR:
      return decodeText(heap, heap.u32[w + 2]!, heap.u32[w + 3]!, (head >>> 8) & 0xff);
    case Tag.UNDEFINED:
    case Tag.ABSENT:
      return undefined;
    case Tag.BOOL:
      return heap.i32[w + 2] !== 0;
    case Tag.NULL:
      return null;
    case Tag.REF:
      return ref;
    case Tag.NAME:
      return attributeName(rt, heap.i32[w + 2]!, heap.u32[w + 1]!);
    case Tag.PYOBJ:
      return rt.makeProxy(heap.u32[w + 2]!, heap.i32[w + 1]!, kind);
    case Tag.BIGINT:
      return decodeBigint(heap, heap.u32[w + 2]!, heap.u32[w + 3]!);
    case Tag.TAPE: {
      const saved = heap.i32[w + 1]!;
      try {
        return decodeTape(
          rt,
          heap.u32[w + 2]!,
          kind === ProxyKind.Attribute ? ProxyKind.Owned : kind,
          null,
        );
      } finally {
        // C says in aux how many objects it has pushed for this tape.
        rt.refs.length -= saved;
      }
    }
    case Tag.ERR:
      // Without the lock C cannot make an error.
      throw ref ?? rt.noGilError();
    default:
      throw new Error(`bridge: slot with unexpected tag ${head & 0xff}`);
  }
}

/** What a call from Python keeps until it ends: the proxies made for its arguments. */
export interface CallScope extends Array<object> {
  /** In debug mode: for each proxy the argument that it is, or that it is part of. */
  labels?: string[];
}

/** Note in a scope which argument the last proxies were made for. */
export function labelArgument(scope: CallScope, labels: string[], label: string): void {
  while (labels.length < scope.length) labels.push(label);
}

/** Decode an argument that C wrote for a call of JavaScript; its proxies join the scope. */
export function decodeArgument(
  rt: Runtime,
  slot: SlotPtr,
  scope: CallScope,
  r0: unknown,
  r1: unknown,
  r2: unknown,
  r3: unknown,
): unknown {
  const heap = rt.heap;
  const w = slot >>> 2;
  const head = heap.i32[w]!;
  switch (head & 0xff) {
    case Tag.REF: {
      const place = heap.i32[w + 2]!;
      return place === 0
        ? r0
        : place === 1
          ? r1
          : place === 2
            ? r2
            : place === 3
              ? r3
              : rt.refs[place - 4];
    }
    case Tag.PYOBJ: {
      const address = heap.u32[w + 2]!;
      const flags = heap.i32[w + 1]!;
      const kept = rt.retained.find(rt, address, flags);
      if (kept !== undefined) return kept;
      const proxy = rt.makeProxy(address, flags, ProxyKind.Call);
      scope.push(proxy);
      return proxy;
    }
    case Tag.TAPE:
      // The objects that C has pushed stay until C clears them.
      return decodeTape(rt, heap.u32[w + 2]!, ProxyKind.Call, scope);
    default:
      return decode(rt, slot, null, ProxyKind.Owned);
  }
}

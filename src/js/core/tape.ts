/**
 * Containers as one flat, depth-first run of slots: a whole list crosses at once.
 *
 * The writer walks JavaScript arrays (and for toPy, objects, Maps and Sets); the reader builds
 * arrays from what C wrote. Containers are numbered in order of opening, and BACKREF names one
 * by its number, so cycles and sharing survive. Text and BigInt words that JavaScript writes
 * lie on the tape itself, behind their slot, padded to whole slots.
 */
import {
  JsFlag,
  SLOT_SIZE,
  type Ptr,
  type SlotPtr,
  StrKind,
  Tag,
  TAPE_MAX_DEPTH,
  TAPE_MAX_KEYS,
} from "./abi.gen";
import { jsFlags } from "./capabilities";
import {
  classify,
  classifyRecord,
  type Container,
  formatOf,
  isArray,
  refuseMerging,
  isImmutable,
} from "./containers";
import { type Heap } from "./memory";
import { type ProxyKind, type Runtime } from "./runtime";
import { type Shape } from "./shapes";
import { bigintWords, decodeBigint, decodeText, writeText } from "./text";

export const tooDeep = (): RangeError =>
  new RangeError(`containers are nested more than ${TAPE_MAX_DEPTH} levels deep`);

/** So many containers are looked through one by one, which is quicker. */
const FEW_OPENED = 8;

/** The containers of a tape in order of opening, which is what a BACKREF counts. */
class Opened {
  private readonly first: object[];
  /** All, when there are more than a few. */
  private order: Set<object> | undefined;
  /** Both made only for what occurs twice: most containers are looked up once. */
  private rest: Iterator<object> | undefined;
  private ordinals: Map<object, number> | undefined;

  constructor(root: object) {
    this.first = [root];
  }

  /** False when the container is there already. */
  add(container: object): boolean {
    const { first, order } = this;
    if (order === undefined) {
      if (first.includes(container)) return false;
      if (first.push(container) > FEW_OPENED) this.order = new Set(first);
      return true;
    }
    const before = order.size;
    order.add(container);
    return order.size !== before;
  }

  /** The place of a container that is there. */
  ordinal(container: object): number {
    if (this.order === undefined) return this.first.indexOf(container);
    const rest = (this.rest ??= this.order.values());
    const ordinals = (this.ordinals ??= new Map());
    for (;;) {
      const known = ordinals.get(container);
      if (known !== undefined) return known;
      ordinals.set(rest.next().value as object, ordinals.size);
    }
  }
}

/** Bytes of the frame region that a tape takes at once. */
const STRIDE = 512;

/**
 * Writes one tape, in the frame region while it fits, else in malloc'ed memory.
 *
 * Without a depth only arrays are containers (the implicit rule of native mode); with one,
 * objects, Maps, Sets and buffers are copied too, that many levels deep (toPy's rule).
 */
export class TapeWriter {
  private readonly heap: Heap;
  private base: Ptr;
  private pos: Ptr;
  /** Up to here frames of others keep off. */
  private laid: Ptr;
  private end: Ptr;
  private owned = false;
  private begun = false;
  private depth = 0;
  private readonly root: object;
  /** The PyProxies whose objects are on the tape. */
  proxies: object[] | undefined = undefined;
  /** Ordinals of keys. */
  private names: Map<string, number> | undefined;
  /** Made when a second container appears. */
  private seen: Opened | undefined;

  /**
   * @param levels how many levels are copied by toPy's rule; negative for all
   * @param tape its number, from ShapeTable.begin(), when dicts may go by their shapes
   */
  constructor(
    private readonly rt: Runtime,
    root: object,
    private readonly levels: number | null = null,
    private readonly tape = 0,
  ) {
    const { heap } = rt;
    this.heap = heap;
    this.root = root;
    this.base = this.pos = this.laid = heap.top;
    // Half of the room is left to code that runs while the walk goes on.
    this.end = this.base + ((heap.room >>> 1) & ~15);
  }

  /** Address of the tape. */
  get start(): Ptr {
    return this.base;
  }

  /** Bytes written. */
  get bytes(): number {
    return this.pos - this.base;
  }

  /** OWNED when the tape lies in malloc'ed memory that C must free, else 0. */
  get ownership(): number {
    return this.owned ? StrKind.OWNED : 0;
  }

  /** Give up a tape that will not be sent. */
  discard(): void {
    if (this.owned) this.rt.free(this.base);
  }

  /** Make room for more bytes; memory may grow, so views are fresh afterwards. */
  private ensure(bytes: number): void {
    this.heap.check();
    if (this.pos + bytes > this.laid) this.lay(bytes);
  }

  private lay(bytes: number): void {
    if (this.pos + bytes > this.end) this.enlarge(bytes);
    if (this.owned) return;
    // Code that runs while the walk goes on (getters, traps) lays its frames above the tape.
    this.laid = Math.min(this.end, (this.pos + bytes + STRIDE) & ~15);
    this.heap.top = this.laid;
  }

  private enlarge(bytes: number): void {
    const { rt, heap } = this;
    const used = this.pos - this.base;
    const capacity = Math.max(2 * used, used + bytes + 65536);
    const at = rt.malloc(capacity);
    heap.check();
    heap.u8.copyWithin(at, this.base, this.pos);
    if (this.owned) rt.free(this.base);
    else heap.top = this.base;
    this.owned = true;
    this.base = at;
    this.pos = at + used;
    this.laid = this.end = at + capacity;
  }

  protected head(tag: number, aux: number, word: number, length: number): void {
    this.ensure(SLOT_SIZE);
    const { i32 } = this.heap;
    const w = this.pos >>> 2;
    i32[w] = tag;
    i32[w + 1] = aux;
    i32[w + 2] = word;
    i32[w + 3] = length;
    this.pos += SLOT_SIZE;
  }

  private text(text: string): void {
    this.ensure(SLOT_SIZE + 3 * text.length + 15);
    const { kind, units, bytes } = writeText(this.heap, text, this.pos + SLOT_SIZE);
    this.head(Tag.STR | (kind << 8), 0, 0, units);
    this.pos += (bytes + 15) & ~15;
  }

  /** Write a key, which records have in common: once, and then by its ordinal. */
  private name(key: string): void {
    const names = (this.names ??= new Map());
    const known = names.get(key);
    if (known !== undefined) {
      this.head(Tag.KEYREF, 0, 0, known);
      return;
    }
    const at = this.pos - this.base;
    this.text(key);
    if (names.size >= TAPE_MAX_KEYS) return;
    names.set(key, names.size);
    this.heap.i32[((this.base + at) >>> 2) + 1] = 1;
  }

  private bigint(value: bigint): void {
    const words = bigintWords(value);
    this.ensure(SLOT_SIZE + words.byteLength + 15);
    this.heap.u32.set(words, (this.pos + SLOT_SIZE) >>> 2);
    this.head(Tag.BIGINT, 0, 0, words.length);
    this.pos += (words.byteLength + 15) & ~15;
  }

  private number(value: number): void {
    this.ensure(SLOT_SIZE);
    const { i32, f64 } = this.heap;
    const w = this.pos >>> 2;
    this.pos += SLOT_SIZE;
    if ((value | 0) === value) {
      i32[w] = Tag.INT;
      i32[w + 2] = value;
      return;
    }
    i32[w] = Number.isSafeInteger(value) ? Tag.SAFEINT : Tag.NUM;
    f64[(w >>> 1) + 1] = value;
  }

  /** Write an object that stays one: a REF, or the PYOBJ behind a PyProxy. */
  protected object(value: object | symbol): void {
    const { rt } = this;
    const ptr = typeof value === "symbol" ? undefined : rt.unwrapProxy(value);
    if (ptr !== undefined && ptr > 0) {
      this.head(Tag.PYOBJ, 0, ptr, 0);
      (this.proxies ??= []).push(value as object);
      return;
    }
    const flags = ptr === undefined ? jsFlags(value) : jsFlags(value) | JsFlag.IS_DOUBLE_PROXY;
    const place = rt.refs.push(value) + 3;
    this.head(Tag.REF, flags, place, 0);
  }

  private item(value: unknown): void {
    switch (typeof value) {
      case "number":
        this.number(value);
        break;
      case "string":
        this.text(value);
        break;
      case "boolean":
        this.head(Tag.BOOL, 0, value ? 1 : 0, 0);
        break;
      case "undefined":
        // document.all is an object that calls itself undefined.
        if (value === undefined) this.head(Tag.UNDEFINED, 0, 0, 0);
        else this.object(value as object);
        break;
      case "bigint":
        this.bigint(value);
        break;
      default:
        if (value === null) this.head(Tag.NULL, 0, 0, 0);
        else this.container(value as object);
    }
  }

  /** Write a container and all that it holds; what is none stays an object. */
  container(value: object): void {
    if (this.levels !== null && this.depth >= this.levels && this.levels >= 0) this.object(value);
    else if (isArray(value)) this.list(value);
    else if (this.levels === null || typeof value !== "object") this.object(value);
    else this.collection(value);
  }

  /** Write what only toPy copies. */
  private collection(value: object): void {
    const content = classifyRecord(value) ?? this.classifyOther(value);
    if (content === undefined) this.object(value);
    else if (content.kind === "dict") this.dict(value, content.keys, content.values);
    else this.flat(content);
  }

  private classifyOther(value: object): Container | undefined {
    return this.rt.unwrapProxy(value) === undefined ? classify(value) : undefined;
  }

  /** Write a Set or a buffer. */
  flat(content: Container): void {
    if (content.kind === "set") this.set(content.source);
    else if (content.kind === "buffer") this.buffer(content.source);
  }

  private key(key: unknown, kind: "dict" | "set"): void {
    if (!isImmutable(key) && this.rt.unwrapProxy(key) === undefined) {
      const name = (key as { constructor?: { name?: unknown } }).constructor?.name;
      const type = typeof name === "string" && name !== "" ? name : typeof key;
      throw new Error(`Cannot use key of type ${type} as a key to a Python ${kind}`);
    }
    this.item(key);
  }

  /** Write a dict with the keys and values of `container`. */
  dict(container: object, keys: readonly unknown[], values: readonly unknown[]): void {
    if (this.open(container)) return;
    if (++this.depth > TAPE_MAX_DEPTH) throw tooDeep();
    const shape = this.tape === 0 ? undefined : this.rt.shapes.find(keys);
    if (shape !== undefined) this.shaped(shape, values);
    else this.pairs(keys, values);
    this.depth--;
  }

  private pairs(keys: readonly unknown[], values: readonly unknown[]): void {
    if (keys.some((key) => typeof key === "boolean")) refuseMerging(new Set(keys), "Map");
    const n = keys.length;
    this.head(Tag.DICT, 0, 0, n);
    for (let i = 0; i < n; i++) {
      const key = keys[i];
      // What many keys have in common is not worth a look at each.
      if (typeof key !== "string") this.key(key, "dict");
      else if (n <= TAPE_MAX_KEYS) this.name(key);
      else this.text(key);
      this.item(values[i]);
    }
  }

  /** Write the values of a dict, and before them the keys when C does not know the shape. */
  private shaped(shape: Shape, values: readonly unknown[]): void {
    const code = shape.number << 16;
    this.heap.check();
    if (!this.rt.shapes.isKnown(shape, this.heap, this.tape)) {
      this.head(Tag.SHAPE | code, 0, 0, shape.keys.length);
      for (const key of shape.keys) this.text(key);
      shape.tape = this.tape;
    }
    const n = values.length;
    this.head(Tag.SHAPED | code, 0, 0, n);
    for (let i = 0; i < n; i++) this.item(values[i]);
  }

  private set(container: Set<unknown>): void {
    if (this.open(container)) return;
    refuseMerging(container, "Set");
    const items = [...container];
    this.head(Tag.SET, 0, 0, items.length);
    for (const item of items) this.key(item, "set");
  }

  private buffer(source: ArrayBufferLike | ArrayBufferView): void {
    if (this.open(source)) return;
    const bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source);
    const format = formatOf(source);
    this.ensure(SLOT_SIZE + bytes.length + 15);
    this.heap.u8.set(bytes, this.pos + SLOT_SIZE);
    this.head(Tag.BUFFER, format.charCodeAt(0), 0, bytes.length);
    this.pos += (bytes.length + 15) & ~15;
  }

  /** Number a container; true when it was already open and a BACKREF stands for it. */
  private open(container: object): boolean {
    if (!this.begun) {
      this.begun = true;
      return false;
    }
    const seen = (this.seen ??= new Opened(this.root));
    if (seen.add(container)) return false;
    this.head(Tag.BACKREF, 0, 0, seen.ordinal(container));
    return true;
  }

  /** Write an array and all that it holds. */
  list(array: readonly unknown[]): void {
    if (this.open(array)) return;
    const n = array.length;
    if (n > 0 && typeof array[0] === "number" && this.numbers(array, n)) return;
    if (++this.depth > TAPE_MAX_DEPTH) throw tooDeep();
    this.head(Tag.LIST, 0, 0, n);
    for (let i = 0; i < n; i++) this.item(array[i]);
    this.depth--;
  }

  /** Write a list of nothing but numbers as a typed run; false when it is not one. */
  private numbers(array: readonly unknown[], n: number): boolean {
    this.ensure(SLOT_SIZE + 8 * n + 15);
    const start = this.pos;
    const { i32, f64 } = this.heap;
    const first = (start + SLOT_SIZE) >>> 2;
    let i = 0;
    let tag = Tag.RUN_I32;
    for (; i < n; i++) {
      const value = array[i];
      if (typeof value !== "number" || (value | 0) !== value) break;
      i32[first + i] = value;
    }
    if (i < n) {
      tag = Tag.RUN_F64;
      const firstDouble = (start + SLOT_SIZE) >>> 3;
      for (i = 0; i < n; i++) {
        const value = array[i];
        if (typeof value !== "number") break;
        f64[firstDouble + i] = value;
      }
    }
    // An accessor among the elements may have made memory grow under the views.
    if (i < n || i32.length === 0) return false;
    this.head(tag, 0, 0, n);
    this.pos += ((tag === Tag.RUN_I32 ? 4 : 8) * n + 15) & ~15;
    return true;
  }
}

/** Make an own property even where assignment would do something else. */
export function define(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** Arrays of fewer items are made at once, and of more are not kept. */
const FEW = 32;
const MANY = 4096;
/** Arrays of small ints, of doubles and of anything, which grow when a larger one is asked for. */
const INTS: number[] = [];
const DOUBLES: number[] = [];
const VALUES: unknown[] = [];

/**
 * An array of n items, to be overwritten. What is copied from an array without holes has none either, and V8 reads and fills
 * it in half the time that one from `new Array` takes.
 * @param filler an item of the kind that `model` has
 */
function arrayLike<T>(model: T[], filler: T, n: number): T[] {
  if (n < FEW || n > MANY) return new Array<T>(n);
  while (model.length < n) model.push(filler);
  return model.slice(0, n);
}

/** Reads one tape that C wrote by the implicit rule; subclasses know of more than lists. */
export class TapeReader {
  protected at: SlotPtr;
  protected depth = 0;
  /** What a BACKREF may name, in order of opening. */
  protected readonly opened: unknown[] = [];

  /**
   * @param scope collects the proxies made, so that the caller can end their lives
   */
  constructor(
    protected readonly rt: Runtime,
    start: SlotPtr,
    private readonly kind: ProxyKind,
    private readonly scope: object[] | null,
  ) {
    this.at = start;
  }

  read(): unknown {
    const heap = this.rt.heap;
    const slot = this.at;
    const w = slot >>> 2;
    const head = heap.i32[w]!;
    this.at = slot + SLOT_SIZE;
    switch (head & 0xff) {
      case Tag.LIST:
        return this.list(heap.u32[w + 3]!);
      case Tag.RUN_I32:
        return this.ints(heap.i32, heap.u32[w + 3]!);
      case Tag.RUN_F64:
        return this.doubles(heap.f64, heap.u32[w + 3]!);
      case Tag.BACKREF:
        return this.opened[heap.u32[w + 3]!];
      default:
        return this.item(slot, head);
    }
  }

  /** What is no list; `head` is the slot's first word. */
  protected item(slot: SlotPtr, head: number): unknown {
    return decodeItem(this.rt, slot, head, this.kind, this.scope);
  }

  private list(n: number): unknown[] {
    if (++this.depth > TAPE_MAX_DEPTH) throw tooDeep();
    const array = arrayLike(VALUES, undefined, n);
    this.opened.push(array);
    for (let i = 0; i < n; i++) array[i] = this.read();
    this.depth--;
    return array;
  }

  private ints(view: Int32Array, n: number): number[] {
    const first = this.at >>> 2;
    const array = arrayLike(INTS, 0, n);
    this.opened.push(array);
    let i = 0;
    // By eights, which takes two thirds of the time.
    for (; i + 8 <= n; i += 8) {
      const at = first + i;
      array[i] = view[at]!;
      array[i + 1] = view[at + 1]!;
      array[i + 2] = view[at + 2]!;
      array[i + 3] = view[at + 3]!;
      array[i + 4] = view[at + 4]!;
      array[i + 5] = view[at + 5]!;
      array[i + 6] = view[at + 6]!;
      array[i + 7] = view[at + 7]!;
    }
    for (; i < n; i++) array[i] = view[first + i]!;
    this.at += (4 * n + 15) & ~15;
    return array;
  }

  private doubles(view: Float64Array, n: number): number[] {
    const first = this.at >>> 3;
    const array = arrayLike(DOUBLES, 0.5, n);
    this.opened.push(array);
    for (let i = 0; i < n; i++) array[i] = view[first + i]!;
    this.at += (8 * n + 15) & ~15;
    return array;
  }

  /** The numbers of the run that comes next, as they lie in memory. */
  protected runView(): Int32Array | Float64Array {
    const { heap } = this.rt;
    const w = this.at >>> 2;
    const n = heap.u32[w + 3]!;
    const floats = (heap.i32[w]! & 0xff) === Tag.RUN_F64;
    const width = floats ? 8 : 4;
    const first = (this.at + SLOT_SIZE) / width;
    this.at += SLOT_SIZE + ((width * n + 15) & ~15);
    return (floats ? heap.f64 : heap.i32).subarray(first, first + n);
  }
}

/** Decode one slot that is no container; `head` is its first word. */
function decodeItem(
  rt: Runtime,
  slot: SlotPtr,
  head: number,
  kind: ProxyKind,
  scope: object[] | null,
): unknown {
  const heap = rt.heap;
  const w = slot >>> 2;
  switch (head & 0xff) {
    case Tag.INT:
      return heap.i32[w + 2];
    case Tag.NUM:
    case Tag.SAFEINT:
      return heap.f64[(slot >>> 3) + 1];
    case Tag.STR:
      return decodeText(heap, heap.u32[w + 2]!, heap.u32[w + 3]!, (head >>> 8) & 0xff);
    case Tag.BOOL:
      return heap.i32[w + 2] !== 0;
    case Tag.UNDEFINED:
      return undefined;
    case Tag.NULL:
      return null;
    case Tag.BIGINT:
      return decodeBigint(heap, heap.u32[w + 2]!, heap.u32[w + 3]!);
    case Tag.REF:
      return rt.refs[heap.i32[w + 2]! - 4];
    default: {
      const proxy = rt.makeProxy(heap.u32[w + 2]!, heap.i32[w + 1]!, kind);
      scope?.push(proxy);
      return proxy;
    }
  }
}

/**
 * Build the array that a tape describes.
 * @param scope collects the proxies made, so that the caller can end their lives
 */
export function decodeTape(
  rt: Runtime,
  start: SlotPtr,
  kind: ProxyKind,
  scope: object[] | null,
): unknown {
  return new TapeReader(rt, start, kind, scope).read();
}

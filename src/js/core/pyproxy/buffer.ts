/** Python buffers as typed arrays over the same memory. */
import { type Ptr, SLOT_SIZE } from "../abi.gen";
import { enter, ProxyKind, type Runtime } from "../runtime";
import { decode } from "../slots";
import { stateOfThis } from "./state";

type View =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array
  | DataView;

interface ViewClass {
  readonly BYTES_PER_ELEMENT?: number;
  new (buffer: ArrayBuffer, offset: number, length: number): View;
}

/** Engines have it since 2025. */
const half = (globalThis as { Float16Array?: ViewClass }).Float16Array;

/** The names that getBuffer takes. */
const VIEW_CLASSES: Readonly<Record<string, ViewClass>> = {
  i8: Int8Array,
  u8: Uint8Array,
  u8clamped: Uint8ClampedArray,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  ...(half === undefined ? {} : { f16: half }),
  f32: Float32Array,
  f64: Float64Array,
  dataview: DataView,
};

/** The view for each type character of a buffer's format. */
const FORMATS: Readonly<Record<string, string>> = {
  b: "i8",
  B: "u8",
  c: "u8",
  p: "u8",
  s: "u8",
  "?": "u8",
  h: "i16",
  H: "u16",
  i: "i32",
  l: "i32",
  n: "i32",
  I: "u32",
  L: "u32",
  N: "u32",
  P: "u32",
  q: "i64",
  Q: "u64",
  e: "f16",
  f: "f32",
  d: "f64",
};

/** The class of view that a format means. @throws Error when it means none */
function classOfFormat(format: string): ViewClass {
  if (format.length > 2) {
    throw new Error(`Expected format string to have length <= 2, got '${format}'`);
  }
  const order = format.length === 2 ? format[0]! : "@";
  const letter = format[format.length - 1] ?? "B";
  if (!"@=<>!".includes(order)) throw new Error(`Unrecognized alignment character ${order}.`);
  const name = FORMATS[letter];
  if (name === undefined) throw new Error(`Unrecognized format character '${letter}'.`);
  const found = VIEW_CLASSES[name];
  if (found === undefined) throw new Error("Javascript has no Float16 support.");
  if ((order === ">" || order === "!") && found.BYTES_PER_ELEMENT !== 1) {
    throw new Error(
      `Javascript has no native support for big endian buffers of format '${format}': ` +
        'pass a type such as "dataview" to getBuffer',
    );
  }
  return found;
}

/** The class of view that a name means. @throws Error when it means none */
function classOfType(type: string): ViewClass {
  if (!Object.hasOwn(VIEW_CLASSES, type)) {
    const known = Object.keys(VIEW_CLASSES).join(", ");
    throw new Error(`Unknown type ${type}: getBuffer takes one of ${known}`);
  }
  return VIEW_CLASSES[type]!;
}

/** What C says of a buffer; sizes in bytes. */
interface Description {
  buf: Ptr;
  itemsize: number;
  ndim: number;
  readonly: boolean;
  cContiguous: boolean;
  fContiguous: boolean;
  format: string;
  lowest: number;
  span: number;
  shape: number[];
  strides: number[];
}

const FIELDS = 9;
/** Python's limit on the dimensions of a buffer. */
const MAX_DIMENSIONS = 64;

function readDescription(rt: Runtime, frame: number): Description {
  const field = (i: number): number =>
    decode(rt, frame + i * SLOT_SIZE, null, ProxyKind.Owned) as number;
  const flag = (i: number): boolean => Boolean(field(i));
  const ndim = field(2);
  return {
    buf: field(0) >>> 0,
    itemsize: field(1),
    ndim,
    readonly: flag(3),
    cContiguous: flag(4),
    fContiguous: flag(5),
    format: field(6) as unknown as string,
    lowest: field(7),
    span: field(8),
    shape: Array.from({ length: ndim }, (_, i) => field(FIELDS + i)),
    strides: Array.from({ length: ndim }, (_, i) => field(FIELDS + ndim + i)),
  };
}

function releaseBuffer(rt: Runtime, address: Ptr): void {
  if (rt.fatal.poisoned) return;
  const { heap } = rt;
  const top = heap.top;
  const out = heap.reserve(SLOT_SIZE);
  try {
    const ref = enter(
      rt,
      rt.exports.pyx_release_buffer,
      address,
      0,
      0,
      0,
      out,
      null,
      null,
      null,
      null,
    );
    decode(rt, out, ref, ProxyKind.Owned);
  } finally {
    heap.top = top;
  }
}

/** Views that nobody has released and nobody can any more. */
const abandoned = new FinalizationRegistry<{ rt: Runtime; address: Ptr }>(({ rt, address }) => {
  try {
    releaseBuffer(rt, address);
  } catch {
    // Without Python's lock the exporter stays locked; nobody is there to be told.
  }
});

/** What a view is made of: its items in the memory as it is now, and what does not change. */
interface Lent {
  make: (memory: ArrayBuffer) => View;
  fields: object;
}

/** Only getBuffer makes views. */
const KEY = Symbol("PyBufferView");

/** A Python buffer's memory, lent to JavaScript until it is released. */
export class PyBufferView {
  /** Index in data of the item [0, ..., 0]. */
  readonly offset!: number;
  /** Distance between neighbours in each dimension, in elements of data. */
  readonly strides!: readonly number[];
  readonly shape!: readonly number[];
  readonly ndim!: number;
  /** Bytes of data, from the lowest to the highest item. */
  readonly nbytes!: number;
  readonly itemsize!: number;
  readonly format!: string;
  readonly readonly!: boolean;
  readonly c_contiguous!: boolean;
  readonly f_contiguous!: boolean;
  #rt: Runtime | undefined;
  #address: Ptr = 0;
  #data: View;
  readonly #make: () => View;

  private constructor(key: symbol, rt: Runtime, address: Ptr, lent: Lent) {
    if (key !== KEY) throw new TypeError("PyBufferView is not a constructor");
    this.#rt = rt;
    this.#address = address;
    this.#make = () => {
      rt.heap.check();
      return lent.make(rt.heap.u8.buffer as ArrayBuffer);
    };
    this.#data = this.#make();
    Object.assign(this, { nbytes: this.#data.byteLength, ...lent.fields });
    abandoned.register(this, { rt, address }, this);
  }

  /**
   * All items; its length counts from the lowest to the highest of them. Growing memory detaches
   * what was read before; the next read gives an array over the new memory.
   */
  get data(): View {
    // Python's lock keeps the items where they are: only JavaScript's view of the memory is new.
    if (this.#rt !== undefined && this.nbytes > 0 && this.#data.buffer.byteLength === 0) {
      this.#data = this.#make();
    }
    return this.#data;
  }

  /** Give the memory back to Python; data is empty afterwards. May be called again. */
  release(): void {
    const rt = this.#rt;
    if (rt === undefined) return;
    this.#rt = undefined;
    abandoned.unregister(this);
    this.#data = new Uint8Array(0);
    releaseBuffer(rt, this.#address);
  }

  /** False, and no error, also for revoked Proxies. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && #address in value;
  }

  /** @internal */
  static make(rt: Runtime, address: Ptr, lent: Lent): PyBufferView {
    return new PyBufferView(KEY, rt, address, lent);
  }
}
// The bundler renames classes that refer to themselves.
Object.defineProperty(PyBufferView, "name", { value: "PyBufferView", configurable: true });
if (typeof Symbol.dispose === "symbol") {
  Object.defineProperty(PyBufferView.prototype, Symbol.dispose, {
    value(this: PyBufferView): void {
      this.release();
    },
    writable: true,
    configurable: true,
  });
}

function lend(info: Description, type: string | undefined): Lent {
  const chosen = type === undefined ? classOfFormat(info.format) : classOfType(type);
  // Elements of a DataView are bytes.
  const size = chosen.BYTES_PER_ELEMENT ?? 1;
  const start = (info.buf - info.lowest) >>> 0;
  const empty = info.span === 0;
  const whole = (bytes: number): boolean => bytes % size === 0;
  if (!empty && !(whole(start) && whole(info.lowest) && whole(info.span))) {
    throw new Error(
      `Buffer does not have valid alignment for a view of ${size}-byte elements: ` +
        'pass a type of smaller elements, for example "u8" or "dataview"',
    );
  }
  const length = Math.floor(info.span / size);
  const make = (memory: ArrayBuffer): View =>
    empty ? new chosen(new ArrayBuffer(0), 0, 0) : new chosen(memory, start, length);
  const fields = {
    offset: info.lowest / size,
    strides: info.strides.map((bytes) => bytes / size),
    shape: info.shape,
    ndim: info.ndim,
    itemsize: info.itemsize,
    format: info.format,
    readonly: info.readonly,
    c_contiguous: info.cContiguous,
    f_contiguous: info.fContiguous,
  };
  return { make, fields };
}

export class BufferMembers {
  /**
   * The object's memory as a typed array, without copying.
   * @param type one of i8 u8 u8clamped i16 u16 i32 u32 i64 u64 f16 f32 f64 dataview; by default
   * what the buffer's format means
   */
  getBuffer(type?: string | null): PyBufferView {
    const state = stateOfThis(this);
    const { rt } = state;
    const ptr = state.use();
    const { heap } = rt;
    const top = heap.top;
    const out = heap.reserve((1 + FIELDS + 2 * MAX_DIMENSIONS) * SLOT_SIZE);
    const frame = out + SLOT_SIZE;
    let address: Ptr;
    let info: Description;
    try {
      const f = rt.exports.pyx_get_buffer;
      const ref = enter(rt, f, ptr, 0, frame, 0, out, null, null, null, null);
      address = (decode(rt, out, ref, ProxyKind.Owned) as number) >>> 0;
      info = readDescription(rt, frame);
    } finally {
      heap.top = top;
    }
    try {
      return PyBufferView.make(rt, address, lend(info, type ?? undefined));
    } catch (error) {
      releaseBuffer(rt, address);
      throw error;
    }
  }
}

/** Copies of Python buffers: what an NDARRAY on a tape becomes. */
import { ErrorCode } from "./abi.gen";
import { PythonRaise } from "./errors";
import { type Heap } from "./memory";

type ArrayClass = new (buffer: ArrayBuffer) => object;

/** Typed arrays by struct format character; `?`, `s` and `e` are not among them. */
const CLASSES: Readonly<Record<string, ArrayClass>> = {
  b: Int8Array,
  B: Uint8Array,
  c: Uint8Array,
  p: Uint8Array,
  h: Int16Array,
  H: Uint16Array,
  i: Int32Array,
  l: Int32Array,
  n: Int32Array,
  I: Uint32Array,
  L: Uint32Array,
  N: Uint32Array,
  P: Uint32Array,
  q: BigInt64Array,
  Q: BigUint64Array,
  f: Float32Array,
  d: Float64Array,
};

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Makes the innermost array of a format from a copy of its bytes. */
function maker(format: string): (bytes: Uint8Array<ArrayBuffer>) => unknown {
  if (format === "?") return (bytes) => Array.from(bytes, (byte) => byte !== 0);
  if (format === "s") return (bytes) => utf8.decode(bytes);
  const half = (globalThis as { Float16Array?: ArrayClass }).Float16Array;
  const made = format === "e" ? half : CLASSES[format];
  if (made === undefined) {
    throw new PythonRaise(ErrorCode.CONVERSION_ERROR, "Javascript has no Float16 support.");
  }
  return (bytes) => new made(bytes.buffer);
}

/**
 * Copy items that lie in C order.
 * @param at address of the first item
 * @param bytes size of all items together
 * @returns one array of the items, or, with more than one dimension, nested Arrays of such
 */
export function copyBuffer(
  heap: Heap,
  format: string,
  shape: readonly number[],
  at: number,
  bytes: number,
): unknown {
  const make = maker(format);
  const build = (dimension: number, start: number, size: number): unknown => {
    if (dimension >= shape.length - 1) {
      return make(heap.u8.slice(start, start + size) as Uint8Array<ArrayBuffer>);
    }
    const count = shape[dimension]!;
    const part = count === 0 ? 0 : size / count;
    return Array.from({ length: count }, (_, i) => build(dimension + 1, start + i * part, part));
  };
  return build(0, at, bytes);
}

/** Operations on typed arrays, DataViews and ArrayBuffers: bytes between them and linear memory. */
import { Op, type SlotPtr, Tag } from "./abi.gen";
import { answer, argument, type Rows, setTag, valueError } from "./ops_common";
import { type Runtime } from "./runtime";

type Buffer = ArrayBufferLike | ArrayBufferView;

/** The bytes of a buffer, not copied. */
function bytesOf(obj: unknown): Uint8Array {
  const source = obj as Buffer;
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

/** The part of linear memory that a slot describes; to be used at once. */
function memory(rt: Runtime, slot: SlotPtr): Uint8Array {
  const { heap } = rt;
  heap.check();
  const start = heap.u32[(slot >>> 2) + 2]!;
  return heap.u8.subarray(start, start + heap.u32[(slot >>> 2) + 3]!);
}

/** The item size of a typed array, or undefined for what only has bytes. */
function itemSize(obj: unknown): number | undefined {
  return (obj as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT;
}

/** Both sides of an assignment. @throws PythonRaise when they do not fit together */
function sides(
  rt: Runtime,
  obj: unknown,
  slot: SlotPtr,
  verb: "assign to" | "assign from",
): [Uint8Array, Uint8Array] {
  const here = bytesOf(obj);
  const there = memory(rt, slot);
  if (here.length !== there.length) {
    throw valueError(
      `cannot ${verb} TypedArray of ${here.length} bytes: the Python buffer has ${there.length}`,
    );
  }
  const size = rt.heap.u32[(slot >>> 2) + 1]!;
  const own = itemSize(obj);
  if (own !== undefined && own !== size) {
    throw valueError(
      `cannot ${verb} TypedArray: incompatible formats, with items of ${own} and ${size} bytes`,
    );
  }
  return [here, there];
}

/** Decode text strictly. @throws RangeError for an unknown encoding, else ValueError in Python */
function decodeBytes(obj: unknown, encoding: string | undefined): string {
  const decoder = new TextDecoder(encoding ?? "utf8", { fatal: true, ignoreBOM: true });
  const bytes = bytesOf(obj);
  // Decoders refuse shared memory.
  const own = bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
  try {
    return decoder.decode(own);
  } catch (error) {
    throw valueError(`cannot decode as ${decoder.encoding}: ${(error as Error).message}`);
  }
}

/** The operations of this file. */
export const bufferRows: Rows = {
  [Op.BUFFER_READ]: (rt, obj, a, ra, b, _rb, out) => {
    const bytes = bytesOf(obj);
    const offset = argument(rt, a, ra) as number;
    const target = memory(rt, b);
    target.set(bytes.subarray(offset, offset + target.length));
    return answer(rt, bytes.length, out);
  },
  [Op.BUFFER_WRITE]: (rt, obj, a, ra, b, _rb, out) => {
    bytesOf(obj).set(memory(rt, b), argument(rt, a, ra) as number);
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.BUFFER_ASSIGN]: (rt, obj, a, _ra, _b, _rb, out) => {
    const [here, there] = sides(rt, obj, a, "assign to");
    here.set(there);
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.BUFFER_ASSIGN_TO]: (rt, obj, a, _ra, _b, _rb, out) => {
    const [here, there] = sides(rt, obj, a, "assign from");
    there.set(here);
    return setTag(rt, out, Tag.UNDEFINED);
  },
  [Op.BUFFER_TEXT]: (rt, obj, a, ra, _b, _rb, out) =>
    answer(rt, decodeBytes(obj, argument(rt, a, ra) as string | undefined), out),
  [Op.BUFFER_BYTES]: (rt, obj, _a, _ra, _b, _rb, out) => answer(rt, bytesOf(obj), out),
};

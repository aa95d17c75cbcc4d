/**
 * Strings and BigInts between linear memory and JavaScript. Code units are kept exactly:
 * lone surrogates, NUL and U+FEFF are ordinary characters here.
 */
import { FRAME_STRING_MAX, type Ptr, type SlotPtr, StrKind, Tag } from "./abi.gen";
import { type Heap } from "./memory";

/** Node's native readers of Latin-1 and UTF-16, several times faster than the portable ways. */
interface FastBuffer {
  latin1Slice?: (this: Uint8Array, start: number, end: number) => string;
  ucs2Slice?: (this: Uint8Array, start: number, end: number) => string;
}
const fast: FastBuffer =
  (globalThis as { Buffer?: { prototype?: FastBuffer } }).Buffer?.prototype ?? {};
const utf8Decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const utf8Encoder = new TextEncoder();
/** Below this length a loop beats the call of a decoder or encoder. */
const LOOP_MAX = 20;
/** Arguments that Function.prototype.apply surely takes. */
const CHUNK = 8192;
/** Bytes of the frame region that long strings leave to frames. */
const SPARE = 8192;
/** Every engine has longer strings than this. */
const SURELY_SHORT = 2 ** 20;
/** No engine has longer BigInts, in 32-bit words. */
const MAX_BIGINT_WORDS = 2 ** 25;

/** The engine has no string or BigInt of that size. In Python it is a ConversionError. */
export class TooLargeError extends RangeError {
  readonly #own = true;

  /** Asks no Proxy, which could throw. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && #own in value;
  }
}

/** A string of few units. One call for up to eight of them: it makes the string in one go. */
function loopUnits(v: Uint8Array | Uint16Array, start: number, end: number): string {
  const from = String.fromCharCode;
  let text = "";
  let i = start;
  for (; i + 8 <= end; i += 8) {
    text += from(
      v[i]!,
      v[i + 1]!,
      v[i + 2]!,
      v[i + 3]!,
      v[i + 4]!,
      v[i + 5]!,
      v[i + 6]!,
      v[i + 7]!,
    );
  }
  switch (end - i) {
    case 0:
      return text;
    case 1:
      return text + from(v[i]!);
    case 2:
      return text + from(v[i]!, v[i + 1]!);
    case 3:
      return text + from(v[i]!, v[i + 1]!, v[i + 2]!);
    case 4:
      return text + from(v[i]!, v[i + 1]!, v[i + 2]!, v[i + 3]!);
    case 5:
      return text + from(v[i]!, v[i + 1]!, v[i + 2]!, v[i + 3]!, v[i + 4]!);
    case 6:
      return text + from(v[i]!, v[i + 1]!, v[i + 2]!, v[i + 3]!, v[i + 4]!, v[i + 5]!);
    default:
      return text + from(v[i]!, v[i + 1]!, v[i + 2]!, v[i + 3]!, v[i + 4]!, v[i + 5]!, v[i + 6]!);
  }
}

function chunkedUnits(view: Uint8Array | Uint16Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i += CHUNK) {
    const part = view.subarray(i, Math.min(end, i + CHUNK));
    text += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return text;
}

function decodeUcs4(heap: Heap, ptr: Ptr, length: number): string {
  const units = new Uint16Array(Math.min(length, CHUNK) * 2);
  const first = ptr >>> 2;
  let text = "";
  for (let i = 0; i < length; i += CHUNK) {
    const stop = Math.min(length, i + CHUNK);
    let n = 0;
    for (let j = i; j < stop; j++) {
      const point = heap.u32[first + j]!;
      if (point > 0xffff) {
        units[n++] = 0xd7c0 + (point >> 10);
        units[n++] = 0xdc00 | (point & 0x3ff);
      } else {
        units[n++] = point;
      }
    }
    text += chunkedUnits(units, 0, n);
  }
  return text;
}

/**
 * The string that C describes by address, length in units and encoding.
 * @throws TooLargeError
 */
export function decodeText(heap: Heap, ptr: Ptr, length: number, kind: number): string {
  if (length <= SURELY_SHORT) return decodeUnits(heap, ptr, length, kind);
  try {
    return decodeUnits(heap, ptr, length, kind);
  } catch (error) {
    throw new TooLargeError(
      `a str of ${length} characters cannot be converted to JavaScript: ${(error as Error).message}`,
    );
  }
}

function decodeUnits(heap: Heap, ptr: Ptr, length: number, kind: number): string {
  switch (kind) {
    case StrKind.ASCII:
    case StrKind.LATIN1:
      if (length <= LOOP_MAX) return loopUnits(heap.u8, ptr, ptr + length);
      if (fast.latin1Slice) return fast.latin1Slice.call(heap.u8, ptr, ptr + length);
      if (kind === StrKind.ASCII) return utf8Decoder.decode(heap.u8.subarray(ptr, ptr + length));
      return chunkedUnits(heap.u8, ptr, ptr + length);
    case StrKind.UTF16: {
      const first = ptr >>> 1;
      if (length <= LOOP_MAX) return loopUnits(heap.u16, first, first + length);
      if (fast.ucs2Slice) return fast.ucs2Slice.call(heap.u8, ptr, ptr + 2 * length);
      return chunkedUnits(heap.u16, first, first + length);
    }
    case StrKind.UCS4:
      return decodeUcs4(heap, ptr, length);
    default:
      return utf8Decoder.decode(heap.u8.subarray(ptr, ptr + length));
  }
}

/** Write a slot's head and its pair of words. */
function writePair(heap: Heap, slot: SlotPtr, head: number, ptr: Ptr, length: number): void {
  const w = slot >>> 2;
  heap.i32[w] = head;
  heap.i32[w + 1] = 0;
  heap.u32[w + 2] = ptr;
  heap.u32[w + 3] = length;
}

function writeUnits(heap: Heap, text: string, at: Ptr): void {
  const first = at >>> 1;
  for (let i = 0; i < text.length; i++) heap.u16[first + i] = text.charCodeAt(i);
}

function isWellFormed(text: string): boolean {
  const method = (text as { isWellFormed?: () => boolean }).isWellFormed;
  return method ? method.call(text) : !/\p{Surrogate}/u.test(text);
}

/** Bytes of frame region that a string may need; 0 when it goes to malloc'ed memory. */
function textRoom(text: string): number {
  const n = text.length;
  return n > FRAME_STRING_MAX ? 0 : n <= LOOP_MAX ? 2 * n : 3 * n;
}

/** A string's bytes as they lie in memory. */
export interface Written {
  kind: number;
  units: number;
  bytes: number;
}
const written: Written = { kind: 0, units: 0, bytes: 0 };

function wrote(kind: number, units: number, bytes: number): Written {
  written.kind = kind;
  written.units = units;
  written.bytes = bytes;
  return written;
}

/**
 * Write a string at an even address that has textRoom() bytes.
 * @returns what was written, in an object that the next call overwrites
 */
export function writeText(heap: Heap, text: string, at: Ptr): Written {
  const n = text.length;
  if (n <= LOOP_MAX) {
    const { u8 } = heap;
    let all = 0;
    for (let i = 0; i < n; i++) {
      const unit = text.charCodeAt(i);
      u8[at + i] = unit;
      all |= unit;
    }
    if (all < 0x80) return wrote(StrKind.ASCII, n, n);
    if (all < 0x100) return wrote(StrKind.LATIN1, n, n);
    writeUnits(heap, text, at);
    return wrote(StrKind.UTF16, n, 2 * n);
  }
  const result = utf8Encoder.encodeInto(text, heap.u8.subarray(at, at + 3 * n));
  if (result.written === n) return wrote(StrKind.ASCII, n, n);
  if (isWellFormed(text)) return wrote(StrKind.UTF8, result.written, result.written);
  // UTF-8 has no form for lone surrogates.
  writeUnits(heap, text, at);
  return wrote(StrKind.UTF16, n, 2 * n);
}

/** Write a STR slot of a short string of Latin-1, as most are; false when it is none or there is no room. */
function encodeShortText(heap: Heap, text: string, slot: SlotPtr): boolean {
  const n = text.length;
  if (n > LOOP_MAX || heap.room < SPARE) return false;
  const at = heap.top;
  const { i32, u8 } = heap;
  let all = 0;
  for (let i = 0; i < n; i++) {
    const unit = text.charCodeAt(i);
    u8[at + i] = unit;
    all |= unit;
  }
  if (all >= 0x100) return false;
  heap.top = at + ((n + 15) & ~15);
  const w = slot >>> 2;
  i32[w] = Tag.STR | ((all < 0x80 ? StrKind.ASCII : StrKind.LATIN1) << 8);
  i32[w + 1] = 0;
  i32[w + 2] = at;
  i32[w + 3] = n;
  return true;
}

/** Write a STR slot whose text lies in the frame region, above everything in use. */
export function encodeText(heap: Heap, text: string, slot: SlotPtr, malloc: Malloc): void {
  if (encodeShortText(heap, text, slot)) return;
  const room = textRoom(text);
  if (text.length > 0 && (room === 0 || room + SPARE > heap.room)) {
    encodeLongText(heap, text, slot, malloc);
    return;
  }
  const at = heap.reserve(room);
  const { kind, units } = writeText(heap, text, at);
  writePair(heap, slot, Tag.STR | (kind << 8), at, units);
}

/** Allocates in C; throws RangeError when memory is exhausted. */
export interface Malloc {
  malloc(bytes: number): Ptr;
  free(ptr: Ptr): void;
}

/** As encodeText, with the text in malloc'ed memory that C frees. */
function encodeLongText(heap: Heap, text: string, slot: SlotPtr, malloc: Malloc): void {
  const n = text.length;
  let at = malloc.malloc(n);
  heap.check();
  const result = utf8Encoder.encodeInto(text, heap.u8.subarray(at, at + n));
  let kind = StrKind.ASCII;
  if (result.read !== n || result.written !== n) {
    malloc.free(at);
    at = malloc.malloc(2 * n);
    heap.check();
    writeUnits(heap, text, at);
    kind = StrKind.UTF16;
  }
  writePair(heap, slot, Tag.STR | ((kind | StrKind.OWNED) << 8), at, n);
}

/** The words of a BigInt in two's complement, least significant first. */
export function bigintWords(value: bigint): Uint32Array {
  const magnitude = (value < 0n ? -value : value).toString(16);
  // One more bit than the magnitude needs, for the sign.
  const count = Math.ceil((magnitude.length * 4 + 1) / 32);
  const words = new Uint32Array(count);
  const hex = BigInt.asUintN(32 * count, value)
    .toString(16)
    .padStart(8 * count, "0");
  for (let i = 0; i < count; i++) {
    const end = hex.length - 8 * i;
    words[i] = Number.parseInt(hex.slice(end - 8, end), 16);
  }
  return words;
}

/** Write a BIGINT slot whose words lie in the frame region or in malloc'ed memory. */
export function encodeBigint(heap: Heap, value: bigint, slot: SlotPtr, malloc: Malloc): void {
  const words = bigintWords(value);
  const bytes = words.length * 4;
  let owned = 0;
  let at: Ptr;
  if (bytes <= FRAME_STRING_MAX && bytes + SPARE <= heap.room) {
    at = heap.reserve(bytes);
  } else {
    at = malloc.malloc(bytes);
    heap.check();
    owned = StrKind.OWNED;
  }
  heap.u32.set(words, at >>> 2);
  writePair(heap, slot, Tag.BIGINT | (owned << 8), at, words.length);
}

/**
 * The BigInt of `count` words of two's complement.
 * @throws TooLargeError
 */
export function decodeBigint(heap: Heap, ptr: Ptr, count: number): bigint {
  const first = ptr >>> 2;
  if (count <= 2) {
    const low = heap.u32[first]!;
    const high = count === 2 ? heap.u32[first + 1]! : 0;
    return BigInt.asIntN(32 * count, (BigInt(high) << 32n) | BigInt(low));
  }
  if (count > MAX_BIGINT_WORDS) throw tooManyBits(count);
  const parts = new Array<string>(count);
  for (let i = 0; i < count; i++) {
    parts[count - 1 - i] = heap.u32[first + i]!.toString(16).padStart(8, "0");
  }
  try {
    return BigInt.asIntN(32 * count, BigInt("0x" + parts.join("")));
  } catch {
    throw tooManyBits(count);
  }
}

function tooManyBits(words: number): TooLargeError {
  return new TooLargeError(
    `an int of ${32 * words} bits cannot be converted to JavaScript: it is too large for a BigInt`,
  );
}

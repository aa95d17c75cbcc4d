/**
 * Memory snapshots: the linear memory of an interpreter that has started, to be put in the place of
 * starting one.
 *
 * A snapshot fits one build only: function pointers are in it, and the modules of one standard
 * library. The file is a header of JSON and the bytes of the segments it lists, one after another.
 */

import type { MemoryLayout } from "../core/core";
import { ADVICE_COPY_AGAIN, RuntimeFileError } from "../host/errors";
import { hasMagic } from "../host/verify";

/** "\0pysnap" and the version of the format. */
const MAGIC = [0x00, 0x70, 0x79, 0x73, 0x6e, 0x61, 0x70, 0x01];
const START = MAGIC.length + 4;
/** Memory is compared by blocks of this size; equal ones are left out. */
const BLOCK = 256;

/** A part of memory: its address and length in bytes. */
type Segment = readonly [address: number, length: number];

interface Header {
  /** Which build it belongs to. */
  readonly build: string;
  /** Size of the memory in bytes. */
  readonly size: number;
  /** Where the heap began; from there on, what is in no segment is zero. */
  readonly heap: number;
  readonly segments: readonly Segment[];
}

type FunctionOfC = (...args: number[]) => number;

/** A snapshot that has been read and checked. */
export class Snapshot {
  private constructor(
    private readonly header: Header,
    private readonly bytes: Uint8Array,
  ) {}

  /** Whether bytes begin as a snapshot. */
  static looksLike(bytes: Uint8Array): boolean {
    return hasMagic(bytes, MAGIC);
  }

  /**
   * Reads a snapshot.
   *
   * @param bytes - the file
   * @param file - its name for messages
   * @param build - the build that it must belong to
   * @throws RuntimeFileError for one that is broken, or belongs to another build
   */
  static read(bytes: Uint8Array, file: string, build: string): Snapshot {
    const header = readHeader(bytes);
    if (header === undefined) {
      throw new RuntimeFileError(file, "is not a memory snapshot, or damaged", ADVICE_COPY_AGAIN);
    }
    if (header.build !== build) {
      throw new RuntimeFileError(file, "belongs to another build", ADVICE_COPY_AGAIN);
    }
    return new Snapshot(header, bytes);
  }

  /**
   * Makes memory what it was; the module has just been instantiated.
   *
   * @param exports - the module's
   * @throws RangeError when there is not enough memory
   */
  restore(memory: { readonly buffer: ArrayBuffer }, exports: WebAssembly.Exports): void {
    const { size, heap, segments } = this.header;
    const [malloc, sbrk] = [exports["malloc"], exports["emscripten_get_sbrk_ptr"]] as FunctionOfC[];
    const heapEnd = (): number => new Uint32Array(memory.buffer, sbrk!() >>> 0, 1)[0]!;
    // Memory that grows at the request of C is seen by all of Emscripten.
    if (size > memory.buffer.byteLength && malloc!(size - heapEnd()) === 0) {
      throw new RangeError(`out of memory: the snapshot needs ${size} bytes`);
    }
    const target = new Uint8Array(memory.buffer);
    // Constructors have used some of the heap.
    target.fill(0, heap, heapEnd());
    let from = this.bytes.length - bytesOf(segments);
    for (const [address, length] of segments) {
      target.set(this.bytes.subarray(from, from + length), address);
      from += length;
    }
  }
}

const bytesOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, [, length]) => sum + length, 0);

function readHeader(bytes: Uint8Array): Header | undefined {
  if (!hasMagic(bytes, MAGIC) || bytes.length < START) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  let header: Header;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(START, START + length))) as Header;
  } catch {
    return undefined;
  }
  const whole = START + length + bytesOf(header.segments);
  return whole === bytes.length ? header : undefined;
}

/**
 * The memory of a running interpreter as a file.
 *
 * @param memory - all of linear memory
 * @param untouched - the memory of a new instance, before and after its constructors have run
 * @param layout - what is where in it
 * @param build - the build that it belongs to
 */
export function takeSnapshot(
  memory: Uint8Array,
  untouched: readonly Uint8Array[],
  layout: MemoryLayout,
  build: string,
): Uint8Array {
  const { stack, heap } = layout;
  const end = Math.min(memory.length, heap.end);
  const segments = [
    ...differences(memory, untouched, 0, Math.min(stack.end, heap.start)),
    ...differences(memory, untouched, stack.base, heap.start),
    ...differences(memory, [new Uint8Array(0)], heap.start, end),
  ];
  const header: Header = { build, size: memory.length, heap: heap.start, segments };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(START + text.length + bytesOf(segments));
  file.set(MAGIC);
  new DataView(file.buffer).setUint32(MAGIC.length, text.length, true);
  file.set(text, START);
  let at = START + text.length;
  for (const [address, length] of segments) {
    file.set(memory.subarray(address, address + length), at);
    at += length;
  }
  return file;
}

/** Runs of blocks in which memory differs from any of the others; what lies behind their end is zero. */
function differences(
  memory: Uint8Array,
  others: readonly Uint8Array[],
  start: number,
  end: number,
): Segment[] {
  const found: [number, number][] = [];
  for (let at = start; at < end; at += BLOCK) {
    const length = Math.min(BLOCK, end - at);
    if (others.every((other) => isSame(memory, other, at, length))) continue;
    const last = found.at(-1);
    if (last !== undefined && last[0] + last[1] === at) last[1] += length;
    else found.push([at, length]);
  }
  return found;
}

function isSame(memory: Uint8Array, other: Uint8Array, start: number, length: number): boolean {
  for (let at = start; at < start + length; at++) {
    if (memory[at] !== (other[at] ?? 0)) return false;
  }
  return true;
}

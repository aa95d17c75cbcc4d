/**
 * Shapes: the sequences of keys that records have in common. One that has been seen before
 * crosses to Python by its number, and C makes the dict as a copy of one that has the keys.
 */
import { TAPE_MAX_SHAPE_SIZE, TAPE_MAX_SHAPES } from "./abi.gen";
import { type Heap } from "./memory";

/** Bound of the keys of all shapes together, and of those that were seen once. */
const MAX_KEYS = 16384;
/** Shapes with the same first key; records that differ in every way have no shape. */
const MAX_ALIKE = 16;
/** Shapes that were seen once. */
const MAX_CANDIDATES = 256;

/** A sequence of keys. */
export class Shape {
  /** Its number; -1 while it has been seen only once. */
  number = -1;
  /** The tape that tells C its keys, until C knows them. */
  tape = 0;
  /** What came after it the last time. */
  next: Shape | undefined;

  constructor(readonly keys: readonly string[]) {}

  matches(keys: readonly unknown[]): boolean {
    const own = this.keys;
    const n = own.length;
    if (keys.length !== n) return false;
    for (let i = 0; i < n; i++) {
      if (own[i] !== keys[i]) return false;
    }
    return true;
  }
}

/** The shapes that one interpreter's tapes have had. */
export class ShapeTable {
  private byFirst = new Map<string, Shape[]>();
  private last = new Shape([]);
  private count = 0;
  private keys = 0;
  private candidates = 0;
  private candidateKeys = 0;
  /** Numbers are given anew at the next chance: at first too, for a snapshot's memory may have others. */
  private full = true;
  /** Tapes that are being written. */
  private writing = 0;
  private tapes = 0;

  /**
   * Begin a tape; end() is due.
   * @returns its number
   */
  begin(heap: Heap): number {
    // Nothing that has a number may be on its way to C when the numbers are given anew.
    if (this.writing++ === 0 && this.full) this.renew(heap);
    return ++this.tapes;
  }

  end(): void {
    this.writing--;
  }

  /** The shape of these keys; undefined when they are new, or not all strings. */
  find(keys: readonly unknown[]): Shape | undefined {
    const { next } = this.last;
    if (next?.matches(keys)) return (this.last = next);
    const found = this.lookUp(keys);
    if (found !== undefined) this.last = this.last.next = found;
    return found;
  }

  /** True when C knows the keys of a shape, or the tape has told them. */
  isKnown(shape: Shape, heap: Heap, tape: number): boolean {
    return shape.tape === tape || heap.u8[heap.knownShapes + shape.number] !== 0;
  }

  private lookUp(keys: readonly unknown[]): Shape | undefined {
    const first = keys[0];
    if (typeof first !== "string" || keys.length > TAPE_MAX_SHAPE_SIZE) return undefined;
    const alike = this.byFirst.get(first);
    const found = alike?.find((shape) => shape.matches(keys));
    if (found === undefined) {
      if (!this.full && keys.every((key) => typeof key === "string")) this.add(first, keys, alike);
      return undefined;
    }
    return found.number >= 0 || this.promote(found) ? found : undefined;
  }

  private add(first: string, keys: readonly string[], alike: Shape[] = []): void {
    const keysThen = this.candidateKeys + keys.length;
    if (this.candidates >= MAX_CANDIDATES || keysThen > MAX_KEYS || alike.length >= MAX_ALIKE) {
      this.dropCandidates();
      return;
    }
    this.candidates++;
    this.candidateKeys = keysThen;
    alike.push(new Shape(keys));
    this.byFirst.set(first, alike);
  }

  /** Give a number to a shape that is seen again; false when there is none left. */
  private promote(shape: Shape): boolean {
    const { length } = shape.keys;
    if (this.count >= TAPE_MAX_SHAPES || this.keys + length > MAX_KEYS) {
      this.full = true;
      return false;
    }
    shape.number = this.count++;
    this.keys += length;
    this.candidates--;
    this.candidateKeys -= length;
    return true;
  }

  private dropCandidates(): void {
    this.candidates = this.candidateKeys = 0;
    for (const [first, alike] of this.byFirst) {
      const kept = alike.filter((shape) => shape.number >= 0);
      if (kept.length > 0) this.byFirst.set(first, kept);
      else this.byFirst.delete(first);
    }
  }

  private renew(heap: Heap): void {
    heap.check();
    heap.u8.fill(0, heap.knownShapes, heap.knownShapes + TAPE_MAX_SHAPES);
    this.byFirst = new Map();
    this.last = new Shape([]);
    this.count = this.keys = this.candidates = this.candidateKeys = 0;
    this.full = false;
  }
}

/**
 * Keys of dicts on their way from Python: short ASCII strings by their content, so that the keys
 * that dicts have in common are decoded, and hashed by JavaScript, once.
 */
import { type Ptr, StrKind } from "./abi.gen";
import { type Heap } from "./memory";
import { decodeText } from "./text";

/** A string has WAYS places, in one of 2 ** SET_BITS sets. */
const SET_BITS = 11;
const WAYS = 4;
const PLACES = WAYS << SET_BITS;
const MAX_WORDS = 4;
const MAX_LENGTH = 4 * MAX_WORDS;
/** No string's length: marks an empty place. */
const EMPTY = 255;

export class KeyCache {
  private readonly texts = new Array<string>(PLACES).fill("");
  private readonly hashes = new Int32Array(PLACES);
  private readonly lengths = new Uint8Array(PLACES).fill(EMPTY);
  private readonly words = new Int32Array(PLACES * MAX_WORDS);
  /** Which place of its set the next string gets. */
  private turn = 0;

  /**
   * The string that C describes by address, length in units and encoding.
   * @param hash Python's hash of it
   */
  get(heap: Heap, ptr: Ptr, length: number, kind: number, hash: number): string {
    if (kind !== StrKind.ASCII || length > MAX_LENGTH || (ptr & 3) !== 0) {
      return decodeText(heap, ptr, length, kind);
    }
    const { i32 } = heap;
    const { hashes } = this;
    const first = ptr >>> 2;
    // Names that differ in a digit have hashes that differ in few bits.
    const set = (Math.imul(hash, 0x9e3779b1) >>> (32 - SET_BITS)) * WAYS;
    for (let place = set; place < set + WAYS; place++) {
      if (hashes[place] === hash && this.matches(place, length, i32, first)) {
        return this.texts[place]!;
      }
    }
    const place = set + (this.turn++ & (WAYS - 1));
    const text = decodeText(heap, ptr, length, kind);
    this.texts[place] = text;
    this.hashes[place] = hash;
    this.lengths[place] = length;
    this.words.set(i32.subarray(first, first + MAX_WORDS), place * MAX_WORDS);
    return text;
  }

  private matches(place: number, length: number, i32: Int32Array, first: number): boolean {
    if (this.lengths[place] !== length) return false;
    const { words } = this;
    let at = first;
    let own = place * MAX_WORDS;
    for (let left = length; left >= 4; left -= 4) {
      if (words[own++] !== i32[at++]) return false;
    }
    // What lies behind the string in its last word does not belong to it.
    const rest = length & 3;
    return rest === 0 || (words[own]! ^ i32[at]!) << (32 - 8 * rest) === 0;
  }
}

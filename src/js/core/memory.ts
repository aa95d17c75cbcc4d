/**
 * Linear memory as JavaScript sees it: typed views that survive growth, and the LIFO region
 * in which JavaScript lays out frames, tapes and short strings for C to read.
 */
import { FRAME_REGION, type Ptr, TAPE_MAX_SHAPES } from "./abi.gen";

export class Heap {
  i32!: Int32Array;
  u32!: Uint32Array;
  u8!: Uint8Array;
  u16!: Uint16Array;
  f64!: Float64Array;
  /** First free byte of the frame region; callers restore it in `finally`. */
  top = 0;
  private base = 0;
  private limit = 0;

  constructor(private readonly memory: WebAssembly.Memory) {
    this.refresh();
  }

  /** Tell where C has reserved the frame region. */
  setRegion(base: Ptr): void {
    this.base = base;
    this.top = base;
    this.limit = base + FRAME_REGION;
  }

  /** Address of TAPE_MAX_SHAPES bytes: which shapes of JavaScript's C knows. */
  get knownShapes(): Ptr {
    return this.limit;
  }

  /** Address of as many words: which versions of C's shapes JavaScript knows. */
  get learntShapes(): Ptr {
    return this.limit + TAPE_MAX_SHAPES;
  }

  /** Number of bytes of the frame region in use; 0 when no call is under way. */
  get used(): number {
    return this.top - this.base;
  }

  /** Make views of the memory as it is; needed after it has grown. */
  refresh(): void {
    const buffer = this.memory.buffer;
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Refresh the views if memory has grown since: do it before reading or writing. */
  check(): void {
    // A detached view has length 0; that is the cheapest way to see that memory has grown.
    if (this.i32.length === 0) this.refresh();
  }

  /** Bytes that are still free in the frame region. */
  get room(): number {
    return this.limit - this.top;
  }

  /**
   * Reserve bytes of the frame region, rounded up to whole slots.
   * @throws RangeError when calls are nested too deeply for the region
   */
  reserve(bytes: number): Ptr {
    const at = this.top;
    const next = at + ((bytes + 15) & ~15);
    if (next > this.limit)
      throw new RangeError(
        "too many nested calls between JavaScript and Python, or arguments of one",
      );
    this.top = next;
    return at;
  }
}

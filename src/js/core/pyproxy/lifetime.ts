/**
 * How long a PyProxy may use its Python object, what happens when that ends, and what an error
 * says to whoever uses it afterwards.
 *
 * A Lifetime is shared by a proxy and its aliases (bind, captureThis, asJsJson). But for those
 * of call arguments it owns one Python reference, given back by hand or by the garbage
 * collector. A life whose object is reachable from nowhere else may sleep, see cycles.ts.
 */
import { type Ptr, SLOT_SIZE, Tag } from "../abi.gen";
import { enter, ProxyKind, type Runtime } from "../runtime";
import { decode } from "../slots";
import { Cycles, type Grip as CycleGrip, type HeapNode, type Sleeper } from "./cycles";
import { noteMade, obituary } from "./provenance";

/** Why a proxy has ended; the first line of the error that its later use throws. */
export const Ended = {
  byUser: "Object has already been destroyed",
  call:
    "This borrowed proxy was automatically destroyed at the end of a function call. " +
    "Try using create_proxy or create_once_callable.",
  parent:
    "This borrowed attribute proxy was automatically destroyed in the process of destroying " +
    "the proxy it was borrowed from. Try using the 'copy' method.",
  iteration:
    "This borrowed proxy was automatically destroyed when an iterator was exhausted. " +
    "Try using the 'copy' method.",
  /** Of an awaitable, which awaiting uses up. */
  awaited: "Object has already been destroyed",
  once: "OnceProxy can only be called once",
} as const;

/** Python's lock is not held: JavaScript was called by an operation that has released it. */
export class NoGilError extends Error {
  constructor() {
    super("Attempted to use a PyProxy while the Python global interpreter lock is not held");
  }
}
Object.defineProperty(NoGilError.prototype, "name", {
  value: "NoGilError",
  configurable: true,
  writable: true,
});

/** How many proxies, copies of each other, share an attribute cache. */
interface Sharers {
  count: number;
}

/** What the finalizer of a Lifetime needs. It must not lead to the Lifetime. */
interface Grip extends CycleGrip {
  readonly rt: Runtime;
  sharers: Sharers | undefined;
  /** Set when the life is told to the registry. */
  sleeper: WeakRef<Sleeper> | undefined;
}

/** What is cached under an attribute's name. */
export interface CachedAttribute {
  readonly life: Lifetime;
  readonly self: object;
}

/** Proxies of attributes that have been read, shared by all copies of a proxy. */
export interface AttributeCache {
  readonly entries: Map<string, CachedAttribute>;
  readonly sharers: Sharers;
}

/** References that finalizers have let go, given back together. */
const pending = new Map<Runtime, Ptr[]>();
let scheduled = false;

function giveBackPending(): void {
  scheduled = false;
  for (const rt of pending.keys()) {
    try {
      release(rt, takePending(rt));
    } catch {
      // Without Python's lock they are pending again; a fatal error has been reported.
    }
  }
}

function postpone(rt: Runtime, ptrs: readonly Ptr[]): void {
  const waiting = pending.get(rt);
  if (waiting === undefined) pending.set(rt, [...ptrs]);
  else waiting.push(...ptrs);
}

function takePending(rt: Runtime): readonly Ptr[] {
  const waiting = pending.get(rt) ?? [];
  pending.delete(rt);
  rt.cycles.forgetDead();
  return waiting;
}

const registry = new FinalizationRegistry<Grip>((grip) => {
  const { rt, ptr, sharers } = grip;
  if (sharers !== undefined) sharers.count--;
  rt.livePyProxies--;
  rt.cycles.remove(grip);
  postpone(rt, [ptr]);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(giveBackPending);
});

/**
 * Lives that are not yet known to the registry, which takes long to tell: many end before the
 * running job does. They are held strongly, so their number is small.
 */
const young: Lifetime[] = [];
const MAX_YOUNG = 64;
let settling = false;

function settleYoung(): void {
  settling = false;
  for (const life of young) life.settle(registry);
  young.length = 0;
}

/** Add to the young. Returns the place. */
function addYoung(life: Lifetime): number {
  if (young.length === MAX_YOUNG) settleYoung();
  if (!settling) {
    settling = true;
    queueMicrotask(settleYoung);
  }
  return young.push(life) - 1;
}

/** Take from the young, whose last one moves to the free place. */
function removeYoung(place: number): void {
  const last = young.pop()!;
  if (place === young.length) return;
  young[place] = last;
  last.moveYoung(place);
}

/** Addresses that fit into one frame. */
const RELEASE_CHUNK = 4096;

/**
 * Give references back to Python. Finalizers of Python objects run in here.
 * @throws NoGilError when Python's lock is not held; the references are given back later
 */
export function release(rt: Runtime, given: readonly Ptr[]): void {
  // A poisoned interpreter has nothing to free.
  if (rt.fatal.poisoned) return;
  const ptrs = pending.size === 0 ? given : [...given, ...takePending(rt)];
  const { heap } = rt;
  for (let done = 0; done < ptrs.length; done += RELEASE_CHUNK) {
    const more = Math.min(ptrs.length - done, RELEASE_CHUNK) - 1;
    const top = heap.top;
    const out = heap.reserve(SLOT_SIZE + 4 * more);
    const frame = out + SLOT_SIZE;
    try {
      heap.check();
      for (let i = 0; i < more; i++) heap.u32[(frame >>> 2) + i] = ptrs[done + 1 + i]!;
      enter(rt, rt.exports.pyx_decref, ptrs[done]!, 0, frame, more, out, null, null, null, null);
      heap.check();
      if (heap.u8[out] === Tag.ERR) {
        postpone(rt, ptrs.slice(done));
        throw new NoGilError();
      }
    } finally {
      heap.top = top;
    }
  }
}

const HINT = "For more information about the cause of this error, use `pyodide.setDebug(true)`";

/** What finds cycles through both heaps for a runtime. */
export function makeCycles(rt: Runtime): Cycles {
  const cycles = new Cycles(rt);
  cycles.prepare = () => {
    settleYoung();
    giveBackPending();
  };
  return cycles;
}

export class Lifetime implements Sleeper {
  /** Address of the Python object; 0 when the life is over or sleeps. */
  private ptr: Ptr;
  /** What a sleeping life holds instead of its object's JsProxies. */
  private node: HeapNode | undefined = undefined;
  cache: AttributeCache | undefined = undefined;
  /** The promise of an awaitable that has been scheduled; it outlives the object. */
  promise: Promise<unknown> | undefined = undefined;
  private grip: Grip | undefined = undefined;
  /** Place among the young, or -1 for a life that the registry knows. */
  private youngPlace = -1;
  private message: string = Ended.byUser;
  private detail: string = HINT;

  /**
   * @param ptr the object: its reference is taken over, but for the kind Call
   * @param roundtrip Python gets the proxy itself and not the object when it comes back
   */
  constructor(
    readonly rt: Runtime,
    ptr: Ptr,
    readonly kind: ProxyKind,
    readonly roundtrip: boolean,
  ) {
    this.ptr = ptr;
    rt.livePyProxies++;
    if (kind !== ProxyKind.Call) this.own();
    if (rt.options.debug) noteMade(this);
  }

  /** From here on a reference belongs to this life. */
  private own(): void {
    const sharers = this.cache?.sharers;
    this.grip = { rt: this.rt, ptr: this.ptr, sharers, sleeper: undefined, place: -1 };
    this.youngPlace = addYoung(this);
  }

  /** Tell the registry, which lets the collector end the life. */
  settle(into: FinalizationRegistry<Grip>): void {
    const grip = this.grip!;
    this.youngPlace = -1;
    grip.sleeper = new WeakRef(this);
    into.register(this, grip, this);
    this.rt.cycles.add(grip);
  }

  sleep(node: HeapNode): void {
    this.node = node;
    this.ptr = 0;
  }

  wake(): Ptr {
    const { node } = this;
    if (node !== undefined) {
      this.node = undefined;
      this.ptr = this.grip!.ptr;
      this.rt.cycles.wake(node);
    }
    return this.ptr;
  }

  /** True when the life is over. */
  get over(): boolean {
    return this.ptr === 0 && this.node === undefined;
  }

  /** Address of the Python object; 0 when the life is over. Wakes a life that sleeps. */
  get address(): Ptr {
    return this.ptr !== 0 ? this.ptr : this.wake();
  }

  /** Take back what settle() has done. */
  private unsettle(): void {
    registry.unregister(this);
    this.rt.cycles.remove(this.grip!);
  }

  /** Note another place among the young. */
  moveYoung(place: number): void {
    this.youngPlace = place;
  }

  /** True when the life owns a reference. */
  get owned(): boolean {
    return this.grip !== undefined;
  }

  /** The object's address. @throws Error when the life is over */
  use(): Ptr {
    const ptr = this.address;
    if (ptr === 0) throw this.ended();
    return ptr;
  }

  /** The error for using the object after the end. */
  ended(): Error {
    return new Error(`${this.message}\n${this.detail}`);
  }

  /** Take a reference for a call argument that must outlive its call. */
  extend(): void {
    if (this.address === 0 || this.owned) return;
    this.incref();
    this.own();
  }

  /** Take one more reference to the object, for somebody else. */
  incref(): Ptr {
    const { rt } = this;
    const ptr = this.use();
    const { heap } = rt;
    const top = heap.top;
    const out = heap.reserve(SLOT_SIZE);
    try {
      const ref = enter(rt, rt.exports.pyx_incref, ptr, 0, 0, 0, out, null, null, null, null);
      heap.check();
      if (heap.u8[out] === Tag.ERR) decode(rt, out, ref, ProxyKind.Owned);
      return ptr;
    } finally {
      heap.top = top;
    }
  }

  /** The cache, made when it is first needed. */
  attributes(): AttributeCache {
    if (this.cache === undefined) {
      this.share({ entries: new Map(), sharers: { count: 0 } });
    }
    return this.cache!;
  }

  /** Use another proxy's cache. */
  share(cache: AttributeCache): void {
    this.cache = cache;
    cache.sharers.count++;
    if (this.grip !== undefined) this.grip.sharers = cache.sharers;
  }

  /** End the life, and those of cached attributes with the last that shares them. */
  end(message: string): void {
    if (this.address === 0) return;
    const doomed: Ptr[] = [];
    this.detach(message, doomed);
    if (doomed.length > 0) release(this.rt, doomed);
  }

  /** End the life but leave the references that it owned, for release(), in `doomed`. */
  detach(message: string, doomed: Ptr[]): void {
    const { rt, address: ptr } = this;
    if (ptr === 0) return;
    const detail = rt.options.debug && !rt.fatal.poisoned ? obituary(this) : HINT;
    // Describing runs Python code, which may have come back to here.
    if (this.ptr === 0) return;
    this.ptr = 0;
    rt.endedLives++;
    this.message = message;
    this.detail = detail;
    rt.livePyProxies--;
    if (this.grip !== undefined) {
      if (this.youngPlace < 0) this.unsettle();
      else removeYoung(this.youngPlace);
      this.grip = undefined;
      doomed.push(ptr);
    }
    const { cache } = this;
    this.cache = undefined;
    if (cache !== undefined && --cache.sharers.count === 0) {
      for (const { life } of cache.entries.values()) life.detach(Ended.parent, doomed);
    }
  }
}

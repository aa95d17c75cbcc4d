/**
 * Reference cycles through both heaps: JavaScript's half.
 *
 * A Python object that holds a JsProxy of something that holds a PyProxy of that object is kept
 * alive by both sides. Python's half (src/core/cycles.c) says which JsProxies are reached only
 * through PyProxies, and how. Their handles are then made weak, and each PyProxy that leads to
 * them falls asleep: it holds nodes that mirror Python's references, and with them the values.
 * So JavaScript's collector sees the cycle and can end it; the finalizers of the PyProxies then
 * give their references back, and Python frees the objects.
 *
 * Python can reach a sleeping object only by using a PyProxy that leads to it or by a weak
 * reference. Both wake it first: all handles that it reaches become strong again. The next search
 * starts from there. What JavaScript's collector has ended, but whose finalizers have not run yet,
 * is dead for Python too: its weak references lead nowhere.
 */
import { type Ptr, type Pyx, SLOT_SIZE } from "../abi.gen";
import { enter, type Runtime } from "../runtime";

/** One Python object that leads to JsProxies, as JavaScript's collector sees it. */
export class HeapNode {
  asleep = true;
  /** The objects that it refers to. */
  readonly edges: HeapNode[] = [];
  /** The values of its handles, if it is a JsProxy. */
  readonly values: unknown[] = [];

  /**
   * @param address of the object
   * @param handles the weak handles that lead to `values`
   */
  constructor(
    readonly address: Ptr,
    readonly handles: number[] = [],
  ) {}
}

/** A life that owns a reference and that the collector may end. */
export interface Sleeper {
  /** Let the node hold what the object's JsProxies hold. */
  sleep(node: HeapNode): void;
  /** The object's address, after the handles that it reaches have become strong; 0: it is over. */
  wake(): Ptr;
}

/** One reference that JavaScript owns: where it leads and, weakly, whose it is. */
export interface Grip {
  readonly ptr: Ptr;
  readonly sleeper: WeakRef<Sleeper> | undefined;
  /** Its place among the references that are searched from. */
  place: number;
}

/** So many more references than after the last search bring about the next one. */
const MIN_GROWTH = 1024;

/** What a JsProxy leads to whose value was collected, for finalizers that still use it. */
const COLLECTED: object = new Proxy(() => undefined, {
  ...Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((trap) => [
      trap,
      () => {
        throw new ReferenceError(
          "this JavaScript object has been collected together with the Python object that held it",
        );
      },
    ]),
  ),
});

function weakRefOf(value: unknown): WeakRef<object> | undefined {
  try {
    return new WeakRef(value as object);
  } catch {
    // A registered symbol: it refers to nothing, so that it is in no cycle.
    return undefined;
  }
}

export class Cycles {
  private readonly grips: Grip[] = [];
  /** Sleeping objects with weak references. */
  private readonly watched = new Map<Ptr, WeakRef<HeapNode>>();
  private requested = false;
  private limit = MIN_GROWTH;
  /** Brings everything else up to date before a search; set by lifetime.ts. */
  prepare: () => void = () => undefined;

  constructor(private readonly rt: Runtime) {}

  /** Note a reference that JavaScript owns for longer than the running job. */
  add(grip: Grip): void {
    grip.place = this.grips.push(grip) - 1;
    if (this.grips.length >= this.limit) this.request();
  }

  /** Forget a reference that is given back. */
  remove(grip: Grip): void {
    const last = this.grips.pop()!;
    if (last === grip) return;
    this.grips[grip.place] = last;
    last.place = grip.place;
  }

  /** Search when the running job is done. */
  request(): void {
    if (this.requested) return;
    this.requested = true;
    queueMicrotask(() => {
      this.requested = false;
      this.search();
    });
  }

  /** Make the handles strong that are reached from a node. */
  wake(node: HeapNode): void {
    const { rt } = this;
    const strengthen = rt.exports.pyx_handle_strengthen;
    const waiting = [node];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (!next.asleep) continue;
      next.asleep = false;
      this.watched.delete(next.address);
      next.handles.forEach((handle, i) => {
        enter(rt, strengthen, handle, 0, 0, 0, 0, next.values[i], null, null, null);
      });
      waiting.push(...next.edges);
    }
  }

  /** A weak reference to the object at `address` is followed. False when it is dead. */
  wakeWatched(address: Ptr): boolean {
    const weak = this.watched.get(address);
    if (weak === undefined) return true;
    const node = weak.deref();
    if (node === undefined) return false;
    this.wake(node);
    return true;
  }

  /** The value that a weak handle leads to. */
  valueOfWeak(weak: unknown): unknown {
    return (weak as WeakRef<object>).deref() ?? COLLECTED;
  }

  /** Forget objects that are about to be freed: others may come to lie at their addresses. */
  forgetDead(): void {
    for (const [address, weak] of this.watched) {
      if (weak.deref() === undefined) this.watched.delete(address);
    }
  }

  private search(): void {
    const { rt } = this;
    // Something of the bridge is under way, and its objects are held by nothing but their addresses.
    if (rt.fatal.poisoned || rt.heap.used !== 0) return;
    this.prepare();
    for (const { sleeper } of this.grips) sleeper?.deref()?.wake();
    this.watched.clear();
    const nodes = this.findNodes();
    for (const { ptr, sleeper } of this.grips) {
      const node = nodes.get(ptr);
      if (node !== undefined) sleeper?.deref()?.sleep(node);
    }
    this.limit = 2 * this.grips.length + MIN_GROWTH;
  }

  /** Ask Python for the nodes, by address, and make their handles weak. */
  private findNodes(): ReadonlyMap<Ptr, HeapNode> {
    const { rt } = this;
    const { heap } = rt;
    const list = rt.malloc(4 * this.grips.length + 4);
    const out = heap.reserve(SLOT_SIZE);
    try {
      heap.check();
      let at = list >>> 2;
      for (const { ptr } of this.grips) heap.u32[at++] = ptr;
      const find = rt.exports.pyx_cycles_find;
      enter(rt, find, list, 0, 0, this.grips.length, out, null, null, null, null);
      heap.check();
      const answer = heap.u32[(out >>> 2) + 2]!;
      if (answer === 0) return new Map();
      try {
        return this.readNodes(answer);
      } finally {
        rt.free(answer);
      }
    } finally {
      heap.top = out;
      rt.free(list);
    }
  }

  private readNodes(answer: Ptr): ReadonlyMap<Ptr, HeapNode> {
    const words = this.rt.heap.u32;
    let at = answer >>> 2;
    const nodes: HeapNode[] = [];
    const starts: number[] = [];
    for (let more = words[at++]!; more > 0; more--) {
      const node = new HeapNode(words[at]!);
      if (words[at + 3] !== 0) this.watched.set(node.address, new WeakRef(node));
      nodes.push(node);
      starts.push(at);
      at += 5 + words[at + 4]!;
    }
    nodes.forEach((node, i) => {
      const start = starts[i]!;
      const edges = words.subarray(start + 5, start + 5 + words[start + 4]!);
      for (const place of edges) node.edges.push(nodes[place]!);
    });
    // From here on C is entered, and the view must not be used.
    const handles = starts.map((start) => [words[start + 1]!, words[start + 2]!]);
    nodes.forEach((node, i) => {
      for (const handle of handles[i]!) if (handle !== 0) this.weaken(node, handle);
    });
    return new Map(nodes.map((node) => [node.address, node]));
  }

  /** Let the node hold the value of a handle, instead of the handle. */
  private weaken(node: HeapNode, handle: number): void {
    const { rt } = this;
    const call = (f: Pyx, value: unknown): unknown =>
      enter(rt, f, handle, 0, 0, 0, 0, value, null, null, null);
    const value = call(rt.exports.pyx_handle_read, null);
    const weak = weakRefOf(value);
    if (weak === undefined || value === COLLECTED) return;
    node.handles.push(handle);
    node.values.push(value);
    call(rt.exports.pyx_handle_weaken, weak);
  }
}

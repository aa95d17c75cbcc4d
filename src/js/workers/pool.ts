/** Several workers that share the work. */

import { WorkerError } from "./errors";
import type { WorkerOptions } from "./options";
import { transfer } from "./packing";
import { callByValue, release, type RemoteObject } from "./remote";
import { type PyodideWorker, startWorker } from "./start";

/** Options of {@link startPool}. */
export interface PoolOptions extends WorkerOptions {
  /** Number of workers. Default: the processors of the machine, at most 4. */
  size?: number | undefined;
  /** Python code that each worker runs first: imports and functions. May use `await`. */
  setup?: string | undefined;
}

/** Options of {@link WorkerPool.map}. */
export interface MapOptions<T> {
  /** What of an item is moved to the worker, not copied: `(item) => [item.buffer]`. */
  transfer?: ((item: T) => Transferable[]) | undefined;
}

const MOST_BY_DEFAULT = 4;

interface Slot {
  worker: Promise<PyodideWorker>;
  functions: Map<string, RemoteObject>;
}

/** Workers that run one function at a time each. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #slots: Slot[];
  readonly #free: Slot[];
  readonly #waiting: ((slot: Slot) => void)[] = [];
  #terminated = false;

  /** @internal */
  constructor(options: PoolOptions, size: number) {
    this.#options = options;
    this.#slots = Array.from({ length: size }, () => this.#fill());
    this.#free = [...this.#slots];
  }

  /** Number of workers. */
  get size(): number {
    return this.#slots.length;
  }

  /** @internal Resolves when all workers run. */
  async started(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.worker));
  }

  /**
   * Calls a Python function with one argument after the other, in whatever workers are free.
   *
   * @param name - of a global variable, or of a function in a module: `"math.sqrt"`
   * @param items - the arguments; copied, or moved as `options.transfer` says
   * @returns the results in the order of the items, copied: dicts become objects, buffers typed arrays
   * @throws the first error of the function; no further items are started then
   * @throws WorkerError if a worker ends while it runs the function; the pool starts another
   */
  async map<T>(name: string, items: Iterable<T>, options: MapOptions<T> = {}): Promise<any[]> {
    const list = [...items];
    const results = new Array<unknown>(list.length);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < list.length) {
        const at = next++;
        try {
          results[at] = await this.#call(name, list[at]!, options);
        } catch (error) {
          next = list.length;
          throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.size, list.length) }, work));
    return results;
  }

  /**
   * Gives a function a worker of its own for as long as it runs.
   *
   * @param use - gets the worker; what it returns is the result
   */
  async use<R>(use: (worker: PyodideWorker) => R | Promise<R>): Promise<R> {
    return this.#withSlot(async ({ worker }) => use(await worker));
  }

  /** Ends all workers. What waits for them is rejected with a WorkerError. */
  terminate(): void {
    this.#terminated = true;
    for (const { worker } of this.#slots) {
      worker.then(
        (running) => running.terminate(),
        () => {},
      );
    }
  }

  #call<T>(name: string, item: T, options: MapOptions<T>): Promise<unknown> {
    return this.#withSlot(async (slot) => {
      const f = await functionOf(slot, name);
      const moved = options.transfer?.(item) ?? [];
      return callByValue(f, [moved.length > 0 ? transfer(item as object, moved) : item]);
    });
  }

  async #withSlot<R>(use: (slot: Slot) => Promise<R>): Promise<R> {
    if (this.#terminated) throw new WorkerError("terminated", "The pool was terminated.");
    const slot = this.#free.pop() ?? (await new Promise<Slot>((get) => this.#waiting.push(get)));
    try {
      return await use(slot);
    } catch (error) {
      if (error instanceof WorkerError && !this.#terminated) Object.assign(slot, this.#fill());
      throw error;
    } finally {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#free.push(slot);
      else waiting(slot);
    }
  }

  #fill(): Slot {
    const worker = this.#start();
    // Who uses the slot is told.
    worker.catch(() => {});
    return { worker, functions: new Map() };
  }

  async #start(): Promise<PyodideWorker> {
    const { size: _, setup, ...options } = this.#options;
    const worker = await startWorker(options);
    try {
      if (this.#terminated) throw new WorkerError("terminated", "The pool was terminated.");
      if (setup !== undefined) release(await worker.run(setup));
      return worker;
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }
}

async function functionOf({ worker, functions }: Slot, name: string): Promise<RemoteObject> {
  let f = functions.get(name);
  if (f === undefined) {
    f = (await (await worker).pyodide["pyimport"](name)) as RemoteObject;
    functions.set(name, f);
  }
  return f;
}

function defaultSize(): number {
  // Node.js 20 has no navigator.
  const { navigator } = globalThis as { navigator?: Navigator };
  return Math.min(navigator?.hardwareConcurrency ?? 1, MOST_BY_DEFAULT);
}

/**
 * Starts several workers, each with a Python interpreter.
 *
 * @param options - of the workers, their number, and code that each runs first
 * @throws TypeError for wrong options
 * @throws what `startWorker` throws, or PythonError if `setup` raises; no worker is left then
 */
export async function startPool(options: PoolOptions = {}): Promise<WorkerPool> {
  const { size = defaultSize(), setup } = options;
  if (!Number.isInteger(size) || size < 1) {
    throw new TypeError("startPool: option 'size' must be a positive integer");
  }
  if (setup !== undefined && typeof setup !== "string") {
    throw new TypeError("startPool: option 'setup' must be a string of Python code");
  }
  const pool = new WorkerPool(options, size);
  try {
    await pool.started();
  } catch (error) {
    pool.terminate();
    throw error;
  }
  return pool;
}

/** The worker's half: an interpreter, the objects that it keeps for the page, and the page's functions. */

import * as Comlink from "comlink";
import type { PyodideAPI } from "../api/api";
import type { PyCallable, PyProxy } from "../api/ffi";
import { loadPyodide } from "../pyodide";
import { packError, unpackError } from "./errors";
import { type Answer, SharedInput } from "./input";
import { Keeper, Releaser } from "./keeper";
import { pack, type Packer, transfer, unpack, type Unpacker } from "./packing";
import {
  type Id,
  type Outcome,
  type Packed,
  type PageService,
  type Path,
  ROOT,
  type StartRequest,
  type WorkerEvent,
  type WorkerService,
} from "./protocol";
import { OutputText } from "./output";

type Dict = Record<string, unknown>;
type Func = (...args: unknown[]) => unknown;

const canSwitchStacks = "Suspending" in WebAssembly && "promising" in WebAssembly;
/** The ways to call a Python object with keywords; each is done on a stack of its own. */
const KEYWORD_CALLS: Record<string, { kwargs: boolean; relaxed: boolean }> = {
  callKwargs: { kwargs: true, relaxed: false },
  callKwargsRelaxed: { kwargs: true, relaxed: true },
  callRelaxed: { kwargs: false, relaxed: true },
};

/** An iterator that the page asks for one item after another. */
class Cursor {
  constructor(readonly iterator: Iterator<unknown> | AsyncIterator<unknown>) {}
}

/** Serves one page. */
export class Interpreter {
  #api: PyodideAPI | undefined;
  readonly #page: Comlink.Remote<PageService>;
  readonly #send: (event: WorkerEvent) => void;
  readonly #kept = new Keeper<object>();
  /** The page's functions, each with its number there. */
  readonly #callbacks = new WeakMap<object, Id>();
  readonly #releaser: Releaser;
  #signals: Int32Array = new Int32Array(1);
  /** Calls that have not ended. */
  #running = 0;
  #input: SharedInput | undefined;
  /** Makes Python write what it holds back. */
  #flush: Func | undefined;
  readonly #output = new OutputText((stream, text) =>
    this.#send({ event: "output", stream, text }),
  );

  /**
   * @param page - what the page offers
   * @param send - sends an event to it
   */
  constructor(page: Comlink.Remote<PageService>, send: (event: WorkerEvent) => void) {
    this.#page = page;
    this.#send = send;
    this.#releaser = new Releaser((ids) => void page.release(ids));
  }

  /** What the page may ask for. */
  readonly service: WorkerService = {
    start: (request) => this.#answer(() => this.#start(request)),
    get: (id, path) => this.#answer(() => this.#resolve(id, path), true),
    set: (id, path, value) => this.#answer(() => this.#set(id, path, value)),
    call: (id, path, args, byValue) => this.#answer(() => this.#call(id, path, args, byValue)),
    iterate: (id, path) => this.#answer(() => this.#iterate(id, path)),
    next: (id) => this.#answer(() => this.#next(id), true),
    release: async (ids) => ids.forEach((id) => this.#release(id)),
    count: async () => this.#kept.size,
  };

  /** A signal for Python, from a page that shares no memory. */
  signal(number: number): void {
    if (this.#running > 0) this.#signals[0] = number;
  }

  async #start(request: StartRequest): Promise<undefined> {
    const { load, answersInput, signals, input, watchProgress } = request;
    if (signals !== undefined) this.#signals = new Int32Array(signals);
    if (input !== undefined) this.#input = new SharedInput(input);
    const api = await loadPyodide({
      ...load,
      stdout: (line) => this.#output.line("stdout", line),
      stderr: (line) => this.#output.line("stderr", line),
      ...(watchProgress && {
        onProgress: (progress) => this.#send({ event: "progress", progress }),
      }),
    });
    api.setStdout({ write: (bytes) => this.#output.write("stdout", bytes) });
    api.setStderr({ write: (bytes) => this.#output.write("stderr", bytes) });
    api.setInterruptBuffer(this.#signals);
    this.#api = api;
    const module = api.pyimport("_pyodide._worker") as PyProxy;
    const ask = this.#input === undefined ? this.#askLater : this.#askNow;
    (module["install"] as Func)(answersInput ? ask : undefined);
    const bootstrap = api.pyimport("_pyodide._bootstrap") as PyProxy;
    this.#flush = bootstrap.getProxy("flush_streams") as Func;
    return undefined;
  }

  /** Asks the page for a line, and sleeps until it is there. */
  readonly #askNow = (): string | undefined => {
    const prompt = this.#output.lastLine;
    const ask = (turn: number): void => this.#send({ event: "input", turn, prompt });
    const answer: Answer = this.#input!.read(ask, () => Atomics.load(this.#signals, 0) !== 0);
    switch (answer.kind) {
      case "line":
        return answer.text;
      case "end":
        return undefined;
      case "error":
        throw answer.error;
      case "interrupted":
        this.#api!.checkInterrupt();
        // A handler of Python's may have done something else than raise.
        return this.#askNow();
    }
  };

  /** Asks the page for a line; Python waits for the promise. */
  readonly #askLater = Object.assign(
    async (): Promise<unknown> => this.#received(await this.#page.input(this.#output.lastLine)),
    { waits: true },
  );

  /** Runs a request; `borrowed` says that Python objects in the result are somebody else's. */
  async #answer(run: () => unknown, borrowed = false): Promise<Outcome> {
    try {
      const { packed, list } = pack(await run(), this.#packer(borrowed));
      return Comlink.transfer({ result: packed }, list);
    } catch (error) {
      return { error: packError(error) };
    }
  }

  /** What the page has answered. */
  #received(outcome: Outcome): unknown {
    if ("error" in outcome) throw unpackError(outcome.error);
    return unpack(outcome.result, this.#unpacker(true));
  }

  #isPython(value: unknown): value is PyProxy {
    return this.#api !== undefined && value instanceof this.#api.ffi.PyProxy;
  }

  #packer(borrowed: boolean): Packer {
    return {
      refer: (value) => {
        const callback = this.#callbacks.get(value);
        if (callback !== undefined) return { owner: "receiver", id: callback };
        if (this.#isPython(value)) {
          return { owner: "sender", id: this.#kept.keep(borrowed ? value.copy() : value) };
        }
        if (this.#api !== undefined && value instanceof this.#api.ffi.PyBufferView) {
          throw new TypeError(
            "A view of the worker's memory cannot be sent. Use toJs() instead of getBuffer().",
          );
        }
        const keep = typeof value === "function" || value instanceof Cursor;
        return keep ? { owner: "sender", id: this.#kept.keep(value) } : undefined;
      },
    };
  }

  /** `copies`: what is returned to Python is used up, so it gets a proxy of its own. */
  #unpacker(copies: boolean): Unpacker {
    return {
      resolve: (owner, id) => {
        if (owner === "sender") return this.#callback(id);
        const value = this.#object(id);
        return copies && this.#isPython(value) ? value.copy() : value;
      },
    };
  }

  /** A function of the page, which gives a promise. */
  #callback(id: Id): Func {
    const callback = async (...args: unknown[]): Promise<unknown> => {
      const { packed, list } = pack(args, this.#packer(true));
      return this.#received(await this.#page.call(id, Comlink.transfer(packed, list)));
    };
    this.#callbacks.set(callback, id);
    this.#releaser.watch(callback, id);
    return callback;
  }

  #object(id: Id): object {
    if (id !== ROOT) return this.#kept.get(id);
    if (this.#api === undefined) throw new Error("The interpreter has not started.");
    return this.#api;
  }

  #resolve(id: Id, path: Path): unknown {
    let value: unknown = this.#object(id);
    path.forEach((name, i) => {
      if (value === undefined || value === null) {
        throw new TypeError(`There is no ${path.slice(0, i).join(".")} that could have '${name}'.`);
      }
      value = (value as Dict)[name];
    });
    return value;
  }

  #set(id: Id, path: Path, value: Packed): undefined {
    const owner = this.#resolve(id, path.slice(0, -1)) as Dict;
    owner[path.at(-1)!] = unpack(value, this.#unpacker(false));
    return undefined;
  }

  async #call(id: Id, path: Path, packed: Packed, byValue: boolean): Promise<unknown> {
    const args = unpack(packed, this.#unpacker(false)) as unknown[];
    const owner = path.length === 0 ? undefined : this.#resolve(id, path.slice(0, -1));
    const f = this.#resolve(id, path);
    if (typeof f !== "function") {
      const name = path.length === 0 ? "The object" : path.join(".");
      throw new TypeError(`${name} is ${f === undefined ? "missing" : "not callable"}.`);
    }
    let result: unknown;
    this.#running++;
    try {
      result = await this.#apply(owner, f as Func, path.at(-1), args);
    } finally {
      // A signal that came too late must not meet the next call.
      if (--this.#running === 0) Atomics.store(this.#signals, 0, 0);
      this.#flush?.();
    }
    if (byValue) return this.#toValue(result);
    if (path.at(-1) === "toJs" && this.#isBuffer(owner)) markBuffers(result);
    return result;
  }

  #apply(owner: unknown, f: Func, name: string | undefined, args: unknown[]): unknown {
    if (!canSwitchStacks) return Reflect.apply(f, owner, args);
    if (this.#isPython(f)) return (f as unknown as PyCallable).callPromising(...args);
    const way = name !== undefined && Object.hasOwn(KEYWORD_CALLS, name) && KEYWORD_CALLS[name];
    if (way && this.#isPython(owner)) {
      return (owner as PyCallable).callWithOptions({ ...way, promising: true }, ...args);
    }
    return Reflect.apply(f, owner, args);
  }

  #isBuffer(value: unknown): boolean {
    return value instanceof this.#api!.ffi.PyBuffer;
  }

  /** A copy without Python objects, which are destroyed; buffers in it are moved. */
  #toValue(result: unknown): unknown {
    if (this.#isPython(result)) {
      try {
        const value: unknown = result.toJs({ create_pyproxies: false });
        if (this.#isBuffer(result)) markBuffers(value);
        return value;
      } finally {
        result.destroy();
      }
    }
    return Array.isArray(result) ? result.map((item) => this.#toValue(item)) : result;
  }

  #iterate(id: Id, path: Path): Cursor {
    const value = this.#resolve(id, path) as Dict & {
      [Symbol.asyncIterator]?: () => AsyncIterator<unknown>;
      [Symbol.iterator]?: () => Iterator<unknown>;
    };
    if (typeof value?.[Symbol.asyncIterator] === "function") {
      return new Cursor(value[Symbol.asyncIterator]!());
    }
    if (typeof value?.[Symbol.iterator] === "function") {
      return new Cursor(value[Symbol.iterator]!());
    }
    throw new TypeError("The object is not iterable.");
  }

  async #next(id: Id): Promise<[done: boolean, value: unknown]> {
    const { done = false, value } = await (this.#object(id) as Cursor).iterator.next();
    return [done, value];
  }

  #release(id: Id): void {
    const value = this.#kept.drop(id);
    if (value instanceof Cursor) void value.iterator.return?.();
    else if (this.#isPython(value)) value.destroy();
  }
}

/** Marks the typed arrays that a conversion has just made for moving. */
function markBuffers(value: unknown): void {
  if (Array.isArray(value)) value.forEach(markBuffers);
  else if (ArrayBuffer.isView(value)) transfer(value, [value.buffer as ArrayBuffer]);
}

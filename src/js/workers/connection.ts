/** The page's half of one worker: requests, events, the page's functions that Python holds, and the end. */

import * as Comlink from "comlink";
import { deferred } from "./deferred";
import { createWorker, type HostWorker, inNode, onEvent, watchWorker } from "./endpoint";
import { outcomeOf, unpackError, WorkerError } from "./errors";
import { InputAnswers, makeInputMemory } from "./input";
import { Keeper, Releaser } from "./keeper";
import type { WorkerOptions } from "./options";
import { pack, type Packer, unpack, type Unpacker } from "./packing";
import {
  type Outcome,
  type PageService,
  ROOT,
  type WorkerEvent,
  type WorkerService,
} from "./protocol";
import { type Anchor, idOf, makeRemote, type RemoteObject, type Remotes, targetOf } from "./remote";

type Func = (...args: unknown[]) => unknown;

const SIGINT = 2;
/** Text of Comlink for a result that structured cloning refuses. */
const UNSERIALIZABLE = "Unserializable return value";
const canShareMemory =
  typeof SharedArrayBuffer === "function" && (inNode || globalThis.crossOriginIsolated === true);

/** A worker, from its start to its end. */
export class Connection implements Remotes {
  readonly #options: WorkerOptions;
  #worker: HostWorker | undefined;
  #remote: Comlink.Remote<WorkerService> | undefined;
  #running = false;
  /** What has ended it: an error in most cases, and what the caller's signal says. */
  #end: unknown;
  readonly #rejects = new Set<(error: unknown) => void>();
  readonly #ends: (() => void)[] = [];
  readonly #functions = new Keeper<Func>();
  readonly #releaser = new Releaser((ids) => {
    if (this.#end === undefined) void this.#remote?.release(ids);
  });
  readonly #signals = canShareMemory ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
  readonly #inputMemory: SharedArrayBuffer | undefined;
  readonly #input: InputAnswers | undefined;

  /** @param options - of the caller, checked */
  constructor(options: WorkerOptions) {
    this.#options = options;
    if (canShareMemory) {
      this.#inputMemory = makeInputMemory();
      this.#input = new InputAnswers(this.#inputMemory);
    }
  }

  /** True if signals reach Python while it is busy. */
  get sharesMemory(): boolean {
    return this.#signals !== undefined;
  }

  /**
   * Starts worker and interpreter.
   * @param opened - called when Python runs
   * @param failed - called with a WorkerError, or with what `loadPyodide` throws in the worker
   */
  open(opened: () => void, failed: (error: unknown) => void): void {
    this.#rejects.add(failed);
    this.#open()
      .then(opened, failed)
      .finally(() => this.#rejects.delete(failed));
  }

  async #open(): Promise<void> {
    const { signal, worker: make } = this.#options;
    this.#endWith(signal);
    const died = (why: string, cause?: unknown): void => this.#died(why, cause);
    const alive = deferred<string | undefined>();
    try {
      this.#worker = make === undefined ? await createWorker(died) : watchWorker(make(), died);
      if (this.#end !== undefined) throw this.#end;
      const { endpoint } = this.#worker;
      onEvent<WorkerEvent>(endpoint, (event) => {
        if (event.event === "alive") alive.resolve(event.lock);
        else this.#handle(event);
      });
      Comlink.expose(this.#service, endpoint);
      this.#remote = Comlink.wrap<WorkerService>(endpoint);
      this.#watchLock(await this.#untilTheEnd(() => alive.promise));
      await this.request((worker) => worker.start(this.#startRequest()));
      this.#running = true;
    } catch (error) {
      this.#finish(error);
      throw error;
    }
  }

  #startRequest(): Parameters<WorkerService["start"]>[0] {
    const { load = {}, stdin, onProgress } = this.#options;
    return {
      load: load as Record<string, unknown>,
      answersInput: stdin !== undefined,
      signals: this.#signals?.buffer as SharedArrayBuffer | undefined,
      input: this.#inputMemory,
      watchProgress: onProgress !== undefined,
    };
  }

  /** Sends a request and waits for its result. */
  request(send: (worker: Comlink.Remote<WorkerService>) => Promise<Outcome>): Promise<unknown> {
    return this.#untilTheEnd(async () => {
      const outcome = await send(this.#remote!).catch(explain);
      if ("error" in outcome) throw unpackError(outcome.error);
      return unpack(outcome.result, this.#unpacker);
    });
  }

  /** Makes arguments ready for sending, buffers marked with `transfer` to be moved. */
  packed(value: unknown): ReturnType<typeof pack>["packed"] {
    const { packed, list } = pack(value, this.#packer);
    return Comlink.transfer(packed, list);
  }

  /** The worker's interpreter. */
  get root(): RemoteObject {
    return makeRemote(this, { id: ROOT, released: false }, []);
  }

  /** Gives a remote object back to the worker. */
  release(anchor: Anchor): void {
    if (anchor.released) return;
    anchor.released = true;
    if (anchor.id !== ROOT) this.#releaser.release(anchor.id, anchor);
  }

  /** How many objects the worker keeps for the page. */
  count(): Promise<number> {
    return this.#untilTheEnd(() => this.#remote!.count());
  }

  /**
   * Sends Python a signal: at once where memory is shared, else when it next waits. When nothing
   * runs nothing happens.
   */
  interrupt(): void {
    if (this.#end !== undefined) throw this.#end;
    if (this.#rejects.size === 0) return;
    if (this.#signals === undefined) {
      this.#worker?.endpoint.postMessage({ event: "signal", signal: SIGINT });
      return;
    }
    Atomics.store(this.#signals, 0, SIGINT);
    // A sleep that watches them ends at once.
    Atomics.notify(this.#signals, 0);
    this.#input?.interrupt();
  }

  /** Ends the worker; everything that waits for it is rejected. */
  close(reason: WorkerError["reason"], message: string, cause?: unknown): void {
    this.#finish(new WorkerError(reason, message, cause));
  }

  #finish(error: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#worker?.terminate();
    for (const reject of this.#rejects) reject(error);
    this.#rejects.clear();
    for (const end of this.#ends) end();
  }

  #died(why: string, cause?: unknown): void {
    if (this.#running) this.close("died", `The worker has ended: ${why}.`, cause);
    else this.close("not started", `The worker did not start: ${why}.`, cause);
  }

  /**
   * The promise of what is started, or the worker's end. The end rejects at once, not in a later
   * job: where the page is going no job of its scripts would run.
   */
  #untilTheEnd<T>(start: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) throw this.#end;
      this.#rejects.add(reject);
      start()
        .then(resolve, reject)
        .finally(() => this.#settled(reject));
    });
  }

  /** A signal that came too late must not meet the next request. */
  #settled(reject: (error: unknown) => void): void {
    this.#rejects.delete(reject);
    if (this.#rejects.size === 0 && this.#signals !== undefined) Atomics.store(this.#signals, 0, 0);
  }

  /** Ends the worker when the caller aborts, or the page is left for good. */
  #endWith(signal: AbortSignal | undefined): void {
    const abort = (): void => this.#finish(signal!.reason);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort);
    this.#ends.push(() => signal?.removeEventListener("abort", abort));
    if (typeof globalThis.addEventListener !== "function" || typeof document !== "object") return;
    const leave = (event: PageTransitionEvent): void => {
      if (!event.persisted) this.close("terminated", "The page of the worker was closed.");
    };
    globalThis.addEventListener("pagehide", leave);
    this.#ends.push(() => globalThis.removeEventListener("pagehide", leave));
  }

  /** Browsers do not tell when a worker ends, but free its locks. */
  #watchLock(name: string | undefined): void {
    if (name === undefined) return;
    const watch = new AbortController();
    this.#ends.push(() => watch.abort());
    navigator.locks
      .request(name, { signal: watch.signal }, () => this.#died("it was closed, or crashed"))
      .catch(() => {});
  }

  #handle(event: WorkerEvent): void {
    const { stdout, stderr, onProgress } = this.#options;
    switch (event.event) {
      case "output":
        if (event.stream === "stdout") (stdout ?? console.log)(trimmed(event.text, stdout));
        else (stderr ?? console.warn)(trimmed(event.text, stderr));
        break;
      case "progress":
        try {
          onProgress?.(event.progress);
        } catch (error) {
          if (this.#running) throw error;
          this.#finish(error);
        }
        break;
      case "input":
        void this.#input?.serve(event.turn, () => this.#options.stdin?.(event.prompt));
        break;
      case "closing":
        this.#died("it closed itself");
    }
  }

  /** What the worker may ask for. */
  readonly #service: PageService = {
    call: (id, args) =>
      outcomeOf(async () => {
        const list = unpack(args, this.#unpacker) as unknown[];
        return this.packed(await this.#functions.get(id)(...list));
      }),
    release: async (ids) => ids.forEach((id) => this.#functions.drop(id)),
    input: (prompt) => outcomeOf(async () => ({ value: await this.#options.stdin?.(prompt) })),
  };

  readonly #packer: Packer = {
    refer: (value) => {
      const target = targetOf(value);
      if (target === undefined) {
        return typeof value === "function"
          ? { owner: "sender", id: this.#functions.keep(value as Func) }
          : undefined;
      }
      if (target.remotes !== this) {
        throw new TypeError(
          "An object of one worker cannot be sent to another; send a copy of it.",
        );
      }
      if (target.path.length > 0) {
        throw new TypeError(
          `'${target.path.join(".")}' of a remote object cannot be sent; send what awaiting it gives.`,
        );
      }
      return { owner: "receiver", id: idOf(target.anchor) };
    },
  };

  readonly #unpacker: Unpacker = {
    resolve: (owner, id) => {
      if (owner === "receiver") return this.#functions.get(id);
      const anchor: Anchor = { id, released: false };
      this.#releaser.watch(anchor, id);
      return makeRemote(this, anchor, []);
    },
  };
}

/** Says what to do about a result that cannot be sent. */
function explain(error: unknown): never {
  if (!(error instanceof Error && error.message === UNSERIALIZABLE)) throw error;
  throw new TypeError(
    "The result cannot be sent to the page: structured cloning does not copy it. " +
      "Let Python return something of its own, or what structured cloning copies.",
  );
}

/** Browsers' consoles end a line themselves. */
function trimmed(text: string, handler: unknown): string {
  return handler === undefined ? text.replace(/\n$/, "") : text;
}

/**
 * A worker's object in the page: `await remote.name` reads, `await remote.name(...)` calls,
 * `for await` iterates.
 */

import type * as Comlink from "comlink";
import type { Id, Outcome, Packed, Path, WorkerService } from "./protocol";

/** What all proxies of one object share; when it is collected the worker lets the object go. */
export interface Anchor {
  readonly id: Id;
  released: boolean;
}

/** What proxies need of the connection that they belong to. */
export interface Remotes {
  request(send: (worker: Comlink.Remote<WorkerService>) => Promise<Outcome>): Promise<unknown>;
  packed(value: unknown): Packed;
  release(anchor: Anchor): void;
}

/**
 * An object of a worker. Its properties are proxies too: awaiting one reads it, calling one calls
 * it; both give copies of what can be copied and further remote objects.
 */
export interface RemoteObject {
  (...args: any[]): Promise<any>;
  readonly [name: string]: any;
  [Symbol.asyncIterator](): AsyncIterableIterator<any>;
}

/** What a proxy stands for: an object of a connection, or what a path of attributes leads to from it. */
export interface Target {
  readonly remotes: Remotes;
  readonly anchor: Anchor;
  readonly path: Path;
}

const targets = new WeakMap<object, Target>();

/** Symbols that Node 20 and Firefox ESR do not have. */
const DISPOSE: unknown = Symbol.dispose;
const ASYNC_DISPOSE: unknown = Symbol.asyncDispose;

/** True for an object of a worker. */
export function isRemote(value: unknown): value is RemoteObject {
  return typeof value === "function" && targets.has(value);
}

/** What a proxy stands for; undefined for another value. */
export function targetOf(value: object): Target | undefined {
  return targets.get(value);
}

/**
 * Gives an object back to its worker. That also happens when the page's garbage collector finds it
 * unused, only later.
 *
 * @param remote - what a worker gave; another value is left alone
 */
export function release(remote: unknown): void {
  const target = targets.get(remote as object);
  target?.remotes.release(target.anchor);
}

/**
 * Assigns an attribute of an object of a worker.
 *
 * @param remote - the object
 * @param name - of the attribute
 * @param value - copied; functions and remote objects are passed as such
 * @throws TypeError if `remote` is no object of a worker
 */
export async function setAttribute(
  remote: RemoteObject,
  name: string,
  value: unknown,
): Promise<void> {
  const target = targets.get(remote);
  if (target === undefined) throw new TypeError("setAttribute needs an object of a worker");
  const { remotes, path } = target;
  await remotes.request((worker) =>
    worker.set(idOf(target.anchor), [...path, name], remotes.packed(value)),
  );
}

/** Calls an object of a worker and copies the result, with what Python's objects in it hold. */
export async function callByValue(remote: RemoteObject, args: unknown[]): Promise<unknown> {
  const { remotes, anchor, path } = targets.get(remote)!;
  return remotes.request((worker) => worker.call(idOf(anchor), path, remotes.packed(args), true));
}

/**
 * The number of an object.
 * @throws ReferenceError if it was released
 */
export function idOf(anchor: Anchor): Id {
  if (anchor.released) throw new ReferenceError("This object of a worker has been released.");
  return anchor.id;
}

/** Makes a proxy. */
export function makeRemote(remotes: Remotes, anchor: Anchor, path: Path): RemoteObject {
  const remote = new Proxy(function () {}, new RemoteTraps(remotes, anchor, path));
  targets.set(remote, { remotes, anchor, path });
  return remote as unknown as RemoteObject;
}

class RemoteTraps implements ProxyHandler<() => void> {
  constructor(
    readonly remotes: Remotes,
    readonly anchor: Anchor,
    readonly path: Path,
  ) {}

  get(_target: unknown, name: string | symbol): unknown {
    if (typeof name === "symbol") return this.#symbol(name);
    if (name !== "then") return makeRemote(this.remotes, this.anchor, [...this.path, name]);
    // The object itself must not look like a promise, or nothing could resolve to it.
    return this.path.length === 0 ? undefined : this.#then();
  }

  apply(_target: unknown, _self: unknown, args: unknown[]): Promise<unknown> {
    const { remotes, path } = this;
    return remotes.request(async (worker) =>
      worker.call(idOf(this.anchor), path, remotes.packed(args), false),
    );
  }

  construct(): never {
    throw new TypeError("Call the object of a worker without 'new'; the result is a promise.");
  }

  set(_target: unknown, name: string | symbol): never {
    throw new TypeError(
      `Use 'await setAttribute(object, "${String(name)}", value)' for an object of a worker.`,
    );
  }

  deleteProperty(): never {
    throw new TypeError("Attributes of an object of a worker can only be deleted by Python.");
  }

  #symbol(name: symbol): unknown {
    switch (name) {
      case Symbol.asyncIterator:
        return () => this.#iterate();
      case Symbol.toPrimitive:
        return () => `[object of a worker${this.path.map((part) => `.${part}`).join("")}]`;
      case Symbol.toStringTag:
        return "RemoteObject";
      case DISPOSE:
      case ASYNC_DISPOSE:
        return () => this.remotes.release(this.anchor);
      default:
        return undefined;
    }
  }

  #then(): PromiseLike<unknown>["then"] {
    const read = this.remotes.request(async (worker) => worker.get(idOf(this.anchor), this.path));
    return read.then.bind(read);
  }

  async *#iterate(): AsyncGenerator<unknown, void> {
    const { remotes, path } = this;
    const cursor = await remotes.request(async (worker) => worker.iterate(idOf(this.anchor), path));
    const { anchor } = targets.get(cursor as object)!;
    try {
      for (;;) {
        const [done, value] = (await remotes.request((worker) => worker.next(idOf(anchor)))) as [
          boolean,
          unknown,
        ];
        if (done) return;
        yield value;
      }
    } finally {
      remotes.release(anchor);
    }
  }
}

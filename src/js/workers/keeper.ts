/** The objects that one side keeps for the other, by number. */

import type { Id } from "./protocol";

/** Keeps objects until the other side releases them. */
export class Keeper<T> {
  readonly #kept = new Map<Id, T>();
  #next: Id = 1;

  /** Keeps an object; its number. */
  keep(value: T): Id {
    const id = this.#next++;
    this.#kept.set(id, value);
    return id;
  }

  /**
   * The object with a number.
   * @throws ReferenceError if it was released
   */
  get(id: Id): T {
    if (!this.#kept.has(id)) throw new ReferenceError("This object has been released.");
    return this.#kept.get(id)!;
  }

  /** Forgets an object, and returns it if it was kept. */
  drop(id: Id): T | undefined {
    const value = this.#kept.get(id);
    this.#kept.delete(id);
    return value;
  }

  get size(): number {
    return this.#kept.size;
  }
}

/** Tells the other side which of its objects are not used here any more. */
export class Releaser {
  readonly #send: (ids: Id[]) => void;
  readonly #registry: FinalizationRegistry<Id>;
  #lost: Id[] = [];

  /** @param send - tells the other side */
  constructor(send: (ids: Id[]) => void) {
    this.#send = send;
    this.#registry = new FinalizationRegistry((id) => this.#lose(id));
  }

  /** Releases the object with a number when `anchor` is collected. */
  watch(anchor: object, id: Id): void {
    this.#registry.register(anchor, id, anchor);
  }

  /** Releases the object that `anchor` stands for now. */
  release(id: Id, anchor: object): void {
    this.#registry.unregister(anchor);
    this.#send([id]);
  }

  /** The garbage collector finds many at a time. */
  #lose(id: Id): void {
    this.#lost.push(id);
    if (this.#lost.length > 1) return;
    queueMicrotask(() => {
      this.#send(this.#lost);
      this.#lost = [];
    });
  }
}

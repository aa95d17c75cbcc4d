/**
 * Blocks entered before, kept from one visit to the next.
 */

/** Where the blocks are kept; `localStorage` fits. */
export interface BlockStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const KEY = "pyodide-console-history";
const MAX_BLOCKS = 1000;
/** Of all blocks together; browsers give a page some 5 million. */
const MAX_CHARACTERS = 1_000_000;

/** The list of blocks and the place in it that Up and Down move. */
export class History {
  readonly #store: BlockStore | undefined;
  #blocks: string[] = [];
  /** Index of the shown block; the length of the list means the one being written. */
  #at: number;
  #draft = "";

  /** @param store - undefined, or failing: the blocks last as long as the page */
  constructor(store: BlockStore | undefined) {
    this.#store = store;
    try {
      const saved: unknown = JSON.parse(store?.getItem(KEY) ?? "[]");
      if (Array.isArray(saved)) {
        this.#blocks = saved.filter((block) => typeof block === "string");
      }
    } catch {
      // A damaged or forbidden store is as good as an empty one.
    }
    this.#at = this.#blocks.length;
  }

  /** Adds a block unless it is blank or repeats the last one; ends browsing. */
  add(text: string): void {
    const block = text.trimEnd();
    if (block !== "" && block !== this.#blocks.at(-1)) {
      this.#blocks = newest([...this.#blocks, block]);
      try {
        this.#store?.setItem(KEY, JSON.stringify(this.#blocks));
      } catch {
        // A full or forbidden store only costs the history of the next visit.
      }
    }
    this.rewind();
  }

  /** Ends browsing: the next step back is the newest block. */
  rewind(): void {
    this.#at = this.#blocks.length;
    this.#draft = "";
  }

  /**
   * The block one step back (-1) or forth (1), or undefined at either end.
   * @param current - text being edited; it comes back when stepping forth past the newest block
   */
  step(by: -1 | 1, current: string): string | undefined {
    const next = this.#at + by;
    if (next < 0 || next > this.#blocks.length) {
      return undefined;
    }
    if (this.#at === this.#blocks.length) {
      this.#draft = current;
    }
    this.#at = next;
    return this.#blocks[next] ?? this.#draft;
  }
}

/** As many of the last blocks as are kept, but the very last one in any case. */
function newest(blocks: readonly string[]): string[] {
  let first = blocks.length - 1;
  let characters = blocks[first]!.length;
  while (first > 0 && blocks.length - first < MAX_BLOCKS) {
    characters += blocks[first - 1]!.length;
    if (characters > MAX_CHARACTERS) {
      break;
    }
    first--;
  }
  return blocks.slice(first);
}

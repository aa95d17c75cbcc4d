/**
 * Lines entered before, kept from one visit to the next.
 */

/** Where the lines are kept; `localStorage` fits. */
export interface LineStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const KEY = "pyodide-console-history";
const MAX_LINES = 1000;

/** The list of lines and the place in it that Up and Down move. */
export class History {
  readonly #store: LineStore | undefined;
  #lines: string[] = [];
  /** Index of the shown line; the length of the list means the line being written. */
  #at: number;
  #draft = "";

  /** @param store - undefined, or failing: the lines last as long as the page */
  constructor(store: LineStore | undefined) {
    this.#store = store;
    try {
      const saved: unknown = JSON.parse(store?.getItem(KEY) ?? "[]");
      if (Array.isArray(saved)) {
        this.#lines = saved.filter((line) => typeof line === "string");
      }
    } catch {
      // A damaged or forbidden store is as good as an empty one.
    }
    this.#at = this.#lines.length;
  }

  /** Adds a line unless it is blank or repeats the last one; ends browsing. */
  add(line: string): void {
    if (line.trim() !== "" && line !== this.#lines.at(-1)) {
      this.#lines = [...this.#lines, line].slice(-MAX_LINES);
      try {
        this.#store?.setItem(KEY, JSON.stringify(this.#lines));
      } catch {
        // A full or forbidden store only costs the history of the next visit.
      }
    }
    this.rewind();
  }

  /** Ends browsing: the next step back is the newest line. */
  rewind(): void {
    this.#at = this.#lines.length;
    this.#draft = "";
  }

  /**
   * The line one step back (-1) or forth (1), or undefined at either end.
   * @param current - text being edited; it comes back when stepping forth past the newest line
   */
  step(by: -1 | 1, current: string): string | undefined {
    const next = this.#at + by;
    if (next < 0 || next > this.#lines.length) {
      return undefined;
    }
    if (this.#at === this.#lines.length) {
      this.#draft = current;
    }
    this.#at = next;
    return this.#lines[next] ?? this.#draft;
  }
}

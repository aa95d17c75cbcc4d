/**
 * The line that says how far the downloads are.
 */

const MEGABYTE = 1e6;

/** Rewrites one line of a terminal as bytes arrive. */
export class Progress {
  readonly #write: (text: string) => void;
  readonly #files = new Map<string, { loaded: number; total: number | undefined }>();
  #lastText = "";
  #finished = false;

  /** @param write - writes to the terminal */
  constructor(write: (text: string) => void) {
    this.#write = write;
    this.#show("Loading Python ...");
  }

  /** Takes note of a file's state; after {@link Progress.finish} that shows nothing. */
  update(file: string, loaded: number, total: number | undefined): void {
    if (this.#finished) {
      return;
    }
    this.#files.set(file, { loaded, total });
    const states = [...this.#files.values()];
    const done = states.reduce((sum, state) => sum + state.loaded, 0);
    const totals = states.map((state) => state.total);
    const all = totals.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    const size = megabytes(done);
    this.#show(
      totals.includes(undefined) || done > all
        ? `Loading Python ... ${size} MB`
        : `Loading Python ... ${size} of ${megabytes(all)} MB`,
    );
    if (states.every((state) => state.loaded === state.total)) {
      this.#show("Starting Python ...");
    }
  }

  /** Removes the line: Python has started, and the terminal is the user's. */
  finish(): void {
    this.#finished = true;
    this.#show("");
  }

  #show(text: string): void {
    if (text !== this.#lastText) {
      this.#lastText = text;
      this.#write(`\r\x1b[K${text}`);
    }
  }
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}

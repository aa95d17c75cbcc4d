/**
 * The bar that says how far the downloads are.
 */

import type { LoadProgress } from "../api/progress";

const MEGABYTE = 1e6;
/** Cells of the bar. */
const WIDTH = 24;

/** Rewrites one line of a terminal as bytes arrive. */
export class Progress {
  readonly #write: (text: string) => void;
  #lastText = "";
  #finished = false;

  /** @param write - writes to the terminal */
  constructor(write: (text: string) => void) {
    this.#write = write;
    this.#show("Loading Python ...");
  }

  /** Shows the state of loading; after {@link Progress.finish} that shows nothing. */
  update({ stage, loaded, total }: LoadProgress): void {
    if (this.#finished) {
      return;
    }
    if (stage !== "download") {
      this.#show("Starting Python ...");
    } else if (total === undefined) {
      this.#show(`Loading Python ... ${megabytes(loaded)} MB`);
    } else {
      this.#show(
        `Loading Python ${bar(loaded / total)} ${megabytes(loaded)} of ${megabytes(total)} MB`,
      );
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

/** @param share - from 0 to 1 */
function bar(share: number): string {
  const full = Math.round(share * WIDTH);
  return "█".repeat(full) + "░".repeat(WIDTH - full);
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}

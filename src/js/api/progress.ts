/**
 * How far loading is: downloads summed up, and the steps after them, for the option `onProgress`.
 */

import type { ProgressHook } from "../host/host";

/** What the option `onProgress` of {@link loadPyodide} is told. */
export interface LoadProgress {
  /**
   * `"download"` as files arrive, `"start"` when all are there and Python starts, `"ready"` just before the promise
   * resolves, `"packages"` for what is downloaded after that.
   */
  readonly stage: "download" | "start" | "ready" | "packages";
  /** Bytes so far, of all files. */
  readonly loaded: number;
  /** Bytes of all files that have begun to arrive; undefined when a server does not say. */
  readonly total: number | undefined;
  /** Address or path of the file that something has arrived of; undefined in other stages. */
  readonly file: string | undefined;
}

/** Calls the user's function and remembers what it throws. */
export class ProgressReport {
  /** Given to who downloads; never throws. Undefined when nobody wants to know. */
  readonly hook: ProgressHook | undefined;
  readonly #callback: ((progress: LoadProgress) => void) | undefined;
  readonly #files = new Map<string, { loaded: number; total: number | undefined }>();
  #stage: LoadProgress["stage"] = "download";
  #failure: { error: unknown } | undefined = undefined;

  /** @param callback - the user's function */
  constructor(callback: ((progress: LoadProgress) => void) | undefined) {
    this.#callback = callback;
    if (callback !== undefined) {
      this.hook = (file, loaded, total) => {
        this.#files.set(file, { loaded, total });
        this.#tell(file);
      };
    }
  }

  /**
   * A new stage begins.
   * @throws what the user's function has thrown until now
   */
  enter(stage: "start" | "ready"): void {
    if (this.#failure === undefined) {
      this.#stage = stage;
      this.#tell(undefined);
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    if (stage === "ready") {
      this.#files.clear();
      this.#stage = "packages";
    }
  }

  #tell(file: string | undefined): void {
    if (this.#failure !== undefined) return;
    const states = [...this.#files.values()];
    const loaded = states.reduce((sum, state) => sum + state.loaded, 0);
    const sizes = states.map((state) => state.total ?? NaN);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    try {
      this.#callback?.({
        stage: this.#stage,
        loaded,
        // A server may count something else than what arrives.
        total: total >= loaded ? total : undefined,
        file,
      });
    } catch (error) {
      this.#failure = { error };
      // Nobody waits for what is loaded later.
      if (this.#stage === "packages") console.error("Error thrown in onProgress:", error);
    }
  }
}

/** Options of `startWorker`, and their checks. */

import type { LoadOptions } from "../api/options";
import type { LoadProgress } from "../api/progress";

/** The options of `loadPyodide` that can be sent to a worker: all but functions and objects of the page. */
export type WorkerLoadOptions = Omit<
  LoadOptions,
  "stdin" | "stdout" | "stderr" | "onProgress" | "fsInit" | "jsglobals"
>;

/** Options of {@link startWorker}. */
export interface WorkerOptions {
  /** Options of `loadPyodide`, in the worker. */
  load?: WorkerLoadOptions | undefined;
  /**
   * Called when Python reads its standard input, with what stands on the last line of output: a
   * line, null at the end of input, or a promise of either. Without it there is no input.
   */
  stdin?: ((prompt: string) => string | null | Promise<string | null>) | undefined;
  /** Called with text that Python writes, as soon as it does. Default: the console. */
  stdout?: ((text: string) => void) | undefined;
  /** The same for standard error. */
  stderr?: ((text: string) => void) | undefined;
  /** Told how far loading is, as `loadPyodide` tells it. What it throws makes loading fail. */
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Ends the worker when it aborts, also while it starts. */
  signal?: AbortSignal | undefined;
  /** Makes the worker from the script `worker.mjs`, where it has to be made in a special way. */
  worker?: (() => Worker) | undefined;
}

const FUNCTIONS = ["stdin", "stdout", "stderr", "onProgress", "worker"] as const;
const KNOWN: ReadonlySet<string> = new Set([...FUNCTIONS, "load", "signal"]);
/** Options of `loadPyodide` that are options of `startWorker` itself. */
const ELSEWHERE: ReadonlySet<string> = new Set(["stdin", "stdout", "stderr", "onProgress"]);

/**
 * Checks what the caller has passed.
 * @throws TypeError for unknown options, wrong types, and what cannot be sent to a worker
 */
export function checkWorkerOptions(options: WorkerOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError("startWorker: expected an object of options");
  }
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) {
      const advice = `options of loadPyodide go into 'load': { load: { ${name}: ... } }`;
      throw new TypeError(`startWorker: unknown option '${name}'; ${advice}`);
    }
  }
  for (const name of FUNCTIONS) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      throw new TypeError(`startWorker: option '${name}' must be a function`);
    }
  }
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw new TypeError("startWorker: option 'signal' must be an AbortSignal");
  }
  for (const [name, value] of Object.entries(options.load ?? {})) checkSendable(name, value);
}

function checkSendable(name: string, value: unknown): void {
  if (ELSEWHERE.has(name)) {
    throw new TypeError(`startWorker: '${name}' is an option of startWorker, not one of 'load'`);
  }
  try {
    structuredClone(value);
  } catch (error) {
    const reason = "only what can be copied goes to a worker";
    throw new TypeError(`startWorker: option 'load.${name}' cannot be sent, ${reason}`, {
      cause: error,
    });
  }
}

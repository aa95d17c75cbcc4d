/** Starting a worker with an interpreter, and what the page does with it. */

import type { RunOptions } from "../api/run";
import { Connection } from "./connection";
import { checkWorkerOptions, type WorkerOptions } from "./options";
import type { RemoteObject } from "./remote";

/** Options of {@link PyodideWorker.run}. */
export interface WorkerRunOptions extends Omit<RunOptions, "globals" | "locals"> {
  /** The dict of global variables, an object of this worker. */
  globals?: RemoteObject | undefined;
  /** The mapping of local variables, an object of this worker. */
  locals?: RemoteObject | undefined;
}

/** An interpreter in a worker. */
export interface PyodideWorker {
  /** The worker's `PyodideAPI`: `await worker.pyodide.loadPackage("micropip")`. */
  readonly pyodide: RemoteObject;
  /** Python's global variables: `await worker.globals.get("x")`. */
  readonly globals: RemoteObject;
  /**
   * Runs Python code, which may use `await` at top level.
   * @returns the value of its last expression: a copy, or a remote object
   * @throws PythonError if the code raises
   * @throws WorkerError if the worker ends meanwhile
   */
  run(code: string, options?: WorkerRunOptions): Promise<any>;
  /**
   * Raises KeyboardInterrupt in Python: at once if {@link PyodideWorker.canInterrupt}, else when
   * Python next waits for a promise. Without effect when nothing runs.
   */
  interrupt(): void;
  /** True if `interrupt` ends busy loops too; it needs memory that page and worker share. */
  readonly canInterrupt: boolean;
  /** How many objects the worker keeps for the page; for finding leaks. */
  liveObjects(): Promise<number>;
  /** Ends the worker. What waits for it is rejected with a WorkerError. */
  terminate(): void;
}

/**
 * Starts a Web Worker (in Node.js, a worker thread) with a Python interpreter.
 *
 * @param options - see {@link WorkerOptions}
 * @throws TypeError for wrong options
 * @throws WorkerError if the worker does not start or ends before the interpreter runs
 * @throws what `loadPyodide` throws in the worker
 */
export function startWorker(options: WorkerOptions = {}): Promise<PyodideWorker> {
  // Not an async function: where the page is going, only a promise that is rejected at once tells.
  return new Promise((resolve, reject) => {
    checkWorkerOptions(options);
    const connection = new Connection(options);
    connection.open(() => resolve(new RunningWorker(connection)), reject);
  });
}

class RunningWorker implements PyodideWorker {
  readonly #connection: Connection;
  readonly pyodide: RemoteObject;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.pyodide = connection.root;
  }

  get globals(): RemoteObject {
    return this.pyodide["globals"] as RemoteObject;
  }

  get canInterrupt(): boolean {
    return this.#connection.sharesMemory;
  }

  run(code: string, options: WorkerRunOptions = {}): Promise<any> {
    return this.pyodide["runPythonAsync"](code, options) as Promise<any>;
  }

  interrupt(): void {
    this.#connection.interrupt();
  }

  liveObjects(): Promise<number> {
    return this.#connection.count();
  }

  terminate(): void {
    this.#connection.close("terminated", "The worker was terminated.");
  }
}

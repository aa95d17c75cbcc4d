/**
 * Python interpreters in workers: `import { startWorker } from "pyodide/workers"`.
 */

export { PythonError, WorkerError } from "./errors";
export type { WorkerLoadOptions, WorkerOptions } from "./options";
export { transfer } from "./packing";
export { type MapOptions, type PoolOptions, startPool, type WorkerPool } from "./pool";
export { isRemote, release, type RemoteObject, setAttribute } from "./remote";
export { type PyodideWorker, startWorker, type WorkerRunOptions } from "./start";

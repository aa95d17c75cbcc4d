/**
 * Entry point of `dist/python`, the command line: both of its threads.
 */

import { isMainThread, workerData } from "node:worker_threads";
import type { WorkerData } from "./channel";
import { interpret } from "./interpreter";
import { supervise } from "./supervisor";

if (isMainThread) {
  supervise(__filename);
} else {
  void interpret(workerData as WorkerData);
}

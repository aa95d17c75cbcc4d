/** Workers of browsers and of Node.js behind the same few functions. */

/// <reference path="./node_adapter.d.ts" />

import nodeEndpoint, { type NodeEndpoint } from "comlink/dist/esm/node-adapter.mjs";
import type { Endpoint } from "comlink";
import { hostKind } from "../host/detect";
import { importUntouched } from "../host/host";
import { besidePackage } from "../host/prebundled";
import { isEvent } from "./protocol";

type WorkerThreads = typeof import("node:worker_threads");

/** A worker, as the page sees it. */
export interface HostWorker {
  readonly endpoint: Endpoint;
  terminate(): void;
}

/** Whether this is Node.js. */
export const inNode = hostKind() === "node";

/** Not written where it is used, for webpack would look for files that could be meant. */
const here: string = import.meta.url;
const besideThis = (name: string): URL => new URL(name, here);

/**
 * Starts the script of the worker.
 * @param died - called with a reason when the worker ends on its own, or cannot be loaded
 */
export async function createWorker(
  died: (why: string, cause?: unknown) => void,
): Promise<HostWorker> {
  if (!inNode) return watchWorker(startScript(), died);
  const { Worker: NodeWorker } = (await importUntouched(
    "node:worker_threads",
  )) as unknown as WorkerThreads;
  const worker = new NodeWorker(besideThis("./worker.mjs"));
  worker.on("error", (error) => died(`it threw ${String(error)}`, error));
  worker.on("exit", (code) => died(`it ended with code ${code}`));
  return {
    endpoint: nodeEndpoint(worker as unknown as NodeEndpoint),
    terminate: () => void worker.terminate(),
  };
}

function startScript(): Worker {
  const script = besideThis("./worker.mjs");
  const unmoved = besidePackage(script);
  if (unmoved !== script.href) return new Worker(unmoved, { type: "module" });
  // Bundlers know this form.
  return new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
}

/** The same for a worker of a browser. */
export function watchWorker(
  worker: Worker,
  died: (why: string, cause?: unknown) => void,
): HostWorker {
  let alive = false;
  worker.addEventListener("message", () => (alive = true), { once: true });
  worker.addEventListener("error", (event) => {
    // Later errors are those of callbacks, which end nothing; the browser's console has them.
    if (!alive) died(`its script could not be loaded${event.message ? `: ${event.message}` : ""}`);
  });
  return { endpoint: worker, terminate: () => worker.terminate() };
}

/** The page, as the worker sees it. */
export async function pageEndpoint(): Promise<Endpoint> {
  if (!inNode) return globalThis as unknown as Endpoint;
  const { parentPort } = (await importUntouched("node:worker_threads")) as unknown as WorkerThreads;
  return nodeEndpoint(parentPort as unknown as NodeEndpoint);
}

/** Calls a function with each event that arrives. */
export function onEvent<T>(endpoint: Endpoint, handle: (event: T) => void): void {
  endpoint.addEventListener("message", (message) => {
    const { data } = message as MessageEvent<unknown>;
    if (isEvent(data)) handle(data as T);
  });
}

/** The worker's script: an interpreter that a page uses through `workers.mjs`. */

import * as Comlink from "comlink";
import { inNode, onEvent, pageEndpoint } from "./endpoint";
import { Interpreter } from "./interpreter";
import type { PageEvent, PageService, WorkerEvent } from "./protocol";

/** Takes a lock that is free again when this worker has ended, in whatever way; its name. */
async function takeLock(): Promise<string | undefined> {
  if (inNode || globalThis.navigator.locks === undefined) return undefined;
  const name = `pyodide-worker-${crypto.randomUUID()}`;
  await new Promise<void>((taken) => {
    void navigator.locks.request(name, () => {
      taken();
      return new Promise(() => {});
    });
  });
  return name;
}

async function main(): Promise<void> {
  const endpoint = await pageEndpoint();
  const send = (event: WorkerEvent): void => endpoint.postMessage(event);
  const interpreter = new Interpreter(Comlink.wrap<PageService>(endpoint), send);
  Comlink.expose(interpreter.service, endpoint);
  onEvent<PageEvent>(endpoint, ({ signal }) => interpreter.signal(signal));
  if (!inNode) {
    const { close } = globalThis;
    globalThis.close = () => {
      send({ event: "closing" });
      close.call(globalThis);
    };
  }
  send({ event: "alive", lock: await takeLock() });
}

void main();

/**
 * HTTP for Python code that cannot await, in Node: a thread runs `fetch`, and the main thread sleeps
 * until it has something. There is one thread a process; it starts with the first request, and does
 * not keep the process alive.
 */

export type Threads = typeof import("node:worker_threads");
type Worker = import("node:worker_threads").Worker;
type MessagePort = import("node:worker_threads").MessagePort;

/** What to send. */
export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: [string, string][];
  readonly body?: Uint8Array | undefined;
  readonly redirect: "follow" | "manual";
}

/** What the thread answers: a head, parts of the body each of which was asked for, an end. */
export type HttpMessage =
  | {
      readonly kind: "head";
      readonly status: number;
      readonly statusText: string;
      readonly url: string;
      readonly redirected: boolean;
      readonly headers: [string, string][];
    }
  | { readonly kind: "part"; readonly data: Uint8Array }
  | { readonly kind: "end" }
  | { readonly kind: "error"; readonly message: string; readonly code?: string | undefined };

/** A request under way. */
export interface HttpExchange {
  /** The next message, or undefined if none comes within a number of milliseconds. */
  receive(timeout: number): HttpMessage | undefined;
  /** Asks for the next part of the body. */
  more(): void;
  /** Aborts the request. */
  close(): void;
}

/** What the main thread asks of an exchange: the next part of the body, or to abort. */
type Wish = "more" | "close";

/** How an exchange begins, in the thread. */
interface Order {
  readonly request: HttpRequest;
  readonly port: MessagePort;
  /** Counts the messages that the thread has posted. */
  readonly posted: Int32Array;
}

/**
 * What the thread runs. Its text is handed over, so it uses nothing from outside.
 *
 * @param orders - where the requests come from
 */
function thread(orders: MessagePort): void {
  function failure(error: unknown): HttpMessage {
    const { message, cause } = error as { message?: string; cause?: unknown };
    const { code, name, message: reason } = (cause ?? {}) as NodeJS.ErrnoException;
    const text = reason ? `${message}: ${reason}` : String(message ?? error);
    return { kind: "error", message: text, code: code ?? name };
  }

  function exchange({ request, port, posted }: Order): void {
    const controller = new AbortController();
    const post = (message: HttpMessage): void => {
      port.postMessage(message);
      Atomics.add(posted, 0, 1);
      Atomics.notify(posted, 0);
    };
    const guard = async (step: () => Promise<void>): Promise<void> => {
      try {
        await step();
      } catch (error) {
        post(failure(error));
        port.close();
      }
    };
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    port.on("message", (wish: Wish) => {
      if (wish === "close") {
        controller.abort();
        port.close();
        return;
      }
      void guard(async () => {
        const step = await reader?.read();
        if (step?.value === undefined) {
          post({ kind: "end" });
          port.close();
        } else {
          post({ kind: "part", data: step.value });
        }
      });
    });
    void guard(async () => {
      const { url, method, headers, body, redirect } = request;
      const init = { method, headers, redirect, signal: controller.signal };
      const hasBody = body !== undefined && method !== "GET" && method !== "HEAD";
      const response = await fetch(url, hasBody ? { ...init, body: body as BodyInit } : init);
      reader = response.body?.getReader();
      const { status, statusText, redirected } = response;
      const shown = { url: response.url, redirected, headers: [...response.headers] };
      post({ kind: "head", status, statusText, ...shown });
    });
  }

  orders.on("message", exchange);
}

/** Gives the function that begins {@link HttpExchange}s. */
export function createNodeHttp(threads: Threads): (request: HttpRequest) => HttpExchange {
  let worker: Worker | undefined;

  function start(): Worker {
    const code = `(${thread.toString()})(require("node:worker_threads").parentPort)`;
    const started = new threads.Worker(code, { eval: true });
    started.unref();
    started.on("exit", () => (worker = undefined));
    return started;
  }

  return (request) => {
    worker ??= start();
    const { port1, port2 } = new threads.MessageChannel();
    port1.unref();
    const posted = new Int32Array(new SharedArrayBuffer(4));
    worker.postMessage({ request, port: port2, posted } satisfies Order, [port2]);
    let received = 0;
    const take = (): HttpMessage | undefined => {
      const found = threads.receiveMessageOnPort(port1) as { message: HttpMessage } | undefined;
      received += found === undefined ? 0 : 1;
      return found?.message;
    };
    return {
      receive(timeout) {
        const message = take();
        if (message !== undefined || timeout <= 0) {
          return message;
        }
        Atomics.wait(posted, 0, received, timeout);
        return take();
      },
      more: () => port1.postMessage("more" satisfies Wish),
      close: () => port1.postMessage("close" satisfies Wish),
    };
  };
}

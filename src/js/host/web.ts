/**
 * Browsers: main thread, module workers and classic workers.
 */

import { ADVICE_INDEX_URL, describeError, RuntimeFileError } from "./errors";
import { bodyBytes, fetchBytes, fetchChecked, requestNow, watchProgress } from "./fetch";
import { type DefaultStreams, type Host, importUntouched } from "./host";
import { LineDecoder } from "./lines";
import { compileBytes, compileFailure } from "./wasm";

const WASM_MIME = "application/wasm";

/** Builds the host for a page or a worker. */
export function createWebHost(kind: "browser" | "worker"): Host {
  return {
    kind,
    resolve: (location, base) => new URL(location, base ?? globalThis.location.href).href,
    folderOf: (file) => new URL(".", file).href,
    readBytes: fetchBytes,
    // Service workers have no such thing.
    readNow: typeof XMLHttpRequest === "undefined" ? undefined : (file) => requestNow(file, kind),
    async compileWasm(file, onProgress) {
      const response = watchProgress(await fetchChecked(file), file, onProgress);
      const mime = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
      // A server that sends another type makes compileStreaming fail, so its bytes are read first.
      if (mime !== WASM_MIME || typeof WebAssembly.compileStreaming !== "function") {
        return compileBytes(await bodyBytes(response, file), file);
      }
      try {
        return await WebAssembly.compileStreaming(response);
      } catch (error) {
        throw compileFailure(error, file);
      }
    },
    async importModule(file) {
      try {
        return await importUntouched(file);
      } catch (error) {
        throw new RuntimeFileError(
          file,
          `cannot be loaded (${describeError(error)})`,
          `${ADVICE_INDEX_URL} The server must send it with a JavaScript MIME type.`,
          error,
        );
      }
    },
    streams: webStreams(kind),
  };
}

/** Output goes to the browser's console line by line; input is asked for with `prompt`. */
function webStreams(kind: "browser" | "worker"): DefaultStreams {
  const sinks = {
    1: new LineDecoder((line) => console.log(line)),
    2: new LineDecoder((line) => console.warn(line)),
  };
  let pending = new Uint8Array(0);
  return {
    read(buffer) {
      if (pending.length === 0) {
        // Workers have no way to ask synchronously, so their input is at its end.
        const answer = kind === "browser" ? globalThis.prompt(sinks[1].unfinished) : null;
        if (answer === null) {
          return 0;
        }
        pending = new TextEncoder().encode(`${answer}\n`);
      }
      const count = Math.min(buffer.length, pending.length);
      buffer.set(pending.subarray(0, count));
      pending = pending.subarray(count);
      return count;
    },
    write: (fd, bytes) => sinks[fd].write(bytes),
    flush: (fd) => sinks[fd].flush(),
    isatty: () => false,
  };
}

/**
 * Downloading a file, with `fetch` or, while the program waits, with XMLHttpRequest: HTTP status, progress, network
 * failures.
 */

import { ADVICE_INDEX_URL, describeError, RuntimeFileError } from "./errors";
import type { ProgressHook } from "./host";

/**
 * Requests `file` and checks that the server has it.
 * @throws RuntimeFileError
 */
export async function fetchChecked(file: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(file, { credentials: "same-origin" });
  } catch (error) {
    throw new RuntimeFileError(
      file,
      `cannot be downloaded (${describeError(error)})`,
      `${ADVICE_INDEX_URL} The server must be reachable and allow this page to read from it (CORS).`,
      error,
    );
  }
  if (!response.ok) {
    const status = `${response.status} ${response.statusText}`.trim();
    const problem = `cannot be downloaded: the server answered ${status}`;
    throw new RuntimeFileError(file, problem, ADVICE_INDEX_URL);
  }
  return response;
}

/** The response's size in bytes, if the server says it and it is not a compressed size. */
function totalOf(response: Response): number | undefined {
  const length = Number(response.headers.get("content-length") ?? NaN);
  return Number.isFinite(length) && !response.headers.has("content-encoding") ? length : undefined;
}

/** The same response, reporting to `onProgress` as its body is read. */
export function watchProgress(
  response: Response,
  file: string,
  onProgress: ProgressHook | undefined,
): Response {
  if (onProgress === undefined || response.body === null) {
    return response;
  }
  const total = totalOf(response);
  let loaded = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      onProgress(file, loaded, total);
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), { headers: response.headers });
}

/**
 * Reads a checked response to its end.
 * @throws RuntimeFileError if the connection breaks
 */
export async function bodyBytes(
  response: Response,
  file: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const problem = `stopped arriving before its end (${describeError(error)})`;
    throw new RuntimeFileError(file, problem, "Check the connection and try again.", error);
  }
}

/**
 * Downloads a whole file.
 * @throws RuntimeFileError
 */
export async function fetchBytes(
  file: string,
  onProgress?: ProgressHook,
): Promise<Uint8Array<ArrayBuffer>> {
  return bodyBytes(watchProgress(await fetchChecked(file), file, onProgress), file);
}

/**
 * Downloads a whole file while the program waits.
 *
 * @param file - its address
 * @param kind - pages may not ask for bytes this way; they get them as characters
 * @throws RuntimeFileError
 */
export function requestNow(file: string, kind: "browser" | "worker"): Uint8Array<ArrayBuffer> {
  const request = new XMLHttpRequest();
  try {
    request.open("GET", file, false);
    if (kind === "worker") {
      request.responseType = "arraybuffer";
    } else {
      request.overrideMimeType("text/plain; charset=x-user-defined");
    }
    request.send();
  } catch (error) {
    throw new RuntimeFileError(
      file,
      `cannot be downloaded (${describeError(error)})`,
      ADVICE_INDEX_URL,
      error,
    );
  }
  if (request.status < 200 || request.status > 299) {
    const status = `${request.status} ${request.statusText}`.trim();
    const problem = `cannot be downloaded: the server answered ${status}`;
    throw new RuntimeFileError(file, problem, ADVICE_INDEX_URL);
  }
  if (kind === "worker") return new Uint8Array(request.response as ArrayBuffer);
  const text = request.responseText;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) {
    // The charset puts the upper half of the bytes into U+F780 to U+F7FF.
    bytes[i] = text.charCodeAt(i) & 0xff;
  }
  return bytes;
}

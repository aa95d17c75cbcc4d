/**
 * Compiling WebAssembly from bytes, with errors that name the file.
 */

import { ADVICE_COPY_AGAIN, describeError, RuntimeFileError } from "./errors";
import { verifyWasm } from "./verify";

/**
 * Compiles the bytes of `file`.
 * @throws RuntimeFileError if they are no WebAssembly, truncated, or use features missing here
 */
export async function compileBytes(
  bytes: Uint8Array<ArrayBuffer>,
  file: string,
): Promise<WebAssembly.Module> {
  verifyWasm(bytes, file);
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw compileFailure(error, file);
  }
}

/** The error for a file that begins as WebAssembly but does not compile. */
export function compileFailure(error: unknown, file: string): RuntimeFileError {
  return new RuntimeFileError(
    file,
    `cannot be compiled, it is truncated, damaged, or needs a newer JavaScript engine (${describeError(error)})`,
    ADVICE_COPY_AGAIN,
    error,
  );
}

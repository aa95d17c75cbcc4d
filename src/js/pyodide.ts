/**
 * Entry point as an ECMAScript module: `import { loadPyodide } from "./pyodide.mjs"`.
 */

import type { PyodideAPI } from "./api/api";
import { load } from "./api/load";
import type { FileKey } from "./api/layout";
import type { LoadOptions } from "./api/options";
import { createCore } from "./core/core";
import { detectHost } from "./host/detect";
import { besidePackage } from "./host/prebundled";

export { version } from "./api/layout";
export type { PyodideAPI, PyodideAPI as PyodideInterface, ToPyOptions } from "./api/api";
export type { EmscriptenModule, FSType, PathType } from "./api/emscripten";
export type * from "./api/ffi";
export type { LoadProgress } from "./api/progress";
export type { LoadOptions, LoadOptions as PyodideConfig } from "./api/options";
export type { Lockfile, LockfileInfo, LockfilePackage } from "./api/packages/lockfile";
export type { LoadPackageOptions, PackageData } from "./api/packages/manager";
export type { RunOptions } from "./api/run";
export type { NativeFS, UnpackOptions } from "./api/filesystem";
export type { DirectoryHandle, FileHandle } from "./api/native_files";
export type { InterruptBuffer } from "./api/interrupts";
export type { InputCallback, InputValue } from "./api/stream_input";
export type { StdinOptions, StdoutOptions } from "./api/stream_options";

/** Each is written out in the form that bundlers know: they ship the file and put its new address here. */
const locateFiles = (): Record<FileKey, string> => ({
  glue: besidePackage(new URL("./pyodide.asm.mjs", import.meta.url)),
  wasm: besidePackage(new URL("./pyodide.asm.wasm", import.meta.url)),
  stdlib: besidePackage(new URL("./python_stdlib.zip", import.meta.url)),
  lock: besidePackage(new URL("./pyodide-lock.json", import.meta.url)),
  snapshot: besidePackage(new URL("./pyodide.snapshot.bin", import.meta.url)),
  "modules.zip": besidePackage(new URL("./library/modules.zip", import.meta.url)),
  "_codecs_cn.wasm": besidePackage(new URL("./library/_codecs_cn.wasm", import.meta.url)),
  "_codecs_hk.wasm": besidePackage(new URL("./library/_codecs_hk.wasm", import.meta.url)),
  "_codecs_iso2022.wasm": besidePackage(new URL("./library/_codecs_iso2022.wasm", import.meta.url)),
  "_codecs_jp.wasm": besidePackage(new URL("./library/_codecs_jp.wasm", import.meta.url)),
  "_codecs_kr.wasm": besidePackage(new URL("./library/_codecs_kr.wasm", import.meta.url)),
  "_codecs_tw.wasm": besidePackage(new URL("./library/_codecs_tw.wasm", import.meta.url)),
  "_decimal.wasm": besidePackage(new URL("./library/_decimal.wasm", import.meta.url)),
  "_elementtree.wasm": besidePackage(new URL("./library/_elementtree.wasm", import.meta.url)),
  "_sqlite3.wasm": besidePackage(new URL("./library/_sqlite3.wasm", import.meta.url)),
  "pyexpat.wasm": besidePackage(new URL("./library/pyexpat.wasm", import.meta.url)),
  "unicodedata.wasm": besidePackage(new URL("./library/unicodedata.wasm", import.meta.url)),
});

/**
 * Loads the runtime and starts a Python interpreter. May be called several times.
 *
 * @param options - see {@link LoadOptions}
 * @returns a promise of the interpreter; rejects with a clear error if it cannot be started
 */
export async function loadPyodide(options: LoadOptions = {}): Promise<PyodideAPI> {
  const scriptLocation = import.meta.url;
  return load({ createCore, detectHost, scriptLocation, locateFiles }, options);
}

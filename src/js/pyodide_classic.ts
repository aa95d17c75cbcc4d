/**
 * Entry point as a classic script (`<script src>`, `importScripts`) and as a CommonJS module.
 */

import type { PyodideAPI } from "./api/api";
import { load } from "./api/load";
import type { LoadOptions } from "./api/options";
import { createCore } from "./core/core";
import { classicScriptLocation, detectHost } from "./host/detect";

export { version } from "./api/layout";

const scriptLocation = classicScriptLocation(
  new Error().stack,
  typeof __filename === "string" ? __filename : undefined,
);

/** See `loadPyodide` in `pyodide.ts`. */
export async function loadPyodide(options: LoadOptions = {}): Promise<PyodideAPI> {
  return load({ createCore, detectHost, scriptLocation }, options);
}

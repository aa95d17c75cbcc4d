/**
 * The classic script and CommonJS entry point whose `conversion` is `"proxy"` by default. The
 * build keeps the import below, so everything else is the file one folder up.
 */

import type { PyodideAPI } from "../api/api";
import type { LoadOptions } from "../api/options";
import { classicScriptLocation } from "../host/detect";
import { withProxyDefault } from "./options";

export { version } from "../api/layout";

const scriptLocation = classicScriptLocation(
  new Error().stack,
  typeof __filename === "string" ? __filename : undefined,
);

/** See `loadPyodide` in `../pyodide.ts`. */
export async function loadPyodide(options: LoadOptions = {}): Promise<PyodideAPI> {
  const { loadPyodide: loadNative } = await import("../pyodide");
  return loadNative(withProxyDefault(options, scriptLocation));
}

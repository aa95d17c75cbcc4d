/**
 * The module entry point whose `conversion` is `"proxy"` by default, for code written for
 * Pyodide. The build keeps the import below, so everything else is the file one folder up.
 */

import type { PyodideAPI } from "../api/api";
import type { LoadOptions } from "../api/options";
import { loadPyodide as loadNative } from "../pyodide";
import { withProxyDefault } from "./options";

export { version } from "../pyodide";

/** See `loadPyodide` in `../pyodide.ts`. */
export async function loadPyodide(options: LoadOptions = {}): Promise<PyodideAPI> {
  return loadNative(withProxyDefault(options, import.meta.url));
}

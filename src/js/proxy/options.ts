/**
 * What the entry points in this folder add: `conversion: "proxy"` unless the caller says otherwise.
 */

import type { LoadOptions } from "../api/options";

/**
 * @param options - the caller's options; anything but an object is left for the loader to refuse
 * @returns the options with the default of this folder
 */
export function withProxyDefault(options: LoadOptions): LoadOptions {
  const isObject = typeof options === "object" && options !== null;
  return isObject && options.conversion === undefined
    ? { ...options, conversion: "proxy" }
    : options;
}

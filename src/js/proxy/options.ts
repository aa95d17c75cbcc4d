/**
 * What the entry points in this folder add: `conversion: "proxy"` unless the caller says otherwise.
 */

import type { LoadOptions } from "../api/options";

const OWN_FOLDER = /(^|[/\\])proxy[/\\]*$/;

/**
 * Tools that are given the address of a loader take its folder for that of the other files, which
 * lie one folder up.
 *
 * @param script - address or path of the entry point
 */
function withoutOwnFolder(indexURL: string, script: string): string {
  const folder = script.replace(/[^/\\]*$/, "");
  const named = indexURL.replace(/[/\\]*$/, "/").replace(/^(\.?[/\\])+/, "");
  const isOwn = OWN_FOLDER.test(indexURL) && folder.replaceAll("\\", "/").endsWith(named);
  return isOwn ? indexURL.replace(OWN_FOLDER, "$1") || "./" : indexURL;
}

/**
 * @param options - the caller's options; anything but an object is left for the loader to refuse
 * @param script - address or path of the entry point, as far as it is known
 * @returns the options with the defaults of this folder
 */
export function withProxyDefault(options: LoadOptions, script: string | undefined): LoadOptions {
  if (typeof options !== "object" || options === null) {
    return options;
  }
  const { conversion, indexURL } = options;
  const chosen = { ...options, conversion: conversion ?? "proxy" };
  if (typeof indexURL === "string" && script !== undefined) {
    chosen.indexURL = withoutOwnFolder(indexURL, script);
  }
  return chosen;
}

/**
 * Finds out where the code runs, and where the file that it was loaded from lies.
 */

import type { Host } from "./host";
import { createNodeHost } from "./node";
import { createWebHost } from "./web";

/** Which host this realm is. */
export function hostKind(): Host["kind"] {
  // Electron's renderer has both; a page there behaves as a browser.
  const isNode =
    typeof process === "object" &&
    typeof process.versions?.node === "string" &&
    (process as { type?: string }).type !== "renderer";
  if (isNode) {
    return "node";
  }
  return typeof document === "object" ? "browser" : "worker";
}

/** The host object of this realm. */
export async function detectHost(): Promise<Host> {
  const kind = hostKind();
  return kind === "node" ? createNodeHost() : createWebHost(kind);
}

/**
 * Address of the running script, out of a stack trace made in it. Classic workers have no other
 * way to learn it.
 *
 * @param stack - `new Error().stack` of an error made in the script itself
 * @returns the first address in it, without line and column, or undefined
 */
export function scriptFromStack(stack: string | undefined): string | undefined {
  return /((?:https?|file|blob|chrome-extension|moz-extension):[^\s()]+?)(?::\d+)?:\d+(?:\)|\s|$)/m.exec(
    stack ?? "",
  )?.[1];
}

/**
 * Address of the classic script that is being evaluated. To be called while it is evaluated.
 *
 * @param stack - stack of an error made in that script
 * @param filename - `__filename` where CommonJS gives one
 */
export function classicScriptLocation(
  stack: string | undefined,
  filename: string | undefined,
): string {
  if (filename !== undefined) {
    return filename;
  }
  if (typeof document === "object") {
    const script = document.currentScript;
    if (script instanceof HTMLScriptElement && script.src !== "") {
      return script.src;
    }
  }
  return scriptFromStack(stack) ?? globalThis.location.href;
}

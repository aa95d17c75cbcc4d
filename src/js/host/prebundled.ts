/**
 * Vite before version 8 copies a package's program, alone, into a folder of its development server's
 * cache. The package's other files are where they were.
 */

const CACHE = "/node_modules/.vite/deps/";

/** The address of a file of this package, of the one that it would have beside the program. */
export function besidePackage(address: URL): string {
  return address.href.replace(CACHE, "/node_modules/pyodide/");
}

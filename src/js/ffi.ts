/**
 * Entry point for types only: `import type { PyProxy } from "pyodide/ffi"`.
 */

export type * from "./api/ffi";

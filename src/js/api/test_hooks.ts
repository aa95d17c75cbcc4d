/**
 * What public tools for tests reach for in `pyodide._module`, by the names that they know: functions
 * of C by their names with an underscore before them, and counters for leak checks.
 */

import type { Core } from "../core/core";
import type { EmscriptenModule } from "./emscripten";

/** Lets `module._name` be the export `name`; each is bound when it is first asked for. */
function exposeExports(module: EmscriptenModule, exports: WebAssembly.Exports): void {
  const find = (key: string | symbol): unknown =>
    typeof key === "string" && key.startsWith("_") ? exports[key.slice(1)] : undefined;
  Object.setPrototypeOf(
    module,
    new Proxy(Object.create(null) as object, {
      get: (_target, key) => find(key) ?? Reflect.get(Object.prototype, key),
      has: (_target, key) => find(key) !== undefined || key in Object.prototype,
    }),
  );
}

/**
 * Adds to `module` what tools for tests use.
 *
 * @param core - counts live objects
 */
export function addTestHooks(
  module: EmscriptenModule,
  exports: WebAssembly.Exports,
  core: Core,
): void {
  exposeExports(module, exports);
  /** JavaScript values that Python holds. */
  module["hiwire"] = { num_keys: () => core.debug.counts().jsRefs };
  /** Python objects that JavaScript holds; they are counted always, with tracing or without. */
  module["pyproxy_alloc_map"] = {
    get size() {
      return core.debug.counts().pyProxies;
    },
  };
  module["enable_pyproxy_allocation_tracing"] = () => undefined;
  module["disable_pyproxy_allocation_tracing"] = () => undefined;
  /** Throws the exception that is set in Python, which it should not be between calls. */
  module["_pythonexc2js"] = () => {
    (exports["PyErr_Print"] as () => void)();
    throw new Error("an exception was set in Python that nobody has handled; stderr has it");
  };
}

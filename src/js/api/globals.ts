/**
 * `pyodide.globals`: the dict of `__main__`, whose `get` and `has` also see the builtins.
 */

import type { PyDict } from "./ffi";
import type { PythonSide } from "./python";

/** Builds the public object of a started interpreter. */
export function createGlobals(python: PythonSide): PyDict {
  const dictOf = (module: string): PyDict => python.attribute(module, "__dict__") as PyDict;
  const proxy = dictOf("__main__");
  const builtins = dictOf("builtins");
  const value = proxy.get.bind(proxy);
  const binds = proxy.has.bind(proxy);

  const define = (name: string, method: (key: unknown) => unknown): void => {
    Object.defineProperty(proxy, name, { value: method, writable: true, configurable: true });
  };
  define("get", (key) => {
    const found: unknown = value(key);
    // undefined stands for a name that is missing, but also for one that is None.
    return found !== undefined || binds(key) ? found : builtins.get(key);
  });
  define("has", (key) => binds(key) || builtins.has(key));
  return proxy;
}

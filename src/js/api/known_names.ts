/**
 * What programs written for Pyodide reach for in the private `_api` and `_module`, by the names that they know:
 * PyScript, JupyterLite, Basthon, editors on the web. Only what such programs really use is here.
 */

import type { EmscriptenModule } from "./emscripten";
import type { PyProxy } from "./ffi";
import { version } from "./layout";
import type { PackageManager } from "./packages/manager";
import type { PythonSide } from "./python";

/** Settings that the interpreter was loaded with; changing them changes nothing. */
export interface Config {
  /** Folder of the runtime's files, with a slash at its end. */
  readonly indexURL: string;
  /** Base address of the packages. */
  readonly packageBaseUrl: string | undefined;
  readonly jsglobals: object;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly packageCacheDir: string | undefined;
  readonly fullStdLib: boolean;
  readonly enableRunUntilComplete: boolean;
}

/** See the head of the file. */
export interface KnownNames {
  readonly config: Config;
  readonly version: string;
  /** Names of the packages of the lock file, by the names of the modules that they provide. */
  readonly _import_name_to_package_name: ReadonlyMap<string, string>;
  /** Python's modules `pyodide`, `pyodide.code`, `pyodide.ffi`, `_pyodide._base` and `importlib`. */
  readonly pyodide_py: PyProxy;
  readonly pyodide_code: PyProxy;
  readonly pyodide_ffi: PyProxy;
  readonly pyodide_base: PyProxy;
  readonly importlib: PyProxy;
}

const MODULES = {
  pyodide_py: "pyodide",
  pyodide_code: "pyodide.code",
  pyodide_ffi: "pyodide.ffi",
  pyodide_base: "_pyodide._base",
  importlib: "importlib",
} as const;

/**
 * The names in `_api`. A module of Python is looked up when it is first asked for.
 *
 * @param config - settings
 */
export function knownNames(
  python: PythonSide,
  packages: PackageManager,
  config: Config,
): KnownNames {
  const names = { config, version, _import_name_to_package_name: packages.packageOfModule };
  for (const [name, module] of Object.entries(MODULES)) {
    let proxy: PyProxy | undefined;
    Object.defineProperty(names, name, {
      enumerable: true,
      get: () => (proxy ??= python.core.importModule(module) as PyProxy),
    });
  }
  return names as typeof names & Record<keyof typeof MODULES, PyProxy>;
}

/** Adds the names in `_module`. */
export function addKnownNames(module: EmscriptenModule, privateApi: object): void {
  module["API"] = privateApi;
  module["jspiSupported"] =
    typeof (WebAssembly as { Suspending?: unknown }).Suspending === "function";
}

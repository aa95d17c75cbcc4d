/**
 * Running Python code and importing Python modules.
 */

import type { PyAwaitable, PyDict, PyProxy } from "./ffi";
import type { Globals } from "./globals";
import type { PythonSide } from "./python";

/** Options of {@link PyodideAPI.runPython} and {@link PyodideAPI.runPythonAsync}. */
export interface RunOptions {
  /** A PyProxy of a dict for global names. Default: {@link PyodideAPI.globals}. */
  globals?: PyProxy | undefined;
  /** A PyProxy of a mapping for local names. Default: the globals. */
  locals?: PyProxy | undefined;
  /** Name of the code in tracebacks, which then show its lines. Default: `<exec>`. */
  filename?: string | undefined;
}

/** The functions of this file, bound to one interpreter. */
export interface Runner {
  runPython(code: string, options?: RunOptions): any;
  runPythonAsync(code: string, options?: RunOptions): Promise<any>;
  pyimport(name: string): any;
}

/** Binds the functions to an interpreter. */
export function createRunner(python: PythonSide, globals: Globals): Runner {
  function evaluate(evaluator: string, code: string, options: RunOptions): unknown {
    const { args, kwargs } = evaluationArguments(python, globals.proxy, code, options);
    return python.call("pyodide.code", evaluator, args, kwargs);
  }

  return {
    runPython: (code, options = {}) => evaluate("eval_code", code, options),
    async runPythonAsync(code, options = {}) {
      const coroutine = evaluate("eval_code_async", code, options) as PyAwaitable;
      try {
        return await coroutine;
      } finally {
        python.release(coroutine);
      }
    },
    pyimport: (name) => importName(python, globals, name),
  };
}

function evaluationArguments(
  python: PythonSide,
  defaultGlobals: PyDict,
  code: string,
  options: RunOptions,
): { args: unknown[]; kwargs: Record<string, unknown> | undefined } {
  if (typeof code !== "string") {
    throw new TypeError(`The Python code must be a string, not a value of type ${typeof code}`);
  }
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      "The second argument must be an object with 'globals', 'locals' and 'filename'",
    );
  }
  const { globals = defaultGlobals, locals = globals, filename } = options;
  if (!python.isPyProxy(globals)) {
    throw new TypeError(
      "Option 'globals' must be a PyProxy of a dict, for instance pyodide.toPy({})",
    );
  }
  if (filename !== undefined && typeof filename !== "string") {
    throw new TypeError(
      `Option 'filename' must be a string, not a value of type ${typeof filename}`,
    );
  }
  return {
    args: [code, globals, locals],
    kwargs: filename === undefined ? undefined : { filename },
  };
}

/**
 * The object that a global name is bound to; otherwise the module of that name. Of a dotted name,
 * each part is an attribute of the one before if it has it, and a submodule otherwise.
 */
function importName(python: PythonSide, globals: Globals, name: string): unknown {
  if (typeof name !== "string" || name === "") {
    throw new TypeError("pyimport needs the name of a Python module or global variable");
  }
  if (globals.binds(name)) {
    return globals.value(name);
  }
  const [head, ...rest] = name.split(".");
  let path = head!;
  let found = python.core.importModule(path);
  for (const part of rest) {
    path += `.${part}`;
    const parent = found;
    // Only a Python object can be asked for attributes; a module of JavaScript is left to the import.
    found = python.isPyProxy(parent)
      ? attributeOrModule(python, parent, part, path)
      : python.core.importModule(path);
    if (parent !== found) {
      python.release(parent);
    }
  }
  return found;
}

function attributeOrModule(
  python: PythonSide,
  parent: PyProxy,
  part: string,
  path: string,
): unknown {
  try {
    return python.core.getAttr(parent, part);
  } catch (error) {
    if (error instanceof python.ffi.PythonError && error.type === "AttributeError") {
      return python.core.importModule(path);
    }
    throw error;
  }
}

/**
 * Running Python code and importing Python modules.
 */

import type { PyAwaitable, PyDict, PyProxy } from "./ffi";
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
export function createRunner(python: PythonSide, globals: PyDict): Runner {
  function evaluate(evaluator: string, code: string, options: RunOptions): unknown {
    const { args, kwargs } = evaluationArguments(python, globals, code, options);
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
    pyimport(name) {
      if (typeof name !== "string" || name === "") {
        throw new TypeError("pyimport needs the name of a Python module or global variable");
      }
      return python.call("_pyodide._pyimport", "pyimport_impl", [name]);
    },
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
  // Null is nothing, too.
  const globals = options.globals ?? defaultGlobals;
  const locals = options.locals ?? globals;
  const filename = options.filename ?? undefined;
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

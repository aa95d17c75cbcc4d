/**
 * Names of the distribution's files and places in the virtual file system.
 */

/** Version of the product; filled in by the build. */
declare const BUILD_VERSION: string;
/** `major.minor` of the Python inside; filled in by the build. */
declare const BUILD_PYTHON: string;

/** Version of this package; equals `pyodide.__version__` in Python. */
export const version: string = BUILD_VERSION;

export const FILES = {
  glue: "pyodide.asm.mjs",
  wasm: "pyodide.asm.wasm",
  stdlib: "python_stdlib.zip",
  lock: "pyodide-lock.json",
} as const;

export const HOME = "/home/pyodide";
export const STDLIB_ARCHIVE = `/lib/python${BUILD_PYTHON.replace(".", "")}.zip`;
const LIBRARY = `/lib/python${BUILD_PYTHON}`;
export const SITE_PACKAGES = `${LIBRARY}/site-packages`;
const LIB_DYNLOAD = `${LIBRARY}/lib-dynload`;

/** `sys.path` at start, before `""` is put first. */
export const PYTHON_PATH: readonly string[] = [STDLIB_ARCHIVE, LIBRARY, LIB_DYNLOAD, SITE_PACKAGES];

/** Folders that exist before the interpreter starts. */
export const FOLDERS: readonly string[] = [HOME, LIB_DYNLOAD, SITE_PACKAGES];

/** The Python module with the functions that the loader calls. */
export const BOOTSTRAP = "_pyodide._bootstrap";

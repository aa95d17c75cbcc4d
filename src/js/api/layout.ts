/**
 * Names of the distribution's files and places in the virtual file system.
 */

/** Version of the product; filled in by the build. */
declare const BUILD_VERSION: string;
/** `major.minor` of the Python inside; filled in by the build. */
declare const BUILD_PYTHON: string;
/** ABI of the wheels; filled in by the build. */
declare const BUILD_ABI: string;

/** Version of this package; equals `pyodide.__version__` in Python. */
export const version: string = BUILD_VERSION;

/** `major.minor` of the Python inside. */
export const pythonVersion: string = BUILD_PYTHON;
/** The ABI of wheels that this runtime loads. */
export const abiVersion: string = BUILD_ABI;

export const FILES = {
  glue: "pyodide.asm.mjs",
  wasm: "pyodide.asm.wasm",
  stdlib: "python_stdlib.zip",
  lock: "pyodide-lock.json",
  snapshot: "pyodide.snapshot.bin",
  "modules.zip": "library/modules.zip",
  "_codecs_cn.wasm": "library/_codecs_cn.wasm",
  "_codecs_hk.wasm": "library/_codecs_hk.wasm",
  "_codecs_iso2022.wasm": "library/_codecs_iso2022.wasm",
  "_codecs_jp.wasm": "library/_codecs_jp.wasm",
  "_codecs_kr.wasm": "library/_codecs_kr.wasm",
  "_codecs_tw.wasm": "library/_codecs_tw.wasm",
  "_decimal.wasm": "library/_decimal.wasm",
  "_elementtree.wasm": "library/_elementtree.wasm",
  "_sqlite3.wasm": "library/_sqlite3.wasm",
  "pyexpat.wasm": "library/pyexpat.wasm",
  "unicodedata.wasm": "library/unicodedata.wasm",
} as const;

export type FileKey = keyof typeof FILES;

/** Finds the files of the distribution. */
export interface Places {
  /** Address or path of a file. */
  of(file: FileKey): string;
  /** The folder that they are in. */
  readonly folder: string;
}

export const HOME = "/home/pyodide";
export const STDLIB_ARCHIVE = `/lib/python${BUILD_PYTHON.replace(".", "")}.zip`;
/** The library's folder. */
export const LIBRARY = `/lib/python${BUILD_PYTHON}`;
export const SITE_PACKAGES = `${LIBRARY}/site-packages`;
/** Where libraries are found that other packages need; the default of `LD_LIBRARY_PATH`. */
export const LIBRARY_FOLDER = "/usr/lib";
/** Folders that packages are unpacked to, by the names that the lock file has for them. */
export const INSTALL_FOLDERS: Readonly<Record<string, string>> = {
  site: SITE_PACKAGES,
  stdlib: LIBRARY,
  dynlib: LIBRARY_FOLDER,
};
/** Where extension modules of the library are. */
export const LIB_DYNLOAD = `${LIBRARY}/lib-dynload`;
/** What follows the name of an extension module in that of its file. */
export const EXTENSION_SUFFIX = `.cpython-${BUILD_PYTHON.replace(".", "")}-wasm32-emscripten.so`;

/** `sys.path` at start, before `""` is put first. */
export const PYTHON_PATH: readonly string[] = [STDLIB_ARCHIVE, LIBRARY, LIB_DYNLOAD, SITE_PACKAGES];

/** Folders that exist before the interpreter starts. */
export const FOLDERS: readonly string[] = [HOME, LIB_DYNLOAD, SITE_PACKAGES];

/** The Python module with the functions that the loader calls. */
export const BOOTSTRAP = "_pyodide._bootstrap";
/** The Python module that unpacks packages. */
export const INSTALLER = "_pyodide._installer";

/** What `import ... from "pyodide"` must accept and refuse. Compiled, never run. */

import { loadPyodide, version } from "pyodide";
import type {
  DirectoryHandle,
  FSType,
  LoadOptions,
  LoadProgress,
  NativeFS,
  LoadPackageOptions,
  Lockfile,
  LockfilePackage,
  PackageData,
  PyCallable,
  PyDict,
  PyodideAPI,
  PyodideConfig,
  PyodideInterface,
  PyProxy,
  RunOptions,
  StdinOptions,
  StdoutOptions,
  TypedArray,
} from "pyodide";
import type * as ffi from "pyodide/ffi";
import { same } from "./check";

same<typeof version, string>(true);
same<PyodideInterface, PyodideAPI>(true);
same<PyodideConfig, LoadOptions>(true);
same<TypedArray, ffi.TypedArray>(true);
same<ReturnType<typeof loadPyodide>, Promise<PyodideAPI>>(true);

export const config: PyodideConfig = {
  indexURL: "./dist",
  stdLibURL: new URL("https://example.org/python_stdlib.zip"),
  lockFileContents: Promise.resolve("{}"),
  packageBaseUrl: ["https://example.org/", "./wheels"],
  packageCacheDir: "/tmp/cache",
  fullStdLib: false,
  conversion: "proxy",
  jsglobals: globalThis,
  args: ["-X", "dev"],
  env: { HOME: "/home/me" },
  stdin: () => null,
  stdout: (line) => line.trim(),
  stderr: (line) => line.trim(),
  packages: ["numpy"],
  checkAPIVersion: true,
  async fsInit(FS, { sitePackages }) {
    FS.mkdirTree(sitePackages);
  },
  enableRunUntilComplete: true,
  pyproxyToStringRepr: false,
  toJsLiteralMap: false,
  convertNullToNone: false,
  onProgress({ stage, loaded, total, file }) {
    same<typeof stage, LoadProgress["stage"]>(true);
    same<typeof total, number | undefined>(true);
    same<typeof file, string | undefined>(true);
    loaded.toFixed();
  },
  debug: false,
};

export async function start(): Promise<PyodideAPI> {
  await loadPyodide();
  await loadPyodide({ packages: undefined });
  // @ts-expect-error - an option that does not exist
  await loadPyodide({ indexUrl: "./dist" });
  // @ts-expect-error - one of two words
  await loadPyodide({ conversion: "deep" });
  await loadPyodide({ env: { PYTHONHASHSEED: 1 } });
  // @ts-expect-error - the values are strings or numbers
  await loadPyodide({ env: { PYTHONHASHSEED: [1] } });
  return loadPyodide(config);
}

export async function running(pyodide: PyodideAPI): Promise<void> {
  same<typeof pyodide.version, string>(true);
  same<typeof pyodide.globals, PyDict>(true);
  same<typeof pyodide.pyodide_py, PyProxy>(true);
  same<ReturnType<typeof pyodide.runPython>, any>(true);
  same<ReturnType<typeof pyodide.runPythonAsync>, Promise<any>>(true);
  same<ReturnType<typeof pyodide.pyimport>, any>(true);
  same<ReturnType<typeof pyodide.setDebug>, boolean>(true);
  const options: RunOptions = {
    globals: pyodide.globals,
    filename: "program.py",
  };
  pyodide.runPython("1 + 1", options);
  pyodide.runPython("1 + 1", {
    globals: pyodide.toPy({}),
    locals: pyodide.toPy({}),
  });
  await pyodide.runPythonAsync("await f()", options);
  pyodide.globals.get("x");
  pyodide.registerJsModule("mine", { value: 1 });
  pyodide.unregisterJsModule("mine");
  pyodide.toPy(new Map(), {
    depth: 1,
    defaultConverter: (value, convert) => convert(value.part),
  });
  // @ts-expect-error - source text
  pyodide.runPython(5);
  // @ts-expect-error - a JavaScript object is no namespace
  pyodide.runPython("1", { globals: {} });
  // @ts-expect-error - an option that does not exist
  pyodide.runPython("1", { fileName: "program.py" });
  // @ts-expect-error - a module is an object
  pyodide.registerJsModule("mine", 1);
  // @ts-expect-error - the option has JavaScript's spelling here
  pyodide.toPy({}, { default_converter: null });
  // @ts-expect-error - members can't be replaced
  pyodide.globals = pyodide.toPy({});
}

export function files({ FS, PATH, ERRNO_CODES }: PyodideAPI): void {
  same<typeof FS, FSType>(true);
  const text = FS.readFile(PATH.join("/tmp", "x"), { encoding: "utf8" });
  const bytes = FS.readFile("/tmp/x");
  const path = FS.getPath(FS.lookupPath("/tmp").node);
  same<typeof text, string>(true);
  const first: number | undefined = bytes[0];
  void first;
  FS.writeFile("/tmp/y", text);
  FS.writeFile("/tmp/y", bytes, { encoding: "binary", flags: "w" });
  FS.createDataFile("/tmp", "z", "data", true, true, true);
  const device = FS.makedev(FS.createDevice.major++, 0);
  FS.mkdev("/dev/own", device);
  FS.syncfs((error) => {
    if (error) throw new Error(String(error.message));
  });
  same<string, typeof path>(true);
  try {
    FS.stat("/nowhere").size.toFixed();
  } catch (error) {
    if (error instanceof FS.ErrnoError && error.errno === ERRNO_CODES["ENOENT"]) throw error;
  }
}

export async function mounts(pyodide: PyodideAPI, directory: DirectoryHandle): Promise<void> {
  pyodide.unpackArchive(new ArrayBuffer(8), "zip");
  pyodide.unpackArchive(new Uint8Array(8), ".tar.gz", { extractDir: "/x" });
  pyodide.mountNodeFS("/host", "/home/me");
  pyodide.mountNodeFS("/host", new URL("file:///home/me"));
  const mounted = await pyodide.mountNativeFS("/native", directory);
  same<typeof mounted, NativeFS>(true);
  same<ReturnType<typeof mounted.syncfs>, Promise<void>>(true);
  await mounted.syncfs(true);
  pyodide.canvas.setCanvas2D(pyodide.canvas.getCanvas3D());
  // @ts-expect-error - the format can't be guessed
  pyodide.unpackArchive(new ArrayBuffer(8));
  // @ts-expect-error - the option has JavaScript's spelling
  pyodide.unpackArchive(new ArrayBuffer(8), "zip", { extract_dir: "/x" });
  // @ts-expect-error - no buffer
  pyodide.unpackArchive("text", "zip");
  // @ts-expect-error - a handle, not a path
  await pyodide.mountNativeFS("/native", "/home/me");
}

export function streams(pyodide: PyodideAPI): void {
  const input: StdinOptions = { stdin: () => null, autoEOF: false };
  const output: StdoutOptions = {
    write: (bytes) => bytes.length,
    isatty: true,
    fsync() {},
  };
  pyodide.setStdin(input);
  pyodide.setStdin({ read: (buffer) => buffer.fill(0).length });
  pyodide.setStdin({ error: true, isatty: false });
  pyodide.setStdin();
  pyodide.setStdout(output);
  pyodide.setStderr({ batched: (line) => line.trim() });
  pyodide.setStdout({ raw: (byte) => byte.toFixed() });
  pyodide.setInterruptBuffer(new Int32Array(1));
  // @ts-expect-error - a Promise is no input
  pyodide.setStdin({ stdin: async () => "x" });
  // @ts-expect-error - nothing says how much was written
  pyodide.setStdout({ write: () => {} });
  // @ts-expect-error - an option of setStdout
  pyodide.setStdin({ batched: () => {} });
  // @ts-expect-error - no typed array
  pyodide.setInterruptBuffer([0]);
}

/** `instanceof` narrows to the types of "pyodide/ffi". */
export function narrowing({ ffi }: PyodideAPI, value: unknown): unknown {
  if (value instanceof ffi.PyDict) return value.get("key");
  if (value instanceof ffi.PyMutableSequence) return value.push(1);
  if (value instanceof ffi.PySequence) return value.at(0);
  if (value instanceof ffi.PyGenerator) return value.return(1);
  if (value instanceof ffi.PyIterator) return value.next();
  if (value instanceof ffi.PyIterable) return [...value];
  if (value instanceof ffi.PyAsyncGenerator) return value.return(1);
  if (value instanceof ffi.PyAsyncIterator) return value.next();
  if (value instanceof ffi.PyAsyncIterable) return value[Symbol.asyncIterator]();
  if (value instanceof ffi.PyAwaitable) return value.then();
  if (value instanceof ffi.PyCallable) return value.callKwargs({});
  if (value instanceof ffi.PyBuffer) return value.getBuffer("u8").data.byteLength;
  if (value instanceof ffi.PyBufferView) return value.nbytes;
  if (value instanceof ffi.PyProxyWithLength) return value.length;
  if (value instanceof ffi.PyProxyWithGet) return value.get(0);
  if (value instanceof ffi.PyProxyWithSet) return value.set(0, 1);
  if (value instanceof ffi.PyProxyWithHas) return value.has(0);
  if (value instanceof ffi.PyProxy) return value.type;
  if (value instanceof ffi.PythonError) return value.type;
  // @ts-expect-error - nothing is known of it here
  return value.type;
}

export function refused({ ffi }: PyodideAPI): void {
  // @ts-expect-error - proxies come into being by conversion only
  new ffi.PyProxy();
  // @ts-expect-error - views come from getBuffer
  new ffi.PyBufferView();
  // @ts-expect-error - there is no such class
  ffi.PyNumber;
}

/** The types of both entry points are the same. */
export function both(callable: PyCallable, error: ffi.PythonError): ffi.PyCallable {
  error.type;
  return callable;
}

export async function packages(api: PyodideAPI): Promise<void> {
  const options: LoadPackageOptions = {
    messageCallback: (message) => message.trim(),
    errorCallback: (message) => message.trim(),
    checkIntegrity: false,
  };
  const loaded: PackageData[] = await api.loadPackage(["a", "b"], options);
  await api.loadPackage("a");
  await api.loadPackage(api.toPy(["a"]) as PyProxy);
  // @ts-expect-error - a number is no package
  await api.loadPackage(5);
  same<(typeof loaded)[0]["fileName"], string>(true);
  same<Awaited<ReturnType<typeof api.loadPackagesFromImports>>, PackageData[]>(true);
  same<typeof api.loadedPackages, Record<string, string>>(true);
  same<typeof api.lockfile, Lockfile>(true);
  same<Lockfile["packages"][string], LockfilePackage>(true);
  same<typeof api.lockfileBaseUrl, string | undefined>(true);
}

/**
 * Putting the files of packages into the virtual file system, by the Python module `_pyodide._installer`.
 */

import { describeError } from "../../host/errors";
import type { PyProxy } from "../ffi";
import { INSTALL_FOLDERS, INSTALLER, SITE_PACKAGES } from "../layout";
import type { PythonSide } from "../python";
import { PackageError } from "./error";
import type { Libraries } from "./libraries";
import { DEFAULT_CHANNEL, type PlannedPackage } from "./plan";

/** What the installation of an archive has added. */
interface Installed {
  files: string[];
  libraries: string[];
}

/** Installs archives that are in memory. */
export class Installer {
  readonly #python: PythonSide;
  readonly #libraries: Libraries;

  /**
   * @param python - Python's side
   * @param libraries - takes in the shared libraries
   */
  constructor(python: PythonSide, libraries: Libraries) {
    this.#python = python;
    this.#libraries = libraries;
  }

  /** Hexadecimal sha256 of bytes. */
  sha256(bytes: Uint8Array<ArrayBuffer>): string {
    return this.#python.call(INSTALLER, "sha256", [bytes]) as string;
  }

  /**
   * Installs a package and compiles its libraries.
   *
   * @param item - what it is
   * @param bytes - its file
   * @throws PackageError if the file is damaged; then nothing of it stays
   */
  async installPackage(item: PlannedPackage, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const folder = INSTALL_FOLDERS[item.installDir];
    if (folder === undefined) {
      const places = Object.keys(INSTALL_FOLDERS).join(", ");
      throw new PackageError(
        item.name,
        `its install_dir '${item.installDir}' is none of ${places}`,
      );
    }
    const metadata: Record<string, string> = {
      INSTALLER: "pyodide.loadPackage",
      PYODIDE_SOURCE: item.channel === DEFAULT_CHANNEL ? "pyodide" : item.channel,
    };
    if (item.channel !== DEFAULT_CHANNEL) {
      metadata["PYODIDE_URL"] = item.channel.replace(/#.*$/s, "");
      metadata["PYODIDE_SHA256"] = this.sha256(bytes);
    }
    try {
      const { libraries } = await this.#unpack(bytes, item.fileName, folder, metadata);
      if (item.packageType === "shared_library") {
        for (const library of libraries) {
          await this.#libraries.load(library, true);
        }
      }
    } catch (error) {
      throw new PackageError(item.name, `${item.fileName}: ${reasonOf(error)}`, error);
    }
  }

  /**
   * Installs a wheel for another installer, such as micropip.
   *
   * @param buffer - the wheel
   * @param fileName - name of its file
   * @param folder - where modules are, default: site-packages
   * @param metadata - files to add to its dist-info: an object, or a PyProxy of a dict
   * @throws PackageError if the wheel is damaged; then nothing of it stays
   */
  async installWheel(
    buffer: ArrayBuffer | ArrayBufferView<ArrayBuffer>,
    fileName: string,
    folder: string = SITE_PACKAGES,
    metadata: Record<string, string> | PyProxy = {},
  ): Promise<void> {
    const bytes = bytesOf(buffer);
    try {
      await this.#unpack(bytes, fileName, folder, metadata);
    } catch (error) {
      throw new PackageError(fileName.split("-")[0]!, `${fileName}: ${reasonOf(error)}`, error);
    }
  }

  async #unpack(
    bytes: Uint8Array<ArrayBuffer>,
    fileName: string,
    folder: string,
    metadata: Record<string, string> | PyProxy,
  ): Promise<Installed> {
    const installed = fileName.endsWith(".whl")
      ? this.#call("install_wheel", bytes, fileName, folder, metadata)
      : this.#call("install_archive", bytes, fileName, folder);
    try {
      await this.#libraries.add(installed.libraries);
    } catch (error) {
      const files = this.#python.core.toPy(installed.files);
      this.#python.call(INSTALLER, "remove", [files]);
      this.#python.release(files);
      throw error;
    }
    this.#python.call(INSTALLER, "invalidate_caches", []);
    return installed;
  }

  #call(name: string, ...args: unknown[]): Installed {
    // A dict in either form; as an object of JavaScript it would arrive as a proxy.
    const given = args.map((arg) => (isPlainObject(arg) ? this.#python.core.toPy(arg) : arg));
    const result = this.#python.call(INSTALLER, name, given) as PyProxy;
    try {
      return result.toJs() as Installed;
    } finally {
      given.filter((arg, i) => arg !== args[i]).forEach((arg) => this.#python.release(arg));
      this.#python.release(result);
    }
  }
}

const isPlainObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function bytesOf(buffer: ArrayBuffer | ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (ArrayBuffer.isView(buffer)) {
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
  if (Object.prototype.toString.call(buffer) !== "[object ArrayBuffer]") {
    throw new TypeError("install() needs an ArrayBuffer or a view of one");
  }
  return new Uint8Array(buffer);
}

/** The message of an error: of Python's, the last line without the exception's name. */
function reasonOf(error: unknown): string {
  const text = describeError(error).trimEnd();
  const last = text.slice(text.lastIndexOf("\n") + 1);
  return (text.startsWith("Traceback") ? last.replace(/^[\w.]+: /, "") : text).replace(/\.$/, "");
}

/**
 * Where the files of packages come from: base addresses, tried in turn, and in Node.js a folder
 * in which downloads are kept.
 */

import { describeError, RuntimeFileError } from "../../host/errors";
import type { Host, ProgressHook } from "../../host/host";
import { PackageError } from "./error";
import type { PlannedPackage } from "./plan";

/** Hexadecimal sha256 of bytes. */
export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;

/** What a {@link PackageStore} is made of. */
export interface StoreParts {
  host: Host;
  /** Base addresses of the distribution's packages, absolute, each with a slash at its end. */
  bases: readonly string[];
  /** Folder in which downloads are kept, with a slash at its end; Node.js only. */
  cacheFolder?: string | undefined;
  onProgress?: ProgressHook | undefined;
}

/** Has an address a scheme, or a path a root? */
const isAbsolute = (address: string): boolean =>
  /^[a-z][a-z0-9+.-]+:/i.test(address) || address.startsWith("/");

/** Is it on another machine? Only such files are worth a copy. */
const isRemote = (address: string): boolean => /^(?!file:)[a-z][a-z0-9+.-]+:/i.test(address);

/** Gives the files of packages, checked. */
export class PackageStore {
  readonly #parts: StoreParts;
  readonly #digest: Digest;

  /**
   * @param parts - places
   * @param digest - for the check of integrity
   */
  constructor(parts: StoreParts, digest: Digest) {
    this.#parts = parts;
    this.#digest = digest;
  }

  /** Base addresses of the distribution's packages. */
  get bases(): readonly string[] {
    return this.#parts.bases;
  }

  /**
   * The file of a package.
   *
   * @param item - the package
   * @param check - whether its sha256, if it is known, must be right
   * @throws PackageError if no place has it, or another file in its stead
   */
  async fetch(item: PlannedPackage, check: boolean): Promise<Uint8Array<ArrayBuffer>> {
    const kept = await this.#fromCache(item, check);
    if (kept !== undefined) {
      return kept;
    }
    const failures: string[] = [];
    let cause: unknown;
    for (const address of this.#addresses(item)) {
      try {
        const bytes = await this.#parts.host.readBytes(address, this.#parts.onProgress);
        const problem = check ? await this.#mismatch(item, bytes) : undefined;
        if (problem === undefined) {
          await this.#keep(item, address, bytes);
          return bytes;
        }
        failures.push(`${address} ${problem}`);
      } catch (error) {
        cause ??= error;
        const problem =
          error instanceof RuntimeFileError
            ? error.problem
            : `cannot be read (${describeError(error)})`;
        failures.push(`${address} ${problem}`);
      }
    }
    throw new PackageError(item.name, failures.join("; "), cause);
  }

  #addresses(item: PlannedPackage): string[] {
    const { host, bases } = this.#parts;
    // In the browser an absolute path is one of the page's server.
    const own = item.channel === item.address || isAbsolute(item.address);
    const address = item.address.replace(/#.*$/s, "");
    return own ? [host.resolve(address)] : bases.map((base) => host.resolve(address, base));
  }

  /** What is wrong with a file's content, as a phrase that follows its address. */
  async #mismatch(
    item: PlannedPackage,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<string | undefined> {
    if (item.sha256 === "") {
      return undefined;
    }
    const actual = await this.#digest(bytes);
    return actual === item.sha256.toLowerCase()
      ? undefined
      : `is damaged or was tampered with: its sha256 is ${actual}, and ${item.sha256} is expected (${bytes.length} bytes)`;
  }

  /** Path of the kept copy; none where nothing is kept or the content could not be checked. */
  #keptAt(item: PlannedPackage): string | undefined {
    const { host, cacheFolder } = this.#parts;
    const checkable = item.sha256 !== "" || item.channel !== item.address;
    const remote = this.#addresses(item).some(isRemote);
    return cacheFolder !== undefined && checkable && remote
      ? host.resolve(item.fileName, cacheFolder)
      : undefined;
  }

  async #fromCache(
    item: PlannedPackage,
    check: boolean,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = this.#keptAt(item);
    if (path === undefined) {
      return undefined;
    }
    try {
      const bytes = await this.#parts.host.readBytes(path);
      // A copy that is not what the lock file says is fetched anew.
      const wrong = check && (await this.#mismatch(item, bytes)) !== undefined;
      return wrong ? undefined : bytes;
    } catch {
      return undefined;
    }
  }

  async #keep(
    item: PlannedPackage,
    address: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    const path = this.#keptAt(item);
    const { keepFile } = this.#parts.host;
    if (path === undefined || !isRemote(address) || keepFile === undefined) {
      return;
    }
    try {
      await keepFile(path, bytes);
    } catch (error) {
      // The package is there all the same; only the next start has to fetch it again.
      console.warn(`Cannot keep ${item.fileName} in packageCacheDir: ${describeError(error)}`);
    }
  }
}

/**
 * Loading packages: `loadPackage` and what belongs to it.
 */

import type { EmscriptenModule } from "../emscripten";
import type { PyProxy } from "../ffi";
import type { Library } from "../library";
import type { PythonSide } from "../python";
import type { Lockfile } from "./lockfile";
import { Installer } from "./installer";
import { Libraries } from "./libraries";
import { type Plan, planPackages, type PlannedPackage } from "./plan";
import { PackageStore, type StoreParts } from "./store";

/** Options of {@link PyodideAPI.loadPackage}. */
export interface LoadPackageOptions {
  /** Told what goes on. Default: `console.log`. */
  messageCallback?: ((message: string) => void) | undefined;
  /** Told what went wrong. Default: `console.error`. */
  errorCallback?: ((message: string) => void) | undefined;
  /** Compare the files with the digests in the lock file. Default: true. */
  checkIntegrity?: boolean | undefined;
}

/** A package that was loaded. */
export interface PackageData {
  name: string;
  version: string;
  /** Name of its file. */
  fileName: string;
  /** `"package"`, or what else the lock file says of it. */
  packageType: string;
}

/** One request, with its options filled in. */
interface Request {
  names: string[];
  message: (text: string) => void;
  error: (text: string) => void;
  check: boolean;
}

type Downloads = Map<string, Promise<Uint8Array<ArrayBuffer>>>;

/** What is there once Python has started. */
interface Started {
  installer: Installer;
  libraries: Libraries;
}

/** The packages of one interpreter. */
export class PackageManager {
  /** Loaded packages: name -> "default channel" or the address. */
  readonly loadedPackages: Record<string, string> = {};
  readonly lockfile: Lockfile;
  /** Names of packages of the lock file, by the modules that they provide. */
  readonly packageOfModule: ReadonlyMap<string, string>;
  readonly #python: PythonSide;
  readonly #store: PackageStore;
  readonly #library: Pick<Library, "expectModules">;
  readonly #started: Promise<Started>;
  #announceStart!: (started: Started) => void;
  /** The end of the last request; they are served one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Downloads may begin before Python has started; what else there is to do waits for
   * {@link PackageManager.start}.
   *
   * @param python - Python's side
   * @param lockfile - the distribution's packages
   * @param parts - where files come from
   * @param library - has modules that installing and most packages import
   */
  constructor(
    python: PythonSide,
    lockfile: Lockfile,
    parts: StoreParts,
    library: Pick<Library, "expectModules">,
  ) {
    this.#python = python;
    this.#library = library;
    this.lockfile = lockfile;
    this.#started = new Promise((resolve) => {
      this.#announceStart = resolve;
    });
    this.#store = new PackageStore(parts, async (bytes) => {
      const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
      // Browsers offer it to pages from https addresses only.
      return subtle === undefined
        ? (await this.#started).installer.sha256(bytes)
        : hexadecimal(await subtle.digest("SHA-256", bytes));
    });
    this.packageOfModule = new Map(
      Object.entries(lockfile.packages).flatMap(([key, entry]) =>
        entry.imports.map((module) => [module, key] as const),
      ),
    );
  }

  /** Says that Python has started. */
  start(module: EmscriptenModule): void {
    const libraries = new Libraries(module);
    this.#announceStart({ libraries, installer: new Installer(this.#python, libraries) });
  }

  /** Installs a wheel for another installer: see {@link Installer.installWheel}. */
  async install(...args: Parameters<Installer["installWheel"]>): Promise<void> {
    await this.#library.expectModules();
    return (await this.#started).installer.installWheel(...args);
  }

  /** Loads a shared library: see {@link Libraries.load}. */
  async loadDynlib(path: string, global: boolean = false): Promise<void> {
    return (await this.#started).libraries.load(path, global);
  }

  /** Base address of the lock file's packages. */
  get lockfileBaseUrl(): string | undefined {
    return this.#store.bases[0];
  }

  /** See {@link PyodideAPI.loadPackage}. */
  async loadPackage(
    names: string | string[] | PyProxy,
    options: LoadPackageOptions = {},
  ): Promise<PackageData[]> {
    const request = this.#request(this.#texts(names), options);
    const serve = async (): Promise<PackageData[]> => this.#serve(request);
    const result = this.#last.then(serve, serve);
    this.#last = result.catch(() => {});
    return result;
  }

  /** See {@link PyodideAPI.loadPackagesFromImports}. */
  async loadPackagesFromImports(
    code: string,
    options: LoadPackageOptions = {},
  ): Promise<PackageData[]> {
    if (typeof code !== "string") {
      throw new TypeError(`The Python code must be a string, not a value of type ${typeof code}`);
    }
    const found = this.#python.call("pyodide.code", "find_imports", [code]);
    const modules = this.#texts(found as string[] | PyProxy);
    this.#python.release(found);
    const packages = modules.flatMap((module) => this.packageOfModule.get(module) ?? []);
    return packages.length === 0 ? [] : this.loadPackage([...new Set(packages)], options);
  }

  #texts(names: string | string[] | PyProxy): string[] {
    const list: unknown = this.#python.isPyProxy(names) ? (names.toJs as () => unknown)() : names;
    const texts: unknown[] =
      typeof list === "string"
        ? [list]
        : typeof list === "object" && list !== null && Symbol.iterator in list
          ? [...(list as Iterable<unknown>)]
          : [undefined];
    if (!texts.every((text): text is string => typeof text === "string")) {
      throw new TypeError(
        "loadPackage needs the name of a package or the address of a wheel, or a list of them",
      );
    }
    return texts;
  }

  #request(names: string[], options: LoadPackageOptions): Request {
    return {
      names,
      message: options.messageCallback ?? ((text) => console.log(text)),
      error: options.errorCallback ?? ((text) => console.error(text)),
      check: options.checkIntegrity ?? true,
    };
  }

  async #serve(request: Request): Promise<PackageData[]> {
    const plan = planPackages(this.lockfile, request.names, this.loadedPackages);
    announce(plan, request);
    const { packages } = plan;
    if (packages.length === 0) {
      request.message("No new packages to load");
      return [];
    }
    const names = list(packages);
    request.message(`Loading ${names}`);
    const loaded: PlannedPackage[] = [];
    try {
      const [files] = await Promise.all([
        this.#downloadAll(packages, request.check),
        this.#library.expectModules(),
      ]);
      const { installer } = await this.#started;
      for (const item of packages) {
        await installer.installPackage(item, files.get(item.key)!);
        this.loadedPackages[item.name] = item.channel;
        loaded.push(item);
      }
    } catch (error) {
      const failed = packages.filter((item) => !loaded.includes(item));
      request.message(`Failed to load ${list(failed)}`);
      request.error(`The following error occurred while loading ${list(failed)}:`);
      request.error((error as Error).message);
      throw error;
    }
    request.message(`Loaded ${names}`);
    return loaded.map(({ name, version, fileName, packageType }) => ({
      name,
      version,
      fileName,
      packageType,
    }));
  }

  /** All files, or the error of the first that is not to be had; nothing is installed before. */
  async #downloadAll(
    packages: readonly PlannedPackage[],
    check: boolean,
  ): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
    const downloads: Downloads = new Map(
      packages.map((item) => [item.key, this.#store.fetch(item, check)]),
    );
    const files = await Promise.all(
      [...downloads].map(async ([key, bytes]) => [key, await bytes] as const),
    );
    return new Map(files);
  }
}

const list = (packages: readonly PlannedPackage[]): string =>
  packages
    .map(({ name }) => name)
    .sort()
    .join(", ");

/** Says what is not going to be loaded, and why. */
function announce(plan: Plan, request: Request): void {
  for (const { name, channel, loadedFrom } of plan.mismatched) {
    request.error(
      `URI mismatch, attempting to load package ${name} from ${channel} while it is already loaded from ${loadedFrom}. ` +
        "To override a dependency, load the custom package first.",
    );
  }
  for (const { name, channel } of plan.present) {
    request.message(`${name} already loaded from ${channel}`);
  }
}

function hexadecimal(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

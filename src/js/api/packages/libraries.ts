/**
 * Shared libraries of WebAssembly: compiled asynchronously when their package is installed, because
 * browsers refuse to compile large ones while a page waits, and instantiated when Python imports
 * them. Emscripten's loader asks `preloadedWasm` for a library's exports by its path; there it
 * finds a property that instantiates the compiled module.
 */

import { describeError } from "../../host/errors";
import type { DynamicLinker, EmscriptenModule } from "../emscripten";
import { LIBRARY_FOLDER } from "../layout";
import { type DylinkInfo, readDylink } from "./dylink";

/** Above this size Chromium refuses to instantiate synchronously; a little less than its 8 MiB. */
const LARGE = 7 << 20;
/** Parts of a main module that every library gets, whatever it is called. */
const PROVIDED = new Set(["__memory_base", "__table_base"]);

/** A compiled library. */
interface Library {
  path: string;
  module: WebAssembly.Module;
  info: DylinkInfo;
  size: number;
}

/** The libraries of one interpreter. */
export class Libraries {
  readonly #module: EmscriptenModule;
  readonly #linker: DynamicLinker;
  readonly #large: number;
  readonly #known = new Map<string, Library>();

  /**
   * @param module - the instantiated Emscripten module
   * @param large - size in bytes from which libraries are instantiated at once; for tests
   */
  constructor(module: EmscriptenModule, large: number = LARGE) {
    this.#module = module;
    this.#linker = module as unknown as DynamicLinker;
    this.#large = large;
  }

  /**
   * Compiles libraries in parallel.
   *
   * @param paths - absolute paths in the virtual file system
   * @throws Error naming the file that does not compile; then none is taken in
   */
  async add(paths: readonly string[]): Promise<void> {
    const compiled = await Promise.all(
      paths
        .filter((path) => this.#linker.LDSO.loadedLibsByName[path] === undefined)
        .map((path) => this.#compile(path)),
    );
    for (const library of compiled) {
      this.#known.set(library.path, library);
      this.#offer(library.path, library.path);
    }
    for (const library of compiled) {
      for (const { alias, path } of this.#needed(library)) {
        this.#offer(alias, path);
      }
    }
    const seen = new Set<Library>();
    for (const library of compiled) {
      await this.#loadLarge(library, seen);
    }
  }

  /** Instantiates a library if it is large, after the large ones that it needs, in any depth. */
  async #loadLarge(library: Library, seen: Set<Library>): Promise<void> {
    if (seen.has(library)) {
      return;
    }
    seen.add(library);
    for (const { path } of this.#needed(library)) {
      await this.#loadLarge(this.#known.get(path)!, seen);
    }
    const { loadedLibsByName } = this.#linker.LDSO;
    if (library.size >= this.#large && loadedLibsByName[library.path] === undefined) {
      await this.#loadAtOnce(library);
    }
  }

  /**
   * Loads one library now.
   *
   * @param path - absolute path in the virtual file system
   * @param global - whether its symbols are for libraries that are loaded later
   * @throws Error if it is damaged or needs what is not there
   */
  async load(path: string, global: boolean): Promise<void> {
    if (!this.#known.has(path)) {
      await this.add([path]);
    }
    this.#linker.loadDynamicLibrary(path, { global, nodelete: true }, global ? undefined : {});
  }

  async #compile(path: string): Promise<Library> {
    const bytes = this.#module.FS.readFile(path) as Uint8Array<ArrayBuffer>;
    try {
      const module = await WebAssembly.compile(bytes);
      return {
        path,
        module,
        info: readDylink(module),
        size: bytes.length,
      };
    } catch (error) {
      throw new Error(`its library ${path} cannot be compiled (${describeError(error)})`, {
        cause: error,
      });
    }
  }

  /** The compiled libraries that a library names, by what Emscripten's loader will call them. */
  *#needed({ path, info }: Library): Iterable<{ alias: string; path: string }> {
    const folder = path.slice(0, path.lastIndexOf("/"));
    for (const name of info.needed) {
      for (const place of [LIBRARY_FOLDER, ...info.runtimePaths]) {
        const alias = `${place.replace("$ORIGIN", folder)}/${name}`;
        const target = this.#module.PATH.normalize(alias);
        if (this.#known.has(target)) {
          yield { alias, path: target };
        }
      }
    }
  }

  /** Lets the loader find the library `path` under a name. */
  #offer(name: string, path: string): void {
    Object.defineProperty(this.#linker.preloadedWasm, name, {
      configurable: true,
      enumerable: true,
      get: () => (name === path ? this.#instantiate(path) : this.#exportsOf(path)),
    });
  }

  /** Exports of a library that another one needs by a name of its own. */
  #exportsOf(path: string): WebAssembly.Exports {
    const { LDSO, loadDynamicLibrary } = this.#linker;
    loadDynamicLibrary(path, { global: false, nodelete: true }, {});
    return LDSO.loadedLibsByName[path]!.exports;
  }

  #instantiate(path: string): WebAssembly.Exports {
    const library = this.#known.get(path)!;
    const flags = { global: false, nodelete: true };
    try {
      const scope = this.#scopeOf(library);
      this.#checkSymbols(library, scope);
      return this.#linker.loadWebAssemblyModule(library.module, flags, path, scope);
    } catch (error) {
      this.#forgetFailed(path);
      throw error;
    }
  }

  /** Instantiation without the limit on size. */
  async #loadAtOnce(library: Library): Promise<void> {
    const { path } = library;
    const scope = this.#scopeOf(library);
    this.#checkSymbols(library, scope);
    const bytes = this.#module.FS.readFile(path);
    const flags = { global: false, nodelete: true, loadAsync: true };
    const exports = await this.#linker.loadWebAssemblyModule(bytes, flags, path, scope);
    Object.defineProperty(this.#linker.preloadedWasm, path, { value: exports, configurable: true });
  }

  /** The symbols of all libraries that a library needs, of those that these need too. */
  #scopeOf(
    library: Library,
    scope: Record<string, unknown> = {},
    seen: Set<string> = new Set(),
  ): Record<string, unknown> {
    for (const { path } of this.#needed(library)) {
      if (!seen.has(path)) {
        seen.add(path);
        this.#linker.loadDynamicLibrary(path, { global: false, nodelete: true }, scope);
        this.#scopeOf(this.#known.get(path)!, scope, seen);
      }
    }
    return scope;
  }

  /** A failed attempt must not look like one that goes on. */
  #forgetFailed(path: string): void {
    const { loadedLibsByName } = this.#linker.LDSO;
    for (const name of [path, ...this.#aliasesOf(path)]) {
      delete loadedLibsByName[name];
    }
  }

  #aliasesOf(path: string): string[] {
    return [...this.#known.values()]
      .flatMap((library) => [...this.#needed(library)])
      .filter((needed) => needed.path === path)
      .map((needed) => needed.alias);
  }

  /**
   * Throws for functions and data that nothing provides. Emscripten would find out when they are
   * used, and crash.
   */
  #checkSymbols(library: Library, scope: Record<string, unknown>): void {
    const found = new Set([...this.#needed(library)].map(({ path }) => path.replace(/^.*\//, "")));
    if (library.info.needed.some((name) => !found.has(name))) {
      // It may be somewhere else, where only Emscripten's loader finds it.
      return;
    }
    const provided = this.#linker.LDSO.loadedLibsByName["__main__"]!.exports;
    const own = new Set(WebAssembly.Module.exports(library.module).map(({ name }) => name));
    const known = (name: string): boolean =>
      PROVIDED.has(name) ||
      own.has(name) ||
      // The text of a function in JavaScript, from which Emscripten makes it.
      own.has(`__em_js__${name}`) ||
      Object.hasOwn(scope, name) ||
      isDefined(provided[name]);
    const missing = WebAssembly.Module.imports(library.module)
      .filter(({ module, kind }) => module.startsWith("GOT.") || kind === "function")
      .map(({ name }) => name)
      .filter((name) => !known(name) && !library.info.weakImports.has(name));
    if (missing.length > 0) {
      const names = [...new Set(missing)].sort();
      throw new Error(`${library.path} needs symbols that nothing provides: ${names.join(", ")}`);
    }
  }
}

/** Emscripten has stubs for what is missing. */
function isDefined(symbol: unknown): boolean {
  return symbol !== undefined && (symbol as { stub?: boolean }).stub !== true;
}

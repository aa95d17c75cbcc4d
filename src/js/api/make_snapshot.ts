/**
 * Making memory snapshots: `_makeSnapshot` and `makeMemorySnapshot`.
 */

import type { EmscriptenModule } from "./emscripten";
import type { PythonSide } from "./python";
import { takeSnapshot } from "./snapshot";

const PYTHON = "_pyodide._snapshot";

/** What a snapshot is compared with, so that it has only what differs. */
export class SnapshotMaker {
  private readonly untouched: Uint8Array[] = [];

  /** @param build - the build that the snapshots belong to */
  constructor(private readonly build: string) {}

  /** Remember memory as it is: of a new instance, before and after its constructors. */
  remember(memory: { readonly buffer: ArrayBuffer }): void {
    this.untouched.push(new Uint8Array(memory.buffer.slice(0)));
  }

  /**
   * Copies the interpreter.
   *
   * @param setUp - gives Python back what belongs to this JavaScript
   * @param renewHashes - let each start have hashes of its own
   * @returns the snapshot, for the option `_loadSnapshot`
   * @throws Error when Python has loaded shared libraries, or holds JavaScript objects
   * @throws PythonError when the event loop has something to do
   */
  make(
    python: PythonSide,
    module: EmscriptenModule,
    setUp: () => void,
    renewHashes: boolean,
  ): Uint8Array {
    const { LDSO } = module as unknown as { LDSO: { loadedLibsByName: object } };
    const libraries = Object.keys(LDSO.loadedLibsByName).filter((name) => name !== "__main__");
    if (libraries.length > 0) {
      throw new Error(
        `makeMemorySnapshot: shared libraries are loaded (${libraries.join(", ")}), and a snapshot ` +
          "cannot hold them. Make it before packages with compiled modules are imported.",
      );
    }
    try {
      python.call(PYTHON, "suspend", []);
      const { handles, ...layout } = python.core.layOut(renewHashes);
      if (handles > 0) {
        throw new Error(
          `makeMemorySnapshot: Python holds ${handles} JavaScript objects, which a snapshot cannot ` +
            "hold. Delete the variables that refer to them, and what was imported from js.",
        );
      }
      const memory = new Uint8Array(module.wasmMemory.buffer);
      return takeSnapshot(memory, this.untouched, layout, this.build);
    } finally {
      python.core.goOn();
      setUp();
    }
  }
}

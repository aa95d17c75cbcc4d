/** Parts of the Python library that are read when they are first needed, over stand-ins for the file system. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmscriptenModule, FSNode } from "../../../src/js/api/emscripten";
import { Library } from "../../../src/js/api/library";
import type { FileKey, Places } from "../../../src/js/api/layout";
import type { Host } from "../../../src/js/host/host";

const INDEX = {
  modules: { "a.pyc": 3, "p/b.pyc": 2 },
  extensions: { unicodedata: 9 },
};

/** Two stored files; the directory behind them is empty, for nobody reads it. */
function archive(): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder();
  const header = (name: string) => [
    ...[0x50, 0x4b, 3, 4],
    ...new Array<number>(26).fill(0),
    ...text.encode(name),
  ];
  const files = [...header("a.pyc"), 1, 2, 3, ...header("p/b.pyc"), 4, 5];
  const end = [0x50, 0x4b, 5, 6, ...new Array<number>(18).fill(0)];
  return new Uint8Array([...files, ...end]);
}

const WASM = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 7]);

class World {
  readonly log: string[] = [];
  readonly nodes = new Map<string, FSNode>();
  readonly contents = new Map<string, Uint8Array<ArrayBuffer>>([
    ["/dist/modules.zip", archive()],
    ["/dist/unicodedata.wasm", WASM],
  ]);
  readonly places: Places = {
    of: (file: FileKey) => `/dist/${file}`,
    folder: "/dist/",
  };

  host(waits = true, kind = "browser"): Host {
    const read = (how: string) => (file: string) => {
      this.log.push(`${how} ${file}`);
      return this.contents.get(file)!;
    };
    const soon = read("read");
    return {
      kind,
      readBytes: async (file: string) => soon(file),
      readNow: waits ? read("now") : undefined,
    } as unknown as Host;
  }

  module(): EmscriptenModule {
    return {
      FS: {
        mkdirTree: () => {},
        lookupPath: (path: string) => ({ path, node: { name: path } }),
      },
      MEMFS: {
        createNode: (parent: FSNode, name: string, mode: number) => {
          const node = { mode, usedBytes: 0, contents: undefined };
          this.nodes.set(`${parent.name}/${name}`, node as unknown as FSNode);
          return node;
        },
      },
    } as unknown as EmscriptenModule;
  }

  async start(fullStdLib = false, waits = true): Promise<void> {
    const library = new Library(this.host(waits), this.places, INDEX);
    library.place(this.module(), await library.load(fullStdLib));
  }

  bytes(path: string): number[] {
    const node = this.nodes.get(path)!;
    return [...(node.contents as Uint8Array).subarray(0, node.usedBytes)];
  }
}

const A = "/lib/python3.13/a.pyc";
const B = "/lib/python3.13/p/b.pyc";
const U = "/lib/python3.13/lib-dynload/unicodedata.cpython-313-wasm32-emscripten.so";

test("files are there with their sizes, and nothing is read", async () => {
  const world = new World();
  await world.start();
  assert.deepEqual([...world.nodes.keys()], [A, B, U]);
  assert.deepEqual(
    [...world.nodes.values()].map((node) => node.usedBytes),
    [3, 2, 9],
  );
  assert.deepEqual(world.log, []);
});

test("a part is read once, when one of its files is", async () => {
  const world = new World();
  await world.start();
  assert.deepEqual(world.bytes(B), [4, 5]);
  assert.deepEqual(world.bytes(A), [1, 2, 3]);
  assert.deepEqual(world.bytes(A), [1, 2, 3]);
  assert.deepEqual(world.log, ["now /dist/modules.zip"]);
  assert.deepEqual(world.bytes(U), [...WASM]);
  assert.deepEqual(world.log.slice(1), ["now /dist/unicodedata.wasm"]);
});

test("who writes to a file replaces it, unread", async () => {
  const world = new World();
  await world.start();
  world.nodes.get(A)!.contents = new Uint8Array([7, 7, 7]);
  assert.deepEqual(world.bytes(A), [7, 7, 7]);
  assert.deepEqual(world.log, []);
  assert.deepEqual(world.bytes(B), [4, 5]);
  assert.deepEqual(world.bytes(A), [7, 7, 7]);
});

for (const [full, waits] of [
  [true, true],
  [false, false],
] as const) {
  test(`all is read at the start: wanted ${full}, can wait ${waits}`, async () => {
    const world = new World();
    await world.start(full, waits);
    const whole = ["read /dist/modules.zip", "read /dist/unicodedata.wasm"];
    assert.deepEqual(world.log, whole);
    assert.deepEqual(world.bytes(B), [4, 5]);
    assert.deepEqual(world.bytes(U), [...WASM]);
    assert.deepEqual(world.log, whole);
  });
}

test("a part that is not what it should be says so, and may come later", async () => {
  const world = new World();
  await world.start();
  const good = world.contents.get("/dist/unicodedata.wasm")!;
  const read = () => world.bytes(U);
  world.contents.set("/dist/unicodedata.wasm", good.slice(0, 8));
  assert.throws(
    read,
    /part of the Python library is missing: \/dist\/unicodedata\.wasm is of another build.*fullStdLib: true/,
  );
  world.contents.set("/dist/unicodedata.wasm", new TextEncoder().encode("<html>"));
  assert.throws(read, /is not a WebAssembly file: it starts with "<html>"/);
  world.contents.set("/dist/unicodedata.wasm", good);
  assert.deepEqual(read(), [...good]);
});

test("expected modules are read once, and not where they lie on disk", async () => {
  const world = new World();
  const library = new Library(world.host(), world.places, INDEX);
  library.place(world.module(), await library.load(false));
  await Promise.all([library.expectModules(), library.expectModules()]);
  assert.deepEqual(world.log, ["read /dist/modules.zip"]);
  assert.deepEqual(world.bytes(B), [4, 5]);
  await library.expectModules();
  assert.equal(world.log.length, 1);
  await new Library(world.host(true, "node"), world.places, INDEX).expectModules();
  assert.equal(world.log.length, 1);
});

test("modules that could not be read are looked for again", async () => {
  const world = new World();
  const library = new Library(world.host(), world.places, INDEX);
  library.place(world.module(), await library.load(false));
  const good = world.contents.get("/dist/modules.zip")!;
  world.contents.set("/dist/modules.zip", new Uint8Array([1]));
  await library.expectModules();
  world.contents.set("/dist/modules.zip", good);
  assert.deepEqual(world.bytes(A), [1, 2, 3]);
});

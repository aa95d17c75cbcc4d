/** Shared libraries over a stand-in for Emscripten's loader: what their first section says, which symbols count. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmscriptenModule } from "../../../../src/js/api/emscripten";
import { readDylink } from "../../../../src/js/api/packages/dylink";
import { Libraries } from "../../../../src/js/api/packages/libraries";

const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)];
const section = (id: number, content: number[]): number[] => [id, content.length, ...content];

/** A library of one exported function per name, which imports functions without parameters and results. */
function library(
  imports: string[],
  exports: string[],
  dylink: number[] = [],
): Uint8Array<ArrayBuffer> {
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(0, [...text("dylink.0"), ...dylink]),
    ...section(1, [1, 0x60, 0, 0]),
    ...section(2, [
      imports.length,
      ...imports.flatMap((name) => [...text("env"), ...text(name), 0, 0]),
    ]),
    ...section(3, [exports.length, ...exports.map(() => 0)]),
    ...section(7, [
      exports.length,
      ...exports.flatMap((name, i) => [...text(name), 0, imports.length + i]),
    ]),
    ...section(10, [exports.length, ...exports.flatMap(() => [2, 0, 0x0b])]),
  ]);
}

function setUp(files: Record<string, Uint8Array<ArrayBuffer>>, large?: number) {
  const instantiated: string[] = [];
  const asynchronously: string[] = [];
  const symbols: Record<string, unknown> = {
    provided: () => {},
    stub: Object.assign(() => {}, { stub: true }),
  };
  const preloadedWasm: Record<string, WebAssembly.Exports> = {};
  const loadedLibsByName: Record<string, { exports: WebAssembly.Exports }> = {
    __main__: { exports: symbols as WebAssembly.Exports },
  };
  const module = {
    FS: { readFile: (path: string) => files[path] },
    PATH: { normalize: (path: string) => new URL(path, "file:///").pathname },
    LDSO: { loadedLibsByName },
    preloadedWasm,
    loadDynamicLibrary(path: string) {
      loadedLibsByName[path] ??= { exports: preloadedWasm[path]! };
    },
    loadWebAssemblyModule(_: unknown, flags: object, path: string) {
      instantiated.push(path);
      const exports = { path } as never;
      if (!("loadAsync" in flags)) {
        return exports;
      }
      asynchronously.push(path);
      return Promise.resolve(exports);
    },
  } as unknown as EmscriptenModule;
  return {
    libraries: new Libraries(module, large),
    preloadedWasm,
    loadedLibsByName,
    instantiated,
    asynchronously,
  };
}

/** Parts of dylink.0: needed libraries, weak imports, folders. */
const needed = (...names: string[]) => section(2, [names.length, ...names.flatMap(text)]);
const weak = (...names: string[]) =>
  section(4, [names.length, ...names.flatMap((name) => [...text("env"), ...text(name), 1])]);
const folders = (...paths: string[]) => section(5, [paths.length, ...paths.flatMap(text)]);

test("the first section of a library", () => {
  const parts = [
    ...section(1, [0, 0, 0, 0]),
    ...section(99, [1, 2, 3]),
    ...needed("a.so", "b.so"),
    ...weak("w"),
    ...folders("$ORIGIN/x"),
  ];
  const module = new WebAssembly.Module(library([], [], parts));
  assert.deepEqual(readDylink(module), {
    needed: ["a.so", "b.so"],
    runtimePaths: ["$ORIGIN/x"],
    weakImports: new Set(["w"]),
  });
  const plain = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  assert.throws(() => readDylink(plain), /no section dylink\.0/);
  const cut = new WebAssembly.Module(library([], [], [2, 200]));
  assert.throws(() => readDylink(cut), /cut off/);
});

test("symbols may come from the main module, from JavaScript text, or be weak", async () => {
  const good = library(["provided", "from_js", "maybe"], ["__em_js__from_js"], weak("maybe"));
  const bad = library(["stub", "nothing"], ["f"]);
  const world = setUp({ "/good.so": good, "/bad.so": bad });
  await world.libraries.add(["/good.so", "/bad.so"]);
  assert.deepEqual(world.instantiated, []);
  assert.ok(world.preloadedWasm["/good.so"]);
  assert.throws(
    () => world.preloadedWasm["/bad.so"],
    /\/bad\.so needs symbols that nothing provides: nothing, stub$/,
  );
  assert.deepEqual(world.instantiated, ["/good.so"]);
});

test("a failed attempt is forgotten", async () => {
  const world = setUp({ "/bad.so": library(["nothing"], ["f"]) });
  await world.libraries.add(["/bad.so"]);
  world.loadedLibsByName["/bad.so"] = { exports: {} };
  assert.throws(() => world.preloadedWasm["/bad.so"]);
  assert.equal(world.loadedLibsByName["/bad.so"], undefined);
});

test("a library whose needs are elsewhere is left to Emscripten's loader", async () => {
  const file = library(["nothing"], ["f"], needed("libc.so"));
  const world = setUp({ "/a.so": file });
  await world.libraries.add(["/a.so"]);
  assert.ok(world.preloadedWasm["/a.so"]);
});

test("needed libraries are offered by the names that the loader will use", async () => {
  const world = setUp({
    "/p/a.so": library([], ["a"], [...needed("b.so"), ...folders("$ORIGIN/../q")]),
    "/q/b.so": library([], ["b"]),
  });
  await world.libraries.add(["/p/a.so", "/q/b.so"]);
  assert.deepEqual(Object.keys(world.preloadedWasm), ["/p/a.so", "/q/b.so", "/p/../q/b.so"]);
  assert.ok(world.preloadedWasm["/p/a.so"]);
  assert.deepEqual(world.instantiated, ["/q/b.so", "/p/a.so"]);
  assert.deepEqual(world.preloadedWasm["/p/../q/b.so"], { path: "/q/b.so" });
  assert.deepEqual(world.instantiated, ["/q/b.so", "/p/a.so"]);
});

test("large libraries are instantiated at once, after what they need", async () => {
  const world = setUp(
    {
      "/a.so": library([], ["a"], [...needed("b.so"), ...folders("$ORIGIN")]),
      "/b.so": library([], ["b"]),
    },
    1,
  );
  await world.libraries.add(["/a.so", "/b.so"]);
  assert.deepEqual(new Set(world.instantiated), new Set(["/a.so", "/b.so"]));
  assert.deepEqual(world.preloadedWasm["/a.so"], { path: "/a.so" });
});

test("a large library comes after the large ones that it needs through small ones", async () => {
  const wants = (...names: string[]) => [...needed(...names), ...folders("$ORIGIN")];
  const files = {
    "/a.so": new Uint8Array([
      ...library([], ["a"], wants("b.so")),
      ...section(0, text("x".repeat(99))),
    ]),
    "/b.so": library([], ["b"], wants("c.so")),
    "/c.so": new Uint8Array([...library([], ["c"]), ...section(0, text("x".repeat(120)))]),
  };
  const world = setUp(files, files["/b.so"].length + 1);
  await world.libraries.add(["/a.so", "/b.so", "/c.so"]);
  assert.deepEqual(world.asynchronously, ["/c.so", "/a.so"]);
});

test("all are compiled or none is taken in", async () => {
  const broken = library([], ["a"]).slice(0, -1);
  const world = setUp({ "/a.so": library([], ["a"]), "/broken.so": broken });
  await assert.rejects(
    world.libraries.add(["/a.so", "/broken.so"]),
    /its library \/broken\.so cannot be compiled/,
  );
  assert.deepEqual(Object.keys(world.preloadedWasm), []);
});

/** Starting the runtime over a stand-in for the core: order, configuration, every failure. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmscriptenModule, EmscriptenModuleArg } from "../../../src/js/api/emscripten";
import { load, type LoaderParts } from "../../../src/js/api/load";
import type { LoadOptions } from "../../../src/js/api/options";
import type { Host } from "../../../src/js/host/host";
import { FakeCore, FakeDict, FakeProxy, FakePythonError } from "./fake_core";

/** A module that imports nothing, and one that wants the function `ffi.missing`. */
const WASM = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const NEEDY_WASM = new Uint8Array([
  ...WASM,
  ...[1, 4, 1, 0x60, 0, 0],
  ...[2, 15, 1, 3, ...new TextEncoder().encode("ffi"), 7, ...new TextEncoder().encode("missing")],
  ...[0, 0],
]);
const ZIP = new Uint8Array([
  ...[0x50, 0x4b, 3, 4, 0x50, 0x4b, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[0, 0, 0, 0, 4, 0, 0, 0, 0, 0],
]);

interface World {
  parts: LoaderParts;
  core: FakeCore;
  log: string[];
  env: Record<string, string>;
  files: Map<string, Uint8Array>;
  setupCalls: unknown[][];
}

const LOCK = {
  info: {
    arch: "wasm32",
    platform: "emscripten_4_0_9",
    python: "3.13.5",
    abi_version: "2025_0",
  },
  packages: {},
};

/** What differs from a world in which everything works. */
interface Faults {
  wasm?: Uint8Array;
  zip?: Uint8Array;
  factory?: unknown;
  pythonVersion?: string;
  startError?: Error;
  lock?: string;
}

function fakeModule(world: World): EmscriptenModule {
  const note = (name: string) => (path: string) => void world.log.push(`${name} ${path}`);
  let opened = 0;
  return {
    ENV: world.env,
    ERRNO_CODES: { EIO: 29, EBADF: 8 },
    TTY: { default_tty_ops: {} },
    MEMFS: { expandFileStorage() {}, resizeFileStorage() {} },
    NODEFS: {},
    PATH: {},
    FS: {
      mkdirTree: note("mkdir"),
      chdir: note("chdir"),
      writeFile: (path: string, data: Uint8Array) => void world.files.set(path, data),
      makedev: () => 1,
      registerDevice: () => {},
      getStream: () => null,
      unlink: () => {},
      mkdev: () => {},
      open: () => ({ fd: opened++ }),
    },
  } as unknown as EmscriptenModule;
}

/** Behaves as Emscripten's factory: environment first, then instantiation, then ready. */
async function workingFactory(world: World, arg: EmscriptenModuleArg): Promise<EmscriptenModule> {
  const module = fakeModule(world);
  await new Promise<void>((done) => arg.instantiateWasm({}, () => done()));
  arg.preRun.forEach((hook) => hook(module));
  return module;
}

function setUp(faults: Faults = {}): World {
  const setupCalls: unknown[][] = [];
  const core = new FakeCore({
    __main__: { __dict__: new FakeDict(new Map()) },
    builtins: { __dict__: new FakeDict(new Map()) },
    sys: {
      stdout: new FakeProxy({
        reconfigure: (...args: unknown[]) => setupCalls.push(args),
      }),
    },
    pyodide: { __version__: faults.pythonVersion ?? "0.0.0-test" },
    "_pyodide._bootstrap": {
      setup: (...args: unknown[]) => setupCalls.push(args),
    },
  });
  const world: World = {
    core,
    log: [],
    env: {},
    files: new Map(),
    setupCalls,
  } as never;
  const start = core.start.bind(core);
  core.start = (config) => {
    world.log.push("start");
    if (faults.startError) throw faults.startError;
    start(config);
  };
  const host: Host = {
    kind: "node",
    resolve: (location, base = "/cwd/") => new URL(location, `file://${base}`).pathname,
    folderOf: (file) => file.slice(0, file.lastIndexOf("/") + 1),
    async readBytes(file) {
      world.log.push(`read ${file}`);
      if (file.endsWith(".json")) {
        return new TextEncoder().encode(faults.lock ?? JSON.stringify(LOCK));
      }
      return (faults.zip ?? ZIP) as Uint8Array<ArrayBuffer>;
    },
    async compileWasm(file) {
      world.log.push(`compile ${file}`);
      return WebAssembly.compile((faults.wasm ?? WASM) as Uint8Array<ArrayBuffer>);
    },
    async importModule(file) {
      world.log.push(`import ${file}`);
      const working = (arg: EmscriptenModuleArg) => workingFactory(world, arg);
      return { default: "factory" in faults ? faults.factory : working };
    },
    streams: {
      read: () => 0,
      write: (_fd, bytes) => bytes.length,
      flush: () => {},
      isatty: () => false,
    },
  };
  world.parts = {
    createCore: () => core.asCore(),
    detectHost: async () => host,
    scriptLocation: "/dist/pyodide.mjs",
  };
  return world;
}

const start = (world: World, options: LoadOptions = {}) => load(world.parts, options);

test("files come from beside the loader, or from indexURL and stdLibURL", async () => {
  const world = setUp();
  await start(world);
  assert.deepEqual(world.log.slice(0, 5), [
    "import /dist/pyodide.asm.mjs",
    "compile /dist/pyodide.asm.wasm",
    "read /dist/python_stdlib.zip",
    "read /dist/pyodide.snapshot.bin",
    "read /dist/pyodide-lock.json",
  ]);
  const other = setUp();
  await start(other, { indexURL: "/other", stdLibURL: "lib.zip" });
  assert.deepEqual(other.log.slice(0, 4), [
    "import /other/pyodide.asm.mjs",
    "compile /other/pyodide.asm.wasm",
    "read /cwd/lib.zip",
    "read /other/pyodide-lock.json",
  ]);
});

test("the interpreter gets its folders, library, environment and arguments", async () => {
  const world = setUp();
  let seen: unknown;
  await start(world, {
    args: ["-x"],
    env: { HOME: "/home/me", A: "1" },
    fsInit: async (fs, info) => {
      await Promise.resolve();
      seen = [typeof fs.writeFile, info.sitePackages];
      world.log.push("fsInit");
    },
  });
  assert.deepEqual(world.env, {
    HOME: "/home/me",
    PYTHONINSPECT: "1",
    LD_LIBRARY_PATH: "/usr/lib",
    A: "1",
  });
  assert.equal(world.files.get("/lib/python313.zip")?.length, ZIP.length);
  assert.deepEqual(seen, ["function", "/lib/python3.13/site-packages"]);
  assert.deepEqual(world.log.slice(4), [
    "mkdir /home/pyodide",
    "mkdir /lib/python3.13/lib-dynload",
    "mkdir /lib/python3.13/site-packages",
    "mkdir /home/me",
    "chdir /home/me",
    "fsInit",
    "start",
  ]);
  assert.deepEqual(world.core.started, {
    args: ["-x"],
    cwd: "/home/me",
    pythonPath: [
      "/lib/python313.zip",
      "/lib/python3.13",
      "/lib/python3.13/lib-dynload",
      "/lib/python3.13/site-packages",
    ],
  });
});

test("Python's setup gets the globals and the API object", async () => {
  const world = setUp();
  const jsglobals = { only: "this" };
  const api = await start(world, { jsglobals, enableRunUntilComplete: false });
  assert.deepEqual(world.setupCalls[1], [{ line_buffering: true }]);
  const [globals, given, options] = world.setupCalls[0]!;
  assert.equal(globals, jsglobals);
  assert.equal(given, api);
  assert.deepEqual(options, {
    enableRunUntilComplete: false,
    isProgram: false,
  });
});

test("a lock file is checked", async () => {
  const api = await start(setUp(), { lockFileContents: JSON.stringify(LOCK) });
  assert.deepEqual(api.lockfile, LOCK);
  assert.equal(api.lockfileBaseUrl, "/dist/");
  await start(setUp(), { lockFileContents: Promise.resolve(LOCK) });
  await assert.rejects(
    start(setUp(), { lockFileContents: "{" }),
    /lockFileContents is not valid JSON/,
  );
  await assert.rejects(
    start(setUp({ lock: "<html>" })),
    /\/dist\/pyodide-lock\.json is not valid JSON/,
  );
  await assert.rejects(
    start(setUp(), {
      lockFileContents: { ...LOCK, info: { ...LOCK.info, python: "3.12.1" } },
    }),
    /for Python 3\.12\.1, and this is Python 3\.13/,
  );
  await assert.rejects(start(setUp(), { lockFileContents: "[]" }), TypeError);
  await assert.rejects(start(setUp(), { lockFileContents: Promise.reject(new Error("no net")) }), {
    message: "no net",
  });
});

test("base addresses of packages: the lock file's folder, or those that are given", async () => {
  const base = async (options: LoadOptions) => (await start(setUp(), options)).lockfileBaseUrl;
  assert.equal(await base({ lockFileURL: "/locks/mine.json" }), "/locks/");
  assert.equal(await base({ packageBaseUrl: "/wheels" }), "/wheels/");
  assert.equal(await base({ packageBaseUrl: ["/one/", "/two/"] }), "/one/");
});

test("packages wanted from the start are known before Python starts", async () => {
  await assert.rejects(start(setUp(), { packages: ["nope"] }), {
    message: "No known package with name 'nope'",
  });
});

test("a runtime of another version is refused, unless the user insists", async () => {
  const world = () => setUp({ pythonVersion: "9.9.9" });
  await assert.rejects(start(world()), /0\.0\.0-test.*9\.9\.9.*checkAPIVersion: false/);
  await start(world(), { checkAPIVersion: false });
});

test("broken files and failures at start reject", async () => {
  const cases: [Faults, RegExp][] = [
    [{ zip: ZIP.slice(0, 8) }, /python_stdlib\.zip is truncated/],
    [{ wasm: NEEDY_WASM }, /pyodide\.asm\.wasm does not fit .*missing/],
    [{ factory: undefined }, /pyodide\.asm\.mjs does not export the runtime's factory/],
    [
      {
        factory: () => {
          throw new Error("factory threw");
        },
      },
      /factory threw/,
    ],
    [{ factory: async () => Promise.reject(new Error("factory rejected")) }, /factory rejected/],
    [
      {
        factory: (arg: EmscriptenModuleArg) => {
          arg.onAbort("out of memory");
          return new Promise(() => {});
        },
      },
      /aborted while it started: out of memory/,
    ],
    [{ startError: new FakePythonError("ImportError", "no encodings") }, /no encodings/],
  ];
  for (const [faults, message] of cases) {
    await assert.rejects(start(setUp(faults)), { message });
  }
});

test("a failing fsInit rejects with its error", async () => {
  const fsInit = () => {
    throw new Error("disk full");
  };
  await assert.rejects(start(setUp(), { fsInit }), { message: "disk full" });
});

test("after a fatal error only the version and private names are left", async () => {
  const api = await start(setUp());
  const { runPython } = api;
  const seen: unknown[] = [];
  api._api.on_fatal = (error) => seen.push(error);
  const boom = new Error("boom");
  assert.throws(() => api._api.fatal_error(boom), boom);
  assert.deepEqual(seen, [boom]);
  assert.equal(api.version, "0.0.0-test");
  assert.ok(api._module);
  const names = Object.keys(api).filter((name) => name !== "version" && !name.startsWith("_"));
  assert.ok(names.includes("runPython") && names.includes("globals") && names.includes("FS"));
  for (const name of names) {
    assert.throws(() => api[name as keyof typeof api], {
      message: "Pyodide already fatally failed and can no longer be used.",
    });
  }
  assert.equal(typeof runPython, "function");
});

test("functions of the API work without their object", async () => {
  const world = setUp();
  world.core.modules["pyodide.code"] = {
    eval_code: (code: string) => `ran ${code}`,
  };
  const { runPython } = await start(world);
  assert.equal(runPython("1"), "ran 1");
});

test("registering modules calls Python's functions", async () => {
  const world = setUp();
  const calls: unknown[][] = [];
  world.core.modules["pyodide.ffi"] = {
    register_js_module: (...args: unknown[]) => calls.push(args),
    unregister_js_module: (...args: unknown[]) => calls.push(args),
  };
  const api = await start(world);
  const module = {};
  api.registerJsModule("m", module);
  api.unregisterJsModule("m");
  assert.deepEqual(calls, [["m", module], ["m"]]);
});

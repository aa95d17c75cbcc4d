/** runPython, runPythonAsync, pyimport and globals over a stand-in for the core. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createGlobals } from "../../../src/js/api/globals";
import { PythonSide } from "../../../src/js/api/python";
import { createRunner } from "../../../src/js/api/run";
import {
  FakeCore,
  FakeDict,
  FakeProxy,
  FakePythonError,
  type Modules,
} from "./fake_core";

function setUp(modules: Modules = {}, main: [string, unknown][] = []) {
  const core = new FakeCore({
    __main__: { __dict__: new FakeDict(new Map(main)) },
    builtins: {
      __dict__: new FakeDict(
        new Map<unknown, unknown>([["len", "builtin len"]]),
      ),
    },
    ...modules,
  });
  const python = new PythonSide(core.asCore());
  const globals = createGlobals(python);
  return { core, globals, ...createRunner(python, globals) };
}

test("globals see the builtins, but do not bind them", () => {
  const { globals } = setUp({}, [
    ["x", 1],
    ["nothing", undefined],
    ["len", "mine"],
  ]);
  assert.equal(globals.proxy.get("x"), 1);
  assert.equal(globals.proxy.get("len"), "mine");
  assert.equal(globals.proxy.get("nothing"), undefined);
  assert.equal(globals.proxy.has("nothing"), true);
  assert.equal(globals.proxy.has("missing"), false);
  const other = setUp().globals;
  assert.equal(other.proxy.get("len"), "builtin len");
  assert.equal(other.proxy.has("len"), true);
  assert.equal(other.binds("len"), false);
});

test("a global that is None hides the builtin of its name", () => {
  assert.equal(
    setUp({}, [["len", undefined]]).globals.proxy.get("len"),
    undefined,
  );
});

test("runPython looks eval_code up at each call and leaves no proxy behind", () => {
  const calls: unknown[][] = [];
  const code: Record<string, unknown> = {
    eval_code: (...args: unknown[]) => calls.push(args),
  };
  const { runPython, globals } = setUp({ "pyodide.code": code });
  runPython("1");
  const before = FakeProxy.live;
  runPython("2", { filename: "f.py" });
  code["eval_code"] = () => "replaced";
  assert.equal(runPython("3"), "replaced");
  assert.equal(FakeProxy.live, before);
  assert.deepEqual(calls, [
    ["1", globals.proxy, globals.proxy],
    ["2", globals.proxy, globals.proxy, { filename: "f.py" }],
  ]);
});

test("runPython passes namespaces on; locals default to globals", () => {
  const calls: unknown[][] = [];
  const { runPython } = setUp({
    "pyodide.code": { eval_code: (...args: unknown[]) => calls.push(args) },
  });
  const mine = new FakeDict(new Map()) as never;
  const locals = new FakeDict(new Map()) as never;
  runPython("1", { globals: mine });
  runPython("2", { globals: mine, locals });
  assert.equal(calls[0]![2], mine);
  assert.equal(calls[1]![2], locals);
});

test("runPython refuses wrong types", () => {
  const { runPython } = setUp();
  assert.throws(() => runPython(5 as never), {
    name: "TypeError",
    message: /must be a string/,
  });
  assert.throws(
    () => runPython("1", { globals: {} as never }),
    /PyProxy of a dict/,
  );
  assert.throws(
    () => runPython("1", { filename: 3 as never }),
    /'filename' must be a string/,
  );
  assert.throws(() => runPython("1", null as never), TypeError);
});

test("the evaluator's proxy is released when the code raises", () => {
  const { runPython } = setUp({
    "pyodide.code": {
      eval_code: () => {
        throw new FakePythonError("ValueError", "no");
      },
    },
  });
  assert.throws(() => runPython("1"), { type: "ValueError" });
  const before = FakeProxy.live;
  assert.throws(() => runPython("1"), { type: "ValueError" });
  assert.equal(FakeProxy.live, before);
});

test("runPythonAsync awaits what eval_code_async gives", async () => {
  const { runPythonAsync } = setUp({
    "pyodide.code": {
      eval_code_async: async (code: string) => {
        if (code === "bad") throw new FakePythonError("KeyError", "bad");
        return `ran ${code}`;
      },
    },
  });
  assert.equal(await runPythonAsync("x"), "ran x");
  await assert.rejects(runPythonAsync("bad"), { type: "KeyError" });
  await assert.rejects(runPythonAsync(1 as never), TypeError);
});

test("pyimport prefers a global variable, but not a builtin", () => {
  const { pyimport } = setUp({ np: {} }, [["np", "variable"]]);
  assert.equal(pyimport("np"), "variable");
  assert.throws(() => pyimport("len"), { type: "ModuleNotFoundError" });
});

test("pyimport of dotted names: attribute first, then submodule", () => {
  const sub = { value: 7, name: "submodule" };
  const { pyimport, core } = setUp({
    a: { attribute: "attr", child: new FakeProxy({ deep: "down" }) },
    "a.sub": sub,
  });
  assert.equal(pyimport("a.attribute"), "attr");
  assert.equal(pyimport("a.child.deep"), "down");
  assert.equal(pyimport("a.sub").target, sub);
  assert.equal(pyimport("a.sub.value"), 7);
  assert.throws(() => pyimport("a.none"), { type: "ModuleNotFoundError" });
  assert.ok(core.imported.includes("a.none"));
});

test("pyimport releases the modules on the way", () => {
  const { pyimport } = setUp({ a: { b: 1 }, "a.sub": { value: 7 } });
  const before = FakeProxy.live;
  pyimport("a.sub.value");
  assert.equal(FakeProxy.live, before);
});

test("pyimport lets other errors than a missing attribute pass", () => {
  const { pyimport, core } = setUp({ a: {} });
  core.getAttr = () => {
    throw new FakePythonError("RuntimeError", "property failed");
  };
  assert.throws(() => pyimport("a.b"), { type: "RuntimeError" });
});

test("pyimport below a module of JavaScript is left to Python's import", () => {
  const { pyimport, core } = setUp({ "js.Math": { pi: 3 } });
  const importModule = core.importModule.bind(core);
  core.importModule = (name) =>
    name === "js" ? globalThis : importModule(name);
  assert.deepEqual(pyimport("js.Math").target, { pi: 3 });
  assert.throws(() => pyimport(""), TypeError);
});

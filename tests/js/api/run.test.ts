/** runPython, runPythonAsync, pyimport and globals over a stand-in for the core. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createGlobals } from "../../../src/js/api/globals";
import { PythonSide } from "../../../src/js/api/python";
import { createRunner } from "../../../src/js/api/run";
import { FakeCore, FakeDict, FakeProxy, FakePythonError, type Modules } from "./fake_core";

function setUp(modules: Modules = {}, main: [string, unknown][] = []) {
  const core = new FakeCore({
    __main__: { __dict__: new FakeDict(new Map(main)) },
    builtins: {
      __dict__: new FakeDict(new Map<unknown, unknown>([["len", "builtin len"]])),
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
  assert.equal(globals.get("x"), 1);
  assert.equal(globals.get("len"), "mine");
  assert.equal(globals.get("nothing"), undefined);
  assert.equal(globals.has("nothing"), true);
  assert.equal(globals.has("missing"), false);
  const other = setUp().globals;
  assert.equal(other.get("len"), "builtin len");
  assert.equal(other.has("len"), true);
});

test("a global that is None hides the builtin of its name", () => {
  assert.equal(setUp({}, [["len", undefined]]).globals.get("len"), undefined);
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
    ["1", globals, globals],
    ["2", globals, globals, { filename: "f.py" }],
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
  runPython("3", { globals: null, locals: null, filename: null } as never);
  assert.equal(calls[2]![1], calls[2]![2]);
  assert.equal(calls[2]!.length, 3);
});

test("runPython refuses wrong types", () => {
  const { runPython } = setUp();
  assert.throws(() => runPython(5 as never), {
    name: "TypeError",
    message: /must be a string/,
  });
  assert.throws(() => runPython("1", { globals: {} as never }), /PyProxy of a dict/);
  assert.throws(() => runPython("1", { filename: 3 as never }), /'filename' must be a string/);
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

test("pyimport asks the Python half, and releases what it has looked up", () => {
  const asked: unknown[] = [];
  const { pyimport } = setUp({
    "_pyodide._pyimport": {
      pyimport_impl: (name: unknown) => {
        asked.push(name);
        return "found";
      },
    },
  });
  const before = FakeProxy.live;
  assert.equal(pyimport("a.b"), "found");
  assert.deepEqual(asked, ["a.b"]);
  assert.equal(FakeProxy.live, before);
  for (const name of ["", 5, undefined]) assert.throws(() => pyimport(name as never), TypeError);
});

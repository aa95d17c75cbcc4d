/** Options of loadPyodide: types, unknown names, combinations. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOptions, type LoadOptions } from "../../../src/js/api/options";

const check = (options: unknown) => checkOptions(options as LoadOptions);

test("defaults", () => {
  const options = check({});
  assert.equal(options.conversion, "native");
  assert.equal(options.jsglobals, globalThis);
  assert.equal(options.checkAPIVersion, true);
  assert.equal(options.convertNullToNone, false);
  assert.deepEqual(options.args, []);
});

test("undefined means not given", () => {
  assert.equal(check({ conversion: undefined, stdout: undefined }).conversion, "native");
});

test("an unknown option names itself and the nearest known one", () => {
  const cases: [string, string][] = [
    ["indexUrl", "indexURL"],
    ["stdOut", "stdout"],
    ["conversions", "conversion"],
    ["lockfileurl", "lockFileURL"],
  ];
  for (const [wrong, near] of cases) {
    assert.throws(() => check({ [wrong]: 1 }), {
      name: "TypeError",
      message: `loadPyodide: unknown option '${wrong}'; did you mean '${near}'?`,
    });
  }
  // A name that every object inherits is no option either.
  assert.throws(() => check({ toString: 1 }), /unknown option 'toString'/);
});

test("where programs for Pyodide run, an unknown option is overlooked with a warning", (t) => {
  const warn = t.mock.method(console, "warn", () => undefined);
  const options = check({ conversion: "proxy", homedir: "/x", args: ["a"] });
  assert.deepEqual(options.args, ["a"]);
  const lines = warn.mock.calls.map((call) => String(call.arguments[0]));
  assert.deepEqual(lines, ["loadPyodide: unknown option 'homedir'; did you mean 'stdin'?"]);
});

test("null is the same as nothing", () => {
  const names = ["indexURL", "args", "env", "packages", "stdin", "fsInit", "lockFileURL", "debug"];
  const nothing = Object.fromEntries(names.map((name) => [name, null]));
  const { progress, ...options } = check(nothing);
  const { progress: other, ...defaults } = check({});
  assert.deepEqual(options, defaults);
});

test("one package, and environment variables without a value", () => {
  const { packages, env } = check({ packages: "six", env: { A: undefined, B: 2 } });
  assert.deepEqual([packages, env], [["six"], { B: "2" }]);
});

test("values of the wrong type", () => {
  const wrong: [string, unknown][] = [
    ["indexURL", 5],
    ["indexURL", ""],
    ["conversion", "fast"],
    ["jsglobals", null],
    ["args", "x"],
    ["args", [1]],
    ["env", { A: true }],
    ["stdin", "x"],
    ["stdout", {}],
    ["fsInit", true],
    ["checkAPIVersion", "no"],
    ["packages", [1]],
    ["packageBaseUrl", [1]],
    ["packageCacheDir", ["a"]],
    ["lockFileContents", 3],
    ["convertNullToNone", 1],
  ];
  for (const [name, value] of wrong) {
    assert.throws(() => check({ [name]: value }), {
      name: "TypeError",
      message: new RegExp(`option '${name}' must be `),
    });
  }
});

test("something else than an object of options", () => {
  for (const value of [null, "https://example.org/", 3]) {
    assert.throws(() => check(value), {
      name: "TypeError",
      message: /an object of options/,
    });
  }
});

test("lock file given twice", () => {
  assert.throws(() => check({ lockFileURL: "a.json", lockFileContents: {} }), {
    message: "Can't pass both lockFileContents and lockFileURL",
  });
});

test("packages and base addresses are lists, copied", () => {
  assert.deepEqual(check({}).packages, []);
  assert.deepEqual(check({}).packageBaseUrls, []);
  const packages = ["numpy"];
  const checked = check({ packages, packageBaseUrl: "a/" });
  packages.push("later");
  assert.deepEqual(checked.packages, ["numpy"]);
  assert.deepEqual(checked.packageBaseUrls, ["a/"]);
  const packageBaseUrl = ["a/", "b/"];
  assert.deepEqual(check({ packageBaseUrl }).packageBaseUrls, packageBaseUrl);
});

test("a URL object is an address, and the caller's arrays are copied", () => {
  const args = ["-v"];
  const options = check({ indexURL: new URL("https://example.org/x/"), args });
  assert.equal(options.indexURL, "https://example.org/x/");
  args.push("later");
  assert.deepEqual(options.args, ["-v"]);
});

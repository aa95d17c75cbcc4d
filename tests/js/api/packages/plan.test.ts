/** From a request to the packages that are loaded: names, wheels' tags, dependencies, order. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalName, parseLockfile } from "../../../../src/js/api/packages/lockfile";
import { DEFAULT_CHANNEL, planPackages } from "../../../../src/js/api/packages/plan";
import { fileNameOf, misfit, parseWheelName } from "../../../../src/js/api/packages/wheel_name";

const INFO = {
  arch: "wasm32",
  platform: "emscripten_4_0_9",
  python: "3.13.5",
  abi_version: "2025_0",
};

const entry = (name: string, depends: string[] = [], more: object = {}) => ({
  name,
  version: "1.0",
  file_name: `${name.replaceAll("-", "_")}-1.0-py3-none-any.whl`,
  depends,
  ...more,
});

const lock = (...entries: { name: string }[]) =>
  parseLockfile(
    {
      info: INFO,
      packages: Object.fromEntries(entries.map((e) => [e.name, e])),
    },
    "the lock file",
  );

const names = (plan: { packages: { name: string }[] }) => plan.packages.map(({ name }) => name);

test("names are compared as the index writes them", () => {
  assert.equal(canonicalName("Foo__Bar.-baz"), "foo-bar-baz");
});

test("the parts of a wheel's name", () => {
  assert.deepEqual(parseWheelName("a_b-1.0-2x-cp313.py3-none-any.whl"), {
    project: "a_b",
    version: "1.0",
    pythons: ["cp313", "py3"],
    abis: ["none"],
    platforms: ["any"],
  });
  for (const wrong of [
    "a.whl",
    "a-1.0-py3-none-any.zip",
    "a-1.0-py3--any.whl",
    "a-1-2-3-4-py3-none-any.whl",
  ]) {
    assert.equal(parseWheelName(wrong), undefined, wrong);
  }
});

test("the file name in an address", () => {
  assert.equal(fileNameOf("https://x.org/a/b%2B1-py3.whl?x=/y#sha256=0"), "b+1-py3.whl");
  assert.equal(fileNameOf("/odd#folder/b.whl"), "b.whl");
  assert.equal(fileNameOf("emfs:/tmp/b.whl"), "b.whl");
  assert.equal(fileNameOf("100%.whl"), "100%.whl");
});

test("wheels that fit and wheels that do not", () => {
  const problem = (tags: string) => misfit(parseWheelName(`a-1.0-${tags}.whl`)!);
  for (const tags of [
    "py3-none-any",
    "py2.py3-none-any",
    "py313-none-any",
    "py310-none-any",
    "cp313-none-any",
    "cp313-cp313-pyemscripten_2025_0_wasm32",
    "cp313-cp313-pyodide_2025_0_wasm32",
    "cp39-abi3-pyemscripten_2025_0_wasm32",
    "py3-none-pyemscripten_2025_0_wasm32",
  ]) {
    assert.equal(problem(tags), undefined, tags);
  }
  const cases: [string, RegExp][] = [
    [
      "cp312-cp312-pyemscripten_2025_0_wasm32",
      /is for Python cp312 .* cp312, and this runtime is cp313/,
    ],
    ["cp313-cp313t-pyemscripten_2025_0_wasm32", /ABI cp313t/],
    ["cp314-abi3-pyemscripten_2025_0_wasm32", /Python cp314/],
    ["cp312-none-any", /Python cp312/],
    ["py2-none-any", /Python py2/],
    ["py314-none-any", /Python py314/],
    ["cp313-cp313-pyemscripten_2024_0_wasm32", /platform pyemscripten_2024_0_wasm32/],
    [
      "cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64",
      /platform manylinux_2_17_x86_64, manylinux2014_x86_64/,
    ],
  ];
  for (const [tags, message] of cases) {
    assert.match(problem(tags) ?? "it fits", message, tags);
  }
});

test("packages come after those that they need, each once, cycles or not", () => {
  const file = lock(
    entry("a", ["B_b", "c"]),
    entry("b-b", ["d"]),
    entry("c", ["d", "a"]),
    entry("d"),
    entry("unused"),
  );
  assert.deepEqual(names(planPackages(file, ["A", "d"], {})), ["d", "b-b", "c", "a"]);
  const { packages, present } = planPackages(file, ["a", "d"], {
    d: DEFAULT_CHANNEL,
    c: DEFAULT_CHANNEL,
  });
  assert.deepEqual(names({ packages }), ["b-b", "a"]);
  assert.deepEqual(present, [{ name: "d", channel: DEFAULT_CHANNEL }]);
});

test("unknown names", () => {
  const file = lock(entry("a", ["gone"]));
  assert.throws(() => planPackages(file, ["nope"], {}), {
    message: "No known package with name 'nope'",
  });
  assert.throws(() => planPackages(file, ["a"], {}), {
    message: "No known package with name 'gone', which 'a' needs",
  });
  assert.throws(() => planPackages(file, ["constructor"], {}), /No known package/);
});

test("an address stands for a package of the lock file, also where another needs it", () => {
  const file = lock(entry("a", ["b"]), entry("b"));
  const wheel = "https://x.org/B-2.0-py3-none-any.whl";
  const plan = planPackages(file, ["a", wheel], {});
  assert.deepEqual(
    plan.packages.map(({ name, version, channel }) => [name, version, channel]),
    [
      ["B", "2.0", wheel],
      ["a", "1.0", DEFAULT_CHANNEL],
    ],
  );
  const later = planPackages(file, [wheel], { b: DEFAULT_CHANNEL });
  assert.deepEqual(later.packages, []);
  assert.deepEqual(later.mismatched, [{ name: "B", channel: wheel, loadedFrom: DEFAULT_CHANNEL }]);
  const again = planPackages(file, [wheel], { B: wheel });
  assert.deepEqual(again.present, [{ name: "B", channel: wheel }]);
});

test("two files for one package, and files that are none for this machine", () => {
  const file = lock(
    entry("old", [], {
      file_name: "old-1.0-cp312-cp312-pyemscripten_2025_0_wasm32.whl",
    }),
  );
  const twice = ["x/a-1.0-py3-none-any.whl", "x/a-2.0-py3-none-any.whl"];
  assert.throws(
    () => planPackages(file, twice, {}),
    /'a' is asked for twice, from x\/a-1\.0.* and from x\/a-2\.0/,
  );
  assert.throws(
    () => planPackages(file, ["old"], {}),
    /'old'.*Python cp312.*this runtime is cp313/,
  );
  assert.throws(
    () => planPackages(file, ["https://x.org/a-1-cp313-cp313-win_amd64.whl"], {}),
    /'a'.*win_amd64/,
  );
  assert.throws(
    () => planPackages(file, ["https://x.org/a.whl"], {}),
    /'a\.whl' is not the name of a wheel/,
  );
});

test("the digest in an address", () => {
  const digest = "AB".repeat(32);
  const [item] = planPackages(
    lock(),
    [`https://x.org/a-1-py3-none-any.whl#sha256=${digest}`],
    {},
  ).packages;
  assert.equal(item?.sha256, digest.toLowerCase());
});

test("lock files that are damaged or of another version", () => {
  const parse = (contents: unknown) => parseLockfile(contents, "L");
  const cases: [unknown, RegExp][] = [
    ["{", /L is not valid JSON/],
    [5, / L must be an object/],
    [[], / L must be an object/],
    [{}, / L is no lock file: it has no 'info'/],
    [{ info: INFO }, /no 'packages'/],
    [
      { info: { ...INFO, python: "3.12.7" }, packages: {} },
      /for Python 3\.12\.7, and this is Python 3\.13/,
    ],
    [{ info: {}, packages: {} }, /for Python undefined/],
    [
      { info: { ...INFO, abi_version: "2026_0" }, packages: {} },
      /wheels of the ABI 2026_0, and this runtime loads 2025_0/,
    ],
    [{ info: INFO, packages: { a: 1 } }, /package 'a' is no object/],
    [
      { info: INFO, packages: { a: { version: "1", file_name: 5 } } },
      /package 'a' has no 'file_name' of/,
    ],
    [{ info: INFO, packages: { a: entry("a", [1 as never]) } }, /package 'a' has no 'depends'/],
  ];
  for (const [contents, message] of cases) {
    assert.throws(() => parse(contents), message);
  }
});

test("what a lock file leaves out, and what it says besides", () => {
  const file = parseLockfile(
    {
      info: { ...INFO, abi_version: null },
      packages: {
        A_b: { version: "1", file_name: "f", sha256: null, tool: { x: {} } },
      },
      tool: 1,
    },
    "L",
  );
  assert.deepEqual(file.packages["a-b"], {
    name: "A_b",
    version: "1",
    file_name: "f",
    install_dir: "site",
    sha256: "",
    package_type: "package",
    imports: [],
    depends: [],
    tool: { x: {} },
  });
  assert.equal(file["tool"], 1);
});

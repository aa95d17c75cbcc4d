/**
 * One run of a runtime that counts what runs in it (tools/buildlib/profile.py); writes the counts to a file.
 *
 *     node train.mjs RUNTIME FILE test NAME TESTS      a module of CPython's regression suite, the folder TESTS
 *     node train.mjs RUNTIME FILE rows MODULE          the operations of bench/rows.mjs
 */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [runtime, file, kind, name, tests] = process.argv.slice(2);
/** How long each operation is repeated. */
const ROW_MS = 150;
const COUNTS = "/tmp/counts.profraw";

const TEST = `
import importlib, io, os, sys, unittest
def train(name):
    sys.path.insert(0, "/library")
    os.chdir("/tmp")
    module = importlib.import_module(f"test.{name}")
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    result = unittest.TextTestRunner(stream=io.StringIO(), verbosity=0).run(suite)
    print(f"{name}: {result.testsRun} tests, {len(result.failures) + len(result.errors)} failed")
    return result.testsRun
train
`;

function runTests(pyodide) {
  pyodide.FS.mkdirTree("/library/test");
  pyodide.mountNodeFS("/library/test", tests);
  if (pyodide.runPython(TEST)(name) === 0) {
    throw new Error(`${name} has no tests`);
  }
}

async function runRows(pyodide) {
  const { makeRows } = await import(pathToFileURL(name).href);
  // Without the interpreter's programs: they measure what is made with the profile.
  for (const { run } of makeRows(pyodide, "native", [])) {
    const end = performance.now() + ROW_MS;
    for (let n = 1; performance.now() < end; n *= 2) run(n);
  }
}

const { loadPyodide } = await import(pathToFileURL(`${runtime}/pyodide.mjs`).href);
const pyodide = await loadPyodide();
await (kind === "test" ? runTests : runRows)(pyodide);
if (pyodide._module.wasmExports.write_counts() !== 0) throw new Error("the counts cannot be written");
writeFileSync(file, pyodide.FS.readFile(COUNTS));
process.exit(0);

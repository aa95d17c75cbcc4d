"""The npm package in Node.js: ES modules, CommonJS, the other entry points, and its types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.runtime import ROOT

from .conftest import run

pytestmark = pytest.mark.slow

BODY = """
const pyodide = await loadPyodide();
const list = pyodide.runPython("[1, 2]");
console.log(JSON.stringify([version === pyodide.version, pyodide.runPython("6 * 7"), Array.isArray(list)]));
"""
ASYNC = "(async () => {" + BODY + "})().catch((e) => { console.error(e); process.exitCode = 1; });"
PROGRAMS = {
    "module.mjs": ('import { loadPyodide, version } from "pyodide";' + BODY, True),
    "common.cjs": ('const { loadPyodide, version } = require("pyodide");' + ASYNC, True),
    "proxy.mjs": ('import { loadPyodide, version } from "pyodide/proxy";' + BODY, False),
    "proxy.cjs": ('const { loadPyodide, version } = require("pyodide/proxy");' + ASYNC, False),
    "workers.mjs": (
        """
        import { startWorker } from "pyodide/workers";
        const worker = await startWorker();
        console.log(JSON.stringify([true, await worker.run("6 * 7"), true]));
        worker.terminate();
        """,
        True,
    ),
    "file.mjs": ('import { loadPyodide, version } from "pyodide/pyodide.mjs";' + BODY, True),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_entry_points(program: Path, name: str) -> None:
    """Each way to import the package gives a loader that finds its files."""
    text, copies = PROGRAMS[name]
    (program / name).write_text(text)
    assert json.loads(run(["node", name], program)) == [True, 42, copies]


def test_files_by_name(program: Path) -> None:
    """Tools that copy the files find each under its name in Pyodide's package."""
    names = [
        "package.json", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json", "pyodide.mjs", "pyodide.js",
    ]  # fmt: skip
    text = f"for (const n of {names}) require('fs').statSync(require.resolve('pyodide/' + n));"
    run(["node", "-e", text], program)


TYPED = """
import { loadPyodide, version } from "pyodide";
import type { PyodideInterface, PyodideConfig } from "pyodide";
import type { PyProxy, PyDict } from "pyodide/ffi";
import { startWorker, type PyodideWorker, type RemoteObject } from "pyodide/workers";
const config: PyodideConfig = { conversion: "proxy" };
export async function main(): Promise<string> {
  const pyodide: PyodideInterface = await loadPyodide(config);
  const globals: PyDict = pyodide.globals;
  const proxy: PyProxy = pyodide.toPy({});
  // @ts-expect-error: a string is no number
  const wrong: number = version;
  const worker: PyodideWorker = await startWorker({ stdin: () => null, load: { conversion: "native" } });
  const remote: RemoteObject = await worker.globals.get("x");
  for await (const item of remote) remote.append(item);
  // @ts-expect-error: functions stay in the page
  await startWorker({ load: { stdin: () => null } });
  return String([globals.length, proxy.type, wrong]);
}
"""
SETTINGS = {
    "bundler": ("ESNext", "bundler", "typed.ts"),
    "Node.js, ES module": ("NodeNext", "NodeNext", "typed.mts"),
    "Node.js, CommonJS": ("NodeNext", "NodeNext", "typed.cts"),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_types(program: Path, setting: str) -> None:
    """The declarations are found, by every kind of program."""
    module, resolution, name = SETTINGS[setting]
    (program / name).write_text(TYPED)
    compiler = ROOT / "src/js/node_modules/typescript/bin/tsc"
    options = [
        "--noEmit",
        "--strict",
        "--target",
        "es2022",
        "--lib",
        "es2022,dom",
        "--skipLibCheck",
    ]
    run(
        ["node", compiler, *options, "--module", module, "--moduleResolution", resolution, name],
        program,
    )

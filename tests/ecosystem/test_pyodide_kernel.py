"""JupyterLite's Python kernel, unmodified from npm, used as its worker uses it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ecosystem.fetching import IPYTHON, PYODIDE_KERNEL, npm_package, wheels
from harness.runtime import Runtime

START = """
const { readFileSync } = await import("node:fs");
for (const wheel of wheels) {
  pyodide.FS.writeFile("/tmp/a.whl", readFileSync(wheel));
  pyodide.runPython("import zipfile; zipfile.ZipFile('/tmp/a.whl').extractall('/lib/python3.13/site-packages')");
}
await pyodide.runPythonAsync("import pyodide_kernel");
const module = pyodide.globals.get("pyodide_kernel");
const kernel = module.kernel_instance.copy();
const streams = [];
module.stdout_stream.copy().publish_stream_callback = (name, text) => streams.push([name, text]);
kernel.interpreter.send_comm = () => undefined;
const results = [];
const displayed = [];
const plain = (value) => JSON.parse(JSON.stringify(
  value instanceof pyodide.ffi.PyProxy ? value.toJs({ dict_converter: Object.fromEntries }) : value));
kernel.interpreter.displayhook.copy().publish_execution_result =
  (count, data, metadata) => results.push(plain(data));
kernel.interpreter.display_pub.copy().display_data_callback =
  (data, metadata, transient) => displayed.push(plain(data));
const run = async (code) => {
  const result = await kernel.run(code);
  return plain(result);
};
"""


@pytest.fixture
def paths() -> list[str]:
    """The wheels that a notebook's kernel starts with."""
    own: list[Path] = sorted((npm_package(PYODIDE_KERNEL) / "pypi").glob("*.whl"))
    chosen = [wheel for wheel in own if wheel.name.startswith(("pyodide_kernel", "piplite"))]
    return [str(wheel) for wheel in [*wheels(*IPYTHON), *chosen]]


def test_cells(fresh: Callable[..., Runtime], paths: list[str]) -> None:
    """Cells run, await, print, display and fail; completion and inspection answer."""
    runtime = fresh("proxy")
    got = runtime.js(
        START
        + """
        const outcomes = [];
        for (const code of [
          "1 + 1",
          "import asyncio; await asyncio.sleep(0.01); 'awaited'",
          "print('printed')",
          "from IPython.display import HTML, display; display(HTML('<b>bold</b>'))",
          "%timeit -n1 -r1 pass",
          "1 / 0",
        ]) outcomes.push((await run(code)).status);
        const completions = plain(kernel.complete("import os; os.getc", 18));
        const inspected = plain(kernel.inspect("len", 3, 0));
        return {
          outcomes,
          results: results.map((data) => data["text/plain"]),
          displayed: displayed.map((data) => data["text/html"]),
          printed: streams.map(([, text]) => text).join(""),
          completions: completions.matches,
          inspected: inspected.found,
        };
        """,
        wheels=paths,
    )
    assert got["outcomes"] == ["ok"] * 5 + ["error"]
    assert got["results"] == ["2", "'awaited'"]
    assert got["displayed"] == ["<b>bold</b>"]
    assert "printed" in got["printed"] and "per loop" in got["printed"]
    assert "getcwd" in got["completions"], got["completions"]
    assert got["inspected"] is True

"""Bundlers make working pages of a program that imports the npm package, without being told anything about it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browsing import Chromium

from .conftest import run

pytestmark = pytest.mark.slow

PAGE = '<!doctype html><meta charset="utf-8"><title>built</title><script src="main.js"></script>'


def works(page: Chromium) -> None:
    """The page's runtime has started, and its files are those of the page's own server."""
    assert page.run("await started; return version === pyodide.version") is True
    assert (
        page.python("import json, js\njson.dumps([1 + 1, js.location.protocol])") == '[2, "http:"]'
    )
    page.run("await pyodide.loadPackagesFromImports('import json'); return null")


def worker_works(page: Chromium) -> None:
    """The bundler has made a script of the worker, which finds the runtime's files too."""
    got = page.run(
        """
        const worker = await startWorker();
        try { return [await worker.run("6 * 7"), await (await worker.run("{'a': 1}")).get("a")]; } finally { worker.terminate(); }
        """
    )
    assert got == [42, 1]


def webpack(program: Path, out: str, *options: str) -> Path:
    """Build with webpack and put a page beside the result."""
    folder = program / "built" / out
    command = ["npx", "webpack", "--mode", "production", "--output-path", str(folder), *options]
    run(command, program)
    (folder / "index.html").write_text(PAGE)
    return folder


VITES = ["vite", "vite-7"]


@pytest.mark.parametrize("vite", VITES)
def test_vite_build(program: Path, chromium: Chromium, vite: str) -> None:
    """`vite build`: the runtime's files become assets."""
    folder = program / "built" / vite
    command = ["node", f"node_modules/{vite}/bin/vite.js", "build", "--base", "./"]
    run([*command, "--outDir", str(folder)], program)
    assert {file.suffix for file in (folder / "assets").iterdir()} >= {
        ".js",
        ".mjs",
        ".wasm",
        ".zip",
    }
    chromium.server.roots["vite"] = folder
    chromium.open("/plain/vite/index.html")
    works(chromium)
    worker_works(chromium)


@contextmanager
def vite_server(program: Path, vite: str) -> Iterator[str]:
    """Vite's development server; its address."""
    process = subprocess.Popen(
        ["node", f"node_modules/{vite}/bin/vite.js", *"--host 127.0.0.1 --port 0 --force".split()],
        cwd=program,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout as lines:
        try:
            said = []
            for line in lines:
                said.append(line)
                found = re.search(r"http://127\.0\.0\.1:\d+/", re.sub(r"\x1b\[\d*m", "", line))
                if found:
                    yield found[0]
                    return
            raise AssertionError("Vite did not start:\n" + "".join(said))
        finally:
            process.terminate()


@pytest.mark.parametrize("vite", VITES)
def test_vite_development(program: Path, chromium: Chromium, vite: str) -> None:
    """`vite`: the development server bundles the package beforehand and still finds its files."""
    with vite_server(program, vite) as address:
        chromium.go(address)
        works(chromium)
        worker_works(chromium)
        fetched = chromium.run("return performance.getEntriesByType('resource').map((e) => e.name)")
        assert f"{address}node_modules/pyodide/pyodide.asm.wasm" in fetched


@pytest.mark.parametrize("entry", ["index.js", "required.js"])
def test_webpack(program: Path, chromium: Chromium, entry: str) -> None:
    """webpack makes assets of the files, of a program with `import` or `require`."""
    folder = webpack(program, f"webpack-{entry}", "--entry", f"./src/{entry}")
    assert {file.suffix for file in folder.iterdir()} >= {".js", ".mjs", ".wasm", ".zip", ".json"}
    chromium.server.roots["webpack"] = folder
    chromium.open("/plain/webpack/index.html")
    works(chromium)
    if entry == "index.js":
        worker_works(chromium)


def test_webpack_plugin(program: Path, chromium: Chromium) -> None:
    """`@pyodide/webpack-plugin` works as it is: it copies the files and tells the loader where."""
    folder = webpack(program, "plugin", "--config", "plugin.config.mjs")
    assert not (folder / "pyodide/pyodide.mjs").exists()
    assert (folder / "pyodide/pyodide-lock.json").is_file()
    chromium.server.roots["plugin"] = folder
    chromium.server.requests.clear()
    chromium.open("/plain/plugin/index.html")
    works(chromium)
    assert "/plain/plugin/pyodide/pyodide.asm.wasm" in chromium.server.requests

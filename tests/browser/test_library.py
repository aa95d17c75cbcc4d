"""The parts of the Python library that are apart are fetched when Python first imports them."""

from __future__ import annotations

import pytest
from browsing import Browser

CODE = """
import sqlite3, unicodedata
from email.message import Message
row = sqlite3.connect(":memory:").execute("select 6 * 7").fetchone()[0]
[row, unicodedata.name("\\u2022"), Message.__name__, "\\u65e5".encode("shift_jis").hex()]
"""
RESULT = [42, "BULLET", "Message", "93fa"]
PARTS = {"modules.zip", "_sqlite3.wasm", "unicodedata.wasm", "_codecs_jp.wasm"}

ASK = """
    const worker = new Worker(args[0], args[1] ? { type: "module" } : {});
    try {
        return await new Promise((resolve, reject) => {
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = (event) => reject(new Error(event.message ?? "the worker could not be loaded"));
            worker.postMessage(args[2]);
        });
    } finally {
        worker.terminate();
    }
"""


def parts_fetched(browser: Browser) -> list[str]:
    """Names of the parts that the server was asked for, in order."""
    return [path.rsplit("/", 1)[1] for path in browser.server.requests if "/library/" in path]


@pytest.mark.parametrize("prefix", ["plain", "csp"])
def test_page(browser: Browser, prefix: str) -> None:
    """In a page: nothing at the start, then each part once, however large."""
    browser.start(f"/{prefix}/pages/module.html")
    browser.run("pyodide.runPython('import asyncio, json, re, typing')")
    assert parts_fetched(browser) == []
    assert browser.run("return pyodide.runPython(args[0])", CODE) == RESULT
    browser.run("pyodide.runPython('import unittest, html')")
    assert sorted(parts_fetched(browser)) == sorted(PARTS)


@pytest.mark.parametrize(("file", "module"), [("worker.mjs", True), ("worker_classic.js", False)])
def test_worker(browser: Browser, file: str, module: bool) -> None:
    """In both kinds of worker."""
    browser.open("/plain/pages/empty.html")
    assert browser.run(ASK, file, module, CODE) == {"result": RESULT}
    assert set(parts_fetched(browser)) == PARTS


def test_with_packages(browser: Browser) -> None:
    """Loading a package brings the modules along, so that nothing has to wait for them."""
    browser.start("/plain/pages/module.html")
    got = browser.run(
        "const waiting = []; const { open } = XMLHttpRequest.prototype;"
        "XMLHttpRequest.prototype.open = function (...args) { waiting.push(args); return open.apply(this, args); };"
        "await pyodide.loadPackage('six', { messageCallback() {} });"
        "return [pyodide.runPython('import six, email.message, zipfile; six.PY3'), waiting];"
    )
    assert got == [True, []]
    assert parts_fetched(browser) == ["modules.zip"]


def test_all_at_the_start(browser: Browser) -> None:
    """With `fullStdLib` all parts are there before Python starts."""
    browser.open("/plain/pages/module.html")
    got = browser.run(
        "const full = await loadPyodide({ fullStdLib: true });"
        "const before = performance.now(); const result = full.runPython(args[0]);"
        "const late = performance.getEntriesByType('resource').filter((e) => e.startTime > before);"
        "return [result, late.map((e) => e.name)];",
        CODE,
    )
    assert got == [RESULT, []]
    assert set(parts_fetched(browser)) > PARTS

"""Wheels from the index for this platform, unmodified: each is loaded and does real work, in Node."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness import published, published_work
from harness.runtime import Runtime

LOAD = "await pyodide.loadPackage(path, { messageCallback() {} })"


@pytest.mark.parametrize("name", published.WHEELS)
def test_real_work(fresh: Callable[..., Runtime], name: str) -> None:
    """Loaded, imported, and right; nothing is compiled while Python waits."""
    rt = fresh()
    rt.js(LOAD, path=published.sources([name]))
    rt.js(
        "WebAssembly.Module = new Proxy(WebAssembly.Module, { construct() { throw new Error('compiled'); } })"
    )
    assert rt.py(published_work.WORK[name]) is True


def test_a_missing_dependency(fresh: Callable[..., Runtime]) -> None:
    """A wheel by its address comes without what it needs; the import says what that is and how to load it."""
    rt = fresh()
    rt.js(LOAD, path=str(published.wheel("contourpy")))
    tell = "try { pyodide.runPython('import contourpy'); } catch (e) { return e.message; }"
    message = rt.js(tell)
    assert "ModuleNotFoundError: No module named 'numpy'" in message
    assert 'await pyodide.loadPackage("numpy") in JavaScript' in message
    rt.js(LOAD, path="numpy")
    assert rt.py("import contourpy\ncontourpy.max_threads() >= 1") is True


def test_all_together(fresh: Callable[..., Runtime]) -> None:
    """They do not get into each other's way, in either order."""
    rt = fresh()
    rt.js(LOAD, path=published.sources(published.WHEELS))
    for name in [*published.WHEELS, *reversed(published.WHEELS)]:
        assert rt.py(published_work.WORK[name]) is True, name

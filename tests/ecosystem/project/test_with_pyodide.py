"""Tests as a user of pytest-pyodide writes them; test_pytest_pyodide.py runs them on this runtime."""

import pytest
from pytest_pyodide import run_in_pyodide
from pytest_pyodide.decorator import PyodideHandle


def test_runner(selenium):
    assert selenium.run("1+1") == 2
    assert selenium.run_js("return pyodide.runPython('1+1')") == 2
    assert selenium.run_async("import asyncio; await asyncio.sleep(0.01); 5") == 5
    with pytest.raises(selenium.JavascriptException, match="ZeroDivisionError"):
        selenium.run("1/0")


@run_in_pyodide
def test_inside(selenium):
    import sys

    assert sys.platform == "emscripten"


@run_in_pyodide(packages=["six"])
def test_with_package(selenium):
    import six  # type: ignore[import-untyped]

    assert six.PY3


@run_in_pyodide
async def test_async(selenium):
    from js import Promise

    assert await Promise.resolve(7) == 7


@run_in_pyodide
def double(selenium, value):
    return [value, value * 2]


def test_values(selenium_standalone):
    assert double(selenium_standalone, "a") == ["a", "aa"]


def test_failures_are_explained(selenium):
    @run_in_pyodide
    def inner(selenium):
        x = 6
        assert x == 7

    with pytest.raises(AssertionError, match="assert 6 == 7"):
        inner(selenium)


def test_handles(selenium):
    @run_in_pyodide
    def make(selenium):
        from pytest_pyodide.decorator import PyodideHandle

        return PyodideHandle({"a": 1})

    @run_in_pyodide
    def read(selenium, handle):
        return handle["a"]

    handle = make(selenium)
    assert isinstance(handle, PyodideHandle)
    assert read(selenium, handle) == 1

"""Waiting for promises without `await`, in the browsers: fetch, events, a page that goes on meanwhile."""

from __future__ import annotations

import pytest
from browsing import Browser


@pytest.fixture(autouse=True)
def switching(page: Browser) -> None:
    """Skip where the engine cannot switch stacks."""
    if page.run("return typeof WebAssembly.Suspending") != "function":
        pytest.skip("this browser has no JSPI; a version that has it runs the test")


def test_page_goes_on(page: Browser) -> None:
    """The page draws and handles events while Python waits, in any function."""
    page.python(
        """
        import js
        from pyodide.ffi import run_sync, can_run_sync
        clicks = []
        button = js.document.createElement("button")
        handler = lambda event: clicks.append(can_run_sync())
        button.addEventListener("click", handler)
        js.setTimeout(button.click.bind(button), 1)
        def frame():
            return run_sync(js.Promise.new(lambda resolve, _: js.requestAnimationFrame(resolve)))
        while not clicks:
            frame()
        button.removeEventListener("click", handler)
        assert clicks == [False]
        """
    )


def test_synchronous_fetch(page: Browser) -> None:
    """A synchronous function reads from the network, and gets the error of a fetch that fails."""
    page.python(
        """
        import js
        from pyodide.ffi import JsException, run_sync
        def read(url):
            return run_sync(run_sync(js.fetch(url)).text())
        assert "loadPyodide" in read(js.location.href.replace("module.html", "module.mjs"))
        try:
            read("http://localhost:1/")
        except JsException as error:
            assert error.name == "TypeError"
        else:
            raise AssertionError("no error")
        """
    )

"""HTTP in browsers: `pyfetch` in a page; synchronous requests in a page, in a worker, and where stacks are switched.

The synchronous checks are those of harness/web_client.py, which Node passes as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsing import Browser

from harness.ship import checks_in, shipped
from harness.web import WebServer, closed_port

WORKER = """
    globalThis.worker = new Worker("/plain/pages/worker.mjs", { type: "module" });
    globalThis.ask = (code) => new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message ?? "the worker could not be loaded"));
        worker.postMessage(code);
    });
"""


def prelude(url: str) -> str:
    """The checks, and the addresses that they ask for."""
    closed = f"http://127.0.0.1:{closed_port()}/"
    return shipped("web_client", url=url, closed_url=closed)


@pytest.fixture(scope="module")
def here(shared_page: Browser) -> str:
    """The answers of harness/web.py from the page's own origin."""
    shared_page.python(prelude(f"{shared_page.server.origin}/web/"))
    return f"{shared_page.server.origin}/web/"


@pytest.fixture(scope="module")
def there(web: WebServer) -> str:
    """The same from another origin."""
    return f"{web.origin}/"


@pytest.fixture(scope="module")
def worker(shared_page: Browser, there: str) -> Iterator[Browser]:
    """The shared page with a worker, whose runtime has the checks."""
    shared_page.run(WORKER)
    answer = shared_page.run("return await ask(args[0])", prelude(there) + "None")
    assert "error" not in answer, answer
    yield shared_page
    shared_page.run("worker.terminate()")


@pytest.mark.spec("6.6/1", "6.6/5")
@pytest.mark.parametrize("check", checks_in("web_client"))
def test_page(shared_page: Browser, here: str, check: str) -> None:
    """Each check, in a page that stands still while it waits for its own server."""
    shared_page.run("pyodide.runPython(args[0])", f"{check}(url, 'page')")


@pytest.mark.spec("6.6/1", "6.6/5")
@pytest.mark.parametrize("check", checks_in("web_client"))
def test_worker(worker: Browser, check: str) -> None:
    """Each check, in a worker, with a server of another origin."""
    answer: dict[str, Any] = worker.run("return await ask(args[0])", f"{check}(url, 'worker')")
    assert "error" not in answer, answer["error"]


@pytest.mark.parametrize("check", checks_in("web_client"))
def test_switching(shared_page: Browser, here: str, there: str, check: str) -> None:
    """Each check, in a page that goes on while Python waits, with a server of another origin."""
    if not shared_page.python("from pyodide.ffi import can_run_sync\ncan_run_sync()"):
        pytest.skip(
            "can_run_sync() is False in runPythonAsync: this runtime or browser cannot switch stacks; "
            "WebAssembly JSPI lets this run"
        )
    shared_page.python(f"{check}({there!r}, 'switching')")

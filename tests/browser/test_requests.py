"""The packages requests and urllib3, as they are on the index: in a page, in workers, and where stacks are switched.

The checks are those of harness/requests_client.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browsing import Browser

from harness.ship import checks_in, shipped
from harness.web import WebServer, closed_port

CHECKS = checks_in("requests_client")
Ask = Callable[[Any], Any]
WORKER = """
    globalThis.worker = new Worker(`${args[0]}/worker.mjs`, { type: "module" });
    globalThis.ask = (code) => new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message ?? "the worker could not be loaded"));
        worker.postMessage(code);
    });
"""


def prelude(web: WebServer) -> str:
    """The checks, and the addresses that they ask for."""
    addresses = {"url": f"{web.origin}/", "closed_url": f"http://127.0.0.1:{closed_port()}/"}
    return shipped("web_client", "requests_client", **addresses)


@pytest.fixture(scope="module")
def page_with_requests(shared_page: Browser, web: WebServer) -> Browser:
    """The shared page with requests and the checks."""
    shared_page.run("await pyodide.loadPackage('requests', { messageCallback() {} })")
    shared_page.python(prelude(web))
    return shared_page


def start_worker(browser: Browser, folder: str, web: WebServer) -> Ask:
    """Start a worker, which ends with the page, with requests and the checks; returns the function that has it run code."""
    browser.run(WORKER, folder)

    def ask(message: Any) -> Any:
        answer = browser.run("return await ask(args[0])", message)
        assert "error" not in answer, answer["error"]
        return answer.get("result")

    ask({"packages": ["requests"], "code": prelude(web) + "None"})
    return ask


@pytest.fixture(scope="module")
def worker(page_browser: Browser, web: WebServer) -> Ask:
    """Has a worker run code."""
    page_browser.open("/plain/pages/empty.html")
    return start_worker(page_browser, "/plain/pages", web)


@pytest.fixture(scope="module")
def isolated_worker(page_browser: Browser, web: WebServer) -> Ask:
    """Has a worker run code that may share memory, so that urllib3 can stream with a worker of its own."""
    page_browser.open("/isolated/pages/empty.html")
    ask = start_worker(page_browser, "/isolated/pages", web)
    ask({"code": "await urllib3.contrib.emscripten.fetch.wait_for_streaming_ready()"})
    return ask


@pytest.mark.parametrize("check", CHECKS)
def test_page(page_with_requests: Browser, check: str) -> None:
    """Each check, in a page that stands still while it waits."""
    page_with_requests.run("pyodide.runPython(args[0])", f"{check}(url, 'page')")


@pytest.mark.parametrize("check", CHECKS)
def test_switching(page_with_requests: Browser, check: str) -> None:
    """Each check, in a page that goes on while Python waits."""
    if not page_with_requests.python("from pyodide.ffi import can_run_sync\ncan_run_sync()"):
        pytest.skip(
            "can_run_sync() is False in runPythonAsync: this browser cannot switch stacks; "
            "WebAssembly JSPI lets this run"
        )
    page_with_requests.python(f"{check}(url, 'switching')")


@pytest.mark.parametrize("check", CHECKS)
def test_worker(worker: Ask, check: str) -> None:
    """Each check, in a worker."""
    worker(f"{check}(url, 'worker')")


@pytest.mark.parametrize("check", CHECKS)
def test_isolated_worker(isolated_worker: Ask, check: str) -> None:
    """Each check, in a worker where urllib3 streams without stack switching."""
    isolated_worker(f"{check}(url, 'streaming')")


PYODIDE_HTTP = """
import sys, urllib.request
import pyodide_http
assert pyodide_http.should_patch()
pyodide_http.patch_all()
with urllib.request.urlopen(url + "text") as response:
    assert response.status == 200 and response.read() == "né\\r\\n\\0ü €\\n".encode()
import requests
assert requests.get(url + "echo", params={"a": "1"}).json()["query"] == {"a": "1"}
assert requests.post(url + "echo", json=[1]).json()["method"] == "POST"
assert requests.get(url + "bytes").content == bytes(range(256))
"""


def test_pyodide_http(page_browser: Browser, web: WebServer) -> None:
    """The package pyodide-http, which brings its own urllib and requests, works in a worker as it is."""
    page_browser.open("/plain/pages/empty.html")
    ask = start_worker(page_browser, "/plain/pages", web)
    ask({"packages": ["pyodide-http"], "code": PYODIDE_HTTP})

"""Synchronous HTTP in a page whose conversion mode is "proxy": some of the checks of harness/web_client.py."""

from __future__ import annotations

import pytest
from browsing import Browser

from harness.ship import shipped
from harness.web import closed_port


@pytest.fixture(scope="module")
def mode() -> str:
    """The conversion mode of the shared page."""
    return "proxy"


@pytest.mark.parametrize(
    "check", ["check_pyxhr", "check_urlopen", "check_requests", "check_failures"]
)
def test_page(shared_page: Browser, check: str) -> None:
    """Each check, waiting for XMLHttpRequest, and by stack switching where the browser has it."""
    addresses = {
        "url": f"{shared_page.server.origin}/web/",
        "closed_url": f"http://127.0.0.1:{closed_port()}/",
    }
    shared_page.python(shipped("web_client", **addresses))
    shared_page.run("pyodide.runPython(args[0])", f"{check}(url, 'page')")
    if shared_page.python("from pyodide.ffi import can_run_sync\ncan_run_sync()"):
        shared_page.python(f"{check}(url, 'switching')")

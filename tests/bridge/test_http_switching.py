"""Synchronous HTTP in a Node that can switch stacks: `http.client` and its kin, and the packages requests and urllib3.

The checks are those of harness/web_client.py and harness/requests_client.py, which the browsers pass as well.
"""

from __future__ import annotations

from weakref import WeakSet

import pytest

from harness.runtime import Runtime
from harness.ship import checks_in, shipped
from harness.web import WebServer, closed_port

pytestmark = pytest.mark.switches_stacks


ready: WeakSet[Runtime] = WeakSet()


@pytest.fixture
def client(rt: Runtime, web: WebServer) -> Runtime:
    """The runtime, with the packages and the checks in `__main__`.

    The first requests start the event loop, its timers and the client of Node; what was imported and cached stays.
    """
    rt.js("await pyodide.loadPackage('requests', { messageCallback() {} })")
    closed = f"http://127.0.0.1:{closed_port()}/"
    addresses = {"url": f"{web.origin}/", "closed_url": closed}
    rt.py(shipped("web_client", "requests_client", **addresses) + "from harness import web_client")
    if rt not in ready:
        ready.add(rt)
        run(rt, "import asyncio, xmlrpc.client, http.cookiejar\nawait asyncio.sleep(0.001)")
        for check in (
            "web_client.check_pyxhr",
            "web_client.check_urlopen",
            "check_get",
            "check_streaming",
        ):
            run(rt, f"{check}(url, 'switching')")
        rt.py("import gc; gc.collect()")
    return rt


def run(client: Runtime, code: str) -> None:
    """Run code that may wait."""
    client.js("await pyodide.runPythonAsync(code)", code=code)


@pytest.mark.parametrize("check", checks_in("web_client"))
def test_client(client: Runtime, check: str) -> None:
    """Each check of the standard library."""
    run(client, f"web_client.{check}(url, 'switching')")


def test_what_is_given_up_is_aborted(client: Runtime, web: WebServer) -> None:
    """Closing a response before its end, and a time-out, close the connection."""
    keys = [f"{client.mode}-{how}" for how in ("closed", "late", "slow")]
    run(
        client,
        f"""
import urllib.request
closed, late, slow = {keys!r}
with urllib.request.urlopen(url + "drip/" + closed) as response:
    assert response.read(5) == b"first"
web_client.raised(TimeoutError, urllib.request.urlopen, url + "hold/" + late, timeout=0.05)
with urllib.request.urlopen(url + "drip/" + slow, timeout=0.05) as response:
    web_client.raised(TimeoutError, response.read)
""",
    )
    assert [web.gates.outcome(key) for key in keys] == ["aborted"] * 3


@pytest.mark.parametrize("check", checks_in("requests_client"))
def test_requests(client: Runtime, check: str) -> None:
    """Each check of requests and urllib3."""
    run(client, f"{check}(url, 'switching')")

"""HTTP in browsers: `pyfetch` in a page; synchronous requests in a page, in a worker, and where stacks are switched.

The synchronous checks are those of harness/web_client.py, which Node passes as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    # The first timer stays with the event loop.
    shared_page.python("import asyncio; await asyncio.sleep(0.001)")
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


FETCH = """
import asyncio, js, json
from pyodide.ffi import JsException
from pyodide.http import AbortError, BodyUsedError, HttpStatusError, pyfetch
here, there = {here!r}, {there!r}
"""


@pytest.fixture
def fetch(page: Browser, here: str, there: str) -> Callable[[str], Any]:
    """Runs an async program in the page, with `here` and `there` for the two origins; its last value."""
    page.python(FETCH.format(here=here, there=there))
    return page.python


@pytest.mark.spec("6.6/2", "6.6/3")
def test_fetch(fetch: Callable[[str], Any]) -> None:
    """Requests of the page's own origin: relative addresses, headers, bodies in every form."""
    fetch(
        """
        r = await pyfetch("/web/text", headers={"X-Mine": "1"})
        assert (r.status, r.status_text, r.ok, r.type, r.url) == (200, "OK", True, "basic", here + "text")
        assert r.headers["x-answer"] == "42" and not r.redirected and not r.body_used
        assert str(r.js_request) == "[object Request]" and r.js_request.url == r.url
        twin = r.clone()
        assert await r.text() == (await twin.bytes()).decode() == "né\\r\\n\\0ü €\\n" and r.body_used
        try:
            await r.bytes()
        except BodyUsedError:
            r = None
        assert r is None
        assert bytes(await (await pyfetch("/web/bytes")).memoryview()) == bytes(range(256))
        assert await (await pyfetch(here + "gzip")).text() == "unpacked " * 1000
        assert len(await (await pyfetch(here + "big/5000000")).bytes()) == 5_000_000
        form = js.FormData.new()
        form.append("name", "value")
        seen = await (await pyfetch(here + "echo", method="POST", body=form)).json()
        assert seen["headers"]["content-type"].startswith("multipart/form-data")
        r = await pyfetch(js.Request.new(here + "redirect/302/2"))
        assert r.redirected and r.url == here + "echo/arrived"
        try:
            (await pyfetch(here + "status/503")).raise_for_status()
        except HttpStatusError as error:
            status = str(error)
        assert status == f"503 Server Error: Service Unavailable for url: {here}status/503"
        await (await pyfetch(here + "archive/zip/x.zip")).unpack_archive(extract_dir="/tmp/unpacked")
        assert open("/tmp/unpacked/folder/file.txt").read() == "content"
        await (await pyfetch(here + "bytes"))._create_file("/tmp/unpacked/bytes")
        assert open("/tmp/unpacked/bytes", "rb").read() == bytes(range(256))
        import shutil
        shutil.rmtree("/tmp/unpacked")
        """
    )


@pytest.mark.spec("6.6/2", "6.6/3", "6.6/4")
def test_fetch_of_other_origins(fetch: Callable[[str], Any]) -> None:
    """Another origin answers if it permits it; what is hidden is hidden, and a refusal is an AbortError."""
    fetch(
        """
        r = await pyfetch(there + "text")
        assert r.type == "cors" and r.headers["x-answer"] == "42" and "server" not in r.headers
        r = await pyfetch(there + "echo", method="PUT", headers={"X-Mine": "1"}, body=b"\\0")
        assert (await r.json())["headers"]["x-mine"] == "1"
        r = await pyfetch(there + "text?nocors=1", mode="no-cors")
        assert (r.type, r.status, r.ok, r.headers) == ("opaque", 0, False, {})
        refused = []
        for address in (there + "text?nocors=1", "http://127.0.0.1:1/", "http://no-such-host.invalid/"):
            try:
                await pyfetch(address)
            except AbortError as error:
                assert isinstance(error, OSError) and str(error) == error.__cause__.message
                refused.append(error.__cause__.name)
        assert refused == ["TypeError"] * 3
        try:
            await pyfetch("http://[")
        except JsException as error:
            assert error.name == "TypeError"
        else:
            raise AssertionError("no error")
        await pyfetch(there + "cookie", credentials="include")
        assert await (await pyfetch(there + "cookie", credentials="include")).text() == "flavour=vanilla"
        assert "set-cookie" not in (await pyfetch(there + "cookie")).headers
        assert (await pyfetch(here + "text")).status == 200
        """
    )


@pytest.mark.spec("6.6/2", "6.6/3")
@pytest.mark.parametrize("stage", ["hold", "drip"])
def test_cancelling_fetch(
    fetch: Callable[[str], Any], web: WebServer, page: Browser, stage: str
) -> None:
    """Cancelling the task that waits closes the connection, and so do abort() and a signal."""
    keys = [f"{page.name}-{stage}-{how}" for how in ("cancel", "signal", "timeout")]
    fetch(
        f"""
        async def work(key, **options):
            response = await pyfetch(there + "{stage}/" + key, **options)
            await response.text()

        async def begun(key, **options):
            task = asyncio.ensure_future(work(key, **options))
            await pyfetch(there + "arrived/" + key)
            return task

        async def error_of(awaitable):
            try:
                await awaitable
            except BaseException as error:
                return type(error)

        cancelled, signalled, timed_out = {keys!r}
        task = await begun(cancelled)
        task.cancel()
        assert await error_of(task) is asyncio.CancelledError
        controller = js.AbortController.new()
        task = await begun(signalled, signal=controller.signal)
        controller.abort()
        assert await error_of(task) is AbortError
        assert await error_of(asyncio.wait_for(await begun(timed_out), 0.01)) is TimeoutError
        assert (await pyfetch(there + "text")).status == 200
        """
    )
    assert [web.gates.outcome(key) for key in keys] == ["aborted"] * 3


def test_page_goes_on(fetch: Callable[[str], Any], page: Browser) -> None:
    """While Python waits by switching stacks, the page's events are handled."""
    if not page.python("from pyodide.ffi import can_run_sync\ncan_run_sync()"):
        pytest.skip("this browser cannot switch stacks; WebAssembly JSPI lets this run")
    key = f"{page.name}-goes-on"
    fetch(
        f"""
        import urllib.request
        def release():
            js.fetch(there + "release/{key}")
        js.setTimeout(release, 1)
        with urllib.request.urlopen(there + "hold/{key}") as response:
            assert response.read() == b"released"
        """
    )


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

"""`pyodide.http.pyfetch` in Node: requests, responses, errors, and cancellation that reaches the server."""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import pytest

from harness.errors import JsError
from harness.runtime import Runtime
from harness.web import WebServer, closed_port

Fetch = Callable[[str], Any]
START = "import asyncio, js, json\nfrom pyodide.http import *\nfrom pyodide.http import pyfetch\n"


ready: WeakSet[Runtime] = WeakSet()


@pytest.fixture
def fetch(rt: Runtime, web: WebServer) -> Fetch:
    """Runs an async program, in which `url` is the server's address; its last value, through JSON.

    The first request starts the event loop and the client of Node, which stay.
    """

    def run(code: str) -> Any:
        program = f"{START}url = {web.origin + '/'!r}\n{textwrap.dedent(code)}"
        text = rt.js("return await pyodide.runPythonAsync(code);", code=program)
        return json.loads(text) if isinstance(text, str) else text

    if rt not in ready:
        ready.add(rt)
        run("await (await pyfetch(url + 'text')).text()\nawait asyncio.sleep(0.001)")
    return run


@pytest.mark.spec("6.6/2", "6.6/3")
def test_properties(fetch: Fetch, web: WebServer) -> None:
    """A response tells its status, headers by names in lower case, address and state."""
    got = fetch(
        """
        r = await pyfetch(url + "text")
        before = r.body_used
        text = await r.text()
        json.dumps([r.status, r.status_text, r.ok, r.redirected, r.type, r.url, r.headers["x-answer"],
                    type(r.headers).__name__, before, r.body_used, text, repr(r),
                    str(r.js_request), r.js_request.url, str(r.js_response), r.abort_signal.aborted])
        """
    )
    url = web.origin + "/text"
    assert got == [
        *[200, "OK", True, False, "basic", url, "42", "dict", False, True, "né\r\n\0ü €\n"],
        *[f"<FetchResponse [200] {url}>", "[object Request]", url, "[object Response]", False],
    ]


@pytest.mark.spec("6.6/3")
def test_bodies(fetch: Fetch) -> None:
    """The body in all the forms there are."""
    assert fetch(
        """
        import warnings
        get = lambda path: pyfetch(url + path)
        text = await (await get("text")).text()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert await (await get("text")).string() == text
        assert [w.category for w in caught] == [DeprecationWarning]
        assert await (await get("text")).bytes() == text.encode()
        view = await (await get("bytes")).memoryview()
        assert type(view) is memoryview and bytes(view) == bytes(range(256))
        buffer = await (await get("bytes")).buffer()
        assert buffer.byteLength == 256 and str(buffer) == "[object ArrayBuffer]"
        assert (await (await get("echo/x?a=1")).json())["query"] == {"a": "1"}
        assert (await (await get("echo/x?a=1")).json(object_pairs_hook=list))[0] == ("method", "GET")
        try:
            await (await get("text")).json()
        except json.JSONDecodeError:
            refused = True
        assert await (await get("gzip")).text() == "unpacked " * 1000
        big = await (await get("big/20000000")).bytes()
        assert len(big) == 20_000_000 and big[:70000] == (bytes(range(256)) * 300)[:70000]
        refused
        """
    )


@pytest.mark.spec("6.6/2")
def test_options(fetch: Fetch) -> None:
    """Options reach `fetch` as JavaScript objects; a Request and a function instead of `fetch` do as well."""
    got = fetch(
        """
        seen = []
        async def send(*args, **kwargs):
            seen.append(await (await pyfetch(*args, **kwargs)).json())
        await send(url + "echo", method="POST", body="é", headers={"X-Mine": "1"})
        await send(url + "echo", method="PUT", body=b"\\0\\xff")
        await send(url + "echo", method="POST", body=js.URLSearchParams.new("a=1"))
        await send(js.Request.new(url + "echo", method="DELETE"))
        async def fetcher(request, options):
            return await js.fetch(request, options)
        await send(url + "echo", method="POST", body="x", fetcher=fetcher)
        await send(url + "echo", method="POST", body="y", fetcher=js.fetch)
        assert (await pyfetch(url + "echo", method="POST")).js_request.method == "POST"
        json.dumps([[s["method"], s["body"], s["headers"].get("x-mine")] for s in seen])
        """
    )
    encoded = [
        base64.b64encode(body).decode()
        for body in ("é".encode(), b"\0\xff", b"a=1", b"", b"x", b"y")
    ]
    methods = ["POST", "PUT", "POST", "DELETE", "POST", "POST"]
    assert [each[:2] for each in got] == [list(pair) for pair in zip(methods, encoded, strict=True)]
    assert [each[2] for each in got] == ["1"] + [None] * 5


@pytest.mark.parametrize(
    ("options", "error", "part"),
    [
        ("body={'a': 1}", "TypeError", "json.dumps"),
        ("body=[1]", "TypeError", "body is a list"),
        ("method='POST', body=object()", "ConversionError", ""),
        ("body='x'", "JsException", "GET"),
    ],
)
def test_bad_options(fetch: Fetch, options: str, error: str, part: str) -> None:
    """What `fetch` would silently send as "[object Object]" is refused."""
    got = fetch(
        f"""
        try:
            await pyfetch(url + "echo", {options})
        except Exception as error:
            got = json.dumps([type(error).__name__, str(error)])
        got
        """
    )
    assert got[0] == error and part in got[1]


def test_redirects(fetch: Fetch, web: WebServer) -> None:
    """Redirections are followed unless an option says otherwise."""
    got = fetch(
        """
        r = await pyfetch(url + "redirect/302/3")
        stay = await pyfetch(url + "redirect/307/1", redirect="manual")
        try:
            await pyfetch(url + "redirect/302/1", redirect="error")
        except OSError as error:
            refused = type(error).__name__
        json.dumps([r.url, r.redirected, (await r.json())["path"], stay.status, refused])
        """
    )
    assert got == [web.origin + "/echo/arrived", True, "arrived", 307, "AbortError"]


@pytest.mark.spec("6.6/3", "6.6/4")
def test_status_errors(fetch: Fetch, web: WebServer) -> None:
    """An error status is a response; `raise_for_status` makes an exception of it, which can be pickled."""
    got = fetch(
        """
        import pickle
        seen = []
        for path in ("status/200", "status/304", "status/404", "status/418/I am a teapot", "status/500", "status/503"):
            r = await pyfetch(url + path)
            try:
                r.raise_for_status()
                seen.append(None)
            except HttpStatusError as error:
                again = pickle.loads(pickle.dumps(error))
                assert isinstance(error, OSError) and type(again) is HttpStatusError
                assert (again.status, again.status_text, again.url) == (r.status, r.status_text, r.url)
                assert str(again) == str(error)
                seen.append(str(error))
        json.dumps(seen)
        """
    )
    assert got == [
        None,
        None,
        f"404 Client Error: Not Found for url: {web.origin}/status/404",
        f"418 Client Error: I am a teapot for url: {web.origin}/status/418/I%20am%20a%20teapot",
        f"500 Server Error: Internal Server Error for url: {web.origin}/status/500",
        f"503 Server Error: Service Unavailable for url: {web.origin}/status/503",
    ]


@pytest.mark.spec("6.6/3", "6.6/4")
def test_body_used(fetch: Fetch) -> None:
    """A body is read once; a clone has its own."""
    got = fetch(
        """
        r = await pyfetch(url + "text")
        twin = r.clone()
        first = await r.text()
        names = []
        for method in ("text", "string", "bytes", "buffer", "memoryview", "json", "clone", "unpack_archive"):
            options = {"format": "zip"} if method == "unpack_archive" else {}
            try:
                result = getattr(r, method)(**options)
                await result
            except BodyUsedError as error:
                assert isinstance(error, OSError)
                names.append(method)
        second = await twin.text()
        json.dumps([names, first == second])
        """
    )
    names = "text string bytes buffer memoryview json clone unpack_archive"
    assert got == [names.split(), True]


@pytest.mark.spec("6.6/2", "6.6/4")
def test_unreachable(fetch: Fetch) -> None:
    """A server that cannot be reached is an OSError with JavaScript's message, and its cause as a note."""
    got = fetch(
        f"""
        from pyodide.ffi import JsException
        seen = []
        for address in ("http://127.0.0.1:{closed_port()}/", url + "broken/nothing", url + "broken/garbage"):
            try:
                await pyfetch(address)
            except AbortError as error:
                assert isinstance(error, OSError) and isinstance(error.__cause__, JsException)
                seen.append([str(error) == error.__cause__.message, *error.__notes__])
        try:
            await pyfetch("nonsense")
        except JsException as error:
            seen.append([error.name, error.message])
        seen.append((await pyfetch(url + "text")).status)
        json.dumps(seen)
        """
    )
    assert [each[0] for each in got[:3]] == [True] * 3
    assert got[3] == ["TypeError", "Failed to parse URL from nonsense"]
    assert "ECONNREFUSED" in got[0][1]
    assert got[4] == 200


def test_broken_body(fetch: Fetch) -> None:
    """A connection that is lost while the body comes is an error of reading the body."""
    assert fetch(
        """
        r = await pyfetch(url + "broken/body")
        status = r.status
        try:
            await r.text()
        except AbortError as error:
            lost = True
        assert await (await pyfetch(url + "chunked")).text() == "one two three"
        lost and status == 200
        """
    )


@pytest.mark.spec("6.6/3")
def test_abort(fetch: Fetch, web: WebServer) -> None:
    """Aborting a response makes reading its body fail, and closes the connection."""
    got = fetch(
        """
        def keep(error):
            return [type(error).__name__, str(error)]
        seen = []
        for key, reason in (("a1", None), ("a2", "enough"), ("a3", ValueError("of Python")), ("a4", js.Error.new("of JS"))):
            r = await pyfetch(url + "drip/" + key)
            reading = asyncio.ensure_future(r.text())
            await asyncio.sleep(0)
            r.abort(reason)
            try:
                await reading
            except AbortError as error:
                seen.append(str(error))
            assert r.abort_signal.aborted
        r = await pyfetch(url + "drip/before-reading")
        r.abort("before reading")
        try:
            await r.text()
        except AbortError as error:
            seen.append(str(error))
        r = FetchResponse("http://x", js.Response.new("body"))
        try:
            r.abort()
        except ValueError as error:
            seen.append(str(error))
        assert r.url == "http://x" and await r.text() == "body"
        json.dumps(seen)
        """
    )
    assert got[0] == "This operation was aborted"
    assert got[1:] == [
        "enough",
        "of Python",
        "of JS",
        "before reading",
        "abort_controller is not set",
    ]
    assert [web.gates.outcome(key) for key in ("a1", "a2", "a3", "a4")] == ["aborted"] * 4


@pytest.mark.spec("6.6/2")
@pytest.mark.parametrize("how", ["option", "request"])
def test_signal(fetch: Fetch, web: WebServer, rt: Runtime, how: str) -> None:
    """A signal of the program's own aborts as well: as the option, or that of a Request."""
    key = f"signal-{how}-{rt.mode}"
    given = {
        "option": "url + path, signal=controller.signal",
        "request": "js.Request.new(url + path, signal=controller.signal)",
    }[how]
    got = fetch(
        f"""
        path = "hold/{key}"
        controller = js.AbortController.new()
        waiting = asyncio.ensure_future(pyfetch({given}))
        await asyncio.sleep(0)
        controller.abort()
        try:
            await waiting
        except AbortError as error:
            got = type(error).__name__
        gone = js.AbortSignal.abort()
        try:
            await pyfetch(url + "text", signal=gone)
        except AbortError as error:
            got += " " + error.__cause__.name
        json.dumps(got)
        """
    )
    assert got == "AbortError AbortError"


@pytest.mark.spec("6.6/2")
@pytest.mark.parametrize("stage", ["hold", "drip"])
def test_cancellation(fetch: Fetch, web: WebServer, rt: Runtime, stage: str) -> None:
    """Cancelling the task that waits, for the response or for its body, closes the connection."""
    key = f"cancel-{stage}-{rt.mode}"
    fetch(
        f"""
        async def work():
            response = await pyfetch(url + "{stage}/{key}")
            await response.text()
        task = asyncio.ensure_future(work())
        await (await pyfetch(url + "arrived/{key}")).text()
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
        assert task.cancelled()
        (await pyfetch(url + "text")).status
        """
    )
    assert web.gates.outcome(key) == "aborted"


@pytest.mark.spec("6.6/3")
def test_archives(fetch: Fetch) -> None:
    """Archives are unpacked by their address, their format, or not at all when neither says what they are."""
    got = fetch(
        """
        import os, shutil, tempfile
        from pathlib import Path
        seen = []
        with tempfile.TemporaryDirectory() as folder:
            async def unpack(path, **options):
                target = Path(folder, str(len(seen)))
                target.mkdir()
                await (await pyfetch(url + path)).unpack_archive(extract_dir=target, **options)
                seen.append([p.relative_to(target).as_posix() for p in target.rglob("*.txt")])
            await unpack("archive/zip/x.zip")
            await unpack("archive/whl/x-1.0-py3-none-any.whl?query=.tar")
            await unpack("archive/gztar/x.tar.gz")
            for form in ("gztar", ".tar.gz", "tgz"):
                await unpack("archive/gztar", format=form)
            await unpack("archive/whl", format="wheel")
            for path, options in (("archive/zip", {}), ("archive/zip", {"format": "rar"}), ("archive/zip/x.tar.gz", {})):
                try:
                    await unpack(path, **options)
                except (ValueError, shutil.ReadError) as error:
                    seen.append(type(error).__name__)
            here = os.getcwd()
            os.chdir(folder)
            await (await pyfetch(url + "archive/zip/x.zip")).unpack_archive()
            os.chdir(here)
            seen.append(Path(folder, "folder/file.txt").read_text())
            leftovers = [name for name in os.listdir(tempfile.gettempdir()) if Path(tempfile.gettempdir(), name).is_file()]
        json.dumps([seen, leftovers])
        """
    )
    assert got == [
        [["folder/file.txt"]] * 7 + ["ValueError", "ValueError", "ReadError", "content"],
        [],
    ]


@pytest.mark.spec("6.6/3")
def test_files(fetch: Fetch) -> None:
    """The body goes to a file: a new one, or an empty one that is open."""
    got = fetch(
        """
        import os
        await (await pyfetch(url + "bytes"))._create_file("/tmp/body")
        try:
            await (await pyfetch(url + "bytes"))._create_file("/tmp/body")
        except FileExistsError:
            refused = 1
        with open("/tmp/other", "wb") as f:
            await (await pyfetch(url + "bytes"))._into_file(f)
        same = open("/tmp/body", "rb").read() == open("/tmp/other", "rb").read() == bytes(range(256))
        os.remove("/tmp/body")
        os.remove("/tmp/other")
        json.dumps([same, refused])
        """
    )
    assert got == [True, 1]


def test_many_at_once(fetch: Fetch) -> None:
    """Requests run beside each other, and one that fails is the only one that does."""
    got = fetch(
        """
        paths = [f"status/{200 + n}" for n in range(20)] + ["broken/nothing"]
        got = await asyncio.gather(*(pyfetch(url + path) for path in paths), return_exceptions=True)
        json.dumps([getattr(each, "status", type(each).__name__) for each in got])
        """
    )
    assert got == [*range(200, 220), "AbortError"]


def test_errors_of_python_programs(fetch: Fetch) -> None:
    """An exception that leaves the program is a PythonError of that type in JavaScript, and the runtime goes on."""
    with pytest.raises(JsError, match="HttpStatusError: 404 Client Error") as caught:
        fetch("(await pyfetch(url + 'status/404')).raise_for_status()")
    assert caught.value.name == "PythonError"
    assert fetch("(await pyfetch(url + 'text')).status") == 200

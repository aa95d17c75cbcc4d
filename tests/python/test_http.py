"""`pyodide.http` on ordinary CPython: exceptions, formats of archives, and `pyfetch` over a stand-in for `fetch`."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from _pyodide._archive import archive_format
from pyodide import http
from pyodide.http._archive import format_of_address

ROOT = Path(__file__).resolve().parents[2]


class Headers:
    """JavaScript's Headers."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = pairs

    def entries(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)


class Response:
    """JavaScript's Response."""

    def __init__(self, text: str = "", status: int = 200, **properties: Any) -> None:
        self._text = text
        self.status = status
        self.statusText = ""
        self.url = "https://example.org/"
        self.bodyUsed = False
        self.headers = Headers()
        self.__dict__.update(properties)

    async def text(self) -> str:
        self.bodyUsed = True
        return self._text

    def clone(self) -> Response:
        return Response(self._text, self.status)


class Controller:
    """JavaScript's AbortController."""

    def __init__(self) -> None:
        self.signal = types.SimpleNamespace()
        self.reasons: list[tuple[Any, ...]] = []

    new = classmethod(lambda cls: cls())

    def abort(self, *reason: Any) -> None:
        self.reasons.append(reason)


class Options(dict[str, Any]):
    """A plain object of JavaScript."""

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


@pytest.fixture
def js(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A module `js` with what `pyfetch` needs; `fetch` is up to the test."""
    module = types.ModuleType("js")
    # The stand-in of a Request is its address.
    request = types.SimpleNamespace(new=lambda request, options: request)
    module.__dict__.update(AbortController=Controller, Request=request)
    monkeypatch.setitem(sys.modules, "js", module)
    monkeypatch.setattr("pyodide.http._fetch.to_js", lambda obj, **_: Options(obj))
    return module


ERRORS = [
    http.HttpStatusError(404, "Not Found", "https://example.org/x"),
    http.BodyUsedError(),
    http.AbortError("aborted"),
]


@pytest.mark.spec("6.6/4")
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_exceptions(error: OSError) -> None:
    """They are OSErrors, have the public module's name, and survive pickling."""
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(error, OSError)
    assert type(error).__module__ == "pyodide.http"
    assert type(again) is type(error) and str(again) == str(error) and vars(again) == vars(error)


@pytest.mark.parametrize(
    ("status", "text", "message"),
    [
        (404, "Not Found", "404 Client Error: Not Found for url: u"),
        (499, "", "499 Client Error:  for url: u"),
        (500, "Oh", "500 Server Error: Oh for url: u"),
        (302, "Found", "302 Unexpected Status: Found for url: u"),
    ],
)
def test_status_messages(status: int, text: str, message: str) -> None:
    assert str(http.HttpStatusError(status, text, "u")) == message


@pytest.mark.parametrize(
    ("name", "format"),
    [
        *[("zip", "zip"), (".zip", "zip"), ("whl", "whl"), ("wheel", "whl"), (".WHL", "whl")],
        *[
            ("gztar", "gztar"),
            (".tar.gz", "gztar"),
            ("tgz", "gztar"),
            ("tar", "tar"),
            ("tar.bz2", "bztar"),
        ],
    ],
)
def test_archive_formats(name: str, format: str) -> None:
    assert archive_format(name) == format


@pytest.mark.parametrize("name", ["rar", "", ".", "gz"])
def test_unknown_archive_format(name: str) -> None:
    with pytest.raises(ValueError, match=r"known are .*whl"):
        archive_format(name)


@pytest.mark.parametrize(
    ("url", "format"),
    [
        ("https://x/a.zip?b=c.tar#d.whl", "zip"),
        ("https://x/a.tar.gz", "gztar"),
        ("https://x/A.TAR.GZ", "gztar"),
        ("https://x/a%2Ewhl", "whl"),
        ("a.tar.xz", "xztar"),
        ("https://x/", None),
        ("https://x.zip/", None),
        ("https://x/a.gz", None),
    ],
)
def test_format_of_address(url: str, format: str | None) -> None:
    if format is None:
        with pytest.raises(ValueError, match="does not say what kind of archive"):
            format_of_address(url)
    else:
        assert format_of_address(url) == format


@pytest.mark.spec("6.6/2", "6.6/3")
def test_fetch(js: Any) -> None:
    """The options reach `fetch`, with a signal; headers are joined and have names in lower case."""
    seen: list[Any] = []

    async def fetch(request: str, options: Any) -> Response:
        seen.append((request, dict(options)))
        return Response("[1]", headers=Headers(("X-A", "1"), ("set-cookie", "a"), ("x-a", "2")))

    js.fetch = fetch

    async def program() -> None:
        response = await http.pyfetch("https://example.org/", method="POST", headers={"A": "b"})
        assert response.headers == {"x-a": "1, 2", "set-cookie": "a"}
        assert await response.json() == [1]
        with pytest.raises(http.BodyUsedError):
            await response.text()
        signal = response.abort_signal
        assert signal is response.abort_controller.signal
        assert seen == [
            ("https://example.org/", {"method": "POST", "headers": {"A": "b"}, "signal": signal})
        ]

    asyncio.run(program())


@pytest.mark.spec("6.6/2")
def test_cancelling_aborts(js: Any) -> None:
    """Whoever stops waiting stops the request, before the response and after it."""
    controllers: list[Controller] = []

    def new() -> Controller:
        controllers.append(Controller())
        return controllers[-1]

    js.AbortController = types.SimpleNamespace(new=new)

    async def never(*args: Any) -> Any:
        await asyncio.get_running_loop().create_future()

    async def at_once(*args: Any) -> Any:
        response = Response()
        response.text = never  # type: ignore[method-assign]
        return response

    async def program() -> None:
        for js.fetch in (never, at_once):
            task = asyncio.ensure_future(http.pyfetch("x"))
            if js.fetch is at_once:
                task = asyncio.ensure_future((await task).text())  # type: ignore[arg-type]
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(program())
    assert [each.reasons for each in controllers] == [[()], [()]]


def test_without_javascript() -> None:
    """The module is quick to import where there is no JavaScript, and says what is missing when it is used."""
    program = """if True:
        import sys
        import pyodide.http
        assert not {"asyncio", "shutil", "json", "js"} & set(sys.modules)
        import asyncio
        try:
            asyncio.run(pyodide.http.pyfetch("https://example.org"))
        except ImportError as error:
            print(error.name)
    """
    output = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={"PYTHONPATH": str(ROOT / "src/pyodide_py")},
        capture_output=True,
        text=True,
    )
    assert output.stderr == "" and output.stdout == "js\n"

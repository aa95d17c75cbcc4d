"""Synchronous HTTP on ordinary CPython: `http.client` over a platform that the test plays, and `pyxhr`."""

from __future__ import annotations

import http.client
import json
import pickle
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pyodide.http import (
    HttpStatusError,
    XHRError,
    XHRNetworkError,
    XHRTimeoutError,
    _connection,
    pyxhr,
)
from pyodide.http._by_xhr import bytes_of_text
from pyodide.http._transport import (
    Answer,
    Request,
    headers_for_browser,
    headers_for_node,
    length_of,
)

Platform = Callable[..., list[Request]]


def answer(
    *parts: bytes | Exception,
    status: int = 200,
    reason: str = "",
    headers: Any = (),
    length: int | None = None,
    redirected: bool = False,
    closed: list[bool] | None = None,
) -> Answer:
    """An answer whose body comes in parts; an exception among them is raised."""
    left = iter(parts)

    def read() -> bytes:
        part = next(left, b"")
        if isinstance(part, Exception):
            raise part
        return part

    def close() -> None:
        if closed is not None:
            closed.append(True)

    return Answer(status, reason, [*headers], "http://final/", redirected, length, read, close)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """Puts the adapter into `http.client`; called with answers or exceptions, it gives the requests that come."""

    def play(*answers: Answer | Exception) -> list[Request]:
        requests: list[Request] = []
        left = iter(answers)

        def send(request: Request) -> Answer:
            requests.append(request)
            got = next(left)
            if isinstance(got, Exception):
                raise got
            return got

        monkeypatch.setattr(_connection, "send", send)
        monkeypatch.setattr("pyodide.http.pyxhr.send", send)
        return requests

    classes = (http.client.HTTPConnection, http.client.HTTPSConnection)
    saved = [(cls, dict(vars(cls))) for cls in classes]
    _connection.install()
    _connection.install()
    # A proxy of this machine is none of the platform's.
    monkeypatch.setattr("urllib.request.getproxies", dict)
    yield play
    for cls, before in saved:
        for name in ("connect", "response_class"):
            if name in before:
                setattr(cls, name, before[name])
    monkeypatch.setattr(urllib.request, "_opener", None)


def test_request(platform: Platform) -> None:
    """What `urllib` asks for is what the platform is asked for."""
    requests = platform(answer(b"body", headers=[("X-A", "1")], length=4))
    request = urllib.request.Request("http://host:81/p?q=1", b"data", {"X-Mine": "2"}, method="PUT")
    with urllib.request.urlopen(request, timeout=7) as response:
        assert (response.status, response.reason, response.read()) == (200, "OK", b"body")
        assert response.headers["x-a"] == "1" and response.geturl() == "http://host:81/p?q=1"
    [sent] = requests
    assert (sent.method, sent.url, sent.body, sent.timeout) == (
        "PUT",
        "http://host:81/p?q=1",
        b"data",
        7,
    )
    assert not sent.follow and ("X-Mine", "2") in sent.headers


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://host", "http://host:80/"),
        ("https://host/x", "https://host:443/x"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
    ],
)
def test_addresses(platform: Platform, url: str, sent: str) -> None:
    requests = platform(answer())
    urllib.request.urlopen(url)
    assert requests[0].url == sent


@pytest.mark.parametrize(
    "chunks",
    [[b"abc"], [b"a", b"", b"bc"], [b"x" * 5000, b"\r\n0\r\n\r\n"]],
)
@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_chunked_bodies(platform: Platform, chunks: list[bytes], piece: int) -> None:
    """A body in chunks is put together, however the socket is given it."""
    requests = platform(answer())
    wire = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    wire += b"".join(b"%x;ext\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks if chunk)
    wire += b"0\r\n\r\n"
    sock = _connection.ExchangeSocket("http://h", None)
    for start in range(0, len(wire), piece):
        assert not requests
        sock.sendall(wire[start : start + piece])
    assert [each.body for each in requests] == [b"".join(chunks)]


def test_too_much_data(platform: Platform) -> None:
    platform(answer())
    sock = _connection.ExchangeSocket("http://h", None)
    with pytest.raises(OSError, match="more data than"):
        sock.sendall(b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nab")


def test_unknown_length(platform: Platform) -> None:
    """A body of unknown length ends when it ends; what the platform has decoded is not announced."""
    headers = [("Content-Encoding", "gzip"), ("Content-Length", "3"), ("Connection", "keep-alive")]
    platform(answer(b"one ", b"two", headers=headers))
    with urllib.request.urlopen("http://h/") as response:
        assert response.headers["Content-Encoding"] is None and response.length is None
        assert response.read() == b"one two"


def test_head_shows_length(platform: Platform) -> None:
    """HEAD tells of the body that GET would get."""
    platform(answer(headers=[("Content-Length", "3"), ("Content-Encoding", "gzip")]))
    request = urllib.request.Request("http://h/", method="HEAD")
    with urllib.request.urlopen(request) as response:
        assert response.headers["Content-Length"] == "3"
        assert response.headers["Content-Encoding"] == "gzip" and response.read() == b""


def test_redirected(platform: Platform) -> None:
    """An address that the platform was led to is the response's."""
    platform(answer(b"x", length=1, redirected=True))
    assert urllib.request.urlopen("http://h/").geturl() == "http://final/"


def test_connection_is_used_again(platform: Platform) -> None:
    requests = platform(
        answer(b"1", length=1), answer(b"2", length=1), answer(b"3"), answer(b"4", length=1)
    )
    connection = http.client.HTTPConnection("h")
    bodies = []
    for path in ("/1", "/2", "/3", "/4"):
        connection.request("GET", path)
        bodies.append(connection.getresponse().read())
    assert bodies == [b"1", b"2", b"3", b"4"]
    assert [each.url[-2:] for each in requests] == ["/1", "/2", "/3", "/4"]


def test_unread_bodies_are_aborted(platform: Platform) -> None:
    """Closing a response, or a connection whose answer nobody took, ends the request."""
    closed: list[bool] = []
    platform(answer(b"part", b"rest", length=8, closed=closed), answer(b"x", closed=closed))
    urllib.request.urlopen("http://h/").close()
    assert closed == [True]
    connection = http.client.HTTPConnection("h")
    connection.request("GET", "/")
    connection.close()
    assert closed == [True, True]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ENOTFOUND", socket.gaierror),
        ("EAI_AGAIN", socket.gaierror),
        ("ECONNREFUSED", ConnectionRefusedError),
        ("EHOSTUNREACH", OSError),
        ("CERT_HAS_EXPIRED", XHRNetworkError),
        (None, XHRNetworkError),
    ],
)
def test_no_connection(platform: Platform, code: str | None, kind: type[OSError]) -> None:
    """Without a connection there is a URLError, with what a socket would have raised."""
    platform(XHRNetworkError("fetch failed", code))
    with pytest.raises(urllib.error.URLError) as caught:
        urllib.request.urlopen("http://h/")
    assert isinstance(caught.value.reason, kind) and "fetch failed" in str(caught.value.reason)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (XHRTimeoutError("timed out"), TimeoutError),
        (XHRNetworkError("x", "UND_ERR_SOCKET"), http.client.RemoteDisconnected),
        (XHRNetworkError("x", "ECONNRESET"), http.client.RemoteDisconnected),
        (XHRNetworkError("x", "HPE_INVALID_CONSTANT"), http.client.BadStatusLine),
    ],
)
def test_no_answer(platform: Platform, error: Exception, kind: type[Exception]) -> None:
    """What goes wrong after the request is an error of getting the response, as with sockets."""
    platform(error)
    with pytest.raises(kind):
        urllib.request.urlopen("http://h/")


@pytest.mark.parametrize("error", [XHRError("no"), ValueError("no")])
def test_refused_requests(platform: Platform, error: Exception) -> None:
    platform(error)
    with pytest.raises(urllib.error.URLError, match="no"):
        urllib.request.urlopen("http://h/")


@pytest.mark.parametrize("length", [10, None])
def test_broken_body(platform: Platform, length: int | None) -> None:
    """A body that ends too early is an IncompleteRead."""
    platform(answer(b"part", XHRNetworkError("terminated"), length=length))
    response = urllib.request.urlopen("http://h/")
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    assert caught.value.partial in (b"part", b"")
    response.close()


def test_slow_body(platform: Platform) -> None:
    platform(answer(b"part", XHRTimeoutError("timed out"), length=10))
    response = urllib.request.urlopen("http://h/")
    with pytest.raises(TimeoutError):
        response.read()
    response.close()


def test_headers() -> None:
    """The platform's own headers are left out: in browsers more than in Node."""
    given = [
        *[("Host", "h"), ("Connection", "close"), ("Content-Length", "1"), ("User-Agent", "me")],
        *[
            ("Accept-Encoding", "x"),
            ("Sec-Fetch-Mode", "x"),
            ("Proxy-Authorization", "x"),
            ("X-Mine", "1"),
        ],
    ]
    assert headers_for_browser(given) == [("X-Mine", "1")]
    left_out = {"Connection", "Content-Length"}
    assert headers_for_node(given) == [pair for pair in given if pair[0] not in left_out]


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ([], None),
        ([("content-length", "12")], 12),
        ([("Content-Length", "12"), ("Content-Encoding", "identity")], 12),
        ([("Content-Length", "12"), ("Content-Encoding", " GZIP")], None),
        ([("Content-Length", "12, 12")], None),
    ],
)
def test_length(headers: list[tuple[str, str]], length: int | None) -> None:
    assert length_of(headers) == length


def as_page_sees(data: bytes) -> str:
    """The text that a page is given for bytes in the encoding "x-user-defined"."""
    marks = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    for mark, encoding in marks.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    return "".join(chr(byte if byte < 0x80 else 0xF700 + byte) for byte in data)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("data", [b"", b"abc", bytes(range(256)), b"\xef\xbb", b"\x80" * 10])
def test_bytes_of_text(data: bytes, known: bool) -> None:
    assert bytes_of_text(as_page_sees(data), len(data) if known else None) == data


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfabc", b"\xef\xbb\xbf", "\ufeffé€𝄞".encode()])
def test_bytes_of_marked_text(data: bytes) -> None:
    """Of UTF-8 they can be told, when their number is known."""
    assert bytes_of_text(as_page_sees(data), len(data)) == data


def test_bytes_of_a_lost_connection() -> None:
    assert bytes_of_text("only this", 100) == b"only this"


@pytest.mark.parametrize(
    ("data", "known"),
    [
        (b"\xfe\xff\0a", True),
        ("\ufeffab".encode("utf-16-le"), True),
        ("\ufeffé€".encode("utf-16-be"), True),
        (b"\xef\xbb\xbf\xff", True),
        ("\ufeffé".encode(), False),
        ("\ufeffé".encode("utf-16-le"), False),
    ],
)
def test_bytes_that_cannot_be_told(data: bytes, known: bool) -> None:
    """Nothing is guessed."""
    with pytest.raises(XHRError, match="byte order mark"):
        bytes_of_text(as_page_sees(data), len(data) if known else None)


@pytest.mark.spec("6.6/5")
def test_pyxhr(platform: Platform) -> None:
    requests = platform(
        *[answer(b'{"a": 1}', status=201, reason="Made", headers=[("Content-Type", "x")])] * 1,
        *[answer() for _ in range(6)],
    )
    response = pyxhr.post(
        "http://h/x?a=1#f", params={"b": "é"}, json=[1], auth=("u", "p"), timeout=3
    )
    assert (response.status_code, response.reason, response.ok, response.json()) == (
        201,
        "Made",
        True,
        {"a": 1},
    )
    assert response.headers == {"content-type": "x"} and response.url == "http://final/"
    sent = requests[0]
    assert (sent.method, sent.url, sent.body, sent.timeout) == (
        "POST",
        "http://h/x?a=1&b=%C3%A9#f",
        b"[1]",
        3,
    )
    assert dict(sent.headers) == {"Content-Type": "application/json", "Authorization": "Basic dTpw"}
    for function in (pyxhr.get, pyxhr.put, pyxhr.delete, pyxhr.head, pyxhr.patch, pyxhr.options):
        function("u")
        assert requests[-1].method == function.__name__.upper() and requests[-1].body is None


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        (None, "é€"),
        ("text/html", "é€"),
        ("text/html; charset=ISO-8859-1", "Ã©â\x82¬"),
        ('text/html; charset="utf-8"', "é€"),
        ("text/html; charset=nonsense", "é€"),
        ("nonsense", "é€"),
    ],
)
def test_text(content_type: str | None, text: str) -> None:
    assert pyxhr.decode("é€".encode(), content_type) == text


def test_pyxhr_status(platform: Platform) -> None:
    platform(answer(status=404, reason="Not Found"))
    response = pyxhr.get("u")
    assert not response.ok and repr(response) == "<XHRResponse [404]>"
    with pytest.raises(HttpStatusError, match="404 Client Error: Not Found for url: http://final/"):
        response.raise_for_status()
    with pytest.raises(json.JSONDecodeError):
        response.json()


@pytest.mark.spec("6.6/4")
@pytest.mark.parametrize(
    ("error", "base"),
    [
        (XHRError("x"), OSError),
        (XHRNetworkError("x", "E"), ConnectionError),
        (XHRTimeoutError("x"), TimeoutError),
    ],
)
def test_exceptions(error: XHRError, base: type[OSError]) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(error, base) and isinstance(error, XHRError)
    assert type(again) is type(error) and str(again) == "x" and vars(again) == vars(error)


def test_urllib3_sees_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The body of a response without one is None to urllib3; everything else is as it was."""
    from types import ModuleType, SimpleNamespace

    from pyodide.ffi import jsnull
    from pyodide.http import _urllib3

    module: Any = ModuleType("urllib3.contrib.emscripten.fetch")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    _urllib3.install()
    module._run_sync_with_timeout = lambda value: value
    _urllib3.install()
    wait = module._run_sync_with_timeout
    bodiless = wait(SimpleNamespace(body=jsnull, status=204))
    assert (bodiless.body, bodiless.status) == (None, 204)
    with_body = SimpleNamespace(body="stream")
    assert wait(with_body) is with_body and wait(b"") == b""

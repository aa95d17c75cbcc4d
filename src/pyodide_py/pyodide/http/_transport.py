"""One request, and waiting for its answer: by whichever way of waiting there is.

Three modules know one way each: `_by_fetch` (stack switching, so the page stays alive), `_by_xhr`
(a synchronous XMLHttpRequest) and `_by_thread` (a thread of Node).
"""

from __future__ import annotations

from ..ffi import can_run_sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Headers = list[tuple[str, str]]

_HOP_BY_HOP = frozenset(
    ("connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding")
    + ("upgrade",)
)
"""Headers of a connection; the platform makes its own."""

_FORBIDDEN = frozenset(
    ("accept-charset", "accept-encoding", "access-control-request-headers")
    + ("access-control-request-method", "cookie", "cookie2", "date", "dnt", "host", "origin")
    + ("referer", "set-cookie", "via")
)
"""Headers that browsers do not let programs set, beside those of the connection.

Asking for one is no error, but a line on the console for each.
"""

_DECODED = frozenset(("br", "deflate", "gzip", "x-gzip", "zstd"))
"""Encodings that the platform takes off the body; the headers still name them."""


class Request:
    """What is to be sent.

    Parameters
    ----------
    method, url:
        As in the request line; the address is absolute, or relative to the page's.
    headers:
        Pairs of name and value.
    body:
        None for no body.
    timeout:
        Seconds to wait for the head of the answer, and for each part of its body if it comes in
        parts; None for any time.
    follow:
        Whether redirections are to be followed; browsers always do.
    """

    __slots__ = ("body", "follow", "headers", "method", "timeout", "url")

    def __init__(
        self,
        method: str,
        url: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | None = None,
        timeout: float | None = None,
        follow: bool = True,
    ) -> None:
        self.method = method
        self.url = url
        self.headers = list(headers)
        self.body = body
        self.timeout = timeout
        self.follow = follow


class Answer:
    """The head of an answer, and its body to read.

    Parameters
    ----------
    status, reason:
        As in the status line; the platform may not know the reason.
    headers:
        Pairs of name and value.
    url:
        The address that the answer is from.
    redirected:
        Whether that is another one than was asked for.
    length:
        How many bytes the body has; None if that is not known.
    read:
        Returns the next part of the body, empty at its end.
    close:
        Ends the request, whatever has been read.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        headers: Headers,
        url: str,
        redirected: bool,
        length: int | None,
        read: Callable[[], bytes],
        close: Callable[[], None],
    ) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.url = url
        self.redirected = redirected
        self.length = length
        self.read = read
        self.close = close


def value_of(headers: Headers, name: str) -> str | None:
    """Return the value of a header, whose name is given in lower case; None if there is none."""
    for each, value in headers:
        if each.lower() == name:
            return value
    return None


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by their names in lower case; what occurs more than once is one text."""
    values: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()
        values[name] = f"{values[name]}, {value}" if name in values else value
    return values


def length_of(headers: Headers) -> int | None:
    """Return how many bytes the body has, if the headers say so.

    They do not if the platform has taken an encoding off the body.
    """
    length = value_of(headers, "content-length")
    encoding = (value_of(headers, "content-encoding") or "").strip().lower()
    return int(length) if length and length.isdigit() and encoding not in _DECODED else None


class Whole:
    """A body that is there as a whole: `read` and `close` of an `Answer`."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self) -> bytes:
        """Return it, and the second time nothing."""
        body, self._body = self._body, b""
        return body

    def close(self) -> None:
        """Do nothing: the request is over."""


def headers_for_node(headers: Headers) -> Headers:
    """Return the headers that Node's `fetch` takes."""
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]


def headers_for_browser(headers: Headers) -> Headers:
    """Return the headers that a browser lets a program set.

    The user agent is left to the browser: one of our own would make every request to another
    origin one that needs to be permitted first.
    """
    kept = []
    for name, value in headers_for_node(headers):
        lower = name.lower()
        if lower in _FORBIDDEN or lower.startswith(("proxy-", "sec-")) or lower == "user-agent":
            continue
        kept.append((name, value))
    return kept


def in_node() -> bool:
    """Return whether the runtime is in Node, which shows redirections and lets all headers pass."""
    import js

    release = getattr(getattr(js, "process", None), "release", None)
    return getattr(release, "name", None) == "node"


def _settle_body(request: Request) -> None:
    """Leave out an empty body where there must be none.

    Raises
    ------
    ValueError
        If there is a body that cannot be sent.
    """
    if request.method.upper() in ("GET", "HEAD"):
        if request.body:
            raise ValueError(
                f"{request.method} with a body: neither browsers nor Node's fetch send one; "
                "use another method"
            )
        request.body = None


def send(request: Request) -> Answer:
    """Send a request and wait for the head of the answer.

    Returns
    -------
    Answer
        Browsers have followed redirections even if the request says not to.

    Raises
    ------
    XHRNetworkError
        If there is no answer.
    XHRTimeoutError
        If it takes too long.
    ValueError
        If the platform cannot send such a request.
    RuntimeError
        If there is no way to wait here.
    """
    import js

    _settle_body(request)
    if can_run_sync():
        from ._by_fetch import send as send_by

    elif hasattr(js, "XMLHttpRequest"):
        from ._by_xhr import send as send_by

    elif in_node():
        from ._by_thread import send as send_by

    else:
        raise RuntimeError(
            "Python cannot wait for HTTP here: there is neither XMLHttpRequest nor stack "
            "switching. Use pyodide.http.pyfetch with await, or run the program with "
            "runPythonAsync in an engine that can switch stacks."
        )
    return send_by(request)

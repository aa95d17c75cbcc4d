"""Waiting for a synchronous XMLHttpRequest, in a worker or in a page that stands still."""

from __future__ import annotations

from ..ffi import JsException, to_js
from ._errors import XHRError, XHRNetworkError, XHRTimeoutError
from ._transport import Answer, Whole, headers_for_browser, length_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._transport import Headers, Request

_NO_REASON = "no answer from {url}: the browser does not say why (host, connection, TLS or CORS)"


def _prepare(request: Request) -> Any:
    """Return an XMLHttpRequest that is ready to be sent, and gives its body as bytes."""
    import js

    xhr = js.XMLHttpRequest.new()
    xhr.open(request.method, request.url, False)
    if hasattr(js, "document"):
        # A page may ask for nothing but text: each byte becomes a character.
        xhr.overrideMimeType("text/plain; charset=x-user-defined")
        if request.timeout is not None:
            import warnings

            warnings.warn(
                "a page cannot give a synchronous request a timeout; it is waited for in any case",
                RuntimeWarning,
                stacklevel=2,
            )
    else:
        xhr.responseType = "arraybuffer"
        if request.timeout is not None:
            xhr.timeout = max(1, round(request.timeout * 1000))
    for name, value in headers_for_browser(request.headers):
        xhr.setRequestHeader(name, value)
    return xhr


def run(xhr: Any, body: bytes | None, url: str) -> None:
    """Send an XMLHttpRequest and wait until it is done.

    Raises
    ------
    XHRTimeoutError, XHRNetworkError, XHRError
    """
    try:
        xhr.send(None if body is None else to_js(body))
    except JsException as error:
        if error.name == "TimeoutError":
            raise XHRTimeoutError("timed out") from error
        if error.name == "NetworkError":
            raise XHRNetworkError(_NO_REASON.format(url=url)) from error
        raise XHRError(error.message) from error
    if xhr.status == 0:
        raise XHRNetworkError(_NO_REASON.format(url=url))


_MARK = b"\xef\xbb\xbf"


def bytes_of_text(text: str, length: int | None) -> bytes:
    """Return the bytes that a page was given as text in the encoding "x-user-defined".

    The bytes 80 to FF are the characters F780 to F7FF. But browsers decode what begins with a byte
    order mark as UTF-8 or UTF-16, whatever the encoding, and leave out the mark.

    Parameters
    ----------
    text:
        The text.
    length:
        How many bytes there were; if that is None, a mark before ASCII text goes unnoticed.

    Raises
    ------
    XHRError
        If the bytes cannot be told.
    """
    as_told = all(c < "\x80" or "\uf780" <= c <= "\uf7ff" for c in text)
    marked = _MARK + text.encode("utf-8", "surrogatepass")
    utf16 = len(text.encode("utf-16-le", "surrogatepass")) + 2
    if as_told and length not in (len(marked), utf16):
        # With fewer bytes than there should be: the connection was lost.
        return text.encode("utf-16-le")[::2]
    if len(marked) == length != utf16 and "\ufffd" not in text:
        return marked
    raise XHRError(
        "the body begins with a byte order mark, and a page cannot read such bytes synchronously; "
        "use pyodide.http.pyfetch, runPythonAsync in a browser that can switch stacks, or a worker"
    )


def _headers(xhr: Any) -> Headers:
    """Return the headers of the answer that the page may see."""
    headers = []
    for line in xhr.getAllResponseHeaders().split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name, value.strip()))
    return headers


def _address(url: str) -> str:
    """Return an address as an answer gives it: absolute and without a fragment."""
    import js

    address: str = js.URL.new(url, js.location.href).href
    return address.partition("#")[0]


def text_of(url: str) -> str:
    """Fetch a text and wait for it; in a page no detour over bytes is needed.

    Raises
    ------
    XHRNetworkError, XHRError
    """
    import js

    xhr = js.XMLHttpRequest.new()
    xhr.open("GET", url, False)
    run(xhr, None, url)
    text: str = xhr.responseText
    return text


def send(request: Request) -> Answer:
    """Send a request: see `_transport.send`."""
    import js

    xhr = _prepare(request)
    run(xhr, request.body, request.url)
    headers = _headers(xhr)
    content: Any = xhr.response
    if isinstance(content, str):
        length = None if request.method.upper() == "HEAD" else length_of(headers)
        content = bytes_of_text(content, length)
    else:
        # A worker is given null for no body.
        content = content.to_bytes() if content else b""
    body = Whole(content)
    url = xhr.responseURL
    redirected = url != _address(request.url)
    size = len(content)
    if url.startswith(f"{js.location.origin}/"):
        # Another origin may show the length, and not the encoding that was taken off.
        size = length_of(headers) or size
    return Answer(xhr.status, xhr.statusText, headers, url, redirected, size, body.read, body.close)

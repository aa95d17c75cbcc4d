"""`http.client` without sockets: its connections send over `fetch` or XMLHttpRequest.

The runtime calls `install` when `http.client` is imported, so that it, `urllib.request` and all
that is built on them work as they are. Only the connection's socket is another one: it reads the
request that `http.client` writes, has it sent, and writes an answer for `http.client` to read.
"""

from __future__ import annotations

import errno
import io
import socket
import sys

# It may be half imported: not yet an attribute of its package.
from http import client

from ._errors import XHRError, XHRNetworkError, XHRTimeoutError
from ._transport import Request, send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Buffer

    from ._transport import Answer

_RESET = frozenset(("ECONNRESET", "EPIPE", "UND_ERR_SOCKET"))
"""Codes of Node for a connection that has ended too early."""


class _Body:
    """Collects a request's body, of which the headers say how it ends."""

    def __init__(self, headers: client.HTTPMessage) -> None:
        self._data = bytearray()
        self._chunked = headers.get("Transfer-Encoding", "").lower() == "chunked"
        self.is_there = self._chunked or "Content-Length" in headers
        self._missing = 0 if self._chunked else int(headers.get("Content-Length", 0))
        self._chunks = bytearray()
        self.complete = not self._chunked and self._missing == 0

    def add(self, data: bytes) -> bytes:
        """Take data that was sent; return what is behind the end of the body."""
        if self._chunked:
            self._chunks += data
            while not self.complete and self._take_chunk():
                pass
            rest = bytes(self._chunks) if self.complete else b""
        else:
            self._data += data[: self._missing]
            rest = data[self._missing :]
            self._missing -= min(len(data), self._missing)
            self.complete = self._missing == 0
        return rest

    def _take_chunk(self) -> bool:
        """Move a chunk to the data, if it has come as a whole."""
        line_end = self._chunks.find(b"\r\n")
        if line_end < 0:
            return False
        size = int(self._chunks[:line_end].split(b";")[0], 16)
        end = line_end + 2 + size + 2
        if len(self._chunks) < end:
            return False
        self._data += self._chunks[line_end + 2 : line_end + 2 + size]
        del self._chunks[:end]
        self.complete = size == 0
        return True

    def content(self) -> bytes | None:
        """Return the body; None if there is none."""
        return bytes(self._data) if self.is_there else None


class _AnswerFile(io.RawIOBase):
    """An answer as it would come from a server: what `http.client` reads.

    Parameters
    ----------
    answer:
        The answer; or an exception, which the first read raises.
    method:
        The method of the request.
    """

    def __init__(self, answer: Answer | Exception | None, method: str) -> None:
        super().__init__()
        self._answer = answer
        self._rest: bytes | memoryview = b""
        if answer is not None and not isinstance(answer, Exception):
            self._rest, self._missing = _head_of(answer, method)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Read the next part of head or body; a body that ends too early just ends."""
        if isinstance(self._answer, Exception):
            raise self._answer
        if not self._rest and self._answer is not None:
            self._rest = memoryview(self._next_part())
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def _next_part(self) -> bytes:
        assert self._answer is not None and not isinstance(self._answer, Exception)
        try:
            part = self._answer.read()
        except XHRNetworkError:
            if self._missing is None:
                raise client.IncompleteRead(b"") from None
            # http.client knows how much there should be.
            part = b""
        return part

    def close(self) -> None:
        """End the request if there is more to come."""
        answer, self._answer = self._answer, None
        if answer is not None and not isinstance(answer, Exception):
            answer.close()
        super().close()


_NOT_SHOWN = frozenset(
    ("connection", "content-encoding", "content-length", "keep-alive", "trailer")
    + ("transfer-encoding",)
)
"""Headers of an answer that no longer fit it, after the platform has read it."""


def _head_of(answer: Answer, method: str) -> tuple[bytes, int | None]:
    """Return the head of an answer as text, and the length of the body if that is known.

    The body is the decoded one, so what the headers say of encodings and length is left out; where
    the length is not known, it ends with the connection.
    """
    length = answer.length
    reason = answer.reason or client.responses.get(answer.status, "")
    lines = [f"HTTP/1.1 {answer.status} {reason}"]
    shown: tuple[str, ...] = ()
    if method == "HEAD":
        # They are about the body that another method would get.
        shown = ("content-encoding", "content-length")
    lines += [
        f"{name}: {value}"
        for name, value in answer.headers
        if name.lower() not in _NOT_SHOWN or name.lower() in shown
    ]
    if method != "HEAD":
        lines.append("Connection: close" if length is None else f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"), length


def _as_socket_error(error: XHRNetworkError) -> Exception:
    """Return the exception that a socket would have raised."""
    message = str(error)
    if error.code in ("ENOTFOUND", "EAI_AGAIN"):
        again = error.code == "EAI_AGAIN"
        return socket.gaierror(socket.EAI_AGAIN if again else socket.EAI_NONAME, message)
    number = getattr(errno, error.code or "", None)
    if number is not None:
        # OSError chooses the subclass by the number.
        return OSError(number, message)
    return error


class ExchangeSocket:
    """What a connection has for a socket.

    Parameters
    ----------
    origin:
        Scheme, host and port of every request.
    timeout:
        Seconds to wait for an answer; None for any time.
    """

    def __init__(self, origin: str, timeout: float | None) -> None:
        self._origin = origin
        self._timeout = timeout
        self._head = bytearray()
        self._request: Request | None = None
        self._body: _Body | None = None
        self._answer: Answer | Exception | None = None
        self._method = ""
        self.final_url: str | None = None
        """Where the last answer is from, if the platform has followed a redirection."""

    def sendall(self, data: Buffer) -> None:
        """Take a part of a request; with the last one, send it.

        Raises
        ------
        OSError
            If there is no server. What goes wrong later is an error of reading the answer.
        """
        rest = bytes(memoryview(data).cast("B"))
        if self._body is None:
            self._head += rest
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            rest = bytes(self._head[end + 4 :])
            self._begin(bytes(self._head[: end + 4]))
        assert self._body is not None
        rest = self._body.add(rest)
        if rest:
            raise OSError(errno.EPROTO, "more data than the headers of the request have announced")
        if self._body.complete:
            self._send()

    def _begin(self, head: bytes) -> None:
        """Read the head of a request."""
        lines = io.BytesIO(head)
        method, target, _ = lines.readline().decode("latin-1").rstrip("\r\n").rsplit(" ", 2)[-3:]
        if not target.startswith("/") and target != "*":
            raise OSError(
                errno.EOPNOTSUPP,
                f"programs cannot choose the platform's proxy; refused was a request for {target}",
            )
        headers = client.parse_headers(lines)
        self._method = method
        self._body = _Body(headers)
        self._request = Request(method, self._origin + target, headers.items(), follow=False)

    def _send(self) -> None:
        assert self._request is not None and self._body is not None
        request = self._request
        request.body = self._body.content()
        request.timeout = self._timeout
        self._head.clear()
        self._request = self._body = None
        self.final_url = None
        try:
            self._answer = send(request)
        except XHRTimeoutError as error:
            self._answer = error
        except XHRNetworkError as error:
            if error.code in _RESET:
                # http.client says of an answer that is empty that the server has hung up.
                self._answer = None
            elif (error.code or "").startswith(("HPE_", "HTTPParserError")):
                self._answer = client.BadStatusLine(str(error))
            else:
                raise _as_socket_error(error) from error
        except (XHRError, ValueError) as error:
            raise OSError(errno.EOPNOTSUPP, str(error)) from error
        else:
            self.final_url = self._answer.url if self._answer.redirected else None

    def makefile(self, mode: str = "rb", buffering: int | None = None) -> io.BufferedReader:
        """Return a file of the answer."""
        answer, self._answer = self._answer, None
        return io.BufferedReader(_AnswerFile(answer, self._method))

    def settimeout(self, value: float | None) -> None:
        """Set how many seconds to wait for the next answer."""
        self._timeout = value

    def gettimeout(self) -> float | None:
        """Return how many seconds to wait for an answer."""
        return self._timeout

    def setsockopt(self, *args: Any) -> None:
        """Do nothing: the platform's connections have no options."""

    def shutdown(self, how: int) -> None:
        """Do nothing: there is no connection."""

    def close(self) -> None:
        """Forget an answer that nobody has read."""
        answer, self._answer = self._answer, None
        if answer is not None and not isinstance(answer, Exception):
            answer.close()


class Response(client.HTTPResponse):
    """A response that knows where it is from, when the browser has followed a redirection."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._final_url: str | None = getattr(sock, "final_url", None)
        self._url = ""

    @property
    def url(self) -> str:
        """The address; assigning another one does not undo a redirection."""
        return self._final_url or self._url

    @url.setter
    def url(self, value: str) -> None:
        self._url = value


def _connect(connection: Any) -> None:
    """Give a connection its socket: the method `connect` of both classes."""
    sys.audit("http.client.connect", connection, connection.host, connection.port)
    if connection._tunnel_host:
        raise OSError(
            errno.EOPNOTSUPP, "no tunnels: programs cannot choose the proxy of the platform"
        )
    if connection.source_address is not None:
        raise OSError(errno.EADDRNOTAVAIL, "programs cannot choose the address they send from")
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    timeout = connection.timeout
    if timeout is socket._GLOBAL_DEFAULT_TIMEOUT:  # type: ignore[attr-defined]
        timeout = socket.getdefaulttimeout()
    scheme = "https" if isinstance(connection, _https_class()) else "http"
    connection.sock = ExchangeSocket(f"{scheme}://{host}:{connection.port}", timeout)


def _https_class() -> type:
    cls: type = client.HTTPSConnection
    return cls


def _make_https_class() -> type:
    """Return the class that `http.client` has only where there is the module `ssl`."""

    class HTTPSConnection(client.HTTPConnection):
        """A connection over TLS, which the platform cares for; it checks certificates itself."""

        default_port = client.HTTPS_PORT

        def __init__(
            self,
            host: str,
            port: int | None = None,
            *,
            timeout: Any = socket._GLOBAL_DEFAULT_TIMEOUT,  # type: ignore[attr-defined]
            source_address: Any = None,
            context: Any = None,
            blocksize: int = 8192,
        ) -> None:
            super().__init__(host, port, timeout, source_address, blocksize=blocksize)
            self._context = context

    HTTPSConnection.__module__ = "http.client"
    HTTPSConnection.__qualname__ = "HTTPSConnection"
    return HTTPSConnection


def install() -> None:
    """Let the connections of `http.client` send over what the platform has.

    The runtime calls it when `http.client` is imported. Calling it again does nothing.
    """
    module: Any = client
    if module.HTTPConnection.connect is _connect:
        return
    if not hasattr(module, "HTTPSConnection"):
        module.HTTPSConnection = _make_https_class()
        # urllib.request asks for one, and hands it to the connection.
        module._create_https_context = lambda _: None
        module.__all__.append("HTTPSConnection")
    elif "connect" in vars(module.HTTPSConnection):
        module.HTTPSConnection.connect = _connect
    module.HTTPConnection.connect = _connect
    module.HTTPConnection.response_class = Response

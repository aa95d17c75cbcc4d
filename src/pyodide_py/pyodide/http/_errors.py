"""The exceptions of `pyodide.http`: all are OSErrors, and all can be pickled."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..ffi import JsException


class HttpStatusError(OSError):
    """A response whose status says that the request failed.

    Parameters
    ----------
    status:
        The status code.
    status_text:
        What the server calls it; HTTP/2 has no such text.
    url:
        Address of the response.
    """

    __module__ = "pyodide.http"

    status: int
    status_text: str
    url: str

    def __init__(self, status: int, status_text: str, url: str) -> None:
        self.status = status
        self.status_text = status_text
        self.url = url
        if 400 <= status < 500:
            kind = "Client Error"
        elif 500 <= status < 600:
            kind = "Server Error"
        else:
            kind = "Unexpected Status"
        super().__init__(f"{status} {kind}: {status_text} for url: {url}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild it from what it was made of, not from its message."""
        return (type(self), (self.status, self.status_text, self.url))


def raise_for_status(status: int, status_text: str, url: str) -> None:
    """Raise an exception if a status is that of an error.

    Raises
    ------
    HttpStatusError
        If it is 400 to 599.
    """
    if 400 <= status < 600:
        raise HttpStatusError(status, status_text, url)


class BodyUsedError(OSError):
    """The body of a response can be read once, and has been."""

    __module__ = "pyodide.http"

    def __init__(
        self, message: str = "Response body is already used; clone() the response to read it twice"
    ) -> None:
        super().__init__(message)


class AbortError(OSError):
    """A request was aborted, or got no answer.

    Parameters
    ----------
    reason:
        JavaScript's error, whose message is taken; or a message.
    """

    __module__ = "pyodide.http"

    def __init__(self, reason: JsException | str = "") -> None:
        message = getattr(reason, "message", None)
        super().__init__(message if isinstance(message, str) else str(reason))


class XHRError(OSError):
    """A synchronous request failed."""

    __module__ = "pyodide.http"


class XHRNetworkError(XHRError, ConnectionError):
    """A synchronous request got no answer.

    Parameters
    ----------
    message:
        What is known.
    code:
        Node's code for the reason, such as ``"ECONNREFUSED"``, or its name where it has no code.
        Browsers do not tell a program why:
        an unknown host, a refused connection, a bad certificate and an answer that CORS forbids to
        read look the same.
    """

    __module__ = "pyodide.http"

    code: str | None

    def __init__(self, message: str = "", code: str | None = None) -> None:
        self.code = code
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild it with its code."""
        return (type(self), (*self.args, self.code))


class XHRTimeoutError(XHRError, TimeoutError):
    """A synchronous request took longer than it was given."""

    __module__ = "pyodide.http"

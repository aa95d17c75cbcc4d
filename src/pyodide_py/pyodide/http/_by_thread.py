"""Waiting for `fetch` in a thread of Node: for programs that were started with runPython."""

from __future__ import annotations

from time import monotonic

from ..ffi import to_js
from ._errors import XHRNetworkError, XHRTimeoutError
from ._transport import Answer, headers_for_node, length_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._transport import Request

_TURN = 50
"""Milliseconds between two looks for signals while Python waits."""


class _Exchange:
    """One request in the thread: see src/js/host/node_http.ts."""

    def __init__(self, request: Request) -> None:
        from pyodide_js import _api

        description = {
            "url": request.url,
            "method": request.method,
            "headers": headers_for_node(request.headers),
            "body": request.body,
            "redirect": "follow" if request.follow else "manual",
        }
        self._exchange = _api.openHttp(to_js(description))
        self._timeout = request.timeout
        self._over = False

    def _next(self) -> Any:
        """Return the next message, however long it takes.

        Raises
        ------
        XHRTimeoutError
        """
        deadline = None if self._timeout is None else monotonic() + self._timeout
        turn = _TURN
        while (message := self._exchange.receive(turn)) is None:
            if deadline is not None:
                left = deadline - monotonic()
                if left <= 0:
                    raise XHRTimeoutError("timed out")
                turn = min(_TURN, max(1, round(left * 1000)))
        return message

    def wait(self) -> Any:
        """Return the next message of the thread.

        Raises
        ------
        XHRTimeoutError, XHRNetworkError
        """
        # The loop is a function of its own: CPython 3.13 does not catch what a signal raises in the
        # jump back to its beginning, if it is the last statement of the `try`.
        try:
            message = self._next()
        except BaseException:
            self.close()
            raise
        if message.kind == "error":
            self._over = True
            raise XHRNetworkError(message.message, getattr(message, "code", None))
        return message

    def read(self) -> bytes:
        """Return the next part of the body, empty at the end."""
        if self._over:
            return b""
        self._exchange.more()
        message = self.wait()
        if message.kind == "end":
            self._over = True
            return b""
        data: bytes = message.data.to_bytes()
        return data

    def close(self) -> None:
        """Abort the request unless it is over."""
        if not self._over:
            self._over = True
            self._exchange.close()


def send(request: Request) -> Answer:
    """Send a request: see `_transport.send`."""
    exchange = _Exchange(request)
    head = exchange.wait()
    headers = [(name, value) for name, value in head.headers]
    return Answer(
        head.status,
        head.statusText,
        headers,
        head.url,
        head.redirected,
        length_of(headers),
        exchange.read,
        exchange.close,
    )

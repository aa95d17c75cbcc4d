"""Waiting for `fetch` by stack switching: the page goes on, and the body comes in parts."""

from __future__ import annotations

from asyncio import wait_for

from ..ffi import run_sync
from ._errors import AbortError, XHRNetworkError, XHRTimeoutError
from ._fetch import outcome, pyfetch
from ._transport import Answer, headers_for_browser, headers_for_node, in_node, length_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any, TypeVar

    from ._transport import Request

    T = TypeVar("T")


def _wait(awaitable: Awaitable[T], timeout: float | None) -> T:
    """Wait for something of `fetch`, with the exceptions of a synchronous request."""
    try:
        return run_sync(wait_for(awaitable, timeout))
    except TimeoutError as error:
        raise XHRTimeoutError("timed out") from error
    except AbortError as error:
        message = ": ".join([str(error), *getattr(error, "__notes__", ())])
        raise XHRNetworkError(message, _code_of(error.__cause__)) from error


def _code_of(error: Any) -> str | None:
    """Return how Node says why there was no answer; browsers say nothing."""
    cause = getattr(error, "cause", None)
    code = getattr(cause, "code", None)
    return code if isinstance(code, str) else getattr(cause, "name", None)


class _Body:
    """Reads a ReadableStream."""

    def __init__(self, response: Any, timeout: float | None) -> None:
        stream = response.js_response.body
        # Responses without a body have null.
        self._reader = stream.getReader() if stream else None
        self._controller = response.abort_controller
        self._timeout = timeout

    def read(self) -> bytes:
        """Return the next part, empty at the end."""
        while self._reader is not None:
            reading = outcome(self._reader.read(), self._controller, self._controller.signal)
            step = _wait(reading, self._timeout)
            if step.done:
                self._reader = None
                break
            data: bytes = step.value.to_bytes()
            if data:
                return data
        return b""

    def close(self) -> None:
        """Abort what has not been read."""
        if self._reader is not None:
            self._reader = None
            self._controller.abort()


def send(request: Request) -> Answer:
    """Send a request: see `_transport.send`."""
    options: dict[str, Any] = {"method": request.method}
    if in_node():
        options["headers"] = headers_for_node(request.headers)
        options["redirect"] = "follow" if request.follow else "manual"
    else:
        options["headers"] = headers_for_browser(request.headers)
    if request.body is not None:
        options["body"] = request.body
    response = _wait(pyfetch(request.url, **options), request.timeout)
    body = _Body(response, request.timeout)
    answer_headers = [(name, value) for name, value in response.js_response.headers.entries()]
    # Of another origin a browser may show the length and not the encoding, which it has taken off.
    trusted = in_node() or response.type == "basic"
    return Answer(
        response.status,
        response.status_text,
        answer_headers,
        response.url,
        response.redirected,
        length_of(answer_headers) if trusted else None,
        body.read,
        body.close,
    )

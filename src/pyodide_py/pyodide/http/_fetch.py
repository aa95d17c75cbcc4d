"""`pyfetch`: JavaScript's `fetch` with Python's types, errors and cancellation."""

from __future__ import annotations

import builtins

from ..ffi import JsException, JsProxy, to_js
from ._archive import unpack
from ._errors import AbortError, BodyUsedError, raise_for_status
from ._transport import joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from typing import IO, Any, TypeVar

    from ..ffi import JsBuffer, JsFetchResponse

    T = TypeVar("T")


def _abort_error(reason: JsException, signal: Any) -> AbortError:
    """Return the exception for what `fetch`, or reading a body, was rejected with."""
    # Node's body is rejected with an error of its own, whatever the reason was.
    error = AbortError(signal.reason if getattr(signal, "aborted", False) else reason)
    # Node says "fetch failed" and keeps the reason here.
    cause = getattr(getattr(reason, "cause", None), "message", None)
    if isinstance(cause, str) and cause:
        error.add_note(cause)
    return error


async def outcome(promise: Awaitable[T], controller: Any, signal: Any) -> T:
    """Await a promise of `fetch`; a task that is cancelled meanwhile aborts the request.

    Parameters
    ----------
    promise:
        Of the response or its body.
    controller, signal:
        The request's AbortController and the signal that it obeys, or None.

    Raises
    ------
    AbortError
        If the promise is rejected.
    """
    # Not at the top: who awaits has imported asyncio, which takes long.
    from asyncio import CancelledError

    try:
        return await promise
    except CancelledError:
        if controller is not None:
            controller.abort()
        raise
    except JsException as reason:
        raise _abort_error(reason, signal) from reason


class FetchResponse:
    """A response of `pyfetch`.

    Parameters
    ----------
    request:
        The address, or JavaScript's Request.
    js_response:
        JavaScript's Response.
    abort_controller:
        The AbortController that aborts the request.
    abort_signal:
        The AbortSignal that the request obeys.
    """

    __module__ = "pyodide.http"

    def __init__(
        self,
        request: str | JsProxy,
        js_response: JsFetchResponse,
        abort_controller: Any = None,
        abort_signal: Any = None,
    ) -> None:
        self._request: Any = request
        self.js_response = js_response
        self.abort_controller = abort_controller
        self.abort_signal = abort_signal

    def __repr__(self) -> str:
        return f"<FetchResponse [{self.status}] {self.url}>"

    @property
    def js_request(self) -> Any:
        """JavaScript's Request; made when asked for, if there was only an address."""
        if isinstance(self._request, str):
            from js import Request

            self._request = Request.new(self._request)
        return self._request

    @property
    def body_used(self) -> bool:
        """Whether the body has been read, or is being read."""
        return self.js_response.bodyUsed

    @property
    def headers(self) -> dict[str, str]:
        """The headers by their names in lower case.

        In a browser, an answer of another origin shows only those that CORS lets through, and none
        shows ``set-cookie``. What occurs more than once is joined with ``", "``.
        """
        entries: Any = self.js_response.headers.entries()
        return joined(entries)

    @property
    def ok(self) -> bool:
        """Whether the status is one of success: 200 to 299."""
        return self.js_response.ok

    @property
    def redirected(self) -> bool:
        """Whether the request was redirected on its way."""
        return self.js_response.redirected

    @property
    def status(self) -> int:
        """The status code; 0 for responses that scripts may not look into."""
        return self.js_response.status

    @property
    def status_text(self) -> str:
        """The server's text for the status; HTTP/2 has none."""
        return self.js_response.statusText

    @property
    def type(self) -> str:
        """``"basic"``, ``"cors"``, ``"opaque"`` or another of `fetch`'s types of responses."""
        return self.js_response.type

    @property
    def url(self) -> str:
        """Address of the response, after redirections."""
        request = self._request
        # A Response that a program made itself has none.
        return self.js_response.url or (request if isinstance(request, str) else request.url)

    def _check_unused(self) -> None:
        if self.js_response.bodyUsed:
            raise BodyUsedError

    async def _read(self, method: str) -> Any:
        """Await the method of the Response that reads its body.

        Raises
        ------
        BodyUsedError, AbortError
        """
        self._check_unused()
        reading = getattr(self.js_response, method)()
        return await outcome(reading, self.abort_controller, self.abort_signal)

    def raise_for_status(self) -> None:
        """Raise an exception if the status is that of an error.

        Raises
        ------
        HttpStatusError
            If the status is 400 to 599.
        """
        raise_for_status(self.status, self.status_text, self.url)

    def clone(self) -> FetchResponse:
        """Return a second response with the same body, which can be read separately.

        Raises
        ------
        BodyUsedError
            If the body has been read.
        """
        self._check_unused()
        return FetchResponse(
            self._request, self.js_response.clone(), self.abort_controller, self.abort_signal
        )

    def abort(self, reason: Any = None) -> None:
        """Abort the request, and the reading of the body.

        Parameters
        ----------
        reason:
            What the signal's ``reason`` becomes; an exception becomes a DOMException of its text.

        Raises
        ------
        ValueError
            If the response has no AbortController.
        """
        if self.abort_controller is None:
            raise ValueError("abort_controller is not set")
        if reason is None:
            self.abort_controller.abort()
            return
        if isinstance(reason, BaseException) and not isinstance(reason, JsProxy):
            from js import DOMException

            reason = DOMException.new(str(reason) or type(reason).__name__, "AbortError")
        # A proxy that is made for the call would be gone when somebody looks at the reason.
        self.abort_controller.abort(to_js(reason, create_pyproxies=False))

    async def buffer(self) -> JsBuffer:
        """Read the body into a JavaScript ArrayBuffer.

        Raises
        ------
        BodyUsedError
            If the body has been read.
        AbortError
            If the request is aborted, or the connection is lost.
        """
        buffer: JsBuffer = await self._read("arrayBuffer")
        return buffer

    async def text(self) -> str:
        """Read the body as UTF-8 text; see `buffer` for the exceptions."""
        text: str = await self._read("text")
        return text

    async def string(self) -> str:
        """Read the body as text.

        .. deprecated:: 0.24
           Use `text`.
        """
        import warnings

        warnings.warn(
            "FetchResponse.string() is deprecated; use text()", DeprecationWarning, stacklevel=2
        )
        return await self.text()

    async def json(self, **kwargs: Any) -> Any:
        """Read the body as JSON.

        Parameters
        ----------
        kwargs:
            Given to `json.loads`.

        Raises
        ------
        json.JSONDecodeError
            If the body is no JSON. See `buffer` for others.
        """
        import json

        return json.loads(await self.text(), **kwargs)

    async def memoryview(self) -> builtins.memoryview:
        """Read the body into a memoryview; see `buffer` for the exceptions."""
        return (await self.buffer()).to_memoryview()

    async def bytes(self) -> builtins.bytes:
        """Read the body into bytes; see `buffer` for the exceptions."""
        return (await self.buffer()).to_bytes()

    async def _into_file(self, f: IO[builtins.bytes]) -> None:
        """Make the body the content of a file, without a copy in Python.

        Parameters
        ----------
        f:
            An empty file, open for writing.

        Raises
        ------
        ValueError
            If the file is not empty. See `buffer` for others.
        """
        (await self.buffer())._into_file(f)

    async def _create_file(self, path: str | Path) -> None:
        """Write the body to a new file.

        Raises
        ------
        FileExistsError
            If there is one of that path. See `buffer` for others.
        """
        with open(path, "xb") as f:  # noqa: PTH123 - `path` may be a str
            await self._into_file(f)

    async def unpack_archive(
        self, *, extract_dir: str | Path | None = None, format: str | None = None
    ) -> None:
        """Unpack the body, which is an archive.

        Parameters
        ----------
        extract_dir:
            The folder to unpack to; None means the current one.
        format:
            A format of `shutil.unpack_archive`, ``"wheel"``, or an extension such as ``".tar.gz"``;
            None means that the end of the address says it.

        Raises
        ------
        ValueError
            If the format is unknown.
        shutil.ReadError
            If the body is no such archive. See `buffer` for others.
        """
        await unpack(self, extract_dir, format)


def _check_body(body: Any) -> None:
    """Refuse bodies that `fetch` would turn into text such as "[object Object]".

    Raises
    ------
    TypeError
        If `body` is a dict, list or tuple.
    """
    if isinstance(body, dict | list | tuple):
        raise TypeError(
            f"pyfetch(): body is a {type(body).__name__}; it must be str, bytes or a JavaScript "
            "object such as FormData or Blob. For JSON use body=json.dumps(...)"
        )


def _combined(controller: Any, signals: list[Any]) -> Any:
    """Return an AbortSignal that follows the controller and each of `signals`."""
    if not signals:
        return controller.signal
    from js import AbortSignal

    return AbortSignal.any(to_js([controller.signal, *signals]))


async def pyfetch(
    request: str | JsProxy,
    /,
    *,
    signal: JsProxy | None = None,
    fetcher: Callable[..., Awaitable[JsFetchResponse]] | None = None,
    **kwargs: Any,
) -> FetchResponse:
    """Make a request with JavaScript's `fetch`.

    A task that is cancelled while it waits, for the response or later for its body, aborts the
    request.

    Parameters
    ----------
    request:
        The address, or a JavaScript Request.
    signal:
        An AbortSignal, which aborts the request as well.
    fetcher:
        The function to call instead of `fetch`, with a Request and the options.
    kwargs:
        Options of `fetch`, such as `method`, `headers` and `body`; dicts become objects.

    Returns
    -------
    FetchResponse
        Also when its status is that of an error: see `FetchResponse.raise_for_status`.

    Raises
    ------
    AbortError
        If there is no response: the request was aborted, the server could not be reached, or the
        browser forbids to look. It is an OSError with JavaScript's message.
    TypeError
        If `body` is a dict, a list or a tuple.
    pyodide.ffi.ConversionError
        If an option is an object that JavaScript knows nothing to do with.
    pyodide.ffi.JsException
        If JavaScript refuses the address or an option: its TypeError.
    """
    from js import AbortController, Request

    if fetcher is None:
        from js import fetch

        fetcher = fetch
    _check_body(kwargs.get("body"))
    controller = AbortController.new()
    # The option replaces the signal of a Request.
    given = [signal, getattr(request, "signal", None)]
    combined = _combined(controller, [each for each in given if isinstance(each, JsProxy)])
    options = to_js(kwargs, create_pyproxies=False)
    # What is wrong with the request shows here, and what goes wrong with the network later.
    js_request = Request.new(request, options)
    options.signal = combined
    js_response = await outcome(fetcher(js_request, options), controller, combined)
    return FetchResponse(js_request, js_response, controller, combined)

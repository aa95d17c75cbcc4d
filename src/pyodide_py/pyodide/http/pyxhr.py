"""Requests that are waited for, with functions like those of the package requests.

In a worker, and in Node, they block Python; in a page they block the page as well, unless Python
was entered in a way that lets it switch stacks, as `runPythonAsync` does.
"""

from __future__ import annotations

from ._errors import HttpStatusError, XHRError, XHRNetworkError, XHRTimeoutError, raise_for_status
from ._transport import Request, joined, send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypedDict, Unpack

    from ._transport import Answer

    Fields = Mapping[str, Any] | Iterable[tuple[str, Any]]

    class Options(TypedDict, total=False):
        """Keyword arguments of `request`."""

        headers: Mapping[str, str] | None
        params: Fields | str | None
        data: Fields | str | bytes | None
        json: Any
        auth: tuple[str, str] | None
        timeout: float | None


__all__ = [
    "HttpStatusError",
    "XHRError",
    "XHRNetworkError",
    "XHRResponse",
    "XHRTimeoutError",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "request",
]


class XHRResponse:
    """A response with its body; made by the functions of this module.

    Attributes
    ----------
    status_code : int
        The status.
    reason : str
        The server's text for it; HTTP/2 has none.
    headers : dict
        The headers by their names in lower case, as far as the browser shows them.
    url : str
        The address, after redirections.
    content : bytes
        The body.
    """

    def __init__(self, answer: Answer, method: str) -> None:
        self.status_code = answer.status
        self.reason = answer.reason
        self.url = answer.url
        self.headers = joined(answer.headers)
        parts = []
        while part := answer.read():
            parts.append(part)
        self.content = b"".join(parts)
        bodiless = method == "HEAD" or self.status_code in (204, 304)
        if answer.length is not None and len(self.content) < answer.length and not bodiless:
            raise XHRNetworkError(
                f"the connection to {self.url} was lost: "
                f"{len(self.content)} of {answer.length} bytes have come"
            )

    def __repr__(self) -> str:
        return f"<XHRResponse [{self.status_code}]>"

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400

    @property
    def text(self) -> str:
        """The body as text, in the encoding that the headers say, or UTF-8.

        What is no such text becomes U+FFFD.
        """
        return decode(self.content, self.headers.get("content-type"))

    def json(self, **kwargs: Any) -> Any:
        """Return the body read as JSON.

        Parameters
        ----------
        kwargs:
            Given to `json.loads`.

        Raises
        ------
        json.JSONDecodeError
            If it is none.
        """
        import json

        return json.loads(self.content, **kwargs)

    def raise_for_status(self) -> None:
        """Raise an exception if the status is that of an error.

        Raises
        ------
        HttpStatusError
            If the status is 400 to 599.
        """
        raise_for_status(self.status_code, self.reason, self.url)


def decode(content: bytes, content_type: str | None) -> str:
    """Decode a body as its header Content-Type says, or as UTF-8."""
    from email.message import Message

    message = Message()
    message["Content-Type"] = content_type or "text/plain"
    charset = message.get_content_charset("utf-8")
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _query(fields: Fields) -> str:
    from urllib.parse import urlencode

    pairs = fields.items() if hasattr(fields, "items") else fields
    return urlencode([(k, v) for k, v in pairs if v is not None], doseq=True)


def _with_params(url: str, params: Fields | str) -> str:
    """Return an address with a query added to it."""
    address, hash_, fragment = url.partition("#")
    query = params if isinstance(params, str) else _query(params)
    if query:
        address += ("&" if "?" in address else "?") + query
    return address + hash_ + fragment


def _body(data: Any, json: Any) -> tuple[bytes | None, str | None]:
    """Return a request's body and its type, if it tells one."""
    if json is not None:
        if data is not None:
            raise ValueError("give data or json, not both")
        from json import dumps

        return dumps(json).encode(), "application/json"
    if data is None:
        return None, None
    if isinstance(data, str):
        return data.encode(), "text/plain;charset=UTF-8"
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data), None
    return _query(data).encode(), "application/x-www-form-urlencoded"


def _basic(auth: tuple[str, str]) -> str:
    from base64 import b64encode

    user, password = auth
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Fields | str | None = None,
    data: Fields | str | bytes | None = None,
    json: Any = None,
    auth: tuple[str, str] | None = None,
    timeout: float | None = None,
) -> XHRResponse:
    """Send a request and wait for its response.

    Parameters
    ----------
    method:
        ``"GET"``, ``"POST"`` ...
    url:
        The address; in browsers it may be relative to the page's, or the worker's.
    headers:
        Headers; those that browsers keep to themselves are left out there.
    params:
        The query to add to the address: names and values, or a str that is one already.
    data:
        The body: str, bytes, or names and values of a form.
    json:
        What is sent as JSON instead.
    auth:
        User and password, for Basic authentication.
    timeout:
        Seconds to wait; None for any time. A page can only give one when it can switch stacks.

    Returns
    -------
    XHRResponse
        Also when its status is that of an error: see `XHRResponse.raise_for_status`.

    Raises
    ------
    XHRNetworkError
        If there is no answer, or not all of it.
    XHRTimeoutError
        If it takes too long.
    ValueError
        If both `data` and `json` are given, or a body with a method that has none.
    """
    body, content_type = _body(data, json)
    sent = dict(headers or {})
    given = {name.lower() for name in sent}
    if content_type is not None and "content-type" not in given:
        sent["Content-Type"] = content_type
    if auth is not None and "authorization" not in given:
        sent["Authorization"] = _basic(auth)
    if params is not None:
        url = _with_params(url, params)
    method = method.upper()
    return XHRResponse(send(Request(method, url, sent.items(), body, timeout)), method)


def get(url: str, **options: Unpack[Options]) -> XHRResponse:
    """Send a GET request: see `request`."""
    return request("GET", url, **options)


def post(url: str, **options: Unpack[Options]) -> XHRResponse:
    """Send a POST request: see `request`."""
    return request("POST", url, **options)


def put(url: str, **options: Unpack[Options]) -> XHRResponse:
    """Send a PUT request: see `request`."""
    return request("PUT", url, **options)


def delete(url: str, **options: Unpack[Options]) -> XHRResponse:
    """Send a DELETE request: see `request`."""
    return request("DELETE", url, **options)


def head(url: str, **options: Unpack[Options]) -> XHRResponse:
    """Send a HEAD request: see `request`."""
    return request("HEAD", url, **options)


def patch(url: str, **options: Unpack[Options]) -> XHRResponse:
    """Send a PATCH request: see `request`."""
    return request("PATCH", url, **options)


def options(url: str, **options: Unpack[Options]) -> XHRResponse:
    """Send an OPTIONS request: see `request`."""
    return request("OPTIONS", url, **options)

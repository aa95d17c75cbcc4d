"""`open_url`: a text of the web as a file."""

from __future__ import annotations

from ..ffi import can_run_sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    import io


def open_url(url: str) -> io.StringIO:
    """Fetch a text and wait for it.

    Parameters
    ----------
    url:
        The address; in browsers it may be relative to the page's, or the worker's.

    Returns
    -------
    io.StringIO
        The text, decoded as its headers say, or as UTF-8, without a byte order mark. That of an
        error page, if the status is that of an error.

    Raises
    ------
    XHRNetworkError
        If there is no answer.
    RuntimeError
        If there is no way to wait here.
    """
    import io

    import js

    from .pyxhr import get

    if hasattr(js, "XMLHttpRequest") and not can_run_sync():
        from ._by_xhr import text_of

        text = text_of(url)
    else:
        text = get(url).text.removeprefix("\ufeff")
    return io.StringIO(text)

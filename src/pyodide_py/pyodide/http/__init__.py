"""HTTP with what the platform gives: `fetch`, and XMLHttpRequest where waiting is wanted.

`pyfetch` is for programs that await, `pyxhr` and `open_url` for those that cannot. In the runtime
`http.client` and `urllib.request`, and what is built on them, work like the latter: see
`_connection`.

On ordinary CPython the module can be imported; what needs JavaScript fails there when it is used,
with an ImportError of the module `js`.
"""

from ._errors import (
    AbortError,
    BodyUsedError,
    HttpStatusError,
    XHRError,
    XHRNetworkError,
    XHRTimeoutError,
)
from ._fetch import FetchResponse, pyfetch
from ._open_url import open_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from . import pyxhr

__all__ = [
    "AbortError",
    "BodyUsedError",
    "FetchResponse",
    "HttpStatusError",
    "XHRError",
    "XHRNetworkError",
    "XHRTimeoutError",
    "open_url",
    "pyfetch",
    "pyxhr",
]


def __getattr__(name: str) -> "ModuleType":
    """Import `pyxhr` when it is first used as an attribute."""
    if name == "pyxhr":
        from importlib import import_module

        return import_module(f"{__name__}.pyxhr")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""HTTP with what the platform gives: `fetch`, and XMLHttpRequest where waiting is wanted.

The submodules can be imported on ordinary CPython; what needs JavaScript fails there when it is
used, with an ImportError of the module `js`.
"""

from ._errors import (
    AbortError,
    BodyUsedError,
    HttpStatusError,
)
from ._fetch import FetchResponse, pyfetch

__all__ = [
    "AbortError",
    "BodyUsedError",
    "FetchResponse",
    "HttpStatusError",
    "pyfetch",
]

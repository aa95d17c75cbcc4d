"""The package urllib3, which uses `fetch` in a way of its own: what it takes for granted of null.

It asks a Response without a body, such as one to HEAD or of status 204, whether its body is None,
as it was when JavaScript's null was None. Here it is `jsnull`, unless `convertNullToNone` is given
to `loadPyodide`. The runtime calls `install` when urllib3's module is imported.
"""

from __future__ import annotations

from ..ffi import jsnull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Bodiless:
    """A JavaScript Response whose body, null, is None."""

    body = None

    def __init__(self, response: Any) -> None:
        self._response = response

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)


def install() -> None:
    """Let urllib3 see None for the body of a Response that has none."""
    import sys

    module: Any = sys.modules["urllib3.contrib.emscripten.fetch"]
    wait = getattr(module, "_run_sync_with_timeout", None)
    if wait is None:
        # Another version; it may not need this.
        return

    def wait_with_none(*args: Any, **kwargs: Any) -> Any:
        result = wait(*args, **kwargs)
        return _Bodiless(result) if getattr(result, "body", None) is jsnull else result

    module._run_sync_with_timeout = wait_with_none

"""Python's public API: running code, and using JavaScript objects.

The submodules are imported when they are first used, so that `import pyodide` costs next to
nothing.
"""

from ._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from . import code, console, ffi, http, webloop

__all__ = ["__version__", "code", "console", "ffi", "http", "webloop"]


def __getattr__(name: str) -> "ModuleType":
    """Import a submodule when it is first used as an attribute."""
    if name in __all__:
        from importlib import import_module

        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def get_include() -> str:
    """Return the folder of `pyodide_ffi.h`, for the compiler of an extension module.

    It is there on ordinary CPython, where such modules are built, and not inside the runtime.
    """
    from pathlib import Path

    return str(Path(__file__).parent / "include")


def __dir__() -> list[str]:
    """List the submodules too, imported or not."""
    return sorted({*globals(), *__all__})

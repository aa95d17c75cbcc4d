"""The standard library: which modules the runtime has, and that those that it has can be imported."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.runtime import Runtime

# No such thing in WebAssembly, or nothing that a page could use.
MISSING = {
    "_curses", "_curses_panel", "_dbm", "_gdbm", "_hashlib", "_interpchannels", "_interpqueues", "_interpreters",
    "_multiprocessing", "_overlapped", "_posixshmem", "_posixsubprocess", "_scproxy", "_ssl", "_tkinter", "_uuid", "_winapi",
    "_wmi", "curses", "ensurepip", "fcntl", "grp", "msvcrt", "nt", "pty", "pwd", "pydoc_data", "readline", "resource", "ssl",
    "syslog", "termios", "tkinter", "tty", "turtle", "turtledemo", "venv", "winreg", "winsound",
}  # fmt: skip


@pytest.mark.modes("native")
@pytest.mark.keeps_state
def test_every_module(rt: Runtime) -> None:
    """Each module of the standard library is imported, but for those that are listed here."""
    got = rt.py(
        """
        import importlib, sys
        # These do something when they are imported, or are for iOS.
        left_out = {"antigravity", "this", "__main__", "idlelib", "_ios_support"}
        missing = []
        for name in sorted(sys.stdlib_module_names - left_out):
            try:
                importlib.import_module(name)
            except ModuleNotFoundError:
                missing.append(name)
        missing
        """
    )
    assert set(got) == MISSING


@pytest.mark.modes("native")
@pytest.mark.keeps_state
def test_help(rt: Runtime) -> None:
    """help() explains objects of Python and of the bridge."""
    text = rt.py(
        """
        import io, js, pydoc
        from pyodide.ffi import to_js
        out = io.StringIO()
        for thing in (len, to_js):
            pydoc.Helper(output=out).help(thing)
        out.getvalue()
        """
    )
    assert "len(obj, /)" in text
    assert "Help on built-in function to_js" in text and "dict_converter" in text


# What programs use most. Importing it must read nothing that is apart.
COMMON = (
    *("asyncio", "base64", "bisect", "calendar", "code", "codecs", "collections.abc", "concurrent.futures"),
    *("contextlib", "copy", "csv", "dataclasses", "datetime", "enum", "functools", "glob"),
    *("hashlib", "heapq", "inspect", "io", "itertools", "json", "locale", "logging", "math", "operator", "os", "pathlib"),
    *("pickle", "pkgutil", "pprint", "queue", "random", "re", "shlex", "shutil", "signal", "socket", "string"),
    *("struct", "subprocess", "tempfile", "textwrap", "threading", "time", "timeit", "traceback", "typing", "urllib.parse"),
    *("uuid", "warnings", "weakref", "zlib", "pyodide.code", "pyodide.console", "pyodide.ffi.wrappers", "pyodide.webloop"),
)  # fmt: skip


@pytest.mark.modes("native")
def test_common_modules_are_not_apart(fresh: Callable[..., Runtime]) -> None:
    """Common modules come with the start, those that they import too."""
    got = fresh().py(
        """
        import importlib, sys
        for name in names:
            importlib.import_module(name)
        [m.__name__ for m in list(sys.modules.values())
            if (getattr(m, "__file__", None) or "").startswith("/lib/python3.13/")]
        """,
        names=list(COMMON),
    )
    assert got == []

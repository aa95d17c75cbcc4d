"""Setting up Python's side, in an interpreter of its own with simulated JavaScript objects."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRELUDE = """
import sys
from types import SimpleNamespace
from fakes import FakeJsProxy
from _pyodide import _bootstrap, _importhook, _traceback

own = FakeJsProxy(getOwnPropertyNames=lambda module: ["hidden", "shown"])
js = FakeJsProxy(Object=own, hidden=1, shown=2)
lockfile = FakeJsProxy(packages=FakeJsProxy(object_values=lambda: [
    FakeJsProxy(name="other", imports=["other"]),
    FakeJsProxy(name="the-package", imports=["the_module", "more"]),
]))
api = FakeJsProxy(lockfile=lockfile)
options = SimpleNamespace(enableRunUntilComplete=True, isProgram=False)
_bootstrap.setup(js, api, options)
"""


def run(program: str) -> None:
    """Run a program after the set-up in a new interpreter."""
    result = subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(program)],
        env={"PYTHONPATH": f"{ROOT / 'src/pyodide_py'}:{Path(__file__).parent}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_modules() -> None:
    run("""
    import js as js_module, pyodide_js
    assert js_module is js and pyodide_js is api
    from js import *
    assert (hidden, shown) == (1, 2)
    """)


def test_star_import_without_object() -> None:
    run("""
    _bootstrap.setup(FakeJsProxy(a=1), api, options)
    from js import *
    assert a == 1
    """)


def test_event_loop_comes_with_asyncio() -> None:
    run("""
    assert "asyncio" not in sys.modules and "pyodide" not in sys.modules
    import asyncio
    from pyodide.webloop import WebLoop
    loop = asyncio.get_running_loop()
    assert type(loop) is WebLoop and loop.may_block is True
    """)


def test_event_loop_when_asyncio_was_imported_before() -> None:
    run("""
    import asyncio
    asyncio._set_running_loop(None)
    options.enableRunUntilComplete = False
    _bootstrap.setup(js, api, options)
    assert asyncio.get_running_loop().may_block is False
    """)


def test_failed_imports_name_the_package() -> None:
    run("""
    for api in (FakeJsProxy(lockfile=lockfile), FakeJsProxy()):
        _bootstrap.setup(js, api, options)
        try:
            import the_module
        except ModuleNotFoundError as error:
            text = _traceback.format_exception(error)
        known = 'loadPackage("the-package")' in text
        assert known == hasattr(api, "lockfile"), text
    """)


def test_state() -> None:
    run("""
    import json, js
    kept = "before"
    sys.state = _bootstrap.save_state()
    other = FakeJsProxy()
    _importhook.register_js_module("other", other)
    _importhook.unregister_js_module("pyodide_js")
    import other
    del sys.modules["js"]
    kept = "after"
    added = 1
    sys.last_exc = sys.last_value = ValueError()
    collected = _bootstrap.restore_state(sys.state)
    assert isinstance(collected, int)
    assert kept == "before"
    assert "added" not in globals() and "collected" in globals()
    assert not hasattr(sys, "last_exc") and not hasattr(sys, "last_value")
    assert sys.modules["js"] is js and "other" not in sys.modules
    import pyodide_js
    try:
        import other
    except ImportError:
        pass
    else:
        raise AssertionError
    # A state can be restored again.
    kept = "changed again"
    _bootstrap.restore_state(sys.state)
    assert kept == "before"
    """)


def test_flush_streams() -> None:
    """Each stream is flushed, whatever becomes of the other one, or if there is none."""
    run(
        """
        class Stream:
            def __init__(self, error=None): self.error, self.flushed = error, False
            def flush(self):
                self.flushed = True
                if self.error: raise self.error
        real = sys.stdout, sys.stderr
        out, err = sys.stdout, sys.stderr = Stream(OSError(29, "I/O error")), Stream()
        _bootstrap.flush_streams()
        sys.stdout = None
        _bootstrap.flush_streams()
        sys.stdout, sys.stderr = real
        assert out.flushed and err.flushed
        """
    )

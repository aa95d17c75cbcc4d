"""Fatal errors: the runtime says so once, refuses everything afterwards, and takes nothing else down."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import JsError
from harness.runtime import MODES, Runtime

Fresh = Callable[..., Runtime]

# Reading far outside of the memory traps inside WebAssembly.
TRAP = "import ctypes\nctypes.string_at(0xfffffff0, 100)"
FAILED = "already fatally failed and can no longer be used"


def ruin(rt: Runtime) -> dict[str, str]:
    """Make the runtime fail fatally; the error that JavaScript saw."""
    error = rt.js("return h.thrown(() => pyodide.runPython(code))", code=TRAP)
    assert isinstance(error, dict)
    return error


@pytest.mark.parametrize("mode", MODES)
def test_api_is_disabled(fresh: Fresh, mode: str) -> None:
    """After a fatal error every public property throws, except the version and private names."""
    rt = fresh(mode)
    ruin(rt)
    got = rt.js(
        """
        const names = ["runPython", "globals", "pyimport", "toPy", "FS", "registerJsModule"];
        return [names.map((n) => h.thrown(() => pyodide[n]).message), typeof pyodide.version, typeof pyodide._api];
        """
    )
    assert all(FAILED in message for message in got[0])
    assert got[1:] == ["string", "object"]


def test_log_of_a_fatal_error(fresh: Fresh) -> None:
    """The console shows the notice, the cause and Python's stack, most recent call first; JavaScript gets the cause."""
    rt = fresh()
    code = """
import ctypes
def f(): g()
def g(): h()
def h(): ctypes.string_at(0xfffffff0, 100)
f()
"""
    with pytest.raises(JsError) as caught:
        rt.js("pyodide.runPython(code)", code=code)
    assert "out of bounds" in caught.value.message
    output = rt.output()
    assert "suffered a fatal error" in output
    assert "The cause of the fatal error was:" in output
    assert "out of bounds" in output
    assert "Stack (most recent call first):" in output
    stack = output[output.index("Stack (most recent call first):") :]
    positions = [stack.index(f" in {name}") for name in "hgf"]
    assert positions == sorted(positions)


def test_python_cannot_catch_it(fresh: Fresh) -> None:
    """Neither `except` nor `finally` runs after a fatal error, not even around a call through JavaScript."""
    rt = fresh()
    code = """
import ctypes, js
def ruin(): ctypes.string_at(0xfffffff0, 100)
try:
    js.call(ruin)
except BaseException:
    js.note("except")
finally:
    js.note("finally")
js.note("after")
"""
    rt.js(
        "globalThis.notes = []; globalThis.note = (x) => { notes.push(x); }; globalThis.call = (f) => f();"
    )
    with pytest.raises(JsError, match="out of bounds"):
        rt.js("pyodide.runPython(code)", code=code)
    assert rt.expr("notes") == []


def test_reported_by_the_runtime_itself(fresh: Fresh) -> None:
    """`_api.fatal_error` poisons the runtime as a trap does."""
    rt = fresh()
    rt.js("try { pyodide._api.fatal_error(new Error('said so')); } catch {}")
    assert FAILED in rt.js("return h.thrown(() => pyodide.runPython).message")
    assert "said so" in rt.output()


@pytest.mark.spec("5.6/6")
def test_lock_error_is_not_fatal(fresh: Fresh) -> None:
    """A NoGilError given to `_api.fatal_error` is thrown on, and the runtime goes on."""
    rt = fresh()
    name = rt.js(
        "return h.thrown(() => pyodide._api.fatal_error(new pyodide._api.NoGilError())).name"
    )
    assert name == "NoGilError"
    assert rt.py("1 + 1") == 2
    assert "fatal" not in rt.output()


def test_second_fatal_error_only_logs(fresh: Fresh) -> None:
    """A fatal error inside a poisoned runtime does not hide the first."""
    rt = fresh()
    for text in ("first", "second"):
        rt.js("try { pyodide._api.fatal_error(new Error(text)); } catch {}", text=text)
    assert FAILED in rt.js("return h.thrown(() => pyodide.globals).message")
    assert "first" in rt.output()


def test_proxies_of_a_poisoned_runtime(fresh: Fresh) -> None:
    """Proxies from before throw an error too, and the process lives on."""
    rt = fresh()
    rt.js("globalThis.d = pyodide.runPython('{}');")
    ruin(rt)
    assert rt.js("return h.thrown(() => d.get(1)).message")
    assert rt.expr("1 + 1") == 2


def test_exit(fresh: Fresh) -> None:
    """`os._exit` throws an Exit error; later uses say that the runtime has ended."""
    rt = fresh()
    error = rt.js("return h.thrown(() => pyodide.runPython('import os; os._exit(0)'))")
    assert error["name"] == "Exit"
    assert error["message"] == "Program terminated with exit(0)"
    assert rt.js("return h.thrown(() => pyodide.runPython('1')).name")
    assert rt.expr("1 + 1") == 2


def test_system_exit_is_ordinary(rt: Runtime) -> None:
    """`exit(1)` is a PythonError SystemExit and the runtime goes on."""
    error = rt.js("return h.thrown(() => pyodide.runPython('exit(1)'))")
    assert (error["type"], error["message"].strip().splitlines()[-1]) == (
        "SystemExit",
        "SystemExit: 1",
    )
    assert rt.py("1 + 1") == 2

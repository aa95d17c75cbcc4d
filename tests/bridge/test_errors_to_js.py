"""Python exceptions in JavaScript: the class PythonError, its type and message, what it keeps alive."""

from __future__ import annotations

import pytest

from harness.errors import JsError
from harness.runtime import Runtime


@pytest.mark.parametrize(
    ("code", "kind", "last_line"),
    [
        ("5/0", "ZeroDivisionError", "ZeroDivisionError: division by zero"),
        ("{}['x']", "KeyError", "KeyError: 'x'"),
        ("raise TypeError('oops')", "TypeError", "TypeError: oops"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise SystemExit(1)", "SystemExit", "SystemExit: 1"),
        ("class E(Exception): pass\nraise E('mine')", "E", "E: mine"),
        ("def (", "SyntaxError", "SyntaxError: invalid syntax"),
        (
            "import no_such_module",
            "ModuleNotFoundError",
            "ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("raise ValueError('\U0001f40d \\ud83d')", "ValueError", None),
    ],
)
def test_python_error(rt: Runtime, code: str, kind: str, last_line: str | None) -> None:
    """An uncaught exception of runPython is a PythonError with type and the complete traceback."""
    got = rt.js(
        """
        try {
            pyodide.runPython(code);
        } catch (e) {
            return [e instanceof Error, e instanceof pyodide.ffi.PythonError, e.name, e.type, e.message];
        }
        """,
        code=code,
    )
    assert got[:4] == [True, True, "PythonError", kind]
    if last_line is not None:
        assert last_line in got[4].splitlines()
    if kind != "SyntaxError":
        assert got[4].startswith("Traceback (most recent call last):")
    assert '"<exec>"' in got[4]
    assert got[4].endswith("\n")


def test_message_shows_chain_and_notes(rt: Runtime) -> None:
    """Causes, contexts and notes are part of the message."""
    code = """
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise ValueError("second") from e
except ValueError as e:
    e.add_note("a note")
    raise
"""
    with pytest.raises(JsError) as caught:
        rt.js("pyodide.runPython(code)", code=code)
    message = caught.value.message
    assert "ZeroDivisionError: division by zero" in message
    assert "The above exception was the direct cause of the following exception" in message
    assert message.rstrip().endswith("a note")


def test_from_every_gate(rt: Runtime) -> None:
    """Calls, attribute reads, items, iteration and imports all throw PythonError."""
    rt.py(
        """
        class Bad:
            @property
            def x(self): raise LookupError("x")
            def __call__(self): raise LookupError("call")
            def __getitem__(self, k): raise AssertionError("item")
        bad = Bad()
        """
    )
    got = rt.js(
        """
        const b = pyodide.globals.get("bad");
        const r = [() => b.x, () => b(), () => b.get(0), () => pyodide.pyimport("no_such_module")].map((f) => h.thrown(f).type);
        b.destroy();
        return r;
        """
    )
    assert got == ["LookupError", "LookupError", "AssertionError", "ModuleNotFoundError"]


def test_sys_last_exc(rt: Runtime) -> None:
    """`sys.last_exc` is the exception that went out."""
    rt.js("h.thrown(() => pyodide.runPython('raise ValueError(42)'))")
    assert rt.py(
        "import sys\n(type(sys.last_exc).__name__, sys.last_exc.args, sys.last_type.__name__)"
    ) == (
        "ValueError",
        (42,),
        "ValueError",
    )


def test_excepthook_shapes_the_message(rt: Runtime) -> None:
    """A replaced `sys.excepthook` decides what the message says."""
    rt.py(
        "import sys\nold = sys.excepthook\nsys.excepthook = lambda *a: print('my hook', a[1], file=sys.stderr)"
    )
    error = rt.js("return h.thrown(() => pyodide.runPython('raise ValueError(42)'))")
    rt.py("sys.excepthook = old")
    assert error["message"].strip() == "my hook 42"
    assert error["type"] == "ValueError"


def test_error_keeps_no_frames(rt: Runtime) -> None:
    """The PythonError holds no reference to the exception or its frames."""
    rt.py(
        """
        import sys, weakref
        class Local: pass
        def fail():
            global ref
            local = Local()
            ref = weakref.ref(local)
            raise ValueError("x")
        """
    )
    got = rt.js(
        """
        const fail = pyodide.globals.get("fail");
        let error;
        try { fail(); } catch (e) { error = e; }
        fail.destroy();
        pyodide.runPython("for n in ('last_exc', 'last_type', 'last_value', 'last_traceback'): setattr(sys, n, None)");
        return [pyodide.runPython("ref() is None"), error.type];
        """
    )
    assert got == [True, "ValueError"]


def test_unformattable_error(rt: Runtime) -> None:
    """An exception whose text cannot be made still arrives as PythonError with its type."""
    code = "class E(Exception):\n    def __str__(self): raise RuntimeError('no text')\nraise E()"
    error = rt.js("return h.thrown(() => pyodide.runPython(code))", code=code)
    assert error["name"] == "PythonError"
    assert error["type"] in ("E", "PyodideInternalError")


def test_python_stays_usable(rt: Runtime) -> None:
    """A thousand errors in a row leave nothing behind."""
    got = rt.js(
        "for (let i = 0; i < 1000; i++) h.thrown(() => pyodide.runPython('1/0')); return pyodide.runPython('1 + 1');"
    )
    assert got == 2


def test_long_message(rt: Runtime) -> None:
    """A message of a megabyte arrives whole."""
    error = rt.js(
        "return h.thrown(() => pyodide.runPython('raise ValueError(\"x\" * 2**20)')).message.length"
    )
    assert error > 2**20


def test_filename_option(rt: Runtime) -> None:
    """The given file name and its source lines stand in the traceback."""
    got = rt.js(
        "return h.thrown(() => pyodide.runPython('a = 1\\nb = a / 0', { filename: 'my_code.py' })).message"
    )
    assert 'File "my_code.py", line 2' in got
    assert "b = a / 0" in got

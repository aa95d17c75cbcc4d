"""The message of a Python error in JavaScript."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType

import pytest

from _pyodide._code import eval_code
from _pyodide._traceback import format_exception


def raised(source: str) -> Exception:
    with pytest.raises(Exception) as caught:
        eval_code(source)
    error = caught.value
    assert error.__traceback__ is not None
    error.__traceback__ = error.__traceback__.tb_next
    return error


def test_complete_traceback() -> None:
    text = format_exception(raised("def f():\n    raise TypeError('oops')\nf()"))
    lines = text.split("\n")
    assert lines[0] == "Traceback (most recent call last):"
    names = [line.rpartition(" in ")[2] for line in lines if line.startswith("  File")]
    assert names == ["eval_code", "run", "<module>", "f"]
    assert '  File "<exec>", line 3, in <module>' in lines
    assert text.endswith("TypeError: oops\n")


def test_notes_causes_and_contexts() -> None:
    error = raised(
        "try:\n  1 / 0\nexcept Exception as e:\n  try:\n    {}['k']\n"
        "  except Exception as f:\n    raise ValueError('v') from f"
    )
    error.add_note("a note")
    text = format_exception(error)
    for part in ("ZeroDivisionError", "KeyError: 'k'", "direct cause", "ValueError: v\na note\n"):
        assert part in text


def test_nothing_else_is_set() -> None:
    before = {name: value for name, value in vars(sys).items() if name.startswith("last_")}
    format_exception(raised("1 / 0"))
    assert before == {name: v for name, v in vars(sys).items() if name.startswith("last_")}


def test_import_error_is_explained_once() -> None:
    error = raised("import winreg" if sys.platform != "win32" else "import posix")
    assert format_exception(error) == format_exception(error)
    assert format_exception(error).count("is removed from the Python standard library") == 1


def test_replaced_hook(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    error = raised("1 / 0")

    def hook(
        type_: type[BaseException], value: BaseException, traceback: TracebackType | None
    ) -> None:
        assert (type_, value, traceback) == (type(error), error, error.__traceback__)
        print("my text", file=sys.stderr)

    monkeypatch.setattr(sys, "excepthook", hook)
    stderr = sys.stderr
    assert format_exception(error) == "my text\n"
    assert sys.stderr is stderr
    assert capsys.readouterr().err == ""


def test_print_exception_as_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    error = raised("1 / 0")
    expected = format_exception(error)
    monkeypatch.setattr(sys, "excepthook", traceback.print_exception)
    assert format_exception(error) == expected


def test_failing_hook_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def hook(*args: object) -> None:
        print("half of it", file=sys.stderr)
        raise KeyError("in the hook")

    monkeypatch.setattr(sys, "excepthook", hook)
    text = format_exception(raised("1 / 0"))
    assert text.startswith("half of it\nError in sys.excepthook:\n")
    assert "KeyError: 'in the hook'" in text
    assert "Original exception was:\nTraceback" in text
    assert text.endswith("ZeroDivisionError: division by zero\n")


def test_error_without_traceback() -> None:
    assert format_exception(SyntaxError("plain")) == "SyntaxError: plain\n"

"""`_pyodide._worker`: standard input from a page, on native CPython."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable, Iterator

import pytest

import pyodide.ffi
from _pyodide import _worker
from _pyodide._worker import PageInput


def opened(ask: Callable[[], object]) -> io.TextIOWrapper:
    """A text stream over the page's lines."""
    return io.TextIOWrapper(io.BufferedReader(PageInput(ask)), encoding="utf-8")  # type: ignore[arg-type]


def test_lines() -> None:
    """Each answer is a line, whether it ends as one or not; None is the end, after which one may ask again."""
    answers = iter(["one", "two\n", "", None, "three", "é" * 20_000, None])
    stream = opened(lambda: next(answers))
    assert [stream.readline() for _ in range(4)] == ["one\n", "two\n", "\n", ""]
    assert stream.readline() == "three\n"
    assert stream.read() == "é" * 20_000 + "\n"


def test_small_buffers() -> None:
    """What a read does not take is there for the next."""
    raw = PageInput(iter(["abc", None]).__next__)
    assert [raw.read(2), raw.read(2), raw.read(2)] == [b"ab", b"c\n", b""]
    assert raw.readable() and not raw.writable()


def test_errors_of_the_page() -> None:
    """They reach who reads."""

    def fail() -> str:
        raise RuntimeError("page failed")

    with pytest.raises(RuntimeError, match="page failed"):
        opened(fail).readline()


class Later:
    """A page that answers with a promise."""

    waits = True
    asked = 0

    def __call__(self) -> object:
        """Count the question."""
        self.asked += 1
        return "promise"


def test_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python can wait it does; where not the page is not even asked."""
    page = Later()
    monkeypatch.setattr(pyodide.ffi, "can_run_sync", lambda: False)
    with pytest.raises(io.UnsupportedOperation, match="cross-origin isolated"):
        opened(page).readline()
    assert page.asked == 0
    monkeypatch.setattr(pyodide.ffi, "can_run_sync", lambda: True)
    monkeypatch.setattr(Later, "__call__", lambda self: object())
    monkeypatch.setattr(pyodide.ffi, "run_sync", lambda promise: "waited for")
    assert opened(page).readline() == "waited for\n"
    monkeypatch.setattr(pyodide.ffi, "run_sync", lambda promise: pyodide.ffi.jsnull)
    assert opened(page).readline() == ""


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that is asyncio's present one, and sys.stdin as it was afterwards."""
    monkeypatch.setattr(sys, "stdin", sys.stdin)
    made = asyncio.new_event_loop()
    monkeypatch.setattr(asyncio, "get_event_loop", lambda: made)
    yield made
    made.close()


def test_install(loop: asyncio.AbstractEventLoop) -> None:
    """sys.stdin is the page's, if it answers; exits are nobody's concern but the caller's."""
    before = sys.stdin
    _worker.install(None)
    assert sys.stdin is before
    _worker.install(lambda: "line")
    assert sys.stdin.readline() == "line\n"
    assert loop._keyboard_interrupt_handler() is None  # type: ignore[attr-defined]
    assert loop._system_exit_handler(3) is None  # type: ignore[attr-defined]

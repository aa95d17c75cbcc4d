"""The event loop of programs on CPython, with JavaScript's half replaced."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from pyodide._program_loop import ProgramLoop


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the waits, in milliseconds, which all pass at once."""
    done: list[int] = []

    def wait(milliseconds: int) -> bool:
        done.append(milliseconds)
        return True

    monkeypatch.setitem(sys.modules, "_pyodide_program", SimpleNamespace(wait=wait))
    monkeypatch.setattr("pyodide._program_loop.can_run_sync", lambda: False)
    return done


def test_what_comes_before_the_wait_is_not_slept_through(waits: list[int]) -> None:
    """A handler of a signal that runs when the loop is about to sleep schedules its work."""
    loop = ProgramLoop()
    ran: list[str] = []
    loop.call_soon(ran.append, "by the handler")
    try:
        loop._selector.select(1000)
        assert waits == []
        loop._selector.select(1000)
        assert waits == [1_000_000]
    finally:
        loop.close()

"""What is different in an interpreter that a page uses in a worker: input, output and exits."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Buffer

NO_WAITING = (
    "Python cannot wait for input here. Either the page has to be cross-origin isolated (served "
    "with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: "
    "require-corp), or the engine has to switch stacks (JSPI) and JavaScript must not have called "
    "Python in between."
)

Answer = str | None


class PageInput(io.RawIOBase):
    """The bytes of the page's lines.

    Parameters
    ----------
    ask
        gives a line, or None at the end of input, or an awaitable of that.
    """

    def __init__(self, ask: Callable[[], Answer | Awaitable[Answer]]) -> None:
        self._ask = ask
        self._pending = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill the buffer with what is there of a line; 0 is the end of input.

        Raises
        ------
        io.UnsupportedOperation
            Python cannot wait for the page.
        JsException
            the page's handler failed.
        """
        if not self._pending:
            line = self._line()
            if line is None:
                return 0
            self._pending = (line if line.endswith("\n") else line + "\n").encode()
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._pending))
        view[:count] = self._pending[:count]
        self._pending = self._pending[count:]
        return count

    def _line(self) -> Answer:
        from pyodide.ffi import can_run_sync, run_sync

        waits = getattr(self._ask, "waits", False)
        if waits and not can_run_sync():
            raise io.UnsupportedOperation(NO_WAITING)
        answer = self._ask()
        if isinstance(answer, str) or answer is None:
            return answer
        line: Any = run_sync(answer)
        return line if isinstance(line, str) else None


def install(ask: Callable[[], Answer | Awaitable[Answer]] | None) -> None:
    """Prepare the interpreter.

    Parameters
    ----------
    ask
        where `sys.stdin` has its lines from; None leaves it alone.
    """
    # The page has these exceptions from the promise of its call; nobody else needs to stop.
    loop: Any = asyncio.get_event_loop()
    loop._keyboard_interrupt_handler = lambda: None
    loop._system_exit_handler = lambda _code: None
    if ask is not None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(PageInput(ask)), encoding="utf-8")

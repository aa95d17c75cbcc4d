"""The Python half of the console page: runs lines in ``__main__`` and shows values and errors."""

import asyncio
import builtins
import traceback
from collections.abc import Callable
from typing import Any

import __main__
from pyodide.console import BANNER, PyodideConsole, repr_shorten

_LEAVING = "Reload the page to start again."


class _Exit:
    """``exit`` and ``quit`` of the page; Python's own would close the input for good."""

    def __repr__(self) -> str:
        return _LEAVING

    def __call__(self, code: object = None) -> None:
        raise SystemExit(code)


class Repl:
    """A console over ``__main__`` for the page.

    Parameters: ``write_out`` and ``write_err`` are called with text for the terminal; ``ask``
    gives a line of input without its newline, or None at the end of input.
    """

    banner = BANNER

    def __init__(
        self,
        write_out: Callable[[str], Any],
        write_err: Callable[[str], Any],
        ask: Callable[[], str | None],
    ) -> None:
        builtins.exit = builtins.quit = _Exit()  # type: ignore[assignment]
        self._write_out = write_out
        self._ask = ask
        self._console = PyodideConsole(
            globals=__main__.__dict__,
            stdin_callback=self._read,
            stdout_callback=write_out,
            stderr_callback=write_err,
            persistent_stream_redirection=True,
        )
        self._running: Any = None

    def _read(self, _size: int) -> str:
        line = self._ask()
        return "" if line is None else f"{line}\n"

    def push(self, line: str, done: Callable[[str | None], Any]) -> bool:
        """Run ``line`` or take it as part of a longer statement; true means that more is needed.

        ``done`` is called once, later, with the error text or None.
        """
        future = self._console.push(line)
        self._running = future
        future.add_done_callback(lambda finished: self._finish(finished, done))
        return bool(future.syntax_check == "incomplete")

    def _finish(self, future: Any, done: Callable[[str | None], Any]) -> None:
        self._running = None
        try:
            value = future.result()
            if value is not None:
                shown = repr_shorten(value)
                builtins._ = value  # type: ignore[attr-defined]
                self._write_out(f"{shown}\n")
        except asyncio.CancelledError:
            done("Cancelled\n")
        except SystemExit:
            done(f"{_LEAVING}\n")
        except BaseException as error:
            text = getattr(future, "formatted_error", None)
            done(text or "".join(traceback.format_exception(error)))
        else:
            done(None)

    def discard(self) -> None:
        """Forget the lines of an unfinished statement."""
        self._console.buffer.clear()

    def interrupt(self) -> None:
        """Cancel the statement that waits for something."""
        if self._running is not None:
            self._running.cancel()

    def complete(self, text: str) -> tuple[list[str], int]:
        """Give completions for ``text`` and the position where they begin."""
        words, start = self._console.complete(text)
        return list(words), start

"""The Python half of the console page: runs blocks in ``__main__`` and shows values and errors."""

import asyncio
import builtins
import signal
import traceback
from collections.abc import Callable
from typing import Any

import __main__
from pyodide._blocks import split_paste, statements, wants_more
from pyodide.console import BANNER, PyodideConsole, repr_shorten
from pyodide.ffi import JsProxy, can_run_sync, run_sync, to_js

_LEAVING = "Reload the page to start again."


class _Exit:
    """``exit`` and ``quit`` of the page; Python's own would close the input for good."""

    def __repr__(self) -> str:
        return _LEAVING

    def __call__(self, code: object = None) -> None:
        raise SystemExit(code)


_RICH_METHODS = {
    "_repr_html_": "text/html",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
}
"""The ways in which IPython's display protocol lets a value describe itself, the best first."""

_ELEMENT_NODE = 1


def _rich(value: Any) -> tuple[str, Any] | None:
    """Return the MIME type and the description of a value that has more than a repr."""
    if isinstance(value, JsProxy):
        is_element = getattr(value, "nodeType", None) == _ELEMENT_NODE
        return ("element", value) if is_element else None
    for method, mime in _RICH_METHODS.items():
        # Of a class it would be the method for its instances.
        describe = None if isinstance(value, type) else getattr(value, method, None)
        data = describe() if callable(describe) else None
        if data is not None:
            return mime, data
    return None


class Repl:
    """A console over ``__main__`` for the page.

    Parameters: ``write_out`` and ``write_err`` are called with text for the terminal; ``ask``
    gives a line of input without its newline, or None at the end of input; ``show`` gets the MIME
    type and the description of values that are shown as what they are, or "element" and an element;
    ``breaks.rest`` is a promise to wait for at SIGUSR1, which tells that the page needs a break.
    """

    banner = BANNER

    def __init__(
        self,
        write_out: Callable[[str], Any],
        write_err: Callable[[str], Any],
        ask: Callable[[], str | None],
        show: Callable[[str, Any], Any],
        breaks: Any,
    ) -> None:
        builtins.exit = builtins.quit = _Exit()  # type: ignore[assignment]
        self._write_out = write_out
        self._ask = ask
        self._show = show
        self._page_breaks = breaks
        self._resting = 0
        self._interrupted = False
        signal.signal(signal.SIGUSR1, self._take_break)
        self._console = PyodideConsole(
            globals=__main__.__dict__,
            stdin_callback=self._read,
            stdout_callback=write_out,
            stderr_callback=write_err,
            persistent_stream_redirection=True,
            colorize=True,
        )
        self._running: Any = None

    def _read(self, _size: int) -> str:
        line = self._ask()
        return "" if line is None else f"{line}\n"

    def _take_break(self, _number: int, _frame: Any) -> None:
        if not can_run_sync():
            return
        self._resting += 1
        try:
            run_sync(self._page_breaks.rest)
        finally:
            self._resting -= 1
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt

    def wants_more(self, block: str) -> bool:
        """Say whether Enter behind the block adds a line to it; runs nothing."""
        return wants_more(block, self._console.check)

    def split(self, text: str) -> tuple[list[str], str]:
        """Take pasted text apart: statements to run, and what is left to be edited."""
        return split_paste(text, self._console.check)

    def run(self, block: str, done: Callable[[str | None], Any]) -> None:
        """Run the statements of a block one after the other, and show the value of the last.

        ``done`` is called once, later, with the error text or None.
        """
        self._running = asyncio.ensure_future(self._run(block, done))

    async def _run(self, block: str, done: Callable[[str | None], Any]) -> None:
        error: str | None = None
        future: Any = None
        try:
            value = None
            for statement in statements(block):
                future = self._console.runsource(statement)
                value = await future
                if future.syntax_check == "incomplete":
                    # A backslash before a blank line, which is complete only in a file.
                    error = "SyntaxError: incomplete input\n"
                    break
            if value is not None:
                builtins._ = value  # type: ignore[attr-defined]
                self._display(value)
        except asyncio.CancelledError:
            error = "Cancelled\n"
        except SystemExit:
            error = f"{_LEAVING}\n"
        except BaseException as exception:
            text = getattr(future, "formatted_error", None)
            error = text or "".join(traceback.format_exception(exception))
        finally:
            self._running = None
        done(error)

    def _display(self, value: Any) -> None:
        """Show a value as what it is, or its repr."""
        rich = _rich(value)
        if rich is None:
            self._write_out(f"{repr_shorten(value)}\n")
        else:
            mime, data = rich
            self._show(mime, to_js(data) if isinstance(data, bytes) else data)

    def interrupt(self) -> None:
        """Interrupt the block that takes a break, or cancel the one that waits."""
        if self._resting > 0:
            self._interrupted = True
        elif self._running is not None:
            self._running.cancel()

    def complete(self, text: str) -> tuple[list[str], int]:
        """Give completions for ``text`` and the position where they begin."""
        words, start = self._console.complete(text)
        return list(words), start

"""The Python half of the console page: runs lines in ``__main__`` and shows values and errors."""

import asyncio
import builtins
import signal
import traceback
from collections.abc import Callable
from typing import Any

import __main__
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
                builtins._ = value  # type: ignore[attr-defined]
                self._display(value)
        except asyncio.CancelledError:
            done("Cancelled\n")
        except SystemExit:
            done(f"{_LEAVING}\n")
        except BaseException as error:
            text = getattr(future, "formatted_error", None)
            done(text or "".join(traceback.format_exception(error)))
        else:
            done(None)

    def _display(self, value: Any) -> None:
        """Show a value as what it is, or its repr."""
        rich = _rich(value)
        if rich is None:
            self._write_out(f"{repr_shorten(value)}\n")
        else:
            mime, data = rich
            self._show(mime, to_js(data) if isinstance(data, bytes) else data)

    def discard(self) -> None:
        """Forget the lines of an unfinished statement."""
        self._console.buffer.clear()

    def interrupt(self) -> None:
        """Interrupt the statement that takes a break, or cancel the one that waits."""
        if self._resting > 0:
            self._interrupted = True
        elif self._running is not None:
            self._running.cancel()

    def complete(self, text: str) -> tuple[list[str], int]:
        """Give completions for ``text`` and the position where they begin."""
        words, start = self._console.complete(text)
        return list(words), start

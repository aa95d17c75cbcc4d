"""The machinery of an interactive console: input line by line, results as futures."""

import asyncio
import codeop
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from types import TracebackType
from typing import Any, Literal

from _pyodide._code import CodeRunner
from _pyodide._importhook import explain_import_error

__all__ = ["BANNER", "Console", "ConsoleFuture", "PyodideConsole", "repr_shorten", "shorten"]

_BUILD = " ".join(sys.version.split()[1:]).partition("[")[0].strip()
BANNER = (
    f"Python {sys.version.split()[0]} {_BUILD} on WebAssembly/Emscripten\n"
    'Type "help", "copyright", "credits" or "license" for more information.'
)
"""What a console shows first."""

_INCOMPLETE: int = codeop.Compile().flags  # what codeop compiles with to recognise a beginning
_TOP_LEVEL_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_FUTURE_FEATURES = 0x1FE0000  # all CO_FUTURE_* bits

SyntaxCheck = Literal["incomplete", "syntax-error", "complete"]


class _Stream(io.TextIOBase):
    """A text stream over functions; it says that it is a terminal."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        """Name of the stream, as of a file."""
        return self._name

    def isatty(self) -> bool:
        """Return True."""
        return True

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")


class _OutputStream(_Stream):
    """A stream which hands what is written to a function."""

    def __init__(self, callback: Callable[[str], int | None], name: str) -> None:
        super().__init__(name)
        self._callback = callback

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str, /) -> int:
        """Hand `text` over; returns what the function returns, or the length of the text."""
        self._check_open()
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        written = self._callback(text)
        return len(text) if written is None else written


class _InputStream(_Stream):
    """A stream which gets its text from a function, called with the number of characters wanted.

    The function may return more or less than that; an empty string means the end of input.
    """

    def __init__(self, callback: Callable[[int], str], name: str) -> None:
        super().__init__(name)
        self._callback = callback
        self._pending = ""

    def readable(self) -> bool:
        """Return True."""
        return True

    def _take(self, count: int) -> str:
        text, self._pending = self._pending[:count], self._pending[count:]
        return text

    def read(self, size: int | None = -1, /) -> str:
        """Read `size` characters, or up to the end of input."""
        self._check_open()
        unlimited = size is None or size < 0
        while unlimited or len(self._pending) < (size or 0):
            more = self._callback(-1 if unlimited else (size or 0) - len(self._pending))
            if not more:
                break
            self._pending += more
        return self._take(len(self._pending) if unlimited else size or 0)

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """Read a line with its newline, or `size` characters of it."""
        self._check_open()
        limit = sys.maxsize if size is None or size < 0 else size
        while (end := self._pending.find("\n")) < 0 and len(self._pending) < limit:
            more = self._callback(-1)
            if not more:
                break
            self._pending += more
        return self._take(min(limit, end + 1 if end >= 0 else len(self._pending)))


@contextmanager
def _redirect_stdin(stream: Any) -> Iterator[None]:
    """Replace `sys.stdin` for a time."""
    saved, sys.stdin = sys.stdin, stream
    try:
        yield
    finally:
        sys.stdin = saved


class ConsoleFuture(asyncio.Future[Any]):
    """The future result of a line of input.

    Attributes
    ----------
    syntax_check
        ``"incomplete"`` if more input is needed, ``"syntax-error"`` or ``"complete"``.
    formatted_error
        The text to show if the future has an exception; it is set before the exception is.
    """

    def __init__(
        self, syntax_check: SyntaxCheck, *, loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        super().__init__(loop=loop)
        self.syntax_check = syntax_check
        self.formatted_error: str | None = None


def _with_code(source: str) -> str:
    """Return `source`, or "pass" if it has blank lines and comments alone."""
    lines = map(str.strip, source.split("\n"))
    return "pass" if all(not line or line.startswith("#") for line in lines) else source


class _Compiler:
    """Compiles input; remembers the `__future__` imports it has seen."""

    def __init__(self, dont_inherit: bool, optimize: int) -> None:
        self._flags = _TOP_LEVEL_AWAIT
        self._dont_inherit = dont_inherit
        self._optimize = optimize

    def _compile(self, source: str, filename: str, extra_flags: int) -> CodeRunner:
        return CodeRunner(
            source,
            mode="single",
            filename=filename,
            flags=self._flags | extra_flags,
            dont_inherit=self._dont_inherit,
            optimize=self._optimize,
        ).compile()

    def _error(self, source: str, filename: str, extra_flags: int) -> SyntaxError | None:
        """Return the error of compiling `source`, or None."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", (SyntaxWarning, DeprecationWarning))
            try:
                self._compile(source, filename, extra_flags)
            except SyntaxError as error:
                return error
        return None

    def check(self, source: str, filename: str) -> tuple[SyntaxCheck, SyntaxError | None]:
        """Say whether `source` is complete, with the error that tells why not."""
        source = _with_code(source)
        first_error = self._error(source, filename, _INCOMPLETE)
        if first_error is None:
            return "complete", None
        second_error = self._error(source + "\n", filename, _INCOMPLETE)
        if second_error is None or second_error.msg == "incomplete input":
            return "incomplete", first_error
        return "syntax-error", first_error

    def __call__(self, source: str, filename: str) -> CodeRunner | None:
        """Compile `source`, or return None if it may be the beginning of something valid.

        Raises
        ------
        SyntaxError, ValueError, OverflowError
            If it is not valid, whatever may follow.
        """
        source = _with_code(source)
        state, first_error = self.check(source, filename)
        if state == "incomplete":
            return None
        if first_error is not None:
            error = self._error(source, filename, 0) or first_error
            # Without a column something is missing at the end; the first error says so.
            raise error if error.offset else first_error
        runner = self._compile(source, filename, _INCOMPLETE)
        assert runner.code is not None
        self._flags |= runner.code.co_flags & _FUTURE_FEATURES
        return runner


def _unchained(error: BaseException, filename: str) -> TracebackType | None:
    """Return the traceback of `error` from the first frame of the file `filename` on."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename != filename:
        traceback = traceback.tb_next
    return traceback or error.__traceback__


class Console:
    """Runs Python code as an interactive interpreter does, without blocking.

    Parameters
    ----------
    globals:
        The namespace; by default a new one of a module ``__console__``.
    stdin_callback:
        Gives input: called with the wanted number of characters (-1: no limit); returns a str,
        empty at the end of input.
    stdout_callback, stderr_callback:
        Called with the text that the code writes; may return the number of characters written.
    persistent_stream_redirection:
        Replace `sys.stdin`, `sys.stdout` and `sys.stderr` right now and until
        `persistent_restore_streams`; otherwise only while code runs. Streams without a callback
        are never replaced.
    filename:
        Name of the input in tracebacks.
    dont_inherit, optimize:
        As for the built-in `compile()`.
    colorize:
        Colour the tracebacks with ANSI escape sequences (from Python 3.13 on).

    Attributes
    ----------
    globals
        The namespace.
    buffer
        The lines of the statement that is not complete yet.
    completer_word_break_characters
        What ends a word for `complete`.
    """

    completer_word_break_characters = " \t\n`~!@#$%^&*()-=+[{]}\\|;:'\",<>/?"

    def __init__(
        self,
        globals: dict[str, Any] | None = None,
        *,
        stdin_callback: Callable[[int], str] | None = None,
        stdout_callback: Callable[[str], int | None] | None = None,
        stderr_callback: Callable[[str], int | None] | None = None,
        persistent_stream_redirection: bool = False,
        filename: str = "<console>",
        dont_inherit: bool = False,
        optimize: int = -1,
        colorize: bool = False,
    ) -> None:
        if globals is None:
            globals = {"__name__": "__console__", "__doc__": None}
        self.globals = globals
        self.stdin_callback = stdin_callback
        self.stdout_callback = stdout_callback
        self.stderr_callback = stderr_callback
        self.filename = filename
        self.colorize = colorize
        self.buffer: list[str] = []
        self._compile = _Compiler(dont_inherit, optimize)
        self._lock = asyncio.Lock()
        self._streams_redirected = False
        self._persistent: ExitStack | None = None
        if persistent_stream_redirection:
            self.persistent_redirect_streams()

    def persistent_redirect_streams(self) -> None:
        """Replace the standard streams until `persistent_restore_streams` is called."""
        if self._persistent is None:
            self._persistent = ExitStack()
            self._persistent.enter_context(self.redirect_streams())

    def persistent_restore_streams(self) -> None:
        """Undo `persistent_redirect_streams`."""
        if self._persistent is not None:
            self._persistent.close()
            self._persistent = None

    @contextmanager
    def redirect_streams(self) -> Iterator[None]:
        """Replace the standard streams while the context is active; may be nested."""
        if self._streams_redirected:
            yield
            return
        with ExitStack() as stack:
            if self.stdin_callback is not None:
                stack.enter_context(_redirect_stdin(_InputStream(self.stdin_callback, "<stdin>")))
            if self.stdout_callback is not None:
                stdout: Any = _OutputStream(self.stdout_callback, "<stdout>")
                stack.enter_context(redirect_stdout(stdout))
            if self.stderr_callback is not None:
                stderr: Any = _OutputStream(self.stderr_callback, "<stderr>")
                stack.enter_context(redirect_stderr(stderr))
            self._streams_redirected = True
            try:
                yield
            finally:
                self._streams_redirected = False

    def push(self, line: str) -> ConsoleFuture:
        """Add a line of input, and run the statement if it is complete.

        Parameters
        ----------
        line:
            The line without its newline (it may have newlines inside).

        Returns
        -------
        The future result; for incomplete input it is done, with the value None.
        """
        self.buffer.append(line)
        future = self.runsource("\n".join(self.buffer), self.filename)
        if future.syntax_check != "incomplete":
            self.buffer = []
        return future

    def check(self, source: str) -> SyntaxCheck:
        """Say what `push` would make of `source`, without running or keeping anything.

        Parameters
        ----------
        source:
            One statement or its beginning; may have several lines.

        Returns
        -------
        ``"incomplete"`` if more input is needed, ``"syntax-error"`` or ``"complete"``.
        """
        try:
            return self._compile.check(source, self.filename)[0]
        except (OverflowError, ValueError, RecursionError, MemoryError):
            # Of what is nested too deeply, or has null characters.
            return "syntax-error"

    def runsource(self, source: str, filename: str = "<console>") -> ConsoleFuture:
        """Compile `source`, and run it if it is complete.

        Statements run one after the other, in the order in which they came.
        """
        try:
            code = self._compile(source, filename)
        except (OverflowError, SyntaxError, ValueError) as error:
            future = ConsoleFuture("syntax-error")
            future.formatted_error = self.formatsyntaxerror(error)
            future.set_exception(error)
            return future
        if code is None:
            future = ConsoleFuture("incomplete")
            future.set_result(None)
            return future
        future = ConsoleFuture("complete")
        task = asyncio.ensure_future(self._execute(source, code, future))
        # Who cancels the result means the code.
        future.add_done_callback(lambda done: task.cancel() if done.cancelled() else None)
        return future

    async def _execute(self, source: str, code: CodeRunner, future: ConsoleFuture) -> None:
        """Run the code and settle the future with its outcome."""
        try:
            result = await self.runcode(source, code)
        except asyncio.CancelledError:
            future.cancel()
        except BaseException as error:
            # SystemExit and KeyboardInterrupt too: it is for the caller of `push` to act on them.
            if not future.done():
                future.formatted_error = self.formattraceback(error)
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(result)

    async def runcode(self, source: str, code: CodeRunner) -> Any:
        """Execute compiled code in `globals`, with the streams redirected.

        Parameters
        ----------
        source:
            The source, for subclasses that want to look at it.
        code:
            The compiled source.

        Returns
        -------
        The value of the final expression, or None.
        """
        async with self._lock:
            with self.redirect_streams():
                try:
                    return await code.run_async(self.globals)
                finally:
                    sys.stdout.flush()
                    sys.stderr.flush()

    def formatsyntaxerror(self, error: BaseException) -> str:
        """Return the text that shows where the syntax error is."""
        error.__traceback__ = None
        return self._format(error, None)

    def formattraceback(self, error: BaseException) -> str:
        """Return the traceback of `error`, from the console's own code on."""
        return self._format(error, _unchained(error, self.filename))

    def _format(self, error: BaseException, traceback: TracebackType | None) -> str:
        """Format an exception, and make it the last one for the debugger."""
        from traceback import TracebackException

        explain_import_error(error)
        error.__traceback__ = traceback
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, traceback
        setattr(sys, "last_exc", error)  # noqa: B010  (new in Python 3.12)
        formatted = TracebackException(type(error), error, traceback)
        options: dict[str, Any] = {}
        if self.colorize and sys.version_info >= (3, 13):
            options["colorize"] = True
        return "".join(formatted.format(**options))

    def complete(self, source: str) -> tuple[list[str], int]:
        """Complete the name at the end of `source`.

        Returns
        -------
        The completions, and the index in `source` of what they replace.

        Examples
        --------
        >>> console.complete("a = 5 ; str.isa")
        (['str.isalnum(', 'str.isalpha(', 'str.isascii('], 8)
        """
        start = max(map(source.rfind, self.completer_word_break_characters)) + 1
        word = source[start:]
        if not word:
            return [], start
        from ._completion import Completer

        return Completer(self.globals).matches(word), start


class PyodideConsole(Console):
    """A console which loads the packages of the distribution that the code imports."""

    async def runcode(self, source: str, code: CodeRunner) -> Any:
        """Load the packages that `source` imports, then execute `code`."""
        from pyodide_js import loadPackagesFromImports

        await loadPackagesFromImports(source)
        return await super().runcode(source, code)


def shorten(text: str, limit: int = 1000, split: int | None = None, separator: str = "...") -> str:
    """Leave out the middle of a text that is too long.

    Parameters
    ----------
    text:
        The text.
    limit:
        Length up to which a text stays as it is.
    split:
        How many characters to keep at the beginning and at the end; by default half of `limit`.
        More than half of the text is never kept on either side.
    separator:
        What stands for the part left out.

    Raises
    ------
    ValueError
        If `limit` is less than 2.

    Examples
    --------
    >>> shorten("abcdefg", limit=5)
    'ab...fg'
    """
    if limit < 2:
        raise ValueError("limit must be at least 2")
    if len(text) <= limit:
        return text
    if split is None:
        split = limit // 2
    split = min(split, len(text) // 2)
    return f"{text[:split]}{separator}{text[len(text) - split :]}"


def repr_shorten(
    value: Any, limit: int = 1000, split: int | None = None, separator: str = "..."
) -> str:
    """Return the `repr` of a value, shortened like `shorten` does.

    Raises
    ------
    ValueError
        If `limit` is less than 4.
    """
    if limit < 4:
        raise ValueError("limit must be at least 4")
    return shorten(repr(value), limit=limit, split=split, separator=separator)

"""The console: input line by line, streams, tracebacks, completion."""

from __future__ import annotations

import asyncio
import io
import sys
import types
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from pyodide import console as module
from pyodide.console import Console, ConsoleFuture, PyodideConsole, repr_shorten, shorten

from .fakes import FakeJsProxy

INCOMPLETE_INPUT = "_IncompleteInputError" if sys.version_info >= (3, 13) else "SyntaxError"


@pytest.fixture(autouse=True)
def _last_error() -> Iterator[None]:
    """Formatting an error sets `sys.last_*`, which keeps frames alive."""
    yield
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        sys.__dict__.pop(name, None)


def in_loop(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(main())


async def outcome(console: Console, *lines: str) -> ConsoleFuture:
    """Push lines and wait for the last one."""
    for line in lines:
        future = console.push(line)
    await asyncio.wait([future])
    return future


async def error_text(console: Console, *lines: str) -> str:
    """Push lines of which the last one fails; return the text of the error."""
    future = await outcome(console, *lines)
    assert future.exception() is not None
    assert future.formatted_error is not None
    return future.formatted_error


def test_values() -> None:
    async def main() -> None:
        console = Console()
        for line, value in [
            ("x = 5", None),
            ("x", 5),
            ("x;", None),
            ("x  # comment", 5),
            ("", None),
        ]:
            future = console.push(line)
            assert future.syntax_check == "complete"
            assert await future == value
        assert console.globals["x"] == 5
        assert console.globals["__name__"] == "__console__"

    in_loop(main)


def test_blocks() -> None:
    async def main() -> None:
        console = Console({})
        checks = [console.push(line) for line in ("def f():", "    return 1", "")]
        assert [future.syntax_check for future in checks] == [
            "incomplete",
            "incomplete",
            "complete",
        ]
        assert checks[0].done()
        assert checks[0].result() is None
        await checks[-1]
        assert console.buffer == []
        assert await console.push("f()") == 1
        for lines in (
            ["x = [", "1]"],
            ["s = '''a", "b'''"],
            ["@print", "def g(): pass", ""],
        ):
            *first, last = (console.push(line) for line in lines)
            assert {future.syntax_check for future in first} == {"incomplete"}
            assert last.syntax_check == "complete"
            await last
        assert console.globals["s"] == "a\nb"

    in_loop(main)


def test_input_ends_in_an_operator() -> None:
    async def main() -> None:
        console = Console()
        future = console.push("1 +")
        assert future.syntax_check == "syntax-error"
        assert isinstance(future.exception(), SyntaxError)
        assert future.formatted_error == (
            f'  File "<console>", line 1\n    1 +\n      ^\n{INCOMPLETE_INPUT}: incomplete input\n'
        )
        assert console.buffer == []
        assert await console.push("1") == 1

    in_loop(main)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a b", "SyntaxError: invalid syntax\n"),
        ("return 1", "SyntaxError: 'return' outside function\n"),
        ("x = )", "SyntaxError: unmatched ')'\n"),
        ("x = 1\ny = 2", "multiple statements"),
    ],
)
def test_syntax_errors(source: str, message: str) -> None:
    async def main() -> None:
        future = Console().push(source)
        assert future.syntax_check == "syntax-error"
        assert future.exception() is sys.last_value
        assert future.formatted_error is not None
        assert "Traceback" not in future.formatted_error
        assert message in future.formatted_error

    in_loop(main)


def test_traceback_is_exact() -> None:
    async def main() -> None:
        assert await error_text(Console(), "raise Exception('hi')") == (
            "Traceback (most recent call last):\n"
            '  File "<console>", line 1, in <module>\n'
            "Exception: hi\n"
        )

    in_loop(main)


def test_traceback_starts_at_the_console() -> None:
    async def main() -> None:
        console = Console(filename="<mine>")
        text = await error_text(console, "def f(): g()", "", "import json; json.loads('{')")
        lines = text.splitlines()
        assert lines[1] == '  File "<mine>", line 1, in <module>'
        assert "json" in lines[2]
        assert lines[-1].startswith("json.decoder.JSONDecodeError")

    in_loop(main)


def test_traceback_of_code_after_await() -> None:
    async def main() -> None:
        scope: dict[str, Any] = {"sleep": asyncio.sleep}
        text = await error_text(Console(scope), "await sleep(0); 1 / 0")
        assert text.splitlines()[1:2] == ['  File "<console>", line 1, in <module>']
        assert text.endswith("ZeroDivisionError: division by zero\n")

    in_loop(main)


def test_last_error_is_set() -> None:
    async def main() -> None:
        future = await outcome(Console(), "raise ValueError(1)")
        error = future.exception()
        assert (sys.last_type, sys.last_value) == (ValueError, error)
        assert error is not None
        assert sys.last_traceback is error.__traceback__
        assert getattr(sys, "last_exc") is error  # noqa: B009

    in_loop(main)


def test_failed_import_is_explained() -> None:
    async def main() -> None:
        missing = "winreg" if sys.platform != "win32" else "posix"
        text = await error_text(Console(), f"import {missing}")
        assert "removed from the Python standard library" in text

    in_loop(main)


@pytest.mark.skipif(sys.version_info < (3, 13), reason="tracebacks have colours from 3.13 on")
def test_colours() -> None:
    async def main() -> None:
        assert "\x1b[" in await error_text(Console(colorize=True), "1 / 0")
        assert "\x1b[" not in await error_text(Console(), "1 / 0")

    in_loop(main)


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt"])
def test_exits_reach_the_caller_of_push_only(name: str) -> None:
    async def main() -> None:
        future = await outcome(Console(), f"raise {name}(2)")
        assert type(future.exception()).__name__ == name

    in_loop(main)


def test_await_and_order() -> None:
    async def main() -> None:
        console = Console({"sleep": asyncio.sleep, "seen": []})
        futures = [
            console.push("await sleep(0.01); seen.append(1)"),
            console.push("seen.append(2)"),
            console.push("await sleep(0, 'result')"),
            console.push("len(seen)"),
        ]
        assert not futures[0].done()
        assert await asyncio.gather(*futures) == [None, None, "result", 2]
        assert console.globals["seen"] == [1, 2]

    in_loop(main)


def test_cancelling_the_future_cancels_the_code() -> None:
    async def main() -> None:
        console = Console({"sleep": asyncio.sleep})
        future = console.push("await sleep(60)")
        await asyncio.sleep(0)
        future.cancel()
        assert await console.push("1") == 1

    in_loop(main)


def test_cancelled_code_cancels_the_future() -> None:
    async def main() -> None:
        future = await outcome(Console({"asyncio": asyncio}), "raise asyncio.CancelledError")
        assert future.cancelled()

    in_loop(main)


def test_future_imports_persist() -> None:
    async def main() -> None:
        console = Console()
        await outcome(console, "from __future__ import annotations")
        await outcome(console, "def f(x: nowhere): pass", "")
        assert (await console.push("f.__annotations__")) == {"x": "nowhere"}
        assert await error_text(Console(), "def f(x: nowhere): pass", "")

    in_loop(main)


def test_streams_during_the_run_only() -> None:
    async def main() -> None:
        out: list[str] = []
        err: list[str] = []
        asked: list[int] = []

        def stdin(count: int) -> str:
            asked.append(count)
            return "typed\n"

        console = Console(
            {"sys": sys},
            stdin_callback=stdin,
            stdout_callback=out.append,
            stderr_callback=err.append,
        )
        before = (sys.stdin, sys.stdout, sys.stderr)
        await outcome(console, "print('out', file=sys.stdout); print('err', file=sys.stderr)")
        assert ("".join(out), "".join(err)) == ("out\n", "err\n")
        assert await console.push("input()") == "typed"
        assert asked == [-1]
        assert await console.push("sys.stdout.isatty(), sys.stdout.name, sys.stdin.encoding") == (
            True,
            "<stdout>",
            "utf-8",
        )
        await outcome(console, "raise KeyError")
        assert (sys.stdin, sys.stdout, sys.stderr) == before

    in_loop(main)


def test_persistent_streams() -> None:
    async def main() -> None:
        out: list[str] = []
        before = sys.stdout
        console = Console(stdout_callback=out.append, persistent_stream_redirection=True)
        try:
            replaced = sys.stdout
            assert replaced is not before
            print("outside")
            await outcome(console, "print('inside')")
            assert sys.stdout is replaced
            console.persistent_redirect_streams()
        finally:
            console.persistent_restore_streams()
        assert sys.stdout is before
        assert "".join(out) == "outside\ninside\n"
        console.persistent_restore_streams()
        with console.redirect_streams():
            inner = sys.stdout
            with console.redirect_streams():
                assert sys.stdout is inner
            assert sys.stdout is inner
        assert sys.stdout is before

    in_loop(main)


def test_output_stream() -> None:
    stream = module._OutputStream(lambda text: 2 if len(text) > 3 else None, "<x>")
    assert [stream.write("abc"), stream.write("abcdef")] == [3, 2]
    assert stream.writable()
    assert not stream.readable()
    assert (stream.encoding, stream.errors) == ("utf-8", "strict")
    not_text: Any = b"bytes"
    with pytest.raises(TypeError):
        stream.write(not_text)
    stream.close()
    with pytest.raises(ValueError, match="closed"):
        stream.write("x")


def test_input_stream() -> None:
    pieces = iter(["ab", "cd\nef", "\n", "last", ""])
    stream = module._InputStream(lambda count: next(pieces), "<x>")
    assert stream.read(3) == "abc"
    assert stream.readline(1) == "d"
    assert stream.readline() == "\n"
    assert stream.readline() == "ef\n"
    assert stream.read() == "last"
    assert stream.readable()
    assert not stream.writable()
    again = module._InputStream(lambda count: "", "<x>")
    assert (again.read(5), again.read(), again.readline(), again.read(0)) == ("", "", "", "")
    assert list(module._InputStream(io.StringIO("a\nb").read, "<x>")) == ["a\n", "b"]
    stream.close()
    with pytest.raises(ValueError, match="closed"):
        stream.read()


def test_completion() -> None:
    async def main() -> None:
        class Tricky:
            @property
            def failing(self) -> int:
                raise RuntimeError

        console = Console({"variable": 1, "tricky": Tricky()})
        assert console.complete("a = 5 ; str.isa") == (
            ["str.isalnum(", "str.isalpha(", "str.isascii("],
            8,
        )
        assert console.complete("varia") == (["variable"], 0)
        console.completer_word_break_characters += "_"
        assert console.complete("a_varia") == (["variable"], 2)
        assert console.complete("print(varia") == (["variable"], 6)
        assert console.complete("whil") == (["while "], 0)
        assert "tricky.failing" in console.complete("tricky.f")[0]
        for text in ("", "x = ", "nowhere.x", "nothing_like_this"):
            assert console.complete(text)[0] == []

    in_loop(main)


def test_completion_reads_no_attribute_of_javascript() -> None:
    async def main() -> None:
        class Careful(FakeJsProxy):
            def __getattr__(self, name: str) -> Any:
                if name == "inner":
                    return super().__getattr__(name)
                raise AssertionError(f"read {name}")

        inner = Careful(getter=1, other=2, _private=3)
        holder = types.SimpleNamespace(js=Careful(inner=inner, getter_2=1))
        console = Console({"js": holder.js, "holder": holder})
        assert console.complete("js.ge") == (["js.getter_2"], 0)
        assert console.complete("holder.js.inner.ge") == (["holder.js.inner.getter"], 0)
        assert console.complete("js.inner._pri") == (["js.inner._private"], 0)
        assert "js.inner._private" not in console.complete("js.inner.")[0]
        assert console.complete("js.missing.x")[0] == []

    in_loop(main)


@pytest.fixture
def loaded_sources(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    sources: list[str] = []

    async def load(source: str) -> None:
        await asyncio.sleep(0)
        sources.append(source)

    fake: Any = types.SimpleNamespace(loadPackagesFromImports=load)
    monkeypatch.setitem(sys.modules, "pyodide_js", fake)
    return iter([sources])


def test_pyodide_console_loads_packages(loaded_sources: Iterator[list[str]]) -> None:
    (sources,) = loaded_sources

    async def main() -> None:
        console = PyodideConsole({"sources": sources})
        assert await console.push("import json; len(sources)") == 1
        assert sources == ["import json; len(sources)"]

    in_loop(main)


def test_banner() -> None:
    first, second = module.BANNER.split("\n")
    version = ".".join(map(str, sys.version_info[:3]))
    assert first.startswith(f"Python {version}")
    assert first.endswith(" on WebAssembly/Emscripten")
    assert "help" in second


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("abcdefg", {"limit": 5}, "ab...fg"),
        ("abcdefg", {"limit": 7}, "abcdefg"),
        ("abcdefg", {"limit": 5, "split": 1}, "a...g"),
        ("abcdefg", {"limit": 5, "split": 0}, "..."),
        ("abcdefg", {"limit": 5, "split": 100}, "abc...efg"),
        ("abcdefg", {"limit": 4, "separator": "~"}, "ab~fg"),
        ("x" * 1000, {}, "x" * 1000),
        ("x" * 1001, {}, "x" * 500 + "..." + "x" * 500),
    ],
)
def test_shorten(text: str, arguments: dict[str, Any], expected: str) -> None:
    assert shorten(text, **arguments) == expected


def test_repr_shorten() -> None:
    assert repr_shorten("abcdefg", limit=6) == "'ab...fg'"
    assert repr_shorten([1]) == "[1]"


def test_shorten_limits() -> None:
    with pytest.raises(ValueError, match="limit"):
        shorten("abc", limit=1)
    with pytest.raises(ValueError, match="limit"):
        repr_shorten("abc", limit=3)

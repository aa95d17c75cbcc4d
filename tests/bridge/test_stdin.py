"""setStdin: every form of handler, the end of input, wrong values, and terminals."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import JsError, PyError
from harness.runtime import Runtime

pytestmark = pytest.mark.usefixtures("default_streams")

BYTES = "const B = (s) => new TextEncoder().encode(s);"


def feed(rt: Runtime, values: str, options: str = "") -> None:
    """Let `stdin` return the values of a JavaScript array one after the other, then undefined."""
    rt.js(
        f"{BYTES} const values = globalThis.values = {values}; globalThis.calls = 0;"
        f"pyodide.setStdin({{ stdin() {{ calls++; return values.shift(); }}, {options} }});"
    )


def reads(rt: Runtime, count: int, size: int = 6) -> Any:
    """What `os.read(0, size)` gives, as text, `count` times; the errno of what fails."""
    return rt.py(
        """
        import os
        got = []
        for _ in range(count):
            try: got.append(os.read(0, size).decode())
            except OSError as e: got.append(e.errno)
        got
        """,
        count=count,
        size=size,
    )


@pytest.mark.spec("13.8/1", "7.3/3")
def test_strings(rt: Runtime) -> None:
    """Strings get their newline; input() gets each, and read() one with the end of input after it."""
    feed(rt, '["first", "second\\n", "", "third", null, "fourth"]')
    assert rt.py("[input(), input(), input()]") == ["first", "second", ""]
    assert rt.py("import sys\n[sys.stdin.read(), sys.stdin.read(), sys.stdin.read()]") == [
        "third\n",
        "fourth\n",
        "",
    ]


@pytest.mark.spec("13.8/2")
def test_read_crosses_strings(rt: Runtime) -> None:
    """read(n) goes on in the next string, stops at null, and goes on after it at the next read."""
    feed(rt, '["abc", "defg", null, "hi"]')
    got = rt.py("import sys\n[sys.stdin.read(n) for n in (2, 4, 100, 1, 100, 100)]")
    assert got == ["ab", "c\nde", "fg\n", "h", "i\n", ""]


@pytest.mark.spec("13.8/3", "7.3/2", "7.3/3")
def test_bytes(rt: Runtime) -> None:
    """With autoEOF reads split at pieces, without it they are filled across pieces until null."""
    pieces = (
        '[B("ab"), B("cd\\n").buffer, new DataView(B("e").buffer), B("0123456789"), null, B("f")]'
    )
    feed(rt, pieces)
    assert reads(rt, 9) == ["ab", "", "cd\n", "e", "", "012345", "6789", "", ""]
    assert reads(rt, 3) == ["f", "", ""]
    feed(rt, pieces, "autoEOF: false")
    assert reads(rt, 7) == ["abcd\ne", "012345", "6789", "", "f", "", ""]


@pytest.mark.spec("7.3/3")
def test_numbers(rt: Runtime) -> None:
    """Numbers are single bytes; reads get them up to the end of the line, or of the buffer."""
    feed(rt, "[104, 105, 10, 33, null, 34, null]")
    assert reads(rt, 5) == ["hi\n", "!", "", '"', ""]
    feed(rt, "[...B('0123456789\\n'), 33, null]")
    assert reads(rt, 4) == ["012345", "6789\n", "!", ""]
    feed(rt, "[104, 105, 10, 33, null, 34, null]", "autoEOF: false")
    assert reads(rt, 4) == ["hi\n!", "", '"', ""]


def test_endless_numbers(rt: Runtime) -> None:
    """A handler that never ends a line gives reads of the size that was asked for."""
    rt.js("pyodide.setStdin({ stdin: () => 65 });")
    assert reads(rt, 2) == ["AAAAAA", "AAAAAA"]
    rt.js("pyodide.setStdin({ stdin: () => 65, autoEOF: false });")
    assert reads(rt, 2) == ["AAAAAA", "AAAAAA"]


@pytest.mark.spec("13.8/4")
@pytest.mark.parametrize("value", ["undefined", "null", "new Uint8Array(0)"])
def test_end_of_input(rt: Runtime, value: str) -> None:
    """undefined, null and nothing are the end of input: EOFError from input(), again and again."""
    rt.js(f"pyodide.setStdin({{ stdin: () => {value} }});")
    for _ in range(2):
        with pytest.raises(PyError, match="EOFError"):
            rt.py("input()")
    assert rt.py("import sys\nsys.stdin.read()") == ""


@pytest.mark.spec("7.3/3")
@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("true", "boolean"),
        ("{}", "object"),
        ("[65]", "object"),
        ("256", "256"),
        ("-1", "-1"),
        ("1.5", "1.5"),
        ("1n", "bigint"),
        ("new Uint16Array(2)", "items of 2 bytes"),
        ("Promise.resolve('x')", "object"),
        ("() => 'x'", "function"),
    ],
)
def test_wrong_values(rt: Runtime, value: str, word: str) -> None:
    """Other values are a warning and EIO, and the next value is read."""
    rt.js(
        "globalThis.warned = []; globalThis.warn = console.warn; console.warn = (x) => warned.push(x);"
    )
    feed(rt, f"[{value}, 'fine']")
    assert reads(rt, 2) == [29, "fine\n"]
    warned = rt.expr("(console.warn = warn, warned)")
    assert len(warned) == 1
    assert "stdin returned" in warned[0]
    assert word in warned[0]


@pytest.mark.spec("7.3/4")
def test_read(rt: Runtime) -> None:
    """`read` fills a buffer of the size that is asked for and returns how much."""
    rt.js(
        f"""{BYTES}
        globalThis.sizes = [];
        const data = [B("abc"), B("de\\n"), B("")];
        pyodide.setStdin({{ read(buffer) {{
            sizes.push([buffer.constructor.name, buffer.length]);
            const piece = data.shift(); buffer.set(piece); return piece.length;
        }} }});"""
    )
    assert reads(rt, 3, 7) == ["abc", "de\n", ""]
    assert rt.expr("sizes") == [["Uint8Array", 7]] * 3


def test_read_may_keep_its_buffer(rt: Runtime) -> None:
    """The buffer is the handler's: what it writes later changes nothing, and memory may grow meanwhile."""
    rt.js(
        """
        globalThis.kept = [];
        const { wasmExports: { malloc, free }, wasmMemory } = pyodide._module;
        pyodide.setStdin({ read(buffer) {
            kept.push(buffer); buffer.fill(66);
            if (kept.length === 2) free(malloc(wasmMemory.buffer.byteLength));
            return 3;
        } });"""
    )
    rt.py("import os\nfirst = os.read(0, 3)\nsecond = os.read(0, 3)")
    rt.js("for (const buffer of kept) buffer.fill(67);")
    assert rt.py("[first, second]") == [b"BBB", b"BBB"]


@pytest.mark.spec("13.8/5", "7.3/8")
@pytest.mark.parametrize("value", ["undefined", "-1", "7", "NaN", "'3'", "1.5"])
def test_read_returns_nonsense(rt: Runtime, value: str) -> None:
    """Anything but a number of bytes is a warning and errno 29."""
    rt.js(
        "globalThis.warned = []; globalThis.warn = console.warn; console.warn = (x) => warned.push(x);"
        f"pyodide.setStdin({{ read: () => ({value}) }});"
    )
    assert reads(rt, 1) == [29]
    warned = rt.expr("(console.warn = warn, warned)")
    assert len(warned) == 1
    said = "a value of type string" if value.startswith("'") else value
    assert f"read returned {said};" in warned[0]
    assert "a correct implementation must return a number" in warned[0]


@pytest.mark.spec("7.3/4")
def test_error(rt: Runtime) -> None:
    """With `error: true` every read fails with EIO and nothing is logged."""
    rt.js(
        "globalThis.logged = []; globalThis.error = console.error; console.error = (x) => logged.push(x); pyodide.setStdin({ error: true });"
    )
    assert reads(rt, 2) == [29, 29]
    assert rt.expr("(console.error = error, logged)") == []
    with pytest.raises(PyError, match=r"OSError: \[Errno 29\] I/O error"):
        rt.py("input()")


@pytest.mark.spec("7.3/2")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("{ stdin() {}, read() {} }", ["at most one", "stdin and read"]),
        ("{ read() {}, error: true }", ["at most one", "read and error"]),
        ("{ autoEOF: true }", ["autoEOF", "stdin"]),
        ("{ read() {}, autoEOF: false }", ["autoEOF", "stdin"]),
        ("{ stdin: 5 }", ["stdin", "function"]),
        ("{ stdin() {}, isatty: 1 }", ["isatty", "boolean"]),
        ("{ error: 'x' }", ["error", "boolean"]),
        ("{ fsync: 1 }", ["fsync", "function"]),
        ("null", ["object"]),
        ("5", ["object"]),
    ],
)
def test_wrong_options(rt: Runtime, options: str, words: list[str]) -> None:
    """Wrong options are a TypeError that names them, and the old handler stays."""
    feed(rt, "['still here']")
    with pytest.raises(JsError) as caught:
        rt.js(f"pyodide.setStdin({options});")
    assert caught.value.name == "TypeError"
    assert caught.value.message.startswith("setStdin")
    for word in words:
        assert word in caught.value.message
    assert rt.py("input()") == "still here"


def test_python_function_as_handler(rt: Runtime) -> None:
    """A Python function can't be one, for Python has let go of its lock; the message says what to do."""
    with pytest.raises(JsError) as caught:
        rt.js(
            "const f = pyodide.runPython('lambda: 1'); try { pyodide.setStdin({ stdin: f }); } finally { f.destroy(); }"
        )
    assert caught.value.name == "TypeError"
    assert "sys.stdin" in caught.value.message


def test_no_handler_and_options_that_are_off(rt: Runtime) -> None:
    """Nothing, undefined and `error: false` mean the default: here the process's input, which is empty."""
    for options in ("", "undefined", "{}", "{ error: false, stdin: undefined, read: null }"):
        rt.js(f"pyodide.setStdin({options});")
        assert reads(rt, 1) == [""]


@pytest.mark.spec("7.3/7")
def test_methods_of_the_options(rt: Runtime) -> None:
    """Handlers are methods: `this` is the object of the options, and they may be inherited."""
    rt.js(
        """
        class Lines {
          count = 0;
          get isatty() { return true; }
          stdin() { return `line ${++this.count}`; }
          fsync() { this.synced = true; }
        }
        globalThis.lines = new Lines();
        pyodide.setStdin(lines);
        """
    )
    assert rt.py("[input(), input()]") == ["line 1", "line 2"]
    rt.py("import os\nos.fsync(0)")
    assert rt.expr("[lines.count, lines.synced]") == [2, True]
    assert rt.py("os.isatty(0)") is True


@pytest.mark.spec("7.3/9")
def test_isatty_follows_at_once(rt: Runtime) -> None:
    """os.isatty and sys.stdin.isatty say what the handler says, of copies of the descriptor too."""
    asked = "import os, sys\n[os.isatty(0), sys.stdin.isatty(), os.isatty(copy)]"
    rt.py("import os\ncopy = os.dup(0)")
    for isatty in (False, True, False):
        rt.js("pyodide.setStdin({ stdin: () => 'x', isatty });", isatty=isatty)
        assert rt.py(asked) == [isatty] * 3
    rt.js("pyodide.setStdin();")
    assert rt.py(asked) == [False] * 3
    rt.py("os.close(copy)")


@pytest.mark.spec("7.3/9", "7.2/18")
def test_effect_at_once(rt: Runtime) -> None:
    """A new handler serves the next read of sys.stdin, of copies and of files opened by name."""
    rt.py("import os, sys\ncopy = os.dup(0)\nnamed = os.open('/dev/stdin', os.O_RDONLY)")
    for text in ("one", "two"):
        feed(rt, f"['{text}', '{text}', '{text}']")
        got = rt.py("[input(), os.read(copy, 9).decode(), os.read(named, 9).decode()]")
        assert got == [text, f"{text}\n", f"{text}\n"]
    rt.py("os.close(copy); os.close(named)")


def test_input_that_python_holds_is_not_lost(rt: Runtime) -> None:
    """What sys.stdin has read but not given out comes before what the new handler says."""
    feed(rt, "['old line']")
    assert rt.py("import sys\nsys.stdin.read(4)") == "old "
    feed(rt, "['new line']")
    assert rt.py("[input(), input()]") == ["line", "new line"]


def test_descriptor_0_comes_back(rt: Runtime) -> None:
    """Where Python has put a file, or nothing, behind descriptor 0, setStdin puts its device back."""
    rt.py("import os\nf = os.open('/dev/null', os.O_RDONLY)\nos.dup2(f, 0)\nos.close(f)")
    feed(rt, "['here']")
    assert reads(rt, 1) == ["here\n"]
    rt.py("os.close(0)")
    feed(rt, "['again']")
    assert reads(rt, 1) == ["again\n"]


def test_terminal(rt: Runtime) -> None:
    """/dev/tty is there while input is a terminal, and is where input comes from and output goes to."""
    with pytest.raises(PyError, match="Errno 60"):
        rt.py("open('/dev/tty')")
    before = rt.py("import os\nos.listdir('/proc/self/fd')")
    with pytest.raises(PyError, match="Errno 60"):
        rt.py("open('/dev/tty')")
    assert rt.py("os.listdir('/proc/self/fd')") == before
    rt.js(
        """
        globalThis.shown = [];
        pyodide.setStdin({ stdin: () => "secret", isatty: true });
        pyodide.setStdout({ batched: (line) => shown.push(line) });
        """
    )
    got = rt.py(
        """
        with open("/dev/tty") as f: got = [f.isatty(), f.readline()]
        with open("/dev/tty", "w") as f: f.write("to the screen\\n")
        got
        """
    )
    assert got == [True, "secret\n"]
    assert rt.expr("shown") == ["to the screen"]


def test_binary_and_big_reads(rt: Runtime) -> None:
    """A megabyte in one value arrives whole, and so do all 256 bytes."""
    feed(rt, "[Uint8Array.from({ length: 1 << 20 }, (_, i) => i)]")
    assert rt.py("import sys\nsys.stdin.buffer.read() == bytes(range(256)) * (1 << 12)") is True

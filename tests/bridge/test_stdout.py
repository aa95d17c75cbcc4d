"""setStdout and setStderr: every form of handler, order of data across changes, copies of descriptors."""

from __future__ import annotations

import pytest

from harness.errors import JsError, PyError
from harness.runtime import Runtime

pytestmark = pytest.mark.usefixtures("default_streams")

LINES = "globalThis.lines = []; pyodide.setStdout({ batched: (line) => lines.push(line) });"


@pytest.mark.spec("13.8/8", "7.3/6")
def test_batched(rt: Runtime) -> None:
    """Lines come without their newline, the rest of the last one with fsync; NUL bytes are dropped."""
    rt.js(LINES)
    rt.py("print('a\\nb', end='', flush=True)")
    assert rt.expr("lines") == ["a"]
    rt.py("import os\nos.fsync(1)")
    assert rt.expr("lines") == ["a", "b"]
    rt.py("print('\\0nul\\0\\n\\n\u00e9\U0001f600\\r')")
    assert rt.expr("lines.slice(2)") == ["nul", "", "\u00e9\U0001f600\r"]


@pytest.mark.spec("13.8/9", "7.3/6")
def test_raw(rt: Runtime) -> None:
    """Every byte, newlines and NULs included."""
    rt.js("globalThis.bytes = []; pyodide.setStdout({ raw: (byte) => bytes.push(byte) });")
    rt.py("print('a\\0\u00e9')")
    assert rt.expr("bytes") == [97, 0, 0xC3, 0xA9, 10]


@pytest.mark.spec("7.3/6")
def test_write(rt: Runtime) -> None:
    """Whole buffers, which the handler may keep; what it does not take is offered again."""
    rt.js(
        """
        globalThis.taken = [];
        pyodide.setStdout({ write(bytes) { taken.push(bytes); return Math.min(4, bytes.length); } });
        """
    )
    rt.py("print('0123456789', flush=True)")
    texts = "taken.map((b) => [b.constructor.name, new TextDecoder().decode(b)])"
    assert rt.expr(texts) == [
        ["Uint8Array", "0123456789\n"],
        ["Uint8Array", "456789\n"],
        ["Uint8Array", "89\n"],
    ]
    assert rt.py("import os\nos.write(1, b'abcdefg')") == 4


def test_stderr_is_another_stream(rt: Runtime) -> None:
    """setStderr has the same forms and touches standard error only."""
    rt.js(LINES + "globalThis.errors = []; pyodide.setStderr({ batched: (x) => errors.push(x) });")
    rt.py("import sys\nprint('out')\nprint('err', file=sys.stderr)")
    assert rt.expr("[lines, errors]") == [["out"], ["err"]]
    rt.js("pyodide.setStderr({ raw: (byte) => errors.push(byte), isatty: true });")
    rt.py("sys.stderr.write('e\\n')")
    assert rt.py("[sys.stdout.isatty(), sys.stderr.isatty()]") == [False, True]
    assert rt.expr("errors") == ["err", 101, 10]


@pytest.mark.spec("7.3/6", "13.8/10")
@pytest.mark.parametrize("name", ["setStdout", "setStderr"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("{ batched() {}, raw() {} }", ["at most one", "batched and raw"]),
        ("{ raw() {}, write() {} }", ["at most one", "raw and write"]),
        ("{ batched() {}, isatty: true }", ["isatty", "raw", "write"]),
        ("{ isatty: true }", ["isatty"]),
        ("{ batched: 5 }", ["batched", "function"]),
        ("{ raw() {}, isatty: 'yes' }", ["isatty", "boolean"]),
        ("null", ["object"]),
        ("'x'", ["object"]),
    ],
)
def test_wrong_options(rt: Runtime, name: str, options: str, words: list[str]) -> None:
    """Wrong options are a TypeError that names function and option; the old handler stays."""
    rt.js(LINES + "pyodide.setStderr({ batched: (line) => lines.push(line) });")
    with pytest.raises(JsError) as caught:
        rt.js(f"pyodide.{name}({options});")
    assert caught.value.name == "TypeError"
    for word in [name, *words]:
        assert word in caught.value.message
    rt.py("import sys\nprint(1)\nprint(2, file=sys.stderr)")
    assert rt.expr("lines") == ["1", "2"]


@pytest.mark.spec("7.3/7")
def test_methods_of_the_options(rt: Runtime) -> None:
    """Handlers are methods of the options; fsync is called for os.fsync, and when the handler goes."""
    rt.js(
        """
        class Sink {
          text = ""; syncs = 0;
          write(bytes) { this.text += new TextDecoder().decode(bytes); return bytes.length; }
          fsync() { this.syncs++; }
        }
        globalThis.sink = new Sink();
        pyodide.setStdout(sink);
        """
    )
    rt.py("import os\nprint('x')\nos.fsync(1)")
    assert rt.expr("[sink.text, sink.syncs]") == ["x\n", 1]
    rt.js("pyodide.setStdout();")
    assert rt.expr("sink.syncs") == 2


@pytest.mark.spec("7.3/9")
def test_what_was_written_before_a_change_goes_to_the_old_handler(rt: Runtime) -> None:
    """Neither what Python holds back nor an unfinished line changes sides."""
    rt.js(LINES)
    rt.py("print('for the old', end='')")
    rt.js("globalThis.more = []; pyodide.setStdout({ batched: (line) => more.push(line) });")
    rt.py("print('for the new')")
    assert rt.expr("[lines, more]") == [["for the old"], ["for the new"]]


@pytest.mark.spec("13.8/11", "7.3/9", "7.2/18")
def test_copies_of_descriptors(rt: Runtime) -> None:
    """Copies by os.dup, files opened by name and descriptor 1 itself all see the handler of the moment."""
    rt.js(LINES)
    rt.py(
        """
        import os
        copy = os.dup(1)
        named = os.open("/dev/stdout", os.O_WRONLY)
        def everywhere(text):
            for fd in (1, copy, named): os.write(fd, text + b"%d\\n" % fd)
        everywhere(b"a")
        """
    )
    rt.js("globalThis.more = []; pyodide.setStdout({ batched: (line) => more.push(line) });")
    rt.py("everywhere(b'b')\nos.close(copy)\nos.close(named)")
    old, new = rt.expr("[lines, more]")
    assert [line[0] for line in old] == ["a"] * 3
    assert [line[0] for line in new] == ["b"] * 3
    rt.py("os.write(1, b'still open\\n')")
    assert rt.expr("more.at(-1)") == "still open"


@pytest.mark.spec("13.8/11")
def test_redirection_over_a_file(rt: Runtime) -> None:
    """dup2 of a file over descriptor 1 and back: each byte lands where descriptor 1 pointed."""
    rt.js(LINES)
    got = rt.py(
        """
        import os, tempfile
        print("before")
        with tempfile.TemporaryFile() as f:
            saved = os.dup(1)
            os.dup2(f.fileno(), 1)
            print("into the file", flush=True)
            isatty = os.isatty(1)
            os.dup2(saved, 1)
            os.close(saved)
            print("after")
            f.seek(0)
            text = f.read()
        [text, isatty]
        """
    )
    assert got == [b"into the file\n", False]
    assert rt.expr("lines") == ["before", "after"]


@pytest.mark.spec("13.8/11")
def test_change_during_a_redirection(rt: Runtime) -> None:
    """setStdout takes descriptor 1 back from a file; the copy that was saved reaches the new handler too."""
    rt.js(LINES)
    rt.py(
        """
        import os, tempfile
        f = tempfile.TemporaryFile()
        saved = os.dup(1)
        os.dup2(f.fileno(), 1)
        print("into the file")
        """
    )
    rt.js("globalThis.more = []; pyodide.setStdout({ batched: (line) => more.push(line) });")
    rt.py("print('shown')\nos.write(saved, b'by the copy\\n')\nos.close(saved)\nf.seek(0)")
    assert rt.py("text = f.read()\nf.close()\ntext") == b"into the file\n"
    assert rt.expr("[lines, more]") == [[], ["shown", "by the copy"]]


@pytest.mark.spec("13.8/11")
def test_pipe_over_stdout(rt: Runtime) -> None:
    """A pipe over descriptor 1 gets what is printed, and its copies are ends of the same pipe."""
    rt.js(LINES)
    got = rt.py(
        """
        import os
        end, start = os.pipe()
        saved, copy = os.dup(1), os.dup(start)
        os.dup2(start, 1)
        print("in the pipe", flush=True)
        os.write(copy, b"by its copy")
        got = os.read(end, 100)
        os.dup2(saved, 1)
        for fd in (end, start, saved, copy): os.close(fd)
        print("after")
        got
        """
    )
    assert got == b"in the pipe\nby its copy"
    assert rt.expr("lines") == ["after"]


def test_descriptors_do_not_leak(rt: Runtime) -> None:
    """Changing handlers, also from a closed or redirected descriptor, opens no further files."""
    rt.py("import os\ndef files(): return sorted(os.listdir('/proc/self/fd'))\nbefore = files()")
    for spoil in (
        "pass",
        "os.close(1)",
        "os.close(2)",
        "n = os.open('/dev/null', 1); os.dup2(n, 1); os.close(n)",
    ):
        rt.py(spoil)
        rt.js(
            "pyodide.setStdout({ batched() {} }); pyodide.setStderr({ raw() {} }); pyodide.setStdin({ error: true });"
        )
        assert rt.py("files() == before") is True
        rt.py("import sys\nprint('works')\nprint('works', file=sys.stderr)")


def test_python_function_as_handler(rt: Runtime) -> None:
    """A Python function can't be one, for Python has let go of its lock; the message says what to do."""
    with pytest.raises(PyError) as caught:
        rt.py(
            "import pyodide_js\nfrom pyodide.ffi import to_js\npyodide_js.setStdout(batched=lambda line: None)"
        )
    assert "sys.stdout" in str(caught.value)


def test_handler_that_calls_python(rt: Runtime) -> None:
    """JavaScript that calls Python from a handler gets NoGilError; let through, it is EIO, and Python goes on."""
    rt.js(
        """
        globalThis.logged = []; globalThis.error = console.error; console.error = (x) => logged.push(String(x));
        globalThis.f = pyodide.runPython("len");
        pyodide.setStdout({ write(bytes) { f("x"); return bytes.length; } });
        """
    )
    with pytest.raises(PyError, match=r"Errno 29"):
        rt.py("import os\nos.write(1, b'x')")
    logged = rt.expr("(console.error = error, f.destroy(), pyodide.setStdout(), logged)")
    assert logged[0] == "Error thrown in write:"
    assert "NoGilError" in logged[1]


def test_handler_that_changes_the_handler(rt: Runtime) -> None:
    """A handler may put another one in its place."""
    rt.js(
        """
        globalThis.seen = [];
        pyodide.setStdout({ batched(line) {
            seen.push(["first", line]);
            pyodide.setStdout({ batched: (next) => seen.push(["second", next]) });
        } });
        """
    )
    rt.py("print('a')\nprint('b')")
    assert rt.expr("seen") == [["first", "a"], ["second", "b"]]


def test_through_the_file_system(rt: Runtime) -> None:
    """JavaScript writes to the same devices: errors are FS.ErrnoError there."""
    rt.js(LINES)
    rt.js("pyodide.FS.writeFile('/dev/stdout', 'from JavaScript\\n');")
    assert rt.expr("lines") == ["from JavaScript"]
    got = rt.js(
        """
        pyodide.setStdout({ write() { throw { code: "EPIPE" }; } });
        try { pyodide.FS.writeFile("/dev/stdout", "x"); } catch (e) {
          return [e instanceof pyodide.FS.ErrnoError, e.errno === pyodide.ERRNO_CODES.EPIPE];
        }
        """
    )
    assert got == [True, True]


def test_write_to_stdin_and_read_from_stdout(rt: Runtime) -> None:
    """Devices of one direction refuse the other one with EBADF."""
    rt.py(
        "import os\nin_ = os.open('/dev/stdin', os.O_WRONLY)\nout = os.open('/dev/stdout', os.O_RDONLY)"
    )
    for code in ("os.write(in_, b'x')", "os.read(out, 1)"):
        with pytest.raises(PyError, match="Errno 8"):
            rt.py(code)
    rt.py("os.close(in_)\nos.close(out)")

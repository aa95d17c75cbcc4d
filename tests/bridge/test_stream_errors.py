"""Handlers of streams that fail: what Python sees, what is kept, and that the runtime goes on."""

from __future__ import annotations

import pytest

from harness.errors import PyError
from harness.runtime import Runtime

pytestmark = pytest.mark.usefixtures("default_streams")

# Calls `js.step()` for each operation of a handler; notes what is written to the console's error log.
SET_UP = """
    globalThis.logged = [];
    const error = console.error;
    console.error = (x) => logged.push(x);
    globalThis.restoreConsole = () => { console.error = error; };
    pyodide.setStdin({ read(buffer) { step(); buffer[0] = 65; return 1; } });
    pyodide.setStdout({ write(bytes) { step(); return bytes.length; }, fsync() { step(); } });
"""
OPERATIONS = {
    "read": "os.read(0, 1)",
    "write": "os.write(1, b'x')",
    "fsync": "os.fsync(1)",
}


def failing(rt: Runtime, step: str) -> list[object]:
    """What each operation does when `step` is the body of its handler: its result, or errno and class of its error."""
    rt.js(SET_UP)
    rt.js(f"globalThis.step = () => {{ {step} }};")
    rt.py("import os\ngot = []")
    for operation in OPERATIONS.values():
        rt.py(
            f"try: got.append({operation})\nexcept OSError as e: got.append((e.errno, type(e).__name__))"
        )
    rt.js("restoreConsole(); globalThis.step = () => {};")
    # The handlers work again.
    assert rt.py("[os.read(0, 1), os.write(1, b'x'), os.fsync(1)]") == [b"A", 1, None]
    return list(rt.py("got"))


@pytest.mark.spec("7.3/8")
@pytest.mark.parametrize(
    ("code", "number", "name"),
    [
        ("EPIPE", 64, "BrokenPipeError"),
        ("ENOSPC", 51, "OSError"),
        ("EACCES", 2, "PermissionError"),
        ("EIO", 29, "OSError"),
    ],
)
def test_codes(rt: Runtime, code: str, number: int, name: str) -> None:
    """An error whose `code` is the name of an errno is that OSError, and nothing is logged."""
    for thrown in (f"Object.assign(new Error('x'), {{ code: '{code}' }})", f"{{ code: '{code}' }}"):
        assert failing(rt, f"throw {thrown};") == [(number, name)] * 3
        assert rt.expr("logged") == []


@pytest.mark.spec("7.3/8")
def test_errno_errors(rt: Runtime) -> None:
    """FS.ErrnoError passes as it is, that of another file system too."""
    rt.js("globalThis.FileSystem = pyodide.FS;")
    assert failing(rt, "throw new FileSystem.ErrnoError(51);") == [(51, "OSError")] * 3
    assert (
        failing(rt, "throw { name: 'ErrnoError', errno: 44 };") == [(44, "FileNotFoundError")] * 3
    )
    assert rt.expr("logged") == []


HOSTILE = [
    "new Error('boom')",
    "'text'",
    "undefined",
    "null",
    "5",
    "Symbol('s')",
    "{ code: 'ENOTHING' }",
    "{ code: 'toString' }",
    "{ name: 'ErrnoError' }",
    "Object.create(null)",
    "new Proxy({}, { get() { throw new Error('in the trap'); } })",
    "(() => { const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy; })()",
    "Object.freeze(new Error('frozen'))",
    "new DOMException('x', 'AbortError')",
]


@pytest.mark.spec("7.3/8")
@pytest.mark.parametrize("thrown", HOSTILE)
def test_anything_else(rt: Runtime, thrown: str) -> None:
    """Whatever else is thrown is logged and is EIO, never fatal."""
    assert failing(rt, f"throw {thrown};") == [(29, "OSError")] * 3
    messages = rt.js(
        "return logged.filter((x) => typeof x === 'string' && x.startsWith('Error thrown in'));"
    )
    assert messages == [f"Error thrown in {name}:" for name in OPERATIONS]
    assert rt.expr("logged.length") == 6


def test_infinite_recursion(rt: Runtime) -> None:
    """A handler that exhausts JavaScript's stack is EIO."""
    assert failing(rt, "(function f() { f(); })();") == [(29, "OSError")] * 3


@pytest.mark.spec("13.8/7", "7.3/8")
def test_eagain_is_retried(rt: Runtime) -> None:
    """A handler that throws EAGAIN twice and then works is not noticed."""
    rt.js("globalThis.FileSystem = pyodide.FS; globalThis.tries = 0;")
    step = (
        "if (tries++ % 3 < 2) throw tries % 2 ? { code: 'EAGAIN' } : new FileSystem.ErrnoError(6);"
    )
    assert failing(rt, step) == [b"A", 1, None]
    assert rt.expr("tries") == 9


@pytest.mark.spec("13.8/7")
def test_eagain_in_the_middle(rt: Runtime) -> None:
    """What `stdin` has returned before it throws EAGAIN, and bytes that `raw` has taken, count once."""
    rt.js(
        """
        const again = () => { throw { code: "EAGAIN" }; };
        const steps = ["one", again, "two", null];
        pyodide.setStdin({ autoEOF: false, stdin() { const s = steps.shift(); return typeof s === "function" ? s() : s; } });
        globalThis.bytes = [];
        let n = 0;
        pyodide.setStdout({ raw(byte) { if (n++ === 2) again(); bytes.push(byte); } });
        """
    )
    assert rt.py("import sys\nsys.stdin.read()") == "one\ntwo\n"
    rt.py("print('abc')")
    assert rt.js("return String.fromCharCode(...bytes);") == "abc\n"


def test_eagain_on_a_descriptor_that_must_not_wait(rt: Runtime) -> None:
    """With O_NONBLOCK, EAGAIN reaches Python as BlockingIOError."""
    rt.js("pyodide.setStdin({ read() { throw { code: 'EAGAIN' }; } });")
    got = rt.py(
        """
        import os
        fd = os.open("/dev/stdin", os.O_RDONLY | os.O_NONBLOCK)
        try: os.read(fd, 1)
        except BlockingIOError as e: got = e.errno
        os.close(fd)
        got
        """
    )
    assert got == 6


def test_lines_that_a_handler_refuses_are_offered_again(rt: Runtime) -> None:
    """Each line is delivered once, in order, although the handler fails now and then."""
    rt.js(
        """
        globalThis.lines = [];
        let calls = 0;
        pyodide.setStdout({ batched(line) { if (++calls % 2) throw { code: "ENOSPC" }; lines.push(line); } });
        """
    )
    rt.py(
        """
        import sys
        failures = 0
        def attempt(action):
            global failures
            try: action()
            except OSError as e:
                assert e.errno == 51
                failures += 1
        attempt(lambda: sys.stdout.write("a\\nb\\nc\\n"))
        while True:
            before = failures
            attempt(sys.stdout.flush)
            if failures == before: break
        """
    )
    assert rt.expr("lines") == ["a", "b", "c"]
    assert rt.py("failures") >= 1


@pytest.mark.spec("13.8/5", "7.3/8")
@pytest.mark.parametrize("value", ["undefined", "0", "-1", "99", "NaN", "'1'"])
def test_write_returns_nonsense(rt: Runtime, value: str) -> None:
    """Anything but a number of bytes, which is at least one, is a warning and errno 29."""
    rt.js(
        "globalThis.warned = []; globalThis.warn = console.warn; console.warn = (x) => warned.push(x);"
        f"pyodide.setStdout({{ write: () => ({value}) }});"
    )
    with pytest.raises(PyError, match="Errno 29"):
        rt.py("import os\nos.write(1, b'abc')")
    warned = rt.expr("(console.warn = warn, warned)")
    assert len(warned) == 1
    said = "a value of type string" if value.startswith("'") else value
    assert f"write returned {said};" in warned[0]
    assert "a correct implementation must return a number" in warned[0]


def test_print_raises_and_works_again(rt: Runtime) -> None:
    """print raises the handler's error; after another handler is set it works, and what was held comes first."""
    rt.js(
        "globalThis.log = console.error; console.error = () => {}; pyodide.setStdout({ write() { throw new Error('no'); } });"
    )
    with pytest.raises(PyError, match="Errno 29"):
        rt.py("print('first')")
    rt.js(
        "globalThis.lines = []; pyodide.setStdout({ batched: (line) => lines.push(line) }); console.error = log;"
    )
    rt.py("print('second')")
    assert rt.expr("lines") == ["first", "second"]


def test_a_failing_close(rt: Runtime) -> None:
    """A handler whose fsync fails makes os.close of a copy fail; the copy is closed all the same."""
    rt.js("pyodide.setStdout({ raw() {}, fsync() { throw { code: 'ENOSPC' }; } });")
    rt.py("import os\nfd = os.dup(1)")
    with pytest.raises(PyError, match="Errno 51"):
        rt.py("os.close(fd)")
    with pytest.raises(PyError, match="Errno 8"):
        rt.py("os.close(fd)")
    rt.js(
        "const log = console.error; console.error = () => {}; pyodide.setStdout(); console.error = log;"
    )


# An interrupt that comes while a handler runs.
INTERRUPTED = """
    const buffer = globalThis.signal = new Int32Array(new SharedArrayBuffer(4));
    pyodide.setInterruptBuffer(buffer);
    pyodide.setStdin({ stdin() { buffer[0] = 2; pyodide.checkInterrupt(); return "never"; } });
    pyodide.setStdout({ write(bytes) { buffer[0] = 2; pyodide.checkInterrupt(); return bytes.length; } });
"""


@pytest.mark.spec("13.8/6", "5.4/2", "7.3/8")
@pytest.mark.parametrize("code", ["input()", "print('x')", "os.read(0, 5)", "os.write(1, b'x')"])
def test_check_interrupt_in_a_handler(rt: Runtime, code: str) -> None:
    """checkInterrupt in a handler is a KeyboardInterrupt in Python, and the buffer is 0 again."""
    rt.js(INTERRUPTED)
    rt.py("import os")
    try:
        with pytest.raises(PyError, match="KeyboardInterrupt"):
            rt.py(code)
        assert rt.expr("signal[0]") == 0
    finally:
        rt.js(
            "pyodide.setInterruptBuffer(undefined); pyodide.setStdin({ stdin: () => 'after' }); pyodide.setStdout({ raw() {} });"
        )
    assert rt.py("input()") == "after"


def test_interrupt_while_a_handler_is_not_ready(rt: Runtime) -> None:
    """A handler that is never ready can be interrupted; a signal with a handler of its own lets the wait go on."""
    rt.js(
        """
        const buffer = globalThis.signal = new Int32Array(new SharedArrayBuffer(4));
        pyodide.setInterruptBuffer(buffer);
        globalThis.tries = 0;
        pyodide.setStdin({ read() { tries++; buffer[0] = tries < 3 ? 10 : 2; throw { code: "EAGAIN" }; } });
        """
    )
    rt.py("import signal\nseen = []\nold = signal.signal(10, lambda n, frame: seen.append(n))")
    try:
        with pytest.raises(PyError, match="KeyboardInterrupt"):
            rt.py("input()")
    finally:
        rt.js("pyodide.setInterruptBuffer(undefined);")
        rt.py("signal.signal(10, old)")
    assert rt.expr("[tries, signal[0]]") == [3, 0]
    assert rt.py("seen") == [10, 10]

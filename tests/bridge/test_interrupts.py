"""setInterruptBuffer and checkInterrupt: signals that come from outside while Python runs."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

WITH_BUFFER = """
    const buffer = new Uint8Array(new SharedArrayBuffer(1));
    pyodide.setInterruptBuffer(buffer);
    globalThis.put = (n) => { buffer[0] = n; };
    try { BODY } finally { pyodide.setInterruptBuffer(undefined); delete globalThis.put; }
"""


def with_buffer(rt: Runtime, body: str) -> object:
    """Run JavaScript with an interrupt buffer, into which Python puts with js.put()."""
    return rt.js(WITH_BUFFER.replace("BODY", body))


LOOP = """
    import js
    def loop():
        global reached
        for reached in range(10000):
            if reached == 2000: js.put(2)
"""


@pytest.mark.spec("13.10/8", "5.4/1")
def test_tight_loop(rt: Runtime) -> None:
    """A 2 in the buffer is a KeyboardInterrupt soon afterwards, and is taken out."""
    rt.py(LOOP)
    got = with_buffer(
        rt,
        "const e = h.thrown(() => pyodide.globals.get('loop')()); return [e.name, e.type, e.message.trim().split('\\n').at(-1), pyodide.globals.get('reached'), buffer[0]];",
    )
    assert isinstance(got, list)
    assert got[:3] == ["PythonError", "KeyboardInterrupt", "KeyboardInterrupt"]
    assert 2000 <= got[3] < 2500
    assert got[4] == 0


@pytest.mark.spec("5.4/1", "7.2/16")
@pytest.mark.parametrize("array", ["Int8Array", "Uint8Array", "Int32Array", "Float64Array"])
def test_kinds_of_buffers(rt: Runtime, array: str) -> None:
    """Any typed array will do, shared or not; other things are a TypeError, undefined and null switch off."""
    rt.py(LOOP.replace("js.put(2)", "js.buffer[0] = 2"))
    got = rt.js(
        """
        const buffer = globalThis.buffer = new globalThis[array](1);
        const loop = pyodide.globals.get("loop");
        const r = [];
        for (const off of [undefined, null]) {
          pyodide.setInterruptBuffer(buffer);
          r.push(h.thrown(loop).type, buffer[0]);
          pyodide.setInterruptBuffer(off);
          loop();
          r.push(buffer[0], pyodide.globals.get("reached"));
          buffer[0] = 0;
        }
        const wrong = [5, "x", {}, [2], new ArrayBuffer(1), new DataView(new ArrayBuffer(1))].map((x) => h.thrown(() => pyodide.setInterruptBuffer(x)).name);
        return [...r, [...new Set(wrong)]];
        """,
        array=array,
    )
    assert got == [*["KeyboardInterrupt", 0, 2, 9999] * 2, ["TypeError"]]


@pytest.mark.spec("13.10/9")
def test_nothing_to_check(rt: Runtime) -> None:
    """checkInterrupt without a buffer, or with 0 in it, does nothing."""
    assert with_buffer(rt, "return [pyodide.checkInterrupt(), buffer[0]];") == [None, 0]
    assert rt.js("return [pyodide.checkInterrupt()];") == [None]


@pytest.mark.spec("13.10/10", "5.4/2")
def test_check_in_javascript_called_from_python(rt: Runtime) -> None:
    """checkInterrupt throws there, Python sees KeyboardInterrupt, and neither side goes on."""
    rt.py(
        """
        import js
        log = []
        def work():
            try: js.slow()
            except Exception: log.append("Exception")
            except BaseException as e: log.append(type(e).__name__); raise
            log.append("after")
        """
    )
    got = with_buffer(
        rt,
        """
        const seen = [];
        globalThis.slow = () => { buffer[0] = 2; seen.push("before"); pyodide.checkInterrupt(); seen.push("after"); };
        const e = h.thrown(() => pyodide.globals.get("work")());
        const direct = (() => { buffer[0] = 2; return h.thrown(() => pyodide.checkInterrupt()).type; })();
        return [e.type, seen, buffer[0], direct];
        """,
    )
    assert got == ["KeyboardInterrupt", ["before"], 0, "KeyboardInterrupt"]
    assert rt.py("log") == ["KeyboardInterrupt"]


@pytest.mark.spec("13.10/11", "5.4/1")
def test_custom_handlers(rt: Runtime) -> None:
    """Handlers installed with signal.signal run for SIGINT and other numbers; nothing is raised unless they raise."""
    rt.py(
        """
        import js, signal
        log = []
        old = signal.signal(signal.SIGINT, lambda number, frame: log.append(number))
        signal.signal(signal.SIGUSR1, lambda number, frame: log.append(number))
        def raising(number, frame): raise LookupError(number)
        signal.signal(signal.SIGUSR2, raising)
        def loop():
            for _ in range(1000): pass
            return "done"
        """
    )
    got = with_buffer(
        rt,
        """
        const loop = pyodide.globals.get("loop");
        const r = [];
        for (const n of [2, 10]) {
          put(n); r.push(loop(), buffer[0]);
          put(n); r.push(pyodide.checkInterrupt(), buffer[0]);
        }
        put(12); r.push(h.thrown(loop).type);
        put(12); r.push(h.thrown(() => pyodide.checkInterrupt()).type);
        // Signals without a handler, and numbers that are none.
        for (const n of [17, 64, 200]) { put(n); r.push(loop()); }
        return r;
        """,
    )
    rt.py(
        "signal.signal(signal.SIGINT, old)\nfor n in (signal.SIGUSR1, signal.SIGUSR2): signal.signal(n, signal.SIG_DFL)"
    )
    assert got == [*["done", 0, None, 0] * 2, "LookupError", "LookupError", *["done"] * 3]
    assert rt.py("log") == [2, 2, 10, 10]
    assert rt.py("signal.getsignal(signal.SIGINT) is signal.default_int_handler") is True


@pytest.mark.spec("13.10/12", "5.4/2")
def test_without_the_lock(rt: Runtime) -> None:
    """In an operation of the file system checkInterrupt throws EINTR and leaves the 2, for Python to raise it itself."""
    rt.py(
        """
        import os
        def write():
            fd = os.open("/dev/interrupted", os.O_WRONLY)
            try: os.write(fd, b"x")
            finally: os.close(fd)
        """
    )
    got = with_buffer(
        rt,
        """
        const { FS, ERRNO_CODES } = pyodide;
        const seen = [];
        const device = FS.makedev(91, 1);
        FS.registerDevice(device, { write(stream, bytes, offset, length) {
          try { pyodide.checkInterrupt(); seen.push("nothing"); } catch (e) { seen.push([e instanceof FS.ErrnoError, e.name, e.errno === ERRNO_CODES.EINTR, buffer[0]]); throw e; }
          return length;
        } });
        FS.mkdev("/dev/interrupted", 0o666, device);
        const write = pyodide.globals.get("write");
        write();
        buffer[0] = 2;
        const e = h.thrown(write);
        buffer[0] = 0;
        write();
        FS.unlink("/dev/interrupted");
        return [seen, e.type];
        """,
    )
    assert got == [["nothing", [True, "ErrnoError", True, 2], "nothing"], "KeyboardInterrupt"]


def test_interrupt_while_an_error_is_described(rt: Runtime) -> None:
    """A signal that comes while an exception leaves Python does not take its place; it comes afterwards."""
    rt.py(
        "import js\nclass E(Exception):\n    def __str__(self):\n        js.put(2)\n        for _ in range(1000): pass\n        return 'text'\ndef fail(): raise E\ndef loop():\n    for _ in range(1000): pass"
    )
    got = with_buffer(
        rt,
        "const e = h.thrown(pyodide.globals.get('fail')); const later = h.thrown(pyodide.globals.get('loop')); return [e.type, e.message.trim().split('\\n').at(-1), later.type];",
    )
    assert got == ["E", "E: text", "KeyboardInterrupt"]

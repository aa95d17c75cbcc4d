"""Interrupts from another thread (node:worker_threads) while Python is busy, sleeps or waits for input."""

from __future__ import annotations

import json
import subprocess
import textwrap
import threading
from pathlib import Path

import pytest

from harness.runtime import Runtime, dist_dir

# Runs Python code that calls js.ready(), after which another thread puts a signal into the buffer. Returns
# the result or the class of the error, and what is left in the buffer.
BODY = """
    const { Worker } = await import("node:worker_threads");
    const program = `
      const { workerData: { flags, number } } = require("node:worker_threads");
      Atomics.wait(flags, 1, 0);
      Atomics.store(flags, 0, number);
    `;
    const buffer = new globalThis[array](new SharedArrayBuffer(16));
    const flags = new Int32Array(buffer.buffer);
    const worker = new Worker(program, { eval: true, workerData: { flags, number } });
    globalThis.ready = () => { Atomics.store(flags, 1, 1); Atomics.notify(flags, 1); };
    pyodide.setInterruptBuffer(buffer);
    try {
        return [pyodide.runPython(code), buffer[0]];
    } catch (error) {
        return [error.type, buffer[0]];
    } finally {
        pyodide.setInterruptBuffer(undefined);
        await worker.terminate();
    }
"""


def signalled(rt: Runtime, code: str, array: str = "Int32Array", number: int = 2) -> object:
    """How Python code ends when a signal comes from another thread after js.ready()."""
    return rt.js(BODY, code=textwrap.dedent(code), array=array, number=number)


def interrupted(rt: Runtime, code: str, array: str = "Int32Array") -> object:
    """How Python code ends that would never end by itself."""
    return signalled(rt, f"import js\njs.ready()\n{code}", array)


@pytest.mark.spec("5.4/1")
@pytest.mark.parametrize("array", ["Int32Array", "Uint8Array"])
def test_busy_loop(rt: Runtime, array: str) -> None:
    """A loop without end is interrupted; afterwards Python works."""
    assert interrupted(rt, "while True: pass", array) == ["KeyboardInterrupt", 0]
    assert rt.py("1 + 1") == 2


@pytest.mark.spec("5.4/1")
@pytest.mark.parametrize("array", ["Int32Array", "Uint8Array"])
def test_sleep(rt: Runtime, array: str) -> None:
    """A sleep is interrupted, whether its thread is woken or looks by itself."""
    assert interrupted(rt, "import time\ntime.sleep(1e6)", array) == ["KeyboardInterrupt", 0]


@pytest.mark.usefixtures("default_streams")
@pytest.mark.spec("5.4/2")
def test_input_of_a_handler_that_is_not_ready(rt: Runtime) -> None:
    """input() is interrupted while its handler says EAGAIN."""
    rt.js("pyodide.setStdin({ read() { throw { code: 'EAGAIN' }; } });")
    assert interrupted(rt, "input()") == ["KeyboardInterrupt", 0]


@pytest.mark.usefixtures("default_streams")
@pytest.mark.spec("5.4/2")
def test_output_of_a_handler_that_is_not_ready(rt: Runtime) -> None:
    """print is interrupted while its handler says EAGAIN; what it did not take is written later."""
    rt.js(
        "globalThis.go = false; globalThis.taken = []; pyodide.setStdout({ batched(line) { if (!go) throw { code: 'EAGAIN' }; taken.push(line); } });"
    )
    assert interrupted(rt, "print('held')") == ["KeyboardInterrupt", 0]
    rt.js("globalThis.go = true;")
    rt.py("print('more')")
    assert rt.expr("taken") == ["held", "more"]


@pytest.mark.usefixtures("default_streams")
@pytest.mark.spec("5.4/2")
def test_blocking_handler(rt: Runtime) -> None:
    """A handler that blocks in Atomics.wait and looks for interrupts itself."""
    rt.js(
        """
        const cell = new Int32Array(new SharedArrayBuffer(4));
        pyodide.setStdin({ stdin() {
            for (;;) { Atomics.wait(cell, 0, 0, 1); pyodide.checkInterrupt(); }
        } });
        """
    )
    assert interrupted(rt, "input()") == ["KeyboardInterrupt", 0]


def test_sleep_goes_on_after_a_handled_signal(rt: Runtime) -> None:
    """A signal whose Python handler returns does not shorten a sleep."""
    code = """
        import js, signal, time
        seen = []
        old = signal.signal(10, lambda number, frame: seen.append(number))
        start = time.monotonic()
        js.ready()
        while not seen: time.sleep(0.2)
        took = time.monotonic() - start
        signal.signal(10, old)
        took >= 0.2
    """
    assert signalled(rt, code, number=10) == [True, 0]


# Programs of their own, whose input is a pipe that nobody writes to, or a terminal.
PROGRAM = """
    import { loadPyodide } from %(loader)s;
    import { Worker } from "node:worker_threads";
    const pyodide = await loadPyodide();
    const buffer = new Int32Array(new SharedArrayBuffer(8));
    pyodide.setInterruptBuffer(buffer);
    const program = `
      const { workerData } = require("node:worker_threads");
      Atomics.wait(workerData, 1, 0);
      Atomics.store(workerData, 0, 2);
    `;
    const worker = new Worker(program, { eval: true, workerData: buffer });
    globalThis.ready = () => { Atomics.store(buffer, 1, 1); Atomics.notify(buffer, 1); };
    const types = [];
    try { pyodide.runPython("import js\\njs.ready()\\ninput()"); } catch (error) { types.push(error.type); }
    console.log(JSON.stringify(types));
    console.log(JSON.stringify([pyodide.runPython("input()"), pyodide.runPython("input()")]));
    process.exit(0);
"""


def test_default_input(tmp_path: Path) -> None:
    """input() from an idle pipe is interrupted, and what comes through the pipe later is read."""
    program = tmp_path / "program.mjs"
    loader = json.dumps((dist_dir() / "pyodide.mjs").as_uri())
    program.write_text(PROGRAM % {"loader": loader})
    with subprocess.Popen(
        ["node", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        patience = threading.Timer(60, process.kill)
        patience.start()
        try:
            assert json.loads(process.stdout.readline()) == ["KeyboardInterrupt"]
            process.stdin.write("first\nsecond\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == ["first", "second"]
            assert process.wait() == 0
        finally:
            patience.cancel()
            process.kill()

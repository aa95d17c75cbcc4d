"""Interrupts from a page to Python in a Web Worker, through a SharedArrayBuffer, and streams in pages."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import Browser

INTERRUPT = """
    const [code, array, stdin] = args;
    const worker = new Worker("interruptible.mjs", { type: "module" });
    const buffer = new globalThis[array](new SharedArrayBuffer(8));
    const answer = await new Promise((resolve, reject) => {
        worker.onerror = (event) => reject(new Error(event.message ?? "the worker could not be loaded"));
        worker.onmessage = ({ data }) => {
            if (data === "ready") buffer[0] = 2;
            else resolve(data);
        };
        worker.postMessage({ code, buffer, stdin });
    });
    worker.terminate();
    return answer;
"""


def interrupted(browser: Browser, code: str, array: str = "Int32Array", stdin: str = "") -> Any:
    """How Python code ends that never ends by itself, when the page interrupts it."""
    browser.open("/isolated/pages/empty.html")
    return browser.run(INTERRUPT, "import js, time\njs.ready()\n" + code, array, stdin)


@pytest.mark.spec("5.4/1")
@pytest.mark.parametrize("array", ["Int32Array", "Uint8Array"])
def test_busy_loop(browser: Browser, array: str) -> None:
    """A loop without end."""
    assert interrupted(browser, "while True: pass", array) == ["KeyboardInterrupt", 0]


@pytest.mark.spec("5.4/1")
def test_sleep(browser: Browser) -> None:
    """A sleep of days."""
    assert interrupted(browser, "time.sleep(1e6)") == ["KeyboardInterrupt", 0]


@pytest.mark.spec("5.4/2")
def test_input(browser: Browser) -> None:
    """input() that waits for a handler which is not ready."""
    assert interrupted(browser, "input()", stdin="waits") == ["KeyboardInterrupt", 0]


def test_sleep_on_the_main_thread(browser: Browser) -> None:
    """A page's thread can't sleep, so it waits busily; its own handlers interrupt it."""
    browser.start("/plain/pages/module.html")
    got = browser.run(
        """
        const buffer = new Int32Array(1);
        pyodide.setInterruptBuffer(buffer);
        pyodide.runPython("import time; time.sleep(0.01)");
        buffer[0] = 2;
        try { pyodide.runPython("time.sleep(1e6)"); } catch (e) { return [e.type, buffer[0]]; }
        """
    )
    assert got == ["KeyboardInterrupt", 0]


@pytest.mark.spec("7.3/2")
def test_default_streams_of_a_page(browser: Browser) -> None:
    """Output goes to the console by lines, input is asked for with prompt, which shows the unfinished line."""
    browser.start("/plain/pages/module.html")
    got = browser.run(
        """
        const asked = [], lines = [];
        const real = [globalThis.prompt, console.log, console.warn];
        globalThis.prompt = (question) => { asked.push(question); return asked.length === 1 ? "Ada" : null; };
        console.log = (line) => lines.push(["log", line]);
        console.warn = (line) => lines.push(["warn", line]);
        try {
            pyodide.runPython(`
                import sys
                print("hello")
                name = input("Name? ")
                print(name)
                print("error", file=sys.stderr)
                try: input()
                except EOFError: print("end")
            `);
        } finally {
            [globalThis.prompt, console.log, console.warn] = real;
        }
        return [asked, lines];
        """
    )
    assert got == [
        ["Name? ", ""],
        [["log", "hello"], ["log", "Name? Ada"], ["warn", "error"], ["log", "end"]],
    ]


def test_handlers_in_a_page(browser: Browser) -> None:
    """setStdin and setStdout work in a page as they do in Node, and go back to the default."""
    browser.start("/plain/pages/module.html")
    got = browser.run(
        """
        const lines = [];
        pyodide.setStdin({ stdin: () => "typed" });
        pyodide.setStdout({ batched: (line) => lines.push(line) });
        pyodide.runPython("print('got', input())");
        pyodide.setStdin(); pyodide.setStdout();
        return lines;
        """
    )
    assert got == ["got typed"]

"""`dist/python` on a terminal: the prompt, edited lines, Ctrl-C and Ctrl-D."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from terminal import Terminal

Start = Callable[..., Terminal]

CONTROL_C, CONTROL_D = "\x03", "\x04"
UP, LEFT = "\x1b[A", "\x1b[D"


@pytest.fixture
def start(program: Path, tmp_path: Path) -> Iterator[Start]:
    """Start the program on a terminal."""
    made: list[Terminal] = []

    def make(*args: str) -> Terminal:
        made.append(Terminal(program, *args, cwd=tmp_path))
        return made[-1]

    yield make
    for terminal in made:
        terminal.close()


def test_prompt(start: Start) -> None:
    terminal = start()
    terminal.wait_for(r"Python 3\.13\.5 .* on emscripten")
    terminal.wait_for_prompt()
    terminal.type("6 * 7\n")
    terminal.wait_for(r"\n42")
    terminal.wait_for_prompt()
    terminal.type("def f():\n")
    terminal.wait_for_prompt("... ")
    terminal.type("    return 'called'\n")
    terminal.wait_for_prompt("... ")
    terminal.type("\n")
    terminal.wait_for_prompt()
    terminal.type("f()\n")
    terminal.wait_for("'called'")
    terminal.wait_for_prompt()
    terminal.type("1 / 0\n")
    terminal.wait_for("ZeroDivisionError: division by zero")
    terminal.wait_for_prompt()
    terminal.type(CONTROL_D)
    assert terminal.status() == 0


def test_quiet_prompt_without_environment(start: Start) -> None:
    terminal = start("-q", "-I")
    terminal.wait_for_prompt()
    terminal.type("import sys; sys.exit(5)\n")
    assert terminal.status() == 5


def test_edited_line_and_history(start: Start) -> None:
    terminal = start("-q")
    terminal.wait_for_prompt()
    terminal.type("print('ac')")
    terminal.wait_for(r"print\('ac'\)")
    for key in (LEFT, LEFT, LEFT, "b"):
        terminal.type(key)
        terminal.wait_for(r"b" if key == "b" else r"\x1b\[1D")
    terminal.type("\n")
    terminal.wait_for(r"\nabc\r")
    terminal.wait_for_prompt()
    terminal.type(UP)
    terminal.type("\n")
    terminal.wait_for(r"\nabc\r")
    terminal.wait_for_prompt()


def test_pasted_lines(start: Start) -> None:
    terminal = start("-q")
    terminal.wait_for_prompt()
    terminal.type("x = 20\nx + 1\nx + 2\n")
    terminal.wait_for("21\r\n")
    terminal.wait_for("22")
    terminal.wait_for_prompt()


def test_interrupt_of_a_busy_loop(start: Start) -> None:
    terminal = start("-q")
    terminal.wait_for_prompt()
    terminal.type("while True: n = print('running') if 'n' not in vars() else None\n\n")
    # Whether the second Enter shows depends on who reads it: the editor, or the terminal before it.
    terminal.wait_for(r"\.\.\. (\r+\n)?running\r\n")
    terminal.type(CONTROL_C)
    terminal.wait_for("KeyboardInterrupt")
    terminal.wait_for_prompt()
    terminal.type("'still here'\n")
    terminal.wait_for("\n'still here'")


def test_interrupt_of_an_edited_line(start: Start) -> None:
    terminal = start("-q")
    terminal.wait_for_prompt()
    terminal.type("half a li")
    terminal.type(CONTROL_C)
    terminal.wait_for("KeyboardInterrupt")
    terminal.wait_for_prompt()
    terminal.type("'next'\n")
    terminal.wait_for("\n'next'")


@pytest.mark.parametrize(
    "wait", ["time.sleep(1000)", "input('prompt ')", "asyncio.run(asyncio.sleep(1000))"]
)
def test_interrupt_of_a_wait(start: Start, wait: str) -> None:
    code = (
        f"import asyncio, time\ntry: print('waits', flush=True); {wait}\n"
        "except KeyboardInterrupt: print('caught'); raise"
    )
    terminal = start("-c", code)
    terminal.wait_for("waits\r\n")
    if "input" in wait:
        terminal.wait_for_prompt("prompt ")
    terminal.type(CONTROL_C)
    terminal.wait_for("caught")
    terminal.wait_for("KeyboardInterrupt")
    assert terminal.status() == -signal.SIGINT


def test_handler_of_a_signal(start: Start) -> None:
    code = "import signal, time\nsignal.signal(signal.SIGINT, lambda *a: print('handled', flush=True))\nprint('ready', flush=True)\ntime.sleep(1000) if not input('? ') else print('no')"
    terminal = start("-c", code)
    terminal.wait_for(r"ready\r\n")
    terminal.wait_for_prompt("? ")
    terminal.type(CONTROL_C)
    terminal.wait_for("handled")


def test_input_with_a_prompt(start: Start) -> None:
    terminal = start("-c", "print('got', input('name? '))")
    terminal.wait_for_prompt("name? ")
    terminal.type("Ada\n")
    terminal.wait_for("got Ada")
    assert terminal.status() == 0


def test_size_and_kind_of_the_terminal(start: Start) -> None:
    terminal = start(
        "-c",
        "import os, sys; print(os.get_terminal_size(), [f.isatty() for f in (sys.stdin, sys.stdout, sys.stderr)])",
    )
    terminal.wait_for(r"os\.terminal_size\(columns=100, lines=30\) \[True, True, True\]")


def test_prompt_after_a_script(start: Start, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("value = 'from the script'\n1/0\n")
    terminal = start("-i", "script.py")
    terminal.wait_for("ZeroDivisionError.*")
    terminal.wait_for_prompt()
    terminal.type("value\n")
    terminal.wait_for("'from the script'")

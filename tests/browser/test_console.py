"""`console.html`: typing, blocks, history, pasting, completion, coloured errors, values as what they are."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from browsing import Browser, Chromium
from selenium.webdriver.common.keys import Keys

PAGE = "/console/dist/console.html"  # under the policy that the page promises to live with
WAIT = 30.0


class Console:
    """The page's terminal, as a user sees and types it."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def restart(self) -> None:
        """Load the page anew and wait for its first prompt."""
        self.browser.open(PAGE)
        deadline = time.monotonic() + WAIT
        while not self.browser.run("return typeof terminal !== 'undefined'"):
            assert time.monotonic() < deadline, self.browser.console()
            time.sleep(0.05)
        self.wait_for(lambda lines: bool(lines) and lines[-1].strip() == ">>>", "first prompt")

    def lines(self) -> list[str]:
        """The lines of the screen and above it, without empty ones at the end."""
        script = """
            const buffer = terminal.buffer.active;
            return Array.from({ length: buffer.length }, (_, i) => buffer.getLine(i).translateToString(true));
        """
        found: list[str] = self.browser.run(script)
        while found and not found[-1].strip():
            found.pop()
        return found

    def wait_for(self, condition: Callable[[list[str]], bool], what: str) -> list[str]:
        """Wait until the lines are as wanted.

        Raises AssertionError with the screen when they never are.
        """
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            lines = self.lines()
            if condition(lines):
                return lines
            time.sleep(0.05)
        raise AssertionError(f"{what} did not appear:\n" + "\n".join(self.lines()))

    def type(self, *keys: str) -> None:
        """Press keys in the terminal."""
        self.browser.type(".xterm-helper-textarea", *keys)

    def prompts(self) -> int:
        """How many first prompts there are."""
        return len([line for line in self.lines() if line.startswith(">>>")])

    def enter(self, text: str) -> list[str]:
        """Type a line that is a whole statement and wait for the prompt after it."""
        return self.submit(text, Keys.ENTER)

    def submit(self, *keys: str) -> list[str]:
        """Press keys of which the last makes a block run, and wait for the prompt after it."""
        count = self.prompts()
        self.type(*keys)
        return self.wait_for(
            lambda lines: lines[-1].strip() == ">>>" and self.prompts() > count,
            f"a prompt after {keys!r}",
        )

    def shows(self, *block: str) -> None:
        """Wait until the last lines are these."""
        self.wait_for(
            lambda lines: tuple(line.rstrip() for line in lines[-len(block) :]) == block,
            "\n".join(block),
        )

    def paste(self, text: str) -> None:
        """Paste text as the terminal gets it from the clipboard."""
        self.browser.run("terminal.paste(args[0])", text)

    def colour(self, text: str) -> int:
        """The palette number of the first character of a text on the screen; -1 for the default colour."""
        script = """
            const buffer = terminal.buffer.active;
            for (let y = buffer.length - 1; y >= 0; y--) {
                const line = buffer.getLine(y), x = line.translateToString(true).indexOf(args[0]);
                if (x >= 0) return line.getCell(x).isFgDefault() ? -1 : line.getCell(x).getFgColor();
            }
            return -2;
        """
        found: int = self.browser.run(script, text)
        return found


def fresh(browser: Browser) -> Console:
    """A console page without history, at its first prompt."""
    browser.open(PAGE)
    browser.run("localStorage.clear()")
    made = Console(browser)
    made.restart()
    return made


@pytest.fixture
def console(chromium: Chromium) -> Console:
    """A fresh console in Chromium."""
    return fresh(chromium)


@pytest.fixture
def any_console(browser: Browser) -> Console:
    """A fresh console in each browser."""
    return fresh(browser)


def test_expressions(console: Console) -> None:
    """The value of an expression is shown, None is not; output and state are kept."""
    assert "Python 3.13" in "\n".join(console.lines())
    assert console.enter("6 * 7")[-2] == "42"
    assert console.enter("x = 'text'")[-2].startswith(">>> x =")
    assert console.enter("x")[-2] == "'text'"
    assert console.enter("print('printed', 1)")[-2] == "printed 1"
    assert console.enter("None")[-2] == ">>> None"


def test_several_lines(any_console: Console) -> None:
    """A block is one input: Enter indents, each line can be changed, and an empty last line runs it."""
    console = any_console
    console.type("def f(n):", Keys.ENTER, "m = n", Keys.ENTER, "return m * 2")
    console.shows(">>> def f(n):", "...     m = n", "...     return m * 2")
    console.type(Keys.ARROW_UP, " + 1", Keys.HOME, Keys.ARROW_UP, Keys.END, Keys.ENTER, "n += 1")
    console.shows(">>> def f(n):", "...     n += 1", "...     m = n + 1", "...     return m * 2")
    console.type(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.END, Keys.ENTER)
    console.submit(Keys.ENTER)
    assert console.enter("f(19)")[-2] == "42"
    # At the start of a line Backspace takes back its indentation, then the line.
    console.type("if f:", Keys.ENTER, Keys.BACKSPACE, Keys.BACKSPACE)
    console.type(Keys.BACKSPACE, "(1):", Keys.ENTER, "'yes'", Keys.ENTER)
    console.shows(">>> if f(1):", "...     'yes'", "...")
    assert console.submit(Keys.ENTER)[-2] == "'yes'"


def test_blocks_that_go_wrong(console: Console) -> None:
    """The lines of a traceback are those of the block; what is wrong in it is told at its end; Ctrl-C drops it."""
    console.type("a = 1")
    console.type(Keys.ALT, Keys.ENTER)
    console.type("b = a / 0", Keys.ENTER)
    lines = console.submit(Keys.ENTER)
    assert lines[-3:-1] == [
        '  File "<console>", line 2, in <module>',
        "ZeroDivisionError: division by zero",
    ]
    assert console.enter("a")[-2] == "1"
    console.type("def g():", Keys.ENTER, "a b", Keys.ENTER)
    assert console.submit(Keys.ENTER)[-2].startswith("SyntaxError: invalid syntax")
    console.type("def g():", Keys.ENTER, "pass")
    console.submit(Keys.CONTROL, "c")
    assert console.enter("g")[-2] == "NameError: name 'g' is not defined"


def test_history(any_console: Console) -> None:
    """Arrow keys bring back earlier blocks, to be edited and run again, and a new page remembers them."""
    console = any_console
    console.enter("first = 1")
    console.type("if first:", Keys.ENTER, "second = 2", Keys.ENTER)
    console.submit(Keys.ENTER)
    console.type(Keys.ARROW_UP)
    console.shows(">>> if first:", "...     second = 2")
    console.type(Keys.ARROW_UP, Keys.ARROW_UP)
    console.shows(">>> first = 1")
    console.type(Keys.ARROW_DOWN)
    console.shows(">>> if first:", "...     second = 2")
    console.type(Keys.BACKSPACE, "5", Keys.ENTER)
    console.submit(Keys.ENTER)
    assert console.enter("second")[-2] == "5"
    console.restart()
    console.type(Keys.ARROW_UP, Keys.ARROW_UP)
    console.shows(">>> if first:", "...     second = 5")


def test_paste(any_console: Console) -> None:
    """Statements of pasted text run one by one, as typed ones; a block at its end can still be edited."""
    console = any_console
    count = console.prompts()
    console.paste(
        "def f(n):\n    m = n\n\n    return m\nf(1)\nf(2)\nfor i in range(2):\n    print('i', i)\n"
    )
    console.wait_for(lambda _: console.prompts() == count + 3, "the last prompt")
    console.shows(
        *(">>> def f(n):", "...     m = n", "...", "...     return m"),
        *(">>> f(1)", "1", ">>> f(2)", "2"),
        *(">>> for i in range(2):", "...     print('i', i)", "..."),
    )
    assert console.submit(Keys.ENTER)[-3:-1] == ["i 0", "i 1"]


def test_resizing(any_console: Console) -> None:
    """A block that is edited is laid out for the new width of the page, and stays as it is."""
    console = any_console
    console.type("def f():", Keys.ENTER, f"return '{'x' * 60}'", Keys.ARROW_UP)
    block = (">>> def f():", f"...     return '{'x' * 60}'")
    console.shows(*block)
    columns = "return terminal.cols"
    width = console.browser.run("return document.getElementById('terminal').style.width")
    wide = console.browser.run(columns)
    console.browser.run("document.getElementById('terminal').style.width = '300px'")
    console.wait_for(lambda _: bool(console.browser.run(columns) < 60), "the narrow terminal")

    def wrapped(lines: list[str]) -> bool:
        start = max((i for i, line in enumerate(lines) if line == block[0]), default=len(lines))
        return "".join(lines[start + 1 :]) == block[1]

    console.wait_for(wrapped, "the wrapped line")
    console.type("  # kept")
    console.browser.run("document.getElementById('terminal').style.width = args[0]", width)
    console.wait_for(lambda _: console.browser.run(columns) == wide, "the wide terminal")
    console.shows(f"{block[0]}  # kept", block[1])
    assert len([line for line in console.lines() if line.startswith(">>> def")]) == 1
    console.type(Keys.ARROW_DOWN, Keys.END, Keys.ENTER)
    console.submit(Keys.ENTER)
    assert console.enter("len(f())")[-2] == "60"


def test_completion(console: Console) -> None:
    """Tab completes names and attributes."""
    console.enter("import collections")
    console.type("collections.Ordered", Keys.TAB)
    console.wait_for(
        lambda lines: lines[-1].startswith(">>> collections.OrderedDict"), "the completed name"
    )
    console.type(Keys.CONTROL, "c")


def test_errors_are_coloured(console: Console) -> None:
    """A traceback has Python's colours, output the default one; the prompt comes back."""
    lines = console.enter("1 / 0")
    assert lines[-2] == "ZeroDivisionError: division by zero"
    # Magenta for the type, and red for the text that Python writes to stderr.
    assert console.colour("ZeroDivisionError") == 5
    console.enter("import sys; print('to stderr', file=sys.stderr)")
    assert console.colour("to stderr") == 1
    console.enter("print('plain output')")
    assert console.colour("plain output") == -1
    console.enter("import js; js.JSON.parse('{')")
    assert "JsException: SyntaxError: " in "\n".join(console.lines())


def test_syntax_error(console: Console) -> None:
    """A syntax error points at its place and the prompt comes back."""
    lines = console.enter("a b")
    assert lines[-2].startswith("SyntaxError")


def test_document_access(console: Console) -> None:
    """The prompt has the page at hand."""
    console.enter("import js")
    console.enter("js.document.title = 'typed'")
    assert console.browser.run("return document.title") == "typed"


def test_await(console: Console) -> None:
    """Top-level await works at the prompt."""
    console.enter("import asyncio")
    assert console.enter("await asyncio.sleep(0.01, 'slept')")[-2] == "'slept'"


def test_packages_are_loaded(console: Console) -> None:
    """Importing a module of the distribution loads its package; one that it does not have is an error as ever."""
    console.enter("import six")
    assert console.enter("six.__name__")[-2] == "'six'"
    lines = console.enter("import never_heard_of")
    assert lines[-2] == "ModuleNotFoundError: No module named 'never_heard_of'"


RICH = """
class Table:
    def _repr_html_(self): return "<table id='t'><tr><td>cell</td></tr></table>"
class Picture:
    def _repr_png_(self):
        import struct, zlib
        def chunk(kind, data):
            body = kind + data
            return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
        rows = b"".join(b"\\0" + bytes([255, 0, 0] * 60) for _ in range(40))
        head = struct.pack(">IIBBBBB", 60, 40, 8, 2, 0, 0, 0)
        return b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
class Broken:
    def _repr_html_(self): raise RuntimeError("broken display")
"""


def test_rich_values(console: Console) -> None:
    """Values with an HTML or picture form and elements of the page appear as such, not as their repr."""
    console.browser.run("pyodide.runPython(args[0])", RICH)

    def shown(selector: str) -> bool:
        script = "return document.querySelector(args[0])?.offsetHeight > 0"
        return bool(console.browser.run(script, f".xterm-decoration-container {selector}"))

    lines = console.enter("Table()")
    console.wait_for(lambda _: shown("table#t td"), "the table")
    assert not any("Table object" in line for line in lines)
    console.enter("Picture()")
    console.wait_for(lambda _: shown("img[width='60'][height='40']"), "the picture")
    console.enter("import js")
    console.enter("button = js.document.createElement('button')")
    console.enter("button.textContent = 'alive'")
    console.enter("button")
    console.wait_for(lambda _: shown("button"), "the element")
    console.enter("clicks = []")
    console.enter("button.addEventListener('click', lambda event: clicks.append(event.type))")
    console.browser.run("document.querySelector('.rich button').click()")
    assert console.enter("clicks")[-2] == "['click']"
    # Room was made for what is shown: the next lines are below it.
    assert console.enter("6 * 7")[-2] == "42"
    assert console.enter("Table")[-2] == "<class '__main__.Table'>"
    assert console.enter("Broken()")[-2] == "RuntimeError: broken display"


def test_pictures_of_numpy(console: Console) -> None:
    """An array's picture is shown in its colours; the array itself stays numbers."""
    console.browser.run("await pyodide.loadPackage('numpy')")
    console.enter("import numpy as np; from pyodide.picture import Picture")
    console.enter("a = np.zeros((2, 3, 3), np.uint8); a[:, 1] = 255, 128, 0")
    console.enter("Picture(a[:, ::-1], scale=10)")
    script = """
        const image = document.querySelector(".xterm-decoration-container img");
        if (!image?.complete || !image.naturalWidth) return [];
        const canvas = new OffscreenCanvas(30, 20), context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const at = (x) => [...context.getImageData(x, 10, 1, 1).data];
        return [image.naturalWidth, image.naturalHeight, at(5), at(15), at(25)];
    """
    console.wait_for(lambda _: bool(console.browser.run(script)), "the picture")
    black = [0, 0, 0, 255]
    assert console.browser.run(script) == [30, 20, black, [255, 128, 0, 255], black]
    assert console.enter("a[0, :2]")[-3:-1] == [
        "array([[  0,   0,   0],",
        "       [255, 128,   0]], dtype=uint8)",
    ]
    lines = console.enter("Picture(a / 2)")
    assert any("(255 * a).astype('uint8')" in line for line in lines)


def test_completion_of_javascript(console: Console) -> None:
    """Tab completes attributes of JavaScript objects."""
    console.enter("import js")
    console.type("js.document.createEl", Keys.TAB)
    console.wait_for(lambda lines: "js.document.createElement" in lines[-1], "the completed name")
    console.type(Keys.CONTROL, "c")


def test_busy_loops_are_interrupted(console: Console) -> None:
    """Ctrl-C ends a loop that never waits, and the page goes on meanwhile; the prompt comes back."""
    if console.browser.run("return typeof WebAssembly.Suspending") != "function":
        pytest.skip("this Chromium has no JSPI; a version that has it runs the test")
    console.browser.run("globalThis.ticks = 0; setInterval(() => ticks++, 1);")
    console.enter("n = 0")
    console.type("while True: n += 1", Keys.ENTER, Keys.ENTER)
    before = console.browser.run("return ticks")
    deadline = time.monotonic() + WAIT
    while console.browser.run("return ticks") < before + 5:
        assert time.monotonic() < deadline, "the page stands still"
    console.type(Keys.CONTROL, "c")
    lines = console.wait_for(lambda lines: lines[-1].strip() == ">>>", "the prompt")
    assert lines[-2] == "KeyboardInterrupt"
    assert console.enter("n > 1000")[-2] == "True"
    # A statement that waits is cancelled, as before.
    console.enter("import asyncio")
    console.type("await asyncio.sleep(60)", Keys.ENTER)
    time.sleep(0.2)
    console.type(Keys.CONTROL, "c")
    console.wait_for(lambda lines: lines[-1].strip() == ">>>", "the prompt")
    assert console.enter("6 * 7")[-2] == "42"


def without_wasm(chromium: Chromium, instead: str) -> Console:
    """A console page for which the download of the interpreter is another promise."""
    source = f"""
        const real = globalThis.fetch;
        globalThis.fetch = (address, ...options) =>
            String(address?.url ?? address).endsWith(".wasm") ? {instead} : real(address, ...options);
    """
    command = "Page.addScriptToEvaluateOnNewDocument"
    script = chromium.driver.execute_cdp_cmd(command, {"source": source})
    try:
        chromium.open(PAGE)
    finally:
        chromium.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
    return Console(chromium)


def test_progress_bar(chromium: Chromium) -> None:
    """While files are on their way the page shows how much has come."""
    console = without_wasm(chromium, "new Promise(() => {})")
    pattern = re.compile(r"Loading Python [█░]{24} \d+\.\d of \d+\.\d MB")
    console.wait_for(lambda lines: any(map(pattern.fullmatch, lines)), "the bar")


def test_failing_start(chromium: Chromium) -> None:
    """A page that cannot start Python says why."""
    console = without_wasm(chromium, "Promise.reject(new TypeError('no network'))")
    lines = console.wait_for(lambda lines: "Python could not be started." in lines, "the message")
    assert "pyodide.asm.wasm" in "".join(lines)

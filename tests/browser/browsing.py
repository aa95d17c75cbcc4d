"""What the browser tests do with a browser: open pages of the local server, run JavaScript in them."""

from __future__ import annotations

import textwrap
from abc import ABC, abstractmethod
from typing import Any

from selenium import webdriver
from server import Server


def _readable(error: str) -> str:
    """The text of an error without the frames of WebAssembly, of which there are many and none has a name."""
    return "\n".join(line for line in error.splitlines() if "wasm-function" not in line)


class Browser(ABC):
    """A browser with one tab, in which the tests run."""

    name: str

    def __init__(self, server: Server) -> None:
        self.server = server

    @abstractmethod
    def go(self, address: str) -> None:
        """Show the page of an address and wait until it has loaded."""

    @abstractmethod
    def evaluate(self, body: str, args: tuple[Any, ...]) -> Any:
        """Run the body of an async function, in which `args` is what was given.

        Returns a list of its result alone, or a dict whose `error` is the text of what it throws.
        """

    @abstractmethod
    def click(self, selector: str) -> None:
        """Click an element as a user does."""

    @abstractmethod
    def type(self, selector: str, *keys: str) -> None:
        """Type text and selenium's `Keys` into an element; modifiers are held until the last key."""

    @abstractmethod
    def console(self) -> str:
        """What the page wrote to the console since the last look."""

    def open(self, path: str) -> None:
        """Show a page of the server, for example `/plain/pages/module.html`."""
        self.go(self.server.origin + path)

    def start(self, path: str) -> None:
        """Show a page and wait until its runtime has started.

        Raises AssertionError with the page's error and console when it does not start.
        """
        self.open(path)
        problem = self.run("await started; return null")
        assert problem is None, problem

    def run(self, body: str, *args: Any) -> Any:
        """Run the body of an async function in the page; its result.

        Raises AssertionError with what it throws.
        """
        answer = self.evaluate(body, args)
        assert isinstance(answer, list), f"{_readable(answer['error'])}\n{self.console()}"
        return answer[0]

    def python(self, code: str) -> Any:
        """Run Python code, which may use `await`, in the page's runtime.

        Returns the value of its last expression, containers copied by toJs.
        Raises AssertionError with the traceback of what it raises.
        """
        script = """
            const value = await pyodide.runPythonAsync(args[0]);
            if (!(value instanceof pyodide.ffi.PyProxy)) return value;
            try { return value.toJs(); } finally { value.destroy(); }
        """
        return self.run(script, textwrap.dedent(code))


class Chromium(Browser):
    """Chromium, through selenium and its driver."""

    name = "chromium"

    def __init__(self, driver: webdriver.Chrome, server: Server) -> None:
        super().__init__(server)
        self.driver = driver

    def go(self, address: str) -> None:
        """Show the page of an address and wait until it has loaded."""
        self.driver.get(address)

    def evaluate(self, body: str, args: tuple[Any, ...]) -> Any:
        """Run the body of an async function: see `Browser.evaluate`."""
        script = f"""
            const done = arguments[arguments.length - 1];
            const args = [...arguments].slice(0, -1);
            (async () => {{ {body} }})().then((value) => done([value]), (error) => done({{ error: String(error?.stack ?? error) }}));
        """
        return self.driver.execute_async_script(script, *args)

    def click(self, selector: str) -> None:
        """Click an element as a user does."""
        self.driver.find_element("css selector", selector).click()

    def type(self, selector: str, *keys: str) -> None:
        """Type into an element: see `Browser.type`."""
        self.driver.find_element("css selector", selector).send_keys(*keys)

    def console(self) -> str:
        """What the page wrote to the console since the last look."""
        return "\n".join(entry["message"] for entry in self.driver.get_log("browser"))

"""What the browser tests do with the browser: open pages of the local server, run JavaScript in them."""

from __future__ import annotations

from typing import Any

from selenium import webdriver
from server import Server


class Browser:
    """The driver, with the few things that the tests do with it."""

    def __init__(self, driver: webdriver.Chrome, server: Server) -> None:
        self.driver = driver
        self.server = server

    def open(self, path: str) -> None:
        """Show a page of the server, for example `/plain/pages/module.html`."""
        self.driver.get(self.server.origin + path)

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
        script = f"""
            const done = arguments[arguments.length - 1];
            const args = [...arguments].slice(0, -1);
            (async () => {{ {body} }})().then((value) => done([value]), (error) => done({{ error: String(error?.stack ?? error) }}));
        """
        answer = self.driver.execute_async_script(script, *args)
        assert isinstance(answer, list), f"{answer['error']}\n{self.console()}"
        return answer[0]

    def console(self) -> str:
        """What the page wrote to the console since the last look."""
        return "\n".join(entry["message"] for entry in self.driver.get_log("browser"))

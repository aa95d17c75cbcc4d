"""Firefox over WebDriver BiDi, which it speaks itself: Debian has no geckodriver, and selenium needs one."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from pathlib import Path
from typing import Any

from browsing import Browser
from selenium.webdriver.common.keys import Keys
from server import Server
from websocket import create_connection

# Garbage collection on request is a function for Firefox's own tests. The rest keeps it from
# talking to anybody but the local server.
PREFERENCES: dict[str, bool | int | str] = {
    "dom.testing.testutils.enabled": True,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-off",
    "toolkit.telemetry.server": "data:,",
}
MODIFIERS = (Keys.SHIFT, Keys.CONTROL, Keys.ALT, Keys.META)
ANNOUNCEMENT = "WebDriver BiDi listening on "
TIMEOUT = 60
# Entries of the console kept for messages of failed tests.
CONSOLE_LINES = 200


class Firefox(Browser):
    """A headless Firefox of its own process and profile."""

    name = "firefox"

    def __init__(self, program: str, profile: Path, server: Server) -> None:
        """Start Firefox and open a session.

        Raises RuntimeError with its output when it does not announce its address.
        """
        super().__init__(server)
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFERENCES.items()]
        (profile / "user.js").write_text("".join(lines))
        argv = [program, "--headless", "--no-remote", "--profile", str(profile)]
        self._process = subprocess.Popen(
            [*argv, "--remote-debugging-port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._output: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read_output, daemon=True)
        self._reader.start()
        self._commands = 0
        self._console: list[str] = []
        try:
            address = self._address() + "/session"
            self._socket = create_connection(address, timeout=TIMEOUT, suppress_origin=True)
            self._command("session.new", capabilities={})
            self._command("session.subscribe", events=["log.entryAdded"])
            tree = self._command("browsingContext.getTree")
        except BaseException:
            self._kill()
            raise
        self._context: str = tree["contexts"][0]["context"]

    def close(self) -> None:
        """End the process."""
        try:
            self._command("browser.close")
            self._socket.close()
            self._process.wait(TIMEOUT)
        finally:
            self._kill()

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def go(self, address: str) -> None:
        """Show the page of an address and wait until it has loaded."""
        self._command(
            "browsingContext.navigate", context=self._context, url=address, wait="complete"
        )

    def evaluate(self, body: str, args: tuple[Any, ...]) -> Any:
        """Run the body of an async function: see `Browser.evaluate`."""
        # Firefox's stack does not begin with the message.
        function = f"""(given) => {{
            const args = JSON.parse(given);
            return (async () => {{ {body} }})().then(
                (value) => JSON.stringify([value]),
                (error) => JSON.stringify({{ error: `${{error}}\\n${{error?.stack}}` }}),
            );
        }}"""
        given = {"type": "string", "value": json.dumps(args)}
        return json.loads(self._call(function, given)["value"])

    def click(self, selector: str) -> None:
        """Click an element as a user does."""
        wanted = {"type": "string", "value": selector}
        element = self._call("(selector) => document.querySelector(selector)", wanted)
        origin = {"type": "element", "element": {"sharedId": element["sharedId"]}}
        actions = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        pointer = {"type": "pointer", "id": "mouse", "actions": actions}
        self._command("input.performActions", context=self._context, actions=[pointer])

    def type(self, selector: str, *keys: str) -> None:
        """Type into an element: see `Browser.type`."""
        self.run("document.querySelector(args[0]).focus()", selector)
        actions = []
        for key in "".join(keys):
            actions.append({"type": "keyDown", "value": key})
            if key not in MODIFIERS:
                actions.append({"type": "keyUp", "value": key})
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self._command("input.performActions", context=self._context, actions=[keyboard])
        # Lets go of the modifiers.
        self._command("input.releaseActions", context=self._context)

    def console(self) -> str:
        """What the page wrote to the console since the last look."""
        # Events come before the answer of a later command.
        self._command("session.status")
        text = "\n".join(self._console)
        self._console.clear()
        return text

    def _call(self, function: str, argument: dict[str, Any]) -> Any:
        """Call a function in the page; its result as BiDi describes it."""
        answer = self._command(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[argument],
            awaitPromise=True,
            target={"context": self._context},
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return answer["result"]

    def _command(self, method: str, **params: Any) -> Any:
        """Send a command and wait for its result; events that come meanwhile are kept.

        Raises RuntimeError when the browser refuses.
        """
        self._commands += 1
        self._socket.send(json.dumps({"id": self._commands, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._commands:
                break
            if message.get("method") == "log.entryAdded":
                self._console.append(str(message["params"]["text"]))
                del self._console[:-CONSOLE_LINES]
        if message["type"] == "error":
            raise RuntimeError(
                f"Firefox refused {method}: {message['error']}: {message['message']}"
            )
        return message["result"]

    def _read_output(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self._output.put(line)
        self._output.put(None)

    def _address(self) -> str:
        """Wait for the address that Firefox announces."""
        said = []
        while (line := self._next_output()) is not None:
            said.append(line)
            if line.startswith(ANNOUNCEMENT):
                return line.removeprefix(ANNOUNCEMENT).strip()
        raise RuntimeError(
            "Firefox does not listen; the end of its output:\n" + "".join(said[-20:])
        )

    def _next_output(self) -> str | None:
        try:
            return self._output.get(timeout=TIMEOUT)
        except queue.Empty:
            return None

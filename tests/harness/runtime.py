"""One runtime under test: a Node process that loaded `pyodide.mjs`, and the commands a test can give it.

Commands and answers are JSON lines over a pair of pipes that nothing else uses; the process's own output goes to a file
that failure messages quote. A command that does not answer in time kills the process.
"""

from __future__ import annotations

import inspect
import json
import os
import select
import subprocess
import tempfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import codec
from .errors import JsError, PyError, RuntimeGone

HARNESS = Path(__file__).resolve().parent
ROOT = HARNESS.parent.parent
MODES = ("native", "proxy")
COMMAND_TIMEOUT = float(os.environ.get("PYODIDE_TEST_TIMEOUT", "120"))
LOAD_TIMEOUT = 120.0
QUOTED_OUTPUT = 2000


def dist_dir() -> Path:
    """The folder of the build under test: $PYODIDE_DIST, or dist/ of this checkout."""
    return Path(os.environ.get("PYODIDE_DIST", ROOT / "dist")).resolve()


class Runtime:
    """A loaded runtime. Bodies of JavaScript run as async strict functions with `pyodide` and `h` (driver.mjs) in scope."""

    def __init__(
        self,
        mode: str = "native",
        options: str = "",
        dist: Path | None = None,
        node_flags: tuple[str, ...] = (),
        node: str = os.environ.get("PYODIDE_TEST_NODE", "node"),
    ) -> None:
        """Start Node and load the runtime.

        mode: value of the `conversion` option. options: JavaScript object literal with further options of loadPyodide.
        dist: folder of the build. node: the program. Raises JsError when loadPyodide rejects, RuntimeGone when Node ends or hangs.
        """
        self.mode = mode
        self.alive = True
        self._buffer = b""
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        command_read, self._commands = os.pipe()
        self._answers, answer_write = os.pipe()
        pipes = [str(command_read), str(answer_write)]
        argv = [node, "--expose-gc", *node_flags, str(HARNESS / "driver.mjs"), *pipes]
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            pass_fds=(command_read, answer_write),
        )
        os.close(command_read)
        os.close(answer_write)
        entry = (dist or dist_dir()) / "pyodide.mjs"
        try:
            load = {"dist": str(entry), "options": options, "mode": mode}
            self.version = self._request("load", LOAD_TIMEOUT, **load)
        except BaseException:
            self.close()
            raise

    def js(self, body: str, /, **variables: Any) -> Any:
        """Run the body of an async function, with the variables in scope; what it returns, decoded.

        Raises JsError for what it throws.
        """
        return self._request("js", vars=self._encode_all(variables), body=body)

    def expr(self, expression: str, /, **variables: Any) -> Any:
        """The value of one JavaScript expression."""
        return self.js(f"return ({expression});", **variables)

    def py(self, code: str, /, **variables: Any) -> Any:
        """Execute Python code in `__main__`; the value of its last expression, with its Python type.

        Raises PyError for what it raises.
        """
        source = textwrap.dedent(code)
        request = {"op": "exec", "source": source, "filename": "<test>"}
        return self._python(request | {"vars": self._encode_all(variables)})

    def run(self, function: Callable[..., Any], /, *args: Any) -> Any:
        """Ship the source of a function into the runtime, call it there, return its result.

        The function sees the runtime's `__main__` and nothing of the test's surroundings. Usable as a decorator.
        """
        lines, first = inspect.getsourcelines(function)
        path = Path(inspect.getsourcefile(function) or "?")
        request = {
            "op": "call",
            "source": textwrap.dedent("".join(lines)),
            "name": function.__name__,
            "filename": os.path.relpath(path, ROOT),
            "line": first,
            "args": [codec.encode(arg) for arg in args],
        }
        return self._python(request)

    def crossings(
        self, setup: str, operation: str, warm: int = 2, **variables: Any
    ) -> dict[str, int]:
        """Count the crossings of one JavaScript operation after `warm` runs of it.

        The result has `jsToPy` and `pyToJs`.
        """
        request = {"setup": setup, "operation": operation, "warm": warm}
        return dict(self._request("crossings", vars=self._encode_all(variables), **request))

    def python_crossings(self, setup: str, operation: str) -> dict[str, float]:
        """Count the crossings of one Python operation: the mean over ten repetitions in a loop."""
        body = textwrap.indent(textwrap.dedent(operation), " " * 8)
        loop = f"def probe(_n):\n    for _ in range(_n):\n{body}\n"
        self.py(textwrap.dedent(setup) + "\n" + loop)
        once, more = self._request("pythonCrossings")
        return {name: (more[name] - once[name]) / 10 for name in once}

    def output(self) -> str:
        """All that the process has written to its standard output and error so far."""
        self._output.flush()
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(0)
        return self._output.read(size).decode(errors="replace")

    def begin(self) -> None:
        """Remember the state at the start of a test."""
        self._request("begin")

    def end(self) -> list[str]:
        """Put the state back and report what is not as it was: one line a finding."""
        report = self._request("end", raw=True)
        before, after = report["before"], report["after"]
        problems = [
            f"{name} leaked: {before[name]} before the test, {after[name]} after it"
            for name in before
            if after[name] != before[name]
        ]
        if report["errorSet"]:
            problems.append("Python's error indicator was left set")
        if problems and report["live"]:
            problems.append(f"JsProxies that are alive: {report['live']}")
        problems += [f"uncaught {e['name']}: {e['message']}" for e in report["strays"]]
        return problems

    def close(self) -> None:
        """End the process. Safe to call twice."""
        if not self.alive:
            return
        self.alive = False
        os.close(self._commands)
        os.close(self._answers)
        self._process.kill()
        self._process.wait()
        self._output.close()

    @staticmethod
    def _encode_all(variables: dict[str, Any]) -> dict[str, Any]:
        return {name: codec.encode(value) for name, value in variables.items()}

    def _python(self, request: dict[str, Any]) -> Any:
        answer = json.loads(self._request("python", request=json.dumps(request)))
        if "error" in answer:
            raise PyError(**answer["error"])
        return codec.decode(answer["value"])

    def _request(
        self, op: str, timeout: float | None = None, raw: bool = False, **fields: Any
    ) -> Any:
        timeout = timeout or COMMAND_TIMEOUT
        if not self.alive:
            raise RuntimeGone("this runtime was closed by an earlier failure")
        self._send(json.dumps({"op": op, **fields}).encode() + b"\n", op, timeout)
        answer = json.loads(self._receive(op, timeout))
        if not answer["ok"]:
            raise JsError(**answer["error"])
        return answer["value"] if raw else codec.decode(answer["value"])

    def _send(self, message: bytes, op: str, timeout: float) -> None:
        try:
            view = memoryview(message)
            while view:
                if not select.select([], [self._commands], [], timeout)[1]:
                    self._fail(op, f"did not take the command within {timeout:g} s")
                view = view[os.write(self._commands, view[:4096]) :]
        except BrokenPipeError:
            self._fail(op, "ended")

    def _receive(self, op: str, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        chunks = [self._buffer]
        while b"\n" not in chunks[-1]:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                self._fail(op, f"did not answer within {timeout:g} s")
            chunk = os.read(self._answers, 1 << 20)
            if not chunk:
                self._fail(op, "ended")
            chunks.append(chunk)
        line, self._buffer = b"".join(chunks).split(b"\n", 1)
        return line

    def _fail(self, op: str, what: str) -> None:
        self._process.kill() if what != "ended" else None
        status = self._process.wait()
        tail = self.output()[-QUOTED_OUTPUT:]
        self.close()
        ending = "was killed" if what != "ended" else f"had status {status}"
        raise RuntimeGone(
            f"the Node process {what} during {op!r} and {ending}; the end of its output:\n{tail}"
        )

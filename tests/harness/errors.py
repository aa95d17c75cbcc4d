"""What the harness raises: errors of the code under test, and failures of the runtime itself."""

from __future__ import annotations


class JsError(Exception):
    """JavaScript code of a test threw. `type` is the `type` property of a PythonError, else None."""

    def __init__(self, name: str, message: str, stack: str, type: str | None) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.stack = stack
        self.type = type

    def __str__(self) -> str:
        return f"{self.name}: {self.message}\n{self.stack}"


class PyError(Exception):
    """Python code of a test raised, inside the runtime."""

    def __init__(self, type: str, message: str, traceback: str) -> None:
        super().__init__(f"{type}: {message}")
        self.type = type
        self.message = message
        self.traceback = traceback

    def __str__(self) -> str:
        return f"{self.type}: {self.message}\nInside the runtime:\n{self.traceback}"


class RuntimeGone(Exception):
    """The Node process hung or ended while it had a command to obey."""

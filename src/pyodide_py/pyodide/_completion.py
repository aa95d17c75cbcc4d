"""Completion of names for the console."""

import rlcompleter
from typing import Any

from _pyodide._js_types import JsProxy


class Completer(rlcompleter.Completer):
    """The standard completer, made careful with JavaScript objects.

    To tell functions from other attributes the standard completer reads every attribute. On a
    JavaScript object that may run getters, which may throw; so there the names are all it gives.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        super().__init__(namespace)
        self._globals = namespace

    def _js_object(self, expression: str) -> Any:
        """Return the JavaScript object that a dotted name leads to, or None if it is another."""
        first, *rest = expression.split(".")
        value = self._globals.get(first)
        for name in rest:
            if not isinstance(value, JsProxy):
                value = getattr(value, name, None)
            else:
                try:
                    value = getattr(value, name, None)
                except Exception:  # a getter may throw anything
                    return None
        return value if isinstance(value, JsProxy) else None

    def attr_matches(self, text: str) -> list[str]:
        """Return the completions of the last part of a dotted name."""
        expression, _, prefix = text.rpartition(".")
        js_object = self._js_object(expression)
        if js_object is None:
            return super().attr_matches(text)
        # As elsewhere, names with a leading underscore are shown to those who ask for them.
        return [
            f"{expression}.{name}"
            for name in dir(js_object)
            if name.startswith(prefix) and (prefix.startswith("_") or not name.startswith("_"))
        ]

    def matches(self, text: str) -> list[str]:
        """Return all completions of a name, which may be dotted."""
        try:
            return self.attr_matches(text) if "." in text else self.global_matches(text)
        except Exception:  # code of the user: properties, __getattr__, __dir__
            return []

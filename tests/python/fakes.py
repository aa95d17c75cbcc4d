"""Stand-ins for what the runtime gives: JavaScript objects, and an event loop of JavaScript."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from typing import Any

_MODULE_NAMES = ("__loader__", "__name__", "__package__", "__path__", "__spec__")


class JsError(Exception):
    """What writing to a frozen JavaScript object raises: no AttributeError."""


class FakeJsProxy:
    """A frozen JavaScript object: attributes can be read; only the import system can write."""

    _js_type_flags = 0

    def __init__(self, **properties: Any) -> None:
        self.__dict__["_properties"] = properties

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_properties"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _MODULE_NAMES:
            raise JsError(f"Cannot assign to read only property {name!r}")
        self.__dict__[name] = value

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *self.__dict__["_properties"]]

    def object_keys(self) -> list[str]:
        """Return the names of the properties."""
        return list(self.__dict__["_properties"])


def proxy_with_flags(flags: int) -> Any:
    """Return a proxy of a type with the given capabilities."""
    return type("JsProxy", (FakeJsProxy,), {"_js_type_flags": flags})()


class FakeEventLoop:
    """The timers of a browser: macrotasks in order, and a clock that jumps to the next one."""

    def __init__(self) -> None:
        self.now = 0.0
        self.macrotasks = 0
        self._tasks: deque[Callable[[], object]] = deque()
        self._timers: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._numbers = itertools.count(1)
        self._cancelled: set[int] = set()

    def set_timeout(self, callback: Callable[..., object], ms: float, *args: Any) -> int:
        """JavaScript's setTimeout, which fires at once when the time does not fit 31 bits."""
        number = next(self._numbers)
        delay = ms / 1000 if ms <= 2**31 - 1 else 0
        heapq.heappush(self._timers, (self.now + delay, number, callback, args))
        return number

    def clear_timeout(self, number: int) -> None:
        """JavaScript's clearTimeout."""
        self._cancelled.add(number)

    def set_immediate(self, callback: Callable[[], object]) -> None:
        """Node's setImmediate."""
        self._tasks.append(callback)

    @property
    def pending_timers(self) -> int:
        """How many timers have not fired and were not cleared."""
        return sum(number not in self._cancelled for _, number, _, _ in self._timers)

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Run macrotasks until there are none left, or until `until` returns True."""
        while not until() and (self._tasks or self._timers):
            if self._tasks:
                self.macrotasks += 1
                self._tasks.popleft()()
                continue
            when, number, callback, args = heapq.heappop(self._timers)
            if number in self._cancelled:
                continue
            self.now = max(self.now, when)
            self.macrotasks += 1
            callback(*args)

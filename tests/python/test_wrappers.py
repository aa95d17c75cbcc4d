"""Event listeners and timers, over a simulated JavaScript."""

from __future__ import annotations

import asyncio
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from pyodide.ffi import wrappers


class Proxy:
    """What `create_proxy` and `create_once_callable` give inside the runtime."""

    def __init__(self, function: Callable[..., Any], *, once: bool = False) -> None:
        self.function: Callable[..., Any] | None = function
        self.once = once

    def __call__(self, *args: Any) -> Any:
        assert self.function is not None, "called after it was destroyed"
        function = self.function
        if self.once:
            self.function = None
        return function(*args)

    def destroy(self) -> None:
        """Release the function."""
        assert self.function is not None, "destroyed twice"
        self.function = None


class WeakMap(dict[Any, Any]):
    """JavaScript's WeakMap."""

    @classmethod
    def new(cls) -> WeakMap:
        return cls()

    def has(self, key: Any) -> bool:
        return key in self


class Element:
    """An event target."""

    def __init__(self) -> None:
        self.listeners: list[tuple[str, Any]] = []

    def addEventListener(self, event: str, listener: Any) -> None:
        self.listeners.append((event, listener))

    def removeEventListener(self, event: str, listener: Any) -> None:
        self.listeners.remove((event, listener))

    def fire(self, name: str) -> None:
        for event, listener in list(self.listeners):
            if event == name:
                listener(f"event {name}")


class Timers:
    """The timer functions; in Node a timer is an object, in browsers a number."""

    def __init__(self, *, as_objects: bool) -> None:
        self.as_objects = as_objects
        self.started: dict[int, tuple[Any, float]] = {}

    def start(self, callback: Any, ms: float) -> Any:
        number = len(self.started) + 1
        self.started[number] = (callback, ms)
        return types.SimpleNamespace(js_id=number) if self.as_objects else number

    def clear(self, handle: Any) -> None:
        self.started.pop(getattr(handle, "js_id", handle), None)

    def fire(self, handle: Any) -> None:
        self.started[getattr(handle, "js_id", handle)][0]()


@pytest.fixture(params=[False, True], ids=["browser", "node"])
def timers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Timers:
    timers = Timers(as_objects=request.param)
    module: Any = types.SimpleNamespace(
        WeakMap=WeakMap,
        setTimeout=timers.start,
        setInterval=timers.start,
        clearTimeout=timers.clear,
        clearInterval=timers.clear,
    )
    monkeypatch.setitem(sys.modules, "js", module)
    monkeypatch.setattr(wrappers, "create_proxy", Proxy)
    monkeypatch.setattr(wrappers, "create_once_callable", lambda f: Proxy(f, once=True))
    monkeypatch.setattr(wrappers, "_listeners", None)
    return timers


@pytest.mark.spec("6.2/1", "6.2/2")
@pytest.mark.usefixtures("timers")
def test_listeners() -> None:
    element: Any = Element()
    other: Any = Element()
    seen: list[str] = []
    wrappers.add_event_listener(element, "click", seen.append)
    wrappers.add_event_listener(element, "click", seen.append)
    wrappers.add_event_listener(element, "key", seen.append)
    wrappers.add_event_listener(other, "click", seen.append)
    element.fire("click")
    assert seen == ["event click"] * 2
    proxies = [listener for _, listener in element.listeners]
    wrappers.remove_event_listener(element, "click", seen.append)
    wrappers.remove_event_listener(element, "click", seen.append)
    assert [proxy.function is None for proxy in proxies] == [True, True, False]
    element.fire("click")
    element.fire("key")
    other.fire("click")
    assert seen == ["event click"] * 2 + ["event key", "event click"]


@pytest.mark.spec("6.2/2")
@pytest.mark.usefixtures("timers")
def test_unknown_listeners() -> None:
    element: Any = Element()
    with pytest.raises(KeyError):
        wrappers.remove_event_listener(element, "click", print)
    wrappers.add_event_listener(element, "click", print)
    for event, listener in (("key", print), ("click", repr)):
        with pytest.raises(KeyError):
            wrappers.remove_event_listener(element, event, listener)
    wrappers.remove_event_listener(element, "click", print)
    with pytest.raises(KeyError):
        wrappers.remove_event_listener(element, "click", print)


@pytest.mark.spec("6.2/3", "6.2/4")
def test_timeout_fires_once_and_is_forgotten(timers: Timers) -> None:
    seen: list[int] = []
    handle = wrappers.set_timeout(lambda: seen.append(1), 20)
    (proxy, ms) = timers.started[1]
    assert ms == 20
    timers.fire(handle)
    assert seen == [1]
    assert proxy.function is None
    assert wrappers._timeouts == {}
    wrappers.clear_timeout(handle)


@pytest.mark.spec("6.2/4")
def test_cleared_timeout(timers: Timers) -> None:
    handle = wrappers.set_timeout(lambda: None, 20)
    (proxy, _) = timers.started[1]
    wrappers.clear_timeout(handle)
    assert timers.started == {}
    assert proxy.function is None
    assert wrappers._timeouts == {}
    wrappers.clear_timeout(handle)


@pytest.mark.spec("6.2/3")
def test_timeout_with_a_coroutine(timers: Timers) -> None:
    seen: list[int] = []

    async def callback() -> None:
        await asyncio.sleep(0)
        seen.append(1)

    async def main() -> None:
        timers.fire(wrappers.set_timeout(callback, 0))
        while wrappers._tasks:
            await asyncio.sleep(0)

    asyncio.run(main())
    assert seen == [1]


@pytest.mark.spec("6.2/5")
def test_interval(timers: Timers) -> None:
    seen: list[int] = []
    handle = wrappers.set_interval(lambda: seen.append(1), 5)
    (proxy, _) = timers.started[1]
    timers.fire(handle)
    timers.fire(handle)
    assert seen == [1, 1]
    wrappers.clear_interval(handle)
    assert proxy.function is None
    assert timers.started == {}
    assert wrappers._intervals == {}
    wrappers.clear_interval(handle)

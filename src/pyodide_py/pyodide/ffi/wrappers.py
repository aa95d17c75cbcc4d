"""Event listeners and timers whose Python functions live as long as JavaScript needs them."""

from __future__ import annotations

from . import create_once_callable, create_proxy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from . import JsDomElement

_listeners: Any = None
"""A JavaScript WeakMap: element -> dict of (event, listener) -> list of proxies.

So this module keeps neither the element nor its listeners alive.
"""
_timeouts: dict[int, Any] = {}
_intervals: dict[int, Any] = {}
_tasks: set[Any] = set()
"""Tasks of timers, which asyncio itself does not keep alive."""


def _listeners_of(elt: JsDomElement) -> dict[tuple[str, Any], list[Any]] | None:
    """Return the dict that remembers the listeners of an element."""
    found: dict[tuple[str, Any], list[Any]] | None
    found = _listeners[elt] if _listeners is not None and _listeners.has(elt) else None
    return found


def add_event_listener(elt: JsDomElement, event: str, listener: Callable[[Any], object]) -> None:
    """Make `elt` call a Python function when an event happens.

    Parameters
    ----------
    elt:
        A DOM element, or any other JavaScript object with ``addEventListener``.
    event:
        Name of the event.
    listener:
        Called with the event object. It lives until `remove_event_listener` is called with the
        same arguments, or until the element is gone.
    """
    global _listeners
    remembered = _listeners_of(elt)
    if remembered is None:
        if _listeners is None:
            from js import WeakMap

            _listeners = WeakMap.new()
        remembered = {}
        _listeners[elt] = remembered
    proxy = create_proxy(listener)
    remembered.setdefault((event, listener), []).append(proxy)
    elt.addEventListener(event, proxy)


def remove_event_listener(elt: JsDomElement, event: str, listener: Callable[[Any], object]) -> None:
    """Undo `add_event_listener`, called with the same arguments.

    Raises
    ------
    KeyError
        If `listener` was not added with `add_event_listener`.
    """
    remembered = _listeners_of(elt)
    if remembered is None or (event, listener) not in remembered:
        raise KeyError((event, listener))
    proxies = remembered[event, listener]
    proxy = proxies.pop()
    if not proxies:
        del remembered[event, listener]
    elt.removeEventListener(event, proxy)
    proxy.destroy()


def _key(handle: Any) -> int:
    """Return a number that stands for a timer: browsers give one, Node.js gives an object."""
    key: int = getattr(handle, "js_id", handle)
    return key


def _check_callback(caller: str, callback: object) -> None:
    """Raise TypeError for what cannot be called: JavaScript would notice too late, or never."""
    if not callable(callback):
        kind = type(callback).__name__
        raise TypeError(
            f"{caller}(): the callback must be a function or other callable, not {kind!r}"
        )


def set_timeout(callback: Callable[[], Any], timeout: float) -> Any:
    """Call a Python function once, after a time.

    Parameters
    ----------
    callback:
        The function. If it returns a coroutine, that is run as a task.
    timeout:
        The time in milliseconds.

    Returns
    -------
    What JavaScript's ``setTimeout`` returns, to be given to `clear_timeout`.

    Raises
    ------
    TypeError
        If `callback` cannot be called.
    """
    _check_callback("set_timeout", callback)
    from js import setTimeout

    key: int | None = None

    def fire() -> None:
        if key is not None:
            _timeouts.pop(key, None)
        result = callback()
        if hasattr(result, "cr_await"):
            from asyncio import ensure_future

            task = ensure_future(result)
            _tasks.add(task)
            task.add_done_callback(_tasks.discard)

    once = create_once_callable(fire)
    handle = setTimeout(once, timeout)
    key = _key(handle)
    _timeouts[key] = once
    return handle


def clear_timeout(timeout_retval: Any) -> None:
    """Cancel what `set_timeout` started; harmless when it has fired."""
    from js import clearTimeout

    clearTimeout(timeout_retval)
    once = _timeouts.pop(_key(timeout_retval), None)
    if once is not None:
        once.destroy()


def set_interval(callback: Callable[[], Any], interval: float) -> Any:
    """Call a Python function again and again.

    Parameters
    ----------
    callback:
        The function; it lives until `clear_interval`.
    interval:
        The time between calls in milliseconds.

    Returns
    -------
    What JavaScript's ``setInterval`` returns, to be given to `clear_interval`.

    Raises
    ------
    TypeError
        If `callback` cannot be called.
    """
    _check_callback("set_interval", callback)
    from js import setInterval

    proxy = create_proxy(callback)
    handle = setInterval(proxy, interval)
    _intervals[_key(handle)] = proxy
    return handle


def clear_interval(interval_retval: Any) -> None:
    """End what `set_interval` started; harmless for an unknown value."""
    from js import clearInterval

    clearInterval(interval_retval)
    proxy = _intervals.pop(_key(interval_retval), None)
    if proxy is not None:
        proxy.destroy()


__all__ = [
    "add_event_listener",
    "clear_interval",
    "clear_timeout",
    "remove_event_listener",
    "set_interval",
    "set_timeout",
]

"""Waiting for JavaScript: promises and async iterators, seen from Python.

Called by the core, in src/core/jsproxy/await.c and src/core/calls.c. `call_method` of the core
calls a JavaScript method and leaves a promise a promise; an ordinary call makes a future of it,
here.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from _pyodide_core import (
    attach_finally,
    attach_then,
    call_method,
    js_flags,
    raise_js,
    wait,
    wait_step,
)

Handler = Callable[..., Any]

_AWAITABLE = js_flags["IS_AWAITABLE"]


def exception_of(reason: Any) -> BaseException:
    """Turn the reason of a rejection, which may be anything, into the exception to raise.

    The reason is thrown in JavaScript, so that the same rules hold as for errors that are thrown
    there: an exception of Python's that comes back is the same object.
    """
    try:
        raise_js(reason)
    except BaseException as exception:
        return exception
    raise AssertionError("raise_js has returned")


def future_of(promise: Any, from_call: bool = False) -> "asyncio.Future[Any]":
    """Make a future that is settled as a promise is.

    Parameters
    ----------
    promise:
        A JsProxy of a promise or of any object with a method ``then``.
    from_call:
        Nobody else has the promise: a PyProxy that it is fulfilled with is used up.

    Returns
    -------
    asyncio.Future
        Of the running loop. Cancelling it does not stop what the promise stands for; the
        promise's late outcome is then ignored.

    Raises
    ------
    TypeError
        If the object has lost its method ``then``.
    """
    future = asyncio.get_event_loop().create_future()

    def resolve(value: Any = None) -> None:
        if not future.done():
            future.set_result(value)

    def reject(reason: Any = None) -> None:
        if not future.done():
            future.set_exception(exception_of(reason))

    try:
        wait(promise, resolve, reject, from_call)
    except TypeError:
        raise TypeError(f"object {promise!r} can't be used in 'await' expression") from None
    return future


def future_of_call(promise: Any) -> "asyncio.Future[Any]":
    """Make a future of a promise that a call has returned; see `future_of`."""
    return future_of(promise, True)


def is_awaitable(value: Any) -> bool:
    """Tell whether a value is a promise or another object with a method ``then``."""
    return bool(getattr(type(value), "_js_type_flags", 0) & _AWAITABLE)


def _check(name: str, handler: Any) -> None:
    if handler is not None and not callable(handler):
        raise TypeError(f"{name} must be callable or None, not {type(handler).__name__}")


def then(promise: Any, onfulfilled: Handler | None, onrejected: Handler | None) -> Any:
    """Attach Python handlers to a promise, as the method of that name does.

    Returns
    -------
    JsProxy
        The promise of what the handlers return; JavaScript awaits it if it is awaitable.

    Raises
    ------
    TypeError
        If a handler is neither callable nor None.
    """
    _check("onfulfilled", onfulfilled)
    _check("onrejected", onrejected)
    return attach_then(promise, onfulfilled, onrejected)


def finally_(promise: Any, onfinally: Callable[[], Any]) -> Any:
    """Attach a Python handler of either outcome; see `then`."""
    if not callable(onfinally):
        raise TypeError(f"onfinally must be callable, not {type(onfinally).__name__}")

    return attach_finally(promise, onfinally)


_SYNCHRONOUS = {"anext": "next()", "asend": "send()", "athrow": "throw()", "aclose": "close()"}
"""What an iterator that is not async has instead of each method."""

Finish = Callable[["asyncio.Future[Any]", bool, Any], None]


def _take_step(
    iterator: Any, name: str, method: str, args: tuple[Any, ...], finish: Finish
) -> "asyncio.Future[Any]":
    """Call a method of an async iterator, and `finish(future, done, value)` with its step."""
    promise = call_method(iterator, method, *args)
    if not is_awaitable(promise):
        raise TypeError(f"Result of {name}() was not a promise, use {_SYNCHRONOUS[name]} instead.")
    future = asyncio.get_event_loop().create_future()

    def on_step(problem: str | None, done: bool, value: Any = None) -> None:
        if future.done():
            return
        if problem is not None:
            future.set_exception(TypeError(problem))
        else:
            finish(future, done, value)

    def reject(reason: Any = None) -> None:
        if not future.done():
            future.set_exception(exception_of(reason))

    wait_step(promise, on_step, reject)
    return future


def _yielded(future: "asyncio.Future[Any]", done: bool, value: Any) -> None:
    if done:
        future.set_exception(StopAsyncIteration(*(() if value is None else (value,))))
    else:
        future.set_result(value)


def step(iterator: Any, name: str, method: str, *args: Any) -> "asyncio.Future[Any]":
    """Take a step of an async iterator.

    Parameters
    ----------
    iterator:
        A JsProxy of the iterator.
    name:
        ``"anext"``, ``"asend"`` or ``"athrow"``: what the program has called.
    method:
        The method of the iterator: ``"next"``, ``"throw"`` or ``"return"``.
    args:
        The method's arguments.

    Returns
    -------
    asyncio.Future
        Of the value that is yielded, or of StopAsyncIteration with the value returned.

    Raises
    ------
    TypeError
        If the method's result is no promise.
    """
    return _take_step(iterator, name, method, args, _yielded)


def _closed(future: "asyncio.Future[Any]", done: bool, value: Any) -> None:
    if done:
        future.set_result(None)
    else:
        future.set_exception(RuntimeError("JavaScript generator ignored return"))


def aclose(iterator: Any) -> "asyncio.Future[None]":
    """Call ``return()`` of an async generator and wait until it has ended."""
    return _take_step(iterator, "aclose", "return", (), _closed)

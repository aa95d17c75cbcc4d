"""Waiting for JavaScript: promises and async iterators, seen from Python.

Called by the core, in src/core/jsproxy/await.c and src/core/calls.c. `call_method` of the core
calls a JavaScript method and leaves a promise a promise; an ordinary call makes a future of it,
here.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from _pyodide_core import call_method, create_proxy, raise_js

Handler = Callable[[Any], Any]


def _attach(promise: Any, onfulfilled: Handler, onrejected: Handler) -> Any:
    """Call a promise's ``then`` with handlers that are released as soon as it is settled."""

    def once(handler: Handler) -> Any:
        def handle(value: Any = None) -> Any:
            # The one that is not called is released as well.
            for proxy in proxies:
                proxy.destroy()
            return handler(value)

        return create_proxy(handle)

    proxies = [once(onfulfilled), once(onrejected)]
    try:
        return call_method(promise, "then", *proxies)
    except BaseException:
        for proxy in proxies:
            proxy.destroy()
        raise


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


def future_of(promise: Any) -> "asyncio.Future[Any]":
    """Make a future that is settled as a promise is.

    Parameters
    ----------
    promise:
        A JsProxy of a promise or of any object with a method ``then``.

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

    def resolve(value: Any) -> None:
        if not future.done():
            future.set_result(value)

    def reject(reason: Any) -> None:
        if not future.done():
            future.set_exception(exception_of(reason))

    try:
        _attach(promise, resolve, reject)
    except (AttributeError, TypeError):
        raise TypeError(f"object {promise!r} can't be used in 'await' expression") from None
    return future


def then(promise: Any, onfulfilled: Handler | None, onrejected: Handler | None) -> Any:
    """Attach Python handlers to a promise, as the method of that name does.

    Returns
    -------
    JsProxy
        The promise of what the handlers return; JavaScript awaits it if it is awaitable.
    """

    def pass_on(value: Any) -> Any:
        return value

    return _attach(promise, onfulfilled or pass_on, onrejected or raise_js)


def finally_(promise: Any, onfinally: Callable[[], Any]) -> Any:
    """Attach a Python handler of either outcome; see `then`."""

    def handle() -> Any:
        proxy.destroy()
        return onfinally()

    proxy = create_proxy(handle)
    try:
        return call_method(promise, "finally", proxy)
    except BaseException:
        proxy.destroy()
        raise


_SYNCHRONOUS = {"next": "next() or send()", "throw": "throw()", "return": "close()"}


async def _finish(promise: Any) -> tuple[bool, Any]:
    """Wait for a step of an async iterator. Returns whether it has ended, and the value."""
    step = await future_of(promise)
    if getattr(step, "typeof", None) not in ("object", "function"):
        raise TypeError(f'Result should have type "object" not "{type(step).__name__}"')
    try:
        done = step.done
    except AttributeError:
        raise TypeError('Result has no "done" field.') from None
    return bool(done), getattr(step, "value", None)


def _start(iterator: Any, method: str, args: tuple[Any, ...]) -> Any:
    promise = call_method(iterator, method, *args)
    if not hasattr(promise, "then"):
        raise TypeError(f"Result of {method}() was not a promise, use {_SYNCHRONOUS[method]}.")
    return _finish(promise)


async def _value(steps: Any) -> Any:
    done, value = await steps
    if done:
        raise StopAsyncIteration(*(() if value is None else (value,)))
    return value


def step(iterator: Any, method: str, *args: Any) -> "asyncio.Future[Any]":
    """Take a step of an async iterator.

    Parameters
    ----------
    iterator:
        A JsProxy of the iterator.
    method:
        ``"next"``, ``"throw"`` or ``"return"``.
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
    return asyncio.ensure_future(_value(_start(iterator, method, args)))


async def _closed(steps: Any) -> None:
    done, _ = await steps
    if not done:
        raise RuntimeError("JavaScript generator ignored return")


def aclose(iterator: Any) -> "asyncio.Future[None]":
    """Call ``return()`` of an async generator and wait until it has ended."""
    return asyncio.ensure_future(_closed(_start(iterator, "return", ())))

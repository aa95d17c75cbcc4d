"""Waiting for JavaScript promises: what `await` of a JsPromise does.

Called by the core, in src/core/jsproxy/await.c.
"""

import asyncio
from typing import Any


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
    from _pyodide_core import create_proxy

    future = asyncio.get_event_loop().create_future()

    def release() -> None:
        resolved.destroy()
        rejected.destroy()

    def on_resolved(value: Any = None) -> None:
        release()
        if not future.done():
            future.set_result(value)

    def on_rejected(reason: Any = None) -> None:
        release()
        if not future.done():
            future.set_exception(as_exception(reason))

    resolved = create_proxy(on_resolved)
    rejected = create_proxy(on_rejected)
    try:
        then = promise.then
        then(resolved, rejected)
    except AttributeError:
        release()
        raise TypeError(f"object {promise!r} can't be used in 'await' expression") from None
    except BaseException:
        release()
        raise
    return future


def as_exception(reason: Any) -> BaseException:
    """Turn the reason of a rejection into an exception; promises may be rejected with anything."""
    if isinstance(reason, BaseException):
        return reason
    from js import Error

    error: BaseException = Error.new(str(reason))
    return error

"""Blocking until an awaitable is done, while JavaScript goes on.

Called by the core, in src/core/switch.c, which switches the stacks. It is imported at every start
of the runtime, so it imports little itself.
"""

import sys
import time

from _pyodide_core import can_run_sync, js_flags, new_signal, suspend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

_LONGEST_TIMEOUT = 2**31 - 1
"""Milliseconds; JavaScript's timers take longer times for no time at all."""

_PROMISE = js_flags["IS_AWAITABLE"]


run_in_program: "Callable[[Awaitable[Any]], Any] | None" = None
"""Runs an awaitable where the event loop runs in Python, not in JavaScript: in a program."""


def leave_task() -> "Any":
    """Take asyncio's current task from it.

    Returns
    -------
    The task, for `enter_task`; None when there is none.
    """
    tasks: Any = sys.modules.get("asyncio.tasks")
    loop = None if tasks is None else tasks.events._get_running_loop()
    if loop is None:
        return None
    task = tasks.current_task(loop)
    if task is not None:
        tasks._leave_task(loop, task)
    return task


def enter_task(task: "Any") -> None:
    """Make a task asyncio's current one again."""
    tasks: Any = sys.modules["asyncio.tasks"]
    tasks._enter_task(tasks.events._get_running_loop(), task)


def run_sync(awaitable: "Awaitable[Any]") -> "Any":
    """Block until an awaitable is done; the stack can be switched here.

    Returns
    -------
    Its result.
    """
    if getattr(type(awaitable), "_js_type_flags", 0) & _PROMISE:
        return suspend(awaitable)
    import asyncio
    from contextvars import Context

    if run_in_program is not None:
        return run_in_program(awaitable)
    future = asyncio.ensure_future(awaitable)
    if not future.done():
        signal = new_signal()
        # The present context cannot be entered again as long as this call is in it.
        future.add_done_callback(lambda _: signal.resolve(), context=Context())
        try:
            suspend(signal.promise)
        except BaseException:
            # The handler of a signal has raised it. Nobody else knows a future that was made here.
            if future is not awaitable:
                future.cancel()
            raise
    return future.result()


def wait(signal: "Any", seconds: float) -> None:
    """Let JavaScript go on until a signal of `new_signal` is resolved or the time is over.

    The stack can be switched here. Of a very long time a part may be all that is waited.
    """
    import math

    import js

    timer = js.setTimeout(signal.resolve, math.ceil(min(seconds * 1000, _LONGEST_TIMEOUT)))
    try:
        suspend(signal.promise)
    finally:
        js.clearTimeout(timer)


def install_sleep() -> None:
    """Let `time.sleep` give way to JavaScript where the stack can be switched."""
    block: Any = time.sleep
    if hasattr(block, "__code__"):
        # A memory snapshot has it already.
        return

    def sleep(seconds: float, /) -> None:
        if not can_run_sync() or not isinstance(seconds, int | float) or not seconds >= 0:
            block(seconds)
            return
        end = time.monotonic() + seconds
        left: float = seconds
        while left >= 0:
            wait(new_signal(), left)
            # A timer may come a little early.
            left = end - time.monotonic()

    sleep.__doc__ = block.__doc__
    sleep.__qualname__ = "sleep"
    sleep.__module__ = "time"
    time.sleep = sleep  # type: ignore[assignment]

"""asyncio in a program: an event loop that blocks, as CPython's do.

Where the interpreter runs a command line, nothing else has to go on while Python waits. So here
`asyncio.run` is CPython's own, over a loop that sleeps until the next timer.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from typing import Any

from .ffi import can_run_sync
from .webloop import PyodideFuture, PyodideTask

try:
    import _pyodide_core

    from _pyodide import _switch
except ImportError:
    # On ordinary CPython, where no stack can be switched.
    pass

__all__ = ["ProgramLoop", "ProgramLoopPolicy"]

_NOTHING_TO_WAIT_FOR = (
    "The event loop waits, but there is no timer or other event that could wake it. Promises of "
    "JavaScript can be awaited only where the engine can switch stacks (JSPI): in Node 25 or later."
)


class _Sleeper:
    """What stands in for a selector: there is nothing to select from, only time that passes.

    Where the engine can switch stacks, JavaScript goes on meanwhile, and may wake the sleeper.
    """

    def __init__(self) -> None:
        self._signal: Any = None
        # Whether there has been a reason to wake since the last wait.
        self._woken = False

    def select(self, timeout: float | None = None) -> list[Any]:
        """Wait for `timeout` seconds, or until `wake` is called.

        Raises
        ------
        RuntimeError
            If the wait would have no end.
        """
        if timeout is None or timeout > 0:
            if can_run_sync():
                self._suspend(timeout)
            elif timeout is None:
                if not self._woken:
                    raise RuntimeError(_NOTHING_TO_WAIT_FOR)
            else:
                self._sleep(timeout)
        self._woken = False
        return []

    def _sleep(self, timeout: float) -> None:
        """Sleep until the time is over or a signal comes, whose handler is then called.

        `time.sleep` would go on after the handler, which may have stopped the loop or a task.
        """
        import _pyodide_program

        wait = _pyodide_program.wait
        milliseconds = math.ceil(timeout * 1000)
        # A handler that ran since the loop looked for work has called `wake`. None runs between
        # this question and the wait, which itself ends at once when a signal has not been seen yet.
        if not self._woken and not wait(milliseconds):
            time.sleep(0)

    def _suspend(self, timeout: float | None) -> None:
        self._signal = signal = _pyodide_core.new_signal()
        try:
            if self._woken:
                return
            if timeout is None:
                _pyodide_core.suspend(signal.promise)
            else:
                _switch.wait(signal, timeout)
        finally:
            self._signal = None

    def wake(self) -> None:
        """End the wait, or do without the next one."""
        self._woken = True
        if self._signal is not None:
            self._signal.resolve()

    def get_map(self) -> dict[Any, Any]:
        """Return the registered files: none."""
        return {}

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


class ProgramLoop(asyncio.BaseEventLoop):
    """An event loop of timers and callbacks, without files and sockets."""

    def __init__(self) -> None:
        super().__init__()
        # Where asyncio's own loops have theirs; BaseEventLoop calls it.
        self._selector = _Sleeper()

    def _process_events(self, event_list: list[Any]) -> None:
        """Handle what the selector has found, which is nothing."""

    def _write_to_self(self) -> None:
        """Wake the selector."""
        self._selector.wake()

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Call `callback` in the next round; JavaScript may ask for it while the loop sleeps."""
        handle = super().call_soon(callback, *args, context=context)
        self._selector.wake()
        return handle

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call `callback` at a time; JavaScript may ask for it while the loop sleeps."""
        handle = super().call_at(when, callback, *args, context=context)
        self._selector.wake()
        return handle

    def run_inside(self, future: "asyncio.Future[Any]") -> Any:
        """Go on with the loop, in a callback of it, until a future is done; return its result."""
        task = _switch.leave_task()
        try:
            while not future.done():
                self._run_once()  # type: ignore[attr-defined]
        finally:
            if task is not None:
                _switch.enter_task(task)
        return future.result()

    def create_future(self) -> PyodideFuture:
        """Return a new future."""
        return PyodideFuture(loop=self)

    def create_task(  # type: ignore[override]
        self,
        coro: Coroutine[Any, Any, Any],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> "asyncio.Task[Any]":
        """Run a coroutine as a task."""
        if self.get_task_factory() is not None:
            return super().create_task(coro, name=name, context=context)
        self._check_closed()  # type: ignore[attr-defined]
        return PyodideTask(coro, loop=self, name=name, context=context)

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Call `func` at once, because there are no threads.

        Returns
        -------
        A future that is done.
        """
        self._check_closed()  # type: ignore[attr-defined]
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            future.set_exception(error)
        return future


class ProgramLoopPolicy(asyncio.DefaultEventLoopPolicy):
    """Event loop policy of a program."""

    _loop_factory = ProgramLoop
    _idle_loop: ProgramLoop | None = None

    def get_event_loop(self) -> asyncio.AbstractEventLoop:
        """Return the current loop; one that does not run if there is none.

        The future that a call of JavaScript returns needs a loop, also where none runs.
        """
        try:
            return super().get_event_loop()
        except RuntimeError:
            if self._idle_loop is None or self._idle_loop.is_closed():
                self._idle_loop = ProgramLoop()
            return self._idle_loop


def _run(awaitable: Awaitable[Any]) -> Any:
    """Block until an awaitable is done: what `run_sync` does in a program."""
    loop = asyncio._get_running_loop()
    if isinstance(loop, ProgramLoop):
        return loop.run_inside(asyncio.ensure_future(awaitable))

    if asyncio.isfuture(awaitable):
        return awaitable.get_loop().run_until_complete(awaitable)

    async def main() -> Any:
        return await awaitable

    with asyncio.Runner() as runner:
        return runner.run(main())


def install() -> None:
    """Make `ProgramLoop` the kind of loop that asyncio makes."""
    _switch.run_in_program = _run
    asyncio.set_event_loop_policy(ProgramLoopPolicy())
    setattr(asyncio, "EventLoop", ProgramLoop)  # noqa: B010 - newer than the types

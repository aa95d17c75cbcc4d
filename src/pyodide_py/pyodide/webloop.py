"""asyncio on the event loop of JavaScript.

The loop is always running: JavaScript calls Python, and each callback of asyncio is one macrotask
of JavaScript. Callbacks wait in a queue in Python, and JavaScript is only asked to call back once
for each; so no proxy is made, and nothing has to be released, per callback.
"""

import asyncio
import math
import sys
import time
import weakref
from asyncio import Handle, TimerHandle
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from inspect import isawaitable
from typing import Any

from ._unavailable import LoopWithoutSystem
from .ffi import can_run_sync, run_sync

try:
    from _pyodide_core import create_callback
except ImportError:  # Ordinary CPython, where tests hand in what the callbacks are given to.

    def create_callback(function: Callable[..., object], /) -> Any:
        """Return the function."""
        return function


__all__ = ["PyodideFuture", "PyodideTask", "WebLoop", "WebLoopPolicy"]

_LONGEST_TIMEOUT = 2**31 - 1
"""Milliseconds; JavaScript's timers take longer times for no time at all."""


async def _settle(derived: "PyodideFuture", value: Any, outcome: "PyodideFuture | None") -> None:
    """Await `value` as long as that gives awaitables, then settle `derived`.

    `outcome` is the future whose result or exception `derived` takes over; None means that it
    takes the value.
    """
    try:
        while isawaitable(value):
            value = await value
    except asyncio.CancelledError:
        derived.cancel()
    except BaseException as error:
        if not derived.done():
            derived.set_exception(error)
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
    else:
        _resolve(derived, value, outcome)


def _resolve(derived: "PyodideFuture", value: Any, outcome: "PyodideFuture | None") -> None:
    """Settle `derived` with a value, or in the same way as the done future `outcome`."""
    if derived.done():
        return
    if outcome is None:
        derived.set_result(value)
    elif outcome.cancelled():
        derived.cancel()
    elif (error := outcome.exception()) is not None:
        derived.set_exception(error)
    else:
        derived.set_result(outcome.result())


class PyodideFuture(asyncio.Future[Any]):
    """A future with the methods of a JavaScript promise."""

    def _derive(
        self, handle: "Callable[[PyodideFuture], tuple[Any, PyodideFuture | None]]"
    ) -> "PyodideFuture":
        """Return a future that is settled with what `handle` makes of this one when it is done.

        `handle` returns a value, which may be an awaitable, and the future whose outcome is to be
        taken instead of that value, or None.
        """
        loop = self.get_loop()
        derived: Any = loop.create_future()

        def settle(done: Any) -> None:
            if derived.done():
                return
            try:
                value, outcome = handle(done)
            except Exception as error:
                derived.set_exception(error)
                return
            if isawaitable(value):
                loop.create_task(_settle(derived, value, outcome))
            else:
                _resolve(derived, value, outcome)

        self.add_done_callback(settle)
        result: PyodideFuture = derived
        return result

    def then(
        self,
        onfulfilled: Callable[[Any], Any] | None,
        onrejected: Callable[[BaseException], Any] | None = None,
    ) -> "PyodideFuture":
        """Attach handlers; the same as the promise method of that name.

        Parameters
        ----------
        onfulfilled:
            Called with the result. None passes it through.
        onrejected:
            Called with the exception. None passes it through. A cancellation is passed through
            in any case.

        Returns
        -------
        A future for what the handler returns; if that is awaitable, for its result.
        """

        def handle(done: PyodideFuture) -> tuple[Any, PyodideFuture | None]:
            error = None if done.cancelled() else done.exception()
            if done.cancelled():
                return None, done
            if error is not None:
                return (None, done) if onrejected is None else (onrejected(error), None)
            return (None, done) if onfulfilled is None else (onfulfilled(done.result()), None)

        return self._derive(handle)

    def catch(self, onrejected: Callable[[BaseException], Any], /) -> "PyodideFuture":
        """Attach a handler of the exception: ``then(None, onrejected)``."""
        return self.then(None, onrejected)

    def finally_(self, onfinally: Callable[[], Any], /) -> "PyodideFuture":
        """Attach a handler that is called in either case.

        Returns
        -------
        A future with the outcome of this one, unless the handler fails.
        """

        def handle(done: PyodideFuture) -> tuple[Any, PyodideFuture | None]:
            return onfinally(), done

        return self._derive(handle)


class PyodideTask(asyncio.Task[Any], PyodideFuture):
    """A task with the methods of a JavaScript promise."""


def _macrotask_poster(run: Callable[..., None]) -> Callable[[], object]:
    """Return a function each of whose calls has `run` called once, in a macrotask of its own.

    The calls come in order, and without the delay that browsers add to repeated timers.
    """
    import js

    proxy = create_callback(run)
    set_immediate = getattr(js, "setImmediate", None)
    if set_immediate is not None:
        return lambda: set_immediate(proxy)
    if hasattr(js, "MessageChannel"):
        channel = js.MessageChannel.new()
        channel.port1.onmessage = proxy
        post_message = channel.port2.postMessage
        return lambda: post_message(None)
    set_timeout = js.setTimeout
    return lambda: set_timeout(proxy, 0)


class _Timer(TimerHandle):
    """A callback that waits for a timer of JavaScript."""

    __slots__ = ("js_timer", "number")

    number: int
    js_timer: Any


class WebLoop(LoopWithoutSystem):
    """An asyncio event loop on that of JavaScript: always running, never closed.

    Parameters
    ----------
    may_block:
        Whether `run_until_complete` may block, where the stack can be switched.
    """

    def __init__(self, *, may_block: bool = False) -> None:
        self.may_block = may_block
        self._ready: deque[Handle] = deque()
        self._post: Callable[[], object] | None = None
        self._timers: dict[int, _Timer] = {}
        self._timer_callback: Any = None
        self._timer_count = 0
        self._task_factory: Callable[..., Any] | None = None
        self._exception_handler: Callable[..., object] | None = None
        self._debug = False
        self._asyncgens: weakref.WeakSet[Any] = weakref.WeakSet()
        self._asyncgens_shut_down = False
        # For programs that run the interpreter as a command line does.
        self._in_progress = 0
        self._no_in_progress_handler: Callable[[], object] | None = None
        self._keyboard_interrupt_handler: Callable[[], object] | None = None
        self._system_exit_handler: Callable[[Any], object] | None = None

    # Life cycle

    def is_running(self) -> bool:
        """Return True."""
        return True

    def is_closed(self) -> bool:
        """Return False."""
        return False

    def run_forever(self) -> None:
        """Do nothing: the loop runs by itself."""

    def stop(self) -> None:
        """Do nothing: the loop cannot be stopped."""

    def close(self) -> None:
        """Do nothing: the loop cannot be closed."""

    def _let_go(self) -> None:
        """Hold nothing of JavaScript's until there is something to do again.

        Raises
        ------
        RuntimeError
            If something waits to be done.
        """
        if self._ready or self._timers:
            raise RuntimeError("callbacks, tasks or timers of the event loop are not done yet")
        self._post = self._timer_callback = None

    def run_until_complete(self, future: Any) -> Any:
        """Run a coroutine or future.

        Returns
        -------
        Its result, if the caller can be made to wait for it. Otherwise this returns at once, with
        the future.
        """
        task: Any = asyncio.ensure_future(future, loop=self)
        if self.may_block and _can_block():
            return run_sync(task)
        return task

    # Callbacks

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Handle:
        """Call `callback` in a macrotask of its own, after those asked for before."""
        handle = Handle(callback, args, self, context)
        if self._post is None:
            self._post = _macrotask_poster(self._run_next)
        self._ready.append(handle)
        self._post()
        return handle

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Handle:
        """Do the same as `call_soon`: there is one thread."""
        return self.call_soon(callback, *args, context=context)

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> Handle:
        """Call `callback` after `delay` seconds; never, if that is infinite.

        Raises
        ------
        ValueError
            If `delay` is negative or not a number.
        """
        if not delay >= 0:
            raise ValueError(f"The delay must not be negative: {delay!r}")
        if delay == 0:
            return self.call_soon(callback, *args, context=context)
        timer = _Timer(self.time() + delay, callback, args, self, context)
        self._timer_count += 1
        timer.number = self._timer_count
        if delay != math.inf:
            self._start(timer, delay)
        return timer

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> Handle:
        """Call `callback` at the time `when` of this loop's clock, soon if that has passed."""
        return self.call_later(max(0.0, when - self.time()), callback, *args, context=context)

    def time(self) -> float:
        """Return the time of the loop's clock, in seconds."""
        return time.monotonic()

    def _start(self, timer: _Timer, delay: float) -> None:
        """Have the timer's callback run after `delay` seconds."""
        import js

        if self._timer_callback is None:
            self._timer_callback = create_callback(self._on_timer)
        milliseconds = min(math.ceil(delay * 1000), _LONGEST_TIMEOUT)
        self._timers[timer.number] = timer
        timer.js_timer = js.setTimeout(self._timer_callback, milliseconds, timer.number)

    def _on_timer(self, number: int) -> None:
        """Run a timer's callback, or wait on if its delay was too long for one of JavaScript."""
        timer = self._timers.pop(number)
        remaining = timer.when() - self.time()
        # JavaScript's timers may be a little early.
        if remaining > 1:
            self._start(timer, remaining)
        else:
            self._run(timer)

    def _timer_handle_cancelled(self, handle: TimerHandle) -> None:
        """Stop the timer of a cancelled handle (called by asyncio)."""
        import js

        assert isinstance(handle, _Timer)
        if self._timers.pop(handle.number, None) is not None:
            js.clearTimeout(handle.js_timer)

    def _run_next(self, *_event: Any) -> None:
        """Run the callback that has waited longest (called by JavaScript)."""
        self._run(self._ready.popleft())

    def _run(self, handle: Handle) -> None:
        """Run a callback; the handlers get what must not be swallowed."""
        if handle.cancelled():
            return
        try:
            handle._run()
        except KeyboardInterrupt:
            if self._keyboard_interrupt_handler is None:
                raise
            self._keyboard_interrupt_handler()
        except SystemExit as error:
            if self._system_exit_handler is None:
                raise
            self._system_exit_handler(error.code)

    # Futures and tasks

    def create_future(self) -> PyodideFuture:
        """Return a new future."""
        future = PyodideFuture(loop=self)
        self._watch(future)
        return future

    def create_task(  # type: ignore[override]
        self,
        coro: Coroutine[Any, Any, Any],
        *,
        name: str | None = None,
        context: Context | None = None,
        **options: Any,
    ) -> Any:
        """Run a coroutine as a task.

        Parameters
        ----------
        coro:
            The coroutine.
        name:
            Name of the task.
        context:
            The context in which it runs; by default a copy of the current one.
        options:
            For the task factory, or for `asyncio.Task`.
        """
        if context is not None:
            options["context"] = context
        if self._task_factory is None:
            task: Any = PyodideTask(coro, loop=self, name=name, **options)
        else:
            task = self._task_factory(self, coro, **options)
            if name is not None:
                task.set_name(name)
        self._watch(task)
        return task

    def set_task_factory(self, factory: Callable[..., Any] | None) -> None:
        """Set the function ``factory(loop, coro, **options)`` that makes tasks; None resets it.

        Raises
        ------
        TypeError
            If it is not callable.
        """
        if factory is not None and not callable(factory):
            raise TypeError("task factory must be a callable or None")
        self._task_factory = factory

    def get_task_factory(self) -> Callable[..., Any] | None:
        """Return the task factory, or None."""
        return self._task_factory

    def _watch(self, future: "asyncio.Future[Any]") -> None:
        """Count a future among those in progress."""
        self._in_progress += 1
        future.add_done_callback(self._on_done)

    def _on_done(self, future: "asyncio.Future[Any]") -> None:
        """Take a future off the count, and report its exception if nobody waits for it."""
        self._in_progress -= 1
        # This was its first callback, so all others are still in the queue.
        wanted = any(handle._args and handle._args[0] is future for handle in self._ready)
        if not wanted and not future.cancelled():
            error = future.exception()
            if error is not None and not isinstance(error, KeyboardInterrupt | SystemExit):
                self.call_exception_handler({"exception": error})
        if self._in_progress == 0 and self._no_in_progress_handler is not None:
            self._no_in_progress_handler()

    # Executors: there are no threads

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> PyodideFuture:
        """Call `func` at once.

        Returns
        -------
        A future that is done.
        """
        future = PyodideFuture(loop=self)
        try:
            future.set_result(func(*args))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            future.set_exception(error)
        return future

    def set_default_executor(self, executor: Any) -> None:
        """Do nothing: no executor is used."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Do nothing: no executor is used."""

    # Async generators

    def track_async_generators(self) -> None:
        """Let the interpreter tell this loop of every async generator that is begun or dropped."""
        sys.set_asyncgen_hooks(firstiter=self._on_asyncgen_begun, finalizer=self._close_asyncgen)

    def _on_asyncgen_begun(self, generator: Any) -> None:
        if self._asyncgens_shut_down:
            import warnings

            warnings.warn(
                f"asynchronous generator {generator!r} was scheduled after "
                "loop.shutdown_asyncgens() call",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )
        self._asyncgens.add(generator)

    def _close_asyncgen(self, generator: Any) -> None:
        self._asyncgens.discard(generator)
        self.call_soon(self.create_task, generator.aclose())

    async def shutdown_asyncgens(self) -> None:
        """Close all async generators that have been begun."""
        self._asyncgens_shut_down = True
        closing = list(self._asyncgens)
        self._asyncgens.clear()
        outcomes = await asyncio.gather(
            *(generator.aclose() for generator in closing), return_exceptions=True
        )
        for generator, outcome in zip(closing, outcomes, strict=True):
            if isinstance(outcome, Exception):
                self.call_exception_handler(
                    {
                        "message": "an error occurred during closing of asynchronous generator "
                        f"{generator!r}",
                        "exception": outcome,
                        "asyncgen": generator,
                    }
                )

    # Errors and debugging

    def get_exception_handler(self) -> Callable[..., object] | None:
        """Return the exception handler, or None for the default one."""
        return self._exception_handler

    def set_exception_handler(self, handler: Callable[..., object] | None) -> None:
        """Set the function ``handler(loop, context)``; None resets it.

        Raises
        ------
        TypeError
            If it is not callable.
        """
        if handler is not None and not callable(handler):
            raise TypeError(f"A callable object or None is expected, got {handler!r}")
        self._exception_handler = handler

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Print what happened on `sys.stderr`.

        Parameters
        ----------
        context:
            As of asyncio: ``"message"``, ``"exception"`` and others.
        """
        import traceback

        lines = [context.get("message") or "Unhandled exception in event loop", "\n"]
        lines += [
            f"{key}: {value!r}\n"
            for key, value in sorted(context.items())
            if key not in ("message", "exception")
        ]
        error = context.get("exception")
        if error is not None:
            lines += traceback.format_exception(error)
        sys.stderr.write("".join(lines))

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Call the exception handler; should it fail, print both errors."""
        if self._exception_handler is None:
            self.default_exception_handler(context)
            return
        try:
            self._exception_handler(self, context)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            self.default_exception_handler(
                {
                    "message": "Unhandled error in exception handler",
                    "exception": error,
                    "context": context,
                }
            )

    def get_debug(self) -> bool:
        """Return whether asyncio's debug mode is on."""
        return self._debug

    def set_debug(self, enabled: bool) -> None:
        """Switch asyncio's debug mode on or off."""
        self._debug = enabled


def _can_block() -> bool:
    """Return whether the stack can be switched here."""
    try:
        return can_run_sync()
    except NotImplementedError:
        # On ordinary CPython.
        return False


class WebLoopPolicy(asyncio.DefaultEventLoopPolicy):
    """Event loop policy: there is one `WebLoop`, unless more are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._default_loop: asyncio.AbstractEventLoop | None = None

    def get_event_loop(self) -> asyncio.AbstractEventLoop:
        """Return the current loop."""
        if self._default_loop is None:
            return self.new_event_loop()
        return self._default_loop

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """Make a loop and make it the current one."""
        self._default_loop = WebLoop()  # type: ignore[abstract]
        return self._default_loop

    def set_event_loop(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Make `loop` the current one."""
        self._default_loop = loop


def _run(main: Awaitable[Any], *, debug: bool | None = None, loop_factory: Any = None) -> Any:
    """Run a coroutine on the loop that is running: what replaces `asyncio.run`.

    Parameters
    ----------
    main:
        The coroutine, or anything else that can be awaited, such as a promise.
    debug:
        Switches asyncio's debug mode, unless it is None.
    loop_factory:
        Not used: there is a loop.

    Returns
    -------
    The coroutine's result, if the caller can be made to wait for it; otherwise its task.

    Raises
    ------
    ValueError
        If `main` cannot be awaited.
    """
    if not isawaitable(main):
        raise ValueError(f"a coroutine was expected, got {main!r}")
    loop = asyncio.get_event_loop()
    if debug is not None:
        loop.set_debug(debug)
    return loop.run_until_complete(main)


def install(*, may_block: bool) -> WebLoop:
    """Make a `WebLoop` the running event loop of asyncio, for good.

    Parameters
    ----------
    may_block:
        Whether `run_until_complete` and `asyncio.run` may block.
    """
    policy = WebLoopPolicy()
    loop = WebLoop(may_block=may_block)  # type: ignore[abstract]
    policy.set_event_loop(loop)
    asyncio.set_event_loop_policy(policy)
    asyncio._set_running_loop(loop)
    loop.track_async_generators()
    asyncio.run = asyncio.runners.run = _run
    return loop

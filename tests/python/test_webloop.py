"""asyncio on a JavaScript event loop, here on one that is simulated."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import inspect
import math
import subprocess
import sys
import types
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from pyodide import webloop
from pyodide.webloop import PyodideFuture, PyodideTask, WebLoop, WebLoopPolicy

from .fakes import FakeEventLoop

SOURCES = Path(__file__).resolve().parents[2] / "src/pyodide_py"


@pytest.fixture
def js(monkeypatch: pytest.MonkeyPatch) -> FakeEventLoop:
    """The event loop of JavaScript."""
    events = FakeEventLoop()
    module: Any = types.SimpleNamespace(
        setTimeout=events.set_timeout,
        clearTimeout=events.clear_timeout,
        setImmediate=events.set_immediate,
    )
    monkeypatch.setitem(sys.modules, "js", module)
    return events


@pytest.fixture
def loop(js: FakeEventLoop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A loop which is the running one, on the clock of the simulation."""
    web_loop: Any = WebLoop()  # type: ignore[abstract]
    monkeypatch.setattr(web_loop, "time", lambda: js.now)
    hooks = sys.get_asyncgen_hooks()
    asyncio._set_running_loop(web_loop)
    web_loop.track_async_generators()
    yield web_loop
    js.run()
    asyncio._set_running_loop(None)
    sys.set_asyncgen_hooks(*hooks)


Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def run(loop: Any, js: FakeEventLoop) -> Run:
    """Function that runs a coroutine and gives its result."""

    def run_coroutine(coroutine: Coroutine[Any, Any, Any]) -> Any:
        task = loop.create_task(coroutine)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        js.run(until=task.done)
        assert task.done(), "the event loop has nothing to do, but the task is not done"
        return task.result()

    return run_coroutine


@pytest.mark.spec("8.2/1")
def test_always_running(loop: Any) -> None:
    loop.stop()
    loop.close()
    loop.run_forever()
    assert loop.is_running()
    assert not loop.is_closed()
    assert asyncio.get_running_loop() is loop
    assert asyncio.get_event_loop() is loop


@pytest.mark.spec("8.2/2")
def test_callbacks_are_macrotasks_in_order(loop: Any, js: FakeEventLoop) -> None:
    seen: list[int] = []
    for number in range(5):
        loop.call_soon(seen.append, number)
    loop.call_later(0, seen.append, 5)
    loop.call_soon_threadsafe(seen.append, 6)
    assert seen == []
    js.run()
    assert seen == list(range(7))
    assert js.macrotasks == 7


@pytest.mark.spec("8.2/2")
def test_timers(loop: Any, js: FakeEventLoop) -> None:
    seen: list[str] = []
    loop.call_later(0.2, seen.append, "later")
    loop.call_later(0.1, seen.append, "first")
    loop.call_later(0.1, seen.append, "second")
    loop.call_at(-5, seen.append, "past")
    loop.call_at(0.15, seen.append, "at")
    js.run()
    assert seen == ["past", "first", "second", "at", "later"]
    assert js.now == pytest.approx(0.2)


@pytest.mark.spec("8.2/2")
@pytest.mark.parametrize("delay", [-0.001, math.nan, -math.inf])
def test_bad_delays(loop: Any, delay: float) -> None:
    with pytest.raises(ValueError, match="delay"):
        loop.call_later(delay, print)


def test_long_and_infinite_delays(loop: Any, js: FakeEventLoop) -> None:
    seen: list[float] = []
    never = loop.call_later(math.inf, seen.append, -1)
    loop.call_later(5e6, lambda: seen.append(js.now))
    assert js.pending_timers == 1
    js.run()
    assert seen == [pytest.approx(5e6)]
    never.cancel()


def test_cancelled_handles(loop: Any, js: FakeEventLoop) -> None:
    timer = loop.call_later(60, pytest.fail, "timer ran")
    soon = loop.call_soon(pytest.fail, "callback ran")
    timer.cancel()
    timer.cancel()
    soon.cancel()
    assert js.pending_timers == 0
    js.run()
    assert js.now == 0
    fired = loop.call_later(1, lambda: None)
    js.run()
    fired.cancel()


@pytest.mark.spec("8.2/3")
def test_context(loop: Any, js: FakeEventLoop, run: Run) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="none")
    context = contextvars.copy_context()
    context.run(variable.set, "set")
    seen: list[str] = []

    async def main() -> None:
        seen.append(variable.get())

    loop.call_soon(lambda: seen.append(variable.get()), context=context)
    loop.call_later(1, lambda: seen.append(variable.get()), context=context)
    loop.create_task(main(), context=context)
    run(main())
    js.run()
    assert seen == ["set", "set", "none", "set"]


@pytest.mark.spec("13.7/17")
def test_many_sleeps(run: Run, js: FakeEventLoop) -> None:
    async def main() -> None:
        for _ in range(1000):
            await asyncio.sleep(0)

    run(main())
    assert js.now == 0
    assert 1000 <= js.macrotasks < 1010


def test_standard_tools(run: Run, js: FakeEventLoop, capsys: pytest.CaptureFixture[str]) -> None:
    async def slow(seconds: float, result: object) -> object:
        await asyncio.sleep(seconds)
        return result

    async def main() -> None:
        assert list(await asyncio.gather(slow(3, "a"), slow(1, "b"))) == ["a", "b"]
        assert js.now == pytest.approx(3)
        assert await asyncio.wait_for(slow(1, "in time"), 60) == "in time"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(slow(60, None), 1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.sleep(60)
        queue: asyncio.Queue[int] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(queue.put(7), name="producer")
            consumer = group.create_task(queue.get())
        assert consumer.result() == 7

    run(main())
    # No timer is left behind, so a Node program can end.
    assert js.pending_timers == 0
    js.run()
    assert capsys.readouterr().err == ""


@pytest.mark.spec("8.1/1")
def test_futures_and_tasks(loop: Any, run: Run) -> None:
    async def main() -> str:
        task = asyncio.current_task()
        assert isinstance(task, PyodideTask)
        assert task.get_name() == "named"
        return "result"

    future = loop.create_future()
    assert type(future) is PyodideFuture
    future.cancel()
    task = loop.create_task(main(), name="named")
    assert isinstance(task, asyncio.Task)
    assert isinstance(task, PyodideFuture)
    assert isinstance(asyncio.ensure_future(main_done(task)), PyodideTask)

    async def wait() -> str:
        result: str = await task
        return result

    assert run(wait()) == "result"


async def main_done(task: Any) -> None:
    await asyncio.wait([task])


@pytest.mark.spec("8.2/5")
def test_task_factory(loop: Any, run: Run) -> None:
    made: list[str] = []

    def factory(loop: Any, coro: Any, **options: Any) -> Any:
        made.append(coro.__name__)
        return PyodideTask(coro, loop=loop, **options)

    async def main() -> int:
        return 1

    with pytest.raises(TypeError):
        loop.set_task_factory(5)
    loop.set_task_factory(factory)
    assert loop.get_task_factory() is factory
    task = loop.create_task(main(), name="x")
    assert task.get_name() == "x"
    assert run(main()) == 1
    assert made == ["main", "main"]


async def double(value: int) -> int:
    await asyncio.sleep(0)
    return 2 * value


@pytest.mark.spec("8.1/2")
def test_then(loop: Any, js: FakeEventLoop) -> None:
    future = loop.create_future()
    sync = future.then(lambda value: value + 1)
    coroutine = future.then(double)
    nested = future.then(lambda value: double_later(value))
    through = future.then(None)
    chain = sync.then(double).then(lambda value: value + 1)
    future.set_result(5)
    js.run()
    results = [f.result() for f in (sync, coroutine, nested, through, chain)]
    assert results == [6, 10, 10, 5, 13]
    assert all(type(f) is PyodideFuture for f in (sync, coroutine, nested, through, chain))


async def double_later(value: int) -> Any:
    """Return an awaitable, not the value."""
    return double(value)


@pytest.mark.spec("8.1/3")
def test_rejections(loop: Any, js: FakeEventLoop) -> None:
    future = loop.create_future()

    async def fail(_: object) -> None:
        raise ValueError("async")

    caught = future.then(lambda _: "not called", lambda error: type(error).__name__)
    also = future.catch(lambda error: str(error))
    through = future.then(lambda _: "not called")
    failing = future.catch(fail)
    failing_sync = future.catch(lambda error: error.missing)
    for rejected in (through, failing, failing_sync):
        rejected.add_done_callback(lambda done: done.exception())
    future.set_exception(KeyError("k"))
    js.run()
    assert caught.result() == "KeyError"
    assert also.result() == "'k'"
    assert isinstance(through.exception(), KeyError)
    assert isinstance(failing.exception(), ValueError)
    assert isinstance(failing_sync.exception(), AttributeError)


@pytest.mark.spec("8.1/2")
def test_finally(loop: Any, js: FakeEventLoop) -> None:
    calls: list[str] = []
    fulfilled, rejected = loop.create_future(), loop.create_future()

    async def cleanup() -> str:
        await asyncio.sleep(0)
        calls.append("async")
        return "ignored"

    def failing() -> None:
        raise RuntimeError("cleanup")

    kept = fulfilled.finally_(lambda: calls.append("sync"))
    kept_async = fulfilled.finally_(cleanup)
    failed = fulfilled.finally_(failing)
    kept_error = rejected.finally_(cleanup)
    for future in (failed, kept_error):
        future.add_done_callback(lambda done: done.exception())
    fulfilled.set_result(1)
    rejected.set_exception(KeyError("k"))
    js.run()
    assert (kept.result(), kept_async.result()) == (1, 1)
    assert isinstance(failed.exception(), RuntimeError)
    assert isinstance(kept_error.exception(), KeyError)
    assert sorted(calls) == ["async", "async", "sync"]


@pytest.mark.spec("8.1/4")
def test_cancellation_reaches_derived_futures(loop: Any, js: FakeEventLoop) -> None:
    future = loop.create_future()
    calls: list[str] = []
    derived = [
        future.then(lambda _: calls.append("then")),
        future.catch(lambda _: calls.append("catch")),
        future.finally_(lambda: calls.append("finally")),
    ]
    abandoned = future.then(None)
    abandoned.cancel()
    future.cancel()
    js.run()
    assert all(f.cancelled() for f in derived)
    assert calls == ["finally"]


def test_cancelled_in_a_handler(loop: Any, js: FakeEventLoop) -> None:
    async def cancelled(_: object) -> None:
        raise asyncio.CancelledError

    future = loop.create_future()
    derived = future.then(cancelled)
    future.set_result(None)
    js.run()
    assert derived.cancelled()


@pytest.mark.spec("8.2/6", "13.7/13")
def test_unhandled_errors_are_reported(
    loop: Any, js: FakeEventLoop, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail() -> None:
        raise ValueError("nobody waits")

    loop.create_task(fail())
    js.run()
    text = capsys.readouterr().err
    assert text.startswith("Unhandled exception in event loop\nTraceback")
    assert text.endswith("ValueError: nobody waits\n")
    gc.collect()
    assert capsys.readouterr().err == ""


def test_awaited_errors_are_not_reported(
    loop: Any, js: FakeEventLoop, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail() -> None:
        raise ValueError("x")

    async def main() -> None:
        with pytest.raises(ValueError, match="x"):
            await loop.create_task(fail())
        results = await asyncio.gather(fail(), fail(), return_exceptions=True)
        assert len(results) == 2
        cancelled = loop.create_task(asyncio.sleep(5))
        await asyncio.sleep(0)
        cancelled.cancel()

    run(main())
    js.run()
    assert capsys.readouterr().err == ""


@pytest.mark.spec("8.2/6")
def test_exception_handlers(
    loop: Any, js: FakeEventLoop, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[dict[str, Any]] = []
    with pytest.raises(TypeError):
        loop.set_exception_handler(5)
    loop.set_exception_handler(lambda loop, context: seen.append(context))
    assert loop.get_exception_handler() is not None
    loop.call_soon(lambda: 1 / 0)
    js.run()
    assert isinstance(seen[0]["exception"], ZeroDivisionError)
    assert "callback" in seen[0]["message"]

    def failing(loop: Any, context: dict[str, Any]) -> None:
        raise KeyError("in the handler")

    loop.set_exception_handler(failing)
    loop.call_exception_handler({"message": "the first", "more": 5})
    loop.set_exception_handler(None)
    loop.call_exception_handler({"message": "the second", "more": 5})
    text = capsys.readouterr().err
    assert text.startswith("Unhandled error in exception handler\ncontext: {")
    assert "KeyError: 'in the handler'" in text
    assert text.endswith("the second\nmore: 5\n")


@pytest.mark.spec("8.2/7")
def test_in_progress(loop: Any, js: FakeEventLoop) -> None:
    calls: list[object] = []
    loop._no_in_progress_handler = lambda: calls.append("none")
    future = loop.create_future()

    async def wait() -> None:
        await future

    loop.create_task(wait())
    assert loop._in_progress == 2
    js.run()
    assert calls == []
    future.set_result(None)
    js.run()
    assert loop._in_progress == 0
    assert calls == ["none"]


@pytest.mark.spec("8.2/7", "8.5/3")
@pytest.mark.parametrize("in_task", [False, True])
def test_exits_go_to_their_handlers(
    loop: Any, js: FakeEventLoop, in_task: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    def start(error: BaseException) -> None:
        def fail() -> None:
            raise error

        async def fail_async() -> None:
            raise error

        if in_task:
            loop.create_task(fail_async())
        else:
            loop.call_soon(fail)

    start(SystemExit(2))
    with pytest.raises(SystemExit):
        js.run()
    start(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        js.run()
    calls: list[object] = []
    loop._system_exit_handler = calls.append
    loop._keyboard_interrupt_handler = lambda: calls.append("interrupt")
    start(SystemExit(2))
    start(KeyboardInterrupt())
    js.run()
    assert calls == [2, "interrupt"]
    gc.collect()
    assert capsys.readouterr().err == ""


@pytest.mark.spec("8.2/5")
def test_executor_runs_at_once(loop: Any, run: Run) -> None:
    loop.set_default_executor(None)
    future = loop.run_in_executor(None, divmod, 7, 2)
    assert future.done()
    assert future.result() == (3, 1)
    failed = loop.run_in_executor(None, divmod, 7, 0)
    assert isinstance(failed.exception(), ZeroDivisionError)
    run(loop.shutdown_default_executor())

    async def main() -> int:
        return await asyncio.to_thread(len, "abc")

    assert run(main()) == 3


@pytest.mark.spec("8.2/5")
def test_async_generators_are_closed(loop: Any, js: FakeEventLoop, run: Run) -> None:
    closed: list[str] = []

    async def generate(name: str) -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(0)
            closed.append(name)

    async def abandon() -> None:
        async for _ in generate("abandoned"):
            break

    run(abandon())
    gc.collect()
    js.run()
    assert closed == ["abandoned"]

    async def main() -> None:
        kept = generate("kept")
        await anext(kept)
        await loop.shutdown_asyncgens()
        assert closed == ["abandoned", "kept"]
        with pytest.warns(ResourceWarning, match="shutdown_asyncgens"):
            await anext(generate("late"))

    run(main())
    js.run()
    assert closed == ["abandoned", "kept", "late"]


@pytest.mark.spec("8.2/4")
def test_run_until_complete(loop: Any, js: FakeEventLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    task = loop.run_until_complete(double(2))
    js.run()
    assert task.result() == 4
    loop.may_block = True
    task = loop.run_until_complete(double(2))
    js.run()
    assert task.result() == 4, "without stack switching it does not block"

    def blocking(task: Any) -> Any:
        js.run(until=task.done)
        return task.result()

    monkeypatch.setattr(webloop, "can_run_sync", lambda: True)
    monkeypatch.setattr(webloop, "run_sync", blocking)
    assert loop.run_until_complete(double(3)) == 6
    assert webloop._run(double(4), debug=True) == 8
    assert loop.get_debug()
    loop.set_debug(False)
    assert webloop._run(loop.create_task(double(5))) == 10, "whatever can be awaited will do"
    not_coroutine: Any = 5
    with pytest.raises(ValueError, match="coroutine"):
        webloop._run(not_coroutine)


@pytest.mark.spec("8.2/8")
def test_what_a_browser_lacks(loop: Any, run: Run) -> None:
    with pytest.raises(NotImplementedError):
        loop.add_reader(0, print)
    with pytest.raises(NotImplementedError):
        loop.add_signal_handler(2, print)

    async def main() -> None:
        with pytest.raises(NotImplementedError):
            await loop.create_connection(asyncio.Protocol, "localhost", 80)
        with pytest.raises(NotImplementedError):
            await loop.getaddrinfo("localhost", 80)
        with pytest.raises(NotImplementedError):
            await asyncio.create_subprocess_exec("true")

    run(main())


@pytest.mark.spec("8.2/1")
def test_policy() -> None:
    policy = WebLoopPolicy()
    first = policy.get_event_loop()
    assert isinstance(first, WebLoop)
    assert policy.get_event_loop() is first
    second = policy.new_event_loop()
    assert policy.get_event_loop() is second is not first
    policy.set_event_loop(first)
    assert policy.get_event_loop() is first


class Channel:
    """JavaScript's MessageChannel over the simulated loop."""

    events: FakeEventLoop

    def __init__(self) -> None:
        self.port1: Any = types.SimpleNamespace(onmessage=None)
        self.port2 = types.SimpleNamespace(postMessage=self._post)

    @classmethod
    def new(cls) -> Channel:
        return cls()

    def _post(self, _message: None) -> None:
        self.events.set_immediate(lambda: self.port1.onmessage("event"))


def test_without_set_immediate(js: FakeEventLoop, loop: Any) -> None:
    module: Any = sys.modules["js"]
    del module.setImmediate
    seen: list[str] = []
    loop.call_soon(seen.append, "by a timer")
    assert js.pending_timers == 1
    js.run()
    Channel.events = js
    module.MessageChannel = Channel
    other: Any = WebLoop()  # type: ignore[abstract]
    other.call_soon(seen.append, "by a channel")
    other.call_soon(seen.append, "by the same channel")
    assert js.pending_timers == 0
    js.run()
    assert seen == ["by a timer", "by a channel", "by the same channel"]


def test_install() -> None:
    program = """if True:
        import asyncio, sys
        from pyodide import webloop
        loop = webloop.install(may_block=False)
        assert asyncio.get_running_loop() is asyncio.get_event_loop() is loop
        assert asyncio.get_event_loop_policy().get_event_loop() is loop
        assert asyncio.run is asyncio.runners.run is webloop._run
        assert sys.get_asyncgen_hooks().finalizer is not None
        print("done")
    """
    output = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert output.stdout == "done\n"


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("create_connection", (), "no sockets here; pyodide.http"),
        ("sock_recv", (None, 1), "no sockets here; pyodide.http"),
        ("getaddrinfo", ("localhost", 80), "no sockets here"),
        ("subprocess_exec", (None, "ls"), "no processes here"),
        ("add_reader", (0, print), "when a file can be read"),
        ("add_signal_handler", (2, print), "signal.signal"),
    ],
)
def test_what_a_page_cannot_have(
    loop: Any, name: str, arguments: tuple[Any, ...], words: str
) -> None:
    """The error says which method it is, and why; signatures are asyncio's."""
    method = getattr(loop, name)

    async def call() -> None:
        made = method(*arguments)
        if asyncio.iscoroutine(made):
            await made

    with pytest.raises(NotImplementedError, match=rf"^{name}\(\): .*{words}"):
        call().send(None)
    plain = getattr(asyncio.AbstractEventLoop, name)
    assert inspect.signature(getattr(WebLoop, name)) == inspect.signature(plain)
    assert asyncio.iscoroutinefunction(method) == asyncio.iscoroutinefunction(plain)


def test_nothing_is_left_without_an_error() -> None:
    """Whatever asyncio's loops can do, this one does or refuses by name."""
    left = [
        name
        for name, member in vars(asyncio.AbstractEventLoop).items()
        if not name.startswith("_") and getattr(WebLoop, name) is member
    ]
    assert left == []

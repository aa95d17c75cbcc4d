"""asyncio on the event loop of JavaScript, in the runtime: futures, tasks, cancellation, errors nobody waits for."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

PRELUDE = """
import asyncio, contextvars, sys
import js
from pyodide.code import run_js
from pyodide.ffi import JsException
from pyodide.webloop import PyodideFuture, PyodideTask, WebLoop
loop = asyncio.get_event_loop()
sleep = run_js("(ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value))")
"""


@pytest.fixture(autouse=True)
def event_loop(rt: Runtime) -> None:
    """Have the loop make what it keeps for good, before leaks are looked for."""
    rt.js("await pyodide.runPythonAsync('import asyncio; await asyncio.sleep(0.001)')")


def run(rt: Runtime, source: str) -> None:
    """Run code with top-level await."""
    rt.js("await pyodide.runPythonAsync(source)", source=PRELUDE + source)


@pytest.mark.spec("8.1/1", "8.1/5", "8.3/1", "13.7/1", "13.7/4")
def test_futures(rt: Runtime) -> None:
    """Futures and tasks have the methods of promises; results of calls are futures at once, and handlers' results are awaited."""
    run(
        rt,
        """
assert isinstance(loop, WebLoop) and isinstance(loop.create_future(), PyodideFuture)
async def double(x):
    await asyncio.sleep(0)
    return x * 2
async def nested(x):
    return double(x)
task = asyncio.create_task(double(2))
assert isinstance(task, PyodideTask) and isinstance(task, PyodideFuture)
assert await task.then(double).then(lambda x: x + 1) == 9
assert await asyncio.create_task(double(1)).then(nested) == 4

assert isinstance(sleep(1), PyodideFuture)
assert await sleep(1, 5).then(double) == 10
assert await js.Promise.resolve(7) == 7
for make in (lambda: js.Promise.reject(js.Error.new("hi")), lambda: run_js("({ p: Promise.reject(new Error('hi')) })").p):
    try:
        await make()
    except JsException as error:
        assert error.message == "hi"
    else:
        raise AssertionError("no error")
assert await js.Promise.reject(1).catch(lambda error: "caught") == "caught"
async def each():
    for i in range(3):
        yield i
assert [x async for x in each()] == [0, 1, 2]
""",
    )


@pytest.mark.spec("8.1/2", "8.1/3", "8.1/4")
def test_derived_futures(rt: Runtime) -> None:
    """then, catch and finally_ pass outcomes on, and a cancellation too."""
    run(
        rt,
        """
async def outcome(future):
    try:
        return await future
    except BaseException as error:
        return error
own = KeyError("own")
async def fail():
    raise own
assert await outcome(asyncio.create_task(fail()).then(None)) is own
assert await outcome(sleep(1, 3).then(None)) == 3
assert await outcome(sleep(1, 3).catch(lambda error: "unused")) == 3
seen = []
assert await outcome(sleep(1, 3).finally_(lambda: seen.append(1))) == 3
assert await outcome(asyncio.create_task(fail()).finally_(lambda: seen.append(2))) is own
assert isinstance(await outcome(sleep(1).finally_(lambda: 1 / 0)), ZeroDivisionError)
assert seen == [1, 2]
future = loop.create_future()
derived = future.then(lambda x: x)
future.cancel()
assert isinstance(await outcome(derived), asyncio.CancelledError)
""",
    )


@pytest.mark.spec("8.1/6", "13.7/2", "13.7/3")
def test_coroutines_as_promises(rt: Runtime) -> None:
    """JavaScript awaits coroutines, twice too; only an `async def` that it calls starts by itself."""
    assert (
        rt.js(
            """
            pyodide.runPython(`
import asyncio
log = []
async def work(name):
    log.append(name)
    await asyncio.sleep(0)
    return name
def make(name):
    return work(name)
async def chain():
    return work("inner")
`);
            const [work, make, chain] = ["work", "make", "chain"].map((n) => pyodide.globals.get(n));
            const started = work("started");
            const idle = make("idle");
            const log = [await started, await started];
            log.push(pyodide.runPython("' '.join(log)"));
            log.push(await idle, await chain());
            for (const proxy of [work, make, chain]) proxy.destroy();
            return log.join();
            """
        )
        == "started,started,started,idle,inner"
    )


@pytest.mark.spec("8.2/1", "8.2/2", "8.2/5", "8.2/8", "13.7/15", "13.7/17")
def test_the_loop(rt: Runtime) -> None:
    """It is always running; callbacks are macrotasks in order, in their context; what needs descriptors is refused."""
    run(
        rt,
        """
assert asyncio.get_running_loop() is loop is asyncio.get_event_loop_policy().get_event_loop()
assert loop.is_running() and not loop.is_closed()
loop.close(); loop.stop(); loop.run_forever()
order = []
for i in range(3):
    loop.call_soon(order.append, i)
loop.call_later(0, order.append, 3)
loop.call_soon_threadsafe(order.append, 4)
promise = run_js("({ p: Promise.resolve() })").p.then(lambda _: order.append("microtask"))
assert order == []
await asyncio.sleep(0.001)
assert order == ["microtask", 0, 1, 2, 3, 4], order
try:
    loop.call_later(-1, print)
except ValueError:
    pass
else:
    raise AssertionError("no error")

variable = contextvars.ContextVar("variable", default="outside")
context = contextvars.copy_context()
context.run(variable.set, "inside")
async def read():
    await asyncio.sleep(0)
    return variable.get()
values = []
loop.call_soon(lambda: values.append(variable.get()), context=context)
assert await loop.create_task(read(), name="named", context=context) == "inside"
assert await loop.create_task(read()) == "outside" and values == ["inside"]
assert await loop.run_in_executor(None, lambda x: x + 1, 1) == 2
for _ in range(1000):
    await asyncio.sleep(0)
for refused in (loop.add_reader, loop.add_signal_handler, loop.subprocess_exec, loop.create_server, loop.getaddrinfo):
    try:
        result = refused(*(None,) * 2)
        if asyncio.iscoroutine(result):
            await result
    except NotImplementedError:
        pass
    else:
        raise AssertionError(refused)
""",
    )


@pytest.mark.spec("8.2/6", "8.5/2", "13.7/13", "13.7/14")
def test_errors_nobody_waits_for(rt: Runtime) -> None:
    """A task that fails for nobody is reported on stderr, or to the exception handler; cancelled ones are not."""
    run(
        rt,
        """
import io
from contextlib import redirect_stderr
async def fail():
    raise ValueError("for nobody")
with redirect_stderr(io.StringIO()) as stderr:
    task = asyncio.create_task(fail())
    await asyncio.sleep(0.005)
text = stderr.getvalue()
assert text.startswith("Unhandled exception in event loop") and "Traceback" in text, text
assert text.rstrip().endswith("ValueError: for nobody")

with redirect_stderr(io.StringIO()) as stderr:
    assert await asyncio.wait_for(sleep(1, "in time"), 2) == "in time"
    try:
        await asyncio.wait_for(loop.create_future(), 0.001)
    except TimeoutError:
        pass
    else:
        raise AssertionError("no timeout")
    try:
        async with asyncio.timeout(0.001):
            await asyncio.sleep(10)
    except TimeoutError:
        pass
    cancelled = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    cancelled.cancel()
    results = await asyncio.gather(fail(), sleep(1, 1), cancelled, return_exceptions=True)
    await asyncio.sleep(0.005)
assert [type(r).__name__ for r in results] == ["ValueError", "int", "CancelledError"]
assert stderr.getvalue() == "", stderr.getvalue()

contexts = []
loop.set_exception_handler(lambda loop, context: contexts.append(context["exception"]))
task = asyncio.create_task(fail())
await asyncio.sleep(0.005)
loop.set_exception_handler(None)
assert [str(error) for error in contexts] == ["for nobody"]
""",
    )


@pytest.mark.spec("8.5/1")
def test_cancelling_leaves_javascript_alone(rt: Runtime) -> None:
    """Cancelling a task that waits for a promise drops its late outcome; what was lent for the call is released then."""
    rt.js(
        """
        let settle, lent;
        const start = (value) => new Promise((resolve) => { settle = resolve; lent = value; });
        await pyodide.runPythonAsync(prelude + `
async def wait(start):
    await start({"lent": 1})
async def cancel(start):
    task = asyncio.create_task(wait(start))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled"
`);
        const cancel = pyodide.globals.get("cancel");
        const outcome = await cancel(start);
        const alive = lent.get("lent");
        settle("late");
        await new Promise((resolve) => setTimeout(resolve, 1));
        const released = h.thrown(() => lent.get("lent")).message;
        cancel.destroy();
        if (outcome !== "cancelled" || alive !== 1) throw new Error(`${outcome} ${alive}`);
        if (!released.startsWith("This borrowed proxy was automatically destroyed")) throw new Error(released);
        """,
        prelude=PRELUDE,
    )


@pytest.mark.spec("8.2/7", "8.5/3", "13.7/16")
def test_hooks_of_runners(rt: Runtime) -> None:
    """Pending futures and tasks are counted; exits and interrupts of callbacks go to their handlers."""
    run(
        rt,
        """
idle = WebLoop()
calls = []
idle._no_in_progress_handler = lambda: calls.append("idle")
future = idle.create_future()
async def wait():
    await future
task = idle.create_task(wait())
assert idle._in_progress == 2
future.set_result(None)
await asyncio.sleep(0.005)
assert idle._in_progress == 0 and calls == ["idle"]

def leave(error):
    raise error
before = loop._keyboard_interrupt_handler, loop._system_exit_handler
loop._keyboard_interrupt_handler = lambda: calls.append("interrupt")
loop._system_exit_handler = lambda code: calls.append(code)
loop.call_soon(leave, KeyboardInterrupt())
loop.call_soon(leave, SystemExit(2))
await asyncio.sleep(0.005)
loop._keyboard_interrupt_handler, loop._system_exit_handler = before
assert calls == ["idle", "interrupt", 2], calls
""",
    )

"""Promises, thenables and async iterators of JavaScript, awaited in Python."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

SETUP = """
    globalThis.sleep = (ms, value) => new Promise((resolve) => setTimeout(() => resolve(value), ms));
    globalThis.seven = Promise.resolve(7);
    globalThis.error = new RangeError("late");
    globalThis.fail = async () => { throw error; };
    globalThis.failOddly = () => Promise.reject(5);
    globalThis.later = (f, x) => sleep(1).then(() => f(x));
    globalThis.thenable = { then(resolve) { resolve("thenable"); } };
    globalThis.counter = {
      [Symbol.asyncIterator]: () => ({ i: 0, async next() { return { done: this.i > 2, value: this.i++ }; } }),
    };
    globalThis.generator = async function* () { const x = yield 1; try { yield x; } finally { yield 9; } };
    globalThis.echo = async function* () {
      let last;
      for (;;) { try { last = yield last; } catch (e) { last = e.type ?? e.name; } }
    };
    globalThis.lost = { then(resolve) { resolve(1); } };
    globalThis.sync = { [Symbol.asyncIterator]() { return this; }, next: () => ({ done: false }) };
"""


def run(rt: Runtime, code: str) -> object:
    """Run an async program after the set-up, and return its last value."""
    rt.js(SETUP)
    return rt.js("return await pyodide.runPythonAsync(code);", code=code)


@pytest.mark.keeps_state
def test_first_await(rt: Runtime) -> None:
    """The first await starts the event loop, which keeps a few JavaScript objects from then on."""
    assert run(rt, "import js\nawait js.sleep(1, 3)") == 3


def test_call_results_are_futures(rt: Runtime) -> None:
    """A promise that a call returns is an asyncio future; one read as an attribute is a JsPromise."""
    code = """
        import asyncio, js
        from pyodide.ffi import JsPromise
        future = js.sleep(1, "x")
        constructed = js.Promise.new(lambda resolve, reject: resolve(1))
        r = [isinstance(future, asyncio.Future), isinstance(js.seven, JsPromise), isinstance(constructed, JsPromise)]
        r += [await future, await js.seven, await constructed, await js.thenable, await future.then(lambda v: v * 2)]
        ";".join(map(str, r))
    """
    assert run(rt, code) == "True;True;True;x;7;1;thenable;xx"


def test_rejections(rt: Runtime) -> None:
    """A rejection raises the error itself; what is no error becomes one."""
    code = """
        import js
        from pyodide.ffi import JsException
        r = []
        try:
            await js.fail()
        except JsException as e:
            r.append(e == js.error)
        try:
            await js.failOddly()
        except JsException as e:
            r.append("A value of type number" in str(e))
        try:
            await js.seven.then(lambda v: 1 / 0)
        except ZeroDivisionError:
            r.append("the same exception")
        ";".join(map(str, r))
    """
    assert run(rt, code) == "True;True;the same exception"


def test_handlers(rt: Runtime) -> None:
    """then, catch and finally_ give promises of what their handlers return."""
    code = """
        import js
        async def tenfold(v):
            return v * 10
        r = [
            await js.seven.then(lambda v: v + 1), await js.seven.then(tenfold), await js.seven.catch(tenfold),
            await js.seven.finally_(lambda: 1), js.seven.then.__text_signature__,
        ]
        failing = js.Promise.new(lambda resolve, reject: reject(js.error))
        r += [await failing.catch(lambda e: e.name), await failing.then(None, lambda e: e.message)]
        ";".join(map(str, r))
    """
    assert run(rt, code) == "8;70;7;7;(onfulfilled, onrejected=None);RangeError;late"


def test_arguments_live_until_the_promise_settles(rt: Runtime) -> None:
    """A borrowed callable may be called until the promise of the call is settled."""
    assert run(rt, "import js\nawait js.later(lambda x: x * 2, 4)") == 8


def test_cancelled_future_ignores_the_outcome(rt: Runtime) -> None:
    """Cancelling a future does not stop the promise, whose outcome is dropped."""
    code = """
        import asyncio, js
        future = js.sleep(1, 2)
        future.cancel()
        await js.sleep(5)
        future.cancelled()
    """
    assert run(rt, code) is True


def test_async_iteration(rt: Runtime) -> None:
    """Async iterables work in `async for`; iterators have asend, generators athrow and aclose."""
    code = """
        import js
        r = [[x async for x in js.counter]]
        g = js.generator()
        r += [await anext(g), await g.asend(5)]
        try:
            await g.aclose()
        except RuntimeError as e:
            r.append(str(e))
        e = js.echo()
        await anext(e)
        r += [await e.asend("a"), await e.athrow(ValueError("b")), await e.athrow(js.error), await e.aclose()]
        try:
            await anext(e)
        except StopAsyncIteration:
            r.append("ended")
        ";".join(map(str, r))
    """
    expected = (
        "[0, 1, 2];1;5;JavaScript generator ignored return;a;ValueError;RangeError;None;ended"
    )
    assert run(rt, code) == expected


def test_not_async(rt: Runtime) -> None:
    """A step that is no promise is a TypeError that names the right way; so is a lost `then`."""
    code = """
        import js
        r = []
        try:
            await anext(js.sync)
        except TypeError as e:
            r.append(str(e))
        o = js.lost
        del o.then
        try:
            await o
        except TypeError as e:
            r.append("can't be used in 'await' expression" in str(e))
        ";".join(map(str, r))
    """
    assert run(rt, code) == "Result of next() was not a promise, use next() or send().;True"

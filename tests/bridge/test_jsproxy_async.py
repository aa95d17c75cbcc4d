"""Promises, thenables and async iterators of JavaScript, awaited in Python."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

SETUP = """
    globalThis.sleep = (ms, value) => new Promise((resolve) => setTimeout(() => resolve(value), ms));
    globalThis.seven = Promise.resolve(7);
    globalThis.error = new RangeError("late");
    globalThis.fail = async () => { throw error; };
    globalThis.bad = { p: Promise.reject(new Error("no")) };
    bad.p.catch(() => {});
    globalThis.never = () => new Promise(() => {});
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
    """The first await and the first timer leave a few JavaScript objects with the event loop."""
    code = "import asyncio, js\nawait asyncio.sleep(0.001)\nawait js.sleep(1, 3)"
    assert run(rt, code) == 3


@pytest.mark.spec("3.10/1", "3.10/3")
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


@pytest.mark.spec("3.9/2", "3.10/3")
def test_coroutines_that_javascript_has_started(rt: Runtime) -> None:
    """A call of an `async def` in JavaScript starts it; what comes back to Python is a future of its result."""
    rt.js("globalThis.call = (f, ...args) => f(...args); globalThis.o = {};")
    code = """
        import asyncio, js
        from pyodide.ffi import create_proxy
        ran = []
        async def twice(x):
            ran.append(x)
            return [x, x]
        async def fail():
            raise KeyError("gone")
        future = js.call(twice, 1)
        r = [isinstance(future, asyncio.Future), await future, list(ran)]
        kept = create_proxy(twice)
        js.o.f = kept
        r += [await js.call(kept, 2), await js.o.f(3), await kept(4)]
        try:
            await js.call(fail)
        except KeyError as error:
            r += [error.args[0]]
        value = {}
        async def same():
            return value
        r += [await js.call(same) is value]
        kept.destroy()
        del js.o.f
        ";".join(map(str, r))
    """
    assert run(rt, code) == "True;[1, 1];[1];[2, 2];[3, 3];[4, 4];gone;True"


@pytest.mark.spec("3.10/2")
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


@pytest.mark.spec("3.10/3")
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


@pytest.mark.spec("3.6/8", "3.10/1")
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
    assert run(rt, code) == "Result of anext() was not a promise, use next() instead.;True"


@pytest.mark.spec("3.10/1")
def test_await_goes_through_promise_resolve(rt: Runtime) -> None:
    """Anything with `then` is awaited as JavaScript awaits it: once, also when that gives another promise or throws."""
    rt.js(
        """
        globalThis.o = {
            nested: { then(ok) { ok(Promise.resolve({ then(ok) { ok(3); } })); } },
            rejects: { then(ok, no) { no(new Error("x")); } },
            throws: { then() { throw new Error("y"); } },
            twice: { then(ok) { ok(1); ok(2); } },
            counted: { calls: 0, then(ok) { this.calls++; ok(this.calls); } },
        };
        """
    )
    code = """
        import js
        async def outcome(awaitable):
            try:
                return await awaitable
            except Exception as e:
                return f"{type(e).__name__}: {e}"
        r = [await outcome(getattr(js.o, n)) for n in ("nested", "rejects", "throws", "twice", "counted")]
        r += [js.o.counted.calls, await js.seven, await js.seven]
        ";".join(map(str, r))
    """
    assert run(rt, code) == "3;JsException: Error: x;JsException: Error: y;1;1;1;7;7"


@pytest.mark.spec("3.10/2")
def test_handlers_as_in_javascript(rt: Runtime) -> None:
    """Handlers' results and errors go on, missing handlers pass on, wrong ones are refused; results are JsPromises."""
    code = """
        import js
        from pyodide.ffi import JsPromise
        async def outcome(awaitable):
            try:
                return await awaitable
            except Exception as e:
                return f"{type(e).__name__}: {e}"
        def fail(*args):
            raise KeyError("x")
        good, bad = js.seven, js.bad.p
        r = [
            await outcome(make()) for make in (
                lambda: good.then(lambda v: v + 1), lambda: good.then(None), lambda: good.then(None, fail),
                lambda: bad.then(fail), lambda: bad.then(None, None), lambda: bad.then(None, lambda e: e.message),
                lambda: bad.catch(lambda e: 5), lambda: good.catch(fail), lambda: good.finally_(lambda: 5),
                lambda: bad.finally_(lambda: 5), lambda: good.then(fail), lambda: bad.catch(fail),
                lambda: good.finally_(fail), lambda: good.then(lambda v: js.seven),
                lambda: good.then(onfulfilled=lambda v: v, onrejected=None),
            )
        ]
        r += [isinstance(good.then(None), JsPromise), isinstance(good.finally_(lambda: 1), JsPromise)]
        for wrong in (lambda: good.then(), lambda: good.then(5), lambda: good.then(None, 5), lambda: good.catch(),
                      lambda: good.catch(5), lambda: good.finally_(None)):
            try:
                wrong()
            except TypeError:
                r.append("TypeError")
        del fail
        ";".join(map(str, r))
    """
    error, key = "JsException: Error: no", "KeyError: 'x'"
    expected = [
        8, 7, 7, error, error, "no", 5, 7, 7, error, key, key, key, 7, 7, True, True, *["TypeError"] * 6
    ]  # fmt: skip
    assert run(rt, code) == ";".join(map(str, expected))


@pytest.mark.spec("3.10/2")
def test_handlers_are_released(rt: Runtime) -> None:
    """Both handlers are let go as soon as the promise is settled, whichever was called."""
    code = """
        import js, sys
        def ok(*args): pass
        def no(*args): pass
        counts = lambda: sys.getrefcount(ok) + sys.getrefcount(no)
        bad = js.bad.p
        makers = [
            lambda: js.seven.then(ok, no), lambda: bad.then(ok, no), lambda: bad.catch(no), lambda: js.seven.finally_(ok),
            lambda: js.seven.catch(no),
        ]
        before, r = counts(), []
        for make in makers:
            derived = make()
            r.append(counts() > before)
            await derived
            r.append(counts() == before)
        all(r)
    """
    assert run(rt, code) is True


@pytest.mark.spec("3.10/3")
def test_futures_have_the_methods_of_promises(rt: Runtime) -> None:
    """The future of a call has then, catch and finally_, and all that asyncio's futures have."""
    code = """
        import asyncio, js
        future = js.sleep(1, 5)
        r = [isinstance(future, asyncio.Future)]
        r += [await future.then(lambda v: v + 1), await future.finally_(lambda: 9), await future.catch(lambda e: 9)]
        r += [future.done(), future.result(), await js.fail().catch(lambda e: e.message)]
        calls = []
        future = js.sleep(1, 5)
        future.add_done_callback(lambda f: calls.append(f.result()))
        await future
        await asyncio.sleep(0)
        r += calls
        late = js.never()
        try:
            await asyncio.wait_for(late, 0.0001)
        except TimeoutError:
            r.append("timeout")
        r.append(late.cancelled())
        ";".join(map(str, r))
    """
    assert run(rt, code) == "True;6;5;5;True;5;late;5;timeout;True"


@pytest.mark.spec("3.5/5", "3.9/2", "3.9/3", "3.9/4")
def test_this_is_lent_like_an_argument(rt: Runtime) -> None:
    """The proxy of the instance dies with the call, or with the promise or generator that it returned."""
    rt.js(
        """
        globalThis.me = function (...args) { globalThis.kept = this; return args.length === 0 ? this : args.join(); };
        globalThis.later = async function () { await 1; return this.x; };
        globalThis.steps = function* () { yield 1; yield this.x; };
        globalThis.fail = function () { throw new Error("failed"); };
        """
    )
    rt.js(
        """
        await pyodide.runPythonAsync(code);
        const error = h.thrown(() => kept.x);
        if (!error.message.startsWith("This borrowed proxy was automatically destroyed")) throw error;
        """,
        code="""
        import js, sys
        from pyodide.ffi import JsException

        class T:
            me, later, steps, fail = js.me, js.later, js.steps, js.fail

        t = T()
        t.x = 7
        count = sys.getrefcount(t)
        for _ in range(5):
            t.me(1)
        assert sys.getrefcount(t) == count
        bound = t.me
        assert sys.getrefcount(t) == count + 1
        assert bound() is t and bound() is t
        assert bound(1, "a", *range(20), k=1).startswith("1,a,0,1,2,")
        del bound
        assert sys.getrefcount(t) == count
        assert await t.later() == 7 and list(t.steps()) == [1, 7]
        try:
            t.fail()
        except JsException:
            pass
        else:
            raise AssertionError("no error")
        del T
        """,
    )

"""How long arguments of calls of JavaScript live: until the call, its promise or its generator has ended."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

BORROWED = "This borrowed proxy was automatically destroyed"

# `kept` holds what a function was given; dead() is the error that its use gives, or "alive".
SETUP = """
    globalThis.dead = (p = globalThis.kept) => { try { p.toString(); return "alive"; } catch (e) { return e.message; } };
"""


@pytest.mark.keeps_state
def test_first_await(rt: Runtime) -> None:
    """The first await and the first timer leave a few JavaScript objects with the event loop."""
    code = "import asyncio, js; await js.Promise.resolve(1); await asyncio.sleep(0.001)"
    rt.js("await pyodide.runPythonAsync(code);", code=code)


def run(rt: Runtime, code: str) -> object:
    """Run an async program after the set-up; its last value."""
    rt.js(SETUP)
    return rt.js("return await pyodide.runPythonAsync(code);", code=code)


@pytest.mark.spec("3.9/2", "3.9/8")
def test_error_text(rt: Runtime) -> None:
    """A function's argument is over when it returns; the error recommends what to do, in debug mode with the object."""
    rt.js(SETUP + "globalThis.keep = (x) => { globalThis.kept = x; };")
    rt.py("import js\njs.keep({1})")
    first, second = rt.expr("dead().split('\\n')")
    assert first.startswith(
        "This borrowed proxy was automatically destroyed at the end of a function call"
    )
    assert "create_proxy" in first
    assert "create_once_callable" in first
    assert (
        second == "For more information about the cause of this error, use `pyodide.setDebug(true)`"
    )
    rt.js("pyodide.setDebug(true);")
    try:
        rt.py("js.keep({1})")
        assert (
            rt.expr("dead().split('\\n')[1]") == 'The object was of type "set" and had repr "{1}"'
        )
    finally:
        rt.js("pyodide.setDebug(false);")


@pytest.mark.spec("3.9/8")
@pytest.mark.modes("proxy")
def test_error_text_of_a_list(rt: Runtime) -> None:
    """The text that the reference's tests compare."""
    rt.js(SETUP + "globalThis.keep = (x) => { globalThis.kept = x; }; pyodide.setDebug(true);")
    try:
        rt.py("import js\njs.keep([])")
        assert (
            rt.expr("dead().split('\\n')[1]") == 'The object was of type "list" and had repr "[]"'
        )
    finally:
        rt.js("pyodide.setDebug(false);")


@pytest.mark.spec("3.9/2")
def test_returned_proxy_is_used_up(rt: Runtime) -> None:
    """A PyProxy that a function or method returns is unwrapped and destroyed; one that is read as an attribute is not."""
    rt.js(
        SETUP
        + """
        globalThis.p = pyodide.toPy({ a: 1 });
        globalThis.f = () => p;
        globalThis.o = { f: () => p, get p() { return globalThis.p; }, fresh: () => pyodide.toPy(new Set([5])) };
        """
    )
    assert rt.py("import js\n(js.o.p, js.eval('dead(p)'))") == ({"a": 1}, "alive")
    assert rt.py("js.f()") == {"a": 1}
    assert rt.expr("dead(p)").startswith(BORROWED)
    rt.js("globalThis.p = pyodide.toPy({ a: 2 });")
    assert rt.py("js.o.f()") == {"a": 2}
    assert rt.expr("dead(p)").startswith(BORROWED)
    # The proxy owned the only reference; Python has it now.
    assert rt.py("import sys\nx = js.o.fresh()\n(sys.getrefcount(x), x)") == (2, [5])


@pytest.mark.spec("3.9/1", "3.9/9")
def test_what_is_not_destroyed(rt: Runtime) -> None:
    """create_proxy's proxies and those that exist already are not the call's to destroy, nor are copies."""
    rt.js(
        SETUP
        + """
        globalThis.keep = (x) => { globalThis.kept = x; };
        globalThis.same = (x) => x;
        globalThis.copy = (x) => { globalThis.kept = x.copy(); };
        """
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsDoubleProxy, create_once_callable, create_proxy

        p = create_proxy({1})
        js.keep(p)
        assert js.dead() == "alive"
        assert isinstance(js.same(p), JsDoubleProxy)
        assert js.same(p) == p
        assert js.dead() == "alive"
        p.destroy()
        q = create_proxy({2}, roundtrip=False)
        js.keep(q)
        assert js.dead() == "alive"
        q.destroy()
        js.copy({3})
        assert js.dead() == "alive"
        js.kept.clear()
        js.eval("kept.destroy()")
        once = create_once_callable(lambda: 5)
        js.keep(once)
        assert js.eval("kept()") == 5


@pytest.mark.spec("3.9/11")
def test_identity(rt: Runtime) -> None:
    """An argument that comes back, at once or by a promise, a thenable or a generator, is the object itself."""
    rt.js(
        """
        globalThis.same = (x) => x;
        globalThis.later = async (x) => { await 1; return x; };
        globalThis.now = async (x) => x;
        globalThis.thenable = (x) => ({ then(ok) { setTimeout(() => ok(x), 1); } });
        globalThis.gen = function* (x) { yield x; yield x; return x; };
        globalThis.agen = async function* (x) { yield x; await 1; yield x; };
        """
    )
    code = """
        import js
        d = {1}
        r = [js.same(d) is d, await js.later(d) is d, await js.now(d) is d, await js.thenable(d) is d]
        g = js.gen(d)
        r += [next(g) is d, next(g) is d]
        try:
            next(g)
        except StopIteration as e:
            r.append(e.value is d)
        r += [x is d async for x in js.agen(d)]
        ";".join(map(str, r))
    """
    assert run(rt, code) == ";".join(["True"] * 9)


@pytest.mark.spec("3.9/3", "3.9/8")
def test_promise(rt: Runtime) -> None:
    """Arguments of a call that returns a promise live until it is settled, either way; what it gives is used up."""
    rt.js(
        """
        globalThis.f = async (x, fail) => {
            globalThis.kept = x;
            await 1;
            const before = dead();
            if (fail) throw new Error(before);
            return before;
        };
        globalThis.thenable = (x) => ({ then(ok) { globalThis.kept = x; setTimeout(() => ok(dead()), 1); } });
        globalThis.give = async () => globalThis.given = pyodide.toPy(new Set([1]));
        """
    )
    code = """
        import asyncio, js
        from pyodide.ffi import JsException, JsProxy
        future = js.f({1})
        r = [isinstance(future, asyncio.Future), isinstance(future, JsProxy), await future]
        await asyncio.sleep(0)
        r.append(js.dead())
        try:
            await js.f({1}, True)
        except JsException as e:
            r.append(str(e))
        await asyncio.sleep(0)
        r.append(js.dead())
        r.append(await js.thenable({1}))
        r.append(await js.give() == {1})
        await asyncio.sleep(0)
        r.append(js.eval("dead(given)"))
        "|".join(str(x)[:47] for x in r)
    """
    assert run(rt, code) == "|".join(
        ["True", "False", "alive", BORROWED, "Error: alive", BORROWED, "alive", "True", BORROWED]
    )


@pytest.mark.spec("3.9/3")
def test_promise_that_never_settles(rt: Runtime) -> None:
    """What was lent to a promise that nobody can settle is released by the garbage collector."""
    rt.js("globalThis.never = (x) => { new Promise(() => x); return new Promise(() => {}); };")
    code = """
        import asyncio, js, weakref
        class Thing: pass
        thing = Thing()
        ref = weakref.ref(thing)
        future = js.never(thing)
        del thing
        try:
            await asyncio.wait_for(future, 0.001)
        except TimeoutError:
            pass
        del future
        ref() is not None
    """
    assert run(rt, code) is True
    # wait_for() leaves a cycle in Python.
    got = rt.js(
        "return await h.collect(() => pyodide.runPython('import gc; gc.collect(); ref() is None'));"
    )
    assert got is True


@pytest.mark.spec("3.9/4")
def test_generator(rt: Runtime) -> None:
    """Arguments of a generator function live until the generator finishes, as do values that are sent to it."""
    rt.js(
        SETUP
        + """
        globalThis.f = function* (x) { globalThis.kept = x; const y = yield dead(x); globalThis.sent = y; yield dead(y); yield dead(y); };
        globalThis.tag = (x) => Object.prototype.toString.call(x);
        """
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsGenerator

        ended = "This borrowed proxy was automatically destroyed"
        g = js.f({1})
        assert isinstance(g, JsGenerator)
        assert js.tag(g) == "[object Generator]"
        assert [hasattr(g, name) for name in ("next", "throw", "return_")] == [True] * 3
        assert next(g) == "alive"
        assert g.send({2}) == "alive"
        assert js.dead() == "alive"
        assert next(g) == "alive"
        assert next(g, "end") == "end"
        assert js.dead().startswith(ended)
        assert js.eval("dead(sent)").startswith(ended)
        # As soon as it throws, or is closed.
        g = js.f({1})
        next(g)
        try:
            g.throw(KeyError("x"))
        except KeyError:
            pass
        else:
            raise AssertionError
        assert js.dead().startswith(ended)
        g = js.f({1})
        next(g)
        g.close()
        assert js.dead().startswith(ended)
        # JavaScript may take the steps.
        drain = js.eval("(g) => [...g].length")
        assert drain(js.f({1})) == 3
        assert js.dead().startswith(ended)


@pytest.mark.spec("3.9/4")
def test_generator_without_arguments_keeps_what_is_sent(rt: Runtime) -> None:
    """A generator that a call has returned keeps sent values even when the call had nothing to keep; others do not."""
    rt.js(
        SETUP
        + """
        globalThis.f = function* () { const y = yield 1; globalThis.kept = y; yield 2; return dead(y); };
        globalThis.o = { own: f() };
        """
    )

    @rt.run
    def _() -> None:
        import js

        g = js.f()
        assert next(g) == 1
        assert g.send({1}) == 2
        assert js.dead() == "alive"
        try:
            next(g)
        except StopIteration as stop:
            assert stop.value == "alive"
        else:
            raise AssertionError("not at its end")
        assert js.dead().startswith("This borrowed proxy was automatically destroyed")
        own = js.o.own
        next(own)
        own.send({1})
        assert js.dead().startswith("This borrowed proxy was automatically destroyed")
        own.close()


@pytest.mark.spec("3.9/4")
def test_abandoned_generator(rt: Runtime) -> None:
    """What was lent to a generator that nobody finishes is released by the garbage collector, even when it is frozen."""
    rt.js(
        "globalThis.f = function* (x) { yield x; yield x; }; globalThis.g = (x) => Object.freeze(f(x));"
    )
    rt.py(
        """
        import js, weakref
        class Thing: pass
        refs = []
        for make in (js.f, js.g):
            thing = Thing()
            refs.append(weakref.ref(thing))
            generator = make(thing)
            assert next(generator) is thing
            del thing, generator
        del make
        """
    )
    assert (
        rt.js("return await h.collect(() => pyodide.runPython('all(r() is None for r in refs)'));")
        is True
    )


@pytest.mark.spec("3.9/5")
def test_async_generator(rt: Runtime) -> None:
    """The same for async generators, awaited."""
    rt.js(
        """
        globalThis.f = async function* (x) {
            globalThis.kept = x; const y = yield dead(x); globalThis.sent = y; await 1; yield dead(y); yield dead(x);
        };
        globalThis.tag = (x) => Object.prototype.toString.call(x);
        """
    )
    code = """
        import asyncio, js
        from pyodide.ffi import JsAsyncGenerator
        g = js.f({1})
        r = [isinstance(g, JsAsyncGenerator), js.tag(g), await anext(g), await g.asend({2}), await anext(g), js.dead()]
        try:
            await anext(g)
        except StopAsyncIteration:
            r.append("end")
        r += [js.dead(), js.eval("dead(sent)")]
        g = js.f({1})
        await anext(g)
        await g.aclose()
        r.append(js.dead())
        "|".join(str(x)[:47] for x in r)
    """
    expected = ["True", "[object AsyncGenerator]", "alive", "alive", "alive", "alive", "end"]
    assert run(rt, code) == "|".join([*expected, BORROWED, BORROWED, BORROWED])


@pytest.mark.spec("3.9/6", "3.9/7", "3.9/8")
def test_throws_and_constructors(rt: Runtime) -> None:
    """A call that throws ends its arguments at once, and so does construction, whatever the instance is."""
    rt.js(
        SETUP
        + """
        globalThis.fail = (x) => { globalThis.kept = x; throw new RangeError("no"); };
        globalThis.C = class { constructor(x) { globalThis.kept = x; this.x = 1; } };
        globalThis.P = function (x) { globalThis.kept = x; return Promise.resolve(1); };
        """
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException, JsPromise, JsProxy

        ended = "This borrowed proxy was automatically destroyed"
        try:
            js.fail({1})
        except JsException as error:
            assert error.name == "RangeError"
        else:
            raise AssertionError
        assert js.dead().startswith(ended)
        instance = js.C.new({1})
        assert isinstance(instance, JsProxy)
        assert instance.x == 1
        assert js.dead().startswith(ended)
        assert isinstance(js.P.new({1}), JsPromise)
        assert js.dead().startswith(ended)


@pytest.mark.spec("3.6/7")
def test_yielded_proxies_are_used_up(rt: Runtime) -> None:
    """A PyProxy that an iterator yields is unwrapped and destroyed, unless it stays in the Array or Map that is iterated."""
    rt.js(
        SETUP
        + """
        globalThis.make = () => globalThis.p = pyodide.toPy(new Set([1]));
        globalThis.o = {
            gen: (function* () { yield make(); return make(); })(),
            hand: { next: () => ({ done: false, value: make() }) },
            array: [make()], map: new Map([[1, make()]]), set: new Set([make()]),
        };
        """
    )

    @rt.run
    def _() -> None:
        import js

        def ended() -> bool:
            text: str = js.eval("dead(p)")
            return text.startswith("This borrowed proxy was automatically destroyed")

        assert next(js.o.gen) == {1}
        assert ended()
        assert next(js.o.hand) == {1}
        assert ended()
        for read in (
            lambda: list(js.o.get_proxy("array")),
            lambda: list(js.o.map.values()),
            lambda: list(js.o.set),
            lambda: list(js.o.map.items()),
        ):
            assert read() == read()
        js.eval("o.array[0].destroy(); o.map.get(1).destroy(); [...o.set][0].destroy();")


@pytest.mark.spec("3.6/9")
def test_sent_values_die_with_the_call(rt: Runtime) -> None:
    """Proxies made for the argument of send() end when the iterator has answered."""
    rt.js(
        SETUP
        + "globalThis.o = { next(x) { globalThis.kept = x; return { done: false, value: dead(x) }; } };"
    )
    assert rt.py("import js\njs.o.send({1})") == "alive"
    assert rt.expr("dead()").startswith(BORROWED)


@pytest.mark.spec("3.9/10")
def test_arguments_have_no_finalizer(rt: Runtime) -> None:
    """Only proxies that outlive the call are known to the FinalizationRegistry."""
    got = rt.js(
        """
        const registered = [];
        const { register } = FinalizationRegistry.prototype;
        FinalizationRegistry.prototype.register = function (...args) { registered.push(1); return register.apply(this, args); };
        try {
            globalThis.ignore = () => {};
            globalThis.keep = async (x) => { await 1; };
            pyodide.runPython("import js\\nfor _ in range(1000): js.ignore({1}, len)");
            await 1;
            const borrowed = registered.length;
            pyodide.runPython("for _ in range(300): js.keep({1})");
            return [borrowed, registered.length > 0];
        } finally {
            FinalizationRegistry.prototype.register = register;
        }
        """
    )
    assert got == [0, True]


@pytest.mark.parametrize("answer", ["'text of the answer'", "2n ** 100n", "['a', 'list']"])
def test_ends_of_arguments_leave_the_answer_alone(rt: Runtime, answer: str) -> None:
    """Python code that runs when arguments end, here for debug messages, does not overwrite the result."""
    rt.js(
        f"globalThis.f = () => ({answer}); globalThis.o = {{ next: () => ({{ done: false, value: f() }}) }};"
    )
    rt.py("class Thing:\n    def __repr__(self): return 'x' * 1000")
    got = rt.py(
        "import js\nplain = js.f()\nplain if isinstance(plain, (str, int, list)) else str(plain)"
    )
    rt.js("pyodide.setDebug(true);")
    try:
        for call in ("js.f(Thing(), Thing())", "js.f.call(None, Thing())", "js.o.send(Thing())"):
            assert rt.py(f"r = {call}\nr if isinstance(r, (str, int, list)) else str(r)") == got, (
                call
            )
    finally:
        rt.js("pyodide.setDebug(false);")

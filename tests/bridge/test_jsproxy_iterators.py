"""JavaScript iterators and generators, sync and async, as Python's."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.keeps_state
def test_first_await(rt: Runtime) -> None:
    """The first await starts the event loop, which keeps a few JavaScript objects from then on."""
    rt.js("await pyodide.runPythonAsync('import js; await js.Promise.resolve(1)');")


def run(rt: Runtime, code: str) -> object:
    """Run an async program; its last value."""
    return rt.js("return await pyodide.runPythonAsync(code);", code=code)


@pytest.mark.spec("3.6/1")
def test_iter_of_iterables(rt: Runtime) -> None:
    """iter() gives a proxy of what Symbol.iterator returns; maps, and only they, give their keys."""
    rt.js(
        """
        globalThis.o = {
            it: { n: 0, [Symbol.iterator]() { return { next: () => ({ done: this.n > 1, value: this.n++ }) }; } },
            map: new Map([["a", 1]]),
            keyless: { get() {}, size: 1, *[Symbol.iterator]() { yield "own"; } },
            set: new Set([5]), entries: new Map([["a", 1]]).entries(),
            headers: { get: () => "1", keys: () => ["a"].values(), *[Symbol.iterator]() { yield ["a", "1"]; } },
            bad: { [Symbol.iterator]() { throw new RangeError("no iterator"); } },
        };
        """
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException, JsIterator

        o = js.o
        first = iter(o.it)
        assert isinstance(first, JsIterator)
        assert first != o.it
        assert list(first) == [0, 1]
        assert list(o.map) == ["a"]
        assert list(o.keyless) == ["own"]
        assert list(o.set) == [5]
        assert [list(x) for x in o.headers] == [["a", "1"]]
        assert dict(o.headers) == {"a": "1"}
        try:
            iter(o.bad)
        except JsException as error:
            assert str(error) == "RangeError: no iterator"
        else:
            raise AssertionError


@pytest.mark.spec("3.6/2", "3.6/3", "3.6/5", "3.6/6", "13.4/26")
def test_methods_by_capability(rt: Runtime) -> None:
    """Iterators have send, generators throw and close as well; the same with an a for the async ones."""
    rt.js(
        """
        globalThis.o = { hand: { next() {} }, gen: (function* () {})(), agen: (async function* () {})(),
            array: [].values(), async: { next() {}, [Symbol.asyncIterator]() {} }, iterable: { [Symbol.iterator]() {} } };
        """
    )
    names = "__iter__ __next__ send throw close __aiter__ __anext__ asend athrow aclose".split()
    got = rt.py(
        """
        import js
        {k: " ".join(n for n in names if hasattr(type(getattr(js.o, k)), n)) for k in ("hand", "gen", "agen", "array", "async_", "iterable")}
        """,
        names=names,
    )
    sync, asynchronous = "__iter__ __next__ send", "__aiter__ __anext__ asend"
    assert got == {
        "hand": f"{sync} {asynchronous}",
        "gen": f"{sync} throw close",
        "agen": f"{asynchronous} athrow aclose",
        "array": sync,
        "async_": asynchronous,
        "iterable": "__iter__",
    }

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsAsyncIterator, JsGenerator, JsIterator

        for o in (js.o.hand, js.o.gen):
            assert iter(o) is o
        for o in (js.o.hand, js.o.agen):
            assert aiter(o) is o
        hand = js.o.hand
        assert isinstance(hand, JsIterator)
        assert isinstance(hand, JsAsyncIterator)
        assert not isinstance(hand, JsGenerator)


@pytest.mark.spec("3.6/4", "13.4/27")
def test_only_async_iterable(rt: Runtime) -> None:
    """An object with Symbol.asyncIterator alone is no iterable."""
    rt.js(
        "globalThis.o = { [Symbol.asyncIterator]() { return { next: async () => ({ done: true }) }; } };"
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsAsyncIterable, JsAsyncIterator

        assert isinstance(js.o, JsAsyncIterable)
        assert isinstance(aiter(js.o), JsAsyncIterator)
        try:
            iter(js.o)
        except TypeError as error:
            assert "object is not iterable" in str(error)
        else:
            raise AssertionError


@pytest.mark.spec("3.6/8", "13.4/26")
@pytest.mark.parametrize("call", ["next(it)", "it.send(None)"])
@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("2", 'Result should have type "object" not "number"'),
        ("'x'", 'Result should have type "object" not "string"'),
        ("undefined", 'Result should have type "object" not "undefined"'),
        ("null", 'Result should have type "object" not "null"'),
        ("() => 1", 'Result should have type "object" not "function"'),
        ("Promise.resolve()", "Result was a promise, use anext() / asend() / athrow() instead."),
        ("{}", 'Result has no "done" field.'),
    ],
)
def test_steps_that_are_none(rt: Runtime, result: str, message: str, call: str) -> None:
    """What `next` returns must be a step; the TypeError says what it is instead."""
    rt.js(f"globalThis.it = {{ next: () => ({result}) }};")
    got = rt.py(f"from js import it\ntry:\n    {call}\nexcept TypeError as e:\n    r = str(e)\nr")
    assert got == message


@pytest.mark.spec("3.6/7")
@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ("{ done: false, value: 5 }", "5"),
        ("{ done: 0, value: 5 }", "5"),
        ("{ done: undefined, value: 5 }", "5"),
        ("Object.create({ done: false, value: 5 })", "5"),
        ("{ done: false }", "None"),
        ("{ done: true }", "StopIteration()"),
        ("{ done: true, value: 5 }", "StopIteration(5)"),
        ("{ done: 1, value: null }", "StopIteration(jsnull)"),
        ("{ done: true, value: undefined }", "StopIteration()"),
        ("{ get done() { throw new Error('done') } }", "JsException: Error: done"),
        ("{ done: false, get value() { throw new Error('value') } }", "JsException: Error: value"),
    ],
)
def test_steps(rt: Runtime, step: str, outcome: str) -> None:
    """A step is a value or the end, by the truth of `done`; the end carries a value unless it is undefined."""
    rt.js(f"globalThis.it = {{ next: (...args) => ({step}) }};")
    for call in ("next(js.it)", "js.it.send(1)", "js.it.__next__()"):
        got = rt.py(
            f"""
            import js
            from pyodide.ffi import JsException
            try:
                r = repr({call})
            except StopIteration as e:
                r = f"StopIteration({{', '.join(map(repr, e.args))}})"
            except JsException as e:
                r = f"JsException: {{e}}"
            r
            """
        )
        assert got == outcome, call


@pytest.mark.spec("3.6/2", "3.6/7")
def test_argument_of_next(rt: Runtime) -> None:
    """next() passes nothing, send() what it is given."""
    rt.js("globalThis.it = { next: (...args) => ({ done: false, value: JSON.stringify(args) }) };")
    assert rt.py("from js import it\n(next(it), it.send(5), it.send(None))") == (
        "[]",
        "[5]",
        "[null]",
    )


THROW = {
    "g.throw(TypeError)": "TypeError: ",
    "g.throw(TypeError, 'a')": "TypeError: a",
    "g.throw(TypeError, TypeError('b'))": "TypeError: b",
    "g.throw(TypeError, ('a', 'b'))": "TypeError: ('a', 'b')",
    "g.throw(TypeError('a'))": "TypeError: a",
    "g.throw(TypeError('a'), None)": "TypeError: a",
    "g.throw(TypeError, None, None)": "TypeError: ",
    "g.throw(OSError, FileNotFoundError('x'))": "FileNotFoundError: x",
}
REFUSED = {
    "g.throw(TypeError('a'), 'b')": "instance exception may not have a separate value",
    "g.throw('a')": "exceptions must be classes or instances deriving from BaseException, not str",
    "g.throw(5)": "exceptions must be classes or instances deriving from BaseException, not int",
    "g.throw(int)": "exceptions must be classes or instances deriving from BaseException, not type",
    "g.throw(TypeError, 'a', 5)": "throw() third argument must be a traceback object",
}


@pytest.mark.spec("3.6/3", "3.6/10")
def test_forms_of_throw(rt: Runtime) -> None:
    """throw takes what that of Python's own generators takes, and refuses what it refuses, with the same texts."""
    rt.js(
        """
        globalThis.make = function* () {
            for (;;) { try { yield 1; } catch (e) { yield e.message.trim().split("\\n").at(-1) + (e.constructor.name === "PythonError"); } }
        };
        """
    )
    for call, text in THROW.items():
        got = rt.py(f"from js import make\ng = make(); next(g)\nr = {call}\ng.close()\nr")
        assert got.removesuffix("true").rstrip() in (text, text.rstrip(": ")), call
        assert got.endswith("true"), call
    for call, text in REFUSED.items():
        got = rt.py(
            f"g = make(); next(g)\ntry:\n    {call}\nexcept TypeError as e:\n    r = str(e)\ng.close()\nr"
        )
        assert got == text, call
        own = "def own():\n    yield\n"
        mine = rt.py(
            f"{own}g = own(); next(g)\ntry:\n    {call}\nexcept TypeError as e:\n    r = str(e)\nr"
        )
        assert mine == text, call


@pytest.mark.spec("3.6/10")
def test_what_throw_throws(rt: Runtime) -> None:
    """A JsException arrives as the Error that it is; GeneratorExit is return()."""
    rt.js(
        """
        globalThis.error = new RangeError("mine");
        globalThis.make = function* () { try { yield 1; } catch (e) { yield e === error; yield e.type; } finally { globalThis.ended = true; } };
        """
    )

    @rt.run
    def _() -> None:
        import js

        g = js.make()
        next(g)
        assert g.throw(js.error) is True
        g.close()
        g = js.make()
        next(g)
        assert g.throw(KeyError("x")) is False
        assert next(g) == "KeyError"
        g.close()
        js.ended = False
        for thrown in (GeneratorExit, GeneratorExit("x")):
            g = js.make()
            next(g)
            try:
                g.throw(thrown)
            except StopIteration:
                pass
            else:
                raise AssertionError
            assert js.ended is True


@pytest.mark.spec("3.6/13", "13.4/24")
def test_exception_that_comes_out(rt: Runtime) -> None:
    """What was thrown in and comes out is the same exception, at once or after the generator has yielded meanwhile."""
    rt.js(
        """
        globalThis.plain = function* () { yield 1; };
        globalThis.again = function* () { try { yield 1; } finally { yield 2; } };
        """
    )

    @rt.run
    def _() -> None:
        import sys

        import js

        error = TypeError("hi")
        g = js.plain()
        next(g)
        try:
            g.throw(error)
        except TypeError as caught:
            assert caught is error
        else:
            raise AssertionError
        g = js.again()
        next(g)
        assert g.throw(error) == 2
        try:
            next(g)
        except TypeError as caught:
            assert caught is error
        else:
            raise AssertionError
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            setattr(sys, name, None)
        error.__traceback__ = None


@pytest.mark.spec("3.6/13")
def test_exception_that_comes_out_late(rt: Runtime) -> None:
    """When another exception has gone to JavaScript meanwhile it comes out as a JsException."""
    rt.js(
        """
        globalThis.again = function* () { try { yield 1; } finally { yield 2; } };
        globalThis.swallow = (f) => { try { f(); } catch {} };
        """
    )

    @rt.run
    def _() -> None:
        import sys

        import js
        from pyodide.ffi import JsException

        g = js.again()
        next(g)
        assert g.throw(TypeError("hi")) == 2
        js.swallow(lambda: 1 // 0)
        try:
            next(g)
        except JsException as caught:
            assert "TypeError: hi" in str(caught)
        else:
            raise AssertionError
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            setattr(sys, name, None)


@pytest.mark.spec("3.6/11", "13.4/25")
def test_close(rt: Runtime) -> None:
    """close() is return(): None, or what went wrong; a generator that yields instead is a RuntimeError."""
    rt.js(
        """
        globalThis.plain = function* () { yield 1; };
        globalThis.stubborn = function* () { try { yield 1; } finally { yield 2; } };
        globalThis.returning = function* () { try { yield 1; } finally { return 2; } };
        globalThis.failing = function* () { try { yield 1; } finally { throw new Error("in finally"); } };
        """
    )
    got = rt.py(
        """
        import js
        r = []
        for make in (js.plain, js.stubborn, js.returning, js.failing):
            g = make()
            next(g)
            try:
                r.append(g.close())
            except Exception as e:
                r.append(f"{type(e).__name__}: {e}")
        fresh = js.plain()
        r += [fresh.close(), fresh.close(), list(fresh)]
        r
        """
    )
    ignored = "RuntimeError: JavaScript generator ignored return"
    assert got == [None, ignored, None, "JsException: Error: in finally", None, None, []]


@pytest.mark.spec("3.6/5", "3.6/6", "3.6/12", "3.6/13", "13.4/24", "13.4/25")
def test_async_generators(rt: Runtime) -> None:
    """Steps are futures; the end is StopAsyncIteration with the value; aclose and athrow are as their sync counterparts."""
    rt.js(
        """
        globalThis.count = async function* () { const x = yield 1; yield x; return 7; };
        globalThis.stubborn = async function* () { try { yield 1; } finally { yield 2; } };
        globalThis.plain = async function* () { yield 1; };
        globalThis.error = new RangeError("mine");
        globalThis.same = async function* () { try { yield 1; } catch (e) { yield e === error; } };
        """
    )
    code = """
        import asyncio, js
        from pyodide.ffi import JsException
        async def outcome(awaitable):
            try:
                return await awaitable
            except BaseException as e:
                return e
        g = js.count()
        steps = [anext(g), g.asend(5)]
        r = [isinstance(s, asyncio.Future) for s in steps]
        r += [await s for s in steps]
        last = await outcome(anext(g))
        r += [type(last).__name__, last.value if hasattr(last, "value") else last.args[0]]
        r.append(type(await outcome(anext(g))).__name__)
        g = js.stubborn(); await anext(g)
        closing = g.aclose()
        r += [isinstance(closing, asyncio.Future), await outcome(closing)]
        g = js.plain(); await anext(g)
        r += [await g.aclose(), await g.aclose(), type(await outcome(anext(g))).__name__]
        g = js.stubborn(); await anext(g)
        throwing = g.athrow(TypeError("hi"))
        r += [isinstance(throwing, asyncio.Future), await throwing]
        late = await outcome(anext(g))
        r += [type(late) is JsException or isinstance(late, JsException), "hi" in str(late)]
        g = js.plain(); await anext(g)
        r.append("hi" in str(await outcome(g.athrow(TypeError, "hi"))))
        g = js.plain(); await anext(g)
        r.append(type(await outcome(g.athrow(GeneratorExit))).__name__)
        g = js.same(); await anext(g)
        r.append(await g.athrow(js.error))
        await g.aclose()
        for wrong in (("a",), (TypeError("a"), "b"), (TypeError, "a", 5)):
            try:
                g.athrow(*wrong)
            except TypeError as e:
                r.append(str(e)[:40])
        del late, last, outcome
        "|".join(map(str, r))
    """
    expected = [
        "True", "True", "1", "5", "StopAsyncIteration", "7", "StopAsyncIteration",
        "True", "JavaScript generator ignored return", "None", "None", "StopAsyncIteration",
        "True", "2", "True", "True", "True", "StopAsyncIteration", "True",
        "exceptions must be classes or instances ", "instance exception may not have a separa",
        "throw() third argument must be a traceba",
    ]  # fmt: skip
    assert run(rt, code) == "|".join(expected)


@pytest.mark.spec("3.6/8")
def test_async_steps_that_are_none(rt: Runtime) -> None:
    """A step that is no promise names the other way to go on; what the promise gives must be a step."""
    rt.js(
        """
        const make = (next) => ({ next, throw: next, return: next, [Symbol.asyncIterator]() {}, [Symbol.toStringTag]: "AsyncGenerator" });
        globalThis.o = { sync: make(() => ({ done: false, value: 1 })), number: make(async () => 2), empty: make(async () => ({})),
            fails: make(async () => { throw new RangeError("no"); }) };
        """
    )
    code = """
        import js
        async def outcome(action):
            try:
                return await action()
            except Exception as e:
                return f"{type(e).__name__}: {e}"
        s = js.o.sync
        r = [await outcome(f) for f in (lambda: anext(s), lambda: s.asend(1), lambda: s.athrow(ValueError), lambda: s.aclose())]
        r += [await outcome(lambda o=o: anext(o)) for o in (js.o.number, js.o.empty, js.o.fails)]
        "|".join(r)
    """
    assert run(rt, code) == "|".join(
        [
            "TypeError: Result of anext() was not a promise, use next() instead.",
            "TypeError: Result of asend() was not a promise, use send() instead.",
            "TypeError: Result of athrow() was not a promise, use throw() instead.",
            "TypeError: Result of aclose() was not a promise, use close() instead.",
            'TypeError: Result should have type "object" not "number"',
            'TypeError: Result has no "done" field.',
            "JsException: RangeError: no",
        ]
    )


@pytest.mark.spec("13.4/2", "3.7/2", "3.10/1")
def test_methods_that_have_gone(rt: Runtime) -> None:
    """A proxy whose object has lost its methods says so at each use, as JavaScript would."""
    rt.js(
        """
        globalThis.make = (...names) => {
            const o = {};
            for (const name of names) o[name] = name === "length" ? 3 : () => undefined;
            if (names.includes("iterator")) o[Symbol.iterator] = () => o;
            return { o };
        };
        globalThis.strip = (o) => { for (const key of Reflect.ownKeys(o)) delete o[key]; };
        """
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        for names, actions in (
            (("next",), [lambda o: next(o), lambda o: o.send(1)]),
            (("iterator",), [lambda o: iter(o)]),
            (("get",), [lambda o: o[1]]),
            (("set",), [lambda o: o.__setitem__(1, 2), lambda o: o.__delitem__(1)]),
            (("has",), [lambda o: 1 in o]),
            (("has", "includes"), [lambda o: 1 in o]),
            (("includes",), [lambda o: 1 in o]),
        ):
            o = js.make(*names).o
            js.strip(o)
            for action in actions:
                try:
                    action(o)
                except JsException as error:
                    assert str(error).startswith("TypeError: ")
                    assert "is not a function" in str(error)
                else:
                    raise AssertionError(names)
        o = js.make("length").o
        js.strip(o)
        try:
            len(o)
        except TypeError as error:
            assert str(error) == "object does not have a valid length"
        else:
            raise AssertionError

    code = """
        import js
        o = js.make("then").o
        js.strip(o)
        try:
            await o
        except TypeError as e:
            r = str(e)
        r
    """
    assert "can't be used in 'await' expression" in str(run(rt, code))

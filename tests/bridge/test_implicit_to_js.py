"""The implicit conversion to JavaScript at every crossing: immutable values, JsProxies, fresh PyProxies, what is too large."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

# Python code that sends `value` to `keep`.
SENDING = {
    "argument": "js.keep(value)",
    "fifth argument": "js.keepFifth(1, 2, 3, 4, value)",
    "keyword argument": "js.keepKeyword(x=value)",
    "constructor argument": "js.Keeper.new(value)",
    "method argument": "js.holder.method(value)",
    "attribute write": "js.holder.kept = value\njs.keepHeld()",
    "map item write": "js.table['kept'] = value\njs.keepTable()",
    "array item write": "js.holder.get_proxy('list')[0] = value\njs.keepListed()",
    "append": "js.holder.get_proxy('list').append(value)\njs.keepListed()",
    "send": "next(g := js.sending()); g.send(value)",
}

# JavaScript that fetches `value`.
FETCHING = {
    "runPython": "pyodide.runPython('value')",
    "runPythonAsync": "await pyodide.runPythonAsync('value')",
    "globals.get": "pyodide.globals.get('value')",
    "call": "use(pyodide.runPython('lambda: value'), (f) => f())",
    "callKwargs": "use(pyodide.runPython('lambda **k: value'), (f) => f.callKwargs({ a: 1 }))",
    "attribute": "use(pyodide.globals.get('Space'), (s) => s.value)",
    "dict item": "use(pyodide.runPython('{1: value}'), (d) => d.get(1))",
    "next": "use(pyodide.runPython('iter([value])'), (i) => i.next().value)",
    "for of": "use(pyodide.runPython('{0: value}.values()'), (i) => [...i][0])",
    "return value": "use(pyodide.globals.get('finish'), (f) => use(f(), (g) => g.next().value))",
    "awaited": "await use(pyodide.globals.get('wait'), (f) => f())",
}

SETUP = """
    globalThis.use = (p, f) => { try { return f(p); } finally { p.destroy(); } };
    globalThis.keep = (x) => { globalThis.kept = h.isPyProxy(x) ? x.copy() : x; };
    globalThis.keepFifth = (a, b, c, d, x) => keep(x);
    globalThis.keepKeyword = ({ x }) => keep(x);
    globalThis.Keeper = class { constructor(x) { keep(x); } };
    globalThis.holder = { list: [0], method(x) { keep(x); } };
    globalThis.keepHeld = () => keep(holder.kept);
    globalThis.keepListed = () => keep(holder.list.at(-1));
    globalThis.table = new Map();
    globalThis.keepTable = () => keep(table.get("kept"));
    globalThis.sending = function* () { keep(yield); yield; };
"""

PY_SETUP = """
    import enum, js
    from pyodide.ffi import JsBigInt, jsnull
    class Int(int):
        def __index__(self): raise ValueError("asked")
        def __int__(self): raise ValueError("asked")
    class Float(float):
        def __float__(self): raise ValueError("asked")
    class Str(str):
        def __str__(self): raise ValueError("asked")
    class Number(enum.IntEnum): THREE = 3
    class Flag(enum.IntFlag): TWO = 2
    class Word(enum.StrEnum): HELLO = "hello"
    class Space: pass
    def finish():
        return value
        yield
    async def wait(): return value
    values = [None, True, False, jsnull, 0, -1, Int(7), Number.THREE, Flag.TWO, 2**31, 2**53 - 2, 2**53 - 1,
        -(2**53 - 2), -(2**53 - 1), 2**53, Int(2**60), JsBigInt(5), -(2**200), 0.5, -0.0, float("inf"), float("-inf"),
        float("nan"), 1.0, Float(2.5), Float("nan"), "", "text", "\\0", "\\ufeffx", "\\U0001f40d", "\\ud83d", Str("sub"),
        Word.HELLO]
"""

EXPECTED = """[undefined, true, false, null, 0, -1, 7, 3, 2, 2 ** 31, 2 ** 53 - 2, 2n ** 53n - 1n,
    -(2 ** 53 - 2), -(2n ** 53n - 1n), 2n ** 53n, 2n ** 60n, 5n, -(2n ** 200n), 0.5, -0, Infinity, -Infinity,
    NaN, 1, 2.5, NaN, "", "text", "\\0", "\\ufeffx", "\\u{1f40d}", "\\ud83d", "sub",
    "hello"]"""


@pytest.mark.keeps_state
def test_start_the_event_loop(rt: Runtime) -> None:
    """The first coroutine starts Python's event loop, which stays."""
    assert rt.js("return await pyodide.runPythonAsync('1');") == 1


@pytest.mark.spec("1.1/2", "1.1/3", "1.1/4", "1.1/5", "1.1/6", "1.1/7", "1.1/10", "1.2/1", "13.1/2")
@pytest.mark.parametrize("crossing", SENDING)
def test_immutables_sent(rt: Runtime, crossing: str) -> None:
    """Every immutable value, of every subclass, arrives by value wherever Python hands it over."""
    rt.js(SETUP)
    rt.js(
        f"globalThis.expected = {EXPECTED}; globalThis.wrong = (i) => !Object.is(kept, expected[i]);"
    )
    rt.py(PY_SETUP)
    send = SENDING[crossing].replace("\n", "; ")
    got = rt.py(
        f"""
        wrong = []
        for i, value in enumerate(values):
            {send}
            if js.wrong(i): wrong.append(repr(value))
        g = None
        wrong, len(values) == js.expected.length if hasattr(js.expected, "length") else len(values) == len(js.expected)
        """
    )
    assert got == ([], True)


@pytest.mark.spec("1.1/2", "1.1/3", "1.1/4", "1.1/5", "1.1/6", "1.1/7", "1.1/10")
@pytest.mark.parametrize("crossing", FETCHING)
def test_immutables_fetched(rt: Runtime, crossing: str) -> None:
    """The same wherever JavaScript fetches it."""
    rt.js(SETUP)
    rt.py(PY_SETUP)
    got = rt.js(
        f"""
        const expected = {EXPECTED}, wrong = [];
        for (const [i, value] of expected.entries()) {{
            pyodide.runPython(`value = Space.value = values[${{i}}]`);
            const got = {FETCHING[crossing]};
            if (!Object.is(got, value)) wrong.push([i, String(got)]);
        }}
        return wrong;
        """
    )
    assert got == []


OBJECTS = ["{}", "new Map()", "() => 1", "Symbol('a')", "new Uint8Array(2)", "new Date(0)", "Object.create(null)",
    "new Error('x')", "new (class Mine extends RangeError {})()", "class {}", "globalThis", "new Number(1)",
    "(function* () {})()", "[1, 2]"]  # fmt: skip


@pytest.mark.spec("1.1/8", "2.3/3", "13.1/14")
@pytest.mark.parametrize("crossing", SENDING)
def test_javascript_objects_sent(rt: Runtime, crossing: str) -> None:
    """A JsProxy of anything is the very object again."""
    rt.js(SETUP)
    rt.js(
        f"globalThis.box = {{ objects: [{', '.join(f'({o})' for o in OBJECTS)}] }}; globalThis.same = (i) => kept === box.objects[i];"
    )
    send = SENDING[crossing].replace("\n", "; ")
    got = rt.py(
        f"""
        import js
        objects = js.box.get_proxy("objects")
        wrong = []
        for i in range(len(objects)):
            value = objects.get_proxy(i)
            {send}
            if not js.same(i): wrong.append(i)
        value = objects = g = None
        wrong
        """
    )
    assert got == []


@pytest.mark.spec("1.1/8", "1.4/27", "2.3/4")
def test_caught_errors_are_unwrapped(rt: Runtime) -> None:
    """A JsException, caught or made in Python, is the Error itself in JavaScript; so is one inside containers."""
    rt.js("globalThis.error = new RangeError('x'); globalThis.fail = () => { throw error; };")
    rt.js(
        "globalThis.isError = (x) => x === error; globalThis.first = (x) => x[0] === error || x.e === error;"
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException, to_js

        try:
            js.fail()
        except JsException as error:
            assert js.isError(error)
            assert js.first(to_js([error]))
            assert js.first(to_js({"e": error}))
            assert to_js(error) is error
            assert error == js.error
        else:
            raise AssertionError("no JsException")
        made = JsException("TypeError", "made")
        assert js.eval("(e) => e instanceof TypeError && e.message")(made) == "made"


@pytest.mark.spec("1.1/8")
def test_double_proxies_are_unwrapped(rt: Runtime) -> None:
    """A double proxy is the PyProxy that it stands for."""
    rt.js("globalThis.keep = (x) => { globalThis.kept ??= x; return x === kept; };")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import create_once_callable, create_proxy, to_js

        for make in (create_proxy, create_once_callable, lambda f: to_js(f)):
            js.kept = None
            proxy = make(lambda: 1)
            js.kept = proxy
            assert js.keep(proxy) is True
            assert js.keep(proxy) is True
            del js.kept
            proxy.destroy()


@pytest.mark.spec("1.1/9", "2.1/8", "2.3/2")
def test_a_fresh_proxy_each_time(rt: Runtime) -> None:
    """Each crossing of an object makes a new PyProxy, and each of them comes back as the object."""
    rt.py(
        """
        import js, math
        from collections import namedtuple
        class List(list): pass
        class Tuple(tuple): pass
        values = [b"x", bytearray(2), memoryview(b"x"), {}, {1}, frozenset([1]), 1j, len, lambda: 1, int, math, ValueError("x"),
            object(), List(), Tuple(), namedtuple("P", "x")(1), range(2), iter([]), Ellipsis, NotImplemented, type, super, property(),
            "".join, (i for i in ()), slice(1)]
        def same(x): return x
        """
    )
    got = rt.js(
        """
        const same = pyodide.globals.get("same"), wrong = [];
        const n = pyodide.runPython("len(values)");
        for (let i = 0; i < n; i++) {
            const read = () => pyodide.runPython(`values[${i}]`);
            const a = read(), b = read(), c = same(a);
            const ok = h.isPyProxy(a) && a !== b && c !== a && same(c) !== undefined;
            pyodide.globals.set("back", c);
            if (!ok || !pyodide.runPython(`back is values[${i}]`)) wrong.push(a.type);
            for (const p of [a, b, c]) p.destroy();
        }
        same.destroy();
        return [n, wrong];
        """
    )
    assert got == [26, []]


@pytest.mark.spec("1.1/11")
def test_results_are_owned_by_the_caller(rt: Runtime) -> None:
    """A result lives until its caller destroys it, or has dropped it and the collector finds it."""
    rt.py(
        """
        import weakref
        class T: pass
        alive = weakref.WeakSet()
        def make():
            t = T()
            alive.add(t)
            return t
        """
    )
    got = rt.js(
        """
        const alive = () => pyodide.runPython("len(alive)"), make = pyodide.globals.get("make");
        const a = pyodide.runPython("make()"), b = make(), c = make.callKwargs({});
        await h.collect();
        const r = [alive(), a.type, b.type, c.type];
        for (const p of [a, b, c]) p.destroy();
        r.push(alive());
        (() => { pyodide.runPython("make()"); make(); })();
        r.push(alive(), await h.collect(() => alive() === 0));
        make.destroy();
        return r;
        """
    )
    assert got == [3, "T", "T", "T", 0, 2, True]


@pytest.mark.spec("1.1/12")
def test_what_no_engine_can_hold(rt: Runtime) -> None:
    """An int that is too large for a BigInt is a ConversionError wherever it crosses, and nothing leaks."""
    rt.js("globalThis.f = (...args) => args.length; globalThis.o = {}; globalThis.m = new Map();")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import ConversionError, to_js

        large = 1 << (2**30 + 64)
        thing = object()
        actions = [
            lambda: js.f(large),
            lambda: js.f(thing, [thing], large),
            lambda: js.f(x=large),
            lambda: setattr(js.o, "x", large),
            lambda: js.m.__setitem__("x", large),
            lambda: to_js([thing, large]),
            lambda: to_js({"a": {large}}),
            lambda: to_js([large], default_converter=lambda v, c, k: 1),
        ]
        for n, action in enumerate(actions):
            try:
                action()
            except ConversionError as error:
                assert "too large for a BigInt" in str(error), str(error)
            else:
                raise AssertionError(n)
        assert js.f(1, 2) == 2

    got = rt.js(
        "const f = pyodide.runPython('lambda: 1 << (2**30 + 64)'); const e = h.thrown(f); f.destroy(); return [e.name, e.message];"
    )
    assert got[0] == "RangeError"
    assert "too large for a BigInt" in got[1]


@pytest.mark.spec("1.1/12")
@pytest.mark.modes("native")
def test_failures_inside_an_argument(rt: Runtime) -> None:
    """A list that cannot be converted to its end is the error itself, and the other arguments' proxies are let go."""
    rt.js("globalThis.f = (...args) => args.length;")
    rt.py("import js\ndeep = []\nfor _ in range(3000): deep = [deep]\n")
    got = rt.py(
        "try:\n    js.f({}, [object()], deep)\nexcept RecursionError as e:\n    r = str(e)\nr"
    )
    assert "nested more than 2000 levels deep" in got
    rt.py("while deep: deep = deep.pop()")

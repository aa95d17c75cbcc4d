"""dict_converter, default_converter and eager_converter of `to_js` and `toJs`, written in either language."""

from __future__ import annotations

import pytest

from harness.errors import JsError, PyError
from harness.runtime import Runtime

TEXT = """
    globalThis.same = (x, i, j) => x[i] === x[j];
    globalThis.text = (x) => JSON.stringify(x, (k, v) => v instanceof Map ? ["Map", ...v] : v instanceof Set ? ["Set", ...v] : v);
    globalThis.convert = (name, options) => {
        const box = pyodide.globals.get("Box"), p = box.getProxy(name);
        try { return p.toJs(options); } finally { p.destroy(); box.destroy(); }
    };
"""

IMPORTS = "import js\nfrom pyodide.ffi import to_js, ConversionError, JsProxy, create_proxy\n"


@pytest.mark.spec("1.5/5", "1.4/7")
@pytest.mark.parametrize(
    ("converter", "expected"),
    [
        ("js.Object.fromEntries", '{"a":1,"b":{"c":[2]}}'),
        ("js.Array.from_", '[["a",1],["b",[["c",[2]]]]]'),
        ("js.Map.new", '["Map",["a",1],["b",["Map",["c",[2]]]]]'),
        ("js.Object", '[["a",1],["b",[["c",[2]]]]]'),
        ("lambda pairs: js.Object.fromEntries(pairs)", '{"a":1,"b":{"c":[2]}}'),
        ("lambda pairs: len(pairs)", "2"),
        ("lambda pairs: None", None),
        ("lambda pairs: [pair[0] for pair in pairs] and 'x'", '"x"'),
    ],
)  # fmt: skip
def test_dict_converter(rt: Runtime, converter: str, expected: str | None) -> None:
    """It gets an Array of [key, value] Arrays, innermost dicts first, and its result is used."""
    rt.js(TEXT)
    rt.py(f"{IMPORTS}value = {{'a': 1, 'b': {{'c': [2]}}}}\nconverter = {converter}")
    got = rt.py("r = to_js([value], dict_converter=converter)\njs.text(r)")
    assert got == f"[{expected or 'null'}]"


@pytest.mark.spec("1.5/5")
def test_dict_converter_in_javascript(rt: Runtime) -> None:
    """The same for toJs; the pairs are real Arrays in both modes."""
    rt.js(TEXT)
    rt.py("class Box: x = {'a': {1: None, None: 2}, 'b': {'c': [2]}}")
    got = rt.js(
        """
        const seen = [];
        const r = convert("x", { dict_converter: (pairs) => {
            seen.push(Array.isArray(pairs) && pairs.every(Array.isArray));
            return new Map(pairs);
        } });
        return [seen, r instanceof Map, [...r.get("a").keys()], r.get("b").get("c"),
            text(convert("x", { dict_converter: Object }))];
        """
    )
    assert got[:4] == [[True, True, True], True, [1, None], [2]]
    assert got[4] == '[["a",[[1,null],[null,2]]],["b",[["c",[2]]]]]'


@pytest.mark.spec("1.5/5", "1.4/23")
def test_dict_converter_sharing_and_cycles(rt: Runtime) -> None:
    """A shared dict is converted once; one that contains itself is an error that says so."""
    rt.py(f"{IMPORTS}d = {{'a': 1}}\nclass Box: x = [d, {{'inner': d}}, d]; y = {{}}")
    rt.py("Box.y['me'] = [Box.y]")
    rt.js(TEXT)
    got = rt.js(
        """
        let calls = 0;
        const r = convert("x", { dict_converter: (pairs) => (calls++, new Map(pairs)) });
        const e = h.thrown(() => convert("y", { dict_converter: Object.fromEntries }));
        return [calls, r[0] === r[2], r[1].get("inner") === r[0], e.type, e.message];
        """
    )
    assert got[:4] == [2, True, True, "ConversionError"]
    assert "contains itself" in got[4]
    rt.py("Box.y.clear()")


def test_dict_converter_keys(rt: Runtime) -> None:
    """Keys are immutable values as ever, but equal texts are no collision."""
    rt.js(TEXT)
    rt.py(IMPORTS)
    assert rt.py("js.text(to_js({1: 2, '1': 3}, dict_converter=js.Map.new))") == (
        '["Map",[1,2],["1",3]]'
    )
    with pytest.raises(PyError, match="as a key for a Javascript Map"):
        rt.py("to_js({(1,): 2}, dict_converter=js.Map.new)")


@pytest.mark.spec("1.6/2", "1.6/5")
def test_default_converter_in_python(rt: Runtime) -> None:
    """It gets the very object, is called once for each, at depth 0 too, and its result is used."""
    rt.js(TEXT)

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsDoubleProxy, create_proxy, to_js

        class T:
            pass

        a, b = T(), T()
        seen = []

        def converter(value, convert, cache):
            seen.append(value)
            return js.Object.fromEntries(to_js([["id", len(seen)]]))

        out = js.text(to_js([a, [b, a], {"c": b}], default_converter=converter))
        assert out == '[{"id":1},[{"id":2},{"id":1}],{"c":{"id":2}}]'
        assert [x is y for x, y in zip(seen, [a, b], strict=True)] == [True, True]
        seen.clear()
        assert js.text(to_js([1], depth=0, default_converter=converter)) == '{"id":1}'
        assert seen == [[1]]
        seen.clear()
        assert to_js(a, default_converter=lambda v, c, k: 5) == 5
        # Immutable values and JavaScript objects are never asked about.
        to_js([1, "x", None, 2.5, True, js.Object, js.eval("null")], default_converter=converter)
        assert seen == []
        # A proxy that it returns is the result; other Python objects are proxied.
        proxy = create_proxy(b)
        result = to_js([a], default_converter=lambda v, c, k: proxy)
        assert js.Object.is_(js.Reflect.get(result, 0), proxy)
        proxy.destroy()
        result = to_js(a, default_converter=lambda v, c, k: [1])
        assert isinstance(result, JsDoubleProxy)
        result.destroy()


def test_default_converter_convert(rt: Runtime) -> None:
    """convert() follows the rules of the conversion: depth, cache, dict_converter, converters."""
    rt.js(TEXT)

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsProxy, to_js

        class T:
            def __init__(self, value: object) -> None:
                self.value = value

        def converter(value, convert, cache):
            return convert(value.value)

        shared = {"a": [1]}
        tree = [T(shared), shared, T(T((2, T("x"))))]
        result = to_js(tree, default_converter=converter, dict_converter=js.Map.new)
        assert js.text(result) == '[["Map",["a",[1]]],["Map",["a",[1]]],[2,"x"]]'
        assert js.Object.is_(js.Reflect.get(result, 0), js.Reflect.get(result, 1))

        kinds = []

        def look(value, convert, cache):
            kinds.append([convert(5), convert("x"), convert(None), convert(js.Object) == js.Object])
            kinds.append(isinstance(convert([1]), JsProxy))
            return

        to_js([T(0)], default_converter=look)
        assert kinds == [[5, "x", None, True], True]

        def cut(value, convert, cache):
            return convert(value.value) if isinstance(value, T) else "cut"

        # The converter's object is on a level of its own, like a container.
        texts = [js.text(to_js([T([[1]])], depth=n, default_converter=cut)) for n in (2, 3, 4)]
        assert texts == ['["cut"]', '[["cut"]]', "[[[1]]]"]


@pytest.mark.spec("1.6/4", "13.2/14")
def test_cache_conversion(rt: Runtime) -> None:
    """cacheConversion lets cyclic references find the result."""
    rt.js(TEXT)

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import to_js

        class Pair:
            first: object
            second: object

        def converter(value, convert, cache):
            result = to_js([])
            cache(value, result)
            result.push(convert(value.first))
            result.push(convert(value.second))
            return result

        p = Pair()
        items = [p]
        p.first, p.second = p, items
        js.pair = to_js(p, default_converter=converter)
        p.first = None
        items.clear()
        q = Pair()
        q.first = q.second = 1
        for bad in (1, "x", None, js.Object):
            try:
                to_js(q, default_converter=lambda v, c, k, bad=bad: k(bad, js.Object))
            except Exception as error:
                assert type(error.__cause__) is TypeError, error.__cause__
            else:
                raise AssertionError(f"cacheConversion({bad}) was taken")

    got = rt.js("const p = globalThis.pair; return [p[0] === p, p[1][0] === p, p.length];")
    assert got == [True, True, 2]


def test_default_converter_in_javascript(rt: Runtime) -> None:
    """JavaScript's gets a PyProxy, which is destroyed afterwards unless it is the result."""
    rt.js(TEXT)
    rt.py(
        """
        class T:
            def __init__(self, value): self.value = value
        class Box:
            one = [T({"k": 1}), T(T(3))]
            two = [T(1), [T(2)]]
        """
    )
    got = rt.js(
        """
        const values = [];
        const one = convert("one", { default_converter(value, conv, cache) {
            values.push(value);
            const inner = value.getProxy("value");
            const result = conv(inner);
            if (h.isPyProxy(inner)) inner.destroy();
            return result;
        } });
        const dead = values.map((v) => h.thrown(() => v.value).message.split("\\n")[0]);
        const pyproxies = [];
        const two = convert("two", { pyproxies, default_converter: (value) => value });
        const r = [text(one), dead.length, dead.every((m) => /destroyed when the converter/.test(m)),
            two[0].value, two[1][0].value, pyproxies.length, pyproxies[0] === two[0]];
        pyproxies.forEach((p) => p.destroy());
        r.push(conv2(convert));
        return r;

        function conv2(convert) {
            let late;
            convert("two", { default_converter(value, conv, cache) { late = [conv, cache]; return 1; } });
            return late.map((f) => {
                const p = pyodide.runPython("{}");
                const message = h.thrown(() => f(p, 1)).message;
                p.destroy();
                return /only while the conversion runs/.test(message);
            });
        }
        """
    )
    assert got == ['[{"k":1},3]', 3, True, 1, 2, 2, True, [True, True]]


@pytest.mark.spec("1.6/4", "13.2/14")
def test_javascript_cache_conversion(rt: Runtime) -> None:
    """cacheConversion of JavaScript wants a PyProxy and makes cycles work."""
    rt.js(TEXT)
    rt.py("class T: pass\nt = T()\nt.me = t\nclass Box: x = [t, t]")
    got = rt.js(
        """
        const r = convert("x", { default_converter(value, conv, cache) {
            const result = {};
            cache(value, result);
            const me = value.me;
            result.me = conv(me);
            return result;
        } });
        const e = h.thrown(() => convert("x", { default_converter: (v, c, cache) => cache({}, 1) }));
        return [r[0].me === r[0], r[0] === r[1], e.type, e.message.includes("must be a PyProxy")];
        """
    )
    assert got == [True, True, "ConversionError", True]
    rt.py("del t.me")


@pytest.mark.spec("1.6/6", "13.2/15")
@pytest.mark.parametrize("cls", ["list", "dict"])
def test_eager_identity_terminates(rt: Runtime, cls: str) -> None:
    """`convert(value)` in eager_converter falls back to the built-in rules, on cycles and at any depth."""
    rt.js(TEXT)
    rt.py(f"{IMPORTS}x = {cls}()\n" + ("x.append(x)" if cls == "list" else "x[0] = x"))
    rt.py("js.out = to_js([x, x], eager_converter=lambda v, c, k: c(v))")
    got = rt.js("const { out } = globalThis; return [out[0][0] === out[0], out[0] === out[1]];")
    assert got == [True, True]
    rt.py("x.clear()")
    source = "to_js([[[1]]], depth=2, eager_converter=lambda v, c, k: c(v), pyproxies=p)"
    rt.py(f"p = to_js([])\nr = {source}\nr.length, len(p)")
    assert rt.py("r.length, len(p)") == (1, 1)
    rt.py("from pyodide.ffi import destroy_proxies\ndestroy_proxies(p)")


@pytest.mark.spec("1.6/6", "13.2/16", "13.2/17")
def test_eager_converter(rt: Runtime) -> None:
    """It sees every object once, before the built-in rules; its result is used."""
    rt.js(TEXT)

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import ConversionError, destroy_proxies, to_js

        seen = []

        def eager(value, convert, cache):
            seen.append(value)
            return "T" if isinstance(value, tuple) else convert(value)

        shared = (1,)
        value = [shared, {"a": shared, "b": {2}}, b"xy", 1, "s", None, js.Object]
        out = js.text(to_js(value, eager_converter=eager))
        assert out == '["T",{"a":"T","b":["Set",2]},{"0":120,"1":121},1,"s",null,null]', out
        assert len(seen) == 5

        def refuse(value, convert, cache):
            if isinstance(value, tuple):
                raise ConversionError("no tuples, please")
            return convert(value)

        try:
            to_js([1, (2,)], eager_converter=refuse)
        except ConversionError as error:
            assert str(error) == "no tuples, please"
            assert error.__cause__ is None
        else:
            raise AssertionError("no ConversionError")

        def keep(value, convert, cache):
            return value if isinstance(value, tuple) else convert(value)

        proxies = to_js([])
        result = to_js([shared, shared], eager_converter=keep, pyproxies=proxies)
        assert proxies.length == 1
        assert js.Array.isArray(result)
        assert js.same(result, 0, 1)
        assert result.get_proxy(0) is shared
        destroy_proxies(proxies)


@pytest.mark.spec("1.6/7")
def test_eager_converter_has_cache(rt: Runtime) -> None:
    """cacheConversion is there with an eager_converter alone, in both languages."""
    rt.js(TEXT)
    rt.py(f"{IMPORTS}x = []\nx.append(x)\nclass Box: value = x")
    rt.py(
        """
        def eager(value, convert, cache):
            result = to_js([])
            cache(value, result)
            result.push(convert(value[0]))
            return result
        js.out = to_js(x, eager_converter=eager)
        """
    )
    got = rt.js(
        """
        const r = convert("value", { eager_converter(value, conv, cache) {
            const result = [];
            cache(value, result);
            const inner = value.getProxy(0);
            result.push(conv(inner));
            inner.destroy();
            return result;
        } });
        return [globalThis.out[0] === globalThis.out, r[0] === r];
        """
    )
    assert got == [True, True]
    rt.py("x.clear()")


def test_eager_then_default(rt: Runtime) -> None:
    """eager_converter's convert() comes to default_converter."""
    rt.js(TEXT)
    rt.py(IMPORTS + "class T: pass")
    source = "to_js([T(), [T()]], eager_converter=lambda v, c, k: c(v), default_converter=lambda v, c, k: 'd')"
    assert rt.py(f"js.text({source})") == '["d",["d"]]'


@pytest.mark.parametrize("option", ["dict_converter", "default_converter", "eager_converter"])
def test_errors_of_python_converters(rt: Runtime, option: str) -> None:
    """What a converter raises is the cause of a ConversionError; its own ConversionError stays itself."""
    rt.js(TEXT)
    rt.py(
        f"{IMPORTS}class T: pass\nclass Box: x = [T(), {{'a': object()}}]\n"
        "def bad(*args): raise ValueError('bad')\n"
        "def refuse(*args): raise ConversionError('refused')\n"
        "def interrupt(*args): raise KeyboardInterrupt"
    )
    source = f"""
        results = []
        for f in (bad, refuse, interrupt):
            try:
                to_js(Box.x, {option}=f)
            except BaseException as error:
                results.append([type(error).__name__, str(error), type(error.__cause__).__name__])
        results
    """
    bad, refused, interrupted = rt.py(source)
    assert bad[0] == "ConversionError"
    assert bad[2] == "ValueError"
    assert refused == ["ConversionError", "refused", "NoneType"]
    assert interrupted[0] == "KeyboardInterrupt"
    got = rt.js(
        f"""
        const f = pyodide.globals.get("bad");
        const e = h.thrown(() => convert("x", {{ {option}: f }}));
        f.destroy();
        return [e.type, e.message];
        """
    )
    assert got[0] == "ConversionError"
    assert "ValueError: bad" in got[1]


@pytest.mark.parametrize("option", ["dict_converter", "default_converter", "eager_converter"])
def test_errors_of_javascript_converters(rt: Runtime, option: str) -> None:
    """What a JavaScript converter throws is the cause, the very error."""
    rt.js(TEXT + "globalThis.bad = () => { throw new RangeError('bad'); };")
    rt.py(f"{IMPORTS}class Box: x = [object(), {{'a': object()}}]")
    got = rt.py(
        f"""
        try:
            to_js(Box.x, {option}=js.bad)
        except ConversionError as error:
            result = str(error.__cause__)
        result
        """
    )
    assert got == "RangeError: bad"
    got = rt.js(f"return h.thrown(() => convert('x', {{ {option}: bad }})).message;")
    assert "RangeError: bad" in got


def test_a_converter_goes_on_after_an_error(rt: Runtime) -> None:
    """An error in convert() can be caught in the converter; the parts are then as if never tried."""
    rt.js(TEXT)

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import ConversionError, to_js

        class T:
            def __init__(self, value: object) -> None:
                self.value = value

        inner = {1: 2, "1": 3}
        part = [inner]

        def converter(value, convert, cache):
            try:
                return convert(value.value)
            except ConversionError as error:
                assert "collision" in str(error)
                inner.pop("1", None)
                return convert(value.value)

        assert (
            js.text(to_js([T(part), part], default_converter=converter)) == '[[{"1":2}],[{"1":2}]]'
        )


def test_endless_converters(rt: Runtime) -> None:
    """Converters that never come to an end are a RecursionError, and the runtime lives on."""
    rt.js(TEXT)
    rt.py(f"{IMPORTS}class T: pass\nt = T()\nt.me = t\nclass Box: x = t")
    assert (
        rt.py(
            "try: to_js(t, default_converter=lambda v, c, k: c(v.me))\nexcept RecursionError as e: r = 'recursion'\nr"
        )
        == "recursion"
    )
    got = rt.js(
        "return h.thrown(() => convert('x', { default_converter: (v, c) => c(v.me) })).type;"
    )
    assert got == "RecursionError"
    rt.py("del t.me")
    assert rt.py("1 + 1") == 2


def test_create_pyproxies_false_with_converters(rt: Runtime) -> None:
    """A converter that gives the object back asks for a proxy, which is then an error."""
    rt.js(TEXT)
    rt.py(f"{IMPORTS}class T: pass\nclass Box: x = [T()]")
    for converter in ("lambda v, c, k: v", "js.eval('(v) => v')"):
        with pytest.raises(PyError, match="create_pyproxies is false"):
            rt.py(f"to_js(Box.x, create_pyproxies=False, default_converter={converter})")
    assert rt.py("js.text(to_js(Box.x, create_pyproxies=False, default_converter=lambda v, c, k: 1))") == "[1]"  # fmt: skip
    with pytest.raises(JsError, match="create_pyproxies is false"):
        rt.js("convert('x', { create_pyproxies: false, eager_converter: (v, c) => c(v) });")


@pytest.mark.spec("1.4/6")
def test_converters_are_released(rt: Runtime) -> None:
    """A Python callable given as a converter is not referenced after the call."""
    rt.js(TEXT)

    @rt.run
    def _() -> None:
        import sys

        from pyodide.ffi import to_js

        def converter(value, convert=None, cache=None):
            return 1

        class T:
            pass

        t = T()
        before = sys.getrefcount(converter), sys.getrefcount(t)
        for _ in range(3):
            to_js([t, {"a": [t]}], default_converter=converter, dict_converter=converter)
            to_js([t, t], eager_converter=converter)
        assert (sys.getrefcount(converter), sys.getrefcount(t)) == before

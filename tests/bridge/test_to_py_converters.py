"""`to_py` and `toPy` with converters written in either language."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import JsError, PyError
from harness.runtime import Runtime

PAIR = """
    globalThis.Pair = class Pair { constructor(first, second) { this.first = first; this.second = second; } };
    globalThis.makePair = () => {
        const list = [], pair = new Pair(list, list);
        list.push(pair, { deep: [list] });
        return pair;
    };
"""

PY_PAIR = """
    import js
    class Pair:
        def __init__(self, first=None, second=None):
            self.first, self.second = first, second
"""

SHAPE = """
    def shape(p):
        items = p.first
        result = type(p) is Pair, p.second is items, items[0] is p, items[1]["deep"][0] is items
        items.clear()
        return result
"""


@pytest.mark.spec("2.2/22", "13.3/7")
def test_pair_in_python(rt: Runtime) -> None:
    """A Python converter: cyclic and shared references have the same shape."""
    rt.js(PAIR)
    rt.py(PY_PAIR)
    rt.py(SHAPE)
    got = rt.py(
        """
        names = []
        def converter(value, convert, cache):
            names.append(value.constructor.name)
            result = Pair()
            cache(value, result)
            result.first = convert(value.get_proxy("first"))
            result.second = convert(value.get_proxy("second"))
            return result
        shape(js.makePair().to_py(default_converter=converter)), names
        """
    )
    assert got == ((True, True, True, True), ["Pair"])


@pytest.mark.spec("2.2/23", "13.3/7")
def test_pair_in_javascript(rt: Runtime) -> None:
    """A JavaScript converter does the same with PyProxies that it destroys."""
    rt.js(PAIR)
    rt.py(PY_PAIR)
    rt.py(SHAPE)
    got = rt.js(
        """
        const Pair = pyodide.globals.get("Pair"), shape = pyodide.globals.get("shape");
        const p = pyodide.toPy(makePair(), { defaultConverter(value, convert, cache) {
            const result = Pair();
            cache(value, result);
            const first = convert(value.first), second = convert(value.second);
            result.first = first;
            result.second = second;
            first.destroy();
            second.destroy();
            return result;
        } });
        const r = shape(p);
        p.destroy();
        Pair.destroy();
        shape.destroy();
        const all = [...r];
        if (h.isPyProxy(r)) r.destroy();
        return all;
        """
    )
    assert got == [True] * 4


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("None", "[None, {'k': None}]"),
        ("True", "[True, {'k': True}]"),
        ("1.0", "[1.0, {'k': 1.0}]"),
        ("2**80", f"[{2**80}, {{'k': {2**80}}}]"),
        ("'x'", "['x', {'k': 'x'}]"),
        ("(1, [2])", "[(1, [2]), {'k': (1, [2])}]"),
        ("b'x'", "[b'x', {'k': b'x'}]"),
    ],
)
def test_python_results(rt: Runtime, result: str, text: str) -> None:
    """What a Python converter returns is the result, with its exact type."""
    rt.js("globalThis.C = class C {}; globalThis.make = () => ({ x: [new C(), { k: new C() }] });")
    got = rt.py(
        f"import js\nrepr(js.make().to_py(default_converter=lambda v, c, k: {result})['x'])"
    )
    assert got == text


def test_the_converter_is_asked_once(rt: Runtime) -> None:
    """An object that occurs twice is converted once; what has a conversion is not asked about."""
    rt.js(
        "globalThis.C = class C {}; globalThis.make = () => { const c = new C();"
        " return { x: [c, { c }, new Map([[1, c]]), new Set([1]), new Uint8Array(2), c] }; };"
    )
    got = rt.py(
        """
        import js
        calls = []
        def converter(value, convert, cache):
            calls.append(value)
            return object()
        x = js.make().to_py(default_converter=converter)["x"]
        len(calls), x[0] is x[1]["c"], x[0] is x[2][1], x[0] is x[5], x[3], x[4].tobytes()
        """
    )
    assert got == (1, True, True, True, [1], b"\0\0")


def test_keeping_the_proxy(rt: Runtime) -> None:
    """A converter that returns its argument leaves the object a JsProxy, in both languages."""
    rt.js(
        "globalThis.C = class C {}; globalThis.c = new C(); globalThis.holder = { c: globalThis.c };"
    )
    got = rt.py(
        "import js\nd = js.holder.to_py(default_converter=lambda v, c, k: v)\nd['c'] == js.c, type(d).__name__"
    )
    assert got == (True, "dict")
    got = rt.js(
        """
        const keep = { defaultConverter: (value) => value };
        const p = pyodide.toPy(globalThis.holder, keep);
        const r = [pyodide.toPy(globalThis.c, keep) === globalThis.c, p.get("c") === globalThis.c,
            pyodide.toPy(globalThis.c, { defaultConverter: () => 5 }),
            pyodide.toPy(globalThis.c, { defaultConverter: () => undefined })];
        p.destroy();
        return r;
        """
    )
    assert got == [True, True, 5, None]


def test_returned_proxies(rt: Runtime) -> None:
    """A PyProxy that JavaScript returns is unwrapped and destroyed, unless it is a roundtrip proxy."""
    rt.js("globalThis.C = class C {}; globalThis.holder = { c: new C() };")
    rt.py(
        "import js\nfrom pyodide.ffi import create_proxy\nthing = []\nproxy = create_proxy(thing)"
    )
    rt.py("js.proxy = proxy\njs.made = create_proxy(thing, roundtrip=False)")
    assert rt.py("js.holder.to_py(default_converter=js.eval('() => made'))['c'] is thing") is True
    assert "converter returned it" in rt.js("return h.thrown(() => made.toString()).message;")
    assert rt.py("js.holder.to_py(default_converter=js.eval('() => proxy'))['c'] == proxy") is True
    rt.py("proxy.append(1)\nproxy.destroy()")
    assert rt.py("thing") == [1]


def test_convert_of_other_values(rt: Runtime) -> None:
    """convert() leaves alone what needs no conversion."""
    rt.js("globalThis.C = class C {}; globalThis.c = new C();")
    got = rt.py(
        """
        import js
        thing = object()
        def converter(v, convert, cache):
            return convert(5), convert("x"), convert(None), convert(thing) is thing, convert([v])[0] == v
        js.c.to_py(default_converter=converter)
        """
    )
    assert got == (5, "x", None, True, True)
    got = rt.js(
        """
        let seen;
        pyodide.toPy(globalThis.c, { defaultConverter(v, convert) {
            seen = [convert(5), convert("x"), convert(undefined), convert(null), convert(2n ** 70n)];
            return 1;
        } });
        return seen.map(String);
        """
    )
    assert got == ["5", "x", "undefined", "null", str(2**70)]


@pytest.mark.parametrize(
    ("depth", "text"),
    [(0, "js"), (1, "{'x': js}"), (2, "{'x': [js]}"), (3, "{'x': ['C']}"), (-1, "{'x': ['C']}")],
)
def test_depth(rt: Runtime, depth: int, text: str) -> None:
    """At depth 0 the converter is not asked; above it is, on its level."""
    rt.js(
        """
        globalThis.C = class C { toString() { return "js"; } };
        globalThis.make = () => {
            const list = [new C()], object = { x: list };
            list.toString = object.toString = () => "js";
            Object.defineProperty(object, "toString", { enumerable: false });
            return object;
        };
        """
    )
    got = rt.py(
        f"import js\nrepr(js.make().to_py(depth={depth}, default_converter=lambda v, c, k: 'C'))"
    )
    assert got == text


def test_depth_in_javascript(rt: Runtime) -> None:
    """An omitted or undefined depth means all levels."""
    rt.js("globalThis.make = () => ({ x: [[[[1]]]] });")
    got = rt.js(
        """
        return [{}, { depth: undefined }, { depth: -1 }, { defaultConverter: (x) => x }].map((options) => {
            const p = pyodide.toPy(make(), options), r = String(p);
            p.destroy();
            return r;
        });
        """
    )
    assert got == ["{'x': [[[[1]]]]}"] * 4


def test_python_errors(rt: Runtime) -> None:
    """What a Python converter raises comes out as itself."""
    rt.js("globalThis.C = class C {}; globalThis.make = () => ({ a: [1], c: [new C()] });")
    rt.py("import js\nerror = ValueError('bad')\ndef bad(v, convert, cache):\n    convert(js.make().to_py)\n    raise error")  # fmt: skip
    got = rt.py(
        """
        try:
            js.make().to_py(default_converter=bad)
        except ValueError as e:
            same = e is error
        same
        """
    )
    assert got is True
    got = rt.js(
        """
        const f = pyodide.globals.get("bad");
        const e = h.thrown(() => pyodide.toPy(make(), { defaultConverter: f }));
        f.destroy();
        return [e.type, e.message.includes("ValueError: bad")];
        """
    )
    assert got == ["ValueError", True]
    rt.py("error.__traceback__ = None")


def test_javascript_errors(rt: Runtime) -> None:
    """What a JavaScript converter throws is the error itself."""
    rt.js("globalThis.C = class C {}; globalThis.make = () => ({ c: [new C()] });")
    rt.js("globalThis.error = new RangeError('bad'); globalThis.bad = () => { throw error; };")
    got = rt.py(
        """
        import js
        from pyodide.ffi import JsException
        try:
            js.make().to_py(default_converter=js.bad)
        except JsException as e:
            same = e == js.error
        same
        """
    )
    assert got is True
    with pytest.raises(JsError, match="RangeError: bad"):
        rt.js("pyodide.toPy(make(), { defaultConverter: bad });")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("new Map([[[1], 2]])", "Cannot use key of type Array as a key to a Python dict"),
        ("new Set([[1]])", "Cannot use key of type Array as a key to a Python set"),
        ("new Map([[1, 2], [true, 3]])", "contains both 1 and true"),
        ("new Set([0, false])", "contains both 0 and false"),
        ("({ a: [{ b: new Map([[0, [1]], [false, 3]]) }] })", "contains both 0 and false"),
    ],
)
def test_bad_keys(rt: Runtime, source: str, text: str) -> None:
    """The errors of keys are those of the conversion without a converter."""
    with pytest.raises(JsError) as caught:
        rt.js(f"pyodide.toPy({source}, {{ defaultConverter: (x) => x }});")
    assert text in caught.value.message


def test_bad_options(rt: Runtime) -> None:
    """What is no callable is refused; cache() wants a proxy on the Python side of things."""
    with pytest.raises(JsError, match="defaultConverter must be a function"):
        rt.js("pyodide.toPy({}, { defaultConverter: 5 });")
    with pytest.raises(PyError, match="default_converter must be callable, not int"):
        rt.py("import js\njs.Object.new().to_py(default_converter=5)")
    rt.js("globalThis.C = class C {}; globalThis.c = new C();")
    with pytest.raises(PyError, match="must be a JsProxy, not int"):
        rt.py("js.c.to_py(default_converter=lambda v, c, k: k(1, 2))")
    with pytest.raises(JsError, match="second argument must be a PyProxy"):
        rt.js("pyodide.toPy(globalThis.c, { defaultConverter: (v, c, cache) => cache(v, {}) });")


def test_late_use(rt: Runtime) -> None:
    """convert and cache are of no use after the conversion."""
    rt.js("globalThis.C = class C {}; globalThis.c = new C();")
    rt.py(
        """
        import js
        late = []
        js.c.to_py(default_converter=lambda v, c, k: late.extend([c, k]))
        """
    )
    for call in ("late[0](js.c)", "late[1](js.c, [])"):
        with pytest.raises(PyError, match="only while the conversion runs"):
            rt.py(call)
    rt.py("late.clear()")


def test_endless(rt: Runtime) -> None:
    """A converter without an end is a RecursionError in Python and an error in JavaScript."""
    rt.js("globalThis.C = class C { constructor() { this.me = new Proxy(this, {}); } }; globalThis.make = () => new C();")  # fmt: skip
    rt.py("import js\ndef converter(v, c, k): return c(js.make())")
    got = rt.py(
        "try: js.make().to_py(default_converter=converter)\nexcept RecursionError: r = 1\nr"
    )
    assert got == 1
    with pytest.raises(JsError, match="nested more than"):
        rt.js("pyodide.toPy(make(), { defaultConverter: (v, c) => c(make()) });")
    assert rt.py("1 + 1") == 2


def test_deep(rt: Runtime) -> None:
    """Deep values come through, and too deep ones are an error."""
    rt.js("globalThis.nest = (n) => { let x = {}; for (let i = 1; i < n; i++) x = i % 2 ? [x] : { x }; return { x }; };")  # fmt: skip
    rt.py("import js\nkeep = lambda v, c, k: v")
    assert rt.py("type(js.nest(1500).to_py(default_converter=keep)).__name__") == "dict"
    with pytest.raises(PyError) as caught:
        rt.py("js.nest(2500).to_py(default_converter=keep)")
    assert caught.value.type == "RecursionError"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=VALUES)
def test_same_as_without_a_converter(rt: Runtime, value: object) -> None:
    """Item by item gives what the tape gives."""
    got = rt.js(
        """
        const a = pyodide.toPy(value), b = pyodide.toPy(value, { defaultConverter: () => { throw 1; } });
        const r = [a, b].map((x) => (h.isPyProxy(x) ? x.toString() : String(x)));
        for (const x of [a, b]) if (h.isPyProxy(x)) x.destroy();
        return r;
        """,
        value=value,
    )
    assert got[0] == got[1]

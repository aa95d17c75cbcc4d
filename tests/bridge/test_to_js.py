"""`to_js` in Python and `toJs` in JavaScript without converters: what becomes what, depth, proxies, keys, errors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.codec import NULL, Cycle, Opaque
from harness.errors import JsError, PyError
from harness.runtime import Runtime


def both(rt: Runtime, source: str, depth: int = -1, check: str = "x") -> list[Any]:
    """Convert the value of a Python expression in both languages; `check`, an expression of `x`, for each."""
    rt.js(f"globalThis.check = (x) => {check};")
    rt.py(
        "import js\nfrom pyodide.ffi import to_js\n"
        f"class Box: x = {source}\njs.result = to_js(Box.x, depth={depth})"
    )
    return list(
        rt.js(
            """
            const box = pyodide.globals.get("Box"), p = box.getProxy("x");
            const results = [globalThis.result, p.toJs({ depth })].map(globalThis.check);
            p.destroy();
            box.destroy();
            return results;
            """,
            depth=depth,
        )
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[]", []),
        ("[1, 2.5, 'x', None, True]", [1, 2.5, "x", None, True]),
        ("(1, (2, []))", [1, [2, []]]),
        ("{}", {}),
        ("{'a': 1, 2: 3}", {"2": 3, "a": 1}),
        ("{True: 1, None: 2, 1.5: 3}", {"true": 1, "undefined": 2, "1.5": 3}),
        ("{'a': {'b': [{'c': ()}]}}", {"a": {"b": [{"c": []}]}}),
        ("{1, '1'}", ["1", 1]),
        ("[__import__('pyodide.ffi', fromlist=['x']).jsnull]", [NULL]),
        ("__import__('collections').namedtuple('P', 'x y')(1, [2])", [1, [2]]),
        ("__import__('collections').OrderedDict(b=1, a=2)", {"b": 1, "a": 2}),
        ("__import__('collections').Counter('aab')", {"a": 2, "b": 1}),
        ("__import__('collections').defaultdict(list, a=[1])", {"a": [1]}),
        ("type('L', (list,), {})([1, 2])", [1, 2]),
        ("type('S', (set,), {})([1])", [1]),
        ("[2**64, -(2**53)]", [2**64, -(2**53)]),
        ("['\\ud83d', '\\U0001f40d' * 300]", ["\ud83d", "\U0001f40d" * 300]),
    ],
)
def test_what_becomes_what(rt: Runtime, source: str, expected: object) -> None:
    """Containers, subclasses included, become JavaScript's, whatever they hold."""
    for got in both(rt, source):
        if isinstance(got, list) and isinstance(expected, list) and source.startswith("{"):
            got = sorted(got, key=repr)
        assert got == expected


@pytest.mark.spec("1.4/17", "13.2/7")
def test_sets_are_sets(rt: Runtime) -> None:
    """A set becomes a Set, a dict a plain object in the dict's order."""
    assert both(rt, "{1, 2}", check="[x instanceof Set, x.size]") == [[True, 2]] * 2
    mixed = "[x instanceof Set, x.size, x.has(1), x.has('1')]"
    assert both(rt, "{1, '1'}", check=mixed) == [[True, 2, True, True]] * 2
    keys = both(rt, "{'z': 1, 'a': 2, 'm': 3}", check="Object.keys(x)")
    assert keys == [["z", "a", "m"]] * 2
    plain = "Object.getPrototypeOf(x) === Object.prototype"
    assert both(rt, "{'a': 1}", check=plain) == [True, True]


@pytest.mark.parametrize(
    "source", ["frozenset([1])", "range(3)", "object()", "iter([])", "1j", "len", "ValueError('x')"]
)
def test_what_stays_a_proxy(rt: Runtime, source: str) -> None:
    """An object without a conversion is a PyProxy, alone or in a container, and comes back as itself."""
    rt.py(f"import js\nfrom pyodide.ffi import to_js, JsDoubleProxy\nvalue = {source}")
    rt.js("globalThis.copyOf = (x) => x.copy();")
    assert rt.py("p = to_js(value)\nisinstance(p, JsDoubleProxy), js.copyOf(p) is value") == (
        True,
        True,
    )
    rt.py("p.destroy()\narray = to_js([value])")
    assert rt.py("array[0] is value") is True
    rt.py("js.array = array")
    rt.js("globalThis.array[0].destroy();")


@pytest.mark.spec("13.2/1")
@pytest.mark.parametrize("container", ["[{}]", "({},)"])
@pytest.mark.parametrize("depth", range(7))
def test_depth_of_lists(rt: Runtime, container: str, depth: int) -> None:
    """`depth` n gives n levels of Array, and below them a PyProxy."""
    rt.py(
        f"value = 0\nfor _ in range(7): value = {container.format('value')}\nclass Box: x = value"
    )
    got = rt.js(
        """
        const box = pyodide.globals.get("Box"), p = box.getProxy("x");
        box.destroy();
        const pyproxies = [];
        let x = p.toJs({ depth, pyproxies }), levels = 0;
        const top = x;
        while (Array.isArray(x)) { x = x[0]; levels++; }
        const r = [levels, h.isPyProxy(x) && x.type, pyproxies.length, pyproxies[0] === x, top !== p];
        for (const q of pyproxies) q.destroy();
        p.destroy();
        return r;
        """,
        depth=depth,
    )
    kind = "list" if container.startswith("[") else "tuple"
    assert got == [depth, kind, 1, True, True]


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_depth_of_mixed_containers(rt: Runtime, depth: int) -> None:
    """Every kind of container counts; what has been copied already is so below the last level too."""
    rt.py("import js\nfrom pyodide.ffi import to_js, destroy_proxies\nx = [1]\nd = {'x': x}")
    rt.js("globalThis.proxies = [];")
    rt.py(
        f"js.out = to_js([[x], x, d, {{1}}, b'a'], depth={depth}, pyproxies=js.get_proxy('proxies'))"
    )
    got = rt.js(
        """
        const kind = (x) => (h.isPyProxy(x) ? x.type : x.constructor.name);
        const { out } = globalThis;
        const r = kind(out) === "list" ? ["list"] : out.map(kind);
        if (kind(out) !== "list" && kind(out[0]) === "Array") r.push(kind(out[0][0]), kind(out[2].x));
        r.push(globalThis.proxies.length);
        for (const p of globalThis.proxies) p.destroy();
        return r;
        """
    )
    assert (
        got
        == [
            ["list", 1],
            ["list", "list", "dict", "set", "bytes", 5],
            ["Array", "Array", "Object", "Set", "Uint8Array", "list", "Array", 1],
        ][depth]
    )


def test_sharing(rt: Runtime) -> None:
    """What occurs twice is one object that occurs twice: lists, dicts, sets, buffers, proxies."""
    rt.py(
        "import js\nfrom pyodide.ffi import to_js\nthings = [[1], {}, {2}, b'x', object(), (3, [])]"
    )
    rt.js("globalThis.proxies = [];")
    rt.py(
        "js.out = to_js([things, [[t] for t in things], things], pyproxies=js.get_proxy('proxies'))"
    )
    got = rt.js(
        """
        const { out: [a, b, c], proxies } = globalThis;
        const r = [a === c, a.every((x, i) => x === b[i][0]), proxies.length];
        proxies.forEach((p) => p.destroy());
        return r;
        """
    )
    assert got == [True, True, 1]


def test_equal_lists_stay_apart(rt: Runtime) -> None:
    """Only identity makes objects the same."""
    assert both(rt, "[[1], [1]]", check="x[0] !== x[1]") == [True, True]


@pytest.mark.spec("13.2/3")
def test_no_references_are_left(rt: Runtime) -> None:
    """Converting shared lists leaves the number of JavaScript references as it was."""
    before = rt.js("return { ...h.counts() };")
    rt.js("globalThis.allSame = (x) => x.length === 5 && x.every((y) => y === x[0]);")
    source = "import js\nfrom pyodide.ffi import to_js\na = [1]\n[js.allSame(to_js([a] * 5)) for _ in range(2)]"
    assert rt.py(source) == [True, True]
    rt.py("del js, to_js")
    assert rt.js("return { ...h.counts() };") == before


@pytest.mark.spec("1.4/23", "13.2/4", "13.2/5")
@pytest.mark.parametrize(
    ("setup", "check"),
    [
        ("x = []; x.append(x)", "x[0] === x"),
        ("x = {}; x['me'] = x", "x.me === x"),
        ("x, y = [], []; x.append(y); y.append(x)", "x[0][0] === x && x[0] !== x"),
        ("x = {'l': []}; x['l'].append(x)", "x.l[0] === x"),
        ("t = ([],); t[0].append(t); x = t", "x[0][0] === x"),
        ("class L(list): pass\nx = L(); x.append(x)", "x[0] === x"),
        (
            "class D(dict):\n    def items(self): return super().items()\nx = D(); x['me'] = [x]",
            "x.me[0] === x",
        ),
    ],
)
def test_cycles(rt: Runtime, setup: str, check: str) -> None:
    """Cycles have the same shape in JavaScript."""
    rt.js(f"globalThis.check = (x) => {check};")
    rt.py(f"import js\nfrom pyodide.ffi import to_js\n{setup}\nclass Box: value = x")
    assert rt.py("js.check(to_js(x))") is True
    got = rt.js(
        """
        const box = pyodide.globals.get("Box"), p = box.getProxy("value");
        const r = globalThis.check(p.toJs());
        p.destroy();
        box.destroy();
        return r;
        """
    )
    assert got is True
    rt.py("x.clear() if hasattr(x, 'clear') else x[0].clear()\nBox.value = None")


KEY_ERRORS = [
    ("{(2, 2): 0}", r"Cannot use (2, 2) as a key for a Javascript Map"),
    ("{(2, 2)}", r"Cannot use (2, 2) as a key for a Javascript Set"),
    ("[{b'x': 1}]", "Cannot use b'x' as a key for a Javascript Map"),
    (
        "{1: 7, '1': 9}",
        "Key collision when converting Python dictionary to JavaScript. Key: '1'",
    ),
    ("[object(), {1: object(), '1': object()}, object(), b'abc', [1, 2], [0.5]]", "Key: '1'"),
    ("__import__('collections').OrderedDict([(1, 2), ('1', object())])", "Key: '1'"),
    ("{True: 1, 'true': 2}", "Key: 'true'"),
]


@pytest.mark.spec("1.5/2", "1.5/3", "13.2/6", "13.2/8")
@pytest.mark.parametrize(("source", "text"), KEY_ERRORS)
def test_bad_keys(rt: Runtime, source: str, text: str) -> None:
    """Keys that JavaScript cannot have are a ConversionError on both sides, and nothing leaks."""
    rt.py(f"from pyodide.ffi import to_js\nclass Box: value = {source}")
    with pytest.raises(PyError) as caught:
        rt.py("to_js(Box.value)")
    assert caught.value.type == "ConversionError"
    assert text in caught.value.message
    got = rt.js(
        """
        const box = pyodide.globals.get("Box"), p = box.getProxy("value");
        const e = h.thrown(() => p.toJs());
        p.destroy();
        box.destroy();
        return [e.name, e.type, e.message];
        """
    )
    assert got[:2] == ["PythonError", "ConversionError"]
    assert text in got[2]
    assert "pyodide.ffi.ConversionError" in got[2]


@pytest.mark.spec("1.5/3")
def test_inherited_names_are_no_collisions(rt: Runtime) -> None:
    """Names that every object has are keys like others."""
    source = "{'toString': 1, 'constructor': 2, '__proto__': 3, 'hasOwnProperty': 4}"
    check = "[Object.keys(x), Object.getOwnPropertyDescriptor(x, '__proto__').value]"
    keys = ["toString", "constructor", "__proto__", "hasOwnProperty"]
    assert both(rt, source, check=check) == [[keys, 3]] * 2


@pytest.mark.spec("13.2/9")
def test_dict_subclasses_use_items(rt: Runtime) -> None:
    """A dict is what its items() says."""
    rt.py(
        """
        import js
        from collections import ChainMap
        from pyodide.ffi import to_js
        class First(ChainMap, dict): pass
        class Second(dict, ChainMap):
            __init__ = ChainMap.__init__
            items = ChainMap.items
            __getitem__ = ChainMap.__getitem__
            __iter__ = ChainMap.__iter__
            __len__ = ChainMap.__len__
        """
    )
    rt.js("globalThis.text = (x) => JSON.stringify(x);")
    assert rt.py("js.text(to_js(First({'a': 1}, {'b': [2]})))") == '{"b":[2],"a":1}'
    assert rt.py("js.text(to_js(Second({'a': 1}, {'b': [2]})))") == '{"b":[2],"a":1}'


def test_overridden_items(rt: Runtime) -> None:
    """Lists, tuples and sets whose class has its own ideas of their items are asked."""
    rt.py(
        """
        import js
        from pyodide.ffi import to_js
        class L(list):
            def __getitem__(self, i): return [list.__getitem__(self, i)]
        class T(tuple):
            def __len__(self): return 1
        class S(set):
            def __iter__(self): return iter(["only"])
        """
    )
    rt.js("globalThis.text = (x) => JSON.stringify(x, (k, v) => v instanceof Set ? [...v] : v);")
    source = "to_js({'l': L([1, 2]), 't': T([5, 6]), 's': S([1]), 'deep': [L([L([3])])]})"
    assert rt.py(f"js.text({source})") == '{"l":[[1],[2]],"t":[5],"s":["only"],"deep":[[[[[3]]]]]}'


@pytest.mark.spec("1.4/25", "1.5/6")
@pytest.mark.parametrize(
    ("items", "cause"),
    [
        ("raise ValueError('no')", "ValueError"),
        ("return [1]", "TypeError"),
        ("return [(1, 2, 3)]", "TypeError"),
        ("return 5", "TypeError"),
        ("return [([], 1), 5]", "TypeError"),
    ],
)
def test_failing_items(rt: Runtime, items: str, cause: str) -> None:
    """What goes wrong in Python code is the cause of a ConversionError, on both sides."""
    rt.py(
        f"from pyodide.ffi import to_js\nclass D(dict):\n    def items(self): {items}\n"
        "value = [object(), [1], D(a=1), object()]\nclass Box: x = value"
    )
    source = """
        try:
            to_js(value)
        except Exception as error:
            result = type(error).__name__, type(error.__cause__).__name__
        result
    """
    assert rt.py(source) == ("ConversionError", cause)
    got = rt.js(
        """
        const box = pyodide.globals.get("Box"), p = box.getProxy("x");
        const e = h.thrown(() => p.toJs());
        p.destroy();
        box.destroy();
        return [e.type, e.message];
        """
    )
    assert got[0] == "ConversionError"
    assert cause in got[1]


@pytest.mark.parametrize(("exception"), ["KeyboardInterrupt", "SystemExit", "RecursionError"])
def test_errors_that_stay_themselves(rt: Runtime, exception: str) -> None:
    """What is no ordinary error is not wrapped."""
    rt.py(f"from pyodide.ffi import to_js\nclass D(dict):\n    def items(self): raise {exception}")
    source = f"try: to_js([D()])\nexcept {exception} as e: r = type(e).__name__\nr"
    assert rt.py(source) == exception


@pytest.mark.spec("1.4/21", "13.2/10")
def test_pyproxies(rt: Runtime) -> None:
    """`pyproxies` gets each proxy that is made, once, in both ways of conversion."""
    rt.py(
        """
        import js
        from pyodide.ffi import to_js, destroy_proxies
        class T: pass
        class L(list):
            def __getitem__(self, i): return list.__getitem__(self, i)
        a, b = T(), T()
        """
    )
    for kind in ("list", "L"):
        rt.js("globalThis.proxies = [];")
        rt.py(
            f"js.out = to_js({kind}([a, [b, [a]], {{'c': T(), 'b': b}}]), pyproxies=js.get_proxy('proxies'))"
        )
        got = rt.js(
            """
            const { out, proxies } = globalThis;
            return [proxies.length, new Set(proxies).size, proxies.every(h.isPyProxy),
                out[0] === out[1][1][0], out[1][0] === out[2].b];
            """
        )
        assert got == [3, 3, True, True, True]
        rt.py("destroy_proxies(js.get_proxy('proxies'))")
        assert rt.js("return h.thrown(() => globalThis.out[0].toString()).message").startswith(
            "Object has already been destroyed"
        )


@pytest.mark.spec("1.4/22", "13.2/11")
@pytest.mark.parametrize("source", ["T()", "[T()]", "{'a': T()}", "[[1], L([T()])]"])
def test_create_pyproxies_false(rt: Runtime, source: str) -> None:
    """Without proxies an object that has no conversion is a ConversionError; `pyproxies` is left alone."""
    rt.py(
        "import js\nfrom pyodide.ffi import to_js\nclass T: pass\n"
        "class L(list):\n    def __getitem__(self, i): return list.__getitem__(self, i)\n"
        f"class Box: x = {source}"
    )
    rt.js("globalThis.proxies = [];")
    with pytest.raises(PyError, match="create_pyproxies is false") as caught:
        rt.py("to_js(Box.x, create_pyproxies=False, pyproxies=js.get_proxy('proxies'))")
    assert caught.value.type == "ConversionError"
    got = rt.js(
        """
        const box = pyodide.globals.get("Box"), p = box.getProxy("x");
        const e = h.thrown(() => p.toJs({ create_pyproxies: false }));
        p.destroy();
        box.destroy();
        return [e.type, globalThis.proxies.length];
        """
    )
    assert got == ["ConversionError", 0]


def test_create_pyproxies_false_of_data(rt: Runtime) -> None:
    """Data need no proxies."""
    rt.py("import js\nfrom pyodide.ffi import to_js")
    rt.js("globalThis.text = (x) => JSON.stringify(x);")
    assert rt.py("js.text(to_js([{'a': (1,)}], create_pyproxies=False))") == '[{"a":[1]}]'


@pytest.mark.spec("1.4/4", "13.2/12")
@pytest.mark.parametrize(
    "options",
    [
        "pyproxies=[]",
        "pyproxies=js.Object.new()",
        "dict_converter=1",
        "default_converter='x'",
        "eager_converter=js.Object.new()",
        "depth='1'",
        "depth=1.5",
    ],
)
def test_bad_options(rt: Runtime, options: str) -> None:
    """Options of the wrong kind are a TypeError, whatever the object."""
    for value in ("[]", "5"):
        with pytest.raises(PyError) as caught:
            rt.py(f"import js\nfrom pyodide.ffi import to_js\nto_js({value}, {options})")
        assert caught.value.type == "TypeError"


@pytest.mark.parametrize(
    "options",
    ["{pyproxies: {}}", "{pyproxies: 1}", "{depth: 'x'}", "{depth: 0.5}", "{dict_converter: 1}",
     "{default_converter: {}}", "{eager_converter: 'x'}"],
)  # fmt: skip
def test_bad_options_in_javascript(rt: Runtime, options: str) -> None:
    """The same in JavaScript."""
    with pytest.raises(JsError, match="toJs: ") as caught:
        rt.js(
            "const p = pyodide.runPython('{}'); "
            f"try {{ p.toJs({options}); }} finally {{ p.destroy(); }}"
        )
    assert caught.value.name == "TypeError"


@pytest.mark.spec("1.4/1", "2.2/1")
def test_signature(rt: Runtime) -> None:
    """inspect tells the truth, and what is immutable or of JavaScript is returned as it is."""
    rt.js("globalThis.thing = { a: 1 };")

    @rt.run
    def _() -> None:
        import inspect

        import js
        from pyodide.ffi import jsnull, to_js

        assert str(inspect.signature(to_js)) == (
            "(obj, /, *, depth=-1, pyproxies=None, create_pyproxies=True, dict_converter=None, "
            "default_converter=None, eager_converter=None)"
        )
        assert "ConversionError" in (to_js.__doc__ or "")
        for value in ("abc", 55, 2**80, 1.5, True, None, jsnull, js.thing):
            assert to_js(value) is value
            assert to_js(value, depth=0, create_pyproxies=False) is value
        assert str(inspect.signature(js.thing.to_py)) == "(*, depth=-1, default_converter=None)"


def test_frozen_pyproxies(rt: Runtime) -> None:
    """An Array that takes no items is an error, and no proxy is left."""
    rt.js("globalThis.frozen = Object.freeze([]);")
    rt.py("import js\nfrom pyodide.ffi import to_js\nvalue = [object(), {}]")
    with pytest.raises(PyError, match="ConversionError") as caught:
        rt.py("to_js(value, pyproxies=js.get_proxy('frozen'))")
    assert caught.value.type == "ConversionError"


def test_destroyed_proxy(rt: Runtime) -> None:
    """toJs of a destroyed proxy says that it is destroyed."""
    with pytest.raises(JsError, match="already been destroyed"):
        rt.js("const p = pyodide.runPython('{}'); p.destroy(); p.toJs();")


def test_deep_nesting(rt: Runtime) -> None:
    """Depth beyond the limit is a RecursionError, and just below it works, tape or item by item."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import to_js

        class L(list):
            def __getitem__(self, i):
                return list.__getitem__(self, i)

        def nest(n: int, kind: type) -> object:
            value: object = kind()
            for _ in range(n - 1):
                value = kind([value])
            return value

        for kind in (list, L):
            assert to_js(nest(1500, kind)).length == 1
            try:
                to_js(nest(2500, kind))
            except RecursionError:
                pass
            else:
                raise AssertionError("no RecursionError")
        del js


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


def javascript_ints(value: object) -> object:
    """The value after a round trip: floats with integral safe values have become ints."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [javascript_ints(item) for item in value]
    if isinstance(value, dict):
        return {key: javascript_ints(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("items", [False, True])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=JSON)
def test_round_trip(rt: Runtime, items: bool, value: object) -> None:
    """`to_py` undoes `to_js`, by tape and item by item (the order of integer-like keys apart)."""
    call = "to_js(value, default_converter=lambda v, c, k: 1/0)" if items else "to_js(value)"
    back = "default_converter=lambda v, c, k: 1/0" if items else ""
    got = rt.py(
        f"from pyodide.ffi import to_js, JsProxy\nr = {call}\n"
        f"r = r.to_py({back}) if isinstance(r, JsProxy) else r\nr",
        value=value,
    )
    want = javascript_ints(value) if isinstance(value, list | dict) else value
    assert repr_sorted(got) == repr_sorted(want)


def repr_sorted(value: object) -> str:
    """A text that is equal for values that are equal up to the order of dicts."""
    if isinstance(value, dict):
        inner = sorted(f"{key!r}: {repr_sorted(item)}" for key, item in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(repr_sorted, value)) + "]"
    return repr(value)


def test_helpers_describe(rt: Runtime) -> None:
    """A cycle and a proxy are described by the harness, so that the tests above can see them."""
    rt.py("import js\nfrom pyodide.ffi import to_js\nx = []\nx.append(x)\njs.out = to_js(x)")
    assert rt.js("return globalThis.out;") == [Cycle(1)]
    rt.py("x.clear()\njs.out = to_js([len])")
    (described,) = rt.js("return globalThis.out;")
    assert isinstance(described, Opaque)
    assert described.kind == "PyProxy"
    rt.js("globalThis.out[0].destroy();")


@pytest.mark.spec("1.4/28")
def test_failures_keep_no_references(rt: Runtime) -> None:
    """After a conversion that has failed, wherever it was, no object has one reference more."""

    @rt.run
    def _() -> None:
        import sys
        from collections import OrderedDict

        from pyodide.ffi import to_js

        class T:
            pass

        t, shared = T(), [1]
        collision = {1: t, "1": T(), 2: [t]}
        values = [
            [t, collision, t, shared, b"abc", [1, 2], [0.5], t],
            [shared, t, OrderedDict(collision), t],
            [shared, {"a": t, "b": {(1,): t}}],
            [t, {t}],
        ]
        before = sys.getrefcount(t), sys.getrefcount(shared)
        for value in values:
            for options in (
                {},
                {"create_pyproxies": False},
                {"eager_converter": lambda v, c, k: c(v)},
            ):
                try:
                    to_js(value, **options)
                except Exception as error:
                    error.__traceback__ = None
                    if error.__cause__ is not None:
                        error.__cause__.__traceback__ = None
                else:
                    raise AssertionError("no error")
        assert (sys.getrefcount(t), sys.getrefcount(shared)) == before

"""`to_py` and `toPy`, rule by rule of the specification: what becomes what, keys, depth, cycles, hostile objects, converters."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import JsError, PyError
from harness.runtime import Runtime

# A JavaScript Array arrives as a list in native mode: `box.get_proxy("x")` reads what `box.x` is, live, in both modes.
IMPORTS = """
    import js
    from pyodide.ffi import *
    from pyodide.ffi import jsnull
    def live(): return js.box.get_proxy("x")
    def outcome(f):
        try:
            return f()
        except Exception as e:
            return type(e).__name__, str(e)
"""


def to_py(rt: Runtime, source: str, options: str = "") -> object:
    """The repr of what to_py makes of a JavaScript value, with and without a converter that never answers; both agree."""
    rt.js(f"globalThis.box = {{ x: {source} }};")
    rt.py(IMPORTS)
    both = []
    for more in ("", ", default_converter=lambda v, c, k: v"):
        both.append(
            rt.py(
                f"r = live().to_py({options}{more})\ntext = repr(r)\nif isinstance(r, (dict, list)): r.clear()\nr = None\ntext".replace(
                    "(, ", "("
                )
            )
        )
    assert both[0] == both[1]
    return both[0]


@pytest.mark.spec("2.2/4", "2.2/8", "2.2/9", "2.2/10", "2.2/11", "2.2/18", "2.2/20", "13.3/4")
@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("[1, , 2]", "[1, None, 2]"),
        ("new Array(2)", "[None, None]"),
        ("[null, undefined, true, 1n, 2n ** 70n, 1.5, -0, NaN, 2 ** 53]", f"[jsnull, None, True, 1, {2**70}, 1.5, 0, nan, 9007199254740992.0]"),
        ("Object.assign([1], { extra: 2 })", "[1]"),
        ("new (class A extends Array {})(1, 2)", "[1, 2]"),
        ("new Proxy([1, [2]], {})", "[1, [2]]"),
        ("Object.freeze([1])", "[1]"),
        ("new Map([[1, 2], ['a', [3]], [null, 4], [undefined, 5], [1.5, 6], [2n, 7]])", "{1: 2, 'a': [3], jsnull: 4, None: 5, 1.5: 6, 2: 7}"),
        ("new Map()", "{}"),
        ("new (class M extends Map {})([[1, new Map()]])", "{1: {}}"),
        ("new Set([1])", "{1}"),
        ("new Set()", "set()"),
        ("new (class S extends Set {})(['a'])", "{'a'}"),
        ("({ a: 1, b: { c: [null] } })", "{'a': 1, 'b': {'c': [jsnull]}}"),
        ("Object.create(null)", "{}"),
        ("Object.assign(Object.create(null), { a: 1 })", "{'a': 1}"),
        ("Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })", "{'own': 2}"),
        ("Object.defineProperty({ a: 1 }, 'hidden', { value: 2 })", "{'a': 1}"),
        ("({ a: 1, [Symbol('s')]: 2, [Symbol.iterator]: 3 })", "{'a': 1}"),
        ("({ get a() { return [1]; } })", "{'a': [1]}"),
        ("new Proxy({ a: 1 }, {})", "{'a': 1}"),
        ("JSON.parse('{\"__proto__\": {\"a\": 1}, \"toString\": 2, \"hasOwnProperty\": 3}')", "{'__proto__': {'a': 1}, 'toString': 2, 'hasOwnProperty': 3}"),
        ("({ constructor: undefined, a: 1 })", "{'constructor': None, 'a': 1}"),
        ("new (class Object { a = 1 })()", "{'a': 1}"),
        ("({ 2: 'b', 1: 'a', x: 'c' })", "{'1': 'a', '2': 'b', 'x': 'c'}"),
        ("({ length: 1, 0: 'a' })", "{'0': 'a', 'length': 1}"),
    ],
)  # fmt: skip
def test_what_becomes_what(rt: Runtime, source: str, text: str) -> None:
    """Containers, subclasses included, become Python's; only own enumerable string keys count."""
    assert to_py(rt, source) == text


@pytest.mark.spec("2.2/2", "2.2/14", "2.2/15", "13.3/3")
@pytest.mark.parametrize(
    "source",
    ["new (class Pair { a = 1 })()", "new Date(0)", "/x/", "() => 1", "class {}", "Symbol('a')", "new Error('x')", "new Number(1)",
     "new String('a')", "new WeakMap()", "new WeakSet()", "Math", "JSON", "[].values()", "(function* () {})()", "globalThis",
     "(function () { return arguments; })(1, 2)", "({ constructor: 5 })", "({ constructor: null })", "({ [Symbol.toStringTag]: 'Odd' })",
     "new URL('file:///x')", "new (class { [Symbol.toStringTag] = 'Object'; })()", "Object.create(Array.prototype)"],
)  # fmt: skip
def test_what_stays(rt: Runtime, source: str) -> None:
    """Anything else stays the very object, alone and inside containers, and toPy returns it as it is."""
    rt.js(
        f"globalThis.box = {{ x: {source} }}; globalThis.same = (x) => x === box.x; globalThis.wrap = () => ({{ a: [box.x, new Map([[1, box.x]])] }});"
    )
    rt.py(IMPORTS)
    got = rt.py(
        """
        d = js.wrap().to_py()
        a = d["a"]
        [js.same(live().to_py()), js.same(a[0]), js.same(a[1][1]), isinstance(a[0], JsProxy), a[0] == a[1][1]]
        """
    )
    assert got == [True] * 5
    got = rt.js(
        "const { x } = box; return [pyodide.toPy(x) === x, pyodide.toPy(x, { depth: 0 }) === x, pyodide.toPy(x, { defaultConverter: (v) => v }) === x];"
    )
    assert got == [True] * 3


@pytest.mark.spec("2.2/1", "2.2/2")
def test_entry_of_topy(rt: Runtime) -> None:
    """Immutable values and PyProxies, dead ones too, come back as they are; options are checked."""
    got = rt.js(
        """
        const p = pyodide.runPython("{}"), dead = p.copy();
        dead.destroy();
        const values = ["x", 1, 1.5, NaN, true, 5n, undefined, null, p, dead, [1], {}, Symbol()];
        const keep = [..."xxxxxxxxxx"].map((_, i) => values[i]);
        const r = [
            keep.every((v) => Object.is(pyodide.toPy(v), v)), keep.every((v) => Object.is(pyodide.toPy(v, { depth: 0, defaultConverter: () => 1 / 0 }), v)),
            pyodide.toPy(values[10], { depth: 0 }) === values[10], pyodide.toPy(values[11], { depth: 0 }) === values[11],
        ];
        for (const options of [undefined, {}, { depth: undefined }, { depth: -1 }, { depth: -5 }, { depth: Infinity }, { defaultConverter: null }, { defaultConverter: undefined }]) {
            const q = pyodide.toPy({ a: [[1]] }, options);
            r.push(h.isPyProxy(q) && q.type + String(q));
            q.destroy();
        }
        p.destroy();
        for (const options of [{ depth: "x" }, { depth: 1.5 }, { depth: NaN }, { defaultConverter: 5 }, { defaultConverter: {} }])
            r.push(h.thrown(() => pyodide.toPy({}, options)).name);
        return r;
        """
    )
    assert got == [True] * 4 + ["dict{'a': [[1]]}"] * 8 + ["TypeError"] * 5
    rt.js("globalThis.box = { x: {} };")
    rt.py(IMPORTS)
    for options in ("depth='x'", "depth=None", "depth=1.5", "1", "no=1", "default_converter=5"):
        with pytest.raises(PyError) as caught:
            rt.py(f"live().to_py({options})")
        assert caught.value.type == "TypeError"


@pytest.mark.spec("2.2/16", "13.3/5")
@pytest.mark.parametrize(
    ("key", "name"),
    [("[1]", "Array"), ("[]", "Array"), ("{}", "Object"), ("new Map()", "Map"), ("new Set()", "Set"), ("new Date(0)", "Date"), ("() => 1", "Function"),
     ("class A {}", "Function"), ("Symbol('a')", "Symbol"), ("Object.create(null)", "object"), ("new (class Foo {})()", "Foo"),
     ("new Uint8Array(1)", "Uint8Array"), ("new Number(1)", "Number"), ("/x/", "RegExp"), ("({ constructor: 5 })", "object")],
)  # fmt: skip
def test_keys_that_python_cannot_have(rt: Runtime, key: str, name: str) -> None:
    """Objects are no keys of a dict and no members of a set; the error names their type, at any depth, with a converter too."""
    rt.py(IMPORTS)
    for source, kind in (
        (f"new Map([[1, 2], [{key}, 2]])", "dict"),
        (f"new Set([1, {key}])", "set"),
        (f"({{ a: [new Map([[{key}, [1]]])] }})", "dict"),
    ):
        text = f"Cannot use key of type {name} as a key to a Python {kind}"
        rt.js(f"globalThis.box = {{ x: {source} }};")
        for options in ("", "default_converter=lambda v, c, k: 1"):
            assert rt.py(f"outcome(lambda: live().to_py({options}))") == (
                "JsException",
                f"Error: {text}",
            )
        for options in ("{}", "{ defaultConverter: () => 1 }"):
            got = rt.js(
                f"const e = h.thrown(() => pyodide.toPy(box.x, {options})); return [e.name, e.message];"
            )
            assert got == ["Error", text]


@pytest.mark.spec("2.2/16")
def test_python_objects_as_keys(rt: Runtime) -> None:
    """PyProxies are unwrapped; one that cannot be hashed is Python's TypeError."""
    got = rt.js(
        """
        const make = (s) => pyodide.runPython(s), keys = ["object", "frozenset([1])", "range(2)"].map(make), bad = ["{}", "set()", "bytearray()"].map(make);
        const d = pyodide.toPy(new Map(keys.map((k, i) => [k, i]))), s = pyodide.toPy(new Set(keys));
        const r = [String(d), s.has(keys[1]), bad.map((k) => h.thrown(() => pyodide.toPy(new Map([[k, 1]]))).type), bad.map((k) => h.thrown(() => pyodide.toPy(new Set([k]))).type)];
        for (const p of [d, s, ...keys, ...bad]) p.destroy();
        return r;
        """
    )
    assert got == [
        "{<class 'object'>: 0, frozenset({1}): 1, range(0, 2): 2}",
        True,
        ["TypeError"] * 3,
        ["TypeError"] * 3,
    ]


@pytest.mark.spec("2.2/17", "13.3/6")
@pytest.mark.parametrize(
    "items",
    ["[0, false]", "[false, 0]", "[1, true]", "[true, 1]", "['x', true, null, 1]", "[-0, false]"],
)
def test_keys_that_merge(rt: Runtime, items: str) -> None:
    """What would be one key in Python is an error in Maps and Sets; the text tells which."""
    pair = "0 and false" if "false" in items else "1 and true"
    rt.py(IMPORTS)
    for source in (
        f"new Map({items}.map((k) => [k, [1]]))",
        f"new Set({items})",
        f"({{ a: [new Set({items})] }})",
    ):
        rt.js(f"globalThis.box = {{ x: {source} }};")
        for options in ("", "default_converter=lambda v, c, k: 1"):
            kind, text = rt.py(f"outcome(lambda: live().to_py({options}))")
            assert kind == "JsException"
            assert f"contains both {pair}" in text
        with pytest.raises(JsError, match=f"contains both {pair}"):
            rt.js("pyodide.toPy(box.x);")
    for alone in ("[0, 'false']", "[0, true]", "[1, false]", "[true, false]", "['1', true]"):
        rt.js(f"globalThis.box = {{ x: new Map({alone}.map((k) => [k, 1])) }};")
        assert rt.py("len(live().to_py())") == 2


@pytest.mark.spec("2.2/5", "2.2/7", "2.2/19", "13.3/1", "13.3/2")
@pytest.mark.parametrize(
    ("depth", "map_text", "object_text"),
    [
        (0, "[object Map]", "[object Object]"),
        (
            1,
            "{'l': 1,2,[object Set], 'm': [object Map], 'me': [object Map]}",
            "{'l': [object Object],5, 'me': [object Object]}",
        ),
        (
            2,
            "{'l': [1, 2, [object Set]], 'm': {'k': [object Map]}, 'me': {...}}",
            "{'l': [[object Object], 5], 'me': {...}}",
        ),
        (3, "{'l': [1, 2, {7}], 'm': {'k': {}}, 'me': {...}}", "{'l': [{...}, 5], 'me': {...}}"),
        (-1, "{'l': [1, 2, {7}], 'm': {'k': {}}, 'me': {...}}", "{'l': [{...}, 5], 'me': {...}}"),
    ],
)
def test_depth(rt: Runtime, depth: int, map_text: str, object_text: str) -> None:
    """Below the depth objects are JsProxies, those that are converted above it too; cycles are kept at full depth."""
    rt.js("globalThis.box = {};")
    map_source = "(() => { const m = new Map([['l', [1, 2, new Set([7])]], ['m', new Map([['k', new Map()]])]]); m.set('me', m); return m; })()"
    object_source = "(() => { const o = { l: [] }; o.l.push(o, 5); o.me = o; return o; })()"
    assert to_py(rt, map_source, f"depth={depth}") == map_text
    assert to_py(rt, object_source, f"depth={depth}") == object_text


@pytest.mark.spec("2.2/3", "2.2/6", "2.2/19")
def test_shared_parts(rt: Runtime) -> None:
    """What occurs twice is one object with the references that it has, in every kind of container, converter or not."""
    rt.js(
        """
        globalThis.make = () => {
            const parts = [[1], { a: 1 }, new Map([[1, 2]]), new Set([1]), new Uint8Array(2), new Date(0)];
            return { x: parts, y: { z: parts, w: new Map([[0, parts]]) }, all: parts.map((p) => [p, p]) };
        };
        """
    )

    @rt.run
    def _() -> None:
        import sys

        import js
        from pyodide.ffi import JsProxy

        class Made:
            pass

        for options in ({}, {"default_converter": lambda v, c, k: Made()}):
            d = js.make().to_py(**options)
            assert d["x"] is d["y"]["z"] is d["y"]["w"][0]
            for i, pair in enumerate(d["all"]):
                assert pair[0] == pair[1] == d["x"][i]
                assert pair[0] is pair[1] is d["x"][i] or (
                    not options and isinstance(pair[0], JsProxy)
                )
            pair = None
            for i in range(4):
                # The list, the pair twice, and the argument.
                assert sys.getrefcount(d["x"][i]) == 4
            # An item of each of three containers, and the argument.
            assert sys.getrefcount(d["x"]) == 4


@pytest.mark.spec("2.2/12", "9.3/2", "13.3/8", "13.3/9")
@pytest.mark.parametrize(
    ("name", "format", "items"),
    [("Int8Array", "b", [-1, 127]), ("Uint8Array", "B", [0, 255]), ("Uint8ClampedArray", "B", [0, 255]), ("Int16Array", "h", [-2, 300]), ("Uint16Array", "H", [1, 65535]),
     ("Int32Array", "i", [-3, 2**30]), ("Uint32Array", "I", [1, 2**32 - 1]), ("Float32Array", "f", [0.5, -2]), ("Float64Array", "d", [0.1, 1e300]),
     ("BigInt64Array", "q", [-(2**62), 1]), ("BigUint64Array", "Q", [1, 2**64 - 1])],
)  # fmt: skip
def test_typed_arrays(rt: Runtime, name: str, format: str, items: list[float]) -> None:
    """They are writable memoryviews of a copy with the format of their kind, subclasses and views with an offset too."""
    suffix = "n" if name.startswith("Big") else ""
    values = ", ".join(f"{x}{suffix}" for x in items)
    rt.js(
        f"""
        const pad = {"0n" if suffix else "0"};
        class Mine extends {name} {{ get [Symbol.toStringTag]() {{ return "Map"; }} }}
        const whole = new {name}([pad, {values}, pad]);
        globalThis.arrays = {{ plain: new {name}([{values}]), part: whole.subarray(1, 3), mine: new Mine([{values}]), empty: new {name}(0) }};
        """
    )
    rt.py("import js")
    for key in ("plain", "part", "mine"):
        got = rt.py(
            f"""
            a = js.arrays.{key}
            result = []
            for m in (a.to_py(), a.to_memoryview(), js.eval("(x) => [x]")(a)[0].to_py(), js.eval("(x) => ({{ x }})")(a).to_py()["x"]):
                result.append((m.format, m.ndim, m.readonly, m.contiguous, m.tolist(), m.tobytes() == a.to_bytes()))
                m[0] = m[1]
                result.append(list(a) == items)
            m = None
            result
            """,
            items=items,
        )
        assert got == [(format, 1, False, True, items, True), True] * 4
    assert rt.py("m = js.arrays.empty.to_py()\n(m.format, m.shape, m.tobytes(), m.readonly)") == (
        format,
        (0,),
        b"",
        False,
    )
    rt.js(
        "globalThis.box = { b: new ArrayBuffer(100), d: new DataView(new ArrayBuffer(9), 2, 5), s: new SharedArrayBuffer(3) };"
    )
    got = rt.py(
        "[(m.format, len(m.tobytes()), m.readonly) for m in (js.box.b.to_py(), js.box.d.to_py(), js.box.s.to_py())]"
    )
    assert got == [("B", 100, False), ("B", 5, False), ("B", 3, False)]


@pytest.mark.spec("2.2/13", "2.2/21", "2.2/22", "2.2/23")
def test_converters_are_asked_about_everything_else(rt: Runtime) -> None:
    """Functions, symbols, errors, instances: a converter in either language gets the object itself and two functions."""
    rt.js(
        "globalThis.box = { x: [() => 1, Symbol('s'), new Error('e'), new Date(0), new (class A {})()] }; globalThis.isItem = (x, i) => x === box.x[i];"
    )
    rt.py(IMPORTS)
    got = rt.py(
        """
        seen = []
        def converter(*args):
            seen.append((len(args), isinstance(args[0], JsProxy), js.isItem(args[0], len(seen))))
            return len(seen)
        live().to_py(default_converter=converter), seen
        """
    )
    assert got == ([1, 2, 3, 4, 5], [(3, True, True)] * 5)
    got = rt.js(
        """
        const seen = [];
        const p = pyodide.toPy(box.x, { defaultConverter: (...args) => {
            seen.push(args.length === 3 && args[0] === box.x[seen.length] && typeof args[1] === "function" && typeof args[2] === "function");
            return seen.length;
        } });
        const r = [String(p), seen];
        p.destroy();
        return r;
        """
    )
    assert got == ["[1, 2, 3, 4, 5]", [True] * 5]
    assert (
        rt.py("live().to_py(depth=1, default_converter=lambda v, c, k: 7)[0].typeof") == "function"
    )


@pytest.mark.spec("2.2/23")
def test_results_of_a_javascript_converter(rt: Runtime) -> None:
    """Immutable values and PyProxies are unwrapped, everything else is a JsProxy; convert gives PyProxies, cache wants one."""
    rt.js("globalThis.C = class C {}; globalThis.box = { x: { c: new C() } };")
    got = rt.js(
        """
        const convert = (f) => {
            const d = pyodide.toPy(box.x, { defaultConverter: f });
            pyodide.globals.set("d", d);
            d.destroy();
            return pyodide.runPython("r = d.pop('c'); type(r).__name__ + ' ' + repr(r)");
        };
        const r = [5, 5n, "x", true, undefined, null, 1.5].map((v) => convert(() => v));
        r.push(convert(() => ({ a: 1 })), convert(() => new Map()), convert(() => pyodide.runPython("{'py': 1}")));
        let made;
        r.push(convert((v, c) => (made = c({ deep: [1] }))), h.thrown(() => made.toString()).message.includes("converter returned it"));
        r.push(convert((v, c) => { const l = c([1]); l.append(c(2)); return l; }));
        for (const bad of [1, "x", null, undefined, {}, [], new C()])
            r.push(h.thrown(() => convert((v, c, cache) => cache(v, bad))).name);
        pyodide.runPython("del d, r");
        return r;
        """
    )
    assert got == ["int 5", "JsBigInt 5", "str 'x'", "bool True", "NoneType None", "JsNull jsnull", "float 1.5", "JsProxy [object Object]", "JsProxy [object Map]",
                   "dict {'py': 1}", "dict {'deep': [1]}", True, "list [1, 2]"] + ["Error"] * 7  # fmt: skip


@pytest.mark.spec("2.2/16")
@pytest.mark.parametrize(
    ("source", "words"),
    [("({ get a() { throw new RangeError('getter'); } })", "RangeError: getter"), ("new Proxy([1], { get() { throw new RangeError('trap'); } })", "RangeError: trap"),
     ("new Proxy({}, { ownKeys() { throw new RangeError('keys'); } })", "RangeError: keys"), ("({ [Symbol.toStringTag]: 'Map' })", "TypeError"),
     ("(() => { const b = new ArrayBuffer(4); structuredClone(b, { transfer: [b] }); return b; })()", "detached"),
     ("(() => { const b = new Uint8Array(4); structuredClone(b, { transfer: [b.buffer] }); return b; })()", "detached")],
)  # fmt: skip
def test_objects_that_fail(rt: Runtime, source: str, words: str) -> None:
    """What reading an object throws comes out as it is, and nothing of the rest is left."""
    rt.js(
        f"globalThis.box = {{ x: {source} }}; globalThis.make = () => ({{ a: [new Date(0), [1], box.x] }});"
    )
    rt.py(IMPORTS)
    for expression in (
        "live().to_py()",
        "js.make().to_py()",
        "js.make().to_py(default_converter=lambda v, c, k: object())",
    ):
        kind, text = rt.py(f"outcome(lambda: {expression})")
        assert kind == "JsException"
        assert words in text
    with pytest.raises(JsError) as caught:
        rt.js("pyodide.toPy(make());")
    assert words in f"{caught.value.name}: {caught.value.message}"


@pytest.mark.spec("2.2/9", "2.2/11")
def test_objects_of_another_realm(rt: Runtime) -> None:
    """Containers that another realm made are containers."""
    rt.js(
        "globalThis.box = { x: process.getBuiltinModule('vm').runInNewContext(`({ a: [1, new Map([[1, new Set([2])]]), new Uint8Array([3])], o: { p: null } })`) };"
    )
    rt.py(IMPORTS)
    assert (
        rt.py("d = live().to_py()\nd['a'][2] = d['a'][2].tolist()\nrepr(d)")
        == "{'a': [1, {1: {2}}, [3]], 'o': {'p': jsnull}}"
    )


@pytest.mark.spec("2.2/18", "2.1/6")
def test_null_in_compatibility_mode(fresh: Callable[..., Runtime]) -> None:
    """With convertNullToNone null is None everywhere, inside containers and as key."""
    rt = fresh(options="{ convertNullToNone: true }")
    rt.js(
        "globalThis.box = { x: { a: [null, new Map([[null, null]]), { b: null }], n: null }, n: null, f: () => null };"
    )
    rt.py(IMPORTS)
    assert rt.py("live().to_py(), js.box.n, js.box.f()") == (
        {"a": [None, {None: None}, {"b": None}], "n": None},
        None,
        None,
    )
    assert rt.py("live().to_py(default_converter=lambda v, c, k: 1)") == {
        "a": [None, {None: None}, {"b": None}],
        "n": None,
    }

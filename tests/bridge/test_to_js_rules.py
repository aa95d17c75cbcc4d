"""`to_js` and `toJs`, rule by rule of the specification: results, sharing across depths, keys, proxies made, failures."""

from __future__ import annotations

import pytest

from harness.codec import NULL
from harness.errors import JsError, PyError
from harness.runtime import Runtime

KIND = """
    globalThis.kind = (x) => h.isPyProxy(x) ? `proxy of ${x.type}` : x === null ? "null"
        : typeof x !== "object" ? typeof x : Array.isArray(x) ? "Array" : x.constructor?.name ?? "no class";
    globalThis.same = (x, i, j) => x[i] === x[j];
    globalThis.box = (options) => {
        const box = pyodide.globals.get("Box"), p = box.getProxy("x");
        try { return p.toJs(options); } finally { p.destroy(); box.destroy(); }
    };
"""
IMPORTS = "import js\nfrom pyodide.ffi import *\nfrom pyodide.ffi import jsnull, destroy_proxies\n"


@pytest.mark.spec("1.4/3", "1.4/12", "1.4/13", "13.2/18")
def test_what_is_returned_unchanged(rt: Runtime) -> None:
    """Immutable values and JsProxies are the same object, whatever the options."""
    rt.js("globalThis.thing = { a: 1 };")

    @rt.run
    def _() -> None:
        import enum

        import js
        from pyodide.ffi import JsBigInt, create_proxy, jsnull, to_js

        class Text(str):
            pass

        class Color(enum.IntEnum):
            RED = 1

        proxy = create_proxy([])
        values = [
            "abc",
            55,
            2**80,
            1.5,
            float("nan"),
            True,
            False,
            None,
            jsnull,
            Text("x"),
            Color.RED,
        ]
        values += [JsBigInt(5), js.thing, js.Object, js.eval("Symbol('a')"), to_js([1]), proxy]
        called: list[object] = []
        for value in values:
            assert to_js(value) is value
            assert to_js(value, depth=0, create_pyproxies=False) is value
            options = dict.fromkeys(
                ("default_converter", "eager_converter", "dict_converter"), called.append
            )
            assert to_js(value, **options) is value
        assert called == []
        proxy.destroy()


@pytest.mark.spec("1.4/5", "1.4/20", "1.4/26", "13.2/19")
@pytest.mark.parametrize(
    "source",
    ["frozenset([1])", "range(3)", "(i for i in ())", "object()", "iter([])", "1j", "len", "lambda: 1", "int", "__import__('math')",
     "ValueError('x')", "__import__('collections').deque()", "__import__('collections').UserDict(a=1)", "{}.keys()", "{}.items()",
     "__import__('types').MappingProxyType({})", "__import__('types').SimpleNamespace(a=1)", "super", "..."],
)  # fmt: skip
def test_what_has_no_conversion(rt: Runtime, source: str) -> None:
    """It is a double proxy in Python that JavaScript may copy, destroy, and that unwraps to the very object."""
    rt.js(KIND + "globalThis.copyOf = (x) => { const c = x.copy(); return c; };")
    rt.py(f"{IMPORTS}value = {source}\nclass Box: x = [value]")
    got = rt.py(
        """
        r = to_js(value)
        result = [isinstance(r, JsDoubleProxy), isinstance(r, JsProxy), r.unwrap() is value, js.copyOf(r) is value]
        r.destroy()
        array = to_js(Box.x)
        result += [isinstance(array, JsArray), array.length, array[0] is value, js.eval("([x]) => kind(x)")(array).startswith("proxy of ")]
        destroy_proxies(array)
        result
        """
    )
    assert got == [True] * 5 + [1] + [True] * 2
    got = rt.js("const [p] = box(); const r = [h.isPyProxy(p), String(p) === pyodide.runPython('str(value)')]; p.destroy(); return r;")  # fmt: skip
    assert got == [True, True]


@pytest.mark.spec("1.4/15", "1.4/16", "1.4/17", "1.4/18", "1.5/1")
@pytest.mark.parametrize(
    ("source", "kind"),
    [("[]", "Array"), ("()", "Array"), ("{}", "Object"), ("set()", "Set"), ("b''", "Uint8Array"), ("bytearray()", "Uint8Array"),
     ("type('L', (list,), {})()", "Array"), ("type('T', (tuple,), {})()", "Array"), ("type('D', (dict,), {})()", "Object"),
     ("type('S', (set,), {})()", "Set"), ("type('B', (bytes,), {})()", "Uint8Array"), ("frozenset()", "proxy of frozenset"),
     ("__import__('collections').Counter()", "Object"), ("__import__('collections').OrderedDict()", "Object"),
     ("__import__('collections').namedtuple('P', '')()", "Array"), ("__import__('time').gmtime(0)", "Array"),
     ("__import__('array').array('d')", "Float64Array"), ("memoryview(b'')", "Uint8Array")],
)  # fmt: skip
@pytest.mark.parametrize("items", [False, True])
def test_empty_containers_and_subclasses(rt: Runtime, source: str, kind: str, items: bool) -> None:
    """Each kind of container, empty, alone and inside another, by tape and item by item."""
    rt.js(KIND)
    option = ", eager_converter=lambda v, c, k: c(v)" if items else ""
    rt.py(f"{IMPORTS}value = {source}")
    got = rt.py(
        f"""
        pyproxies = to_js([])
        inside = js.eval("(x) => kind(x[0] ?? x.k)")
        kinds = [inside(to_js([value], pyproxies=pyproxies{option})), inside(to_js({{"k": value}}, pyproxies=pyproxies{option})),
            js.kind(to_js(value, pyproxies=pyproxies{option}))]
        destroy_proxies(pyproxies)
        kinds
        """
    )
    assert got == [kind] * 3


@pytest.mark.spec("1.4/9", "1.4/10", "1.4/23", "1.4/24")
@pytest.mark.parametrize("items", [False, True])
def test_what_is_converted_is_the_same_at_every_depth(rt: Runtime, items: bool) -> None:
    """An object that was converted already is so below the last level too; one met there first is a proxy there."""
    rt.js(KIND)
    option = "default_converter=lambda v, c, k: v" if items else ""
    rt.py(
        f"{IMPORTS}pyproxies = to_js([])\ndef convert(x, depth): return to_js(x, depth=depth, pyproxies=pyproxies, {option})"
    )
    got = rt.py(
        """
        result = []
        for x in ([1], {"a": 1}, {1}, b"x", (1, [2])):
            r = convert([x, [x], {"k": x}], 2)
            result.append(js.eval("(r) => r[0] === r[1][0] && r[0] === r[2].k && !kind(r[0]).startsWith('proxy')")(r))
            r = convert([[x], x], 2)
            result.append(js.eval("(r) => kind(r[0][0]).startsWith('proxy') && !kind(r[1]).startsWith('proxy')")(r))
        a = []
        a.append(a)
        d = {}
        d["me"] = d
        result += [js.same(convert([a, a], 2), 0, 1), js.eval("(r) => r[0] === r")(convert(a, 1)), js.eval("(r) => r.me === r")(convert(d, 1))]
        a.clear()
        d.clear()
        r = None
        destroy_proxies(pyproxies)
        result
        """
    )
    assert got == [True] * 13


@pytest.mark.spec("1.4/8")
def test_each_call_converts_anew(rt: Runtime) -> None:
    """What one call has converted is nothing to the next, in either language; equal objects are not the same."""
    rt.py(f"{IMPORTS}x = [[1], [1]]\nclass Box: x = x\njs.one = to_js(x)\njs.two = to_js(x)")
    rt.js(KIND)
    got = rt.js(
        "const all = [one, two, box(), box()]; return [new Set(all).size, new Set(all.map((a) => a[0])).size, all.some((a) => a[0] === a[1])];"
    )
    assert got == [4, 4, False]


@pytest.mark.spec("1.4/15", "1.4/25")
@pytest.mark.parametrize(
    "definition",
    ["class X(list):\n    def __getitem__(self, i): raise LookupError('mine')", "class X(tuple):\n    def __len__(self): raise LookupError('mine')",
     "class X(set):\n    def __iter__(self): raise LookupError('mine')", "class X(dict):\n    def items(self): raise LookupError('mine')",
     "class X:\n    def __buffer__(self, flags): raise LookupError('mine')"],
)  # fmt: skip
def test_containers_that_raise(rt: Runtime, definition: str) -> None:
    """What a container's own methods raise is the cause of a ConversionError, in both languages."""
    rt.js(KIND)
    rt.py(IMPORTS)
    rt.py(
        f"{definition}\nx = X([1]) if X.__bases__ != (object,) and X.__bases__ != (dict,) else X()\nclass Box: x = [object(), x]"
    )
    got = rt.py(
        "try:\n    to_js(Box.x)\nexcept ConversionError as e:\n    r = repr(e.__cause__)\nr"
    )
    assert got == "LookupError('mine')"
    got = rt.js(
        "const e = h.thrown(() => box()); return [e.name, e.type, e.message.includes('LookupError: mine')];"
    )
    assert got == ["PythonError", "ConversionError", True]


@pytest.mark.spec("1.4/10", "1.4/24", "13.2/1")
@pytest.mark.parametrize("kind", ["list", "tuple", "dict", "set", "bytes"])
def test_depth_zero_and_one(rt: Runtime, kind: str) -> None:
    """Depth 0 converts nothing that is no immutable value, depth 1 the outermost container."""
    values = {
        "list": "[[1], 2, None]",
        "tuple": "((1,), 2)",
        "dict": "{'a': {}, 'b': 2}",
        "set": "{1}",
        "bytes": "b'x'",
    }
    rt.js(KIND)
    rt.py(f"{IMPORTS}class Box: x = {values[kind]}")
    got = rt.js(
        """
        const pyproxies = [];
        const show = (x) => Array.isArray(x) ? x.map(kind) : kind(x) === "Object" ? Object.values(x).map(kind) : kind(x);
        const r = [0, 1, 2].map((depth) => show(box({ depth, pyproxies })));
        r.push(pyproxies.length);
        pyproxies.forEach((p) => p.destroy());
        return r;
        """
    )
    inner = {
        "list": ["proxy of list", "number", "undefined"],
        "tuple": ["proxy of tuple", "number"],
        "dict": ["proxy of dict", "number"],
        "set": "Set",
        "bytes": "Uint8Array",
    }
    whole = {
        "list": ["Array", "number", "undefined"],
        "tuple": ["Array", "number"],
        "dict": ["Object", "number"],
        "set": "Set",
        "bytes": "Uint8Array",
    }
    assert got == [
        f"proxy of {kind}",
        inner[kind],
        whole[kind],
        2 if isinstance(inner[kind], list) else 1,
    ]


@pytest.mark.spec("1.4/21", "1.4/22", "13.2/10", "13.2/11", "13.2/12")
def test_each_proxy_is_told_once(rt: Runtime) -> None:
    """Every PyProxy made, and nothing else, is in `pyproxies`, also at depth 0 and below it and from converters."""
    rt.js(KIND)
    rt.py(f"{IMPORTS}class T: pass\nclass Box: x = [T(), [T(), {{'a': T()}}], (T(), 1, 'x', b'y')]")
    got = rt.js(
        """
        const count = (x) => h.isPyProxy(x) ? 1 : Array.isArray(x) ? x.reduce((n, y) => n + count(y), 0)
            : typeof x === "object" && x.constructor === Object ? count(Object.values(x)) : 0;
        const all = [{}, { depth: 1 }, { depth: 0 }, { default_converter: (v) => v }, { eager_converter: (v, c) => c(v) },
            { eager_converter: (v, c) => v.type === "T" ? v : c(v) }, { dict_converter: Object.fromEntries }].map((options) => {
            const pyproxies = [];
            const result = box({ ...options, pyproxies });
            const live = new Set(pyproxies).size === pyproxies.length && pyproxies.every(h.isPyProxy);
            const r = [pyproxies.length, count(result), live];
            pyproxies.forEach((p) => p.destroy());
            return r;
        });
        return all;
        """
    )
    assert got == [[4, 4, True], [3, 3, True], [1, 1, True]] + [[4, 4, True]] * 4
    for wrong in ("[]", "js.Object.new()", "()", "5", "js.Map.new()", "'x'"):
        with pytest.raises(PyError) as caught:
            rt.py(f"to_js(Box.x, pyproxies={wrong})")
        assert caught.value.type == "TypeError"
    for wrong in ("to_js(Box.x, create_pyproxies=False)", "to_js(Box.x, depth=1, create_pyproxies=False)", "to_js(Box.x, depth=0, create_pyproxies=False)",
                  "to_js(Box.x, create_pyproxies=False, eager_converter=lambda v, c, k: c(v))"):  # fmt: skip
        with pytest.raises(PyError) as caught:
            rt.py(wrong)
        assert caught.value.type == "ConversionError"
        assert (
            rt.js("return h.thrown(() => box({ create_pyproxies: false })).message;").find(
                "pyodide.ffi.ConversionError"
            )
            >= 0
        )


@pytest.mark.spec("1.5/2", "1.5/5", "13.2/6")
@pytest.mark.parametrize(
    "key", ["(2, 2)", "frozenset()", "b'x'", "1j", "len", "object", "()", "range(2)", "Ellipsis"]
)
@pytest.mark.parametrize(
    "options", ["{}", "{'dict_converter': js.Map.new}", "{'eager_converter': lambda v, c, k: c(v)}"]
)
def test_keys_that_javascript_cannot_have(rt: Runtime, key: str, options: str) -> None:
    """They are a ConversionError with the key's repr, in dicts and sets, with converters too."""
    rt.py(f"{IMPORTS}key = {key}\noptions = {options}")
    for value, kind in (
        ("{1: 2, key: 3}", "Map"),
        ("{1, key}", "Set"),
        ("[{'a': {key: 1}}]", "Map"),
    ):
        got = rt.py(
            f"try:\n    to_js({value}, **options)\nexcept ConversionError as e:\n    r = str(e), repr(key), e.__cause__\nr"
        )
        assert got == (f"Cannot use {got[1]} as a key for a Javascript {kind}", got[1], None)


@pytest.mark.spec("1.5/3", "13.2/2", "13.2/8")
@pytest.mark.parametrize(
    ("first", "second", "name"),
    [("1", "'1'", "1"), ("True", "'true'", "true"), ("None", "'undefined'", "undefined"), ("jsnull", "'null'", "null"), ("1.5", "'1.5'", "1.5"),
     ("2**60", "str(2**60)", str(2**60)), ("float('inf')", "'Infinity'", "Infinity"), ("float('nan')", "'NaN'", "NaN")],
)  # fmt: skip
@pytest.mark.parametrize("items", [False, True])
def test_keys_that_collide(rt: Runtime, first: str, second: str, name: str, items: bool) -> None:
    """Two keys that are the same text are an error in either order, by tape and item by item; each alone is a property."""
    rt.py(f"{IMPORTS}a, b = {first}, {second}\noptions = {{}}")
    if items:
        rt.py("options = {'eager_converter': lambda v, c, k: c(v)}")
    text = f"Key collision when converting Python dictionary to JavaScript. Key: '{name}'"
    for source in ("{a: 1, b: 2}", "{b: 1, a: 2}", "[{'x': {a: 1, b: object()}}]"):
        got = rt.py(
            f"try:\n    to_js({source}, **options)\nexcept ConversionError as e:\n    r = str(e)\nr"
        )
        assert text in got
    assert rt.py("[to_js({k: 7}, **options).to_py() for k in (a, b)]") == [{name: 7}] * 2


@pytest.mark.spec("1.5/3")
@pytest.mark.parametrize("items", [False, True])
def test_hostile_keys(rt: Runtime, items: bool) -> None:
    """Names with a meaning of their own are own properties, in the dict's order, and nobody's prototype changes."""
    names = ["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "__defineGetter__", "isPrototypeOf", "then", "length", ""]  # fmt: skip
    option = ", default_converter=lambda v, c, k: 1" if items else ""
    rt.py(f"{IMPORTS}js.out = to_js({{n: {{'polluted': n}} for n in names}}{option})", names=names)
    got = rt.js(
        """
        const { out } = globalThis;
        return [Reflect.ownKeys(out), names.every((n) => Object.getOwnPropertyDescriptor(out, n).value.polluted === n),
            Object.getPrototypeOf(out) === Object.prototype, ({}).polluted, Object.values(Object.getOwnPropertyDescriptors(out)).every((d) => d.writable && d.enumerable && d.configurable)];
        """,
        names=names,
    )
    assert got == [names, True, True, None, True]


@pytest.mark.spec("1.4/17")
def test_iter_method_decides(rt: Runtime) -> None:
    """The members of a subclass of set are those that it iterates, in that order."""

    @rt.run
    def _() -> None:
        from pyodide.ffi import ConversionError, to_js

        class Ordered(set):
            def __init__(self, members):
                self.members = members

            def __iter__(self):
                return iter(self.members)

        members = [9, "z", 1, None, 9, "a", 4]
        for converted in (to_js(Ordered(members)), to_js([Ordered(members)])[0]):
            assert list(converted) == [9, "z", 1, None, "a", 4]
        try:
            to_js(Ordered([1, [2]]))
        except ConversionError as error:
            assert "Cannot use [2] as a key for a Javascript Set" in str(error)
        else:
            raise AssertionError


@pytest.mark.spec("1.4/16", "1.5/6", "13.2/9")
def test_items_method_decides(rt: Runtime) -> None:
    """Pairs come as items() gives them: twice the same key is a collision, or two pairs for a dict_converter."""
    rt.js(KIND)
    rt.py(IMPORTS)

    @rt.run
    def _() -> None:
        from collections import ChainMap

        import js
        from pyodide.ffi import ConversionError, to_js

        class D(dict):
            def __init__(self, pairs):
                self.pairs = pairs

            def items(self):
                return self.pairs

        pairs = [("a", 1), ("b", [2]), ("a", {"c": 3})]
        text = js.JSON.stringify(to_js(D(pairs), dict_converter=lambda p: p))
        assert text == '[["a",1],["b",[2]],["a",[["c",3]]]]'
        assert js.JSON.stringify(to_js(D(iter(pairs[:2])))) == '{"a":1,"b":[2]}'
        assert js.JSON.stringify(to_js([D(()), D(((1, 2),))])) == '[{},{"1":2}]'
        for wrong, text in (
            (pairs, "Key: 'a'"),
            ([([], 1)], "Cannot use [] as a key for a Javascript Map"),
        ):
            try:
                to_js(D(wrong))
            except ConversionError as error:
                assert text in str(error)
                assert error.__cause__ is None
            else:
                raise AssertionError(wrong)
        odd: list[object] = [[("a", 1, 2)], [["a", 1]], ["ab"], [5], [()], 5, None]
        for given in odd:
            try:
                to_js([D(given)])
            except ConversionError as error:
                assert type(error.__cause__) is TypeError
            else:
                raise AssertionError(given)

        first = type("First", (ChainMap, dict), {})({"a": 1}, {"b": [2]})
        second = type("Second", (dict, ChainMap), {})({"a": 1, "b": [2]})
        assert js.JSON.stringify(to_js(first)) == '{"b":[2],"a":1}'
        assert js.JSON.stringify(to_js(second)) == '{"a":1,"b":[2]}'


@pytest.mark.spec("1.4/25", "1.6/6", "13.2/16")
@pytest.mark.parametrize("option", ["default_converter", "eager_converter", "dict_converter"])
def test_raising_converters(rt: Runtime, option: str) -> None:
    """A converter's error is the cause, its ConversionError stays itself, and no proxy made before it is left."""
    rt.js(KIND + "globalThis.oops = () => { throw new RangeError('oops'); };")
    rt.py(
        f"""{IMPORTS}
class T: pass
class Box: x = [T(), {{'a': T()}}, {{'b': 1}}, (T(), T())]
calls = 0
def late(*args):
    global calls
    calls += 1
    if calls == 2: raise LookupError("late")
    return args[0] if len(args) == 1 else args[1](args[0])
def refuse(*args): raise ConversionError("no, thanks")
"""
    )
    got = rt.py(
        f"""
        result = []
        for f in (late, refuse, js.oops):
            calls = 0 if {option!r} != "default_converter" else 1
            try:
                to_js(Box.x, {option}=f)
            except ConversionError as e:
                result.append((str(e) == "no, thanks", type(e.__cause__).__name__, str(e.__cause__)))
        result
        """
    )
    assert got == [
        (False, "LookupError", "late"),
        (True, "NoneType", "None"),
        (False, "pyodide.ffi.JsException".rsplit(".", 1)[-1], "RangeError: oops"),
    ]
    got = rt.js(
        f"const e = h.thrown(() => box({{ {option}: oops }})); return [e.name, e.type, e.message.includes('RangeError: oops')];"
    )
    assert got == ["PythonError", "ConversionError", True]


@pytest.mark.spec("1.6/1", "1.6/3", "1.6/4", "13.2/13")
def test_what_converters_are_given(rt: Runtime) -> None:
    """Three arguments: the object, convert with the same options, cacheConversion, which wants a Python object first."""
    rt.js(KIND)

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import ConversionError, JsProxy, jsnull, to_js

        class T:
            def __init__(self, value=None):
                self.value = value

        seen = []

        def converter(*args):
            value, convert, _cache = args
            seen.append((len(args), type(value) is T))
            for plain in (None, True, 5, 2.5, "x", jsnull, js.Object):
                assert convert(plain) is plain
            return convert(value.value)

        r = to_js(
            [T({"a": {"b": (T([1]),)}})], default_converter=converter, dict_converter=js.Map.new
        )
        assert seen == [(3, True), (3, True)]
        assert (
            js.eval(
                "([m]) => m instanceof Map && m.get('a') instanceof Map && m.get('a').get('b')[0][0]"
            )(r)
            == 1
        )
        assert isinstance(r, JsProxy)
        for bad in (1, "x", None, jsnull, js.Object, 1.5):
            try:
                to_js(T(), default_converter=lambda v, c, k, bad=bad: k(bad, 1))
            except ConversionError as error:
                assert type(error.__cause__) is TypeError
            else:
                raise AssertionError(bad)

    rt.py("class T: pass\nclass Box: x = [T()]")
    for bad in ("1", "'x'", "null", "undefined", "{}", "[]", "() => 1", "Symbol()"):
        got = rt.js(
            f"let e; try {{ box({{ default_converter: (v, c, k) => k({bad}, 1) }}); }} catch (error) {{ e = error; }} return [e.type, e.message];"
        )
        assert got[0] == "ConversionError"
        assert "TypeError" in got[1]


@pytest.mark.spec("1.6/2")
def test_the_proxy_given_to_javascript(rt: Runtime) -> None:
    """It dies with the call, also when the call throws, unless it is the result; copies of it live on."""
    rt.js(KIND)
    rt.py("class T: pass\nclass Box: x = [T(), T()]")
    got = rt.js(
        """
        const given = [], dead = () => given.map((p) => { try { p.type; return p.toString() && "alive"; } catch { return "dead"; } });
        box({ default_converter: (v) => { given.push(v); return 1; } });
        const r = [...dead()];
        given.length = 0;
        try { box({ default_converter: (v) => { given.push(v); throw new Error(); } }); } catch {}
        r.push(...dead());
        given.length = 0;
        const kept = box({ default_converter: (v) => { given.push(v); return v; } });
        r.push(...dead(), kept[0] === given[0]);
        kept.forEach((p) => p.destroy());
        given.length = 0;
        const copies = box({ default_converter: (v) => { const c = v.copy(); given.push(c); return c; } });
        r.push(...dead(), copies[1] === given[1]);
        copies.forEach((p) => p.destroy());
        return r;
        """
    )
    assert got == ["dead", "dead", "dead", "alive", "alive", True, "alive", "alive", True]


@pytest.mark.spec("1.6/5", "1.4/19")
def test_results_of_converters(rt: Runtime) -> None:
    """Any JavaScript value, a proxy, or the object itself may be the result, at depth 0 too."""
    rt.js(KIND)

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import create_proxy, destroy_proxies, jsnull, to_js

        class T:
            pass

        t, other = T(), create_proxy([])
        for depth in (-1, 0, 1):
            for result, kind in ((5, "number"), (2**60, "bigint"), ("x", "string"), (None, "undefined"), (jsnull, "null"),
                                 (js.Object, "function"), (other, "proxy of list")):  # fmt: skip
                got = js.kind(
                    to_js(t, depth=depth, default_converter=lambda v, c, k, result=result: result)
                )
                assert got == kind
            proxies = to_js([])
            r = to_js(t, depth=depth, default_converter=lambda v, c, k: v, pyproxies=proxies)
            assert r.unwrap() is t
            assert proxies.length == 1
            destroy_proxies(proxies)
        other.destroy()


@pytest.mark.spec("1.6/6", "1.4/14", "13.2/15", "13.2/17")
@pytest.mark.parametrize("depth", [-1, 0, 1, 2, 3])
def test_eager_convert_is_as_without(rt: Runtime, depth: int) -> None:
    """An eager_converter that returns convert(value) changes nothing, at any depth, in either language."""
    rt.js(KIND)
    rt.py(
        f"{IMPORTS}x = [1, (2, [3]), {{'a': {{'b': {{1}}}}}}, b'x', None, 'y']\nx.append(x)\nx.append(object)\nclass Box: x = x"
    )
    got = rt.js(
        """
        const pyproxies = [];
        const show = (x, seen = []) => h.isPyProxy(x) ? `<${x.type}>` : seen.includes(x) ? "^" : Array.isArray(x) ? x.map((y) => show(y, [...seen, x]))
            : x instanceof Set ? ["Set", ...x] : ArrayBuffer.isView(x) ? ["bytes", ...x] : x && typeof x === "object" ? Object.entries(x).map(([k, v]) => [k, show(v, [...seen, x])]) : x;
        const eager_converter = pyodide.runPython("lambda v, c, k: c(v)");
        const r = [{}, { eager_converter }, { eager_converter: (v, c) => c(v) }].map((o) => show(box({ ...o, depth, pyproxies })));
        eager_converter.destroy();
        pyproxies.forEach((p) => p.destroy());
        return r.map((x) => JSON.stringify(x));
        """,
        depth=depth,
    )
    assert got[0] == got[1] == got[2]
    rt.py("x.clear()")


@pytest.mark.spec("1.4/28", "1.4/6", "1.4/7")
def test_nothing_is_kept(rt: Runtime) -> None:
    """After conversions of every kind, failed or not, neither values nor converters have one reference more."""
    rt.js(KIND)

    @rt.run
    def _() -> None:
        import sys

        import js
        from pyodide.ffi import destroy_proxies, to_js

        class T:
            pass

        t, shared = T(), [1]

        def fine(value, convert=None, cache=None):
            return 1

        def bad(value, convert=None, cache=None):
            raise ValueError

        value = [t, shared, {"a": t, "b": [shared]}, (t,), b"x"]
        before = [sys.getrefcount(o) for o in (t, shared, fine, bad, value)]
        for converter in (fine, bad, js.eval("() => 1"), js.eval("() => { throw 1; }")):
            for name in ("default_converter", "eager_converter", "dict_converter"):
                for depth in (-1, 0, 1, 2):
                    proxies = to_js([])
                    try:
                        to_js(value, depth=depth, pyproxies=proxies, **{name: converter})
                    except Exception as error:
                        error.__traceback__ = None
                        if error.__cause__ is not None:
                            error.__cause__.__traceback__ = None
                    destroy_proxies(proxies)
        for name in ("last_exc", "last_value", "last_traceback"):
            setattr(sys, name, None)
        assert [sys.getrefcount(o) for o in (t, shared, fine, bad, value)] == before


@pytest.mark.spec("1.7/1")
def test_destroy_proxies(rt: Runtime) -> None:
    """Each element is destroyed, roundtrip proxies too; what is no Array is a TypeError, and JavaScript's errors come out."""
    rt.js("globalThis.things = [{ destroy() { this.done = (this.done ?? 0) + 1; } }]; globalThis.bad = [1, 2]; globalThis.odd = [{ destroy() { throw new RangeError('odd'); } }];")  # fmt: skip
    rt.js(
        "globalThis.isDead = (p) => { try { p.toString(); return false; } catch { return true; } };"
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import (
            JsException,
            create_once_callable,
            create_proxy,
            destroy_proxies,
            to_js,
        )

        array = to_js([])
        made = [create_proxy({}), create_once_callable(len), to_js(object())]
        for proxy in made:
            array.push(proxy)
        destroy_proxies(array)
        for proxy in made:
            assert js.isDead(proxy)
        # What can be called once throws when it is destroyed again.
        del array[1]
        destroy_proxies(array)
        destroy_proxies(to_js([]))
        destroy_proxies(js.get_proxy("things"))
        assert js.get_proxy("things")[0].done == 1
        for name, kind in (("bad", "TypeError"), ("odd", "RangeError")):
            try:
                destroy_proxies(js.get_proxy(name))
            except JsException as error:
                assert error.name == kind
            else:
                raise AssertionError(name)
        no_arrays: list[object] = [
            [],
            (),
            None,
            5,
            {},
            js.Object.new(),
            js.Map.new(),
            js.Uint8Array.new(1),
        ]
        for wrong in no_arrays:
            try:
                destroy_proxies(wrong)
            except TypeError as error:
                assert "JsProxy" in str(error)
            else:
                raise AssertionError(wrong)


@pytest.mark.spec("1.4/1", "1.4/2")
def test_signatures(rt: Runtime) -> None:
    """Options have the defaults of the specification, are by keyword only, and null means the default in JavaScript."""
    rt.js(KIND)
    rt.py("class Box: x = [[1], {'a': (2,)}]")
    got = rt.js(
        "const o = { depth: undefined, pyproxies: null, create_pyproxies: undefined, dict_converter: null, default_converter: null, eager_converter: null };"
        "return [box(), box({}), box(undefined), box(o), box({ pyproxies: undefined, dict_converter: undefined })];"
    )
    assert got == [[[1], {"a": [2]}]] * 5
    rt.py(IMPORTS)
    for call in (
        "to_js()",
        "to_js([], -1)",
        "to_js(obj=[])",
        "to_js([], no=1)",
        "to_js([], depth=None)",
        "to_js([], depth=1.5)",
    ):
        with pytest.raises(PyError) as caught:
            rt.py(call)
        assert caught.value.type == "TypeError"
    with pytest.raises(JsError, match="depth must be an integer"):
        rt.js("box({ depth: NaN });")
    assert (
        rt.js("return [box({ depth: -7 }), box({ depth: Infinity })];") == [[[1], {"a": [2]}]] * 2
    )
    assert rt.py("to_js([jsnull, None], depth=-7).to_py()") == [NULL, None]

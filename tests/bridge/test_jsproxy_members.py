"""Members that every JsProxy has, and what lengths, truth and texts make of odd objects."""

from __future__ import annotations

import pytest

from harness.errors import PyError
from harness.runtime import Runtime


@pytest.mark.spec("3.2/2")
def test_js_id_is_a_key(rt: Runtime) -> None:
    """js_id serves as a dict key, for functions and symbols as well."""
    rt.js("globalThis.o = { a: {}, f() {}, s: Symbol('s') };")
    got = rt.py(
        """
        import js
        table = {getattr(js.o, n).js_id: n for n in "afs"}
        [table[getattr(js.o, n).js_id] for n in "afs"]
        """
    )
    assert got == ["a", "f", "s"]


@pytest.mark.spec("3.2/3")
def test_to_py(rt: Runtime) -> None:
    """to_py copies containers at all levels, down to a depth, with a converter for the rest."""
    rt.js("globalThis.o = { a: [1, { b: 2 }], m: new Map([[1, 'x']]), d: new Date(0) };")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsProxy

        got = js.o.to_py()
        assert (got["a"], got["m"]) == ([1, {"b": 2}], {1: "x"})
        assert got["d"] == js.o.d
        assert isinstance(js.o.to_py(depth=1)["m"], JsProxy)
        assert js.o.to_py(depth=0) == js.o
        assert js.o.to_py(default_converter=lambda value, convert, cache: value.getTime())["d"] == 0
        for wrong in (lambda: js.o.to_py(1), lambda: js.o.to_py(default_converter=5)):
            try:
                wrong()
            except TypeError:
                continue
            raise AssertionError


@pytest.mark.spec("3.2/4")
def test_object_lists(rt: Runtime) -> None:
    """object_entries and its kin are proxies of Arrays in both modes; they are live, not copies."""
    rt.js("globalThis.o = { a: 1, b: [2] };")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsArray

        entries, keys, values = js.o.object_entries(), js.o.object_keys(), js.o.object_values()
        for x in (entries, keys, values):
            assert isinstance(x, JsArray)
            assert len(x) == 2
        assert list(keys) == ["a", "b"]
        assert values[0] == 1
        assert values.get_proxy(1) == js.o.get_proxy("b")
        assert list(entries[0]) == ["a", 1]
        keys.append("c")
        assert len(keys) == 3


@pytest.mark.spec("3.2/5")
def test_to_weakref(rt: Runtime) -> None:
    """A weak reference gives the object as long as it lives, then None."""
    got = rt.js(
        """
        globalThis.o = { n: 5 };
        pyodide.runPython("import js; weak = js.o.to_weakref(); alive = weak.deref() == js.o");
        const alive = pyodide.runPython("alive");
        delete globalThis.o;
        const gone = await h.collect(() => pyodide.runPython("weak.deref() is None"));
        pyodide.runPython("del weak");
        return [alive, gone];
        """
    )
    assert got == [True, True]


@pytest.mark.spec("3.2/15")
@pytest.mark.parametrize("source", ["({})", "() => 1", "new Map()", "Symbol()"])
def test_no_copies(rt: Runtime, source: str) -> None:
    """Neither copy nor pickle takes a proxy; errors they do."""
    rt.js(f"globalThis.o = {{ x: {source} }};")
    for action in ("copy.copy(x)", "copy.deepcopy(x)", "pickle.dumps(x)"):
        with pytest.raises(PyError) as caught:
            rt.py(f"import copy, js, pickle\nx = js.o.x\n{action}")
        assert caught.value.type == "TypeError", action
    with pytest.raises(PyError):
        rt.py("pickle.dumps(x, 0)")
    got = rt.py(
        """
        from pyodide.ffi import JsException
        e = JsException("RangeError", "m", "s")
        [(str(x), x.name, x.message, x.stack) for x in (copy.copy(e), pickle.loads(pickle.dumps(e)))]
        """
    )
    assert got == [("RangeError: m", "RangeError", "m", "s")] * 2


@pytest.mark.spec("3.2/11")
def test_texts_of_arrays(rt: Runtime) -> None:
    """A live Array prints as JavaScript prints it; what a revoked Proxy says mentions that."""
    rt.js(
        """
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        globalThis.o = { a: [1, 2, 3], nested: [[1], {}], empty: [], revoked: proxy };
        """
    )
    got = rt.py(
        "import js\n[(repr(x), str(x)) for x in map(js.o.get_proxy, ('a', 'nested', 'empty'))]"
    )
    assert got == [("1,2,3", "1,2,3"), ("1,[object Object]", "1,[object Object]"), ("", "")]
    for action in ("repr", "str"):
        code = f"from pyodide.ffi import JsException\ntry: {action}(js.o.revoked)\nexcept JsException as e: r = str(e)\nr"
        assert "revoked" in rt.py(code)


@pytest.mark.spec("3.2/14", "13.4/36")
@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ("{ size: 0 }", False),
        ("{ size: 0, length: 5 }", False),
        ("{ size: 0n }", True),
        ("{ size: 0, [Symbol.toStringTag]: 'HTMLSelectElement' }", True),
        ("{ size: 0, [Symbol.toStringTag]: 'HTMLSomething' }", False),
        ("{ length: 0, [Symbol.toStringTag]: 'HTMLFormElement' }", True),
        ("{ length: 0, [Symbol.toStringTag]: 'NodeList' }", False),
        ("{ length: 1, [Symbol.toStringTag]: 'NodeList' }", True),
        ("{ length: 0, [Symbol.toStringTag]: 'HTMLCollection' }", False),
        ("{ byteLength: 0 }", False),
        ("{ size: 5, byteLength: 0 }", False),
        ("new SharedArrayBuffer(0)", False),
        ("new ArrayBuffer(0)", False),
        ("new ArrayBuffer(1)", True),
        ("new Float64Array(0)", False),
        ("() => {}", True),
        ("Object.assign(() => {}, { size: 0 })", False),
        ("new String('')", True),
        ("[]", False),
        ("[undefined]", True),
        ("new Map()", False),
        ("new Map([[1, 1]])", True),
        ("new Set()", False),
        ("new Set([0])", True),
    ],
)
def test_truth_of_odd_objects(rt: Runtime, source: str, truth: bool) -> None:
    """Falsy are objects whose size or byteLength is the number 0, but for form controls, and empty array-likes."""
    rt.js(f"globalThis.o = {{ x: {source} }};")
    assert rt.py("import js\nbool(js.o.get_proxy('x'))") is truth


@pytest.mark.spec("3.7/1", "13.4/37")
def test_bogus_lengths(rt: Runtime) -> None:
    """Each length that a Python int of the platform cannot be is an error with the exact number in its text."""
    rt.js("globalThis.sized = (length) => ({ o: { length }, s: { size: length } });")
    rt.py(
        """
        import js
        def outcome(length, name):
            try:
                return len(getattr(js.sized(length), name))
            except Exception as e:
                return type(e).__name__, str(e)
        """
    )
    for power in range(31, 66):
        for offset in (0, -(2 ** max(0, power - 52)), 2 ** max(0, power - 52)):
            number = 2**power + offset
            expected: object
            for value in (number, -number):
                # What crosses as a Number: a double that is exactly this.
                assert int(float(value)) == value
                expected = (
                    ("ValueError", str(value)) if value < 0 else ("OverflowError", str(value))
                )
                if 0 <= value < 2**31:
                    expected = value
                for name in ("o", "s"):
                    got = rt.py(
                        "outcome(float(value) if abs(value) > 2**53 else value, name)",
                        value=value,
                        name=name,
                    )
                    if isinstance(expected, int):
                        assert got == expected
                    else:
                        assert got[0] == expected[0], value
                        assert expected[1] in got[1], value


@pytest.mark.spec("3.7/1")
@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("{ size: '1', length: 3 }", 3),
        ("{ size: undefined, length: 3 }", 3),
        ("{ size: 2, length: 3 }", 2),
        ("{ length: -0 }", 0),
        ("{ length: 2 ** 31 - 1 }", 2**31 - 1),
        ("Object.create({ length: 4 })", 4),
        ("{ get length() { return 4; } }", 4),
        ("{ length: 'x' }", "TypeError: object does not have a valid length"),
        ("{ length: null }", "TypeError: object does not have a valid length"),
        ("{ length: true }", "TypeError: object does not have a valid length"),
        ("{ length: undefined }", "TypeError: object does not have a valid length"),
        ("{ length: NaN }", "TypeError: object does not have a valid length"),
        ("{ length: {} }", "TypeError: object does not have a valid length"),
        ("{ length: -1 }", "ValueError: length -1 of object is negative"),
        ("{ size: -1 }", "ValueError: length -1 of object is negative"),
        ("{ length: -Infinity }", "ValueError: length -Infinity of object is negative"),
        (
            "{ length: Infinity }",
            "OverflowError: length Infinity of object is larger than INT_MAX (2147483647)",
        ),
        (
            "{ size: 2 ** 31 }",
            "OverflowError: length 2147483648 of object is larger than INT_MAX (2147483647)",
        ),
        ("{ get length() { throw new RangeError('no'); } }", "JsException: RangeError: no"),
        ("(a, b) => 1", "TypeError: object of type 'pyodide.ffi.JsProxy' has no len()"),
    ],
)
def test_lengths(rt: Runtime, source: str, outcome: object) -> None:
    """`size` counts when it is a number, else `length` must be a whole number."""
    rt.js(f"globalThis.o = {source};")
    got = rt.py(
        "import js\ntry:\n    r = len(js.o)\nexcept Exception as e:\n    r = f'{type(e).__name__}: {e}'\nr"
    )
    assert got == outcome


@pytest.mark.spec("3.3/2")
def test_python_members_shadow_by_type(rt: Runtime) -> None:
    """Members that a type defines win over properties; where it does not define them the properties are seen."""
    rt.js(
        """
        const names = { new: "n", keys: "k", get: "g", pop: "p", then: "t", to_py: "y", typeof: "o", js_id: "i" };
        globalThis.o = { plain: names, f: Object.assign(() => 1, names), m: Object.assign(new Map([["a", 1]]), { pop: "p" }) };
        """
    )

    @rt.run
    def _() -> None:
        import js

        plain, f, m = js.o.plain, js.o.f, js.o.m
        assert (plain.new, plain.keys, plain.get, plain.pop, plain.then) == (
            "n",
            "k",
            "g",
            "p",
            "t",
        )
        assert plain.typeof == "object"
        assert callable(plain.to_py)
        assert type(plain.js_id) is int
        assert callable(f.new)
        assert (f.keys, f.pop) == ("k", "p")
        assert m.pop("a") == 1
        assert m.get("a", 7) == 7
        assert "a" not in m.keys()  # noqa: SIM118 - the view is what is tested
        m.__dict__["extra"] = 5
        assert m.extra == 5


@pytest.mark.spec("3.3/3")
def test_in_is_asked_for_undefined_only(rt: Runtime) -> None:
    """A property that has a value is read without asking whether it is there."""
    rt.js(
        """
        globalThis.log = [];
        globalThis.o = { p: new Proxy({ a: 1, u: undefined }, {
            get(target, key) { if (typeof key === "string") log.push("get " + key); return target[key]; },
            has(target, key) { if (key === "a" || key === "u" || key === "x") log.push("has " + key); return key in target; },
        }) };
        """
    )
    assert rt.py(
        "import js\np = js.o.p\njs.eval('log.length = 0')\n(p.a, p.u, hasattr(p, 'x'))"
    ) == (1, None, False)
    assert rt.expr("log") == ["get a", "get u", "has u", "get x", "has x"]


@pytest.mark.spec("3.3/4")
def test_functions_of_python_as_attributes(rt: Runtime) -> None:
    """A Python function read from an object is the function itself, called without `this`; a JavaScript one is bound."""
    rt.js(
        "globalThis.o = { n: 5, own() { return this.n; }, text: 'x', missing: undefined, none: null };"
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsProxy, jsnull

        def f(*args: object) -> int:
            return len(args)

        js.o.f = f
        assert js.o.f is f
        assert js.o.f(1, 2) == 2
        method = js.o.own
        assert method() == 5
        assert isinstance(method, JsProxy)
        assert (js.o.text, js.o.missing, js.o.none is jsnull) == ("x", None, True)
        js.eval("o.f.destroy()")
        del js.o.f


@pytest.mark.spec("3.3/6")
@pytest.mark.parametrize("name", ["number", "text", "nothing", "none", "child", "list"])
def test_expected_callable(rt: Runtime, name: str) -> None:
    """Calling an attribute that is no function is a TypeError that says so."""
    rt.js(
        "globalThis.o = { number: 1, text: 'x', nothing: undefined, none: null, child: {}, list: [] };"
    )
    with pytest.raises(PyError) as caught:
        rt.py(f"import js\njs.o.{name}(1)")
    assert caught.value.type == "TypeError"
    assert caught.value.message.startswith("Expected callable")


@pytest.mark.spec("3.3/5", "3.3/8")
@pytest.mark.parametrize(
    "source",
    ["[1]", "new Uint8Array(1)", "{ [Symbol.toStringTag]: 'NodeList', length: 1, keys() {} }"],
)
def test_hidden_keys(rt: Runtime, source: str) -> None:
    """Sequences have no attribute `keys`, by any way of asking, nor do they list it."""
    rt.js(f"globalThis.o = {{ x: {source} }};")

    @rt.run
    def _() -> None:
        import js

        x = js.o.get_proxy("x")
        assert not hasattr(x, "keys")
        assert "keys" not in dir(x)
        for action in (lambda: x.keys, lambda: x.keys()):
            try:
                action()
            except AttributeError as error:
                assert "keys" in str(error)
            else:
                raise AssertionError
        assert not any(name[0].isdigit() for name in dir(x))


@pytest.mark.spec("3.3/8")
def test_dir_is_the_union(rt: Runtime) -> None:
    """dir() has Python's names, and own names along the prototype chain whatever they look like but for a first digit."""
    rt.js(
        """
        class A { inherited() {} }
        globalThis.o = Object.defineProperty(new (class extends A {})(), "hidden", { value: 1 });
        Object.assign(o, { "0": 1, "1a": 2, a1: 3, "b c": 4, match: 5, None: 6, in: 7, [Symbol("x")]: 8 });
        """
    )

    @rt.run
    def _() -> None:
        import js

        names = dir(js.o)
        assert set(object.__dir__(js.o)) <= set(names)
        assert names == sorted(set(names))
        for name in (
            "inherited",
            "hidden",
            "a1",
            "b c",
            "match",
            "None_",
            "in_",
            "toString",
            "constructor",
        ):
            assert name in names, name
        for name in ("0", "1a", "None", "in", "match_"):
            assert name not in names, name


@pytest.mark.spec("3.5/4")
def test_results_of_constructors(rt: Runtime) -> None:
    """What `new` gives is converted as any value: a function may return an object of its choice, a Python one too."""
    rt.js(
        """
        globalThis.p = pyodide.toPy({ a: 1 });
        globalThis.Py = function () { return p; };
        globalThis.Arr = function () { return [1, 2]; };
        globalThis.Sub = class extends Map {};
        """
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsMap

        assert js.Py.new() == {"a": 1}
        assert list(js.Arr.new()) == [1, 2]
        assert isinstance(js.Sub.new(), JsMap)
        assert js.Reflect.construct != js.Sub.new

    rt.js("p.destroy();")


@pytest.mark.spec("3.5/5", "13.4/14")
def test_functions_as_descriptors(rt: Runtime) -> None:
    """A function on a class is a method: `this` is the instance, as a proxy; read from the class it is itself."""
    rt.js(
        """
        globalThis.look = function (x) { return this[x]; };
        globalThis.self = function () { return this; };
        globalThis.kind = function () { return this instanceof pyodide.ffi.PyProxy; };
        globalThis.pyodide = pyodide;
        globalThis.strict = function () { "use strict"; return this === undefined; };
        """
    )

    @rt.run
    def _() -> None:
        import js

        class T:
            a = 7
            f = js.look
            me = js.self
            kind = js.kind

        t = T()
        assert (t.f("a"), t.f("b")) == (7, None)
        assert t.me() is t  # type: ignore[operator]
        assert t.kind() is True
        bound = t.f
        assert bound("a") == 7
        assert T.f == js.look
        assert T.__dict__["f"].__get__(None, T) == js.look
        # On an instance it is no method.
        t.own = js.eval("(function () { 'use strict'; return this === undefined; })")
        assert t.own() is True


@pytest.mark.spec("3.5/6")
def test_members_of_functions(rt: Runtime) -> None:
    """call, apply, bind and toString of a function are JavaScript's."""
    rt.js(
        "globalThis.f = function (...args) { return [this?.n, ...args].join(); }; globalThis.o = { n: 5 };"
    )

    @rt.run
    def _() -> None:
        import js

        assert js.f.call(js.o, 1) == "5,1"
        assert js.f.apply(js.o, js.Array.of(1, 2)) == "5,1,2"
        assert js.f.bind(js.o, 1)(2) == "5,1,2"
        assert js.f.toString().startswith("function (...args)")
        assert js.f.call == js.Function.prototype.call


@pytest.mark.spec("13.4/5", "3.7/2")
def test_map_like_that_has_nothing(rt: Runtime) -> None:
    """`has` false, `get` undefined, `delete` false: lookups and deletions are KeyErrors; without `has` None."""
    rt.js(
        """
        globalThis.o = { has: () => false, get: () => undefined, set: () => false, delete: () => false };
        globalThis.bare = { get: () => undefined };
        """
    )

    @rt.run
    def _() -> None:
        import js

        for action in (lambda: js.o[1], lambda: js.o.__delitem__(1)):
            try:
                action()
            except KeyError as error:
                assert error.args == (1,)
            else:
                raise AssertionError
        js.o[1] = 2
        assert 1 not in js.o
        assert js.bare[1] is None
        try:
            js.bare[1] = 2
        except TypeError:
            pass
        else:
            raise AssertionError


@pytest.mark.spec("3.7/6")
def test_stores_into_arrays(rt: Runtime) -> None:
    """An index beyond the end extends the Array, which has holes then; negative ones count from the end."""
    rt.js("globalThis.o = { a: [1, 2] };")

    @rt.run
    def _() -> None:
        import js

        a = js.o.get_proxy("a")
        a[0], a[-1] = "x", "y"
        a[4] = "z"
        assert len(a) == 5
        assert list(a) == ["x", "y", None, None, "z"]
        assert not js.Object.hasOwn(a, "3")
        a[True] = "t"
        assert a[1] == "t"


@pytest.mark.spec("3.7/17", "3.7/15", "13.4/12")
def test_python_objects_in_arrays(rt: Runtime) -> None:
    """An object that is appended stays there as a proxy of its own, which JavaScript uses and somebody destroys."""
    rt.js("globalThis.o = { a: [] };")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import create_proxy

        a = js.o.get_proxy("a")
        d = {"k": 1}
        a.append(d)
        assert a[0] is d
        assert js.eval("o.a[0].get('k')") == 1
        seen: list[object] = []
        a.forEach(lambda value, index, array: seen.append((value, index)))
        assert seen == [(d, 0)]
        assert a.push(5) == 2
        js.eval("o.a[0].destroy()")
        a.clear()
        p = create_proxy([1], roundtrip=False)
        a.append(p)
        assert a.to_py() == [[1]]
        assert a.index([1]) == 0
        a.remove([1])
        assert len(a) == 0
        a.append(p)
        p.destroy()
        assert a.count([1]) == 0
        for action in (lambda: a.index([1]), lambda: a.remove([1])):
            try:
                action()
            except ValueError as error:
                assert str(error) == "[1] is not in list"
            else:
                raise AssertionError
        a.clear()


@pytest.mark.spec("3.7/20")
def test_clear_of_maps(rt: Runtime) -> None:
    """clear() calls the object's own `clear` when it has one."""
    rt.js(
        """
        globalThis.log = [];
        globalThis.m = new (class extends Map {
            clear() { log.push("clear"); super.clear(); }
            delete(key) { log.push("delete"); return super.delete(key); }
        })([[1, 2], [3, 4]]);
        """
    )
    assert rt.py("from js import m\nm.clear()\nlen(m)") == 0
    assert rt.expr("log") == ["clear"]


@pytest.mark.spec("3.7/19")
def test_objects_without_items(rt: Runtime) -> None:
    """An object with no such feature fails as any Python object does, also in JavaScript's eyes array-like ones."""
    rt.js(
        "globalThis.o = { plain: {}, arguments: (function () { return arguments; })(1, 2), text: new String('ab') };"
    )
    for name in ("plain", "arguments", "text"):
        for action, text in (
            ("x[0]", "'pyodide.ffi.JsProxy' object is not subscriptable"),
            ("x.__class__.__getitem__", "has no attribute '__getitem__'"),
        ):
            with pytest.raises(PyError) as caught:
                rt.py(f"import js\nx = js.o.{name}\n{action}")
            assert caught.value.type in ("TypeError", "AttributeError")
            assert text in caught.value.message
    for action, text in (
        ("len(x)", "object of type 'pyodide.ffi.JsProxy' has no len()"),
        ("iter(x)", "'pyodide.ffi.JsProxy' object is not iterable"),
        ("x[0] = 1", "does not support item assignment"),
        ("del x[0]", "doesn't support item deletion"),
        ("1 in x", "argument of type 'pyodide.ffi.JsProxy' is not"),
    ):
        with pytest.raises(PyError) as caught:
            rt.py(f"x = js.o.plain\n{action}")
        assert caught.value.type == "TypeError"
        assert text in caught.value.message


@pytest.mark.spec("13.4/19")
def test_every_use_of_a_revoked_proxy(rt: Runtime) -> None:
    """Only what needs nothing of the object works on a revoked Proxy: identity, typeof, isinstance."""
    rt.js(
        "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); globalThis.o = { p: proxy };"
    )
    rt.py(
        "import js, warnings\nwarnings.simplefilter('ignore')\nfrom pyodide.ffi import *\np = js.o.p"
    )
    for action in (
        "repr(p)", "str(p)", "p.a", "p.a()", "setattr(p, 'a', 1)", "delattr(p, 'a')", "dir(p)", "bool(p)", "p.to_py()",
        "p.object_keys()", "p.object_entries()", "p.object_values()", "p < p", "p.as_object_map()['a']",
        "'a' in p.as_object_map()", "len(p.as_object_map())", "list(p.as_py_json())", "hasattr(p, 'a')",
    ):  # fmt: skip
        with pytest.raises(PyError) as caught:
            rt.py(action)
        assert caught.value.type == "JsException", action
        assert "revoked" in caught.value.message, action
    got = rt.py(
        "(p == js.o.p, p.js_id == js.o.p.js_id, p.typeof, isinstance(p, JsArray), p.to_weakref().deref() == p)"
    )
    assert got == (True, True, "object", False, True)
    rt.py("del p")


@pytest.mark.spec("3.2/12")
def test_comparisons_with_others(rt: Runtime) -> None:
    """A proxy equals no value of another type, and has no order with one; what JavaScript cannot compare it says."""
    rt.js(
        "globalThis.one = { valueOf: () => 1 }; globalThis.o = { nan: { valueOf: () => NaN }, sym: Symbol('s') };"
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        for other in (1, None, "1", [], object(), js.o):
            assert (js.one == other, js.one != other) == (False, True)
        for action in (
            lambda: js.one < 2,
            lambda: js.one >= None,
            lambda: 2 > js.one,  # noqa: SIM300 - the reflected operator
            lambda: js.one <= "1",
        ):
            try:
                action()
            except TypeError as error:
                assert "not supported between instances of" in str(error)
            else:
                raise AssertionError
        assert js.one.__lt__(3) is NotImplemented
        assert (js.o.nan <= js.o.nan, js.o.nan == js.o.nan) == (False, True)
        try:
            _ = js.o.sym < js.one
        except JsException as error:
            assert error.name == "TypeError"
        else:
            raise AssertionError

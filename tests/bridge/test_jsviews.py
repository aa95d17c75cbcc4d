"""Object maps and JSON views: JavaScript objects as dicts and lists without copying."""

from __future__ import annotations

import json

import pytest

from harness.runtime import Runtime

QUIET = "import js, warnings\nwarnings.simplefilter('ignore')\n"


@pytest.mark.spec("3.8/1", "13.4/16", "13.4/13")
def test_object_map_is_a_dict_of_own_properties(rt: Runtime) -> None:
    """Own enumerable string keys are the items; the prototype's and hidden ones are not."""
    rt.js(
        """
        class A { constructor() { this.a = 1; this["1"] = [2]; this.u = undefined; } method() { return this.a; } };
        globalThis.o = Object.defineProperty(new A(), "hidden", { value: 5, writable: true });
        o[Symbol("s")] = 1;
        """
    )
    rt.py(QUIET)

    @rt.run
    def _() -> None:
        from collections.abc import MutableMapping

        from js import o
        from pyodide.ffi import JsMap, JsMutableMap

        m = o.as_object_map()
        assert m == o
        assert isinstance(m, (JsMap, MutableMapping))
        assert isinstance(m, JsMutableMap)
        assert len(m) == 3
        assert list(m) == ["1", "a", "u"]
        assert (m["a"], list(m["1"]), m["u"]) == (1, [2], None)
        assert "1" in m
        for absent in (1, "constructor", "method", "hidden", "toString", "__proto__", None):
            assert absent not in m
            for action in (m.__getitem__, m.__delitem__, m.pop):
                try:
                    action(absent)
                except KeyError as error:
                    assert error.args == (absent,)
                else:
                    raise AssertionError(absent)
            assert m.get(absent, 7) == 7
        assert m.method() == 1
        assert m.a == 1
        m["b"] = 5
        assert o.b == 5
        del m["u"]
        assert m.pop("1")[0] == 2
        assert dict(m.items()) == {"a": 1, "b": 5}
        assert m.keys() | {"c"} == {"a", "b", "c"}
        assert list(m.values()) == [1, 5]
        m.update({"x": 1}, y=2)
        assert m.setdefault("x", 5) == 1
        assert m.setdefault("z", 5) == 5
        assert m.popitem() == ("a", 1)
        match m:
            case {"x": 1, **rest}:
                assert rest == {"b": 5, "y": 2, "z": 5}
            case _:
                raise AssertionError
        m.clear()
        assert len(m) == 0
        assert not list(m)
        assert o.hidden == 5


@pytest.mark.spec("3.8/1", "13.4/16")
def test_keys_that_are_not_strings(rt: Runtime) -> None:
    """Only strings can be assigned; the text says so."""
    rt.py(QUIET)

    @rt.run
    def _() -> None:
        import js

        m = js.Object.new().as_object_map()
        for action in (
            lambda: m.__setitem__(1, 2),
            lambda: m.setdefault(1, 2),
            lambda: m.update({"a": 1, 1: 2}),
        ):
            try:
                action()
            except TypeError as error:
                text = "Can only assign keys of type string to JavaScript object map"
                assert str(error) == text
            else:
                raise AssertionError
        assert len(m) == 0


def test_odd_names_and_frozen_objects(rt: Runtime) -> None:
    """`__proto__` and inherited setters are plain keys; a frozen object refuses with its own error."""
    rt.py(QUIET)
    rt.js(
        """
        globalThis.o = Object.create({ set guarded(v) { throw new Error("setter") } });
        globalThis.frozen = Object.freeze({ a: 1 });
        """
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        m = js.o.as_object_map()
        m["__proto__"] = 1
        m["guarded"] = 2
        assert dict(m) == {"__proto__": 1, "guarded": 2}
        assert js.o.hasOwnProperty("__proto__")
        f = js.frozen.as_object_map()
        for action in (
            lambda: f.__setitem__("a", []),
            lambda: f.__setitem__("b", []),
            lambda: f.__delitem__("a"),
            f.clear,
            f.popitem,
            lambda: f.pop("a"),
        ):
            try:
                action()
            except JsException as error:
                assert error.name == "TypeError"
            else:
                raise AssertionError
        assert dict(f) == {"a": 1}


@pytest.mark.spec("3.8/1")
def test_object_maps_have_no_other_feature(rt: Runtime) -> None:
    """An iterable, generator-like or promise-like object is a dict and nothing else."""
    rt.py(QUIET)
    rt.js("globalThis.o = { then() {}, get() {}, size: 7, *[Symbol.iterator]() { yield 1; } };")
    got = rt.py(
        """
        m = js.o.as_object_map()
        [list(m), len(m), hasattr(m, "__await__"), callable(m), type(m)._js_type_flags]
        """
    )
    assert got == [["then", "get", "size"], 3, False, False, 1 << 14]


HEREDITARY = """
    globalThis.o = { plain: { deep: {} }, getter: { get() {} }, map: new Map(), array: [{}], bytes: new Uint8Array(1),
        error: new Error("x"), buffer: new ArrayBuffer(1), f() {}, text: "t", none: null };
"""


@pytest.mark.spec("3.8/1", "13.4/17")
def test_hereditary(rt: Runtime) -> None:
    """With hereditary=True plain objects, Maps and their like inside are object maps, at all levels."""
    rt.py(QUIET)
    rt.js(HEREDITARY)
    got = rt.py(
        """
        from pyodide.ffi import JsProxy
        flag = lambda x: isinstance(x, JsProxy) and bool(type(x)._js_type_flags & (1 << 14))
        m, flat = js.o.as_object_map(hereditary=True), js.o.as_object_map()
        [
            [k for k in m if flag(m[k])], [k for k, v in m.items() if flag(v)], sum(map(flag, m.values())),
            [k for k in flat if flag(flat[k])], flag(m["plain"]["deep"]), flag(m.get("plain")), flag(m.setdefault("plain")),
            flag(m.pop("plain")), flag(m.popitem()[1]),
        ]
        """
    )
    names = ["plain", "getter", "map"]
    assert got == [names, names, 3, [], True, True, True, True, True]


@pytest.mark.spec("3.2/6")
def test_warning_once(fresh: object) -> None:
    """as_object_map warns that it is deprecated, once a process; as an error it is raised."""
    runtime = fresh()  # type: ignore[operator]
    got = runtime.py(
        """
        import js, warnings
        r = []
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for _ in range(3):
                js.Object.new().as_object_map()
        [(w.category.__name__, "deprecated" in str(w.message)) for w in caught]
        """
    )
    assert got == [("RuntimeWarning", True)]


@pytest.mark.spec("3.2/6", "3.2/7", "3.2/10")
@pytest.mark.parametrize(
    ("source", "object_map", "json_view"),
    [
        ("{}", True, True),
        ("new Map()", True, True),
        ("new (class A {})()", True, True),
        ("[]", False, True),
        ("{[Symbol.toStringTag]: 'NodeList', length: 0}", False, True),
        ("new Uint8Array()", False, False),
        ("new ArrayBuffer()", False, False),
        ("new Error()", False, False),
        ("() => 1", False, False),
        ("[][Symbol.iterator]()", False, False),
    ],
)
def test_presence(rt: Runtime, source: str, object_map: bool, json_view: bool) -> None:
    """What is not made of properties has neither view, and Arrays only the JSON view."""
    rt.js(f"globalThis.o = {{ x: {source} }};")
    got = rt.py(
        "import js\nx = js.o.get_proxy('x')\n[hasattr(x, 'as_object_map'), hasattr(x, 'as_py_json')]"
    )
    assert got == [object_map, json_view]


@pytest.mark.spec("3.2/10")
def test_presence_on_double_proxies(rt: Runtime) -> None:
    """A proxy of a Python object has neither view."""
    got = rt.py(
        """
        from pyodide.ffi import create_proxy
        p = create_proxy({})
        r = [hasattr(type(p), "as_object_map"), hasattr(type(p), "as_py_json")]
        p.destroy()
        r
        """
    )
    assert got == [False, False]


JSON_DATA = """
    globalThis.data = { a: [1, 2, { b: 7 }], n: null, s: "text", inst: new (class A { constructor() { this.q = [[1]]; } })(),
        f() { return 1; }, list: Object.assign([1, , { z: 1 }], { extra: 5 }), deep: [[[{ x: [] }]]] };
"""


@pytest.mark.spec("3.8/2", "3.2/7", "13.4/18")
def test_json_view_goes_on_at_all_levels(rt: Runtime) -> None:
    """Dicts and lists inside a JSON view are views, however they are read; functions are not."""
    rt.js(JSON_DATA)

    @rt.run
    def _() -> None:
        from collections.abc import MutableMapping, MutableSequence

        import js

        o = js.data.as_py_json()
        assert issubclass(type(o), MutableMapping)
        assert o["a"][-1]["b"] == 7
        assert isinstance(o["a"], MutableSequence)
        assert isinstance(o["inst"]["q"][0], MutableSequence)
        assert list(o["a"])[2]["b"] == 7
        assert next(reversed(o["a"]))["b"] == 7
        assert o["a"][1:][1]["b"] == 7
        assert dict(o.items())["a"][2]["b"] == 7
        assert next(iter(o.values()))[2]["b"] == 7
        assert o.get("a")[2]["b"] == 7
        assert o["deep"][0][0][0]["x"] == js.data.deep[0][0][0].get_proxy("x")
        assert callable(o["f"])
        assert not isinstance(o["f"], MutableMapping)
        assert len(o["list"]) == 3
        assert o["list"][1] is None
        assert [type(x) for x in o["list"]][:2] == [int, type(None)]
        for bad in (3, -4):
            try:
                o["list"][bad]
            except IndexError as error:
                assert error.args == (bad,)
            else:
                raise AssertionError
        for key, kind in (("x", TypeError), (10**30, IndexError)):
            try:
                o["list"][key]
            except kind:
                continue
            raise AssertionError(key)
        o["a"].append({"k": 1})
        o["a"][0] = 5
        o["new"] = 1
        assert o["a"][-1] == {"k": 1}
        assert (js.data.get_proxy("a")[0], js.data.new) == (5, 1)
        o["a"].pop()
        assert o["a"].pop()["b"] == 7
        assert o.pop("inst")["q"][0][0] == 1
        assert o.as_py_json() == o
        match o:
            case {"a": [5, 2], "s": str(s), "deep": [[[{"x": []}]]]}:
                assert s == "text"
            case _:
                raise AssertionError


@pytest.mark.spec("3.8/2", "13.4/18")
def test_json_dumps_with_a_view(rt: Runtime) -> None:
    """json.dumps with a default hook that opens views equals JSON.stringify."""
    rt.js("globalThis.data = { a: [1, 2.5, { b: [], c: {} }], s: 'x', n: null, t: true };")
    got = rt.py(
        """
        import json
        from collections.abc import Mapping
        from js import data
        opened = lambda x: dict(x) if isinstance(x, Mapping) else list(x)
        json.dumps(data.as_py_json(), default=opened, separators=(",", ":"))
        """
    )
    assert json.loads(got) == json.loads(rt.expr("JSON.stringify(data)"))
    assert got == rt.expr("JSON.stringify(data)")


@pytest.mark.spec("3.8/2")
def test_json_view_of_arrays_and_node_lists(rt: Runtime) -> None:
    """Arrays and node lists are sequences from the start."""
    rt.js(
        """
        globalThis.o = { array: [{ a: 1 }, [2]], nodes: { [Symbol.toStringTag]: "NodeList", length: 2, 0: { a: 1 }, 1: [2] } };
        """
    )

    @rt.run
    def _() -> None:
        import js

        for name in ("array", "nodes"):
            view = js.o.get_proxy(name).as_py_json()
            assert view[0]["a"] == 1
            assert view[-1][0] == 2
            assert [len(x) for x in view] == [1, 1]
            assert next(reversed(view))[0] == 2
            match view:
                case [{"a": 1}, [2]]:
                    pass
                case _:
                    raise AssertionError(name)


def test_revoked_proxy(rt: Runtime) -> None:
    """Making views of a revoked Proxy works; using them is a JsException."""
    rt.py(QUIET)
    rt.js("const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); globalThis.o = { proxy };")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        for view in (js.o.proxy.as_object_map(), js.o.proxy.as_py_json()):
            for action in (
                lambda view=view: len(view),
                lambda view=view: list(view),
                lambda view=view: view["a"],
                lambda view=view: view.__setitem__("a", 1),
                lambda view=view: "a" in view,
            ):
                try:
                    action()
                except JsException as error:
                    assert "revoked" in str(error)
                else:
                    raise AssertionError

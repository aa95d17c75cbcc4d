"""JavaScript Maps and their like as Python dicts: views, methods, abstract classes, patterns."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.spec("3.7/20", "13.4/15")
def test_views_are_those_of_a_dict(rt: Runtime) -> None:
    """keys, values and items are views of collections.abc, with set operations, and live."""
    rt.js("globalThis.m = new Map([['a', 1], [2, 'two']]);")

    @rt.run
    def _() -> None:
        from collections.abc import ItemsView, KeysView, ValuesView

        from js import m

        keys, values, items = m.keys(), m.values(), m.items()
        assert isinstance(keys, KeysView)
        assert isinstance(values, ValuesView)
        assert isinstance(items, ItemsView)
        assert (list(keys), list(values), list(items)) == (
            ["a", 2],
            [1, "two"],
            [("a", 1), (2, "two")],
        )
        assert set(m) == {"a", 2}
        assert keys | {3} == {"a", 2, 3}
        assert keys & {2, 3} == {2}
        assert keys - {2} == {"a"}
        assert keys ^ {2, 3} == {"a", 3}
        assert keys == {"a", 2}
        assert "a" in keys
        assert 1 not in keys
        assert 1 in values
        assert 2 not in values
        assert ("a", 1) in items
        assert ("a", 2) not in items
        assert ("b", 1) not in items
        assert items & {("a", 1), 3} == {("a", 1)}
        m["c"] = 3
        assert (len(keys), len(values), len(items)) == (3, 3, 3)
        assert list(values)[-1] == 3
        assert dict(m) == dict(items) == {"a": 1, 2: "two", "c": 3}


@pytest.mark.spec("3.7/20")
@pytest.mark.parametrize("source", ["m", "js.o.as_py_json()", "js.o.as_object_map()"])
def test_defaults_by_name(rt: Runtime, source: str) -> None:
    """`default` and `key` are names of arguments, as in collections.abc."""
    rt.js("globalThis.o = { a: 1 }; globalThis.m = new Map([['a', 1]]);")
    got = rt.py(
        """
        import js, warnings
        from js import m
        warnings.simplefilter("ignore", RuntimeWarning)
        x = eval(source)
        r = [x.get("b", default=2), x.get(key="a"), x.pop("b", default=3), x.setdefault("c", default=4), x["c"]]
        for f in (x.get, x.pop, x.setdefault):
            for args in ({}, {"key": 1, "other": 2}):
                try: f(**args)
                except TypeError as e: r.append(type(e).__name__)
        r
        """,
        source=source,
    )
    assert got == [2, 1, 3, 4, 4, *["TypeError"] * 6]


@pytest.mark.spec("3.7/20")
def test_live_items(rt: Runtime) -> None:
    """get_proxy reads an attribute or, where there is none, an item; neither is a copy, in both modes."""
    rt.js(
        """
        globalThis.m = new Map([["a", [1]], [1, [2]], ["size", [3]]]);
        globalThis.bad = { get() { throw new Error("bad"); } };
        globalThis.o = { from: [4], deep: { list: [5] } };
        """
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsArray, JsException

        m = js.m
        for key, item in (("a", 1), (1, 2)):
            array = m.get_proxy(key)
            assert isinstance(array, JsArray)
            array[0] += 10
            assert list(m[key]) == [item + 10]
        assert m.get_proxy("size") == 3
        assert list(js.o.get_proxy("from_")) == list(js.o.get_proxy("from")) == [4]
        view = js.o.as_py_json()
        assert view.get_proxy("deep")["list"][0] == 5
        assert view.get_proxy("hasOwnProperty").typeof == "function"
        for proxy, name, error in (
            (m, "none", AttributeError),
            (m, 2, IndexError),
            (view, "none", AttributeError),
            (js.bad, "none", JsException),
        ):
            try:
                proxy.get_proxy(name)
            except error:
                pass
            else:
                raise AssertionError((name, error))


@pytest.mark.spec("3.7/20")
def test_get_pop_and_setdefault(rt: Runtime) -> None:
    """The methods with a default do what a dict's do; the JavaScript methods are used underneath."""
    rt.js("globalThis.m = new Map([['a', 1], ['u', undefined]]);")

    @rt.run
    def _() -> None:
        from js import m

        missing = object()
        assert (m.get("a"), m.get("b"), m.get("b", missing), m.get("u", 5)) == (
            1,
            None,
            missing,
            None,
        )
        assert m.setdefault("a", 9) == 1
        assert m.setdefault("u", 9) is None
        assert m.setdefault("n") is None
        assert m.setdefault("s", 9) == 9
        assert (m["n"], m["s"]) == (None, 9)
        assert m.pop("s") == 9
        assert m.pop("s", missing) is missing
        assert "s" not in m
        for key in ("s", ["s"], (1, 2), None):
            for action in (m.pop, m.__getitem__, m.__delitem__):
                try:
                    action(key)
                except KeyError as error:
                    assert error.args == (key,)
                else:
                    raise AssertionError(key)
        assert m.popitem() == ("a", 1)
        assert m.popitem() == ("u", None)
        m.clear()
        assert len(m) == 0
        try:
            m.popitem()
        except KeyError as error:
            assert "empty" in str(error)
        else:
            raise AssertionError
        for wrong in (m.get, m.pop, m.setdefault, lambda: m.get(1, 2, 3)):
            try:
                wrong()
            except TypeError:
                continue
            raise AssertionError(wrong)


@pytest.mark.spec("3.7/20")
def test_update(rt: Runtime) -> None:
    """update takes what that of a dict takes, keyword arguments too, and sets all in one crossing."""
    rt.js("globalThis.m = new Map(); globalThis.other = new Map([['x', 1], [5, [6]]]);")

    @rt.run
    def _() -> None:
        from js import m, other

        class Keyed:
            def keys(self) -> list[str]:
                return ["k"]

            def __getitem__(self, key: str) -> str:
                return key * 2

        m.update({"a": 1}, b=2, other=3)
        m.update([("c", 3), ["d", 4], "ef"])
        m.update(g=7)
        m.update(Keyed(), k=8)
        m.update()
        m.update(())
        assert dict(m) == {
            "a": 1, "b": 2, "other": 3, "c": 3, "d": 4, "e": "f", "g": 7, "k": 8,
        }  # fmt: skip
        m.clear()
        m.update(other)
        assert m["x"] == 1
        assert list(m[5]) == [6]
        for wrong, kind, text in (
            (5, TypeError, "'int' object is not iterable"),
            ([(1, 2), (1, 2, 3)], ValueError, "element #1 has length 3; 2 is required"),
            ([1], TypeError, "'int' object is not iterable"),
        ):
            try:
                m.update(wrong)
            except kind as error:
                assert text in str(error)
            else:
                raise AssertionError(wrong)
        assert 1 not in m


def test_objects_in_maps(rt: Runtime) -> None:
    """Python objects as keys and values come back; those of a failed store are released."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        class Thing:
            pass

        m = js.Map.new()
        thing = Thing()
        m["t"] = thing
        m.update(u=thing)
        assert m["t"] is m["u"] is thing
        assert m.setdefault("t", Thing()) is thing
        assert m.pop("t") is thing
        assert m.popitem() == ("u", thing)
        m[thing] = 1
        assert thing not in m
        assert next(iter(m)) is thing
        m.clear()
        strict = js.eval(
            "({get() {}, set() { throw new TypeError('no') }, size: 0, *[Symbol.iterator]() {}})"
        )
        try:
            strict["x"] = Thing()
        except JsException as error:
            assert str(error) == "TypeError: no"
        else:
            raise AssertionError


@pytest.mark.spec("3.7/20")
def test_get_lets_interrupts_through(rt: Runtime) -> None:
    """What is no Exception is not taken for a missing key."""
    rt.js("globalThis.make = (f) => ({ get: () => f(), size: 1, *[Symbol.iterator]() {} });")

    @rt.run
    def _() -> None:
        import sys

        import js
        from pyodide.ffi import create_proxy

        def interrupt() -> None:
            raise KeyboardInterrupt

        f = create_proxy(interrupt)
        try:
            js.make(f).get("a", 5)
        except KeyboardInterrupt:
            pass
        else:
            raise AssertionError
        f.destroy()
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            setattr(sys, name, None)


@pytest.mark.parametrize(
    ("members", "mutable"),
    [
        ("get(k) { return k === 'a' ? 1 : undefined }, has(k) { return k === 'a' }", False),
        (
            "get(k) { return k === 'a' ? 1 : undefined }, has(k) { return k === 'a' }, set() {}",
            True,
        ),
    ],
)
def test_abstract_classes(rt: Runtime, members: str, mutable: bool) -> None:
    """Read-only maps are Mappings without the methods that change; with `set` they are mutable."""
    rt.js(f"globalThis.m = {{ {members}, length: 1, *[Symbol.iterator]() {{ yield 'a'; }} }};")
    got = rt.py(
        """
        from collections.abc import Mapping, MutableMapping, Sequence
        from js import m
        [isinstance(m, Mapping), isinstance(m, MutableMapping), hasattr(m, "pop"), hasattr(m, "update"), dict(m),
         isinstance(m, Sequence), m.get("a"), m.get("b", 2)]
        """
    )
    assert got == [True, mutable, mutable, mutable, {"a": 1}, False, 1, 2]


@pytest.mark.parametrize(
    ("source", "classes"),
    [
        ("[]", ["MutableSequence", "Sequence"]),
        ("new Uint8Array()", ["MutableSequence", "Sequence"]),
        ("Object.assign([], {name: 1, message: 2, stack: 3})", ["MutableSequence", "Sequence"]),
        ("{[Symbol.toStringTag]: 'NodeList', length: 0}", ["Sequence"]),
        ("new Map()", ["Mapping", "MutableMapping"]),
        ("new Set()", []),
        ("{}", []),
        ("new WeakMap()", []),
        ("(() => 1)", []),
    ],
)
def test_registration(rt: Runtime, source: str, classes: list[str]) -> None:
    """The types of containers are known to collections.abc, and no others."""
    rt.js(f"globalThis.o = {{ x: {source} }};")
    got = rt.py(
        """
        import collections.abc, js
        x = js.o.get_proxy("x")
        [n for n in ("Mapping", "MutableMapping", "MutableSequence", "Sequence") if isinstance(x, getattr(collections.abc, n))]
        """
    )
    assert got == classes


@pytest.mark.spec("13.4/13")
def test_mapping_patterns(rt: Runtime) -> None:
    """Maps match mapping patterns, and not sequence patterns."""
    rt.js("globalThis.m = new Map([['kind', 'point'], ['x', 1], ['y', 2]]);")

    @rt.run
    def _() -> None:
        from js import m

        match m:
            case [*_]:
                raise AssertionError
            case {"kind": "point", "z": _}:
                raise AssertionError
            case {"kind": "point", "x": x, **rest}:
                assert x == 1
                assert rest == {"y": 2}
            case _:
                raise AssertionError


@pytest.mark.spec("3.7/2", "3.7/20")
def test_map_like_without_has(rt: Runtime) -> None:
    """Without `has` an undefined value is None and not a missing key; without `clear` keys are deleted."""
    rt.js(
        """
        const inner = new Map([["a", 1], ["b", 2]]);
        globalThis.m = { get: (k) => inner.get(k), set: (k, v) => inner.set(k, v), delete: (k) => inner.delete(k),
            get size() { return inner.size }, [Symbol.iterator]: () => inner.keys() };
        """
    )

    @rt.run
    def _() -> None:
        from js import m

        assert m["zzz"] is None
        assert m.get("zzz", 1) is None
        assert "a" in m
        assert "zzz" not in m
        try:
            m.pop("zzz")
        except KeyError:
            pass
        else:
            raise AssertionError
        assert m.pop("a") == 1
        m["c"] = 3
        m.clear()
        assert list(m) == []


def test_errors_of_javascript_come_through(rt: Runtime) -> None:
    """What the map's own methods throw is raised; only get() takes whatever fails for a missing key."""
    rt.js(
        """
        const fail = () => { throw new RangeError("no") };
        globalThis.m = { get: fail, set: fail, delete: fail, has: fail, keys: fail, clear: fail, size: 1, [Symbol.iterator]: fail };
        """
    )

    @rt.run
    def _() -> None:
        from js import m
        from pyodide.ffi import JsException

        assert (m.get("a"), m.get("a", 5)) == (None, 5)
        for action in (
            lambda: m.pop("a", 1),
            lambda: m.setdefault("a", 1),
            lambda: m.update(a=1),
            lambda: m.clear(),
            lambda: m.popitem(),
            lambda: list(m.items()),
            lambda: list(m.values()),
            lambda: list(m.keys()),
            lambda: "a" in m,
            lambda: m.__setitem__("a", []),
            lambda: m.__delitem__("a"),
        ):
            try:
                action()
            except JsException as error:
                assert str(error) == "RangeError: no"
            else:
                raise AssertionError


def test_javascript_methods_stay(rt: Runtime) -> None:
    """Methods of a Map that a dict does not have are JavaScript's."""
    rt.js("globalThis.m = new Map([['a', 1]]);")
    got = rt.py(
        "from js import m\n(m.has('a'), m.size, list(m.entries().next().value), m.delete('a'))"
    )
    assert got == (True, 1, ["a", 1], True)


def test_one_crossing_each(rt: Runtime) -> None:
    """Each operation on a whole map crosses once."""
    rt.js("globalThis.m = new Map(Array.from({ length: 50 }, (_, i) => [i, i]));")
    setup = "    from js import m\n    d = {'x': 1, 'y': 2}\n    views = m.items(), m.values()\n"
    for operation in (
        "m[5]",
        "m.get(5)",
        "m.get('gone')",
        "m.update(d)",
        "m.pop(77, 0)",
        "m.setdefault(5)",
        "len(m)",
        "5 in m",
        "for k, v in views[0]: pass",
        "for v in views[1]: pass",
        "m.popitem()",
        "m.clear()",
    ):
        assert rt.python_crossings(setup, operation)["pyToJs"] == 1, operation
        rt.js("for (let i = 0; i < 50; i++) m.set(i, i);")
    rt.py("del views, m, probe")


def test_map_items_wants_a_proxy(rt: Runtime) -> None:
    """The core's own entry checks what it gets."""
    got = rt.py(
        "import _pyodide_core\ntry: _pyodide_core.map_items({})\nexcept TypeError as e: r = str(e)\nr"
    )
    assert got == "map_items() argument must be a JsProxy, not dict"


@pytest.mark.spec("3.7/2")
def test_delete_that_reports_nothing(rt: Runtime) -> None:
    """Where `delete` answers undefined, as in URLSearchParams, `has` tells whether the key was there."""
    rt.js("globalThis.p = new URLSearchParams('a=1&b=2&c=3');")

    @rt.run
    def _() -> None:
        from js import p

        del p["a"]
        assert p.pop("b") == "2"
        assert str(p) == "c=3"
        for action in (p.__delitem__, p.pop):
            try:
                action("a")
            except KeyError:
                continue
            raise AssertionError(action)


def test_keys_that_are_names(rt: Runtime) -> None:
    """Literals are found as keys and as attributes, which have other rules, one after the other."""
    rt.js(
        "globalThis.m = new Map([['class', 1], ['class_', 2], ['a', 3], ['a_', 4], ['', 5], ['é', 6], ['日', 7]]); m.a = 'own';"
    )
    assert rt.py(
        """
        from js import m
        first = [m["class"], m["class_"], m["a"], m["a_"], m[""], m["é"], m["日"]]
        attribute = m.a
        again = [m["a"], m.get("a"), m.get("b"), m.pop("a"), m.get("a")]
        first + [attribute] + again
        """
    ) == [1, 2, 3, 4, 5, 6, 7, "own", 3, 3, None, 3, None]  # fmt: skip


def test_more_names_than_numbers(rt: Runtime) -> None:
    """Keys that take each other's number are told apart, and so are those too long for one."""
    rt.js(
        "globalThis.m = new Map(Array.from({ length: 3000 }, (_, i) => [`key${i}`, i])); m.set('x'.repeat(100), -1);"
    )
    assert rt.py(
        """
        import sys
        from js import m
        keys = [sys.intern(f"key{i}") for i in range(3000)]
        twice = [all(m[key] == i for i, key in enumerate(keys)) for _ in range(2)]
        twice + [m[sys.intern("x" * 100)], m.get(sys.intern("key3000"))]
        """
    ) == [True, True, -1, None]  # fmt: skip

"""JsProxy attributes: get, set, delete, missing names, throwing getters, mangling of reserved words, dir."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

HARD_KEYWORDS = (
    "False None True and as assert async await break class continue def del elif else except finally for from "
    "global if import in is lambda nonlocal not or pass raise return try while with yield"
).split()


@pytest.mark.spec("3.3/1", "3.3/3", "3.3/4")
def test_get_values(rt: Runtime) -> None:
    """Own, inherited and computed properties read as attributes."""
    rt.js(
        """
        class Base { get computed() { return this.own + 1; } }
        class Derived extends Base { own = 41; }
        globalThis.o = Object.assign(new Derived(), { text: "x", nothing: undefined, empty: null, deep: { n: 1 } });
        """
    )
    got = rt.py("import js\no = js.o\n(o.own, o.computed, o.text, o.nothing, o.deep.n)")
    assert got == (41, 42, "x", None, 1)
    assert rt.py("repr(o.empty)") == "jsnull"


@pytest.mark.spec("3.3/3")
def test_missing_attribute(rt: Runtime) -> None:
    """A name that is not `in` the object is an AttributeError naming it; hasattr and getattr's default work."""

    @rt.run
    def _() -> None:
        import js

        o = js.eval("({a: 1})")
        try:
            _ = o.missing
        except AttributeError as error:
            assert "missing" in str(error)
        else:
            raise AssertionError("no error")
        assert not hasattr(o, "missing")
        assert hasattr(o, "a")
        assert getattr(o, "missing", 5) == 5


@pytest.mark.spec("3.3/3", "13.4/23")
def test_undefined_but_present(rt: Runtime) -> None:
    """Only `in` decides between None and AttributeError."""
    rt.js(
        """
        const make = (value, has) => new Proxy({}, { get: (_, k) => k === "x" ? value : undefined,
                                                     has: (_, k) => k === "x" && has });
        Object.assign(globalThis, { a: make(3, false), b: make(undefined, true), c: make(undefined, false) });
        """
    )
    assert rt.py("import js\n(js.a.x, js.b.x, hasattr(js.c, 'x'))") == (3, None, False)


@pytest.mark.spec("3.3/7")
def test_set_and_delete(rt: Runtime) -> None:
    """Attributes can be made, changed and deleted; deleting a missing one is no error."""
    rt.js("globalThis.o = { a: 1 };")

    @rt.run
    def _() -> None:
        import js

        js.o.a = 2
        js.o.b = "x"
        assert js.o.a == 2
        del js.o.a
        assert not hasattr(js.o, "a")
        del js.o.never_there

    assert rt.expr("o") == {"b": "x"}


@pytest.mark.spec("3.3/4", "3.3/7")
def test_set_objects(rt: Runtime) -> None:
    """A Python object stored on a JavaScript object stays alive and comes back itself; a JsProxy is unwrapped."""
    rt.js("globalThis.o = {}; globalThis.other = {};")

    @rt.run
    def _() -> None:
        import js

        class Thing:
            value = 7

        thing = Thing()
        js.o.thing = thing
        assert js.o.thing is thing
        js.o.other = js.other
        assert js.eval("o.other === other") is True
        assert js.eval("o.thing.value") == 7

    rt.js("o.thing.destroy()")


def test_getter_and_setter_run(rt: Runtime) -> None:
    """Accessors are called with the object as `this`."""
    rt.js("globalThis.o = { n: 1, get x() { return this.n; }, set x(v) { this.n = v * 2; } };")
    assert rt.py("import js\njs.o.x = 21\njs.o.x") == 42


@pytest.mark.spec("3.3/3", "3.3/7", "13.4/35")
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("js.o.bad", "RangeError: get"),
        ("js.o.bad = 1", "RangeError: set"),
        ("js.frozen.a = 1", "TypeError"),
        ("js.frozen.b = 1", "TypeError"),
        ("del js.frozen.a", "TypeError"),
        ("js.trap.x", "Error: trap get"),
        ("js.trap.x = 1", "Error: trap set"),
        ("del js.trap.x", "Error: trap delete"),
        ("js.hasTrap.x", "Error: trap has"),
    ],
)
def test_errors_of_accessors(rt: Runtime, code: str, message: str) -> None:
    """What an accessor or a trap throws is a JsException; the proxy stays usable."""
    rt.js(
        """
        globalThis.o = { get bad() { throw new RangeError("get"); }, set bad(v) { throw new RangeError("set"); }, ok: 1 };
        globalThis.frozen = Object.freeze({ a: 0 });
        const fail = (name) => () => { throw new Error("trap " + name); };
        globalThis.trap = new Proxy({}, { get: fail("get"), set: fail("set"), deleteProperty: fail("delete") });
        globalThis.hasTrap = new Proxy({}, { has: fail("has") });
        """
    )
    rt.py(
        f"""
import js
from pyodide.ffi import JsException
try:
    {code}
except JsException as error:
    text = str(error)
else:
    text = "no error"
"""
    )
    assert rt.py("text").startswith(message)
    assert rt.py("js.o.ok") == 1


@pytest.mark.spec("13.4/19")
def test_revoked_proxy(rt: Runtime) -> None:
    """A revoked Proxy can be held; each use raises JsException that says so."""
    rt.js(
        "const { proxy, revoke } = Proxy.revocable({}, {}); globalThis.holder = { proxy }; revoke();"
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        p = js.holder.proxy
        uses = [
            lambda: p.x,
            lambda: setattr(p, "x", 1),
            lambda: delattr(p, "x"),
            lambda: repr(p),
            lambda: dir(p),
        ]
        for use in uses:
            try:
                use()
            except JsException as error:
                assert "revoked" in str(error)
            else:
                raise AssertionError("no error")
        assert p == js.holder.proxy
        assert p.typeof == "object"


@pytest.mark.spec("3.4/1", "13.4/20", "13.4/21", "13.4/22")
@pytest.mark.parametrize("word", HARD_KEYWORDS)
def test_hard_keywords(rt: Runtime, word: str) -> None:
    """One trailing underscore reaches a property named as a reserved word, for get, set, delete and dir."""
    rt.js("globalThis.o = { [word]: 1, [word + '_']: 2, [word + '__']: 3 };", word=word)
    got = rt.py(
        f"""
        import js
        o = js.o
        read = (o.{word}_, o.{word}__, o.{word}___, getattr(o, '{word}'), getattr(o, '{word}_'))
        listed = sorted(n for n in dir(o) if n.rstrip('_') == '{word}')
        o.{word}_ = 10
        o.{word}__ = 20
        del o.{word}___
        (read, listed)
        """
    )
    assert got == ((1, 2, 3, 1, 1), [f"{word}_", f"{word}__", f"{word}___"])
    assert rt.expr("o") == {word: 10, f"{word}_": 20}


@pytest.mark.spec("3.4/1", "13.4/22")
def test_exact_keyword_in_setattr_and_delattr(rt: Runtime) -> None:
    """The exact keyword given as a string is used as it is."""
    rt.js("globalThis.o = { async: 1, async_: 2 };")
    rt.py(
        "import js\nsetattr(js.o, 'async', 5)\nassert getattr(js.o, 'async') == 5\ndelattr(js.o, 'async')"
    )
    assert rt.expr("o") == {"async_": 2}


@pytest.mark.spec("3.4/1", "13.4/20")
def test_soft_keywords_are_names(rt: Runtime) -> None:
    """`match`, `case`, `type` and names that only look like keywords are not mangled."""
    rt.js("globalThis.o = { match: 1, case: 2, type: 3, _: 4, print_: 5, classes_: 6, __: 7 };")
    assert rt.py(
        "import js\no = js.o\n(o.match, o.case, o.type, o._, o.print_, o.classes_, o.__)"
    ) == tuple(range(1, 8))
    assert rt.py("[hasattr(o, n) for n in ('match_', 'case_', 'type_', 'print')]") == [False] * 4


@pytest.mark.spec("3.3/8", "3.2/9")
def test_dir(rt: Runtime) -> None:
    """`dir` is sorted and holds what Python offers and what the prototype chain has, without indices."""
    rt.js(
        "class A { method() {} } ; class B extends A { field = 1 }; globalThis.o = new B(); globalThis.a = { l: [1, 2] };"
    )

    @rt.run
    def _() -> None:
        import js

        names = dir(js.o)
        assert names == sorted(names)
        assert {"field", "method", "toString", "typeof", "js_id", "to_py", "__class__"} <= set(
            names
        )
        array = dir(js.a.get_proxy("l"))
        assert "0" not in array
        assert "keys" not in array
        assert "push" in array


@pytest.mark.spec("3.3/7")
def test_import_names_live_in_the_instance(rt: Runtime) -> None:
    """The five names of the import system are kept on the Python side, so the object may stand in sys.modules."""
    rt.js("globalThis.o = Object.freeze({ a: 1 });")

    @rt.run
    def _() -> None:
        import js

        o = js.o
        for name in ("__loader__", "__name__", "__package__", "__path__", "__spec__"):
            setattr(o, name, name)
            assert getattr(o, name) == name
        assert js.eval("Object.keys(o).join()") == "a"


@pytest.mark.spec("3.3/2", "3.2/1")
def test_python_members_shadow(rt: Runtime) -> None:
    """Members of the Python type win over properties of the same name."""
    rt.js("globalThis.o = { typeof: 'mine', js_id: 'mine', to_py: 'mine' };")
    assert rt.py("import js\n(js.o.typeof, type(js.o.js_id).__name__, callable(js.o.to_py))") == (
        "object",
        "int",
        True,
    )


def test_attribute_name_must_be_text(rt: Runtime) -> None:
    """Python's own check of attribute names holds."""

    @rt.run
    def _() -> None:
        import js

        for action in (lambda: getattr(js, 1), lambda: setattr(js, 1, 2), lambda: delattr(js, 1)):
            try:
                action()
            except TypeError:
                continue
            raise AssertionError("no error")


def test_many_names(rt: Runtime) -> None:
    """More names than any cache keeps all reach their own property."""
    rt.js(
        "globalThis.o = Object.fromEntries(Array.from({length: 20000}, (_, i) => ['name' + i, i]));"
    )
    got = rt.py(
        "import js\no = js.o\nall(getattr(o, f'name{i}') == i for _ in range(2) for i in range(20000))"
    )
    assert got is True


@pytest.mark.spec("3.3/4")
def test_promise_attribute_stays_a_proxy(rt: Runtime) -> None:
    """A promise read as an attribute is a JsPromise."""
    rt.js("globalThis.o = { p: Promise.resolve(1) };")
    assert (
        rt.py("import js\nfrom pyodide.ffi import JsPromise\nisinstance(js.o.p, JsPromise)") is True
    )


@pytest.mark.modes("native")
def test_name_of_a_failed_store(rt: Runtime) -> None:
    """A name whose first use failed before it reached JavaScript is right at its second."""
    rt.js("globalThis.o = { first_of_all: 1, echo_back(x) { return x; } };")
    got = rt.py(
        """
        import js
        deep = []
        for _ in range(5000):
            deep = [deep]
        names = [f"never_used_before_{i}" for i in range(3000)]
        failures = 0
        for name in names:
            try:
                setattr(js.o, name, deep)
            except RecursionError:
                failures += 1
            setattr(js.o, name, name)
        try:
            js.o.echo_back(deep)
        except RecursionError:
            failures += 1
        failures, all(getattr(js.o, name) == name for name in names), js.o.echo_back(7), js.o.first_of_all
        """
    )
    assert got == (3001, True, 7, 1)

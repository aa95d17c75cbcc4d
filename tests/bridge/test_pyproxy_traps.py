"""PyProxy traps: get, set, has, delete, ownKeys, own properties, names that JavaScript keeps for itself."""

from __future__ import annotations

from harness.runtime import Runtime

CLASS = """
    class Thing:
        kind = "thing"
        def __init__(self): self.n = 1
        def method(self, x=0): return self.n + x
        @property
        def computed(self): return self.n * 10
        @property
        def broken(self): raise ValueError("broken property")
        def __setattr__(self, name, value):
            if name == "forbidden": raise RuntimeError("forbidden name")
            object.__setattr__(self, name, value)
    thing = Thing()
"""


def on_thing(rt: Runtime, body: str) -> object:
    """Run JavaScript with a proxy `t` of the Python object `thing`."""
    rt.py(CLASS)
    return rt.js(
        f"const t = pyodide.globals.get('thing'); try {{ {body} }} finally {{ t.destroy(); }}"
    )


def test_get(rt: Runtime) -> None:
    """Attributes of instance, class and properties read as properties; a missing one is undefined."""
    got = on_thing(
        rt, "return [t.n, t.kind, t.computed, t.missing, t.method(), t.method(5), t['n']];"
    )
    assert got == [1, "thing", 10, None, 1, 6, 1]


def test_get_error(rt: Runtime) -> None:
    """An exception other than AttributeError is a PythonError."""
    error = on_thing(rt, "return h.thrown(() => t.broken);")
    assert isinstance(error, dict)
    assert (error["name"], error["type"]) == ("PythonError", "ValueError")
    assert "broken property" in error["message"]


def test_set(rt: Runtime) -> None:
    """Assignment is setattr with a converted value; its errors are PythonErrors."""
    got = on_thing(
        rt,
        "t.n = 5; t.fresh = 'x'; t.nothing = undefined; return [t.n, t.method(1), h.thrown(() => { t.forbidden = 1; }).type];",
    )
    assert got == [5, 6, "RuntimeError"]
    assert rt.py("(thing.n, thing.fresh, thing.nothing)") == (5, "x", None)


def test_set_object(rt: Runtime) -> None:
    """A JavaScript object stored on a Python object comes back the same."""
    assert on_thing(rt, "const o = {}; t.o = o; return [t.o === o, Object.keys(t.o).length];") == [
        True,
        0,
    ]
    assert rt.py("type(thing.o).__name__") == "JsProxy"


def test_set_proxy(rt: Runtime) -> None:
    """A PyProxy stored on a Python object is the Python object there."""
    on_thing(rt, "t.me = t;")
    assert rt.py("thing.me is thing") is True
    rt.py("del thing.me")


def test_has(rt: Runtime) -> None:
    """`in` is hasattr, errors mean no; unknown symbols are not in."""
    got = on_thing(
        rt,
        "return ['n' in t, 'kind' in t, 'missing' in t, 'destroy' in t, Symbol('x') in t, Symbol.asyncIterator in t];",
    )
    assert got == [True, True, False, True, False, False]


def test_has_of_a_raising_property(rt: Runtime) -> None:
    """`in` swallows the exception of a property."""
    assert on_thing(rt, "return 'broken' in t;") is False


def test_delete(rt: Runtime) -> None:
    """`delete` is delattr; a missing attribute is a PythonError AttributeError."""
    got = on_thing(rt, "delete t.n; return ['n' in t, h.thrown(() => { delete t.n; }).type];")
    assert got == [False, "AttributeError"]
    assert rt.py("hasattr(thing, 'n')") is False


def test_own_keys(rt: Runtime) -> None:
    """Own names are what `dir` says; `Object.keys` of an ordinary object is empty."""
    got = on_thing(
        rt,
        "const names = Reflect.ownKeys(t); return [['n', 'kind', 'method', '__class__'].every((x) => names.includes(x)), Object.keys(t)];",
    )
    assert got == [True, []]


def test_dollar_reaches_hidden_names(rt: Runtime) -> None:
    """One leading `$` is stripped, so names that JavaScript keeps can be read, written, tested and deleted."""
    rt.py(
        """
        class Hidden: pass
        hidden = Hidden()
        hidden.destroy, hidden.type, hidden.plain = "d", "t", "p"
        setattr(hidden, "$x", "dollar")
        """
    )
    got = rt.js(
        """
        const p = pyodide.globals.get("hidden");
        const r = [typeof p.destroy, p.$destroy, p.type, p.$type, p.$plain, p.$$x, "$type" in p, "$missing" in p];
        p.$copy = "c";
        delete p.$type;
        r.push(typeof p.copy, p.$copy, "$type" in p);
        p.destroy();
        return r;
        """
    )
    assert got == [
        "function",
        "d",
        "Hidden",
        "t",
        "p",
        "dollar",
        True,
        False,
        "function",
        "c",
        False,
    ]


def test_keywords_and_unicode_names(rt: Runtime) -> None:
    """Any Python attribute name can be used."""
    got = on_thing(
        rt, "t['class'] = 1; t['\u4e2d'] = 2; t[''] = 3; t['a b'] = 4; t['__x'] = 5; return 0;"
    )
    assert got == 0
    assert rt.py("[getattr(thing, n) for n in ('class', '\u4e2d', '', 'a b', '__x')]") == [
        1,
        2,
        3,
        4,
        5,
    ]


def test_function_properties_do_not_shadow(rt: Runtime) -> None:
    """`name`, `length`, `caller`, `arguments` and `prototype` of a callable are Python's attributes."""
    rt.py(
        """
        class Test:
            prototype, name, length, caller = "p", "n", 7, "c"
        def plain(): pass
        """
    )
    got = rt.js(
        """
        "use strict";
        const T = pyodide.globals.get("Test"), f = pyodide.globals.get("plain");
        const r = [T.prototype, T.name, T.length, T.caller, f.prototype, f.name, f.length, f.arguments, typeof f];
        T.name = "new";
        delete T.caller;
        r.push(T.name, "caller" in T);
        T.destroy();
        f.destroy();
        return r;
        """
    )
    assert got == ["p", "n", 7, "c", None, None, None, None, "function", "new", False]
    assert rt.py("(Test.name, hasattr(Test, 'caller'))") == ("new", False)


def test_defined_property_wins(rt: Runtime) -> None:
    """A property defined on the proxy itself wins over Python and obeys its flags."""
    got = on_thing(
        rt,
        """
        "use strict";
        Object.defineProperty(t, "n", { value: 9, writable: true, configurable: true });
        Object.defineProperty(t, "fixed", { value: 1, writable: false, configurable: false });
        const r = [t.n];
        t.n = 10;
        r.push(t.n, h.thrown(() => { t.fixed = 2; }).name, h.thrown(() => { delete t.fixed; }).name);
        delete t.n;
        r.push(t.n, Object.isExtensible(t));
        return r;
        """,
    )
    assert got == [9, 10, "TypeError", "TypeError", 1, True]
    assert rt.py("thing.n") == 1


def test_attribute_cache(rt: Runtime) -> None:
    """The same attribute read twice is one proxy while both are alive; a changed attribute is a new one."""
    rt.py("class Space: pass\nspace = Space()\nspace.d = {}\nspace.f = lambda: 1")
    got = rt.js(
        """
        const s = pyodide.globals.get("space");
        const first = s.d, copy = s.copy();
        const r = [s.d === first, copy.d === first, s.f === s.f];
        pyodide.runPython("space.d = {}");
        r.push(s.d === first);
        s.d.destroy();
        r.push(h.isPyProxy(s.d), s.d.type);
        copy.destroy();
        s.destroy();
        return r;
        """
    )
    assert got == [True, True, True, False, True, "dict"]


def test_method_is_cached(rt: Runtime) -> None:
    """A bound method read twice is one proxy and one reference."""
    got = on_thing(
        rt,
        """
        pyodide.runPython("import sys; count = sys.getrefcount(thing)");
        const m = t.method;
        const r = [t.method === m, t.method === t.method];
        pyodide.runPython("count = sys.getrefcount(thing) - count");
        r.push(pyodide.globals.get("count"));
        return r;
        """,
    )
    assert got == [True, True, 1]


def test_cached_attributes_die_with_the_parent(rt: Runtime) -> None:
    """Destroying the last copy of the parent destroys attribute proxies, with a message; a copy of one survives."""
    rt.py("class Space: pass\nspace = Space()\nspace.d = {'a': 1}")
    got = rt.js(
        """
        const s = pyodide.globals.get("space"), also = s.copy();
        const d = s.d, kept = d.copy();
        s.destroy();
        const r = [d.get("a")];
        also.destroy();
        r.push(h.thrown(() => d.get("a")).message, kept.get("a"));
        kept.destroy();
        return r;
        """
    )
    assert got[0] == got[2] == 1
    assert got[1].startswith(
        "This borrowed attribute proxy was automatically destroyed in the process of destroying the proxy it was "
        "borrowed from. Try using the 'copy' method."
    )


def test_raising_special_methods(rt: Runtime) -> None:
    """An object whose every hook raises: each trap throws a PythonError, and the proxy can still be destroyed."""
    rt.py(
        """
        class Bad:
            def __getattribute__(self, name): raise ZeroDivisionError("get " + name)
            def __setattr__(self, name, value): raise ZeroDivisionError("set")
            def __delattr__(self, name): raise ZeroDivisionError("del")
            def __dir__(self): raise ZeroDivisionError("dir")
            def __str__(self): raise ZeroDivisionError("str")
            def __call__(self): raise ZeroDivisionError("call")
            def __len__(self): raise ZeroDivisionError("len")
            def __getitem__(self, key): raise ZeroDivisionError("getitem")
            def __contains__(self, key): raise ZeroDivisionError("contains")
        bad = Bad()
        """
    )
    got = rt.js(
        """
        const b = pyodide.globals.get("bad");
        const actions = [() => b.x, () => { b.x = 1; }, () => { delete b.x; }, () => Reflect.ownKeys(b), () => b.toString(),
            () => b(), () => b.length, () => b.get(1), () => b.has(1)];
        const r = actions.map((action) => h.thrown(action).type);
        b.destroy();
        return r;
        """
    )
    assert got == ["ZeroDivisionError"] * 9


def test_many_attribute_names(rt: Runtime) -> None:
    """More names than any cache keeps all reach their own attribute."""
    rt.py(
        "class Space: pass\nspace = Space()\nfor i in range(20000): setattr(space, f'name{i}', i)"
    )
    got = rt.js(
        """
        const s = pyodide.globals.get("space");
        let good = true;
        for (let round = 0; round < 2; round++) for (let i = 0; i < 20000; i++) good &&= s["name" + i] === i;
        s.destroy();
        return good;
        """
    )
    assert got is True

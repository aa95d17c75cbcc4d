"""PyProxies under Reflect, Object and JSON: what holds of proxies whose properties are Python's."""

from __future__ import annotations

import json

import pytest

from harness.runtime import Runtime

THING = """
    class Thing:
        kind = "thing"
        def __init__(self): self.n = 1
        def method(self): return self.n
    thing = Thing()
    def function(): pass
"""


def on_thing(rt: Runtime, body: str) -> object:
    """Run JavaScript with proxies `t` of an instance and `f` of a function."""
    rt.py(THING)
    return rt.js(
        f"const t = pyodide.globals.get('thing'), f = pyodide.globals.get('function'); {body}"
    )


@pytest.mark.spec("4.4/5")
def test_proxies_cannot_be_frozen(rt: Runtime) -> None:
    """A proxy is extensible and stays so: what Python has cannot be frozen from JavaScript."""
    got = on_thing(
        rt,
        """
        const r = [];
        for (const p of [t, f, pyodide.toPy({}), pyodide.toPy([1])]) {
          const keys = Reflect.ownKeys(p).length;
          r.push([Object.isExtensible(p), Object.isFrozen(p), Object.isSealed(p), Reflect.preventExtensions(p),
            ...["freeze", "seal", "preventExtensions"].map((name) => h.thrown(() => Object[name](p)).name),
            Object.isExtensible(p), Reflect.ownKeys(p).length === keys]);
        }
        t.fresh = 2;
        r.push(t.fresh);
        return r;
        """,
    )
    assert isinstance(got, list)
    assert got[:4] == [[True, False, False, False, *["TypeError"] * 3, True, True]] * 4
    assert got[4] == 2


@pytest.mark.spec("4.4/1", "4.4/2", "4.4/5")
def test_symbols(rt: Runtime) -> None:
    """Symbols are JavaScript's alone: unknown ones are not in, known ones are ordinary properties of the target."""
    got = on_thing(
        rt,
        """
        const s = Symbol("s"), r = [];
        for (const p of [t, f, pyodide.toPy({ a: 1 }), pyodide.toPy([1])]) {
          const before = [s in p, p[s], Reflect.ownKeys(p).includes(s)];
          p[s] = 5;
          const during = [s in p, p[s], Reflect.ownKeys(p).includes(s)];
          r.push([...before, ...during, delete p[s], s in p, Symbol.toPrimitive in p, p[Symbol.toStringTag]]);
        }
        return r;
        """,
    )
    assert got == [[False, None, False, True, 5, True, True, False, False, "PyProxy"]] * 4


@pytest.mark.spec("4.4/5", "13.5/12")
def test_own_keys_and_descriptors(rt: Runtime) -> None:
    """`ownKeys` is dir() plus own properties; without descriptors, so that enumerating an ordinary object gives nothing."""
    got = on_thing(
        rt,
        """
        Object.defineProperty(t, "mine", { value: 1, enumerable: true, configurable: true });
        const python = pyodide.runPython("dir(thing)");
        const names = Object.getOwnPropertyNames(t);
        const missing = [...python].filter((name) => !names.includes(name));
        const functionNames = Object.getOwnPropertyNames(f);
        const missingThere = [...pyodide.runPython("dir(function)")].filter((name) => !functionNames.includes(name));
        return [missing, missingThere, names.includes("mine"), names.includes("n"), new Set(names).size === names.length, Object.keys(t), { ...t }, Object.entries(f),
          Object.getOwnPropertyDescriptor(t, "n"), Object.hasOwn(t, "n"), JSON.stringify(t), JSON.stringify({ f })];
        """,
    )
    assert got == [
        [],
        [],
        True,
        True,
        True,
        ["mine"],
        {"mine": 1},
        [],
        None,
        False,
        '{"mine":1}',
        "{}",
    ]


@pytest.mark.spec("4.4/5")
def test_set_and_delete_outcomes(rt: Runtime) -> None:
    """Own properties obey their attributes with false, which strict code makes a TypeError; members are the target's."""
    got = on_thing(
        rt,
        """
        Object.defineProperty(t, "fixed", { value: 1 });
        const r = [Reflect.set(t, "fixed", 2), Reflect.deleteProperty(t, "fixed"), h.thrown(() => { t.fixed = 2; }).name, h.thrown(() => { delete t.fixed; }).name];
        t.copy = "replaced";
        r.push(t.copy, delete t.copy, typeof t.copy, pyodide.runPython("hasattr(thing, 'copy')"));
        r.push(Reflect.set(t, "n", { a: 1 }), pyodide.runPython("type(thing.n).__name__"), Reflect.get(t, "n").a, Reflect.has(t, "n"), Reflect.deleteProperty(t, "n"), Reflect.has(t, "n"));
        r.push(h.thrown(() => delete t.n).type, h.thrown(() => Reflect.deleteProperty(t, "kind")).type);
        r.push(h.thrown(() => { t.type = 1; }).name, h.thrown(() => { t.$$flags = 1; }).name);
        return r;
        """,
    )
    assert got == [
        *(False, False, "TypeError", "TypeError"),
        *("replaced", True, "function", False),
        *(True, "JsProxy", 1, True, True, False),
        *("AttributeError", "AttributeError"),
        *("TypeError", "TypeError"),
    ]


@pytest.mark.spec("4.4/3", "4.4/4")
def test_one_dollar_is_stripped(rt: Runtime) -> None:
    """Exactly one leading `$` leads past the members, in all four operations."""
    rt.py(
        "class A: pass\na = A()\nfor name in ('destroy', 'get', 'x', '$x', '$', ''): setattr(a, name, 'py ' + name)"
    )
    got = rt.js(
        """
        const a = pyodide.globals.get("a");
        const r = ["$destroy", "$get", "get", "$x", "$$x", "$$", "$"].map((name) => a[name]);
        r.push("$destroy" in a, "$nothing" in a, "$$x" in a, "$$y" in a);
        a.$toString = 1;
        a.$$y = 2;
        delete a.$destroy;
        return [...r, typeof a.destroy, a.$destroy];
        """
    )
    assert got == [
        *("py destroy", "py get", "py get", "py x", "py $x", "py $", "py "),
        *(True, False, True, False),
        *("function", None),
    ]
    assert rt.py(
        "(a.toString, getattr(a, '$y'), hasattr(a, 'y'), hasattr(a, '$toString'), hasattr(a, 'destroy'))"
    ) == (1, 2, False, False, False)


@pytest.mark.spec("4.4/6", "13.5/7")
def test_function_names_of_callables_without_such_attributes(rt: Runtime) -> None:
    """`name`, `length`, `caller`, `arguments` read from Python, mostly undefined; `prototype` is in by JavaScript's rules."""
    got = rt.js(
        """
        const names = ["prototype", "name", "length", "caller", "arguments"];
        const r = [];
        for (const source of ["lambda: 1", "len", "{}.get", "type('A', (), {})"]) {
          const f = pyodide.runPython(source);
          r.push([names.map((n) => f[n]), names.map((n) => n in f), names.map((n) => Object.hasOwn(f, n)), Object.getOwnPropertyDescriptor(f, "prototype").configurable]);
        }
        return r;
        """
    )
    row = [[None] * 5, [True, *[False] * 4], [True, *[False] * 4], False]
    assert got == [row] * 4


@pytest.mark.spec("13.5/8")
def test_strict_assignment_goes_to_python(rt: Runtime) -> None:
    """Names of functions that a class or instance has are assigned and deleted there; only `prototype` cannot be deleted."""
    rt.py(
        "class Test:\n    prototype, name, length, caller = 'p', 'n', 7, 'c'\ntest = Test()\ntest.name = 'mine'"
    )
    got = rt.js(
        """
        const names = ["prototype", "name", "length", "caller"];
        const T = pyodide.globals.get("Test"), t = pyodide.globals.get("test");
        const r = [names.map((n) => T[n]), names.map((n) => t[n]), h.thrown(() => { delete T.prototype; }).name];
        for (const n of names) { T[n] = "T" + n; t[n] = "t" + n; }
        delete T.name;
        delete t.prototype;
        return [...r, names.map((n) => T[n]), names.map((n) => t[n])];
        """
    )
    assert got == [
        ["p", "n", 7, "c"],
        ["p", "mine", 7, "c"],
        "TypeError",
        ["Tprototype", None, "Tlength", "Tcaller"],
        ["Tprototype", "tname", "tlength", "tcaller"],
    ]
    assert rt.py("(Test.length, 'name' in vars(Test), vars(test))") == (
        "Tlength",
        False,
        {"name": "tname", "length": "tlength", "caller": "tcaller"},
    )


@pytest.mark.spec("13.5/9", "13.5/10", "4.4/2")
@pytest.mark.parametrize("source", ["{'x': 'python', 'y': 1}", "type('A', (), {'x': 'python'})"])
def test_defined_properties(rt: Runtime, source: str) -> None:
    """On a dict and a class: data and accessor properties win over Python and obey their attributes."""
    rt.py(f"value = {source}")
    got = rt.js(
        """
        const p = pyodide.globals.get("value");
        const r = [p.x];
        Object.defineProperty(p, "x", { value: 1, writable: true, configurable: true });
        p.x = 2;
        r.push(p.x, Object.getOwnPropertyDescriptor(p, "x").value, "x" in p, Reflect.ownKeys(p).includes("x"), delete p.x, p.x);
        Object.defineProperty(p, "x", { value: 3, writable: false, configurable: true });
        r.push(h.thrown(() => { p.x = 4; }).name, p.x, delete p.x, p.x);
        Object.defineProperty(p, "x", { value: 5, writable: true, configurable: false });
        p.x = 6;
        r.push(p.x, h.thrown(() => { delete p.x; }).name, Reflect.deleteProperty(p, "x"));
        let seen;
        Object.defineProperty(p, "z", { get() { return ["got", this === p].join(); }, set(value) { seen = value; } });
        p.z = 7;
        r.push(p.z, seen, h.thrown(() => { delete p.z; }).name, p.z);
        Object.defineProperty(p, "readonly", { get() { return 8; } });
        r.push(p.readonly, h.thrown(() => { p.readonly = 9; }).name);
        return r;
        """
    )
    assert got == [
        "python",
        *(2, 2, True, True, True, "python"),
        *("TypeError", 3, True, "python"),
        *(6, "TypeError", False),
        *("got,true", 7, "TypeError", "got,true"),
        *(8, "TypeError"),
    ]
    assert (
        rt.py("value['x'] if isinstance(value, dict) else (value.x, hasattr(value, 'z'))[0]")
        == "python"
    )


@pytest.mark.spec("4.1/3", "4.3/6")
def test_class_pyproxy(rt: Runtime) -> None:
    """PyProxy cannot be constructed, is the constructor of every proxy, and has no `supports...` methods."""
    got = rt.js(
        """
        const { PyProxy } = pyodide.ffi;
        const made = [pyodide.toPy({}), pyodide.toPy([1]), pyodide.runPython("lambda: 1"), pyodide.runPython("(x for x in ())"), pyodide.runPython("object()")];
        return [h.thrown(() => new PyProxy()).name, made.every((p) => p.constructor === PyProxy), made.map((p) => Object.prototype.toString.call(p)),
          made.flatMap((p) => Reflect.ownKeys(Object.getPrototypeOf(p)).filter((k) => /^supports/.test(String(k)))), typeof made[0].supportsGet];
        """
    )
    assert got == ["TypeError", True, ["[object PyProxy]"] * 5, [], "undefined"]


def test_structured_clone(rt: Runtime) -> None:
    """Proxies cannot be cloned, alone or inside other data: a DataCloneError, and nothing breaks."""
    got = on_thing(
        rt,
        "return [t, f, pyodide.toPy([1]), { x: pyodide.toPy({}) }].map((x) => h.thrown(() => structuredClone(x)).name);",
    )
    assert got == ["DataCloneError"] * 4


@pytest.mark.spec("4.5/1")
@pytest.mark.parametrize("data", [[1, [2, [3, "x"]], []], [[[]]], [{"a": [1]}, "s", None, True]])
def test_json_of_nested_sequences(rt: Runtime, data: list[object]) -> None:
    """JSON.stringify of a proxy of nested lists and dicts gives the data, without a view."""
    rt.py("import json\ndata = json.loads(text)", text=json.dumps(data))
    text = rt.js("return JSON.stringify(pyodide.globals.getProxy('data'));")
    # None is undefined to JavaScript, which is null in an Array of JSON.
    assert json.loads(text) == data


@pytest.mark.spec("4.6/1")
def test_items_named_like_members(rt: Runtime) -> None:
    """Every string key of a dict is an own enumerable key, also one that a member hides from reading."""
    got = rt.js(
        """
        const d = pyodide.toPy({ type: "t", get: "g", length: 5, plain: 1 });
        return [Object.keys(d), Object.getOwnPropertyDescriptor(d, "type"), d.get("type"), d.type, Object.hasOwn(d, "set")];
        """
    )
    assert got == [
        ["type", "get", "length", "plain"],
        {"value": "t", "writable": True, "enumerable": True, "configurable": True},
        "t",
        "dict",
        False,
    ]

"""PyProxy members: type, toString, classes and instanceof, item methods, getProxy, calls, iteration."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.spec("4.3/1")
@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("{}", "dict"),
        ("[]", "list"),
        ("type('Foo', (), {})()", "Foo"),
        ("__import__('collections').ChainMap()", "ChainMap"),
        ("__import__('collections').deque()", "collections.deque"),
        ("lambda: 1", "function"),
        ("ValueError()", "ValueError"),
    ],
)
def test_type(rt: Runtime, source: str, name: str) -> None:
    """`type` is the name of the Python type."""
    rt.py(f"value = {source}")
    got = rt.js(
        "const p = pyodide.globals.getProxy('value'); const t = p.type; p.destroy(); return t;"
    )
    assert got == name


@pytest.mark.spec("4.3/2")
def test_to_string(rt: Runtime) -> None:
    """`toString`, templates and concatenation give Python's str; its exception is a PythonError."""
    rt.py(
        "class A:\n    def __str__(self): return 'text of A'\n    def __repr__(self): return 'repr of A'\na = A()"
    )
    got = rt.js(
        "const a = pyodide.globals.get('a'); const r = [a.toString(), `${a}`, a + '', String(a)]; a.destroy(); return r;"
    )
    assert got == ["text of A"] * 4
    rt.py("class B:\n    def __str__(self): raise KeyError('no text')\nb = B()")
    got = rt.js(
        "const b = pyodide.globals.get('b'); const r = [() => b.toString(), () => `${b}`, () => b + ''].map((f) => h.thrown(f).type); b.destroy(); return r;"
    )
    assert got == ["KeyError"] * 3


@pytest.mark.parametrize(
    ("source", "classes"),
    [
        ("object()", []),
        (
            "{}",
            [
                "PyDict",
                "PyIterable",
                "PyProxyWithGet",
                "PyProxyWithHas",
                "PyProxyWithLength",
                "PyProxyWithSet",
            ],
        ),
        ("set()", ["PyIterable", "PyProxyWithHas", "PyProxyWithLength"]),
        ("lambda: 1", ["PyCallable"]),
        ("iter({})", ["PyIterable", "PyIterator", "PyProxyWithLength"]),
        ("(x for x in ())", ["PyGenerator", "PyIterable", "PyIterator"]),
        (
            "b''",
            [
                "PyBuffer",
                "PyIterable",
                "PyProxyWithGet",
                "PyProxyWithHas",
                "PyProxyWithLength",
                "PySequence",
            ],
        ),
        ("type('A', (), {'__await__': 1})()", ["PyAwaitable"]),
        ("type('A', (), {'__iter__': 1})()", ["PyIterable"]),
        ("type('A', (), {'__next__': 1})()", ["PyIterable", "PyIterator"]),
        ("type('A', (), {'__aiter__': 1})()", ["PyAsyncIterable"]),
        ("type('A', (), {'__len__': 1})()", ["PyProxyWithLength"]),
        ("type('A', (), {'__setitem__': 1})()", ["PyProxyWithSet"]),
    ],
)
def test_instanceof(rt: Runtime, source: str, classes: list[str]) -> None:
    """instanceof goes by what the Python object can do."""
    got = rt.js(
        """
        const names = Object.keys(pyodide.ffi).filter((n) => !["PyProxy", "PythonError", "PyBufferView"].includes(n));
        const p = pyodide.runPython(source);
        const r = [p instanceof pyodide.ffi.PyProxy, names.filter((n) => p instanceof pyodide.ffi[n]).sort()];
        p.destroy();
        return r;
        """,
        source=source,
    )
    if source.startswith("iter("):
        # dict_keyiterator has __length_hint__, not __len__.
        classes = [name for name in classes if name != "PyProxyWithLength"]
    assert got == [True, sorted(classes)]


def test_instanceof_of_other_values(rt: Runtime) -> None:
    """Nothing but a proxy is an instance; a revoked Proxy does not disturb the test."""
    got = rt.js(
        """
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        const { PyProxy, PyCallable, PythonError } = pyodide.ffi;
        return [{}, null, undefined, 1, "x", () => 1, proxy, new Error("x")]
            .flatMap((x) => [x instanceof PyProxy, x instanceof PyCallable, x instanceof PythonError]);
        """
    )
    assert got == [False] * 24


def test_class_of_proxies(rt: Runtime) -> None:
    """The class cannot be constructed; every proxy has it as constructor and tag."""
    got = rt.js(
        """
        const { PyProxy } = pyodide.ffi;
        const d = pyodide.runPython("{}"), f = pyodide.runPython("lambda: 1");
        const tag = (x) => Object.prototype.toString.call(x);
        const r = [h.thrown(() => new PyProxy()).name, d.constructor === PyProxy, f.constructor === PyProxy, tag(d), tag(f),
                   typeof d, typeof f, f instanceof Function];
        d.destroy();
        f.destroy();
        return r;
        """
    )
    assert got == [
        "TypeError",
        True,
        True,
        "[object PyProxy]",
        "[object PyProxy]",
        "object",
        "function",
        True,
    ]


def test_methods_only_with_the_feature(rt: Runtime) -> None:
    """Item and iteration methods are there only when the object supports them."""
    got = rt.js(
        """
        const o = pyodide.runPython("object()"), s = pyodide.runPython("{1}");
        const names = ["get", "set", "has", "delete", "length", "next", "then", "getBuffer", "asJsJson"];
        const r = [names.filter((n) => n in o), names.filter((n) => n in s), Symbol.iterator in o, Symbol.iterator in s];
        o.destroy();
        s.destroy();
        return r;
        """
    )
    assert got == [[], ["has", "length"], False, True]


@pytest.mark.spec("4.3/7")
def test_item_methods(rt: Runtime) -> None:
    """`get` gives undefined for a missing key or index, other errors pass; `set`, `delete`, `has`, `length`."""
    got = rt.js(
        """
        const d = pyodide.runPython("{'a': 1, 2: 'two'}");
        const r = [d.get("a"), d.get(2), d.get("2"), d.length, d.has("a"), d.has("x")];
        d.set("new", 5);
        d.delete("a");
        r.push(d.get("new"), d.has("a"), h.thrown(() => d.delete("a")).type);
        d.destroy();
        return r;
        """
    )
    assert got[:6] == [1, "two", None, 2, True, False]
    assert got[6:9] == [5, False, "KeyError"]


@pytest.mark.spec("4.3/7")
def test_get_errors_pass(rt: Runtime) -> None:
    """`get` throws an exception other than KeyError and IndexError, `set` and `delete` every one; a key is an int."""
    rt.py(
        """
        errors = [KeyError, IndexError, ValueError]
        class A:
            def __getitem__(self, k): raise errors[k]('x')
            def __setitem__(self, k, v): raise errors[k]('x')
            def __delitem__(self, k): raise errors[k]('x')
        a = A()
        """
    )
    got = rt.js(
        """
        const a = pyodide.globals.get("a"), types = (use) => [0, 1, 2].map((k) => h.thrown(() => use(k)).type);
        const r = [a.get(0), a.get(1), h.thrown(() => a.get(2)).type, types((k) => a.set(k, 1)), types((k) => a.delete(k))];
        a.destroy();
        return r;
        """
    )
    errors = ["KeyError", "IndexError", "ValueError"]
    assert got == [None, None, "ValueError", errors, errors]


def test_unhashable_key(rt: Runtime) -> None:
    """A key that Python cannot hash is a PythonError TypeError."""
    got = rt.js(
        "const d = pyodide.runPython('{}'), k = pyodide.runPython('set()'); const r = h.thrown(() => d.set(k, 1)).type; d.destroy(); k.destroy(); return r;"
    )
    assert got == "TypeError"


def test_dict_items_as_properties(rt: Runtime) -> None:
    """An exact dict offers its items as properties after its attributes."""
    rt.py(
        "d = {1: 'int', '1': 'string', 2: 'int', '3': 'string', 'items': 0, '$dollar': 8, 'plain': 'x'}"
    )
    got = rt.js(
        """
        const d = pyodide.globals.get("d");
        const r = [d[1], d[2], d[3], d.$dollar, typeof d.items, d.plain, d.missing];
        d[1] = 7; d[2] = 99; d.fresh = "f"; d[44] = "int key";
        delete d.plain;
        d.destroy();
        return r;
        """
    )
    assert got == ["string", "int", "string", 8, "function", "x", None]
    assert rt.py("(d[1], d['1'], d[2], d['fresh'], d[44], 'plain' in d)") == (
        "int",
        7,
        99,
        "f",
        "int key",
        False,
    )


def test_dict_spread(rt: Runtime) -> None:
    """Spread and Object.entries of an exact dict give its items."""
    got = rt.js(
        "const d = pyodide.runPython(\"{'a': 1, 'b': 'x'}\"); const r = [{...d}, Object.entries(d), Object.keys(d)]; d.destroy(); return r;"
    )
    assert got == [{"a": 1, "b": "x"}, [["a", 1], ["b", "x"]], ["a", "b"]]


def test_call(rt: Runtime) -> None:
    """Calls take any number of arguments; `call` and `apply` behave as on a function; missing ones are a TypeError."""
    rt.py("def f(*args): return ','.join(map(str, args))\ndef two(a, b): return a + b")
    got = rt.js(
        """
        const f = pyodide.globals.get("f"), two = pyodide.globals.get("two");
        const r = [f(), f(1), f(1, "x", true, undefined), f.call(null, 1, 2), f.apply(null, [1, 2]), f.apply(null, {length: 2, 0: "a", 1: "b"}),
                   f.apply(null), two(1, 2), h.thrown(() => two(1)).type, h.thrown(() => f.apply(null, 1)).name];
        for (const n of [3, 4, 5, 8, 9, 16, 17, 64, 255, 1000]) {
            const args = Array.from({length: n}, (_, i) => i);
            r.push(f(...args) === args.join());
        }
        f.destroy();
        two.destroy();
        return r;
        """
    )
    assert got[:8] == ["", "1", "1,x,True,None", "1,2", "1,2", "a,b", "", 3]
    assert got[8:10] == ["TypeError", "TypeError"]
    assert got[10:] == [True] * 10


def test_call_kwargs(rt: Runtime) -> None:
    """`callKwargs` passes the last argument as keywords."""
    rt.py("def f(x=2, y=3): return f'{x} {y}'")
    got = rt.js(
        """
        const f = pyodide.globals.get("f");
        const r = [f(), f(7), f.callKwargs({ y: 4 }), f.callKwargs(8, { y: 4 }), f.callKwargs(Object.create(null)),
            h.thrown(() => f.callKwargs()).message, h.thrown(() => f.callKwargs(1)).message, h.thrown(() => f.callKwargs({ z: 1 })).type,
            h.thrown(() => f.callKwargs(1, { x: 1 })).type];
        f.destroy();
        return r;
        """
    )
    assert got == [
        "2 3",
        "7 3",
        "2 4",
        "8 4",
        "2 3",
        "callKwargs requires at least one argument (the key word argument object)",
        "kwargs argument is not an object",
        "TypeError",
        "TypeError",
    ]


def test_class_call_makes_instance(rt: Runtime) -> None:
    """Calling a class gives a proxy of the new instance."""
    rt.py("class A:\n    def __init__(self, x): self.x = x")
    assert rt.js(
        "const A = pyodide.globals.get('A'), a = A(5); const r = [a.x, a.type]; a.destroy(); A.destroy(); return r;"
    ) == [5, "A"]


def test_identity(rt: Runtime) -> None:
    """Each crossing makes a new proxy, and each goes back as the same Python object."""
    rt.py("d = {}\ndef same(x): return x is d")
    got = rt.js(
        """
        const a = pyodide.globals.get("d"), b = pyodide.globals.get("d"), same = pyodide.globals.get("same");
        const r = [a === b, same(a), same(b), same({})];
        for (const p of [a, b, same]) p.destroy();
        return r;
        """
    )
    assert got == [False, True, True, False]


def test_javascript_objects_go_through(rt: Runtime) -> None:
    """A JavaScript object that passes through Python is === itself."""
    rt.py("def same(x): return x")
    got = rt.js(
        """
        const same = pyodide.globals.get("same");
        const values = [{}, new Map(), () => 1, Symbol("x"), new Error("x"), new Uint8Array(1), Promise.resolve(), globalThis, class {}];
        const r = values.map((v) => same(v) === v);
        same.destroy();
        return r;
        """
    )
    assert got == [True] * 9


def test_iteration(rt: Runtime) -> None:
    """for-of, spread and destructuring go through Python's iteration; an early exit is fine."""
    rt.py("def count():\n    yield 1\n    yield 2\n    return 3\nd = {'a': 1, 'b': 2}")
    got = rt.js(
        """
        const d = pyodide.globals.get("d"), count = pyodide.globals.get("count");
        const a = count(), b = count(), c = count();
        const r = [[...d], [...a], b.next(), b.next(), b.next(), b.next()];
        for (const x of c) { r.push(x); break; }
        for (const p of [d, count, a, b, c]) p.destroy();
        return r;
        """
    )
    assert got[:2] == [["a", "b"], [1, 2]]
    assert got[2:6] == [
        {"done": False, "value": 1},
        {"done": False, "value": 2},
        {"done": True, "value": 3},
        {"done": True, "value": None},
    ]
    assert got[6] == 1


def test_iteration_errors(rt: Runtime) -> None:
    """An exception while iterating is thrown at that step."""
    rt.py(
        "def g():\n    yield 1\n    raise ValueError('in g')\nclass A:\n    def __iter__(self): raise ValueError('in iter')\na = A()"
    )
    got = rt.js(
        """
        const g = pyodide.runPython("g()"), a = pyodide.globals.get("a");
        const r = [g.next().value, h.thrown(() => g.next()).type, h.thrown(() => a[Symbol.iterator]()).type];
        g.destroy();
        a.destroy();
        return r;
        """
    )
    assert got == [1, "ValueError", "ValueError"]

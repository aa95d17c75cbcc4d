"""Capabilities of PyProxies: the bits of `$$flags`, the classes of `pyodide.ffi`, and the members that come with each."""

from __future__ import annotations

import subprocess

import pytest

from harness.runtime import Runtime, dist_dir

BITS = (
    "HAS_LENGTH HAS_GET HAS_SET HAS_CONTAINS IS_ITERABLE IS_ITERATOR IS_AWAITABLE IS_BUFFER IS_CALLABLE "
    "IS_ASYNC_ITERABLE IS_ASYNC_ITERATOR IS_GENERATOR IS_ASYNC_GENERATOR IS_SEQUENCE IS_MUTABLE_SEQUENCE "
    "IS_JSON_ADAPTOR_DICT IS_JSON_ADAPTOR_SEQUENCE IS_DICT"
).split()

LIST = {
    "HAS_LENGTH",
    "HAS_GET",
    "HAS_SET",
    "HAS_CONTAINS",
    "IS_ITERABLE",
    "IS_SEQUENCE",
    "IS_MUTABLE_SEQUENCE",
}
TUPLE = LIST - {"HAS_SET", "IS_MUTABLE_SEQUENCE"}
MAPPING = {"HAS_LENGTH", "HAS_GET", "HAS_SET", "HAS_CONTAINS", "IS_ITERABLE"}

SETUP = """
    import array, collections, collections.abc, types
    def make(**members): return type('Made', (), members)()
    class Sequence(collections.abc.Sequence):
        def __len__(self): return 0
        def __getitem__(self, i): raise IndexError
    class Registered:
        def __len__(self): return 0
        def __getitem__(self, i): raise IndexError
        def __contains__(self, x): return False
        def __iter__(self): return iter(())
    collections.abc.MutableSequence.register(Registered)
    class Half:
        def __len__(self): return 0
        def __getitem__(self, i): raise IndexError
    collections.abc.Sequence.register(Half)
    class Generator(collections.abc.Generator):
        def send(self, value): raise StopIteration
        def throw(self, *args): raise StopIteration
    class AsyncGenerator(collections.abc.AsyncGenerator):
        async def asend(self, value): raise StopAsyncIteration
        async def athrow(self, *args): raise StopAsyncIteration
    class Dict(dict): pass
    class Generic:
        def __class_getitem__(cls, item): return item
    @types.coroutine
    def old_coroutine(): yield
    async def coroutine(): pass
    async def async_generator(): yield
    def generator(): yield
    f = lambda self, *args: None
"""


def flags_of(rt: Runtime, source: str) -> set[str]:
    """Names of the bits of a Python object's proxy, and what instanceof says of it."""
    rt.py(SETUP + f"\n    made = {source}")
    bits = rt.js("return pyodide.globals.getProxy('made').$$flags;")
    rt.py("if hasattr(made, 'cr_frame'): made.close()")
    assert bits >> len(BITS) == 0
    return {name for bit, name in enumerate(BITS) if bits >> bit & 1}


@pytest.mark.spec("4.1/5", "4.1/6", "4.1/7", "4.1/8", "4.1/9", "4.1/10", "4.1/11", "4.1/12")
@pytest.mark.spec("4.1/13", "4.1/14", "4.1/15", "4.1/16", "4.1/17", "4.1/18")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("object()", set()),
        ("make(__len__=f)", {"HAS_LENGTH"}),
        ("make(__getitem__=f)", {"HAS_GET", "IS_ITERABLE"}),
        ("make(__setitem__=f)", {"HAS_SET"}),
        ("make(__delitem__=f)", {"HAS_SET"}),
        ("make(__contains__=f)", {"HAS_CONTAINS"}),
        ("make(__iter__=f)", {"IS_ITERABLE"}),
        ("make(__iter__=f, __next__=f)", {"IS_ITERATOR"}),
        ("make(__next__=f)", {"IS_ITERATOR"}),
        ("make(__await__=f)", {"IS_AWAITABLE"}),
        ("make(__call__=f)", {"IS_CALLABLE"}),
        ("make(__aiter__=f)", {"IS_ASYNC_ITERABLE"}),
        ("make(__aiter__=f, __anext__=f)", {"IS_ASYNC_ITERATOR"}),
        ("make(__anext__=f)", {"IS_ASYNC_ITERATOR"}),
        ("make(__buffer__=f)", {"IS_BUFFER"}),
        ("list", {"IS_CALLABLE", "HAS_GET"}),
        ("dict", {"IS_CALLABLE", "HAS_GET"}),
        ("Generic", {"IS_CALLABLE", "HAS_GET"}),
        ("Generic()", set()),
        ("int", {"IS_CALLABLE"}),
        ("coroutine()", {"IS_AWAITABLE"}),
        ("old_coroutine()", {"IS_AWAITABLE", "IS_ITERATOR", "IS_GENERATOR"}),
        ("generator()", {"IS_ITERATOR", "IS_GENERATOR"}),
        ("async_generator()", {"IS_ASYNC_ITERATOR", "IS_ASYNC_GENERATOR"}),
        ("Generator()", {"IS_ITERATOR", "IS_GENERATOR"}),
        ("AsyncGenerator()", {"IS_ASYNC_ITERATOR", "IS_ASYNC_GENERATOR"}),
        ("iter([])", {"IS_ITERATOR"}),
        ("{1}", {"HAS_LENGTH", "HAS_CONTAINS", "IS_ITERABLE"}),
        ("{}", MAPPING | {"IS_DICT"}),
        ("Dict()", MAPPING),
        ("collections.OrderedDict()", MAPPING),
        ("[]", LIST),
        ("()", TUPLE),
        ("range(2)", TUPLE),
        ("collections.deque()", LIST),
        ("b''", TUPLE | {"IS_BUFFER"}),
        ("bytearray()", LIST | {"IS_BUFFER"}),
        ("array.array('i')", LIST | {"IS_BUFFER"}),
        ("Sequence()", TUPLE),
        ("Registered()", TUPLE | {"IS_MUTABLE_SEQUENCE"}),
        ("Half()", {"HAS_LENGTH", "HAS_GET", "IS_ITERABLE"}),
        ("lambda: 1", {"IS_CALLABLE"}),
        ("len", {"IS_CALLABLE"}),
        ("[].append", {"IS_CALLABLE"}),
        ("Sequence().__len__", {"IS_CALLABLE"}),
    ],
)
def test_flags(rt: Runtime, source: str, expected: set[str]) -> None:
    """The bits follow from the special methods of the object's type."""
    assert flags_of(rt, source) == expected


def test_names_of_the_classes(rt: Runtime) -> None:
    """The classes are called as they are in `pyodide.ffi`, a view's constructor too."""
    got = rt.js(
        """
        const view = pyodide.runPython("b''").getBuffer();
        const r = [Object.entries(pyodide.ffi).filter(([name, made]) => made.name !== name), view.constructor === pyodide.ffi.PyBufferView];
        view.release();
        return r;
        """
    )
    assert got == [[], True]


@pytest.mark.spec("4.1/5")
def test_flags_of_views(rt: Runtime) -> None:
    """Bits 15 and 16 tell JSON views."""
    got = rt.js(
        """
        const flags = (p) => p.asJsJson().$$flags;
        const bits = (n) => [15, 16].map((bit) => (n >> bit) & 1);
        return [bits(flags(pyodide.toPy({}))), bits(flags(pyodide.toPy([]))), bits(pyodide.toPy({}).$$flags)];
        """
    )
    assert got == [[1, 0], [0, 1], [0, 0]]


@pytest.mark.spec("4.1/1")
def test_one_prototype_a_set_of_flags(rt: Runtime) -> None:
    """Proxies are Proxies over targets whose prototype is shared by all with the same flags."""
    got = rt.js(
        """
        const { types } = await import("node:util");
        const proto = Object.getPrototypeOf;
        const a = pyodide.toPy({}), b = pyodide.toPy({ x: 1 }), l = pyodide.toPy([1]), f = pyodide.runPython("lambda: 1");
        return [[a, b, l, f].map(types.isProxy), a.$$flags === b.$$flags, proto(a) === proto(b), proto(a) === proto(l), a.$$flags === l.$$flags];
        """
    )
    assert got == [[True] * 4, True, True, False, False]


@pytest.mark.spec("4.1/2")
def test_callables_are_functions_without_eval() -> None:
    """Callables are functions, also where code must not be made from strings."""
    script = f"""
        const {{ loadPyodide }} = await import({str(dist_dir() / "pyodide.mjs")!r});
        const pyodide = await loadPyodide();
        const f = pyodide.runPython("lambda *args: len(args)");
        let code;
        try {{ code = new Function("return 1")(); }} catch (error) {{ code = error.name; }}
        console.log([typeof f, f instanceof Function, f(1, 2), f.bind(0, 1)(), code].join());
        process.exit(0);
    """
    done = subprocess.run(
        [
            "node",
            "--disallow-code-generation-from-strings",
            "--input-type=module",
            "--eval",
            script,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "function,true,2,1,EvalError\n", done.stderr


CLASSES = {
    "PyProxyWithLength": "HAS_LENGTH",
    "PyProxyWithGet": "HAS_GET",
    "PyProxyWithSet": "HAS_SET",
    "PyProxyWithHas": "HAS_CONTAINS",
    "PyIterator": "IS_ITERATOR",
    "PyGenerator": "IS_GENERATOR",
    "PyAsyncIterator": "IS_ASYNC_ITERATOR",
    "PyAsyncGenerator": "IS_ASYNC_GENERATOR",
    "PyAwaitable": "IS_AWAITABLE",
    "PyCallable": "IS_CALLABLE",
    "PyBuffer": "IS_BUFFER",
    "PySequence": "IS_SEQUENCE",
    "PyMutableSequence": "IS_MUTABLE_SEQUENCE",
    "PyDict": "IS_DICT",
}
MEMBERS = {
    "HAS_LENGTH": ["length"],
    "HAS_GET": ["get", "asJsJson"],
    "HAS_SET": ["set", "delete"],
    "HAS_CONTAINS": ["has"],
    "IS_ITERABLE": ["@iterator"],
    "IS_ITERATOR": ["@iterator", "next"],
    "IS_GENERATOR": ["throw", "return"],
    "IS_ASYNC_ITERABLE": ["@asyncIterator"],
    "IS_ASYNC_ITERATOR": ["@asyncIterator", "next"],
    "IS_ASYNC_GENERATOR": ["throw", "return"],
    "IS_AWAITABLE": ["then", "catch", "finally"],
    "IS_CALLABLE": [
        *("call", "apply", "bind", "captureThis", "callKwargs", "callRelaxed"),
        *("callKwargsRelaxed", "callWithOptions"),
    ],
    "IS_BUFFER": ["getBuffer"],
    "IS_SEQUENCE": [
        *("join", "slice", "lastIndexOf", "indexOf", "forEach", "map", "filter", "some", "every"),
        *("reduce", "reduceRight", "at", "concat", "includes", "entries", "keys", "values"),
        *("find", "findIndex", "toJSON"),
    ],
    "IS_MUTABLE_SEQUENCE": [
        *("reverse", "sort", "splice", "push", "pop", "shift", "unshift", "copyWithin", "fill")
    ],
}
SOURCES = [
    *("object()", "{}", "[1]", "(1,)", "{1}", "b'a'", "bytearray(b'a')", "range(2)", "lambda: 1"),
    *("list", "int", "iter([1])", "(x for x in ())", "async_generator()", "make(__await__=f)"),
    *("make(__len__=f)", "make(__iter__=f)", "make(__next__=f)", "make(__aiter__=f)"),
    *("make(__anext__=f)", "make(__getitem__=f)", "make(__setitem__=f)", "make(__contains__=f)"),
    *("make(__call__=f, __len__=f, __await__=f)", "Dict()", "make(__call__=f)"),
]


@pytest.mark.spec("4.2/1", "4.2/2", "4.2/3", "4.2/4", "4.2/5", "4.2/6", "4.2/7", "4.2/8", "4.2/9")
@pytest.mark.spec("4.2/10", "4.2/11", "4.2/12", "4.2/13", "4.2/15", "4.2/16", "4.2/18", "4.1/4")
@pytest.mark.parametrize("source", SOURCES)
def test_classes_and_members_follow_the_flags(rt: Runtime, source: str) -> None:
    """A proxy is an instance of exactly the classes of its flags, and has the members of those and no others."""
    flags = flags_of(rt, source)
    wanted = {name for name, flag in CLASSES.items() if flag in flags} | {"PyProxy"}
    if flags & {"IS_ITERABLE", "IS_ITERATOR"}:
        wanted.add("PyIterable")
    if flags & {"IS_ASYNC_ITERABLE", "IS_ASYNC_ITERATOR"}:
        wanted.add("PyAsyncIterable")
    candidates = sorted({name for names in MEMBERS.values() for name in names})
    classes, kinds = rt.js(
        """
        const p = pyodide.globals.getProxy("made");
        const names = Object.keys(pyodide.ffi).filter((name) => p instanceof pyodide.ffi[name]);
        const own = (name) => name.startsWith("@") ? Symbol[name.slice(1)] : name;
        const prototype = Object.getPrototypeOf(p);
        const has = (key) => { for (let at = prototype; at !== Object.prototype && at !== Function.prototype; at = Object.getPrototypeOf(at)) if (Object.hasOwn(at, key)) return true; return false; };
        return [names, candidates.filter((name) => has(own(name)))];
        """,
        candidates=candidates,
    )
    assert set(classes) == wanted
    members = {name for flag in flags for name in MEMBERS.get(flag, [])}
    assert set(kinds) == members
    # What Function.prototype has, callables replace; other objects have none of it.
    rt.py("made = None")


@pytest.mark.spec("4.2/14", "4.2/17", "4.1/4")
def test_classes_that_are_no_capabilities(rt: Runtime) -> None:
    """Buffer views and errors have classes of their own; PyMutableSequence is not said of a tuple."""
    got = rt.js(
        """
        const { PyBufferView, PythonError, PyProxy, PySequence, PyMutableSequence } = pyodide.ffi;
        const view = pyodide.runPython("b'abc'").getBuffer();
        const r = [view instanceof PyBufferView, view instanceof PyProxy, ({}) instanceof PyBufferView];
        view.release();
        try { pyodide.runPython("1/0"); } catch (e) { r.push(e instanceof PythonError, e instanceof Error, e instanceof PyProxy); }
        pyodide.runPython("t = (1, 2)");
        const t = pyodide.globals.getProxy("t");
        r.push(t instanceof PySequence, t instanceof PyMutableSequence);
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        r.push(Object.values(pyodide.ffi).some((C) => proxy instanceof C), Object.values(pyodide.ffi).some((C) => new Proxy(t, {}) instanceof C));
        return r;
        """
    )
    assert got == [True, False, False, True, True, False, True, False, False, False]


@pytest.mark.spec("13.5/1", "13.5/2", "13.5/3", "13.5/4", "13.5/5", "13.5/6")
@pytest.mark.parametrize("await_", [False, True])
@pytest.mark.parametrize(
    ("iteration", "iterates", "steps", "classes"),
    [
        ("", False, False, []),
        ("__iter__", True, False, ["PyIterable"]),
        ("__next__", True, True, ["PyIterable", "PyIterator"]),
        ("__iter__ __next__", True, True, ["PyIterable", "PyIterator"]),
    ],
)
def test_table_of_awaiting_and_iterating(
    rt: Runtime, await_: bool, iteration: str, iterates: bool, steps: bool, classes: list[str]
) -> None:
    """`then`, Symbol.iterator, `next` and the classes of each combination; none has asJsJson."""
    names = [*iteration.split(), *(["__await__"] if await_ else [])]
    rt.py(
        "o = type('O', (), {name: lambda self: iter(()) for name in names})()",
        names=names,
    )
    got = rt.js(
        """
        const o = pyodide.globals.get("o");
        const names = ["PyAwaitable", "PyIterable", "PyIterator"];
        return ["then" in o, Symbol.iterator in o, "next" in o, "asJsJson" in o, names.filter((n) => o instanceof pyodide.ffi[n])];
        """
    )
    assert got == [
        await_,
        iterates,
        steps,
        False,
        (["PyAwaitable"] if await_ else []) + classes,
    ]

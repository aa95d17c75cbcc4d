"""The types of JsProxies: which capabilities are found in an object, and what isinstance makes of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import PyError
from harness.runtime import Runtime

FLAGS = (
    "IS_ITERABLE IS_ITERATOR HAS_LENGTH HAS_GET HAS_SET HAS_HAS HAS_INCLUDES IS_AWAITABLE IS_BUFFER IS_CALLABLE "
    "IS_ARRAY IS_NODE_LIST IS_TYPEDARRAY IS_DOUBLE_PROXY IS_OBJECT_MAP IS_ASYNC_ITERABLE IS_GENERATOR "
    "IS_ASYNC_GENERATOR IS_ASYNC_ITERATOR IS_ERROR IS_PY_JSON_DICT IS_PY_JSON_SEQUENCE"
).split()

# In a box, and read by get_proxy, so that neither mode converts the object and no call makes a future of it.
SETUP = """
import js
def boxed(source):
    return js.eval(f"({{ x: ({source}) }})").get_proxy("x")
def flags(proxy):
    import _pyodide_core
    names = _pyodide_core.js_flags
    return sorted(n for n in wanted if type(proxy)._js_type_flags & names[n])
"""


def flags_of(rt: Runtime, source: str) -> list[str]:
    """The names of the capabilities of a JavaScript expression."""
    rt.py(SETUP, wanted=FLAGS)
    found: list[str] = rt.py("flags(boxed(source))", source=source)
    return found


@pytest.mark.spec("3.1/2")
def test_numbers_of_the_flags(rt: Runtime) -> None:
    """`js_flags` maps names to single bits in the documented order; a type tells its own."""
    got = rt.py(
        """
        import js, _pyodide_core
        f = _pyodide_core.js_flags
        [f[n] for n in names], type(js.eval("new Set()"))._js_type_flags, type(f).__name__
        """,
        names=FLAGS,
    )
    has_set = 1 | 1 << 2 | 1 << 5
    assert got == ([1 << bit for bit in range(22)], has_set, "dict")


MAP = "HAS_GET HAS_HAS HAS_LENGTH HAS_SET IS_ITERABLE"
ARRAY = "HAS_INCLUDES HAS_LENGTH IS_ARRAY IS_ITERABLE"
TYPED = "HAS_INCLUDES HAS_LENGTH HAS_SET IS_BUFFER IS_ITERABLE IS_TYPEDARRAY"
ITERATOR = "IS_ITERABLE IS_ITERATOR"
ASYNC = "IS_ASYNC_ITERABLE IS_ASYNC_ITERATOR"


@pytest.mark.spec(
    "3.1/7", "3.1/8", "3.1/9", "3.1/10", "3.1/11", "3.1/12", "3.1/13", "3.1/14", "3.1/15", "3.1/16", "3.1/19",
    "3.1/20", "3.1/21", "3.1/22", "3.1/24",
)  # fmt: skip
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{}", ""),
        ("Object.create(null)", ""),
        ("new Map()", MAP),
        ("new Set()", "HAS_HAS HAS_LENGTH IS_ITERABLE"),
        ("new WeakMap()", "HAS_GET HAS_HAS HAS_SET"),
        ("[]", ARRAY),
        ("new Proxy([1], {})", ARRAY),
        ("new (class extends Array {})()", ARRAY),
        # Methods are properties that are functions; a getter tells which by what it gives.
        ("{ [Symbol.iterator]: 1, next: 2, get: 3, set: 4, has: 5, includes: 6, then: 7 }", ""),
        ("{ get get() { return () => 1; }, get has() { return 1; } }", "HAS_GET"),
        ("Object.create({ get() {}, set() {}, has() {}, includes() {} })", "HAS_GET HAS_HAS HAS_INCLUDES HAS_SET"),
        ("{ get then() { throw 1; }, get [Symbol.iterator]() { throw 1; } }", ""),
        ("Object.defineProperty({ a: 1 }, 'has', { value() {}, enumerable: false })", "HAS_HAS"),
        ("Object.defineProperty({}, Symbol.iterator, { value() {}, enumerable: false })", "IS_ITERABLE"),
        ("Object.defineProperty({}, Symbol.asyncIterator, { value() {} })", "IS_ASYNC_ITERABLE"),
        ("{ ...Array(40).fill(0), then() {}, set() {} }", "HAS_SET IS_AWAITABLE"),
        # Iteration.
        ("{ [Symbol.iterator]() {} }", "IS_ITERABLE"),
        ("{ next() {} }", "IS_ASYNC_ITERATOR IS_ITERATOR"),
        ("{ next() {}, [Symbol.iterator]() {} }", ITERATOR),
        ("{ next() {}, [Symbol.asyncIterator]() {} }", ASYNC),
        ("{ next() {}, [Symbol.iterator]() {}, [Symbol.asyncIterator]() {} }", f"{ASYNC} {ITERATOR}"),
        ("{ [Symbol.asyncIterator]() {} }", "IS_ASYNC_ITERABLE"),
        ("(function* () {})()", f"IS_GENERATOR {ITERATOR}"),
        ("(async function* () {})()", f"IS_ASYNC_GENERATOR {ASYNC}"),
        ("[].values()", ITERATOR),
        ("{ next() {}, [Symbol.iterator]() {}, [Symbol.toStringTag]: 'Generator' }", f"IS_GENERATOR {ITERATOR}"),
        # Length: properties, which need not be numbers and are not read.
        ("{ size: undefined }", "HAS_LENGTH"),
        ("{ get length() { throw 1; } }", "HAS_LENGTH"),
        ("Object.create({ length: 1 })", "HAS_LENGTH"),
        ("(a, b) => 1", "IS_CALLABLE"),
        ("Object.assign(() => 1, { size: 1 })", "HAS_LENGTH IS_CALLABLE"),
        ("class {}", "IS_CALLABLE"),
        ("new Proxy(() => 1, { get() { throw 1; }, has() { throw 1; } })", "IS_CALLABLE"),
        ("Promise.resolve()", "IS_AWAITABLE"),
        ("{ then() {} }", "IS_AWAITABLE"),
        # Buffers.
        ("new Uint8Array()", TYPED),
        ("new Float64Array()", TYPED),
        ("new DataView(new ArrayBuffer(1))", "IS_BUFFER"),
        ("new ArrayBuffer()", "IS_BUFFER"),
        ("Object.assign(() => 1, { [Symbol.toStringTag]: 'ArrayBuffer', byteLength: 1 })", "IS_CALLABLE"),
        # Node lists are known by their tag alone.
        ("{ [Symbol.toStringTag]: 'NodeList' }", "IS_NODE_LIST"),
        ("{ [Symbol.toStringTag]: 'HTMLCollection', length: 1 }", "HAS_LENGTH IS_NODE_LIST"),
        ("{ [Symbol.toStringTag]: 'HTMLOptionsCollection', length: 1 }", "HAS_LENGTH IS_NODE_LIST"),
        ("{ [Symbol.toStringTag]: 'DOMTokenList', length: 1 }", "HAS_LENGTH IS_NODE_LIST"),
        ("{ [Symbol.toStringTag]: 'Other', length: 1 }", "HAS_LENGTH"),
        # Errors.
        ("new Error()", "IS_ERROR"),
        ("new DOMException('x')", "IS_ERROR"),
        ("{ name: 1, message: 2, stack: 3 }", "IS_ERROR"),
        ("{ name: 1, message: 2 }", ""),
        ("{ name: 1, message: 2, constructor: { name: 'DOMException' } }", "IS_ERROR"),
        ("new (class extends Error { get name() { throw 1; } })()", "IS_ERROR"),
        ("Object.assign(() => 1, { message: 2, stack: 3 })", "IS_CALLABLE"),
        ("Object.assign(new Uint8Array(), { name: 1, message: 2, stack: 3 })", TYPED),
        ("Object.assign(new Error(), { length: 3, then() {} })", "HAS_LENGTH IS_AWAITABLE IS_ERROR"),
        ("Symbol()", ""),
    ],
)  # fmt: skip
def test_flags(rt: Runtime, source: str, expected: str) -> None:
    """Each capability follows from what the object has, own or inherited, and from nothing else."""
    assert flags_of(rt, source) == expected.split()


@pytest.mark.spec("3.1/6", "13.4/19")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("new Proxy({}, { has() { throw 1; } })", ""),
        ("new Proxy({}, { get() { throw 1; } })", ""),
        ("new Proxy({}, { getPrototypeOf() { throw 1; } })", ""),
        ("new Proxy({}, { getOwnPropertyDescriptor() { throw 1; } })", ""),
        ("new Proxy({}, { has() { return true; } })", ""),
        ("{ get get() { throw 1; }, length: 1 }", "HAS_LENGTH"),
        ("{ get [Symbol.iterator]() { throw 1; }, get then() { throw 1; }, get() {}, length: 1 }", "HAS_GET HAS_LENGTH"),
        ("{ get [Symbol.toStringTag]() { throw 1; }, set() {}, size: 1 }", "HAS_LENGTH HAS_SET"),
        ("{ name: 1, message: 2, get constructor() { throw 1; }, has() {} }", "HAS_HAS"),
        ("(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()", ""),
        ("(() => { const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return proxy; })()", ""),
        ("(() => { const { proxy, revoke } = Proxy.revocable(() => 1, {}); revoke(); return proxy; })()", "IS_CALLABLE"),
    ],
)  # fmt: skip
def test_detection_never_throws(rt: Runtime, source: str, expected: str) -> None:
    """Whatever the object does when it is asked, it is held; what throws is not there, and the rest is found."""
    assert flags_of(rt, source) == expected.split()


@pytest.mark.spec(
    "3.1/6", "3.1/7", "3.1/8", "3.1/9", "3.1/10", "3.1/11", "3.1/19", "3.1/20", "3.1/21", "3.1/22"
)
@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("Symbol.iterator", "function () {}", "IS_ITERABLE"),
        ("Symbol.asyncIterator", "function () {}", "IS_ASYNC_ITERABLE"),
        ("'next'", "function () {}", "IS_ASYNC_ITERATOR IS_ITERATOR"),
        ("'get'", "function () {}", "HAS_GET"),
        ("'set'", "function () {}", "HAS_SET"),
        ("'has'", "function () {}", "HAS_HAS"),
        ("'includes'", "function () {}", "HAS_INCLUDES"),
        ("'length'", "undefined", "HAS_LENGTH"),
        ("'size'", "0", "HAS_LENGTH"),
        ("'then'", "function () {}", "IS_AWAITABLE"),
        ("'message'", "''", "IS_ERROR"),
        ("Symbol.toStringTag", "'Generator'", "IS_GENERATOR"),
    ],
)
def test_what_every_object_inherits(rt: Runtime, key: str, value: str, expected: str) -> None:
    """What a program adds to Object.prototype counts, for objects without a class too, from then on until it is taken away."""
    rt.py(SETUP, wanted=FLAGS)
    rt.py("box = js.eval('({ x: { name: 1, stack: 2 } })')")
    got = rt.js(
        f"""
        const flags = pyodide.runPython("lambda: ' '.join(flags(box.get_proxy('x')))");
        const found = [flags()];
        Object.prototype[{key}] = {value};
        try {{
          found.push(flags());
        }} finally {{
          delete Object.prototype[{key}];
        }}
        found.push(flags());
        flags.destroy();
        return found;
        """
    )
    assert got == ["", expected, ""]


@pytest.mark.spec("3.1/6")
def test_detection_runs_no_getter_of_a_property(rt: Runtime) -> None:
    """What need not be a method is not read; on a Proxy only methods that it claims are."""
    rt.js(
        """
        globalThis.read = [];
        const note = (name) => ({ get() { read.push(name); return 1; }, enumerable: true });
        globalThis.o = { x: Object.defineProperties({}, {
            length: note("length"), size: note("size"), name: note("name"), message: note("message"), stack: note("stack"),
        }) };
        """
    )
    rt.py("import js\nx = js.o.x\ndel x")
    assert rt.expr("read") == []


@pytest.mark.spec("3.1/18", "3.1/23")
def test_flags_of_views(rt: Runtime) -> None:
    """The capabilities of views come from as_object_map and as_py_json only."""
    rt.py("import warnings\nwarnings.simplefilter('ignore')")
    rt.py(SETUP, wanted=FLAGS)
    got = rt.py(
        """
        views = ("IS_OBJECT_MAP", "IS_PY_JSON_DICT", "IS_PY_JSON_SEQUENCE")
        only = lambda proxy: [f for f in flags(proxy) if f in views]
        [only(boxed("{}").as_object_map()), only(boxed("{}").as_py_json()), only(boxed("[]").as_py_json()), only(boxed("{}"))]
        """
    )
    assert got == [["IS_OBJECT_MAP"], ["IS_PY_JSON_DICT"], ["IS_PY_JSON_SEQUENCE"], []]


@pytest.mark.spec("3.1/17", "3.1/24")
def test_flags_of_double_proxies(rt: Runtime) -> None:
    """A live PyProxy is a double proxy; a destroyed one has no capability at all."""
    rt.py(SETUP, wanted=FLAGS)
    got = rt.py(
        """
        from pyodide.ffi import JsDoubleProxy, create_proxy
        p, q = create_proxy({}), create_proxy(len)
        js.holder = js.Object.new()
        js.holder.p = p
        r = ["IS_DOUBLE_PROXY" in flags(p), "IS_CALLABLE" in flags(q), isinstance(js.holder.p, JsDoubleProxy)]
        p.destroy()
        q.destroy()
        r
        """
    )
    assert got == [True, True, True]
    got = rt.js(
        """
        const dead = pyodide.runPython("lambda: 1");
        dead.destroy();
        const probe = pyodide.runPython("lambda e: type(e)._js_type_flags");
        const r = h.thrown(() => probe(dead)).message;
        probe.destroy();
        return r;
        """
    )
    # It cannot be passed at all.
    assert got.startswith("Object has already been destroyed")


def test_undetectable_objects(fresh: Callable[..., Runtime]) -> None:
    """An object that calls itself undefined, as document.all does, is an object with its capabilities."""
    runtime = fresh(node_flags=("--allow-natives-syntax",))
    runtime.js("globalThis.o = { all: %GetUndetectable() }; o.all.length = 3; o.all.x = 7;")
    got = runtime.py(
        """
        import js
        a = js.o.all
        from pyodide.ffi import JsProxy
        isinstance(a, JsProxy), a.typeof, bool(a), len(a), a.x, a == js.o.all, callable(a)
        """
    )
    assert got == (True, "undefined", False, 3, 7, True, False)


@pytest.mark.spec("3.1/25", "7.2/19")
def test_comlink(fresh: Callable[..., Runtime]) -> None:
    """Comlink's proxies claim to have everything; once the library is registered they are callable and awaitable."""
    runtime = fresh()
    runtime.js(
        """
        const make = (path) => new Proxy(function () {}, {
            get(_, key) {
                if (key === "then") return path.length ? (ok) => ok("value of " + path.join(".")) : undefined;
                return make([...path, String(key)]);
            },
            apply: (_f, _this, args) => Promise.resolve(path.join(".") + "(" + args + ")"),
        });
        globalThis.remote = make([]);
        pyodide.registerComlink({ createEndpoint: Symbol("Comlink.endpoint") });
        """
    )
    got = runtime.js(
        """
        return await pyodide.runPythonAsync(`
            import js
            from pyodide.ffi import JsArray, JsCallable, JsPromise
            x = js.remote
            r = [isinstance(x, c) for c in (JsCallable, JsPromise, JsArray)]
            r += [await x.add(1, 2), await x.inner.call(3), await js.remote.counter, isinstance(js.eval("() => 1"), JsPromise)]
            ";".join(map(str, r))
        `);
        """
    )
    assert got == "True;True;True;add(1,2);inner.call(3);value of counter;False"
    for wrong in ("{}", "null", "undefined", "{ createEndpoint: 1 }"):
        error = runtime.js(f"return h.thrown(() => pyodide.registerComlink({wrong}));")
        assert error["name"] == "TypeError"


@pytest.mark.spec("3.1/1")
def test_one_type_for_each_set(rt: Runtime) -> None:
    """Types are made once for each set, cached in jsproxy_typedict, and named after the public classes."""
    rt.py(SETUP, wanted=FLAGS)

    @rt.run
    def _() -> None:
        from _pyodide_core import jsproxy_typedict

        for one, other in (
            ("{}", "{ a: 1 }"),
            ("new Map()", "new Map([[1, 2]])"),
            ("new Error()", "new RangeError()"),
        ):
            kind = type(boxed(one))  # type: ignore[name-defined] # noqa: F821 - defined by SETUP
            assert kind is type(boxed(other))  # type: ignore[name-defined] # noqa: F821
            assert jsproxy_typedict[kind._js_type_flags] is kind
        assert repr(type(boxed("{}"))) == "<class 'pyodide.ffi.JsProxy'>"  # type: ignore[name-defined] # noqa: F821
        assert repr(type(boxed("new Map()"))) == "<class 'pyodide.ffi.JsProxy'>"  # type: ignore[name-defined] # noqa: F821
        assert repr(type(boxed("new Error()"))) == "<class 'pyodide.ffi.JsException'>"  # type: ignore[name-defined] # noqa: F821
        error = "Object.assign(new Error(), { length: 1 })"
        assert repr(type(boxed(error))) == "<class 'pyodide.ffi.JsException'>"  # type: ignore[name-defined] # noqa: F821


@pytest.mark.spec("3.1/3")
def test_no_identity_in_python(rt: Runtime) -> None:
    """Two proxies of one object are equal, with one js_id and hash, and not the same object."""
    rt.js("globalThis.o = {}; globalThis.other = {};")
    got = rt.py(
        "import js\na, b = js.o, js.o\n(a is b, a == b, a != b, a.js_id == b.js_id, hash(a) == hash(b), a == js.other)"
    )
    assert got == (False, True, False, True, True, False)


@pytest.mark.spec("3.1/4")
@pytest.mark.parametrize(
    "name",
    "JsProxy JsArray JsTypedArray JsMap JsMutableMap JsPromise JsCallable JsDoubleProxy JsBuffer JsIterable JsIterator "
    "JsGenerator JsAsyncGenerator JsDomElement JsFetchResponse JsWeakRef JsOnceCallable JsCallableDoubleProxy".split(),
)
def test_classes_cannot_be_called(rt: Runtime, name: str) -> None:
    """Proxies come into being by conversion only; the error names the class."""
    with pytest.raises(PyError) as caught:
        rt.py(f"import pyodide.ffi\npyodide.ffi.{name}()")
    assert caught.value.type == "TypeError"
    assert name in caught.value.message


@pytest.mark.spec("3.1/4")
def test_types_cannot_be_called_or_subclassed(rt: Runtime) -> None:
    """The same for the types of proxies themselves, which are final; JsException makes errors."""
    for action in ("type(js)()", "type(js).__new__(type(js))", "type('A', (type(js),), {})"):
        with pytest.raises(PyError) as caught:
            rt.py(f"import js\n{action}")
        assert caught.value.type == "TypeError"
    with pytest.raises(PyError) as caught:
        rt.py("import js\ntype(js)()")
    assert "JsProxy" in caught.value.message
    got = rt.py(
        "from pyodide.ffi import JsException\ne = JsException('RangeError', 'm')\n(str(e), e.name, e.message)"
    )
    assert got == ("RangeError: m", "RangeError", "m")


@pytest.mark.spec("3.1/5")
def test_proxies_own_their_object_and_have_a_dict(rt: Runtime) -> None:
    """The object lives as long as its proxy; a proxy takes part in Python's garbage collection and has weak references."""
    got = rt.js(
        """
        const weak = new WeakRef(globalThis.o = { deep: {} });
        pyodide.runPython("import js; held = js.o");
        delete globalThis.o;
        await h.collect();
        const alive = weak.deref() !== undefined;
        pyodide.runPython("del held");
        const gone = await h.collect(() => weak.deref() === undefined);
        return [alive, gone];
        """
    )
    assert got == [True, True]

    @rt.run
    def _() -> None:
        import gc
        import weakref

        import js

        o = js.eval("({})")
        o.__dict__["self"] = o
        assert o.self is o
        assert not js.Object.hasOwn(o, "self")
        ref = weakref.ref(o)
        assert gc.is_tracked(o)
        del o
        gc.collect()
        assert ref() is None


CLASSES = {
    "JsProxy": ["{}", "() => 1", "[]", "new Error()", "Symbol()"],
    "JsPromise": ["Promise.resolve()", "{ then() {} }"],
    "JsBuffer": ["new Uint8Array()", "new ArrayBuffer()", "new DataView(new ArrayBuffer(1))"],
    "JsIterable": ["new Set()", "[]", "{ [Symbol.iterator]() {} }"],
    "JsIterator": ["[].values()", "{ next() {} }"],
    "JsAsyncIterable": ["{ [Symbol.asyncIterator]() {} }"],
    "JsAsyncIterator": ["{ next() {} }", "(async function* () {})()"],
    "JsGenerator": ["(function* () {})()"],
    "JsAsyncGenerator": ["(async function* () {})()"],
    "JsCallable": ["() => 1", "class {}"],
    "JsArray": ["[]", "new Uint8Array()", "{ [Symbol.toStringTag]: 'NodeList' }"],
    "JsTypedArray": ["new Int16Array()"],
    "JsMap": ["new Map()", "{ get() {}, length: 1, [Symbol.iterator]() {} }"],
    "JsMutableMap": ["new Map()", "{ get() {}, set() {}, size: 1, [Symbol.iterator]() {} }"],
    "JsException": ["new Error()", "new DOMException('x')"],
    "JsDomElement": ["{}"],
    "JsFetchResponse": ["{}"],
    "JsWeakRef": ["{}"],
    "JsOnceCallable": ["() => 1"],
}
OUTSIDE = {
    "JsDoubleProxy": ["{}", "() => 1"],
    "JsCallableDoubleProxy": ["() => 1"],
    "JsPromise": ["[Promise.resolve()]", "{ then: 1 }"],
    "JsBuffer": ["[]", "new Map()"],
    "JsIterable": ["{}", "{ [Symbol.asyncIterator]() {} }"],
    "JsIterator": ["[]", "(async function* () {})()"],
    "JsAsyncIterable": ["[]"],
    "JsAsyncIterator": ["[].values()"],
    "JsGenerator": ["[].values()", "{ next() {} }"],
    "JsAsyncGenerator": ["(function* () {})()"],
    "JsCallable": ["{}"],
    "JsArray": ["{ length: 1 }", "new DataView(new ArrayBuffer(1))", "new Set()"],
    "JsTypedArray": ["[]", "new ArrayBuffer()"],
    "JsMap": ["new Set()", "new WeakMap()", "{ get() {}, length: 1 }"],
    "JsMutableMap": ["{ get() {}, length: 1, [Symbol.iterator]() {} }"],
    "JsException": ["{ name: 1, message: 2 }"],
}


@pytest.mark.spec(
    "3.1/26", "3.1/27", "3.1/28", "3.1/29", "3.1/30", "3.1/31", "3.1/32", "3.1/33", "3.1/34", "3.1/35", "3.1/36", "3.1/37",
    "3.1/38", "3.1/39", "3.1/40", "3.1/41",
)  # fmt: skip
@pytest.mark.parametrize("name", sorted(CLASSES | OUTSIDE))
def test_public_classes(rt: Runtime, name: str) -> None:
    """isinstance and issubclass against a public class go by the capabilities that it stands for."""
    rt.py(SETUP, wanted=FLAGS)
    code = """
        import pyodide.ffi
        c, x = getattr(pyodide.ffi, name), boxed(source)
        (isinstance(x, c), issubclass(type(x), c), isinstance(5, c), issubclass(c, pyodide.ffi.JsProxy))
    """
    for source in CLASSES.get(name, []):
        assert rt.py(code, name=name, source=source) == (True, True, False, True), source
    for source in OUTSIDE.get(name, []):
        assert rt.py(code, name=name, source=source) == (False, False, False, True), source


@pytest.mark.spec("3.1/28", "3.1/37", "3.1/38", "3.1/40")
def test_public_classes_of_made_proxies(rt: Runtime) -> None:
    """Double proxies and views belong to their classes."""
    rt.py("import warnings\nwarnings.simplefilter('ignore')")
    got = rt.py(
        """
        import js
        from pyodide.ffi import *
        from pyodide.ffi import JsCallableDoubleProxy, JsOnceCallable
        p, f, once = create_proxy({}), create_proxy(len), create_once_callable(len)
        o = js.eval("({})")
        r = [
            [isinstance(x, c) for c in (JsDoubleProxy, JsCallableDoubleProxy, JsCallable)] for x in (p, f)
        ] + [[isinstance(x, c) for c in (JsMap, JsMutableMap)] for x in (o, o.as_object_map(), o.as_py_json())]
        r += [isinstance(once, JsOnceCallable)]
        for x in (p, f, once):
            x.destroy()
        r
        """
    )
    assert got == [
        [True, True, False],
        [True, True, True],
        [False, False],
        [True, True],
        [True, True],
        True,
    ]


@pytest.mark.spec("3.1/42", "13.4/28")
def test_subclass_tests_between_types(rt: Runtime) -> None:
    """One type of proxies includes another when it has all its capabilities, in either direction of the test."""
    rt.py(SETUP, wanted=FLAGS)

    @rt.run
    def _() -> None:
        from pyodide.ffi import (
            JsArray,
            JsBuffer,
            JsException,
            JsMap,
            JsMutableMap,
            JsPromise,
            JsProxy,
        )

        make = boxed  # type: ignore[name-defined] # noqa: F821 - defined by SETUP
        a = make("[Promise.resolve()]")
        classes = (JsArray, JsPromise, JsBuffer)
        assert [isinstance(a, c) for c in classes] == [True, False, False]
        assert issubclass(type(a), JsArray)
        assert issubclass(JsPromise, type(a[0]))
        assert issubclass(type(a[0]), JsPromise)
        assert not issubclass(JsArray, type(a))
        m, w, o = make("new Map()"), make("new WeakMap()"), make("{}")
        assert issubclass(type(m), JsMap)
        assert issubclass(type(m), JsMutableMap)
        assert issubclass(type(m), type(w))
        assert not issubclass(type(w), type(m))
        assert isinstance(m, type(o))
        assert not isinstance(o, type(m))
        assert issubclass(JsMutableMap, JsMap)
        assert not issubclass(JsMap, JsMutableMap)
        assert issubclass(JsException, Exception)
        assert issubclass(JsException, JsProxy)
        assert not issubclass(int, type(o))
        assert not isinstance(5, type(o))
        assert not issubclass(int, JsProxy)
        try:
            issubclass(5, type(o))
        except TypeError:
            pass
        else:
            raise AssertionError


@pytest.mark.spec("3.1/43")
@pytest.mark.parametrize(
    ("source", "classes"),
    [
        ("[]", "MutableSequence Sequence"),
        ("new Uint8Array()", "MutableSequence Sequence"),
        ("{ [Symbol.toStringTag]: 'NodeList' }", "Sequence"),
        ("new Map()", "Mapping MutableMapping"),
        ("{ get() {}, length: 0, [Symbol.iterator]() {} }", "Mapping"),
        ("new WeakMap()", ""),
        ("new Set()", ""),
        ("{}", ""),
    ],
)
def test_abstract_base_classes(rt: Runtime, source: str, classes: str) -> None:
    """Containers are known to collections.abc, by instance and by type, and take part in structural pattern matching."""
    rt.py(SETUP, wanted=FLAGS)
    got = rt.py(
        """
        import collections.abc
        x = boxed(source)
        def pattern():
            match x:
                case [*_]: return "sequence"
                case {}: return "mapping"
            return ""
        names = [n for n in ("Mapping", "MutableMapping", "MutableSequence", "Sequence")
                 if isinstance(x, getattr(collections.abc, n)) and issubclass(type(x), getattr(collections.abc, n))]
        " ".join(names), pattern()
        """,
        source=source,
    )
    pattern = "mapping" if "get()" in source or "Map" in source else ""
    assert got == (classes, "sequence" if "Sequence" in classes else pattern)

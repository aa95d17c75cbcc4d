"""Acceptance vectors of the specification that combine several parts of the bridge: proxies made in Python, modules."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.spec("13.10/1")
def test_stored_proxy(rt: Runtime) -> None:
    """A created proxy holds one reference while both languages call it, is one object in JavaScript, and gives it back."""
    rt.js(
        """
        globalThis.store = (p) => { globalThis.stored = p; };
        globalThis.isStored = (p) => stored === p;
        globalThis.callStored = (n) => { for (let i = 0; i < n; i++) stored(); };
        """
    )

    @rt.run
    def _() -> None:
        import sys

        import js
        from pyodide.ffi import JsException, create_proxy

        calls, ended = [], []

        class Function:
            def __call__(self) -> int:
                calls.append(sys.getrefcount(self))
                return len(calls)

            def __del__(self) -> None:
                ended.append(True)

        f = Function()
        base = sys.getrefcount(f)
        p = create_proxy(f)
        js.store(p)
        for _ in range(3):
            assert js.isStored(p) is True
            assert sys.getrefcount(f) == base + 1
            p()
            js.callStored(2)
        assert len(calls) == 9
        assert calls[1:3] * 3 == [n for i, n in enumerate(calls) if i % 3]
        assert len(set(calls[::3])) == 1
        assert sys.getrefcount(f) == base + 1
        assert js.isStored(p) is True
        p.destroy()
        assert sys.getrefcount(f) == base
        assert ended == []
        del f
        assert ended == [True]
        try:
            js.callStored(1)
        except JsException as error:
            assert "Object has already been destroyed" in str(error)
        else:
            raise AssertionError


@pytest.mark.spec("13.10/2", "13.10/3", "13.10/4")
def test_assigned_proxies(rt: Runtime) -> None:
    """What Python reads back of a created proxy depends on `roundtrip`; with `capture_this` it gets JavaScript's `this`."""
    rt.js("globalThis.o = {}; globalThis.callF = (...args) => o.f(...args);")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsDoubleProxy, JsProxy, create_proxy

        d = {"a": 1}
        js.o.f = p = create_proxy(d, roundtrip=True)
        assert isinstance(js.o.f, JsDoubleProxy)
        assert js.o.f.unwrap() is d
        p.destroy()
        js.o.f = p = create_proxy(d, roundtrip=False)
        assert js.o.f is d
        p.destroy()

        seen = []
        js.o.f = p = create_proxy(lambda *args: seen.append(args), capture_this=True)
        js.callF()
        js.callF(1, "two")
        assert [args[1:] for args in seen] == [(), (1, "two")]
        for this, *_rest in seen:
            assert isinstance(this, JsProxy)
            assert this == js.o
        p.destroy()


@pytest.mark.spec("13.10/6")
def test_destroyed_proxy_as_argument(rt: Runtime) -> None:
    """A destroyed proxy cannot be handed to JavaScript, not even to come back unseen."""
    rt.js("globalThis.identity = (x) => x;")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException, create_proxy

        for options in ({}, {"roundtrip": False}, {"capture_this": True}):
            p = create_proxy(print, **options)
            p.destroy()
            try:
                js.identity(p)
            except JsException as error:
                assert "Object has already been destroyed" in str(error)
            else:
                raise AssertionError(options)


@pytest.mark.spec("13.10/14")
def test_javascript_consumes_iterables(rt: Runtime) -> None:
    """Maps are written as dicts are; constructors of JavaScript read Python's iterables, in either mode."""

    @rt.run
    def _() -> None:
        import js

        m = js.Map.new()
        m[1] = 6
        assert (m[1], m.size, 1 in m) == (6, 1, True)
        del m[1]
        assert (m.size, 1 in m) == (0, False)
        for iterable in (range(10), list(range(10)), tuple(range(10)), iter(range(10))):
            assert js.Uint8Array.new(iterable).to_bytes() == bytes(range(10))
        assert js.Uint8Array.new(x * x for x in range(4)).to_bytes() == bytes([0, 1, 4, 9])
        assert js.Set.new({1, 2}).size == 2


@pytest.mark.spec("13.10/15")
def test_memory_of_a_file(rt: Runtime) -> None:
    """`_into_file` gives the file the array's own memory."""
    got = rt.js(
        """
        const given = new Uint8Array([97, 98, 99, 100]);
        pyodide.globals.set("ta", given);
        const into = () => pyodide.runPython("with open('/tmp/given', 'wb') as f: ta._into_file(f)");
        into();
        const node = pyodide.FS.lookupPath("/tmp/given").node;
        const r = [node.contents.buffer === given.buffer, pyodide.runPython("open('/tmp/given').read()")];
        given[0] = 90;
        r.push(pyodide.runPython("open('/tmp/given').read()"));
        pyodide.FS.unlink("/tmp/given");
        pyodide.globals.delete("ta");
        return r;
        """
    )
    assert got == [True, "abcd", "Zbcd"]


@pytest.mark.spec("13.10/16")
def test_nested_imports(rt: Runtime) -> None:
    """Plain objects inside one another are modules below `js`; a number can be imported from one but is none itself."""
    rt.js("globalThis.a = { b: { c: 5 } };")

    @rt.run
    def _() -> None:
        import importlib
        import sys

        import js

        space: dict[str, object] = {}
        exec("from js.a.b import c\nimport js.a.b\nimport js.a.b as b", space)
        assert space["c"] == 5
        assert type(space["c"]) is int
        assert space["b"] == js.a.b
        try:
            importlib.import_module("js.a.b.c")
        except ModuleNotFoundError as error:
            assert error.name == "js.a.b.c"
        else:
            raise AssertionError
        for name in ("js.a.b", "js.a"):
            del sys.modules[name]


@pytest.mark.spec("13.10/17")
def test_registering_again(rt: Runtime) -> None:
    """A name registered twice gives the later object to who imports it then, and after its removal nothing."""
    rt.js("globalThis.one = { a: 1 }; globalThis.two = { a: 2 };")

    @rt.run
    def _() -> None:
        import importlib
        import sys

        import js
        from pyodide.ffi import register_js_module, unregister_js_module

        register_js_module("vector", js.one)
        register_js_module("vector", js.two)
        assert importlib.import_module("vector").a == 2
        del sys.modules["vector"]
        unregister_js_module("vector")
        try:
            importlib.import_module("vector")
        except ImportError:
            pass
        else:
            raise AssertionError


@pytest.mark.spec("13.10/18")
def test_equality_of_globals(rt: Runtime) -> None:
    """Proxies are equal when what they stand for is the same object, however it was reached."""
    rt.js("globalThis.self = globalThis;")

    @rt.run
    def _() -> None:
        import js

        assert js.self.self.Array == js.Array
        assert js.Array != js.self
        assert hash(js.self.self.Array) == hash(js.Array)

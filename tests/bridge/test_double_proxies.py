"""create_proxy and create_once_callable: Python objects whose proxies for JavaScript Python itself holds."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.spec("3.12/1")
def test_create_proxy(rt: Runtime) -> None:
    """A JsDoubleProxy stands for the object as often as wanted, until it is destroyed; with roundtrip it stays one."""
    rt.js(
        "globalThis.o = {}; globalThis.call = (f, ...args) => f(...args); globalThis.same = (x) => x;"
    )

    @rt.run
    def _() -> None:
        import sys

        import js
        from pyodide.ffi import JsDoubleProxy, JsException, create_proxy

        d = {"a": 1}
        before = sys.getrefcount(d)
        p = create_proxy(d)
        assert isinstance(p, JsDoubleProxy)
        assert sys.getrefcount(d) == before + 1
        js.o.p = p
        for back in (js.o.p, js.same(p), js.same(p)):
            assert isinstance(back, JsDoubleProxy)
            assert back == p
            assert back is not d
            assert back.unwrap() is d
        assert p.get("a") == 1
        assert (repr(p), bool(p), p.type) == ("{'a': 1}", True, "dict")
        p.destroy()
        p.destroy()
        del back
        assert sys.getrefcount(d) == before
        for use in (p.unwrap, lambda: p["a"], lambda: js.same(p), lambda: js.o.p, lambda: repr(p)):
            try:
                use()
            except JsException as error:
                assert "Object has already been destroyed" in str(error)
            else:
                raise AssertionError
        del js.o.p

        q = create_proxy(d, roundtrip=False)
        assert isinstance(q, JsDoubleProxy)
        js.o.q = q
        assert js.o.q is d
        assert q.unwrap() is d
        q.destroy()
        del js.o.q
        for wrong in (
            lambda: create_proxy(),
            lambda: create_proxy(1, 2),
            lambda: create_proxy(1, nothing=2),
        ):
            try:
                wrong()
            except TypeError:
                continue
            raise AssertionError


@pytest.mark.spec("3.12/1")
def test_callable_double_proxies(rt: Runtime) -> None:
    """Proxies of callables are called from both sides; with capture_this the first argument is JavaScript's `this`."""
    rt.js(
        "globalThis.o = { n: 1 }; globalThis.times = (f, n) => { let r; for (let i = 0; i < n; i++) r = f(i); return r; };"
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import create_proxy

        f = create_proxy(lambda *args: len(args))
        assert callable(f)
        plain = create_proxy({})
        assert not callable(plain)
        plain.destroy()
        assert (f(1, 2), f()) == (2, 0)
        assert js.times(f, 5) == 1
        js.o.f = f
        assert js.eval("o.f(1, 2, 3)") == 3
        f.destroy()

        g = create_proxy(lambda this, *args: (this == js.o, len(args)), capture_this=True)
        js.o.g = g
        assert list(js.eval("o.g(1, 2)")) == [True, 2]
        assert list(js.eval("o.g.call(o)")) == [True, 0]
        h = create_proxy(lambda *args: len(args), capture_this=False)
        js.o.h = h
        assert js.eval("o.h(1, 2)") == 2
        g.destroy()
        h.destroy()


@pytest.mark.spec("3.12/1")
def test_double_proxies_are_not_destroyed_with_calls(rt: Runtime) -> None:
    """The end of a call, of an iteration or of a promise leaves a proxy with the roundtrip property alone."""
    rt.js(
        """
        globalThis.keep = (x) => { globalThis.kept = x; return x; };
        globalThis.gen = function* (x) { yield x; return x; };
        """
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import create_proxy

        d = {"a": 1}
        p = create_proxy(d)
        js.keep(p)
        assert list(js.gen(p)) == [p]
        assert js.eval("kept.get('a')") == 1
        p.destroy()


@pytest.mark.spec("3.12/1", "13.10/7")
def test_once_callable(rt: Runtime) -> None:
    """A once-callable can be called once and then is released; destroy() instead of a call releases it too."""
    rt.js("globalThis.call = (f, ...args) => f(...args);")

    @rt.run
    def _() -> None:
        import sys

        import js
        from pyodide.ffi import JsException, JsOnceCallable, create_once_callable

        def f(*args: int) -> int:
            return len(args)

        before = sys.getrefcount(f)
        once = create_once_callable(f)
        assert isinstance(once, JsOnceCallable)
        assert sys.getrefcount(f) == before + 1
        assert js.call(once, 1, 2) == 2
        assert sys.getrefcount(f) == before
        for late in (lambda: js.call(once), lambda: once(), once.destroy):
            try:
                late()
            except JsException as error:
                assert error.name == "Error"
            else:
                raise AssertionError
        unused = create_once_callable(f)
        unused.destroy()
        assert sys.getrefcount(f) == before
        for late in (lambda: js.call(unused), unused.destroy):
            try:
                late()
            except JsException as error:
                assert error.name == "Error"
            else:
                raise AssertionError
        direct = create_once_callable(f)
        assert direct(1) == 1
        signature = create_once_callable.__text_signature__  # type: ignore[attr-defined]
        assert signature == "(obj, /, *, _may_syncify=False)"

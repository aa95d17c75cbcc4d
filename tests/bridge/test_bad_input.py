"""Wrong use of the bridge's functions from Python: a clear error of the right type, a usable runtime, nothing leaked."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("create_proxy()", ["TypeError"]),
        ("create_proxy(1, 2)", ["TypeError"]),
        ("create_proxy({}, no_such=1)", ["TypeError"]),
        ("create_once_callable()", ["TypeError"]),
        ("destroy_proxies(5)", ["TypeError"]),
        ("destroy_proxies(js)", ["TypeError"]),
        ("to_js()", ["TypeError"]),
        ("to_js([], no_such=1)", ["TypeError"]),
        ("to_js([], depth='x')", ["TypeError"]),
        ("js.Object.new().to_py(no_such=1)", ["TypeError"]),
        ("JsNull(1)", ["TypeError"]),
        ("JsException()", ["TypeError"]),
        ("js.holder.get_proxy()", ["TypeError"]),
        ("js.holder.get_proxy('a', 'b')", ["TypeError"]),
        ("object.__new__(type(js))", ["TypeError"]),
        ("type('Sub', (type(js),), {})()", ["TypeError"]),
        ("js.eval('((')", ["JsException"]),
        ("js.holder.a.b.c", ["AttributeError"]),
        ("js.revoked.x()", ["JsException"]),
        ("js.destroyed.x", ["AttributeError", "JsException"]),
        ("js.f.new.new()", ["AttributeError", "TypeError", "JsException"]),
        ("js.f(*5)", ["TypeError"]),
        ("js.f(**{1: 2})", ["TypeError"]),
        ("js + 1", ["TypeError"]),
        ("js[0]", ["TypeError"]),
        ("len(js.holder)", ["TypeError"]),
        ("iter(js.holder)", ["TypeError"]),
        ("next(js.holder)", ["TypeError"]),
        ("js.holder < 1", ["TypeError"]),
        ("__import__('copy').copy(js.holder)", ["TypeError", "PicklingError", "Error"]),
        ("__import__('pickle').dumps(js.holder)", ["TypeError", "PicklingError", "Error"]),
    ],
)
def test_errors_in_python(rt: Runtime, code: str, kinds: list[str]) -> None:
    """Each mistake is an exception of a sensible type, again and again, and leaves nothing behind."""
    rt.js(
        """
        const { proxy, revoke } = Proxy.revocable(function () {}, {});
        revoke();
        const destroyed = pyodide.runPython("{}");
        globalThis.holder = { a: 1 };
        globalThis.f = () => 1;
        globalThis.revoked = { x: proxy };
        globalThis.getDestroyed = () => { destroyed.destroy(); return destroyed; };
        Object.defineProperty(globalThis, "destroyed", { configurable: true, get: getDestroyed });
        """
    )
    rt.py(
        f"""
import js
from pyodide.ffi import *
from pyodide.ffi import JsException, JsNull, create_once_callable, create_proxy, destroy_proxies, to_js
seen = set()
for _ in range(3):
    try:
        {code}
    except Exception as error:
        seen.add(type(error).__name__)
    else:
        seen.add("no error")
"""
    )
    seen = rt.py("sorted(seen)")
    assert len(seen) == 1
    assert seen[0] in kinds


@pytest.mark.parametrize("name", ["x", "toString", "then", "__class__"])
def test_destroyed_proxy_given_to_python(rt: Runtime, name: str) -> None:
    """A destroyed proxy handed to Python is an error that says it was destroyed; nothing is called."""
    got = rt.js(
        """
        const d = pyodide.runPython("{}"), f = pyodide.runPython("lambda x: 1");
        d.destroy();
        const r = [() => f(d), () => f(1, d), () => pyodide.globals.set(name, d), () => f.callKwargs({ x: d })].map((g) => h.thrown(g).message);
        f.destroy();
        return r;
        """,
        name=name,
    )
    assert all("destroyed" in message for message in got)


def test_destroyed_proxy_returned_to_python(rt: Runtime) -> None:
    """A JavaScript function that returns a destroyed proxy raises JsException in Python."""
    rt.js("const d = pyodide.runPython('{}'); d.destroy(); globalThis.give = () => d;")
    got = rt.py(
        "import js\nfrom pyodide.ffi import JsException\ntry: js.give()\nexcept JsException as e: r = str(e)\nr"
    )
    assert "destroyed" in got


def test_throwing_probes(rt: Runtime) -> None:
    """Objects whose every trap throws can be held by Python; finding out what they can do throws nothing."""
    rt.js(
        """
        const evil = new Proxy(function () {}, new Proxy({}, { get() { return () => { throw new Error("probe"); }; } }));
        const getters = {};
        for (const n of ["then", "next", "get", "set", "has", "size", "length", "includes", "name", "message", "stack"])
            Object.defineProperty(getters, n, { get() { throw new Error("getter"); } });
        globalThis.box = { evil, getters };
        """
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException, JsProxy

        for name in ("evil", "getters"):
            o = getattr(js.box, name)
            assert isinstance(o, JsProxy)
            assert o == getattr(js.box, name)
            try:
                _ = o.message
            except JsException as error:
                assert error.message in ("probe", "getter")
            else:
                raise AssertionError("no error")


def test_probes_do_not_run_getters(rt: Runtime) -> None:
    """Finding out whether an object has a length or is an error runs no accessor."""
    rt.js(
        """
        globalThis.runs = 0;
        const o = {};
        for (const n of ["size", "length", "name", "message", "stack", "toString"])
            Object.defineProperty(o, n, { get() { globalThis.runs++; return undefined; } });
        globalThis.box = { o };
        """
    )
    rt.py("import js\no = js.box.o")
    assert rt.expr("runs") == 0


def test_array_like_monsters(rt: Runtime) -> None:
    """Arrays with absurd lengths and sparse arrays raise MemoryError or convert; they do not hang or crash."""
    rt.js(
        "globalThis.sparse = []; sparse.length = 2 ** 32 - 1; globalThis.far = []; far[100000] = 1;"
    )
    if rt.mode == "native":
        got = rt.py(
            "import js\ntry:\n    r = len(js.sparse)\nexcept Exception as e:\n    r = type(e).__name__\nr"
        )
        assert got in ("MemoryError", "OverflowError", "ConversionError", "JsException")
        assert rt.py("import js\n(len(js.far), js.far[-1], js.far[0])") == (100001, 1, None)
    else:
        assert rt.py("import js\n(len(js.far), js.far[-1])") == (100001, 1)


def test_huge_call(rt: Runtime) -> None:
    """A call with very many arguments works or raises; the runtime goes on."""
    rt.js("globalThis.count = (...args) => args.length;")
    got = rt.py(
        "import js\ntry:\n    r = js.count(*range(200_000))\nexcept Exception as e:\n    r = type(e).__name__\nr"
    )
    assert got in (200_000, "JsException", "RangeError", "MemoryError", "RecursionError")
    assert rt.py("js.count(1, 2)") == 2
    got = rt.js(
        """
        const f = pyodide.runPython("lambda *a: len(a)");
        try { return f(...Array.from({ length: 100_000 }, (_, i) => i)); } catch (e) { return e.type ?? e.name; } finally { f.destroy(); }
        """
    )
    assert got in (100_000, "RangeError", "MemoryError")

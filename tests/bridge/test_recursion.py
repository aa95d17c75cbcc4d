"""Endless recursion in either language and across both: an exception, and a runtime that goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.runtime import Runtime


def still_works(rt: Runtime) -> bool:
    """Whether both languages and the bridge between them are usable."""
    rt.js("globalThis.plus = (x, y) => x + y;")
    return rt.py("import js\njs.plus(1, 1)") == 2 and rt.expr("pyodide.runPython('1 + 1')") == 2


def test_python_recursion(rt: Runtime) -> None:
    """Python calling itself is a RecursionError."""
    rt.py("def f(): return f() + 1")
    for _ in range(3):
        assert rt.js("return h.thrown(() => pyodide.runPython('f()')).type") == "RecursionError"
    assert still_works(rt)


@pytest.mark.spec("3.5/3", "13.4/34")
def test_python_and_javascript_from_python(rt: Runtime) -> None:
    """Python and JavaScript calling one another, begun in Python."""
    rt.js("globalThis.bounce = (f) => f();")
    got = rt.py(
        """
        import js
        from pyodide.ffi import JsException
        def f(): return js.bounce(f)
        try: f()
        except RecursionError as e: r = type(e).__name__
        except JsException as e: r = e.name
        r
        """
    )
    assert got in ("RecursionError", "RangeError")
    assert still_works(rt)


def test_python_and_javascript_from_javascript(rt: Runtime) -> None:
    """The same begun in JavaScript."""
    rt.py("import js\ndef f(): return js.g()")
    got = rt.js(
        """
        const f = pyodide.globals.get("f");
        globalThis.g = () => f();
        const error = h.thrown(() => g());
        f.destroy();
        return error.type ?? error.name;
        """
    )
    assert got in ("RecursionError", "RangeError")
    assert still_works(rt)


@pytest.mark.parametrize(
    "body",
    [
        "class A:\n    def __repr__(self): return repr(js.wrap(self))\ntry: repr(A())",
        "class A:\n    def __getattr__(self, n): return js.getX(self)\ntry: A().x",
        "class A:\n    def __eq__(self, o): return js.eq(self, o)\n    __hash__ = None\ntry: A() == A()",
        "class A:\n    def __iter__(self): return iter(js.iterate(self))\ntry: list(A())",
    ],
)
def test_recursion_through_hooks(rt: Runtime, body: str) -> None:
    """Recursion through special methods and JavaScript: an exception, never a dead runtime."""
    rt.js(
        """
        globalThis.wrap = (x) => ({ toString: () => x.toString() });
        globalThis.getX = (x) => x.x;
        globalThis.eq = (x, y) => { const f = pyodide.runPython("lambda x, y: x == y"); try { return f(x, y); } finally { f.destroy(); } };
        globalThis.iterate = (x) => [...x];
        """
    )
    rt.py(
        "import js\nfrom pyodide.ffi import JsException\n"
        + body
        + "\nexcept (RecursionError, JsException) as e: r = 'error'"
    )
    assert rt.py("r") == "error"
    assert still_works(rt)


def test_getter_recursion(rt: Runtime) -> None:
    """A getter that asks Python that asks the getter."""
    rt.py("import js\ndef read(): return js.o.x")
    got = rt.js(
        """
        const read = pyodide.globals.get("read");
        globalThis.o = { get x() { return read(); } };
        const error = h.thrown(() => o.x);
        read.destroy();
        return error.type ?? error.name;
        """
    )
    assert got in ("RecursionError", "RangeError")
    assert still_works(rt)


def test_javascript_deep_before_python(rt: Runtime) -> None:
    """Python entered with nearly no JavaScript stack left fails cleanly or works, at every depth."""
    got = rt.js(
        """
        const f = pyodide.runPython("lambda: [1]");
        const seen = new Set();
        const deep = () => { let n = 0; const go = () => { n++; go(); }; try { go(); } catch {} return n; };
        const limit = deep();
        const at = (n) => { if (n > 0) return at(n - 1); try { const r = f(); if (h.isPyProxy(r)) r.destroy(); } catch (e) { seen.add(e.type ?? e.name); } };
        for (const left of [3000, 1500, 800, 400, 200, 100, 50, 20]) {
            try { at(Math.max(0, limit - left)); } catch (e) { seen.add(e.type ?? e.name); }
        }
        f.destroy();
        return [...seen].filter((x) => !["RangeError", "RecursionError"].includes(x));
        """
    )
    assert got == []
    assert still_works(rt)


def test_deep_but_finite(rt: Runtime) -> None:
    """A hundred levels of mutual calls are no trouble."""
    rt.js("globalThis.down = (f, n) => n ? f(n) + 1 : 0;")
    assert rt.py("import js\ndef f(n): return js.down(f, n - 1) + 1\nf(100)") == 199


@pytest.mark.modes("native")
def test_optimised_code_has_stack_for_as_much(fresh: Callable[..., Runtime]) -> None:
    """Frames of optimised code are larger than others: they too have room for the depth allowed."""
    rt = fresh(node_flags=("--no-liftoff",))
    rt.js("globalThis.getX = (x) => x.x;")
    got = rt.py(
        """
        import js
        class A:
            def __getattr__(self, name): return js.getX(self)
        try: A().x
        except Exception as e: r = type(e).__name__
        r
        """
    )
    assert got == "RecursionError"
    assert still_works(rt)

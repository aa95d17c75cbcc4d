"""Operations inside operations: objects destroyed while they are used, calls from getters, finalizers that call back."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


def test_callable_destroys_itself(rt: Runtime) -> None:
    """A function whose proxy is destroyed while it runs ends its call properly."""
    got = rt.js(
        """
        const f = pyodide.runPython("def f(kill):\\n    kill()\\n    return [1, 'done'][1]\\nf");
        pyodide.runPython("del f");
        const r = [f(() => f.destroy())];
        r.push(h.thrown(() => f(() => 1)).message.startsWith("Object has already been destroyed"));
        return r;
        """
    )
    assert got == ["done", True]


def test_argument_destroyed_by_the_callee(rt: Runtime) -> None:
    """A proxy among the arguments that the call itself destroys was still valid when it was passed."""
    got = rt.js(
        """
        const d = pyodide.runPython("{'a': 1}");
        const f = pyodide.runPython("def f(d, kill):\\n    kill()\\n    return d['a']\\nf");
        const r = f(d, () => d.destroy());
        f.destroy();
        return r;
        """
    )
    assert got == 1


def test_callee_destroys_its_argument(rt: Runtime) -> None:
    """JavaScript may destroy an argument before the call would; nothing is freed twice."""
    rt.js("globalThis.kill = (x) => { x.destroy(); return 'killed'; };")
    got = rt.py(
        """
        import js, sys
        d = {}
        before = sys.getrefcount(d)
        r = [js.kill(d) for _ in range(50)]
        (set(r) == {'killed'}, sys.getrefcount(d) - before)
        """
    )
    assert got == (True, 0)


def test_result_destroyed_before_return(rt: Runtime) -> None:
    """A JavaScript function that destroys the proxy that it returns gives an error, not a dead object."""
    rt.js("globalThis.f = (x) => { x.destroy(); return x; };")
    got = rt.py(
        """
        import js
        from pyodide.ffi import JsException
        try: js.f({})
        except JsException as error: r = 'destroyed' in str(error)
        r
        """
    )
    assert got is True


def test_attribute_replaced_by_its_getter(rt: Runtime) -> None:
    """A property that changes the object while it is read."""
    rt.py(
        """
        class Shifty:
            @property
            def x(self):
                type(self).x = 'replaced'
                return [1, {}][0]
        shifty = Shifty()
        """
    )
    assert rt.js(
        "const s = pyodide.globals.get('shifty'); const r = [s.x, s.x]; s.destroy(); return r;"
    ) == [1, "replaced"]


def test_parent_destroyed_by_its_getter(rt: Runtime) -> None:
    """A property that destroys the proxy through which it is read."""
    rt.py(
        """
        class Suicidal:
            def __init__(self): self.kill = None
            @property
            def x(self):
                self.kill()
                return {'a': 1}
        s = Suicidal()
        """
    )
    got = rt.js(
        """
        const s = pyodide.globals.get("s");
        s.kill = () => s.destroy();
        let r;
        try { r = s.x; } catch (error) { return error.message.includes("destroyed"); }
        const alive = (() => { try { return r.get("a") === 1; } catch (e) { return e.message.includes("destroyed"); } })();
        r.destroy();
        return alive;
        """
    )
    assert got is True
    rt.py("s.kill = None")


def test_finalizer_calls_javascript(rt: Runtime) -> None:
    """`__del__` that runs inside a conversion, a call or a destroy may call JavaScript, which may call Python."""
    rt.js("globalThis.log = []; globalThis.note = (f, x) => { log.push(f([x])); };")

    @rt.run
    def _() -> None:
        import js

        class Noisy:
            def __init__(self, name: str) -> None:
                self.name = name

            def __del__(self) -> None:
                js.note(lambda items: items[0] + "!", self.name)

        js.eval("() => undefined")(Noisy("argument"))
        js.eval("(x) => x")(Noisy("returned"))
        items = [Noisy("item")]
        js.eval("(x) => x.length")(items)
        items.clear()

    assert rt.expr("log") == ["argument!", "returned!", "item!"]


def test_error_while_finalizing(rt: Runtime) -> None:
    """An exception in `__del__` during destroy is reported by Python and does not disturb the caller."""
    rt.py("class Bad:\n    def __del__(self): raise ValueError('in del')")
    assert (
        rt.js(
            "const b = pyodide.runPython('Bad()'); b.destroy(); return pyodide.runPython('1 + 1');"
        )
        == 2
    )
    assert "in del" in rt.output()


def test_setter_reads_back(rt: Runtime) -> None:
    """A JavaScript setter that calls into Python, which reads and writes the same property."""
    rt.py("import js\ndef echo(x): return js.o.hidden, x")
    rt.js(
        """
        const echo = pyodide.globals.get("echo");
        globalThis.o = { hidden: "h", set x(v) { const r = echo(v); this.hidden = String(r); if (h_isProxy(r)) r.destroy(); }, get x() { return this.hidden; } };
        globalThis.done = () => echo.destroy();
        globalThis.h_isProxy = h.isPyProxy;
        """
    )
    got = rt.py("js.o.x = 'new'\njs.o.x")
    assert got in ("h,new", "('h', 'new')")
    rt.js("done()")


def test_conversion_calls_back(rt: Runtime) -> None:
    """`toString`, `valueOf` and iterators of JavaScript that call Python while Python waits for them."""
    rt.py("import js\ndef f(x): return str(x) * 2")
    rt.js(
        """
        const f = pyodide.globals.get("f");
        globalThis.o = { toString: () => f("text"), *[Symbol.iterator]() { yield f(1); yield f("b"); }, get length() { return Number(f(1)); } };
        globalThis.done = () => f.destroy();
        """
    )
    assert rt.py("(str(js.o), list(js.o), len(js.o))") == ("texttext", ["11", "bb"], 11)
    rt.js("done()")


def test_dict_changed_while_iterated(rt: Runtime) -> None:
    """Python's own error when a dict changes under a JavaScript loop."""
    got = rt.js(
        """
        const d = pyodide.runPython("{'a': 1, 'b': 2}");
        const error = h.thrown(() => { for (const k of d) d.set(k + k, 0); });
        d.destroy();
        return error.type;
        """
    )
    assert got == "RuntimeError"


@pytest.mark.parametrize("digits", [10, 1000, 100_000])
def test_huge_integers(rt: Runtime, digits: int) -> None:
    """Integers of many digits cross exactly, both ways."""
    rt.js("globalThis.same = (x) => x; globalThis.bits = (x) => x.toString(2).length;")
    got = rt.py(
        """
        import js
        values = [10 ** n, -10 ** n, (1 << 4 * n) - 1, -(1 << 4 * n)]
        [js.same(v) == v for v in values] + [js.bits(v) == abs(v).bit_length() + (v < 0) for v in values]
        """,
        n=digits,
    )
    assert got == [True] * 8


def test_interleaved_frames(rt: Runtime) -> None:
    """Many arguments at every level of a recursion through both languages keep their values."""
    rt.js(
        "globalThis.step = (f, n, ...rest) => f(n - 1, ...rest.map((x) => typeof x === 'string' ? `${x},${n}` : x));"
    )
    got = rt.py(
        """
        import js
        def step(n, *args):
            before = repr(args)
            back = js.step(step, n, *args) if n else before
            assert repr(args) == before
            return back
        step(20, 'text' * 50, 1, 2.5, None, True, 'short', 2 ** 70, 'u\\u4e2d')
        """
    )
    tail = "," + ",".join(str(n) for n in range(20, 0, -1))
    expected = ("text" * 50 + tail, 1, 2.5, None, True, "short" + tail, 2**70, "u\u4e2d" + tail)
    assert got == repr(expected)

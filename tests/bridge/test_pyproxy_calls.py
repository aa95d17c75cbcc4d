"""Ways of calling a PyProxy beside `p()`: call, apply, bind, captureThis, keyword arguments, relaxed calls."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

SHOW = "def show(*args, **kwargs): return repr(args) + repr(kwargs)"


def on_show(rt: Runtime, body: str) -> object:
    """Run JavaScript with a proxy `f` of a function that shows its arguments."""
    rt.py(SHOW)
    return rt.js(
        f"const f = pyodide.globals.get('show'); try {{ {body} }} finally {{ f.destroy(); }}"
    )


def test_call_and_bind(rt: Runtime) -> None:
    """`this` is ignored, bound arguments come first and pile up."""
    got = on_show(
        rt,
        """
        const b = f.bind(0, 1, 2);
        return [f.call(9, 1), b(3), b.bind(5, 4)(5), b.call(7, 8), b.callKwargs({ x: 1 }), b.callRelaxed(6), typeof b];
        """,
    )
    assert got == [
        "(1,){}",
        "(1, 2, 3){}",
        "(1, 2, 4, 5){}",
        "(1, 2, 8){}",
        "(1, 2){'x': 1}",
        "(1, 2, 6){}",
        "function",
    ]


def test_capture_this(rt: Runtime) -> None:
    """`this` is the first argument; a bound one wins over the call's own and the first bound one sticks."""
    got = on_show(
        rt,
        """
        const c = f.captureThis();
        return [
          c.call(1, 2), c.bind(1).bind(2)(3), f.bind(1, 2).bind(5, 6).captureThis()(7),
          c.apply(3, [4]), c(1), c.callKwargs({ y: 2 }),
        ];
        """,
    )
    assert got == [
        "(1, 2){}",
        "(1, 3){}",
        "(1, 2, 6, 7){}",
        "(3, 4){}",
        "(None, 1){}",
        "(None,){'y': 2}",
    ]


def test_capture_this_of_a_method(rt: Runtime) -> None:
    """Put on an object, a capturing function receives that object."""
    got = on_show(
        rt,
        "pyodide.runPython('def me(self, x): return self, x'); const g = pyodide.globals.get('me').captureThis(); const o = { g }; const r = o.g(1); const back = r.get ? r.get(0) : r[0]; return back === o;",
    )
    assert got is True


def test_aliases_share_a_life(rt: Runtime) -> None:
    """Aliases take no reference of their own and die with the original."""
    rt.py(SHOW + "\nimport sys")
    got = rt.js(
        """
        const count = () => pyodide.runPython("sys.getrefcount(show)");
        const before = count();
        const f = pyodide.globals.get("show");
        const one = count();
        const aliases = [f.bind(0, 1), f.captureThis(), f.bind(2).captureThis()];
        const many = count();
        f.destroy();
        return [one - before, many - before, count() - before, ...aliases.map((a) => h.thrown(() => a()).message.split("\\n")[0])];
        """
    )
    assert got[:3] == [1, 1, 0]
    assert set(got[3:]) == {"Object has already been destroyed"}


def test_apply_takes_what_function_apply_takes(rt: Runtime) -> None:
    """Array-likes, null and undefined are accepted, primitives are a TypeError, exactly as for a JavaScript function."""
    got = on_show(
        rt,
        """
        const js = (...args) => args.length;
        const sized = (s) => (s === "(){}" ? 0 : s.slice(1, -3).replace(/,$/, "").split(",").length);
        const cases = [undefined, null, {}, { length: 2, 0: 1, 1: 2 }, { 0: 1 }, [1, 2, 3], function (a, b) {}, [], { length: "2" }, 1, "abc", 1n, Symbol("s"), true];
        return cases.map((list) => {
          let expected, got;
          try { expected = js.apply(null, list); } catch (e) { expected = e.name; }
          try { got = sized(f.apply(null, list)); } catch (e) { got = e.name; }
          return [expected, got];
        });
        """,
    )
    assert isinstance(got, list)
    assert [one for one in got if one[0] != one[1]] == []
    assert got[-5:] == [["TypeError", "TypeError"]] * 5


def test_call_kwargs(rt: Runtime) -> None:
    """The vectors of a function with defaults, and Python's own complaints."""
    rt.py("def f(x=2, y=3): return [x, y]")
    got = rt.js(
        """
        const f = pyodide.globals.get("f");
        const list = (r) => (Array.isArray(r) ? r : [r.get(0), r.get(1)]);
        const r = [f(), f(7), f.callKwargs({ y: 4 }), f.callKwargs(8, { y: 4 }), f.callKwargs(Object.create(null))].map(list);
        const errors = [() => f.callKwargs(76, { x: 6 }), () => f.callKwargs({ z: 6 }), () => f.callKwargs(), () => f.callKwargs(1),
          () => f.callKwargs(null), () => f.callKwargs(new Map()), () => f.callWithOptions({ kwargs: true })].map(h.thrown);
        return [r, errors.map((e) => [e.name, e.message.trim().split("\\n").at(-1)])];
        """
    )
    assert got[0] == [[2, 3], [7, 3], [2, 4], [8, 4], [2, 3]]
    errors = got[1]
    assert errors[0] == ["PythonError", "TypeError: f() got multiple values for argument 'x'"]
    assert errors[1] == ["PythonError", "TypeError: f() got an unexpected keyword argument 'z'"]
    missing = "requires at least one argument (the key word argument object)"
    assert errors[2] == ["TypeError", f"callKwargs {missing}"]
    assert errors[3:6] == [["TypeError", "kwargs argument is not an object"]] * 3
    assert errors[6] == ["TypeError", f"callWithOptions with 'kwargs: true' {missing}"]


def test_call_relaxed(rt: Runtime) -> None:
    """Surplus arguments are dropped, missing ones are still a TypeError; options combine."""
    rt.py("def f(a, b=5): return a * 10 + b\ndef g(a, *, k=0): return a + k")
    got = rt.js(
        """
        const f = pyodide.globals.get("f"), g = pyodide.globals.get("g");
        const r = [
          f.callRelaxed(1), f.callRelaxed(1, 2), f.callRelaxed(1, 2, 3), f.callRelaxed(1, 2, 3, 4), h.thrown(() => f.callRelaxed()).type,
          f.callWithOptions({ relaxed: true }, 1, 2, 3), f.callWithOptions({}, 1, 2), h.thrown(() => f.callWithOptions({}, 1, 2, 3)).type,
          g.callKwargsRelaxed(1, 2, 3, { k: 5 }), g.callWithOptions({ relaxed: true, kwargs: true }, 1, 2, { k: 7 }),
        ];
        return r;
        """
    )
    assert got == [15, 12, 12, 12, "TypeError", 12, 12, "TypeError", 6, 8]


@pytest.mark.parametrize("count", range(12))
def test_numbers_of_arguments(rt: Runtime, count: int) -> None:
    """Any number of arguments arrives in order, objects among them too."""
    rt.py(
        "def f(*args): return [type(a).__name__ for a in args], [a for a in args if isinstance(a, int)], [a.n for a in args if not isinstance(a, int)]"
    )
    got = rt.js(
        """
        const f = pyodide.globals.get("f");
        const args = Array.from({ length: count }, (_, i) => (i % 2 ? { n: i } : i));
        const r = f(...args);
        return Array.isArray(r) ? r : [0, 1, 2].map((i) => { const part = r.get(i); return Array.from(part); });
        """,
        count=count,
    )
    assert [sorted([*got[1], *got[2]]), len(got[0])] == [list(range(count)), count]


def test_calls_under_a_getter_that_calls(rt: Runtime) -> None:
    """Looking at an argument may run code that calls Python itself; the frame survives it."""
    rt.py("def f(*args): return len(args)\ndef total(*args): return sum(a.n for a in args)")
    got = rt.js(
        """
        const f = pyodide.globals.get("f"), total = pyodide.globals.get("total");
        const nosy = (n) => new Proxy({ n }, { has(t, k) { f({}, {}, {}, {}, {}, {}); return k in t; } });
        return total(nosy(1), nosy(2), nosy(3), nosy(4), nosy(5), nosy(6));
        """
    )
    assert got == 21

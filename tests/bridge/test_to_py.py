"""`pyodide.toPy` and `to_js`: the explicit conversions, as far as the conversion table needs them."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("[1, [2, 'x']]", "[1, [2, 'x']]"),
        ("({a: 1, b: [2]})", "{'a': 1, 'b': [2]}"),
        ("new Map([['a', 1], [2, new Map()]])", "{'a': 1, 2: {}}"),
        ("new Set([1])", "{1}"),
        ("[1, , 2]", "[1, None, 2]"),
        ("[]", "[]"),
        ("({})", "{}"),
        (
            "(() => { const o = { get a() { delete o.b; return 1; }, b: 2, c: 3 }; return o; })()",
            "{'a': 1, 'c': 3}",
        ),
        ("({ get a() { this.z = 1; return 1; }, b: 2 })", "{'a': 1, 'b': 2}"),
        ("({ a: 1, [Symbol.toStringTag]: 'Object' })", "{'a': 1}"),
        ("({ a: 1, [Symbol.iterator]: 1 })", "{'a': 1}"),
        (
            "Object.fromEntries(Array.from({ length: 40 }, (_, i) => ['k' + i, i]))",
            str({f"k{i}": i for i in range(40)}),
        ),
        (
            "Array(3).fill(0).map((_, i) => ({ a: i, b: i + 0.5, c: true, d: undefined, e: 2 ** 40, f: 2n ** 70n, g: 'é日', h: 'h' }))",
            str(
                [
                    {
                        "a": i,
                        "b": i + 0.5,
                        "c": True,
                        "d": None,
                        "e": 2**40,
                        "f": 2**70,
                        "g": "é日",
                        "h": "h",
                    }
                    for i in range(3)
                ]
            ),
        ),
        (
            "Array(3).fill(0).map((_, i) => [i + 0.5, 'x', [i], undefined, false])",
            str([[i + 0.5, "x", [i], None, False] for i in range(3)]),
        ),
    ],
)
def test_to_py(rt: Runtime, source: str, text: str) -> None:
    """Plain containers become Python's."""
    got = rt.js(f"const p = pyodide.toPy({source}); const r = String(p); p.destroy(); return r;")
    assert got == text


def test_to_py_of_scalars(rt: Runtime) -> None:
    """Values that convert implicitly stay themselves."""
    assert (
        rt.js("return [1, 'x', true, undefined, 2n ** 70n].map((v) => pyodide.toPy(v) === v);")
        == [True] * 5
    )


def test_to_py_of_instances(rt: Runtime) -> None:
    """An instance of a class, and a proxy of Python, are returned as they are."""
    got = rt.js(
        """
        class C {}
        const c = new C(), d = pyodide.runPython("{}");
        const back = pyodide.toPy(d);
        const r = [pyodide.toPy(c) === c, back.type];
        if (back !== d) back.destroy();
        d.destroy();
        return r;
        """
    )
    assert got == [True, "dict"]


def test_to_py_shares_and_cycles(rt: Runtime) -> None:
    """Shared and cyclic references keep their shape."""
    got = rt.js(
        """
        const a = [1], o = { a, again: a };
        o.me = o;
        const p = pyodide.toPy(o), f = pyodide.runPython("lambda o: (o['a'] is o['again'], o['me'] is o, o.clear())[:2] == (True, True)");
        const r = f(p);
        p.destroy();
        f.destroy();
        return r;
        """
    )
    assert got is True


def test_to_py_depth(rt: Runtime) -> None:
    """`depth` leaves deeper containers as they are."""
    got = rt.js(
        """
        const inner = { x: 1 }, outer = { inner };
        const p = pyodide.toPy(outer, { depth: 1 });
        const r = p.get("inner") === inner;
        p.destroy();
        return r;
        """
    )
    assert got is True


def test_to_js_in_python(rt: Runtime) -> None:
    """`to_js` makes plain JavaScript values; scalars stay as they are."""
    rt.js("globalThis.show = (x) => JSON.stringify(x);")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import to_js

        assert js.show(to_js([1, ["x"], (2,)])) == '[1,["x"],[2]]'
        assert to_js("abc") == "abc"
        assert to_js(55) == 55
        assert to_js(js) is js


def test_to_js_of_to_py(rt: Runtime) -> None:
    """`to_py` of a JsProxy is the inverse of `to_js`."""

    @rt.run
    def _() -> None:
        from pyodide.ffi import to_js

        value = [1, [2.5, "x", None], [[]]]
        assert to_js(value).to_py() == value

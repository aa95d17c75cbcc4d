"""Deeply nested containers: either they cross whole or a RecursionError/RangeError says no; never a crash."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

DEPTHS = [10, 100, 1000, 10_000, 100_000]

PY_NEST = """
    def nest(n):
        value = []
        for _ in range(n - 1):
            value = [value]
        return value
    def depth(value):
        n = 1
        while value:
            value = value[0]
            n += 1
        return n
"""

JS_NEST = """
    globalThis.nest = (n) => { let v = []; for (let i = 1; i < n; i++) v = [v]; return v; };
    globalThis.depth = (v) => { let n = 1; while (v.length) { v = v[0]; n++; } return n; };
"""


@pytest.mark.modes("native")
@pytest.mark.parametrize("depth", DEPTHS)
def test_nested_list_to_js(rt: Runtime, depth: int) -> None:
    """From Python: the argument of a call arrives whole or the call raises RecursionError."""
    rt.js(JS_NEST)
    rt.py(PY_NEST)
    got = rt.py(
        """
        import js
        value = nest(n)
        try:
            result = js.depth(value)
        except RecursionError as error:
            result = type(error).__name__
        result
        """,
        n=depth,
    )
    assert got in (depth, "RecursionError")
    assert depth > 1000 or got == depth
    assert rt.py("js.depth([[[]]])") == 3


@pytest.mark.modes("native")
@pytest.mark.parametrize("depth", DEPTHS)
def test_nested_result_to_js(rt: Runtime, depth: int) -> None:
    """The result of a Python function arrives whole or JavaScript gets a PythonError RecursionError or a RangeError."""
    rt.js(JS_NEST)
    rt.py(PY_NEST)
    got = rt.js(
        """
        try {
            return depth(pyodide.runPython(`nest(${n})`));
        } catch (error) {
            return error.type ?? error.name;
        }
        """,
        n=depth,
    )
    assert got in (depth, "RecursionError", "RangeError")
    assert depth > 1000 or got == depth
    assert rt.expr("pyodide.runPython('[[]]')") == [[]]


@pytest.mark.modes("native")
@pytest.mark.parametrize("depth", DEPTHS)
def test_nested_array_to_py(rt: Runtime, depth: int) -> None:
    """From JavaScript, by argument: the Array arrives whole or the call throws."""
    rt.js(JS_NEST)
    rt.py(PY_NEST)
    got = rt.js(
        """
        const f = pyodide.globals.get("depth");
        try {
            return f(nest(n));
        } catch (error) {
            return error.type ?? error.name;
        } finally {
            f.destroy();
        }
        """,
        n=depth,
    )
    assert got in (depth, "RecursionError", "RangeError")
    assert depth > 1000 or got == depth
    assert rt.py("import js\njs.nest(3)") == [[[]]]


@pytest.mark.modes("native")
@pytest.mark.parametrize("depth", DEPTHS)
def test_nested_result_to_py(rt: Runtime, depth: int) -> None:
    """From JavaScript, by result of a call: the Array arrives whole or Python gets RecursionError or JsException."""
    rt.js(JS_NEST)
    rt.py(PY_NEST)
    got = rt.py(
        """
        import js
        from pyodide.ffi import JsException
        try:
            value = js.nest(n)
        except RecursionError as error:
            result = type(error).__name__
        except JsException as error:
            result = error.name
        else:
            result = depth(value)
        value = None
        result
        """,
        n=depth,
    )
    assert got in (depth, "RecursionError", "RangeError")
    assert depth > 1000 or got == depth
    assert rt.py("js.depth([[[]]])") == 3


@pytest.mark.modes("native")
def test_deep_and_shared(rt: Runtime) -> None:
    """A structure whose expansion would be exponential crosses in linear size, because sharing is kept."""
    rt.py(
        """
        import js
        value = []
        for _ in range(60):
            value = [value, value]
        """
    )
    got = rt.js(
        """
        let v = pyodide.globals.get("value");
        const seen = new Set();
        const visit = (x) => { if (!seen.has(x)) { seen.add(x); x.forEach(visit); } };
        visit(v);
        globalThis.shared = v;
        return seen.size;
        """
    )
    assert got == 61
    got = rt.py(
        """
        seen = set()
        def visit(x):
            if id(x) not in seen:
                seen.add(id(x))
                for item in x: visit(item)
        back = js.shared
        visit(back)
        len(seen)
        """
    )
    assert got == 61


@pytest.mark.modes("native")
def test_wide_and_nested(rt: Runtime) -> None:
    """Many levels and many items together."""
    rt.js("globalThis.same = (x) => x")
    got = rt.py(
        """
        import js
        value = [[[j, str(j), [float(j) + .5] * (j % 7), None] for j in range(30)] for i in range(300)]
        js.same(value) == value
        """
    )
    assert got is True


@pytest.mark.parametrize("mode_depth", [1000, 100_000])
def test_to_py_and_to_js_of_deep_values(rt: Runtime, mode_depth: int) -> None:
    """The explicit conversions survive deep values in both modes too."""
    rt.js(JS_NEST)
    got = rt.js(
        """
        try {
            const list = pyodide.toPy(nest(n));
            const type = list.type;
            list.destroy();
            return type;
        } catch (error) {
            return error.type ?? error.name;
        }
        """,
        n=mode_depth,
    )
    assert got in ("list", "RecursionError", "RangeError")
    rt.py(PY_NEST)
    got = rt.py(
        """
        from pyodide.ffi import JsException, to_js
        try:
            result = to_js(nest(n)).length
        except RecursionError:
            result = 'RecursionError'
        except JsException as error:
            result = error.name
        result
        """,
        n=mode_depth,
    )
    assert got in (1, "RecursionError", "RangeError")

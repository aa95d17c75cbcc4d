"""Random values through the bridge and back, both ways and in both modes. The seed stands in pytest's header."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.runtime import Runtime

# The runtime is shared by all examples of a test on purpose; its state is restored after the test.
profile = settings(
    max_examples=150,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# Any code points but surrogates, and then strings that hold lone ones (a pair would join, by the rules of JavaScript).
plain_text = st.text()
lone_text = st.lists(st.sampled_from([*map(chr, (0xDC00, 0xDFFF)), "a", "\0", "\u00e9"])).map(
    "".join
)
text = st.one_of(plain_text, lone_text)
integers = st.one_of(
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.builds(
        lambda bits, d, sign: sign * (2**bits + d),
        st.integers(0, 200),
        st.integers(-2, 2),
        st.sampled_from([1, -1]),
    ),
)
# Floats that JavaScript calls integers come back as int, so an equal value is all that is promised of them.
floats = st.floats(allow_nan=False).filter(lambda x: x != 0)
scalars = st.one_of(st.none(), st.booleans(), integers, floats, text)
lists = st.recursive(scalars, lambda inner: st.lists(inner, max_size=8), max_leaves=40)
tuples_too = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=6), st.lists(inner, max_size=6).map(tuple)),
    max_leaves=40,
)


def plain(value: object) -> object:
    """The value with every tuple as list, which is what native mode gives back."""
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.spec("2.3/1")
@profile
@given(value=scalars)
def test_scalar_from_python(rt: Runtime, value: object) -> None:
    """A scalar of Python comes back equal, and strings and ints exact."""
    rt.js("globalThis.same = (x) => x;")
    assert rt.py("import js\nback = js.same(value)\nback == value", value=value) is True


@profile
@given(value=integers)
def test_int_is_exact(rt: Runtime, value: int) -> None:
    """An int comes back as the equal int, and JavaScript prints the same digits."""
    rt.js("globalThis.same = (x) => x; globalThis.digits = (x) => x.toString();")
    got = rt.py(
        "import js\nb = js.same(v)\n(b, isinstance(b, int), js.digits(v) == str(v))", v=value
    )
    assert got == (value, True, True)


@profile
@given(value=floats)
def test_float_from_python(rt: Runtime, value: float) -> None:
    """A float comes back equal; as int exactly when JavaScript calls it a safe integer."""
    rt.js("globalThis.same = (x) => x; globalThis.isSafe = Number.isSafeInteger;")
    got = rt.py("import js\nb = js.same(v)\n(b == v, (type(b) is int) == js.isSafe(v))", v=value)
    assert got == (True, True)


@profile
@given(value=text)
def test_text_from_javascript(rt: Runtime, value: str) -> None:
    """A string of JavaScript comes back ===."""
    rt.py("def same(x): return x")
    got = rt.js(
        "const f = pyodide.globals.get('same'); const ok = f(v) === v; f.destroy(); return ok;",
        v=value,
    )
    assert got is True


@profile
@given(value=tuples_too)
def test_container_from_python(rt: Runtime, value: object) -> None:
    """In native mode nested lists come back equal; in proxy mode the same object comes back."""
    rt.js("globalThis.same = (x) => x;")
    if rt.mode == "proxy":
        assert rt.py("import js\nb = js.same(v)\nb is v or b == v", v=value) is True
        return
    assert rt.py("import js\njs.same(v) == want", v=value, want=plain(value)) is True


@profile
@given(value=lists)
def test_container_from_javascript(rt: Runtime, value: object) -> None:
    """In native mode a nested Array arrives in JavaScript equal again; in proxy mode it is the same object."""
    rt.py("def same(x): return x")
    body = """
        const f = pyodide.globals.get("same");
        const back = f(v);
        f.destroy();
        const show = (x) => JSON.stringify(x, (_, y) => typeof y === "bigint" || Number.isInteger(y) ? `int ${BigInt(y)}`
            : y === undefined ? "undefined" : y);
        return [show(back) === show(v), back === v];
    """
    equal, same = rt.js(body, v=value)
    assert equal is True
    assert same is (rt.mode == "proxy") or not isinstance(value, list)


@profile
@given(value=lists)
def test_explicit_conversion_in_python(rt: Runtime, value: object) -> None:
    """`to_js` and `to_py` are inverse to one another."""
    got = rt.py(
        "from pyodide.ffi import to_js, JsProxy\nj = to_js(v)\n(j.to_py() if isinstance(j, JsProxy) else j) == v",
        v=value,
    )
    assert got is True


@profile
@given(name=st.text(), value=scalars)
def test_attribute_names(rt: Runtime, name: str, value: object) -> None:
    """Any name can be set on a JavaScript object from Python and read back, and JavaScript sees it."""
    rt.js("globalThis.target = {};")
    # The letter keeps clear of names that the type itself has.
    code = "import js\nsetattr(js.target, n, v)\ngetattr(js.target, n) == v"
    assert rt.py(code, n="x" + name, v=value) is True
    assert rt.expr("Object.keys(target).join() === n", n="x" + name) is True

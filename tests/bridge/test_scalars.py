"""Immutable values by value, in both directions and both modes: None, null, bool, int, float."""

from __future__ import annotations

import math

import pytest

from harness.codec import NULL, BigInt, kind
from harness.runtime import Runtime

MAX_SAFE = 2**53 - 1

# (Python expression, JavaScript type, value as the harness decodes it)
PY_TO_JS = [
    ("None", "undefined", None),
    ("True", "boolean", True),
    ("False", "boolean", False),
    ("__import__('pyodide.ffi', fromlist=['x']).jsnull", "null", NULL),
    ("0", "number", 0),
    ("-1", "number", -1),
    ("2**30", "number", 2**30),
    ("2**31", "number", 2**31),
    ("-2**31", "number", -(2**31)),
    ("2**31 - 1", "number", 2**31 - 1),
    ("2**32", "number", 2**32),
    ("2**32 / 2**4", "number", 2**28),
    ("-2**32 - 1", "number", -(2**32) - 1),
    ("2**53 - 2", "number", MAX_SAFE - 1),
    ("-(2**53 - 2)", "number", -(MAX_SAFE - 1)),
    ("2**53 - 1", "bigint", MAX_SAFE),
    ("-(2**53 - 1)", "bigint", -MAX_SAFE),
    ("2**53", "bigint", 2**53),
    ("2**63", "bigint", 2**63),
    ("-2**63", "bigint", -(2**63)),
    ("2**64", "bigint", 2**64),
    ("-(2**64)", "bigint", -(2**64)),
    ("2**64 - 1", "bigint", 2**64 - 1),
    ("3**1000", "bigint", 3**1000),
    ("-(7**999)", "bigint", -(7**999)),
    ("0.5", "number", 0.5),
    ("1e300", "number", 1e300),
    ("5e-324", "number", 5e-324),
    ("float('inf')", "number", math.inf),
    ("float('-inf')", "number", -math.inf),
    ("1.0", "number", 1),
    ("__import__('enum').IntEnum('E', {'A': 3}).A", "number", 3),
    ("type('MyInt', (int,), {})(2**60)", "bigint", 2**60),
    ("type('MyFloat', (float,), {})(2.5)", "number", 2.5),
    ("type('MyStr', (str,), {})('abc')", "string", "abc"),
]


@pytest.mark.spec("1.1/5", "1.2/1", "1.2/2", "13.1/1", "13.1/2", "13.1/3", "13.1/9")
@pytest.mark.parametrize(("expression", "js_type", "value"), PY_TO_JS)
def test_py_to_js(rt: Runtime, expression: str, js_type: str, value: object) -> None:
    """Each scalar arrives with its JavaScript type, as a result and as an argument."""
    rt.js("globalThis.same = (x) => { globalThis.seen = x; return typeof x; }")
    result = rt.js("return pyodide.runPython(expression)", expression=expression)
    assert (kind(result), result) == (js_type, value)
    rt.py(f"import js\njs.same({expression})")
    seen = rt.expr("globalThis.seen")
    assert (kind(seen), seen) == (js_type, value)


@pytest.mark.spec("1.1/6", "13.1/8")
def test_float_specials_to_js(rt: Runtime) -> None:
    """NaN and the sign of zero survive the way to JavaScript."""
    assert math.isnan(rt.expr("pyodide.runPython(\"float('nan')\")"))
    zero = rt.expr('pyodide.runPython("-0.0")')
    assert zero == 0
    assert math.copysign(1, zero) == -1


# (JavaScript expression, Python type, repr of the Python value)
JS_TO_PY = [
    ("undefined", "NoneType", "None"),
    ("null", "JsNull", "jsnull"),
    ("[null][0]", "JsNull", "jsnull"),
    ("({a: null}).a", "JsNull", "jsnull"),
    ("(() => null)()", "JsNull", "jsnull"),
    ("new Map([['a', null]]).get('a')", "JsNull", "jsnull"),
    ("true", "bool", "True"),
    ("false", "bool", "False"),
    ("0", "int", "0"),
    ("-0", "int", "0"),
    ("1.0", "int", "1"),
    ("2**31", "int", "2147483648"),
    ("-(2**31) - 1", "int", "-2147483649"),
    ("2**32", "int", "4294967296"),
    ("2**53 - 1", "int", "9007199254740991"),
    ("-(2**53 - 1)", "int", "-9007199254740991"),
    ("2**53", "float", "9007199254740992.0"),
    ("-(2**53)", "float", "-9007199254740992.0"),
    ("1e20", "float", "1e+20"),
    ("1e300", "float", "1e+300"),
    ("0.5", "float", "0.5"),
    ("Number.MIN_VALUE", "float", "5e-324"),
    ("NaN", "float", "nan"),
    ("Infinity", "float", "inf"),
    ("-Infinity", "float", "-inf"),
    ("2n ** 31n", None, "2147483648"),
    ("2n ** 63n", None, str(2**63)),
    ("-(2n ** 63n)", None, str(-(2**63))),
    ("2n ** 64n - 1n", None, str(2**64 - 1)),
    ("-(10n ** 40n)", None, str(-(10**40))),
    ("7n ** 999n", None, str(7**999)),
    ("'abc'", "str", "'abc'"),
    ("''", "str", "''"),
]


@pytest.mark.spec("2.1/2", "2.1/3", "2.1/4", "13.1/4", "13.1/5", "13.1/6", "13.1/7", "13.1/15")
@pytest.mark.parametrize(("expression", "py_type", "text"), JS_TO_PY)
def test_js_to_py(rt: Runtime, expression: str, py_type: str | None, text: str) -> None:
    """Each scalar arrives with its Python type, as an attribute, as a result and as an argument."""
    rt.js(f"globalThis.value = {expression}; globalThis.give = () => globalThis.value;")
    rt.py("import js\ndef describe(x): return (type(x).__name__, repr(x), isinstance(x, int))")
    by_attribute = rt.py("describe(js.value)")
    by_result = rt.py("describe(js.give())")
    by_argument = rt.py(
        "seen = []\njs.eval('(f) => f(globalThis.value)')(seen.append)\ndescribe(seen[0])"
    )
    rt.js("pyodide.globals.get('describe')(globalThis.value)")
    assert by_attribute == by_result == by_argument
    assert by_attribute[1] == text
    if py_type is None:
        assert by_attribute[2], "a bigint must be an int"
    else:
        assert by_attribute[0] == py_type


@pytest.mark.spec("1.2/2")
def test_bigint_arithmetic_is_exact(rt: Runtime) -> None:
    """Integers around the sizes of digits and words keep every bit in both directions."""
    rt.js("globalThis.next = (x) => BigInt(x) + 1n;")
    rt.py("import js")
    for bits in (15, 29, 30, 31, 32, 33, 45, 52, 53, 54, 59, 60, 61, 63, 64, 65, 90, 127, 128, 500):
        for base in (2**bits - 1, 2**bits, 2**bits + 1):
            for number in (base, -base):
                assert rt.py("js.next(n)", n=BigInt(number)) == number + 1, number


def test_round_trip_types(rt: Runtime) -> None:
    """An integral float comes back as int; a large int comes back exact."""

    @rt.run
    def _() -> None:
        import js

        same = js.eval("(x) => x")
        assert type(same(1.0)) is int
        assert type(same(1.5)) is float
        assert type(same(2.0**60)) is float
        assert same(2**53) == 2**53
        assert same(True) is True
        assert same(None) is None
        assert same(js.eval("null")) is js.eval("null")


def test_jsnull(rt: Runtime) -> None:
    """`jsnull` is a falsy singleton of its own, distinct from None."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsNull, jsnull

        assert js.eval("null") is jsnull
        assert js.eval("undefined") is None
        assert jsnull is not None
        assert not jsnull
        assert repr(jsnull) == "jsnull"
        assert JsNull() is jsnull
        assert type(jsnull) is JsNull
        assert jsnull != None  # noqa: E711 - the operator is what is tested
        assert jsnull.typeof == "object"
        assert js.eval("(x) => x === null")(jsnull) is True


def test_jsnull_in_json(rt: Runtime) -> None:
    """The json module writes `jsnull` as null, as a value and as a key."""

    @rt.run
    def _() -> None:
        import json
        from json.encoder import JSONEncoder

        from pyodide.ffi import jsnull

        assert json.dumps(jsnull) == "null"
        expected = '[null, {"null": 1, "1": null}]'
        value = [jsnull, {jsnull: 1, 1: jsnull}]
        assert json.dumps(value) == expected
        pure = "".join(JSONEncoder().iterencode(value))
        assert pure == expected


@pytest.mark.spec("1.1/3")
def test_bool_is_tested_before_int(rt: Runtime) -> None:
    """True and False are booleans inside calls with mixed arguments."""
    rt.js("globalThis.kinds = (...args) => args.map((a) => typeof a).join();")
    rt.py("import js")
    kinds = rt.py("js.kinds(True, 1, 1.0, 2**60, 'x', None)")
    assert kinds == "boolean,number,number,bigint,string,undefined"


@pytest.mark.spec("1.1/10")
def test_no_python_hook_is_consulted(rt: Runtime) -> None:
    """`__index__`, `__float__` and `__str__` do not make a value a scalar."""
    rt.js("globalThis.isProxy = h.isPyProxy;")

    @rt.run
    def _() -> None:
        import js

        class Hooks:
            def __index__(self) -> int:
                return 1

            def __float__(self) -> float:
                return 1.0

            def __str__(self) -> str:
                return "x"

        assert js.isProxy(Hooks()) is True
        assert js.isProxy(1 + 2j) is True
        assert js.isProxy(b"abc") is True


@pytest.mark.spec("13.1/14")
def test_symbol_stays_itself(rt: Runtime) -> None:
    """A symbol is proxied and comes back as the same symbol."""
    rt.js("globalThis.symbol = Symbol('a'); globalThis.isSymbol = (x) => x === globalThis.symbol;")
    assert rt.py("import js\n(js.symbol.typeof, js.isSymbol(js.symbol))") == ("symbol", True)


def test_boxed_primitives_are_objects(rt: Runtime) -> None:
    """Boxed values are objects, not scalars."""
    rt.py("from pyodide.ffi import JsProxy\nimport js")
    for source in ("new Number(1)", "new String('a')", "new Boolean(false)", "Object(1n)"):
        assert rt.py("isinstance(js.eval(s), JsProxy)", s=source), source

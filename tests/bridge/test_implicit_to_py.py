"""The implicit conversion to Python: what every kind of JavaScript value is there, and that it comes back as itself."""

from __future__ import annotations

import pytest

from harness.errors import JsError
from harness.runtime import Runtime

# JavaScript expression, and the truth about `x` in Python.
VALUES = [
    ("undefined", "x is None"),
    ("null", "x is jsnull"),
    ("true", "x is True"),
    ("false", "x is False"),
    ("1.0", "x == 1 and type(x) is int"),
    ("-0", "x == 0 and type(x) is int"),
    ("2 ** 53 - 1", "x == 2**53 - 1 and type(x) is int"),
    ("-(2 ** 53) + 1", "x == 1 - 2**53 and type(x) is int"),
    ("2 ** 53", "x == 9007199254740992.0 and type(x) is float"),
    ("-(2 ** 53)", "x == -9007199254740992.0 and type(x) is float"),
    ("1e20", "x == 1e20 and type(x) is float"),
    ("1e300", "x == 1e300 and type(x) is float"),
    ("0.5", "x == 0.5"),
    ("Number.MIN_VALUE", "x == 5e-324"),
    ("NaN", "x != x and type(x) is float"),
    ("Infinity", "x == float('inf')"),
    ("-Infinity", "x == float('-inf')"),
    ("5n", "x == 5 and isinstance(x, int)"),
    ("-(2n ** 64n)", "x == -(2**64) and isinstance(x, int)"),
    ("10n ** 300n", "x == 10**300 and isinstance(x, int)"),
    ("''", "x == '' and type(x) is str"),
    ("'\\u{1f40d}'", "x == '\\U0001f40d' and len(x) == 1"),
    ("'\\ud83d\\udc0d'", "x == '\\U0001f40d' and len(x) == 1"),
    ("'\\udc0d\\ud83d'", "x == '\\udc0d\\ud83d' and len(x) == 2"),
    ("'\\ud83d'", "x == '\\ud83d'"),
]

OBJECTS = ["{}", "Object.create(null)", "() => 1", "class A {}", "async () => 1", "function* () {}", "Symbol('a')", "Symbol.iterator", "new Map()", "new Set()",
    "new WeakMap()", "Promise.resolve(1)", "new Date(0)", "/x/", "new Error('x')", "new Number(1)", "new String('s')", "new Boolean(false)", "Object(5n)",
    "Object(Symbol())", "new Uint8Array(2)", "new ArrayBuffer(2)", "new SharedArrayBuffer(2)", "new DataView(new ArrayBuffer(2))", "globalThis", "Math", "JSON",
    "new Proxy({}, {})", "new Proxy(function () {}, {})", "[].values()", "(function* () {})()", "(function () { return arguments; })(1)",
    "{ length: 2, 0: 1 }", "Object.create(Array.prototype)", "new URL('file:///')", "new TextDecoder()", "new (class extends Map {})()", "{ then: 5 }",
    "process.getBuiltinModule('vm').runInNewContext('({})')"]  # fmt: skip

# How `give()`'s value reaches Python's `take`.
WAYS = {
    "result": "take(js.give())",
    "attribute": "take(js.holder.value)",
    "map item": "take(js.table['value'])",
    "iteration": "[take(x) for x in js.once()]",
    "argument": "js.hand(take)",
    "fifth argument": "js.handFifth(lambda a, b, c, d, x: take(x))",
    "keyword": "js.handKeyword(take_keyword)",
    "attribute written": "js.write(space); take(space.value)",
    "dict item written": "js.store(d); take(d['k'])",
    "global written": "js.define(); take(given)",
    "generator's value": "next(g := generate()); js.send(g)",
}

SETUP = """
    globalThis.holder = {};
    globalThis.table = new Map();
    globalThis.give = () => holder.value;
    globalThis.once = function* () { yield holder.value; };
    globalThis.hand = (f) => { f(holder.value); };
    globalThis.handFifth = (f) => { f(1, 2, 3, 4, holder.value); };
    globalThis.handKeyword = (f) => { f.callKwargs({ x: holder.value }); };
    globalThis.write = (space) => { space.value = holder.value; };
    globalThis.store = (d) => { d.set("k", holder.value); };
    globalThis.define = () => { pyodide.globals.set("given", holder.value); };
    globalThis.send = (g) => { g.next(holder.value); };
    globalThis.put = (value) => { holder.value = value; table.set("value", value); };
    globalThis.isIt = (x) => Object.is(x, holder.value);
"""

PY_SETUP = """
    import js
    from pyodide.ffi import *
    from pyodide.ffi import jsnull
    def take(x): taken.append(x)
    def take_keyword(*, x): taken.append(x)
    class Space: pass
    space, d, taken = Space(), {}, []
    def generate():
        take((yield))
        yield
"""


@pytest.mark.spec(
    "2.1/1",
    "2.1/2",
    "2.1/3",
    "2.1/4",
    "2.1/5",
    "2.1/6",
    "2.1/7",
    "13.1/4",
    "13.1/5",
    "13.1/6",
    "13.1/15",
)
@pytest.mark.parametrize("way", WAYS)
def test_immutables(rt: Runtime, way: str) -> None:
    """Each immutable value arrives by value wherever JavaScript hands it over or Python fetches it."""
    rt.js(SETUP.replace("pyodide", "globalThis.runtime"))
    rt.js("globalThis.runtime = pyodide;")
    rt.py(PY_SETUP)
    wrong = []
    for source, truth in VALUES:
        rt.js(f"put({source});")
        if rt.py(f"taken.clear()\n{WAYS[way]}\n[x] = taken\n{truth}") is not True:
            wrong.append(source)
    rt.py("taken.clear()\ng = None")
    assert wrong == []


@pytest.mark.spec("2.1/10", "2.3/3", "9.3/11", "13.1/14")
@pytest.mark.parametrize("way", WAYS)
def test_objects(rt: Runtime, way: str) -> None:
    """Every other value is a JsProxy, promises of calls a future, and is the very value again in JavaScript."""
    rt.js(SETUP.replace("pyodide", "globalThis.runtime"))
    rt.js("globalThis.runtime = pyodide;")
    rt.py(PY_SETUP)
    wrong = []
    for source in OBJECTS:
        if source.startswith("Promise"):
            continue
        rt.js(f"put(({source}));")
        if (
            rt.py(f"taken.clear()\n{WAYS[way]}\n[x] = taken\nisinstance(x, JsProxy) and js.isIt(x)")
            is not True
        ):
            wrong.append(source)
    rt.py("taken.clear()\ng = x = space.value = given = None\nd.clear()")
    assert wrong == []


@pytest.mark.spec("2.1/10")
def test_promises_that_are_no_result(rt: Runtime) -> None:
    """A promise that is read or handed over is a JsPromise, and itself again."""
    rt.js(
        "globalThis.p = Promise.resolve(1); globalThis.isP = (x) => x === p; globalThis.hand = (f) => f(p);"
    )
    got = rt.py(
        "import js\nfrom pyodide.ffi import JsPromise\n[isinstance(js.p, JsPromise), js.isP(js.p), js.hand(lambda x: js.isP(x))]"
    )
    assert got == [True] * 3


@pytest.mark.spec("2.1/8")
@pytest.mark.parametrize("way", WAYS)
def test_pyproxies(rt: Runtime, way: str) -> None:
    """A PyProxy is its Python object again, one of create_proxy a JsDoubleProxy."""
    rt.js(SETUP.replace("pyodide", "globalThis.runtime"))
    rt.js("globalThis.runtime = pyodide;")
    rt.py(PY_SETUP)
    rt.py("things = [[1], {}, object(), len, int, ValueError('x'), (1,), b'x']")
    wrong = []
    for i in range(8):
        rt.js(f"put(pyodide.globals.getProxy('things').getProxy({i}).copy());")
        if rt.py(f"taken.clear()\n{WAYS[way]}\n[x] = taken\nx is things[{i}]") is not True:
            wrong.append(i)
        rt.js("holder.value.destroy();")
    assert wrong == []
    got = rt.py(
        f"""
        double = create_proxy({{}})
        js.put(double)
        taken.clear()
        {WAYS[way]}
        [x] = taken
        r = isinstance(x, JsDoubleProxy), x == double, js.isIt(x), x.unwrap() is double.unwrap()
        taken.clear()
        space.value = given = x = g = None
        d.clear()
        double.destroy()
        r
        """
    )
    assert got == (True,) * 4
    rt.js("put(undefined); await h.collect();")


@pytest.mark.spec("2.1/9")
def test_destroyed_proxies(rt: Runtime) -> None:
    """A destroyed PyProxy throws the error that says it was destroyed, a JsException in Python, with its own message if it has one."""
    rt.py(
        "import js\nfrom pyodide.ffi import JsException\nclass Space: pass\nspace = Space()\ndef f(*args, **kwargs): return 1"
    )
    rt.js(
        "const d = pyodide.runPython('{}'), e = pyodide.runPython('{}'); d.destroy(); e.destroy({ message: 'my message' }); globalThis.dead = { d, e }; globalThis.give = (k) => dead[k];"
        "globalThis.table = new Map([['d', d], ['e', e]]); globalThis.once = function* (k) { yield dead[k]; };"
    )
    for key, text in (("d", "Object has already been destroyed"), ("e", "my message")):
        for read in (
            f"js.dead.{key}",
            f"js.give('{key}')",
            f"js.table['{key}']",
            f"list(js.once('{key}'))",
        ):
            got = rt.py(
                f"try:\n    {read}\nexcept JsException as error:\n    r = error.name, error.message\nr"
            )
            assert got[0] == "Error"
            assert text in got[1]
        for write in (
            "f(dead[k])",
            "f(1, dead[k])",
            "f.callKwargs({ x: dead[k] })",
            "space.value = dead[k]",
            "pyodide.globals.set('x', dead[k])",
            "f.call(null, dead[k])",
        ):
            with pytest.raises(JsError, match=text):
                rt.js(
                    f"const f = pyodide.globals.get('f'), space = pyodide.globals.get('Space')(); try {{ {write}; }} finally {{ f.destroy(); space.destroy(); }}",
                    k=key,
                )


@pytest.mark.spec("2.1/11", "2.3/1")
def test_numbers_that_change_their_type(rt: Runtime) -> None:
    """Floats that JavaScript calls safe integers come back as ints; ints beyond come back exact."""

    @rt.run
    def _() -> None:
        import js

        same = js.eval("(x) => x")
        for number in (1.0, -3.0, 2.0**52, 0.0, -0.0):
            assert type(same(number)) is int
            assert same(number) == number
        for number in (0.5, 2.0**53, -(2.0**53), 1e300, float("inf")):
            assert type(same(number)) is float
            assert same(number) == number
        for n in (2**53 - 2, 2**53 - 1, 2**53, 2**53 + 1, 2**64, -(2**53), -(2**1000) + 1):
            assert isinstance(same(n), int)
            assert same(n) == n


@pytest.mark.spec("2.1/12", "13.1/16")
def test_jsnull(rt: Runtime) -> None:
    """The one instance of JsNull: its text, truth, identity, copies, and json by both encoders, also as key."""

    @rt.run
    def _() -> None:
        import copy
        import json
        import pickle
        from unittest import mock

        import js
        from pyodide.ffi import JsNull, jsnull

        assert repr(jsnull) == str(jsnull) == "jsnull"
        assert bool(jsnull) is False
        assert JsNull() is jsnull is js.eval("null")
        assert type(jsnull) is JsNull
        assert jsnull.typeof == "object"
        assert jsnull == jsnull
        for other in (None, False, 0, "", js.Object):
            assert (jsnull == other) is False
            assert (jsnull != other) is True
        assert {jsnull: 1}[jsnull] == 1
        for again in (
            copy.copy(jsnull),
            copy.deepcopy([jsnull])[0],
            pickle.loads(pickle.dumps(jsnull)),
        ):
            assert again is jsnull
        assert js.eval("(x) => x === null")(jsnull) is True
        value = [jsnull, {jsnull: 1, 1: jsnull}]
        texts = [
            json.dumps(jsnull),
            json.dumps({jsnull: 1}),
            json.dumps(value),
            json.dumps(value, indent=1).replace("\n", "").replace(" ", ""),
        ]
        with mock.patch("json.encoder.c_make_encoder", None):
            texts += [
                json.dumps(jsnull),
                json.dumps({jsnull: 1}),
                json.dumps(value),
                "".join(json.JSONEncoder().iterencode(value)),
            ]
        expected = ["null", '{"null": 1}', '[null, {"null": 1, "1": null}]']
        assert texts == [*expected, '[null,{"null":1,"1":null}]', *expected, expected[2]]

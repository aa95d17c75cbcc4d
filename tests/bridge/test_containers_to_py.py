"""JavaScript Arrays at every implicit crossing to Python: a new list in native mode, a JsProxy in proxy mode."""

from __future__ import annotations

import pytest

from harness.codec import NULL
from harness.runtime import Runtime

# Python code that fetches `value` into the variable `got`.
PYTHON_CROSSINGS = {
    "attribute read": "got = js.value",
    "from import": "from js import value as got",
    "call result": "got = js.give()",
    "method result": "got = js.holder.give()",
    "item read": "got = js.table['value']",
    "getattr": "got = getattr(js, 'value')",
    "yielded value": "got = next(iter(js.once()))",
    "constructor attribute": "got = js.Holder.new().value",
}

# JavaScript that hands `value` to the Python function `take` or stores it.
JS_CROSSINGS = {
    "argument": "take(value)",
    "second argument": "takeSecond(0, value)",
    "attribute write": "space.value = value; pyodide.runPython('take(space.value)')",
    "item write": "d.set('k', value); pyodide.runPython('take(d[\"k\"])')",
    "globals.set": "pyodide.globals.set('given', value); pyodide.runPython('take(given)')",
    "send": "generator.next(); generator.next(value)",
}

SETUP = """
    globalThis.give = () => globalThis.value;
    globalThis.holder = { give };
    globalThis.table = new Map([["value", globalThis.value]]);
    globalThis.once = function* () { yield globalThis.value; };
    globalThis.Holder = class { value = globalThis.value; };
"""

PY_SETUP = """
    import js
    got = None
    def take(x):
        global got
        got = x
    def take_second(_, x): take(x)
    class Space: pass
    space = Space()
    d = {}
    def generate():
        take((yield))
        yield
    generator = generate()
"""

VALUES = {
    "empty": ("[]", []),
    "numbers": ("[1, 2.5, -3, 2n ** 60n]", [1, 2.5, -3, 2**60]),
    "mixed": ("[undefined, true, 'a', null]", [None, True, "a", NULL]),
    "nested": ("[[1, [2]], [], [[[]]]]", [[1, [2]], [], [[[]]]]),
    "holes": ("[1, , 3]", [1, None, 3]),
    "only holes": ("new Array(3)", [None, None, None]),
    "strings": ("['', '\\ud83d', '\\u{1f40d}'.repeat(300)]", ["", "\ud83d", "\U0001f40d" * 300]),
    "subclass": ("new (class Mine extends Array {})(1, 2)", [1, 2]),
    "other properties": ("Object.assign([1], {x: 2})", [1]),
    "frozen": ("Object.freeze([1, 2])", [1, 2]),
}


@pytest.mark.modes("native")
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("crossing", PYTHON_CROSSINGS)
def test_native_fetched(rt: Runtime, name: str, crossing: str) -> None:
    """In native mode Python gets a list wherever it fetches an Array."""
    source, expected = VALUES[name]
    rt.js(f"globalThis.value = {source};{SETUP}")
    rt.py(f"import js\n{PYTHON_CROSSINGS[crossing]}")
    assert rt.py("(type(got).__name__, got)") == ("list", expected)


@pytest.mark.modes("native")
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("crossing", JS_CROSSINGS)
def test_native_given(rt: Runtime, name: str, crossing: str) -> None:
    """In native mode Python gets a list wherever JavaScript hands an Array over."""
    _give(rt, VALUES[name][0], crossing)
    assert rt.py("(type(got).__name__, got)") == ("list", VALUES[name][1])


@pytest.mark.modes("proxy")
@pytest.mark.parametrize("crossing", PYTHON_CROSSINGS)
def test_proxy_mode_fetched(rt: Runtime, crossing: str) -> None:
    """In proxy mode Python gets a JsProxy of the very Array."""
    rt.js(f"globalThis.value = [1, [2]];{SETUP}")
    rt.py(f"import js\n{PYTHON_CROSSINGS[crossing]}")
    _assert_live(rt)


@pytest.mark.modes("proxy")
@pytest.mark.parametrize("crossing", JS_CROSSINGS)
def test_proxy_mode_given(rt: Runtime, crossing: str) -> None:
    """In proxy mode Python gets a JsProxy of the very Array that JavaScript hands over."""
    _give(rt, "globalThis.value = [1, [2]]", crossing)
    _assert_live(rt)


def _give(rt: Runtime, source: str, crossing: str) -> None:
    rt.py(PY_SETUP)
    rt.js(
        f"""
        const names = ["take", "take_second", "space", "d", "generator"];
        const [take, takeSecond, space, d, generator] = names.map((n) => pyodide.globals.get(n));
        const value = {source};
        {JS_CROSSINGS[crossing]};
        for (const p of [take, takeSecond, space, d, generator]) p.destroy();
        """
    )


def _assert_live(rt: Runtime) -> None:
    rt.js("globalThis.isValue = (x) => x === globalThis.value")
    assert rt.py("import js\n(type(got).__name__, js.isValue(got))") == ("JsProxy", True)


@pytest.mark.parametrize(
    "source",
    [
        "({})",
        "({length: 1, 0: 'a'})",
        "new Map()",
        "new Set()",
        "new Uint8Array(2)",
        "new Float64Array(2)",
        "new ArrayBuffer(2)",
        "(() => 1)",
        "class {}",
        "Symbol('a')",
        "Promise.resolve()",
        "new Date(0)",
        "/x/",
        "new Error('x')",
        "[][Symbol.iterator]()",
        "(function () { return arguments; })(1, 2)",
        "Object.create(Array.prototype)",
        "new Proxy({}, {})",
        "globalThis",
    ],
)
def test_everything_else_is_a_proxy(rt: Runtime, source: str) -> None:
    """Whatever is not an Array is proxied in both modes and comes back as the same object."""
    rt.js(f"globalThis.value = {source}; globalThis.isValue = (x) => x === globalThis.value;")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsProxy

        assert isinstance(js.value, JsProxy)
        assert js.isValue(js.value) is True


@pytest.mark.modes("native")
def test_proxies_inside_an_array(rt: Runtime) -> None:
    """An object inside an Array arrives as JsProxy inside the list; a PyProxy as the Python object itself."""
    rt.py("thing = {'a': 1}\nimport js")
    rt.js("globalThis.value = [{x: 1}, pyodide.globals.get('thing'), [new Map()]];")
    assert rt.py("v = js.value\n(v[0].x, v[1] is thing, v[2][0].typeof, type(v[2]).__name__)") == (
        1,
        True,
        "object",
        "list",
    )
    rt.js("globalThis.value[1].destroy()")


@pytest.mark.modes("native")
def test_the_list_is_a_copy(rt: Runtime) -> None:
    """Changing the list does not change the Array; each crossing makes a new list."""
    rt.js("globalThis.value = [1, [2]];")

    @rt.run
    def _() -> None:
        import js

        a, b = js.value, js.value
        assert a == b
        assert a is not b
        a.append(3)
        a[1].append(4)
        assert js.value == [1, [2]]
        assert b == [1, [2]]


@pytest.mark.modes("native")
def test_sharing_is_kept(rt: Runtime) -> None:
    """An Array that occurs twice is one list that occurs twice."""
    rt.js("const a = [1], t = [a]; globalThis.value = [a, a, [1], t, [t]];")
    got = rt.py(
        "import js\nv = js.value\n(v[0] is v[1], v[0] is v[2], v[4][0] is v[3], v[3][0] is v[0])"
    )
    assert got == (True, False, True, True)


@pytest.mark.modes("native")
@pytest.mark.parametrize("count", [1, 2, 6, 7, 8, 9, 10, 40])
def test_sharing_among_many(rt: Runtime, count: int) -> None:
    """However many Arrays there are, each that occurs again is itself, and so is the outermost."""
    rt.js(
        """
        const items = Array.from({ length: count }, (_, i) => [i]);
        globalThis.value = [...items, ...items];
        globalThis.value.push(globalThis.value);
        """,
        count=count,
    )
    assert rt.py(
        """
        import js
        v = js.value
        same = [i for i in range(count) if v[i] is v[count + i] and v[i] == [i]]
        found = same == list(range(count)), len({id(x) for x in v}) == count + 1, v[-1] is v
        v.clear()
        found
        """,
        count=count,
    ) == (True, True, True)


@pytest.mark.modes("native")
def test_cycles_to_py(rt: Runtime) -> None:
    """Cycles have the same shape on the other side."""
    rt.js(
        """
        const direct = []; direct.push(direct);
        const a = [1], b = [2]; a.push(b); b.push(a);
        const deep = [[[[]]]]; deep[0][0][0].push(deep);
        Object.assign(globalThis, { direct, a, deep });
        """
    )
    got = rt.py(
        """
        import js
        direct, a, deep = js.direct, js.a, js.deep
        found = (direct[0] is direct, len(direct), a[1][1] is a, a[1][0], deep[0][0][0][0] is deep)
        direct.clear(); a.clear(); deep.clear()
        found
        """
    )
    assert got == (True, 1, True, 2, True)


@pytest.mark.modes("native")
@pytest.mark.parametrize("count", [1, 10, 100, 1000, 10_000, 100_000])
def test_many_items(rt: Runtime, count: int) -> None:
    """Arrays of ints, floats and strings of any length arrive complete and in order."""
    rt.js(
        """
        const make = (item) => Array.from({length: count}, (_, i) => item(i));
        Object.assign(globalThis, { ints: make((i) => i), floats: make((i) => i + 0.5), texts: make(String),
            mixed: make((i) => i % 3 ? i : String(i)) });
        """,
        count=count,
    )
    got = rt.py(
        """
        import js
        r = range(n)
        [js.ints == list(r), js.floats == [i + 0.5 for i in r], js.texts == [str(i) for i in r],
         js.mixed == [i if i % 3 else str(i) for i in r]]
        """,
        n=count,
    )
    assert got == [True] * 4


@pytest.mark.modes("native")
def test_number_edges_in_arrays(rt: Runtime) -> None:
    """The rule for numbers is the same inside an Array as outside, whatever its neighbours."""
    rt.js(
        "globalThis.value = [2**31 - 1, 2**31, -(2**31) - 1, 2**53 - 1, 2**53, -0, 1.5, NaN, 10n ** 30n, 5n];"
        "globalThis.ints = [1, -0, 2**53 - 1, 2**53]; globalThis.small = [0, -0, 7];"
    )
    expected = (
        "[2147483647, 2147483648, -2147483649, 9007199254740991, 9007199254740992.0, 0, 1.5, nan, "
        "1000000000000000000000000000000, 5]"
    )
    assert rt.py("import js\nrepr(js.value)") == expected
    assert rt.py("repr(js.ints)") == "[1, 0, 9007199254740991, 9007199254740992.0]"
    assert rt.py("repr(js.small)") == "[0, 0, 7]"


@pytest.mark.modes("native")
def test_getters_and_proxied_arrays(rt: Runtime) -> None:
    """An element with a getter is read once; a Proxy of an Array is an Array as JavaScript says."""
    rt.js(
        """
        globalThis.reads = 0;
        globalThis.value = [1, 2];
        Object.defineProperty(value, 1, { get() { globalThis.reads++; return 5; } });
        globalThis.proxied = new Proxy([1, 2], {});
        """
    )
    assert rt.py("import js\n(js.value, js.reads, js.proxied)") == ([1, 5], 1, [1, 2])


@pytest.mark.modes("native")
def test_throwing_getter_inside(rt: Runtime) -> None:
    """An element whose getter throws makes the whole conversion raise that error."""
    rt.js(
        "globalThis.value = [{}, 1]; Object.defineProperty(value, 1, { get() { throw new RangeError('no'); } });"
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        try:
            _ = js.value
        except JsException as error:
            assert str(error) == "RangeError: no"
        else:
            raise AssertionError("no error")


@pytest.mark.modes("native")
def test_array_that_changes_while_read(rt: Runtime) -> None:
    """A getter that shrinks or grows the Array under the conversion cannot corrupt anything."""
    rt.js(
        """
        globalThis.shrinks = [0, 1, 2, 3];
        Object.defineProperty(shrinks, 1, { get() { shrinks.length = 2; return 9; } });
        globalThis.grows = [0, 1];
        Object.defineProperty(grows, 0, { get() { for (let i = 0; i < 5000; i++) grows.push(i); return 9; } });
        """
    )
    assert rt.py("import js\njs.shrinks[:2]") == [0, 9]
    assert rt.py("import js\njs.grows[:2]") == [9, 1]


@pytest.mark.modes("native")
def test_getter_that_calls_python(rt: Runtime) -> None:
    """A getter inside an Array may call back into Python, and that call may convert containers too."""
    rt.py("import js\ndef callback(x): return [x, js.inner, 'text' * 100]")
    rt.js(
        """
        globalThis.inner = [[7]];
        const f = pyodide.globals.get("callback");
        globalThis.value = ["before", 0, "after"];
        Object.defineProperty(value, 1, { get() { return f(["a"]); } });
        globalThis.done = () => f.destroy();
        """
    )
    assert rt.py("js.value") == ["before", [["a"], [[7]], "text" * 100], "after"]
    rt.js("done()")


def test_topy_gives_a_live_list(rt: Runtime) -> None:
    """`pyodide.toPy(array)` is a PyProxy of the new list in both modes, never an Array again."""
    got = rt.js(
        """
        const list = pyodide.toPy([1, [2]]);
        list.append(3);
        const result = [h.isPyProxy(list), list.type, String(list)];
        list.destroy();
        return result;
        """
    )
    assert got == [True, "list", "[1, [2], 3]"]


def test_get_proxy_reads_without_copying(rt: Runtime) -> None:
    """`JsProxy.get_proxy` gives the live Array, by attribute and by index, in both modes."""
    rt.js(
        "globalThis.array = [1]; globalThis.holder = { array };"
        "globalThis.nested = { rows: [array] };"
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsArray

        live = js.holder.get_proxy("array")
        assert isinstance(live, JsArray)
        live.push(2)
        live.push(3)
        assert live[0] == 1
        assert len(live) == 3
        rows = js.nested.get_proxy("rows")
        rows.get_proxy(0).push(4)

    assert rt.expr("array") == [1, 2, 3, 4]


def test_get_proxy_of_other_values(rt: Runtime) -> None:
    """`get_proxy` of a scalar gives the scalar; of a missing name, an AttributeError."""
    rt.js("globalThis.holder = { n: 3, s: 'x' };")

    @rt.run
    def _() -> None:
        import js

        assert js.holder.get_proxy("n") == 3
        assert js.holder.get_proxy("s") == "x"
        try:
            js.holder.get_proxy("missing")
        except AttributeError as error:
            assert "missing" in str(error)
        else:
            raise AssertionError("no error")

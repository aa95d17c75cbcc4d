"""Python list and tuple at every implicit crossing to JavaScript: a new Array in native mode, a PyProxy in proxy mode."""

from __future__ import annotations

import pytest

from harness.codec import NULL, Opaque
from harness.runtime import Runtime

# Each crossing: Python code that sends `value` to the global JavaScript function `keep`, or JavaScript that fetches it.
PYTHON_CROSSINGS = {
    "argument": "js.keep(value)",
    "second argument": "js.keepSecond(0, value)",
    "keyword argument": "js.keepKeyword(x=value)",
    "constructor argument": "js.Keeper.new(value)",
    "attribute write": "js.holder.kept = value\njs.keepHeld()",
    "item write": "js.table['kept'] = value\njs.keepTable()",
    "method argument": "js.holder.method(value)",
}

JS_CROSSINGS = {
    "runPython result": "return pyodide.runPython('value')",
    "globals.get": "return pyodide.globals.get('value')",
    "call result": "const f = pyodide.runPython('lambda: value'); const r = f(); f.destroy(); return r;",
    "attribute read": "const n = pyodide.runPython('space'); const r = n.value; return r;",
    "dict item": "const d = pyodide.runPython('{1: value}'); const r = d.get(1); d.destroy(); return r;",
    "yielded value": "const i = pyodide.runPython('iter([value])'); const r = i.next().value; return r;",
    "pyimport": "return pyodide.pyimport('value');",
}

SETUP = """
    globalThis.kept = undefined;
    globalThis.keep = (x) => { globalThis.kept = h.isPyProxy(x) ? x.copy() : x; };
    globalThis.keepSecond = (_, x) => keep(x);
    globalThis.keepKeyword = ({x}) => keep(x);
    globalThis.Keeper = class { constructor(x) { keep(x); } };
    globalThis.holder = { method(x) { keep(x); } };
    globalThis.keepHeld = () => keep(globalThis.holder.kept);
    globalThis.table = new Map();
    globalThis.keepTable = () => keep(globalThis.table.get("kept"));
"""

VALUES = {
    "empty list": ("[]", []),
    "empty tuple": ("()", []),
    "numbers": ("[1, 2.5, -3, 2**60]", [1, 2.5, -3, 2**60]),
    "mixed": ("[None, True, 'a', 1]", [None, True, "a", 1]),
    "tuple": ("(1, 'x')", [1, "x"]),
    "nested": ("[[1, [2]], (3,), []]", [[1, [2]], [3], []]),
    "jsnull inside": ("[__import__('pyodide.ffi', fromlist=['x']).jsnull]", [NULL]),
    "strings": (
        "['', 'abc', '\\ud83d', '\\U0001f40d' * 300]",
        ["", "abc", "\ud83d", "\U0001f40d" * 300],
    ),
}


@pytest.mark.modes("native")
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("crossing", PYTHON_CROSSINGS)
def test_native_from_python(rt: Runtime, name: str, crossing: str) -> None:
    """In native mode JavaScript gets an Array wherever Python hands a list or tuple over."""
    source, expected = VALUES[name]
    rt.js(SETUP)
    rt.py(f"import js\nvalue = {source}\n{PYTHON_CROSSINGS[crossing]}")
    assert rt.js("return [Array.isArray(kept), kept]") == [True, expected]


@pytest.mark.modes("native")
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("crossing", JS_CROSSINGS)
def test_native_from_javascript(rt: Runtime, name: str, crossing: str) -> None:
    """In native mode JavaScript gets an Array wherever it fetches a list or tuple from Python."""
    source, expected = VALUES[name]
    rt.py(f"value = {source}\nclass space: value = value")
    got = rt.js(
        f"const r = await (async () => {{ {JS_CROSSINGS[crossing]} }})(); return [Array.isArray(r), r];"
    )
    assert got == [True, expected]


@pytest.mark.spec("1.1/9", "2.3/2")
@pytest.mark.modes("proxy")
@pytest.mark.parametrize("source", ["[]", "(1, 2)", "[[1]]"])
@pytest.mark.parametrize("crossing", [*PYTHON_CROSSINGS, *JS_CROSSINGS])
def test_proxy_mode_gives_proxies(rt: Runtime, source: str, crossing: str) -> None:
    """In proxy mode the same crossings give a PyProxy of the very list or tuple."""
    rt.js(SETUP)
    rt.py(f"import js\nvalue = {source}\nclass space: value = value")
    if crossing in PYTHON_CROSSINGS:
        rt.py(PYTHON_CROSSINGS[crossing])
    else:
        rt.js(f"keep(await (async () => {{ {JS_CROSSINGS[crossing]} }})())")
    expected = "list" if source.startswith("[") else "tuple"
    assert rt.js("return [h.isPyProxy(kept), kept.type]") == [True, expected]
    rt.js("pyodide.globals.set('back', kept); kept.destroy(); delete globalThis.kept;")
    assert rt.py("back is value") is True


@pytest.mark.parametrize(
    ("source", "type_name"),
    [
        ("{}", "dict"),
        ("{1: 2}", "dict"),
        ("{1}", "set"),
        ("frozenset()", "frozenset"),
        ("b'abc'", "bytes"),
        ("bytearray(3)", "bytearray"),
        ("1j", "complex"),
        ("range(3)", "range"),
        ("iter([])", "list_iterator"),
        ("type('MyList', (list,), {})([1, 2])", "MyList"),
        ("type('MyTuple', (tuple,), {})((1, 2))", "MyTuple"),
        ("__import__('collections').namedtuple('P', 'x y')(1, 2)", "P"),
        ("lambda: 1", "function"),
        ("len", "builtin_function_or_method"),
        ("int", "type"),
        ("object()", "object"),
        ("ValueError('x')", "ValueError"),
        ("__import__('math')", "module"),
    ],
)
def test_everything_else_is_a_proxy(rt: Runtime, source: str, type_name: str) -> None:
    """Whatever is not exactly list or tuple is proxied in both modes, also inside a list, and comes back itself."""
    rt.py(f"import js\nvalue = {source}")
    got = rt.js(
        """
        const p = pyodide.runPython("value");
        const result = [h.isPyProxy(p), p.type];
        pyodide.globals.set("back", p);
        p.destroy();
        return result;
        """
    )
    assert got == [True, type_name]
    assert rt.py("back is value") is True


@pytest.mark.modes("native")
def test_proxies_inside_a_list(rt: Runtime) -> None:
    """A dict inside a list arrives as a proxy inside the Array; a JsProxy as the object itself."""
    rt.js("globalThis.thing = { name: 'thing' };")
    rt.py("import js\nvalue = [{'a': 1}, js.thing, [set()]]")
    got = rt.js(
        """
        const a = pyodide.runPython("value");
        const r = [a[0].type, a[0].get("a"), a[1] === globalThis.thing, a[2][0].type];
        a[0].destroy();
        a[2][0].destroy();
        return r;
        """
    )
    assert got == ["dict", 1, True, "set"]


@pytest.mark.modes("native")
def test_the_array_is_a_copy(rt: Runtime) -> None:
    """Changing the Array does not change the list; each crossing makes a new Array."""
    rt.py("value = [1, [2]]")
    got = rt.js(
        """
        const a = pyodide.globals.get("value"), b = pyodide.globals.get("value");
        a.push(3);
        a[1].push(4);
        return [a !== b, a[1] !== b[1], b, Object.getPrototypeOf(a) === Array.prototype];
        """
    )
    assert got == [True, True, [1, [2]], True]
    assert rt.py("value") == [1, [2]]


@pytest.mark.modes("native")
def test_sharing_is_kept(rt: Runtime) -> None:
    """A list that occurs twice is one Array that occurs twice, tuples too; equal lists stay apart."""
    rt.py("a = [1]\nt = (a,)\nvalue = [a, a, [1], t, t, [t]]")
    got = rt.js(
        """
        const v = pyodide.globals.get("value");
        return [v[0] === v[1], v[0] !== v[2], v[3] === v[4], v[5][0] === v[3], v[3][0] === v[0]];
        """
    )
    assert got == [True] * 5


@pytest.mark.modes("native")
def test_several_lists_in_one_call(rt: Runtime) -> None:
    """Several lists in one call each arrive whole."""
    rt.js("globalThis.join = (...lists) => JSON.stringify(lists)")
    rt.py("import js\na = [1, 'x']")
    assert rt.py("js.join(a, [], [a, a], (3,), 'y')") == '[[1,"x"],[],[[1,"x"],[1,"x"]],[3],"y"]'


@pytest.mark.modes("native")
def test_cycles_to_js(rt: Runtime) -> None:
    """Cycles have the same shape on the other side."""
    rt.py(
        """
        direct = []
        direct.append(direct)
        a, b = [1], [2]
        a.append(b)
        b.append(a)
        t = ([],)
        t[0].append(t)
        deep = [[[[]]]]
        deep[0][0][0].append(deep)
        """
    )
    got = rt.js(
        """
        const get = (name) => pyodide.globals.get(name);
        const direct = get("direct"), a = get("a"), t = get("t"), deep = get("deep");
        return [direct[0] === direct, direct.length, a[1][1] === a, a[1][0], t[0][0] === t,
                deep[0][0][0][0] === deep];
        """
    )
    assert got == [True, 1, True, 2, True, True]
    rt.py("direct.clear(); a.clear(); t[0].clear(); deep.clear()")


@pytest.mark.modes("native")
@pytest.mark.parametrize("count", [1, 10, 31, 32, 33, 100, 1000, 4096, 4097, 10_000, 100_000])
def test_many_items(rt: Runtime, count: int) -> None:
    """Lists of ints, floats and strings of any length arrive complete and in order."""
    got = rt.js(
        """
        pyodide.globals.set("n", count);
        const [ints, floats, texts, mixed] = ["range(n)", "(i + 0.5 for i in range(n))",
            "(str(i) for i in range(n))", "(i if i % 3 else str(i) for i in range(n))"]
            .map((source) => pyodide.runPython(`list(${source})`));
        const good = (list, item) => list.length === count && list.every((x, i) => x === item(i));
        return [good(ints, (i) => i), good(floats, (i) => i + 0.5), good(texts, String),
                good(mixed, (i) => i % 3 ? i : String(i))];
        """,
        count=count,
    )
    assert got == [True] * 4


@pytest.mark.modes("native")
def test_ints_that_python_has_ready_made(rt: Runtime) -> None:
    """Ints around the ends of CPython's table, at every place of a list, alone and among others."""
    edges = [-7, -6, -5, -4, -1, 0, 1, 255, 256, 257, 1023, 1024, 1025, 1026, 2**30 - 1, -(2**30)]
    lists = [
        [n if i == place else i for i in range(length)]
        for n in edges
        for length in range(1, 10)
        for place in range(length)
    ]
    rt.py(
        "lists = [[int(str(n)) for n in item] for item in given] + [tuple(range(-9, 1100)), [*range(8), True, 0.5, None]]",
        given=lists,
    )
    got = rt.js("return pyodide.globals.get('lists');")
    assert got == [*lists, list(range(-9, 1100)), [*range(8), True, 0.5, None]]
    assert [type(x) for x in got[-1][-3:]] == [bool, float, type(None)]


@pytest.mark.modes("native")
@pytest.mark.parametrize("item", ["i", "i + 0.5", "str(i)", "[i]"])
def test_arrays_are_apart(rt: Runtime, item: str) -> None:
    """What a program does with one Array does nothing to those that come later."""
    got = rt.js(
        """
        pyodide.runPython("items = [" + item + " for i in range(100)]");
        const get = () => pyodide.globals.get("items");
        const first = get();
        const before = JSON.stringify(first);
        first.fill("changed");
        first.push(1);
        first.extra = 1;
        const second = get();
        return [JSON.stringify(second) === before, Object.keys(second).length, second !== get()];
        """,
        item=item,
    )
    assert got == [True, 100, True]


@pytest.mark.modes("native")
def test_integer_edges_in_lists(rt: Runtime) -> None:
    """The rule for int and float is the same inside a list as outside, whatever its neighbours."""
    edges = [
        2**31 - 1,
        2**31,
        -(2**31),
        -(2**31) - 1,
        2**53 - 2,
        2**53 - 1,
        2**53,
        -(2**64),
        3**200,
    ]
    rt.py("value = edges + [1.0, -0.0, float('nan'), True]", edges=edges)
    got = rt.js(
        "return pyodide.globals.get('value').map((x) => typeof x + ':' + (Object.is(x, -0) ? '-0' : x))"
    )
    kinds = ["number" if abs(n) < 2**53 - 1 else "bigint" for n in edges]
    expected = [f"{k}:{n}" for k, n in zip(kinds, edges, strict=True)]
    assert got == [*expected, "number:1", "number:-0", "number:NaN", "boolean:true"]


@pytest.mark.modes("native")
def test_explicit_proxy_wins(rt: Runtime) -> None:
    """`create_proxy(list)` passes the live list; the proxy that comes back is not copied."""
    rt.js("globalThis.push = ((h) => (x) => { x.append(9); return h.isPyProxy(x); })(h)")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import create_proxy

        items = [1]
        proxy = create_proxy(items)
        assert js.push(proxy) is True
        assert items == [1, 9]
        proxy.destroy()


def test_to_js_gives_a_live_array(rt: Runtime) -> None:
    """`to_js(list)` is a JsProxy of the new Array in both modes, never a list again."""

    @rt.run
    def _() -> None:
        from pyodide.ffi import JsProxy, to_js

        array = to_js([1, [2]])
        assert isinstance(array, JsProxy)
        array.push(3)
        assert array.length == 3
        assert array[2] == 3


def test_getproxy_reads_without_copying(rt: Runtime) -> None:
    """`PyProxy.getProxy` gives the live list, by attribute and by key, in both modes."""
    rt.py(
        "items = [1]\nclass Space: pass\nspace = Space()\nspace.items = items\nd = {'items': items, 5: items}"
    )
    got = rt.js(
        """
        const space = pyodide.globals.get("space"), d = pyodide.globals.get("d");
        const live = space.getProxy("items"), byKey = d.getProxy(5);
        live.append(2);
        byKey.append(3);
        const result = [h.isPyProxy(live), h.isPyProxy(byKey), live.type, byKey.type];
        for (const p of [live, byKey, space, d]) p.destroy();
        return result;
        """
    )
    assert got == [True, True, "list", "list"]
    assert rt.py("items") == [1, 2, 3]


def test_getproxy_on_globals(rt: Runtime) -> None:
    """`pyodide.globals.getProxy(name)` gives the live list bound to a name."""
    rt.py("items = []")
    rt.js("const p = pyodide.globals.getProxy('items'); p.append('x'); p.destroy();")
    assert rt.py("items") == ["x"]


def test_opaque_description(rt: Runtime) -> None:
    """A proxy returned to the harness is described, so that a wrong kind shows in a failed comparison."""
    value = rt.expr("pyodide.runPython('{}')")
    assert isinstance(value, Opaque)
    assert (value.kind, value.type) == ("PyProxy", "dict")

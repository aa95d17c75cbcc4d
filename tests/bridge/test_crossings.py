"""How often each operation crosses the border between the languages: once. The design's budget, counted, not timed."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

ONE_IN = {"jsToPy": 1, "pyToJs": 0}
ONE_OUT = {"jsToPy": 0, "pyToJs": 1}

PY_SIDE = """
    class Space:
        number, text, words = 5, "short", "w" * 5000
        thing = {}
        numbers = list(range(1000))
        def method(self, *args): return 1
    space = Space()
    d = {"key": 7, 3: "three"}
    numbers = list(range(1000))
    def nothing(): pass
    def take(*args): pass
    def give(): return numbers
    def text(): return "w" * 5000
"""

JS_VARS = """
    const [space, d, nothing, take, give, text] = ["space", "d", "nothing", "take", "give", "text"].map((n) => pyodide.globals.get(n));
    const object = {}, words = "w".repeat(5000), numbers = Array.from({ length: 1000 }, (_, i) => i);
    const method = space.method;
"""

JS_OPERATIONS = {
    "call without arguments": "nothing()",
    "call with two ints": "take(1, 2)",
    "call with a short string": "take('short')",
    "call with six mixed arguments": "take(1, 2.5, 'x', true, null, undefined)",
    "call with an object": "take(object)",
    "call with three objects": "take(object, object, object)",
    "call with many arguments": "take(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)",
    "call with a proxy": "take(d)",
    "call of a cached method": "method()",
    "attribute read, int": "space.number",
    "attribute read, short string": "space.text",
    "attribute read, object": "space.thing",
    "attribute read, missing": "space.missing",
    "attribute write": "space.number = 6",
    "attribute write, string": "space.text = 'other'",
    "attribute test": "'number' in space",
    "item read": "d.get('key')",
    "item read, int key": "d.get(3)",
    "item write": "d.set('key', 8)",
    "item test": "d.has('key')",
    "length": "d.length",
    "text": "d.toString()",
}


@pytest.mark.parametrize("operation", JS_OPERATIONS)
def test_javascript_operations(rt: Runtime, operation: str) -> None:
    """Each operation of JavaScript on a Python object crosses once."""
    rt.py(PY_SIDE)
    got = rt.crossings(JS_VARS, JS_OPERATIONS[operation])
    assert got == ONE_IN


def test_method_call_from_javascript(rt: Runtime) -> None:
    """A method call is an attribute read and a call."""
    rt.py(PY_SIDE)
    assert rt.crossings(JS_VARS, "space.method(1)") == {"jsToPy": 2, "pyToJs": 0}


@pytest.mark.parametrize(
    "operation", ["take(words)", "text()", "space.words", "space.text = words"]
)
def test_long_strings_from_javascript(rt: Runtime, operation: str) -> None:
    """A string over the scratch size costs one more crossing at most."""
    rt.py(PY_SIDE)
    got = rt.crossings(JS_VARS, operation)
    assert got["jsToPy"] + got["pyToJs"] in (1, 2)


@pytest.mark.modes("native")
@pytest.mark.parametrize(
    "operation", ["take(numbers)", "give()", "space.numbers", "space.numbers = numbers"]
)
def test_thousand_ints_from_javascript(rt: Runtime, operation: str) -> None:
    """A list of a thousand ints is one crossing, either way."""
    rt.py(PY_SIDE)
    assert rt.crossings(JS_VARS, operation) == ONE_IN


JS_SIDE = """
    globalThis.o = { number: 5, text: "short", words: "w".repeat(5000), child: {}, method() { return 1; },
        numbers: Array.from({ length: 1000 }, (_, i) => i), echo(x) {} };
    globalThis.nothing = () => {};
    globalThis.m = new Map([["key", 7], [3, "three"]]);
    globalThis.typed = new Float64Array(10);
    globalThis.C = class {};
"""

PY_VARS = """
    import js
    o, nothing, m, typed, C, child = js.o, js.nothing, js.m, js.typed, js.C, js.o.child
    words, numbers = "w" * 5000, list(range(1000))
"""

PY_OPERATIONS = {
    "call without arguments": "nothing()",
    "call with two ints": "nothing(1, 2)",
    "call with a short string": "nothing('short')",
    "call with six mixed arguments": "nothing(1, 2.5, 'x', True, None, 2**70)",
    "call with an object": "nothing(child)",
    "call with many arguments": "nothing(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)",
    "call with a Python object": "nothing(len)",
    "call with keywords": "nothing(a=1, b=2)",
    "construction": "C.new()",
    "method call": "o.method()",
    "method call with two ints": "o.method(1, 2)",
    "method call with a short string": "o.method('short')",
    "attribute read, int": "o.number",
    "attribute read, short string": "o.text",
    "attribute read, object": "o.child",
    "attribute read, missing": "hasattr(o, 'missing')",
    "attribute write": "o.number = 6",
    "attribute write, string": "o.text = 'other'",
    "attribute delete": "del o.fresh",
    "item read": "m['key']",
    "item write": "m['key'] = 8",
    "item read, typed array": "typed[3]",
    "item test": "'key' in m",
    "length": "len(m)",
    "text": "str(m)",
    "equality": "o == child",
}


@pytest.mark.spec("3.3/6")
@pytest.mark.parametrize("operation", PY_OPERATIONS)
def test_python_operations(rt: Runtime, operation: str) -> None:
    """Each operation of Python on a JavaScript object crosses once."""
    rt.js(JS_SIDE)
    got = rt.python_crossings(PY_VARS, PY_OPERATIONS[operation])
    assert got == ONE_OUT


@pytest.mark.parametrize("operation", ["nothing(words)", "o.words", "o.text = words"])
def test_long_strings_from_python(rt: Runtime, operation: str) -> None:
    """A string over the scratch size costs one more crossing at most."""
    rt.js(JS_SIDE)
    got = rt.python_crossings(PY_VARS, operation)
    assert got["jsToPy"] + got["pyToJs"] in (1, 2)


@pytest.mark.modes("native")
@pytest.mark.parametrize(
    "operation", ["nothing(numbers)", "o.numbers", "o.numbers = numbers", "o.echo(numbers)"]
)
def test_thousand_ints_from_python(rt: Runtime, operation: str) -> None:
    """A list of a thousand ints is one crossing, either way."""
    rt.js(JS_SIDE)
    assert rt.python_crossings(PY_VARS, operation) == ONE_OUT


def test_callback_is_two(rt: Runtime) -> None:
    """Python calling JavaScript calling Python is one crossing each."""
    rt.js("globalThis.call = (f) => f();")
    got = rt.python_crossings("import js\ncall = js.call\ndef f(): pass", "call(f)")
    assert got == {"jsToPy": 1, "pyToJs": 1}


def test_retained_method_is_one(rt: Runtime) -> None:
    """A bound method that JavaScript holds already crosses with its call, though Python makes it anew."""
    setup = """
        import js
        class Space:
            def method(self, event): pass
        space, target = Space(), js.EventTarget.new()
        target.addEventListener("x", space.method)
    """
    assert rt.python_crossings(setup, "target.addEventListener('x', space.method)") == ONE_OUT
    assert rt.python_crossings("", "target.removeEventListener('x', space.method)") == ONE_OUT


def test_the_counter_counts(rt: Runtime) -> None:
    """The counters see every crossing: a loop of ten calls is ten."""
    rt.py(PY_SIDE)
    assert rt.crossings(JS_VARS, "for (let i = 0; i < 10; i++) nothing()") == {
        "jsToPy": 10,
        "pyToJs": 0,
    }


EXPLICIT = """
    import collections
    P = collections.namedtuple("P", "a b")
    class Asked(list):
        def __getitem__(self, i): return list.__getitem__(self, i)
    values = {
        "data": {"a": [1, 2, {"b": {3, 4}}] * 100, "t": (b"bytes", "text" * 10_000), "d": [{"x": i} for i in range(100)]},
        "subclasses": [P(1, collections.Counter("abc")), collections.defaultdict(list, a=[1])],
        "proxies": [len, [len], object()],
        "asked": [Asked([1, Asked([2])]), [3]],
    }
    class Box: data, subclasses, proxies, asked = values.values()
    p = None
"""

EXPLICIT_VARS = """
    const box = pyodide.globals.get("Box");
    const { data, subclasses, proxies, asked } = Object.fromEntries(
        ["data", "subclasses", "proxies", "asked"].map((name) => [name, box.getProxy(name)]));
"""


@pytest.mark.parametrize("value", ["data", "subclasses", "proxies"])
def test_explicit_conversion_to_javascript(rt: Runtime, value: str) -> None:
    """Builtin containers, whatever they hold, are one crossing, and so are subclasses that change nothing."""
    rt.py(EXPLICIT)
    assert rt.crossings(EXPLICIT_VARS, f"{value}.toJs()") == ONE_IN
    got = rt.python_crossings(
        f"{EXPLICIT}\n    from pyodide.ffi import to_js", f"to_js(Box.{value})"
    )
    assert got == ONE_OUT


def test_explicit_conversion_item_by_item(rt: Runtime) -> None:
    """Where Python code must be asked it is one crossing a container, and a few to begin and end."""
    rt.py(EXPLICIT)
    got = rt.crossings(EXPLICIT_VARS, "asked.toJs()")
    assert got["pyToJs"] == 0
    assert 4 < got["jsToPy"] <= 8


def test_explicit_conversion_to_python(rt: Runtime) -> None:
    """Containers of JavaScript are one crossing to Python."""
    rt.js(
        "globalThis.make = { data: { a: [1, { b: new Map([[1, new Set([2])]]) }], c: new Uint8Array(9) } };"
    )
    got = rt.python_crossings("import js\ndata = js.make.data", "data.to_py()")
    assert got == ONE_OUT
    assert rt.crossings("const { data } = globalThis.make;", "pyodide.toPy(data)") == ONE_IN

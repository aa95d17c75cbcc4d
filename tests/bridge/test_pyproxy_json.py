"""Items as properties: exact dicts, and the JSON views of asJsJson."""

from __future__ import annotations

import json

import pytest

from harness.runtime import Runtime

DICT = """d = {1: "int", "1": "string", 2: "int", "3": "string", "items": 9, "$dollar": 8, -4: "minus"}"""


def on_dict(rt: Runtime, body: str) -> object:
    """Run JavaScript with the proxy `d` of a dict with odd keys."""
    rt.py(DICT)
    return rt.js(f"const d = pyodide.globals.get('d'); try {{ {body} }} finally {{ d.destroy(); }}")


def test_dict_reads(rt: Runtime) -> None:
    """Attributes first, then the string key, then the int key."""
    got = on_dict(
        rt,
        "return [d[1], d[2], d[3], d.$dollar, typeof d.items, d[4], d['01'], d[-4], 1 in d, 2 in d, 4 in d, 'items' in d];",
    )
    assert got == [
        "string",
        "int",
        "string",
        8,
        "function",
        None,
        None,
        "minus",
        True,
        True,
        False,
        True,
    ]


def test_dict_writes(rt: Runtime) -> None:
    """An existing key is updated; a new name is an int only when it is nothing but digits."""
    on_dict(
        rt,
        "d[1] = 7; d[2] = 99; d[3] = 5; d[10] = 'ten'; d.x = 1; d[''] = 2; d['-9'] = 3; return 0;",
    )
    expected = {
        1: "int",
        "1": 7,
        2: 99,
        "3": 5,
        "items": 9,
        "$dollar": 8,
        -4: "minus",
        10: "ten",
        "x": 1,
        "": 2,
        "-9": 3,
    }
    assert rt.py("d") == expected


def test_dict_deletes(rt: Runtime) -> None:
    """The string key goes first, then the int key; then there is nothing to delete."""
    assert on_dict(
        rt,
        "return [delete d[1], d[1], delete d[1], d[1], Reflect.deleteProperty(d, 1), Reflect.deleteProperty(d, 'nope')];",
    ) == [
        True,
        "int",
        True,
        None,
        False,
        False,
    ]


def test_dict_enumeration(rt: Runtime) -> None:
    """Items are enumerable own properties, attributes are own keys that are not."""
    got = on_dict(
        rt,
        "const { x, ...rest } = { ...pyodide.runPython('dict(x=1, y=2)') }; return [Object.keys(d), Object.entries(pyodide.runPython('dict(a=1)')), x, rest, Reflect.ownKeys(d).includes('items'), Reflect.ownKeys(d).includes('popitem')];",
    )
    assert got == [["1", "2", "3", "items", "$dollar", "-4"], [["a", 1]], 1, {"y": 2}, True, True]


def test_dict_items_are_cached(rt: Runtime) -> None:
    """The same item read twice is the same proxy; a replaced one is not."""
    rt.py("d = {'s': {1}}")
    got = rt.js(
        "const d = pyodide.globals.get('d'); const first = d.s; const same = d.s === first; pyodide.runPython(\"d['s'] = {2}\"); const r = [same, d.s === first, d.s.has(2), d.get('s') === d.s]; d.destroy(); return r;"
    )
    assert got == [True, False, True, False]


def test_dict_crossings(rt: Runtime) -> None:
    """An item as a property is one crossing."""
    for operation in ("d.a", "d.a = 2", "'a' in d", "d.s"):
        got = rt.crossings("const d = pyodide.runPython(\"{'a': 1, 's': {1}}\");", operation)
        assert got == {"jsToPy": 1, "pyToJs": 0}, operation


@pytest.mark.parametrize(
    "data",
    [
        {
            "a": [1, {"b": [True, None, "x", 1.5]}],
            "c": {"d": {"e": []}},
            "type": "t",
            "then": 1,
            "length": 3,
        },
        [1, [2, [3, {"x": [4]}]], {}],
        {"get": 1, "keys": 2, "constructor_": 3, "": 4},
        {"1": "a", "10": ["b"]},
    ],
)
def test_stringify_equals_json(rt: Runtime, data: object) -> None:
    """JSON.stringify of a view is the JSON of the data, but that None is undefined to JavaScript."""
    rt.py("import json\ndata = json.loads(text)", text=json.dumps(data))
    text = rt.js(
        "return JSON.stringify(pyodide.globals.getProxy('data').asJsJson(), (k, v) => (v === undefined ? null : v));"
    )
    assert json.loads(text) == data


def test_view_of_dict(rt: Runtime) -> None:
    """Items are the only properties; nested containers are views and stay the same."""
    rt.py(
        "data = {'type': 'point', 'items': [1, {'x': 5}], 'then': 1, 5: 'five', 'deep': {'er': [{}]}}"
    )
    got = rt.js(
        """
        const v = pyodide.globals.getProxy("data").asJsJson();
        const r = [v.type, v.items[1].x, v.then, v[5], v.missing, v.keys, v.items === v.items, v.items[1] === v.items[1], v.deep.er.length,
          v.get(5), v.get("5"), Object.keys(v), Array.isArray(v.items.map((x) => x)), "type" in v, "keys" in v];
        v.deep.er[0].fresh = 1;
        v[7] = "seven";
        delete v.type;
        return [...r, (v.$$flags >> 15) & 1, (v.items.$$flags >> 16) & 1];
        """
    )
    assert got == [
        "point", 5, 1, "five", None, None, True, True, 1,
        "five", None, ["type", "items", "then", "5", "deep"], True, True, False,
        1, 1,
    ]  # fmt: skip
    assert rt.py("data") == {
        "items": [1, {"x": 5}],
        "then": 1,
        5: "five",
        "deep": {"er": [{"fresh": 1}]},
        7: "seven",
    }


def test_view_shares_the_life(rt: Runtime) -> None:
    """A view is an alias: it dies with the proxy, and takes no reference."""
    got = rt.js(
        "const d = pyodide.runPython(\"{'a': {}}\"); const v = d.asJsJson(); const inner = v.a; d.destroy(); return [h.thrown(() => v.a).message, h.thrown(() => inner.x).message].map((m) => m.split(' ').slice(0, 3).join(' '));"
    )
    assert got == ["Object has already", "This borrowed attribute"]


def test_view_in_loops(rt: Runtime) -> None:
    """A loop over a view gives views, which outlive the loop."""
    rt.py("data = [{'n': 1}, {'n': [2]}]")
    assert rt.js(
        "const v = pyodide.globals.getProxy('data').asJsJson(); const items = [...v]; return [items[0].n, items[1].n[0], v.map((x) => typeof x.n)];"
    ) == [1, 2, ["number", "object"]]


def test_who_has_as_js_json(rt: Runtime) -> None:
    """Only what has items can be viewed."""
    assert rt.js(
        "const has = (s) => { const p = pyodide.runPython(s); return typeof p.asJsJson; }; return [has('{}'), has('set()'), has('type(\"A\", (), {})()'), has('type(\"B\", (list,), {})()')];"
    ) == [
        "function",
        "undefined",
        "undefined",
        "function",
    ]

"""The tables of dict items as properties, and of the JSON views of asJsJson."""

from __future__ import annotations

import json

import pytest

from harness.runtime import Runtime

TABLE = 'd = {1: "int", "1": "string", 2: "int", "3": "string", "items": 9, "$dollar": 8}'


@pytest.mark.spec("4.6/1")
def test_table_of_a_dict(rt: Runtime) -> None:
    """The verified table: what reading, writing and deleting digit names does."""
    rt.py(TABLE)
    got = rt.js(
        """
        const d = pyodide.globals.get("d");
        const r = [d[1], d[2], d[3], d.$dollar, typeof d.items, d.items.type, d.$items.type];
        d[1] = 7; d[2] = 99; d[3] = 5; d[4] = "new int"; d.name = "new str";
        r.push(d.get(1), d.get("1"), d.get(2), d.get("3"), d.get(4), d.get("4"), d.get("name"));
        r.push(delete d[1], d[1], delete d[1], d[1], Reflect.deleteProperty(d, 1), h.thrown(() => { delete d[1]; }).name);
        return r;
        """
    )
    method = "builtin_function_or_method"
    assert got == [
        *("string", "int", "string", 8, "function", method, method),
        *("int", 7, 99, 5, "new int", None, "new str"),
        *(True, "int", True, None, False, "TypeError"),
    ]
    assert rt.py("d") == {2: 99, "3": 5, "items": 9, "$dollar": 8, 4: "new int", "name": "new str"}


@pytest.mark.spec("4.6/1")
def test_enumerating_a_dict(rt: Runtime) -> None:
    """Keys are those of dir() and of all items; the items are enumerable data properties that all of Object sees."""
    rt.py("d = {'a': 1, 'b': {2}, 5: 'five', '': 'empty'}")
    got = rt.js(
        """
        const d = pyodide.globals.get("d");
        const names = Reflect.ownKeys(d);
        const { a, ...rest } = d;
        return [["a", "b", "5", "", "popitem", "__len__"].every((k) => names.includes(k)), Object.keys(d), Object.entries(d).map(([k, v]) => [k, h.isPyProxy(v) ? v.type : v]),
          { ...d }.a, a, Object.keys(rest), Object.getOwnPropertyDescriptor(d, "a"), Object.getOwnPropertyDescriptor(d, "popitem"), Object.hasOwn(d, "5"), Object.hasOwn(d, "6"),
          Object.assign({}, d)[5], (() => { const seen = []; for (const k in d) seen.push(k); return seen; })()];
        """
    )
    keys = ["a", "b", "5", ""]
    assert got[0] is True
    assert sorted(got[1]) == sorted(keys)
    assert sorted(got[2], key=str) == sorted(
        [["a", 1], ["b", "set"], ["5", "five"], ["", "empty"]], key=str
    )
    assert got[3:5] == [1, 1]
    assert sorted(got[5]) == sorted(keys[1:])
    assert got[6] == {"value": 1, "writable": True, "enumerable": True, "configurable": True}
    assert got[7:11] == [None, True, False, "five"]
    assert sorted(got[11]) == sorted(keys)


@pytest.mark.spec("4.2/6", "4.6/1")
def test_subclasses_of_dict_have_no_item_properties(rt: Runtime) -> None:
    """Only exact dicts offer their items as properties; others have get() and a view."""
    rt.py("class D(dict): pass\nd = D(a=1)\nd.b = 2")
    got = rt.js(
        "const d = pyodide.globals.get('d'); return [d.a, d.b, d.get('a'), 'a' in d, Object.keys(d), d instanceof pyodide.ffi.PyDict, JSON.stringify(d.asJsJson())];"
    )
    assert got == [None, 2, 1, False, [], False, '{"a":1}']


@pytest.mark.spec("4.6/2")
def test_view_is_an_alias(rt: Runtime) -> None:
    """A view is the same Python object with the same life; whatever has `__getitem__` has one, nothing else."""
    rt.py(
        "import sys\nd = {'a': [1]}\nis_d = lambda x: x is d\nbase = sys.getrefcount(d)\nclass G:\n    def __getitem__(self, k): return k\ng = G()"
    )
    got = rt.js(
        """
        const d = pyodide.globals.get("d"), isD = pyodide.globals.get("is_d");
        const v = d.asJsJson();
        const r = [isD(v), pyodide.runPython("sys.getrefcount(d) - base"), v instanceof pyodide.ffi.PyProxy, pyodide.globals.get("g").asJsJson().anything];
        v.destroy();
        r.push(h.thrown(() => d.length).message.split("\\n")[0]);
        const has = (s) => { pyodide.runPython("x = " + s); return typeof pyodide.globals.getProxy("x").asJsJson; };
        return [...r, has("[]"), has("()"), has("{}"), has("range(2)"), has("list"), has("{1}"), has("iter([])"), has("object()")];
        """
    )
    assert got == [
        *(True, 1, True, "anything", "Object has already been destroyed"),
        *["function"] * 5,
        *["undefined"] * 3,
    ]


DATA = {
    "type": "point",
    "items": [1, {"x": [5, {"y": None}]}],
    "then": 1,
    "length": 3,
    "toJSON": 4,
    "": "empty",
}


@pytest.mark.spec("4.6/3", "4.6/5")
def test_view_of_a_dict(rt: Runtime) -> None:
    """Items are all there is, but for five names and symbols; objects without items stay ordinary proxies."""
    rt.py(
        "import json\ndata = json.loads(text)\nclass P:\n    q = 4\ndata['p'] = P()\ndata['s'] = {1}",
        text=json.dumps(DATA),
    )
    got = rt.js(
        """
        const v = pyodide.globals.get("data").asJsJson();
        const r = [v.type, v.items[0], v.items[1].x[1].y, v.then, v.length, v.toJSON, v[""], v.p.q, v.s.has(1), v.missing, v.keys, v.values, v.update];
        r.push(["copy", "constructor", "toString", "destroy"].map((k) => typeof v[k]), typeof v.$$flags, v.constructor === pyodide.ffi.PyProxy, typeof v[Symbol.iterator]);
        r.push(Object.keys(v), Reflect.ownKeys(v).every((k) => Object.getOwnPropertyDescriptor(v, k).enumerable), "type" in v, "keys" in v, "missing" in v);
        return r;
        """
    )
    assert got == [
        *("point", 1, None, 1, 3, 4, "empty", 4, True, None, None, None, None),
        *(["function"] * 4, "number", True, "function"),
        *([*DATA, "p", "s"], True, True, False, False),
    ]


@pytest.mark.spec("4.6/4")
def test_keys_of_a_view(rt: Runtime) -> None:
    """String keys first, then ints for digits; get() is exact; new digit names are int keys; all by setting and deleting."""
    rt.py("d = {0: 'int', '0': 'str', 1: 'one', 'n': {}}")
    got = rt.js(
        """
        "use strict";
        const v = pyodide.globals.get("d").asJsJson();
        const r = [v[0], v[1], v.get(0), v.get("0"), v.get(1), v.get("1"), v.get("n") === v.n];
        v[0] = "changed"; v[1] = "uno"; v[7] = "seven"; v.x = "ex"; v[""] = "empty"; v.n.deep = [1];
        r.push(v[""], v.n.deep[0], delete v[0], v[0], delete v[0], v[0], Reflect.deleteProperty(v, 0), h.thrown(() => { delete v.nothing; }).name);
        return r;
        """
    )
    assert got == [
        *("str", "one", "int", "str", "one", None, True),
        *("empty", 1, True, "int", True, None, False, "TypeError"),
    ]
    assert rt.py("d") == {
        1: "uno",
        "n": {"deep": rt.py("d['n']['deep']")},
        7: "seven",
        "x": "ex",
        "": "empty",
    }
    # An Array is a list in native mode only.
    assert rt.py("type(d['n']['deep']).__name__") == ("list" if rt.mode == "native" else "JsProxy")


@pytest.mark.spec("4.6/3", "4.6/5")
def test_view_of_a_sequence(rt: Runtime) -> None:
    """Items, loops, methods and get() of a sequence's view give views, cached on the parent."""
    rt.py("data = [[1, [2]], {'a': [3]}, 's', (4, (5,))]")
    got = rt.js(
        """
        const v = pyodide.globals.getProxy("data").asJsJson();
        const r = [v.length, v[0][1][0], v[1].a[0], v[3][1][0], v[9], v[0] === v[0], v[1].a === v[1].a, v.get(0) === v[0], v.at(0) === v[0]];
        const loop = [...v];
        r.push(loop[0] === v[0], loop[1].a[0], v.map((x) => typeof x), v.find((x) => x.a).a[0], v.slice(0, 1)[0][0], Object.keys(v), v.indexOf("s"));
        v[0][1].push(9);
        v[2] = "t";
        return [...r, JSON.stringify(v)];
        """
    )
    assert got[:9] == [4, 2, 3, 5, None, True, True, True, True]
    assert got[9:16] == [
        True,
        3,
        ["object", "object", "string", "object"],
        3,
        1,
        ["0", "1", "2", "3"],
        2,
    ]
    assert json.loads(got[16]) == [[1, [2, 9]], {"a": [3]}, "t", [4, [5]]]


@pytest.mark.spec("4.6/5")
@pytest.mark.parametrize(
    "data",
    [
        {"a": {"b": {"c": [1, 2, {"d": []}]}}, "e": ""},
        [[], {}, [{}], "x", 1.5, True, None],
        {"1": [1], "2": {"3": 4}},
        {"copy_": 1, "caller": 2, "prototype": 3, "arguments": 4, "name": 5},
    ],
)
def test_stringify(rt: Runtime, data: object) -> None:
    """JSON.stringify of a view is the data's JSON, for any nesting, and twice; None is null inside lists."""
    rt.py("import json\ndata = json.loads(text)", text=json.dumps(data))
    got = rt.js(
        "const v = pyodide.globals.getProxy('data').asJsJson(); const s = JSON.stringify(v); return [s, JSON.stringify(v) === s, JSON.stringify({ v })];"
    )
    assert json.loads(got[0]) == data
    assert got[1] is True
    assert json.loads(got[2]) == {"v": data}


@pytest.mark.spec("4.6/3")
def test_errors_of_items(rt: Runtime) -> None:
    """KeyError is undefined or false; what else `__getitem__` raises passes."""
    rt.py(
        """
        class G:
            def __getitem__(self, key):
                if key == "broken": raise ValueError("broken")
                raise KeyError(key)
            def __setitem__(self, key, value): raise KeyError(key)
            def __delitem__(self, key): raise KeyError(key)
        """
    )
    got = rt.js(
        """
        "use strict";
        const v = pyodide.runPython("G()").asJsJson();
        return [v.missing, h.thrown(() => v.broken).type, Reflect.set(v, "x", 1), h.thrown(() => { v.x = 1; }).name, Reflect.deleteProperty(v, "x"), "missing" in v];
        """
    )
    assert got == [None, "ValueError", False, "TypeError", False, False]


@pytest.mark.spec("4.6/5")
def test_views_of_cycles(rt: Runtime) -> None:
    """Data that contains itself can be walked; stringifying it is JavaScript's own error, or its stack's."""
    rt.py("data = {'x': 1}\ndata['self'] = data")
    got = rt.js(
        "const v = pyodide.globals.get('data').asJsJson(); return [v.self.self.self.x, v.self === v.self, h.thrown(() => JSON.stringify(v)).name];"
    )
    assert got[:2] == [1, True]
    assert got[2] in ("TypeError", "RangeError")
    rt.py("data.clear()")

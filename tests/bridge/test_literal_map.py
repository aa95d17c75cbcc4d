"""LiteralMap: dicts with the option `toJsLiteralMap` of loadPyodide."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.runtime import MODES, Runtime


@pytest.fixture(scope="module", params=MODES)
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    """A runtime with the option, in each mode."""
    made = Runtime(request.param, options="{ toJsLiteralMap: true }")
    yield made
    made.close()


def on_map(runtime: Runtime, source: str, body: str) -> object:
    """Run a function body with `m`, what toJs makes of a dict."""
    return runtime.js(
        f"const d = pyodide.runPython(source), m = d.toJs(); d.destroy(); {body}", source=source
    )


@pytest.mark.spec("1.5/4")
def test_is_a_map(runtime: Runtime) -> None:
    """It is a Map with Map's members, and keeps the types of keys."""
    body = """
        return [m instanceof Map, m.constructor.name, m.size, m.get("a"), m.get(6), m.has(6), m.has("6"),
            [...m.keys()].map(String), [...m.values()], [...m].length, [...m.entries()].length,
            Object.prototype.toString.call(m), m.get(true), new Map(m).size];
    """
    assert on_map(runtime, "{'a': 1, 6: 2, None: 3, True: 4}", body) == [
        True, "LiteralMap", 4, 1, 2, True, False, ["a", "6", "undefined", "true"], [1, 2, 3, 4], 4, 4,
        "[object Map]", 4, 4,
    ]  # fmt: skip


@pytest.mark.spec("1.5/4")
def test_string_keys_are_properties(runtime: Runtime) -> None:
    """String keys can be read, tested and listed as properties; others cannot."""
    body = """
        return [m.a, "a" in m, "b" in m, 6 in m, m[6], m.missing, Object.keys(m), JSON.stringify(m),
            Object.entries(m), { ...m }, Object.hasOwn(m, "a")];
    """
    assert on_map(runtime, "{'a': 1, 6: 2, 'c': {'d': [3]}}", body) == [
        1, True, False, False, None, None, ["a", "c"], '{"a":1,"c":{"d":[3]}}',
        [["a", 1], ["c", {"d": [3]}]], {"a": 1, "c": {"d": [3]}}, True,
    ]  # fmt: skip


@pytest.mark.spec("1.5/4")
def test_both_views_agree(runtime: Runtime) -> None:
    """What is set or deleted in one way is so in the other."""
    body = """
        m.b = 2;
        m.set("c", 3);
        const r = [m.get("b"), m.c, m.size, delete m.a, m.has("a"), "a" in m];
        m.delete("b");
        r.push(m.b, Object.keys(m), m.set("x", 1) === m);
        Object.defineProperty(m, "y", { value: 5 });
        Object.assign(m, { z: 6 });
        r.push(m.get("y"), m.get("z"));
        const seen = [];
        m.forEach(function (value, key, map) { seen.push(key, value, map === m, this.t); }, { t: 1 });
        r.push(seen.slice(0, 4));
        m.clear();
        r.push(m.size, Object.keys(m), m.c);
        return r;
    """
    assert on_map(runtime, "{'a': 1}", body) == [
        2, 3, 3, True, False, False, None, ["c"], True, 5, 6, ["c", 3, True, 1], 0, [], None,
    ]  # fmt: skip


@pytest.mark.spec("1.5/4")
def test_methods_win(runtime: Runtime) -> None:
    """Members of Map are not hidden by keys, and cannot be assigned to."""
    body = """
        const attempt = (f) => { try { f(); return "done"; } catch (e) { return e.name; } };
        return [typeof m.get, m.get("get"), m.size, m.get("size"), attempt(() => { m.get = 5; }),
            m.get("get"), attempt(() => Object.freeze(m)), attempt(() => Object.defineProperty(m, "q", { get() {} }))];
    """
    assert on_map(runtime, "{'get': 1, 'size': 2}", body) == [
        "function", 1, 2, 2, "TypeError", 1, "TypeError", "TypeError",
    ]  # fmt: skip


def test_symbols(runtime: Runtime) -> None:
    """Symbols are properties of the object and no entries."""
    body = "const s = Symbol(); m[s] = 1; return [m[s], m.size, s in m, delete m[s], m[s]];"
    assert on_map(runtime, "{}", body) == [1, 0, True, True, None]


@pytest.mark.spec("1.5/4")
def test_conversions_know_it(runtime: Runtime) -> None:
    """to_js makes it too, item by item as well; there are no collisions; cycles are kept; it goes back to a dict."""
    runtime.py(
        """
        import js
        from collections import OrderedDict
        from pyodide.ffi import to_js
        d = {1: "int", "1": "str"}
        d["me"] = d
        js.tape = to_js(d)
        js.items = to_js(OrderedDict(d, again=1))
        """
    )
    got = runtime.js(
        """
        const { tape, items } = globalThis;
        return [tape.get(1), tape.get("1"), tape.me === tape, items.me.get(1), items.again,
            items.constructor.name];
        """
    )
    assert got == ["int", "str", True, "int", 1, "LiteralMap"]
    source = "x = js.tape.to_py()\nr = x[1], x['1'], x['me'] is x\nx.clear()\nd.clear()\nr"
    assert runtime.py(source) == ("int", "str", True)
    converter = "to_js({'a': 1}, dict_converter=js.Object.fromEntries)"
    assert runtime.py(f"str(js.Object.prototype.toString.call({converter}))") == "[object Object]"


@pytest.mark.spec("1.5/4", "3.7/20")
def test_in_python(runtime: Runtime) -> None:
    """In Python it is a JsMutableMap, whatever its keys are; its properties are attributes."""
    got = runtime.py(
        """
        from pyodide.ffi import JsMutableMap, to_js
        m = to_js({"a": 1, "get": 2, "set": 3, "has": 4, "size": 5})
        m["b"] = 6
        isinstance(m, JsMutableMap), m.a, m["a"], m["get"], m["size"], len(m), "has" in m, m.get("set"), m.b
        """
    )
    assert got == (True, 1, 1, 2, 5, 6, True, 3, 6)

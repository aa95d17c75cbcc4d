"""Dicts with the same keys, whose keys cross once: whatever has crossed before, the result is what was given."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import PyError
from harness.runtime import Runtime

SETUP = """
import json
from pyodide.ffi import to_js
import js
"""


@pytest.fixture(autouse=True)
def ready(rt: Runtime) -> None:
    rt.py(SETUP)


def convert(rt: Runtime, source: str) -> Any:
    """Convert the value of an expression three times; what JavaScript says of the last."""
    rt.py(f"{SETUP}\nfor _ in range(3): js.out = to_js({source})")
    return json.loads(rt.js("return JSON.stringify(globalThis.out, (_, v) => v ?? null);"))


RECORDS = {
    "one key": "[{'a': i} for i in range(5)]",
    "scalars": "[{'a': i, 'b': i / 4, 'c': str(i), 'd': None, 'e': i > 2, 'f': -i} for i in range(5)]",
    "ints": "[{'a': i, 'b': -i, 'c': 2**29} for i in range(5)]",
    "large ints": "[{'a': i, 'b': 2**40} for i in range(5)]",
    "floats": "[{'a': i / 2, 'b': 0.25} for i in range(5)]",
    "bools": "[{'a': True, 'b': False} for i in range(5)]",
    "int, then bool": "[{'a': 1, 'b': False} for i in range(5)]",
    "nested": "[{'a': [{'b': {'a': [i]}}, {'b': {'a': 7}}], 'z': {}} for i in range(5)]",
    "keys in another order": "[{'a': 1, 'b': 2, 'c': 3}, {'a': 1, 'c': 3, 'b': 2}, {'c': 1, 'b': 2, 'a': 3}] * 3",
    "another key in the middle": "[{'a': 1, name: 2, 'c': 3} for name in 'xyzuvwxyz']",
    "keys that are equal, not the same": 'json.loads(\'[{"long name": 1, "b": 2}]\') + json.loads(\'[{"long name": 3, "b": 4}]\')',
    "keys that are not ASCII": "[{'é': 1, '日本': 2, '\\U0001f600': i} for i in range(4)]",
    "keys that are numbers": "[{'10': 'a', '9': 'b', 'x': i} for i in range(4)]",
    "int keys": "[{1: 'a', 2: 'b'} for i in range(4)]",
    "an empty key": "[{'': i, ' ': 2} for i in range(4)]",
    "long keys": "[{'x' * n: i for n in (127, 128, 129, 130)} for i in range(4)]",
    "names of members": "[{'constructor': i, 'toString': 2, 'hasOwnProperty': 3} for i in range(4)]",
    "many keys": "[{f'key{k}': k + i for k in range(1000)} for i in range(3)]",
    "many keys and kinds": "[{f'key{k}': [k, 'x', None, k / 2, {'k': k}][k % 5] for k in range(1000)} for i in range(3)]",
    "more keys than a shape has": "[{f'key{k}': k for k in range(5000)} for i in range(3)]",
    "more keys than are kept": "[{f'{i % 7} {k}': k for k in range(4000)} for i in range(21)]",
    "more shapes than numbers": "[{f'a{i % 400}': i, f'b{i % 400}': [i]} for i in range(1200)]",
}


@pytest.mark.parametrize("source", RECORDS.values(), ids=RECORDS)
def test_records(rt: Runtime, source: str) -> None:
    """Records become the same objects the first time and later."""
    given_records = rt.py(f"json.dumps({source})")
    assert convert(rt, source) == json.loads(given_records)
    assert convert(rt, source) == json.loads(given_records)


def test_order_of_keys(rt: Runtime) -> None:
    """Properties have the order of the dict's keys, few or many."""
    rt.py(
        "few, many = [{k: i for k in 'zyxabc'} for i in range(3)], [{f'k{-k}': k for k in range(200)} for i in range(3)]"
    )
    for name, count in (("few", 6), ("many", 200)):
        rt.py(f"for _ in range(3): js.out = to_js({name})")
        got = rt.js("return globalThis.out.map((o) => Object.keys(o).join());")
        assert got == [rt.py(f"','.join({name}[0])")] * 3
        assert len(got[0].split(",")) == count


def test_kinds_of_objects(rt: Runtime) -> None:
    """Objects are plain ones, with ordinary properties, and do not share values."""
    rt.py(
        "for n in (3, 100):\n    for _ in range(3): setattr(js, f'out{n}', to_js([{f'k{k}': k for k in range(n)} for _ in range(3)]))"
    )
    got = rt.js(
        """
        return [globalThis.out3, globalThis.out100].map((list) => {
            list[0].k1 = "changed";
            const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(list[0], "k1");
            return [Object.getPrototypeOf(list[0]) === Object.prototype, list[1].k1, writable && enumerable && configurable];
        });
        """
    )
    assert got == [[True, 1, True]] * 2


def test_proto(rt: Runtime) -> None:
    """`__proto__` is a key like others."""
    rt.py(
        "for _ in range(4): js.out = to_js([{'a': 1, '__proto__': 2}, {'__proto__': {'x': 1}, 'b': 1}])"
    )
    got = rt.js(
        "return globalThis.out.map((o) => [Object.keys(o), Object.getPrototypeOf(o) === Object.prototype, o.x === undefined]);"
    )
    assert got == [[["a", "__proto__"], True, True], [["__proto__", "b"], True, True]]


def test_dicts_with_a_past(rt: Runtime) -> None:
    """Dicts that lost keys, attributes of instances, and subclasses."""
    rt.py(
        """
        from collections import OrderedDict, defaultdict
        class X:
            def __init__(self): self.a, self.b = 1, 2
        class D(dict): pass
        lost = {"x": 0, "a": 1, "b": 2}
        del lost["x"]
        moved = OrderedDict(b=2, a=1)
        moved.move_to_end("b")
        emptied = {"a": 1}
        emptied.clear()
        general = {1: 1, "a": 1, "b": 2}
        del general[1]
        default = defaultdict(int, a=1, b=2)
        values = [lost, moved, X().__dict__, D(a=1, b=2), default, general, {"a": 1, "b": 2}]
        """
    )
    assert convert(rt, "values") == [{"a": 1, "b": 2}] * 7
    assert convert(rt, "[emptied, {}]") == [{}, {}]
    assert rt.js("return globalThis.out.length;") == 2


def test_references(rt: Runtime) -> None:
    """Dicts in themselves, and dicts that occur twice, among others of their shape."""
    rt.py(
        """
        def make():
            shared = {"a": 1, "b": 2}
            root = {"a": shared, "b": [shared, {"a": 3, "b": 4}]}
            shared["b"] = root
            numbers = {"a": 5, "b": 6}
            return [root, shared, numbers, numbers]
        for _ in range(4): js.out = to_js(make())
        """
    )
    assert rt.js(
        """
        const [root, shared, n, m] = globalThis.out;
        return [root.a === shared, root.b[0] === shared, shared.b === root, root.b[1].b, n === m, n.a, n !== shared];
        """
    ) == [True, True, True, 4, True, 5, True]


def test_proxies_among_values(rt: Runtime) -> None:
    """Objects without a conversion are proxies, the same one for the same object."""
    rt.py(
        """
        class X: pass
        x = X()
        js.pyproxies = pyproxies = to_js([])
        for _ in range(3): js.out = to_js([{"a": x, "b": i, "c": x} for i in range(3)], pyproxies=pyproxies)
        """
    )
    got = rt.js("return [h.isPyProxy(out[0].a), out[0].a === out[2].c, out.map((o) => o.b)];")
    assert got == [True, True, [0, 1, 2]]
    rt.js("globalThis.pyproxies.forEach((p) => p.destroy());")


def test_depth(rt: Runtime) -> None:
    """Below the last level a dict is a proxy, whatever its shape."""
    rt.py("value = [{'a': {'a': 1}}, {'a': {'a': 2}}]\njs.pyproxies = pyproxies = to_js([])")
    rt.py("for _ in range(3): js.out = to_js(value, depth=2, pyproxies=pyproxies)")
    assert rt.js("return globalThis.out.map((o) => h.isPyProxy(o.a) && o.a.get('a'));") == [1, 2]
    rt.js("globalThis.pyproxies.forEach((p) => p.destroy());")


def test_conversions_that_fail(rt: Runtime) -> None:
    """Keys that were not read because the conversion failed are sent again."""
    rt.py("class X: pass\nrecords = [{'new a': i, 'new b': [i]} for i in range(3)]")
    for _ in range(3):
        with pytest.raises(PyError, match="create_pyproxies"):
            rt.py("to_js([*records, X()], create_pyproxies=False)")
        with pytest.raises(PyError, match="as a key"):
            rt.py("to_js([*records, {(1,): 2}])")
    assert convert(rt, "records") == [{"new a": i, "new b": [i]} for i in range(3)]


def test_keys_that_collide(rt: Runtime) -> None:
    """A key of another type that JavaScript takes for the same is an error beside shapes too."""
    rt.py("for _ in range(3): to_js([{'1': 2}, {'1': 3}])")
    with pytest.raises(PyError, match="collision"):
        rt.py("to_js([{'1': 2}, {'1': 3}, {'1': 3, 1: 4}])")


def test_keys_are_not_kept_for_ever(rt: Runtime) -> None:
    """What dicts have had for keys is given back, but for a bounded number."""
    assert rt.py(
        """
        import gc, sys
        def blocks():
            gc.collect()
            return sys.getallocatedblocks()
        def use(n):
            for i in range(n):
                name = f"shape {i} "
                for _ in range(2): to_js([{name + str(k): [] for k in range(50)}] * 2)
                for _ in range(2): to_js([{name + str(k): [] for k in range(50)}])
        use(500)
        before = blocks()
        use(3000)
        blocks() - before < 20_000
        """
    )


def test_literal_maps(fresh: Callable[..., Runtime]) -> None:
    """With toJsLiteralMap records are LiteralMaps."""
    rt = fresh(options="{ toJsLiteralMap: true }")
    rt.py(
        f"{SETUP}\nvalue = [{{'a': i, 'b': -i, 'size': 9}} for i in range(3)] + [{{'c': i, 'd': [i]}} for i in range(3)]"
    )
    rt.py("for _ in range(3): js.out = to_js(value)")
    got = rt.js(
        "return globalThis.out.map((m) => [m instanceof Map, [...m].flat().flat().join(' ')]);"
    )
    assert got == [[True, f"a {i} b {-i} size 9"] for i in range(3)] + [
        [True, f"c {i} d {i}"] for i in range(3)
    ]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**50), 2**50)
    | st.floats(-1e6, 1e6)
    | st.text(max_size=5),
    lambda items: (
        st.lists(items, max_size=4)
        | st.dictionaries(
            st.sampled_from(["a", "b", "c", "d", "1", "é", "__proto__"]), items, max_size=5
        )
    ),
    max_leaves=20,
)


@given(values=st.lists(json_values, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_records(rt: Runtime, values: list[Any]) -> None:
    """Random records, over few keys so that shapes come again and are replaced, equal what they were made of."""
    text = json.dumps(values)
    rt.py(f"value = json.loads({text!r})\nfor _ in range(2): js.out = to_js(value)")
    assert (
        json.loads(rt.js("return JSON.stringify(globalThis.out, (_, v) => v ?? null);")) == values
    )

"""Methods of Array.prototype on sequences over odd arguments, compared with a real Array."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

LISTS = "[[], [1], [1, 2, 3, 4, 5], [3, 1, undefined, 10, 2], ['b', 'a', 'c'], [1, 1, 2, 1], [1.5, NaN, 0], [true, false, null]]"
POSITIONS = """[[], [undefined], [null], [0], [1], [-1], [-99], [99], ["1"], ["x"], [NaN], [1.7], [-1.2], [true], [Infinity], [-Infinity], [[]], [[1]], [{}],
    [0, 0], [0, undefined], [0, null], [1, NaN], [1, "2"], [-2, -1], [1, 1, 1], [0, 0, "q"], [1, 2, "q", "r"], [undefined, undefined], [undefined, 1],
    [0, 2, undefined], [2, undefined, 3], [0, Infinity], [{ valueOf() { return 1; } }], [1, { valueOf() { return 2; } }], [0, 1, -1], [1, -2, 3], [() => 1]]"""
CALLBACKS = """[[], [5], [(x) => x > 2], [(x, i, s) => [x, i, s.length].join()], [(a, b) => String(a) + b], [(a, b) => String(a) + b, "init"],
    [(a, b) => String(a) + b, undefined], [function () { return this?.q === 5; }, { q: 5 }], [() => { throw new RangeError("cb"); }], [() => undefined]]"""
ORDERS = "[[], [undefined], [null], [5], ['x'], [{}], [(a, b) => b - a], [(a, b) => a - b], [() => 0], [() => NaN], [(a, b) => String(b) < String(a) ? 1 : -1], [() => { throw new RangeError('cb'); }]]"

COMPARE = """
    const same = (a, b) => Object.is(a, b) || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((x, i) => same(x, b[i]) && i in b));
    const run = (list, method, args) => {
      try {
        const r = list[method](...args);
        return r === list ? "itself" : typeof r?.next === "function" ? [...r] : r;
      } catch (error) { return error.name; }
    };
    const wrong = [];
    for (const list of lists) for (const args of argumentLists) {
      const array = [...list], proxy = make(list);
      const expected = run(array, method, args), got = run(proxy, method, args);
      const items = Array.from({ length: proxy.length }, (_, i) => proxy[i]);
      if (!same(expected, got) || !same(array, items)) wrong.push(`${JSON.stringify(list)}.${method}(${args.map(String)}): ${JSON.stringify([expected, got, array, items])}`);
      proxy.destroy();
    }
    return wrong;
"""


def compare(rt: Runtime, method: str, arguments: str, make: str) -> list[str]:
    """Where the method of proxies differs from an Array's, over all lists and arguments."""
    result = rt.js(
        f"const lists = {LISTS}, argumentLists = {arguments}, make = {make}; {COMPARE}",
        method=method,
    )
    assert isinstance(result, list)
    return result


LIST = "(items) => pyodide.toPy(items)"
TUPLE = "(items) => { const l = pyodide.toPy(items); pyodide.globals.set('l', l); l.destroy(); pyodide.runPython('t = tuple(l)'); return pyodide.globals.getProxy('t'); }"


@pytest.mark.spec("4.5/2")
@pytest.mark.parametrize("make", [LIST, TUPLE], ids=["list", "tuple"])
@pytest.mark.parametrize(
    "method",
    [
        "join",
        "slice",
        "lastIndexOf",
        "indexOf",
        "at",
        "concat",
        "entries",
        "keys",
        "values",
        "toJSON",
    ],
)
def test_reading_by_position(rt: Runtime, method: str, make: str) -> None:
    """Methods that take positions and values."""
    if method == "toJSON":
        make, method = make, "slice"
    assert compare(rt, method, POSITIONS, make) == []


@pytest.mark.spec("4.5/2")
@pytest.mark.parametrize("make", [LIST, TUPLE], ids=["list", "tuple"])
@pytest.mark.parametrize(
    "method",
    ["forEach", "map", "filter", "some", "every", "find", "findIndex", "reduce", "reduceRight"],
)
def test_reading_with_a_callback(rt: Runtime, method: str, make: str) -> None:
    """Methods that take a function, with everything that may be wrong with it."""
    assert compare(rt, method, CALLBACKS, make) == []


@pytest.mark.spec("4.5/4")
@pytest.mark.parametrize(
    "method", ["reverse", "splice", "push", "unshift", "pop", "shift", "copyWithin", "fill"]
)
def test_changing(rt: Runtime, method: str) -> None:
    """Methods that change the list, and the proxy itself where an Array gives itself."""
    assert compare(rt, method, POSITIONS, LIST) == []


@pytest.mark.spec("4.5/4")
def test_sorting(rt: Runtime) -> None:
    """JavaScript's order, undefined last, with functions that are none, are inconsistent or throw."""
    assert compare(rt, "sort", ORDERS, LIST) == []


@pytest.mark.spec("4.5/2")
def test_results_are_arrays(rt: Runtime) -> None:
    """slice, map, filter and concat give real Arrays, whose nested containers are live proxies in proxy mode."""
    rt.py("s = [{1}, {2}]")
    got = rt.js(
        """
        const s = pyodide.globals.getProxy("s");
        const made = [s.slice(), s.map((x) => x), s.filter(() => true), s.concat(s), s.splice(0, 0)];
        return [made.map(Array.isArray), made.slice(0, 4).map((a) => a[1].has(2)), s[0] === s[0], s.indexOf(s[0]), s.includes(s[0])];
        """
    )
    assert got == [[True] * 5, [True] * 4, False, -1, True]


@pytest.mark.spec("4.5/2")
def test_includes_is_in(rt: Runtime) -> None:
    """`includes` compares as Python does: by value, and True with 1."""
    rt.py("s = [1, 'a', (2, 3), None]\nt = (2, 3)")
    got = rt.js(
        "const s = pyodide.globals.getProxy('s'), t = pyodide.globals.getProxy('t'); return [s.includes(true), s.includes('a'), s.includes(t), s.includes(undefined), s.includes('1'), s.indexOf(true)];"
    )
    assert got == [True, True, True, True, False, -1]


@pytest.mark.spec("4.5/3")
def test_python_methods_stay(rt: Runtime) -> None:
    """Names that Array.prototype does not have, and those behind a `$`, are the list's own methods."""
    rt.py("s = [3, 1, 2]")
    got = rt.js(
        """
        const s = pyodide.globals.getProxy("s");
        s.append(9); s.insert(0, 7); s.extend([7]); s.remove(3);
        const r = [s.index(9), s.count(7), h.thrown(() => s.index(99)).type, typeof s.$pop, s.$pop(0), s.$copy().length];
        s.$reverse(); s.$sort();
        s.clear();
        return [...r, s.length];
        """
    )
    assert got == [3, 2, "ValueError", "function", 7, 4, 0]


@pytest.mark.spec("4.5/1")
def test_indices(rt: Runtime) -> None:
    """Integer-like names are items of the sequence, all others attributes."""
    rt.py("s = ['a', 'b', 'c']\nclass L(list): pass\nl = L([1])\nl.x = 5")
    got = rt.js(
        """
        "use strict";
        const s = pyodide.globals.getProxy("s"), l = pyodide.globals.get("l");
        const r = [s[0], s["2"], s[3], s[-1], s["01"], s[1.5], s[2 ** 32], 0 in s, 3 in s, -1 in s, s.length, l.x, "x" in l];
        s[1] = "x";
        r.push(h.thrown(() => { s[3] = 1; }).name, Reflect.set(s, 3, 1), h.thrown(() => { s.length = 0; }).name, h.thrown(() => { s.foo = 1; }).type);
        delete s[0];
        r.push(s.length, Reflect.deleteProperty(s, 7), h.thrown(() => { delete s[7]; }).name);
        const keys = Reflect.ownKeys(s);
        r.push(["0", "1", "length", "append"].every((k) => keys.includes(k)), keys.includes("2"), Symbol.isConcatSpreadable in s, s[Symbol.isConcatSpreadable]);
        const [first, ...rest] = s;
        return [...r, first, rest, Array.from(s), [...s], [0].concat(s), JSON.stringify(s)];
        """
    )
    assert got[:13] == [*("a", "c"), *[None] * 5, True, False, False, 3, 5, True]
    assert got[13:17] == ["TypeError", False, "TypeError", "AttributeError"]
    assert got[17:20] == [2, False, "TypeError"]
    assert got[20:24] == [True, False, True, True]
    assert got[24:] == ["x", ["c"], ["x", "c"], ["x", "c"], [0, "x", "c"], '["x","c"]']
    assert rt.py("s") == ["x", "c"]


@pytest.mark.spec("4.5/1")
def test_errors_other_than_the_index(rt: Runtime) -> None:
    """What `__getitem__`, `__setitem__`, `__delitem__` and `__len__` raise passes, but for IndexError."""
    rt.py(
        """
        class Bad(list):
            def __getitem__(self, i): raise ValueError('get')
            def __setitem__(self, i, v): raise ValueError('set')
            def __delitem__(self, i): raise ValueError('del')
            def __len__(self): raise ValueError('len')
            def __contains__(self, x): raise ValueError('in')
        bad, t = Bad([1]), (1, 2)
        """
    )
    got = rt.js(
        """
        const b = pyodide.globals.get("bad"), t = pyodide.globals.getProxy("t");
        const uses = [() => b[0], () => { b[0] = 1; }, () => delete b[0], () => 0 in b, () => b.length, () => Object.keys(b), () => b.slice(), () => b.push(1), () => b.pop(), () => b.includes(1)];
        return [uses.map((use) => h.thrown(use).type), h.thrown(() => { t[0] = 5; }).type, h.thrown(() => delete t[0]).type, t.push, t.sort];
        """
    )
    assert got == [["ValueError"] * 10, "TypeError", "TypeError", None, None]

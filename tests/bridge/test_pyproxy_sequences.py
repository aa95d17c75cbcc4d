"""Sequences as PyProxies: indices as properties and the methods of Array.prototype."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

READING = [
    "join()",
    "join('-')",
    "slice(1, 3)",
    "slice(-2)",
    "indexOf(3)",
    "indexOf(99)",
    "indexOf(3, 3)",
    "lastIndexOf(3)",
    "lastIndexOf(3, 2)",
    "lastIndexOf(3, -3)",
    "map((x, i) => x * i)",
    "filter((x) => x > 2)",
    "some((x) => x > 4)",
    "every((x) => x > 0)",
    "reduce((a, b) => a - b)",
    "reduceRight((a, b) => a - b, 10)",
    "at(-1)",
    "at(99)",
    "concat([7, 8], 9)",
    "includes(3)",
    "includes(99)",
    "find((x) => x > 2)",
    "findIndex((x) => x > 2)",
    "length",
    "toString === undefined",
]

CHANGING = [
    "reverse()",
    "sort()",
    "sort((a, b) => b - a)",
    "splice(1, 2)",
    "splice(1, 2, 'x', 'y', 'z')",
    "splice(2)",
    "splice()",
    "splice(-2, 1, 0)",
    "push()",
    "push(7, 8)",
    "unshift(7, 8)",
    "pop()",
    "shift()",
    "fill(0)",
    "fill(9, 1, -1)",
    "copyWithin(0, 3)",
    "copyWithin(1, 0, 2)",
    "copyWithin(-2, 0)",
]

LIVE = "const p = pyodide.globals.getProxy('s');"


@pytest.mark.parametrize("method", READING)
@pytest.mark.parametrize("kind", ["list", "tuple"])
def test_reading_methods(rt: Runtime, kind: str, method: str) -> None:
    """Every method that only reads gives what it gives for an Array."""
    rt.py(f"s = {kind}([1, 10, 3, 5, 3, 2])")
    got = rt.js(
        f"{LIVE} const a = [1, 10, 3, 5, 3, 2]; return [p.{method}, a.{method}, p.{method} instanceof pyodide.ffi.PyProxy];"
    )
    assert got[0] == got[1]
    assert got[2] is False


@pytest.mark.parametrize("method", CHANGING)
@pytest.mark.parametrize("items", ["[1, 10, 3, 5, 3, 2]", "[]", "['b', 'a', 'c']"])
def test_changing_methods(rt: Runtime, items: str, method: str) -> None:
    """Every method that changes the list leaves it, and answers, as for an Array."""
    rt.py(f"s = {items}")
    got = rt.js(
        f"{LIVE} const a = {items}; const x = p.{method}, y = a.{method}; return [x === p ? 'itself' : x, y === a ? 'itself' : y, a];"
    )
    assert got[0] == got[1]
    assert rt.py("s") == got[2]


def test_indices(rt: Runtime) -> None:
    """Integer-like names are items; out of range is undefined, and deleting removes."""
    rt.py("s = ['a', 'b', 'c']")
    got = rt.js(
        f"""
        {LIVE}
        const r = [p[0], p["2"], p[3], 0 in p, 2 in p, 3 in p, "01" in p, p.length];
        p[1] = "x";
        r.push(Reflect.set(p, 9, 1), Reflect.deleteProperty(p, 9), delete p[0], p.length, p[0], Object.getOwnPropertyNames(p).includes("1"), Reflect.ownKeys(p).includes("length"));
        r.push(h.thrown(() => {{ p[7] = 1; }}).name);
        return r;
        """
    )
    assert got == [
        "a",
        "c",
        None,
        True,
        True,
        False,
        False,
        3,
        False,
        False,
        True,
        2,
        "x",
        True,
        True,
        "TypeError",
    ]
    assert rt.py("s") == ["x", "c"]


def test_destructuring_and_spread(rt: Runtime) -> None:
    """A list proxy destructures, spreads and concatenates like an Array."""
    rt.py("s = [1, 2, 3]")
    assert rt.js(
        f"{LIVE} const [a, ...rest] = p; return [a, rest, [...p], [0].concat(p), Array.from(p), JSON.stringify(p), Math.max(...p)];"
    ) == [
        1,
        [2, 3],
        [1, 2, 3],
        [0, 1, 2, 3],
        [1, 2, 3],
        "[1,2,3]",
        3,
    ]


def test_python_methods_stay(rt: Runtime) -> None:
    """Names that Array.prototype does not have are the list's own methods."""
    rt.py("s = [3, 1, 2]")
    rt.js(f"{LIVE} p.append(9); p.insert(0, 7); p.$sort(); return 0;")
    assert rt.py("s") == [1, 2, 3, 7, 9]
    assert rt.js(f"{LIVE} return [p.count(7), p.index(9)];") == [1, 4]


def test_identity_of_moved_items(rt: Runtime) -> None:
    """Methods that move items move the objects themselves, lists in lists too."""
    rt.py("a = [1]; b = [0]; s = [a, b]")
    rt.js(f"{LIVE} p.sort(); return 0;")
    assert rt.py("s[0] is b and s[1] is a") is True
    rt.js(f"{LIVE} p.copyWithin(0, 1); return 0;")
    assert rt.py("s[0] is a and s[1] is a") is True
    rt.js(f"{LIVE} p.reverse(); p.fill(undefined, 0, 1); return 0;")
    assert rt.py("s[0] is None and s[1] is a") is True


def test_sort_puts_none_last(rt: Runtime) -> None:
    """None is undefined to JavaScript, which sorts it to the end and never compares it."""
    rt.py("s = [3, None, 10, None, 1]")
    rt.js(f"{LIVE} p.sort((a, b) => a - b); return 0;")
    assert rt.py("s") == [1, 3, 10, None, None]


def test_other_sequences(rt: Runtime) -> None:
    """Capabilities follow collections.abc, subclasses and registered classes included."""
    rt.py(
        """
        import array, collections, collections.abc
        class Mine(collections.abc.Sequence):
            def __len__(self): return 2
            def __getitem__(self, i): return ['x', 'y'][i]
        class Virtual:
            def __len__(self): return 1
            def __getitem__(self, i): return [5][i]
            def __contains__(self, x): return x == 5
            def __iter__(self): return iter([5])
        values = {
            'mine': Mine(), 'before': Virtual(), 'deque': collections.deque([1]), 'array': array.array('b', [1]),
            'bytes': b'ab', 'bytearray': bytearray(b'ab'), 'range': range(2), 'dict': {}, 'set': {1}, 'user': collections.UserList([1]),
            'view': memoryview(b'a'), 'sub': type('L', (list,), {})(),
        }
        """
    )
    classify = "const { PySequence: S, PyMutableSequence: M } = pyodide.ffi; const values = pyodide.globals.getProxy('values'); const kinds = (k) => { const v = values.getProxy(k); return [v instanceof S, v instanceof M]; };"
    got = rt.js(f"{classify} return Object.fromEntries(Array.from(values, (k) => [k, kinds(k)]));")
    yes, mutable, no = [True, False], [True, True], [False, False]
    assert got == {
        "mine": yes, "before": no, "deque": mutable, "array": mutable, "bytes": yes, "bytearray": mutable,
        "range": yes, "dict": no, "set": no, "user": mutable, "view": no, "sub": mutable,
    }  # fmt: skip
    rt.py("collections.abc.MutableSequence.register(Virtual)")
    assert rt.js(f"{classify} return kinds('before');") == mutable


def test_crossings(rt: Runtime) -> None:
    """Reading, writing and asking for an index is one crossing each."""
    setup = "const p = pyodide.runPython('s = [1, 2, 3]; globals()').getProxy('s');"
    for operation in ("p[1]", "p[1] = 5", "1 in p", "p.length", "p.get(0)"):
        assert rt.crossings(setup, operation) == {"jsToPy": 1, "pyToJs": 0}, operation

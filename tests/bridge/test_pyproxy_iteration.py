"""Iteration over PyProxies: loops, iterators, generators, and what becomes of the items."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

GENERATOR = """
    def g():
        n = 0
        for _ in range(3):
            n = yield n + 2
    def plain():
        yield 1
    def yielding():
        try:
            yield 1
        finally:
            yield 3
            return 5
    def returning():
        try:
            yield 1
        finally:
            return 3
"""
STEP = "const step = ({ done, value }) => [done, value];"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("range(3)", [0, 1, 2]),
        ("[1, 'two', None]", [1, "two", None]),
        ("{'a': 1, 'b': 2}", ["a", "b"]),
        ("iter((1, 2))", [1, 2]),
        ("(x * x for x in range(4))", [0, 1, 4, 9]),
        ("type('Old', (), {'__getitem__': lambda self, i: [5, 6][i]})()", [5, 6]),
        ("set()", []),
    ],
)
def test_loop(rt: Runtime, source: str, expected: list[object]) -> None:
    """A `for` loop, spread and Array.from agree."""
    got = rt.js(
        "const make = () => pyodide.runPython(source); const r = []; for (const x of make()) r.push(x); return [r, [...make()], Array.from(make())];",
        source=source,
    )
    assert got == [expected] * 3


def test_items_are_borrowed(rt: Runtime) -> None:
    """Items that are proxies die when the iterator is exhausted, and live on after an early exit."""
    got = rt.js(
        """
        const list = pyodide.runPython("class A: pass\\nit = [A(), A()]\\niter(it).__class__\\ntype('I', (), {'__iter__': lambda self: iter(it)})()");
        const items = [...list];
        const dead = h.thrown(() => items[0].x).message;
        let kept;
        for (const x of list) { kept = x; break; }
        return [dead, kept.type];
        """
    )
    assert got[0].startswith("This borrowed proxy was automatically destroyed when the iterator")
    assert got[1] == "A"


def test_early_exit_releases_the_iterator(rt: Runtime) -> None:
    """`break` lets go of the Python iterator at once; an abandoned one is collected."""
    rt.py(
        "import weakref\nclass It:\n    def __iter__(self): return self\n    def __next__(self): return 1\nclass Many:\n    def __iter__(self):\n        it = It(); refs.append(weakref.ref(it)); return it\nrefs = []\nmany = Many()"
    )
    got = rt.js(
        """
        const many = pyodide.globals.get("many");
        const alive = () => pyodide.runPython("sum(r() is not None for r in refs)");
        for (const x of many) break;
        const after = alive();
        (() => { many[Symbol.iterator]().next(); })();
        return [after, await h.collect(() => alive() === 0)];
        """
    )
    assert got == [0, True]


def test_iterator_helpers(rt: Runtime) -> None:
    """The iterator of a loop is an iterator like any other."""
    assert rt.js(
        "const it = pyodide.runPython('range(3)')[Symbol.iterator](); return [it[Symbol.iterator]() === it, it.next(), it.return(7), it.next()];"
    ) == [
        True,
        {"done": False, "value": 0},
        {"done": True, "value": 7},
        {"done": True, "value": None},
    ]


def test_generator_next(rt: Runtime) -> None:
    """`next(value)` is `send`; the first send of a value fails."""
    rt.py(GENERATOR)
    got = rt.js(
        f"{STEP} const g = pyodide.runPython('g()'); const r = [g.next(), g.next(3), g.next(4), g.next(5), g.next()].map(step); return [r, h.thrown(() => pyodide.runPython('g()').next(1)).type];"
    )
    assert got == [[[False, 2], [False, 5], [False, 6], [True, None], [True, None]], "TypeError"]


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("plain", [[True, 5]]),
        ("yielding", [[False, 3], [True, 5]]),
        ("returning", [[True, 3]]),
    ],
)
def test_generator_return(rt: Runtime, name: str, steps: list[object]) -> None:
    """`return(value)` raises GeneratorExit in the generator and tells what it made of it."""
    rt.py(GENERATOR)
    got = rt.js(
        f"{STEP} const g = pyodide.runPython(name + '()'); g.next(); const r = [g.return(5)]; if (!r[0].done) r.push(g.next()); return r.map(step);",
        name=name,
    )
    assert got == steps


def test_generator_throw(rt: Runtime) -> None:
    """`throw(error)` raises it in the generator; what comes out is the same error."""
    rt.py(GENERATOR)
    got = rt.js(
        STEP
        + """
        const error = new TypeError("hi");
        const start = (name) => { const g = pyodide.runPython(name + "()"); g.next(); return g; };
        let same;
        try { start("plain").throw(error); } catch (e) { same = e === error; }
        const yielding = start("yielding");
        const r = [yielding.throw(error), yielding.next(), start("returning").throw(error)].map(step);
        return [same, r, h.thrown(() => start("plain").throw("no error")).type, h.thrown(() => start("plain").throw({})).type];
        """
    )
    assert got == [True, [[False, 3], [True, 5], [True, 3]], "TypeError", "TypeError"]


def test_generator_throws_python_error_back(rt: Runtime) -> None:
    """A PythonError thrown into a generator is the original exception there."""
    rt.py(
        "seen = []\ndef g():\n    try: yield 1\n    except Exception as e: seen.append(type(e).__name__); yield 2"
    )
    got = rt.js(
        "const g = pyodide.runPython('g()'); g.next(); let error; try { pyodide.runPython('1/0'); } catch (e) { error = e; } return g.throw(error).value;"
    )
    assert (got, rt.py("seen")) == (2, ["ZeroDivisionError"])


def test_exceptions(rt: Runtime) -> None:
    """What `__iter__` and `__next__` raise is thrown at that call."""
    rt.py(
        "class Bad:\n    def __iter__(self): raise ValueError('hi')\nclass Third:\n    n = 0\n    def __iter__(self): return self\n    def __next__(self):\n        self.n += 1\n        if self.n == 3: raise KeyError('hi')\n        return self.n\nbad = Bad(); third = Third()"
    )
    got = rt.js(
        "const seen = []; const bad = pyodide.globals.get('bad'), third = pyodide.globals.get('third'); const e = h.thrown(() => { for (const x of third) seen.push(x); }); return [h.thrown(() => bad[Symbol.iterator]()).type, seen, e.type];"
    )
    assert got == ["ValueError", [1, 2], "KeyError"]


def test_map_from_pairs(rt: Runtime) -> None:
    """JavaScript consumes a Python iterable passed as an argument."""
    rt.py("import js\nm = js.Map.new([(1, 2), (3, 4)])\nu = js.Uint8Array.new(range(10))")
    assert rt.py("(m.size, m.get(1), m.get(3), u.length, u[9])") == (2, 2, 4, 10, 9)


def test_crossings(rt: Runtime) -> None:
    """A step of a loop is one crossing."""
    got = rt.crossings("const it = pyodide.runPython('iter(range(10 ** 6))');", "it.next()")
    assert got == {"jsToPy": 1, "pyToJs": 0}

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


@pytest.mark.spec("4.2/7")
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


@pytest.mark.spec("4.8/1")
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
    assert got[0].startswith("This borrowed proxy was automatically destroyed when an iterator")
    assert got[1] == "A"


@pytest.mark.spec("4.8/1")
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


@pytest.mark.spec("4.8/4", "13.5/13")
def test_generator_next(rt: Runtime) -> None:
    """`next(value)` is `send`; the first send of a value fails."""
    rt.py(GENERATOR)
    got = rt.js(
        f"{STEP} const g = pyodide.runPython('g()'); const r = [g.next(), g.next(3), g.next(4), g.next(5), g.next()].map(step); return [r, h.thrown(() => pyodide.runPython('g()').next(1)).type];"
    )
    assert got == [[[False, 2], [False, 5], [False, 6], [True, None], [True, None]], "TypeError"]


@pytest.mark.spec("4.8/6", "13.5/14")
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


@pytest.mark.spec("4.8/5", "13.5/15")
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


@pytest.mark.spec("13.5/18")
def test_map_from_pairs(rt: Runtime) -> None:
    """JavaScript consumes a Python iterable passed as an argument."""
    rt.py("import js\nm = js.Map.new([(1, 2), (3, 4)])\nu = js.Uint8Array.new(range(10))")
    assert rt.py("(m.size, m.get(1), m.get(3), u.length, u[9])") == (2, 2, 4, 10, 9)


def test_crossings(rt: Runtime) -> None:
    """A step of a loop is one crossing."""
    got = rt.crossings("const it = pyodide.runPython('iter(range(10 ** 6))');", "it.next()")
    assert got == {"jsToPy": 1, "pyToJs": 0}


@pytest.mark.spec("4.8/1", "4.8/2", "4.10/4")
def test_which_items_die(rt: Runtime) -> None:
    """At the end of a loop its items die with a message of their own; copies, roundtrip proxies and other proxies do not."""
    rt.py(
        """
        import sys
        from pyodide.ffi import create_proxy
        items = [{1}, {2}]
        class It:
            def __iter__(self): return iter(items)
        trip = create_proxy(items[0])
        class Trips:
            def __iter__(self): return iter([trip])
        base = sys.getrefcount(items[0])
        """
    )
    got = rt.js(
        """
        const counted = () => pyodide.runPython("sys.getrefcount(items[0]) - base");
        const it = pyodide.runPython("It()"), trips = pyodide.runPython("Trips()");
        const dead = [...[...it], ...Array.from(it)].map((p) => h.thrown(() => p.has(1)).message);
        const r = [new Set(dead).size, dead[0].split("\\n")[0], counted()];
        const copies = [];
        for (const p of it) { copies.push(p.copy()); p.has(1); }
        r.push(copies[0].has(1), counted());
        for (const p of copies) p.destroy();
        let kept;
        for (const p of it) { kept = p; break; }
        r.push(kept.has(1), counted());
        kept.destroy();
        const [trip] = trips;
        r.push(trip.has(1), trip === [...trips][0], counted());
        return r;
        """
    )
    assert got[0] == 1
    assert got[1].startswith("This borrowed proxy was automatically destroyed when an iterator")
    assert got[2:] == [0, True, 1, True, 1, True, True, 0]


@pytest.mark.spec("4.8/2")
def test_array_methods_do_not_borrow(rt: Runtime) -> None:
    """Methods of Array.prototype read by index, so their items outlive them; toJs converts them."""
    rt.py("items = [{1}, {2}]")
    got = rt.js(
        """
        const l = pyodide.globals.getProxy("items");
        const made = [l.map((x) => x), l.slice(), l.filter(() => true), [l.at(0), l.find(() => true)]];
        return [made.map((a) => a.map((p) => p.length)), l.toJs().map((s) => [...s])];
        """
    )
    assert got == [[[1, 1]] * 4, [[1], [2]]]


@pytest.mark.spec("4.8/1", "4.8/3")
def test_items_after_an_exception(rt: Runtime) -> None:
    """An iterator that raises has ended, and Python lets go of it; what it gave before is the program's."""
    rt.py(
        """
        import weakref
        class It:
            def __init__(self): self.n = 0
            def __next__(self):
                self.n += 1
                if self.n == 3: raise ValueError("hi")
                return {self.n}
        class Many:
            def __iter__(self):
                it = It(); refs.append(weakref.ref(it)); return it
        refs = []
        """
    )
    got = rt.js(
        """
        const seen = [];
        const error = h.thrown(() => { for (const x of pyodide.runPython("Many()")) seen.push(x); });
        // The traceback of the last exception keeps the frames alive.
        const gone = pyodide.runPython("import sys\\nfor n in ('last_exc', 'last_value', 'last_traceback'): setattr(sys, n, None)\\nrefs[0]() is None");
        return [error.name, error.type, error.message.trim().split("\\n").at(-1), seen.map((p) => p.length), gone];
        """
    )
    assert got == ["PythonError", "ValueError", "ValueError: hi", [1, 1], True]


@pytest.mark.spec("4.8/3", "13.5/17")
def test_where_exceptions_are_thrown(rt: Runtime) -> None:
    """What `__iter__` raises is thrown by `[Symbol.iterator]()`, what `__next__` raises by that very `next()`."""
    rt.py(
        """
        class Bad:
            def __iter__(self): raise ValueError("hi")
        class NoIterator:
            def __iter__(self): return 5
        class Third:
            n = 0
            def __iter__(self): return self
            def __next__(self):
                self.n += 1
                if self.n == 3: raise ValueError("hi")
                return self.n
        """
    )
    got = rt.js(
        """
        const last = (e) => [e.name, e.type, e.message.trim().split("\\n").at(-1)];
        const third = pyodide.runPython("Third()");
        return [last(h.thrown(() => pyodide.runPython("Bad()")[Symbol.iterator]())), h.thrown(() => [...pyodide.runPython("NoIterator()")]).type,
          third.next(), third.next(), last(h.thrown(() => third.next())), third.next()];
        """
    )
    hi = ["PythonError", "ValueError", "ValueError: hi"]
    assert got == [
        hi,
        "TypeError",
        {"done": False, "value": 1},
        {"done": False, "value": 2},
        hi,
        {"done": False, "value": 4},
    ]


@pytest.mark.spec("4.8/4", "4.2/8")
def test_next_of_iterators(rt: Runtime) -> None:
    """`next` without a value is next(), with one send(); an iterator is its own iterator; StopIteration's value arrives."""
    rt.py(
        """
        class Stops:
            def __next__(self): raise StopIteration(7)
        def echo():
            x = None
            while True: x = yield x
        """
    )
    got = rt.js(
        f"""
        {STEP}
        const it = pyodide.runPython("iter([1])"), e = pyodide.runPython("echo()"), s = pyodide.runPython("Stops()");
        const o = {{}};
        e.next();
        return [it[Symbol.iterator]() === it, e[Symbol.iterator]() === e, step(it.next()), step(it.next()), step(it.next()), step(s.next()),
          step(e.next(undefined)), step(e.next(5)), e.next(o).value === o, h.thrown(() => s.next(5)).type, h.thrown(() => pyodide.runPython("echo()").next(1)).message.trim().split("\\n").at(-1)];
        """
    )
    assert got == [
        *(True, True, [False, 1], [True, None], [True, None], [True, 7]),
        *([False, None], [False, 5], True, "AttributeError"),
        "TypeError: can't send non-None value to a just-started generator",
    ]


@pytest.mark.spec("4.8/5", "13.5/15")
def test_what_may_be_thrown(rt: Runtime) -> None:
    """Errors of JavaScript, PythonErrors and proxies of exceptions arrive as themselves; all else is Python's TypeError."""
    rt.py(
        "seen = []\nerror = KeyError('k')\ndef g():\n    while True:\n        try: yield\n        except BaseException as e: seen.append(e)\ndef plain(): yield 1"
    )
    got = rt.js(
        """
        const g = pyodide.runPython("g()");
        g.next();
        const errors = [new RangeError("r"), new DOMException("d", "AbortError"), pyodide.globals.get("error")];
        const r = errors.map((e) => { const { done } = g.throw(e); return done; });
        let python;
        try { pyodide.runPython("1/0"); } catch (e) { python = e; }
        g.throw(python);
        const types = pyodide.runPython("[type(e).__name__ for e in seen] + [seen[2] is error]");
        const wrong = ["text", 5, null, undefined, {}, [], Symbol("s"), () => 1].map((x) => { const p = pyodide.runPython("plain()"); p.next(); const e = h.thrown(() => p.throw(x)); return [e.name, e.type]; });
        const p = pyodide.runPython("plain()"), error = new TypeError("hi");
        p.next();
        let same;
        try { p.throw(error); } catch (e) { same = e === error; }
        return [r, Array.from(types), wrong, same, p.next().done];
        """
    )
    assert got[0] == [False] * 3
    assert got[1] == ["JsException", "JsException", "KeyError", "ZeroDivisionError", True]
    assert got[2] == [["PythonError", "TypeError"]] * 8
    assert got[3:] == [True, True]
    rt.py("seen.clear()")


@pytest.mark.spec("4.8/6", "13.5/14")
def test_return_of_generators(rt: Runtime) -> None:
    """GeneratorExit comes out: the value given; caught: what the generator returns or yields; before the start and after the end too."""
    rt.py(
        GENERATOR
        + "    def swallowing():\n        try: yield 1\n        except GeneratorExit: pass\n        yield 2\n        return 7\n    def failing():\n        try: yield 1\n        finally: raise KeyError('k')\n"
    )
    got = rt.js(
        f"""
        {STEP}
        const run = (name, ...uses) => {{ const g = pyodide.runPython(name + "()"); return uses.map((use) => {{ try {{ return step(use(g)); }} catch (e) {{ return e.type; }} }}); }};
        const next = (g) => g.next(), end = (g) => g.return(5);
        return [run("plain", next, end, next, end), run("plain", end, next), run("yielding", next, end, next, next), run("returning", next, end, end), run("swallowing", next, end, next, next), run("failing", next, end),
          run("plain", next, (g) => g.return())];
        """
    )
    assert got == [
        [[False, 1], [True, 5], [True, None], [True, 5]],
        [[True, 5], [True, None]],
        [[False, 1], [False, 3], [True, 5], [True, None]],
        [[False, 1], [True, 3], [True, 5]],
        [[False, 1], [False, 2], [True, 7], [True, None]],
        [[False, 1], "KeyError"],
        [[False, 1], [True, None]],
    ]

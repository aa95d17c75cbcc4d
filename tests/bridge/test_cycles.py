"""Reference cycles through both heaps are collected, and nothing that can still be reached is lost."""

from __future__ import annotations

import random

import pytest

from harness.runtime import Runtime


@pytest.fixture(autouse=True)
def _tools(rt: Runtime) -> None:
    rt.js(
        """
        globalThis.collect = async (done = () => false, rounds = 8) => {
          const tick = () => new Promise((resolve) => setTimeout(resolve));
          for (let round = 0; round < rounds && !done(); round++) {
            pyodide.runPython("import gc; gc.collect()");
            for (let turn = 0; turn < 2; turn++) {
              await tick();
              gc();
            }
            await tick();
          }
          return done();
        };
        """
    )
    rt.py(
        """
        import weakref
        import js

        ended = []

        class Thing:
            pass

        def watch(thing):
            weakref.finalize(thing, ended.append, 1).atexit = False
            return weakref.ref(thing)
        """
    )


def ended(rt: Runtime, wanted: int) -> bool:
    """Collect until `wanted` watched objects have ended, and say whether exactly so many did."""
    return bool(
        rt.js(
            "const n = () => pyodide.runPython('len(ended)'); await collect(() => n() >= wanted); return n() === wanted;",
            wanted=wanted,
        )
    )


# Each makes a cycle in the function `make`, given to it as the element to hang it on.
CYCLES = {
    "closure": """
        def make(element):
            def listener(event):
                return element
            element.onclick = listener
            watch(listener)
    """,
    "attribute": """
        def make(element):
            thing = Thing()
            thing.element = element
            element.thing = thing
            watch(thing)
    """,
    "bound method": """
        class Widget:
            def __init__(self, element):
                self.element = element
                element.onclick = self.click
            def click(self, event):
                return self.element
        def make(element):
            watch(Widget(element))
    """,
    "retained listener": """
        def make(element):
            target = js.EventTarget.new()
            def listener(event):
                return target
            target.addEventListener("click", listener)
            watch(listener)
    """,
    "create_proxy": """
        from pyodide.ffi import create_proxy
        def make(element):
            thing = Thing()
            thing.proxy = create_proxy(thing)
            watch(thing)
    """,
    "class made in a function": """
        def make(element):
            class Local:
                def click(self, event):
                    return element
            thing = Local()
            element.onclick = thing.click
            watch(thing)
            watch(Local)
    """,
    "through containers": """
        def make(element):
            thing = Thing()
            thing.parts = {"list": [(element,)]}
            element.parts = js.Array.of(js.Map.new([["thing", thing]]))
            watch(thing)
    """,
    "generator": """
        def make(element):
            def steps():
                yield element
                yield
            generator = steps()
            next(generator)
            element.steps = generator
            watch(generator)
    """,
    "two of each": """
        def make(element):
            first, second = Thing(), Thing()
            first.element = element
            element.second = second
            second.other = js.Object.new()
            second.other.first = first
            watch(first)
            watch(second)
    """,
    "function that was read from the object": """
        def make(element):
            thing = Thing()
            thing.function = element.method
            element.thing = thing
            watch(thing)
    """,
    "error": """
        def make(element):
            thing = Thing()
            thing.error = js.Error.new("x")
            thing.error.thing = thing
            watch(thing)
    """,
    "weak references inside": """
        def make(element):
            thing, other = Thing(), Thing()
            thing.element, thing.other = element, other
            other.thing = weakref.ref(thing)
            element.thing = thing
            watch(thing)
    """,
}
ENDS = {"class made in a function": 2, "two of each": 2}


@pytest.mark.parametrize("name", CYCLES)
def test_cycles_are_collected(rt: Runtime, name: str) -> None:
    """A cycle that nothing else leads to is collected; one that JavaScript holds is not, and works."""
    rt.js("globalThis.element = () => ({ method() { return this; } });")
    rt.py(CYCLES[name])
    rt.py(
        """
        for _ in range(20):
            make(js.element())
        """
    )
    assert ended(rt, 20 * ENDS.get(name, 1))


@pytest.mark.parametrize("name", ["closure", "attribute", "bound method", "through containers"])
def test_held_by_javascript(rt: Runtime, name: str) -> None:
    """What JavaScript can reach stays, with all that it leads to, however often it is collected."""
    rt.js(
        "globalThis.made = []; globalThis.element = () => { made.push({ id: made.length }); return made.at(-1); };"
    )
    rt.py(CYCLES[name])
    rt.py("for _ in range(3): make(js.element())")
    reach = {
        "closure": "made.map((e) => e.onclick(1).id)",
        "attribute": "made.map((e) => e.thing.element.id)",
        "bound method": "made.map((e) => e.onclick(1).id)",
        "through containers": "made.map((e) => e.parts[0].get('thing').parts.get('list')[0][0].id)",
    }[name]
    if rt.mode == "proxy":
        reach = reach.replace("get('list')[0][0]", "get('list').get(0).get(0)")
    for _ in range(3):
        assert rt.js(f"await collect(undefined, 2); return {reach};") == [0, 1, 2]
    assert rt.py("len(ended)") == 0
    rt.js("made.length = 0;")
    assert ended(rt, 3)


def test_held_by_python(rt: Runtime) -> None:
    """What Python can reach stays, with the JavaScript values that only it leads to."""
    rt.js("globalThis.element = () => ({ id: 7 });")
    rt.py(CYCLES["attribute"])
    rt.py(
        """
        kept = Thing()
        kept.element = js.element()
        kept.element.thing = kept
        watch(kept)
        """
    )
    rt.js("await collect(undefined, 3);")
    assert rt.py("(kept.element.id, kept.element.thing is kept, len(ended))") == (7, True, 0)
    rt.py("del kept")
    assert ended(rt, 1)


ASLEEP = """
    const proxy = pyodide.runPython(`
        thing = Thing()
        thing.element = js.element()
        thing.element.thing = thing
        ref = watch(thing)
        thing`);
    globalThis.held = proxy;
    pyodide.runPython("del thing");
    await collect(undefined, 2);
"""


def test_a_sleeping_object_comes_back_by_a_call(rt: Runtime) -> None:
    """Python stores a sleeping object that JavaScript hands over: then its values are Python's to keep."""
    rt.js("globalThis.element = () => ({ id: 7 });")
    rt.js(ASLEEP)
    rt.js("pyodide.globals.set('kept', held); held.destroy(); globalThis.held = undefined;")
    rt.js("await collect(undefined, 3);")
    assert rt.py("(kept.element.id, kept.element.thing is kept, len(ended))") == (7, True, 0)
    rt.py("del kept")
    assert ended(rt, 1)


def test_a_sleeping_object_comes_back_by_a_weak_reference(rt: Runtime) -> None:
    """A weak reference wakes the object that it leads to, also when JavaScript then lets go of it."""
    rt.js("globalThis.element = () => ({ id: 7 });")
    rt.js(ASLEEP)
    rt.py("kept = ref()")
    rt.js("globalThis.held = undefined; await collect(undefined, 3);")
    assert rt.py("(kept.element.id, kept.element.thing is kept, ref() is kept, len(ended))") == (
        7, True, True, 0,
    )  # fmt: skip
    rt.py("del kept")
    assert ended(rt, 1)
    assert rt.py("ref()") is None


def test_weak_collections_of_sleeping_objects(rt: Runtime) -> None:
    """WeakSet, WeakValueDictionary and weak proxies find sleeping objects."""
    rt.js("globalThis.element = () => ({ id: 7 });")
    rt.js(ASLEEP)
    rt.py(
        "weak = weakref.WeakValueDictionary(a=ref()); proxy = weakref.proxy(ref()); group = weakref.WeakSet([ref()])"
    )
    rt.js("await collect(undefined, 2);")
    assert rt.py("[weak['a'].element.id, len(group), [t.element.id for t in group]]") == [7, 1, [7]]
    rt.js("await collect(undefined, 2);")
    assert rt.py("proxy.element.id") == 7
    rt.js("globalThis.held = undefined;")
    assert ended(rt, 1)
    assert rt.py("(len(weak), len(group))") == (0, 0)


def test_destroying_while_asleep(rt: Runtime) -> None:
    """destroy() of a sleeping proxy frees the object at once, with its references into JavaScript."""
    rt.js("globalThis.element = () => ({ id: 7 });")
    rt.js(ASLEEP.replace("thing.element.thing = thing", "pass"))
    rt.js("held.destroy();")
    assert rt.py("len(ended)") == 1


def test_copies_attributes_and_views_while_asleep(rt: Runtime) -> None:
    """Copies, cached attributes and aliases of a sleeping proxy work and keep their identity."""
    rt.js("globalThis.element = () => ({ id: 7 });")
    rt.py(CYCLES["bound method"])
    result = rt.js(
        """
        globalThis.held = pyodide.runPython("w = Widget(js.element()); watch(w); w");
        pyodide.runPython("del w");
        const click = held.click, bound = click.bind(null);
        await collect(undefined, 2);
        const same = held.click === click;
        await collect(undefined, 2);
        const ids = [click(1).id, bound(1).id, held.copy().element.id, held.element.onclick(1).id];
        await collect(undefined, 2);
        const parent = held;
        globalThis.held = undefined;
        parent.destroy();
        return [same, ids, h.thrown(() => click(1)).message.split(".")[0]];
        """
    )
    assert result == [
        True,
        [7, 7, 7, 7],
        "This borrowed attribute proxy was automatically destroyed in the process of destroying "
        "the proxy it was borrowed from",
    ]
    assert ended(rt, 1)


def test_finalizers_of_collected_cycles(rt: Runtime) -> None:
    """`__del__` runs; what it finds of JavaScript's half is gone, and says so."""
    rt.js("globalThis.element = () => ({ id: 7 });")
    rt.py(
        """
        from pyodide.ffi import JsException
        seen = []
        class Last(Thing):
            def __del__(self):
                try:
                    seen.append(self.element.id)
                except JsException as error:
                    seen.append(str(error))
        def make():
            last = Last()
            last.element = js.element()
            last.element.last = last
            watch(last)
        make()
        """
    )
    assert ended(rt, 1)
    assert rt.py("seen") == [
        "ReferenceError: this JavaScript object has been collected together with the Python object "
        "that held it"
    ]


def test_cycle_through_a_promise(rt: Runtime) -> None:
    """A promise that nobody can settle any more, and what awaits it, is collected."""
    rt.js(
        "globalThis.start = () => { const o = {}; o.promise = new Promise((r) => { o.resolve = r; }); return o; };"
    )
    rt.py(
        """
        def make():
            thing = Thing()
            thing.pending = js.start()
            thing.next = thing.pending.promise.then(lambda value, thing=thing: thing)
            watch(thing)
        make()
        """
    )
    assert ended(rt, 1)


def test_symbols_stay(rt: Runtime) -> None:
    """A registered symbol cannot be held weakly; its object is collected nevertheless."""
    rt.js("globalThis.element = () => ({ symbol: Symbol.for('x') });")
    rt.py(
        """
        def make():
            thing = Thing()
            thing.element = js.element()
            thing.symbol = thing.element.symbol
            thing.element.thing = thing
            watch(thing)
        make()
        """
    )
    assert ended(rt, 1)


def test_no_search_under_a_call(rt: Runtime) -> None:
    """A collection in the middle of calls of both languages disturbs none of them."""
    rt.js("globalThis.element = () => ({ id: 7 });")
    rt.py(CYCLES["bound method"])
    result = rt.js(
        """
        globalThis.held = pyodide.runPython("w = Widget(js.element()); watch(w); w");
        pyodide.runPython("del w");
        await collect(undefined, 2);
        globalThis.inner = (f) => { pyodide.runPython("import gc; gc.collect()"); gc(); return f(1).id; };
        const id = pyodide.runPython("lambda w: js.inner(w.click)")(held);
        globalThis.held = undefined;
        return id;
        """
    )
    assert result == 7
    assert ended(rt, 1)


class Model:
    """A random graph over both heaps, of which the test knows what must live."""

    def __init__(self, rng: random.Random, size: int) -> None:
        self.rng = rng
        self.sides = [rng.choice("pj") for _ in range(size)]
        self.edges: set[tuple[int, int]] = set()
        self.roots: set[int] = set()

    def connect(self, count: int) -> list[tuple[int, int]]:
        alive = sorted(self.alive())
        new = (
            [(self.rng.choice(alive), self.rng.choice(alive)) for _ in range(count)]
            if alive
            else []
        )
        self.edges.update(new)
        return new

    def alive(self) -> set[int]:
        seen = set(self.roots)
        waiting = list(seen)
        while waiting:
            source = waiting.pop()
            for a, b in self.edges:
                if a == source and b not in seen:
                    seen.add(b)
                    waiting.append(b)
        return seen


GRAPH_JS = """
    globalThis.deaths = [];
    globalThis.died = (id) => { deaths.push(id); };
    const registry = new FinalizationRegistry((id) => deaths.push(id));
    globalThis.registry = registry;
    globalThis.jsRoots = new Map();
    globalThis.make = (id) => { const node = { id, links: new Map() }; registry.register(node, id); jsRoots.set(id, node); return node; };
    globalThis.link = (node, id, target) => { node.links.set(id, target.copy?.() ?? target); };
    globalThis.dropRoot = (id) => { jsRoots.delete(id); };
"""
GRAPH_PY = """
    py_roots = {}
    class Node:
        def __init__(self, id):
            self.id, self.links = id, {}
            weakref.finalize(self, js.died, id).atexit = False
    def node_of(id):
        return py_roots[id] if id in py_roots else js.jsRoots[id]
    def connect(a, b):
        source, target = node_of(a), node_of(b)
        if isinstance(source, Node):
            source.links[b] = target
        else:
            js.link(source, b, target)
    def walk(node, seen):
        if node.id in seen:
            return seen
        seen.add(node.id)
        for target in list(node.links.values()):
            walk(target, seen)
        return seen
    def reachable():
        seen = set()
        for node in list(py_roots.values()):
            walk(node, seen)
        for node in list(js.jsRoots.values()):
            walk(node, seen)
        return sorted(seen)
"""


@pytest.mark.parametrize("round_", range(4))
def test_random_graphs(rt: Runtime, request: pytest.FixtureRequest, round_: int) -> None:
    """Of random graphs over both heaps exactly that lives which the roots of either heap lead to."""
    seed = int(request.config.getoption("--hypothesis-seed")) + round_
    print(f"seed {seed}")
    rng = random.Random(seed)
    model = Model(rng, size=24)
    rt.js(GRAPH_JS)
    rt.py(GRAPH_PY)
    for node, side in enumerate(model.sides):
        rt.py(f"py_roots[{node}] = Node({node})" if side == "p" else f"_ = js.make({node}); del _")
        model.roots.add(node)
    for a, b in model.connect(40):
        rt.py(f"connect({a}, {b})")
    for _ in range(3):
        for node in rng.sample(sorted(model.roots), k=len(model.roots) // 2):
            model.roots.discard(node)
            rt.py(f"del py_roots[{node}]" if model.sides[node] == "p" else f"js.dropRoot({node})")
        alive = model.alive()
        wanted = len(model.sides) - len(alive)
        rt.js("await collect(() => deaths.length >= wanted, 20);", wanted=wanted)
        assert set(rt.expr("deaths")) == set(range(len(model.sides))) - alive
        assert rt.py("reachable()") == sorted(alive)
    model.roots.clear()
    rt.js("jsRoots.clear(); pyodide.runPython('py_roots.clear()');")
    rt.js("await collect(() => deaths.length >= wanted, 30);", wanted=len(model.sides))
    assert set(rt.expr("deaths")) == set(range(len(model.sides)))

"""Native mode: the life of proxies and objects that travel inside lists and Arrays."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

pytestmark = pytest.mark.modes("native")


@pytest.mark.parametrize("source", ["[{}]", "({},)", "[[{}]]", "[1, 'x', {}]"])
def test_proxies_inside_arguments_die_with_the_call(rt: Runtime, source: str) -> None:
    """A proxy made for an item of a list argument ends with the call, as one for an argument does."""
    rt.js(
        "globalThis.keep = (list) => { globalThis.kept = list.flat(2).find((x) => typeof x === 'object'); };"
    )
    rt.py(f"import js\njs.keep({source})")
    error = rt.js("return h.thrown(() => kept.get(1));")
    assert error["message"].startswith(
        "This borrowed proxy was automatically destroyed at the end of a function call"
    )


def test_references_of_items(rt: Runtime) -> None:
    """Calls with lists leave the reference counts of the items as they were."""
    rt.js("globalThis.count = (list) => list.length; globalThis.same = (x) => x;")

    @rt.run
    def _() -> None:
        import sys

        import js

        item: dict[str, int] = {}
        before = sys.getrefcount(item)
        for _ in range(100):
            js.count([item, [item], item])
            assert js.same([item])[0] is item
        assert sys.getrefcount(item) == before


def test_identity_inside_lists(rt: Runtime) -> None:
    """Objects of either language inside a list come back as themselves."""
    rt.js(
        "globalThis.same = (x) => x; globalThis.object = {}; globalThis.isObject = (list) => list[0] === object;"
    )

    @rt.run
    def _() -> None:
        import js

        value = object()
        back = js.same([value, [value], js.object])
        assert back[0] is value
        assert back[1][0] is value
        assert back[2] == js.object
        assert js.isObject([js.object]) is True


def test_items_of_results_are_owned(rt: Runtime) -> None:
    """Proxies inside a result belong to JavaScript: they live until destroyed or collected."""
    got = rt.js(
        """
        const before = h.counts().pyProxies;
        const list = pyodide.runPython("[{'a': 1}, [{'b': 2}]]");
        const r = [list[0].get("a"), list[1][0].get("b"), h.counts().pyProxies - before];
        list[0].destroy();
        list[1][0].destroy();
        r.push(h.counts().pyProxies - before);
        (() => { for (let i = 0; i < 20; i++) pyodide.runPython("[{}, ({},)]"); })();
        r.push(await h.collect(() => h.counts().pyProxies === before));
        return r;
        """
    )
    assert got == [1, 2, 2, 0, True]


def test_items_of_stored_lists_live(rt: Runtime) -> None:
    """A list written to an attribute keeps its proxies alive until JavaScript drops them."""
    rt.js("globalThis.o = {};")
    rt.py("import js\njs.o.list = [{'a': 1}]")
    got = rt.js(
        """
        const before = h.counts().pyProxies;
        const r = [o.list[0].get("a")];
        delete o.list;
        r.push(await h.collect(() => h.counts().pyProxies === before - 1));
        return r;
        """
    )
    assert got == [1, True]


def test_javascript_objects_inside_lists_are_let_go(rt: Runtime) -> None:
    """JsProxies made for the items of an Array give their handles back with the list."""
    got = rt.js(
        """
        const before = h.counts();
        const f = pyodide.runPython("lambda list: len(list)");
        const list = Array.from({ length: 100 }, () => ({}));
        for (let i = 0; i < 50; i++) f(list);
        f.destroy();
        const after = h.counts();
        return [after.jsRefs - before.jsRefs, after.jsProxies - before.jsProxies];
        """
    )
    assert got == [0, 0]


def test_failed_conversion_lets_everything_go(rt: Runtime) -> None:
    """An Array that cannot be converted to its end leaves nothing of its beginning."""
    got = rt.js(
        """
        const f = pyodide.runPython("lambda *args: len(args)");
        const dead = pyodide.runPython("{}");
        dead.destroy();
        const before = h.counts();
        const messages = [];
        for (let i = 0; i < 20; i++) messages.push(h.thrown(() => f({}, [{}, [{}], dead, {}])).message);
        const after = h.counts();
        f.destroy();
        return [messages.every((m) => m.includes("destroyed")), after.jsRefs - before.jsRefs, after.jsProxies - before.jsProxies,
            after.frames];
        """
    )
    assert got == [True, 0, 0, 0]


def test_failed_argument_lets_the_others_go(rt: Runtime) -> None:
    """A list too deep as last argument releases the proxies made for the first ones."""
    rt.js("globalThis.f = () => { globalThis.called = true; };")
    got = rt.py(
        """
        import js, sys
        deep = []
        for _ in range(100_000):
            deep = [deep]
        item = {}
        before = sys.getrefcount(item)
        kinds = set()
        for _ in range(20):
            try: js.f(item, [item, {}], deep)
            except RecursionError as error: kinds.add(type(error).__name__)
        (sys.getrefcount(item) - before, sorted(kinds))
        """
    )
    assert got == (0, ["RecursionError"])
    assert rt.expr("typeof called") == "undefined"


def test_lists_in_keywords(rt: Runtime) -> None:
    """Lists among keyword arguments are converted, and their proxies end with the call."""
    rt.js(
        "globalThis.f = (o) => { globalThis.kept = o.x[0]; return JSON.stringify([o.n, o.x.length]); };"
    )
    assert rt.py("import js\njs.f(n=[1, 2], x=[{}])") == "[[1,2],1]"
    assert rt.js("return h.thrown(() => kept.get(1)).message;").startswith("This borrowed proxy")


def test_returned_argument_survives(rt: Runtime) -> None:
    """An argument that comes back inside an Array is the object itself although its proxy ends."""
    rt.js("globalThis.wrap = (x) => [x, [x]];")
    assert rt.py("import js\nd = {}\nr = js.wrap(d)\n(r[0] is d, r[1][0] is d)") == (True, True)

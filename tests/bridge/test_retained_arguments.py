"""Arguments of platform functions that keep them: plain code works, and nothing leaks."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.keeps_state
def test_first_await(rt: Runtime) -> None:
    """The first await starts the event loop, which keeps a few JavaScript objects from then on."""
    rt.js("await pyodide.runPythonAsync('import js; await js.Promise.resolve(1)');")


def test_timers(rt: Runtime) -> None:
    """A callback for later needs no create_proxy."""
    got = rt.js(
        """
        pyodide.runPython(`
            import js
            calls = []
            js.setTimeout(lambda: calls.append("timeout"), 1)
            js.queueMicrotask(lambda: calls.append("microtask"))
        `);
        await new Promise((resolve) => setTimeout(resolve, 20));
        return pyodide.runPython("','.join(calls)");
        """
    )
    assert got == "microtask,timeout"


def test_listeners(rt: Runtime) -> None:
    """An event listener is called for each event."""
    got = rt.py(
        """
        import js
        seen = []
        target = js.EventTarget.new()
        target.addEventListener("ping", lambda event: seen.append(event.type))
        for _ in range(3):
            target.dispatchEvent(js.Event.new("ping"))
        ",".join(seen)
        """
    )
    assert got == "ping,ping,ping"


def test_remove_listener(rt: Runtime) -> None:
    """The same function is the same listener, so that it can be removed."""
    got = rt.py(
        """
        import js
        seen = []
        def listener(event):
            seen.append(event.type)
        target = js.EventTarget.new()
        target.addEventListener("ping", listener)
        target.addEventListener("ping", listener)
        target.dispatchEvent(js.Event.new("ping"))
        target.removeEventListener("ping", listener)
        target.dispatchEvent(js.Event.new("ping"))
        ",".join(seen)
        """
    )
    assert got == "ping"


def test_bound_methods(rt: Runtime) -> None:
    """A method is the same listener each time it is read, and another one for each object, also for equal ones."""

    @rt.run
    def _() -> None:
        import js

        class Counter:
            def __init__(self) -> None:
                self.count = 0

            def __eq__(self, other: object) -> bool:
                return True

            def __hash__(self) -> int:
                return 1

            def hear(self, event: object) -> None:
                self.count += 1

            def other(self, event: object) -> None:
                self.count += 100

        first, second = Counter(), Counter()
        assert first.hear is not first.hear
        target = js.EventTarget.new()
        for listener in (first.hear, first.hear, second.hear, first.other):
            target.addEventListener("ping", listener)
        target.dispatchEvent(js.Event.new("ping"))
        assert (first.count, second.count) == (101, 1)
        target.removeEventListener("ping", first.hear)
        target.dispatchEvent(js.Event.new("ping"))
        assert (first.count, second.count) == (201, 2)
        target.removeEventListener("ping", second.other)
        target.removeEventListener("ping", second.hear)
        target.removeEventListener("ping", first.other)
        target.dispatchEvent(js.Event.new("ping"))
        assert (first.count, second.count) == (201, 2)


def test_methods_of_builtin_types(rt: Runtime) -> None:
    """So is a method of a list, and a class method."""

    @rt.run
    def _() -> None:
        import js

        seen: list[object] = []
        same: list[object] = []

        class Space:
            heard = 0

            @classmethod
            def hear(cls, event: object) -> None:
                cls.heard += 1

        target = js.EventTarget.new()
        for listener in (seen.append, same.append, Space.hear):
            target.addEventListener("ping", listener)
        target.dispatchEvent(js.Event.new("ping"))
        for listener in (seen.append, Space.hear):
            target.removeEventListener("ping", listener)
        target.dispatchEvent(js.Event.new("ping"))
        assert (len(seen), len(same), Space.heard) == (1, 2, 1)
        # The event knows its target, which would keep the list that keeps the event.
        target.removeEventListener("ping", same.append)


def test_methods_are_released(rt: Runtime) -> None:
    """Methods and their objects go when JavaScript lets go, and their addresses stand for nothing afterwards."""
    alive = rt.js(
        """
        pyodide.runPython(code);
        for (let turn = 0; turn < 20; turn++) {
            pyodide.runPython("add_and_remove()");
            await h.collect();
        }
        return pyodide.runPython("import gc; gc.collect(); len(alive)");
        """,
        code="""
import js, weakref
alive = weakref.WeakSet()
target = js.EventTarget.new()
class Listener:
    count = 0
    def hear(self, event):
        self.count += 1
def add_and_remove():
    # Later ones lie where earlier ones were.
    made = [Listener() for _ in range(30)]
    alive.update(made)
    for each in made:
        target.addEventListener("ping", each.hear)
    target.dispatchEvent(js.Event.new("ping"))
    for each in made:
        target.removeEventListener("ping", each.hear)
    target.dispatchEvent(js.Event.new("ping"))
    assert all(each.count == 1 for each in made)
""",
    )
    assert alive == 0


def test_destroyed_method(rt: Runtime) -> None:
    """A proxy that JavaScript has destroyed is not passed again."""
    got = rt.js(
        """
        globalThis.held = [];
        pyodide.runPython(code);
        return [held.length, held[0] === held[1], held[1] === held[2], held[2]()];
        """,
        code="""
import js
class Space:
    def method(self): return 5
space = Space()
held = js.get_proxy("held")
held.push(space.method)
js.eval("held[0].destroy()")
held.push(space.method)
held.push(space.method)
""",
    )
    assert got == [3, False, True, 5]


def test_promise_constructor(rt: Runtime) -> None:
    """The executor may keep its functions, and be kept."""
    code = """
        import js
        def executor(resolve, reject):
            js.setTimeout(lambda: resolve("done"), 1)
        await js.Promise.new(executor)
    """
    assert rt.js("return await pyodide.runPythonAsync(code);", code=code) == "done"


def test_containers(rt: Runtime) -> None:
    """What is put into a Map, Set or Array stays usable there."""
    got = rt.py(
        """
        import js
        m, s, d = js.Map.new(), js.Set.new(), {"a": 1}
        m.set("k", d)
        s.add(d)
        js.kept = m
        ok = m.get("k") is d
        js.eval("(s) => [...s][0].get('a')")(s), ok
        """
    )
    assert got in ((1, True), [1, True])


def test_other_functions_borrow(rt: Runtime) -> None:
    """A function of the program's own borrows, as ever."""
    got = rt.js(
        """
        globalThis.keep = (f) => { globalThis.kept = f; };
        pyodide.runPython("import js; js.keep(lambda: 1)");
        return h.thrown(() => kept()).message;
        """
    )
    assert str(got).startswith(
        "This borrowed proxy was automatically destroyed at the end of a function call"
    )


def test_unwrap(rt: Runtime) -> None:
    """A JsDoubleProxy gives its object back, until it is destroyed."""
    got = rt.py(
        """
        from pyodide.ffi import JsException, create_proxy
        obj = {"a": 1}
        proxies = [create_proxy(obj), create_proxy(obj, roundtrip=False)]
        r = [p.unwrap() is obj for p in proxies]
        for p in proxies:
            p.destroy()
        try:
            proxies[0].unwrap()
        except JsException as e:
            r.append("already been destroyed" in str(e))
        str(r)
        """
    )
    assert got == "[True, True, True]"

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

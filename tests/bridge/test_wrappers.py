"""`pyodide.ffi.wrappers` inside the runtime: listeners and timers, and how long their functions live."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

LISTENERS = """
    import gc, js, sys
    from pyodide.ffi.wrappers import add_event_listener, remove_event_listener
    target = js.EventTarget.new()
    seen = []
    def listener(event):
        seen.append(event.type)
    def fire(name):
        target.dispatchEvent(js.Event.new(name))
"""


@pytest.mark.keeps_state
@pytest.mark.spec("6.2/1")
def test_first_listener(rt: Runtime) -> None:
    """The first listener makes the WeakMap of all elements, which stays; that it is a WeakMap is what matters."""
    rt.py(LISTENERS)
    assert rt.py(
        """
        from pyodide.ffi import wrappers
        add_event_listener(target, "ping", listener)
        remove_event_listener(target, "ping", listener)
        wrappers._listeners.constructor.name
        """
    ) == ("WeakMap")


@pytest.mark.spec("6.2/1", "6.2/2")
def test_listener(rt: Runtime) -> None:
    """A listener is called until it is removed, with the event; then JavaScript holds nothing of it."""
    rt.py(LISTENERS)
    assert rt.py(
        """
            base = sys.getrefcount(listener)
            add_event_listener(target, "ping", listener)
            add_event_listener(target, "pong", listener)
            held = sys.getrefcount(listener) > base
            fire("ping"); fire("ping"); fire("pong")
            remove_event_listener(target, "ping", listener)
            fire("ping"); fire("pong")
            remove_event_listener(target, "pong", listener)
            fire("ping"); fire("pong")
            [held, sys.getrefcount(listener) - base, ",".join(seen)]
            """
    ) == [True, 0, "ping,ping,pong,pong"]


@pytest.mark.spec("6.2/1")
def test_listener_added_twice(rt: Runtime) -> None:
    """Each addition makes a proxy of its own, so JavaScript calls it twice; each removal takes one away."""
    rt.py(LISTENERS)
    assert rt.py(
        """
            counts = []
            for change in (add_event_listener, add_event_listener, remove_event_listener, remove_event_listener):
                change(target, "ping", listener)
                seen.clear()
                fire("ping")
                counts.append(len(seen))
            counts
            """
    ) == [1, 2, 1, 0]


@pytest.mark.spec("6.2/1")
def test_any_hashable_listener(rt: Runtime) -> None:
    """A bound method, which is a new object each time, can be removed again."""
    rt.py(LISTENERS)
    assert rt.py(
        """
            class Page:
                def clicked(self, event):
                    seen.append(event.type)
            page = Page()
            add_event_listener(target, "ping", page.clicked)
            fire("ping")
            remove_event_listener(target, "ping", page.clicked)
            fire("ping")
            seen
            """
    ) == ["ping"]


@pytest.mark.spec("6.2/2")
@pytest.mark.parametrize(
    "arguments",
    ['target, "pong", listener', 'target, "ping", print', 'js.EventTarget.new(), "ping", listener'],
)
def test_unknown_listener(rt: Runtime, arguments: str) -> None:
    """Removing what was not added is a KeyError, and leaves the others alone."""
    rt.py(LISTENERS)
    assert rt.py(
        f"""
            add_event_listener(target, "ping", listener)
            try:
                remove_event_listener({arguments})
            except KeyError:
                seen.append("KeyError")
            fire("ping")
            remove_event_listener(target, "ping", listener)
            seen
            """
    ) == ["KeyError", "ping"]


@pytest.mark.spec("6.2/1")
def test_listeners_of_an_element_that_is_gone(rt: Runtime) -> None:
    """The element is remembered weakly: when JavaScript has collected it, its listeners are gone as well."""
    rt.py(LISTENERS)
    rt.py(
        """
        import weakref
        def other(event): pass
        add_event_listener(target, "ping", other)
        gone = weakref.ref(other)
        del target, other
        """
    )
    # The collector runs between tasks, and Python's reference goes when its finalizer has run.
    assert rt.js(
        """
        const gone = () => pyodide.runPython("gone() is None");
        for (let i = 0; i < 200 && !gone(); i++) {
          globalThis.gc();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return gone();
        """
    )


TIMERS = """
    import js, sys
    from pyodide.ffi import JsProxy
    from pyodide.ffi import wrappers
    from pyodide.ffi.wrappers import clear_interval, clear_timeout, set_interval, set_timeout
    calls = []
    def callback():
        calls.append(1)
    base = sys.getrefcount(callback)
    def held():
        return sys.getrefcount(callback) - base
"""
WAIT = "await new Promise((resolve) => setTimeout(resolve, 20));"


@pytest.mark.spec("6.2/3", "6.2/4")
def test_timeout(rt: Runtime) -> None:
    """A timer calls its function once and lets go of it; clearing it afterwards does nothing."""
    rt.py(TIMERS)
    assert rt.py(
        """
        handle = set_timeout(callback, 1)
        [isinstance(handle, JsProxy), held() > 0, len(wrappers._timeouts), len(calls)]
        """
    ) == [True, True, 1, 0]
    rt.js(WAIT)
    assert rt.py("[len(calls), held(), len(wrappers._timeouts)]") == [1, 0, 0]
    assert rt.py("clear_timeout(handle); clear_timeout(handle); len(calls)") == 1
    rt.py("del handle")


@pytest.mark.spec("6.2/4")
def test_cleared_timeout(rt: Runtime) -> None:
    """A timer that is cleared never calls its function, and lets go of it at once."""
    rt.py(TIMERS)
    assert rt.py(
        "handle = set_timeout(callback, 1); clear_timeout(handle); [held(), len(wrappers._timeouts)]"
    ) == [0, 0]
    rt.js(WAIT)
    assert rt.py("clear_timeout(handle); del handle; calls") == []


@pytest.mark.spec("6.2/5")
def test_interval(rt: Runtime) -> None:
    """An interval calls its function again and again until it is cleared; then the function is released."""
    rt.py(TIMERS)
    rt.py(
        """
        def callback():
            calls.append(1)
            if len(calls) == 3:
                clear_interval(handle)
        base = sys.getrefcount(callback)
        handle = set_interval(callback, 1)
        """
    )
    rt.js(f"while (pyodide.runPython('len(calls)') < 3) {{ {WAIT} }} {WAIT}")
    assert rt.py("[len(calls), held(), len(wrappers._intervals)]") == [3, 0, 0]
    assert rt.py("clear_interval(handle); del handle; len(calls)") == 3


@pytest.mark.spec("6.2/4", "6.2/5")
def test_unknown_handles(rt: Runtime) -> None:
    """Handles that our functions did not give are handed to JavaScript, which does not mind them."""
    rt.py(TIMERS)
    assert (
        rt.py(
            """
            clear_timeout(123456)
            clear_interval(123456)
            foreign = js.setTimeout(js.eval("() => {}"), 100000)
            clear_timeout(foreign)
            del foreign
            "unharmed"
            """
        )
        == "unharmed"
    )


@pytest.mark.spec("6.2/3", "6.2/5")
@pytest.mark.parametrize(
    "call", ["set_timeout(5, 1)", "set_timeout('f()', 1)", "set_interval(None, 1)"]
)
def test_what_cannot_be_called(rt: Runtime, call: str) -> None:
    """A callback that is none fails where it is given, not when the time has come."""
    rt.py(TIMERS)
    assert (
        rt.py(
            f"""
            failed = "no error"
            try:
                {call}
            except TypeError as error:
                failed = str(error)
            failed
            """
        ).partition(" must be")[0]
        == f"{call.partition('(')[0]}(): the callback"
    )


@pytest.mark.keeps_state
@pytest.mark.spec("6.2/3")
def test_timeout_with_a_coroutine(rt: Runtime) -> None:
    """An async callback is run to its end. It starts the event loop, which keeps a few objects from then on."""
    rt.py(TIMERS)
    rt.py(
        """
        import asyncio
        async def later():
            await asyncio.sleep(0)
            calls.append(2)
        set_timeout(later, 0)
        """
    )
    rt.js(f"while (pyodide.runPython('len(calls)') < 1) {{ {WAIT} }}")
    assert rt.py("calls") == [2]

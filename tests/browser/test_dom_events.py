"""Events, observers and timers: Python functions that the platform keeps and calls."""

from __future__ import annotations

import pytest
from browsing import Browser

BUTTON = """
    import js
    from js import document
    button = document.createElement("button")
    button.id = "button"
    document.getElementById("place").appendChild(button)
    seen = []
"""


@pytest.fixture(scope="module", autouse=True)
def _listeners(shared_page: Browser) -> None:
    """The first use of the helpers makes a WeakMap that stays."""
    shared_page.python(
        """
        from js import document
        from pyodide.ffi.wrappers import add_event_listener, remove_event_listener
        add_event_listener(document.body, "nothing", print)
        remove_event_listener(document.body, "nothing", print)
        """
    )


@pytest.fixture
def button(page: Browser) -> Browser:
    """A page with a button, and Python variables `button` and `seen`."""
    page.python(BUTTON)
    return page


def test_plain_functions(button: Browser) -> None:
    """A Python function as it is: heard for each click of the user, added once, removed by the same function."""
    button.python(
        """
        def on_click(event):
            seen.append((event.type, event.target.id, event.isTrusted, event.target == button))
        button.addEventListener("click", on_click)
        button.addEventListener("click", on_click)
        """
    )
    button.click("#button")
    button.click("#button")
    assert button.python("seen") == [["click", "button", True, True]] * 2
    button.python("button.removeEventListener('click', on_click)")
    button.click("#button")
    assert button.python("len(seen)") == 2


def test_bound_methods(button: Browser) -> None:
    """A bound method is removed by reading it again."""
    button.python(
        """
        class Counter:
            count = 0
            def __init__(self):
                button.addEventListener("click", self.on_click)
            def on_click(self, event):
                self.count += 1
            def close(self):
                button.removeEventListener("click", self.on_click)
        first, second = Counter(), Counter()
        button.click()
        first.close()
        button.click()
        assert (first.count, second.count) == (1, 2)
        second.close()
        button.click()
        assert (first.count, second.count) == (1, 2)
        """
    )


def test_listener_options(button: Browser) -> None:
    """Options as keyword arguments: once, capture, an abort signal."""
    button.python(
        """
        def listener(event):
            seen.append(event.eventPhase)
        button.addEventListener("click", listener, once=True)
        button.click(); button.click()
        assert seen == [2], seen
        place = document.getElementById("place")
        place.addEventListener("click", listener, capture=True)
        button.click()
        place.removeEventListener("click", listener, capture=True)
        button.click()
        assert seen == [2, 1], seen
        controller = js.AbortController.new()
        button.addEventListener("click", listener, signal=controller.signal)
        button.click()
        controller.abort()
        button.click()
        assert seen == [2, 1, 2], seen
        """
    )


def test_listener_objects(button: Browser) -> None:
    """An object with a method `handleEvent` is a listener too."""
    button.python(
        """
        class Handler:
            def handleEvent(self, event):
                seen.append(event.type)
        handler = Handler()
        button.addEventListener("click", handler)
        button.click()
        assert seen == ["click"], seen
        """
    )


def test_event_attributes(button: Browser) -> None:
    """`onclick` holds a Python function, gives it back, and is taken away by None; a false result prevents."""
    button.python(
        """
        def on_click(event):
            seen.append("click")
            return False
        button.onclick = on_click
        assert button.onclick is on_click
        event = js.MouseEvent.new("click", cancelable=True)
        assert button.dispatchEvent(event) is False and event.defaultPrevented
        button.onclick = None
        button.click()
        assert seen == ["click"], seen
        """
    )


def test_custom_events(button: Browser) -> None:
    """`detail` carries a Python object, which arrives as itself; the dispatch tells whether it was prevented."""
    button.python(
        """
        from pyodide.ffi import create_proxy
        detail = {"a": 1}
        held = create_proxy(detail)
        def listener(event):
            seen.append(event.detail)
            event.preventDefault()
        button.addEventListener("mine", listener)
        assert button.dispatchEvent(js.CustomEvent.new("mine", detail="text", cancelable=True)) is False
        assert button.dispatchEvent(js.CustomEvent.new("mine", detail=js.Map.new())) is True
        assert button.dispatchEvent(js.CustomEvent.new("mine", detail=held)) is True
        assert seen[0] == "text" and str(seen[1]) == "[object Map]"
        assert seen[2].unwrap() is detail
        held.destroy()
        """
    )


def test_errors_in_listeners(button: Browser) -> None:
    """An error in a listener reaches the page as an error event, and the rest goes on."""
    script = """
        pyodide.runPython(args[0]);
        const messages = [];
        const hear = (event) => { messages.push([event.error.name, event.error.type, event.message]); event.preventDefault(); };
        addEventListener("error", hear);
        button.click();
        removeEventListener("error", hear);
        return [messages, pyodide.runPython("seen")];
    """
    code = "button.addEventListener('click', lambda e: 1 / 0)\nbutton.addEventListener('click', lambda e: seen.append(1))"
    messages, seen = button.run(script, code)
    assert len(messages) == 1 and seen == [1]
    name, kind, message = messages[0]
    assert (name, kind) == ("PythonError", "ZeroDivisionError") and "division by zero" in message


def test_async_listeners(button: Browser) -> None:
    """A coroutine function as listener is run as a task; the event lives as long as it is used."""
    button.python(
        """
        import asyncio
        done = asyncio.Future()
        async def on_click(event):
            await asyncio.sleep(0)
            done.set_result(event.target)
        button.addEventListener("click", on_click)
        button.click()
        assert await done == button
        """
    )


@pytest.mark.spec("6.2/1", "6.2/2")
def test_event_helpers(button: Browser) -> None:
    """pyodide.ffi.wrappers: a listener is removed with the arguments that added it; an unknown one is a KeyError."""
    button.python(
        """
        from pyodide.ffi.wrappers import add_event_listener, remove_event_listener
        class Counter:
            count = 0
            def hear(self, event):
                self.count += 1
        counter = Counter()
        add_event_listener(button, "click", counter.hear)
        add_event_listener(button, "keydown", counter.hear)
        button.click()
        button.dispatchEvent(js.KeyboardEvent.new("keydown", key="a"))
        assert counter.count == 2
        remove_event_listener(button, "click", counter.hear)
        button.click()
        button.dispatchEvent(js.KeyboardEvent.new("keydown", key="a"))
        assert counter.count == 3
        remove_event_listener(button, "keydown", counter.hear)
        for element, event, listener in ((button, "click", counter.hear), (document.body, "keydown", counter.hear), (button, "keydown", print)):
            try:
                remove_event_listener(element, event, listener)
            except KeyError:
                continue
            raise AssertionError(event)
        """
    )


@pytest.mark.spec("6.2/3", "6.2/4", "6.2/5")
def test_timer_helpers(page: Browser) -> None:
    """pyodide.ffi.wrappers: timers have numbers in browsers, fire, and are cleared; clearing twice is harmless."""
    page.python(
        """
        import asyncio
        from pyodide.ffi.wrappers import clear_interval, clear_timeout, set_interval, set_timeout
        loop = asyncio.get_running_loop()
        fired = loop.create_future()
        calls = []
        handle = set_timeout(lambda: fired.set_result(1), 0)
        assert type(handle) is int and handle > 0
        cancelled = set_timeout(lambda: calls.append("cancelled"), 0)
        clear_timeout(cancelled)
        assert await fired == 1
        clear_timeout(handle)

        thrice = loop.create_future()
        def tick():
            calls.append("tick")
            if len(calls) == 3:
                clear_interval(ticking)
                thrice.set_result(None)
        ticking = set_interval(tick, 1)
        assert type(ticking) is int
        await thrice
        # Timers of the platform fire in order: this one comes after any tick that was left.
        after = loop.create_future()
        set_timeout(lambda: after.set_result(None), 5)
        await after
        assert calls == ["tick"] * 3, calls
        clear_interval(ticking)
        clear_interval(10**9)
        """
    )


def test_timers(page: Browser) -> None:
    """setTimeout takes a function as it is, with arguments, and gives an int."""
    page.python(
        """
        import asyncio
        import js
        fired = asyncio.Future()
        handle = js.setTimeout(fired.set_result, 0, "late")
        assert type(handle) is int
        assert await fired == "late"
        calls = []
        cancelled = js.setTimeout(lambda: calls.append(1), 0)
        js.clearTimeout(cancelled)
        micro = asyncio.Future()
        js.queueMicrotask(lambda: micro.set_result(2))
        assert await micro == 2 and calls == []
        """
    )


def test_animation_frames(page: Browser) -> None:
    """requestAnimationFrame calls with the time; cancelling works; a frame may ask for the next."""
    page.python(
        """
        import asyncio
        import js
        done = asyncio.Future()
        times = []
        def frame(time):
            times.append(time)
            if len(times) < 3:
                js.requestAnimationFrame(frame)
            else:
                done.set_result(None)
        handle = js.requestAnimationFrame(frame)
        assert type(handle) is int
        cancelled = js.requestAnimationFrame(lambda time: times.append("cancelled"))
        js.cancelAnimationFrame(cancelled)
        await done
        assert all(type(t) in (int, float) for t in times) and times == sorted(times)
        """
    )


def test_observers(page: Browser) -> None:
    """MutationObserver and ResizeObserver keep the function that they were made with."""
    page.python(
        """
        import asyncio
        import js
        from js import document
        place = document.getElementById("place")
        changed = asyncio.Future()
        def observe(records, observer):
            changed.set_result([(r.type, r.addedNodes[0].id, r.target == place) for r in records])
            observer.disconnect()
        observer = js.MutationObserver.new(observe)
        observer.observe(place, childList=True)
        p = document.createElement("p")
        p.id = "added"
        place.appendChild(p)
        assert await changed == [("childList", "added", True)]
        place.appendChild(document.createElement("p"))

        sized = asyncio.Future()
        resizes = js.ResizeObserver.new(lambda entries, _: sized.done() or sized.set_result(entries[0].target))
        resizes.observe(place)
        assert await sized == place
        resizes.disconnect()
        """
    )


def test_promise_of_an_event(button: Browser) -> None:
    """The executor of a promise keeps its functions: an event is awaited."""
    button.python(
        """
        def executor(resolve, reject):
            button.addEventListener("click", resolve, once=True)
        promise = js.Promise.new(executor)
        button.click()
        assert (await promise).type == "click"
        """
    )

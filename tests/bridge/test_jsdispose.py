"""JavaScript objects with Symbol.dispose or Symbol.asyncDispose as context managers."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

DISPOSABLE = """
    globalThis.log = [];
    globalThis.o = {
        sync: { [Symbol.dispose]() { log.push(["sync", this === o.sync]); return true; } },
        failing: { [Symbol.dispose]() { throw new RangeError("no"); } },
        async: { async [Symbol.asyncDispose]() { await null; log.push(["async", this === o.async]); return true; } },
        plain: { [Symbol.asyncDispose]() { log.push(["plain"]); return 1; }, then(f) { f("awaited"); } },
        rejecting: { async [Symbol.asyncDispose]() { throw new RangeError("no"); } },
        none: {},
    };
"""


def test_with(rt: Runtime) -> None:
    """The object is disposed of at the end, also by an error, which goes on."""
    rt.js(DISPOSABLE)

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        with js.o.sync as entered:
            assert entered == js.o.sync
            assert len(js.log) == 0
        assert len(js.log) == 1
        try:
            with js.o.sync:
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        else:
            raise AssertionError
        assert len(js.log) == 2
        try:
            with js.o.failing:
                raise ZeroDivisionError
        except JsException as error:
            assert str(error) == "RangeError: no"
            assert isinstance(error.__context__, ZeroDivisionError)
        else:
            raise AssertionError

    assert rt.expr("log") == [["sync", True]] * 2


@pytest.mark.keeps_state
def test_first_await(rt: Runtime) -> None:
    """The first await starts the event loop, which keeps a few JavaScript objects from then on."""
    assert (
        rt.js("return await pyodide.runPythonAsync('import asyncio\\nawait asyncio.sleep(0, 5)');")
        == 5
    )


def test_async_with(rt: Runtime) -> None:
    """`async with` waits for the disposal, whose value does not swallow an error."""
    rt.js(DISPOSABLE)
    got = rt.js(
        """
        return await pyodide.runPythonAsync(`
            import js
            r = []
            async with js.o.async_ as entered:
                r.append(entered == js.o.async_)
            r.append(len(js.log))
            try:
                async with js.o.async_:
                    1 / 0
            except ZeroDivisionError:
                r.append(len(js.log))
            async with js.o.plain as entered:
                r.append(entered == js.o.plain)
            try:
                async with js.o.rejecting:
                    pass
            except Exception as error:
                r.append(str(error))
            str(r)
        `);
        """
    )
    assert got == "[True, 1, 2, True, 'RangeError: no']"
    assert rt.expr("log") == [["async", True], ["async", True], ["plain"]]


@pytest.mark.parametrize(
    ("name", "sync", "asynchronous"),
    [
        ("sync", True, False),
        ("async_", False, True),
        ("plain", False, True),
        ("none", False, False),
    ],
)
def test_presence(rt: Runtime, name: str, sync: bool, asynchronous: bool) -> None:
    """The methods are there exactly when the object has JavaScript's."""
    rt.js(DISPOSABLE)
    got = rt.py(
        f"import js\nt = type(js.o.{name})\n[hasattr(t, n) for n in ('__enter__', '__exit__', '__aenter__', '__aexit__')]"
    )
    assert got == [sync, sync, asynchronous, asynchronous]


def test_proxies_are_disposable(rt: Runtime) -> None:
    """`with create_proxy(...)` destroys the proxy at the end; destroying it before does no harm."""

    @rt.run
    def _() -> None:
        from pyodide.ffi import JsException, create_proxy

        with create_proxy(lambda: 5) as proxy:
            assert proxy() == 5
        try:
            proxy()
        except JsException as error:
            assert "destroyed" in str(error)
        else:
            raise AssertionError
        with create_proxy([1]) as proxy:
            proxy.destroy()


def test_disposal_that_has_gone(rt: Runtime) -> None:
    """A method that was deleted meanwhile is an error."""
    rt.js(DISPOSABLE)
    got = rt.py(
        """
        import js
        gone = js.o.sync
        js.Reflect.deleteProperty(gone, js.Symbol.dispose)
        try:
            with gone:
                pass
        except Exception as error:
            r = type(error).__name__, "not a function" in str(error)
        r
        """
    )
    assert got == ("JsException", True)

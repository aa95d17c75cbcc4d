"""Errors that cross twice: the original comes back, in both directions, and what catches it on the way."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


def test_python_error_through_javascript(rt: Runtime) -> None:
    """Python -> JavaScript -> Python raising: the outer Python sees the very exception object."""
    rt.js("globalThis.call = (f) => f();")

    @rt.run
    def _() -> None:
        import js

        class Mine(Exception):
            pass

        error = Mine("x")

        def fail() -> None:
            raise error

        try:
            js.call(fail)
        except Mine as caught:
            assert caught is error
        else:
            raise AssertionError("no error")


def test_through_many_layers(rt: Runtime) -> None:
    """The same through alternating layers of both languages."""
    rt.js("globalThis.call = (f, n) => f(n);")

    @rt.run
    def _() -> None:
        import js

        error = LookupError("deep")

        def layer(n: int) -> None:
            if n == 0:
                raise error
            js.call(layer, n - 1)

        try:
            layer(10)
        except LookupError as caught:
            assert caught is error
        else:
            raise AssertionError("no error")


@pytest.mark.parametrize("kind", ["KeyboardInterrupt", "SystemExit", "GeneratorExit"])
def test_base_exceptions_are_not_degraded(rt: Runtime, kind: str) -> None:
    """What `except Exception` must not catch, it does not catch after a detour through JavaScript."""
    rt.js("globalThis.call = (f) => f();")
    code = f"""
import js
def fail(): raise {kind}
def outer():
    try:
        js.call(fail)
    except Exception:
        return "caught as Exception"
    except BaseException as e:
        return type(e).__name__
r = outer()
"""
    rt.py(code)
    assert rt.py("r") == kind


def test_js_error_through_python(rt: Runtime) -> None:
    """JavaScript -> Python -> JavaScript throwing: the outer JavaScript sees the very Error, not a PythonError around it."""
    rt.js("globalThis.error = new TypeError('mine'); globalThis.fail = () => { throw error; };")
    rt.py(
        "import js\ndef f(): js.fail()\ndef g():\n    try: js.fail()\n    except Exception as e: raise"
    )
    got = rt.js(
        """
        const r = [];
        for (const name of ["f", "g"]) {
            const call = pyodide.globals.get(name);
            try { call(); } catch (e) { r.push(e === error || e.type); }
            call.destroy();
        }
        return r;
        """
    )
    assert len(got) == 2
    assert all(item in (True, "JsException") for item in got)


@pytest.mark.spec("2.3/4")
def test_error_as_a_value(rt: Runtime) -> None:
    """Error objects that go through as values are the same objects."""
    rt.js("globalThis.same = (x) => x; globalThis.error = new Error('x');")
    assert rt.py(
        "import js\ne = ValueError('v')\n(js.same(e) is e, js.same(js.error) == js.error)"
    ) == (True, True)


def test_js_that_throws_another_error(rt: Runtime) -> None:
    """When JavaScript catches and throws something else, that is what Python sees."""
    rt.js(
        "globalThis.wrap = (f) => { try { f(); } catch (e) { throw new RangeError('wrapped ' + e.type); } };"
    )
    rt.py(
        "import js\ndef fail(): raise KeyError('x')\ntry: js.wrap(fail)\nexcept Exception as e: r = str(e)"
    )
    assert rt.py("r") == "RangeError: wrapped KeyError"


def test_js_that_swallows(rt: Runtime) -> None:
    """When JavaScript swallows a Python error, Python goes on and no error is pending."""
    rt.js("globalThis.swallow = (f) => { try { f(); } catch { return 'swallowed'; } };")
    rt.py("import js\ndef fail(): raise KeyError('x')")
    assert rt.py("(js.swallow(fail), js.swallow(fail), 1 + 1)") == ("swallowed", "swallowed", 2)


def test_late_rethrow(rt: Runtime) -> None:
    """A PythonError thrown again after another error happened is a JsException around it, never the wrong exception."""
    rt.js(
        "globalThis.keep = (f) => { try { f(); } catch (e) { globalThis.kept = e; } }; globalThis.again = () => { throw kept; };"
    )
    rt.py(
        """
        import js
        from pyodide.ffi import JsException
        def fail(): raise KeyError('first')
        def other(): raise ValueError('second')
        js.keep(fail)
        js.eval("(f) => { try { f(); } catch {} }")(other)
        try: js.again()
        except BaseException as e: r = (type(e).__name__, 'first' in str(e))
        """
    )
    assert rt.py("r") in (("JsException", True), ("KeyError", True))
    rt.py(
        "import sys\nfor n in ('last_exc', 'last_type', 'last_value', 'last_traceback'): setattr(sys, n, None)"
    )


def test_refcount_of_restored_error(rt: Runtime) -> None:
    """The restored exception is not held by anything but the handler and `sys.last_exc`."""
    rt.js("globalThis.call = (f) => f();")

    @rt.run
    def _() -> None:
        import sys
        import weakref

        import js

        class Mine(Exception):
            pass

        def fail() -> None:
            raise Mine

        try:
            js.call(fail)
        except Mine as error:
            ref = weakref.ref(error)
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            setattr(sys, name, None)
        assert ref() is None


def test_error_in_finally_chain(rt: Runtime) -> None:
    """Context is kept: an exception raised while handling a JavaScript error chains to it."""
    rt.js("globalThis.fail = () => { throw new Error('inner js'); };")
    error = rt.js(
        "return h.thrown(() => pyodide.runPython('import js\\ntry:\\n    js.fail()\\nexcept Exception:\\n    1 / 0'))"
    )
    assert error["type"] == "ZeroDivisionError"
    assert "Error: inner js" in error["message"]
    assert "During handling of the above exception" in error["message"]

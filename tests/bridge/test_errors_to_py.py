"""JavaScript errors in Python: JsException, what non-errors become, making and raising them."""

from __future__ import annotations

import pytest

from harness.errors import PyError
from harness.runtime import Runtime


def test_js_exception(rt: Runtime) -> None:
    """A thrown Error is an exception with the error's properties as attributes."""
    rt.js(
        "globalThis.fail = () => { const e = new RangeError('hi'); e.extra = 5; e.payload = { a: 1 }; throw e; };"
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException, JsProxy

        try:
            js.fail()
        except JsException as error:
            assert isinstance(error, Exception)
            assert isinstance(error, JsProxy)
            assert str(error) == "RangeError: hi"
            assert (error.name, error.message, error.extra, error.payload.a) == (
                "RangeError",
                "hi",
                5,
                1,
            )
            assert "fail" in error.stack
            assert error.js_error is error
            assert len(error.args) == 1
            assert repr(type(error)) == "<class 'pyodide.ffi.JsException'>"
        else:
            raise AssertionError("no error")


def test_same_error_object(rt: Runtime) -> None:
    """The error handed back to JavaScript is the very object that was thrown."""
    rt.js(
        "globalThis.error = new Error('x'); globalThis.fail = () => { throw error; }; globalThis.isIt = (e) => e === error;"
    )
    assert rt.py(
        "import js\ntry: js.fail()\nexcept Exception as e: r = (js.isIt(e), e == js.error)\nr"
    ) == (True, True)


@pytest.mark.parametrize(
    ("thrown", "text"),
    [
        ("'abc'", "Error: abc"),
        ("null", "Error: A value of type object with tag [object Null] was thrown as an error!"),
        (
            "undefined",
            "Error: A value of type undefined with tag [object Undefined] was thrown as an error!",
        ),
        ("12", "Error: A value of type number with tag [object Number] was thrown as an error!"),
        ("12n", "Error: A value of type bigint with tag [object BigInt] was thrown as an error!"),
        ("({})", "Error: A value of type object with tag [object Object] was thrown as an error!"),
        (
            "Object.create(null)",
            "Error: A value of type object with tag [object Object] was thrown as an error!",
        ),
        (
            "(() => 1)",
            "Error: A value of type function with tag [object Function] was thrown as an error!",
        ),
        (
            "Symbol('a')",
            "Error: A value of type symbol with tag [object Symbol] was thrown as an error!",
        ),
        (
            "true",
            "Error: A value of type boolean with tag [object Boolean] was thrown as an error!",
        ),
    ],
)
def test_weird_throws(rt: Runtime, thrown: str, text: str) -> None:
    """Whatever JavaScript throws is caught by `except JsException`, with a text that says what it was."""
    rt.js(f"globalThis.fail = () => {{ throw {thrown}; }};")
    rt.py(
        "import js\nfrom pyodide.ffi import JsException\ntry: js.fail()\nexcept JsException as e: text = str(e)"
    )
    assert rt.py("text").startswith(text)


@pytest.mark.parametrize(
    "thrown",
    [
        "Object.assign(new Error('x'), { length: 3 })",
        "Object.assign(new Error('x'), { then() {} })",
        "Object.assign(new Error('x'), { [Symbol.iterator]() {} })",
        "Object.assign(new Error('x'), { get() {}, set() {}, has() {}, size: 1 })",
        "new AggregateError([new Error('a')], 'x')",
        "new DOMException('x', 'AbortError')",
        "new (class MyError extends Error {})('x')",
    ],
)
def test_errors_with_more_features(rt: Runtime, thrown: str) -> None:
    """`except JsException` and `except Exception` catch errors that can do more than an ordinary one."""
    rt.js(f"globalThis.fail = () => {{ throw {thrown}; }};")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        caught = []
        for _ in range(2):
            try:
                js.fail()
            except JsException as error:
                caught.append(error.message)
        try:
            js.fail()
        except Exception as error:
            caught.append(isinstance(error, JsException))
        assert caught == ["x", "x", True]


@pytest.mark.spec("5.2/4")
@pytest.mark.parametrize(("source", "text"), [("{1: 2}", "{1: 2}"), ("ValueError('q')", "q")])
def test_thrown_argument(rt: Runtime, source: str, text: str) -> None:
    """What JavaScript throws may be an argument of the call: it is described before its proxy dies."""
    rt.js("globalThis.fail = (x) => { throw x; };")
    got = rt.py(f"import js\ntry: js.fail({source})\nexcept Exception as e: r = e.message\nr")
    assert got.split("\n")[1:] == [
        f'String interpolation of the thrown value gives """{text}""".',
        f'The thrown value\'s toString method returns """{text}""".',
    ]


@pytest.mark.spec("5.2/1")
def test_notes(rt: Runtime) -> None:
    """Notes are Python's own: they are in the traceback and not on the JavaScript object."""

    @rt.run
    def _() -> None:
        import traceback

        import js

        error = js.Error.new("message")
        error.add_note("one")
        error.add_note("two")
        assert error.__notes__ == ["one", "two"]
        assert "".join(traceback.format_exception(error)).endswith("Error: message\none\ntwo\n")
        assert not js.Object.hasOwn(error, "__notes__")
        del error.__notes__
        assert not hasattr(error, "__notes__")


def test_dom_exception_keeps_its_name(rt: Runtime) -> None:
    """The name of a DOMException survives."""
    rt.js("globalThis.fail = () => { throw new DOMException('stop', 'AbortError'); };")
    assert rt.py("import js\ntry: js.fail()\nexcept Exception as e: r = (e.name, str(e))\nr") == (
        "AbortError",
        "AbortError: stop",
    )


def test_raise_js_error(rt: Runtime) -> None:
    """Python raises an error object of JavaScript; the PythonError in JavaScript quotes it."""
    error = rt.js(
        "return h.thrown(() => pyodide.runPython('import js\\nraise js.Error.new(\"This is a js error\")'))"
    )
    assert "This is a js error" in error["message"]


def test_raise_other_proxy_is_type_error(rt: Runtime) -> None:
    """Raising a proxy of something that is no error is Python's TypeError."""
    got = rt.py(
        "import js\ntry:\n    raise js.eval('({})')\nexcept TypeError as e:\n    r = str(e)\nr"
    )
    assert "BaseException" in got


def test_construct_js_exception(rt: Runtime) -> None:
    """`JsException(name, message)` makes an error of the class of that name."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        error = JsException("TypeError", "made in Python")
        assert js.eval("(e) => e instanceof TypeError")(error) is True
        assert (error.name, error.message) == ("TypeError", "made in Python")
        other = JsException("Unheard", "x")
        assert js.eval("(e) => e instanceof Error")(other) is True
        assert other.name == "Unheard"


def test_pickle_and_copy(rt: Runtime) -> None:
    """JsException survives pickle and copy by name, message and stack."""

    @rt.run
    def _() -> None:
        import copy
        import pickle

        from pyodide.ffi import ConversionError, InternalError, JsException

        error = JsException("RangeError", "text")
        for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert (other.name, other.message, other.stack) == (
                error.name,
                error.message,
                error.stack,
            )
        for cls in (ConversionError, InternalError):
            assert pickle.loads(pickle.dumps(cls("a"))).args == ("a",)


def test_pickle_without_a_stack(rt: Runtime) -> None:
    """Errors that have no stack, as DOMExceptions of some engines, survive pickle too."""
    rt.js(
        "globalThis.e = Object.assign(new (class DOMException {})(), { name: 'RangeError', message: 'text' });"
    )

    @rt.run
    def _() -> None:
        import pickle

        from js import e

        assert not hasattr(e, "stack")
        other = pickle.loads(pickle.dumps(e))
        assert (other.name, other.message) == ("RangeError", "text")


def test_js_frames_in_traceback(rt: Runtime) -> None:
    """The Python traceback names the JavaScript functions that the error came through."""
    rt.js(
        "globalThis.outerJs = () => innerJs(); globalThis.innerJs = function innerJs() { throw new Error('x'); };"
    )
    rt.py(
        "import js, traceback\ndef python_function(): js.outerJs()\ntry: python_function()\nexcept Exception: text = traceback.format_exc()"
    )
    text = rt.py("text")
    assert text.index("python_function") < text.index("outerJs") < text.index("in innerJs")


def test_errors_leave_nothing(rt: Runtime) -> None:
    """A thousand caught errors leave no references."""
    rt.js("globalThis.fail = () => { throw new Error('x'); };")

    @rt.run
    def _() -> None:
        import contextlib

        import js
        from pyodide.ffi import JsException

        for _ in range(1000):
            with contextlib.suppress(JsException):
                js.fail()


def test_range_error_of_user_code(rt: Runtime) -> None:
    """A stack overflow in JavaScript that Python called is an ordinary JsException."""
    rt.js("globalThis.deep = function deep() { return deep() + 1; };")
    got = rt.py(
        "import js\nfrom pyodide.ffi import JsException\ntry: js.deep()\nexcept JsException as e: r = e.name\nr"
    )
    assert got == "RangeError"
    assert rt.py("1 + 1") == 2


def test_error_has_the_handled_exception_as_context(rt: Runtime) -> None:
    """An error from JavaScript while another is handled says so, as any exception of Python does."""

    @rt.run
    def _() -> None:
        import js

        try:
            try:
                raise ZeroDivisionError
            except ZeroDivisionError:
                js.eval("throw new Error('second')")
        except Exception as error:
            assert str(error) == "Error: second"
            assert isinstance(error.__context__, ZeroDivisionError)
        else:
            raise AssertionError


@pytest.mark.spec("5.2/6")
def test_keywords_of_the_constructor(rt: Runtime) -> None:
    """JsException takes its arguments by name too."""
    made = "[(e.name, e.message, e.stack) for e in [JsException(name='A', message='b', stack='c'), JsException('A', stack='c', message='b')]]"
    assert rt.py(f"from pyodide.ffi import JsException\n{made}") == [("A", "b", "c")] * 2
    with pytest.raises(PyError, match="TypeError"):
        rt.py("from pyodide.ffi import JsException\nJsException(nome='A')")


def test_clone_errors_say_what_to_do(rt: Runtime) -> None:
    """Cloning fails for a PyProxy wherever it is; the exception's text says what to do, others are left alone."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException, to_js

        for value in ({"a": 1}, lambda: 1, js.Array.of(set())):
            try:
                js.structuredClone(value)
            except JsException as error:
                assert error.name == "DataCloneError"
                assert "to_js(obj)" in error.message and "to_js(obj)" in str(error)
            else:
                raise AssertionError("cloned")
        assert js.structuredClone(to_js({"a": 1})).a == 1
        try:
            js.atob("%")
        except JsException as error:
            assert error.name == "InvalidCharacterError"
            assert "to_js" not in error.message
        else:
            raise AssertionError("no error")

"""Errors across the boundary, row by row: what PythonError and JsException say, keep, and leave as they were."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.runtime import Runtime

Fresh = Callable[..., Runtime]

CATCH = """
    const caught = (code, options) => { try { pyodide.runPython(code, options); } catch (e) { return e; } throw new Error("nothing was raised"); };
    const last = (e) => e.message.trim().split("\\n").at(-1);
"""


@pytest.mark.spec("5.1/1", "13.6/1", "4.2/17")
def test_python_error(rt: Runtime) -> None:
    """An Error subclass with the exception's qualified type name and its complete traceback."""
    got = rt.js(
        CATCH
        + """
        const e = caught("5/0");
        const nested = caught("class A:\\n    class Inner(Exception): pass\\nraise A.Inner('x')");
        const conversion = caught("from pyodide.ffi import ConversionError\\nraise ConversionError('x')");
        return [e instanceof Error, e instanceof pyodide.ffi.PythonError, e.constructor === pyodide.ffi.PythonError, e.name, e.type, e.message, String(e).startsWith("PythonError: Traceback"), Object.keys(e), nested.type, last(nested), conversion.type, last(conversion)];
        """
    )
    assert got[:5] == [True, True, True, "PythonError", "ZeroDivisionError"]
    lines = got[5].splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert any('File "<exec>", line 1, in <module>' in line for line in lines)
    assert got[5].endswith("\nZeroDivisionError: division by zero\n")
    assert got[6:8] == [True, ["type"]]
    assert got[8:] == ["A.Inner", "A.Inner: x", "ConversionError", "pyodide.ffi.ConversionError: x"]


@pytest.mark.spec("5.1/1")
def test_message_has_everything(rt: Runtime) -> None:
    """Notes, causes, contexts and groups are in the message."""
    got = rt.js(
        CATCH
        + """
        const chain = caught("def f():\\n    try: 1/0\\n    except Exception as e: raise KeyError('k') from e\\ntry: f()\\nexcept Exception as e:\\n    e.add_note('a note')\\n    raise");
        const context = caught("try: 1/0\\nexcept Exception: raise KeyError('k')");
        const group = caught("raise ExceptionGroup('g', [ValueError(1), TypeError(2)])");
        return [chain.message, context.message, group.message];
        """
    )
    chain, context, group = got
    assert (
        "ZeroDivisionError: division by zero\n\nThe above exception was the direct cause" in chain
    )
    assert chain.endswith("KeyError: 'k'\na note\n")
    assert "During handling of the above exception, another exception occurred" in context
    for part in ("ExceptionGroup: g (2 sub-exceptions)", "ValueError: 1", "TypeError: 2"):
        assert part in group


@pytest.mark.spec("5.1/2", "5.1/3")
def test_side_effects(rt: Runtime) -> None:
    """sys.last_* are set, also for errors of JavaScript; the PythonError itself keeps nothing of Python alive."""
    rt.js("globalThis.fail = () => { throw new Error('from js'); };")
    got = rt.js(
        CATCH
        + """
        const kept = caught("import sys, weakref\\nclass Local: pass\\ndef f():\\n    global ref\\n    local = Local(); ref = weakref.ref(local)\\n    raise ValueError('v')\\nf()");
        const r = [pyodide.runPython("repr((sys.last_exc, sys.last_type, sys.last_value is sys.last_exc, sys.last_traceback is sys.last_exc.__traceback__, ref() is None))")];
        caught("import js\\njs.fail()");
        r.push(pyodide.runPython("repr((type(sys.last_exc).__name__, str(sys.last_exc), ref() is None))"));
        return [...r, kept.type];
        """
    )
    assert got == [
        "(ValueError('v'), <class 'ValueError'>, True, True, False)",
        "('JsException', 'Error: from js', True)",
        "ValueError",
    ]
    rt.py(
        "import sys\nfor n in ('last_exc', 'last_type', 'last_value', 'last_traceback'): setattr(sys, n, None)"
    )


@pytest.mark.spec("5.1/3")
def test_excepthook(rt: Runtime) -> None:
    """What sys.excepthook prints to sys.stderr is the message; a hook that fails shows both errors."""
    got = rt.js(
        CATCH
        + """
        const r = [];
        try {
          r.push(caught("import sys\\nsys.excepthook = lambda *args: print('hook', args[0].__name__, args[1], args[2] is not None, file=sys.stderr)\\nraise ValueError('v')").message);
          r.push(caught("import traceback\\nsys.excepthook = traceback.print_exception\\nraise ValueError('v')").message.split("\\n")[0]);
          const failing = caught("sys.excepthook = lambda *args: 1 / 0\\nraise ValueError('v')");
          r.push(failing.type, failing.message.split("\\n")[0], failing.message.includes("ZeroDivisionError"), failing.message.includes("Original exception was:"), last(failing));
        } finally { pyodide.runPython("sys.excepthook = sys.__excepthook__"); }
        return r;
        """
    )
    assert got == [
        "hook ValueError v True\n",
        "Traceback (most recent call last):",
        *("ValueError", "Error in sys.excepthook:", True, True, "ValueError: v"),
    ]


@pytest.mark.spec("5.1/4")
def test_filename(rt: Runtime) -> None:
    """A file name puts the source's lines into the traceback, unless it looks like <...>."""
    got = rt.js(
        CATCH
        + """
        const code = "def f():\\n    return 1 / 0\\nf()";
        return [caught(code, { filename: "mine.py" }).message, caught(code, { filename: "<mine>" }).message, caught(code).message];
        """
    )
    assert '  File "mine.py", line 2, in f\n    return 1 / 0\n' in got[0]
    assert '  File "<mine>", line 2, in f\nZeroDivisionError' in got[1]
    assert '  File "<exec>", line 2, in f\nZeroDivisionError' in got[2]


REMOVED = "is removed from the Python standard library in the Pyodide distribution due to browser limitations."
INSTALL = """
You can install it by calling:
  await micropip.install("{0}") in Python, or
  await pyodide.loadPackage("{0}") in JavaScript"""


@pytest.mark.spec("5.1/5", "13.6/13")
def test_notes_on_missing_modules(rt: Runtime) -> None:
    """A package known to the lock file, a part of the standard library that is a package, and a removed one: one note, once."""
    rt.js("globalThis.through = (f) => f();")
    rt.py(
        """
        import js
        from _pyodide import _importhook
        before = _importhook.package_of
        _importhook.package_of = {"made_up": "made-up-package", "tkinter": "python-tk"}.get
        def deep(name, n): return __import__(name) if n == 0 else js.through(lambda: deep(name, n - 1))
        """
    )
    got = rt.js(
        """
        const deep = pyodide.globals.get("deep");
        return ["made_up", "made_up.inner", "tkinter", "curses", "unknown", "os.unknown"].map((name) => [0, 3].map((n) => h.thrown(() => deep(name, n)).message));
        """
    )
    rt.py("_importhook.package_of = before")
    known = (
        "\nThe module 'made_up' is included in the Pyodide distribution, but it is not installed."
        + INSTALL.format("made-up-package")
    )
    unvendored = (
        "\nThe module 'tkinter' is unvendored from the Python standard library in the Pyodide distribution."
        + INSTALL.format("python-tk")
    )
    notes = [known, known, unvendored, f"\nThe module 'curses' {REMOVED}"]
    for messages, note in zip(got, notes, strict=False):
        for message in messages:
            assert message.count(note) == 1
            assert message.rstrip().endswith(note)
    for message in [*got[4], *got[5]]:
        assert "The module" not in message


@pytest.mark.spec("5.1/6")
def test_formatting_that_fails(rt: Runtime) -> None:
    """When the traceback itself cannot be made, the type is PyodideInternalError, and the exception still comes back."""
    rt.js(
        "globalThis.through = (f) => f(); globalThis.look = (f) => { try { f(); } catch (e) { return [e.name, e.type, e.message]; } };"
    )
    rt.py(
        """
        import js, _pyodide._traceback as module
        original = module.format_exception
        def broken(exc): raise RuntimeError("no format")
        error = KeyError("mine")
        def fail(): raise error
        """
    )
    got = rt.py(
        """
        module.format_exception = broken
        try:
            try: js.through(fail)
            except KeyError as e: same = e is error
            seen = js.look(fail)
        finally: module.format_exception = original
        (same, list(seen))
        """
    )
    assert got[0] is True
    assert got[1][:2] == ["PythonError", "PyodideInternalError"]
    assert "KeyError" in got[1][2]


@pytest.mark.spec("5.2/1", "5.5/1")
def test_js_exception(rt: Runtime) -> None:
    """Anything thrown is a JsException: a JsProxy and an Exception whose attributes are the error's."""
    rt.js("globalThis.fail = () => { throw Object.assign(new RangeError('hi'), { extra: [1] }); };")

    @rt.run
    def _() -> None:
        import js
        from _pyodide import _core_docs
        from pyodide.ffi import ConversionError, InternalError, JsException, JsProxy

        try:
            js.fail()
        except JsException as error:
            assert isinstance(error, Exception)
            assert isinstance(error, JsProxy)
            assert issubclass(JsException, JsProxy)
            assert (error.name, error.message, error.constructor.name) == (
                "RangeError",
                "hi",
                "RangeError",
            )
            assert error.stack.startswith("RangeError: hi")
            assert error.js_error is error
            assert len(error.args) == 1
            assert error.args[0] == error
            assert not isinstance(error.args[0], BaseException)
            assert str(error) == "RangeError: hi"
            assert error == js.eval("(e) => e")(error)
            assert hash(error) == hash(error.args[0])
            assert (error == js.Error.new("hi")) is False
        else:
            raise AssertionError
        assert InternalError is _core_docs.InternalError
        for cls in (ConversionError, InternalError):
            assert issubclass(cls, Exception)


@pytest.mark.spec("5.2/2", "13.6/2")
def test_raising_proxies(rt: Runtime) -> None:
    """Proxies of errors can be raised and be causes; others are Python's TypeError; JavaScript gets a quoting PythonError."""
    got = rt.py(
        """
        from js import Error
        from pyodide.code import run_js
        from pyodide.ffi import JsException
        def raised(x):
            try: raise x
            except BaseException as e: return type(e).__name__, str(e)
        seen = [raised(run_js(s)) for s in ("new Error('a')", "new DOMException('b', 'AbortError')", "({ name: 'N', message: 'm', stack: '' })", "({})", "[]", "() => 1")]
        error = Error.new("same")
        try: raise error
        except JsException as e: seen.append(e is error)
        try: raise ValueError from error
        except ValueError as e: seen.append(e.__cause__ is error)
        seen
        """
    )
    wrong = ("TypeError", "exceptions must derive from BaseException")
    assert got[:2] == [("JsException", "Error: a"), ("JsException", "AbortError: b")]
    assert got[2][0] == "JsException"
    assert got[3:] == [wrong, wrong, wrong, True, True]
    error = rt.js(
        "return h.thrown(() => pyodide.runPython('from js import Error\\nraise Error.new(\"This is a js error\")'));"
    )
    assert (error["name"], error["type"]) == ("PythonError", "JsException")
    assert "JsException: Error: This is a js error\n" in error["message"]


WEIRD = [
    ("null", "object", "Null", "null", None),
    ("undefined", "undefined", "Undefined", "undefined", None),
    ("12", "number", "Number", "12", "12"),
    ("12n", "bigint", "BigInt", "12", "12"),
    ("true", "boolean", "Boolean", "true", "true"),
    ("Symbol('s')", "symbol", "Symbol", None, "Symbol(s)"),
    ("({})", "object", "Object", "[object Object]", "[object Object]"),
    ("Object.create(null)", "object", "Object", None, None),
    ("() => 1", "function", "Function", "() => 1", "() => 1"),
    ("[1, 2]", "object", "Array", "1,2", "1,2"),
    ("new Map()", "object", "Map", "[object Map]", "[object Map]"),
    ("({ toString() { return 'text'; } })", "object", "Object", "text", "text"),
    ("({ toString() { throw 1; } })", "object", "Object", None, None),
    ("({ [Symbol.toStringTag]: 'Mine' })", "object", "Mine", "[object Mine]", "[object Mine]"),
]


def weird_text(kind: str, tag: str, interpolated: str | None, text: str | None) -> str:
    """The message for something thrown that is no error."""
    gives = "fails." if interpolated is None else f'gives """{interpolated}""".'
    returns = "fails." if text is None else f'returns """{text}""".'
    return (
        f"A value of type {kind} with tag [object {tag}] was thrown as an error!\n"
        f"String interpolation of the thrown value {gives}\n"
        f"The thrown value's toString method {returns}"
    )


@pytest.mark.spec("5.2/4", "13.6/7")
@pytest.mark.parametrize(("thrown", "kind", "tag", "interpolated", "text"), WEIRD)
def test_weird_throws(
    rt: Runtime, thrown: str, kind: str, tag: str, interpolated: str | None, text: str | None
) -> None:
    """What is no error becomes one whose three lines say what it was."""
    rt.js(f"globalThis.fail = () => {{ throw ({thrown}); }};")
    rt.py(
        "import js\nfrom pyodide.ffi import JsException\ntry: js.fail()\nexcept JsException as e: r = (e.name, e.message)"
    )
    assert rt.py("r") == ("Error", weird_text(kind, tag, interpolated, text))


@pytest.mark.spec("5.2/4")
@pytest.mark.parametrize("thrown", ["'abc'", "''"])
def test_thrown_strings(rt: Runtime, thrown: str) -> None:
    """A string is the message of an Error."""
    rt.js(f"globalThis.fail = () => {{ throw {thrown}; }};")
    got = rt.py("import js\ntry: js.fail()\nexcept Exception as e: r = (e.name, e.message)\nr")
    assert got == ("Error", thrown.strip("'"))


@pytest.mark.parametrize(
    "thrown",
    [
        "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
        "(() => { const { proxy, revoke } = Proxy.revocable(() => 1, {}); revoke(); return proxy; })()",
        "new Proxy({}, { get() { throw new Error('trap'); }, has() { throw new Error('trap'); }, getPrototypeOf() { throw new Error('trap'); } })",
        "Object.defineProperty(new Error('x'), 'stack', { get() { throw new Error('stack'); } })",
        "Object.defineProperty(new Error('x'), 'message', { get() { throw new Error('message'); } })",
        "new Proxy(new Error('x'), {})",
        "Object.freeze(new Error('x'))",
        "(() => { const e = new Error('x'); e.stack = 5; return e; })()",
    ],
)
def test_hostile_throws(rt: Runtime, thrown: str) -> None:
    """Objects that fail whenever they are looked at can be thrown and caught, and are returned, like any other."""
    rt.js(
        f"globalThis.make = () => {thrown}; globalThis.fail = () => {{ throw make(); }}; globalThis.give = (x) => make();"
    )
    got = rt.py(
        """
        import js
        from pyodide.ffi import JsException
        r = []
        try: js.fail()
        except JsException as e: r.append(type(e).__name__)
        r.append(js.give({}) is not None)
        r
        """
    )
    assert got == ["JsException", True]
    assert rt.js("try { pyodide.runPython('js.fail()'); } catch { return 'thrown'; }") == "thrown"
    assert rt.py("1 + 1") == 2


@pytest.mark.spec("5.2/5", "13.6/3")
def test_same_error_object(rt: Runtime) -> None:
    """An error that JavaScript has thrown is the identical object when it is passed back, raised again or not caught."""
    rt.js(
        "globalThis.error = new DOMException('stop', 'AbortError'); globalThis.fail = () => { throw error; };"
    )
    rt.py(
        """
        import js
        def uncaught(): js.fail()
        def again():
            try: js.fail()
            except Exception: raise
        def later():
            try: js.fail()
            except Exception as e: kept = e
            raise kept
        def give():
            try: js.fail()
            except Exception as e: return e
        def chained():
            try: js.fail()
            except Exception as e: raise ValueError("v") from e
        try: js.fail()
        except Exception as e: name, text = e.name, str(e)
        """
    )
    got = rt.js(
        """
        const r = [];
        for (const name of ["uncaught", "again", "later"]) { try { pyodide.globals.get(name)(); } catch (e) { r.push(e === error); } }
        r.push(pyodide.globals.get("give")() === error);
        const { type, message } = h.thrown(() => pyodide.globals.get("chained")());
        return [...r, type, message.includes("AbortError: stop") && message.includes("direct cause")];
        """
    )
    assert got == [True, True, True, True, "ValueError", True]
    assert rt.py("(name, text)") == ("AbortError", "AbortError: stop")


@pytest.mark.spec("5.2/6", "13.6/14", "5.5/1")
def test_construct_and_pickle(rt: Runtime) -> None:
    """JsException(name, message, stack) makes an error of that global class, else an Error of that name; pickling keeps all three."""

    @rt.run
    def _() -> None:
        import copy
        import pickle

        import js
        from pyodide.ffi import ConversionError, InternalError, JsException

        is_a = js.eval("(e, name) => e instanceof globalThis[name]")
        for name in ("TypeError", "RangeError", "DOMException", "AggregateError", "Error"):
            error = JsException(name, "message")
            assert is_a(error, name)
            assert (error.name, error.message, str(error)) == (name, "message", f"{name}: message")
        for name in ("Unheard", "Object", "Map", "eval", "constructor", "__proto__"):
            error = JsException(name, "message")
            assert (error.name, error.message, error.constructor.name) == (name, "message", "Error")
        error = JsException("TypeError", "message", "the stack")
        for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
            assert type(other) is type(error)
            assert other != error
            assert (other.name, other.message, other.stack) == ("TypeError", "message", "the stack")
        assert JsException("TypeError").message == ""
        for args in ((), (1,), ("a", 1), ("a", "b", "c", "d")):
            try:
                JsException(*args)
            except TypeError:
                pass
            else:
                raise AssertionError(args)
        for cls in (ConversionError, InternalError):
            other = pickle.loads(pickle.dumps(cls("text", 5)))
            assert type(other) is cls
            assert other.args == ("text", 5)


@pytest.mark.spec("5.3/1", "13.6/4", "13.6/5")
def test_python_errors_through_javascript(rt: Runtime) -> None:
    """Not caught in JavaScript the original exception goes on, the same object, however deep and whatever its kind."""
    rt.js("globalThis.call = (f) => f(); globalThis.twice = (f) => call(f);")

    @rt.run
    def _() -> None:
        import sys

        import js

        def fail(error: BaseException) -> None:
            raise error

        class Mine(Exception): ...

        for error in (
            Mine("x"),
            KeyError("k"),
            KeyboardInterrupt(),
            SystemExit(3),
            GeneratorExit(),
        ):
            for through in (js.call, js.twice, lambda f: js.call(lambda: js.twice(f))):
                caught = None
                try:
                    through(lambda error=error: fail(error))
                except Exception as e:
                    assert isinstance(error, Exception)
                    caught = e
                except BaseException as e:
                    assert not isinstance(error, Exception)
                    caught = e
                assert caught is error
                assert sys.last_exc is error  # type: ignore[attr-defined]
                del caught
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            setattr(sys, name, None)


@pytest.mark.spec("13.6/4")
def test_keyboard_interrupt_reaches_javascript(rt: Runtime) -> None:
    """KeyboardInterrupt below Python below JavaScript below `except Exception` arrives as such."""
    rt.js("globalThis.call = (f) => f();")
    rt.py(
        "import js\ndef inner(): raise KeyboardInterrupt\ndef outer():\n    try: js.call(inner)\n    except Exception: return 'caught'"
    )
    assert (
        rt.js("return h.thrown(() => pyodide.globals.get('outer')()).type;") == "KeyboardInterrupt"
    )


@pytest.mark.spec("13.6/5")
def test_references_of_a_restored_error(rt: Runtime) -> None:
    """The exception that came back is held by its name, by sys.last_exc and last_value, and by nothing more."""
    rt.js("globalThis.call = (f) => f();")

    @rt.run
    def _() -> None:
        import sys

        import js

        def fail() -> None:
            raise ValueError("x")

        try:
            fail()
        except ValueError as e:
            plain = sys.getrefcount(e)
        reached = False
        try:
            js.call(fail)
        except ValueError as e:
            assert sys.last_exc is e  # type: ignore[attr-defined]
            assert sys.getrefcount(e) == plain + 2
            sys.last_exc = sys.last_value = sys.last_traceback = None  # type: ignore[attr-defined]
            assert sys.getrefcount(e) == plain <= 3
            reached = True
        assert reached


@pytest.mark.spec("5.3/1")
def test_javascript_that_answers_otherwise(rt: Runtime) -> None:
    """When JavaScript catches and throws something else, or nothing, that is what Python sees."""
    rt.js(
        """
        globalThis.other = (f) => { try { f(); } catch (e) { throw new RangeError("other", { cause: e }); } };
        globalThis.nothing = (f) => { try { f(); } catch { return "nothing"; } };
        globalThis.swap = (f, g) => { try { f(); } catch (e) { try { g(); } catch {} throw e; } };
        """
    )
    got = rt.py(
        """
        import js
        from pyodide.ffi import JsException
        def fail(): raise KeyError("mine")
        def fail2(): raise ValueError("second")
        r = []
        try: js.other(fail)
        except JsException as e: r += [str(e), e.cause.type]
        r.append(js.nothing(fail))
        # Another exception has left Python since, so this one is not the last any more.
        try: js.swap(fail, fail2)
        except BaseException as e: r += [type(e).__name__, "mine" in str(e)]
        r
        """
    )
    assert got == ["RangeError: other", "KeyError", "nothing", "JsException", True]
    rt.py(
        "import sys\nfor n in ('last_exc', 'last_type', 'last_value', 'last_traceback'): setattr(sys, n, None)"
    )


@pytest.mark.spec("5.4/4")
def test_system_exit(rt: Runtime) -> None:
    """SystemExit is a PythonError by default, and the interpreter goes on."""
    got = rt.js(
        CATCH
        + "return ['exit(1)', 'exit()', 'import sys; sys.exit(\"text\")', 'quit(3)', 'raise SystemExit'].map((code) => { const e = caught(code); return [e.type, last(e)]; });"
    )
    assert got == [
        ["SystemExit", "SystemExit: 1"],
        ["SystemExit", "SystemExit: None"],
        ["SystemExit", "SystemExit: text"],
        ["SystemExit", "SystemExit: 3"],
        ["SystemExit", "SystemExit"],
    ]
    assert rt.py("1 + 1") == 2


@pytest.mark.spec("5.4/4")
@pytest.mark.parametrize("inspect", ["''", "'0'"])
def test_system_exit_without_inspection(fresh: Fresh, inspect: str) -> None:
    """Without PYTHONINSPECT, as for a command line, SystemExit that nobody catches ends the runtime with its status."""
    rt = fresh("native", f"{{ env: {{ PYTHONINSPECT: {inspect} }} }}")
    rt.js("globalThis.call = (f) => { try { return f(); } catch (e) { return e.type; } };")
    inner = rt.js(
        "return pyodide.runPython('import js\\ndef f(): exit(3)\\ntry: js.call(f)\\nexcept SystemExit: pass\\n\"still there\"');"
    )
    assert inner == "still there"
    error = rt.js("return h.thrown(() => pyodide.runPython('exit(3)'));")
    assert (error["name"], error["message"]) == ("Exit", "Program terminated with exit(3)")
    refused = rt.js("return h.thrown(() => pyodide.runPython);")
    assert "exited" in refused["message"]


@pytest.mark.spec("13.6/11", "5.4/4")
def test_os_exit(fresh: Fresh) -> None:
    """os._exit throws Exit; every later use of the API says that the runtime has exited, and nothing is logged."""
    rt = fresh()
    text = rt.js(
        "try { pyodide.runPython('import os; os._exit(0)'); } catch (e) { return [String(e), e instanceof Error]; }"
    )
    assert text == ["Exit: Program terminated with exit(0)", True]
    got = rt.js(
        "return [['runPython', 'globals', 'FS', 'toPy', 'checkInterrupt'].map((n) => h.thrown(() => pyodide[n]).message), typeof pyodide.version];"
    )
    assert set(got[0]) == {"The Python runtime has exited and can no longer be used."}
    assert got[1] == "string"
    assert "fatal" not in rt.output()


@pytest.mark.spec("13.6/12")
def test_hash_seed(fresh: Fresh) -> None:
    """Environment variables take effect; hashes are CPython's."""
    rt = fresh("native", "{ env: { PYTHONHASHSEED: '1' } }")
    assert rt.py("hash((1, 2, 3))") == -2022708474
    assert rt.py("hash('text')") == fresh("native", "{ env: { PYTHONHASHSEED: '1' } }").py(
        "hash('text')"
    )

"""`pyodide.code` inside the runtime: values that cross, tracebacks, `run_js`, lenient calls from both sides."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.spec("6.3/1", "6.3/2")
def test_result_is_not_kept(rt: Runtime) -> None:
    """The value is handed over: nothing in Python or JavaScript holds it afterwards, nor is there a name for it."""

    @rt.run
    def _() -> None:
        import sys

        from pyodide.code import eval_code

        value = object()
        base = sys.getrefcount(value)
        scope = {"value": value}
        before = set(scope) | {"__builtins__"}
        for source in ("value", "x = 1\nvalue", "value;", "[value][0]"):
            eval_code(source, scope)
            assert sys.getrefcount(value) == base + 1, source
        assert set(scope) - before == {"x"}
        scope.clear()
        assert sys.getrefcount(value) == base


@pytest.mark.spec("6.3/2")
def test_result_of_run_python_is_not_kept(rt: Runtime) -> None:
    """A proxy that runPython gives holds the one reference there is; destroying it frees the object."""
    got = rt.js(
        """
        pyodide.runPython(`
            import weakref
            class Thing: pass
            def make():
                global gone
                thing = Thing()
                gone = weakref.ref(thing)
                return thing
        `);
        const thing = pyodide.runPython("make()");
        const before = pyodide.runPython("gone() is None");
        thing.destroy();
        return [before, pyodide.runPython("gone() is None")];
        """
    )
    assert got == [False, True]


@pytest.mark.spec("6.3/2")
def test_result_is_not_an_exception(rt: Runtime) -> None:
    """Code that catches everything, and code that replaces builtins, gives its value all the same."""
    assert rt.expr("pyodide.runPython('try:\\n  x = 5\\nexcept BaseException:\\n  x = 6\\nx')") == 5
    replaced = "import builtins\\nold = builtins.compile, builtins.eval\\nbuiltins.compile = builtins.eval = None\\n7"
    assert rt.expr(f"pyodide.runPython('{replaced}')") == 7
    assert rt.expr("pyodide.runPython('builtins.compile, builtins.eval = old; 8')") == 8


@pytest.mark.spec("6.3/1")
def test_options(rt: Runtime) -> None:
    """`return_mode`, `quiet_trailing_semicolon`, `filename` and the namespaces, through the public module."""

    @rt.run
    def _() -> None:
        import traceback

        from pyodide.code import eval_code

        assert eval_code("x = 5", return_mode="last_expr_or_assign") == 5
        assert eval_code("x = 5\nx", return_mode="none") is None
        assert eval_code("5;", quiet_trailing_semicolon=False) == 5
        assert eval_code("\n    x = 1\n    x + y", {}, {"y": 2}) == 3
        try:
            eval_code("one = 1\none / 0", filename="program.py")
        except ZeroDivisionError as error:
            text = "".join(traceback.format_exception(error))
            assert 'File "program.py", line 2' in text
            assert "one / 0" in text
        else:
            raise AssertionError("no error")
        try:
            eval_code("await f()", flags=0x2000)
        except RuntimeError as error:
            assert "eval_code_async" in str(error)
        else:
            raise AssertionError("no error")


@pytest.mark.keeps_state
@pytest.mark.spec("6.3/3", "6.3/4")
def test_async(rt: Runtime) -> None:
    """eval_code_async awaits at top level, JavaScript's promises too; a CodeRunner runs more than once.

    It starts the event loop, which keeps a few objects from then on.
    """
    rt.js("globalThis.soon = (x) => new Promise((resolve) => setTimeout(() => resolve(x), 1));")
    code = """
        import js
        from pyodide.code import CodeRunner, eval_code_async
        r = [await eval_code_async("x = await js.soon(3)\\nx + 1", {"js": js})]
        r.append(await eval_code_async("async with nothing() as y: z = y\\nz;", globals()))
        r.append(await eval_code_async("[z async for z in items()]", globals()))
        runner = CodeRunner("await js.soon(n) * 2", flags=0x2000).compile()
        r += [await runner.run_async({"js": js, "n": 1}), await runner.run_async({"js": js, "n": 2})]
        try:
            await CodeRunner("1").run_async({})
        except RuntimeError:
            r.append("not compiled")
        str(r)
    """
    setup = """
        from contextlib import asynccontextmanager
        @asynccontextmanager
        async def nothing():
            yield 1
        async def items():
            yield 7
    """
    rt.py(setup)
    got = rt.js("return await pyodide.runPythonAsync(code);", code=code)
    assert got == "[4, None, [7], 2, 4, 'not compiled']"


@pytest.mark.spec("6.3/4")
def test_runner(rt: Runtime) -> None:
    """The steps of a CodeRunner, with the tree and the code in between."""

    @rt.run
    def _() -> None:
        import ast
        from typing import Any

        from pyodide.code import CodeRunner

        runner: Any = CodeRunner("x = 1\nx + 1")
        assert [type(runner.ast), runner.code] == [ast.Module, None]
        try:
            runner.run({})
        except RuntimeError as error:
            assert "compile()" in str(error)
        else:
            raise AssertionError("no error")
        runner.ast.body[0].value.value = 5
        assert runner.compile() is runner
        assert runner.code is not None
        assert [runner.run(), runner.run()] == [6, 6]
        try:
            runner.compile()
        except RuntimeError as error:
            assert "Already compiled" in str(error)
        else:
            raise AssertionError("no error")
        assert CodeRunner("1 + 1", mode="eval").compile().run() == 2


@pytest.mark.spec("6.3/5", "6.3/6")
def test_reading_source(rt: Runtime) -> None:
    """find_imports and should_quiet, from Python and from JavaScript."""
    got = rt.js(
        """
        const code = pyodide.pyimport("pyodide.code");
        const names = code.find_imports("    import js, numpy.linalg as l\\n    from . import x");
        const result = [
          Array.from(names), code.should_quiet("1;  # quiet"), code.should_quiet("1 # ;"), code.should_quiet("1 +;"),
          Array.from(code.find_imports("import")),
        ];
        code.destroy();
        return result;
        """
    )
    assert got == [["js", "numpy", "numpy.linalg"], True, False, False, []]


@pytest.mark.spec("6.3/7")
def test_run_js(rt: Runtime) -> None:
    """JavaScript is evaluated in the global scope; its errors are exceptions; only a str is source."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.code import run_js
        from pyodide.ffi import JsException, JsProxy

        assert run_js("1 + 1") == 2
        assert run_js("undefined") is None
        assert isinstance(run_js("({ a: 1 })"), JsProxy)
        assert run_js("var fromRunJs = 4; this === globalThis") is True
        assert js.fromRunJs == 4
        del js.fromRunJs
        for source, text in (
            ("1 +", "SyntaxError"),
            ("throw new RangeError('far')", "RangeError: far"),
        ):
            try:
                run_js(source)
            except JsException as error:
                assert str(error).startswith(text)
            else:
                raise AssertionError(source)
        for source in (1, b"1", None):
            try:
                run_js(source)
            except TypeError as error:
                kind = type(source).__name__
                assert f"argument should have type 'string' not type '{kind}'" in str(error)
            else:
                raise AssertionError(source)


@pytest.mark.spec("6.3/8")
def test_lenient_calls(rt: Runtime) -> None:
    """relaxed_call and relaxed_wrap drop what a function has no parameter for; so callbacks may ignore arguments."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.code import relaxed_call, relaxed_wrap
        from pyodide.ffi import to_js

        def first(a, *, k=0):
            return a + k

        assert relaxed_call(first, 1, 2, 3, k=4, other=5) == 5
        map_with = js.eval("(array, f) => array.map(f)")
        got = map_with(to_js([10, 20]), relaxed_wrap(lambda item: item + 1))
        assert list(got) == [11, 21]
        # Neither has a signature that can be looked up.
        assert relaxed_call(js.Math.max, 1, 2) == 2
        assert relaxed_call(min, 2, 1) == 1
        for function in (js.Math.max, min):
            try:
                relaxed_wrap(function)
            except TypeError as error:
                assert "Cannot wrap function" in str(error)
            else:
                raise AssertionError(function)

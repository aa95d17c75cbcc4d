"""Running source text: results, semicolons, namespaces, leaks, errors."""

from __future__ import annotations
import __future__

import ast
import asyncio
import builtins
import gc
import inspect
import io
import linecache
import sys
import textwrap
import tokenize
import traceback
import types
import weakref
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _pyodide import _code
from _pyodide._code import (
    CodeRunner,
    dedent,
    eval_code,
    eval_code_async,
    find_imports,
    should_quiet,
)

TOP_LEVEL_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


@pytest.mark.spec("6.3/1")
@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("1 + 1", 2),
        ("", None),
        ("# only a comment", None),
        ("x = 6\nx * 7", 42),
        ("x = 6", None),
        ("def f(): return 1\nf()", 1),
        ("if True:\n    5", None),
        ("1;", None),
        ("1; # quiet", None),
        ("1 # ;", 1),
        ("1; 2", 2),
        ("';'", ";"),
        ("    x = 1\n    x + 1", 2),
        ("'''\n   \n'''", "\n   \n"),
        ("(y := 5)", 5),
    ],
)
def test_last_expression(source: str, result: object) -> None:
    assert eval_code(source) == result


@pytest.mark.spec("6.3/1")
@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("x = 6", 6),
        ("x = y = 6", 6),
        ("x = 1\nx += 4", 5),
        ("x: int = 3", 3),
        ("x: int", None),
        ("a = [1]\na[0] = 2", None),
        ("a, b = 1, 2", None),
        ("a[0] = b = 3", None),
        ("x = 6;", None),
        ("7", 7),
    ],
)
def test_last_assignment(source: str, result: object) -> None:
    scope = {"a": [1]}
    assert eval_code(source, scope, return_mode="last_expr_or_assign") == result


@pytest.mark.spec("6.3/1")
def test_return_mode_none() -> None:
    scope: dict[str, Any] = {}
    assert eval_code("x = 1\nx", scope, return_mode="none") is None
    assert eval_code("x", scope, return_mode="none") is None
    assert scope["x"] == 1


@pytest.mark.spec("6.3/1")
def test_unknown_return_mode() -> None:
    with pytest.raises(ValueError, match="last_expr_or_assign"):
        eval_code("1", return_mode="last")  # type: ignore[arg-type]


@pytest.mark.spec("6.3/1")
def test_semicolon_can_be_ignored() -> None:
    assert eval_code("1;", quiet_trailing_semicolon=False) == 1


@pytest.mark.spec("6.3/2")
def test_namespaces_are_not_polluted() -> None:
    global_scope: dict[str, Any] = {}
    local_scope: dict[str, Any] = {}
    assert eval_code("x = 1\nx", global_scope, local_scope) == 1
    assert local_scope == {"x": 1}
    assert set(global_scope) == {"__builtins__"}


def test_string_alone_is_no_docstring() -> None:
    scope: dict[str, Any] = {}
    assert eval_code("'text'", scope) == "text"
    assert "__doc__" not in scope
    assert eval_code("'text'\n__doc__", scope) == "text"


@pytest.mark.spec("6.3/1")
def test_new_globals_each_time() -> None:
    eval_code("leftover = 1")
    with pytest.raises(NameError):
        eval_code("leftover")


@pytest.mark.spec("6.3/2")
def test_user_code_may_replace_builtins(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(builtins, name, None)
    result = eval_code("x = 2\nx + 1")
    monkeypatch.undo()
    assert result == 3


@pytest.mark.spec("6.3/2")
def test_builtins_of_the_namespace_may_be_empty() -> None:
    assert eval_code("x = 2\nx + 1", {"__builtins__": {}}) == 3


@pytest.mark.spec("6.3/2")
def test_result_does_not_leak() -> None:
    class Value:
        pass

    scope = {"Value": Value}
    value = eval_code("v = Value()\nv", scope)
    base = sys.getrefcount(value)
    assert eval_code("v", scope) is value
    assert eval_code("v = v", scope, return_mode="last_expr_or_assign") is value
    assert sys.getrefcount(value) == base
    reference = weakref.ref(value)
    gc.disable()
    try:
        del value, scope["v"]
        assert reference() is None
    finally:
        gc.enable()


@pytest.mark.spec("6.3/2")
def test_namespace_of_a_failed_run_does_not_leak() -> None:
    class Value:
        pass

    value = Value()
    reference = weakref.ref(value)
    scope = {"value": value}
    with pytest.raises(ZeroDivisionError):
        eval_code("value\n1 / 0", scope)
    del value, scope
    gc.collect()
    assert reference() is None


@pytest.mark.spec("6.3/2")
def test_user_code_cannot_catch_the_result() -> None:
    source = "try:\n    1 / 0\nexcept BaseException as error:\n    caught = type(error)\ncaught"
    assert eval_code(source) is ZeroDivisionError


def test_error_shows_one_module_frame() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        eval_code("x = 1\n\nx / 0")
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [frame.name for frame in frames][-3:] == ["eval_code", "run", "<module>"]
    assert (frames[-1].filename, frames[-1].lineno) == ("<exec>", 3)


def test_named_source_is_shown_in_tracebacks() -> None:
    source = "    def f():\n        return 1 / 0\n    f()\n"
    with pytest.raises(ZeroDivisionError) as caught:
        eval_code(source, filename="made_up.py")
    linecache.checkcache("made_up.py")
    text = "".join(traceback.format_exception(caught.value))
    assert "return 1 / 0" in text
    with pytest.raises(ZeroDivisionError) as caught:
        eval_code("1 / 0", filename="<made up>")
    assert linecache.getline("<made up>", 1) == ""


@pytest.mark.parametrize("source", ["x = = 1", "return 1", "await f()", "1 +"])
def test_syntax_errors(source: str) -> None:
    with pytest.raises(SyntaxError):
        eval_code(source)


@pytest.mark.spec("6.3/1", "6.3/3")
def test_top_level_await_needs_the_async_function() -> None:
    with pytest.raises(RuntimeError, match="eval_code_async"):
        eval_code("await f()", {"f": None}, flags=TOP_LEVEL_AWAIT)
    with pytest.raises(RuntimeError, match="eval_code_async"):
        eval_code("await f()\n1", {"f": None}, flags=TOP_LEVEL_AWAIT)


@pytest.mark.spec("6.3/3")
@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("await double(4)", 8),
        ("x = await double(4)\nx + 1", 9),
        ("x = 1\nx + 1", 2),
        ("[y async for y in count(3)]", [0, 1, 2]),
        ("async for y in count(3):\n    pass\ny", 2),
        ("await double(4);", None),
    ],
)
def test_async(source: str, result: object) -> None:
    async def double(x: int) -> int:
        await asyncio.sleep(0)
        return 2 * x

    async def count(end: int) -> Any:
        for value in range(end):
            yield value

    scope = {"double": double, "count": count}
    assert asyncio.run(eval_code_async(source, scope)) == result


@pytest.mark.spec("6.3/3")
def test_async_error() -> None:
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        asyncio.run(eval_code_async("await fail()\n1", {"fail": fail}))


@pytest.mark.spec("6.3/4")
def test_runner_steps() -> None:
    runner = CodeRunner("x = 1\nx + 1")
    assert isinstance(runner.ast, ast.Module)
    with pytest.raises(RuntimeError, match="compile"):
        runner.run({})
    with pytest.raises(RuntimeError, match="compile"):
        asyncio.run(runner.run_async({}))
    assert runner.compile() is runner
    assert isinstance(runner.code, types.CodeType)
    with pytest.raises(RuntimeError, match="lready compiled"):
        runner.compile()
    assert [runner.run({}), runner.run({})] == [2, 2]
    assert asyncio.run(runner.run_async()) == 2


@pytest.mark.spec("6.3/4")
def test_runner_tree_can_be_edited() -> None:
    runner = CodeRunner("x = 5\nx + 1")
    assert isinstance(runner.ast, ast.Module)
    first, last = runner.ast.body
    assert isinstance(first, ast.Assign)
    assert isinstance(first.value, ast.Constant)
    assert isinstance(last, ast.Expr)
    assert isinstance(last.value, ast.BinOp)
    first.value.value = 7
    last.value.op = ast.Mult()
    assert runner.compile().run() == 7


@pytest.mark.spec("6.3/4")
def test_runner_modes(capsys: pytest.CaptureFixture[str]) -> None:
    assert CodeRunner("1 + 1", mode="eval").compile().run() == 2
    assert CodeRunner("1 + 1", mode="eval", return_mode="none").compile().run() is None
    assert CodeRunner("3; 4", mode="single").compile().run() == 4
    assert capsys.readouterr().out == "3\n"
    with pytest.raises(SyntaxError):
        CodeRunner("x = 1", mode="eval")


def test_runner_leaves_its_own_future_imports_out() -> None:
    assert "annotations" not in vars(_code)
    scope: dict[str, Any] = {"missing": None}
    eval_code("def f(x: missing): pass", scope)
    assert scope["f"].__annotations__ == {"x": None}
    eval_code("from __future__ import annotations\ndef g(x: nowhere): pass\ng", scope)
    assert scope["g"].__annotations__ == {"x": "nowhere"}


def test_coroutine_flag_is_that_of_inspect() -> None:
    assert inspect.CO_COROUTINE == _code._CO_COROUTINE


@pytest.mark.spec("6.3/1", "6.3/4")
def test_optimize_is_handed_on() -> None:
    assert eval_code("x = __debug__\nx", optimize=1) is False
    assert eval_code("__debug__", optimize=0) is True


def quiet_by_tokens(source: str) -> bool:
    """`should_quiet`, by looking at the tokens instead of the tree."""
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT}
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    last = [token for token in tokens if token.type not in skipped]
    return bool(last) and last[-1].string == ";"


PIECES = st.sampled_from(
    ("x", ";", "x;", "# ;", "\n", " ", "\t", "\f", "\\\n", "if x: y;", "if x:\n  y;\n", "(\n;)")
    + ("def f(): return 1;", "class A: pass", "'é;'", "'''\n;'''", "x = 'ü'", "[x,\ny]")
)


@pytest.mark.spec("6.3/6")
@given(st.lists(PIECES, max_size=6).map("".join))
def test_should_quiet_agrees_with_the_tokens(source: str) -> None:
    source = textwrap.dedent(source)
    try:
        ast.parse(source)
        expected = quiet_by_tokens(source)
    except (SyntaxError, tokenize.TokenError):
        expected = False
    assert should_quiet(source) == expected


@pytest.mark.spec("6.3/6")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1;", True),
        ("1; # comment ;", True),
        ("1 # ;", False),
        ("if x: y;", True),
        ("if x:\n    y;\n\n# end", True),
        ("x \\\n ;", True),
        ("é='é';", True),
        ("1;\r\n", True),
        ("  indented;", True),
        ("x;y", False),
        ("await f();", True),
        ("x = ;", False),
        ("", False),
    ],
)
def test_should_quiet(source: str, expected: bool) -> None:
    assert should_quiet(source) is expected


@given(st.text(alphabet=" \tx\n#", max_size=30))
def test_dedent_agrees_with_the_standard_one(source: str) -> None:
    def lines(text: str) -> list[str]:
        return [line.strip() and line for line in text.split("\n")]

    assert lines(dedent(source)) == lines(textwrap.dedent(source))


@pytest.mark.spec("6.3/5")
@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import numpy as np\nfrom os.path import join", ["numpy", "os", "os.path"]),
        ("import a.b.c, d", ["a", "a.b", "a.b.c", "d"]),
        ("from . import x\nfrom .y import z\nfrom ..w import v", []),
        (
            "def f():\n    import inner\n    with x:\n        from other import *",
            ["inner", "other"],
        ),
        (
            "try:\n    import a\nexcept ImportError:\n    import b\nelse:\n    import c",
            ["a", "b", "c"],
        ),
        ("match x:\n    case 1:\n        import m", ["m"]),
        ("    import indented", ["indented"]),
        ("import = 3", []),
        ("await f()\nimport late", ["late"]),
        ("x = 1", []),
        ("import a\0b", []),
    ],
)
def test_find_imports(source: str, names: list[str]) -> None:
    assert find_imports(source=source) == names
    assert find_imports(source) == names


def test_future_features_are_all_known() -> None:
    """The console keeps the future imports of earlier lines by this mask."""
    from pyodide import console

    features = [getattr(__future__, name).compiler_flag for name in __future__.all_feature_names]
    assert all(flag & console._FUTURE_FEATURES == flag for flag in features if flag > 0xFFFF)

"""The harness itself: values travel exactly, leaks are found, hung and dead processes are told apart."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from harness.codec import HOLE, NULL, BigInt, Cycle, kind
from harness.errors import JsError, PyError, RuntimeGone
from harness.runtime import Runtime

Fresh = Callable[..., Runtime]


@pytest.mark.modes("native")
def test_values_from_javascript(rt: Runtime) -> None:
    """Results of JavaScript are told apart exactly."""
    got = rt.js(
        "const c = []; c.push(c); return [undefined, null, 1, 1.5, 2n, -0, NaN, Infinity, 'a\\ud800', [1, , 2], {a: 1}, c, Symbol('x')];"
    )
    assert got[:5] == [None, NULL, 1, 1.5, 2]
    assert [kind(x) for x in got[:5]] == ["undefined", "null", "number", "number", "bigint"]
    assert math.copysign(1, got[5]) == -1
    assert math.isnan(got[6])
    assert got[7:11] == [math.inf, "a\ud800", [1, HOLE, 2], {"a": 1}]
    assert got[11] == [Cycle(1)]
    assert got[12].type == "symbol"


@pytest.mark.modes("native")
def test_values_from_python(rt: Runtime) -> None:
    """Results of Python keep their types."""
    got = rt.py("(None, 1, 1.0, 2**70, float('-inf'), '\\ud83d' + '\\udc0d', (1,), {2: b'x'}, {3})")
    assert got == (None, 1, 1.0, 2**70, -math.inf, "\ud83d\udc0d", (1,), {2: b"x"}, [3])
    assert [type(x) for x in got[:4]] == [type(None), int, float, int]


@pytest.mark.modes("native")
def test_values_to_both(rt: Runtime) -> None:
    """Arguments reach both languages with their types."""
    value = [1, 1.5, "\ud83d", -0.0, math.inf, [None]]
    assert rt.js("return [typeof b, Object.is(v[3], -0), v];", v=value, b=BigInt(3)) == [
        "bigint",
        True,
        value,
    ]
    assert rt.py("(v, type(f).__name__, type(t).__name__)", v=value, f=1.0, t=(1,)) == (
        value,
        "float",
        "tuple",
    )


@pytest.mark.modes("native")
def test_errors_have_their_source(rt: Runtime) -> None:
    """Errors of both languages arrive with name, message and place."""
    with pytest.raises(JsError) as js:
        rt.js("throw new RangeError('x')")
    assert (js.value.name, js.value.message) == ("RangeError", "x")

    def fails() -> None:
        value = 3
        assert value == 4

    with pytest.raises(PyError) as py:
        rt.run(fails)
    assert (py.value.type, py.value.message) == ("AssertionError", "3 Eq 4")
    assert "assert value == 4" in py.value.traceback


@pytest.mark.parametrize(
    ("leak", "name"),
    [
        ("globalThis.setTimeout.kept = pyodide.runPython('{}')", "pyProxies"),
        (
            "pyodide.runPython('import sys; sys.kept = __import__(\"js\").Object.new()')",
            "jsProxies",
        ),
        ("setTimeout(() => { throw new Error('late'); })", "late"),
    ],
)
def test_leaks_are_found(fresh: Fresh, leak: str, name: str) -> None:
    """A proxy that outlives its test, on either side, and an error nobody caught are reported by name."""
    rt = fresh()
    rt.begin()
    rt.js(leak)
    assert any(name in problem for problem in rt.end())


def test_clean_tests_are_clean(fresh: Fresh) -> None:
    """State of a test is gone in the next: Python's globals, JavaScript's globals, proxies left to the collector."""
    rt = fresh()
    for _ in range(2):
        rt.begin()
        assert rt.js(
            "return [typeof globalThis.mark, pyodide.runPython(\"'mark' in globals()\")];"
        ) == ["undefined", False]
        rt.js("globalThis.mark = pyodide.runPython('{}');")
        rt.py("import js\nmark = js.Object.new()")
        assert rt.end() == []


def test_a_hung_runtime_is_killed(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless loop ends in a clear message, and the runtime is not used again."""
    rt = fresh()
    monkeypatch.setattr("harness.runtime.COMMAND_TIMEOUT", 1.0)
    rt.js("console.log('about to hang')")
    with pytest.raises(
        RuntimeGone, match=r"did not answer within 1 s during 'js'(?s:.*)about to hang"
    ):
        rt.js("for (;;);")
    with pytest.raises(RuntimeGone, match="closed"):
        rt.js("return 1")


def test_a_dead_runtime_is_noticed(fresh: Fresh) -> None:
    """A process that ends under a command is reported with its status."""
    rt = fresh()
    with pytest.raises(RuntimeGone, match="status 7"):
        rt.js("process.exit(7)")

"""`pyodide.code`: calling functions leniently, running JavaScript."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyodide.code import relaxed_call, relaxed_wrap, run_js

FUNCTIONS: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
    (lambda: (), lambda *a, **k: ()),
    (lambda a: a, lambda a, *_, **k: a),
    (lambda a, b=0: (a, b), lambda a, b=0, *_, **k: (a, b)),
    (lambda a, *, c=0: (a, c), lambda a, *_, c=0, **k: (a, c)),
    (lambda *args: args, lambda *args, **k: args),
    (lambda **kwargs: kwargs, lambda *_, **kwargs: kwargs),
    (lambda a, *args, c=0, **kwargs: (a, args, c, kwargs),) * 2,
]


@pytest.mark.spec("6.3/8")
@given(
    st.sampled_from(FUNCTIONS),
    st.lists(st.integers(), max_size=4),
    st.dictionaries(st.sampled_from("bcxy"), st.integers()),
)
def test_relaxed_call_drops_what_does_not_fit(
    pair: tuple[Callable[..., Any], Callable[..., Any]], args: list[int], kwargs: dict[str, int]
) -> None:
    function, lenient = pair
    try:
        expected = lenient(*args, **kwargs)
    except TypeError:
        # A parameter has no argument at all, or two; leniency does not help.
        with pytest.raises(TypeError):
            relaxed_call(function, *args, **kwargs)
        return
    assert relaxed_call(function, *args, **kwargs) == expected
    assert relaxed_wrap(function)(*args, **kwargs) == expected


@pytest.mark.spec("6.3/8")
def test_positional_only() -> None:
    def function(a: int, /, **kwargs: int) -> tuple[int, dict[str, int]]:
        return a, kwargs

    assert relaxed_call(function, 1, 2, a=3, b=4) == (1, {"a": 3, "b": 4})


@pytest.mark.spec("6.3/8")
def test_argument_given_twice() -> None:
    """A keyword for a parameter that has a positional argument is not surplus but a mistake."""

    def function(a: int, b: int = 2, **kwargs: int) -> None: ...

    for kwargs in ({"a": 3}, {"a": 3, "c": 4}):
        with pytest.raises(TypeError, match="multiple values"):
            relaxed_call(function, 1, **kwargs)


@pytest.mark.spec("6.3/8")
def test_wrap_keeps_name_and_errors() -> None:
    @relaxed_wrap
    def fails(x: int) -> int:
        """Fail."""
        raise KeyError(x)

    assert (fails.__name__, fails.__doc__) == ("fails", "Fail.")
    with pytest.raises(KeyError):
        fails(1, 2, 3)
    with pytest.raises(TypeError):
        fails()


class NoSignature:
    """A callable whose signature cannot be looked up."""

    __signature__ = "none"

    def __call__(self, *args: int) -> tuple[int, ...]:
        return args


@pytest.mark.spec("6.3/8")
def test_without_a_signature() -> None:
    function = NoSignature()
    with pytest.raises((TypeError, ValueError)):
        inspect.signature(function)
    assert relaxed_call(function, 1, 2) == (1, 2)
    with pytest.raises(TypeError, match="Cannot wrap function"):
        relaxed_wrap(function)
    with pytest.raises(TypeError, match="Cannot wrap function"):
        relaxed_wrap(5)  # type: ignore[arg-type]


@pytest.mark.spec("6.3/7")
def test_run_js(monkeypatch: pytest.MonkeyPatch) -> None:
    fake: Any = types.SimpleNamespace(eval=lambda code: ("evaluated", code))
    monkeypatch.setitem(sys.modules, "js", fake)
    assert run_js("1 + 1") == ("evaluated", "1 + 1")
    not_text: Any = 5
    with pytest.raises(TypeError, match="argument should have type 'string' not type 'int'"):
        run_js(not_text)

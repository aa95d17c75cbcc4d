"""Running Python source, running JavaScript source, and calling functions leniently."""

from _pyodide._code import (
    CodeRunner,
    eval_code,
    eval_code_async,
    find_imports,
    should_quiet,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Signature
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

__all__ = [
    "CodeRunner",
    "eval_code",
    "eval_code_async",
    "find_imports",
    "relaxed_call",
    "relaxed_wrap",
    "run_js",
    "should_quiet",
]


def run_js(code: str, /) -> "Any":
    """Evaluate JavaScript source in the global scope and return its value.

    Raises
    ------
    TypeError
        If `code` is not a str.
    ImportError
        Outside the runtime.
    """
    if not isinstance(code, str):
        raise TypeError(f"argument should have type 'string' not type '{type(code).__name__}'")
    from js import eval as js_eval

    return js_eval(code)


def _accepted(
    signature: "Signature", args: "tuple[Any, ...]", kwargs: "dict[str, Any]"
) -> "tuple[tuple[Any, ...], dict[str, Any]]":
    """Return the arguments without those for which `signature` has no parameter.

    An argument that comes by position and by keyword stays so: the call says that it is an error.
    """
    positional = 0
    takes_all_positional = takes_all_keywords = False
    keywords: set[str] = set()
    for name, parameter in signature.parameters.items():
        kind = parameter.kind
        if kind is parameter.VAR_POSITIONAL:
            takes_all_positional = True
        elif kind is parameter.VAR_KEYWORD:
            takes_all_keywords = True
        elif kind is parameter.KEYWORD_ONLY:
            keywords.add(name)
        else:
            positional += 1
            if kind is parameter.POSITIONAL_OR_KEYWORD:
                keywords.add(name)
    if not takes_all_positional:
        args = args[:positional]
    if not takes_all_keywords:
        kwargs = {name: value for name, value in kwargs.items() if name in keywords}
    return args, kwargs


def relaxed_wrap(func: "Callable[P, R]", /) -> "Callable[..., R]":
    """Decorate a function so that arguments it has no parameter for are ignored.

    This is how JavaScript functions behave; so it helps with callbacks.

    Raises
    ------
    TypeError
        If `func` has no signature that can be looked up.

    Examples
    --------
    >>> @relaxed_wrap
    ... def double(x):
    ...     return 2 * x
    >>> double(4, 5, extra=6)
    8
    """
    import functools
    import inspect

    try:
        signature = inspect.signature(func)
    except (TypeError, ValueError) as error:
        raise TypeError(f"Cannot wrap function {func!r}: it has no signature") from error

    @functools.wraps(func)
    def wrapper(*args: "Any", **kwargs: "Any") -> "R":
        args, kwargs = _accepted(signature, args, kwargs)
        return func(*args, **kwargs)

    return wrapper


def relaxed_call(func: "Callable[..., R]", /, *args: "Any", **kwargs: "Any") -> "R":
    """Call `func` without the arguments that it has no parameter for.

    A function whose signature cannot be looked up is called with all arguments.

    Examples
    --------
    >>> relaxed_call(lambda x: x + 1, 6, 5, extra=4)
    7
    """
    import inspect

    try:
        signature = inspect.signature(func)
    except (TypeError, ValueError):
        return func(*args, **kwargs)
    args, kwargs = _accepted(signature, args, kwargs)
    return func(*args, **kwargs)

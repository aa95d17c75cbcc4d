"""The stand-ins of `pyodide.ffi`: signatures and documentation of what `_pyodide_core` implements.

On ordinary CPython they are what one gets, and do as little as they can; inside the runtime the
real ones take their places. The classes are in `_js_types`. Signatures and docstrings of the C
functions are made from those here, by tools/gen_docs.py.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Awaitable, Callable
    from typing import Any, Literal, ParamSpec, Protocol, TypedDict, TypeVar, Unpack, overload

    from ._js_types import (
        JsArray,
        JsCallableDoubleProxy,
        JsDoubleProxy,
        JsIterable,
        JsOnceCallable,
        JsProxy,
        JsTypedArray,
    )

    P = ParamSpec("P")
    T = TypeVar("T")
else:
    from ._js_types import Protocol, overload


class JsNull:
    """The type of `jsnull`, JavaScript's ``null``; there is one instance."""

    __module__ = "pyodide.ffi"
    _instance: JsNull | None = None
    typeof = "object"

    def __new__(cls) -> JsNull:
        """Return the one instance."""
        if cls._instance is None:
            cls._instance = object.__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "jsnull"

    def __bool__(self) -> Literal[False]:
        return False

    def __reduce__(self) -> str:
        """Return the name by which pickle finds the one instance."""
        return "jsnull"


jsnull = JsNull()
"""JavaScript's ``null`` (``undefined`` is None)."""


class JsBigInt(int):
    """An int that is a ``BigInt`` in JavaScript, also where a Number could hold it.

    BigInts arrive in Python as JsBigInt. It behaves as int in all else; arithmetic gives plain
    ints.
    """

    __module__ = "pyodide.ffi"
    __slots__ = ()


class ConversionError(Exception):
    """A value could not be converted between Python and JavaScript."""

    __module__ = "pyodide.ffi"


class InternalError(Exception):
    """The bridge itself failed: a bug in it."""

    __module__ = "pyodide.ffi"


class ToJsConverter(Protocol):
    """Type of `default_converter` and `eager_converter` of `to_js`."""

    def __call__(
        self,
        value: Any,
        convert: Callable[[Any], JsProxy],
        cache_conversion: Callable[[Any, JsProxy], None],
        /,
    ) -> Any:
        """Convert one object.

        Parameters
        ----------
        value:
            The Python object.
        convert:
            Converts a part of it by the rules and options of the running conversion.
        cache_conversion:
            Announces which JavaScript object a Python object becomes, so that cyclic references
            find it.
        """


@overload
def create_proxy(
    obj: Callable[P, T], /, *, capture_this: Literal[False] = False, roundtrip: bool = True
) -> JsCallableDoubleProxy[P, T]: ...
@overload
def create_proxy(
    obj: T, /, *, capture_this: bool = False, roundtrip: bool = True
) -> JsDoubleProxy[T]: ...
def create_proxy(obj: Any, /, *, capture_this: bool = False, roundtrip: bool = True) -> Any:
    """Make a JavaScript proxy of a Python object that lives until it is destroyed.

    Parameters
    ----------
    obj:
        The object.
    capture_this:
        Pass JavaScript's ``this`` as first argument when the proxy is called.
    roundtrip:
        If true, JavaScript code that hands the proxy back gives Python the proxy; otherwise `obj`.

    Returns
    -------
    A `JsDoubleProxy`; outside the runtime `obj` itself.
    """
    return obj


def create_once_callable(
    obj: Callable[P, T], /, *, _may_syncify: bool = False
) -> JsOnceCallable[P, T]:
    """Make a JavaScript function that releases the Python callable `obj` after the first call.

    Returns
    -------
    A `JsOnceCallable`; outside the runtime `obj` itself.
    """
    return obj  # type: ignore[return-value]


def destroy_proxies(pyproxies: JsArray[Any], /) -> None:
    """Destroy each proxy in a JavaScript Array; outside the runtime this does nothing.

    Raises
    ------
    TypeError
        If `pyproxies` is no `JsProxy` of an Array.
    """


if TYPE_CHECKING:
    Unchanged = TypeVar("Unchanged", bound=JsProxy | JsNull | int | float | str | None)

    class _WithoutDict(TypedDict, total=False):
        """Options of `to_js` that do not change what becomes of the object itself."""

        depth: int
        pyproxies: JsArray[Any] | None
        create_pyproxies: bool
        default_converter: ToJsConverter | None

    class _WithoutEager(_WithoutDict, total=False):
        """Those that change it for a dict at most."""

        dict_converter: Callable[[Any], Any] | None

    class ToJsOptions(_WithoutEager, total=False):
        """All options of `to_js`."""

        eager_converter: ToJsConverter | None


@overload
def to_js(obj: Unchanged, /, **options: Unpack[ToJsOptions]) -> Unchanged: ...
@overload
def to_js(
    obj: list[Any] | tuple[Any, ...], /, **options: Unpack[_WithoutEager]
) -> JsArray[Any]: ...
@overload
def to_js(
    obj: bytes | bytearray | memoryview[int] | array[int] | array[float],
    /,
    **options: Unpack[_WithoutEager],
) -> JsTypedArray: ...
@overload
def to_js(obj: set[T], /, **options: Unpack[_WithoutEager]) -> JsIterable[Any]: ...
@overload
def to_js(obj: dict[Any, Any], /, **options: Unpack[_WithoutDict]) -> JsProxy: ...
@overload
def to_js(obj: Any, /, **options: Unpack[ToJsOptions]) -> Any: ...
def to_js(
    obj: Any,
    /,
    *,
    depth: int = -1,
    pyproxies: JsProxy | None = None,
    create_pyproxies: bool = True,
    dict_converter: Callable[[Any], Any] | None = None,
    default_converter: ToJsConverter | None = None,
    eager_converter: ToJsConverter | None = None,
) -> Any:
    """Convert a Python object, and what it holds, to JavaScript objects.

    list and tuple become Array, dict an object, set a Set, buffers a typed array.

    Parameters
    ----------
    obj:
        The object.
    depth:
        How many levels to convert; -1 means all.
    pyproxies:
        A JavaScript Array to which every proxy made on the way is appended.
    create_pyproxies:
        If false, raise an error instead of making a proxy.
    dict_converter:
        Called with an Array of ``[key, value]`` Arrays for each dict; its result is used.
    default_converter:
        Called for objects without a conversion (see `ToJsConverter`).
    eager_converter:
        Called for each object, before the built-in rules (see `ToJsConverter`).

    Returns
    -------
    A `JsProxy`, or `obj` itself if it is a value that needs no conversion; outside the runtime
    always `obj` itself.

    Raises
    ------
    ConversionError
        If a part cannot be converted.
    """
    return obj


def can_run_sync() -> bool:
    """Return whether `run_sync` can block here.

    Raises
    ------
    NotImplementedError
        Outside the runtime.
    """
    raise NotImplementedError("can_run_sync needs the WebAssembly runtime")


def run_sync(awaitable: Awaitable[T], /) -> T:
    """Block until `awaitable` is done, by stack switching, and return its result.

    Raises
    ------
    TypeError
        If `awaitable` cannot be awaited.
    RuntimeError
        If the stack cannot be switched here.
    NotImplementedError
        Outside the runtime.
    """
    raise NotImplementedError("run_sync needs the WebAssembly runtime")


try:
    import _pyodide_core
except ImportError:
    pass
else:
    # The real ones, whose signatures are those of the stand-ins.
    for _name in (
        "ConversionError",
        "InternalError",
        "JsBigInt",
        "JsNull",
        "can_run_sync",
        "create_once_callable",
        "create_proxy",
        "destroy_proxies",
        "jsnull",
        "run_sync",
        "to_js",
    ):
        globals()[_name] = getattr(_pyodide_core, _name)
    del _name

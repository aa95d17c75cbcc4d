# mypy: disable-error-code="empty-body"
"""The classes of `pyodide.ffi`: documentation, types, and isinstance tests by capability.

Real proxies are instances of types which the C module `_pyodide_core` makes, one for each set of
capabilities of a JavaScript object; each carries its set as an integer in `_js_type_flags`. The
classes here are what one names in annotations and isinstance tests; they are never instantiated.
Signatures and docstrings of the C functions are made from those here, by tools/gen_docs.py.

No standard module is imported, not even `typing`, so that `pyodide.ffi` is quick to import.
"""

from __future__ import annotations

from ._capabilities import CapabilityMeta, mask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterator,
        Awaitable,
        Callable,
        Generator,
        ItemsView,
        Iterable,
        Iterator,
        KeysView,
        Mapping,
        ValuesView,
    )
    from types import TracebackType
    from typing import IO, Any, Generic, ParamSpec, Protocol, Self, TypeVar, overload

    from typing_extensions import Buffer

    T = TypeVar("T")
    S = TypeVar("S")
    K = TypeVar("K")
    V = TypeVar("V")
    T_co = TypeVar("T_co", covariant=True)
    T_contra = TypeVar("T_contra", contravariant=True)
    V_co = TypeVar("V_co", covariant=True)
    P = ParamSpec("P")
else:
    # Enough of `typing` to execute the class statements and to subscript the classes.
    def overload(function):
        return function

    class Generic:
        """Base class that makes a class subscriptable."""

        __class_getitem__ = classmethod(type(list[int]))

    T, S, K, V, T_co, T_contra, V_co, P = map(str, ("T", "S", "K", "V", "T", "T", "V", "P"))
    Callable = Protocol = Generic


class JsProxy(metaclass=CapabilityMeta):
    """A JavaScript object, seen from Python.

    Attributes are those of the JavaScript object: reading, assigning and deleting them acts on it.
    A trailing underscore makes Python keywords usable: ``p.from_`` is the property ``from``.
    `==` is JavaScript's ``===``; `str` and `repr` give the object's ``toString()``.
    """

    _js_masks: tuple[int, ...] = (0,)

    @property
    def typeof(self) -> str:
        """What JavaScript's ``typeof`` says of the object."""
        raise NotImplementedError

    @property
    def js_id(self) -> int:
        """A number that is the same for all proxies of one JavaScript object."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any: ...

    if TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None: ...

        def __delattr__(self, name: str) -> None: ...

        def __lt__(self, other: JsProxy) -> bool: ...

        def __le__(self, other: JsProxy) -> bool: ...

        def __gt__(self, other: JsProxy) -> bool: ...

        def __ge__(self, other: JsProxy) -> bool: ...

    def __dir__(self) -> list[str]:
        """Return the sorted names of the Python and JavaScript attributes."""
        raise NotImplementedError

    def object_entries(self) -> JsArray[Any]:
        """Return ``Object.entries(object)``."""

    def object_keys(self) -> JsArray[str]:
        """Return ``Object.keys(object)``."""

    def object_values(self) -> JsArray[Any]:
        """Return ``Object.values(object)``."""

    def get_proxy(self, name_or_index: str | int, /) -> Any:
        """Read an attribute (str) or item as a proxy of the live object, never as a copy.

        An item is found by its index (int), and in a map, where there is no such attribute, by its
        key. Only ``conversion: "native"`` makes a difference: there an Array read in any other way
        is a new list.

        Raises
        ------
        AttributeError, IndexError
            If there is none.
        """

    def to_weakref(self) -> JsWeakRef[Self]:
        """Return ``new WeakRef(object)``."""

    def to_py(
        self,
        *,
        depth: int = -1,
        default_converter: (
            Callable[[JsProxy, Callable[[JsProxy], Any], Callable[[JsProxy, Any], None]], Any]
            | None
        ) = None,
    ) -> Any:
        """Convert the object, and what it holds, to Python objects.

        Array, Map, Set and plain objects become list, dict, set and dict; buffers a memoryview of
        a copy. What cannot be converted stays a proxy.

        Parameters
        ----------
        depth:
            How many levels to convert; -1 means all.
        default_converter:
            Called with ``(value, convert, cache)`` for objects without a conversion; its result is
            used. ``convert(x)`` converts a part by the same rules, ``cache(value, result)``
            announces the result so that cyclic references find it.
        """

    def as_object_map(self, *, hereditary: bool = False) -> JsMutableMap[str, Any]:
        """Return a view of the object that is a dict of its own enumerable properties.

        Parameters
        ----------
        hereditary:
            Make plain objects inside such views too.
        """

    def as_py_json(self) -> Any:
        """Return a view in which objects act as dicts and arrays as lists, at all levels."""


class JsDisposable(JsProxy):
    """An object with a method ``Symbol.dispose``: a context manager."""

    _js_masks: tuple[int, ...] = (mask("IS_DISPOSABLE"),)

    def __enter__(self) -> Self:
        """Return the object itself."""
        raise NotImplementedError

    def __exit__(self, *exc_info: object) -> None:
        """Call the object's method ``Symbol.dispose``."""


class JsAsyncDisposable(JsProxy):
    """An object with a method ``Symbol.asyncDispose``: an asynchronous context manager."""

    _js_masks: tuple[int, ...] = (mask("IS_ASYNC_DISPOSABLE"),)

    def __aenter__(self) -> Awaitable[Self]:
        """Return an awaitable of the object itself."""

    def __aexit__(self, *exc_info: object) -> Awaitable[None]:
        """Call the object's method ``Symbol.asyncDispose``; await the result."""


class JsDoubleProxy(JsDisposable, Generic[T]):
    """A Python object that was made a proxy for JavaScript, held by Python (`create_proxy`)."""

    _js_masks = (mask("IS_DOUBLE_PROXY"),)

    def destroy(self) -> None:
        """Release the Python object; JavaScript can no longer use the proxy."""

    def unwrap(self) -> T:
        """Return the Python object."""


class JsPromise(JsProxy, Generic[T_co]):
    """A promise, or anything with a ``then`` method; it can be awaited.

    What a call returns is a future instead, which has the same methods; annotations use this class
    for it as well.
    """

    _js_masks = (mask("IS_AWAITABLE"),)

    def __await__(self) -> Generator[Any, Any, T_co]: ...

    @overload
    def then(
        self,
        onfulfilled: Callable[[T_co], Awaitable[S]],
        onrejected: Callable[[Any], Awaitable[S]] | None = None,
    ) -> JsPromise[S]: ...
    @overload
    def then(
        self, onfulfilled: Callable[[T_co], S], onrejected: Callable[[Any], S] | None = None
    ) -> JsPromise[S]: ...
    @overload
    def then(
        self, onfulfilled: None, onrejected: Callable[[Any], Awaitable[S]]
    ) -> JsPromise[T_co | S]: ...
    @overload
    def then(self, onfulfilled: None, onrejected: Callable[[Any], S]) -> JsPromise[T_co | S]: ...
    def then(self, onfulfilled: Any, onrejected: Any = None) -> Any:
        """Attach handlers; returns a promise for what the handler returns.

        The handlers are released when the promise is settled. An awaitable that a handler returns
        is awaited.

        Parameters
        ----------
        onfulfilled:
            Called with the value. None passes it on.
        onrejected:
            Called with the reason. None passes it on.
        """

    @overload
    def catch(self, onrejected: Callable[[Any], Awaitable[S]], /) -> JsPromise[T_co | S]: ...
    @overload
    def catch(self, onrejected: Callable[[Any], S], /) -> JsPromise[T_co | S]: ...
    def catch(self, onrejected: Any, /) -> Any:
        """Attach a handler of the rejection; the same as ``then(None, onrejected)``."""

    def finally_(self, onfinally: Callable[[], Any], /) -> JsPromise[T_co]:
        """Attach a handler that is called, without arguments, in either case.

        Returns a promise with the outcome of this one.
        """


class JsBuffer(JsProxy):
    """An ArrayBuffer, a typed array or a DataView."""

    _js_masks = (mask("IS_BUFFER"),)

    def assign(self, source: Buffer, /) -> None:
        """Copy the content of the Python buffer `source`, of the same size, into this one."""

    def assign_to(self, target: Buffer, /) -> None:
        """Copy the content into the writable Python buffer `target` of the same size."""

    def to_memoryview(self) -> memoryview:
        """Return a memoryview of a copy."""

    def to_bytes(self) -> bytes:
        """Return the content as bytes."""

    def to_string(self, encoding: str | None = None) -> str:
        """Decode the content.

        Parameters
        ----------
        encoding:
            A name that JavaScript's TextDecoder knows; None means UTF-8.

        Raises
        ------
        ValueError
            If the content is no such text.
        """

    def to_file(self, file: IO[bytes], /) -> None:
        """Write the content to a file object that is open for binary writing."""

    def from_file(self, file: IO[bytes], /) -> None:
        """Fill the buffer from a file object that is open for binary reading.

        If the file ends before, the rest of the buffer stays as it is.
        """

    def _into_file(self, file: IO[bytes], /) -> None:
        """Make the buffer, not a copy, the content of an empty file."""

    def __array__(self, dtype: Any = None, *, copy: bool | None = None) -> Any:
        """Return a numpy array with a copy of the content, of the typed array's own type.

        ``numpy.asarray`` calls it.

        Parameters
        ----------
        dtype:
            Type to convert the items to; None keeps theirs.
        copy:
            False is an error: JavaScript's memory can't be shared with Python.

        Raises
        ------
        ValueError
            If `copy` is False.
        """


class JsIterable(JsProxy, Generic[T_co]):
    """An object with a method ``Symbol.iterator``."""

    _js_masks: tuple[int, ...] = (mask("IS_ITERABLE"),)

    def __iter__(self) -> Iterator[T_co]: ...


class JsIterator(JsProxy, Generic[T_co]):
    """An object with a method ``next``."""

    _js_masks = (mask("IS_ITERATOR"),)

    def __iter__(self) -> Self: ...

    def __next__(self) -> T_co: ...

    def send(self, value: Any, /) -> T_co:
        """Resume the iterator with `value`; returns what it yields next.

        Raises
        ------
        StopIteration
            When the iterator ends; the exception holds its value.
        """


class JsAsyncIterable(JsProxy, Generic[T_co]):
    """An object with a method ``Symbol.asyncIterator``."""

    _js_masks = (mask("IS_ASYNC_ITERABLE"),)

    def __aiter__(self) -> AsyncIterator[T_co]: ...


class JsAsyncIterator(JsProxy, Generic[T_co]):
    """An object with a method ``next`` that returns promises."""

    _js_masks = (mask("IS_ASYNC_ITERATOR"),)

    def __aiter__(self) -> Self: ...

    def __anext__(self) -> Awaitable[T_co]: ...

    def asend(self, value: Any, /) -> Awaitable[T_co]:
        """Resume the iterator with `value`; await the result for what it yields next.

        That raises StopAsyncIteration when the iterator ends.
        """


class JsGenerator(JsIterable[T_co], Generic[T_co, T_contra, V_co]):
    """A JavaScript generator."""

    _js_masks = (mask("IS_GENERATOR"),)

    def __iter__(self) -> Self: ...

    def __next__(self) -> T_co: ...

    def send(self, value: T_contra, /) -> T_co:
        """Resume the iterator with `value`; returns what it yields next."""

    def throw(
        self,
        error: type[BaseException] | BaseException,
        value: BaseException | object = None,
        traceback: TracebackType | None = None,
        /,
    ) -> T_co:
        """Raise an exception where the generator is suspended; returns what it yields next."""

    def close(self) -> None:
        """Make the generator return.

        Raises
        ------
        RuntimeError
            If it yields once more instead.
        """


class JsAsyncGenerator(JsAsyncIterable[T_co], Generic[T_co, T_contra, V_co]):
    """A JavaScript async generator."""

    _js_masks = (mask("IS_ASYNC_GENERATOR"),)

    def __aiter__(self) -> Self: ...

    def __anext__(self) -> Awaitable[T_co]: ...

    def asend(self, value: T_contra, /) -> Awaitable[T_co]:
        """Resume the iterator with `value`; await the result for what it yields next."""

    def athrow(
        self,
        error: type[BaseException] | BaseException,
        value: BaseException | object = None,
        traceback: TracebackType | None = None,
        /,
    ) -> Awaitable[T_co]:
        """Raise an exception where the generator is suspended; await what it yields next."""

    def aclose(self) -> Awaitable[None]:
        """Make the generator return; await the result.

        That raises RuntimeError if the generator yields once more instead.
        """


class JsCallable(JsProxy, Generic[P, T_co]):
    """A JavaScript function."""

    _js_masks = (mask("IS_CALLABLE"),)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T_co:
        """Call the function; keyword arguments become one object, its last argument."""

    def new(self, *args: Any, **kwargs: Any) -> Any:
        """Construct an object: JavaScript's ``new function(...)``.

        Keyword arguments become one object, its last argument.
        """


class JsArray(JsIterable[T], Generic[T]):
    """An Array, a typed array or a list of DOM nodes."""

    _js_masks: tuple[int, ...] = (mask("IS_ARRAY"), mask("IS_NODE_LIST"), mask("IS_TYPEDARRAY"))

    @overload
    def __getitem__(self, index: int, /) -> T: ...
    @overload
    def __getitem__(self, index: slice, /) -> JsArray[T]: ...
    def __getitem__(self, index: int | slice, /) -> Any: ...

    @overload
    def __setitem__(self, index: int, value: T, /) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[T], /) -> None: ...
    def __setitem__(self, index: int | slice, value: Any, /) -> None: ...

    def __delitem__(self, index: int | slice, /) -> None: ...

    def __len__(self) -> int: ...

    def __contains__(self, value: object, /) -> bool: ...

    def __reversed__(self) -> Iterator[T]:
        """Return an iterator over the items from the last to the first."""

    def __add__(self, other: Iterable[T], /) -> JsArray[T]: ...

    def __iadd__(self, other: Iterable[T], /) -> Self: ...

    def __mul__(self, count: int, /) -> JsArray[T]: ...

    def __rmul__(self, count: int, /) -> JsArray[T]: ...

    def __imul__(self, count: int, /) -> Self: ...

    def append(self, value: T, /) -> None:
        """Add `value` at the end."""

    def extend(self, values: Iterable[T], /) -> None:
        """Add all `values` at the end; when that fails nothing is added."""

    def insert(self, index: int, value: T, /) -> None:
        """Insert `value` before the item at `index`."""

    def pop(self, index: int = -1, /) -> T:
        """Remove the item at `index` and return it.

        Raises
        ------
        IndexError
            If there is no such item.
        """

    def remove(self, value: T, /) -> None:
        """Remove the first item that equals `value`.

        Raises
        ------
        ValueError
            If there is none.
        """

    def index(self, value: T, start: int = 0, stop: int = 9223372036854775807, /) -> int:
        """Return the index of the first item that equals `value`.

        Raises
        ------
        ValueError
            If there is none between `start` and `stop`.
        """

    def count(self, value: T, /) -> int:
        """Return how many items equal `value`."""

    def reverse(self) -> None:
        """Reverse the order of the items in place."""

    def clear(self) -> None:
        """Remove all items."""

    def push(self, *values: T) -> int:
        """Add `values` at the end; returns the new length."""


class JsTypedArray(JsBuffer, JsArray[int]):
    """A typed array: Int8Array, Uint8Array, Float64Array ..."""

    _js_masks = (mask("IS_TYPEDARRAY"),)

    BYTES_PER_ELEMENT: int

    def subarray(self, start: int | None = None, stop: int | None = None) -> JsTypedArray:
        """Return a typed array over a part of the same buffer."""


class JsMap(JsIterable[K], Generic[K, V]):
    """A Map, or anything with ``get``, a length and an iterator."""

    _js_masks: tuple[int, ...] = (
        mask("HAS_GET", "HAS_LENGTH", "IS_ITERABLE"),
        mask("IS_OBJECT_MAP"),
        mask("IS_PY_JSON_DICT"),
    )

    def __getitem__(self, key: K, /) -> V: ...

    def __contains__(self, key: object, /) -> bool: ...

    def __len__(self) -> int: ...

    def keys(self) -> KeysView[K]:
        """Return a view of the keys."""

    def values(self) -> ValuesView[V]:
        """Return a view of the values."""

    def items(self) -> ItemsView[K, V]:
        """Return a view of the pairs of key and value."""

    @overload
    def get(self, key: K, default: None = None) -> V | None: ...
    @overload
    def get(self, key: K, default: V | T) -> V | T: ...
    def get(self, key: K, default: Any = None) -> Any:
        """Return the value of `key`, or `default` if it is missing."""


class JsMutableMap(JsMap[K, V], Generic[K, V]):
    """A Map, or anything like it that can also be written to."""

    _js_masks = (
        mask("HAS_GET", "HAS_LENGTH", "IS_ITERABLE", "HAS_SET"),
        mask("IS_OBJECT_MAP"),
        mask("IS_PY_JSON_DICT"),
    )

    def __setitem__(self, key: K, value: V, /) -> None: ...

    def __delitem__(self, key: K, /) -> None: ...

    @overload
    def pop(self, key: K) -> V: ...
    @overload
    def pop(self, key: K, default: V | T = ...) -> V | T: ...
    def pop(self, key: K, default: Any = ...) -> Any:
        """Remove `key` and return its value, or `default` if it is missing.

        Raises
        ------
        KeyError
            If it is missing and there is no default.
        """

    def popitem(self) -> tuple[K, V]:
        """Remove a pair of key and value and return it.

        Raises
        ------
        KeyError
            If the map is empty.
        """

    def clear(self) -> None:
        """Remove everything."""

    def update(self, other: Mapping[K, V] | Iterable[tuple[K, V]] = (), /, **kwargs: V) -> None:
        """Set all pairs of `other`, then those of the keyword arguments."""

    @overload
    def setdefault(self, key: K, default: V) -> V: ...
    @overload
    def setdefault(self, key: K, default: None = None) -> V | None: ...
    def setdefault(self, key: K, default: Any = None) -> Any:
        """Return the value of `key`; if it is missing, set it to `default` first."""


class JsException(JsProxy, Exception):
    """A JavaScript error, raised in Python or to be raised in JavaScript.

    Calling the class makes an error of the global JavaScript class `name`, or where there is none
    an Error of that name.

    Parameters
    ----------
    name:
        Name of the error's class, for instance ``"TypeError"``.
    message:
        The message.
    stack:
        The stack trace.
    """

    _js_masks = (mask("IS_ERROR"),)

    name: str
    message: str
    stack: str

    def __init__(self, name: str, message: str = "", stack: str = "", /) -> None:
        self.name = name
        self.message = message
        self.stack = stack
        Exception.__init__(self, name, message, stack)

    if not TYPE_CHECKING:
        # An attribute that is missing is an error of Python's own.
        def __getattr__(self, name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __str__(self) -> str:
        return f"{self.name}: {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what pickle needs: the name, the message and the stack trace."""
        return JsException, (self.name, self.message, self.stack)

    @property
    def js_error(self) -> JsException:
        """The JavaScript error: the exception itself."""
        return self


class JsCallableDoubleProxy(JsDoubleProxy[Callable[P, T]], JsCallable[P, T], Generic[P, T]):
    """A Python function that was made a proxy with `create_proxy`."""

    _js_masks = (mask("IS_DOUBLE_PROXY"),)


class JsOnceCallable(JsCallable[P, T], Generic[P, T]):
    """A function made with `create_once_callable`."""

    _js_masks = (mask("IS_CALLABLE"),)

    def destroy(self) -> None:
        """Release the Python function without calling it.

        Raises
        ------
        JsException
            If it was called or destroyed before.
        """


class JsDomElement(JsProxy):
    """A DOM element; for annotations only, every proxy passes isinstance."""

    @property
    def tagName(self) -> str:
        """Name of the element's tag."""
        raise NotImplementedError

    @property
    def children(self) -> JsArray[JsDomElement]:
        """The child elements."""
        raise NotImplementedError

    @property
    def parentElement(self) -> JsDomElement | None:
        """The parent element."""
        raise NotImplementedError

    def appendChild(self, child: JsDomElement) -> None:
        """Add `child` after the last child."""

    def addEventListener(self, event: str, listener: Callable[[Any], object]) -> None:
        """Attach a listener; `pyodide.ffi.wrappers.add_event_listener` keeps it alive."""

    def removeEventListener(self, event: str, listener: Callable[[Any], object]) -> None:
        """Detach a listener."""


class JsFetchResponse(JsProxy):
    """The result of JavaScript's ``fetch``; for annotations only."""

    bodyUsed: bool
    ok: bool
    redirected: bool
    status: int
    statusText: str
    type: str
    url: str

    def clone(self) -> JsFetchResponse:
        """Return a copy that can be read separately."""

    def arrayBuffer(self) -> JsPromise[JsBuffer]:
        """Read the body."""

    def text(self) -> JsPromise[str]:
        """Read the body as text."""

    def json(self) -> JsPromise[JsProxy]:
        """Read the body as JSON."""


class JsWeakRef(JsProxy, Generic[T]):
    """A JavaScript ``WeakRef``; for annotations only."""

    def deref(self) -> T | None:
        """Return the object, or None if it is gone."""


for _class in list(globals().values()):
    if isinstance(_class, CapabilityMeta):
        _class.__module__ = "pyodide.ffi"
del _class

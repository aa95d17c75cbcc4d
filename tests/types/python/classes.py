"""What mypy must know of the classes of `pyodide.ffi`. Checked by mypy, never run.

`assert_type` names what must be inferred; each `type: ignore[code]` an error that must be found,
for an ignore without an error is an error itself.
"""

from __future__ import annotations

from collections.abc import (
    AsyncIterator,
    Awaitable,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    ValuesView,
)
from typing import Any, assert_type

from pyodide.ffi import (
    JsArray,
    JsAsyncDisposable,
    JsAsyncGenerator,
    JsAsyncIterable,
    JsAsyncIterator,
    JsBuffer,
    JsCallable,
    JsCallableDoubleProxy,
    JsDisposable,
    JsDomElement,
    JsDoubleProxy,
    JsException,
    JsFetchResponse,
    JsGenerator,
    JsIterable,
    JsIterator,
    JsMap,
    JsMutableMap,
    JsNull,
    JsOnceCallable,
    JsPromise,
    JsProxy,
    JsTypedArray,
    JsWeakRef,
    jsnull,
)


def every_proxy(proxy: JsProxy) -> None:
    assert_type(proxy.typeof, str)
    assert_type(proxy.js_id, int)
    assert_type(proxy.anything, Any)
    proxy.anything = 1
    del proxy.anything
    assert_type(proxy.object_keys(), JsArray[str])
    assert_type(proxy.object_values(), JsArray[Any])
    assert_type(proxy.object_entries(), JsArray[Any])
    assert_type(proxy.to_weakref(), JsWeakRef[JsProxy])
    assert_type(proxy.as_object_map(hereditary=True), JsMutableMap[str, Any])
    assert_type(proxy.as_py_json(), Any)
    assert_type(proxy.to_py(depth=1, default_converter=lambda value, convert, cache: None), Any)
    assert_type(proxy.get_proxy("items"), Any)
    assert_type(proxy < proxy, bool)
    {proxy: 1}
    proxy.typeof = "object"  # type: ignore[misc]
    proxy.js_id = 1  # type: ignore[misc]
    proxy()  # type: ignore[operator]
    proxy[0]  # type: ignore[index]
    proxy < 1  # type: ignore[operator]
    proxy.to_py(1)  # type: ignore[call-arg]
    proxy.get_proxy(1.5)  # type: ignore[arg-type]
    for _ in proxy:  # type: ignore[attr-defined]
        pass


async def not_awaitable(proxy: JsProxy) -> None:
    await proxy  # type: ignore[attr-defined]


def arrays(array: JsArray[str], nodes: JsArray[JsDomElement]) -> None:
    assert_type(array[0], str)
    assert_type(array[1:], JsArray[str])
    assert_type(array + ["x"], JsArray[str])
    assert_type(array * 2, JsArray[str])
    assert_type(2 * array, JsArray[str])
    array += ("x",)
    array *= 2
    assert_type(array.pop(), str)
    assert_type(array.index("x", 1, 2), int)
    assert_type(array.count("x"), int)
    assert_type(array.push("x", "y"), int)
    assert_type(reversed(array), Iterator[str])
    assert_type(list(array), list[str])
    assert_type(len(array), int)
    assert_type("x" in array, bool)
    array[0] = "x"
    array[1:] = (text for text in "xy")
    del array[0], array[1:]
    array.append("x")
    array.extend("xy")
    array.insert(0, "x")
    array.remove("x")
    array.reverse()
    array.clear()
    several: Iterable[str] = array
    first, *rest = several
    assert_type(rest, list[str])
    assert_type(nodes[0].tagName, str)
    array[0] = 1  # type: ignore[call-overload]
    array["x"]  # type: ignore[call-overload]
    array.append(1)  # type: ignore[arg-type]
    array.insert("x", 0)  # type: ignore[arg-type]
    array.push(1)  # type: ignore[arg-type]
    array + [1]  # type: ignore[list-item]
    objects: JsArray[object] = array  # type: ignore[assignment]


def buffers(buffer: JsBuffer, typed: JsTypedArray) -> None:
    assert_type(buffer.to_bytes(), bytes)
    assert_type(buffer.to_string(), str)
    assert_type(buffer.to_string("latin1"), str)
    assert_type(buffer.to_memoryview(), memoryview)
    buffer.assign(b"x")
    buffer.assign_to(bytearray(1))
    with open("file", "rb+") as file:
        buffer.to_file(file)
        buffer.from_file(file)
    assert_type(typed[0], int)
    assert_type(typed.subarray(1, 2), JsTypedArray)
    assert_type(typed.BYTES_PER_ELEMENT, int)
    both: tuple[JsBuffer, JsArray[int]] = (typed, typed)
    buffer.assign("text")  # type: ignore[arg-type]
    buffer.to_string(encoding=1)  # type: ignore[arg-type]
    with open("file") as text:
        buffer.to_file(text)  # type: ignore[arg-type]


def maps(readable: JsMap[str, int], mutable: JsMutableMap[str, int]) -> None:
    assert_type(readable["x"], int)
    assert_type(readable.keys(), KeysView[str])
    assert_type(readable.values(), ValuesView[int])
    assert_type(readable.items(), ItemsView[str, int])
    assert_type(readable.get("x"), int | None)
    assert_type(readable.get("x", "none"), int | str)
    assert_type(set(readable), set[str])
    assert_type(len(readable), int)
    assert_type("x" in readable, bool)
    mutable["x"] = 1
    del mutable["x"]
    assert_type(mutable.pop("x"), int)
    assert_type(mutable.pop("x", "none"), int | str)
    assert_type(mutable.popitem(), tuple[str, int])
    assert_type(mutable.setdefault("x", 1), int)
    assert_type(mutable.setdefault("x"), int | None)
    mutable.update({"x": 1}, y=2)
    mutable.update([("x", 1)])
    mutable.update(x=1)
    mutable.clear()
    whole: JsMap[str, int] = mutable
    readable[1]  # type: ignore[index]
    mutable["x"] = "one"  # type: ignore[assignment]
    mutable.update({1: 1})  # type: ignore[arg-type]
    mutable.update(x="one")  # type: ignore[arg-type]
    narrow: JsMutableMap[str, int] = readable  # type: ignore[assignment]


async def promises(promise: JsPromise[int]) -> None:
    async def later(value: int) -> str:
        return str(value)

    assert_type(await promise, int)
    assert_type(promise.then(lambda value: value / 2), JsPromise[float])
    assert_type(promise.then(later), JsPromise[str])
    handled: JsPromise[str] = promise.then(later, lambda error: later(error.code))
    assert_type(promise.then(hex, lambda error: "failed"), JsPromise[str])
    assert_type(promise.then(None, lambda error: "failed"), JsPromise[int | str])
    assert_type(promise.catch(later), JsPromise[int | str])
    assert_type(promise.catch(lambda error: None), JsPromise[int | None])
    assert_type(promise.finally_(lambda: "ignored"), JsPromise[int])
    assert_type(await promise.then(later).catch(lambda error: 0), str | int)
    awaitable: Awaitable[object] = promise
    wide: JsPromise[object] = promise
    promise.then(later, 5)  # type: ignore[call-overload]
    promise.then()  # type: ignore[call-overload]
    promise.finally_(lambda value: value)  # type: ignore[arg-type,misc]
    narrow: JsPromise[bool] = promise  # type: ignore[assignment]


def iteration(
    iterable: JsIterable[int], iterator: JsIterator[int], generator: JsGenerator[int, str, bytes]
) -> None:
    assert_type(iter(iterable), Iterator[int])
    assert_type(iter(iterator), JsIterator[int])
    assert_type(next(iterator), int)
    assert_type(iterator.send(None), int)
    assert_type([x for x in iterable], list[int])
    assert_type(next(generator), int)
    assert_type(iter(generator), JsGenerator[int, str, bytes])
    assert_type(generator.send("x"), int)
    assert_type(generator.throw(ValueError), int)
    assert_type(generator.throw(ValueError("x")), int)
    generator.close()
    python: Iterator[int] = iterator
    generator.send(1)  # type: ignore[arg-type]
    generator.throw("x")  # type: ignore[arg-type]


async def async_iteration(
    iterable: JsAsyncIterable[int],
    iterator: JsAsyncIterator[int],
    generator: JsAsyncGenerator[int, str, bytes],
) -> None:
    assert_type(aiter(iterable), AsyncIterator[int])
    assert_type([x async for x in iterable], list[int])
    assert_type(await anext(iterator), int)
    assert_type(await iterator.asend(None), int)
    assert_type([x async for x in iterator], list[int])
    assert_type(await anext(generator), int)
    assert_type(await generator.asend("x"), int)
    assert_type(await generator.athrow(ValueError), int)
    await generator.aclose()
    python: AsyncIterator[int] = iterator
    await generator.asend(1)  # type: ignore[arg-type]
    [x for x in generator]  # type: ignore[attr-defined]


def callables(
    function: JsCallable[[int, str], bool],
    once: JsOnceCallable[[int], str],
    double: JsDoubleProxy[list[int]],
    callable_double: JsCallableDoubleProxy[[int], str],
) -> None:
    assert_type(function(1, "x"), bool)
    assert_type(function.new(1, key=2), Any)
    assert_type(once(1), str)
    once.destroy()
    assert_type(double.unwrap(), list[int])
    double.destroy()
    with double as inside:
        assert_type(inside, JsDoubleProxy[list[int]])
    assert_type(callable_double(1), str)
    assert_type(callable_double.unwrap()(1), str)
    as_function: JsCallable[[int], object] = callable_double
    function("x", 1)  # type: ignore[arg-type]
    function(1)  # type: ignore[call-arg]
    once("x")  # type: ignore[arg-type]
    double()  # type: ignore[operator]
    callable_double()  # type: ignore[call-arg]


async def others(
    error: JsException,
    element: JsDomElement,
    response: JsFetchResponse,
    ref: JsWeakRef[JsArray[int]],
    disposable: JsDisposable,
    async_disposable: JsAsyncDisposable,
) -> None:
    assert_type(error.name, str)
    assert_type(error.message, str)
    assert_type(error.stack, str)
    assert_type(error.js_error, JsException)
    assert_type(error.cause, Any)
    assert_type(JsException("TypeError", "wrong"), JsException)
    assert_type(element.children, JsArray[JsDomElement])
    assert_type(element.parentElement, JsDomElement | None)
    element.appendChild(element)
    element.addEventListener("click", print)
    assert_type(element.style, Any)
    assert_type(response.ok, bool)
    assert_type(response.status, int)
    assert_type(await response.text(), str)
    assert_type(await response.arrayBuffer(), JsBuffer)
    assert_type(response.clone(), JsFetchResponse)
    assert_type(ref.deref(), JsArray[int] | None)
    with disposable as inside:
        assert_type(inside, JsDisposable)
    async with async_disposable as async_inside:
        assert_type(async_inside, JsAsyncDisposable)
    plain: Exception = error
    JsException()  # type: ignore[call-arg]
    JsException(name="TypeError")  # type: ignore[call-arg]
    ref.deref()[0]  # type: ignore[index]
    element.addEventListener(print, "click")  # type: ignore[arg-type]
    with async_disposable:  # type: ignore[attr-defined]
        pass


def null(value: int | JsNull) -> int:
    assert_type(jsnull, JsNull)
    assert_type(jsnull.typeof, str)
    if isinstance(value, JsNull):
        return 0
    return assert_type(value, int)


def narrowing(value: object) -> None:
    if isinstance(value, JsMap):
        assert_type(value, JsMap[Any, Any])
    elif isinstance(value, JsPromise):
        assert_type(value, JsPromise[Any])
    elif isinstance(value, JsException):
        raise value

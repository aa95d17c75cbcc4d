"""What mypy must know of the functions of `pyodide`. Checked by mypy, never run; see classes.py."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Coroutine
from typing import Any, assert_type

from pyodide.code import (
    CodeRunner,
    eval_code,
    eval_code_async,
    find_imports,
    relaxed_call,
    relaxed_wrap,
    run_js,
    should_quiet,
)
from pyodide.ffi import (
    IN_BROWSER,
    ConversionError,
    JsArray,
    JsCallableDoubleProxy,
    JsDomElement,
    JsDoubleProxy,
    JsIterable,
    JsOnceCallable,
    JsPromise,
    JsProxy,
    JsTypedArray,
    ToJsConverter,
    can_run_sync,
    create_once_callable,
    create_proxy,
    destroy_proxies,
    register_js_module,
    run_sync,
    to_js,
    unregister_js_module,
)
from pyodide.ffi.wrappers import (
    add_event_listener,
    clear_interval,
    clear_timeout,
    remove_event_listener,
    set_interval,
    set_timeout,
)


def listener(event: JsProxy, /) -> None: ...


def double(x: int, *, times: int = 2) -> int:
    return x * times


def proxies(array_of_proxies: JsArray[JsProxy]) -> None:
    assert_type(create_proxy([1]), JsDoubleProxy[list[int]])
    assert_type(create_proxy([1], roundtrip=False).unwrap(), list[int])
    proxy = create_proxy(double)
    assert_type(proxy(1, times=3), int)
    assert_type(create_proxy(listener), JsCallableDoubleProxy[[JsProxy], None])
    with create_proxy({"x": 1}) as scoped:
        assert_type(scoped.unwrap(), dict[str, int])
    create_proxy(lambda this: None, capture_this=True).destroy()
    once = create_once_callable(double)
    assert_type(once(1), int)
    assert_type(create_once_callable(listener), JsOnceCallable[[JsProxy], None])
    destroy_proxies(array_of_proxies)
    proxy("x")  # type: ignore[arg-type]
    once("x")  # type: ignore[arg-type]
    create_once_callable(5)  # type: ignore[arg-type]
    create_proxy([1], True)  # type: ignore[call-overload]
    destroy_proxies([1])  # type: ignore[arg-type]


class Converter:
    """What the protocol ToJsConverter asks for."""

    def __call__(
        self,
        value: Any,
        convert: Callable[[Any], JsProxy],
        cache_conversion: Callable[[Any, JsProxy], None],
    ) -> Any:
        return convert(value.part)


def conversion(proxy: JsArray[int], converter: Converter) -> None:
    assert_type(to_js(proxy), JsArray[int])
    assert_type(to_js(5), int)
    assert_type(to_js("x"), str)
    assert_type(to_js(None), None)
    assert_type(to_js([1]), JsArray[Any])
    assert_type(to_js((1, 2), depth=1), JsArray[Any])
    assert_type(to_js(b"x"), JsTypedArray)
    assert_type(to_js(array("d")), JsTypedArray)
    assert_type(to_js({1}), JsIterable[Any])
    assert_type(to_js({"x": 1}), JsProxy)
    assert_type(to_js({"x": 1}, dict_converter=lambda pairs: 1), Any)
    assert_type(to_js([1], eager_converter=converter), Any)
    assert_type(to_js(object(), default_converter=converter, create_pyproxies=False), Any)
    protocol: ToJsConverter = converter
    to_js([1], depth="all")  # type: ignore[call-overload]
    to_js([1], 1)  # type: ignore[call-overload]
    to_js(object(), default_converter=double)  # type: ignore[call-overload]
    to_js(object(), defaultConverter=None)  # type: ignore[call-overload]


async def answer() -> int:
    return 42


def waiting(promise: JsPromise[str]) -> None:
    assert_type(can_run_sync(), bool)
    assert_type(run_sync(answer()), int)
    assert_type(run_sync(promise), str)
    run_sync(5)  # type: ignore[arg-type]
    run_sync(answer)  # type: ignore[arg-type]


def modules(proxy: JsProxy) -> None:
    assert_type(IN_BROWSER, bool)
    register_js_module("mine", proxy)
    unregister_js_module("mine")
    error: Exception = ConversionError("wrong")
    register_js_module(1, proxy)  # type: ignore[arg-type]


def wrappers(element: JsDomElement) -> None:
    add_event_listener(element, "click", listener)
    remove_event_listener(element, "click", listener)
    clear_timeout(set_timeout(lambda: None, 10))
    clear_timeout(set_timeout(answer, 0.5))
    clear_interval(set_interval(lambda: None, 10))
    set_timeout(double, 10)  # type: ignore[arg-type]
    set_interval(lambda: None, "10")  # type: ignore[arg-type]
    add_event_listener(element, listener, "click")  # type: ignore[arg-type]


async def code() -> None:
    assert_type(eval_code("1", {}, {}, return_mode="none", filename="x.py"), Any)
    coroutine = assert_type(eval_code_async("1"), Coroutine[Any, Any, Any])
    await coroutine
    assert_type(CodeRunner("1", mode="eval").compile(), CodeRunner)
    assert_type(find_imports("import x"), list[str])
    assert_type(should_quiet("x;"), bool)
    assert_type(run_js("1"), Any)
    assert_type(relaxed_call(double, 1, 2, 3), int)
    assert_type(relaxed_wrap(double)(1, 2, 3), int)
    eval_code("1", return_mode="all")  # type: ignore[arg-type]
    CodeRunner("1", mode="run")  # type: ignore[arg-type]
    run_js(1)  # type: ignore[arg-type]
    relaxed_call(5)  # type: ignore[arg-type]

"""What mypy must know of `import js`. Checked by mypy, never run; see classes.py."""

from __future__ import annotations

from typing import Any, assert_type

import pyodide_js

import js
from js import JSON, Object, Promise, console, document, fetch
from pyodide.ffi import (
    JsArray,
    JsDomElement,
    JsException,
    JsFetchResponse,
    JsMutableMap,
    JsPromise,
    JsProxy,
    JsTypedArray,
    JsWeakRef,
)


async def names(proxy: JsProxy) -> None:
    assert_type(js.anythingElse, Any)
    js.anythingElse.deep.down(1)
    console.log("x", 1, proxy)
    element = document.createElement("div")
    assert_type(element, JsDomElement)
    assert_type(document.querySelectorAll("p"), JsArray[JsDomElement])
    document.body.appendChild(element)
    response = await fetch("https://example.org", method="POST")
    assert_type(response, JsFetchResponse)
    assert_type(await response.text(), str)
    assert_type(Promise.new(lambda resolve, reject: resolve(1)), JsPromise[Any])
    assert_type(js.Map.new(), JsMutableMap[Any, Any])
    assert_type(js.Uint8Array.new(10), JsTypedArray)
    assert_type(js.Float64Array.new([0.5]), JsTypedArray)
    assert_type(js.Uint8Array.new(js.ArrayBuffer.new(8), 4, 1), JsTypedArray)
    assert_type(js.TypeError.new("wrong"), JsException)
    assert_type(js.WeakRef.new(element), JsWeakRef[JsDomElement])
    assert_type(Object.new(a=1), JsProxy)
    assert_type(Object.assign(element, {}), JsDomElement)
    assert_type(JSON.stringify(proxy), str)
    assert_type(js.Math.floor(1.5), int | float)
    assert_type(js.eval("1"), Any)
    assert_type(js.Array.from_(proxy), Any)
    js.clearTimeout(js.setTimeout(print, 10, "x"))
    js.location.href = "https://example.org"
    raise js.Error.new("stop")


def wrong() -> None:
    js.setTimeout("print()", 10)  # type: ignore[arg-type]
    js.TypeError.new(5)  # type: ignore[arg-type]
    JSON.parse(5)  # type: ignore[arg-type]
    document.createElement()  # type: ignore[call-arg]
    js.location.origin = "x"  # type: ignore[misc]


def loaded() -> None:
    assert_type(pyodide_js.version, str)
    assert_type(pyodide_js.globals["x"], Any)
    assert_type(pyodide_js.anythingElse, Any)

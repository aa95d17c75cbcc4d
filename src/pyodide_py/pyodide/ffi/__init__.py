"""The bridge between Python and JavaScript: conversions, proxies, errors.

Inside the runtime the functions are those of the C module `_pyodide_core`; on ordinary CPython
they are inert stand-ins, so that code written for the runtime can be imported and tested there.
"""

from _pyodide._core_docs import (
    ConversionError,
    InternalError,
    JsBigInt,
    JsNull,
    ToJsConverter,
    can_run_sync,
    create_once_callable,
    create_proxy,
    destroy_proxies,
    jsnull,
    run_sync,
    to_js,
)
from _pyodide._importhook import register_js_module, unregister_js_module
from _pyodide._js_types import (
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
    JsOnceCallable,
    JsPromise,
    JsProxy,
    JsTypedArray,
    JsWeakRef,
)

try:
    import _pyodide_core
except ImportError:
    IN_BROWSER = False
else:
    IN_BROWSER = True
    # The real exception, which has the members of its stand-in.
    globals()["JsException"] = _pyodide_core.JsException

__all__ = [
    "IN_BROWSER",
    "ConversionError",
    "InternalError",
    "JsArray",
    "JsAsyncDisposable",
    "JsAsyncGenerator",
    "JsAsyncIterable",
    "JsAsyncIterator",
    "JsBigInt",
    "JsBuffer",
    "JsCallable",
    "JsCallableDoubleProxy",
    "JsDisposable",
    "JsDomElement",
    "JsDoubleProxy",
    "JsException",
    "JsFetchResponse",
    "JsGenerator",
    "JsIterable",
    "JsIterator",
    "JsMap",
    "JsMutableMap",
    "JsNull",
    "JsOnceCallable",
    "JsPromise",
    "JsProxy",
    "JsTypedArray",
    "JsWeakRef",
    "ToJsConverter",
    "can_run_sync",
    "create_once_callable",
    "create_proxy",
    "destroy_proxies",
    "jsnull",
    "register_js_module",
    "run_sync",
    "to_js",
    "unregister_js_module",
]

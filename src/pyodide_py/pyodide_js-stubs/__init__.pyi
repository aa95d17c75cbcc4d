# Types of `import pyodide_js`: the object that JavaScript's `loadPyodide` gave.

from typing import Any

from pyodide.ffi import JsArray, JsPromise, JsProxy

def __getattr__(name: str) -> Any: ...

version: str
globals: dict[str, Any]
FS: JsProxy
PATH: JsProxy
ERRNO_CODES: JsProxy
ffi: JsProxy
loadedPackages: JsProxy
lockfile: JsProxy
lockfileBaseUrl: str | None

def runPython(code: str, options: Any = None, /, **kwargs: Any) -> Any: ...
def pyimport(name: str, /) -> Any: ...
def toPy(value: Any, options: Any = None, /, **kwargs: Any) -> Any: ...
def registerJsModule(name: str, module: JsProxy, /) -> None: ...
def unregisterJsModule(name: str, /) -> None: ...
def loadPackage(
    names: str | list[str] | JsProxy, options: Any = None, /, **kwargs: Any
) -> JsPromise[JsArray[JsProxy]]: ...
def loadPackagesFromImports(
    code: str, options: Any = None, /, **kwargs: Any
) -> JsPromise[JsArray[JsProxy]]: ...
def setDebug(flag: bool, /) -> bool: ...

"""`pyodide.ffi` inside the runtime: its names, and documentation of what C implements."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

# One object for each kind of method; a box keeps promises from becoming futures and arrays from being copied.
KINDS = """
    globalThis.kinds = {
      object: {}, array: [1], typed: new Uint8Array(1), buffer: new ArrayBuffer(1), map: new Map(),
      readable: { get() {}, length: 1, [Symbol.iterator]() {} }, nodes: { [Symbol.toStringTag]: "NodeList", length: 0 },
      iterable: { [Symbol.iterator]() {} }, iterator: { next() {} }, generator: (function* () {})(),
      asyncIterable: { [Symbol.asyncIterator]() {} }, asyncGenerator: (async function* () {})(),
      promise: Promise.resolve(1), callable() {}, error: new Error("x"),
      disposable: { [Symbol.dispose]() {} }, asyncDisposable: { [Symbol.asyncDispose]() {} },
    };
"""
ALL_KINDS = """
    import js, warnings
    from pyodide.ffi import create_once_callable, create_proxy
    def all_kinds():
        found = {name: js.kinds.get_proxy(name) for name in js.Object.keys(js.kinds)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found["object map"] = found["object"].as_object_map()
        found["json dict"] = found["object"].as_py_json()
        found["json list"] = found["array"].as_py_json()
        found["double"] = create_proxy([])
        found["callable double"] = create_proxy(all_kinds)
        found["once"] = create_once_callable(all_kinds)
        return found
    def drop(found):
        for name in ("double", "callable double", "once"):
            found[name].destroy()
"""


@pytest.mark.spec("6/3", "6.1/1", "6.1/2", "6.1/3", "6.1/4", "6.1/5", "6.1/6", "13.10/13")
def test_functions_are_documented_as_their_stand_ins(rt: Runtime) -> None:
    """Each builtin of `pyodide.ffi` has the signature and docstring of the function that stands in for it elsewhere."""

    @rt.run
    def names() -> list[str]:
        import inspect

        from _pyodide import _core_docs
        from pyodide import ffi

        public = {n: getattr(ffi, n) for n in ffi.__all__}
        builtins = {n: f for n, f in public.items() if inspect.isbuiltin(f)}
        for name, function in builtins.items():
            stand_in = getattr(_core_docs, name)
            assert inspect.getdoc(function) == inspect.getdoc(stand_in), name
            plain = [
                p.replace(annotation=p.empty)
                for p in inspect.signature(stand_in).parameters.values()
            ]
            assert list(inspect.signature(function).parameters.values()) == plain, name
        assert [f.__text_signature__ for f in (public["create_once_callable"], public["create_proxy"])] == [
            "(obj, /, *, _may_syncify=False)", "(obj, /, *, capture_this=False, roundtrip=True)",
        ]  # fmt: skip
        return sorted(builtins)

    assert names == [
        "can_run_sync",
        "create_once_callable",
        "create_proxy",
        "destroy_proxies",
        "run_sync",
        "to_js",
    ]


@pytest.mark.spec("6/3", "6.1/10")
def test_methods_are_documented_as_those_of_the_classes(rt: Runtime) -> None:
    """Each method and attribute that C gives a proxy has the signature and docstring of a class that the proxy is of."""
    rt.js(KINDS)
    rt.py(ALL_KINDS)

    @rt.run
    def seen() -> dict[str, int]:
        import inspect
        import types

        from _pyodide import _js_types

        classes = {n: c for n, c in vars(_js_types).items() if n.startswith("Js")}
        found = globals()["all_kinds"]()
        count = {}
        for kind, proxy in found.items():
            members = {
                name: member
                for base in reversed(type(proxy).__mro__)
                if hasattr(base, "_js_type_flags")
                for name, member in vars(base).items()
            }
            mine = {n: c for n, c in classes.items() if isinstance(proxy, c)}
            for name, member in members.items():
                is_method = isinstance(member, types.MethodDescriptorType)
                if not is_method and not (
                    isinstance(member, types.GetSetDescriptorType)
                    and name not in ("__dict__", "__weakref__", "keys")
                ):
                    continue
                stand_ins = [vars(c)[name] for c in mine.values() if name in vars(c)]
                assert stand_ins, f"{kind}: no class of {list(mine)} documents {name}"
                first = inspect.getdoc(member).splitlines()[0]
                same = [s for s in stand_ins if inspect.getdoc(s).splitlines()[0] == first]
                assert same, f"{kind}.{name}: {first}"
                count[name] = count.get(name, 0) + 1
                if not is_method:
                    continue
                own = list(inspect.signature(getattr(proxy, name)).parameters.values())
                for stand_in in same:
                    theirs = list(inspect.signature(stand_in).parameters.values())[1:]
                    assert own == [p.replace(annotation=p.empty) for p in theirs], f"{kind}.{name}"
                # As everybody knows it from Pyodide, this one is that of the bound method.
                if name != "then":
                    assert member.__text_signature__.startswith("($self, "), name
        assert found["promise"].then.__text_signature__ == "(onfulfilled, onrejected=None)"
        globals()["drop"](found)
        return count

    assert set(seen) >= set(
        """typeof js_id object_entries object_keys object_values to_weakref to_py get_proxy as_object_map as_py_json
        append extend insert pop remove clear index count reverse __reversed__ keys values items get setdefault popitem
        update to_bytes to_memoryview to_string assign assign_to to_file from_file _into_file then catch finally_ send
        throw close asend athrow aclose new unwrap js_error __reduce__ __dir__ __enter__ __exit__ __aenter__ __aexit__""".split()
    )


@pytest.mark.spec("6/3")
def test_documentation_of_types(rt: Runtime) -> None:
    """`help` of a proxy and of the exceptions finds the text of the public classes."""
    rt.js(KINDS)

    @rt.run
    def _() -> None:
        import inspect

        import js
        from _pyodide import _core_docs, _js_types
        from pyodide import ffi

        assert inspect.getdoc(type(js.kinds)) == inspect.getdoc(ffi.JsProxy)
        error = js.kinds.get_proxy("error")
        for cls in (type(error), ffi.JsException):
            assert inspect.getdoc(cls) == inspect.getdoc(_js_types.JsException)
        assert ffi.JsException.__text_signature__ == "(name, message='', stack='', /)"
        for name in ("ConversionError", "InternalError", "JsNull"):
            assert inspect.getdoc(getattr(ffi, name)) == inspect.getdoc(getattr(_core_docs, name))


@pytest.mark.spec("6/2", "6/3", "6.1/12", "6.1/13")
def test_star_import(rt: Runtime) -> None:
    """`from pyodide.ffi import *` gives every public name, and the real ones inside the runtime."""

    @rt.run
    def _() -> None:
        import _pyodide_core

        import pyodide
        from pyodide import ffi

        scope: dict[str, object] = {}
        exec("from pyodide.ffi import *", scope)
        del scope["__builtins__"]
        assert sorted(scope) == sorted(ffi.__all__)
        assert ffi.IN_BROWSER is True
        for name in set(vars(_pyodide_core)) & set(ffi.__all__) - {"JsProxy"}:
            assert scope[name] is getattr(_pyodide_core, name), name
        leftovers = (
            {n for n in vars(ffi) if not n.startswith("_")} - set(ffi.__all__) - {"wrappers"}
        )
        assert leftovers == set()
        everything: dict[str, object] = {}
        exec("from pyodide import *", everything)
        assert set(pyodide.__all__) <= set(everything)
        assert everything["__version__"] == pyodide.__version__


@pytest.mark.spec("6.1/9")
def test_errors(rt: Runtime) -> None:
    """ConversionError and InternalError are plain exceptions; the latter lives in _core_docs too."""

    @rt.run
    def _() -> None:
        from _pyodide import _core_docs
        from pyodide import ffi

        assert ffi.ConversionError.__bases__ == (Exception,)
        assert ffi.InternalError.__bases__ == (Exception,)
        assert issubclass(_core_docs.InternalError, Exception)
        assert repr(ffi.ConversionError) == "<class 'pyodide.ffi.ConversionError'>"


@pytest.mark.spec("6.1/10")
def test_classes_are_generic(rt: Runtime) -> None:
    """The classes can be subscripted inside the runtime as well, in annotations and where these are evaluated."""

    @rt.run
    def _() -> None:
        import inspect
        import typing

        from pyodide import ffi
        from pyodide.ffi import JsArray, JsCallable, JsMap, JsPromise

        def f(
            a: JsArray[int], m: JsMap[str, JsPromise[int]], c: JsCallable[[int], str]
        ) -> None: ...

        hints = typing.get_type_hints(f)
        assert typing.get_origin(hints["a"]) is JsArray
        assert typing.get_args(hints["m"]) == (str, JsPromise[int])
        assert typing.get_args(hints["c"]) == ([int], str)
        assert str(JsArray[int]) == "pyodide.ffi.JsArray[int]"
        generic = {n for n in ffi.__all__ if hasattr(getattr(ffi, n), "__class_getitem__")}
        assert generic == {
            "JsArray", "JsAsyncGenerator", "JsAsyncIterable", "JsAsyncIterator", "JsCallable",
            "JsCallableDoubleProxy", "JsDoubleProxy", "JsGenerator", "JsIterable", "JsIterator", "JsMap",
            "JsMutableMap", "JsOnceCallable", "JsPromise", "JsTypedArray", "JsWeakRef", "ToJsConverter",
        }  # fmt: skip
        assert inspect.isclass(JsArray)


@pytest.mark.spec("6.1/11")
def test_converter_protocol(rt: Runtime) -> None:
    """What has the form of ToJsConverter is one: a class may name it as its base."""

    @rt.run
    def _() -> None:
        from pyodide.ffi import ToJsConverter, to_js

        class Doubling(ToJsConverter):
            def __call__(self, value, convert, cache_conversion, /):
                return convert([value.part] * 2)

        class Part:
            part = 7

        assert to_js(Part(), default_converter=Doubling()).to_py() == [7, 7]


@pytest.mark.spec("6.1/5", "6.1/6")
def test_run_sync_without_stack_switching(rt: Runtime) -> None:
    """Where the stack cannot be switched `can_run_sync` says so, and `run_sync` says what to do instead."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import can_run_sync, run_sync

        assert can_run_sync() is False
        for value in (1, None, [], iter([]), (x for x in [])):
            try:
                run_sync(value)
            except TypeError as error:
                assert "must be awaitable" in str(error)
            else:
                raise AssertionError(value)

        class Waiting:
            def __await__(self):
                yield

        for value in (Waiting(), js.eval("({ p: Promise.resolve(1) })").p):
            try:
                run_sync(value)
            except RuntimeError as error:
                assert "Cannot stack switch" in str(error)
                # An engine that can do it says that the call was synchronous.
                text = "WebAssembly stack switching not supported in this JavaScript runtime"
                assert (text in str(error)) != hasattr(js.WebAssembly, "Suspending")
            else:
                raise AssertionError(value)


@pytest.mark.spec("6/2")
def test_package(rt: Runtime) -> None:
    """The package names its modules, each of which is imported when it is used, and has the version of the API."""
    assert rt.py("import pyodide; pyodide.__version__") == rt.expr("pyodide.version")
    assert rt.py("sorted(pyodide.__all__)") == sorted(
        ["__version__", "code", "console", "ffi", "http", "webloop"]
    )
    assert rt.py("[getattr(pyodide, name).__name__ for name in pyodide.__all__[1:]]") == [
        f"pyodide.{name}" for name in ("code", "console", "ffi", "http", "webloop")
    ]
    assert rt.py("import asyncio; asyncio.get_running_loop().__class__.__name__") == "WebLoop"


def test_disposables(rt: Runtime) -> None:
    """JsDisposable and JsAsyncDisposable are the objects that `with` takes; proxies of Python objects are among them."""
    rt.js(KINDS)
    rt.py(ALL_KINDS)

    @rt.run
    def _() -> None:
        from pyodide.ffi import JsAsyncDisposable, JsDisposable

        found = globals()["all_kinds"]()
        for name, proxy in found.items():
            assert isinstance(proxy, JsDisposable) == hasattr(type(proxy), "__enter__"), name
            assert isinstance(proxy, JsAsyncDisposable) == hasattr(type(proxy), "__aenter__"), name
        assert isinstance(found["disposable"], JsDisposable)
        assert isinstance(found["double"], JsDisposable)
        globals()["drop"](found)


@pytest.mark.spec("6.1/7")
def test_js_modules(rt: Runtime) -> None:
    """An object that is registered can be imported, until it is unregistered; mistakes have the right errors."""
    rt.js("globalThis.mine = { value: 3 };")

    @rt.run
    def _() -> None:
        import sys

        import js
        from pyodide.ffi import register_js_module, unregister_js_module

        register_js_module("mine", js.mine)
        import mine

        assert mine == js.mine
        assert mine.value == 3
        unregister_js_module("mine")
        assert sys.modules.pop("mine") == js.mine
        for call, error in (
            (lambda: __import__("mine"), ModuleNotFoundError),
            (lambda: unregister_js_module("mine"), ValueError),
            (lambda: register_js_module(1, js.mine), TypeError),
            (lambda: register_js_module("mine", {}), TypeError),
        ):
            try:
                call()
            except error:
                continue
            raise AssertionError(error)


@pytest.mark.spec("6.1/8")
def test_null(rt: Runtime) -> None:
    """`jsnull` is the one instance of JsNull, and JavaScript's null."""

    @rt.run
    def _() -> None:
        import copy
        import pickle

        import js
        from pyodide.ffi import JsNull, jsnull

        assert JsNull() is jsnull
        assert type(jsnull) is JsNull
        assert js.eval("(x) => x === null")(jsnull) is True
        assert (repr(jsnull), bool(jsnull), jsnull.typeof) == ("jsnull", False, "object")
        assert pickle.loads(pickle.dumps(jsnull)) is jsnull
        assert copy.deepcopy([jsnull])[0] is jsnull

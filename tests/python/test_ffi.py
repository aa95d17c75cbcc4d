"""Types by capability, the stand-ins on ordinary CPython, and the public names."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import pyodide
from _pyodide import _capabilities
from pyodide import ffi

from .fakes import proxy_with_flags

ROOT = Path(__file__).resolve().parents[2]
BIT = {name: 1 << position for position, name in enumerate(_capabilities.FLAG_BITS)}


def flags(*names: str) -> int:
    return sum(BIT[name] for name in names)


def test_flag_bits_are_those_of_the_core() -> None:
    abi = tomllib.loads((ROOT / "src/core/abi.toml").read_text())
    assert abi["js_flags"] == {name: bit.bit_length() - 1 for name, bit in BIT.items()}


def test_version_is_that_of_the_product() -> None:
    config = tomllib.loads((ROOT / "toolchain/config.toml").read_text())
    assert pyodide.__version__ == config["product"]["version"]


CLASSES_OF = [
    ((), set()),
    (("IS_CALLABLE",), {"JsCallable", "JsOnceCallable"}),
    (("IS_DOUBLE_PROXY",), {"JsDoubleProxy", "JsCallableDoubleProxy"}),
    (
        ("IS_DOUBLE_PROXY", "IS_CALLABLE"),
        {"JsDoubleProxy", "JsCallable", "JsOnceCallable", "JsCallableDoubleProxy"},
    ),
    (("IS_AWAITABLE",), {"JsPromise"}),
    (("IS_ARRAY", "IS_ITERABLE", "HAS_LENGTH"), {"JsArray", "JsIterable"}),
    (("IS_NODE_LIST",), {"JsArray"}),
    (("IS_BUFFER",), {"JsBuffer"}),
    (("IS_BUFFER", "IS_TYPEDARRAY"), {"JsBuffer", "JsTypedArray", "JsArray"}),
    (("HAS_GET", "HAS_LENGTH"), set()),
    (("HAS_GET", "HAS_LENGTH", "IS_ITERABLE"), {"JsMap", "JsIterable"}),
    (
        ("HAS_GET", "HAS_SET", "HAS_LENGTH", "IS_ITERABLE"),
        {"JsMap", "JsMutableMap", "JsIterable"},
    ),
    (("IS_OBJECT_MAP",), {"JsMap", "JsMutableMap"}),
    (("IS_PY_JSON_DICT",), {"JsMap", "JsMutableMap"}),
    (("IS_ITERATOR", "IS_ASYNC_ITERATOR"), {"JsIterator", "JsAsyncIterator"}),
    (("IS_GENERATOR", "IS_ITERATOR"), {"JsGenerator", "JsIterator"}),
    (("IS_ASYNC_GENERATOR", "IS_ASYNC_ITERABLE"), {"JsAsyncGenerator", "JsAsyncIterable"}),
    (("IS_ERROR",), {"JsException"}),
]
ALWAYS = {"JsProxy", "JsDomElement", "JsFetchResponse", "JsWeakRef"}
JS_CLASSES = {
    name
    for name in ffi.__all__
    if isinstance(getattr(ffi, name), type)
    and name.startswith("Js")
    and name not in ("JsNull", "JsBigInt")
}


@pytest.mark.spec("6.1/10")
@pytest.mark.parametrize(("names", "expected"), CLASSES_OF)
def test_isinstance_and_issubclass(names: tuple[str, ...], expected: set[str]) -> None:
    proxy = proxy_with_flags(flags(*names))
    assert {n for n in JS_CLASSES if isinstance(proxy, getattr(ffi, n))} == expected | ALWAYS
    assert {n for n in JS_CLASSES if issubclass(type(proxy), getattr(ffi, n))} == expected | ALWAYS


def test_other_objects_are_no_proxies() -> None:
    class Impostor:
        _js_type_flags = "all"

    for name in JS_CLASSES:
        values: list[Any] = [1, [], {}, print, Impostor()]
        for value in values:
            assert not isinstance(value, getattr(ffi, name))


def test_subclasses_among_the_classes() -> None:
    assert issubclass(ffi.JsMutableMap, ffi.JsMap)
    assert issubclass(ffi.JsTypedArray, ffi.JsBuffer)
    assert not issubclass(ffi.JsMap, ffi.JsMutableMap)
    assert all(issubclass(getattr(ffi, name), ffi.JsProxy) for name in JS_CLASSES)


@pytest.mark.parametrize("name", sorted(JS_CLASSES - {"JsException"}))
def test_proxies_cannot_be_made(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        getattr(ffi, name)()


def test_classes_are_named_after_the_public_module() -> None:
    assert repr(ffi.JsProxy) == "<class 'pyodide.ffi.JsProxy'>"
    assert repr(ffi.JsException) == "<class 'pyodide.ffi.JsException'>"


@pytest.mark.spec("6.1/10")
def test_generic_classes_are_subscriptable() -> None:
    assert str(ffi.JsArray[int]) == "pyodide.ffi.JsArray[int]"
    assert str(ffi.JsMap[str, ffi.JsPromise[int]]) == (
        "pyodide.ffi.JsMap[str, pyodide.ffi.JsPromise[int]]"
    )
    callable_type: Any = ffi.JsCallable[[int], str]
    assert callable_type.__origin__ is ffi.JsCallable
    assert callable_type.__args__ == ([int], str)
    for name in ("JsDoubleProxy", "JsIterable", "JsAsyncIterator", "JsWeakRef", "JsMutableMap"):
        getattr(ffi, name)[int]


@pytest.mark.spec("6/3")
def test_everything_public_has_a_docstring() -> None:
    for name in ffi.__all__:
        value: Any = getattr(ffi, name)
        if callable(value):
            assert value.__doc__, name
        if isinstance(value, type):
            for member, function in vars(value).items():
                if not member.startswith("_") and callable(function):
                    assert function.__doc__, f"{name}.{member}"


@pytest.mark.spec("6.1/1", "6.1/2", "6.1/3", "6.1/4", "6.1/5", "6.1/6", "6.1/12", "6.1/13")
def test_stand_ins() -> None:
    value = object()
    assert ffi.IN_BROWSER is False
    assert ffi.create_proxy(value) is value
    assert ffi.create_proxy(value, capture_this=True, roundtrip=False) is value
    assert ffi.create_once_callable(print) is print
    assert ffi.to_js(value, depth=1) is value
    proxies: Any = [value]
    assert ffi.destroy_proxies(proxies) is None  # type: ignore[func-returns-value]
    awaitable: Any = value
    with pytest.raises(NotImplementedError):
        ffi.run_sync(awaitable)
    with pytest.raises(NotImplementedError):
        ffi.can_run_sync()


@pytest.mark.spec("6.1/8")
def test_jsnull() -> None:
    assert ffi.JsNull() is ffi.jsnull
    assert repr(ffi.jsnull) == "jsnull"
    assert not ffi.jsnull
    assert ffi.jsnull.typeof == "object"
    assert pickle.loads(pickle.dumps(ffi.jsnull)) is ffi.jsnull
    assert copy.deepcopy([ffi.jsnull])[0] is ffi.jsnull


def test_js_bigint() -> None:
    number = ffi.JsBigInt(5)
    assert number == 5
    assert type(number + 1) is int
    assert type(pickle.loads(pickle.dumps(number))) is ffi.JsBigInt


def test_js_exception() -> None:
    error = ffi.JsException("TypeError", "wrong", "at f")
    assert str(error) == "TypeError: wrong"
    assert error.js_error is error
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (other.name, other.message, other.stack) == ("TypeError", "wrong", "at f")
    with pytest.raises(AttributeError):
        error.missing
    with pytest.raises(ffi.JsException):
        raise error


@pytest.mark.spec("6.1/9")
@pytest.mark.parametrize("cls", [ffi.ConversionError, ffi.InternalError])
def test_exceptions_can_be_pickled(cls: type[Exception]) -> None:
    error = pickle.loads(pickle.dumps(cls("text")))
    assert type(error) is cls
    assert error.args == ("text",)


@pytest.mark.spec("6.1/13")
def test_star_imports() -> None:
    scope: dict[str, Any] = {}
    exec("from pyodide.ffi import *\nfrom pyodide import *", scope)
    assert set(ffi.__all__) <= set(scope)
    assert set(pyodide.__all__) <= set(scope)


@pytest.mark.spec("6/1")
def test_submodules_come_when_used() -> None:
    """What `runPython` needs imports no big module, and `import pyodide` next to nothing."""
    program = """if True:
        import sys
        before = set(sys.modules)
        import _pyodide._bootstrap, _pyodide._traceback, pyodide.code
        print(*sorted(set(sys.modules) - before))
        assert "code" in dir(pyodide) and "webloop" in dir(pyodide)
        pyodide.console.Console
        try:
            pyodide.https
        except AttributeError as error:
            print(error)
    """
    output = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={"PYTHONPATH": str(ROOT / "src/pyodide_py")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    imported = set(output[0].split())
    own = {name for name in imported if name.partition(".")[0] in ("pyodide", "_pyodide")}
    assert imported - own <= {"_ast"}
    assert not own & {
        "pyodide.ffi",
        "_pyodide._core_docs",
        "_pyodide._js_types",
        "_pyodide._capabilities",
    }
    assert output[1] == "module 'pyodide' has no attribute 'https'"

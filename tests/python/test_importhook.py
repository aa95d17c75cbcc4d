"""Importing JavaScript objects, and the notes on failed imports."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from _pyodide import _importhook

from .fakes import FakeJsProxy

MODULES: dict[str, Any] = sys.modules
"""`sys.modules`, which here also holds proxies."""


@pytest.fixture(autouse=True)
def finder(monkeypatch: pytest.MonkeyPatch) -> Iterator[_importhook.JsFinder]:
    """A finder of the test's own, installed; `sys.modules` as it was afterwards."""
    own = _importhook.JsFinder()
    monkeypatch.setattr(_importhook, "jsfinder", own)
    before = dict(sys.modules)
    meta_path: Any = sys.meta_path
    monkeypatch.setattr(sys, "meta_path", list(meta_path))
    _importhook.install()
    yield own
    for name in set(sys.modules) - set(before):
        del sys.modules[name]


def register(name: str, **properties: Any) -> FakeJsProxy:
    proxy = FakeJsProxy(**properties)
    _importhook.register_js_module(name, proxy)
    return proxy


def run(source: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(source, scope)
    return scope


def test_module_is_the_proxy() -> None:
    proxy = register("jsmod", a=1)
    scope = run("import jsmod\nfrom jsmod import a")
    assert scope["jsmod"] is proxy
    assert MODULES["jsmod"] is proxy
    assert scope["a"] == 1
    assert proxy.__name__ == "jsmod"
    assert vars(proxy)["__spec__"].origin == "javascript"


def test_missing_name() -> None:
    register("jsmod", a=1)
    with pytest.raises(ImportError, match="cannot import name 'b'"):
        run("from jsmod import b")


def test_submodules_are_not_written_to_their_parents() -> None:
    inner = FakeJsProxy(c=7)
    middle = FakeJsProxy(inner=inner)
    outer = register("jsmod", middle=middle)
    scope = run("import jsmod.middle\nfrom jsmod.middle.inner import c\nimport jsmod.middle as m")
    assert (scope["jsmod"], scope["c"], scope["m"]) == (outer, 7, middle)
    assert MODULES["jsmod"] is outer
    assert MODULES["jsmod.middle.inner"] is inner
    assert run("import jsmod.middle.inner as i")["i"] is inner


def test_only_objects_are_submodules() -> None:
    register("jsmod", leaf=5)
    for name in ("leaf", "missing"):
        with pytest.raises(ModuleNotFoundError) as caught:
            run(f"import jsmod.{name}")
        assert caught.value.name == f"jsmod.{name}"
    assert isinstance(MODULES["jsmod"], FakeJsProxy)


def test_star_import_takes_own_names_of_the_moment() -> None:
    properties = {"a": 1, "_b": 2}
    proxy = register("jsmod", **properties)
    scope = run("from jsmod import *")
    assert (scope["a"], scope["_b"]) == (1, 2)
    assert "object_keys" not in scope
    proxy.__dict__["_properties"]["late"] = 3
    assert run("from jsmod import *")["late"] == 3


def test_star_import_respects_all() -> None:
    register("jsmod", a=1, b=2, __all__=["b"])
    scope = run("from jsmod import *")
    assert scope["b"] == 2
    assert "a" not in scope


def test_own_names_can_be_provided(finder: _importhook.JsFinder) -> None:
    finder.own_names = lambda module: ["hidden"]
    register("jsmod", hidden=5, shown=6)
    scope = run("from jsmod import *")
    assert scope["hidden"] == 5
    assert "shown" not in scope


def test_python_modules_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "both_kinds.py").write_text("kind = 'python'")
    monkeypatch.syspath_prepend(str(tmp_path))
    register("both_kinds", kind="js")
    assert run("import both_kinds")["both_kinds"].kind == "python"


@pytest.mark.spec("3.13/4")
def test_find_spec_without_the_parent(finder: _importhook.JsFinder) -> None:
    register("jsmod", inner=FakeJsProxy())
    assert finder.find_spec("jsmod.inner") is None
    assert finder.find_spec("unknown") is None
    MODULES["python_package"] = types.ModuleType("python_package")
    assert finder.find_spec("python_package.inner") is None
    assert importlib.util.find_spec("jsmod") is not None


@pytest.mark.parametrize("arguments", [(5, FakeJsProxy()), ("x", 5), ("x", types.ModuleType("m"))])
def test_register_checks_types(arguments: tuple[Any, Any]) -> None:
    with pytest.raises(TypeError):
        _importhook.register_js_module(*arguments)


def test_unregister() -> None:
    first, second = register("jsmod", v=1), register("jsmod", v=2)
    assert run("import jsmod")["jsmod"] is second
    _importhook.unregister_js_module("jsmod")
    assert MODULES["jsmod"] is second
    del MODULES["jsmod"]
    with pytest.raises(ImportError):
        run("import jsmod")
    assert first is not second
    message = "Cannot unregister 'jsmod': no Javascript module with that name is registered"
    with pytest.raises(ValueError, match=message):
        _importhook.unregister_js_module("jsmod")


@pytest.mark.spec("3.13/4")
def test_install_twice_is_once(finder: _importhook.JsFinder) -> None:
    _importhook.install()
    meta_path: list[Any] = list(sys.meta_path)
    assert meta_path.count(finder) == 1
    assert meta_path[-1] is finder


def test_when_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "watched.py").write_text("value = 1")
    monkeypatch.syspath_prepend(str(tmp_path))
    seen: list[int] = []
    _importhook.when_imported("watched", lambda: seen.append(MODULES["watched"].value))
    importlib.import_module("colorsys")
    assert seen == []
    module = importlib.import_module("watched")
    importlib.reload(module)
    assert seen == [1]
    assert module.__spec__ is not None
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    assert module.__spec__.loader is module.__loader__
    _importhook.when_imported("watched", lambda: seen.append(2))
    assert seen == [1, 2]


def test_when_imported_a_missing_module() -> None:
    _importhook.when_imported("does_not_exist_at_all", lambda: pytest.fail("called"))
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("does_not_exist_at_all")


def failed_import(name: str) -> ModuleNotFoundError:
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module(name)
    return caught.value


def notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


def test_note_on_a_known_package(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"made_up_module": "made-up-package"}
    monkeypatch.setattr(_importhook, "package_of", known.get)
    error = failed_import("made_up_module.inner")
    _importhook.explain_import_error(error)
    _importhook.explain_import_error(error)
    (note,) = notes(error)
    assert note.startswith(
        "The module 'made_up_module' is included in the Pyodide distribution, "
        "but it is not installed."
    )
    assert 'loadPackage("made-up-package")' in note
    assert 'install("made-up-package")' in note


def test_note_on_a_removed_standard_module() -> None:
    error = failed_import("winreg" if sys.platform != "win32" else "posix")
    _importhook.explain_import_error(error)
    (note,) = notes(error)
    assert note == (
        f"The module {error.name!r} is removed from the Python standard library "
        "in the Pyodide distribution due to browser limitations."
    )


@pytest.mark.parametrize("name", ["winreg" if sys.platform != "win32" else "posix", "test"])
def test_note_on_an_unvendored_standard_module(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(_importhook, "package_of", lambda name: f"{name}-package")
    monkeypatch.delitem(sys.modules, name, raising=False)
    error = ModuleNotFoundError(f"No module named {name!r}", name=name)
    _importhook.explain_import_error(error)
    (note,) = notes(error)
    assert note.startswith(
        f"The module {name!r} is unvendored from the Python standard library "
        "in the Pyodide distribution.\nYou can install it by calling:\n"
    )
    assert f'loadPackage("{name}-package")' in note


def test_note_on_the_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_importhook, "package_of", lambda name: name)
    cause = failed_import("made_up_module")
    outer = RuntimeError("outer")
    outer.__cause__ = cause
    cause.__context__ = outer
    _importhook.explain_import_error(outer)
    assert len(notes(cause)) == 1
    assert notes(outer) == []


def test_no_note_where_none_helps() -> None:
    for error in (
        failed_import("made_up_module"),
        failed_import("os.made_up"),
        ModuleNotFoundError("without a name"),
        ImportError("x", name="winreg"),
        None,
    ):
        _importhook.explain_import_error(error)
        assert error is None or notes(error) == []

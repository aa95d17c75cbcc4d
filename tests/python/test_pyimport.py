"""The Python half of `pyimport`: variables, modules, attributes and submodules."""

import sys
import types

import pytest

from _pyodide._pyimport import pyimport_impl


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    module = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", module)
    return module


def test_variable_wins(main: types.ModuleType) -> None:
    main.json = 5  # type: ignore[attr-defined]
    assert pyimport_impl("json") == 5


def test_builtins_are_no_variables(main: types.ModuleType) -> None:
    with pytest.raises(ModuleNotFoundError):
        pyimport_impl("len")


@pytest.mark.spec("7.2/5")
def test_attribute_wins_over_submodule(
    main: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json.decoder

    assert pyimport_impl("json") is json
    assert pyimport_impl("json.decoder") is json.decoder
    assert pyimport_impl("json.decoder.JSONDecoder.decode") is json.JSONDecoder.decode
    monkeypatch.setattr(json, "decoder", "attribute")
    assert pyimport_impl("json.decoder") == "attribute"


@pytest.mark.spec("7.2/5")
def test_submodule_is_imported(main: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    import xml

    for name in [name for name in sys.modules if name.startswith("xml.dom")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(xml, "dom", raising=False)
    assert pyimport_impl("xml.dom.minidom") is sys.modules["xml.dom.minidom"]


@pytest.mark.parametrize("name", ["???", "os.no_such_thing", "math.pi.x", "json..decoder"])
def test_nothing_of_that_name(main: types.ModuleType, name: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        pyimport_impl(name)


def test_other_errors_pass(main: types.ModuleType) -> None:
    class Holder:
        @property
        def broken(self) -> None:
            raise RuntimeError("property failed")

    module = types.ModuleType("made_up_holder")
    module.inner = Holder()  # type: ignore[attr-defined]
    sys.modules["made_up_holder"] = module
    try:
        with pytest.raises(RuntimeError):
            pyimport_impl("made_up_holder.inner.broken")
    finally:
        del sys.modules["made_up_holder"]

"""Sends modules of this folder to a runtime, as text that makes them there."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def checks_in(name: str) -> list[str]:
    """Return the names of the functions `check_...` of a module, which need not be importable here."""
    tree = ast.parse((HERE / f"{name}.py").read_text())
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [function for function in functions if function.startswith("check_")]


def shipped(*names: str, **variables: Any) -> str:
    """Return Python code that makes modules of this folder in a runtime.

    Parameters
    ----------
    names:
        Names of modules in the order in which they need each other. What the last one defines is bound in the
        namespace that the code runs in.
    variables:
        Values to put in place of what each module has bound under these names.
    """
    sources = {name: (HERE / f"{name}.py").read_text() for name in names}
    return f"""
import sys, types
harness = sys.modules.setdefault("harness", types.ModuleType("harness"))
harness.__path__ = []
for _name, _source in {sources!r}.items():
    _module = types.ModuleType("harness." + _name)
    sys.modules[_module.__name__] = _module
    exec(compile(_source, "<harness/" + _name + ".py>", "exec"), vars(_module))
    vars(_module).update({variables!r})
globals().update({{name: value for name, value in vars(_module).items() if not name.startswith("__")}})
"""

"""What `pyodide.pyimport` of JavaScript does."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def pyimport_impl(path: str, /) -> "Any":
    """Return what a name stands for.

    Parameters
    ----------
    path:
        Name of a global variable of `__main__`, which wins, or of a module. In a dotted name each
        part is an attribute of the one before if there is such an attribute, else a submodule.

    Raises
    ------
    ImportError
        If there is neither variable nor module of that name, or the module does not load.
    """
    variables = sys.modules["__main__"].__dict__
    if path in variables:
        return variables[path]
    name, *rest = path.split(".")
    # `__import__` as the import statement uses it: it leaves importlib's frames out of tracebacks.
    found = __import__(name)
    for part in rest:
        name += f".{part}"
        try:
            found = getattr(found, part)
        except AttributeError:
            __import__(name)
            found = sys.modules[name]
    return found

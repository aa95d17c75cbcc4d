"""Importing JavaScript objects as Python modules, and help for imports that fail.

A JavaScript object registered with `register_js_module` can be imported. The `JsProxy` itself
stands in `sys.modules`; the names that the import system sets on it live in the proxy's own
`__dict__`, so the JavaScript object is never written to.
"""

import sys
from _frozen_importlib import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import ModuleType
    from typing import Any


def is_js_proxy(value: object) -> bool:
    """Say whether `value` is a JavaScript object.

    The same as ``isinstance(value, JsProxy)``, without importing all the classes at start-up.
    """
    return isinstance(getattr(type(value), "_js_type_flags", None), int)


class _ParentStandIn:
    """Takes the place of a JavaScript parent module while importlib binds the child to it.

    After it has loaded ``js.location``, importlib executes ``js.location = <module>``. On a
    JavaScript object that is at best useless, as the attribute is there already; at worst it throws
    (a read-only property) or has an effect (assigning ``location`` reloads the page). This object
    swallows that one assignment and gives its place back.
    """

    def __init__(self, name: str, module: "Any") -> None:
        self.__dict__.update(stand_in_name=name, stand_in_module=module)

    def __setattr__(self, name: str, value: object) -> None:
        sys.modules[self.__dict__["stand_in_name"]] = self.__dict__["stand_in_module"]


class _Exports:
    """What ``from module import *`` binds: the own property names at the time of the import."""

    def __init__(self, module: "Any", own_names: "Callable[[Any], Iterable[str]]") -> None:
        self._module = module
        self._own_names = own_names

    def __iter__(self) -> "Iterator[str]":
        return iter([name for name in self._own_names(self._module) if isinstance(name, str)])

    def __getitem__(self, index: int) -> str:
        # `from m import *` counts up from 0; the names must not change on the way.
        if index == 0:
            self._names = list(self)
        return self._names[index]


class JsLoader:
    """Loader of one JavaScript module: the module is the proxy itself."""

    def __init__(self, module: "Any", own_names: "Callable[[Any], Iterable[str]]") -> None:
        self._module = module
        self._own_names = own_names

    def create_module(self, spec: ModuleSpec) -> "Any":
        """Return the proxy that is to stand in `sys.modules`."""
        return self._module

    def exec_module(self, module: "Any") -> None:
        """Give the module an `__all__`, and shield a JavaScript parent from being written to."""
        if not hasattr(module, "__all__"):
            module.__dict__["__all__"] = _Exports(module, self._own_names)
        parent_name = module.__spec__.name.rpartition(".")[0]
        if parent_name:
            parent: Any = _ParentStandIn(parent_name, sys.modules[parent_name])
            sys.modules[parent_name] = parent

    def is_package(self, fullname: str) -> bool:
        """Every JavaScript module may have submodules."""
        return True


def _enumerable_names(module: "Any") -> "Iterable[str]":
    """Own enumerable property names: what a proxy can tell without help from JavaScript."""
    names: Iterable[str] = module.object_keys()
    return names


class JsFinder:
    """Finds registered JavaScript modules, and attributes of imported ones as their submodules.

    It belongs at the end of `sys.meta_path`, so that real Python modules win.

    Attributes
    ----------
    jsproxies
        The registered modules: name -> proxy.
    own_names
        Function that lists the own property names of a proxy, for ``from module import *``.
    """

    def __init__(self) -> None:
        self.jsproxies: dict[str, Any] = {}
        self.own_names: Callable[[Any], Iterable[str]] = _enumerable_names

    def find_spec(
        self,
        fullname: str,
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> ModuleSpec | None:
        """Find the module `fullname` (see `importlib.abc.MetaPathFinder.find_spec`).

        Returns None if it is neither registered nor an object below an imported JavaScript module.
        """
        parent_name, _, child = fullname.rpartition(".")
        if parent_name:
            parent: Any = sys.modules.get(parent_name)
            if not is_js_proxy(parent):
                return None
            module = getattr(parent, child, None)
            if not is_js_proxy(module):
                return None
        else:
            if fullname not in self.jsproxies:
                return None
            module = self.jsproxies[fullname]
        loader: Any = JsLoader(module, self.own_names)
        return ModuleSpec(fullname, loader, origin="javascript", is_package=True)

    def register_js_module(self, name: str, jsproxy: "Any") -> None:
        """Make `jsproxy` importable as `name`; see the function of the same name."""
        if not isinstance(name, str):
            raise TypeError(f"Argument 'name' must be a str, not {type(name).__name__!r}")
        if not is_js_proxy(jsproxy):
            raise TypeError(f"Argument 'jsproxy' must be a JsProxy, not {type(jsproxy).__name__!r}")
        self.jsproxies[name] = jsproxy

    def unregister_js_module(self, name: str) -> None:
        """Undo `register_js_module`; see the function of the same name."""
        if name not in self.jsproxies:
            raise ValueError(
                f"Cannot unregister {name!r}: no Javascript module with that name is registered"
            )
        del self.jsproxies[name]


jsfinder = JsFinder()


def install() -> None:
    """Put the finder at the end of `sys.meta_path` if it is not in it."""
    finders: list[Any] = sys.meta_path
    if jsfinder not in finders:
        finders.append(jsfinder)


def register_js_module(name: str, jsproxy: "Any") -> None:
    """Make a JavaScript object importable as a Python module.

    Parameters
    ----------
    name:
        Name of the module. A Python module of the same name wins over it.
    jsproxy:
        The object. Objects within it can be imported as submodules.

    Raises
    ------
    TypeError
        If `name` is not a str or `jsproxy` is not a `JsProxy`.
    """
    jsfinder.register_js_module(name, jsproxy)


def unregister_js_module(name: str) -> None:
    """Make the JavaScript module `name` no longer importable.

    Modules that have been imported stay in `sys.modules`.

    Raises
    ------
    ValueError
        If no JavaScript module is registered under that name.
    """
    jsfinder.unregister_js_module(name)


class _ImportWatcher:
    """Finder which calls functions once, right after certain modules were imported."""

    def __init__(self) -> None:
        self._callbacks: dict[str, list[Callable[[], None]]] = {}

    def add(self, name: str, callback: "Callable[[], None]") -> None:
        """Watch for the import of a module."""
        finders: list[Any] = sys.meta_path
        if self not in finders:
            finders.insert(0, self)
        self._callbacks.setdefault(name, []).append(callback)

    def find_spec(
        self,
        fullname: str,
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> ModuleSpec | None:
        """Let the other finders find the module, and have its loader call the functions."""
        if fullname not in self._callbacks:
            return None
        finders: list[Any] = [finder for finder in sys.meta_path if finder is not self]
        for finder in finders:
            spec: ModuleSpec | None = finder.find_spec(fullname, path, target)
            if spec is not None:
                spec.loader = _NotifyingLoader(  # type: ignore[assignment]
                    spec.loader, lambda: self._done(fullname)
                )
                return spec
        return None

    def _done(self, name: str) -> None:
        """Call the functions; only now, for not everybody who looks for a module imports it."""
        for callback in self._callbacks.pop(name, ()):
            callback()
        finders: list[Any] = sys.meta_path
        if not self._callbacks and self in finders:
            finders.remove(self)

    def clear(self) -> None:
        """Forget all functions."""
        self._callbacks.clear()
        finders: list[Any] = sys.meta_path
        if self in finders:
            finders.remove(self)


class _NotifyingLoader:
    """Loader around another one, which calls a function after the module was executed."""

    def __init__(self, loader: "Any", callback: "Callable[[], None]") -> None:
        self._loader = loader
        self._callback = callback

    def create_module(self, spec: ModuleSpec) -> "Any":
        """Leave it to the real loader."""
        return self._loader.create_module(spec)

    def exec_module(self, module: "Any") -> None:
        """Put the real loader in place, execute the module, then call the function."""
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._callback()


_watcher = _ImportWatcher()


def reset() -> None:
    """Forget the JavaScript modules, and the functions that wait for imports."""
    global package_of
    jsfinder.jsproxies = {}
    jsfinder.own_names = _enumerable_names
    package_of = _no_package
    _watcher.clear()


def when_imported(name: str, callback: "Callable[[], None]") -> None:
    """Call `callback` once: as soon as the module `name` is imported, or now if it has been.

    With this, what belongs to a large module need not be imported at start-up.
    """
    if name in sys.modules:
        callback()
    else:
        _watcher.add(name, callback)


def _no_package(module_name: str) -> str | None:
    """Stands in for `package_of` as long as no distribution is known."""
    return None


package_of: "Callable[[str], str | None]" = _no_package
"""Function that names the package of the distribution which holds a top-level module, or None."""


def _note_for(module_name: str) -> str | None:
    """Say why the top-level module `module_name` cannot be imported, if the reason is known."""
    package = package_of(module_name)
    # CPython does not count its own tests.
    standard = module_name in sys.stdlib_module_names or module_name == "test"
    if package is not None:
        state = (
            "is unvendored from the Python standard library in the Pyodide distribution."
            if standard
            else "is included in the Pyodide distribution, but it is not installed."
        )
        return (
            f"The module {module_name!r} {state}\n"
            "You can install it by calling:\n"
            f'  await micropip.install("{package}") in Python, or\n'
            f'  await pyodide.loadPackage("{package}") in JavaScript'
        )
    if module_name == "test":
        return (
            "The module 'test' is unvendored from the Python standard library, and this "
            "distribution is without it; `make packages` makes a folder that has it "
            "(docs/packages.md)."
        )
    if module_name in sys.stdlib_module_names:
        return (
            f"The module {module_name!r} is removed from the Python standard library "
            "in the Pyodide distribution due to browser limitations."
        )
    return None


def explain_import_error(exc: BaseException | None) -> None:
    """Add a note, once, to each ModuleNotFoundError among `exc`, its causes and its contexts."""
    seen: set[int] = set()
    pending = [exc]
    while pending:
        error = pending.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        pending += [error.__cause__, error.__context__]
        if not isinstance(error, ModuleNotFoundError) or not error.name:
            continue
        top_level = error.name.partition(".")[0]
        if top_level in sys.modules:
            continue
        note = _note_for(top_level)
        if note is not None and note not in getattr(error, "__notes__", ()):
            error.add_note(note)

"""What the loader calls: setting up Python's side after the interpreter has started.

It runs at every start of the runtime, so it imports only what `runPython` needs; `pyodide.code` is
imported by the first call of it.
"""

import sys

from . import _importhook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

_LAST_ERROR_NAMES = ("last_exc", "last_type", "last_value", "last_traceback")


def _own_names_by(jsglobals: "Any") -> "Callable[[Any], Iterable[str]]":
    """Return the function that lists the own property names of a proxy."""

    def own_names(module: "Any") -> "Iterable[str]":
        js_object = getattr(jsglobals, "Object", None)
        names: Iterable[str] = (
            # The object behind `js` was chosen by the user; it may not have `Object`.
            module.object_keys() if js_object is None else js_object.getOwnPropertyNames(module)
        )
        return names

    return own_names


def _package_finder(pyodide_js: "Any") -> "Callable[[str], str | None]":
    """Return the function that finds a module's package in the lock file."""

    def package_of(module_name: str) -> str | None:
        lockfile = getattr(pyodide_js, "lockfile", None)
        if lockfile is None:
            return None
        for package in lockfile.packages.object_values():
            if module_name in package.imports:
                name: str = package.name
                return name
        return None

    return package_of


def setup(jsglobals: "Any", pyodide_js: "Any", options: "Any") -> None:
    """Make `js` and `pyodide_js` importable, and arrange for the event loop.

    Parameters
    ----------
    jsglobals:
        The object behind ``import js``.
    pyodide_js:
        The API object that `loadPyodide` resolves to.
    options:
        Object with two booleans: `enableRunUntilComplete`, whether `loop.run_until_complete` and
        `asyncio.run` may block, and `isProgram`, whether a command line is to be run, as CPython
        does it.
    """
    _importhook.register_js_module("js", jsglobals)
    _importhook.register_js_module("pyodide_js", pyodide_js)
    _importhook.jsfinder.own_names = _own_names_by(jsglobals)
    _importhook.package_of = _package_finder(pyodide_js)
    _importhook.install()
    may_block = bool(options.enableRunUntilComplete)
    is_program = bool(options.isProgram)
    # In a program, sleeping blocks, as it does in CPython.
    if is_program:
        from . import _program

        _program.install()
    elif "_pyodide_core" in sys.builtin_module_names:
        from . import _switch

        _switch.install_sleep()
    _importhook.when_imported("shutil", _register_wheels)

    def install_event_loop() -> None:
        if is_program:
            from pyodide import _program_loop

            _program_loop.install()
        else:
            from pyodide import webloop

            webloop.install(may_block=may_block)

    # asyncio takes longer to import than everything else together; most programs do without it.
    _importhook.when_imported("asyncio", install_event_loop)
    _importhook.when_imported("http.client", _install_http)
    _importhook.when_imported("urllib3.contrib.emscripten.fetch", _install_urllib3)


def _register_wheels() -> None:
    """Let `shutil` unpack wheels."""
    from . import _archive

    _archive.register_wheels()


def _install_http() -> None:
    """Let `http.client` and all that is built on it send over what the platform has."""
    from pyodide.http import _connection

    _connection.install()


def flush_streams() -> None:
    """Write what standard output and error hold back; what cannot be written stays with them."""
    from contextlib import suppress

    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


def _install_urllib3() -> None:
    """Let urllib3, which brings its own use of `fetch`, see None where it expects None."""
    from pyodide.http import _urllib3

    _urllib3.install()


class State:
    """What Python code can change from outside a function, as it was at one time."""

    def __init__(self) -> None:
        main = sys.modules["__main__"]
        self.main_globals = dict(main.__dict__)
        self.registered = dict(_importhook.jsfinder.jsproxies)
        self.imported = _imported_js_modules()


def _imported_js_modules() -> "dict[str, Any]":
    """Return the entries of `sys.modules` that are JavaScript modules."""
    return {name: module for name, module in sys.modules.items() if _importhook.is_js_proxy(module)}


def save_state() -> State:
    """Remember `__main__`, the registered and the imported JavaScript modules."""
    return State()


def restore_state(state: State) -> int:
    """Put back what `save_state` remembered, and forget the last error.

    Returns
    -------
    What `gc.collect()` returns.
    """
    import gc

    main_globals = sys.modules["__main__"].__dict__
    main_globals.clear()
    main_globals.update(state.main_globals)
    _importhook.jsfinder.jsproxies = dict(state.registered)
    for name in _imported_js_modules():
        del sys.modules[name]
    sys.modules.update(state.imported)
    for name in _LAST_ERROR_NAMES:
        sys.__dict__.pop(name, None)
    return gc.collect()

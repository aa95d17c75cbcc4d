"""What is different in a program, where the interpreter runs a command line in Node.

The JavaScript module `_pyodide_program` has what the program's own process can do for Python; it is
registered before the command line runs.
"""

import atexit
import errno
import os
import sys

from . import _importhook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


def _get_terminal_size(fd: int = 1, /) -> os.terminal_size:
    """Return the size of the terminal window as (columns, lines)."""
    import _pyodide_program

    if not os.isatty(fd):
        raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
    rows, columns = _pyodide_program.windowSize()
    return os.terminal_size((columns, rows))


# Of the builtin function in whose place it is.
_get_terminal_size.__text_signature__ = "(fd=<unrepresentable>, /)"  # type: ignore[attr-defined]


class _Processes:
    """Stands in for the module `subprocess` in those that only run Python and wait for its end."""

    STDOUT = -2

    def run(
        self,
        args: "Sequence[str]",
        *,
        env: "Mapping[str, str] | None" = None,
        cwd: str | None = None,
        executable: str | None = None,
        stderr: int | None = None,
        check: bool = False,
        quiet: bool = False,
    ) -> "Any":
        """Run a process and wait for its end; see `subprocess.run`.

        It has this one's descriptors. With `quiet`, its output is shown only if it fails.
        """
        import subprocess

        import _pyodide_program

        from pyodide.ffi import to_js

        status = _pyodide_program.run(
            executable or args[0],
            to_js(list(args[1:])),
            to_js(dict(os.environ if env is None else env)),
            os.path.realpath(cwd or "."),
            quiet,
        )
        if check and status != 0:
            raise subprocess.CalledProcessError(status, list(args))
        return subprocess.CompletedProcess(list(args), status)

    def check_output(self, args: "Sequence[str]", **kwargs: "Any") -> bytes:
        """Run a process, whose output is not collected, but shown if it fails."""
        self.run(args, check=True, quiet=True, **kwargs)
        return b""


def _let_run_python(module: str) -> None:
    """Give a module that only runs Python what it needs of `subprocess`."""

    def replace() -> None:
        found: Any = sys.modules[module]
        found.subprocess = _Processes()

    _importhook.when_imported(module, replace)


def _prepare_pip() -> None:
    """Have pip do without processes, threads and sockets: no packages are built, for instance."""
    for name, value in {
        "PIP_ONLY_BINARY": ":all:",
        "PIP_PROGRESS_BAR": "off",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        # What it would use instead needs the module ssl.
        "PIP_USE_DEPRECATED": "legacy-certs",
    }.items():
        os.environ.setdefault(name, value)
    from . import _program_pip

    _importhook.when_imported(_program_pip.CONNECTION, _program_pip.replace_connections)
    _importhook.when_imported(_program_pip.POOL, _program_pip.trust_connections)
    _importhook.when_imported(_program_pip.SEARCH_SCOPE, _program_pip.allow_https)


def _let_go_of_globals() -> None:
    """Destroy JavaScript's proxy of `__main__`'s variables, so that they end with the module."""
    import _pyodide_program

    _pyodide_program.letGoOfGlobals()


def install() -> None:
    """Set up what a program has."""
    # Registered first, it is called last.
    atexit.register(_let_go_of_globals)
    os.get_terminal_size = _get_terminal_size
    for module in ("venv", "ensurepip"):
        _let_run_python(module)
    _importhook.when_imported("pip", _prepare_pip)

"""Stage `native-python`: the host's own CPython of the same version.

The cross build needs it as --with-build-python, and the tests and the wheel tools run on it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from . import config, sources, store
from .progress import Stage

THIS = sys.modules[__name__]
# Without these a venv, pip or the tests would fail long after the build.
NEEDED_MODULES = "ssl,zlib,bz2,lzma,sqlite3,ctypes,readline,uuid,hashlib,venv,ensurepip,curses"


def root() -> Path:
    """Return the installation prefix of the native CPython."""
    key = store.key_of(sources.tree("cpython").name, THIS)
    version = config.load()["python"]["version"]
    return store.cached("native-python", f"building CPython {version} for this machine", key, _make)


def python() -> Path:
    """Return the native interpreter."""
    return root() / "bin" / "python3"


def _make(running: Stage, folder: Path, final: Path) -> None:
    work = sources.copy("cpython", folder / ".build")
    running.run(
        [
            "./configure",
            "-q",
            f"--prefix={final}",
            "--with-ensurepip=no",
            "--disable-test-modules",
        ],
        cwd=work,
    )
    running.run(["make", f"-j{config.jobs()}"], cwd=work)
    running.run(["./python", "-c", f"import {NEEDED_MODULES}"], cwd=work)
    # DESTDIR installs into the temporary folder a tree that knows its final path.
    running.run(["make", "install", f"DESTDIR={folder / '.dest'}"], cwd=work)
    installed = folder / ".dest" / str(final).lstrip("/")
    for entry in installed.iterdir():
        entry.rename(folder / entry.name)
    running.run(["rm", "-rf", folder / ".build", folder / ".dest"])

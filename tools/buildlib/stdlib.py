"""Stage `stdlib`: python_stdlib.zip, the Python library as compiled modules.

Only .pyc files go in: they are what the interpreter runs, and sources would double the download.
They carry an unchecked hash, so that no file time matters and the zip is the same every time.
The zip is stored: what compresses it on its way (brotli, gzip) does that better over all files at
once than deflate file by file, and nothing has to be inflated at each import.
"""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

from . import config, native, sources, store, wasmpython
from .config import BUILD, CHECKOUT
from .progress import Stage, stage

THIS = sys.modules[__name__]
# Not for wasm: no processes, terminals or windows, and installation goes through micropip.
LEFT_OUT = (
    "__phello__",
    "_pyrepl",
    "curses",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "test",
    "tkinter",
    "turtle.py",
    "turtledemo",
    "venv",
)
OWN_PACKAGES = ("_pyodide", "pyodide")
# Stands in for the prompt that is left out; pydoc needs its pager all the same.
PROMPT = CHECKOUT / "src" / "program" / "_pyrepl"
PAGER = Path("_pyrepl") / "pager.py"
# What only the program `python` uses.
PROGRAM_LIBRARY = ("ensurepip", "pydoc_data", "venv")


def location() -> str:
    """Return where the runtime finds the zip; it is also in the tracebacks."""
    return f"/lib/python{wasmpython.short_version().replace('.', '')}.zip"


def library_zip() -> Path:
    """Return the zip of CPython's own library."""
    tree = sources.patched_tree("cpython")
    key = store.key_of(tree.name, wasmpython.root().name, config.load()["product"]["abi"], THIS)
    folder = store.cached("stdlib", "compiling the Python library", key, _make)
    return folder / "python_stdlib.zip"


def _make(running: Stage, folder: Path, final: Path) -> None:
    staging = folder / ".build"
    skip = shutil.ignore_patterns("__pycache__", *LEFT_OUT)
    shutil.copytree(sources.patched_tree("cpython") / "Lib", staging, ignore=skip)
    data = (wasmpython.root() / "lib" / wasmpython.SYSCONFIG_DATA).read_text()
    (staging / wasmpython.SYSCONFIG_DATA).write_text(data + _wheel_tags())
    (staging / PAGER).parent.mkdir()
    shutil.copy(sources.patched_tree("cpython") / "Lib" / PAGER, staging / PAGER)
    _compile(running, staging)
    with zipfile.ZipFile(folder / "python_stdlib.zip", "w") as archive:
        _add_compiled(archive, staging)
    shutil.rmtree(staging)


def _wheel_tags() -> str:
    """Return what installers ask sysconfig for, to know the wheels that run here (PEP 783)."""
    abi = config.load()["product"]["abi"]
    names = ("PYEMSCRIPTEN_PLATFORM_VERSION", "PYODIDE_ABI_VERSION")
    return f"build_time_vars.update({', '.join(f'{name}={abi!r}' for name in names)})\n"


def _compile(running: Stage, tree: Path, place: str | None = None) -> None:
    command: list[str | Path] = [
        native.python(),
        "-m",
        "compileall",
        "-q",
        "-b",
        "-f",
        "-j",
        str(config.jobs()),
    ]
    places: list[str | Path] = ["-s", tree, "-p", place or location(), tree]
    running.run(
        [*command, "--invalidation-mode", "unchecked-hash", *places],
        # Without sources nothing can underline a place in a line: columns are a fifth of all.
        env={"PYTHONHASHSEED": "0", "PYTHONNODEBUGRANGES": "1"},
    )


def _add_compiled(archive: zipfile.ZipFile, tree: Path) -> None:
    """Store every file but the Python sources, sorted and without times."""
    for file in sorted(tree.rglob("*")):
        if file.is_file() and file.suffix != ".py" and "__pycache__" not in file.parts:
            entry = zipfile.ZipInfo(file.relative_to(tree).as_posix(), (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())


def program_library() -> Path:
    """Return the folder with the packages that only the program `python` uses."""
    tree = sources.patched_tree("cpython")
    key = store.key_of(tree.name, native.root().name, THIS)
    return store.cached("program-library", "compiling the program's library", key, _make_program)


def _make_program(running: Stage, folder: Path, final: Path) -> None:
    skip = shutil.ignore_patterns("__pycache__")
    for name in PROGRAM_LIBRARY:
        shutil.copytree(sources.patched_tree("cpython") / "Lib" / name, folder / name, ignore=skip)
    _compile(running, folder, f"/lib/python{wasmpython.short_version()}")
    for file in folder.rglob("*.py"):
        file.unlink()


def build() -> Path:
    """Make build/python_stdlib.zip: CPython's library and our own packages."""
    target = BUILD / "python_stdlib.zip"
    library = library_zip()
    own = [CHECKOUT / "src" / "pyodide_py" / name for name in OWN_PACKAGES]
    own = [*(folder for folder in own if folder.exists()), PROMPT]
    stamp = BUILD / "python_stdlib.key"
    key = store.key_of(str(library.parent.name), native.root().name, *own)
    if target.exists() and stamp.exists() and stamp.read_text() == key:
        return target
    with stage("python-packages", "adding our packages to the Python library") as running:
        staging = BUILD / "python-packages"
        shutil.rmtree(staging, ignore_errors=True)
        for folder in own:
            # What only compilers need stays out of the download.
            skip = shutil.ignore_patterns("__pycache__", "include", "*.pxd")
            shutil.copytree(folder, staging / folder.name, ignore=skip)
        partial = target.with_suffix(".partial")
        shutil.copy(library, partial)
        _compile(running, staging)
        with zipfile.ZipFile(partial, "a") as archive:
            _add_compiled(archive, staging)
            # Memory snapshots belong to one archive.
            archive.comment = key[:16].encode()
        partial.rename(target)
        stamp.write_text(key)
    return target

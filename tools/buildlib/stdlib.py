"""Stage `stdlib`: python_stdlib.zip, the Python library as compiled modules, and modules.zip.

What is in modules.zip is rarely used: it seems to lie in the folder of the library from the start,
and is read when it is first imported (src/js/api/library.ts).

Only .pyc files go in: they are what the interpreter runs, and sources would double the download.
They carry an unchecked hash, so that no file time matters and the zip is the same every time.
The zip is stored: what compresses it on its way (brotli, gzip) does that better over all files at
once than deflate file by file, and nothing has to be inflated at each import.
"""

from __future__ import annotations

import json
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
    "ssl.py",
    "test",
    "tkinter",
    "turtle.py",
    "turtledemo",
    "venv",
)
# Modules and packages that few programs import, by their paths without suffix. Nothing that is
# imported at start or by asyncio, json, pathlib, re, shutil, typing and the like may be among them.
LATER = (
    *("__hello__", "_aix_support", "_android_support", "_apple_support", "_ios_support"),
    *("_osx_support", "_py_abc", "_pydatetime", "_pydecimal", "_pyio", "antigravity"),
    *("_markupbase", "argparse", "gettext"),
    *("bdb", "cProfile", "cmd", "colorsys", "compileall", "configparser", "ctypes", "dbm"),
    *("difflib", "doctest", "email", "filecmp", "fileinput", "ftplib", "getopt", "getpass", "html"),
    *("http", "imaplib", "mailbox", "mimetypes", "modulefinder", "multiprocessing", "netrc"),
    *("nturl2path", "optparse", "pdb", "pickletools", "plistlib", "poplib", "profile", "pstats"),
    *("pty", "py_compile", "pyclbr", "pydoc", "quopri", "rlcompleter", "runpy", "shelve"),
    *("smtplib", "socketserver", "sqlite3", "sre_compile", "sre_constants", "sre_parse"),
    *("stringprep", "symtable", "tabnanny", "tarfile", "this", "tomllib", "trace"),
    *("tracemalloc", "tty", "unittest", "wave", "webbrowser", "wsgiref", "xml", "xmlrpc"),
    *("zipapp", "zipfile", "zoneinfo"),
    *("asyncio/__main__", "asyncio/proactor_events", "asyncio/windows_events"),
    *("asyncio/windows_utils", "concurrent/futures/process", "importlib/_bootstrap"),
    *("importlib/_bootstrap_external", "importlib/metadata", "importlib/readers"),
    *("importlib/resources", "importlib/simple", "json/tool", "logging/config"),
    *("_sysconfigdata__emscripten_wasm32-emscripten", "fractions", "graphlib", "gzip", "numbers"),
    *("sched", "statistics"),
    *("logging/handlers", "sysconfig/__main__", "urllib/request", "urllib/response"),
    "urllib/robotparser",
)
# What is frozen into the interpreter is not needed a second time, but for `-X frozen_modules=off`.
FROZEN = (
    *("_collections_abc", "_sitebuiltins", "abc", "codecs", "genericpath", "importlib/machinery"),
    *("importlib/util", "io", "ntpath", "os", "posixpath", "site", "stat", "zipimport"),
)
# All other codecs are apart too.
CODECS = (
    *("__init__", "aliases", "ascii", "base64_codec", "charmap", "cp1252", "cp437", "hex_codec"),
    *("iso8859_1", "latin_1", "raw_unicode_escape", "undefined", "unicode_escape", "utf_16"),
    *("utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le", "utf_8", "utf_8_sig"),
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
    """Return the zip of CPython's own library, without what is apart."""
    return _library() / "python_stdlib.zip"


def later() -> Path:
    """Return the zip of the modules that are apart."""
    return _library() / "modules.zip"


def index() -> str:
    """Return what is apart, as JSON: see LibraryIndex in src/js/api/library.ts."""
    with zipfile.ZipFile(later()) as archive:
        modules = {entry.filename: entry.file_size for entry in archive.infolist()}
    apart = wasmpython.modules_apart()
    extensions = {name: path.stat().st_size for name, path in apart.items()}
    return json.dumps({"modules": modules, "extensions": extensions}, separators=(",", ":"))


def _library() -> Path:
    tree = sources.patched_tree("cpython")
    key = store.key_of(tree.name, wasmpython.root().name, config.load()["product"]["abi"], THIS)
    return store.cached("stdlib", "compiling the Python library", key, _make)


def _is_later(file: Path) -> bool:
    """Say whether a file of the library, by its path below the library's folder, is apart."""
    if file.parts[0] == "encodings" and file.stem not in CODECS:
        return True
    whole = file.with_suffix("").as_posix()
    return any(whole == name or whole.startswith(f"{name}/") for name in (*LATER, *FROZEN))


def _make(running: Stage, folder: Path, final: Path) -> None:
    staging = folder / ".build"
    skip = shutil.ignore_patterns("__pycache__", *LEFT_OUT)
    shutil.copytree(sources.patched_tree("cpython") / "Lib", staging, ignore=skip)
    data = (wasmpython.root() / "lib" / wasmpython.SYSCONFIG_DATA).read_text()
    (staging / wasmpython.SYSCONFIG_DATA).write_text(data + _wheel_tags())
    (staging / PAGER).parent.mkdir()
    shutil.copy(sources.patched_tree("cpython") / "Lib" / PAGER, staging / PAGER)
    _divide(staging, folder / ".later")
    _compile(running, staging)
    _compile(running, folder / ".later", _library_folder())
    for name, tree in {"python_stdlib.zip": staging, "modules.zip": folder / ".later"}.items():
        with zipfile.ZipFile(folder / name, "w") as archive:
            _add_compiled(archive, tree)
        shutil.rmtree(tree)


def _library_folder() -> str:
    return f"/lib/python{wasmpython.short_version()}"


def _divide(staging: Path, apart: Path) -> None:
    """Move what is apart to a folder of its own, and tell the packages that are divided."""
    divided = set()
    for file in sorted(staging.rglob("*")):
        name = file.relative_to(staging)
        if not file.is_file() or not _is_later(name):
            continue
        (apart / name).parent.mkdir(parents=True, exist_ok=True)
        file.rename(apart / name)
        if (staging / name.parent / "__init__.py").exists() and name.parent.parts:
            divided.add(name.parent)
    for package in sorted(divided):
        with (staging / package / "__init__.py").open("a") as code:
            code.write(f'\n__path__.append("{_library_folder()}/{package}")\n')


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
    _compile(running, folder, _library_folder())
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

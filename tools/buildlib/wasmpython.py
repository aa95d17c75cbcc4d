"""Stage `wasm-python`: CPython as a static library for wasm, with headers and sysconfig data."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import config, libs, native, sources, store, toolchain
from .config import CHECKOUT
from .progress import Stage

THIS = sys.modules[__name__]
# Answers of configure's several hundred link tests, committed so that they are not asked again.
CONFIGURE_CACHE = CHECKOUT / "cpython" / "config.cache"
SYSCONFIG_DATA = "_sysconfigdata__emscripten_wasm32-emscripten.py"
# Archives that libpython's extension modules need and that CPython builds itself.
BUNDLED = (
    "Modules/expat/libexpat.a",
    "Modules/_decimal/libmpdec/libmpdec.a",
    "Modules/_hacl/libHacl_Hash_SHA2.a",
)
LIBRARIES = {
    "ZLIB": "z",
    "BZIP2": "bz2",
    "LIBLZMA": "lzma",
    "LIBSQLITE3": "sqlite3",
    "LIBFFI": "ffi",
}


def short_version() -> str:
    """Return CPython's version as in paths: 3.13."""
    version: str = config.load()["python"]["version"]
    return version.rsplit(".", 1)[0]


def root() -> Path:
    """Return the folder with lib/, include/, Lib/ (the pure Python library) and sysconfig data."""
    tree = sources.patched_tree("cpython")
    inputs = [native.root().name, libs.root().name, tree.name, toolchain.key()]
    answers = _known_answers()
    key = store.key_of(inputs, config.load()["python"], answers, THIS)
    version = config.load()["python"]["version"]
    return store.cached("wasm-python", f"building CPython {version} for wasm", key, _make)


def _known_answers() -> str:
    """Return the committed cache, or nothing when it was made with another emcc."""
    if not CONFIGURE_CACHE.exists():
        return ""
    text = CONFIGURE_CACHE.read_text()
    return text if text.startswith(_answers_header()) else ""


def _answers_header() -> str:
    return f"# Answers of CPython's configure with emcc {toolchain.version()}.\n"


def include() -> Path:
    """Return the folder of Python.h."""
    return root() / "include" / f"python{short_version()}"


def archives() -> list[Path]:
    """Return what to link, in link order."""
    made, libraries = root() / "lib", libs.root() / "lib"
    names = [f"libpython{short_version()}.a", *(Path(name).name for name in BUNDLED)]
    return [*(made / name for name in names), *sorted(libraries.glob("*.a"))]


def _make(running: Stage, folder: Path, final: Path) -> None:
    # Built in a copy of its source tree: configured from elsewhere, the path gets into getpath.c.
    work = folder / ".build"
    shutil.copytree(sources.patched_tree("cpython"), work, symlinks=True)
    _configure(running, work)
    make = ["emmake", "make", f"-j{config.jobs()}", "CROSS_COMPILE=yes"]
    make.append(f"EXTRA_CFLAGS={_prefix_map(work)}")
    library = f"libpython{short_version()}.a"
    toolchain.enter(running, [*make, library, *BUNDLED, "pybuilddir.txt"], cwd=work)
    install = [*make, "inclinstall", "prefix=/", "INCLUDEDIR=/include", f"DESTDIR={folder}"]
    toolchain.enter(running, [*install, "CONFINCLUDEDIR=/include"], cwd=work)
    (folder / "lib").mkdir()
    for name in (library, *BUNDLED):
        shutil.copy(work / name, folder / "lib")
    _keep_sysconfig_data(work, folder)
    (folder / "config.cache").write_text(_portable_answers(work / "config.cache"))
    shutil.rmtree(work)


def _prefix_map(work: Path) -> str:
    return f"-ffile-prefix-map={work}=python"


def _configure(running: Stage, work: Path) -> None:
    (work / "config.cache").write_text(_known_answers())
    settings = config.load()["python"]
    libraries = libs.root()
    abi = " ".join(config.load()["flags"]["abi"])
    environment = {
        "CONFIG_SITE": str(work / "Tools" / "wasm" / "config.site-wasm32-emscripten"),
        "READELF": "true",
        # CPython's default is -g -O3, which triples the size of every object.
        "OPT": "-Wall",
        "CFLAGS": abi,
        "CFLAGS_NODIST": " ".join(settings["cflags"]),
        "LDFLAGS": abi,
    }
    for variable, name in LIBRARIES.items():
        environment[f"{variable}_CFLAGS"] = f"-I{libraries / 'include'}"
        environment[f"{variable}_LIBS"] = f"-L{libraries / 'lib'} -l{name}"
    command = [
        "emconfigure",
        "./configure",
        "-C",
        "--prefix=/",
        f"--build={_build_triple(work)}",
        f"--with-build-python={native.python()}",
        *settings["configure"],
    ]
    toolchain.enter(running, command, cwd=work, env=environment)


def _build_triple(tree: Path) -> str:
    guess = subprocess.run(
        ["sh", tree / "config.guess"], capture_output=True, text=True, check=True
    )
    return guess.stdout.strip()


def _keep_sysconfig_data(work: Path, folder: Path) -> None:
    """Copy the sysconfig data with the paths of this machine taken out."""
    built = work / (work / "pybuilddir.txt").read_text().strip() / SYSCONFIG_DATA
    text = built.read_text()
    libraries = libs.root()
    replacements = {
        _prefix_map(work): "",
        str(work): "/usr/src/python",
        "/usr/share/emscripten/emcc": "emcc",
        f"-I{libraries}/include": "",
        f"-L{libraries}/lib": "",
        str(native.python()): "python3",
        str(toolchain.emscripten_cache()): "/usr/share/emscripten/cache",
    }
    for path, neutral in replacements.items():
        text = text.replace(path, neutral)
    (folder / "lib" / SYSCONFIG_DATA).write_text(text)


def _portable_answers(cache: Path) -> str:
    """Return configure's cache without what depends on the machine or on variables."""
    dropped = re.compile(r"ac_cv_(env|path|prog|build|host)")
    kept = []
    for line in cache.read_text().splitlines():
        name = line.split("=")[0]
        answer = re.match(r"(ac|py)_cv_\w+$", name) and not dropped.match(name)
        if answer and str(config.cache_dir()) not in line:
            kept.append(line)
    return _answers_header() + "\n".join(kept) + "\n"


def refresh_configure_cache() -> None:
    """Run configure without the committed cache, and commit-ready put its answers in place."""
    CONFIGURE_CACHE.unlink(missing_ok=True)
    shutil.copy(root() / "config.cache", CONFIGURE_CACHE)

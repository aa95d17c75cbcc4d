"""Stage `wasm-python`: CPython as a static library for wasm, with headers and sysconfig data."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import config, libs, native, optimise, sources, store, toolchain
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
# Extension modules that are large and rarely used: each is a file of its own that is loaded when
# the module is first imported. Beside each, the libraries that it is linked with.
APART: dict[str, tuple[str, ...]] = {
    "_codecs_cn": (),
    "_codecs_hk": (),
    "_codecs_iso2022": (),
    "_codecs_jp": (),
    "_codecs_kr": (),
    "_codecs_tw": (),
    "_decimal": ("libmpdec.a",),
    "_elementtree": (),
    "_sqlite3": ("libsqlite3.a",),
    "pyexpat": ("libexpat.a",),
    "unicodedata": (),
}
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
    version = config.load()["python"]["version"]
    profiled = optimise.is_possible()
    how = [optimise, *([optimise.PROFILE] if profiled else [])]
    return store.cached(
        "wasm-python",
        f"building CPython {version} for wasm",
        store.key_of(_inputs(), THIS, *how),
        lambda running, folder, _: _make(running, folder, profiled=profiled),
    )


def counting_root() -> Path:
    """Return the same as root(), built so that it counts what runs; for `make profile`."""
    version = config.load()["python"]["version"]
    return store.cached(
        "wasm-python-counting",
        f"building CPython {version} for wasm, to be profiled",
        store.key_of(_inputs(), THIS),
        lambda running, folder, _: _make(running, folder, counting=True),
    )


def _inputs() -> list[object]:
    tree = sources.patched_tree("cpython")
    names = [native.root().name, libs.root().name, tree.name, toolchain.key()]
    return [names, config.load()["python"], _known_answers()]


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


def archives(counting: bool = False) -> list[Path]:
    """Return what to link, in link order; of counting_root() when it is to be profiled."""
    made = (counting_root() if counting else root()) / "lib"
    libraries = libs.root() / "lib"
    names = [f"libpython{short_version()}.a", *(Path(name).name for name in BUNDLED)]
    elsewhere = {name for names in APART.values() for name in names}
    found = [*(made / name for name in names), *sorted(libraries.glob("*.a"))]
    return [path for path in found if path.name not in elsewhere]


def modules_apart() -> dict[str, Path]:
    """Return the side modules of the extension modules that are apart, by the modules' names."""
    return {name: root() / "apart" / f"{name}.wasm" for name in APART}


def _make(running: Stage, folder: Path, *, profiled: bool = False, counting: bool = False) -> None:
    # Built in a copy of its source tree: configured from elsewhere, the path gets into getpath.c.
    work = folder / ".build"
    shutil.copytree(sources.patched_tree("cpython"), work, symlinks=True)
    _configure(running, work)
    objects = _arrange_modules(work, profiled=profiled, counting=counting)
    make = ["emmake", "make", f"-j{config.jobs()}", "CROSS_COMPILE=yes"]
    own_flags = _prefix_map(work)
    if profiled:
        own_flags += f" {optimise.profile_flags(running, work)}"
    elif counting:
        own_flags += " -fprofile-generate"
    make.append(f"EXTRA_CFLAGS={own_flags}")
    library = f"libpython{short_version()}.a"
    goals = [
        library,
        *BUNDLED,
        "pybuilddir.txt",
        *(name for each in objects.values() for name in each),
    ]
    # Frozen modules have no sources to underline either.
    frozen = {"PYTHONNODEBUGRANGES": "1"}
    toolchain.enter(running, [*make, *goals], cwd=work, env=frozen)
    if profiled:
        optimise.put_together(running, work, library)
    install = [*make, "inclinstall", "prefix=/", "INCLUDEDIR=/include", f"DESTDIR={folder}"]
    toolchain.enter(running, [*install, "CONFINCLUDEDIR=/include"], cwd=work)
    (folder / "lib").mkdir()
    for name in (library, *BUNDLED):
        shutil.copy(work / name, folder / "lib")
    (folder / "apart").mkdir()
    for module, parts in objects.items():
        _link_apart(running, work, module, parts, folder)
    _keep_sysconfig_data(work, folder, own_flags)
    (folder / "config.cache").write_text(_portable_answers(work / "config.cache"))
    shutil.rmtree(work)


def _arrange_modules(work: Path, *, profiled: bool, counting: bool) -> dict[str, list[str]]:
    """Take the modules that are apart out of the library; return the objects of each."""
    lines = (work / "Modules" / "Setup.stdlib").read_text().splitlines()
    rows = {line.split()[0]: line for line in lines if line.strip()}
    chosen = [rows[name] for name in APART]
    (work / "Modules" / "Setup.local").write_text("\n".join(["*shared*", *chosen]) + "\n")
    objects = {}
    for name, row in zip(APART, chosen, strict=True):
        files = [Path(word) for word in row.split()[1:] if word.endswith(".c")]
        objects[name] = [str("Modules" / file.with_suffix(".o")) for file in files]
    apart = [name for each in objects.values() for name in each]
    with (work / "Makefile.pre").open("a") as makefile:
        makefile.write(optimise.rules(profiled, counting, [*apart, *BUNDLED]))
    return objects


def _link_apart(running: Stage, work: Path, module: str, objects: list[str], folder: Path) -> None:
    places = [folder / "lib", libs.root() / "lib"]
    archives = [
        place / name for name in APART[module] for place in places if (place / name).exists()
    ]
    settings = ["-O2", "-sSIDE_MODULE=2", f"-sEXPORTED_FUNCTIONS=_PyInit_{module}"]
    target = folder / "apart" / f"{module}.wasm"
    command = ["emcc", *config.load()["flags"]["abi"], *settings, *objects, *archives, "-o", target]
    toolchain.enter(running, command, cwd=work)


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


def _keep_sysconfig_data(work: Path, folder: Path, own_flags: str) -> None:
    """Copy the sysconfig data without paths of this machine and flags for CPython alone."""
    built = work / (work / "pybuilddir.txt").read_text().strip() / SYSCONFIG_DATA
    text = built.read_text()
    libraries = libs.root()
    replacements = {
        own_flags: "",
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

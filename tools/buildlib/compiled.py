"""Compiled wheels, made of source archives by `pyodide build` in our cross-build environment."""

from __future__ import annotations

import fnmatch
import shutil
import string
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

from . import compilers, config, native, store, toolchain, xbuildenv
from .config import BuildError
from .progress import Stage
from .recipe import Build, Recipe, recipe, recipes
from .xbuildenv import CONSTRAINTS

# Stands in for a build system while pip looks at a source archive that it is asked to download: pip
# wants the name and version, which a real one tells only after it has configured a build.
STAND_IN = """\
import email.parser
import pathlib
import shutil


def prepare_metadata_for_build_wheel(directory, config_settings=None):
    text = pathlib.Path("PKG-INFO").read_text(encoding="utf-8")
    fields = email.parser.Parser().parsestr(text, headersonly=True)
    folder = pathlib.Path(directory, f"{fields['Name']}-{fields['Version']}.dist-info")
    folder.mkdir()
    shutil.copy("PKG-INFO", folder / "METADATA")
    return folder.name
"""


def source(package: Recipe) -> Path:
    """Return the source archive, downloaded and verified."""
    pin = [package.name, package.version, package.sha256, _build_of(package).backend]
    key = store.key_of(pin, STAND_IN, _download)
    title = f"downloading the source of {package.name} {package.version}"
    made = store.cached(
        f"sdist-{package.name}", title, key, lambda s, d, _: _download(s, d, package)
    )
    (found,) = made.iterdir()
    return found


def _download(running: Stage, folder: Path, package: Recipe) -> None:
    build = _build_of(package)
    stand_in = folder / ".stand-in"
    module = stand_in / f"{build.backend.replace('.', '/')}.py"
    module.parent.mkdir(parents=True)
    if module.parent != stand_in:
        (module.parent / "__init__.py").touch()
    module.write_text(STAND_IN)
    wanted = folder / ".requirements.txt"
    pin = f"{package.name}=={package.version}"
    wanted.write_text(f"{pin} --hash=sha256:{package.sha256}\n")
    command: list[str | Path] = [xbuildenv.tools() / "python", "-m", "pip", "download", "-q"]
    command += ["--no-deps", f"--no-binary={package.name}", "--require-hashes"]
    environment = {"PIP_CONSTRAINT": str(CONSTRAINTS)}
    if not build.in_archive:
        command.append("--no-build-isolation")
        environment = {"PYTHONPATH": str(stand_in)}
    running.run([*command, "-d", folder, "-r", wanted], env=environment)
    wanted.unlink()
    shutil.rmtree(stand_in)


def wheel(package: Recipe) -> Path:
    """Return the wheel as the build system makes it, with tests and all."""
    packed = environment([recipe(name) for name in _build_of(package).needs])
    made = store.cached(
        f"wheel-{package.name}",
        f"compiling {package.name} {package.version}",
        _key(package, packed),
        lambda s, d, _: _compile(s, d, package, packed),
    )
    (found,) = made.glob("*.whl")
    return found


def is_made(package: Recipe) -> bool:
    """Return whether the wheel is in the cache; what it is compiled against is made for that."""
    packed = environment([recipe(name) for name in _build_of(package).needs])
    return store.folder_of(f"wheel-{package.name}", _key(package, packed)).exists()


def _key(package: Recipe, packed: Path) -> str:
    build = _build_of(package)
    pin = [package.name, package.version, package.sha256, build.backend]
    how = [build.flags, build.link, build.settings, toolchain.key(), native.root().name]
    # The environment counts by what is in it: it stays the same when CPython is built anew.
    code = [compilers, xbuildenv.variables, _compile]
    return store.key_of(pin, how, packed.name, CONSTRAINTS, xbuildenv.REQUIREMENTS, *code)


def environment(packages: Iterable[Recipe]) -> Path:
    """Return the packed cross-build environment with what others need of `packages`."""
    return xbuildenv.archive([_overlay(package) for package in packages])


def _build_of(package: Recipe) -> Build:
    if package.build is None:
        raise BuildError(f"packages/{package.name}: the recipe has no [build]")
    return package.build


def _compile(running: Stage, folder: Path, package: Recipe, packed: Path) -> None:
    build = _build_of(package)
    work = folder / ".build"
    work.mkdir()
    archive = source(package)
    running.run(["tar", "-x", "--no-same-owner", "--strip-components=1", "-f", archive], cwd=work)
    installed = folder / ".environment"
    variables = xbuildenv.variables(packed, installed) | {
        "CFLAGS": " ".join([*build.flags, f"-ffile-prefix-map={work}={package.name}"]),
        "CXXFLAGS": "",
        "LDFLAGS": " ".join(build.link),
        "PIP_CONSTRAINT": str(CONSTRAINTS),
        "PYTHONUNBUFFERED": "1",
    }
    known = {"MESON_CROSS_FILE": _meson_cross_file(), "JOBS": str(config.jobs())}
    settings = [string.Template(setting).substitute(known) for setting in build.settings]
    command: list[str | Path] = [xbuildenv.tools() / "pyodide", "build", ".", "--outdir", folder]
    running.run([*command, *(f"-C{setting}" for setting in settings)], cwd=work, env=variables)
    for scratch in (work, installed):
        shutil.rmtree(scratch)


def _meson_cross_file() -> str:
    """Return the path of the file that tells meson of the target; it belongs to pyodide-build."""
    code = "import pyodide_build as b; print(b.__path__[0])"
    python = xbuildenv.tools() / "python"
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return str(Path(answer.stdout.strip()) / "tools" / "emscripten.meson.cross")


def _overlay(package: Recipe) -> xbuildenv.Overlay:
    """Return what the cross-build environment has of `package`, for others to compile against."""
    made, patterns = wheel(package), _build_of(package).headers

    def unpack(running: Stage, folder: Path, final: Path) -> None:
        with zipfile.ZipFile(made) as archive:
            for name in archive.namelist():
                if any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
                    archive.extract(name, folder)

    key = store.key_of(made.parent.name, patterns)
    title = f"taking the headers out of {made.name}"
    files = store.cached(f"headers-{package.name}", title, key, unpack)
    return xbuildenv.Overlay(package.name, package.version, files)


def overlays() -> list[xbuildenv.Overlay]:
    """Return what users' packages may be compiled against: of every recipe with headers."""
    return [_overlay(r) for r in recipes() if r.build and r.build.headers]

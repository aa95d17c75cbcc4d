"""Stages `wheels` and `packages`: wheels by the recipes in packages/, with a lock file.

`wheels` makes what is in dist/; `packages` makes build/packages, with the optional packages too.
"""

from __future__ import annotations

import base64
import csv
import fnmatch
import hashlib
import io
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

from . import compiled, config, native, openssl, sources, store, wasmpython
from .config import BUILD, CHECKOUT
from .progress import Stage
from .recipe import Recipe, recipes
from .venv import files_of, venv

THIS = sys.modules[__name__]
LOCK_TOOL = CHECKOUT / "tools" / "lock_packages.py"
REQUIREMENTS = CHECKOUT / "tools" / "requirements-packages.txt"
LOCK_FILE = "pyodide-lock.json"
FOLDER = BUILD / "packages"
SITE_PACKAGES = "/lib/python{}/site-packages"
# Side modules for packages of the standard library, and the licences of what is in them.
EXTENSIONS = {"_ssl": (openssl.module, openssl.libraries)}
EPOCH = (1980, 1, 1, 0, 0, 0)


def lock_info() -> dict[str, Any]:
    """Return what the lock file says of the runtime."""
    product, python = config.load()["product"], config.load()["python"]
    return {
        "abi_version": product["abi"],
        "arch": "wasm32",
        "platform": product["platform"],
        "python": python["version"],
    }


def _digits() -> str:
    return wasmpython.short_version().replace(".", "")


def extension_suffix() -> str:
    """Return how the names of extension modules' files end."""
    return f".cpython-{_digits()}-wasm32-emscripten.so"


def wheel_tag() -> str:
    """Return the tag of wheels with extension modules."""
    info, python = lock_info(), f"cp{_digits()}"
    return f"{python}-{python}-pyemscripten_{info['abi_version']}_{info['arch']}"


def root() -> Path:
    """Return the folder with the distribution's wheels and their lock file."""
    wanted = [recipe for recipe in recipes() if not recipe.optional]
    return _collection("wheels", "making the distribution's wheels and lock file", wanted)


def everything() -> Path:
    """Return the folder with the wheels of all recipes, and a lock file of them all."""
    wanted = [recipe for recipe in recipes() if recipe.optional]
    return _collection("packages", "making the optional packages' wheels", wanted, root())


def build_packages() -> None:
    """Fill build/packages, which `loadPyodide` takes packages from when lockFileURL says so."""
    made = everything()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        if not (made / old.name).exists():
            old.unlink()
    for file in made.iterdir():
        shutil.copy(file, FOLDER)
    lock = FOLDER.relative_to(CHECKOUT) / LOCK_FILE
    print(f"made {lock}; load from it with loadPyodide({{ lockFileURL: ... }})")


def _collection(name: str, title: str, wanted: list[Recipe], base: Path | None = None) -> Path:
    """Return the folder with wheels of `wanted` and those of the folder `base`, and a lock file."""
    made = [[r.compile, r.leave_out, r.build and compiled.wheel(r).parent.name] for r in wanted]
    pins = [pin for pin in _pins() if pin[0] in {recipe.name for recipe in wanted}]
    parts = [
        [r.name, r.standard_library, [EXTENSIONS[name][0]().name for name in r.extensions]]
        for r in wanted
        if r.standard_library is not None
    ]
    library = sources.patched_tree("cpython").name if parts else None
    inputs = [pins, made, parts, library, lock_info(), native.root().name, base and base.name]
    key = store.key_of(inputs, LOCK_TOOL, *files_of(REQUIREMENTS), THIS)
    return store.cached(name, title, key, lambda s, d, _: _make(s, d, wanted, base))


def _pins() -> list[list[Any]]:
    pure = [recipe for recipe in recipes() if recipe.sha256 and not recipe.build]
    return [[recipe.name, recipe.version, recipe.sha256] for recipe in pure]


def downloads() -> Path:
    """Return the folder with the wheels as they are on the index."""
    key = store.key_of(_pins(), *files_of(REQUIREMENTS), _download)
    return store.cached("index-wheels", "downloading wheels", key, _download)


def _download(running: Stage, folder: Path, final: Path) -> None:
    lines = [f"{name}=={version} --hash=sha256:{sha256}" for name, version, sha256 in _pins()]
    requirements = folder / "requirements.txt"
    requirements.write_text("\n".join(lines) + "\n")
    version = config.load()["python"]["version"]
    python = venv("packages", REQUIREMENTS) / "python"
    command: list[str | Path] = [python, "-m", "pip", "download", "-q", "--no-deps"]
    command += ["--require-hashes", "--only-binary=:all:", "--python-version", version]
    command += ["--platform", "any", "-d", folder, "-r", requirements]
    running.run(command)
    requirements.unlink()


def _make(running: Stage, folder: Path, wanted: list[Recipe], base: Path | None) -> None:
    for wheel in base.glob("*.whl") if base else ():
        shutil.copy(wheel, folder)
    for recipe in wanted:
        from_library = recipe.standard_library is not None
        if from_library:
            wheel = _from_library(recipe, folder / ".library")
        else:
            wheel = compiled.wheel(recipe) if recipe.build else _from_index(recipe)
        if recipe.compile or recipe.leave_out or from_library:
            running.say(f"compiling {wheel.name}")
            _rewrite(running, wheel, folder / wheel.name, recipe)
        else:
            shutil.copy(wheel, folder)
    shutil.rmtree(folder / ".library", ignore_errors=True)
    info = json.dumps(lock_info())
    python = venv("packages", REQUIREMENTS) / "python"
    running.run([python, LOCK_TOOL, "--info", info, folder, folder / LOCK_FILE])


def _from_index(recipe: Recipe) -> Path:
    project = recipe.name.replace("-", "_")
    (wheel,) = downloads().glob(f"{project}-{recipe.version}-*.whl")
    return wheel


def _from_library(recipe: Recipe, folder: Path) -> Path:
    """Write a wheel of parts of CPython's library into a folder, for `_rewrite`."""
    library = sources.patched_tree("cpython") / "Lib"
    project = f"{recipe.name.replace('-', '_')}-{recipe.version}"
    folder.mkdir(exist_ok=True)
    tag = wheel_tag() if recipe.extensions else "py3-none-any"
    wheel = folder / f"{project}-{tag}.whl"
    places = [library / name for name in recipe.standard_library or ()]
    files = [file for place in places for file in [place, *place.rglob("*")] if file.is_file()]
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in files:
            if "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(library))
        about = ["Metadata-Version: 2.1", f"Name: {recipe.name}", f"Version: {recipe.version}"]
        for name in recipe.extensions:
            made, libraries = (get() for get in EXTENSIONS[name])
            archive.write(made / f"{name}.wasm", f"{name}{extension_suffix()}")
            licence = f"{project}.dist-info/licenses/LICENSE-{name.strip('_')}.txt"
            archive.write(libraries / "LICENSE.txt", licence)
        licences = ["PSF-2.0", *("Apache-2.0" for _ in recipe.extensions)]
        about += [f"License: {' AND '.join(licences)}", ""]
        archive.writestr(f"{project}.dist-info/METADATA", "\n".join(about))
        pure = str(not recipe.extensions).lower()
        says = f"Wheel-Version: 1.0\nRoot-Is-Purelib: {pure}\nTag: {tag}\n"
        archive.writestr(f"{project}.dist-info/WHEEL", says)
        archive.writestr(f"{project}.dist-info/RECORD", "")
    return wheel


def _rewrite(running: Stage, wheel: Path, target: Path, recipe: Recipe) -> None:
    """Write a wheel without what the recipe leaves out, and with compiled modules beside sources.

    These carry a hash of their source, so that they are not used when it is changed.
    """
    tree = target.with_suffix(".tree")
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not any(fnmatch.fnmatch(name, pattern) for pattern in recipe.leave_out):
                archive.extract(name, tree)
    _forget_paths(tree)
    if recipe.compile:
        _compile(running, tree)
    _write_record(tree)
    with zipfile.ZipFile(target, "w") as archive:
        # The metadata comes last, as the format recommends.
        for file in sorted(tree.rglob("*"), key=lambda path: (".dist-info" in str(path), path)):
            if file.is_file():
                entry = zipfile.ZipInfo(file.relative_to(tree).as_posix(), EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes(), compresslevel=9)
    shutil.rmtree(tree)


def _forget_paths(tree: Path) -> None:
    """Take out the paths of this machine that a build system has noted, and what varies in them."""
    for file in tree.rglob("__config__.py"):
        text = re.sub(r"/[^\s'\"=]*/\.build(?=[/=\"'])", "/build", file.read_text())
        file.write_text(re.sub(r"/[^\s'\"=]*/build-env-[^/\s'\"]+", "/build-env", text))


def _compile(running: Stage, tree: Path) -> None:
    version = config.load()["python"]["version"].rsplit(".", 1)[0]
    command: list[str | Path] = [native.python(), "-m", "compileall", "-q", "-f"]
    command += ["--invalidation-mode", "checked-hash", "-s", tree]
    command += ["-p", SITE_PACKAGES.format(version), tree]
    running.run(command, env={"PYTHONHASHSEED": "0"})


def _write_record(tree: Path) -> None:
    """Write the list of the wheel's files anew."""
    (record,) = tree.glob("*.dist-info/RECORD")
    record.unlink()
    rows = []
    for file in sorted(path for path in tree.rglob("*") if path.is_file()):
        content = file.read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append([file.relative_to(tree).as_posix(), f"sha256={digest}", str(len(content))])
    rows.append([record.relative_to(tree).as_posix(), "", ""])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    record.write_text(text.getvalue())

"""Stage `wheels`: packages of the distribution, by the recipes in packages/, and their lock file.

A recipe is a folder packages/NAME with a recipe.toml:

    version = "1.17.0"
    sha256 = "..."      # of the wheel on the index, which runs everywhere (py3-none-any)
    compile = false     # leave out compiled modules (.pyc), where they are not worth their size
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import config, native, store
from .config import CHECKOUT, BuildError
from .progress import Stage
from .venv import venv

THIS = sys.modules[__name__]
RECIPES = CHECKOUT / "packages"
LOCK_TOOL = CHECKOUT / "tools" / "lock_packages.py"
REQUIREMENTS = CHECKOUT / "tools" / "requirements-packages.txt"
LOCK_FILE = "pyodide-lock.json"
SITE_PACKAGES = "/lib/python{}/site-packages"
FIELDS = {"version": str, "sha256": str, "compile": bool}
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Recipe:
    """One package: which wheel it is, and whether compiled modules are added."""

    name: str
    version: str
    sha256: str
    compile: bool = True


def read_recipe(folder: Path) -> Recipe:
    """Return the recipe in a folder.

    Raises
    ------
    BuildError
        there is none, or it has unknown, missing or wrong fields.
    """
    file = folder / "recipe.toml"
    try:
        table = tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BuildError(f"{file}: {error}") from error
    unknown = sorted(set(table) - set(FIELDS))
    wrong = sorted(key for key, value in table.items() if type(value) is not FIELDS.get(key))
    missing = sorted({"version", "sha256"} - set(table))
    if unknown or wrong or missing:
        raise BuildError(f"{file}: unknown {unknown}, of the wrong type {wrong}, missing {missing}")
    if not re.fullmatch("[0-9a-f]{64}", table["sha256"]):
        raise BuildError(f"{file}: sha256 must be 64 hexadecimal digits")
    return Recipe(folder.name, **table)


def recipes() -> list[Recipe]:
    """Return all recipes, by name."""
    return [read_recipe(folder) for folder in sorted(RECIPES.iterdir()) if folder.is_dir()]


def lock_info() -> dict[str, Any]:
    """Return what the lock file says of the runtime."""
    product, python = config.load()["product"], config.load()["python"]
    return {
        "abi_version": product["abi"],
        "arch": "wasm32",
        "platform": product["platform"],
        "python": python["version"],
    }


def root() -> Path:
    """Return the folder with all wheels and the lock file."""
    key = store.key_of(_downloads_key(), lock_info(), native.root().name, LOCK_TOOL, THIS)
    return store.cached("wheels", "making the distribution's wheels and lock file", key, _make)


def _downloads_key() -> Any:
    return [[recipe.name, recipe.version, recipe.sha256, recipe.compile] for recipe in recipes()]


def downloads() -> Path:
    """Return the folder with the wheels as they are on the index."""
    key = store.key_of([item[:3] for item in _downloads_key()], REQUIREMENTS, _download)
    return store.cached("index-wheels", "downloading wheels", key, _download)


def _download(running: Stage, folder: Path, final: Path) -> None:
    lines = [f"{r.name}=={r.version} --hash=sha256:{r.sha256}" for r in recipes()]
    requirements = folder / "requirements.txt"
    requirements.write_text("\n".join(lines) + "\n")
    version = config.load()["python"]["version"]
    python = venv("packages", REQUIREMENTS) / "python"
    command: list[str | Path] = [python, "-m", "pip", "download", "-q", "--no-deps"]
    command += ["--require-hashes", "--only-binary=:all:", "--python-version", version]
    command += ["--platform", "any", "-d", folder, "-r", requirements]
    running.run(command)
    requirements.unlink()


def _make(running: Stage, folder: Path, final: Path) -> None:
    for recipe in recipes():
        project = recipe.name.replace("-", "_")
        pattern = f"{project}-{recipe.version}-*.whl"
        (wheel,) = downloads().glob(pattern)
        if recipe.compile:
            running.say(f"compiling {wheel.name}")
            _add_compiled(running, wheel, folder / wheel.name)
        else:
            shutil.copy(wheel, folder)
    info = json.dumps(lock_info())
    python = venv("packages", REQUIREMENTS) / "python"
    running.run([python, LOCK_TOOL, "--info", info, folder, folder / LOCK_FILE])


def _add_compiled(running: Stage, wheel: Path, target: Path) -> None:
    """Write a wheel with its modules compiled beside their sources.

    The compiled ones carry a hash of their source, so that they are not used when it is changed.
    """
    tree = target.with_suffix(".tree")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tree)
    version = config.load()["python"]["version"].rsplit(".", 1)[0]
    command: list[str | Path] = [native.python(), "-m", "compileall", "-q", "-f"]
    command += ["--invalidation-mode", "checked-hash", "-s", tree]
    command += ["-p", SITE_PACKAGES.format(version), tree]
    running.run(command, env={"PYTHONHASHSEED": "0"})
    _update_record(tree)
    with zipfile.ZipFile(target, "w") as archive:
        # The metadata comes last, as the format recommends.
        for file in sorted(tree.rglob("*"), key=lambda path: (".dist-info" in str(path), path)):
            if file.is_file():
                entry = zipfile.ZipInfo(file.relative_to(tree).as_posix(), EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes(), compresslevel=9)
    shutil.rmtree(tree)


def _update_record(tree: Path) -> None:
    """List the compiled modules in the wheel's RECORD."""
    (record,) = tree.glob("*.dist-info/RECORD")
    rows = list(csv.reader(record.read_text().splitlines()))
    for file in sorted(tree.rglob("*.pyc")):
        content = file.read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append([file.relative_to(tree).as_posix(), f"sha256={digest}", str(len(content))])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    record.write_text(text.getvalue())

"""Reads the recipes of the distribution's packages.

A recipe is a folder packages/NAME with a recipe.toml:

    version = "1.17.0"
    sha256 = "..."      # of the wheel on the index, which runs everywhere (py3-none-any)
    compile = false     # leave out compiled modules (.pyc), where they are not worth their size
    leave_out = ["*/tests/*"]   # patterns of files of the wheel that are not wanted
    optional = true     # made by `make packages`, not part of dist/

Parts of CPython's library that are not in python_stdlib.zip have no version and no sha256, but

    standard_library = ["pydoc_data"]   # modules and packages of CPython's folder Lib
    extensions = ["_ssl"]               # extension modules that are made for the package alone

[] makes an empty package, for a name by which programs load what python_stdlib.zip has.

With a table [build] a package is compiled from its source archive, whose sha256 is given instead:

    [build]
    backend = "mesonpy"                 # the build system, as in its pyproject.toml
    in_archive = true                   # the backend is in the source archive (backend-path)
    needs = ["numpy"]                   # packages that it is compiled against
    flags = ["-O2"]                     # for the compiler, after those of the environment
    link = ["-O2"]                      # for the linker, likewise
    settings = ["setup-args=-Dx=y"]     # for the build system; may use $MESON_CROSS_FILE and $JOBS
    headers = ["numpy/_core/include/*"] # files of the wheel that others are compiled against
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .config import CHECKOUT, BuildError, load

RECIPES = CHECKOUT / "packages"
FIELDS: dict[str, type] = {
    "version": str,
    "sha256": str,
    "compile": bool,
    "leave_out": list,
    "optional": bool,
    "build": dict,
}
LIBRARY_FIELDS: dict[str, type] = {
    "standard_library": list,
    "extensions": list,
    **{key: FIELDS[key] for key in ("compile", "leave_out", "optional")},
}
BUILD_FIELDS: dict[str, type] = {
    "backend": str,
    "in_archive": bool,
    **dict.fromkeys(("needs", "flags", "link", "settings", "headers"), list),
}


@dataclass(frozen=True)
class Build:
    """How a package is compiled: the table [build]."""

    backend: str
    in_archive: bool = False
    needs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """One package: where it comes from, and what becomes of it."""

    name: str
    version: str
    sha256: str
    compile: bool = True
    leave_out: tuple[str, ...] = ()
    optional: bool = False
    standard_library: tuple[str, ...] | None = None
    extensions: tuple[str, ...] = ()
    build: Build | None = None


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
    if "standard_library" in table:
        fields = _checked(file, table, LIBRARY_FIELDS, {"standard_library"})
        return Recipe(folder.name, load()["python"]["version"], "", **fields)
    fields = _checked(file, table, FIELDS, {"version", "sha256"})
    if not re.fullmatch("[0-9a-f]{64}", table["sha256"]):
        raise BuildError(f"{file}: sha256 must be 64 hexadecimal digits")
    if "build" in table:
        build = _checked(file, table["build"], BUILD_FIELDS, {"backend"})
        fields["build"] = Build(**build)
    return Recipe(folder.name, **fields)


def _checked(
    file: Path, table: dict[str, Any], fields: dict[str, type], required: set[str]
) -> dict[str, Any]:
    """Return the fields of a table, with lists of strings as tuples.

    Raises
    ------
    BuildError
        some are unknown, missing or of the wrong type.
    """
    unknown = sorted(set(table) - set(fields))
    known = {key: value for key, value in table.items() if key in fields}
    wrong = sorted(key for key, value in known.items() if not _fits(value, fields[key]))
    missing = sorted(required - set(table))
    if unknown or wrong or missing:
        raise BuildError(f"{file}: unknown {unknown}, of the wrong type {wrong}, missing {missing}")
    return {key: tuple(v) if isinstance(v, list) else v for key, v in known.items()}


def _fits(value: Any, wanted: type) -> bool:
    """Return whether a value is of a field's type; lists are of strings."""
    if isinstance(value, list):
        return wanted is list and all(isinstance(item, str) for item in value)
    return type(value) is wanted


def recipe(name: str) -> Recipe:
    """Return the recipe of one package."""
    return read_recipe(RECIPES / name)


def recipes() -> list[Recipe]:
    """Return all recipes, by name."""
    return [read_recipe(folder) for folder in sorted(RECIPES.iterdir()) if folder.is_dir()]

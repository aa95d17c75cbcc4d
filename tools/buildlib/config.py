"""Reads toolchain/config.toml and says where things live: checkout, build folder, cache."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
BUILD = CHECKOUT / "build"
LOGS = BUILD / "logs"
DIST = CHECKOUT / "dist"
FLAVOURS = ("release", "dev")


class BuildError(Exception):
    """A failure that the person at the terminal can act on; printed without a traceback."""


@dataclass(frozen=True)
class Source:
    """One pinned source package (a [sources.NAME] table)."""

    name: str
    package: str
    suite: str
    version: str
    archive: str
    sha256: str
    debian_patches: tuple[str, ...] = ()
    own_patches: str = ""


@cache
def load() -> dict[str, Any]:
    """Return the parsed config.toml."""
    with (CHECKOUT / "toolchain" / "config.toml").open("rb") as file:
        return tomllib.load(file)


def source(name: str) -> Source:
    """Return the pin of source package `name`."""
    table = dict(load()["sources"][name])
    table["debian_patches"] = tuple(table.get("debian_patches", ()))
    return Source(name=name, **table)


def cache_dir() -> Path:
    """Return the folder that holds the results of the slow stages, outside the checkout."""
    configured = os.environ.get("PYODIDE_CACHE")
    base = Path(configured) if configured else Path.home() / ".cache" / "pyodide-build"
    return base.expanduser().absolute()


def suite() -> str:
    """Return the Debian suite the toolchain root is made from."""
    chosen: str = os.environ.get("PYODIDE_TOOLCHAIN_SUITE") or load()["toolchain"]["suite"]
    return chosen


def flavour() -> str:
    """Return the flavour that is built, from the environment variable FLAVOUR.

    Raises
    ------
    BuildError
        the variable names no flavour.
    """
    chosen = os.environ.get("FLAVOUR") or "release"
    if chosen not in FLAVOURS:
        raise BuildError(f"FLAVOUR={chosen}: no such flavour, choose one of {', '.join(FLAVOURS)}")
    return chosen


def jobs() -> int:
    """Return how many compilers run at once (environment variable JOBS, else the CPU count)."""
    return int(os.environ.get("JOBS") or os.cpu_count() or 2)

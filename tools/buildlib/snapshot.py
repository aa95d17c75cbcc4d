"""Part of the stage `dist`: the memory snapshot that the runtime starts from."""

from __future__ import annotations

from pathlib import Path

from . import store
from .config import BUILD, CHECKOUT
from .progress import stage

SCRIPT = CHECKOUT / "tools" / "make_snapshot.mjs"
NAME = "pyodide.snapshot.bin"


def build(flavour: str, dist: Path, parts: list[Path]) -> Path:
    """Start the runtime in `dist` and take a snapshot of it, unless none of `parts` has changed.

    Raises
    ------
    BuildError
        the runtime does not start, or cannot be in a snapshot.
    """
    target = BUILD / flavour / NAME
    stamp = target.with_suffix(".key")
    key = store.key_of(SCRIPT, *parts)
    if target.exists() and stamp.exists() and stamp.read_text() == key:
        return target
    name = "snapshot" if flavour == "release" else f"snapshot-{flavour}"
    with stage(name, "starting the runtime and taking a snapshot of its memory") as running:
        running.run(["node", SCRIPT, dist, target])
        stamp.write_text(key)
    return target

"""Stage `js`: src/js bundled to the modules, declarations and the console page of dist/."""

from __future__ import annotations

import shutil
from pathlib import Path

from . import config, stdlib, store
from .config import BUILD, CHECKOUT
from .progress import Stage, stage

SOURCE = CHECKOUT / "src" / "js"


def output(flavour: str) -> Path:
    """Return the folder the stage fills."""
    return BUILD / flavour / "js"


def install(running: Stage) -> None:
    """Install src/js/node_modules as package-lock.json has it, unless that is done."""
    stamp = SOURCE / "node_modules" / ".build-key"
    key = store.key_of(SOURCE / "package-lock.json")
    if stamp.exists() and stamp.read_text() == key:
        return
    with store.locked("npm"):
        running.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=SOURCE)
        stamp.write_text(key)


def build(flavour: str) -> None:
    """Bundle src/js for `flavour`, unless nothing has changed.

    Raises
    ------
    BuildError
        npm or the bundler failed.
    """
    files = [file for file in sorted(SOURCE.rglob("*")) if file.is_file()]
    own = [file for file in files if "node_modules" not in file.relative_to(SOURCE).parts]
    product = config.load()["product"]
    version, abi = product["version"], product["abi"]
    python = config.load()["python"]["version"].rsplit(".", 1)[0]
    library = stdlib.index()
    key = store.key_of(version, abi, python, library, flavour, *own)
    target = output(flavour)
    stamp = BUILD / flavour / "js.key"
    if stamp.exists() and stamp.read_text() == key and target.exists():
        return
    name = "js" if flavour == "release" else f"js-{flavour}"
    with stage(name, f"bundling src/js ({flavour})") as running:
        install(running)
        shutil.rmtree(target, ignore_errors=True)
        command: list[str | Path] = ["node", SOURCE / "build.mjs", "--outdir", target]
        command += ["--version", version, "--python", python, "--abi", abi]
        (BUILD / flavour).mkdir(parents=True, exist_ok=True)
        index = BUILD / flavour / "library.json"
        index.write_text(library)
        command += ["--library", index]
        if flavour == "dev":
            command.append("--dev")
        running.run(command, cwd=CHECKOUT)
        stamp.write_text(key)

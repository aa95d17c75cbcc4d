"""A program that has installed what `npm pack dist/` makes, and the browser in which its pages are opened."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from starting import chromium, server

from buildlib import prerequisites
from harness.runtime import dist_dir

__all__ = ["chromium", "server"]

HERE = Path(__file__).resolve().parent

Run = Callable[..., str]


def run(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command to its end; what it writes. Fails with that if the command does."""
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a program with the package and the bundlers in node_modules; nothing is configured."""
    folder = tmp_path_factory.mktemp("packaging") / "program"
    shutil.copytree(HERE / "program", folder)
    shutil.copytree(prerequisites.packaging_tools(), folder, dirs_exist_ok=True, symlinks=True)
    packed = run(["npm", "pack", "--silent", dist_dir()], folder).split()[-1]
    install = ["npm", "install", "--offline", "--ignore-scripts", "--legacy-peer-deps"]
    run([*install, "--no-audit", "--no-fund", f"./{packed}"], folder)
    assert not (folder / "node_modules/pyodide").is_symlink()
    return folder

"""pytest-pyodide, unmodified: its fixtures and run_in_pyodide on this runtime, in Node and Chromium."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ecosystem.fetching import PYTEST_PYODIDE
from harness.runtime import ROOT, dist_dir

sys.path.insert(0, str(ROOT / "tools"))

from buildlib.venv import venv

PROJECT = Path(__file__).resolve().parent / "project"


@pytest.mark.parametrize("runtime", ["node", "chrome"])
def test_project(runtime: str) -> None:
    """The tests of a project pass."""
    words: list[str | Path] = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        PROJECT,
        PROJECT,
    ]
    options: list[str | Path] = ["--dist-dir", dist_dir(), "--runtime", runtime]
    python = venv("pytest-pyodide", PYTEST_PYODIDE) / "python"
    done = subprocess.run(
        [python, *words, *options],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "7 passed" in done.stdout, done.stdout

"""The Python package as it is installed: what mypy, in strict mode, makes of programs that use it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness.runtime import ROOT

HERE = Path(__file__).resolve().parent
PROGRAMS = sorted((HERE / "python").glob("*.py"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the Python package, built as an installation would build it."""
    # A build writes beside the sources.
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "setup.py", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src/pyodide_py", copy / "src/pyodide_py", ignore=skip)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    options = ["--no-index", "--disable-pip-version-check", "-q", "-w", str(copy / "out")]
    subprocess.run([*command, *options, str(copy)], check=True)
    (made,) = (copy / "out").glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a virtual environment in which nothing but the package is installed."""
    folder = tmp_path_factory.mktemp("env")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    return folder / "bin" / "python"


def check(python: Path, version: str, *programs: Path) -> str:
    """Check programs in mypy's strict mode; what mypy says."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file="]
    options = ["--python-executable", str(python), "--python-version", version, "--no-pretty"]
    cache = ["--cache-dir", str(python.parents[1] / f"cache-{version}")]
    done = subprocess.run(
        [*command, *options, *cache, *map(str, programs)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        # Not where the tests' own settings point to.
        env={name: value for name, value in os.environ.items() if name != "MYPYPATH"},
        cwd=python.parents[1],
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.11", "3.13"])
def test_programs_check(python: Path, version: str) -> None:
    """What must be inferred is, and each expected error is found."""
    said = check(python, version, *PROGRAMS)
    assert said == f"Success: no issues found in {len(PROGRAMS)} source files\n"


@pytest.mark.slow
def test_an_error_is_seen(python: Path, tmp_path: Path) -> None:
    """mypy reads our annotations and stubs and not `Any`: a wrong program fails."""
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import js\nfrom pyodide.ffi import JsArray\n"
        "def f(a: JsArray[int]) -> str:\n    return a[0]\nn: int = js.console\n"
    )
    said = check(python, "3.13", wrong)
    assert [line.rpartition(" ")[2] for line in said.splitlines()[:2]] == [
        "[return-value]",
        "[assignment]",
    ]


def test_the_wheel_is_typed(wheel: Path) -> None:
    """PEP 561: marker files for the packages, and stub packages for the modules of JavaScript."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "_pyodide/py.typed",
        "pyodide/py.typed",
        "pyodide/ffi/wrappers.py",
        "js-stubs/__init__.pyi",
        "pyodide_js-stubs/__init__.pyi",
    } <= names

"""The tools of the ecosystem, from the registries, kept in the build's cache. Pinned: a test tells what it was made with."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from buildlib import store  # noqa: E402 - lies in tools/
from buildlib.progress import Stage  # noqa: E402

PYSCRIPT = "@pyscript/core@0.7.31"
PYODIDE_KERNEL = "@jupyterlite/pyodide-kernel@0.8.6"
# What the kernel needs of IPython, without what only a terminal needs.
IPYTHON = (
    "asttokens==3.0.2",
    "comm==0.2.3",
    "decorator==5.3.1",
    "executing==2.3.0",
    "ipython==9.18.1",
    "ipython-pygments-lexers==1.1.1",
    "jedi==0.20.1",
    "matplotlib-inline==0.2.2",
    "parso==0.8.7",
    "prompt-toolkit==3.0.53",
    "pure-eval==0.2.4",
    "pygments==2.21.0",
    "stack-data==0.6.3",
    "traitlets==5.16.1",
    "typing-extensions==4.16.0",
    "wcwidth==0.2.13",
)
PYTEST_PYODIDE = Path(__file__).with_name("requirements-pytest-pyodide.txt")


def wheels(*pins: str) -> list[Path]:
    """Pure wheels from PyPI, without those that they depend on."""

    def get(running: Stage, folder: Path, final: Path) -> None:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
        running.run([*pip, "--no-deps", "--only-binary=:all:", "-d", folder, *pins])

    folder = store.cached("wheels", f"getting {len(pins)} wheels", store.key_of(*pins), get)
    return sorted(folder.glob("*.whl"))


def npm_package(pin: str) -> Path:
    """The unpacked content of a package from npm, without those that it depends on."""

    def get(running: Stage, folder: Path, final: Path) -> None:
        running.run(["npm", "pack", "--silent", "--pack-destination", folder, pin], cwd=folder)
        (archive,) = folder.glob("*.tgz")
        running.run(["tar", "xzf", archive, "-C", folder])

    return store.cached("npm", f"getting {pin}", store.key_of(pin), get) / "package"

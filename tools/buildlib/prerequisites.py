"""Stage `prerequisites`: the Debian packages that the build, or the tests, need."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import config, store
from .config import BuildError
from .progress import Stage, stage

THIS = sys.modules[__name__]


def build() -> None:
    """Install what the build needs, and see to it that there is a usable node.

    Raises
    ------
    BuildError
        something is missing and can't be installed without the person's help.
    """
    packages = config.load()["prerequisites"]
    wanted = list(packages["build"])
    if not (shutil.which("node") and shutil.which("npm")):
        wanted += packages["node"]
    install(wanted)
    # Debian 12's own node is 18.
    path = node_folder()
    if path:
        os.environ["PATH"] = f"{path}:{os.environ['PATH']}"


def for_tests() -> None:
    """Install the browsers and Chromium's driver, unless the machine has them from elsewhere.

    Raises
    ------
    BuildError
        a required one is missing and can't be installed without the person's help.
    """
    rows = config.load()["prerequisites"]["test"]
    missing = [row for row in rows if not any(shutil.which(name) for name in row["programs"])]
    install([package for row in missing if row["required"] for package in row["packages"]])
    for row in missing:
        if not row["required"]:
            _install_optional(row["packages"], " or ".join(row["programs"]))


def _install_optional(packages: list[str], programs: str) -> None:
    """Try to install packages that tests can do without; once, for a failure takes its time."""
    failed = config.cache_dir() / f"not-installed-{'-'.join(packages)}"
    skipped = f"[prerequisites] tests that need {programs} are skipped"
    if failed.exists():
        print(f"{skipped}; to try to install it again, remove {failed}", file=sys.stderr)
        return
    try:
        install(packages)
    except BuildError as error:
        failed.parent.mkdir(parents=True, exist_ok=True)
        failed.touch()
        print(f"[prerequisites] {error}\n{skipped}", file=sys.stderr)


def install(packages: list[str]) -> None:
    """Install the packages that are missing.

    Raises
    ------
    BuildError
        neither root nor sudo, or no apt.
    """
    present = _installed(packages)
    missing = [package for package in packages if package not in present]
    if not missing:
        return
    line = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if not shutil.which("apt-get"):
        raise BuildError(f"missing packages (names as in Debian): {' '.join(missing)}")
    prefix = _as_root()
    if prefix is None:
        raise BuildError(f"packages are missing; as root, run:\n  apt-get update && {line}")
    with stage("prerequisites", f"installing {' '.join(missing)}") as running:
        environment = {"DEBIAN_FRONTEND": "noninteractive"}
        running.run([*prefix, "apt-get", "update"], env=environment)
        running.run([*prefix, *line.split(), "--yes"], env=environment)


def _installed(packages: list[str]) -> set[str]:
    """Return those of `packages` that are installed."""
    if not shutil.which("dpkg-query"):
        return set()
    form = "--showformat=${Package} ${db:Status-Status}\n"
    answer = subprocess.run(
        ["dpkg-query", "--show", form, *packages], capture_output=True, text=True, check=False
    )
    rows = [line.split() for line in answer.stdout.splitlines()]
    return {row[0] for row in rows if row[1:] == ["installed"]}


def _as_root() -> list[str] | None:
    """Return the words before a command that needs root; None when there is no way."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    # Commands run without a terminal, so sudo must have asked before; on a terminal it may ask now.
    silent = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    if silent.returncode == 0:
        return ["sudo", "-n"]
    if sys.stdin.isatty() and subprocess.run(["sudo", "-v"], check=False).returncode == 0:
        return ["sudo", "-n"]
    return None


def node_folder() -> Path | None:
    """Return the folder of a node that is new enough, None when the one on PATH is."""
    settings = config.load()["node"]
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    major = re.match(r"v(\d+)", answer.stdout)
    if major and int(major[1]) >= settings["minimum"]:
        return None
    return _npm_node(settings["npm_package"])


def switching_node() -> Path:
    """Return a node that can switch stacks (JSPI)."""
    return _npm_node(config.load()["node"]["switching_npm_package"]) / "node"


def packaging_tools() -> Path:
    """Return a folder whose node_modules has the bundlers that the npm package is tried with."""
    source = config.CHECKOUT / "tests" / "distribution" / "tools"
    files = [source / name for name in ("package.json", "package-lock.json", ".npmrc")]

    def get(running: Stage, folder: Path, final: Path) -> None:
        for file in files:
            shutil.copy(file, folder)
        running.run(["npm", "ci", "--ignore-scripts", "--legacy-peer-deps"], cwd=folder)

    return store.cached("bundlers", "getting bundlers from npm", store.key_of(*files), get)


def _npm_node(package: str) -> Path:
    def get(running: Stage, folder: Path, final: Path) -> None:
        running.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", folder, package])
        running.run([folder / "node_modules" / "node" / "bin" / "node", "--version"])

    folder = store.cached("node", f"getting {package} from npm", store.key_of(package), get)
    return folder / "node_modules" / "node" / "bin"

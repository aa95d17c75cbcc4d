"""Debian's mirror, keyring and source packages, without touching the machine's apt state."""

from __future__ import annotations

import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path

from .config import BuildError, Source
from .progress import Stage

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@cache
def mirror() -> str:
    """Return the Debian mirror this machine uses, from its apt configuration.

    `PYODIDE_DEBIAN_MIRROR` overrides it (an Ubuntu machine has no Debian mirror configured).

    Raises
    ------
    BuildError
        none is configured.
    """
    chosen = os.environ.get("PYODIDE_DEBIAN_MIRROR")
    if chosen:
        return chosen
    form = "$(REPO_URI)|$(ORIGIN)|$(LABEL)|$(COMPONENT)"
    output = subprocess.run(
        ["apt-get", "indextargets", "--format", form, "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    rows = [line.split("|") for line in output.splitlines() if line.count("|") == 3]
    for uri, origin, label, component in rows:
        if component == "main" and (origin, label) == ("Debian", "Debian"):
            return uri
    for uri, origin, _, component in rows:
        # Without downloaded indexes apt knows no origin; the path is all there is to go by.
        if component == "main" and not origin and uri.rstrip("/").endswith("/debian"):
            return uri
    raise BuildError(
        "this machine's apt configuration names no Debian mirror;\n"
        "set PYODIDE_DEBIAN_MIRROR to the address of one"
    )


def source_line(kind: str, suite: str) -> str:
    """Return one sources.list line; `kind` is deb or deb-src.

    Raises
    ------
    BuildError
        Debian's archive keys are not installed.
    """
    if not KEYRING.exists():
        raise BuildError(f"{KEYRING} is missing: install the package debian-archive-keyring")
    return f"{kind} [signed-by={KEYRING}] {mirror()} {suite} main"


def proxy_options() -> list[str]:
    """Return the machine's own apt proxy and certificate settings as key/value pairs."""
    output = subprocess.run(
        ["apt-config", "dump", "--format", "%F %v%n"], capture_output=True, text=True, check=True
    ).stdout
    pairs = [line.split(" ", 1) for line in output.splitlines() if " " in line]
    wanted = ("::Proxy", "::CaInfo")
    return [f'{key} "{value}";' for key, value in pairs if value and key.endswith(wanted)]


def download_sources(running: Stage, suite: str, sources: list[Source], folder: Path) -> None:
    """Download source packages of one suite into `folder` through an isolated apt."""
    state = folder / f".apt-{suite}"
    for name in ("lists/partial", "cache/archives/partial"):
        (state / name).mkdir(parents=True)
    (state / "sources.list").write_text(source_line("deb-src", suite) + "\n")
    options = {
        "Dir::Etc::sourcelist": state / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": state / "lists",
        "Dir::Cache": state / "cache",
        # The suite's index is a snapshot whose validity date may have passed.
        "Acquire::Check-Valid-Until": "false",
        "APT::Sandbox::User": "",
        "Acquire::Retries": "3",
    }
    apt = ["apt-get", *(word for k, v in options.items() for word in ("-o", f"{k}={v}"))]
    running.run([*apt, "update"])
    for source in sources:
        running.say(f"downloading {source.package} {source.version} ({suite})")
        # A mirror may have dropped the packaging of a superseded revision: ask for no more than
        # what is used.
        parts = [] if source.debian_patches else ["--tar-only"]
        fetch = ["source", "--download-only", "--only-source", *parts, source.package]
        running.run([*apt, *fetch], cwd=folder)


def verify(file: Path, sha256: str) -> None:
    """Check a downloaded file against its pin.

    Raises
    ------
    BuildError
        it is missing (the suite has another version), or its contents differ.
    """
    if not file.exists():
        others = ", ".join(sorted(p.name for p in file.parent.glob("*.orig.tar.*")))
        raise BuildError(
            f"{file.name} is pinned in toolchain/config.toml, but the mirror has another version.\n"
            f"Downloaded instead: {others}. Update the pin, or point PYODIDE_DEBIAN_MIRROR at a "
            "mirror that still has it."
        )
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        raise BuildError(f"{file.name}: sha256 is {found}, pinned is {sha256}")

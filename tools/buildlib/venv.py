"""Virtual environments of the native Python, in the cache."""

from __future__ import annotations

from pathlib import Path

from . import native, store
from .config import CHECKOUT
from .progress import Stage


def files_of(requirements: Path) -> list[Path]:
    """Return a file of requirements and those that its lines `-r FILE` and `-c FILE` name."""
    found = [requirements]
    for line in requirements.read_text().splitlines():
        if line.startswith(("-r ", "-c ")):
            found += files_of((requirements.parent / line[3:].strip()).resolve())
    return found


def venv(name: str, *requirements: Path) -> Path:
    """Return the bin folder of a venv of the native Python with the requirements installed."""
    key = store.key_of(native.root().name, *(f for file in requirements for f in files_of(file)))

    def make(running: Stage, folder: Path, final: Path) -> None:
        running.run([native.python(), "-m", "venv", folder])
        pip: list[str | Path] = [
            folder / "bin" / "python",
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
        ]
        running.run([*pip, *(word for file in requirements for word in ("-r", file))])
        # Scripts name the folder they were installed to; this one is renamed when it is complete.
        for script in (folder / "bin").iterdir():
            content = script.read_bytes()
            if content.startswith(b"#!"):
                script.write_bytes(content.replace(bytes(folder), bytes(final)))

    title = f"installing {', '.join(str(file.relative_to(CHECKOUT)) for file in requirements)}"
    return store.cached(f"venv-{name}", title, key, make) / "bin"

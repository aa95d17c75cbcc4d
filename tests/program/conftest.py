"""Running the program `dist/python` as a person would: one process a call."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.runtime import dist_dir

TIME_LIMIT = 60

Completed = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def program() -> Path:
    """The program."""
    return dist_dir() / "python"


@pytest.fixture
def python(program: Path, tmp_path: Path) -> Callable[..., Completed]:
    """Run the program in an empty folder and return what `subprocess.run` does, with text."""

    def run(
        *args: str | Path,
        stdin: str | bytes = "",
        env: dict[str, str] | None = None,
        node: str | None = None,
        executable: Path = program,
        cwd: Path = tmp_path,
    ) -> Completed:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP_"))}
        command = [str(executable), *map(str, args)]
        done = subprocess.run(
            command if node is None else [node, *command],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env=inherited | {"NO_COLOR": "1"} | (env or {}),
            cwd=cwd,
            timeout=TIME_LIMIT,
            check=False,
        )
        out, err = (text.decode(errors="surrogateescape") for text in (done.stdout, done.stderr))
        return Completed(done.args, done.returncode, out, err)

    return run

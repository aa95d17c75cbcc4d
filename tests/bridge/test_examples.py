"""Every example runs as a user would run it, and ends without a complaint."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.runtime import ROOT, dist_dir

EXAMPLES = sorted((ROOT / "examples").glob("*.mjs"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example(example: Path, tmp_path: Path) -> None:
    """The program ends with status 0, whatever the working folder, and prints no mismatch."""
    done = subprocess.run(
        ["node", str(example)],
        cwd=tmp_path,
        env={**os.environ, "PYODIDE_DIST": str(dist_dir())},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n! " not in done.stdout
    assert done.stdout.strip().endswith("All values are as they should be.")


def test_there_are_examples() -> None:
    """The folder was found."""
    assert "quickstart.mjs" in [example.name for example in EXAMPLES]

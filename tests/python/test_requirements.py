"""Files of requirements: what they name is part of what an environment is kept under, and no pin stands twice."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from harness.runtime import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from buildlib.venv import files_of

FILES = [
    *ROOT.glob("*/requirements*.txt"),
    ROOT / "tests" / "ecosystem" / "requirements-pytest-pyodide.txt",
    ROOT / "packages" / "build-constraints.txt",
]


def test_files_that_are_named_belong_to_a_file(tmp_path: Path) -> None:
    """At any depth, relative to the file that names them."""
    (tmp_path / "sub").mkdir()
    first, second, third = tmp_path / "a.txt", tmp_path / "sub" / "b.txt", tmp_path / "c.txt"
    first.write_text("# words\n-r sub/b.txt\nx==1\n")
    second.write_text("-c ../c.txt\ny\n")
    third.write_text("y==2\n")
    assert files_of(first) == [first, second, third]


def test_every_pin_stands_once() -> None:
    """All files that need a version of a package take it from one of them."""
    pins = re.findall(r"(?m)^[^#\s]+==\S+", "\n".join(file.read_text() for file in FILES))
    assert "selenium" in {pin.partition("==")[0] for pin in pins}
    assert [pin for pin, times in Counter(pins).items() if times > 1] == []

"""The optional packages, which `make packages` makes and `make dist` does not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .runtime import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from buildlib import compiled, recipe, recipes


def lock_file() -> Path:
    """The lock file in the folder with all packages; the test is skipped when they are not there."""
    missing = [
        r.name for r in recipe.recipes() if r.optional and r.build and not compiled.is_made(r)
    ]
    if missing:
        pytest.skip(f"not compiled yet: {', '.join(missing)}; `make packages` does that")
    return recipes.everything() / recipes.LOCK_FILE

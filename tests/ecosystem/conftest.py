"""The browser and the server of the browser tests, for pages with tools of the ecosystem."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))

from starting import chromium, server

__all__ = ["chromium", "server"]

# The tests of another project, which test_pytest_pyodide.py runs.
collect_ignore = ["project"]

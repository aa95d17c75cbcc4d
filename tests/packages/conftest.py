"""Fixtures of the tests of packages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.index import Index, filled
from harness.optional import lock_file
from harness.runtime import Runtime


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    """An index of packages on this machine."""
    running = filled()
    yield running
    running.close()


@pytest.fixture
def numpy(rt: Runtime) -> Runtime:
    """The test's runtime with numpy loaded, and imported as `np`."""
    if "numpy" not in rt.expr("pyodide.loadedPackages"):
        rt.js("await pyodide.loadPackage('numpy', { messageCallback() {} })")
    rt.py("import numpy as np")
    return rt


@pytest.fixture(scope="module")
def optional_packages() -> Path:
    """The lock file of the folder that `make packages` makes."""
    return lock_file()

"""Fixtures of the bridge tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.runtime import Runtime


@pytest.fixture
def default_streams(rt: Runtime) -> Iterator[None]:
    """The standard streams are the default again after the test, and Python holds no input back."""
    yield
    if rt.alive:
        rt.js("pyodide.setStdin({ stdin: () => null });")
        rt.py("import sys\nsys.stdin.read()")
        rt.js("pyodide.setStdin(); pyodide.setStdout(); pyodide.setStderr();")

"""Fixtures of the tests of packages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.index import Index, filled


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    """An index of packages on this machine."""
    running = filled()
    yield running
    running.close()

"""Some of numpy's own tests, about a minute of them; `make package-tests A=numpy` runs all."""

from __future__ import annotations

import pytest

from packages import own_tests

# A smaller number means that tests are lost, not that they fail.
PASSED = {"linalg": 430, "fft": 150}


@pytest.mark.slow
@pytest.mark.parametrize("part", PASSED)
def test_part(part: str) -> None:
    """No test of the part fails."""
    result = own_tests.run_part("numpy", part)
    assert result.status == 0, result.output[-5000:]
    assert result.counts["passed"] >= PASSED[part]

"""What tools/conformance.py reads out of the suite's output, and the page it writes."""

from __future__ import annotations

import sys

from harness.runtime import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import conformance

PASSED = """\
0:00:00 load avg: 0.10 [1/1] test_int
Total tests: run=1,043 skipped=3
Total test files: run=1/1
Result: SUCCESS
"""
SKIPPED = """\
test_socket skipped -- requires socket support
0:00:00 load avg: 0.10 [1/1] test_socket skipped
Result: SUCCESS
"""
FAILED = """\
======================================================================
FAIL: test_a (test.test_x.T.test_a)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "x.py", line 1, in test_a
AssertionError: 1 != 2

======================================================================
ERROR: test_b (test.test_x.T.test_b) [case]
----------------------------------------------------------------------
Traceback (most recent call last):
  File "x.py", line 2, in test_b
OSError: no processes

----------------------------------------------------------------------
== Tests result: FAILURE ==
Total tests: run=5 failures=2
Result: FAILURE
"""


def test_passed() -> None:
    result = conformance.judge("test_int", 0, PASSED)
    assert (result.outcome, result.run, result.skipped) == ("passed", 1043, 3)


def test_skipped() -> None:
    result = conformance.judge("test_socket", 0, SKIPPED)
    assert (result.outcome, result.reason) == ("skipped", "requires socket support")


def test_failed() -> None:
    result = conformance.judge("test_x", 2, FAILED)
    assert result.outcome == "failed"
    assert result.problems == {
        "test_a": "AssertionError: 1 != 2",
        "test_b": "OSError: no processes",
    }


def test_ended_by_the_limit_or_by_itself() -> None:
    assert conformance.judge("test_x", None, "so far").outcome == "timeout"
    crashed = conformance.judge("test_x", 1, "one\nmemory access out of bounds\n")
    assert crashed.outcome == "crashed"
    assert crashed.reason == "exit status 1: memory access out of bounds"


def test_failure_of_the_import() -> None:
    text = "test test_x crashed -- Traceback (most recent call last):\n  File\nModuleNotFoundError: No module named '_x'\n\n== Tests result: FAILURE ==\nResult: FAILURE\n"
    result = conformance.judge("test_x", 2, text)
    assert result.problems == {"import": "ModuleNotFoundError: No module named '_x'"}


def test_page() -> None:
    results = [
        conformance.judge("test_int", 0, PASSED),
        conformance.judge("test_socket", 0, SKIPPED),
        conformance.judge("test_x", 2, FAILED),
    ]
    text = conformance.page(results, {"test_x": "known | reason"})
    assert "1 passed, 1 failed and 1 were skipped" in " ".join(text.split())
    assert "| test_x | 5 | 2: test_a, test_b | known \\| reason |" in text
    assert "| test_socket | requires socket support |" in text
    assert "test_int (1040, 3)." in text

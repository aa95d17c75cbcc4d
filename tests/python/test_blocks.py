"""Blocks of a prompt: whether they are complete, their statements, pasted text."""

from __future__ import annotations

import random
import sys

import pytest

from pyodide._blocks import split_paste, statements, wants_more
from pyodide.console import Console

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 13), reason="prompts of older Pythons ask for more elsewhere"
)


@pytest.mark.parametrize(
    ("block", "more"),
    [
        ("", False),
        ("# comment", False),
        ("x", False),
        ("x = (1,", True),
        ("x = (1,\n\n", True),
        ("x = (1,\n    2)", False),
        ("x = '''a", True),
        ("x = '''a\n", True),
        ("x = 1 + \\", True),
        ("@decorator", True),
        ("def f():", True),
        ("def f():\n    ", True),
        ("def f():\n    return 1", True),
        ("def f():\n    return 1\n", False),
        ("def f():\n    return 1\n    ", False),
        ("def f():\n    return 1\n\t", False),
        ("if a: b", True),
        ("if a: b\n", False),
        ("if a:\n    b\nelse:", True),
        ("await f()", False),
        ("async for x in y:\n    pass", True),
        # What is wrong is told at once, or in a block at its empty line.
        ("a b", False),
        ("1 +", False),
        ("def f():\n    a b", True),
        ("def f():\n    a b\n    ", False),
        ("x = 1\ny = 2", True),
        ("x = 1\ny = 2\n", False),
        ("\0", False),
        ("(" * 1000, False),
        ("-" * 100_000 + "1", False),
    ],
)
def test_enter(block: str, more: bool) -> None:
    """Enter adds a line to what is incomplete; an empty last line ends a compound statement."""
    assert wants_more(block, Console().check) is more


def test_checking_runs_nothing() -> None:
    """Neither the code nor its imports from `__future__` take effect."""
    console = Console({})
    assert console.check("x = 1") == "complete"
    assert console.check("from __future__ import annotations") == "complete"
    assert console.globals == {}
    assert console.buffer == []
    assert console.check("print 1") == "syntax-error"
    assert console.check("def f():") == "incomplete"


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("x = 1", ["x = 1\n"]),
        ("def f():\n    pass\n    ", ["def f():\n    pass\n"]),
        ("a\nb", ["a\n", "\nb\n"]),
        ("a; b\nc", ["a; b\n", "\nc\n"]),
        ("a; \\\nb\nc", ["a; \\\nb\n", "\n\nc\n"]),
        (
            "a\n\n@d\ndef f():\n    pass\nb",
            ["a\n", "\n\n@d\ndef f():\n    pass\n", "\n\n\n\n\nb\n"],
        ),
        ("x = '''\na\n'''\ny\n", ["x = '''\na\n'''\n", "\n\n\ny\n"]),
        ("    a\n    b", ["a\n", "\nb\n"]),
        ("# c", ["# c\n"]),
        ("a\nb c\n    ", ["a\nb c\n"]),
        ("\0", ["\0"]),
    ],
)
def test_statements(block: str, expected: list[str]) -> None:
    """Statements come one by one, each at its line; what is wrong comes whole."""
    assert statements(block) == expected


@pytest.mark.parametrize(
    ("text", "ready", "rest"),
    [
        ("x = 1\n", ["x = 1"], ""),
        ("x = 1\ny", ["x = 1"], "y"),
        ("\n\nx = 1\n", ["x = 1"], ""),
        ("\n", [], ""),
        ("# c\nx\n# d\ny\n", ["# c\nx", "# d\ny"], ""),
        ("def f():\n  return 1\nf()\n", ["def f():\n  return 1", "f()"], ""),
        # Blank lines are inside blocks, and end the last one.
        ("def f():\n  a\n\n  b\n", [], "def f():\n  a\n\n  b\n"),
        ("def f():\n  a\n\n  b\n\n", ["def f():\n  a\n\n  b"], ""),
        ("if a:\n  b\nelse:\n  c\n\nd\n", ["if a:\n  b\nelse:\n  c", "d"], ""),
        ("if a:\n  b\n  ", [], "if a:\n  b\n  "),
        ("@d\ndef f():\n  pass\nf\n", ["@d\ndef f():\n  pass", "f"], ""),
        ("if a: b\nc\n", ["if a: b", "c"], ""),
        ('x = """a\n\n  b\nc"""\ny\n', ['x = """a\n\n  b\nc"""', "y"], ""),
        ("f(\n  1,\n\n)\ny\n", ["f(\n  1,\n\n)", "y"], ""),
        ("a # ([\"'\nb = '(#'\nc\n", ["a # ([\"'", "b = '(#'", "c"], ""),
        ("  a\n  b\n", ["a", "b"], ""),
        # The end is missing.
        ("x\nf(\n", ["x"], "f(\n"),
        ("x\ndef f():\n", ["x"], "def f():\n"),
        ("x\n'''abc\ndef f():\n", ["x"], "'''abc\ndef f():\n"),
        ("x\nif a:\n  b\nelse:\n", ["x"], "if a:\n  b\nelse:\n"),
        ("try:\n  a\nexcept E:\n", [], "try:\n  a\nexcept E:\n"),
        # Something is wrong: it is shown with all that follows, and nothing of that runs.
        ("x\ny = = 2\nz\n", ["x", "y = = 2\nz"], ""),
        ("x\ny = = 2\nz", ["x"], "y = = 2\nz"),
        ("x\nif a:\n  b\nelse:\n  c = =\n", ["x", "if a:\n  b\nelse:\n  c = ="], ""),
        ("f(1)\n)\n", ["f(1)", ")"], ""),
        ("a\n\0\n", ["a\n\0"], ""),
    ],
)
def test_paste(text: str, ready: list[str], rest: str) -> None:
    """Complete statements that are followed by others run; the last one waits unless it is complete."""
    assert split_paste(text, Console().check) == (ready, rest)


# None ends with a backslash: what a file may end with, a prompt may not.
LINES = (
    *("x = 1", "f(", ")", "[1,", "2]", "def f():", "class A:", "    pass", "        y", "  z", ""),
    *("else:", "except E:", "try:", "@d", "'''", "# c", "    # d", "a b", "if a: b", "x; y"),
    *("    ", "\t", "await x", "    return", '"', "match x:", "    case 1:", "\f"),
)


def test_random_blocks() -> None:
    """What Enter submits is never incomplete, and pasted text is neither lost nor doubled."""
    seed = random.randrange(2**32)
    print("seed", seed)
    chosen = random.Random(seed)
    check = Console().check
    for _ in range(1000):
        text = "\n".join(chosen.choices(LINES, k=chosen.randint(1, 8)))
        if not wants_more(text, check):
            assert all(check(part) != "incomplete" for part in statements(text)), text
        ready, rest = split_paste(text, check)
        for statement in ready:
            assert all(check(part) != "incomplete" for part in statements(statement)), text
        words = " ".join([*ready, rest]).split()
        assert words == text.split(), text

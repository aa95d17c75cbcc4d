"""One measured process of native CPython: the operations of rows.mjs without a bridge, as the limit of what Python can do.

Where a row crosses the bridge, the same happens here within Python: a function calls a function, a list is copied.
Started by run.py:  python native_worker.py SECONDS [ROW,ROW...]
"""

from __future__ import annotations

import sys
from array import array
from pathlib import Path
from typing import Any

from measuring import Row, python_row, report, since_start

PROGRAMS = Path(__file__).resolve().parent / "interpreter"
INTS = 1000
SETUP = """
class WithMethod:
    number = 5
    text = "short"
    def method(self): return 7
thing = WithMethod()
thing.child = WithMethod()
table = {"key": 5}
def no_argument(): return 7
def two(a, b): return a
def one(a): return 7
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
"""


def bridge_rows() -> list[Row]:
    """The rows that cross the bridge elsewhere."""
    space: dict[str, Any] = {}
    exec(SETUP, space)
    space |= {
        "ints": list(range(INTS)),
        "long_text": "x" * 1200,
        "doubles": array("d", bytes(8 << 20)),
        "big": {f"key{i}": i for i in range(INTS)},
    }
    calls = [
        ("no argument", "no_argument()", 7),
        ("two ints", "two(1, 2)", 1),
        ("short str", "one('short')", 7),
        ("1200-char str", "one(long_text)", 7),
    ]
    attributes = [
        ("Python attribute from JS: read", "_last = thing.number", 5),
        ("Python attribute from JS: write", "thing.number = 5", None),
        ("Python attribute from JS: method call", "_last = thing.method()", 7),
        ("Python attribute from JS: dict.get", "_last = table.get('key')", 5),
        ("JS attribute from Python: int", "_last = thing.number", 5),
        ("JS attribute from Python: str", "_last = thing.text", "short"),
        ("JS attribute from Python: object", "thing.child", None),
        ("JS attribute from Python: write", "thing.number = 5", None),
        ("JS attribute from Python: method call", "_last = thing.method()", 7),
    ]
    data = [
        ("list of 1000 ints to JS: toJs", "_last = len(list(ints))", INTS),
        ("list of 1000 ints to Python: toPy", "_last = len(list(ints))", INTS),
        ("list of 1000 ints Python to JS: to_js", "_last = len(list(ints))", INTS),
        ("list of 1000 ints JS to Python: to_py", "_last = len(list(ints))", INTS),
        ("dict of 1000 to JS: toJs", "_last = len(dict(big))", INTS),
        ("Map of 1000 to Python: to_py", "_last = len(dict(big))", INTS),
        ("item of a JS Array from Python", "_last = ints[500]", 500),
        ("item of a JS Map from Python", "_last = big['key7']", 7),
        ("item of a Float64Array from Python", "_last = doubles[7]", 0),
        ("iterate an array of 1000 in Python", "for _last in ints: pass", INTS - 1),
        ("8 MB Float64Array to bytes", "_last = len(bytes(doubles))", 8 << 20),
        ("fib(25) in Python", "_last = fib(25)", 75025),
    ]
    rows = [
        python_row(f"{way}: {name}", space, f"_last = {call}", wanted)
        for way in ("JS calls Python", "Python calls JS")
        for name, call, wanted in calls
    ]
    rows.append(python_row("JS calls Python: JS object", space, "_last = one(thing)", 7))
    return rows + [
        python_row(name, space, code, wanted) for name, code, wanted in attributes + data
    ]


def program_row(file: Path) -> Row:
    """A program of interpreter/ as a row."""
    space: dict[str, Any] = {"__name__": file.name}
    exec(compile(file.read_text(), file.name, "exec"), space)
    program = space["run"]

    def run(n: int) -> None:
        for _ in range(n):
            program()

    name = f"interpreter: {file.stem.replace('_', ' ')}"
    return Row(name, run, lambda _: None, program, space["EXPECTED"])


def main() -> None:
    """Measure and report."""
    first = since_start()
    seconds, only = float(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
    programs = [program_row(file) for file in sorted(PROGRAMS.glob("*.py"))]
    report(first, [*bridge_rows(), *programs], seconds, only)


if __name__ == "__main__":
    main()

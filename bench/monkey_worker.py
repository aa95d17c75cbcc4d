"""One measured process of PythonMonkey: the rows of rows.mjs that its bridge, to SpiderMonkey in native CPython, can do.

Started by run.py:  python monkey_worker.py SECONDS [ROW,ROW...]
"""

from __future__ import annotations

import sys
from typing import Any

import pythonmonkey as pm
from measuring import Row, python_row, report, since_start

INTS = 1000
# Lists and dicts are proxies there, never copied: rows of copies take each item across.
JAVASCRIPT = """({
  noArgument: () => 7,
  two: (a, b) => a,
  one: (a) => 7,
  object: { number: 5, text: "short", child: {}, method() { return 7; } },
  ints: Array.from({ length: 1000 }, (_, i) => i),
  copy: (list) => [...list].length,
})"""
LOOP = """(operation) => {
  const body = `let last; for (let i = 0; i < n; i++) last = ${operation}; return last;`;
  return new Function("thing", "table", "one", "two", "noArgument", "list", "long", "n", body);
}"""


class WithMethod:
    number = 5

    def method(self) -> int:
        return 7


def one(a: object) -> int:
    return 7


def two(a: object, b: object) -> object:
    return a


def javascript_rows() -> list[Row]:
    """Rows whose loop runs in JavaScript and works on Python objects."""
    thing, table = WithMethod(), {"key": 5}
    given = (thing, table, one, two, lambda: 7, list(range(INTS)), "x" * 1200)
    make = pm.eval(LOOP)

    def row(name: str, operation: str, wanted: object) -> Row:
        loop, empty = make(operation), make("i")
        return Row(
            name,
            lambda n: loop(*given, n),
            lambda n: empty(*given, n),
            lambda: loop(*given, 1),
            wanted,
        )

    return [
        row("JS calls Python: no argument", "noArgument()", 7),
        row("JS calls Python: two ints", "two(i & 1, 2)", 0),
        row("JS calls Python: short str", "one('short')", 7),
        row("JS calls Python: 1200-char str", "one(long)", 7),
        row("JS calls Python: JS object", "one({})", 7),
        row("Python attribute from JS: read", "thing.number", 5),
        row("Python attribute from JS: method call", "thing.method()", 7),
        row("iterate a Python list of 1000 in JS", "[...list].length", INTS),
    ]


def python_rows() -> list[Row]:
    """Rows whose loop runs in Python and works on JavaScript objects."""
    bench = pm.eval(JAVASCRIPT)
    space: dict[str, Any] = {
        "no_argument": bench["noArgument"],
        "two": bench["two"],
        "one": bench["one"],
        "obj": bench["object"],
        "array": bench["ints"],
        "copy": bench["copy"],
        "long_text": "x" * 1200,
        "ints": list(range(INTS)),
    }
    return [
        python_row(name, space, operation, wanted)
        for name, operation, wanted in [
            ("Python calls JS: no argument", "_last = no_argument()", 7),
            ("Python calls JS: two ints", "_last = two(1, 2)", 1),
            ("Python calls JS: short str", "_last = one('short')", 7),
            ("Python calls JS: 1200-char str", "_last = one(long_text)", 7),
            ("JS attribute from Python: int", "_last = obj.number", 5),
            ("JS attribute from Python: str", "_last = obj.text", "short"),
            ("JS attribute from Python: object", "obj.child", None),
            ("JS attribute from Python: write", "obj.number = 5", None),
            ("JS attribute from Python: method call", "_last = obj.method()", 7),
            ("item of a JS Array from Python", "_last = array[500]", 500),
            ("list of 1000 ints Python to JS: to_js", "_last = copy(ints)", INTS),
            ("list of 1000 ints JS to Python: to_py", "_last = len(list(array))", INTS),
            ("iterate an array of 1000 in Python", "for _last in array: pass", INTS - 1),
        ]
    ]


def main() -> None:
    """Measure and report."""
    if pm.eval("1 + 1") != 2:
        raise AssertionError("the first eval gave a wrong result")
    first = since_start()
    seconds, only = float(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
    report(first, [*javascript_rows(), *python_rows()], seconds, only)


if __name__ == "__main__":
    main()

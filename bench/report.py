"""Tables of the figures, for the terminal and for results.md."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from goals import BYTES, INTERPRETER, INTERPRETER_MEAN, TWINS, WANTED

Medians = dict[str, dict[str, float]]
Rounds = dict[str, list[dict[str, float]]]


def medians_of(rounds: Rounds) -> Medians:
    """Medians over the rounds by runtime and row, with the mean of the interpreter's programs."""
    found = {
        label: {row: statistics.median(r[row] for r in runs) for row in runs[0]}
        for label, runs in rounds.items()
        if runs
    }
    programs = {row for rows in found.values() for row in rows if row.startswith(INTERPRETER)}
    for rows in found.values():
        # The mean of some of the programs would not compare.
        if programs and programs <= rows.keys():
            rows[INTERPRETER_MEAN] = statistics.geometric_mean(rows[p] for p in programs)
    return found


def ratio(medians: Medians, peer: str, row: str) -> float | None:
    """How many times ours is faster, or smaller, than a peer; None where one of both has no figure."""
    ours, theirs = (
        medians.get("ours", {}).get(row),
        medians.get(peer, {}).get(TWINS.get(row, row)),
    )
    return theirs / ours if ours and theirs else None


def peers_of(medians: Medians) -> list[str]:
    """The runtimes that ratios are given to."""
    return [label for label in medians if label == "base" or label.startswith("pyodide")]


def show(row: str, value: float | None) -> str:
    """A figure with a unit that fits."""
    if value is None:
        return "-"
    if row in BYTES:
        return f"{value / 1e6:,.2f} MB"
    for unit, size, digits in (("s", 1e9, 2), ("ms", 1e6, 1), ("\u00b5s", 1e3, 1)):
        if value >= size * 10 or (unit == "s" and value >= size):
            return f"{value / size:,.{digits}f} {unit}"
    return f"{value:,.0f} ns"


def rows_of(medians: Medians) -> list[str]:
    """The names of all rows, in the order of the first runtime that has them."""
    return list(dict.fromkeys(name for rows in medians.values() for name in rows))


def table(medians: Medians) -> list[list[str]]:
    """Rows of the table: name, figures, ratios of the peers to ours, the wanted ratio to the first peer."""
    labels = list(medians)
    peers = peers_of(medians) if "ours" in medians else []
    rows = [["operation", *labels, *(f"{p} / ours" for p in peers), "wanted"]]
    for name in rows_of(medians):
        cells = [name]
        for label in labels:
            own = label in ("ours", "base")
            cells.append(show(name, medians[label].get(name if own else TWINS.get(name, name))))
        ratios = [ratio(medians, p, name) for p in peers]
        cells += ["-" if r is None else f"{r:.1f}" if r < 100 else f"{r:.0f}" for r in ratios]
        cells.append(f"{WANTED[name]:g}" if name in WANTED else "")
        rows.append(cells)
    return rows


def _lines(rows: list[list[str]]) -> Iterable[str]:
    yield "| " + " | ".join(rows[0]) + " |"
    yield "|---|" + "---:|" * (len(rows[0]) - 1)
    for row in rows[1:]:
        yield "| " + " | ".join(row) + " |"


def short_of(medians: Medians) -> list[str]:
    """Sentences about the rows that do not reach what is wanted of them."""
    peer = peers_of(medians)[0]
    found = []
    for name in rows_of(medians):
        reached = ratio(medians, peer, name)
        if name in WANTED and reached is not None and reached < WANTED[name]:
            found.append(f"- {name}: {reached:.2f} of {WANTED[name]:g}")
    return found


HEAD = """# Times of the bridge

Written by `make bench` (`python3 bench/run.py --help` lists its options): do not edit. Each figure is the median over
{rounds} rounds; in a round one process a runtime runs all rows, the runtimes in turn, and each row gives its best of
many short samples. A ratio above 1 means that ours is faster, or smaller. Loop overhead is subtracted. Rows called
*implicit* are conversions that happen by themselves in our `native` mode; beside them stands the peers' explicit one.
*wanted* is a ratio to pyodide 0.29.5.

Native CPython has no bridge: its figures are the same operation within Python (a function calls a function, a list is
copied), the limit of the language. MicroPython and PythonMonkey have the rows that they can do; PythonMonkey is
SpiderMonkey inside native CPython, and reads lists of the other side item by item.

"""
CHROMIUM_HEAD = """
## In Chromium

The same rows in a page. *cold*: a new profile, so nothing is in a cache; *warm*: the second visit, with files and
compiled code from the browser's cache. Counted from the navigation, with plain files from a server on the same
machine. *download*: the files that the cold start fetches, each compressed with brotli at quality 9.

"""


def markdown(
    node: Medians, chromium: Medians, facts: dict[str, str], rounds: int, command: str
) -> str:
    """The whole of results.md."""
    lines = [HEAD.format(rounds=rounds)]
    lines += [f"- {name}: {value}\n" for name, value in {"command": command, **facts}.items()]
    lines.append("\n## In Node\n\n" + "\n".join(_lines(table(node))) + "\n")
    missed = short_of(node)
    if chromium:
        lines.append(CHROMIUM_HEAD + "\n".join(_lines(table(chromium))) + "\n")
        missed += [f"{line} (Chromium)" for line in short_of(chromium)]
    if missed:
        lines.append(
            "\n## Not reached\n\n[docs/performance.md](../docs/performance.md) says why.\n\n"
        )
        lines.append("\n".join(missed) + "\n")
    return "".join(lines)


def print_table(rows: list[list[str]]) -> None:
    """The table for the terminal."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
        ]
        print("  ".join(cells))

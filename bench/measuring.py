"""How the workers in Python measure: as measure.mjs does, the best of many short samples less the empty loop."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

SAMPLES = 50
FEWEST_SAMPLES = 5


@dataclass(frozen=True)
class Row:
    """One operation: `run(n)` does it n times, `baseline(n)` does the loop alone, `check()` must return `wanted`."""

    id: str
    run: Callable[[int], object]
    baseline: Callable[[int], object]
    check: Callable[[], object]
    wanted: object


def since_start() -> float:
    """Nanoseconds since run.py started this process."""
    return (time.time() - float(os.environ["BENCH_STARTED"])) * 1e9


def probe(setup: dict[str, object], operation: str) -> Callable[[int], object]:
    """A function of n that runs the statement `operation` n times and returns the last `_last`."""
    space = dict(setup)
    source = f"def run(_n):\n    _last = None\n    for _i in range(_n):\n        {operation}\n    return _last\n"
    exec(source, space)
    run: Callable[[int], object] = space["run"]  # type: ignore[assignment]
    return run


def python_row(name: str, setup: dict[str, object], operation: str, wanted: object = None) -> Row:
    """A row whose loop runs in Python."""
    run = probe(setup, operation)
    return Row(name, run, probe({}, "_last = _i"), lambda: run(1), wanted)


def _time(body: Callable[[int], object], n: int) -> float:
    start = time.perf_counter()
    body(n)
    return time.perf_counter() - start


def _measure(row: Row, seconds: float) -> float:
    got = row.check()
    if got != row.wanted:
        raise AssertionError(f"bench row '{row.id}': expected {row.wanted!r}, got {got!r}")
    n, end = 1, time.perf_counter() + seconds
    while time.perf_counter() < end:
        if _time(row.run, n) < seconds / SAMPLES / 2:
            n *= 2

    def best(body: Callable[[int], object]) -> float:
        samples = [_time(body, n) for _ in range(FEWEST_SAMPLES)]
        end = time.perf_counter() + seconds * 1.5
        while len(samples) < SAMPLES and time.perf_counter() < end:
            samples.append(_time(body, n))
        return min(samples)

    return (best(row.run) - best(row.baseline)) / n * 1e9


def report(first: float, rows: list[Row], seconds: float, only: str | None) -> None:
    """Measure the rows that `only` names (all without it) and print the line that run.py reads."""

    def asked(name: str) -> bool:
        words = only.split(",") if only else ["*"]
        return any(name.startswith(w[:-1]) if w.endswith("*") else name == w for w in words)

    results = {"start: process to first runPython": first}
    results |= {row.id: _measure(row, seconds) for row in rows if asked(row.id)}
    print(json.dumps({"results": results}))

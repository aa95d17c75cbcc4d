"""Measure how costs grow with sizes, in Node: write bench/growth.md, growth.json and a plot.

A curve's exponent is the slope of its upper half on logarithmic scales: 0 is a constant cost, 1 a cost that grows as the
size does.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from facts import machine
from run import go_first

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
sys.path.insert(0, str(ROOT / "tests"))

from harness.wasm_library import library  # noqa: E402 - lies in tests/

LIBRARIES = 5_000
# Above this a cost is called worse than linear: caches and collectors alone make up to that of it.
LINEAR = 1.15

HEAD = """# How costs grow

Written by `make bench A=growth` (`python3 bench/growth.py`): do not edit. Our runtime in Node. Each figure is the best of
several runs. *exponent* is the slope of the upper half of the sizes on logarithmic scales: 0 is a constant cost, 1 a cost
that grows as the size does. Curves called *JavaScript alone* are the engine's own, to compare: it too needs more for an item
when the whole leaves the processor's caches, and for objects of very many keys. A curve that ends early says why.

![Costs by sizes](../docs/images/bench-growth.svg)

"""


def exponent(sizes: list[int], times: list[float]) -> float:
    """The slope of the upper half on logarithmic scales, by least squares."""
    upper = len(sizes) // 2 if len(sizes) > 3 else 0
    x = [math.log(size) for size in sizes[upper:]]
    y = [math.log(time) for time in times[upper:]]
    return statistics.linear_regression(x, y).slope


def measure(dist: Path, only: str | None) -> dict[str, dict[str, Any]]:
    """The curves, with their exponents.

    Raises SystemExit when Node fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        for i in range(LIBRARIES):
            (Path(folder) / f"lib{i:04}.so").write_bytes(library({f"value_{i}": i}))
        command = ["node", "--expose-gc", str(BENCH / "growth.mjs")]
        command += [str(dist.resolve() / "pyodide.mjs"), folder, *([only] if only else [])]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit("growth.mjs failed")
    curves: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    for curve in curves.values():
        curve["exponent"] = exponent(curve["sizes"], curve["times"])
    return curves


def each(curve: dict[str, Any], place: int) -> str:
    """Nanoseconds of a size's operation, and what that is for one item."""
    size, time = curve["sizes"][place], curve["times"][place]
    return f"{time / 1e3:,.1f} ({time / size:,.1f})"


def markdown(curves: dict[str, dict[str, Any]]) -> str:
    """The whole of growth.md."""
    lines = [HEAD, *(f"- {name}: {value}\n" for name, value in machine().items()), "\n"]
    lines += ["| operation | exponent | sizes | µs (ns an item) at the middle | at the end |\n"]
    lines += ["|---|---:|---:|---:|---:|\n"]
    for name, curve in curves.items():
        sizes = curve["sizes"]
        middle = len(sizes) // 2
        lines.append(
            f"| {name} | {curve['exponent'] + 0:.2f} | {sizes[0]:,} to {sizes[-1]:,} | "
            f"{each(curve, middle)} | {each(curve, -1)} |\n"
        )
    limits = [f"- {n}, {curve['limit']}\n" for n, curve in curves.items() if "limit" in curve]
    if limits:
        lines += ["\n## Limits\n\n", *limits]
    return "".join(lines)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="build to measure")
    parser.add_argument("--only", help="curves: names, or beginnings with *, comma between them")
    parser.add_argument("--realtime", action="store_true", help="as for bench/run.py")
    arguments = parser.parse_args()
    if arguments.realtime:
        go_first()
    curves = measure(arguments.dist, arguments.only)
    for name, curve in sorted(curves.items(), key=lambda item: -item[1]["exponent"]):
        mark = "  worse than linear" if curve["exponent"] > LINEAR else ""
        print(f"{curve['exponent']:5.2f}  {name}{mark}")
    if arguments.only:
        print("nothing was written (--only)")
        return
    import plots

    (BENCH / "growth.json").write_text(json.dumps(curves) + "\n")
    (BENCH / "growth.md").write_text(markdown(curves))
    image = plots.growth(curves, ROOT / "docs" / "images" / "bench-growth.svg")
    print("written: growth.md, growth.json,", image.name)


if __name__ == "__main__":
    main()

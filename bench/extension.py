#!/usr/bin/env python3
"""Measure the example of an extension module against the same in Python; write bench/extension.md.

Usage: `make bench A=extension`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from extending.compiling import SUFFIX, compile_cython  # noqa: E402 - lies in tests/

EXAMPLE = ROOT / "examples" / "extending" / "src" / "pixelwise"
PROGRAM = """
import { readFileSync } from "node:fs";
const [dist, init, library, suffix] = process.argv.slice(1);
const { loadPyodide } = await import(dist);
const pyodide = await loadPyodide();
const folder = "/lib/python3.13/site-packages/pixelwise/";
pyodide.FS.mkdirTree(folder);
pyodide.FS.writeFile(folder + "__init__.py", readFileSync(init));
pyodide.FS.writeFile(folder + "_fast" + suffix, readFileSync(library));
globalThis.context = { beginPath() {}, moveTo(x, y) { this.x = x; }, lineTo(x, y) { this.x = x; }, stroke() {} };
globalThis.numbers = Float64Array.from({ length: 1e6 }, (_, i) => i);
console.log(pyodide.runPython(`
import time
from array import array
import js, pixelwise
context, numbers = js.context, js.numbers
points = memoryview(array("d", range(2000))).cast("B").cast("d", (1000, 2))
pairs = points.tolist()

def polyline(context, points):
    context.beginPath()
    context.moveTo(*points[0])
    for x, y in points[1:]:
        context.lineTo(x, y)
    context.stroke()

def total(numbers):
    return sum(numbers.to_py())

def best(f, *args):
    times = []
    for _ in range(15):
        start = time.perf_counter()
        f(*args)
        times.append(time.perf_counter() - start)
    return min(times) * 1e6

assert pixelwise.total(numbers) == total(numbers)
rows = [
    ("line of 1000 points", best(polyline, context, pairs), best(pixelwise.draw_polyline, context, points)),
    ("sum of 1,000,000 doubles", best(total, numbers), best(pixelwise.total, numbers)),
]
"\\\\n".join(f"| {name} | {python:,.0f} µs | {compiled:,.0f} µs | {python / compiled:.1f} |" for name, python, compiled in rows)
`));
"""
HEADER = """# An extension module against Python

Written by `python3 bench/extension.py`: do not edit. Best of 15, in Node; examples/extending is the module.

| operation | Python | Cython, through the C API | ratio |
|---|---:|---:|---:|
"""


def main() -> None:
    """Compile, measure, write."""
    library = compile_cython(EXAMPLE / "_fast.pyx", "_fast")
    places = [ROOT / "dist" / "pyodide.mjs", EXAMPLE / "__init__.py", library, SUFFIX]
    command = ["node", "--input-type=module", "-e", PROGRAM, *map(str, places)]
    rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (ROOT / "bench" / "extension.md").write_text(HEADER + rows)
    print(rows, end="")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs the tests that a compiled package brings along, in Node, one process for each of its parts.

`make package-tests A="numpy linalg fft"` runs those parts of numpy's, `A=numpy` all of them; `--report FILE` writes a page
of numbers.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from buildlib import compiled, config, recipe
from harness.runtime import dist_dir

HERE = Path(__file__).resolve().parent
# What numpy's directories of tests are called; f2py and typing need compilers and type checkers.
PARTS = {
    "numpy": [
        *("_core", "fft", "lib", "linalg", "ma", "matrixlib"),
        *("polynomial", "random", "testing", "tests"),
    ],
}
OUTCOMES = ("passed", "skipped", "xfailed", "xpassed", "failed", "error")


@dataclass
class Result:
    """What has become of one part."""

    part: str
    status: int
    seconds: int
    counts: dict[str, int] = field(default_factory=dict)
    output: str = ""


def run_part(package: str, part: str, arguments: Sequence[str] = (), echo: bool = False) -> Result:
    """Run one part's tests.

    Parameters
    ----------
    package
        name of a package with a [build] table in its recipe.
    part
        one of the package's PARTS.
    arguments
        further arguments for pytest.
    echo
        show pytest's output while it runs, instead of keeping it.
    """
    wheel = compiled.wheel(recipe.recipe(package))
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder, "counts.json")
        # The C stack of Python is WebAssembly's, which V8 keeps on its own.
        node = ["node", "--stack-size=4000", str(HERE / "own_tests.mjs")]
        words = [str(dist_dir()), str(wheel), str(counts), "--pyargs", f"{package}.{part}"]
        process = subprocess.run(
            [*node, *words, "-m", "not slow", "-q", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=None if echo else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        found = json.loads(counts.read_text()) if counts.exists() else {}
    found.pop("status", None)
    seconds = round(time.monotonic() - begin)
    return Result(part, process.returncode, seconds, found, process.stdout or "")


def page(package: str, results: Sequence[Result]) -> str:
    """Return a page of numbers, in Markdown."""
    version = recipe.recipe(package).version
    python = config.load()["python"]["version"]
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    lines = [
        f"# The tests of {package}",
        "",
        f"{package} {version} as `make dist` compiles it, CPython {python}, Node {node.stdout.strip()}; tests that it",
        f'marks as slow are left out. Written by `make package-tests A="{package} --report docs/conformance-{package}.md"`.',
        "",
        f"| part | {' | '.join(OUTCOMES)} | seconds |",
        f"|---|{'---|' * len(OUTCOMES)}---|",
    ]
    total = dict.fromkeys(OUTCOMES, 0)
    for result in results:
        numbers = [result.counts.get(name, 0) for name in OUTCOMES]
        for name, number in zip(OUTCOMES, numbers, strict=True):
            total[name] += number
        ended = "" if result.status in (0, 1) else f" (ended with status {result.status})"
        lines.append(
            f"| {result.part}{ended} | {' | '.join(map(str, numbers))} | {result.seconds} |"
        )
    seconds = sum(result.seconds for result in results)
    lines.append(f"| all | {' | '.join(map(str, total.values()))} | {seconds} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the parts that are asked for; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="own_tests.py", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("package", choices=PARTS)
    parser.add_argument("parts", nargs="*", help="all, when none is named")
    parser.add_argument("--report", type=Path, help="page to write")
    parser.add_argument("-k", help="only tests that match, as for pytest")
    chosen = parser.parse_args()
    known = PARTS[chosen.package]
    unknown = sorted(set(chosen.parts) - set(known))
    if unknown:
        parser.error(f"{chosen.package} has no {', '.join(unknown)}; it has {', '.join(known)}")
    results = []
    for part in chosen.parts or known:
        print(f"[{chosen.package}] {part}", file=sys.stderr, flush=True)
        arguments = ["-k", chosen.k] if chosen.k else []
        results.append(run_part(chosen.package, part, arguments, echo=True))
        if chosen.report:
            chosen.report.write_text(page(chosen.package, results))
    return int(any(result.status for result in results))


if __name__ == "__main__":
    sys.exit(main())

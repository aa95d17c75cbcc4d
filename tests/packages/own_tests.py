#!/usr/bin/env python3
"""Runs the tests that a compiled package brings along, in Node, one process for each of its parts.

`make package-tests A="numpy linalg fft"` runs those parts of numpy's, `A=numpy` all of them; `--report FILE` writes a page
of numbers, with reasons for what failed (own_tests_reasons.toml) and was skipped.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from buildlib import compiled, config, recipe, recipes
from harness.runtime import dist_dir

HERE = Path(__file__).resolve().parent
LOCK_FILE = recipes.LOCK_FILE
REASONS = HERE / "own_tests_reasons.toml"
RARE = 10
SITE_PACKAGES = "/lib/python3.13/site-packages"


@dataclass(frozen=True)
class Suite:
    """A package's tests: its parts, by name with what pytest calls them, and pytest's arguments."""

    parts: dict[str, str]
    chosen: str
    options: tuple[str, ...] = ()


def _modules(*names: str) -> dict[str, str]:
    return {name: f"--pyargs=numpy.{name}" for name in names}


def _folders(*names: str) -> dict[str, str]:
    return {name: f"{SITE_PACKAGES}/pandas/tests/{name}" for name in names}


SUITES = {
    # f2py and typing need compilers and type checkers.
    "numpy": Suite(
        {
            **_modules("_core", "fft", "lib", "linalg", "ma", "matrixlib"),
            **_modules("polynomial", "random", "testing", "tests"),
        },
        "not slow",
    ),
    # In their order of importance; plotting needs matplotlib.
    "pandas": Suite(
        {
            **_folders("frame", "series", "groupby", "reshape", "indexing", "indexes", "resample"),
            **_folders(
                "window", "strings", "io", "tslibs", "tseries", "scalar", "arrays", "dtypes"
            ),
            **_folders("arithmetic", "reductions", "apply", "extension", "libs", "internals"),
            **_folders(
                "copy_view", "construction", "generic", "base", "computation", "interchange"
            ),
            **_folders("api", "config", "tools", "util"),
            "its modules": f"{SITE_PACKAGES}/pandas/tests/test_*.py",
        },
        # As pandas' own pyproject.toml has it for this platform.
        "not clipboard and not single_cpu and not slow and not network and not db",
        ("-o", "addopts=", "--no-strict-data-files"),
    ),
}
OUTCOMES = ("passed", "skipped", "xfailed", "xpassed", "failed", "error")


@dataclass
class Result:
    """What has become of one part."""

    part: str
    status: int
    seconds: int
    counts: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    output: str = ""


def lock_file(package: str) -> Path:
    """The lock file with what a package needs."""
    return (recipes.everything() if recipe.recipe(package).optional else dist_dir()) / LOCK_FILE


def run_part(package: str, part: str, arguments: Sequence[str] = (), echo: bool = False) -> Result:
    """Run one part's tests.

    Parameters
    ----------
    package
        name of a package with a [build] table in its recipe.
    part
        one of the parts of its suite.
    arguments
        further arguments for pytest.
    echo
        show pytest's output while it runs, instead of keeping it.
    """
    wheel, suite = compiled.wheel(recipe.recipe(package)), SUITES[package]
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "found.json")
        # The C stack of Python is WebAssembly's, which V8 keeps on its own.
        node = ["node", "--stack-size=4000", str(HERE / "own_tests.mjs")]
        words = [str(dist_dir()), str(lock_file(package)), str(wheel), str(file)]
        words += [*suite.parts[part].split("="), *suite.options]
        process = subprocess.run(
            [*node, *words, "-m", suite.chosen, "-q", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=None if echo else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        found = json.loads(file.read_text()) if file.exists() else {}
    found["status"] = process.returncode
    seconds = round(time.monotonic() - begin)
    return Result(part, seconds=seconds, output=process.stdout or "", **found)


def page(package: str, results: Sequence[Result]) -> str:
    """Return a page of numbers, in Markdown."""
    made = recipe.recipe(package)
    python = config.load()["python"]["version"]
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    lines = [
        f"# The tests of {package}",
        "",
        f"{package} {made.version} as `make {'packages' if made.optional else 'dist'}` compiles it, CPython {python}, "
        f"Node {node.stdout.strip()}; tests with",
        f'`-m "{SUITES[package].chosen}"`. Written by '
        f'`make package-tests A="{package} --report docs/conformance-{package}.md"`.',
        "",
        *_numbers(results),
        *_failures(package, results),
        *_skips(results),
    ]
    return "\n".join(lines) + "\n"


def _numbers(results: Sequence[Result]) -> list[str]:
    """The table of outcomes."""
    lines = [f"| part | {' | '.join(OUTCOMES)} | seconds |", f"|---|{'---|' * len(OUTCOMES)}---|"]
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
    return [*lines, f"| all | {' | '.join(map(str, total.values()))} | {seconds} |"]


def _failures(package: str, results: Sequence[Result]) -> list[str]:
    """The table of failures by their reason, which REASONS tells, or else the test's own message."""
    reasons = tomllib.loads(REASONS.read_text()).get(package, {})
    found: dict[tuple[str, str], int] = {}
    for result in results:
        for name, message in result.failed.items():
            test = name.rpartition(f"/site-packages/{package}/")[2].partition("[")[0]
            known = next((why for key, why in reasons.items() if key in name), None)
            why = known or f"not explained: {message.splitlines()[0] if message else ''}"
            key = test.partition("::")[0] if known else test, why
            found[key] = found.get(key, 0) + 1
    if not found:
        return []
    rows = [f"| {where} | {count} | {_cell(why)} |" for (where, why), count in found.items()]
    return ["", "## Failed", "", "| where | tests | why |", "|---|---|---|", *rows]


def _skips(results: Sequence[Result]) -> list[str]:
    """The table of skipped tests by the reason that they give, the rare ones together."""
    total: Counter[str] = Counter()
    for result in results:
        total.update({_cell(why): count for why, count in result.skipped.items()})
    common = [(why, count) for why, count in total.most_common() if count >= RARE]
    rows = [f"| {count} | {why} |" for why, count in common]
    rest = sum(total.values()) - sum(count for _, count in common)
    rows += [f"| {rest} | {len(total) - len(common)} reasons with less than {RARE} tests |"]
    return ["", "## Skipped", "", "| tests | why |", "|---|---|", *rows]


def _cell(text: str) -> str:
    """A text as a table can have it."""
    return " ".join(text.split()).replace("|", "\\|")[:160]


def main() -> int:
    """Run the parts that are asked for; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="own_tests.py", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("package", choices=SUITES)
    parser.add_argument("parts", nargs="*", help="all, when none is named")
    parser.add_argument("--report", type=Path, help="page to write")
    parser.add_argument("-k", help="only tests that match, as for pytest")
    chosen = parser.parse_args()
    known = SUITES[chosen.package].parts
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

"""Measure the bridge against its peers and write bench/results.md and bench/results.json.

Every round starts one Node process a runtime, in turn, so that what else happens on the machine hits all of them alike;
a figure is the median over the rounds. The peers are the npm packages of bench/package.json, installed into build/bench.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
PEERS_DIR = ROOT / "build" / "bench"
# A row of ours without a twin of the same name in the peers, and the row of theirs that does the same.
TWINS = {
    "list of 1000 ints to JS: implicit": "list of 1000 ints to JS: toJs",
    "list of 1000 ints to Python: implicit": "list of 1000 ints to Python: toPy",
    "list of 1000 ints Python to JS: implicit argument": "list of 1000 ints Python to JS: to_js",
    "list of 1000 ints JS to Python: implicit attribute": "list of 1000 ints JS to Python: to_py",
}
# How the rows of interpreter/ begin, and the row that sums them up.
INTERPRETER = "interpreter: "
INTERPRETER_MEAN = "interpreter: geometric mean of the programs"
# Wanted ratios to pyodide 0.29.5, from the project's goals.
WANTED = {
    "start: process to first runPython": 6,
    "JS calls Python: no argument": 2.5,
    "JS calls Python: two ints": 3,
    "JS calls Python: short str": 3,
    "JS calls Python: 1200-char str": 25,
    "JS calls Python: JS object": 4,
    "Python attribute from JS: read": 3,
    "Python attribute from JS: write": 2,
    "Python attribute from JS: method call": 4,
    "Python attribute from JS: dict.get": 3,
    "Python calls JS: no argument": 3,
    "Python calls JS: two ints": 4,
    "Python calls JS: short str": 4,
    "Python calls JS: 1200-char str": 25,
    "JS attribute from Python: int": 4,
    "JS attribute from Python: str": 4,
    "JS attribute from Python: object": 4,
    "JS attribute from Python: write": 3,
    "JS attribute from Python: method call": 4,
    "list of 1000 ints to JS: toJs": 30,
    "list of 1000 ints Python to JS: to_js": 30,
    "list of 1000 ints to Python: toPy": 10,
    "list of 1000 ints JS to Python: to_py": 10,
    "dict of 1000 to JS: toJs": 10,
    "100 nested records to Python: toPy": 4,
    "100 nested records Python to JS: to_js": 6,
    "Map of 1000 to Python: to_py": 8,
    "iterate an array of 1000 in Python": 5,
    "8 MB Float64Array to bytes": 1,
    INTERPRETER_MEAN: 1.3,
    "list of 1000 ints to JS: implicit": 20,
    "list of 1000 ints to Python: implicit": 20,
    "list of 1000 ints Python to JS: implicit argument": 20,
    "list of 1000 ints JS to Python: implicit attribute": 20,
}
MOVED = 1.25


@dataclass(frozen=True)
class Contender:
    """One runtime that is measured: its loader module, and its conversion mode ("-": it has none)."""

    label: str
    module: Path
    conversion: str


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="build to measure")
    parser.add_argument("--rounds", type=int, default=5, help="processes a runtime (default 5)")
    parser.add_argument(
        "--seconds", type=float, default=0.5, help="warm-up, and time, a row and round"
    )
    parser.add_argument("--quick", action="store_true", help="2 short rounds, nothing is written")
    parser.add_argument(
        "--only", help="rows to measure: names, or beginnings of names with *, comma between them"
    )
    parser.add_argument("--base", type=Path, help="another build of ours, to be the first peer")
    parser.add_argument("--peers-only", action="store_true", help="leave our own build out")
    parser.add_argument("--out", type=Path, default=BENCH, help="folder for the results")
    return parser.parse_args()


def install_peers() -> None:
    """Install the npm packages of package-lock.json into build/bench, unless they are there.

    Raises SystemExit with npm's output when that fails.
    """
    PEERS_DIR.mkdir(parents=True, exist_ok=True)
    stamp = PEERS_DIR / "installed.json"
    lock = (BENCH / "package-lock.json").read_text()
    if stamp.exists() and stamp.read_text() == lock:
        return
    print("installing the peers with npm ...", flush=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(BENCH / name, PEERS_DIR / name)
    command = ["npm", "ci", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=PEERS_DIR, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"npm could not install the peers:\n{done.stdout}{done.stderr}")
    stamp.write_text(lock)


def contenders(arguments: argparse.Namespace) -> list[Contender]:
    """The runtimes to measure, ours first.

    Raises SystemExit when a loader is missing.
    """
    modules = PEERS_DIR / "node_modules"
    found = [
        Contender("pyodide 0.29.5", modules / "pyodide-0.29" / "pyodide.mjs", "-"),
        Contender("pyodide 314.0.7", modules / "pyodide-314" / "pyodide.mjs", "-"),
    ]
    if arguments.base:
        found.insert(0, Contender("base", arguments.base.resolve() / "pyodide.mjs", "native"))
        del found[2]
    if not arguments.peers_only:
        found.insert(0, Contender("ours", arguments.dist.resolve() / "pyodide.mjs", "native"))
    for contender in found:
        if not contender.module.exists():
            sys.exit(
                f"{contender.label}: {contender.module.name} is missing; run `make dist` first"
            )
    return found


def run_once(contender: Contender, seconds: float, only: str | None) -> dict[str, float]:
    """Times in nanoseconds by row, from one process.

    Raises SystemExit with the process's output when it fails.
    """
    command = ["node", str(BENCH / "worker.mjs"), contender.label, str(contender.module)]
    command += [contender.conversion, str(seconds), *([only] if only else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{contender.label} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    results: dict[str, float] = json.loads(done.stdout.splitlines()[-1])["results"]
    return results


def measure(
    contenders: list[Contender], rounds: int, seconds: float, only: str | None
) -> dict[str, dict[str, float]]:
    """Medians by runtime and row."""
    times: dict[str, list[dict[str, float]]] = {c.label: [] for c in contenders}
    for number in range(rounds):
        for contender in contenders:
            start = time.monotonic()
            times[contender.label].append(run_once(contender, seconds, only))
            took = time.monotonic() - start
            print(f"round {number + 1}/{rounds}: {contender.label}, {took:.1f} s", flush=True)
    return {
        label: {row: statistics.median(r[row] for r in runs) for row in runs[0]}
        for label, runs in times.items()
    }


def add_means(medians: dict[str, dict[str, float]]) -> None:
    """Add the geometric mean of the programs of interpreter/ as a row."""
    for rows in medians.values():
        programs = [time for row, time in rows.items() if row.startswith(INTERPRETER)]
        if programs:
            rows[INTERPRETER_MEAN] = statistics.geometric_mean(programs)


def machine() -> dict[str, str]:
    """What figures depend on, without names of machine or user."""
    model = "unknown"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "node": node.stdout.strip(),
        "load average": " ".join(f"{x:.1f}" for x in os.getloadavg()),
    }


def show_time(nanoseconds: float | None) -> str:
    """A time with a unit that fits."""
    if nanoseconds is None:
        return "-"
    for unit, size in (("s", 1e9), ("ms", 1e6), ("\u00b5s", 1e3)):
        if nanoseconds >= size * 10 or (unit == "s" and nanoseconds >= size):
            return (
                f"{nanoseconds / size:,.2f} {unit}"
                if unit == "s"
                else f"{nanoseconds / size:,.1f} {unit}"
            )
    return f"{nanoseconds:,.0f} ns"


def table(medians: dict[str, dict[str, float]]) -> list[list[str]]:
    """Rows of the table: name, times, ratios of the peers to ours, the wanted ratio to the first peer."""
    labels = list(medians)
    peers = [label for label in labels if label != "ours"]
    rows = [["operation", *labels, *(f"{p} / ours" for p in peers if "ours" in medians), "wanted"]]
    names = list(dict.fromkeys(name for label in labels for name in medians[label]))
    for name in names:
        cells = [name]
        found = {p: medians[p].get(TWINS.get(name, name)) for p in peers}
        ours = medians.get("ours", {}).get(name)
        if "ours" in medians:
            cells.append(show_time(ours))
        cells += [show_time(found[p]) for p in peers]
        if "ours" in medians:
            ratios = [f / ours if (f := found[p]) is not None and ours else None for p in peers]
            cells += ["-" if r is None else f"{r:.1f}" for r in ratios]
        cells.append(f"{WANTED[name]:g}" if name in WANTED else "")
        rows.append(cells)
    return rows


def markdown(rows: list[list[str]], facts: dict[str, str], arguments: argparse.Namespace) -> str:
    """The whole of results.md."""
    lines = ["# Times of the bridge", ""]
    lines += [
        "Written by `make bench` (`python3 bench/run.py`): do not edit. Each figure is the median over",
        f"{arguments.rounds} rounds; in a round one Node process a runtime runs all rows, the runtimes in turn, and",
        "each row gives its best of fifty short samples.",
        "A ratio above 1 means that ours is faster. Loop overhead is subtracted. Rows called *implicit* are",
        "conversions that happen by themselves in our `native` mode; beside them stands the peers' explicit one.",
        "",
    ]
    lines += [f"- {name}: {value}" for name, value in facts.items()]
    lines += ["", "| " + " | ".join(rows[0]) + " |"]
    lines.append("|---|" + "---:|" * (len(rows[0]) - 1))
    lines += ["| " + " | ".join(row) + " |" for row in rows[1:]]
    return "\n".join(lines) + "\n"


def print_table(rows: list[list[str]]) -> None:
    """The table for the terminal."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
        ]
        print("  ".join(cells))


def print_moved(old_file: Path, medians: dict[str, dict[str, float]]) -> None:
    """Say which rows changed against the last written results, as ratios to the first peer."""
    if not old_file.exists() or "ours" not in medians:
        return
    old: dict[str, Any] = json.loads(old_file.read_text())["medians"]
    peer = next(label for label in medians if label != "ours")

    def ratio(source: dict[str, dict[str, float]], row: str) -> float | None:
        ours = source.get("ours", {}).get(row)
        theirs = source.get(peer, {}).get(TWINS.get(row, row))
        return theirs / ours if ours and theirs else None

    for row in medians["ours"]:
        before, after = ratio(old, row), ratio(medians, row)
        if before and after and not 1 / MOVED < after / before < MOVED:
            print(f"moved: {row}: {before:.1f} -> {after:.1f} times {peer}")


def main() -> None:
    """Measure, print, write."""
    arguments = parse_arguments()
    if arguments.quick:
        arguments.rounds, arguments.seconds = 2, 0.1
    install_peers()
    medians = measure(contenders(arguments), arguments.rounds, arguments.seconds, arguments.only)
    add_means(medians)
    rows = table(medians)
    print_table(rows)
    print_moved(arguments.out / "results.json", medians)
    if arguments.quick or arguments.only or arguments.base:
        print("nothing was written (--quick, --only or --base)")
        return
    facts = machine()
    data = {
        "machine": facts,
        "rounds": arguments.rounds,
        "seconds": arguments.seconds,
        "medians": medians,
    }
    (arguments.out / "results.json").write_text(json.dumps(data, indent=2) + "\n")
    (arguments.out / "results.md").write_text(markdown(rows, facts, arguments))
    print("written: results.md, results.json")


if __name__ == "__main__":
    main()

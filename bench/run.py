"""Measure the bridge against its peers and write bench/results.md, results.json, an entry of history/ and plots.

Every round starts one process a runtime, in turn, so that what else happens on the machine hits all of them alike; a
figure is the median over the rounds. After Node come pages in Chromium. The peers are the npm packages of
bench/package.json, installed into build/bench, native CPython, and PythonMonkey from requirements.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import time
from pathlib import Path
from typing import Any

import chromium
import history
from contenders import Contender, bridges, install_peers, others, run_once
from facts import machine
from goals import DOWNLOAD
from report import Rounds, markdown, medians_of, print_table, table

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
IMAGES = ROOT / "docs" / "images"
BROTLI_QUALITY = 9


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
    parser.add_argument(
        "--places", default="node,chromium", help="where to measure (default node,chromium)"
    )
    parser.add_argument("--base", type=Path, help="another build of ours, to be the first peer")
    parser.add_argument("--peers-only", action="store_true", help="leave our own build out")
    parser.add_argument(
        "--realtime",
        action="store_true",
        help="as root on Linux: before all else that wants the processor, which it starves",
    )
    parser.add_argument("--out", type=Path, default=BENCH, help="folder for the results")
    return parser.parse_args()


def go_first() -> None:
    """Give this process and its children the processor before all others.

    Raises SystemExit where the system does not allow it.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(50))
    except (AttributeError, PermissionError) as error:
        sys.exit(f"--realtime: this needs root on Linux ({error})")


def in_node(runtimes: list[Contender], arguments: argparse.Namespace) -> Rounds:
    """Figures by runtime and round, from processes of Node and of native Python."""
    found: Rounds = {c.label: [] for c in runtimes}
    for number in range(arguments.rounds):
        for contender in runtimes:
            start = time.monotonic()
            found[contender.label].append(run_once(contender, arguments.seconds, arguments.only))
            took = time.monotonic() - start
            print(
                f"round {number + 1}/{arguments.rounds}: {contender.label}, {took:.1f} s",
                flush=True,
            )
    return found


def in_chromium(runtimes: list[Contender], arguments: argparse.Namespace) -> Rounds:
    """Figures by runtime and round, from pages; with them what the first start downloads."""
    folders = {f"r{i}": c.module.parent for i, c in enumerate(runtimes) if c.module}
    server = chromium.Server(folders)
    found: Rounds = {c.label: [] for c in runtimes}
    try:
        for number in range(arguments.rounds):
            for i, contender in enumerate(runtimes):
                page = chromium.Page(f"r{i}", "pyodide.mjs", contender.conversion)
                start = time.monotonic()
                rows, fetched = chromium.run_once(server, page, arguments.seconds, arguments.only)
                if number == 0:
                    size = sum(compressed(server.file(path)) for path in fetched)
                rows[DOWNLOAD] = found[contender.label][0][DOWNLOAD] if number else size
                found[contender.label].append(rows)
                took = time.monotonic() - start
                print(
                    f"round {number + 1}/{arguments.rounds}: {contender.label} in Chromium, {took:.1f} s",
                    flush=True,
                )
    finally:
        server.close()
    return found


def compressed(file: Path) -> int:
    """The bytes of a file as a good server sends it."""
    import brotli

    return len(brotli.compress(file.read_bytes(), quality=BROTLI_QUALITY))


def write(entry: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Write the results, the entry of the history, and the plots when the results go to this folder."""
    places = {name: place["medians"] for name, place in entry["places"].items()}
    command = shlex.join(["make bench", *sys.argv[1:]]).replace("'", "")
    text = markdown(
        places["node"], places.get("chromium", {}), entry["machine"], arguments.rounds, command
    )
    (arguments.out / "results.json").write_text(json.dumps(entry, indent=1) + "\n")
    (arguments.out / "results.md").write_text(text)
    written = ["results.md", "results.json"]
    if arguments.out.resolve() == BENCH:
        import plots

        written += [history.save(entry).name]
        written += [file.name for file in plots.results(entry, IMAGES)]
    print("written:", ", ".join(written))


def main() -> None:
    """Measure, print, write."""
    arguments = parse_arguments()
    if arguments.quick:
        arguments.rounds, arguments.seconds = 2, 0.1
    install_peers()
    runtimes = bridges(None if arguments.peers_only else arguments.dist, arguments.base)
    places = arguments.places.split(",")
    browser = chromium.version() if "chromium" in places else None
    if "chromium" in places and browser is None:
        print("Chromium: not measured, chromium or chromedriver is not on PATH")
    if arguments.realtime:
        go_first()
    rounds: dict[str, Rounds] = {}
    if "node" in places:
        beside = [] if arguments.base or arguments.peers_only else others()
        rounds["node"] = in_node([*runtimes, *beside], arguments)
    if browser:
        rounds["chromium"] = in_chromium(runtimes, arguments)
    for place, found in rounds.items():
        print(f"\n{place}")
        print_table(table(medians_of(found)))
    if arguments.peers_only:
        return
    entry = history.entry(machine(browser), rounds)
    earlier = history.load()
    if earlier and not arguments.base:
        last = earlier[-1]
        lines = history.moved(last, entry) or ["nothing moved by more than the noise"]
        print(f"\nsince {last['commit']} of {last['date']}:", *lines, sep="\n")
    partial = arguments.quick or arguments.only or arguments.base or arguments.places == "chromium"
    if partial:
        print("nothing was written (--quick, --only, --base or --places)")
    else:
        write(entry, arguments)


if __name__ == "__main__":
    main()

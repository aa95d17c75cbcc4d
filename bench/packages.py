"""Measure how large packages are, and how long they take to load and import; write bench/packages.md.

The npm package pyodide 0.29.5 brings no packages, but it has the same ABI: it gets the same wheels. Those of pandas are there after
`make packages`. Each figure is the median over rounds of fresh processes, the runtimes in turn.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import zipfile
from pathlib import Path

import contenders
from facts import machine
from run import go_first

BENCH = contenders.BENCH
ROOT = BENCH.parent
FOLDERS = (ROOT / "dist", ROOT / "build" / "packages")
# Import name, and the package with what it needs, by the names that wheels' files begin with.
PACKAGES = {
    "numpy": ["numpy"],
    "pandas": ["pandas", "numpy", "python_dateutil", "tzdata"],
    "dateutil.parser": ["python_dateutil"],
    "micropip": ["micropip"],
    "requests": ["requests", "urllib3", "certifi", "idna", "charset_normalizer", "pyodide_http"],
    "pytest": ["pytest", "iniconfig", "packaging", "pluggy", "pygments"],
    "hypothesis": ["hypothesis", "sortedcontainers"],
}
HEADER = """# Packages: sizes and times

Written by `make bench A=packages` (`python3 bench/packages.py`): do not edit. *Loading* takes a package and what it needs from the disk,
checks and unpacks them and compiles their libraries; *import* is the first one of a process. Each figure is the median over {rounds}
fresh processes, the runtimes in turn. pyodide 0.29.5's npm package brings no packages, so it gets the same wheels. It imports at its start
what of Python's library installing needs (`types`, `re`, `zipfile` ...); ours does that with the first package, which is loaded here.

{facts}

| import | wheels | MB | unpacked MB | libraries MB | loading: ours | 0.29.5 | import: ours | 0.29.5 |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def wheels_of(names: list[str]) -> list[Path]:
    """The wheels of packages; none when one of them has not been made."""
    found = []
    for name in names:
        paths = [path for folder in FOLDERS for path in folder.glob(f"{name}-*.whl")]
        if not paths:
            return []
        found.append(paths[0])
    return found


def sizes(wheels: list[Path]) -> tuple[float, float, float]:
    """Megabytes of the wheels, of their files, and of the shared libraries among these."""
    unpacked = libraries = 0
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                unpacked += entry.file_size
                libraries += entry.file_size if entry.filename.endswith(".so") else 0
    packed = sum(wheel.stat().st_size for wheel in wheels)
    return packed / 1e6, unpacked / 1e6, libraries / 1e6


def once(module: Path, name: str, wheels: list[Path]) -> dict[str, float]:
    """Milliseconds of one process.

    Raises SystemExit with the process's output when it fails.
    """
    command = ["node", BENCH / "packages.mjs", module, name, *wheels]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{name} in {module.parent.name} failed:\n{done.stdout}{done.stderr}")
    times: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return times


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="processes a runtime (default 5)")
    parser.add_argument("--realtime", action="store_true", help="go before all else (root)")
    chosen = parser.parse_args()
    rounds = chosen.rounds
    if chosen.realtime:
        go_first()
    contenders.install_peers()
    peer = contenders.PEERS_DIR / "node_modules" / "pyodide-0.29" / "pyodide.mjs"
    modules = [ROOT / "dist" / "pyodide.mjs", peer]
    facts = "\n".join(f"- {name}: {value}" for name, value in machine().items())
    text = HEADER.format(rounds=rounds, facts=facts)
    for name, names in PACKAGES.items():
        wheels = wheels_of(names)
        if not wheels:
            print(f"{name}: not there, `make packages` makes it; its row is left out")
            continue
        times = [[once(module, name, wheels) for module in modules] for _ in range(rounds)]
        cells = [name, str(len(wheels)), *(f"{size:.2f}" for size in sizes(wheels))]
        for what in ("load", "import"):
            columns = zip(*times, strict=True)
            medians = [statistics.median(time[what] for time in column) for column in columns]
            cells += [f"{median:,.0f} ms" for median in medians]
        print("  ".join(cells), flush=True)
        text += f"| {' | '.join(cells)} |\n"
    (BENCH / "packages.md").write_text(text)
    print("written: packages.md")


if __name__ == "__main__":
    main()

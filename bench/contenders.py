"""The runtimes that are measured, and how one process of each is run in Node or in native Python."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent
PEERS_DIR = BENCH.parent / "build" / "bench"
MODULES = PEERS_DIR / "node_modules"


@dataclass(frozen=True)
class Contender:
    """One runtime: what starts a measuring process of it, and its loader where it can run in a browser."""

    label: str
    command: tuple[str, ...]
    module: Path | None = None
    conversion: str = "-"


def _in_node(label: str, module: Path, conversion: str = "-") -> Contender:
    command = ("node", "--expose-gc", str(BENCH / "worker.mjs"), label, str(module), conversion)
    return Contender(label, command, module, conversion)


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


def bridges(dist: Path | None, base: Path | None) -> list[Contender]:
    """Our build, unless that is None, and its peers; `base` is another build of ours, the first peer.

    Raises SystemExit when a loader is missing.
    """
    found = [_in_node("pyodide 0.29.5", MODULES / "pyodide-0.29" / "pyodide.mjs")]
    if base:
        found.insert(0, _in_node("base", base.resolve() / "pyodide.mjs", "native"))
    else:
        found.append(_in_node("pyodide 314.0.7", MODULES / "pyodide-314" / "pyodide.mjs"))
    if dist:
        found.insert(0, _in_node("ours", dist.resolve() / "pyodide.mjs", "native"))
    for contender in found:
        if contender.module and not contender.module.exists():
            sys.exit(
                f"{contender.label}: {contender.module.name} is missing; run `make dist` first"
            )
    return found


def others() -> list[Contender]:
    """What stands beside the table: native CPython, MicroPython in Node, PythonMonkey where it can be installed."""
    package = MODULES / "@micropython" / "micropython-webassembly-pyscript"
    found = [
        Contender("native CPython", (sys.executable, str(BENCH / "native_worker.py"))),
        _in_node("MicroPython", package / "micropython.mjs", "micropython"),
    ]
    if importlib.util.find_spec("pythonmonkey"):
        found.append(Contender("PythonMonkey", (sys.executable, str(BENCH / "monkey_worker.py"))))
    else:
        print("PythonMonkey is not installed here (it has no wheel for this machine): left out")
    return found


def run_once(contender: Contender, seconds: float, only: str | None) -> dict[str, float]:
    """Figures by row, from one process.

    Raises SystemExit with the process's output when it fails.
    """
    command = [*contender.command, str(seconds), *([only] if only else [])]
    variables = {**os.environ, "BENCH_STARTED": repr(time.time())}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    if done.returncode != 0:
        sys.exit(f"{contender.label} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    results: dict[str, float] = json.loads(done.stdout.splitlines()[-1])["results"]
    return results

#!/usr/bin/env python3
"""Runs CPython's own regression suite with dist/python and writes docs/conformance.md when
every module has a result.

Each module of the suite runs in a process of its own, `python -m test -u none NAME`. Results are
kept in build/conformance/results/, one file a module, so that a run can be continued and single
modules repeated. Reasons of failures that are known are in tests/conformance/reasons.toml.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from buildlib import config, sources
from buildlib.config import BUILD, CHECKOUT, DIST

WORK = BUILD / "conformance"
RESULTS = WORK / "results"
LIBRARY = WORK / "lib"
PAGE = CHECKOUT / "docs" / "conformance.md"
REASONS = CHECKOUT / "tests" / "conformance" / "reasons.toml"
TIME_LIMIT = 300.0

PROBLEM = re.compile(r"^(?:FAIL|ERROR): (\S+)")
SKIPPED = re.compile(r"^(?:\S+ load avg: \S+ )?(?:\[.*?\] )?(\w\S*) skipped(?: -- (.*))?$")
TOTALS = re.compile(r"^Total tests: run=([\d,]+)(?:.*?skipped=([\d,]+))?")
EXCEPTION = re.compile(r"^[\w.]+(?:Error|Exception|Exit|Interrupt|Warning|Failed)\b.*")
IMPORT = re.compile(r"^test \S+ (?:crashed|failed) -- Traceback")
LONGEST = 160


@dataclass
class Result:
    """What has become of one module of the suite."""

    name: str
    outcome: str
    """``passed``, ``failed``, ``skipped``, ``timeout`` or ``crashed``."""
    run: int = 0
    skipped: int = 0
    reason: str = ""
    problems: dict[str, str] = field(default_factory=dict)
    """Names of failed tests, and the exceptions."""


@dataclass
class Run:
    """What is kept of a run, beside its output."""

    name: str
    status: int | None
    """The exit status, or None when it was ended because it took too long."""
    seconds: int


def library() -> Path:
    """Return the folder that holds a copy of the package `test`, for PYTHONPATH."""
    tree = sources.patched_tree("cpython")
    stamp = WORK / "lib.key"
    if not stamp.exists() or stamp.read_text() != tree.name:
        shutil.rmtree(LIBRARY, ignore_errors=True)
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(tree / "Lib" / "test", LIBRARY / "test", symlinks=True, ignore=skip)
        stamp.write_text(tree.name)
    return LIBRARY


def module_names() -> list[str]:
    """Return the names of all modules of the suite."""
    entries = (library() / "test").iterdir()
    return sorted(
        path.stem
        for path in entries
        if path.name.startswith("test_") and (path.is_dir() or path.suffix == ".py")
    )


def log_of(name: str) -> str:
    """Return the output of the last run of a module."""
    return (WORK / "logs" / f"{name}.log").read_text(errors="replace")


def run_module(name: str, limit: float = TIME_LIMIT) -> Result:
    """Run one module of the suite, keep its output, and judge it."""
    scratch = WORK / "tmp" / name
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    program = Path(os.environ.get("PYODIDE_DIST", DIST)).resolve() / "python"
    command = [str(program), "-m", "test", "-u", "none", "-W", "--tempdir", str(scratch), name]
    variables = {**os.environ, "PYTHONPATH": str(library()), "NO_COLOR": "1"}
    begun = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=scratch,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            output, _ = process.communicate(timeout=limit)
            status: int | None = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            status = None
    shutil.rmtree(scratch, ignore_errors=True)
    for folder in ("logs", "results"):
        (WORK / folder).mkdir(exist_ok=True)
    (WORK / "logs" / f"{name}.log").write_bytes(output)
    run = Run(name, status, round(time.monotonic() - begun))
    (RESULTS / f"{name}.json").write_text(json.dumps(asdict(run)) + "\n")
    return judge(name, status, output.decode(errors="replace"))


def judge(name: str, status: int | None, text: str) -> Result:
    """Return the result that the output and the exit status of a run tell of.

    Parameters
    ----------
    name:
        The module.
    status:
        The exit status, or None when the run was ended because it took too long.
    text:
        The output.
    """
    result = Result(name, "crashed")
    for line in text.splitlines():
        if (found := SKIPPED.match(line)) and found[1] == name:
            result.reason = found[2] or result.reason
            result.outcome = "skipped"
        elif found := TOTALS.match(line):
            result.run = int(found[1].replace(",", ""))
            result.skipped = int((found[2] or "0").replace(",", ""))
    result.problems = problems_in(text)
    if status is None:
        result.outcome = "timeout"
    elif status == 0 and "Result: SUCCESS" in text and result.outcome != "skipped":
        result.outcome = "passed"
    elif "Result: FAILURE" in text:
        result.outcome = "failed"
    if result.outcome == "crashed":
        lines = [line for line in text.splitlines() if line.strip()]
        result.reason = f"exit status {status}: {lines[-1][:LONGEST] if lines else 'no output'}"
    return result


def problems_in(text: str) -> dict[str, str]:
    """Return the names of the tests that have failed, and the last exception of each."""
    problems: dict[str, str] = {}
    current = ""
    for line in text.splitlines():
        if found := PROBLEM.match(line):
            current = found[1]
            problems.setdefault(current, "")
        elif IMPORT.match(line):
            # One test alone, or the import of the module.
            current = "import"
        elif line.startswith(("Ran ", "== Tests")):
            current = ""
        elif current and EXCEPTION.match(line):
            problems[current] = line[:LONGEST]
    return problems


def run_all(names: list[str], jobs: int, limit: float, show: Callable[[Result], None]) -> None:
    """Run modules, several at once."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(run_module, name, limit) for name in names]
        try:
            for future in concurrent.futures.as_completed(running):
                show(future.result())
        except BaseException:
            pool.shutdown(cancel_futures=True, wait=False)
            raise


def read_results() -> list[Result]:
    """Return the results of the runs that are kept, by name."""
    runs = [Run(**json.loads(path.read_text())) for path in sorted(RESULTS.glob("*.json"))]
    return [judge(run.name, run.status, log_of(run.name)) for run in runs]


def known_reasons() -> dict[str, str]:
    """Return the reasons of known failures by module."""
    reasons: dict[str, str] = tomllib.loads(REASONS.read_text()) if REASONS.exists() else {}
    return reasons


def page(results: list[Result], reasons: dict[str, str]) -> str:
    """Return the text of docs/conformance.md."""
    groups: dict[str, list[Result]] = {"passed": [], "failed": [], "skipped": []}
    for result in results:
        outcome = result.outcome
        groups[outcome if outcome in groups else "failed"].append(result)
    version = config.load()["python"]["version"]
    counts = {outcome: len(found) for outcome, found in groups.items()}
    tests = sum(result.run - result.skipped for result in results)
    lines = [
        "# Conformance",
        "",
        "<!-- Written by tools/conformance.py (make conformance). -->",
        "",
        f"CPython {version}'s own regression suite, unmodified, run by `dist/python -m test`,",
        f"each module in a process of its own with a limit of {TIME_LIMIT:.0f} seconds.",
        f"Of {len(results)} modules {counts['passed']} passed, {counts['failed']} failed and",
        f"{counts['skipped']} were skipped by the suite itself; {tests} tests ran.",
        "",
        "The library is the one of dist/, which has no sources; of the suite's test modules in C",
        "none is built. Reasons are those of tests/conformance/reasons.toml, or the commonest",
        "exceptions.",
        "",
        "## Failed",
        "",
        "| module | tests | failing | reason |",
        "|---|---|---|---|",
    ]
    lines += [_failed_row(result, reasons) for result in groups["failed"]]
    lines += ["", "## Skipped", "", "| module | reason that the suite gives |", "|---|---|"]
    lines += [f"| {r.name} | {_cell(r.reason) or 'none'} |" for r in groups["skipped"]]
    lines += ["", "## Passed", "", "Tests that ran, and tests skipped, are in brackets.", ""]
    passed = [f"{r.name} ({r.run - r.skipped}, {r.skipped})" for r in groups["passed"]]
    lines += [", ".join(passed) + "."]
    return "\n".join(lines) + "\n"


def _failed_row(result: Result, reasons: dict[str, str]) -> str:
    names = list(result.problems)
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    count = f"{len(names)}: " if len(names) > 1 else ""
    what = {"timeout": "took too long", "crashed": result.reason}.get(result.outcome, "")
    errors = Counter(error for error in result.problems.values() if error)
    told = "; ".join(error for error, _ in errors.most_common(2))
    reason = reasons.get(result.name) or told or "not yet looked into"
    words = "; ".join(word for word in (what, reason) if word)
    return f"| {result.name} | {result.run} | {_cell(count + shown)} | {_cell(words)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    """Run what the command line names; return the exit status."""
    parser = argparse.ArgumentParser(prog="tools/conformance.py", description=__doc__)
    parser.add_argument("modules", nargs="*", help="modules to run; default: all")
    parser.add_argument("--jobs", type=int, default=2, help="modules at once (default 2)")
    parser.add_argument("--limit", type=float, default=TIME_LIMIT, help="seconds a module may take")
    parser.add_argument("--resume", action="store_true", help="only what has no result yet")
    parser.add_argument("--page", action="store_true", help="only write the page")
    chosen = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if not chosen.page:
        names = chosen.modules or module_names()
        if chosen.resume:
            names = [name for name in names if not (RESULTS / f"{name}.json").exists()]
        done = 0

        def show(result: Result) -> None:
            nonlocal done
            done += 1
            place = f"[{done}/{len(names)}]"
            print(f"{place} {result.name}: {result.outcome} {result.reason}", flush=True)

        library()
        os.nice(10)
        run_all(names, chosen.jobs, chosen.limit, show)
    results = read_results()
    missing = set(module_names()) - {result.name for result in results}
    if missing:
        print(f"{PAGE.name} is left as it is: {len(missing)} modules have no result yet")
    else:
        PAGE.write_text(page(results, known_reasons()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

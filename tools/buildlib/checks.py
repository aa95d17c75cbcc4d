"""Stages that use what was built: `run`, `test`, `bench`, `lint` and `clean`."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import config, javascript, native, prerequisites, toolchain
from .config import BUILD, CHECKOUT, DIST, BuildError
from .progress import Stage
from .venv import venv

LINT_REQUIREMENTS = CHECKOUT / "tools" / "requirements-lint.txt"
JS_TESTS = CHECKOUT / "src" / "js" / "test.mjs"
BENCH_REQUIREMENTS = CHECKOUT / "bench" / "requirements.txt"
BENCHES = ("growth", "packages", "extension")
TEST_REQUIREMENTS = CHECKOUT / "tests" / "requirements.txt"


def _foreground(command: Sequence[str | Path], env: dict[str, str] | None = None) -> int:
    """Run a command on the person's terminal; return its status."""
    words = [str(word) for word in command]
    variables = {**os.environ, **(env or {})}
    return subprocess.run(words, cwd=CHECKOUT, env=variables, check=False).returncode


def _must_succeed(command: Sequence[str | Path], env: dict[str, str] | None = None) -> None:
    status = _foreground(command, env)
    if status:
        sys.exit(status)


def run(arguments: list[str]) -> None:
    """Run the main job in Node."""
    _must_succeed(["node", CHECKOUT / "examples" / "quickstart.mjs", *arguments])


def test(arguments: list[str]) -> None:
    """Run all tests, or those that `arguments` select: *.test.ts files, or words for pytest."""
    prerequisites.for_tests()
    places = venv("test", TEST_REQUIREMENTS)
    javascript.install(Stage("js-modules"))
    environment = {
        "FLAVOUR": config.flavour(),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYODIDE_SWITCHING_NODE": str(prerequisites.switching_node()),
    }
    units = [word for word in arguments if word.endswith(".test.ts")]
    others = [word for word in arguments if word not in units]
    if units or not arguments:
        _must_succeed(["node", JS_TESTS, *units])
    if others or not arguments:
        _must_succeed([places / "python", "-m", "pytest", *others], environment)


def enter(arguments: list[str]) -> None:
    """Run a command on the terminal where emcc is, in the present folder."""
    if not arguments:
        raise BuildError("enter: name a command, for example: enter emcc --version")
    variables = toolchain.environment()
    status = subprocess.run(
        toolchain.command(arguments, Path.cwd(), variables),
        env={**os.environ, **variables},
        check=False,
    )
    sys.exit(status.returncode)


def package_tests(arguments: list[str]) -> None:
    """Run the tests that a package of the distribution brings along, in Node."""
    python = venv("test", TEST_REQUIREMENTS) / "python"
    _must_succeed([python, CHECKOUT / "tests" / "packages" / "own_tests.py", *arguments])


def conformance(arguments: list[str]) -> None:
    """Run CPython's own regression suite and write docs/conformance.md."""
    _must_succeed([native.python(), CHECKOUT / "tools" / "conformance.py", *arguments])


def bench(arguments: list[str]) -> None:
    """Measure our dist/ against its peers and write bench/results.md.

    The first argument may name another page: `growth` says how costs grow with sizes, `packages`
    how large packages are and how long they take, `extension` what a compiled module gains.
    """
    name = arguments.pop(0) if arguments and arguments[0] in BENCHES else "run"
    needs = TEST_REQUIREMENTS if name == "extension" else BENCH_REQUIREMENTS
    python = venv("test" if name == "extension" else "bench", needs) / "python"
    _must_succeed([python, CHECKOUT / "bench" / f"{name}.py", *arguments])


def lint(arguments: list[str]) -> None:
    """Run every formatter (as a check), linter and type checker; fail when one complains."""
    places = venv("lint", LINT_REQUIREMENTS, TEST_REQUIREMENTS)
    javascript.install(Stage("js-modules"))
    commands: list[list[str | Path]] = [
        [places / "ruff", "check", "."],
        [places / "ruff", "format", "--check", "."],
        [places / "mypy", "tools", "src/pyodide_py", "tests", "bench", "setup.py"],
        [places / "clang-format", "--dry-run", "-Werror", *_c_files()],
        ["npm", "--silent", "--prefix", "src/js", "run", "lint"],
        [sys.executable, "tools/gen_abi.py", "--check"],
        [sys.executable, "tools/gen_docs.py", "--check"],
        [sys.executable, "tools/spec_rows.py", "--check"],
    ]
    failed = []
    for command in commands:
        shown = " ".join([Path(command[0]).name, *map(str, command[1:3])])
        print(f"[lint] {shown}", file=sys.stderr, flush=True)
        if _foreground(command, {"MYPYPATH": "tools:tests:bench"}):
            failed.append(shown)
    if failed:
        raise BuildError("lint failed: " + "; ".join(failed))


def reformat(arguments: list[str]) -> None:
    """Rewrite C, Python and TypeScript files in the project's format."""
    places = venv("lint", LINT_REQUIREMENTS, TEST_REQUIREMENTS)
    javascript.install(Stage("js-modules"))
    _must_succeed([places / "ruff", "format", "."])
    _must_succeed([places / "clang-format", "-i", *_c_files()])
    _must_succeed(["npm", "--silent", "--prefix", "src/js", "run", "format"])


def _c_files() -> list[Path]:
    files = sorted((CHECKOUT / "src" / "core").rglob("*.[ch]"))
    return [file for file in files if ".gen." not in file.name]


def clean(arguments: list[str]) -> None:
    """Remove what the build put into the checkout; with --cache also the cache."""
    parser = argparse.ArgumentParser(prog="tools/build.py clean")
    parser.add_argument("--cache", action="store_true", help=f"also remove {config.cache_dir()}")
    chosen = parser.parse_args(arguments)
    for folder in (BUILD, DIST, CHECKOUT / "src" / "js" / "node_modules"):
        shutil.rmtree(folder, ignore_errors=True)
    if chosen.cache:
        shutil.rmtree(config.cache_dir(), ignore_errors=True)

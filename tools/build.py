#!/usr/bin/env python3
"""Builds, runs and tests the project; `make` is a thin front for it.

A stage first does the stages it depends on, and nothing that is done already. Results of the slow
stages are kept in $PYODIDE_CACHE (default ~/.cache/pyodide-build), the others in build/ and dist/.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from buildlib import (
    bridge,
    checks,
    compiled,
    config,
    dist,
    javascript,
    libs,
    native,
    prerequisites,
    profile,
    recipes,
    serve,
    sources,
    stdlib,
    store,
    toolchain,
    wasmpython,
    xbuildenv,
)


@dataclass(frozen=True)
class Entry:
    """One stage.

    It has a line of help, the stages it needs first, what it does, whether it takes further
    arguments, and whether it writes to build/ or dist/, which two builds must not do at once.
    """

    help: str
    needs: tuple[str, ...]
    run: Callable[[list[str]], object]
    arguments: bool = False
    in_checkout: bool = False


def _plain(function: Callable[[], object]) -> Callable[[list[str]], object]:
    return lambda _: function()


STAGES: dict[str, Entry] = {
    "prerequisites": Entry("install what the build needs (apt)", (), _plain(prerequisites.build)),
    "toolchain": Entry(
        "emcc and its system libraries", ("prerequisites",), _plain(toolchain.build)
    ),
    "sources": Entry("download, verify, unpack, patch", ("prerequisites",), _plain(sources.build)),
    "native-python": Entry("CPython for this machine", ("sources",), _plain(native.root)),
    "libs": Entry("zlib, bzip2, xz, sqlite, libffi", ("toolchain", "sources"), _plain(libs.root)),
    "wasm-python": Entry(
        "CPython for WebAssembly", ("native-python", "libs"), _plain(wasmpython.root)
    ),
    "configure-cache": Entry(
        "make cpython/config.cache anew",
        ("native-python", "libs"),
        _plain(wasmpython.refresh_configure_cache),
    ),
    "profile": Entry(
        "make cpython/profile.proftext.xz anew", ("dist",), profile.build, in_checkout=True
    ),
    "stdlib": Entry("python_stdlib.zip", ("wasm-python",), _plain(stdlib.build), in_checkout=True),
    "bridge": Entry(
        "compile and link src/core",
        ("wasm-python",),
        lambda _: bridge.build(config.flavour()),
        in_checkout=True,
    ),
    "js": Entry(
        "bundle src/js",
        ("prerequisites", "stdlib"),
        lambda _: javascript.build(config.flavour()),
        in_checkout=True,
    ),
    "wheels": Entry(
        "packages of the distribution, their lock file", ("wasm-python",), _plain(recipes.root)
    ),
    "packages": Entry(
        "also the packages that are not in dist/, in build/packages (pandas)",
        ("wasm-python",),
        _plain(recipes.build_packages),
        in_checkout=True,
    ),
    "xbuildenv": Entry(
        "with what `pyodide build` makes wheels for this runtime",
        ("wasm-python",),
        lambda _: xbuildenv.build(compiled.overlays()),
        in_checkout=True,
    ),
    "dist": Entry(
        "everything a web server or npm needs, in dist/",
        ("stdlib", "bridge", "js", "wheels"),
        lambda _: dist.build(config.flavour()),
        in_checkout=True,
    ),
    "run": Entry("run examples/quickstart.mjs in Node", ("dist",), checks.run, True),
    "test": Entry("run the tests; arguments go to pytest", ("dist",), checks.test, True),
    "package-tests": Entry(
        "run the tests that compiled packages bring along: package-tests numpy fft",
        ("dist",),
        checks.package_tests,
        True,
    ),
    "conformance": Entry(
        "run CPython's own regression suite with dist/python", ("dist",), checks.conformance, True
    ),
    "bench": Entry(
        "measure against the npm package and other peers", ("dist",), checks.bench, True
    ),
    "enter": Entry(
        "run a command where emcc is: enter emcc --version", ("toolchain",), checks.enter, True
    ),
    "serve": Entry("serve dist/ for a browser", ("dist",), serve.main, True),
    "lint": Entry("formatters, linters, type checkers", ("prerequisites",), checks.lint, True),
    "format": Entry("rewrite files in the project's format", ("prerequisites",), checks.reformat),
    "clean": Entry("remove build/ and dist/", (), checks.clean, True),
}


def parse(arguments: list[str]) -> tuple[str, list[str]]:
    """Return the stage and its arguments; print help or complain and exit."""
    width = max(map(len, STAGES)) + 2
    stages = "\n".join(f"  {name:{width}}{entry.help}" for name, entry in STAGES.items())
    parser = argparse.ArgumentParser(
        prog="tools/build.py",
        description=__doc__,
        epilog=f"stages:\n{stages}\n\n"
        "environment: FLAVOUR=release|dev, PYODIDE_CACHE, PYODIDE_TOOLCHAIN_SUITE,\n"
        "PYODIDE_DEBIAN_MIRROR, JOBS (compilers at once)",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stage", choices=[*STAGES, "help"], metavar="STAGE")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="for the stage")
    chosen = parser.parse_args(arguments)
    if chosen.stage == "help":
        parser.print_help()
        parser.exit()
    if chosen.arguments and not STAGES[chosen.stage].arguments:
        parser.error(f"{chosen.stage} takes no arguments")
    return chosen.stage, chosen.arguments


def execute(name: str, arguments: list[str], done: set[str]) -> None:
    """Do a stage after the stages it needs, each once."""
    entry = STAGES[name]
    asks_for_help = bool({"-h", "--help"}.intersection(arguments))
    for need in entry.needs:
        if need not in done and not asks_for_help:
            execute(need, [], done)
    if entry.in_checkout:
        with store.locked(f"checkout-{store.key_of(str(config.CHECKOUT))}"):
            entry.run(arguments)
    else:
        entry.run(arguments)
    done.add(name)


def main() -> int:
    """Run the stage named on the command line; return the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    name, arguments = parse(sys.argv[1:])
    try:
        execute(name, arguments, set())
    except config.BuildError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{name}: interrupted; run it again to go on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Stage `profile`: how often each part of CPython runs, counted for the compiler.

A build that counts runs modules of CPython's own regression suite and the operations of
bench/rows.mjs, but not the programs of bench/interpreter, which measure what comes of it. The
result, cpython/profile.proftext.xz, is committed: builds only read it.
"""

from __future__ import annotations

import lzma
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import bridge, config, optimise, sources, toolchain
from .config import BUILD, CHECKOUT, DIST, BuildError
from .progress import Stage, stage

FLAVOUR = "counting"
SCRIPT = CHECKOUT / "tools" / "train.mjs"
# What CPython's own `--pgo` runs, as far as it runs here and is in the main module, and more of
# the containers.
MODULES = [
    *("array", "ast", "base64", "binascii", "binop", "bisect", "bz2", "cmath", "codecs"),
    *("collections", "complex", "contextlib", "csv", "dataclasses", "datetime"),
    *("dict", "difflib", "enum", "exceptions", "float", "fstring", "functools"),
    *("generators", "heapq", "int", "io", "itertools", "json", "list", "long", "lzma", "math"),
    *("memoryview", "operator", "ordered_dict", "patma", "pickle", "pprint", "random", "re"),
    *("set", "statistics", "str", "string", "struct", "textwrap", "typing"),
    "zlib",
]


def build(_arguments: list[str]) -> None:
    """Count, and write the profile.

    Raises
    ------
    BuildError
        a module of the suite could not be run.
    """
    bridge.build(FLAVOUR)
    with stage("profile", "counting what runs in CPython") as running:
        folder = BUILD / FLAVOUR
        runtime = _runtime(folder / "dist")
        counts = folder / "counts"
        shutil.rmtree(counts, ignore_errors=True)
        counts.mkdir()
        tests = str(sources.patched_tree("cpython") / "Lib" / "test")
        jobs = [
            *(["test", f"test_{name}", tests] for name in MODULES),
            ["rows", str(CHECKOUT / "bench" / "rows.mjs")],
        ]

        def count(job: list[str]) -> None:
            running.say(" ".join(job[:2]))
            # Stage.run writes to one log; each module's lines come when it has ended.
            running.run(["node", SCRIPT, runtime, counts / f"{Path(job[1]).name}.profraw", *job])

        with ThreadPoolExecutor(config.jobs()) as pool:
            list(pool.map(count, jobs))
        _merge(running, counts)


def _runtime(folder: Path) -> Path:
    """Return a copy of dist/ that counts, without the memory snapshot: its memory is another."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("pyodide.mjs", "package.json", "pyodide-lock.json", "python_stdlib.zip"):
        if not (DIST / name).exists():
            raise BuildError(f"dist/{name} is missing: run `make dist` first")
        shutil.copy(DIST / name, folder)
    # What is in side modules is not counted.
    shutil.copytree(DIST / "library", folder / "library")
    for file in bridge.outputs(FLAVOUR):
        shutil.copy(file, folder)
    return folder


def _merge(running: Stage, counts: Path) -> None:
    text = counts / "profile.proftext"
    # With those that never run: they are compiled to be small.
    counted = sorted(counts.glob("*.profraw"))
    merge: list[str | Path] = ["llvm-profdata", "merge", "-text", "-o", text, *counted]
    toolchain.enter(running, merge, cwd=counts)
    packed = lzma.compress(text.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
    optimise.PROFILE.write_bytes(packed)

"""Compiling extension modules for the runtime, with the compiler and the flags of the build."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "build" / "tests-extending"
INCLUDE = ROOT / "src" / "pyodide_py" / "pyodide" / "include"
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests")]

from buildlib import wasmpython  # noqa: E402 - lies in tools/
from harness.emcc import compiled  # noqa: E402 - bench/ uses this file, too

SUFFIX = ".cpython-313-wasm32-emscripten.so"


def _run(command: list[str | Path], folder: Path) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def compile_c(source: Path, name: str) -> Path:
    """Compile a C file to the extension module `name`, unless that is done; return the library."""
    flags = [
        *("-O2", "-Wall", "-Werror=incompatible-pointer-types", "-sSIDE_MODULE=2"),
        f"-sEXPORTED_FUNCTIONS=_PyInit_{name}",
        f"-I{INCLUDE}",
        f"-I{wasmpython.include()}",
    ]
    return compiled(f"{name}{SUFFIX}", [*flags, source], [INCLUDE, wasmpython.root().name])


def compile_cython(source: Path, name: str) -> Path:
    """Compile a Cython file, as compile_c."""
    OUT.mkdir(parents=True, exist_ok=True)
    made = OUT / f"{source.stem}.c"
    places: list[str | Path] = ["-I", ROOT / "src" / "pyodide_py"]
    _run([sys.executable, "-m", "cython", "-3", *places, source, "-o", made], OUT)
    return compile_c(made, name)

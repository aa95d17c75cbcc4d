"""Compiling extension modules for the runtime, with the compiler and the flags of the build."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "build" / "tests-extending"
INCLUDE = ROOT / "src" / "pyodide_py" / "pyodide" / "include"
sys.path.insert(0, str(ROOT / "tools"))

from buildlib import config, toolchain, wasmpython  # noqa: E402 - lies in tools/

SUFFIX = ".cpython-313-wasm32-emscripten.so"


def _run(command: list[str | Path], folder: Path) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def compile_c(source: Path, name: str) -> Path:
    """Compile a C file to the extension module `name`, unless that is done; return the library."""
    digest = hashlib.sha256(source.read_bytes() + (INCLUDE / "pyodide_ffi.h").read_bytes())
    library = OUT / digest.hexdigest()[:12] / f"{name}{SUFFIX}"
    if library.exists():
        return library
    library.parent.mkdir(parents=True, exist_ok=True)
    flags = [
        *config.load()["flags"]["abi"],
        *("-O2", "-Wall", "-Werror=incompatible-pointer-types", "-sSIDE_MODULE=2"),
        f"-sEXPORTED_FUNCTIONS=_PyInit_{name}",
        f"-I{INCLUDE}",
        f"-I{wasmpython.include()}",
    ]
    words = ["emcc", *flags, str(source), "-o", str(library)]
    command = toolchain.command(words, OUT, toolchain.environment())
    env = {**os.environ, **toolchain.environment()} if toolchain.root() is None else None
    done = subprocess.run(command, cwd=OUT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return library


def compile_cython(source: Path, name: str) -> Path:
    """Compile a Cython file, as compile_c."""
    OUT.mkdir(parents=True, exist_ok=True)
    made = OUT / f"{source.stem}.c"
    places: list[str | Path] = ["-I", ROOT / "src" / "pyodide_py"]
    _run([sys.executable, "-m", "cython", "-3", *places, source, "-o", made], OUT)
    return compile_c(made, name)

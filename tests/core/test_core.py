"""C-level tests: rooms of src/core that need no Python, each compiled with a small program and driven from Node."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CORE = ROOT / "src" / "core"
OUT = ROOT / "build" / "tests-core"
sys.path.insert(0, str(ROOT / "tools"))

from buildlib import bridge, config, toolchain  # noqa: E402 - lies in tools/

# Room: the C files that are linked with <room>_test.c.
ROOMS: dict[str, list[str]] = {"slot": [], "handles": ["handles.c"]}
LINK = ["-sSTANDALONE_WASM", "--no-entry", "-sALLOW_MEMORY_GROWTH", "-sMAXIMUM_MEMORY=4GB"]


def compile_room(room: str) -> Path:
    """Compile the room's program with the flags of the real build, unless it is newer than its sources."""
    OUT.mkdir(parents=True, exist_ok=True)
    program = OUT / f"{room}.wasm"
    sources = [HERE / f"{room}_test.c", *(CORE / name for name in ROOMS[room])]
    newest = max(path.stat().st_mtime for path in [*sources, *CORE.glob("*.h")])
    if program.exists() and program.stat().st_mtime > newest:
        return program
    abi = config.load()["flags"]["abi"]
    words = ["emcc", *abi, *bridge.COMPILE, "-O1", f"-I{CORE}", *sources, *LINK, "-o", program]
    command = toolchain.command([str(word) for word in words], OUT, toolchain.environment())
    env = {**os.environ, **toolchain.environment()} if toolchain.root() is None else None
    done = subprocess.run(command, cwd=OUT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return program


@pytest.mark.parametrize("room", ROOMS)
def test_room(room: str) -> None:
    """All checks of <room>.test.mjs hold."""
    abi = tomllib.loads((CORE / "abi.toml").read_text())
    done = subprocess.run(
        ["node", "--expose-gc", "--test-reporter=tap", str(HERE / f"{room}.test.mjs")],
        env={**os.environ, "PROGRAM": str(compile_room(room)), "ABI": json.dumps(abi)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
    assert "# pass 0" not in done.stdout

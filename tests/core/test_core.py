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
sys.path.insert(0, str(ROOT / "tools"))

from buildlib import bridge  # noqa: E402 - lies in tools/
from harness.emcc import compiled  # noqa: E402 - its place beside the other import

# Room: the C files that are linked with <room>_test.c.
ROOMS: dict[str, list[str]] = {"slot": [], "handles": ["handles.c"]}
LINK = ["-sSTANDALONE_WASM", "--no-entry", "-sALLOW_MEMORY_GROWTH", "-sMAXIMUM_MEMORY=4GB"]


def compile_room(room: str) -> Path:
    """Compile the room's program with the flags of the real build, unless that is done."""
    sources = [HERE / f"{room}_test.c", *(CORE / name for name in ROOMS[room])]
    words: list[str | Path] = [*bridge.COMPILE, "-O1", f"-I{CORE}", *sources, *LINK]
    return compiled(f"{room}.wasm", words, sorted(CORE.glob("*.h")))


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

"""A million mixed crossings leave nothing behind: see soak.mjs."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
DIST = Path(os.environ.get("PYODIDE_DIST", HERE.parent.parent / "dist"))
CROSSINGS = int(os.environ.get("SOAK_CROSSINGS", "1000000"))
#: What V8's own heap may differ by between two collections.
HEAP_SLACK = 4_000_000
#: Python objects that caches may keep.
BLOCK_SLACK = 1000
#: One step of growth; a byte leaked by each crossing would be as much.
WASM_SLACK = 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["native", "proxy"])
def test_memory_is_flat(mode: str) -> None:
    """After a warm-up, neither the counts of objects nor WebAssembly's memory grow."""
    seed = random.randrange(1, 2**31)
    print(f"seed: {seed}")
    node = shutil.which("node")
    assert node is not None, "node is not on PATH"
    command = [
        node, "--expose-gc", str(HERE / "soak.mjs"), str(DIST), mode, str(CROSSINGS), str(seed),
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    result = json.loads(run.stdout.splitlines()[-1])
    before, after = result["before"], result["after"]
    assert result["done"] >= CROSSINGS
    assert after["heap"] - before["heap"] < HEAP_SLACK
    assert after["blocks"] - before["blocks"] < BLOCK_SLACK
    assert after["wasm"] - before["wasm"] < WASM_SLACK
    for name in ("heap", "blocks", "wasm"):
        del before[name], after[name]
    assert after == before

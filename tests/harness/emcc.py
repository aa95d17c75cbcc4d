"""Programs and libraries that tests have the build's compiler make, in the checkout's build folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from .runtime import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from buildlib import config, store, toolchain

FOLDER = ROOT / "build" / "tests-compiled"


def compiled(name: str, words: Sequence[str | Path], inputs: Iterable[object]) -> Path:
    """The file `name` that emcc makes of `words`, unless the same has made it before.

    inputs: what it is made of besides: files that the words do not name, and names of parts of the build.
    """
    told = [*config.load()["flags"]["abi"], *map(str, words)]
    files = [Path(word) for word in told if word.endswith((".c", ".cpp"))]
    key = store.key_of(toolchain.key(), told, *files, *inputs)
    made = FOLDER / key / name
    if made.exists():
        return made
    made.parent.mkdir(parents=True, exist_ok=True)
    variables = toolchain.environment()
    # Only a whole file gets its name.
    partial = made.with_name(f"partial-{name}")
    command = toolchain.command(["emcc", *told, "-o", str(partial)], FOLDER, variables)
    env = {**os.environ, **variables} if toolchain.root() is None else None
    done = subprocess.run(command, cwd=FOLDER, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    partial.rename(made)
    return made

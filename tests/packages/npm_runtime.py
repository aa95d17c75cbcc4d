"""The npm package pyodide 0.29.5: the other runtime of this ABI, in which our wheels are tried."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ecosystem.fetching import npm_package

PIN = "pyodide@0.29.5"
PROGRAM = Path(__file__).with_suffix(".mjs")


class NpmError(Exception):
    """What Python raised there."""


def run(wheels: Sequence[Path], code: str) -> object:
    """Load wheels into the npm package in Node and run code; the value of its last expression, a literal.

    Raises NpmError with the traceback of what it raises.
    """
    request = json.dumps(
        {"wheels": [str(wheel) for wheel in wheels], "code": textwrap.dedent(code)}
    )
    done = subprocess.run(
        ["node", PROGRAM, npm_package(PIN), request], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    if "error" in answer:
        raise NpmError(answer["error"])
    return ast.literal_eval(answer["value"])

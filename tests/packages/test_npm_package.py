"""The distribution's compiled wheels in the npm package pyodide 0.29.5, which has the same ABI."""

from __future__ import annotations

from pathlib import Path

from harness.runtime import dist_dir
from packages import npm_runtime

TABLE = """
import io
import pandas as pd
table = pd.read_csv(io.StringIO("day,rain\\n2024-02-28,1.5\\n2024-03-01,4\\n"), parse_dates=["day"])
table.set_index("day")["rain"].resample("D").sum().tolist(), str(table.day[1].tz_localize("Europe/Berlin"))
"""


def wheel(folder: Path, name: str) -> Path:
    """The wheel of a package."""
    (found,) = folder.glob(f"{name}-*.whl")
    return found


def test_numpy() -> None:
    """It computes; that singular matrices are noticed needs our main module, as docs/packaging.md says."""
    code = """
        import numpy as np
        a = np.random.default_rng(1).standard_normal((5, 5))
        close = bool(np.allclose(a @ np.linalg.inv(a), np.eye(5)))
        half = np.array([0.5, -2], dtype="f2").tolist()
        seeded = np.random.default_rng(42).integers(0, 100, 3).tolist()
        seeded, close, half, bool(np.isnan(np.linalg.inv(np.zeros((2, 2)))).all())
    """
    got = npm_runtime.run([wheel(dist_dir(), "numpy")], code)
    assert got == ([8, 77, 65], True, [0.5, -2], True)


def test_pandas(optional_packages: Path) -> None:
    """Tables with times and time zones."""
    names = ("numpy", "python_dateutil", "tzdata", "pandas")
    wheels = [wheel(optional_packages.parent, name) for name in names]
    got = npm_runtime.run(wheels, TABLE)
    assert got == ([1.5, 0.0, 4.0], "2024-03-01 00:00:00+01:00")

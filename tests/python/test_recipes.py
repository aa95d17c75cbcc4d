"""Recipes in packages/: what they may say, and the wheels that are made of them."""

from __future__ import annotations

import importlib.util
import sys
import zipfile
from pathlib import Path

import pytest

from harness.runtime import ROOT, dist_dir

sys.path.insert(0, str(ROOT / "tools"))

from buildlib import config, recipe, recipes
from buildlib.config import BuildError


def test_every_recipe_can_be_read() -> None:
    found = recipe.recipes()
    assert [r.name for r in found] == sorted(p.name for p in recipe.RECIPES.iterdir() if p.is_dir())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "recipe.toml"),
        ("version = ", "recipe.toml"),
        ("version = '1'", r"missing \['sha256'\]"),
        ("version = 1\nsha256 = 'x'", r"wrong type \['version'\]"),
        ("version = '1'\nsha256 = 'abc'", "64 hexadecimal digits"),
        (f"version = '1'\nsha256 = '{'0' * 64}'\nurl = ''", r"unknown \['url'\]"),
        (f"version = '1'\nsha256 = '{'0' * 64}'\nleave_out = [1]", r"wrong type \['leave_out'\]"),
        ("standard_library = ['a']\nversion = '1'", r"unknown \['version'\]"),
        (f"version = '1'\nsha256 = '{'0' * 64}'\n[build]", r"missing \['backend'\]"),
        (f"version = '1'\nsha256 = '{'0' * 64}'\n[build]\nflag = []", r"unknown \['flag'\]"),
    ],
)
def test_wrong_recipes(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "recipe.toml").write_text(text)
    with pytest.raises(BuildError, match=message):
        recipe.read_recipe(tmp_path)


def test_compiled_modules_belong_to_their_sources() -> None:
    (wheel,) = dist_dir().glob("six-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        compiled = archive.read("__pycache__/six.cpython-313.pyc")
        source = archive.read("six.py")
        record = archive.read(next(n for n in archive.namelist() if n.endswith("/RECORD")))
        assert all(entry.date_time == recipes.EPOCH for entry in archive.infolist())
    assert compiled[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(compiled[4:8], "little") == 0b11
    assert compiled[8:16] == importlib.util.source_hash(source)
    assert b"/lib/python3.13/site-packages/six.py" in compiled
    assert b"__pycache__/six.cpython-313.pyc,sha256=" in record


def test_not_everything_is_compiled() -> None:
    (wheel,) = dist_dir().glob("pygments-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".pyc")]


def test_wheels_know_nothing_of_the_machine_they_were_made_on() -> None:
    """No file of the distribution's wheels has a path of the build in it."""
    wheels = sorted(dist_dir().glob("*.whl"))
    assert wheels
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                content = archive.read(name)
                for path in (str(config.cache_dir()), "/pyodide-build/wheel-"):
                    assert path.encode() not in content, f"{wheel.name}: {name}"

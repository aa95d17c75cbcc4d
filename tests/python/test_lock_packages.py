"""The lock file of the distribution: what it says of wheels, and which wheels it refuses."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from harness.runtime import ROOT, dist_dir
from harness.wheels import INFO, file_name, wheel_bytes

sys.path.insert(0, str(ROOT / "tools"))

from pyodide_lock import PyodideLockSpec

from lock_packages import LockError, lock


def put(
    folder: Path, name: str, *requires: str, version: str = "1.0", tag: str = "py3-none-any"
) -> Path:
    path = folder / file_name(name, version, tag)
    path.write_bytes(wheel_bytes(name, version, requires=list(requires), tag=tag))
    return path


def test_entries(tmp_path: Path) -> None:
    a = put(tmp_path, "A.name", "b_b>=2", "windows; sys_platform == 'win32'", "odd; extra == 'x'")
    put(tmp_path, "b-b", version="2.1", tag="cp313-cp313-pyemscripten_2025_0_wasm32")
    packages = lock(tmp_path, INFO).packages
    assert list(packages) == ["a-name", "b-b"]
    entry = packages["a-name"]
    assert (entry.version, entry.depends, entry.file_name) == ("1.0", ["b-b"], a.name)
    assert entry.imports == ["A.name"]
    assert entry.sha256 == hashlib.sha256(a.read_bytes()).hexdigest()


def test_markers_of_this_machine(tmp_path: Path) -> None:
    put(tmp_path, "a", "b; sys_platform == 'emscripten' and python_version == '3.13'")
    put(tmp_path, "b")
    assert lock(tmp_path, INFO).packages["a"].depends == ["b"]


def test_extras_count_as_needed(tmp_path: Path) -> None:
    put(tmp_path, "a", "b[more]")
    put(tmp_path, "b", "c; extra == 'more'")
    put(tmp_path, "c")
    packages = lock(tmp_path, INFO).packages
    assert packages["a"].depends == ["b", "c"]
    assert packages["b"].depends == []


@pytest.mark.parametrize(
    ("requires", "tag", "message"),
    [
        (["gone>1"], "py3-none-any", "a needs gone>1, for which there is no recipe"),
        (["b>=2"], "py3-none-any", "a needs b>=2, and the recipe is for 1.0"),
        ([], "cp312-cp312-pyemscripten_2025_0_wasm32", "its tags are not those"),
        ([], "cp313-cp313-manylinux_2_17_x86_64", "its tags are not those"),
    ],
)
def test_wheels_that_do_not_belong(
    tmp_path: Path, requires: list[str], tag: str, message: str
) -> None:
    put(tmp_path, "b")
    put(tmp_path, "a", *requires, tag=tag)
    with pytest.raises(LockError, match=message):
        lock(tmp_path, INFO)


def test_two_versions_of_one_package(tmp_path: Path) -> None:
    put(tmp_path, "a")
    put(tmp_path, "a", version="2.0")
    with pytest.raises(LockError, match="a has two wheels"):
        lock(tmp_path, INFO)


def test_the_lock_file_of_the_build() -> None:
    spec = PyodideLockSpec.from_json(dist_dir() / "pyodide-lock.json")
    spec.check_wheel_filenames()
    assert {"micropip", "packaging", "six", "python-dateutil", "tzdata", "pytest"} <= set(
        spec.packages
    )
    for package in spec.packages.values():
        content = (dist_dir() / package.file_name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == package.sha256
        assert set(package.depends) <= set(spec.packages)
        # What is in the library already has a name to be loaded by, and nothing to import.
        assert package.imports or package.name in {"hashlib", "lzma", "pydecimal", "sqlite3"}

"""The cross-build environment: stock `pyodide build` makes wheels of users' packages, and they run here and in the npm package.

`build/xbuildenv/activate` is what docs/packaging.md tells a newcomer to use.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.runtime import ROOT, Runtime, dist_dir
from packages import npm_runtime

PROJECTS = Path(__file__).resolve().parent / "projects"
ENVIRONMENT = ROOT / "build" / "xbuildenv"
# What builds in the checkout leave behind.
LEFTOVERS = ("build", "dist", "*.egg-info", ".pyodide_build")
LOAD = "await pyodide.loadPackage(['numpy', path], { messageCallback() {} }); return true;"
IMPORTS = """
    const { readFileSync } = await import("node:fs");
    return WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(path))).map((i) => i.name);
"""

Fresh = Callable[..., Runtime]


@pytest.fixture(scope="module")
def activate() -> Path:
    """The script that `make xbuildenv` writes."""
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / "build.py", "xbuildenv"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return ENVIRONMENT / "activate"


def build(activate: Path, project: Path, folder: Path) -> Path:
    """Copy a project to a folder and build it there; its wheel."""
    shutil.copytree(project, folder / "project", ignore=shutil.ignore_patterns(*LEFTOVERS))
    script = f". {activate} && cd {folder}/project && pyodide build"
    made = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout[-5000:] + made.stderr[-5000:]
    (wheel,) = (folder / "project" / "dist").glob("*.whl")
    return wheel


def use(fresh: Fresh, wheel: Path, code: str) -> object:
    """Load a wheel into a new runtime and run code there; the same happens in the npm package."""
    rt = fresh()
    rt.js(LOAD, path=str(wheel))
    value = rt.py(code)
    (numpy,) = dist_dir().glob("numpy-*.whl")
    assert npm_runtime.run([numpy, wheel], code) == value
    return value


@pytest.mark.slow
def test_cython(activate: Path, fresh: Fresh, tmp_path: Path) -> None:
    """setuptools and Cython; the wheel has the tag of this ABI."""
    wheel = build(activate, PROJECTS / "cython", tmp_path)
    assert wheel.name == "sieve-1.0-cp313-cp313-pyemscripten_2025_0_wasm32.whl"
    code = """
        import sieve
        try: sieve.primes_below(-1)
        except ValueError as error: message = str(error)
        sieve.primes_below(100_000), sieve.Counter(lambda n: n % 3 == 0).feed(range(10)).accepted, message
    """
    assert use(fresh, wheel, code) == (9592, 4, "limit must not be negative, but is -1")


@pytest.mark.slow
def test_cpp_over_numpy(activate: Path, fresh: Fresh, tmp_path: Path) -> None:
    """C++ against the target's numpy headers; exceptions are caught inside the module."""
    wheel = build(activate, PROJECTS / "numpycpp", tmp_path)
    code = """
        import medians, numpy as np
        found = [medians.rows(np.array([[3., 1, 2], [9, 7, 8]])).tolist(), medians.rows([[1, 2]]).dtype.name]
        for bad in (np.zeros((2, 0)), np.zeros(2), "text"):
            try: medians.rows(bad)
            except ValueError as error: found.append(str(error))
        found
    """
    found = use(fresh, wheel, code)
    assert isinstance(found, list)
    assert found[:3] == [[2, 8], "float64", "a row of 0 items has none"]
    assert len(found) == 5


@pytest.mark.slow
def test_meson_python(activate: Path, fresh: Fresh, tmp_path: Path) -> None:
    """meson-python, with a static library of the project."""
    wheel = build(activate, PROJECTS / "meson", tmp_path)
    code = """
        import blur
        try: blur.blur(5)
        except TypeError as error: message = str(error)
        list(blur.blur(bytes([0, 3, 6, 255]))), blur.blur(b""), message
    """
    assert use(fresh, wheel, code) == (
        [2, 3, 88, 131],
        b"",
        "a bytes-like object is required, not 'int'",
    )


@pytest.mark.slow
def test_cmake(activate: Path, fresh: Fresh, tmp_path: Path) -> None:
    """scikit-build-core, CMake and pybind11; exceptions cross C++ in both directions."""
    wheel = build(activate, PROJECTS / "cmake", tmp_path)
    code = """
        from interval import Interval, split
        found = [split(Interval(0, 1), 2, lambda x: x * 10), 0.5 in Interval(0, 1), 2 in Interval(0, 1)]
        for bad in (lambda: Interval(2, 1), lambda: split(Interval(0, 1), 1, lambda x: 1 / 0)):
            try: bad()
            except Exception as error: found.append(f"{type(error).__name__}: {error}")
        found
    """
    assert use(fresh, wheel, code) == [
        [0, 5, 10],
        True,
        False,
        "ValueError: low is above high",
        "ZeroDivisionError: division by zero",
    ]
    with zipfile.ZipFile(wheel) as archive:
        (library,) = (name for name in archive.namelist() if name.endswith(".so"))
        archive.extract(library, tmp_path)
    imports = fresh().js(IMPORTS, path=str(tmp_path / library))
    # libc++ of older runtimes of this ABI lacks it; toolchain/libcxx_compat.cpp is linked instead.
    assert "_ZNSt3__213__hash_memoryEPKvm" not in imports
    assert "__cxa_throw" in imports


@pytest.mark.slow
def test_the_bridges_c_api(activate: Path, fresh: Fresh, tmp_path: Path) -> None:
    """The example of docs/extending.md, which is built with our pyodide-py."""
    wheel = build(activate, ROOT / "examples" / "extending", tmp_path)
    code = "import js, pixelwise\npixelwise.total(js.Float64Array.from_([1, 2, 3.5]))"
    rt = fresh()
    rt.js(LOAD, path=str(wheel))
    assert rt.py(code) == 6.5
    with pytest.raises(
        npm_runtime.NpmError, match="needs a runtime that has the C API of pyodide_ffi"
    ):
        npm_runtime.run([wheel], code)


@pytest.mark.slow
def test_the_archive_names_nothing_of_this_machine(activate: Path) -> None:
    """It can be given to others."""
    text = activate.read_text()
    (name,) = set(re.findall(r"xbuildenv-[\w.]+-\w+\.tar\.bz2", text))
    private = [str(ROOT).encode(), str(Path.home()).encode(), b"/tmp/"]
    with tarfile.open(ENVIRONMENT / name) as archive:
        members = archive.getmembers()
        assert {member.mtime for member in members} == {0}
        for member in members:
            file = archive.extractfile(member) if member.isfile() else None
            content = file.read() if file else b""
            assert not [path for path in private if path in content], member.name
    assert any(
        member.name.endswith("numpy/_core/include/numpy/arrayobject.h") for member in members
    )

"""Virtual environments of `dist/python`, and pip in them."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.serving import LocalServer, QuietFolderHandler
from harness.wheels import file_name, wheel_bytes

Python = Callable[..., subprocess.CompletedProcess[str]]


def make_wheel(folder: Path, name: str) -> Path:
    """Write a wheel with one module and one command."""
    files: dict[str, str | bytes] = {
        f"{name}.py": "def main(): print('command ran')\n",
        f"{name}-1.0.dist-info/entry_points.txt": f"[console_scripts]\n{name}-command = {name}:main\n",
    }
    wheel = folder / file_name(name)
    wheel.write_bytes(wheel_bytes(name, files=files))
    return wheel


@pytest.fixture(scope="module")
def venv(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with pip."""
    folder = tmp_path_factory.mktemp("venv") / "env"
    done = subprocess.run(
        [program, "-m", "venv", folder], capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def test_prefix(python: Python, venv: Path) -> None:
    code = "import sys; print(sys.prefix, sys.base_prefix, sys.path[-1])"
    done = python("-c", code, executable=venv / "bin" / "python")
    assert done.stdout == f"{venv} / {venv}/lib/python3.13/site-packages\n"


def test_install_use_and_remove_a_wheel(python: Python, venv: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "made_up")
    pip = venv / "bin" / "pip"
    installed = python("install", "--no-index", wheel, executable=pip)
    assert installed.returncode == 0, installed.stderr
    assert "Successfully installed made_up-1.0" in installed.stdout.replace("made-up", "made_up")
    assert python(executable=venv / "bin" / "made_up-command").stdout == "command ran\n"
    assert python("uninstall", "-y", "made_up", executable=pip).returncode == 0
    assert python("-c", "import made_up", executable=venv / "bin" / "python").returncode == 1


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """The address of an index with one package."""
    folder = tmp_path / "simple" / "from-index"
    folder.mkdir(parents=True)
    make_wheel(folder, "from_index")
    with LocalServer(functools.partial(QuietFolderHandler, directory=tmp_path)) as server:
        yield f"{server.origin}/simple"


def test_install_from_an_index(python: Python, venv: Path, index: str) -> None:
    """pip's requests go over what Node has for HTTP."""
    done = python(
        *("install", "--no-cache-dir", "--index-url", index, "from-index"),
        executable=venv / "bin" / "pip",
        env={"PIP_CONFIG_FILE": "/dev/null"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert python("-c", "import from_index", executable=venv / "bin" / "python").returncode == 0
    missing = python(
        *("install", "--index-url", index, "not-there"),
        executable=venv / "bin" / "pip",
        env={"PIP_CONFIG_FILE": "/dev/null"},
    )
    assert missing.returncode == 1
    assert "No matching distribution found for not-there" in missing.stderr


def test_source_packages_are_refused(python: Python, venv: Path, tmp_path: Path) -> None:
    (tmp_path / "src-1.0.tar.gz").write_bytes(b"")
    done = python(*"install --no-index -f . src".split(), executable=venv / "bin" / "pip")
    assert done.returncode == 1
    assert "No matching distribution found for src" in done.stderr


def test_outside_of_an_environment(python: Python, venv: Path, tmp_path: Path) -> None:
    """What would be installed into memory and be gone is refused."""
    wheel = make_wheel(tmp_path, "lost")
    env = {"PYTHONPATH": str(venv / "lib" / "python3.13" / "site-packages")}
    done = python("-m", "pip", "install", "--no-index", wheel, env=env)
    assert done.returncode == 1
    assert "Make a virtual environment" in done.stderr

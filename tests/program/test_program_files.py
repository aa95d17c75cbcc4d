"""The host's files are there, under their own paths."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

Python = Callable[..., subprocess.CompletedProcess[str]]


def test_relative_and_absolute_paths(python: Python, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("content")
    code = f"""
import os, pathlib
assert os.getcwd() == {str(tmp_path)!r}
assert open("in.txt").read() == open({str(tmp_path / "in.txt")!r}).read() == "content"
pathlib.Path("out").mkdir()
os.chdir("out")
open("new", "wb").write(bytes(256))
print(sorted(os.listdir("..")), os.path.getsize("new"))
"""
    assert python("-c", code).stdout == "['in.txt', 'out'] 256\n"
    assert (tmp_path / "out" / "new").read_bytes() == bytes(256)


def test_what_a_file_is(python: Python, tmp_path: Path) -> None:
    """Modes, times, numbers and links are the host's."""
    file = tmp_path / "file"
    file.write_text("x")
    file.chmod(0o640)
    os.utime(file, (1_000_000_000, 1_100_000_000))
    (tmp_path / "link").symlink_to("file")
    os.link(file, tmp_path / "hard")
    code = """
import os
s = os.stat("link")
print(oct(s.st_mode), s.st_mtime, s.st_ino, os.readlink("link"), os.path.samefile("file", "hard"), os.path.realpath("link"))
os.chmod("file", 0o600); os.utime("file", (5, 6)); os.symlink("nowhere", "dangling")
"""
    stat = file.stat()
    assert (
        python("-c", code).stdout
        == f"{oct(stat.st_mode)} 1100000000.0 {stat.st_ino} file True {file}\n"
    )
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_mtime == 6
    assert (tmp_path / "dangling").readlink() == Path("nowhere")


def test_rename_replaces(python: Python, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "kept").write_text("kept")
    (tmp_path / "folder").mkdir()
    code = """
import os
open("b").close()
os.replace("a", "b")
print(open("b").read(), os.path.exists("a"))
for source, target in (("folder", "full"), ("c", "folder"), ("folder", "c")):
    try: os.rename(source, target)
    except OSError as error: print(type(error).__name__)
"""
    done = python("-c", code)
    assert done.stdout.splitlines()[0] == "a False"
    assert len(done.stdout.splitlines()) == 4
    assert (tmp_path / "c").read_text() == "c"
    assert (tmp_path / "full" / "kept").read_text() == "kept"


def test_missing_and_forbidden(python: Python) -> None:
    code = """
import os
for action in (lambda: open("missing"), lambda: os.listdir("/no/where"), lambda: os.rmdir("/tmp/../nope"), lambda: open("/new", "w")):
    try: action()
    except OSError as error: print(type(error).__name__)
"""
    assert python("-c", code).stdout.split() == [*["FileNotFoundError"] * 3, "PermissionError"]


def test_folders_of_the_runtime(python: Python) -> None:
    """The library and the devices are the runtime's, the rest is the host's."""
    code = """
import os, json
print(json.__file__, os.path.exists("/dev/null"), "usr" in os.listdir("/"))
print(len(open("/dev/urandom", "rb").read(8)), open("/dev/null", "w").write("x"))
"""
    assert python("-c", code).stdout == "/lib/python313.zip/json/__init__.pyc True True\n8 1\n"


def test_bytecode_is_written_beside_modules(python: Python, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("value = 1")
    python("-c", "import module")
    assert [path.name for path in (tmp_path / "__pycache__").iterdir()] == [
        "module.cpython-313.pyc"
    ]
    (tmp_path / "other.py").write_text("value = 1")
    python("-B", "-c", "import other")
    assert len(list((tmp_path / "__pycache__").iterdir())) == 1


def test_module_that_was_just_written(python: Python) -> None:
    code = "open('m.py', 'w').write('v = 1')\nimport m\nprint(m.v)"
    assert python("-c", code).stdout == "1\n"

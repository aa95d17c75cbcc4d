"""Unpacking packages: everything in its place, or nothing changed."""

from __future__ import annotations

import hashlib
import importlib
import io
import sys
import sysconfig
import tarfile
import types
import zipfile
from pathlib import Path
from typing import Any

import pytest

from _pyodide import _installer
from _pyodide._installer import InstallError
from harness.wheels import file_name, wheel_bytes

WASM = b"\0asm\1\0\0\0"


def files_below(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_wheel_can_be_imported_and_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = wheel_bytes("tiny-thing", "2.1", {"tiny_thing/__init__.py": "x = 5\n"})
    metadata = {"INSTALLER": "me", "PYODIDE_SOURCE": "there"}
    got = _installer.install_wheel(data, file_name("tiny-thing", "2.1"), str(tmp_path), metadata)
    assert (got["name"], got["version"], got["libraries"]) == ("tiny-thing", "2.1", [])
    assert sorted(got["files"]) == [str(tmp_path / name) for name in files_below(tmp_path)]
    monkeypatch.syspath_prepend(str(tmp_path))
    assert importlib.import_module("tiny_thing").x == 5
    distribution = importlib.metadata.distribution("tiny-thing")
    assert distribution.read_text("INSTALLER") == "me"
    assert distribution.read_text("PYODIDE_SOURCE") == "there"
    listed = {str(path) for path in distribution.files or []}
    assert listed == set(files_below(tmp_path))
    monkeypatch.delitem(sys.modules, "tiny_thing")


def test_metadata_replaces_what_the_wheel_has(tmp_path: Path) -> None:
    data = wheel_bytes("a", files={"a.py": "", "a-1.0.dist-info/INSTALLER": "old"})
    _installer.install_wheel(data, file_name("a"), str(tmp_path), {"INSTALLER": "new"})
    folder = tmp_path / "a-1.0.dist-info"
    assert (folder / "INSTALLER").read_text() == "new"
    assert (folder / "RECORD").read_text().count("INSTALLER") == 1


def test_data_files_go_to_their_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = {name: tmp_path / name for name in ("data", "scripts", "include")}
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(places[name]))
    names = ["purelib/p.py", "platlib/q.py", "data/share/d.txt", "scripts/run", "headers/h.h"]
    data = wheel_bytes("a", files={f"a-1.0.data/{name}": name for name in names})
    _installer.install_wheel(data, file_name("a"), str(tmp_path / "site"))
    assert files_below(tmp_path)[:4] == ["data/share/d.txt", "include/a/h.h", "scripts/run"] + [
        "site/a-1.0.dist-info/METADATA"
    ]
    assert (tmp_path / "site" / "p.py").read_text() == "purelib/p.py"
    assert (tmp_path / "site" / "q.py").exists()
    odd = wheel_bytes("a", files={"a-1.0.data/other/x": ""})
    with pytest.raises(InstallError, match="'other', which is no known place"):
        _installer.install_wheel(odd, file_name("a"), str(tmp_path / "odd"))


def test_libraries_are_told_by_name_and_content(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a/m.cpython-313-wasm32-emscripten.so": WASM,
        "a/libx.so.1.2": WASM,
        "a/native.so": b"\x7fELF",
        "a/so.py": "",
        "a/x.some": WASM,
        "a/.so": WASM,
    }
    data = wheel_bytes("a", files=files)
    got = _installer.install_wheel(data, file_name("a"), str(tmp_path))
    assert [Path(p).name for p in got["libraries"]] == [
        "m.cpython-313-wasm32-emscripten.so",
        "libx.so.1.2",
    ]


def damaged(data: bytes) -> bytes:
    """The same archive with a byte of a file's content changed."""
    at = data.index(b"a.py") + 20
    return data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :]


def stored(names: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in names.items():
            archive.writestr(name, text)
    return buffer.getvalue()


GOOD = {"a-1.0.dist-info/METADATA": "Name: a\n", "a-1.0.dist-info/WHEEL": ""}
BIG = wheel_bytes("a", files={"a.py": "".join(f"x{i} = {i}\n" for i in range(3000))})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no zip archive"),
        (b"<html>404</html>", "no zip archive"),
        (BIG[: len(BIG) // 2], "no zip archive, or a damaged one"),
        (damaged(BIG), "a.py in it is damaged"),
        (stored({"a.py": ""}), "it has no dist-info"),
        (stored(GOOD | {"b-1.0.dist-info/METADATA": ""}), "more than one dist-info"),
        (stored({"a-1.0.dist-info/METADATA": ""}), "WHEEL is missing"),
        (stored({"a-1.0.dist-info/WHEEL": ""}), "METADATA is missing"),
        (wheel_bytes("b"), "it holds the project 'b', and not 'a'"),
        (stored(GOOD | {"../evil.py": ""}), "would lie outside"),
        (stored(GOOD | {"/evil.py": ""}), "would lie outside"),
        (stored(GOOD | {"a\\..\\evil.py": ""}), "would lie outside"),
    ],
)
def test_a_broken_wheel_changes_nothing(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.py").write_text("before")
    with pytest.raises(InstallError, match=message):
        _installer.install_wheel(data, file_name("a"), str(tmp_path / "site"))
    assert files_below(tmp_path) == ["site/a.py"]
    assert (tmp_path / "site" / "a.py").read_text() == "before"
    assert [p.name for p in (tmp_path / "site").iterdir()] == ["a.py"]


def tar_bytes(mode: str, names: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    opening: Any = f"w:{mode}"
    with tarfile.open(fileobj=buffer, mode=opening) as archive:
        for name, content in names.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["", "gz", "bz2", "xz"])
def test_other_archives(tmp_path: Path, mode: str) -> None:
    data = tar_bytes(mode, {"./lib/liba.so": WASM, "b.txt": b"b"})
    got = _installer.install_archive(data, f"x.tar.{mode}", str(tmp_path))
    assert got["libraries"] == [str(tmp_path / "lib" / "liba.so")]
    assert files_below(tmp_path) == ["b.txt", "lib/liba.so"]
    assert (tmp_path / "b.txt").stat().st_mode & 0o777 == 0o755
    zipped = stored({"c.txt": "c"})
    _installer.install_archive(zipped, "x.zip", str(tmp_path))
    assert (tmp_path / "c.txt").read_text() == "c"


def test_broken_other_archives(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="no tar archive"):
        _installer.install_archive(b"abc", "x.tar.gz", str(tmp_path))
    with pytest.raises(InstallError, match="would lie outside"):
        _installer.install_archive(tar_bytes("", {"../x": b""}), "x.tar", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_removal_takes_empty_folders_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    data = wheel_bytes("a", files={"a/b/c.py": "", "a/d.py": ""})
    got = _installer.install_wheel(data, file_name("a"), str(tmp_path / "site"))
    (tmp_path / "site" / "a" / "kept.txt").write_text("")
    _installer.remove(got["files"])
    assert files_below(tmp_path) == ["site/a/kept.txt"]
    assert [p.name for p in (tmp_path / "site").iterdir()] == ["a"]
    _installer.remove([str(tmp_path / "site" / "a" / "kept.txt")])
    assert list((tmp_path / "site").iterdir()) == []


def test_digest() -> None:
    assert _installer.sha256(b"abc") == hashlib.sha256(b"abc").hexdigest()


def test_invalidation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every finder looks anew, and what knows distributions if it is there; others are left alone."""
    seen: list[str] = []

    class Finder:
        def __init__(self, name: str) -> None:
            self.name = name

        def invalidate_caches(self) -> None:
            seen.append(self.name)

    distributions = types.SimpleNamespace(MetadataPathFinder=Finder("distributions"))
    monkeypatch.setattr(sys, "meta_path", [Finder("meta"), object(), *sys.meta_path])
    monkeypatch.setitem(sys.path_importer_cache, "/made-up", Finder("path"))
    monkeypatch.setitem(sys.path_importer_cache, "/none", None)
    monkeypatch.setitem(sys.modules, "importlib.metadata", distributions)
    _installer.invalidate_caches()
    assert seen == ["meta", "path", "distributions"]
    monkeypatch.delitem(sys.modules, "importlib.metadata")
    _installer.invalidate_caches()
    assert seen[3:] == ["meta", "path"]
    assert "importlib.metadata" not in sys.modules


def test_an_executable_file_stays_one(tmp_path: Path) -> None:
    with _installer.Staged(str(tmp_path)) as staged:
        staged.write(f"{tmp_path}/a/run", b"#!", 0o755)
        staged.write(f"{tmp_path}/a/data", b"first", 0o600)
        staged.write(f"{tmp_path}/a/data", b"second")
        assert staged.commit() == [f"{tmp_path}/a/run", f"{tmp_path}/a/data"]
    assert (tmp_path / "a/run").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "a/data").read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]

"""`pyodide.common`, on an ordinary interpreter."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyodide.common import install_files


def fill(folder: Path, files: dict[str, str]) -> Path:
    """Make files, and the folders above them."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def texts(folder: Path) -> dict[str, str]:
    """The files of a folder and what is in them."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.spec("6.5/1")
def test_into_an_existing_folder(tmp_path: Path) -> None:
    """Files are overwritten, others kept, folders joined; the source stays."""
    src = fill(tmp_path / "src", {"same": "new", "a/b/c": "deep", "a/x": "1"})
    (src / "empty").mkdir()
    dst = fill(tmp_path / "dst", {"same": "old", "kept": "k", "a/kept": "k"})
    before = texts(src)
    install_files(src, str(dst))
    assert texts(dst) == {"same": "new", "a/b/c": "deep", "a/x": "1", "kept": "k", "a/kept": "k"}
    assert (dst / "empty").is_dir()
    assert texts(src) == before


@pytest.mark.spec("6.5/1")
def test_missing_folders_are_made(tmp_path: Path) -> None:
    """The target's parents too; twice is as good as once; links are followed."""
    src = fill(tmp_path / "src", {"f": "1"})
    (src / "link").symlink_to("f")
    for _ in range(2):
        install_files(str(src), tmp_path / "x/y/z")
    assert texts(tmp_path / "x/y/z") == {"f": "1", "link": "1"}
    assert not (tmp_path / "x/y/z/link").is_symlink()


def test_errors(tmp_path: Path) -> None:
    """What is no folder is a ValueError; a file and a folder of one name are an OSError."""
    src = fill(tmp_path / "src", {"name/f": "1"})
    for bad in (tmp_path / "nowhere", src / "name/f"):
        with pytest.raises(ValueError, match="is not a directory"):
            install_files(bad, tmp_path / "dst")
    assert not (tmp_path / "dst").exists()
    with pytest.raises(ValueError, match="is not a directory"):
        install_files(src, src / "name/f")
    dst = fill(tmp_path / "dst", {"name": "a file"})
    with pytest.raises(FileExistsError):
        install_files(src, dst)
    other = fill(tmp_path / "other", {"name": "a file"})
    with pytest.raises(OSError, match="name"):
        install_files(other, src)

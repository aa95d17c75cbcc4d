"""Helpers for programs that put files in place."""

from pathlib import Path

__all__ = ["install_files"]


def install_files(src: str | Path, dst: str | Path) -> None:
    """Copy a folder with everything in it into another one.

    Folders that exist are kept with what else is in them, files are overwritten, and missing
    folders are made, `dst` and those above it too. Symbolic links are followed.

    Parameters
    ----------
    src:
        The folder to copy from.
    dst:
        The folder to copy to.

    Raises
    ------
    ValueError
        If `src` is no folder, or `dst` is something else than a folder.
    OSError
        If a file cannot be copied, or has the name of a folder in `dst` or the other way round.
        Files that come after it have not been copied.

    Examples
    --------
    >>> install_files("/tmp/unpacked/data", "/usr/share/data")  # doctest: +SKIP
    """
    import shutil

    source, target = Path(src), Path(dst)
    if not source.is_dir():
        raise ValueError(f"{src} is not a directory.")
    if target.exists() and not target.is_dir():
        raise ValueError(f"{dst} is not a directory.")
    target.mkdir(parents=True, exist_ok=True)
    for entry in sorted(source.iterdir()):
        place = target / entry.name
        if place.exists() and place.is_dir() != entry.is_dir():
            raise FileExistsError(f"Only one of {entry} and {place} is a directory.")
        if entry.is_dir():
            install_files(entry, place)
        else:
            shutil.copy(entry, place)

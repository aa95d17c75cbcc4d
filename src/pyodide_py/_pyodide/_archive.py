"""Unpacking archives of every format that `shutil` knows, and wheels, which it learns of here."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

_WHEEL = "whl"
"""Name of the format; wheels are zip files under another name."""
_TARS = ("tar", "gztar", "bztar", "xztar")


def register_wheels() -> None:
    """Let `shutil.unpack_archive` know wheels."""
    import shutil

    def unpack(filename: str, extract_dir: str) -> None:
        shutil.unpack_archive(filename, extract_dir, "zip")

    if _WHEEL not in (name for name, _, _ in shutil.get_unpack_formats()):
        shutil.register_unpack_format(_WHEEL, [".whl", ".wheel"], unpack, description="wheel file")


def archive_format(name: str) -> str:
    """Return the name that `shutil` has for a format or an extension of archives.

    Parameters
    ----------
    name:
        ``"gztar"``, ``".tar.gz"``, ``"tgz"``, ``"whl"`` ...

    Raises
    ------
    ValueError
        If it is unknown.
    """
    import shutil

    register_wheels()
    plain = name.removeprefix(".").lower()
    known = shutil.get_unpack_formats()
    for registered, extensions, _ in known:
        if plain == registered or f".{plain}" in extensions:
            return registered
    names = ", ".join(registered for registered, _, _ in known)
    raise ValueError(f"Unknown archive format {name!r}; known are {names}")


def unpack_file(file_name: str, format: str, extract_dir: "str | Path | None") -> None:
    """Unpack an archive. Nothing in it gets outside of the folder.

    Parameters
    ----------
    file_name:
        The archive.
    format:
        What `archive_format` has returned.
    extract_dir:
        The folder to unpack to, made if it is missing; the current one if None.

    Raises
    ------
    shutil.ReadError
        If the file is no archive of that format.
    """
    import shutil

    if format in _TARS:
        # Tar files, unlike zip files, could otherwise write outside the folder.
        shutil.unpack_archive(file_name, extract_dir, format, filter="data")
    else:
        shutil.unpack_archive(file_name, extract_dir, format)


def unpack_buffer(buffer: "Any", format: str, extract_dir: str | None) -> None:
    """Unpack an archive that lies in a JavaScript buffer.

    See `archive_format` for `format`, and `unpack_file` for the rest.
    """
    from tempfile import NamedTemporaryFile

    name = archive_format(format)
    with NamedTemporaryFile("wb") as file:
        buffer._into_file(file)
        unpack_file(file.name, name, extract_dir)

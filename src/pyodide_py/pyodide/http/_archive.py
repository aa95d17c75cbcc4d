"""Unpacking the body of a response."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from ._fetch import FetchResponse

_WHEEL = ("whl", "wheel")
"""Wheels are zip files under another name."""


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

    plain = name.removeprefix(".").lower()
    if plain in _WHEEL:
        return "zip"
    known = shutil.get_unpack_formats()
    for registered, extensions, _ in known:
        if plain == registered or f".{plain}" in extensions:
            return registered
    names = ", ".join(registered for registered, _, _ in known)
    raise ValueError(f"Unknown archive format {name!r}; known are wheel, {names}")


def format_of_address(url: str) -> str:
    """Return the format of an archive by the end of its address; see `archive_format`."""
    import shutil
    from urllib.parse import unquote, urlsplit

    name = unquote(urlsplit(url).path).rpartition("/")[2].lower()
    extensions = [end for _, ends, _ in shutil.get_unpack_formats() for end in ends]
    # The longest first: of ".tar.gz" and ".gz" the former says more.
    for extension in sorted([*extensions, ".whl"], key=len, reverse=True):
        if name.endswith(extension):
            return archive_format(extension)
    raise ValueError(
        f"The address {url!r} does not say what kind of archive it is; "
        'give it, for example format="zip"'
    )


async def unpack(
    response: FetchResponse, extract_dir: str | Path | None, format: str | None
) -> None:
    """Read and unpack the body of a response; see `FetchResponse.unpack_archive`."""
    import shutil
    from tempfile import NamedTemporaryFile

    # Before the download: it may be long.
    name = format_of_address(response.url) if format is None else archive_format(format)
    with NamedTemporaryFile("wb") as file:
        await response._into_file(file)
        if name == "zip":
            shutil.unpack_archive(file.name, extract_dir, name)
        else:
            # Tar files, unlike zip files, could otherwise write outside the folder.
            shutil.unpack_archive(file.name, extract_dir, name, filter="data")

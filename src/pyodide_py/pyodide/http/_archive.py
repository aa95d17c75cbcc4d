"""Unpacking the body of a response."""

from __future__ import annotations

from _pyodide._archive import archive_format, register_wheels, unpack_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from ._fetch import FetchResponse


def format_of_address(url: str) -> str:
    """Return the format of an archive, as `archive_format` does, by the end of its address."""
    import shutil
    from urllib.parse import unquote, urlsplit

    register_wheels()
    name = unquote(urlsplit(url).path).rpartition("/")[2].lower()
    formats = {end: format for format, ends, _ in shutil.get_unpack_formats() for end in ends}
    # The longest first: of ".tar.gz" and ".gz" the former says more.
    for extension in sorted(formats, key=len, reverse=True):
        if name.endswith(extension):
            return formats[extension]
    raise ValueError(
        f"The address {url!r} does not say what kind of archive it is; "
        'give it, for example format="zip"'
    )


async def unpack(
    response: FetchResponse, extract_dir: str | Path | None, format: str | None
) -> None:
    """Read and unpack the body of a response; see `FetchResponse.unpack_archive`."""
    from tempfile import NamedTemporaryFile

    # Before the download: it may be long.
    name = format_of_address(response.url) if format is None else archive_format(format)
    with NamedTemporaryFile("wb") as file:
        await response._into_file(file)
        unpack_file(file.name, name, extract_dir)

"""Unpacking wheels and other archives of packages into the file system.

What is unpacked is complete before the first file comes to its place: a broken archive leaves
nothing behind, and what was there before stays as it was.
"""

import os
import sys
import time
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any
    from zipfile import ZipFile, ZipInfo

WASM_MAGIC = b"\0asm"
EXECUTABLE = 0o111
# Kinds of files in NAME-VERSION.data that belong beside the modules.
LIBRARY_SCHEMES = ("purelib", "platlib")


class InstallError(ValueError):
    """An archive that cannot be installed; the message says what is wrong with it."""


def _installed(files: list[str], fields: dict[str, str]) -> "dict[str, Any]":
    return {
        "files": files,
        "libraries": [path for path in files if is_library(path)],
        "name": fields.get("name", ""),
        "version": fields.get("version", ""),
    }


def canonical_name(name: str) -> str:
    """Return a project's name as the index writes it: in lower case, with single hyphens."""
    return "-".join(filter(None, name.lower().replace("_", "-").replace(".", "-").split("-")))


def is_library(path: str) -> bool:
    """Say whether a file is a shared library for this machine, by its name and first bytes."""
    stem, so, suffix = path.rpartition("/")[2].partition(".so")
    if not (stem and so and all(part.isdigit() for part in suffix.split(".") if part)):
        return False
    with Path(path).open("rb") as file:
        return file.read(len(WASM_MAGIC)) == WASM_MAGIC


def install_wheel(
    buffer: "Any",
    file_name: str,
    target: str,
    metadata: "dict[str, str] | None" = None,
) -> "dict[str, Any]":
    """Unpack a wheel.

    Parameters
    ----------
    buffer:
        The wheel: bytes, or a JavaScript buffer.
    file_name:
        Name of the wheel's file, which begins with the project's name.
    target:
        Folder of modules; made if it is missing.
    metadata:
        Files to add to the wheel's dist-info folder: name -> text.

    Returns
    -------
    What was added: lists of `files` and of the `libraries` of WebAssembly among them, and the
    `name` and `version` in the wheel's metadata, empty for other archives.

    Raises
    ------
    InstallError
        The archive is damaged, or not what its file name says.
    """
    with open_zip(buffer) as archive:
        dist_info = find_dist_info(archive.namelist(), file_name)
        fields = _read_fields(archive, f"{dist_info}/METADATA")
        _read_fields(archive, f"{dist_info}/WHEEL")
        places = WheelPlaces(target, dist_info)
        staged = _stage(archive, target, places)
    with staged:
        _add_metadata(staged, f"{target}/{dist_info}", metadata or {})
        return _installed(staged.commit(), fields)


def install_archive(buffer: "Any", file_name: str, target: str) -> "dict[str, Any]":
    """Unpack an archive that is no wheel: a zip, or a tar with any compression.

    See `install_wheel` for the rest.
    """
    if file_name.endswith((".zip", ".whl")):
        with open_zip(buffer) as archive:
            staged = _stage(archive, target, lambda name: f"{target}/{name}")
    else:
        staged = _stage_tar(buffer, target)
    with staged:
        return _installed(staged.commit(), {})


def remove(files: "Iterable[str]") -> None:
    """Remove files, and the folders that are empty then and not on `sys.path`."""
    folders = set()
    for file in files:
        path = Path(file)
        path.unlink(missing_ok=True)
        folders.add(path.parent)
    for folder in folders:
        while str(folder) not in sys.path and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def sha256(buffer: "Any") -> str:
    """Return the hexadecimal digest; for pages to which the browser offers no cryptography."""
    # What `hashlib` has of it; the module's import takes longer than most digests.
    from _sha2 import sha256  # type: ignore[import-not-found]

    digest: str = sha256(_as_bytes(buffer)).hexdigest()
    return digest


def _as_bytes(buffer: "Any") -> bytes:
    return buffer if isinstance(buffer, bytes) else buffer.to_bytes()


def open_zip(buffer: "Any") -> "ZipFile":
    """Open a zip archive that lies in memory; see `install_wheel` for the parameter and errors."""
    import io
    import zipfile

    try:
        return zipfile.ZipFile(io.BytesIO(_as_bytes(buffer)))
    except zipfile.BadZipFile as error:
        raise InstallError(f"it is no zip archive, or a damaged one ({error})") from error


def find_dist_info(names: "Iterable[str]", file_name: str) -> str:
    """Return the name of a wheel's dist-info folder.

    Raises
    ------
    InstallError
        There is none, more than one, or one of another project.
    """
    folders = {name.split("/", 1)[0] for name in names}
    found = sorted(folder for folder in folders if folder.endswith(".dist-info"))
    if len(found) != 1:
        what = f"more than one dist-info folder ({', '.join(found)})" if found else "no dist-info"
        raise InstallError(f"it is no wheel: it has {what}")
    project = file_name.split("-")[0]
    inside = found[0].removesuffix(".dist-info").split("-")[0]
    if canonical_name(inside) != canonical_name(project):
        raise InstallError(f"it holds the project {inside!r}, and not {project!r}")
    return found[0]


def _read_fields(archive: "ZipFile", name: str) -> dict[str, str]:
    """Return the header fields of a metadata file, their names in lower case."""
    if name not in archive.namelist():
        raise InstallError(f"it is no wheel: {name} is missing")
    fields: dict[str, str] = {}
    for line in _read(archive, archive.getinfo(name)).decode(errors="replace").splitlines():
        key, colon, value = line.partition(":")
        if not line.strip():
            break
        if colon and not line[0].isspace():
            fields.setdefault(key.lower(), value.strip())
    return fields


def _read(archive: "ZipFile", entry: "ZipInfo") -> bytes:
    import zipfile
    import zlib

    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InstallError(f"{entry.filename} in it is damaged ({error})") from error


class WheelPlaces:
    """Where each file of a wheel belongs."""

    def __init__(self, target: str, dist_info: str) -> None:
        self._target = target
        self._data = dist_info.removesuffix(".dist-info") + ".data"
        self._project = dist_info.split("-")[0]

    def __call__(self, name: str) -> str:
        """Return the place of the file `name`."""
        top, _, rest = name.partition("/")
        if top != self._data or "/" not in rest:
            return f"{self._target}/{name}"
        scheme, _, inner = rest.partition("/")
        if scheme in LIBRARY_SCHEMES:
            return f"{self._target}/{inner}"
        import sysconfig

        if scheme == "headers":
            return f"{sysconfig.get_path('include')}/{self._project}/{inner}"
        if scheme not in ("data", "scripts"):
            raise InstallError(f"{name} in it belongs to {scheme!r}, which is no known place")
        return f"{sysconfig.get_path(scheme)}/{inner}"


class Staged:
    """Files that are unpacked beside the folder they are meant for, and not yet in their places.

    A package has hundreds of them: all is done with as few calls of the file system as possible.
    """

    def __init__(self, target: str) -> None:
        # Not by `tempfile`, whose import takes longer than a small wheel.
        self._folder = f"{target}/~install-{time.time_ns():x}"
        os.makedirs(self._folder)
        self._places: dict[str, str] = {}

    def __enter__(self) -> "Staged":
        return self

    def __exit__(self, *_: object) -> None:
        for name in os.listdir(self._folder):
            os.unlink(f"{self._folder}/{name}")
        os.rmdir(self._folder)

    def write(self, place: str, content: bytes, mode: int = 0) -> None:
        """Keep a file that is meant for `place`, instead of an earlier one.

        Of `mode` only executable files keep more than the default.
        """
        staged = self._places.setdefault(place, f"{self._folder}/{len(self._places)}")
        file = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(file, rest) :]
        finally:
            os.close(file)
        if mode & EXECUTABLE:
            os.chmod(staged, mode)

    def append(self, place: str, text: str) -> None:
        """Add text to the end of a file that is kept, if it is."""
        if place in self._places:
            content = Path(self._places[place]).read_bytes()
            newline = b"\n" if content and not content.endswith(b"\n") else b""
            self.write(place, content + newline + text.encode())

    def holds(self, place: str) -> bool:
        """Say whether a file is meant for `place`."""
        return place in self._places

    def commit(self) -> list[str]:
        """Move all files to their places, and return those."""
        for folder in {place.rpartition("/")[0] for place in self._places}:
            os.makedirs(folder, exist_ok=True)
        for place, staged in self._places.items():
            os.replace(staged, place)
        return list(self._places)


def _check_name(name: str) -> None:
    if name.startswith(("/", "\\")) or ".." in name.split("/") or "\\" in name:
        raise InstallError(f"the file {name!r} in it would lie outside of its folder")


def _stage(archive: "ZipFile", target: str, place: "Callable[[str], str]") -> Staged:
    staged = Staged(target)
    try:
        for entry in archive.infolist():
            if not entry.is_dir():
                _check_name(entry.filename)
                mode = entry.external_attr >> 16 & 0o777
                staged.write(place(entry.filename), _read(archive, entry), mode)
    except BaseException:
        staged.__exit__()
        raise
    return staged


def _tar_files(data: bytes) -> "Iterator[tuple[str, bytes, int]]":
    import io
    import tarfile

    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for entry in archive:
                file = archive.extractfile(entry) if entry.isfile() else None
                if file is not None:
                    yield entry.name.removeprefix("./"), file.read(), entry.mode & 0o777
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InstallError(f"it is no tar archive, or a damaged one ({error})") from error


def _stage_tar(buffer: "Any", target: str) -> Staged:
    staged = Staged(target)
    try:
        for name, content, mode in _tar_files(_as_bytes(buffer)):
            _check_name(name)
            staged.write(f"{target}/{name}", content, mode)
    except BaseException:
        staged.__exit__()
        raise
    return staged


def _add_metadata(staged: Staged, folder: str, metadata: dict[str, str]) -> None:
    """Add files to the dist-info folder, and list them in its RECORD."""
    rows = []
    for name, text in metadata.items():
        place = f"{folder}/{name}"
        if not staged.holds(place):
            rows.append(f"{folder.rpartition('/')[2]}/{name},,\n")
        staged.write(place, text.encode())
    staged.append(f"{folder}/RECORD", "".join(rows))


def invalidate_caches() -> None:
    """Let the import system see files that are new, as `importlib.invalidate_caches` does."""
    finders: list[Any] = [*sys.meta_path, *sys.path_importer_cache.values()]
    # PathFinder's own way imports `importlib.metadata`, which takes longer than a small wheel.
    path_finder = sys.modules["_frozen_importlib_external"].PathFinder
    metadata = sys.modules.get("importlib.metadata")
    if metadata is not None:
        finders.append(metadata.MetadataPathFinder)
    for finder in finders:
        if finder is not path_finder and hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()

"""An index of packages on this machine, in the format of the real one."""

from __future__ import annotations

import hashlib
import json

from . import published
from .wheels import FileServer, file_name, wheel_bytes

MIME = "application/vnd.pypi.simple.v1+json"


class Index(FileServer):
    """Serves wheels, and lists them by project."""

    def __init__(self) -> None:
        super().__init__()
        self._listed: dict[str, list[dict[str, object]]] = {}

    @property
    def url(self) -> str:
        """The address that installers are given."""
        return f"{self.origin}/simple"

    def add(self, name: str, content: bytes) -> None:
        """Add a wheel by its file name, instead of an earlier one."""
        project = name.split("-")[0].lower().replace("_", "-")
        self.files[f"/files/{name}"] = content
        entry = {
            "filename": name,
            "url": f"{self.origin}/files/{name}",
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
            "size": len(content),
        }
        others = [e for e in self._listed.get(project, []) if e["filename"] != name]
        entries = self._listed[project] = [*others, entry]
        page = {"meta": {"api-version": "1.1"}, "name": project, "versions": [], "files": entries}
        path = f"/simple/{project}/"
        self.files[path] = json.dumps(page).encode()
        self.types[path] = MIME

    def make(
        self,
        name: str,
        version: str = "1.0",
        *requires: str,
        tag: str = "py3-none-any",
        extras: tuple[str, ...] = (),
    ) -> None:
        """Add a wheel made here."""
        lines = [*requires, *(f"unused; extra == 'never'\nProvides-Extra: {e}" for e in extras)]
        content = wheel_bytes(name, version, requires=lines, tag=tag)
        self.add(file_name(name, version, tag), content)


def filled() -> Index:
    """An index with the distribution's packages as they are on the real one, and some for this platform."""
    running = Index()
    paths = [*published.index_wheels(), *(published.wheel(name) for name in ("xxhash", "cramjam"))]
    for path in paths:
        running.add(path.name, path.read_bytes())
    return running

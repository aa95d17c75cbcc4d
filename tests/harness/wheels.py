"""Wheels made by tests, lock files for them, and a server of files that can misbehave."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from .serving import LocalServer

INFO = {
    "arch": "wasm32",
    "platform": "emscripten_4_0_9",
    "python": "3.13.5",
    "abi_version": "2025_0",
}


def wheel_bytes(
    name: str,
    version: str = "1.0",
    files: dict[str, str | bytes] | None = None,
    requires: list[str] | None = None,
    tag: str = "py3-none-any",
) -> bytes:
    """The content of a wheel with the module `name`, or with other files."""
    project = name.replace("-", "_")
    info = f"{project}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires or []]
    content: dict[str, str | bytes] = dict(files or {f"{project}.py": f"version = {version!r}\n"})
    content[f"{info}/METADATA"] = "\n".join(lines) + "\n"
    content[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
    content[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*content, f"{info}/RECORD"])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in content.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def file_name(name: str, version: str = "1.0", tag: str = "py3-none-any") -> str:
    """The name of a wheel's file."""
    return f"{name.replace('-', '_')}-{version}-{tag}.whl"


def entry(name: str, content: bytes, version: str = "1.0", **more: Any) -> dict[str, Any]:
    """A package of a lock file."""
    return {
        "name": name,
        "version": version,
        "file_name": file_name(name, version),
        "install_dir": "site",
        "sha256": hashlib.sha256(content).hexdigest(),
        "package_type": "package",
        "imports": [name.replace("-", "_")],
        "depends": [],
        **more,
    }


def lock_text(*entries: dict[str, Any]) -> str:
    """A lock file of packages."""
    return json.dumps({"info": INFO, "packages": {item["name"]: item for item in entries}})


class FileServer(LocalServer):
    """Serves `files` (path -> content, or status) on this machine, to pages of other origins too."""

    def __init__(self) -> None:
        """Listen on a free port."""
        self.files: dict[str, bytes | int] = {}
        self.types: dict[str, str] = {}
        self.cut: set[str] = set()
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Answer a request."""
                path = self.path.partition("?")[0]
                outer.requests.append(path)
                content = outer.files.get(path, 404)
                status, body = (content, b"") if isinstance(content, int) else (200, content)
                self.send_response(status)
                self.send_header("Content-Type", outer.types.get(path, "application/octet-stream"))
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if path in outer.cut else body)

            def do_OPTIONS(self) -> None:
                """Allow what a page of another origin asks for."""
                self.send_response(204)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Access-Control-Allow-Headers", "*")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet."""

        super().__init__(Handler)

    def put_folder(self, prefix: str, folder: Path) -> None:
        """Serve the files of a folder below `prefix`."""
        for file in folder.iterdir():
            if file.is_file():
                self.files[prefix + file.name] = file.read_bytes()

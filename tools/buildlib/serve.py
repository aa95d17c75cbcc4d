"""Stage `serve`: a local web server over dist/ (or another folder) with the right media types."""

from __future__ import annotations

import argparse
import functools
import http.server
import os
from pathlib import Path

from .config import CHECKOUT, DIST

MEDIA_TYPES = {
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".whl": "application/zip",
    ".wasm": "application/wasm",
    ".zip": "application/zip",
}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files that change while one works on them, to pages that may share memory."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | MEDIA_TYPES

    def translate_path(self, path: str) -> str:
        """Find the file: examples/ and dist/ under their names, the served folder elsewhere."""
        for folder in ("examples", "dist"):
            if path.startswith(f"/{folder}/"):
                below = super().translate_path(path.removeprefix(f"/{folder}"))
                return str(CHECKOUT / folder / os.path.relpath(below, self.directory))
        return super().translate_path(path)

    def end_headers(self) -> None:
        """Add the headers that cross-origin isolation (SharedArrayBuffer) needs."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()


def main(arguments: list[str]) -> None:
    """Serve until interrupted; `arguments` as in --help."""
    parser = argparse.ArgumentParser(
        prog="tools/build.py serve", description="Serve dist/ over HTTP, for a browser."
    )
    parser.add_argument("--port", type=int, default=8000, help="default 8000; 0 takes a free one")
    parser.add_argument("--bind", default="127.0.0.1", help="address, default 127.0.0.1")
    parser.add_argument("--directory", type=Path, default=DIST, help="folder, default dist/")
    chosen = parser.parse_args(arguments)
    handler = functools.partial(Handler, directory=str(CHECKOUT / chosen.directory))
    with http.server.ThreadingHTTPServer((chosen.bind, chosen.port), handler) as server:
        port = server.server_address[1]
        for page in ("console.html", "examples/worker/index.html", "examples/canvas/index.html"):
            print(f"http://{chosen.bind}:{port}/{page}", flush=True)
        print("Ctrl-C ends", flush=True)
        server.serve_forever()

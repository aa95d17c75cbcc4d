"""An HTTP server for the browser tests: the same files under several prefixes that differ in their headers.

`/plain/`, `/csp/`, `/isolated/`, `/wrongmime/` and `/console/` each hold `dist/` (the build under test), `pages/` and
`examples/`, and the folders that tests add to `roots`. `/web/` has the answers of harness/web.py, from the same origin as
the pages.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from harness.serving import LocalServer
from harness.web import Gates, WebHandler

HERE = Path(__file__).resolve().parent
MIME = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".zip": "application/zip",
}
# No 'unsafe-eval', no 'unsafe-inline': only compiling WebAssembly is allowed beyond the site's own files.
STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'"
HEADERS: dict[str, dict[str, str]] = {
    "plain": {},
    "wrongmime": {},
    "csp": {"Content-Security-Policy": STRICT},
    "isolated": {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Resource-Policy": "same-origin",
    },
    # What console.html says it needs: the terminal writes style elements.
    "console": {
        "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
        "style-src 'self' 'unsafe-inline'; img-src data:"
    },
}


class Server(LocalServer):
    """Serves the folders; `requests` lists the paths that were asked for."""

    def __init__(self, dist: Path) -> None:
        """Start to serve the build in `dist` on a free port of this machine."""
        self.requests: list[str] = []
        self.roots = {
            "dist": dist,
            "pages": HERE / "pages",
            "examples": HERE.parents[1] / "examples",
        }
        roots, requests = self.roots, self.requests
        self.gates = Gates()

        class Handler(WebHandler):
            gates = self.gates
            prefix = "/web/"

            def do_GET(self) -> None:
                """Answer one request."""
                if self.path.startswith(self.prefix):
                    self.answer()
                    return
                path = unquote(urlsplit(self.path).path)
                requests.append(path)
                file = locate(roots, path)
                body = b"not found" if file is None else file.read_bytes()
                prefix = path.split("/")[1]
                self.send_response(404 if file is None else 200)
                mime = "text/plain" if file is None else MIME.get(file.suffix, "text/plain")
                if prefix == "wrongmime" and mime == "application/wasm":
                    mime = "application/octet-stream"
                self.send_header("Content-Type", mime)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-cache")
                for name, value in HEADERS.get(prefix, {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        super().__init__(Handler)


def locate(roots: dict[str, Path], path: str) -> Path | None:
    """The file behind a request path, or None when there is none within the roots."""
    parts = path.split("/")
    if len(parts) < 4 or parts[1] not in HEADERS or parts[2] not in roots:
        return None
    root = roots[parts[2]].resolve()
    file = root.joinpath(*parts[3:]).resolve()
    return file if file.is_relative_to(root) and file.is_file() else None

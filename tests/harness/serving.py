"""Servers on this machine: what those of the tests and of the bench have in common."""

from __future__ import annotations

import ssl
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType


class QuietFolderHandler(SimpleHTTPRequestHandler):
    """Serves a folder and does not tell what it is asked for."""

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


class _QuietServer(ThreadingHTTPServer):
    """A server to which a client that hangs up is no event."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Report what went wrong, unless the client only hung up."""
        if not isinstance(sys.exc_info()[1], ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)


class LocalServer:
    """Serves on a free port until it is closed, or until the end of its `with`."""

    def __init__(
        self, handler: Callable[..., BaseHTTPRequestHandler], certificate: Path | None = None
    ) -> None:
        """Start to serve; over TLS if there is a file with a certificate and its key."""
        self._server = _QuietServer(("127.0.0.1", 0), handler)
        self._scheme = "http"
        if certificate is not None:
            self._scheme = "https"
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        """The start of every address, without a slash at the end."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> LocalServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

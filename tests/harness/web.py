"""A web server for tests of HTTP: what a client sent, redirections, statuses, and answers that are slow or broken.

Nothing in it waits for a time: an answer that is held waits until the test releases it or the client hangs up, and the
test waits for the one or the other.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import select
import socket
import tarfile
import threading
import xmlrpc.client
import zipfile
from collections import defaultdict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .serving import LocalServer

PATIENCE = 30.0
"""Seconds after which a test that waits for the server, or a held answer, gives up."""

Route = Callable[["WebHandler", list[str], dict[str, str]], None]
ROUTES: dict[str, Route] = {}


class Gates:
    """What holds answers back, by key, and what became of them."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._open: set[str] = set()
        self._outcomes: dict[str, str] = {}
        self._arrived: dict[str, int] = defaultdict(int)

    def release(self, key: str) -> None:
        """Let the answer go on that is held under a key, now or when it comes to be held."""
        with self._lock:
            self._open.add(key)

    def hold(self, key: str, connection: socket.socket) -> str:
        """Wait until released ("released") or until the client hangs up ("aborted")."""
        with self._lock:
            self._arrived[key] += 1
            self._lock.notify_all()
        outcome = "given up"
        for _ in range(int(PATIENCE * 100)):
            with self._lock:
                if key in self._open:
                    outcome = "released"
                    break
            if select.select([connection], [], [], 0.01)[0]:
                outcome = "aborted"
                break
        with self._lock:
            self._outcomes[key] = outcome
            self._lock.notify_all()
        return outcome

    def arrived(self, key: str) -> bool:
        """Wait until a request is held under a key."""
        with self._lock:
            return self._lock.wait_for(lambda: self._arrived[key] > 0, PATIENCE)

    def outcome(self, key: str) -> str:
        """Wait for what became of an answer that was held: "released" or "aborted"."""
        with self._lock:
            self._lock.wait_for(lambda: key in self._outcomes, PATIENCE)
            return self._outcomes.get(key, "never asked for")


def route(name: str) -> Callable[[Route], Route]:
    """Make a function the answer to paths that begin with a name."""

    def register(function: Route) -> Route:
        ROUTES[name] = function
        return function

    return register


class WebHandler(BaseHTTPRequestHandler):
    """Answers by the first part of the path: see the functions marked `@route`."""

    protocol_version = "HTTP/1.1"
    gates: Gates
    prefix = "/"

    def answer(self) -> None:
        """Answer the request, of any method."""
        parts = urlsplit(self.path)
        name, *rest = unquote(parts.path.removeprefix(self.prefix)).split("/")
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        self.cors = "nocors" not in query
        self.body = self._read_body()
        if self.command == "OPTIONS" and "Access-Control-Request-Method" in self.headers:
            self.reply(204, headers={"Access-Control-Max-Age": "60"})
        elif name in ROUTES:
            ROUTES[name](self, rest, query)
        else:
            self.reply(404, b"no such route")

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = answer

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def head(self, status: int, headers: dict[str, str], reason: str | None = None) -> None:
        """Send the status and the headers, with those that let pages of other origins read it all."""
        self.send_response(status, reason)
        if self.cors:
            origin = self.headers.get("Origin", "*")
            asked = self.headers.get("Access-Control-Request-Headers")
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Credentials", "true")
            self.send_header(
                "Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS"
            )
            self.send_header("Access-Control-Expose-Headers", "X-Answer, X-Twice, WWW-Authenticate")
            if asked:
                self.send_header("Access-Control-Allow-Headers", asked)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def reply(
        self,
        status: int = 200,
        body: bytes = b"",
        mime: str = "text/plain; charset=utf-8",
        headers: dict[str, str] | None = None,
        reason: str | None = None,
    ) -> None:
        """Send a whole answer."""
        length = {} if status in (204, 304) else {"Content-Length": str(len(body))}
        self.head(status, {"Content-Type": mime, **length, **(headers or {})}, reason)
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@route("echo")
def _echo(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """What the client sent, as JSON; the body in base64."""
    seen = {
        "method": handler.command,
        "path": "/".join(rest),
        "query": query,
        "headers": {name.lower(): value for name, value in handler.headers.items()},
        "body": base64.b64encode(handler.body).decode(),
    }
    handler.reply(body=json.dumps(seen).encode(), mime="application/json")


@route("text")
def _text(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """A line of text that is not ASCII."""
    handler.reply(body="né\r\n\0ü €\n".encode(), headers={"X-Answer": "42", "X-Twice": "a"})


@route("bytes")
def _bytes(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """Every byte once, with a type that tempts to decode it."""
    handler.reply(body=bytes(range(256)), mime="text/html; charset=windows-1252")


@route("status")
def _status(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """The status that the path names."""
    status = int(rest[0])
    reason = rest[1] if len(rest) > 1 else None
    handler.reply(status, f"body of {status}".encode(), reason=reason)


@route("redirect")
def _redirect(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """As many redirections as the path says, of a status, and then what was sent."""
    status, left = int(rest[0]), int(rest[1])
    to = f"redirect/{status}/{left - 1}" if left > 1 else "echo/arrived"
    handler.reply(status, headers={"Location": handler.prefix + to})


@route("given")
def _given(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """The body that the path gives, in base64."""
    handler.reply(body=base64.b64decode("/".join(rest)))


@route("xmlrpc")
def _xmlrpc(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """A procedure that adds two numbers, by XML-RPC."""
    args, _ = xmlrpc.client.loads(handler.body)
    answer = xmlrpc.client.dumps((sum(args),), methodresponse=True)
    handler.reply(body=answer.encode(), mime="text/xml")


@route("gzip")
def _gzip(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """A compressed body."""
    body = gzip.compress(b"unpacked " * 1000)
    handler.reply(body=body, headers={"Content-Encoding": "gzip"})


@route("big")
def _big(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """As many bytes as the path says."""
    size = int(rest[0])
    pattern = bytes(range(256)) * 256
    handler.head(200, {"Content-Type": "application/octet-stream", "Content-Length": rest[0]})
    for start in range(0, size, len(pattern)):
        handler.wfile.write(pattern[: size - start])


@route("auth")
def _auth(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """A page for one user, by Basic authentication."""
    wanted = base64.b64encode(f"{rest[0]}:{rest[1]}".encode()).decode()
    if handler.headers.get("Authorization") == f"Basic {wanted}":
        handler.reply(body=b"welcome")
    else:
        # A browser that shows the page would ask its user for a password.
        scheme = "Basic" if query.get("ask") else "XBasic"
        handler.reply(401, b"who?", headers={"WWW-Authenticate": f'{scheme} realm="test"'})


@route("hold")
def _hold(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """Nothing at all until the test releases it."""
    if handler.gates.hold(rest[0], handler.connection) == "released":
        handler.reply(body=b"released", headers={"Connection": "close"})
    handler.close_connection = True


@route("drip")
def _drip(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """The head and half of the body, and the other half when the test releases it."""
    handler.head(200, {"Content-Type": "text/plain", "Content-Length": "20", "Connection": "close"})
    handler.wfile.write(b"first half")
    if handler.gates.hold(rest[0], handler.connection) == "released":
        handler.wfile.write(b"other half")
    handler.close_connection = True


@route("release")
def _release(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """Release what another request is waiting for, once that request has come."""
    handler.gates.arrived(rest[0])
    handler.gates.release(rest[0])
    handler.reply()


@route("arrived")
def _arrived(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """Answer once another request is held."""
    handler.reply(200 if handler.gates.arrived(rest[0]) else 504)


@route("chunked")
def _chunked(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """A body whose length the head does not say."""
    handler.head(200, {"Content-Type": "text/plain", "Transfer-Encoding": "chunked"})
    for chunk in (b"one ", b"two ", b"three"):
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
    handler.wfile.write(b"0\r\n\r\n")


@route("broken")
def _broken(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """A connection that ends too early: without an answer, in the middle of the head, or of the body."""
    if rest[0] == "garbage":
        handler.wfile.write(b"this is not HTTP\r\n\r\n")
    elif rest[0] == "body":
        headers = {"Content-Type": "text/plain", "Content-Length": "100", "Connection": "close"}
        handler.head(200, headers)
        handler.wfile.write(b"only this")
    handler.close_connection = True


@route("cookie")
def _cookie(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """Sets a cookie, and says which ones came."""
    cookies = handler.headers.get("Cookie", "")
    handler.reply(body=cookies.encode(), headers={"Set-Cookie": "flavour=vanilla; Path=/"})


def _archive_of(kind: str) -> bytes:
    memory = io.BytesIO()
    if kind in ("zip", "whl"):
        with zipfile.ZipFile(memory, "w") as archive:
            archive.writestr("folder/file.txt", "content")
    else:
        with tarfile.open(fileobj=memory, mode="w:gz") as tar:
            entry = tarfile.TarInfo("folder/file.txt")
            entry.size = len(b"content")
            tar.addfile(entry, io.BytesIO(b"content"))
    return memory.getvalue()


@route("archive")
def _archive(handler: WebHandler, rest: list[str], query: dict[str, str]) -> None:
    """An archive of one file; the kind is the first part of the path."""
    handler.reply(body=_archive_of(rest[0]), mime="application/octet-stream")


class WebServer(LocalServer):
    """Serves the routes."""

    def __init__(self, certificate: Path | None = None) -> None:
        """Start to serve; over TLS if there is a file with a certificate and its key."""
        self.gates = Gates()
        super().__init__(type("Handler", (WebHandler,), {"gates": self.gates}), certificate)


def closed_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""Measure a runtime in headless Chromium: start with an empty cache, start on the second visit, the rows of rows.mjs.

The server sends plain files with the right types and lets the browser keep them, as a site with versioned addresses does.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from selenium import webdriver

BENCH = Path(__file__).resolve().parent

sys.path.insert(0, str(BENCH.parent / "tests"))

from harness.chromium import missing_programs, start_chromium  # noqa: E402 - lies in tests/
from harness.serving import LocalServer, QuietFolderHandler  # noqa: E402

COLD, WARM = "start: page to first runPython, cold", "start: page to first runPython, warm"
TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm"}
TIMEOUT = 300
# Chromium writes compiled code to its cache some seconds after it was compiled.
SETTLE = 3.0
AWAIT = """
const done = arguments[arguments.length - 1];
Promise.resolve({}).then((value) => done([value]), (error) => done({{ error: String(error?.stack ?? error) }}));
"""


class Server(LocalServer):
    """Serves /bench/ and one folder a runtime; `requests` lists the paths asked for."""

    def __init__(self, folders: dict[str, Path]) -> None:
        self.folders = {"bench": BENCH, **folders}
        self.requests: list[str] = []
        server = self

        class Handler(QuietFolderHandler):
            protocol_version = "HTTP/1.1"

            def guess_type(self, path: object) -> str:
                kind: str | None = TYPES.get(Path(str(path)).suffix)
                return kind or super().guess_type(str(path))

            def translate_path(self, path: str) -> str:
                return str(server.file(path))

            def end_headers(self) -> None:
                self.send_header("Cache-Control", "max-age=86400")
                # Isolated pages have a finer clock.
                self.send_header("Cross-Origin-Opener-Policy", "same-origin")
                self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
                super().end_headers()

            def do_GET(self) -> None:
                server.requests.append(urlsplit(self.path).path)
                super().do_GET()

        super().__init__(Handler)

    def file(self, path: str) -> Path:
        """The file behind a request path."""
        first, _, rest = urlsplit(path).path.lstrip("/").partition("/")
        root = self.folders.get(first, BENCH / "nothing")
        file = (root / rest).resolve()
        return file if file.is_relative_to(root.resolve()) else root / "nothing"


def version() -> str | None:
    """What Chromium says it is, or None where there is none with its driver."""
    if missing_programs():
        return None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        driver = start_chromium(profile)
        try:
            return f"Chromium {driver.capabilities['browserVersion']}"
        finally:
            driver.quit()


def _await(driver: webdriver.Chrome, expression: str, *arguments: object) -> Any:
    """The result of a promise of the page.

    Raises RuntimeError with what it throws.
    """
    answer = driver.execute_async_script(AWAIT.format(expression), *arguments)
    if isinstance(answer, dict):
        raise RuntimeError(answer["error"])
    return answer[0]


@dataclass(frozen=True)
class Page:
    """What a page starts: a folder of the server, the loader in it, the conversion mode ("-": it has none)."""

    folder: str
    module: str
    conversion: str


def run_once(
    server: Server, page: Page, seconds: float, only: str | None
) -> tuple[dict[str, float], list[str]]:
    """Nanoseconds by row, from one browser with a new profile, and the paths that its first start asked for."""
    module = f"/{page.folder}/{page.module}"
    query = urlencode({"module": module, "conversion": page.conversion})
    address = f"{server.origin}/bench/page.html?{query}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        driver = start_chromium(profile, script_timeout=TIMEOUT)
        try:
            driver.get("about:blank")
            server.requests.clear()
            driver.get(address)
            results = {COLD: _await(driver, "started") * 1e6}
            fetched = [path for path in server.requests if path.startswith(f"/{page.folder}/")]
            time.sleep(SETTLE)
            driver.get("about:blank")
            driver.get(address)
            results[WARM] = _await(driver, "started") * 1e6
            # The driver would sort the names.
            rows = "measureAll(arguments[0], arguments[1]).then(JSON.stringify)"
            results |= json.loads(_await(driver, rows, seconds, only))
        finally:
            driver.quit()
    return results, fetched

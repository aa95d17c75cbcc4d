"""docs/packaging.md: what it tells a newcomer to type is typed, in an empty folder, and the page shows the result."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browsing import Chromium

from harness.runtime import ROOT

TITLE = """
    for (let n = 0; document.title === "waiting" && n < 600; n++) await new Promise((r) => setTimeout(r, 100));
    return document.title;
"""


class Quiet(SimpleHTTPRequestHandler):
    """A server of a folder that does not tell what it is asked for."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.slow
def test_from_pyproject_to_a_page(chromium: Chromium, tmp_path: Path) -> None:
    """The commands run as they stand, the module works in Node and in the page."""
    build = [sys.executable, str(ROOT / "tools" / "build.py"), "xbuildenv"]
    subprocess.run(build, check=True, capture_output=True)
    blocks = re.findall(
        r"^```sh\n(.*?)^```$", (ROOT / "docs" / "packaging.md").read_text(), re.M | re.S
    )
    done = subprocess.run(
        ["sh", "-eu", "-c", "".join(blocks)],
        cwd=tmp_path,
        env={**os.environ, "CHECKOUT": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
    assert done.stdout.splitlines()[-1] == "500000500000"
    handler = partial(Quiet, directory=tmp_path / "hello" / "site")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        chromium.go(f"http://127.0.0.1:{server.server_port}/index.html")
        assert chromium.run(TITLE) == "500000500000"
        server.shutdown()

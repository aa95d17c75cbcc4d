"""docs/packaging.md: what it tells a newcomer to type is typed, in an empty folder, and the page shows the result."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from browsing import Chromium

from harness.runtime import ROOT
from harness.serving import LocalServer, QuietFolderHandler

TITLE = """
    for (let n = 0; document.title === "waiting" && n < 600; n++) await new Promise((r) => setTimeout(r, 100));
    return document.title;
"""


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
    handler = partial(QuietFolderHandler, directory=tmp_path / "hello" / "site")
    with LocalServer(handler) as server:
        chromium.go(f"{server.origin}/index.html")
        assert chromium.run(TITLE) == "500000500000"

"""The fixtures that start the browsers and the local server; each lasts for the whole run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from browsing import Chromium
from firefox import Firefox
from server import Server

from harness.chromium import missing_programs, start_chromium
from harness.runtime import dist_dir

FLAGS = ("--js-flags=--expose-gc", "--window-size=1000,700")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server of this run."""
    running = Server(dist_dir())
    yield running
    running.close()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Iterator[Chromium]:
    """One headless Chromium for the whole run, with a profile of its own."""
    if missing := missing_programs():
        pytest.fail(
            f"{' and '.join(missing)} missing; `make test` as root, or `apt-get install chromium chromium-driver`",
            pytrace=False,
        )
    driver = start_chromium(tmp_path_factory.mktemp("chromium"), FLAGS, keep_console=True)
    yield Chromium(driver, server)
    driver.quit()


@pytest.fixture(scope="session")
def firefox(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Iterator[Firefox]:
    """One headless Firefox for the whole run, with a profile of its own."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip(
            "no firefox-esr or firefox on PATH; `make test` as root, or `apt-get install firefox-esr`, lets this run"
        )
    running = Firefox(program, tmp_path_factory.mktemp("firefox"), server)
    yield running
    running.close()

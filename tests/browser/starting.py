"""The fixtures that start the browsers and the local server; each lasts for the whole run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from browsing import Chromium
from firefox import Firefox
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from server import Server

from harness.runtime import dist_dir

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--js-flags=--expose-gc",
    "--window-size=1000,700",
]
START_TIMEOUT = 60


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server of this run."""
    running = Server(dist_dir())
    yield running
    running.close()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Iterator[Chromium]:
    """One headless Chromium for the whole run, with a profile of its own."""
    programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    missing = [name for name, path in programs.items() if path is None]
    if missing:
        pytest.fail(
            f"{' and '.join(missing)} missing; `make test` as root, or `apt-get install chromium chromium-driver`",
            pytrace=False,
        )
    options = Options()
    options.binary_location = programs["chromium"] or ""
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(programs["chromedriver"]))
    driver.set_script_timeout(START_TIMEOUT)
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

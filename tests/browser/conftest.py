"""Fixtures of the browser tests: headless Chromium through selenium, a local server, pages with a runtime."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from browsing import Browser
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
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One headless Chromium for the whole run, with a profile of its own."""
    programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    missing = [name for name, path in programs.items() if path is None]
    if missing:
        pytest.fail(f"{' and '.join(missing)} missing; run `make prerequisites`", pytrace=False)
    options = Options()
    options.binary_location = programs["chromium"] or ""
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(programs["chromedriver"]))
    chrome.set_script_timeout(START_TIMEOUT)
    yield chrome
    chrome.quit()


@pytest.fixture
def browser(driver: webdriver.Chrome, server: Server) -> Browser:
    """The browser, with a console and a request list of this test only."""
    chosen = Browser(driver, server)
    chosen.console()
    server.requests.clear()
    return chosen


@pytest.fixture(scope="module")
def shared_page(driver: webdriver.Chrome, server: Server) -> Browser:
    """A page with a runtime in native mode, for all tests of a module."""
    chosen = Browser(driver, server)
    chosen.start("/plain/pages/module.html")
    return chosen


@pytest.fixture
def page(shared_page: Browser) -> Iterator[Browser]:
    """The shared page, with the leak check around the test."""
    shared_page.run("document.getElementById('place').replaceChildren(); check.begin();")
    yield shared_page
    before, after = shared_page.run("return check.end();")
    assert before == after, "references leaked"

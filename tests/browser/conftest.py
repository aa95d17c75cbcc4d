"""Fixtures of the browser tests: headless Chromium and Firefox, a local server, pages with a runtime.

Tests that take `browser` or `page` run in both browsers, those that take `chromium` in Chromium alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from browsing import Browser, Chromium
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
BROWSERS = ("chromium", "firefox")


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


@pytest.fixture(params=BROWSERS)
def browser(request: pytest.FixtureRequest) -> Browser:
    """Each browser in turn, with a console and a request list of this test only."""
    chosen: Browser = request.getfixturevalue(request.param)
    chosen.console()
    chosen.server.requests.clear()
    return chosen


@pytest.fixture(scope="module", params=BROWSERS)
def page_browser(request: pytest.FixtureRequest) -> Browser:
    """The browser of the page that the tests of a module share."""
    chosen: Browser = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture(scope="module", params=["native"])
def mode(request: pytest.FixtureRequest) -> str:
    """The conversion mode of the shared page; a module that wants both has a fixture of this name."""
    chosen: str = request.param
    return chosen


@pytest.fixture(scope="module")
def shared_page(page_browser: Browser, mode: str) -> Browser:
    """A page with a runtime for all tests of a module, in each browser."""
    page_browser.start(f"/plain/pages/module.html?mode={mode}")
    # The first await starts Python's event loop, which keeps a few references from then on.
    page_browser.python("import js; await js.Promise.resolve(1)")
    return page_browser


@pytest.fixture
def page(shared_page: Browser) -> Iterator[Browser]:
    """The shared page with an empty element `place`, and the leak check around the test."""
    shared_page.run("check.begin();")
    yield shared_page
    # Elements that are gone do not keep their listeners.
    shared_page.run("document.getElementById('place').replaceChildren();")
    before, after = shared_page.run("return check.end();")
    assert before == after, "references leaked"

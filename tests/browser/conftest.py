"""Fixtures of the browser tests: headless Chromium and Firefox, a local server, pages with a runtime.

Tests that take `browser` or `page` run in both browsers, those that take `chromium` in Chromium alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import Browser
from starting import chromium, firefox, server

__all__ = ["chromium", "firefox", "server"]

BROWSERS = ("chromium", "firefox")


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

"""PyScript's core, unmodified from npm: a page and a worker with Python, on this runtime."""

from __future__ import annotations

from pathlib import Path

from browsing import Chromium
from selenium.webdriver.support.ui import WebDriverWait

from ecosystem.fetching import PYSCRIPT, npm_package


def test_page_and_worker(chromium: Chromium) -> None:
    """Scripts run in the page, with the files they want, and in a worker that writes to the page; events arrive."""
    chromium.server.roots["pyscript"] = npm_package(PYSCRIPT) / "dist"
    chromium.server.roots["eco"] = Path(__file__).resolve().parent / "pages"
    driver = chromium.driver
    driver.get(f"{chromium.server.origin}/isolated/eco/pyscript.html")

    def text(selector: str) -> str:
        script = "return document.querySelector(arguments[0])?.textContent ?? ''"
        return str(driver.execute_script(script, selector))

    wait = WebDriverWait(driver, 60)
    wait.until(lambda _: text("#out") and text("#worker"), chromium.console)
    assert text("#out") == "emscripten 1"
    assert text("#worker") == "from a worker"
    assert "displayed from a file" in text("body")
    driver.find_element("id", "button").click()
    wait.until(lambda _: text("#out") == "clicked button", chromium.console)

"""Starts Chromium, for the browser tests and for the bench."""

from __future__ import annotations

import shutil
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PROGRAMS = ("chromium", "chromedriver")


def missing_programs() -> list[str]:
    """Which of Chromium and its driver are not on PATH."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def start_chromium(
    profile: str | Path,
    flags: tuple[str, ...] = (),
    *,
    script_timeout: float = 60,
    keep_console: bool = False,
) -> webdriver.Chrome:
    """A browser without a window, with its profile in a folder.

    script_timeout: in seconds. keep_console: let `get_log("browser")` have what pages write to the console.
    """
    program, driver = (shutil.which(name) for name in PROGRAMS)
    options = Options()
    options.binary_location = program or ""
    for flag in (*FLAGS, *flags, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    if keep_console:
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    started.set_script_timeout(script_timeout)
    return started

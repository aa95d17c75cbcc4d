"""Packages of the machine that tests can do without."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.runtime import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from buildlib import config, prerequisites


def test_a_failure_is_remembered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"packages": ["rare"], "programs": ["no-such-program"], "required": False}
    tried = []

    def install(packages: list[str]) -> None:
        tried.extend(packages)
        if packages:
            raise config.BuildError("no apt")

    monkeypatch.setenv("PYODIDE_CACHE", str(tmp_path))
    monkeypatch.setattr(prerequisites, "install", install)
    monkeypatch.setattr(config, "load", lambda: {"prerequisites": {"test": [row]}})
    prerequisites.for_tests()
    assert "no apt" in capsys.readouterr().err
    prerequisites.for_tests()
    told = capsys.readouterr().err
    assert tried == ["rare"]
    assert "tests that need no-such-program are skipped" in told
    assert f"remove {tmp_path / 'not-installed-rare'}" in told

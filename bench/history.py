"""The history of the figures: one JSON file a run in history/, and what moved since the last one.

Compared are ratios to the first peer, which was measured in the same run: they hold on other machines too.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from report import Medians, Rounds, medians_of, peers_of, ratio

BENCH = Path(__file__).resolve().parent
HISTORY = BENCH / "history"
# A change below this is none, however quiet the machine was.
LEAST = 0.07
# What a result without rounds is thought to be worth.
UNKNOWN_NOISE = 0.08


def _commit() -> str:
    """The commit that was measured, with a plus sign when files differ from it."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(BENCH), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no")
    return (git("rev-parse", "--short=10", "HEAD") or "unknown") + ("+" if changed else "")


def noise_of(rounds: Rounds, peer: str) -> dict[str, float]:
    """By row: how far the ratio to the peer differs from round to round, as a part of it (median deviation)."""
    found = {}
    for row in rounds["ours"][0]:
        ratios = [
            r
            for ours, theirs in zip(rounds["ours"], rounds[peer], strict=True)
            if (r := ratio({"ours": ours, peer: theirs}, peer, row))
        ]
        if ratios:
            middle = statistics.median(ratios)
            found[row] = statistics.median(abs(r - middle) for r in ratios) / middle
    return found


def entry(facts: dict[str, str], places: dict[str, Rounds]) -> dict[str, Any]:
    """What is kept of a run: when, of which commit, where, and by place the medians and the noise."""
    found: dict[str, Any] = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "commit": _commit(),
        "machine": facts,
        "places": {},
    }
    for place, rounds in places.items():
        medians = medians_of(rounds)
        noise = noise_of(rounds, peers_of(medians)[0])
        found["places"][place] = {"medians": medians, "noise": noise}
    return found


def load() -> list[dict[str, Any]]:
    """All entries, oldest first."""
    return [json.loads(file.read_text()) for file in sorted(HISTORY.glob("*.json"))]


def save(new: dict[str, Any]) -> Path:
    """Write an entry into history/; its file."""
    HISTORY.mkdir(exist_ok=True)
    name = f"{new['date'].replace(':', '')}-{new['commit'].rstrip('+')}.json"
    (HISTORY / name).write_text(json.dumps(new, indent=1) + "\n")
    return HISTORY / name


def moved(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Sentences about the rows whose ratio to the first peer changed by more than the noise of both runs."""
    found = []
    for place, now in new["places"].items():
        before = old["places"].get(place)
        if before is None:
            continue
        medians: Medians = now["medians"]
        peer = peers_of(medians)[0]
        for row in medians["ours"]:
            was, is_now = ratio(before["medians"], peer, row), ratio(medians, peer, row)
            if was is None or is_now is None:
                continue
            noise = now["noise"].get(row, 0.0) + before["noise"].get(row, UNKNOWN_NOISE)
            if abs(math.log(is_now / was)) > max(LEAST, 3 * noise):
                word = "better" if is_now > was else "WORSE"
                found.append(f"{word}, {place}: {row}: {was:.2f} -> {is_now:.2f} times {peer}")
    return found

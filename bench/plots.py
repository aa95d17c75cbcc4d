"""Plots as SVG, in docs/images, for docs/performance.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from goals import INTERPRETER, WANTED
from report import Medians, peers_of, ratio, rows_of

# The same figures give the same file: no date in it, fixed names of elements.
mpl.rcParams["svg.hashsalt"] = "bench"
mpl.rcParams["font.size"] = 8
mpl.rcParams["svg.fonttype"] = "none"
# The plots of growth: their titles, and how the names of their curves begin.
KINDS = {
    "Lists and arrays, by length": ("list", "array"),
    "Strings, by length": ("str", "JavaScript alone: a string", "JavaScript alone: Text"),
    "Dicts, objects, Maps and Sets, by size": (
        "dict",
        "object",
        "Map",
        "Set",
        "JavaScript alone: an",
    ),
    "Bytes and doubles, by length": ("bytes", "Float64Array", "numpy"),
    "Nesting and stacks, by depth; side modules, by number": ("nested", "calls", "exc", "side"),
    "Live proxies, by number": ("PyProxies", "JsProxies"),
}
METADATA = {"Date": None, "Creator": None}
COLOURS = ("#3572a5", "#e0a030")


def _save(figure: Any, file: Path) -> Path:
    file.parent.mkdir(exist_ok=True)
    figure.savefig(file, metadata=METADATA, bbox_inches="tight", facecolor="white")
    plt.close(figure)
    # Matplotlib leaves blanks at the ends of lines.
    lines = file.read_text().splitlines()
    file.write_text("\n".join(line.rstrip() for line in lines) + "\n")
    return file


def _bars(medians: Medians, title: str, file: Path) -> Path:
    """A bar a row and peer: how many times faster ours is; a mark where the goal is."""
    peers = peers_of(medians)
    names = [n for n in rows_of(medians) if any(ratio(medians, p, n) for p in peers)]
    figure, axes = plt.subplots(figsize=(8, 0.24 * len(names) + 1))
    height = 0.8 / len(peers)
    for i, peer in enumerate(peers):
        places = [place + (i - (len(peers) - 1) / 2) * height for place in range(len(names))]
        values = [ratio(medians, peer, name) or 0 for name in names]
        axes.barh(places, values, height, label=f"{peer} / ours", color=COLOURS[i])
    goals = [(place, WANTED[name]) for place, name in enumerate(names) if name in WANTED]
    if goals:
        axes.plot(
            [wanted for _, wanted in goals],
            [place for place, _ in goals],
            "|",
            color="black",
            markersize=9,
            label=f"wanted, against {peers[0]}",
        )
    axes.axvline(1, color="grey", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xticks([0.5, 1, 2, 3, 5, 10, 20, 50, 100])
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.margins(y=0.01)
    axes.set_title(title)
    axes.legend(loc="lower right")
    return _save(figure, file)


def _starts(places: dict[str, Medians], file: Path) -> Path:
    """The times from nothing to the first result, of everything that was measured."""
    bars = []
    for place, medians in places.items():
        for label, rows in medians.items():
            # Two of them are no modules of Node.
            where = "" if label in ("native CPython", "PythonMonkey") else f", {place.capitalize()}"
            bars += [
                (f"{label}{where}{row.removeprefix(prefix)}", time / 1e6)
                for prefix in (
                    "start: process to first runPython",
                    "start: page to first runPython,",
                )
                for row, time in rows.items()
                if row.startswith(prefix)
            ]
    figure, axes = plt.subplots(figsize=(8, 0.24 * len(bars) + 1))
    colours = [COLOURS[0] if name.startswith("ours") else "#b0b0b0" for name, _ in bars]
    found = axes.barh([name for name, _ in bars], [ms for _, ms in bars], color=colours)
    axes.bar_label(found, fmt="{:,.0f} ms", padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.12, y=0.02)
    axes.set_title("Start to the first runPython: milliseconds")
    return _save(figure, file)


def results(entry: dict[str, Any], folder: Path) -> list[Path]:
    """Plots of one run: its files."""
    places: dict[str, Medians] = {n: place["medians"] for n, place in entry["places"].items()}
    files = [_starts(places, folder / "bench-start.svg")]

    def chosen(medians: Medians, programs: bool) -> Medians:
        return {
            label: {n: v for n, v in rows.items() if n.startswith(INTERPRETER) == programs}
            for label, rows in medians.items()
        }

    for place, medians in places.items():
        title = f"How many times faster than its peers: the bridge in {place.capitalize()} (a logarithmic scale)"
        files.append(_bars(chosen(medians, False), title, folder / f"bench-{place}.svg"))
    if any(n.startswith(INTERPRETER) for n in rows_of(places["node"])):
        title = "How many times faster than its peers: pure-Python programs"
        programs = chosen(places["node"], True)
        files.append(_bars(programs, title, folder / "bench-interpreter.svg"))
    return files


def growth(curves: dict[str, dict[str, Any]], file: Path) -> Path:
    """Curves of cost by size, those of a kind in one plot, all on the same scales."""
    kinds: dict[str, list[str]] = {}
    for name in curves:
        kind = next(kind for kind, words in KINDS.items() if name.startswith(words))
        kinds.setdefault(kind, []).append(name)
    columns = 2
    lines = -(-len(kinds) // columns)
    figure, grid = plt.subplots(
        lines, columns, figsize=(11, 3.6 * lines), sharex=True, sharey=True, squeeze=False
    )
    for axes, (kind, names) in zip(grid.flat, kinds.items(), strict=False):
        for name in names:
            curve = curves[name]
            label = f"{name} ({curve['exponent'] + 0:.2f})"
            axes.loglog(curve["sizes"], [t / 1e3 for t in curve["times"]], ".-", label=label)
        axes.set_title(kind)
        axes.minorticks_off()
        axes.legend(fontsize=6, loc="upper left")
    for axes in list(grid.flat)[len(kinds) :]:
        axes.axis("off")
    figure.supxlabel("size (in brackets: the exponent)")
    figure.supylabel("microseconds")
    figure.tight_layout()
    return _save(figure, file)

"""Stage `sources`: pinned source packages, unpacked and patched."""

from __future__ import annotations

import fnmatch
import shutil
from itertools import groupby
from pathlib import Path

from . import config, debian, store
from .config import CHECKOUT, Source
from .progress import Stage


def downloads() -> Path:
    """Return the folder with every pinned tarball, downloaded and verified."""
    pins = [config.source(name) for name in sorted(config.load()["sources"])]
    wanted = [[p.package, p.suite, p.archive, p.sha256] for p in pins]
    key = store.key_of(wanted, debian.download_sources)
    return store.cached("downloads", "downloading sources", key, lambda s, d, _: _get(s, d, pins))


def _get(running: Stage, folder: Path, pins: list[Source]) -> None:
    by_suite = sorted(pins, key=lambda pin: pin.suite)
    for suite, group in groupby(by_suite, key=lambda pin: pin.suite):
        debian.download_sources(running, suite, list(group), folder)
        shutil.rmtree(folder / f".apt-{suite}")
    for pin in pins:
        debian.verify(folder / pin.archive, pin.sha256)


def tree(name: str) -> Path:
    """Return the source tree of package `name`, to be copied and not built in.

    Debian's patches are applied, our own are not.
    """
    pin = config.source(name)
    inputs = [pin.archive, pin.sha256, list(pin.debian_patches)]
    return store.cached(
        f"source-{name}",
        f"unpacking {name} {pin.version}",
        store.key_of(inputs, _unpack, _apply_debian_patches),
        lambda s, d, _: _unpack(s, d, pin),
    )


def patched_tree(name: str) -> Path:
    """Return the source tree of package `name` with our own patches, for wasm."""
    pin = config.source(name)
    patches = CHECKOUT / pin.own_patches
    return store.cached(
        f"source-{name}-patched",
        f"applying {pin.own_patches}",
        store.key_of(tree(name).name, patches, _patch),
        lambda s, d, _: _patch(s, d, name, sorted(patches.glob("*.patch"))),
    )


def _patch(running: Stage, folder: Path, name: str, patches: list[Path]) -> None:
    shutil.copytree(tree(name), folder, symlinks=True, dirs_exist_ok=True)
    for patch in patches:
        running.run(["patch", "-p1", "--no-backup-if-mismatch", "-i", patch], cwd=folder)


def _unpack(running: Stage, folder: Path, pin: Source) -> None:
    archives = downloads()
    running.run(
        ["tar", "-x", "--no-same-owner", "--strip-components=1", "-f", archives / pin.archive],
        cwd=folder,
    )
    if pin.debian_patches:
        _apply_debian_patches(running, folder, pin, archives)


def _apply_debian_patches(running: Stage, folder: Path, pin: Source, archives: Path) -> None:
    packed = sorted(archives.glob(f"{pin.package}_*.debian.tar.*"))[-1]
    unpacked = folder / ".debian-packaging"
    unpacked.mkdir()
    running.run(["tar", "-x", "--no-same-owner", "-f", packed], cwd=unpacked)
    patches = unpacked / "debian" / "patches"
    series = (patches / "series").read_text().split("\n")
    names = [
        name
        for name in (line.split("#")[0].strip() for line in series)
        if any(fnmatch.fnmatch(name, pattern) for pattern in pin.debian_patches)
    ]
    for name in names:
        running.run(["patch", "-p1", "--no-backup-if-mismatch", "-i", patches / name], cwd=folder)
    running.say(f"applied {len(names)} Debian patches of {packed.name}")
    shutil.rmtree(unpacked)


def copy(name: str, target: Path) -> Path:
    """Copy the source tree of `name` to `target` for a build that writes into its tree."""
    shutil.copytree(tree(name), target, symlinks=True)
    return target


def build() -> None:
    """Download and unpack everything that is pinned."""
    for name in sorted(config.load()["sources"]):
        tree(name)
        if config.source(name).own_patches:
            patched_tree(name)

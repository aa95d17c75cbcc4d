"""Wheels as they are on the index, fetched by pip when a test wants one and kept in the build's cache."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from .runtime import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from buildlib import recipes, store
from buildlib.progress import Stage
from buildlib.venv import venv

PLATFORM = "pyemscripten_2025_0_wasm32"
# name: version, sha256 of the wheel for this platform. published_work.py has work for each.
WHEELS = {
    "xxhash": ("4.1.0", "ffec5e9139b972051065cb58a3e74914d8a7f70c3bc9c23e03909df22c88dc30"),
    "msgpack": ("1.2.4", "d088d1f552e129859db830692268747aba0a1ee3e6e0fe6344dbb3aab1df9f6c"),
    "simplejson": ("4.3.0", "67666fc300dafd4a5e9a87441d6f33dc938251a0b8f7e882facd43ffecc55295"),
    "bitarray": ("3.12.3", "570310f238007ab3ea48ba58f54820df871011e1580a27aba031011d34526208"),
    "apsw": ("3.54.1.0", "29a7698926951e8b7879771a14f0d1ae40ede575b20ef2e917c3a70c24e01092"),
    "cramjam": ("2.14.0", "c354e24d831321fa799c4e6c72c1aa7cf7360d1d148f99c7f6ff4f218e44b4b5"),
    "contourpy": ("1.4.0", "abd0f7e51ecc52bf8c95713bd80b1c17c516a71fa391c54475308a4377903c2b"),
    "boost-histogram": (
        "1.8.1",
        "48b2711cc447015e479c8d56826cd0335c9632c005b76b8f2e58327f699136a5",
    ),
    "awkward-cpp": ("57", "0c5b66f8ac094a9f9e26b5558c28691a327c626fd6af73b3026aa146ee6e0289"),
    "arro3-core": ("0.9.1", "02e55faf19b78073bb64ce04c0a49808ec2f905b7635b6010000e84b4abf3f86"),
    "fastquadtree": ("2.4.2", "3ebc6508810c87ede4bafcb91d0d26ad4a198822851e9db2e18b728d9260b59e"),
    "librt": ("0.17.0", "47c9ff64c555e70f980313973c0bedd469d7379f79ce90bad551b4b2475968e6"),
    "pycdfpp": ("0.19.0", "97b9d5b38f64a21b1e116163102db53d053cdaae8d6256b46169706a969cde9d"),
    "pymupdf": ("1.28.2", "2e1b574c0fd2cb238021033fd3c0f9c4388816638df064e4bfb56d9d81736dc8"),
    "uharfbuzz": ("0.57.0", "d536eaf8161af2fd48c9842397e9cbd6aa7c4a12e6f5c820aa40f49cb4445302"),
}
# Pure packages that are not in the distribution.
PURE = {
    "awkward": ("2.14.0", "bbdcecf16c8358bac2eb20285659325fc7a71e439779f1259277693357689efd"),
    "fsspec": ("2026.9.0", "8dd6e646e99ea382bd85f97a45e6b526a442d79423a7dc673f1e2756d05fcb5f"),
    "mypy-extensions": ("1.2.0", "993e7a20aa5671eb41a7132cf555af30062da99729601601b9a8382b11cae768"),
}  # fmt: skip
# What else a package's work needs: names of PURE, or of the distribution.
NEEDS = {
    "contourpy": ["numpy"],
    "boost-histogram": ["numpy"],
    "awkward-cpp": ["numpy", "packaging", "awkward", "fsspec"],
    "arro3-core": ["numpy"],
    "librt": ["mypy-extensions"],
    "pycdfpp": ["numpy"],
}


def wheel(name: str) -> Path:
    """The published wheel of a package of WHEELS or PURE."""
    version, sha256 = {**WHEELS, **PURE}[name]

    def fetch(running: Stage, folder: Path, final: Path) -> None:
        requirements = folder / "requirements.txt"
        requirements.write_text(f"{name}=={version} --hash=sha256:{sha256}\n")
        python = venv("packages", recipes.REQUIREMENTS) / "python"
        command: list[str | Path] = [python, "-m", "pip", "download", "-q", "--no-deps"]
        command += ["--require-hashes", "--only-binary=:all:", "--platform", PLATFORM]
        command += ["--python-version", "3.13", "--implementation", "cp"]
        command += ["--abi", "cp313", "--abi", "abi3", "--abi", "none"]
        running.run([*command, "-d", folder, "-r", requirements])
        requirements.unlink()

    key = store.key_of(name, version, sha256)
    (found,) = store.cached("published", f"downloading {name}", key, fetch).glob("*.whl")
    return found


def sources(names: Iterable[str]) -> list[str]:
    """What `loadPackage` is given for the packages: paths of wheels, and names of the distribution."""
    wanted = dict.fromkeys(need for name in names for need in [*NEEDS.get(name, []), name])
    return [str(wheel(n)) if n in WHEELS or n in PURE else n for n in wanted]


def index_wheels() -> list[Path]:
    """The wheels of the distribution's recipes as they are on the index, all for every platform."""
    return sorted(recipes.downloads().glob("*.whl"))

#!/usr/bin/env python3
"""Write a lock file for a folder of wheels, with the package `pyodide-lock`.

Usage: lock_packages.py --info JSON WHEELS LOCKFILE

WHEELS is the folder; JSON is an object with the fields of the lock file's `info`. It is an error
when a wheel does not fit this information, or when one needs a package that no wheel in the folder
provides in a version that will do.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename
from pyodide_lock import PackageSpec, PyodideLockSpec
from pyodide_lock.utils import parse_top_level_import_name


class LockError(Exception):
    """A wheel that does not belong into the lock file; the message says why."""


def metadata_of(wheel: Path) -> Message:
    """Return the fields of a wheel's METADATA."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def supported_tags(info: dict[str, str]) -> set[Tag]:
    """Return the tags of wheels that run on what `info` describes."""
    major, minor = (int(part) for part in info["python"].split(".")[:2])
    platforms = [f"pyemscripten_{info['abi_version']}_{info['arch']}"]
    tags = set(cpython_tags((major, minor), platforms=platforms))
    return tags | set(compatible_tags((major, minor), f"cp{major}{minor}", platforms))


def environment(info: dict[str, str], extra: str = "") -> dict[str, str]:
    """Return what the markers of requirements are compared with."""
    return {
        "implementation_name": "cpython",
        "implementation_version": info["python"],
        "os_name": "posix",
        "platform_machine": info["arch"],
        "platform_python_implementation": "CPython",
        "platform_release": info["platform"].partition("_")[2].replace("_", "."),
        "platform_system": "Emscripten",
        "platform_version": "#1",
        "python_full_version": info["python"],
        "python_version": ".".join(info["python"].split(".")[:2]),
        "sys_platform": "emscripten",
        "extra": extra,
    }


def describe(wheel: Path, tags: set[Tag]) -> PackageSpec:
    """Return the lock file's entry of one wheel, without its dependencies."""
    name, version, _, its_tags = parse_wheel_filename(wheel.name)
    if not its_tags & tags:
        raise LockError(f"{wheel.name}: its tags are not those of this runtime")
    return PackageSpec(
        name=name,
        version=str(version),
        file_name=wheel.name,
        install_dir="site",
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        imports=sorted(parse_top_level_import_name(wheel) or []),
    )


def needs(
    name: str,
    extras: frozenset[str],
    metadata: dict[str, Message],
    packages: dict[str, PackageSpec],
    info: dict[str, str],
) -> set[str]:
    """Return what a package needs; extras that it asks of another count as needed by itself.

    The lock file knows no extras.
    """
    found: set[str] = set()
    for text in metadata[name].get_all("Requires-Dist") or []:
        requirement = Requirement(text)
        wanted = requirement.marker is None or any(
            requirement.marker.evaluate(environment(info, extra)) for extra in extras | {""}
        )
        if not wanted:
            continue
        needed = canonicalize_name(requirement.name)
        if needed not in packages:
            raise LockError(f"{name} needs {requirement}, for which there is no recipe")
        if not requirement.specifier.contains(packages[needed].version, prereleases=True):
            version = packages[needed].version
            raise LockError(f"{name} needs {requirement}, and the recipe is for {version}")
        found.add(needed)
        if requirement.extras:
            more = frozenset(requirement.extras)
            found |= needs(needed, more, metadata, packages, info) - {name}
    return found


def lock(folder: Path, info: dict[str, str]) -> PyodideLockSpec:
    """Return the lock file of all wheels in a folder."""
    tags = supported_tags(info)
    wheels = sorted(folder.glob("*.whl"))
    packages: dict[str, PackageSpec] = {}
    metadata: dict[str, Message] = {}
    for wheel in wheels:
        spec = describe(wheel, tags)
        if spec.name in packages:
            raise LockError(
                f"{spec.name} has two wheels: {packages[spec.name].file_name}, {wheel.name}"
            )
        packages[spec.name] = spec
        metadata[spec.name] = metadata_of(wheel)
    for name, spec in packages.items():
        spec.depends = sorted(needs(name, frozenset(), metadata, packages, info))
    result = PyodideLockSpec.from_dict({"info": info, "packages": {}})
    result.packages = packages
    result.check_wheel_filenames()
    return result


def main() -> int:
    """Write the lock file; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--info", type=json.loads, required=True, help="the lock file's info")
    parser.add_argument("wheels", type=Path, help="folder of the wheels")
    parser.add_argument("lockfile", type=Path, help="file to write")
    chosen = parser.parse_args()
    try:
        result = lock(chosen.wheels, chosen.info)
    except LockError as error:
        print(error, file=sys.stderr)
        return 1
    result.to_json(chosen.lockfile, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())

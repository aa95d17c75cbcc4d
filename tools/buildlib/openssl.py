"""OpenSSL for wasm, and CPython's extension module `_ssl` over it: for the package `ssl`."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from . import config, sources, store, toolchain, wasmpython
from .progress import Stage

THIS = sys.modules[__name__]
# What a page can have no use for, and what TLS has given up. Threads stay: CPython insists on them.
LEFT_OUT = [
    *("asm", "shared", "dso", "engine", "module", "tests", "ui-console", "async", "afalgeng"),
    *("secure-memory", "idea", "seed", "camellia", "aria", "sm2", "sm3", "sm4", "rc2", "rc4"),
    *("md2", "mdc2", "whirlpool", "bf", "cast", "dsa", "cms", "ct", "ts", "cmp", "srp", "srtp"),
    *("dtls", "gost", "comp", "legacy", "nextprotoneg", "ssl-trace", "scrypt", "siphash"),
    *("blake2", "rmd160", "ec2m", "ssl3", "autoload-config"),
]
OPTIONS = [
    *("linux-generic32", "threads", "--with-rand-seed=devrandom"),
    *("--prefix=/usr", "--openssldir=/etc/ssl"),
    *(f"no-{name}" for name in LEFT_OUT),
]
ARCHIVES = ("libssl.a", "libcrypto.a")
SIZE = ["-Os", "-DNDEBUG"]


def libraries() -> Path:
    """Return the folder with OpenSSL's archives, `include` and licence."""
    key = store.key_of(toolchain.key(), sources.tree("openssl").name, THIS)
    version = config.source("openssl").version
    return store.cached("openssl", f"building OpenSSL {version} for wasm", key, _make_libraries)


def module() -> Path:
    """Return the folder with `_ssl.wasm`, the side module."""
    python = [wasmpython.root().name, sources.patched_tree("cpython").name]
    key = store.key_of(toolchain.key(), libraries().name, python, THIS)
    return store.cached("ssl-module", "compiling the extension module _ssl", key, _make_module)


def _make_libraries(running: Stage, folder: Path, final: Path) -> None:
    tree = sources.copy("openssl", folder / ".build")
    flags = [*config.load()["flags"]["abi"], *SIZE]
    tools = {"CC": "emcc", "AR": "emar", "RANLIB": "emranlib", "CFLAGS": " ".join(flags)}
    tools["SOURCE_DATE_EPOCH"] = toolchain.environment()["SOURCE_DATE_EPOCH"]
    # Perl programs write a part of the sources; where emcc is, there is too little of Perl.
    running.run(["perl", "./Configure", *OPTIONS], cwd=tree, env=tools)
    written = re.findall(r"^(providers/common/\S+\.[ch]):", (tree / "Makefile").read_text(), re.M)
    make = ["make", f"-j{config.jobs()}", "-s"]
    running.run([*make, "build_generated", *sorted(set(written))], cwd=tree, env=tools)
    toolchain.enter(running, [*make, *ARCHIVES], cwd=tree, env=tools)
    for name in (*ARCHIVES, "LICENSE.txt"):
        shutil.copy(tree / name, folder)
    shutil.copytree(tree / "include", folder / "include")
    shutil.rmtree(tree)


def _make_module(running: Stage, folder: Path, final: Path) -> None:
    python, built, headers = sources.patched_tree("cpython"), libraries(), wasmpython.include()
    abi = config.load()["flags"]["abi"]
    places = [headers, headers / "internal", python / "Modules", built / "include"]
    compiling = ["emcc", *abi, *SIZE, "-DPy_BUILD_CORE_MODULE", *(f"-I{place}" for place in places)]
    compiling += [f"-ffile-prefix-map={python}=python", "-c", python / "Modules" / "_ssl.c"]
    toolchain.enter(running, [*compiling, "-o", folder / ".ssl.o"], cwd=folder)
    linking = ["emcc", *abi, "-O2", "-sSIDE_MODULE=2", "-sEXPORTED_FUNCTIONS=_PyInit__ssl"]
    linking += [folder / ".ssl.o", *(built / name for name in ARCHIVES)]
    toolchain.enter(running, [*linking, "-o", folder / "_ssl.wasm"], cwd=folder)
    (folder / ".ssl.o").unlink()

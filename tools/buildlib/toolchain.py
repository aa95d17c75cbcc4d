"""Stage `toolchain`: an emcc, either the machine's own or one in an isolated Debian root.

`enter()` is the only way a command gets to run where emcc is. Paths of the cache, the checkout and
/tmp are the same inside and outside.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from . import config, debian, store
from .config import CHECKOUT, BuildError
from .progress import Stage, stage

# /usr/bin/emnm of Debian's package is broken (it looks beside its own symlink), and some tools want
# unversioned LLVM names; these come first on PATH.
EMSCRIPTEN = "usr/share/emscripten"


@cache
def system_emcc() -> str | None:
    """Return the version of the emcc on PATH when it is new enough."""
    if os.environ.get("PYODIDE_TOOLCHAIN_SUITE") or not shutil.which("emcc"):
        return None
    answer = subprocess.run(["emcc", "-dumpversion"], capture_output=True, text=True, check=False)
    version = answer.stdout.strip()
    wanted = config.load()["toolchain"]["minimum_emcc"]
    if answer.returncode == 0 and _numbers(version) >= _numbers(wanted):
        return version
    return None


def version() -> str:
    """Return the version of the emcc that compiles."""
    folder = root()
    if folder is None:
        return system_emcc() or ""
    text = (folder / EMSCRIPTEN / "emscripten-version.txt").read_text()
    return text.strip().strip('"')


def is_recent() -> bool:
    """Return whether the emcc is as new as the project asks for; trixie's is not."""
    return _numbers(version()) >= _numbers(config.load()["toolchain"]["minimum_emcc"])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def key() -> str:
    """Return the key of the compiler, part of the key of everything it compiles."""
    version = system_emcc()
    if version:
        return store.key_of("system", version, config.load()["flags"])
    pins = config.load()["toolchain"]["packages"]
    return store.key_of(config.suite(), pins, config.load()["flags"])


def root() -> Path | None:
    """Return the isolated root, made if it is not there; None when the machine has its own emcc."""
    if system_emcc():
        return None
    suite = config.suite()
    return store.cached("toolchain", f"making a Debian {suite} root with emscripten", key(), _make)


def _make(running: Stage, folder: Path, final: Path) -> None:
    suite = config.suite()
    packages = ",".join(config.load()["toolchain"]["packages"])
    line = debian.source_line("deb", suite)
    # Packed and unpacked again, so that all files belong to the user who builds, root or not.
    archive = folder / "root.tar"
    options = ['Acquire::Check-Valid-Until "false";', *debian.proxy_options()]
    running.run(
        [
            "mmdebstrap",
            "--variant=minbase",
            "--format=tar",
            *(f"--aptopt={option}" for option in options),
            f"--include={packages}",
            suite,
            archive,
            line,
        ]
    )
    running.run(["tar", "-x", "--no-same-owner", "--exclude=./dev/*", "-f", archive], cwd=folder)
    archive.unlink()


def emscripten_cache() -> Path:
    """Return the folder of emscripten's own compiled system libraries."""
    folder = config.cache_dir() / f"emscripten-{key()}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def environment() -> dict[str, str]:
    """Return the variables that commands beside emcc need."""
    variables = {
        "EM_CACHE": str(emscripten_cache()),
        # Trixie's package comes with libraries of other flags, and forbids making more.
        "EM_FROZEN_CACHE": "0",
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SOURCE_DATE_EPOCH": "1700000000",
    }
    folder = root()
    if folder:
        llvm = sorted((folder / "usr" / "lib").glob("llvm-*/bin"))[-1].relative_to(folder)
        places = [f"/{EMSCRIPTEN}", f"/{llvm}", "/usr/bin", "/bin"]
        variables |= {"PATH": ":".join(places), "HOME": "/tmp", "EM_NODE_JS": "/usr/bin/node"}
    elif shutil.which("em-config"):
        variables["PATH"] = os.pathsep.join([os.environ["PATH"], _llvm_of_system()])
    return variables


@cache
def _llvm_of_system() -> str:
    """Return the folder of the LLVM that the machine's own emcc uses."""
    answer = subprocess.run(["em-config", "LLVM_ROOT"], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def has(program: str) -> bool:
    """Return whether a program is there beside emcc; not every LLVM comes with all of its tools."""
    folder, path = root(), environment().get("PATH", os.environ["PATH"])
    if folder is None:
        return shutil.which(program, path=path) is not None
    return any(os.path.lexists(f"{folder}{place}/{program}") for place in path.split(os.pathsep))


def command(words: Sequence[str | Path], cwd: Path, env: Mapping[str, str]) -> list[str]:
    """Return the command line that runs `words` where emcc is."""
    texts = [str(word) for word in words]
    folder = root()
    if folder is None:
        return texts
    box = ["bwrap", "--die-with-parent", "--ro-bind", str(folder / "usr"), "/usr"]
    box += ["--ro-bind", str(folder / "etc"), "/etc"]
    for name in ("bin", "lib", "lib64", "sbin"):
        if (folder / name).is_symlink():
            box += ["--symlink", f"usr/{name}", f"/{name}"]
    box += ["--dev-bind", "/dev", "/dev", "--proc", "/proc", "--bind", "/tmp", "/tmp"]
    for shared in (config.cache_dir(), CHECKOUT):
        box += ["--bind", str(shared), str(shared)]
    box += ["--clearenv", "--chdir", str(cwd)]
    for name, value in env.items():
        box += ["--setenv", name, value]
    return [*box, "--", *texts]


def enter(
    running: Stage, words: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None
) -> None:
    """Run a command where emcc is, with its output in the stage's log.

    Parameters
    ----------
    running
        the stage it belongs to.
    words
        program and arguments.
    cwd
        folder to run it in; below the cache, the checkout or /tmp.
    env
        further variables.

    Raises
    ------
    BuildError
        it failed.
    """
    variables = {**environment(), **(env or {})}
    outside = variables if root() is None else None
    running.run(command(words, cwd, variables), env=outside, cwd=cwd, shown=words)


def check_isolation() -> None:
    """Check that an isolated root can be entered on this machine at all.

    Raises
    ------
    BuildError
        bwrap may not make namespaces here.
    """
    if system_emcc():
        return
    trial = subprocess.run(
        ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    if trial.returncode:
        raise BuildError(
            f"bwrap can't make an isolated root here: {trial.stderr.strip()}\n"
            "Allow user namespaces (in a container: --privileged, or --security-opt "
            "seccomp=unconfined), or put an emcc of at least version "
            f"{config.load()['toolchain']['minimum_emcc']} on PATH."
        )


def build() -> None:
    """Make the root, and let emscripten compile its system libraries for our flags."""
    check_isolation()
    root()
    done = emscripten_cache() / "libraries-complete"
    if done.exists():
        return
    with store.locked(emscripten_cache().name):
        if not done.exists():
            _system_libraries()
            done.touch()


def _system_libraries() -> None:
    with stage("system-libraries", "compiling emscripten's system libraries") as running:
        work = emscripten_cache() / "warm-up"
        work.mkdir(exist_ok=True)
        (work / "main.c").write_text("int main(void) { return 0; }\n")
        flags = config.load()["flags"]["abi"]
        # The first link of the dev flavour adds the variants with assertions.
        link = ["-sMAIN_MODULE=1", "-sALLOW_MEMORY_GROWTH", "-o", "main.mjs"]
        enter(running, ["em++", "-x", "c", "main.c", *flags, "-O2", *link], cwd=work)
        shutil.rmtree(work)

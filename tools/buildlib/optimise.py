"""How each part of CPython is optimised: by a profile, together with others, or for size.

`make profile` (profile.py) counts how often each part runs. Here are the flags that read the
counts, the files that are optimised as one program, and those that are made small.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterable
from pathlib import Path

from . import toolchain
from .config import CHECKOUT
from .progress import Stage

# How often each part of CPython runs, in LLVM's text form.
PROFILE = CHECKOUT / "cpython" / "profile.proftext.xz"
# A profile stays good, if less so, when functions change or are new.
WARNINGS = ("unprofiled", "out-of-date", "missing")
# Parts that together run for less than a ten-thousandth of the time are made small.
COLD = "-profile-summary-cutoff-cold=999900"
USE = ("-fno-unroll-loops", "-mllvm", COLD, "-mllvm", "-pgo-cold-func-opt=minsize")
# The loop of the interpreter and what it calls most: optimised as one program, so that small
# functions of one file are inlined in another.
TOGETHER = [
    *("Objects/abstract.o", "Objects/call.o", "Objects/classobject.o", "Objects/descrobject.o"),
    *("Objects/dictobject.o", "Objects/floatobject.o", "Objects/funcobject.o"),
    *("Objects/genobject.o", "Objects/iterobject.o", "Objects/listobject.o"),
    *("Objects/longobject.o", "Objects/methodobject.o", "Objects/object.o", "Objects/obmalloc.o"),
    *("Objects/rangeobject.o", "Objects/setobject.o", "Objects/sliceobject.o"),
    *("Objects/tupleobject.o", "Objects/typeobject.o"),
    *("Python/bltinmodule.o", "Python/ceval.o", "Python/errors.o", "Python/frame.o"),
    *("Python/gc.o", "Python/intrinsics.o", "Python/specialize.o"),
]
# Calls through pointers became direct where the profile says so when the files were compiled; a
# second round adds copies of what is called, which costs more than it gains.
LINK = ("-r", "--lto-O2", "-mllvm", "-disable-icp", "-mllvm", COLD, "-mllvm", "-unroll-runtime=0")
# LLVM's tools that all of this needs.
TOOLS = ("llvm-profdata", "wasm-ld")
# Optimised for size: they run once at start, or seldom, or wait for JavaScript all the time, or
# compile, and what comes with the runtime is compiled.
SMALL = [
    *("Modules/cmathmodule.o", "Modules/errnomodule.o", "Modules/faulthandler.o"),
    *("Modules/getpath.o", "Modules/main.o"),
    *("Modules/posixmodule.o", "Modules/selectmodule.o", "Modules/signalmodule.o"),
    *("Modules/socketmodule.o", "Modules/symtablemodule.o", "Modules/timemodule.o"),
    *("Modules/_bz2module.o", "Modules/_csv.o", "Modules/_lzmamodule.o", "Modules/_zoneinfo.o"),
    *("Modules/mmapmodule.o", "Modules/zlibmodule.o", "Modules/_lsprof.o"),
    *("Modules/_ctypes/_ctypes.o", "Modules/_ctypes/callbacks.o", "Modules/_ctypes/callproc.o"),
    *("Modules/_ctypes/cfield.o", "Modules/_ctypes/stgdict.o"),
    *("Parser/action_helpers.o", "Parser/myreadline.o", "Parser/parser.o"),
    *("Parser/pegen_errors.o", "Parser/string_parser.o"),
    *("Python/assemble.o", "Python/compile.o", "Python/dtoa.o", "Python/flowgraph.o"),
    *("Python/symtable.o", "Python/Python-ast.o", "Python/ast_unparse.o"),
    *("Python/crossinterp.o", "Python/fileutils.o", "Python/initconfig.o"),
    *("Python/instrumentation.o", "Python/interpconfig.o", "Python/pathconfig.o"),
    *("Python/preconfig.o", "Python/pylifecycle.o", "Python/pythonrun.o"),
    *("Python/suggestions.o", "Python/sysmodule.o", "Python/tracemalloc.o"),
]


def is_possible() -> bool:
    """Return whether there is the compiler that the profile was made with, or a newer one."""
    return toolchain.is_recent() and all(toolchain.has(tool) for tool in TOOLS)


def profile_flags(running: Stage, work: Path) -> str:
    """Return the flags that let the compiler use the profile, which is put into a folder."""
    text, binary = work / "profile.proftext", work / "profile.profdata"
    text.write_bytes(lzma.decompress(PROFILE.read_bytes()))
    toolchain.enter(running, ["llvm-profdata", "merge", "-o", binary, text], cwd=work)
    quiet = [f"-Wno-profile-instr-{kind}" for kind in WARNINGS]
    return " ".join([f"-fprofile-use={binary}", *quiet, *USE])


def rules(profiled: bool, counting: bool, apart: Iterable[str]) -> str:
    """Return what CPython's makefile has to say of single files.

    Parameters
    ----------
    profiled
        whether the profile is read.
    counting
        whether what runs is counted.
    apart
        objects and archives of side modules.
    """
    small = "-Oz -fno-profile-instr-use" if profiled else "-Oz"
    lines = {" ".join(SMALL): small}
    if profiled:
        lines[" ".join(TOGETHER)] = "-flto"
    if counting:
        # They can't be linked with what counts.
        lines[" ".join(apart)] = "-fno-profile-generate"
    return "".join(f"{files}: PY_CFLAGS_NODIST += {flags}\n" for files, flags in lines.items())


def put_together(running: Stage, work: Path, library: str) -> None:
    """Replace the objects of TOGETHER in a library by one that is made of them.

    emcc passes none of LINK's options on, so its linker is asked itself.
    """
    merged = "together.o"
    link = ["wasm-ld", *LINK, *TOGETHER, "-o", merged]
    toolchain.enter(running, link, cwd=work)
    names = [Path(name).name for name in TOGETHER]
    toolchain.enter(running, ["emar", "d", library, *names], cwd=work)
    toolchain.enter(running, ["emar", "r", library, merged], cwd=work)

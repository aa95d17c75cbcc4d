"""Stage `bridge`: src/core compiled and linked with CPython to pyodide.asm.mjs and .wasm."""

from __future__ import annotations

import sys
from pathlib import Path

from . import config, javascript, makefile, store, toolchain, wasmpython
from .config import BUILD, CHECKOUT, BuildError
from .progress import Stage, stage
from .wasmfile import exported_names, mark

THIS = sys.modules[__name__]
CORE = CHECKOUT / "src" / "core"
GENERATORS = [CHECKOUT / "tools" / name for name in ("gen_abi.py", "gen_docs.py")]

COMPILE = [
    "-std=gnu17",
    "-mreference-types",
    "-Wall",
    "-Wextra",
    "-Werror=unused-result",
    "-Werror=int-conversion",
    "-Werror=incompatible-pointer-types",
    "-Werror=implicit-function-declaration",
    # PyMethodDef and type slots hold functions behind casts by CPython's own design.
    "-Wno-cast-function-type",
    # clang 21 crashes when it tries to vectorize externrefs; there is no loop worth it here.
    "-mllvm",
    "-vectorize-slp=false",
]
COMPILE_FLAVOUR = {
    "release": ["-O2", "-DNDEBUG"],
    "dev": ["-O1", "-gline-tables-only", "-DPYODIDE_DEBUG=1"],
    # CPython in it counts what runs (stage `profile`); src/core only writes that down.
    "counting": ["-O2", "-DNDEBUG", "-DPYODIDE_COUNTING"],
}
LINK_FLAVOUR = {
    "release": ["-O2"],
    "dev": ["-O1", "-sASSERTIONS=1", "--profiling-funcs"],
    "counting": ["-O1"],
}
RUNTIME_METHODS = [
    *("FS", "PATH", "ERRNO_CODES", "ENV", "TTY", "MEMFS", "NODEFS", "IDBFS", "WORKERFS"),
    *("PROXYFS", "PATH_FS"),
    *("LDSO", "loadDynamicLibrary", "loadWebAssemblyModule", "preloadedWasm"),
    *("wasmTable", "wasmMemory", "wasmExports", "stackSave", "stackRestore", "stackAlloc"),
    *("HEAP8", "HEAPU8", "HEAP16", "HEAPU16", "HEAP32", "HEAPU32", "HEAPF32", "HEAPF64"),
    *("HEAP64", "HEAPU64", "UTF8ToString", "stringToUTF8OnStack", "lengthBytesUTF8"),
    *("addRunDependency", "removeRunDependency"),
]
JS_FUNCTIONS = CHECKOUT / "toolchain" / "js_functions.txt"
SHRINK = CHECKOUT / "src" / "js" / "shrink.mjs"
LINK = [
    # All C functions are exported, so that side modules of the published wheels find what they
    # import; of emscripten's JavaScript, what CPython needs and what JS_FUNCTIONS names.
    "-sMAIN_MODULE=2",
    "-sLINKABLE=1",
    "-sMODULARIZE",
    "-sEXPORT_ES6",
    "-sEXPORT_NAME=createPyodideModule",
    "-sALLOW_MEMORY_GROWTH",
    "-sMAXIMUM_MEMORY=4GB",
    "-sINITIAL_MEMORY=12MB",
    "-sSTACK_SIZE=5MB",
    "-sENVIRONMENT=web,worker,node",
    "-sFORCE_FILESYSTEM",
    # FS.trackingDelegate, by which programs learn what Python does to files.
    "-sFS_DEBUG",
    "-sINVOKE_RUN=0",
    "-sEXIT_RUNTIME=0",
    "-sAUTO_JS_LIBRARIES=0",
    "-sAUTO_NATIVE_LIBRARIES=0",
    "-lnodefs.js",
    "-lidbfs.js",
    "-lworkerfs.js",
    "-lproxyfs.js",
    f"-sEXPORTED_RUNTIME_METHODS={','.join(RUNTIME_METHODS)}",
]
# These files replace functions of system libraries; trixie's linker can't do it.
REPLACEMENTS = {CORE / "fenv.c", CORE / "profile.c"}
LINK_REPLACEMENTS = "-Wl,--allow-multiple-definition"


def outputs(flavour: str) -> list[Path]:
    """Return the two files the stage makes."""
    return [BUILD / flavour / "pyodide.asm.mjs", BUILD / flavour / "pyodide.asm.wasm"]


def build(flavour: str) -> None:
    """Compile what changed and link when an input of the link is new.

    Raises
    ------
    BuildError
        the contract is stale, a file does not compile, or an export is missing.
    """
    wasmpython.root()
    name = "bridge" if flavour == "release" else f"bridge-{flavour}"
    with stage(name, f"compiling and linking src/core ({flavour})") as running:
        for generator in GENERATORS:
            running.run([sys.executable, generator])
        objects = _compile(running, flavour)
        _link(running, flavour, objects)


def _compile(running: Stage, flavour: str) -> list[Path]:
    present = sorted(
        file for file in CORE.rglob("*.c") if file not in REPLACEMENTS or toolchain.is_recent()
    )
    files = [str(file.relative_to(CHECKOUT)) for file in present]
    if not files:
        raise BuildError("src/core has no C files")
    flags = [
        *config.load()["flags"]["abi"],
        *COMPILE,
        *COMPILE_FLAVOUR[flavour],
        f"-ffile-prefix-map={CHECKOUT}/=",
        "-Isrc/core",
        # As a system folder: CPython's headers are not held to our warnings.
        "-isystem",
        str(wasmpython.include()),
    ]
    return makefile.compile_objects(running, CHECKOUT, files, flags, BUILD / flavour / "obj")


def _link(running: Stage, flavour: str, objects: list[Path]) -> None:
    library = CORE / "abi.gen.library.js"
    linking = CORE / "dylink.library.js"
    exports = CORE / "abi.gen.exports"
    archives = wasmpython.archives(flavour == "counting")
    lines = JS_FUNCTIONS.read_text().splitlines()
    functions = ",".join(f"_{line}" for line in lines if not line.startswith("#"))
    settings = [*config.load()["flags"]["abi"], *LINK_FLAVOUR[flavour], *LINK]
    settings.append(f"-sEXPORTED_FUNCTIONS=_main,{functions}")
    if toolchain.is_recent():
        settings.append(LINK_REPLACEMENTS)
    key = store.key_of(
        toolchain.key(),
        [str(path) for path in archives],
        settings,
        library,
        linking,
        exports,
        SHRINK,
        *objects,
    )
    script, binary = outputs(flavour)
    stamp = BUILD / flavour / "link.key"
    if script.exists() and binary.exists() and stamp.exists() and stamp.read_text() == key:
        return
    stamp.unlink(missing_ok=True)
    running.say("linking")
    # A main module takes in all of every archive. That is right for libpython and libc, whose
    # unused functions extension modules call, but not for the libraries behind CPython's modules.
    python, *others = archives
    partly = ["-Wl,--no-whole-archive", *others, "-Wl,--whole-archive"]
    shim = ["--js-library", library]
    if toolchain.is_recent():
        shim += ["--js-library", linking]
    command = ["em++", *objects, python, *partly, *settings, *shim, "-o", script]
    toolchain.enter(running, command, cwd=BUILD / flavour)
    if flavour == "release":
        javascript.install(running)
        running.run(["node", SHRINK, script])
    wanted = {line for line in exports.read_text().split() if line}
    missing = sorted(wanted - exported_names(binary))
    if missing:
        raise running.failure(f"declared in abi.toml but not defined: {', '.join(missing)}")
    mark(binary, "build_id", key[:16].encode())
    stamp.write_text(key)

"""Stage `dist`: the folder that a web server or `npm pack` needs."""

from __future__ import annotations

import json
from pathlib import Path

from . import bridge, javascript, recipes, snapshot, stdlib, wasmpython
from .config import DIST, BuildError

# What a start needs, and so a memory snapshot of one.
STARTING = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
FROM_JS = (
    "python",
    "pyodide.mjs",
    "pyodide.js",
    "proxy/pyodide.mjs",
    "proxy/pyodide.js",
    "workers.mjs",
    "worker.mjs",
    "workers.d.ts",
    "pyodide.d.ts",
    "ffi.d.ts",
    "package.json",
    "console.html",
)


def build(flavour: str) -> None:
    """Fill dist/ with the files of `flavour`; files that stay the same keep their time.

    Raises
    ------
    BuildError
        src/js/build.mjs did not make a file that belongs here.
    """
    DIST.mkdir(exist_ok=True)
    made = javascript.output(flavour)
    files = {str(p.relative_to(made)): p for p in sorted(made.rglob("*")) if p.is_file()}
    missing = [name for name in FROM_JS if name not in files]
    if missing:
        raise BuildError(f"src/js/build.mjs made no {', '.join(missing)}")
    files |= {path.name: path for path in bridge.outputs(flavour)}
    files["python_stdlib.zip"] = stdlib.build()
    files["library/modules.zip"] = stdlib.later()
    apart = wasmpython.modules_apart()
    files |= {f"library/{path.name}": path for path in apart.values()}
    library = stdlib.program_library()
    packages = [path for path in sorted(library.rglob("*")) if path.is_file()]
    files |= {f"program/{path.relative_to(library)}": path for path in packages}
    files |= {path.name: path for path in recipes.root().iterdir()}
    keep = {DIST / name for name in (*files, snapshot.NAME)}
    package = json.loads(files.pop("package.json").read_text())
    # npm takes them all anyway; Pyodide's plugin for webpack reads the list.
    package["files"] = sorted([*files, snapshot.NAME])
    _place((json.dumps(package, indent=2) + "\n").encode(), DIST / "package.json")
    for name, source in files.items():
        _place(source.read_bytes(), DIST / name)
    image = snapshot.build(flavour, DIST, [files[name] for name in STARTING])
    _place(image.read_bytes(), DIST / image.name)
    (DIST / "python").chmod(0o755)
    for file in DIST.rglob("*"):
        if file.is_file() and file not in keep:
            file.unlink()


def _place(content: bytes, target: Path) -> None:
    if target.exists() and target.read_bytes() == content:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    partial.write_bytes(content)
    partial.replace(target)

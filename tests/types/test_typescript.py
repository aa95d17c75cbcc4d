"""The declarations in dist/: TypeScript programs that must compile against them, and the names they promise."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.runtime import ROOT, Runtime, dist_dir

HERE = Path(__file__).resolve().parent
MODULES = ROOT / "src/js/node_modules"
STRICT = {
    "strict": True,
    "noEmit": True,
    "target": "ES2022",
    "noUncheckedIndexedAccess": True,
    "noPropertyAccessFromIndexSignature": False,
    "skipLibCheck": False,
}
# How the programs of today find and understand the package.
SETTINGS: dict[str, dict[str, Any]] = {
    "bundler, page": {
        "module": "ESNext",
        "moduleResolution": "bundler",
        "lib": ["ES2022", "DOM"],
        "types": [],
    },
    "bundler, worker": {
        "module": "ESNext",
        "moduleResolution": "bundler",
        "lib": ["ES2022", "WebWorker"],
        "types": [],
        "exactOptionalPropertyTypes": True,
    },
    "Node.js, ES module": {
        "module": "NodeNext",
        "moduleResolution": "NodeNext",
        "lib": ["ES2022"],
        "types": ["node"],
    },
}


def compile_program(folder: Path, options: dict[str, Any], kind: str = "module") -> str:
    """Compile the type tests in `folder` as a user of the package would; what the compiler says."""
    packages = folder / "node_modules"
    packages.mkdir()
    (packages / "pyodide").symlink_to(dist_dir())
    (packages / "@types").symlink_to(MODULES / "@types")
    (packages / "undici-types").symlink_to(MODULES / "undici-types")
    (folder / "package.json").write_text(json.dumps({"type": kind}))
    settings = {"compilerOptions": {**STRICT, **options}, "include": ["*.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(settings))
    command: list[str | Path] = [
        "node",
        MODULES / "typescript/bin/tsc",
        "-p",
        folder,
        "--pretty",
        "false",
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=folder)
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_programs_compile(tmp_path: Path, name: str) -> None:
    """What must be accepted is, and each `@ts-expect-error` refuses something."""
    shutil.copytree(HERE / "typescript", tmp_path, dirs_exist_ok=True)
    if SETTINGS[name]["module"] == "NodeNext":
        for file in tmp_path.glob("*.ts"):
            file.write_text(file.read_text().replace('"./check"', '"./check.js"'))
    assert compile_program(tmp_path, SETTINGS[name]) == ""


@pytest.mark.slow
def test_an_error_is_seen(tmp_path: Path) -> None:
    """The compiler reads our declarations and not `any`: a wrong program fails."""
    (tmp_path / "wrong.ts").write_text(
        'import { version } from "pyodide";\nimport type { PyDict } from "pyodide/ffi";\n'
        "export const n: number = version;\nexport const f = (d: PyDict): string => d.length;\n"
    )
    said = compile_program(tmp_path, SETTINGS["bundler, page"])
    assert [line.partition(": error ")[2][:6] for line in said.splitlines()] == ["TS2322"] * 2


@functools.cache
def declared(file: str) -> dict[str, list[str]]:
    """The members of each exported interface of a declaration file in dist/."""
    command: list[str | Path] = [
        "node",
        HERE / "declared_members.mjs",
        MODULES / "typescript",
        dist_dir() / file,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    members: dict[str, list[str]] = json.loads(done.stdout)
    return members


SAMPLES = """
    class Sized:
        def __len__(self): return 1
    class Readable:
        def __getitem__(self, key): return key
    class Writable:
        def __setitem__(self, key, value): pass
        def __delitem__(self, key): pass
    class Container:
        def __contains__(self, key): return True
    class Once:
        def __next__(self): return 1
    class AsyncIterable:
        def __aiter__(self): return AsyncOnce()
    class AsyncOnce:
        async def __anext__(self): return 1
    class Waiting:
        def __await__(self): yield 1
    class CallableBuffer(bytearray):
        def __call__(self): pass
    async def numbers():
        yield 1
    samples = [
        object(), Sized(), Readable(), Writable(), Container(), Once(), AsyncIterable(), AsyncOnce(), Waiting(),
        CallableBuffer(), [], (), {}, set(), range(3), iter([]), (x for x in []), numbers(), numbers, bytes(2),
    ]
"""


def test_declared_members_exist(rt: Runtime) -> None:
    """A proxy has the members of the interfaces whose `instanceof` is true, and no others."""
    rt.py(SAMPLES)
    found = rt.js(
        """
        const all = pyodide.globals.getProxy("samples");
        const names = Object.keys(pyodide.ffi);
        const shown = (key) => key === Symbol.dispose ? "[Symbol.dispose]"
          : typeof key === "symbol" ? `[${key.description}]` : key;
        return all.map((_, i) => {
          const proxy = all.getProxy(i);
          const classes = names.filter((name) => proxy instanceof pyodide.ffi[name]);
          return [classes, Reflect.ownKeys(Object.getPrototypeOf(proxy)).map(shown)];
        });
        """
    )
    interfaces = declared("ffi.d.ts")
    inside = {"constructor", "$$flags"}
    seen: set[str] = set()
    for classes, members in found:
        promised = {member for name in classes for member in interfaces[name]}
        assert set(members) - inside == promised, classes
        seen |= set(classes)
    assert seen == set(interfaces["Ffi"]) - {"PyBufferView", "PythonError"}


def test_declared_members_of_views_and_errors(rt: Runtime) -> None:
    """The same for what is no PyProxy, and for the namespaces."""
    found = rt.js(
        """
        const shown = (key) => key === Symbol.dispose ? "[Symbol.dispose]"
          : typeof key === "symbol" ? `[${key.description}]` : key;
        const keys = (object) => [...Reflect.ownKeys(object), ...Reflect.ownKeys(Object.getPrototypeOf(object))];
        const view = pyodide.toPy(new Uint8Array(2)).getBuffer();
        const view_keys = keys(view).map(shown);
        view.release();
        return {
          PyBufferView: view_keys,
          PythonError: keys(h.thrown(() => pyodide.runPython("1/0"))).map(shown),
          Ffi: Object.keys(pyodide.ffi),
          PyodideAPI: Object.keys(pyodide),
        };
        """
    )
    interfaces = declared("pyodide.d.ts")
    inside = {"constructor"}
    for name in ("PyBufferView", "Ffi", "PyodideAPI"):
        assert set(found[name]) - inside == set(interfaces[name]), name
    assert set(interfaces["PythonError"]) <= {*found["PythonError"], "cause"}


PUBLIC_NAMES = set(
    """PyProxy PyProxyWithLength PyProxyWithGet PyProxyWithSet PyProxyWithHas PyDict PyIterable PyIterator PyGenerator
    PyAsyncIterable PyAsyncIterator PyAsyncGenerator PyAwaitable PyCallable PyBuffer PyBufferView PySequence
    PyMutableSequence PythonError""".split()
)


def test_public_names() -> None:
    """Both files name the types of Pyodide's API, and each documents every one of them."""
    for file in ("ffi.d.ts", "pyodide.d.ts"):
        assert set(declared(file)) >= PUBLIC_NAMES
        text = (dist_dir() / file).read_text()
        documented = re.findall(r"\*/\nexport (?:interface|type|declare \w+) (\w+)", text)
        assert set(documented) == set(
            re.findall(r"^export (?:interface|type|declare \w+) (\w+)", text, re.M)
        )
        code = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        assert not re.search(r"\bimport\b", code), "the file is not self-contained"
    assert set(declared("pyodide.d.ts")) >= {"PyodideAPI", "LoadOptions", "RunOptions", "FSType"}

"""Shared libraries in packages: compiled before they are imported, found by rpath, errors that name what is missing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import JsError, PyError
from harness.runtime import Runtime
from harness.wasm_library import library
from harness.wheels import entry, file_name, lock_text, wheel_bytes

Fresh = Callable[..., Runtime]
SITE = "/lib/python3.13/site-packages"

# Counts what is compiled and instantiated while the program waits.
SYNCHRONOUS = """
    globalThis.waited = [];
    const { Module, Instance } = WebAssembly;
    const watch = (name, Class) => new Proxy(Class, { construct(target, args, self) { waited.push(name); return Reflect.construct(target, args, self); } });
    WebAssembly.Module = watch("Module", Module);
    WebAssembly.Instance = watch("Instance", Instance);
"""


@pytest.fixture
def with_wheel(fresh: Fresh, tmp_path: Path) -> Callable[..., Runtime]:
    """Start a runtime that has loaded a wheel `p` of the given files."""

    def start(files: dict[str, str | bytes], before: str = "") -> Runtime:
        path = tmp_path / file_name("p")
        path.write_bytes(wheel_bytes("p", files={"p/__init__.py": "", **files}))
        rt = fresh()
        rt.js(
            f"{before}; await pyodide.loadPackage(path, {{ messageCallback() {{}}, errorCallback() {{}} }})",
            path=str(path),
        )
        return rt

    return start


def test_compiled_before_it_is_needed(with_wheel: Callable[..., Runtime]) -> None:
    """Nothing is compiled while Python waits, and nothing is instantiated before it is imported."""
    rt = with_wheel({"p/one.so": library({"one": 1}), "p/two.so": library({"two": 2})}, SYNCHRONOUS)
    assert rt.expr("waited") == []
    assert rt.py(f"import ctypes\nctypes.CDLL('{SITE}/p/one.so').one()") == 1
    assert rt.expr("waited") == ["Instance"]
    assert rt.py(f"ctypes.CDLL('{SITE}/p/one.so').one()") == 1
    assert rt.expr("waited") == ["Instance"]


def test_loading_looks_at_what_is_new(with_wheel: Callable[..., Runtime]) -> None:
    """A library that is loaded looks at its own symbols, not at those of all libraries before it."""
    reading = """
        globalThis.reads = 0;
        const { get, set } = Object.getOwnPropertyDescriptor(WebAssembly.Global.prototype, "value");
        Object.defineProperty(WebAssembly.Global.prototype, "value", { get() { reads++; return get.call(this); }, set, configurable: true });
    """
    files = {f"p/lib{i}.so": library({f"value_{i}": i}) for i in range(30)}
    rt = with_wheel(files, reading)
    load = (
        f"import ctypes, js\nbefore = js.reads\nctypes.CDLL('{SITE}/p/lib%d.so')\njs.reads - before"
    )
    reads = [rt.py(load % i) for i in range(30)]
    assert reads[-1] == reads[1], reads


def test_large_ones_are_instantiated_at_once(with_wheel: Callable[..., Runtime]) -> None:
    """Browsers refuse to instantiate a large library while a page waits."""
    large = library({"big": ["small", "small"]}, ["libsmall.so"], ["$ORIGIN"], padding=8 << 20)
    rt = with_wheel({"p/big.so": large, "p/libsmall.so": library({"small": 21})}, SYNCHRONOUS)
    before = rt.expr("waited")
    assert before == ["Instance"]
    assert rt.py(f"import ctypes\nctypes.CDLL('{SITE}/p/big.so').big()") == 42
    assert rt.expr("waited") == before


def test_large_ones_that_need_each_other(with_wheel: Callable[..., Runtime]) -> None:
    """A large library that needs another large one, through a small one between them."""
    where = ["$ORIGIN"]
    rt = with_wheel(
        {
            "p/a.so": library({"a": ["b", "b"]}, ["libb.so"], where, padding=8 << 20),
            "p/libb.so": library({"b": ["c"]}, ["libc1.so"], where),
            "p/libc1.so": library({"c": 21}, padding=8 << 20),
        },
        SYNCHRONOUS,
    )
    # The small one in between.
    assert rt.expr("waited") == ["Instance"]
    assert rt.py(f"import ctypes\nctypes.CDLL('{SITE}/p/a.so').a()") == 42
    assert rt.expr("waited") == ["Instance"]


def test_needed_libraries(with_wheel: Callable[..., Runtime]) -> None:
    """Libraries are found where rpath says, in any order and depth, and each is loaded once."""
    rt = with_wheel(
        {
            "p/deep/a.so": library({"a": ["b", "c"]}, ["libb.so"], ["$ORIGIN/../../p.libs"]),
            "p.libs/libb.so": library({"b": ["c", "c"]}, ["libc1.so"], ["$ORIGIN/more"]),
            "p.libs/more/libc1.so": library({"c": 5}),
            "p/d.so": library({"d": ["b"]}, ["libb.so"], ["/nowhere", "$ORIGIN/../p.libs"]),
        }
    )
    got = rt.py(
        f"import ctypes\n(ctypes.CDLL('{SITE}/p/d.so').d(), ctypes.CDLL('{SITE}/p/deep/a.so').a())"
    )
    assert got == (10, 15)


def test_missing_symbols_are_named(with_wheel: Callable[..., Runtime]) -> None:
    """A library that needs what nothing provides is refused by name, and the next one works."""
    rt = with_wheel(
        {
            "p/bad.so": library(
                {"bad": ["not_there", "nor_there", "strlen_ok"]}, weak=["strlen_ok"]
            ),
            "p/good.so": library({"good": 3}),
        }
    )
    rt.py("import ctypes")
    for _ in range(2):
        with pytest.raises(PyError) as caught:
            rt.py(f"ctypes.CDLL('{SITE}/p/bad.so')")
        assert caught.value.type == "OSError"
        assert f"{SITE}/p/bad.so needs symbols that nothing provides: nor_there, not_there" in (
            caught.value.message
        )
    assert rt.py(f"ctypes.CDLL('{SITE}/p/good.so').good()") == 3


def test_an_extension_module_that_misses_symbols(with_wheel: Callable[..., Runtime]) -> None:
    """Importing such a module is an ImportError."""
    suffix = ".cpython-313-wasm32-emscripten.so"
    rt = with_wheel({f"p/ext{suffix}": library({"PyInit_ext": ["not_there"]})})
    with pytest.raises(PyError, match="nothing provides: not_there") as caught:
        rt.py("import p.ext")
    assert caught.value.type == "ImportError"


def test_symbols_of_a_library_loaded_globally(with_wheel: Callable[..., Runtime]) -> None:
    """RTLD_GLOBAL gives a library's symbols to those that are loaded later."""
    rt = with_wheel({"p/base.so": library({"base": 7}), "p/user.so": library({"user": ["base"]})})
    got = rt.py(
        f"""
        import ctypes
        try:
            ctypes.CDLL("{SITE}/p/user.so")
        except OSError:
            before = "missing"
        ctypes.CDLL("{SITE}/p/base.so", mode=ctypes.RTLD_GLOBAL)
        before, ctypes.CDLL("{SITE}/p/user.so").user()
        """
    )
    assert got == ("missing", 7)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (library({"f": 1})[:-1], "cannot be compiled"),
        (b"\0asm\1\0\0\0", "no section dylink.0"),
    ],
)
def test_a_broken_library(with_wheel: Callable[..., Runtime], content: bytes, message: str) -> None:
    """The package with a library that does not compile is refused; nothing of it stays."""
    rt = None
    with pytest.raises(JsError, match=re.escape(message)) as caught:
        rt = with_wheel({"p/broken.so": content})
    assert rt is None
    assert "'p'" in caught.value.message and f"{SITE}/p/broken.so" in caught.value.message


def test_a_broken_library_leaves_nothing(fresh: Fresh, tmp_path: Path) -> None:
    """The files of the package are removed again."""
    path = tmp_path / file_name("p")
    path.write_bytes(wheel_bytes("p", files={"p/__init__.py": "", "p/x.so": b"\0asm\1\0\0\0"}))
    rt = fresh()
    quiet = "{ messageCallback() {}, errorCallback() {} }"
    rt.js(f"await pyodide.loadPackage(path, {quiet}).catch(() => {{}})", path=str(path))
    assert rt.py(f"import os\nos.listdir({SITE!r})") == []
    assert rt.expr("pyodide.loadedPackages") == {}


def test_packages_that_are_libraries(fresh: Fresh, tmp_path: Path) -> None:
    """A `shared_library` of the lock file is global, and there before what needs it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("libshared.so", library({"shared": 11}))
    (tmp_path / "libshared.zip").write_bytes(buffer.getvalue())
    shared = entry(
        "libshared",
        buffer.getvalue(),
        file_name="libshared.zip",
        install_dir="dynlib",
        package_type="shared_library",
    )
    files: dict[str, str | bytes] = {
        "user/a.so": library({"a": ["shared"]}, ["libshared.so"]),
        "user/b.so": library({"b": ["shared"]}),
    }
    wheel = wheel_bytes("user", files=files)
    (tmp_path / file_name("user")).write_bytes(wheel)
    (tmp_path / "lock.json").write_text(
        lock_text(shared, entry("user", wheel, depends=["libshared"]))
    )
    rt = fresh(options=f"{{ lockFileURL: {str(tmp_path / 'lock.json')!r}, packages: ['user'] }}")
    got = rt.py(
        f"import ctypes\n[getattr(ctypes.CDLL(f'{SITE}/user/{{n}}.so'), n)() for n in 'ab']"
    )
    assert got == [11, 11]


def test_load_dynlib(with_wheel: Callable[..., Runtime]) -> None:
    """`_api.loadDynlib` loads a file that came by other ways."""
    rt = with_wheel({"p/user.so": library({"user": ["extra"]})})
    rt.js(
        "pyodide.FS.writeFile('/tmp/extra.so', Uint8Array.from(data));"
        "await pyodide._api.loadDynlib('/tmp/extra.so', true)",
        data=list(library({"extra": 9})),
    )
    assert rt.py(f"import ctypes\nctypes.CDLL('{SITE}/p/user.so').user()") == 9

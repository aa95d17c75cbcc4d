"""`loadPyodide`: options, wrong options, missing and broken files, several runtimes in one process."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import JsError, PyError
from harness.runtime import Runtime, dist_dir

Fresh = Callable[..., Runtime]


@pytest.mark.spec("7.1/4")
@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ("{ conversion: 'other' }", "TypeError", ["conversion", "native", "proxy", "other"]),
        ("{ env: 5 }", "TypeError", ["env", "object"]),
        ("{ env: { A: true } }", "TypeError", ["env", "string"]),
        ("{ args: 'x' }", "TypeError", ["args", "array"]),
        ("{ stdout: 'x' }", "TypeError", ["stdout", "function"]),
        ("{ jsglobals: 5 }", "TypeError", ["jsglobals", "object"]),
        ("{ indexURL: 5 }", "TypeError", ["indexURL"]),
        (
            "{ lockFileURL: 'x', lockFileContents: {} }",
            "Error",
            ["Can't pass both lockFileContents and lockFileURL"],
        ),
    ],
)
def test_wrong_options(fresh: Fresh, options: str, kind: str, words: list[str]) -> None:
    """A wrong option is refused before anything is loaded, with a message that names it."""
    with pytest.raises(JsError) as caught:
        fresh(options=options)
    assert caught.value.name == kind
    for word in words:
        assert word in caught.value.message


def test_unknown_option(fresh: Fresh) -> None:
    """An option that nobody knows is refused, and the one that may be meant is named."""
    with pytest.raises(JsError, match="unknown option 'conversoin'; did you mean 'conversion'"):
        fresh(mode="native", options="{ conversoin: 'native' }")


def test_option_of_another_version(fresh: Fresh) -> None:
    """Programs for Pyodide may pass what some version of it knows; null is the same as nothing."""
    rt = fresh(
        mode="proxy", options="{ homedir: '/x', indexURL: null, stdin: null, packages: 'six' }"
    )
    assert rt.py("import six\nsix.moves is not None") is True


def test_sys_executable(fresh: Fresh) -> None:
    """`_sysExecutable` is sys.executable."""
    rt = fresh(options="{ _sysExecutable: '/x/python' }")
    code = "import sys\n(sys.executable, '/lib/python3.13/site-packages' in sys.path)"
    assert rt.py(code) == ("/x/python", True)


def test_default_mode(fresh: Fresh) -> None:
    """Without the option, lists are converted."""
    rt = fresh(mode="native", options="{ conversion: undefined }")
    assert rt.expr("pyodide.runPython('[1]')") == [1]


@pytest.mark.spec("7.1/10")
def test_env_and_args(fresh: Fresh) -> None:
    """Environment variables and the command line reach Python; the hash seed takes effect."""
    rt = fresh(options="{ env: { PYTHONHASHSEED: '1', MINE: 'x\\u00e9' }, args: ['a', '-b'] }")
    got = rt.py(
        "import os, sys\n(os.environ['MINE'], sys.argv[-2:], os.environ['HOME'], hash((1, 2, 3)))"
    )
    assert got == ("x\u00e9", ["a", "-b"], "/home/pyodide", -2022708474)
    first = rt.py("hash('text')")
    again = fresh(options="{ env: { PYTHONHASHSEED: 1 } }")
    assert again.py("hash('text'), hash((1, 2, 3))") == (first, -2022708474)


@pytest.mark.spec("7.1/20")
@pytest.mark.parametrize(("args", "status"), [("--version", 0), ("--nonsense", 2)])
def test_exit_at_start(fresh: Fresh, args: str, status: int) -> None:
    """A command line that makes Python exit rejects with ExitStatus, after what Python has to say."""
    with pytest.raises(JsError) as caught:
        fresh(options=f"{{ args: ['{args}'] }}")
    assert caught.value.name == "ExitStatus"
    assert caught.value.message == f"Program terminated with exit({status})"


@pytest.mark.spec("7.1/9")
def test_jsglobals(fresh: Fresh) -> None:
    """`import js` is the object of the option."""
    rt = fresh(options="{ jsglobals: { only: 5 } }")
    assert rt.py("import js\n(js.only, hasattr(js, 'setTimeout'))") == (5, False)


@pytest.mark.spec("2.1/6", "7.1/16")
def test_convert_null_to_none(fresh: Fresh) -> None:
    """With the compatibility option null arrives as None, alone and inside an Array."""
    rt = fresh(options="{ convertNullToNone: true }")
    rt.js("globalThis.value = null; globalThis.list = [null, 1];")
    assert rt.py("import js\n(js.value, js.list)") == (None, [None, 1])


@pytest.mark.spec("4.3/2", "7.1/16")
def test_to_string_is_repr(fresh: Fresh) -> None:
    """With the compatibility option a proxy's text is Python's repr."""
    rt = fresh(options="{ pyproxyToStringRepr: true }")
    rt.py("class A:\n    def __str__(self): return 'str'\n    def __repr__(self): return 'repr'")
    assert rt.expr("String(pyodide.runPython('A()'))") == "repr"


@pytest.mark.spec("7.1/8")
def test_streams(fresh: Fresh) -> None:
    """The callbacks get lines of output and give lines of input."""
    rt = fresh(
        options="""{ stdout: (line) => (globalThis.out ??= []).push(line), stderr: (line) => (globalThis.err ??= []).push(line),
            stdin: () => (globalThis.input ??= ["first", "second"]).shift() }"""
    )
    rt.py(
        "import sys\nprint('a')\nprint('b\\nc', end='\\n')\nprint('\u00e9', file=sys.stderr)\ngot = (input(), input())"
    )
    assert rt.expr("[out, err]") == [["a", "b", "c"], ["\u00e9"]]
    assert rt.py("got") == ("first", "second")


@pytest.mark.spec("7.1/15")
def test_fs_init(fresh: Fresh) -> None:
    """`fsInit` prepares files before Python starts."""
    rt = fresh(
        options="""{ fsInit: async (FS, { sitePackages }) => { FS.mkdirTree(sitePackages); FS.writeFile(sitePackages + "/early.py", "value = 7"); } }"""
    )
    assert rt.py("import early\nearly.value") == 7


@pytest.mark.spec("7.1/18")
def test_two_runtimes(fresh: Fresh) -> None:
    """Two runtimes in one realm are independent, and an object of one is a foreign object to the other."""
    rt = fresh()
    got = rt.js(
        """
        const { loadPyodide } = await import(url);
        const other = await loadPyodide();
        pyodide.runPython("x = 1");
        other.runPython("x = 2");
        const foreign = other.runPython("{'a': 1}");
        pyodide.globals.set("foreign", foreign);
        const r = [pyodide.runPython("x"), other.runPython("x"), pyodide.runPython("type(foreign).__name__"), pyodide.runPython("foreign.get('a')")];
        return r;
        """,
        url=(dist_dir() / "pyodide.mjs").as_uri(),
    )
    assert got == [1, 2, "JsProxy", 1]


def test_proxy_build(fresh: Fresh) -> None:
    """`proxy/pyodide.mjs` is the same runtime with the other default."""
    rt = fresh(options="{ conversion: undefined }", dist=dist_dir() / "proxy")
    assert rt.js("const p = pyodide.runPython('[1]'); return [h.isPyProxy(p), p.type];") == [
        True,
        "list",
    ]
    assert rt.version == rt.py("import pyodide\npyodide.__version__")


FILES = ["pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"]
SNAPSHOT = "pyodide.snapshot.bin"


@pytest.fixture
def copied_dist(tmp_path: Path) -> Path:
    """A copy of the build's loader and runtime files that a test may break."""
    target = tmp_path / "dist"
    target.mkdir()
    for name in ["pyodide.mjs", "package.json", SNAPSHOT, *FILES]:
        source = dist_dir() / name
        if source.exists():
            shutil.copy(source, target / name)
    return target


@pytest.mark.parametrize("name", FILES)
def test_missing_file(fresh: Fresh, copied_dist: Path, name: str) -> None:
    """A missing file is an error that names it."""
    (copied_dist / name).unlink()
    with pytest.raises(JsError) as caught:
        fresh(dist=copied_dist)
    assert name in caught.value.message


@pytest.mark.parametrize("name", [SNAPSHOT, *FILES])
def test_truncated_file(fresh: Fresh, copied_dist: Path, name: str) -> None:
    """A file cut short is an error that names it, whatever its kind."""
    file = copied_dist / name
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    with pytest.raises(JsError) as caught:
        fresh(dist=copied_dist)
    assert name in caught.value.message


@pytest.mark.parametrize("name", FILES)
def test_foreign_file(fresh: Fresh, copied_dist: Path, name: str) -> None:
    """A file with other contents, such as a server's error page, is an error that names it."""
    (copied_dist / name).write_text("<!DOCTYPE html><title>404</title>")
    with pytest.raises(JsError) as caught:
        fresh(dist=copied_dist)
    assert name in caught.value.message


@pytest.mark.spec("7.1/1")
def test_index_url(fresh: Fresh, copied_dist: Path) -> None:
    """`indexURL` says where the files are; the loader may lie elsewhere."""
    loader = copied_dist / "elsewhere"
    loader.mkdir()
    shutil.move(copied_dist / "pyodide.mjs", loader / "pyodide.mjs")
    rt = fresh(dist=loader, options=f"{{ indexURL: {str(copied_dist)!r} }}")
    assert rt.expr("pyodide.runPython('1 + 1')") == 2


def test_wrong_index_url(fresh: Fresh, tmp_path: Path) -> None:
    """A folder that is not there is named in the error."""
    missing = tmp_path / "not_there"
    with pytest.raises(JsError) as caught:
        fresh(options=f"{{ indexURL: {str(missing)!r} }}")
    assert "not_there" in caught.value.message


def test_progress(fresh: Fresh) -> None:
    """onProgress sees the downloads grow to their total, then the start, then that all is ready."""
    rt = fresh(options="{ onProgress: (p) => (globalThis.told ??= []).push(p) }")
    told = rt.expr("told.map((p) => [p.stage, p.loaded, p.total])")
    stages = [stage for stage, _, _ in told]
    assert stages == sorted(stages, key=["download", "start", "ready"].index)
    assert set(stages) == {"download", "start", "ready"}
    loaded = [size for _, size, _ in told]
    assert loaded == sorted(loaded)
    assert told[-1][1] == told[-1][2] > 8_000_000
    assert rt.js(
        "return new Set(told.map((p) => p.file?.split('/').at(-1))).has('python_stdlib.zip');"
    )


def test_progress_that_throws(fresh: Fresh) -> None:
    """What onProgress throws makes loading fail, with that error."""
    with pytest.raises(JsError) as caught:
        fresh(options="{ onProgress() { throw new RangeError('no bar'); } }")
    assert (caught.value.name, caught.value.message) == ("RangeError", "no bar")


@pytest.mark.spec("7.1/6")
def test_full_library(fresh: Fresh, copied_dist: Path) -> None:
    """With `fullStdLib` the parts that are apart are read at the start, and not when they are imported."""
    shutil.copytree(dist_dir() / "library", copied_dist / "library")
    rt = fresh(dist=copied_dist, options="{ fullStdLib: true }")
    shutil.rmtree(copied_dist / "library")
    got = rt.py("import unittest, unicodedata, sqlite3\nunicodedata.name('\u2022')")
    assert got == "BULLET"


def test_library_without_its_parts(fresh: Fresh, copied_dist: Path) -> None:
    """Without its parts it starts; importing what is in them fails, and the console says why."""
    rt = fresh(dist=copied_dist, options="{ stderr() {} }")
    rt.js("console.error = (...words) => (globalThis.told ??= []).push(words.join(' '));")
    with pytest.raises(PyError, match="OSError"):
        rt.py("import unittest")
    assert rt.expr("told.some((text) => /modules.zip does not exist.*fullStdLib/.test(text))")
    with pytest.raises(PyError, match=r"unicodedata\.wasm does not exist"):
        rt.py("import unicodedata")
    shutil.copytree(dist_dir() / "library", copied_dist / "library")
    assert rt.py("import unittest\nunittest.__name__") == "unittest"


@pytest.mark.spec("7.1/18", "7.1/19")
def test_after_the_start(fresh: Fresh) -> None:
    """sys.path, folder and platform."""
    rt = fresh()
    assert rt.py("import os, sys\n[sys.path[0], os.getcwd(), sys.platform, sys.flags.inspect]") == [
        "",
        "/home/pyodide",
        "emscripten",
        1,
    ]


@pytest.mark.spec("7.1/11")
def test_home(fresh: Fresh) -> None:
    """HOME may be elsewhere: it is made, and is the current folder; PYTHONINSPECT may be switched off."""
    rt = fresh(options="{ env: { HOME: '/a/b/home', PYTHONINSPECT: '' } }")
    assert rt.py("import os, sys\n[os.getcwd(), os.path.expanduser('~'), sys.flags.inspect]") == [
        "/a/b/home",
        "/a/b/home",
        0,
    ]


@pytest.mark.spec("7.1/7")
def test_stdlib_url(fresh: Fresh, tmp_path: Path) -> None:
    """`stdLibURL` says where the library is, relative to the current folder or as a URL; a wrong one is named."""
    shutil.copy(dist_dir() / "python_stdlib.zip", tmp_path / "library.zip")
    url = (tmp_path / "library.zip").as_uri()
    rt = fresh(options=f"{{ stdLibURL: new URL({url!r}) }}")
    assert rt.py("1 + 1") == 2
    with pytest.raises(JsError, match=r"nowhere\.zip"):
        fresh(options="{ stdLibURL: 'nowhere.zip' }")


@pytest.mark.spec("7.1/14")
def test_version_check(fresh: Fresh, tmp_path: Path) -> None:
    """A library of another version is an Error that names both versions, unless checkAPIVersion is false."""
    archive = tmp_path / "library.zip"
    with (
        zipfile.ZipFile(dist_dir() / "python_stdlib.zip") as source,
        zipfile.ZipFile(archive, "w") as target,
    ):
        for item in source.infolist():
            if not item.filename.startswith("pyodide/_version."):
                target.writestr(item, source.read(item))
        target.writestr("pyodide/_version.py", '__version__ = "9.9.9"\n')
    with pytest.raises(JsError) as caught:
        fresh(options=f"{{ stdLibURL: {str(archive)!r} }}")
    assert "9.9.9" in caught.value.message
    assert "checkAPIVersion" in caught.value.message
    rt = fresh(options=f"{{ stdLibURL: {str(archive)!r}, checkAPIVersion: false }}")
    assert rt.py("import pyodide\npyodide.__version__") == "9.9.9"


@pytest.mark.spec("7.1/1")
def test_relative_index_url(
    fresh: Fresh, copied_dist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative `indexURL` is relative to the current folder of the process; a slash at its end changes nothing."""
    monkeypatch.chdir(copied_dist.parent)
    for given in ("dist", "./dist/", "dist/../dist"):
        rt = fresh(options=f"{{ indexURL: {given!r} }}")
        assert rt.py("1 + 1") == 2
    with pytest.raises(JsError, match="elsewhere"):
        fresh(options="{ indexURL: 'elsewhere' }")

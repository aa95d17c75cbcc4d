"""micropip, as it is on the index: installing from an index, an address, a file; extras, markers, freeze, uninstall."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyodide_lock import PyodideLockSpec

from harness.errors import JsError
from harness.index import Index
from harness.runtime import MODES, Runtime
from harness.wheels import file_name, wheel_bytes

Fresh = Callable[..., Runtime]


@pytest.fixture(scope="module", params=MODES)
def runtime(request: pytest.FixtureRequest, index: Index) -> Iterator[Runtime]:
    """A runtime with micropip, which looks at the index of the tests."""
    rt = Runtime(request.param, "{ packages: ['micropip'] }")
    run(rt, "import micropip\nmicropip.set_index_urls([url])", url=index.url)
    yield rt
    rt.close()


def run(rt: Runtime, code: str, **variables: Any) -> Any:
    """The value of the last expression of code that may use `await`."""
    names = "".join(f"pyodide.globals.set({name!r}, {name});" for name in variables)
    body = f"{names} const r = await pyodide.runPythonAsync(code); return h.isPyProxy(r) ? r.toJs() : r;"
    return rt.js(body, code=code, **variables)


def test_micropip_itself_is_unmodified(runtime: Runtime) -> None:
    """Every file that its wheel on the index lists is there as it is."""
    code = """
        import base64, hashlib, importlib.metadata
        different = []
        for file in importlib.metadata.files("micropip"):
            if file.hash and file.suffix == ".py":
                digest = hashlib.sha256(file.read_binary()).digest()
                if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
                    different.append(str(file))
        different
    """
    assert list(run(runtime, code)) == []


def test_dependencies_from_an_index(runtime: Runtime) -> None:
    """A package and what it needs are installed, and listed with their source."""
    run(runtime, "await micropip.install('python-dateutil')")
    assert run(runtime, "from dateutil import parser\nstr(parser.parse('3 Feb 2024'))") == (
        "2024-02-03 00:00:00"
    )
    assert run(runtime, "micropip.list()['python-dateutil'].source") == "pypi"
    assert runtime.expr("pyodide.loadedPackages['python-dateutil']") == "pypi"
    got = run(
        runtime,
        "import importlib.metadata as m\nm.distribution('python-dateutil').read_text('INSTALLER')",
    )
    assert got == "micropip"


def test_a_wheel_for_this_platform(runtime: Runtime) -> None:
    """Its libraries are compiled as `loadPackage` does it."""
    run(runtime, "await micropip.install(['xxhash', 'cramjam'])")
    code = "import xxhash, cramjam\n(xxhash.xxh32_hexdigest(b'abc'), bytes(cramjam.zlib.decompress(cramjam.zlib.compress(b'x'))).decode())"
    assert list(run(runtime, code)) == ["32d153ff", "x"]


def test_by_address_and_from_files(runtime: Runtime, index: Index, tmp_path: Path) -> None:
    """A wheel comes from an address, from Python's file system, and in Node from the machine's."""
    for name in ("by-url", "by-file", "by-emfs"):
        (tmp_path / file_name(name)).write_bytes(wheel_bytes(name))
    index.files[f"/x/{file_name('by-url')}"] = wheel_bytes("by-url")
    run(runtime, "await micropip.install(url)", url=f"{index.origin}/x/{file_name('by-url')}")
    run(runtime, "await micropip.install(url)", url=f"file:{tmp_path / file_name('by-file')}")
    run(
        runtime,
        "open(f'/tmp/{name}', 'wb').write(bytes(data))",
        name=file_name("by-emfs"),
        data=list(wheel_bytes("by-emfs")),
    )
    run(runtime, "await micropip.install(f'emfs:/tmp/{name}')")
    assert (
        run(
            runtime,
            "import by_url, by_file, by_emfs\nby_url.version + by_file.version + by_emfs.version",
        )
        == "1.01.01.0"
    )
    assert run(runtime, "micropip.list()['by-url'].source").endswith(
        "/x/by_url-1.0-py3-none-any.whl"
    )


def test_versions_extras_and_markers(runtime: Runtime, index: Index) -> None:
    """The newest version that will do is chosen; extras and markers decide what else comes."""
    for version in ("1.0", "1.5", "2.0", "3.0a1"):
        index.make("versions", version)
    index.make("plain")
    index.make("extra-only")
    index.make("here-only")
    index.make(
        "wanting",
        "1.0",
        "versions<2",
        "plain",
        "here-only; sys_platform == 'emscripten'",
        "never; sys_platform == 'win32'",
        "extra-only; extra == 'more'",
        extras=("more",),
    )
    run(runtime, "await micropip.install('wanting')")
    assert run(runtime, "import versions, plain, here_only\nversions.version") == "1.5"
    with pytest.raises(JsError, match="No module named 'extra_only'"):
        run(runtime, "import extra_only")
    with pytest.raises(JsError, match=r"versions==1\.5 is already installed"):
        run(runtime, "await micropip.install('versions>=2')")
    run(runtime, "micropip.uninstall('wanting')\nawait micropip.install('wanting[more]')")
    assert run(runtime, "import extra_only\nextra_only.version") == "1.0"


def test_tags_choose_the_wheel(runtime: Runtime, index: Index) -> None:
    """Of a version's wheels the one for this platform is taken; those for other machines are none."""
    index.make("tagged", "2.0", tag="cp313-cp313-manylinux_2_17_x86_64")
    index.make("tagged", "2.0", tag="cp312-cp312-pyemscripten_2025_0_wasm32")
    index.make("tagged", "1.0", tag="py3-none-any")
    index.make("tagged", "1.0", tag="cp313-cp313-pyemscripten_2025_0_wasm32")
    run(runtime, "await micropip.install('tagged')")
    got = run(
        runtime, "import importlib.metadata as m\nm.distribution('tagged').read_text('WHEEL')"
    )
    assert "Tag: cp313-cp313-pyemscripten_2025_0_wasm32" in got
    index.make("stable", tag="cp39-abi3-pyemscripten_2025_0_wasm32")
    run(runtime, "await micropip.install('stable')\nimport stable")
    index.make("foreign", tag="cp313-cp313-manylinux_2_17_x86_64")
    with pytest.raises(JsError, match="Can't find a pure Python 3 wheel for 'foreign'"):
        run(runtime, "await micropip.install('foreign')")


def test_uninstall_and_install_again(runtime: Runtime, index: Index) -> None:
    """Nothing of the files stays, and another version can take the place."""
    index.make("coming", "1.0")
    index.make("coming", "2.0")
    before = run(runtime, "import os\nsorted(os.listdir('/lib/python3.13/site-packages'))")
    run(runtime, "await micropip.install('coming==1.0')\nimport coming")
    run(runtime, "micropip.uninstall('coming')")
    assert run(runtime, "sorted(os.listdir('/lib/python3.13/site-packages'))") == before
    assert not runtime.expr("'coming' in pyodide.loadedPackages")
    run(runtime, "import sys\ndel sys.modules['coming']")
    run(runtime, "await micropip.install('coming')")
    assert run(runtime, "import coming\ncoming.version") == "2.0"


def test_packages_of_the_distribution(fresh: Fresh) -> None:
    """Without another index the lock file comes first, and no network is needed; `loadPackage` sees what is there."""
    rt = fresh(options="{ packages: ['micropip'] }")
    run(rt, "import micropip\nawait micropip.install('pytest')\nimport pytest")
    loaded = rt.expr("pyodide.loadedPackages")
    assert loaded["pytest"] == loaded["pluggy"] == "default channel"
    assert run(rt, "micropip.list()['pytest'].source") == "pyodide"
    log = rt.js(
        "const log = []; await pyodide.loadPackage('pytest', { messageCallback: (m) => log.push(m) }); return log;"
    )
    assert log == ["pytest already loaded from default channel", "No new packages to load"]


def test_freeze(fresh: Fresh, index: Index) -> None:
    """What `micropip.freeze` gives is a lock file with which the same packages are loaded."""
    index.make("frozen", "1.0", "frozen-too")
    index.make("frozen-too")
    rt = fresh(options="{ packages: ['micropip'] }")
    text = run(
        rt,
        "import micropip\nawait micropip.install('frozen', index_urls=url)\nmicropip.freeze()",
        url=index.url,
    )
    spec = PyodideLockSpec.from_dict(json.loads(text))
    assert spec.packages["frozen"].depends == ["frozen-too"]
    again = fresh(
        options=f"{{ lockFileContents: {json.dumps(text)}, packages: ['frozen', 'six'] }}"
    )
    assert again.py("import frozen, frozen_too, six\nfrozen.version") == "1.0"


def test_damaged_and_missing(fresh: Fresh, index: Index) -> None:
    """A wheel that is not what the index says, or does not come, changes nothing."""
    index.make("tampered")
    index.make("cut")
    index.make("broken")
    index.files[f"/files/{file_name('tampered')}"] = wheel_bytes("tampered", "6.6")
    index.cut.add(f"/files/{file_name('cut')}")
    index.files[f"/x/{file_name('broken')}"] = wheel_bytes("broken")[:-30]
    rt = fresh(options="{ packages: ['micropip'] }")
    run(
        rt,
        "import micropip\nmicropip.set_index_urls([url])\nawait micropip.install('six')",
        url=index.url,
    )
    with pytest.raises(JsError, match="Invalid checksum"):
        run(rt, "await micropip.install('tampered')")
    with pytest.raises(JsError, match="Can't fetch wheel"):
        run(rt, "await micropip.install('cut')")
    with pytest.raises(JsError, match="zip"):
        run(rt, "await micropip.install(url)", url=f"{index.origin}/x/{file_name('broken')}")
    with pytest.raises(JsError, match="Can't fetch metadata for 'not-there'"):
        run(rt, "await micropip.install('not-there')")
    assert run(rt, "import six\nsorted(micropip.list())") == ["micropip", "six"]

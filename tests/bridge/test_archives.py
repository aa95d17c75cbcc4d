"""unpackArchive and the format of wheels in shutil."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from harness.errors import JsError, PyError
from harness.runtime import Runtime

FILES = {"top.txt": b"top", "folder/inner.bin": bytes(range(256))}


def zipped() -> bytes:
    """A zip archive of FILES."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    return target.getvalue()


def tarred(compression: str) -> bytes:
    """A tar archive of FILES."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=f"w:{compression}") as archive:
        for name, data in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


ARCHIVES = {
    "zip": zipped,
    "whl": zipped,
    "wheel": zipped,
    ".whl": zipped,
    "tar": lambda: tarred(""),
    "gztar": lambda: tarred("gz"),
    ".tar.gz": lambda: tarred("gz"),
    "tgz": lambda: tarred("gz"),
    "bztar": lambda: tarred("bz2"),
    "xztar": lambda: tarred("xz"),
}

CONTENTS = """
    import os, shutil
    def contents(folder):
        found = {}
        for root, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(root, name)
                with open(path, "rb") as f: found[os.path.relpath(path, folder)] = f.read()
        shutil.rmtree(folder)
        return found
"""


@pytest.fixture(autouse=True)
def helper(rt: Runtime) -> None:
    """The function `contents` in Python: the files of a folder, which it removes."""
    rt.py(CONTENTS)


@pytest.mark.spec("7.2/13")
@pytest.mark.parametrize("name", ARCHIVES)
def test_formats(rt: Runtime, name: str) -> None:
    """Every format of shutil, wheels and extensions."""
    rt.js(
        "pyodide.unpackArchive(new Uint8Array(data), name, { extractDir: '/unpacked/here' });",
        data=list(ARCHIVES[name]()),
        name=name,
    )
    assert rt.py("contents('/unpacked/here')") == FILES


@pytest.mark.spec("7.2/13")
@pytest.mark.parametrize(
    "make",
    [
        "bytes.buffer",
        "bytes",
        "new DataView(bytes.buffer)",
        "new Int8Array(bytes.buffer)",
        "(() => { const b = new Uint8Array(bytes.length + 7); b.set(bytes, 3); return b.subarray(3, 3 + bytes.length); })()",
    ],
)
def test_buffers(rt: Runtime, make: str) -> None:
    """ArrayBuffers and views, also of a part of a buffer; the buffer is the caller's still."""
    got = rt.js(
        f"""
        const bytes = new Uint8Array(data);
        const buffer = {make};
        pyodide.unpackArchive(buffer, "zip", {{ extractDir: "/unpacked" }});
        return [buffer.byteLength, bytes[0], bytes[1]];
        """,
        data=list(zipped()),
    )
    assert got[0] >= len(zipped())
    assert got[1:] == [0x50, 0x4B]
    assert rt.py("contents('/unpacked')") == FILES
    assert rt.py("[name for name in os.listdir('/tmp') if name.startswith('tmp')]") == []


def test_current_folder(rt: Runtime) -> None:
    """Without extractDir, and relative to it, Python's current folder is meant; files are overwritten."""
    rt.py(
        "import os\nos.makedirs('/elsewhere/sub')\nos.chdir('/elsewhere')\nopen('top.txt', 'w').close()"
    )
    rt.js(
        "const b = new Uint8Array(data); pyodide.unpackArchive(b, 'zip'); pyodide.unpackArchive(b, 'zip', { extractDir: 'sub' });",
        data=list(zipped()),
    )
    rt.py("os.chdir('/home/pyodide')")
    assert rt.py("contents('/elsewhere')") == FILES | {
        f"sub/{name}": data for name, data in FILES.items()
    }


@pytest.mark.spec("7.2/13")
@pytest.mark.parametrize("value", ["'abc'", "undefined", "null", "[1]", "5", "{}", "new Blob([])"])
def test_no_buffer(rt: Runtime, value: str) -> None:
    """Anything else is a TypeError."""
    with pytest.raises(JsError) as caught:
        rt.js(f"pyodide.unpackArchive({value}, 'zip');")
    assert caught.value.name == "TypeError"
    assert (
        "Expected argument 'buffer' to be an ArrayBuffer or an ArrayBuffer view"
        in caught.value.message
    )


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ("'nope'", "ValueError", ["Unknown archive format 'nope'", "gztar", "whl"]),
        ("'zip'", "ReadError", ["not a zip file"]),
        ("'gztar'", "ReadError", []),
        ("'tar'", "ReadError", []),
        ("undefined", "TypeError", ["format", "gztar"]),
        ("'zip', { extractDir: 5 }", "TypeError", ["extractDir", "string"]),
    ],
)
def test_wrong_arguments(rt: Runtime, arguments: str, kind: str, words: list[str]) -> None:
    """Unknown formats, bytes that are no archive and wrong types say what is wrong, and leave nothing."""
    got = rt.js(f"return h.thrown(() => pyodide.unpackArchive(new Uint8Array(40), {arguments}));")
    assert kind in (got["type"], got["name"])
    for word in words:
        assert word in got["message"]
    assert rt.py("import os\n[name for name in os.listdir('/tmp') if name.startswith('tmp')]") == []


def test_truncated(rt: Runtime) -> None:
    """An archive cut short is an error too."""
    for name in ("zip", "gztar", "bztar", "xztar"):
        data = ARCHIVES[name]()
        got = rt.js(
            "return h.thrown(() => pyodide.unpackArchive(new Uint8Array(data), name, { extractDir: '/unpacked' }));",
            data=list(data[: len(data) // 2]),
            name=name,
        )
        assert got["name"] == "PythonError"
    rt.py("import shutil\nshutil.rmtree('/unpacked', ignore_errors=True)")


def test_nothing_gets_outside(rt: Runtime) -> None:
    """Members with `..` or an absolute path stay within the folder or are refused."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../outside"), io.BytesIO())
    got = rt.js(
        "return h.thrown(() => pyodide.unpackArchive(new Uint8Array(data), 'tar', { extractDir: '/unpacked' }));",
        data=list(target.getvalue()),
    )
    assert got["type"] == "OutsideDestinationError"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("../outside", b"")
        archive.writestr("inside", b"")
    rt.js(
        "pyodide.unpackArchive(new Uint8Array(data), 'zip', { extractDir: '/unpacked' });",
        data=list(target.getvalue()),
    )
    assert rt.py("import os\nos.path.exists('/outside')") is False
    assert rt.py("contents('/unpacked')") == {"inside": b""}


@pytest.mark.spec("7.2/13")
def test_wheels_in_shutil(rt: Runtime) -> None:
    """shutil knows wheels by their extension and by name, and unpacks them."""
    got = rt.py(
        """
        import shutil, zipfile
        with zipfile.ZipFile("/tmp/some-1-py3-none-any.whl", "w") as archive: archive.writestr("m.py", "x = 1")
        shutil.unpack_archive("/tmp/some-1-py3-none-any.whl", "/unpacked")
        first = contents("/unpacked")
        shutil.unpack_archive("/tmp/some-1-py3-none-any.whl", "/unpacked", "whl")
        os.unlink("/tmp/some-1-py3-none-any.whl")
        [first, contents("/unpacked"), [extensions for name, extensions, _ in shutil.get_unpack_formats() if name == "whl"]]
        """
    )
    assert got == [{"m.py": b"x = 1"}, {"m.py": b"x = 1"}, [[".whl", ".wheel"]]]


@pytest.mark.spec("7.2/13")
def test_formats_of_the_user(rt: Runtime) -> None:
    """A format registered with shutil is unpacked by its function."""
    rt.py(
        """
        import shutil
        def unpack(name, folder):
            with open(name, "rb") as f, open(folder + "/made", "wb") as g: g.write(f.read())
        shutil.register_unpack_format("mine", [".mine"], unpack)
        os.mkdir("/unpacked")
        """
    )
    with pytest.raises(PyError):
        rt.py("shutil.unpack_archive('/nowhere.mine')")
    rt.js("pyodide.unpackArchive(new Uint8Array([1, 2]), 'mine', { extractDir: '/unpacked' });")
    rt.py("shutil.unregister_unpack_format('mine')")
    assert rt.py("contents('/unpacked')") == {"made": b"\x01\x02"}

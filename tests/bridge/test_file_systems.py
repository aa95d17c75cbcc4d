"""File systems in the runtime: in memory and of Node, mountNodeFS, and what does not fit in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import JsError, PyError
from harness.runtime import Runtime


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A folder of the host with a file in it."""
    (tmp_path / "file.txt").write_text("from the host")
    return tmp_path


@pytest.fixture
def mounted(rt: Runtime, host: Path) -> Path:
    """That folder, mounted at /host."""
    rt.js("pyodide.mountNodeFS('/host', path);", path=str(host))
    return host


@pytest.fixture(autouse=True)
def unmount(rt: Runtime) -> object:
    """Nothing stays mounted."""
    yield
    if rt.alive:
        rt.js(
            "for (const p of ['/host', '/other', '/memory']) { try { pyodide.FS.unmount(p); } catch {} }"
        )


@pytest.mark.spec("7.2/14")
def test_mount_node_fs(rt: Runtime, mounted: Path) -> None:
    """Python and the host see each other's changes at once; folders, links, renaming and times too."""
    got = rt.py(
        """
        import os
        text = open("/host/file.txt").read()
        os.makedirs("/host/a/b")
        with open("/host/a/b/new", "wb") as f: f.write(b"by Python")
        os.rename("/host/file.txt", "/host/renamed")
        os.symlink("renamed", "/host/link")
        os.utime("/host/renamed", (1e9, 1e9))
        [text, sorted(os.listdir("/host")), open("/host/link").read()]
        """
    )
    assert got == ["from the host", ["a", "link", "renamed"], "from the host"]
    assert (mounted / "a/b/new").read_bytes() == b"by Python"
    assert (mounted / "renamed").stat().st_mtime == 1e9
    assert (mounted / "link").readlink() == Path("renamed")
    (mounted / "later").write_text("later")
    assert rt.py("open('/host/later').read()") == "later"
    rt.py("import shutil\nshutil.rmtree('/host/a')\nos.unlink('/host/link')")
    assert sorted(path.name for path in mounted.iterdir()) == ["later", "renamed"]


@pytest.mark.spec("7.2/14")
def test_paths(rt: Runtime, host: Path) -> None:
    """The place is made if it is missing; the host's path may be a URL; FS.unmount takes it away."""
    rt.js("pyodide.mountNodeFS('/other', new URL(url));", url=host.as_uri())
    assert rt.py("import os\nos.listdir('/other')") == ["file.txt"]
    rt.js("pyodide.FS.unmount('/other');")
    assert rt.py("os.listdir('/other')") == []
    rt.js("pyodide.mountNodeFS('/other', path);", path=str(host))
    assert rt.py("os.listdir('/other')") == ["file.txt"]


@pytest.mark.spec("7.2/14")
def test_wrong_paths(rt: Runtime, mounted: Path) -> None:
    """Each mistake has an error of its own that names the path."""
    rt.py("import os\nos.makedirs('/full/x', exist_ok=True)\nopen('/a_file', 'w').close()")
    cases = {
        ("/host", str(mounted)): "path '/host' is already a file system mount point",
        ("/a_file", str(mounted)): "path '/a_file' points to a file not a directory",
        ("/full", str(mounted)): "directory '/full' is not empty",
        ("/new", f"{mounted}/nope"): f"hostPath '{mounted}/nope' does not exist",
        ("/new", f"{mounted}/file.txt"): f"hostPath '{mounted}/file.txt' is not a directory",
        ("/a_file/below", str(mounted)): "path '/a_file/below' cannot be used: ENOTDIR",
    }
    for (path, host), message in cases.items():
        with pytest.raises(JsError) as caught:
            rt.js("pyodide.mountNodeFS(path, host);", path=path, host=host)
        assert caught.value.message == message
    for arguments in ("5, '/'", "'', '/'", "'/x', 5", "'/x'"):
        with pytest.raises(JsError) as caught:
            rt.js(f"pyodide.mountNodeFS({arguments});")
        assert caught.value.name == "TypeError"
    assert rt.py("os.path.exists('/new')") is False


def test_errors_of_the_host(rt: Runtime, mounted: Path) -> None:
    """The host's errors are Python's: missing files, folders that are not empty, links in a circle."""
    (mounted / "loop").symlink_to("loop")
    cases = {
        "open('/host/nope')": "FileNotFoundError",
        "os.rmdir('/host')": "OSError",
        "os.mkdir('/host/file.txt')": "FileExistsError",
        "open('/host/file.txt/x')": "NotADirectoryError",
        "open('/host', 'w')": "IsADirectoryError",
        "open('/host/loop')": "OSError",
        "os.unlink('/host/nope')": "FileNotFoundError",
    }
    for code, kind in cases.items():
        with pytest.raises(PyError) as caught:
            rt.py("import os\n" + code)
        assert kind in str(caught.value), code


def test_codes_of_node_without_a_number(rt: Runtime, mounted: Path) -> None:
    """An error of Node that has no errno is EIO and never success."""
    rt.js(
        "globalThis.NODEFS = pyodide._module.NODEFS; globalThis.tried = NODEFS.node_ops.readdir;"
        "NODEFS.node_ops.readdir = () => NODEFS.tryFSOperation(() => { throw Object.assign(new Error(), { code: 'ERR_ODD' }); });"
    )
    try:
        with pytest.raises(PyError, match="Errno 29"):
            rt.py("import os\nos.listdir('/host')")
    finally:
        rt.js("NODEFS.node_ops.readdir = tried;")
    assert rt.py("os.listdir('/host')") == ["file.txt"]


@pytest.mark.spec("7.2/12")
def test_memory_file_system(rt: Runtime) -> None:
    """FS.mount of MEMFS and NODEFS by hand; FS, PATH and ERRNO_CODES are Emscripten's."""
    got = rt.js(
        """
        const { FS, PATH, ERRNO_CODES } = pyodide;
        FS.mkdirTree("/memory");
        FS.mount(FS.filesystems.MEMFS, {}, "/memory");
        FS.writeFile(PATH.join("/memory", "x"), "text");
        const text = pyodide.runPython("open('/memory/x').read()");
        pyodide.runPython("open('/memory/y', 'wb').write(bytes([1, 2, 3]))");
        const bytes = [...FS.readFile("/memory/y")];
        let errno;
        try { FS.stat("/nowhere"); } catch (e) { errno = [e instanceof FS.ErrnoError, e.errno === ERRNO_CODES.ENOENT]; }
        return [text, bytes, errno, Object.keys(FS.filesystems).sort()];
        """
    )
    assert got[:3] == ["text", [1, 2, 3], [True, True]]
    assert {"MEMFS", "NODEFS", "IDBFS", "WORKERFS"} <= set(got[3])


def test_file_larger_than_memory(rt: Runtime) -> None:
    """A file in memory that can't grow so far is an OSError; what it held is kept, and Python goes on."""
    got = rt.py(
        """
        import ctypes, errno, os
        libc = ctypes.CDLL(None)
        libc.lseek.restype = ctypes.c_longlong
        fd = os.open("/tmp/large", os.O_RDWR | os.O_CREAT)
        os.write(fd, b"begin")
        # Python's own functions refuse offsets beyond 2 GB.
        libc.lseek(fd, ctypes.c_longlong(2**45), 0)
        try: os.write(fd, b"x")
        except OSError as e: written = errno.errorcode[e.errno]
        truncated = libc.ftruncate(fd, ctypes.c_longlong(2**50))
        size = os.fstat(fd).st_size
        os.lseek(fd, 0, 0)
        text = os.read(fd, 10)
        os.close(fd)
        [written, truncated, size, text]
        """
    )
    assert got == ["ENOSPC", -1, 5, b"begin"]
    got = rt.js(
        """
        const { FS, ERRNO_CODES } = pyodide;
        const name = (action) => {
          try { action(); } catch (e) { return Object.keys(ERRNO_CODES).find((key) => ERRNO_CODES[key] === e.errno); }
        };
        const stream = FS.open("/tmp/large", "r+");
        const r = [
          name(() => FS.truncate("/tmp/large", 2 ** 50)),
          name(() => FS.write(stream, new Uint8Array(1), 0, 1, 2 ** 50)),
          FS.readFile("/tmp/large", { encoding: "utf8" }),
        ];
        FS.close(stream);
        FS.unlink("/tmp/large");
        return r;
        """
    )
    assert got == ["ENOSPC", "ENOSPC", "begin"]


def test_offsets_beyond_2_gb(rt: Runtime, mounted: Path) -> None:
    """A large file of the host is read from its start; Python refuses offsets that it has no room for."""
    with (mounted / "large").open("wb") as file:
        file.write(b"begin")
        file.truncate(6 << 30)
    got = rt.py(
        """
        import os
        with open("/host/large", "rb") as f:
            begin = f.read(5)
            try: f.seek(5 << 30)
            except OverflowError: begin += b", but no farther"
        [os.stat("/host/large").st_size, begin]
        """
    )
    assert got == [6 << 30, b"begin, but no farther"]


BROKEN = """
    const { FS } = pyodide;
    const device = FS.makedev(90, 1);
    globalThis.log = []; const error = console.error; console.error = (x) => log.push(x);
    globalThis.restore = () => { console.error = error; FS.unlink("/dev/broken"); };
    const fail = () => { throw thrown(); };
    globalThis.thrown = () => new TypeError("a device's own mistake");
    FS.registerDevice(device, { open() {}, read: fail, write: fail, fsync: fail, ioctl: fail });
    FS.mkdev("/dev/broken", 0o666, device);
"""


@pytest.mark.parametrize(
    "thrown", ["new TypeError('x')", "'text'", "null", "{}", "new RangeError('x')"]
)
def test_devices_of_the_user_that_fail(rt: Runtime, thrown: str) -> None:
    """Whatever a device registered with FS throws, Python sees EIO, and nothing is fatal."""
    rt.js(BROKEN + f"globalThis.thrown = () => ({thrown});")
    got = rt.py(
        """
        import os
        fd = os.open("/dev/broken", os.O_RDWR)
        got = []
        for attempt in (lambda: os.read(fd, 1), lambda: os.write(fd, b"x"), lambda: os.fsync(fd)):
            try: attempt()
            except OSError as e: got.append(e.errno)
        os.close(fd)
        got
        """
    )
    rt.js("restore();")
    assert got == [29, 29, 29]
    assert rt.expr("log.length") == 3


@pytest.mark.spec("7.2/20")
def test_canvas(rt: Runtime) -> None:
    """The 2D and the 3D canvas are Emscripten's one canvas."""
    got = rt.js(
        """
        const { canvas } = pyodide;
        const before = [canvas.getCanvas2D(), canvas.getCanvas3D()];
        const mine = { id: "canvas" };
        canvas.setCanvas2D(mine);
        const r = [before, canvas.getCanvas2D() === mine, canvas.getCanvas3D() === mine, pyodide._module.canvas === mine];
        canvas.setCanvas3D(undefined);
        return [...r, canvas.getCanvas2D()];
        """
    )
    assert got == [[None, None], True, True, True, None]

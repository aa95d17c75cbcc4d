"""mountNativeFS over a directory in memory: what is copied, removed and kept in either direction, and failures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.errors import JsError
from harness.runtime import HARNESS, Runtime


@pytest.fixture(autouse=True)
def native(rt: Runtime) -> Iterator[None]:
    """`directory`, mounted at /native as `files`, with two files in it."""
    rt.js(
        """
        const { MemoryDirectory } = await import(url);
        globalThis.MemoryDirectory = MemoryDirectory;
        globalThis.directory = new MemoryDirectory();
        directory.put("top", "of others");
        directory.put("folder/inner", "deep");
        globalThis.files = await pyodide.mountNativeFS("/native", directory);
        """,
        url=(HARNESS / "directory.mjs").as_uri(),
    )
    yield
    if rt.alive:
        rt.js("pyodide.FS.unmount('/native');")


def save(rt: Runtime) -> dict[str, str]:
    """Write to the native directory; what is in it."""
    got = rt.js("await files.syncfs(); return directory.contents();")
    assert isinstance(got, dict)
    return got


def load(rt: Runtime) -> dict[str, str]:
    """Read from the native directory; the files that Python sees."""
    rt.js("await files.syncfs(true);")
    got = rt.py(
        """
        import os
        found = {}
        for root, _, names in os.walk("/native"):
            for name in names:
                path = os.path.join(root, name)
                with open(path) as f: found[os.path.relpath(path, "/native")] = f.read()
        found
        """
    )
    assert isinstance(got, dict)
    return got


BOTH = {"top": "of others", "folder/inner": "deep"}


@pytest.mark.spec("7.2/15")
def test_mount(rt: Runtime) -> None:
    """Files and folders are there at once, with the time of their last change."""
    assert load(rt) == BOTH
    assert rt.py("import os\nos.stat('/native/top').st_mtime") == rt.js(
        "return (await (await directory.getFileHandle('top')).getFile()).lastModified / 1000;"
    )


@pytest.mark.spec("7.2/15")
def test_save(rt: Runtime) -> None:
    """New, changed, renamed and removed files and folders of Python's, and only these, are written."""
    rt.py(
        """
        import os
        os.makedirs("/native/a/b")
        with open("/native/a/b/new", "w") as f: f.write("by Python")
        os.rename("/native/top", "/native/renamed")
        os.unlink("/native/folder/inner")
        os.rmdir("/native/folder")
        os.mkdir("/native/empty")
        """
    )
    assert save(rt) == {
        "a/": "<folder>",
        "a/b/": "<folder>",
        "a/b/new": "by Python",
        "empty/": "<folder>",
        "renamed": "of others",
    }
    rt.py("with open('/native/renamed', 'a') as f: f.write('!')")
    assert save(rt)["renamed"] == "of others!"
    writes = "return [(await directory.getFileHandle('renamed')).writes, (await (await (await directory.getDirectoryHandle('a')).getDirectoryHandle('b')).getFileHandle('new')).writes];"
    assert rt.js(writes) == [2, 1]
    save(rt)
    assert rt.js(writes) == [2, 1]


@pytest.mark.spec("7.2/15")
def test_load(rt: Runtime) -> None:
    """What others have changed, made and removed is read; what Python has changed and not saved is kept."""
    rt.py(
        "open('/native/mine', 'w').write('not saved')\nopen('/native/folder/inner', 'w').write('changed here')"
    )
    rt.js("directory.put('top', 'again'); directory.put('more/new', 'new');")
    assert load(rt) == {
        "mine": "not saved",
        "folder/inner": "changed here",
        "top": "again",
        "more/new": "new",
    }
    rt.js("directory.drop('top'); directory.drop('folder');")
    assert load(rt) == {"mine": "not saved", "folder/inner": "changed here", "more/new": "new"}


def test_nothing_of_others_is_removed(rt: Runtime) -> None:
    """Files that others have put beside Python's stay, and so does a folder of Python's that holds them."""
    rt.js("directory.put('unknown', 'x'); directory.put('folder/unknown', 'y');")
    rt.py("import shutil\nshutil.rmtree('/native/folder')")
    assert save(rt) == {
        "folder/": "<folder>",
        "folder/unknown": "y",
        "top": "of others",
        "unknown": "x",
    }


def test_what_others_removed_comes_back(rt: Runtime) -> None:
    """A file that is still Python's is written again when others have removed it."""
    rt.js("directory.drop('top');")
    assert save(rt)["top"] == "of others"


def test_file_becomes_folder(rt: Runtime) -> None:
    """A file in the place of a folder, and the other way round, in either direction."""
    rt.py(
        "import os, shutil\nshutil.rmtree('/native/folder')\nopen('/native/folder', 'w').write('f')\nos.unlink('/native/top')\nos.mkdir('/native/top')"
    )
    assert save(rt) == {"folder": "f", "top/": "<folder>"}
    rt.js(
        "directory.drop('folder'); directory.drop('top'); directory.put('folder/x', 'x'); directory.put('top', 't');"
    )
    assert load(rt) == {"folder/x": "x", "top": "t"}


def test_links_and_devices_are_refused(rt: Runtime) -> None:
    """The native directory can't hold them: EPERM when they are made, and nothing is half there."""
    got = rt.py(
        """
        import os
        got = []
        for attempt in (lambda: os.symlink("top", "/native/link"), lambda: os.symlink("top", "/native/folder/link")):
            try: attempt()
            except PermissionError as e: got.append(e.errno)
        got + [sorted(os.listdir("/native"))]
        """
    )
    assert got == [63, 63, ["folder", "top"]]
    assert (
        rt.js(
            "try { pyodide.FS.mkdev('/native/device', 0o666, 259); } catch (e) { return e.errno; }"
        )
        == 63
    )


def test_everything_syncs(rt: Runtime) -> None:
    """FS.syncfs, which syncs all file systems, syncs this one in both directions."""
    rt.py("open('/native/mine', 'w').write('x')")
    sync = "await new Promise((done, fail) => pyodide.FS.syncfs(populate, (e) => e ? fail(e) : done()));"
    assert rt.js(sync + "return directory.contents().mine;", populate=False) == "x"
    rt.js("directory.put('mine', 'y');")
    rt.js(sync, populate=True)
    assert rt.py("open('/native/mine').read()") == "y"


def test_two_at_once(rt: Runtime) -> None:
    """Calls that overlap run one after the other, and a failed one does not stop the next."""
    rt.py("open('/native/mine', 'w').write('x')")
    got = rt.js(
        """
        let left = 1;
        directory.fail = (operation, path) => operation === "write" && path === "/mine" && left-- > 0 ? new Error("busy") : undefined;
        const outcomes = await Promise.allSettled([files.syncfs(), files.syncfs(), files.syncfs(true)]);
        directory.fail = undefined;
        return [outcomes.map((o) => o.status), directory.contents().mine];
        """
    )
    assert got == [["rejected", "fulfilled", "fulfilled"], "x"]


@pytest.mark.parametrize(
    ("operation", "populate", "words"),
    [
        ("write", False, ["'/mine'", "written", "disk full"]),
        ("get", False, ["'/mine'", "written", "disk full"]),
        ("remove", False, ["'/top'", "removed", "disk full"]),
        ("read", True, ["'/later'", "read", "disk full"]),
        ("entries", True, ["read", "disk full"]),
    ],
)
def test_failures_name_the_file(
    rt: Runtime, operation: str, populate: bool, words: list[str]
) -> None:
    """An operation that fails rejects with the file's name; afterwards everything is as it was, and works."""
    rt.py("import os\nopen('/native/mine', 'w').write('x')\nos.unlink('/native/top')")
    rt.js("directory.put('later', 'z');")
    with pytest.raises(JsError) as caught:
        rt.js(
            """
            directory.fail = (name) => name === operation ? new DOMException("disk full", "QuotaExceededError") : undefined;
            try { await files.syncfs(populate); } finally { directory.fail = undefined; }
            """,
            operation=operation,
            populate=populate,
        )
    for word in words:
        assert word in caught.value.message
    load(rt)
    assert save(rt) == {"folder/": "<folder>", "folder/inner": "deep", "later": "z", "mine": "x"}


@pytest.mark.spec("7.2/15")
def test_wrong_arguments(rt: Runtime) -> None:
    """Another kind of handle is a TypeError; the path's errors are those of mountNodeFS; permission is asked for."""
    for handle in ("{}", "undefined", "null", "'/x'", "{ kind: 'file' }", "{ kind: 'directory' }"):
        with pytest.raises(JsError, match="FileSystemDirectoryHandle") as caught:
            rt.js(f"await pyodide.mountNativeFS('/other', {handle});")
        assert caught.value.name == "TypeError"
    rt.py("open('/tmp/plain', 'w').close()")
    for path, message in {
        "/native": "path '/native' is already a file system mount point",
        "/tmp/plain": "path '/tmp/plain' points to a file not a directory",
        "/native/folder": "directory '/native/folder' is not empty",
    }.items():
        with pytest.raises(JsError) as caught:
            rt.js("await pyodide.mountNativeFS(path, new MemoryDirectory());", path=path)
        assert caught.value.message == message
    asked = rt.js(
        """
        const asked = [];
        const denied = Object.assign(new MemoryDirectory(), {
            async queryPermission({ mode }) { asked.push("query " + mode); return "prompt"; },
            async requestPermission({ mode }) { asked.push("request " + mode); return "denied"; },
        });
        try { await pyodide.mountNativeFS("/other", denied); } catch (e) { asked.push(e.message); }
        return asked;
        """
    )
    assert asked[:2] == ["query readwrite", "request readwrite"]
    assert "not permitted" in asked[2]
    assert rt.py("import os\nos.path.exists('/other')") is False


def test_a_directory_that_cannot_be_read(rt: Runtime) -> None:
    """Nothing stays mounted when the first reading fails."""
    with pytest.raises(JsError, match="'/bad' of the native directory cannot be read: gone"):
        rt.js(
            """
            const broken = new MemoryDirectory();
            broken.put("bad", "x");
            broken.fail = (name) => name === "read" ? new Error("gone") : undefined;
            await pyodide.mountNativeFS("/other", broken);
            """
        )
    assert (
        rt.js(
            "const m = await pyodide.mountNativeFS('/other', new MemoryDirectory()); pyodide.FS.unmount('/other'); return typeof m.syncfs;"
        )
        == "function"
    )

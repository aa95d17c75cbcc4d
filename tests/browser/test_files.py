"""File systems that only browsers have: the origin's private directory and IndexedDB, across reloads."""

from __future__ import annotations

from browsing import Browser

PAGE = "/plain/pages/module.html"


def test_private_directory(browser: Browser) -> None:
    """What Python writes to a native directory is there after a reload, and is read by JavaScript."""
    browser.start(PAGE)
    open_it = """
        const root = await navigator.storage.getDirectory();
        const directory = await root.getDirectoryHandle("python", { create: true });
        globalThis.files = await pyodide.mountNativeFS("/native", directory);
    """
    browser.run(
        "const root = await navigator.storage.getDirectory(); for await (const name of root.keys()) await root.removeEntry(name, { recursive: true });"
    )
    browser.run(open_it)
    browser.python(
        """
        import os
        os.makedirs("/native/data/deep")
        with open("/native/data/deep/bytes", "wb") as f: f.write(bytes(range(256)) * 1000)
        with open("/native/text", "w") as f: f.write("h\u00e9llo")
        """
    )
    browser.run("await files.syncfs();")
    browser.start(PAGE)
    browser.run(open_it)
    assert browser.python("open('/native/text').read()") == "h\u00e9llo"
    assert (
        browser.python("open('/native/data/deep/bytes', 'rb').read() == bytes(range(256)) * 1000")
        is True
    )
    browser.python(
        "import shutil\nshutil.rmtree('/native/data')\nopen('/native/text', 'w').write('new')"
    )
    browser.run("await files.syncfs();")
    got = browser.run(
        """
        const root = await navigator.storage.getDirectory();
        const directory = await root.getDirectoryHandle("python");
        const names = [];
        for await (const name of directory.keys()) names.push(name);
        const file = await (await directory.getFileHandle("text")).getFile();
        return [names, await file.text()];
        """
    )
    assert got == [["text"], "new"]


def test_mount_node_fs_in_a_page(browser: Browser) -> None:
    """There is no host's file system; the message says so."""
    browser.start(PAGE)
    message = browser.run("try { pyodide.mountNodeFS('/x', '/'); } catch (e) { return e.message; }")
    assert "only works in Node.js" in message


def test_indexed_db(browser: Browser) -> None:
    """IDBFS keeps files in the browser's database when FS.syncfs is called."""
    sync = "const sync = (populate) => new Promise((done, fail) => pyodide.FS.syncfs(populate, (e) => e ? fail(e) : done()));"
    mount = (
        sync
        + "pyodide.FS.mkdirTree('/kept'); pyodide.FS.mount(pyodide.FS.filesystems.IDBFS, {}, '/kept'); await sync(true);"
    )
    browser.start(PAGE)
    browser.run(mount)
    browser.python(
        "import os\nos.makedirs('/kept/a', exist_ok=True)\nopen('/kept/a/file', 'w').write('in the database')"
    )
    browser.run(sync + "await sync(false);")
    browser.start(PAGE)
    browser.run(mount)
    assert browser.python("open('/kept/a/file').read()") == "in the database"


def test_unpack_archive(browser: Browser) -> None:
    """A page unpacks what it has made itself."""
    browser.start(PAGE)
    got = browser.run(
        """
        const zip = pyodide.runPython(`
            import io, zipfile
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w") as z: z.writestr("a/b.py", "x = 5")
            data.getvalue()
        `).toJs();
        pyodide.unpackArchive(zip.slice().buffer, "wheel", { extractDir: "/site" });
        return pyodide.FS.readFile("/site/a/b.py", { encoding: "utf8" });
        """
    )
    assert got == "x = 5"

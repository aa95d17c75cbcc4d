"""`loadPackage` and its kin: messages, dependencies, integrity, several addresses, failures that change nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.errors import JsError
from harness.runtime import Runtime
from harness.wheels import FileServer, entry, file_name, lock_text, wheel_bytes

Fresh = Callable[..., Runtime]

LOAD = """
    const log = [];
    const callbacks = { messageCallback: (m) => log.push(m), errorCallback: (m) => log.push("!" + m) };
    const outcome = await pyodide.loadPackage(names, { ...callbacks, ...options }).catch((e) => ({ name: e.name, message: e.message }));
    return [outcome, log];
"""


@pytest.fixture
def server() -> Iterator[FileServer]:
    """A server of the test's own."""
    running = FileServer()
    yield running
    running.close()


def put(folder: Path, *packages: tuple[str, list[str]]) -> list[dict[str, Any]]:
    """Write wheels of packages (name, depends); their entries in a lock file."""
    entries = []
    for name, depends in packages:
        content = wheel_bytes(name)
        (folder / file_name(name)).write_bytes(content)
        entries.append(entry(name, content, depends=depends))
    return entries


def options(folder: Path, *entries: dict[str, Any], more: str = "") -> str:
    """Options of loadPyodide for a lock file whose files are in a folder."""
    (folder / "lock.json").write_text(lock_text(*entries))
    cache = folder / "cache"
    return (
        f"{{ lockFileURL: {str(folder / 'lock.json')!r}, packageCacheDir: {str(cache)!r}, {more} }}"
    )


def load(rt: Runtime, names: Any, **given: Any) -> tuple[Any, list[str]]:
    """What `loadPackage` resolves to, or the error that it rejects with, and what the callbacks were told."""
    outcome, log = rt.js(LOAD, names=names, options=given)
    return outcome, log


def record(name: str) -> dict[str, str]:
    """What `loadPackage` tells of a package."""
    return {
        "name": name,
        "version": "1.0",
        "fileName": file_name(name),
        "packageType": "package",
    }


@pytest.mark.spec("7.2/8", "7.2/10", "7.2/11")
def test_messages_and_results(fresh: Fresh, tmp_path: Path) -> None:
    """Packages are loaded after those that they need, once, and what is told is what Pyodide tells."""
    rt = fresh(options=options(tmp_path, *put(tmp_path, ("b-b", ["a"]), ("a", []), ("c", []))))
    assert load(rt, "B_b") == (
        [record("a"), record("b-b")],
        ["Loading a, b-b", "Loaded a, b-b"],
    )
    assert rt.py("import a, b_b\n(a.version, b_b.version)") == ("1.0", "1.0")
    assert load(rt, ["a", "c"]) == (
        [record("c")],
        ["a already loaded from default channel", "Loading c", "Loaded c"],
    )
    assert load(rt, "a") == (
        [],
        ["a already loaded from default channel", "No new packages to load"],
    )
    assert load(rt, []) == ([], ["No new packages to load"])
    loaded = dict.fromkeys(["a", "b-b", "c"], "default channel")
    assert rt.expr("pyodide.loadedPackages") == loaded
    assert rt.expr("Object.keys(pyodide.lockfile.packages)") == ["b-b", "a", "c"]
    assert rt.expr("pyodide.lockfileBaseUrl") == f"{tmp_path}/"
    assert rt.py("import importlib.metadata as m\nm.distribution('a').read_text('INSTALLER')") == (
        "pyodide.loadPackage"
    )


@pytest.mark.spec("7.2/8")
@pytest.mark.parametrize("mode", ["native", "proxy"])
def test_names_in_every_form(fresh: Fresh, tmp_path: Path, mode: str) -> None:
    """Names come as a string, an Array, a Python list, or from Python; a PyProxy is not destroyed."""
    packages = [(name, list[str]()) for name in "abcdef"]
    rt = fresh(mode, options=options(tmp_path, *put(tmp_path, *packages)))
    quiet = "{ messageCallback() {} }"
    assert rt.js(f"return (await pyodide.loadPackage('a', {quiet})).map((p) => p.name)") == ["a"]
    got = rt.js(
        f"""
        const names = pyodide.toPy(["b", "c"]);
        const loaded = await pyodide.loadPackage(names, {quiet});
        const alive = names.length;
        names.destroy();
        return [loaded.map((p) => p.name), alive];
        """
    )
    assert got == [["b", "c"], 2]
    code = """
        from pyodide_js import loadPackage
        from pyodide.ffi import to_js
        told = []
        await loadPackage("d", messageCallback=told.append)
        await loadPackage(to_js(["e"]), messageCallback=told.append)
        await loadPackage(["f"], messageCallback=told.append)
        import d, e, f
        ";".join(told)
    """
    got = rt.js("return await pyodide.runPythonAsync(code)", code=code)
    assert got == ";".join(f"Loading {x};Loaded {x}" for x in "def")
    for wrong in ("5", "null", "[1]", "{}"):
        with pytest.raises(JsError, match="needs the name of a package") as caught:
            rt.js(f"await pyodide.loadPackage({wrong})")
        assert caught.value.name == "TypeError"


@pytest.mark.spec("7.2/9")
@pytest.mark.parametrize("mode", ["native", "proxy"])
def test_packages_of_imports(fresh: Fresh, tmp_path: Path, mode: str) -> None:
    """The packages that hold imported modules are loaded; nothing for code that imports none, or cannot be parsed."""
    one, two = put(tmp_path, ("one", []), ("two", []))
    one["imports"] = ["one", "space.one"]
    rt = fresh(mode, options=options(tmp_path, one, two))
    body = """
        const log = [];
        const result = await pyodide.loadPackagesFromImports(code, { messageCallback: (m) => log.push(m) });
        return [result.map((p) => p.name), log];
    """
    for code in ("", "import sys, nothing_known", "import (", "x = 1"):
        assert rt.js(body, code=code) == [[], []]
    assert rt.js(body, code="import space.one.deep\nfrom two.x import y") == [
        ["one", "two"],
        ["Loading one, two", "Loaded one, two"],
    ]
    with pytest.raises(JsError, match="must be a string"):
        rt.js("await pyodide.loadPackagesFromImports(5)")


@pytest.mark.spec("7.2/8")
def test_unknown_names(fresh: Fresh, tmp_path: Path) -> None:
    """A name that is not known is named, also when another package needs it; nothing is loaded."""
    rt = fresh(options=options(tmp_path, *put(tmp_path, ("a", ["gone"]), ("b", []))))
    error = {"name": "Error", "message": "No known package with name 'nope'"}
    assert load(rt, ["b", "nope"]) == (error, [])
    outcome, _ = load(rt, "a")
    assert outcome["message"] == "No known package with name 'gone', which 'a' needs"
    assert rt.expr("pyodide.loadedPackages") == {}


def test_a_failure_halfway_changes_nothing(fresh: Fresh, tmp_path: Path) -> None:
    """All files are there and right before the first is installed; what was loaded before still works."""
    first, bad, missing, good, empty = put(
        tmp_path, ("first", []), ("bad", ["good"]), ("missing", []), ("good", []), ("empty", [])
    )
    bad["sha256"] = "00" * 32
    (tmp_path / file_name("missing")).unlink()
    (tmp_path / file_name("empty")).write_bytes(b"")
    rt = fresh(options=options(tmp_path, first, bad, missing, good, {**empty, "sha256": ""}))
    load(rt, "first")
    outcome, log = load(rt, "bad")
    assert outcome["name"] == "PackageError"
    assert "'bad'" in outcome["message"] and "tampered" in outcome["message"]
    assert log == [
        "Loading bad, good",
        "Failed to load bad, good",
        "!The following error occurred while loading bad, good:",
        f"!{outcome['message']}",
    ]
    outcome, _ = load(rt, "missing")
    assert "'missing'" in outcome["message"] and "does not exist" in outcome["message"]
    outcome, _ = load(rt, "empty")
    assert "'empty'" in outcome["message"] and "no zip archive" in outcome["message"]
    assert rt.expr("Object.keys(pyodide.loadedPackages)") == ["first"]
    assert rt.py("import os\nsorted(os.listdir('/lib/python3.13/site-packages'))") == [
        "first-1.0.dist-info",
        "first.py",
    ]
    assert rt.py("import first\nfirst.version") == "1.0"
    outcome, _ = load(rt, "bad", checkIntegrity=False)
    assert outcome == [record("good"), record("bad")]


def test_a_broken_package_after_a_good_one(fresh: Fresh, tmp_path: Path) -> None:
    """What a broken wheel needs is loaded and stays; the broken one leaves nothing behind."""
    good, broken = put(tmp_path, ("good", []), ("broken", ["good"]))
    content = wheel_bytes("other")
    (tmp_path / file_name("broken")).write_bytes(content)
    rt = fresh(options=options(tmp_path, good, {**broken, "sha256": ""}))
    outcome, log = load(rt, "broken")
    assert outcome["message"] == (
        f"Cannot load package 'broken': {file_name('broken')}: it holds the project 'other', and not 'broken'."
    )
    assert log[1] == "Failed to load broken"
    assert rt.expr("Object.keys(pyodide.loadedPackages)") == ["good"]
    assert rt.py("import good\ngood.version") == "1.0"


def test_wheels_by_address(fresh: Fresh, tmp_path: Path, server: FileServer) -> None:
    """A wheel is loaded from a path or an address; its dist-info says where it is from."""
    (known,) = put(tmp_path, ("known", []))
    custom = wheel_bytes("custom-thing", "2.0")
    name = file_name("custom-thing", "2.0")
    server.files[f"/{name}"] = custom
    server.files["/old-1.0-cp312-cp312-pyemscripten_2025_0_wasm32.whl"] = b""
    rt = fresh(options=options(tmp_path, known))
    address = f"{server.origin}/{name}"
    outcome, log = load(rt, address)
    assert log == ["Loading custom_thing", "Loaded custom_thing"]
    assert (outcome[0]["name"], outcome[0]["version"]) == ("custom_thing", "2.0")
    assert rt.expr("pyodide.loadedPackages") == {"custom_thing": address}
    got = rt.py(
        """
        import importlib.metadata as m
        d = m.distribution("custom-thing")
        d.read_text("PYODIDE_SOURCE"), d.read_text("PYODIDE_URL"), len(d.read_text("PYODIDE_SHA256"))
        """
    )
    assert got == (address, address, 64)
    outcome, log = load(rt, str(tmp_path / name))
    assert outcome == []
    assert log == [
        f"!URI mismatch, attempting to load package custom_thing from {tmp_path / name} while it is already loaded "
        f"from {address}. To override a dependency, load the custom package first.",
        "No new packages to load",
    ]
    requests = len(server.requests)
    outcome, _ = load(rt, f"{server.origin}/old-1.0-cp312-cp312-pyemscripten_2025_0_wasm32.whl")
    assert "'old'" in outcome["message"] and "cp312" in outcome["message"]
    assert len(server.requests) == requests
    outcome, _ = load(rt, f"{server.origin}/gone-1.0-py3-none-any.whl")
    assert "'gone'" in outcome["message"] and "404" in outcome["message"]


def test_wheels_by_file_address(fresh: Fresh, tmp_path: Path) -> None:
    """Node's own form of an address, with characters that are escaped in it."""
    folder = tmp_path / "with space & ü"
    folder.mkdir()
    path = folder / file_name("local", "1.0+mine")
    path.write_bytes(wheel_bytes("local", "1.0+mine"))
    rt = fresh()
    outcome, _ = load(rt, path.as_uri())
    assert outcome[0]["fileName"] == "local-1.0+mine-py3-none-any.whl"
    assert rt.py("import local\nlocal.version") == "1.0+mine"


def test_a_digest_in_the_address(fresh: Fresh, server: FileServer) -> None:
    """An address may carry the digest of its wheel, as the index writes it."""
    content = wheel_bytes("a")
    server.files[f"/{file_name('a')}"] = content
    address = f"{server.origin}/{file_name('a')}#sha256="
    rt = fresh()
    outcome, _ = load(rt, address + "00" * 32)
    assert "tampered" in outcome["message"]
    outcome, _ = load(rt, address + entry("a", content)["sha256"])
    assert outcome == [record("a")]


def test_pages_without_cryptography(fresh: Fresh, tmp_path: Path) -> None:
    """Browsers offer digests to secure pages only; Python makes them where they are missing."""
    a, b = put(tmp_path, ("a", []), ("b", []))
    b["sha256"] = "00" * 32
    hide = "(Object.defineProperty(globalThis, 'crypto', { value: undefined }), ['a'])"
    rt = fresh(options=options(tmp_path, a, b, more=f"packages: {hide}"))
    assert rt.expr("typeof crypto") == "undefined"
    assert rt.expr("pyodide.loadedPackages") == {"a": "default channel"}
    assert "tampered" in load(rt, "b")[0]["message"]


@pytest.mark.spec("7.1/2", "7.1/5")
def test_several_bases_a_cut_connection_and_no_network(
    fresh: Fresh, tmp_path: Path, server: FileServer
) -> None:
    """Base addresses are tried in turn; what was downloaded is kept and used without a network."""
    folder = tmp_path / "files"
    folder.mkdir()
    a, b, c = put(folder, ("a", []), ("b", []), ("c", []))
    server.put_folder("/one/", folder)
    server.put_folder("/two/", folder)
    server.files[f"/one/{file_name('a')}"] = 500
    server.cut.update(
        {f"/one/{file_name('b')}", f"/one/{file_name('c')}", f"/two/{file_name('c')}"}
    )
    bases = [f"{server.origin}/one", f"{server.origin}/two/"]
    chosen = options(tmp_path, a, b, c, more=f"packageBaseUrl: {bases!r}")
    rt = fresh(options=chosen)
    outcome, _ = load(rt, ["a", "b"])
    assert outcome == [record("a"), record("b")]
    outcome, _ = load(rt, "c")
    message = outcome["message"]
    assert message.count("stopped arriving before its end") == 2 and "'c'" in message
    kept = sorted(p.name for p in (tmp_path / "cache").iterdir())
    assert kept == [file_name("a"), file_name("b")]
    server.close()
    (tmp_path / "cache" / file_name("b")).write_bytes(b"damaged")
    offline = fresh(options=chosen)
    assert load(offline, "a")[0] == [record("a")]
    outcome, _ = load(offline, "b")
    assert "'b'" in outcome["message"] and "cannot be downloaded" in outcome["message"]


@pytest.mark.spec("7.1/12")
def test_packages_at_start(fresh: Fresh, tmp_path: Path) -> None:
    """`packages` are there when `loadPyodide` resolves; it rejects for one that is not to be had."""
    a, b = put(tmp_path, ("a", []), ("b", ["a"]))
    rt = fresh(options=options(tmp_path, a, b, more="packages: ['b']"))
    assert rt.py("import a, b\nb.version") == "1.0"
    assert load(rt, "a") == (
        [],
        ["a already loaded from default channel", "No new packages to load"],
    )
    with pytest.raises(JsError, match="No known package with name 'nope'"):
        fresh(options=options(tmp_path, a, b, more="packages: ['nope']"))
    (tmp_path / file_name("a")).write_bytes(b"damaged")
    with pytest.raises(JsError, match=r"Cannot load package 'a'.*tampered") as caught:
        fresh(options=options(tmp_path, a, b, more="packages: ['b']"))
    assert caught.value.name == "PackageError"


def test_requests_at_once(fresh: Fresh, tmp_path: Path) -> None:
    """Requests that overlap are served one after the other; a failed one does not stop the next."""
    rt = fresh(options=options(tmp_path, *put(tmp_path, ("a", []), ("b", ["a"]))))
    got = rt.js(
        """
        const quiet = { messageCallback() {}, errorCallback() {} };
        const all = await Promise.allSettled(["b", "nope", "a", "b"].map((name) => pyodide.loadPackage(name, quiet)));
        return all.map((one) => one.value?.map((p) => p.name) ?? one.reason.message);
        """
    )
    assert got == [["a", "b"], "No known package with name 'nope'", [], []]


def test_other_archives_and_places(fresh: Fresh, tmp_path: Path) -> None:
    """A zip is unpacked as it is; `install_dir` says where, and an unknown one is an error."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("late.py", "value = 3")
    (tmp_path / "late.zip").write_bytes(buffer.getvalue())
    late = entry("late", buffer.getvalue(), file_name="late.zip", install_dir="stdlib")
    odd = entry("odd", buffer.getvalue(), file_name="late.zip", install_dir="else")
    rt = fresh(options=options(tmp_path, late, odd))
    assert load(rt, "late")[0][0]["fileName"] == "late.zip"
    assert rt.py("import late\n(late.value, late.__file__)") == (3, "/lib/python3.13/late.py")
    assert "install_dir 'else' is none of site" in load(rt, "odd")[0]["message"]


@pytest.mark.spec("7.1/3")
def test_foreign_lock_files(fresh: Fresh, tmp_path: Path) -> None:
    """A lock file of another version, a damaged and a missing one are errors that name it."""
    lock = tmp_path / "lock.json"
    for text, message in [
        ("{", "lock.json is not valid JSON"),
        ('{"info": {"python": "3.12.1"}, "packages": {}}', "lock.json is for Python 3.12.1"),
        (
            '{"info": {"python": "3.13.9", "abi_version": "2099_0"}, "packages": {}}',
            "lock.json is for wheels of the ABI 2099_0",
        ),
    ]:
        lock.write_text(text)
        with pytest.raises(JsError, match=message):
            fresh(options=f"{{ lockFileURL: {str(lock)!r} }}")
    with pytest.raises(JsError, match=r"gone\.json does not exist"):
        fresh(options=f"{{ lockFileURL: {str(tmp_path / 'gone.json')!r} }}")


@pytest.mark.spec("5.1/5")
def test_notes_on_imports(fresh: Fresh, tmp_path: Path) -> None:
    """A failed import says, once, which package has the module, or that the module was removed."""
    a, unvendored = put(tmp_path, ("a-package", []), ("tk", []))
    a["imports"], unvendored["imports"] = ["a_module"], ["tkinter"]
    rt = fresh(options=options(tmp_path, a, unvendored))
    body = "try { pyodide.runPython(code); } catch (e) { return e.message; }"
    message = rt.js(body, code="import a_module.inner")
    assert message.count("is included in the Pyodide distribution, but it is not installed.") == 1
    assert 'await micropip.install("a-package") in Python' in message
    assert 'await pyodide.loadPackage("a-package") in JavaScript' in message
    twice = """
try:
    import a_module
except ImportError as error:
    kept = error
try:
    raise kept
except ImportError as error:
    raise error
"""
    assert rt.js(body, code=twice).count("is included in") == 1
    assert "is unvendored from the Python standard library" in rt.js(body, code="import tkinter")
    assert "is removed from the Python standard library" in rt.js(body, code="import curses")
    assert "\nThe module" not in rt.js(body, code="import never_heard_of")


def test_the_console_loads_what_it_imports(fresh: Fresh, tmp_path: Path) -> None:
    """`PyodideConsole` loads packages before it runs a statement; a package that cannot be had is the statement's error."""
    good, bad = put(tmp_path, ("good", []), ("bad", []))
    rt = fresh(options=options(tmp_path, good, {**bad, "sha256": "00" * 32}))
    code = """
        from pyodide.console import PyodideConsole
        console = PyodideConsole()
        first = await console.push("import good; good.version")
        try:
            await console.push("import bad")
        except Exception as error:
            second = str(error)
        [first, second, await console.push("1 + 1")]
    """
    first, second, third = rt.js(
        "const r = await pyodide.runPythonAsync(code); return h.isPyProxy(r) ? r.toJs() : r",
        code=code,
    )
    assert (first, third) == ("1.0", 2)
    assert "Cannot load package 'bad'" in second

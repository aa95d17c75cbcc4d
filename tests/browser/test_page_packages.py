"""Packages in pages: published wheels, the distribution's own, micropip; browsers refuse large compilations while a page waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import Browser

from harness import published, published_work
from harness.index import Index, filled
from harness.optional import lock_file
from harness.wasm_library import library
from harness.wheels import FileServer, file_name, wheel_bytes

PAGE = "/plain/pages/module.html"
LOAD = "return (await pyodide.loadPackage(args[0], { messageCallback() {} })).map((p) => p.name)"


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    """An index of packages, from another origin than the page."""
    running = filled()
    yield running
    running.close()


@pytest.fixture(scope="module")
def files() -> Iterator[FileServer]:
    """A server of another origin with the published wheels."""
    running = FileServer()
    for name in [*published.WHEELS, *published.PURE]:
        path = published.wheel(name)
        running.files[f"/{path.name}"] = path.read_bytes()
    yield running
    running.close()


def test_published_wheels_do_real_work(browser: Browser, files: FileServer) -> None:
    """The same wheels and the same work as in Node."""
    browser.start(PAGE)
    names = [source.split("/")[-1] for source in published.sources(published.WHEELS)]
    browser.run(LOAD, [f"{files.origin}/{n}" if n.endswith(".whl") else n for n in names])
    for name, code in published_work.WORK.items():
        assert browser.python(code) is True, name


@pytest.mark.parametrize("prefix", ["plain", "csp"])
def test_packages_of_the_distribution(browser: Browser, prefix: str) -> None:
    """They lie beside the runtime, also for a page that may connect to nothing else and evaluate nothing."""
    browser.start(f"/{prefix}/pages/module.html")
    assert "python-dateutil" in browser.run(LOAD, "python-dateutil")
    assert browser.python("from dateutil import parser\nstr(parser.parse('3 Feb 2024'))") == (
        "2024-02-03 00:00:00"
    )


def test_compiled_packages(browser: Browser) -> None:
    """The small compiled ones: a request goes over the page's own ways when the module ssl is there, too."""
    browser.start(PAGE)
    browser.run(LOAD, ["markupsafe", "pyyaml", "regex", "ssl"])
    got = browser.python(
        """
        import js, regex, ssl, urllib.request, yaml
        from markupsafe import escape
        with urllib.request.urlopen(js.location.href) as response:
            status = response.status
        context = ssl.create_default_context()
        status, str(escape("<")), regex.findall(r"\\p{Lu}", "aB"), yaml.safe_load("[1]"), context.check_hostname
        """
    )
    assert got == [200, "&lt;", ["B"], [1], True]


def test_micropip(browser: Browser, index: Index) -> None:
    """Pure wheels and wheels for this platform, from an index that allows other origins to read it."""
    browser.start(PAGE)
    browser.run(LOAD, "micropip")
    got = browser.python(
        f"""
        import micropip
        await micropip.install(["python-dateutil", "cramjam"], index_urls={index.url!r})
        import cramjam
        from dateutil import parser
        str(parser.parse("3 Feb 2024")), bytes(cramjam.zstd.decompress(cramjam.zstd.compress(b"abc"))).decode()
        """
    )
    assert got == ["2024-02-03 00:00:00", "abc"]
    with pytest.raises(AssertionError, match="Can't fetch metadata for 'not-there'"):
        browser.python(f"await micropip.install('not-there', index_urls={index.url!r})")


def test_a_library_that_is_too_large_to_wait_for(browser: Browser, files: FileServer) -> None:
    """Chromium throws for a synchronous compilation of more than 8 MiB; a package's library is there all the same."""
    content = library({"big": 42}, padding=9 << 20)
    path = f"/{file_name('large')}"
    files.files[path] = wheel_bytes("large", files={"large/big.so": content})
    browser.start(PAGE)
    browser.run(LOAD, files.origin + path)
    folder = "/lib/python3.13/site-packages/large"
    assert browser.python(f"import ctypes\nctypes.CDLL('{folder}/big.so').big()") == 42
    if browser.name == "chromium":
        refused = browser.run(
            "try { new WebAssembly.Module(pyodide.FS.readFile(args[0])); return ''; } catch (e) { return e.message; }",
            f"{folder}/big.so",
        )
        assert "disallowed on the main thread" in refused


def test_damaged_files_are_named(browser: Browser, files: FileServer) -> None:
    """A file with another digest, and one from a server that does not allow reading it."""
    files.files[f"/{file_name('a')}"] = wheel_bytes("a")
    browser.start(PAGE)
    address = f"{files.origin}/{file_name('a')}#sha256={'0' * 64}"
    with pytest.raises(AssertionError, match=r"Cannot load package 'a'.*tampered"):
        browser.run(LOAD, address)
    with pytest.raises(AssertionError, match=r"Cannot load package 'gone'.*404"):
        browser.run(LOAD, f"{files.origin}/{file_name('gone')}")
    assert browser.run("return pyodide.loadedPackages") == {}


def test_numpy(browser: Browser) -> None:
    """The largest package with compiled modules: nothing is compiled while the page waits, and it computes."""
    browser.start(PAGE)
    assert browser.run(LOAD, "numpy") == ["numpy"]
    got = browser.python(
        """
        import js
        import numpy as np
        from pyodide.ffi import to_js

        try:
            np.linalg.inv(np.zeros((2, 2)))
        except np.linalg.LinAlgError as error:
            singular = str(error)
        canvas = js.document.createElement("canvas")
        canvas.width = canvas.height = 2
        context = canvas.getContext("2d")
        pixels = np.array([[[255, 0, 0, 255], [0, 255, 0, 255]]] * 2, dtype=np.uint8)
        image = context.createImageData(2, 2)
        image.data.assign(pixels)
        context.putImageData(image, 0, 0)
        back = np.asarray(context.getImageData(1, 0, 1, 2).data)
        [singular, back.tolist(), np.random.default_rng(42).random(), np.fft.fft([1, 0, 0]).real.tolist(), to_js(pixels).length]
        """
    )
    green = [0, 255, 0, 255]
    assert got == ["Singular matrix", green * 2, 0.7739560485559633, [1, 1, 1], 2]


def test_pandas(browser: Browser) -> None:
    """The folder that `make packages` makes serves pages: dozens of libraries, and a real computation."""
    browser.server.roots["optional"] = lock_file().parent
    browser.open("/plain/pages/empty.html")
    got = browser.run(
        """
        const { loadPyodide } = await import("/plain/dist/pyodide.mjs");
        globalThis.pyodide = await loadPyodide({ lockFileURL: "/plain/optional/pyodide-lock.json", packages: ["pandas"] });
        return Object.keys(pyodide.loadedPackages).sort();
        """
    )
    assert got == ["numpy", "pandas", "python-dateutil", "tzdata"]
    got = browser.python(
        """
        import io
        import pandas as pd
        text = "day,town,rain\\n2024-02-28,A,1.5\\n2024-03-01,A,4\\n2024-03-01,B,2\\n"
        table = pd.read_csv(io.StringIO(text), parse_dates=["day"])
        sums = table.groupby("town")["rain"].sum().to_dict()
        daily = table.set_index("day")["rain"].resample("D").sum().tolist()
        [float(sums["A"]), daily, str(table.day[1].tz_localize("Europe/Berlin"))]
        """
    )
    assert got == [5.5, [1.5, 0, 6], "2024-03-01 00:00:00+01:00"]

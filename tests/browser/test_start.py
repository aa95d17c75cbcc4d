"""Ways to start in a browser: module, classic script, both kinds of worker, strict CSP, wrong MIME type, isolation."""

from __future__ import annotations

import pytest
from browsing import Browser


def test_streaming(browser: Browser) -> None:
    """With the right MIME type WebAssembly is compiled while it downloads."""
    browser.start("/plain/pages/module.html")
    assert browser.run("return compiled") == {"streaming": 1, "bytes": 0}
    assert browser.run("return pyodide.runPython('1 + 1')") == 2


def test_wrong_mime(browser: Browser) -> None:
    """With a wrong MIME type it starts by way of the bytes."""
    browser.start("/wrongmime/pages/module.html")
    assert browser.run("return compiled") == {"streaming": 0, "bytes": 1}
    assert browser.run("return pyodide.runPython('1 + 1')") == 2


def test_only_its_own_files(browser: Browser) -> None:
    """Each file of the runtime is fetched once, and nothing from elsewhere."""
    browser.start("/plain/pages/module.html")
    fetched = [path for path in browser.server.requests if path.startswith("/plain/dist/")]
    assert sorted(set(fetched)) == sorted(fetched)
    assert {path.rsplit("/", 1)[1] for path in fetched} >= {
        "pyodide.asm.mjs",
        "pyodide.asm.wasm",
        "python_stdlib.zip",
    }
    entries = browser.run(
        "return performance.getEntriesByType('resource').map((e) => new URL(e.name).origin)"
    )
    assert set(entries) == {browser.server.origin}


@pytest.mark.parametrize("mode", ["native", "proxy"])
def test_strict_csp(browser: Browser, mode: str) -> None:
    """Under a policy without 'unsafe-eval' everything that needs no eval works, callables too."""
    browser.start(f"/csp/pages/module.html?mode={mode}")
    assert browser.run("return evalRefused") is True
    got = browser.run(
        """
        const f = pyodide.runPython("def f(x, *, y=1): return x + y\\nf");
        const r = [f(1), f.callKwargs(1, { y: 5 }), typeof f, pyodide.runPython("import js\\njs.Math.max(*[1, 3])"), f.name];
        f.destroy();
        return r;
        """
    )
    assert got == [2, 6, "function", 3, None]
    assert "Content Security Policy" not in browser.console()


def test_isolated(browser: Browser) -> None:
    """A cross-origin isolated page works too."""
    browser.start("/isolated/pages/module.html")
    assert browser.run("return [crossOriginIsolated, pyodide.runPython('1 + 1')]") == [True, 2]


@pytest.mark.parametrize("prefix", ["plain", "csp"])
def test_classic_script(browser: Browser, prefix: str) -> None:
    """`pyodide.js` as a classic script gives the global loadPyodide."""
    browser.start(f"/{prefix}/pages/classic.html")
    assert browser.run("return [pyodide.runPython('1 + 1'), compiled]") == [
        2,
        {"streaming": 1, "bytes": 0},
    ]


ASK = """
    const worker = new Worker(args[0], args[1] ? { type: "module" } : {});
    const ask = (code) => new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message ?? "the worker could not be loaded"));
        worker.postMessage(code);
    });
    try {
        return [await ask("sum(range(10))"), await ask("[1, [2]]"), await ask("1 / 0"), await ask("import js; js.self == js.globalThis")];
    } finally {
        worker.terminate();
    }
"""


@pytest.mark.parametrize("prefix", ["plain", "csp"])
@pytest.mark.parametrize(("file", "module"), [("worker.mjs", True), ("worker_classic.js", False)])
def test_worker(browser: Browser, prefix: str, file: str, module: bool) -> None:
    """Module workers and classic workers run Python; lists cross to the page as messages."""
    browser.open(f"/{prefix}/pages/empty.html")
    got = browser.run(ASK, file, module)
    assert got[0] == {"result": 45}
    assert got[1] == {"result": [1, [2]]}
    assert "ZeroDivisionError" in got[2]["error"]
    assert got[3] == {"result": True}


@pytest.mark.spec("7.1/18")
def test_two_runtimes_in_a_page(browser: Browser) -> None:
    """A page may hold two runtimes."""
    browser.start("/plain/pages/module.html")
    got = browser.run(
        "const other = await loadPyodide(); other.runPython('x = 2'); pyodide.runPython('x = 1');"
        "return [pyodide.runPython('x'), other.runPython('x')];"
    )
    assert got == [1, 2]


def test_frame_that_goes(browser: Browser) -> None:
    """A page that is closed while it loads a runtime disturbs no other."""
    browser.start("/plain/pages/module.html")
    browser.run(
        """
        const frame = document.createElement("iframe");
        frame.src = "/plain/pages/module.html";
        const loading = new Promise((resolve) => (frame.onload = resolve));
        document.body.append(frame);
        await loading;
        const script = frame.contentDocument.createElement("script");
        script.type = "module";
        script.textContent = `
            import { loadPyodide } from "../dist/pyodide.mjs";
            loadPyodide({ onProgress: () => parent.progressed() });
        `;
        const progress = new Promise((resolve) => (globalThis.progressed = resolve));
        frame.contentDocument.body.append(script);
        await progress;
        frame.remove();
        """
    )
    assert browser.run("return pyodide.runPython('1 + 1')") == 2
    assert browser.run("return (await loadPyodide()).runPython('2 + 2')") == 4


def test_missing_files(browser: Browser) -> None:
    """A wrong indexURL is an error that names file and address."""
    browser.start("/plain/pages/module.html")
    message = browser.run(
        "try { await loadPyodide({ indexURL: '/plain/nowhere/' }); } catch (e) { return e.message; }"
    )
    # The files are asked for at the same time: any of them may be the first to be missed.
    files = ("pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
    assert any(f"/plain/nowhere/{name} cannot be" in message for name in files), message


def test_output_goes_to_the_console(browser: Browser) -> None:
    """print writes to the page's console."""
    browser.start("/plain/pages/module.html")
    browser.console()
    browser.run("pyodide.runPython(\"print('a line of output')\")")
    assert "a line of output" in browser.console()

"""Synchronous HTTP in Node, where a thread fetches while Python waits: `urllib.request`, `http.client`, `pyxhr`.

The checks are those of harness/web_client.py, which the browsers pass as well.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from weakref import WeakSet

import pytest

from harness.errors import PyError
from harness.runtime import Runtime, dist_dir
from harness.ship import checks_in, shipped
from harness.web import WebServer, closed_port

ready: WeakSet[Runtime] = WeakSet()


@pytest.fixture
def client(rt: Runtime, web: WebServer) -> Runtime:
    """The runtime, with the checks in `__main__`. The first request starts the thread; what was imported stays."""
    closed = f"http://127.0.0.1:{closed_port()}/"
    rt.py(shipped("web_client", url=f"{web.origin}/", closed_url=closed))
    if rt not in ready:
        ready.add(rt)
        rt.py("import xmlrpc.client, http.cookiejar")
        rt.py("check_pyxhr(url, 'node'); check_urlopen(url, 'node')")
        rt.py("import gc; gc.collect()")
    return rt


@pytest.mark.spec("6.6/1", "6.6/5")
@pytest.mark.parametrize("check", checks_in("web_client"))
def test_client(client: Runtime, check: str) -> None:
    """Each check, in Node."""
    client.py(f"{check}(url, 'node')")


INTERRUPT = """
    const { Worker } = await import("node:worker_threads");
    const buffer = new Uint8Array(new SharedArrayBuffer(1));
    const code = `
        const { workerData } = require("node:worker_threads");
        fetch(workerData.url).then(() => { workerData.buffer[0] = 2; });
    `;
    const worker = new Worker(code, { eval: true, workerData: { url: `${url}arrived/${key}`, buffer } });
    pyodide.setInterruptBuffer(buffer);
    try {
        const error = h.thrown(() => pyodide.runPython(`urllib.request.urlopen(url + "hold/${key}")`));
        return [error.type, pyodide.runPython("urllib.request.urlopen(url + 'text').status")];
    } finally {
        pyodide.setInterruptBuffer(undefined);
        await worker.terminate();
    }
"""


def test_interrupt(client: Runtime, web: WebServer) -> None:
    """A signal that comes while Python waits is a KeyboardInterrupt, and ends the request."""
    key = f"interrupt-{client.mode}"
    assert client.js(INTERRUPT, url=f"{web.origin}/", key=key) == ["KeyboardInterrupt", 200]
    assert web.gates.outcome(key) == "aborted"


def test_what_is_given_up_is_aborted(client: Runtime, web: WebServer) -> None:
    """Closing a response before its end, and a time-out, close the connection."""
    keys = [f"{client.mode}-{how}-node" for how in ("closed", "late", "slow")]
    client.py(
        """
        closed, late, slow = keys
        with urllib.request.urlopen(url + "drip/" + closed) as response:
            assert response.read(5) == b"first"
        raised(TimeoutError, urllib.request.urlopen, url + "hold/" + late, timeout=0.05)
        with urllib.request.urlopen(url + "drip/" + slow, timeout=0.05) as response:
            raised(TimeoutError, response.read)
        """,
        keys=keys,
    )
    assert [web.gates.outcome(key) for key in keys] == ["aborted"] * 3


def test_tls(
    fresh: Callable[..., Runtime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over TLS the platform checks certificates: a trusted one is taken, any other is a URLError."""
    if shutil.which("openssl") is None:
        pytest.skip(
            "no openssl on PATH; `make test` as root, or `apt-get install openssl`, lets this run"
        )
    certificate = tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(certificate), "-out", str(tmp_path / "out.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*command, *files, *subject], check=True, capture_output=True)
    with certificate.open("a") as file:
        file.write((tmp_path / "out.pem").read_text())
    server = WebServer(certificate)
    code = f"""
        import urllib.error, urllib.request
        try:
            with urllib.request.urlopen({f"{server.origin}/text"!r}) as response:
                got = response.status
        except urllib.error.URLError as error:
            got = str(error.reason)
        got
    """
    try:
        assert "self-signed certificate" in fresh().py(code)
        monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(tmp_path / "out.pem"))
        assert fresh().py(code) == 200
        # The module ssl, when it is there, changes nothing.
        assert fresh(options="{ packages: ['ssl'] }").py(code) == 200
    finally:
        server.close()


def test_process_ends(web: WebServer, tmp_path: Path) -> None:
    """The thread keeps no process alive."""
    program = tmp_path / "program.mjs"
    program.write_text(
        f"""
        import {{ loadPyodide }} from {str(dist_dir() / "pyodide.mjs")!r};
        const pyodide = await loadPyodide();
        console.log(pyodide.runPython("import urllib.request; urllib.request.urlopen('{web.origin}/status/200').status"));
        """
    )
    done = subprocess.run(["node", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("200\n", "")


def test_without_a_way_to_wait(fresh: Callable[..., Runtime]) -> None:
    """Where nothing can wait, the error says what can be done instead."""
    rt = fresh(options="{ jsglobals: { Object } }")
    with pytest.raises(PyError, match=r"Use pyodide\.http\.pyfetch with await") as caught:
        rt.py("import urllib.request; urllib.request.urlopen('http://127.0.0.1/')")
    assert caught.value.type == "RuntimeError"


def test_requests_without_switching(fresh: Callable[..., Runtime]) -> None:
    """urllib3 says what it needs in Node, and the runtime goes on."""
    rt = fresh()
    rt.js("await pyodide.loadPackage('requests', { messageCallback() {} })")
    with pytest.raises(PyError, match=r"only works in Node\.js with pyodide\.runPythonAsync"):
        rt.py("import requests; requests.get('http://127.0.0.1/')")
    assert rt.py("1 + 1") == 2

"""The package ssl: TLS without sockets, which many packages import."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.runtime import Runtime

pytestmark = pytest.mark.modes("native")
Fresh = Callable[..., Runtime]
MESSAGE = "try { pyodide.runPython('import ssl'); } catch (e) { return e.message; }"
HANDSHAKE = """
    import ssl

    def context(protocol):
        made = ssl.SSLContext(protocol)
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        made.set_ciphers("PSK")
        return made

    client, server = context(ssl.PROTOCOL_TLS_CLIENT), context(ssl.PROTOCOL_TLS_SERVER)
    client.set_psk_client_callback(lambda hint: ("me", b"k" * 16))
    server.set_psk_server_callback(lambda name: b"k" * 16 if name == "me" else b"")
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)

    def shake(end):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    rounds = 1
    while not all([shake(end) for end in ends]) and rounds < 9:
        rounds += 1
    ends[0].write(b"hello")
    encrypted = there.read()
    there.write(encrypted)
    (ends[1].read(), b"hello" in encrypted, ends[1].version(), rounds < 9)
"""


def test_loaded_by_name(fresh: Fresh) -> None:
    """Without it the error says how to get it; with it, two ends talk over TLS."""
    rt = fresh(options="{ packages: ['micropip'] }")
    message = rt.js(MESSAGE)
    assert "The module 'ssl' is unvendored from the Python standard library" in message
    assert 'await pyodide.loadPackage("ssl") in JavaScript' in message
    code = "import micropip\nawait micropip.install('ssl')"
    rt.js("await pyodide.runPythonAsync(code)", code=code)
    assert rt.py(HANDSHAKE) == (b"hello", False, "TLSv1.2", True)


def test_found_by_imports(fresh: Fresh) -> None:
    """loadPackagesFromImports finds it; what uses it when it is there, works with it."""
    rt = fresh()
    load = "await pyodide.loadPackagesFromImports('import ssl', { messageCallback() {} })"
    rt.js(load)
    got = rt.py(
        """
        import asyncio.sslproto, http.client, imaplib, poplib, smtplib, ssl, urllib.request
        default = ssl.create_default_context()
        (
            default.verify_mode == ssl.CERT_REQUIRED, ssl.HAS_TLSv1_3, len(ssl.RAND_bytes(8)),
            ssl.get_default_verify_paths().openssl_cafile, hasattr(smtplib, "SMTP_SSL"),
            http.client.HTTPSConnection("localhost").port,
        )
        """
    )
    assert got == (True, True, 8, "/etc/ssl/cert.pem", True, 443)
    refused = """
        try:
            ssl.create_default_context(cadata="no")
        except ssl.SSLError as error:
            text = str(error)
        text
    """
    assert "no start line: cadata does not contain a certificate" in rt.py(refused)

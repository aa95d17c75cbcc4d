"""Checks of synchronous HTTP, run inside the runtime: in Node, in a page, in a worker, and where stacks are switched.

Each function takes the address of a `WebServer` (web.py) and the place, which is "node", "page", "worker" or
"switching", for where the platform shows less than a socket would. The text of this file is sent to the runtime.
"""

import base64
import http.client
import io
import json
import pickle
import socket
import urllib.error
import urllib.parse
import urllib.request
import warnings

closed_url = ""
"""An address where nothing listens; whoever sends this text sets it."""


def raised(kind, function, *args, **kwargs):
    """Call a function that must raise an exception of a kind; that exception."""
    try:
        result = function(*args, **kwargs)
    except kind as error:
        return error
    raise AssertionError(f"{kind} was not raised, but {result!r} returned")


def shows_reasons(place):
    """Tell whether the platform says why there was no answer."""
    import js

    return hasattr(js, "process")


def of_other_origin(url):
    """Tell whether an address is of another origin than the page or worker, if there is one."""
    import js

    return hasattr(js, "location") and not url.startswith(js.location.origin + "/")


def check_urlopen(url, place):
    """`urlopen` gives status, headers, address and body."""
    with urllib.request.urlopen(url + "text") as r:
        assert (r.status, r.reason, r.msg) == (200, "OK", "OK")
        assert r.geturl() == r.url == url + "text"
        assert r.headers["X-Answer"] == r.getheader("x-answer") == "42"
        assert r.headers.get_content_charset() == "utf-8"
        assert r.read() == "né\r\n\0ü €\n".encode()
        assert r.read() == b""
    with urllib.request.urlopen(url + "bytes") as r:
        assert r.read() == bytes(range(256))
    with urllib.request.urlopen(url + "chunked") as r:
        assert (r.read(5), r.read(), r.read()) == (b"one t", b"wo three", b"")
    with urllib.request.urlopen(url + "text") as r:
        assert [*io.TextIOWrapper(r, "utf-8", newline="")] == ["né\r\n", "\0ü €\n"]
    assert urllib.request.urlopen(url + "status/204").read() == b""


def check_requests(url, place):
    """Methods, headers and bodies reach the server; `data` is a form by default."""

    def echo(*args, **kwargs):
        request = urllib.request.Request(url + "echo/p%20q?a=%C3%A9&b=2", *args, **kwargs)
        with urllib.request.urlopen(request) as r:
            seen = json.load(r)
        return seen["method"], base64.b64decode(seen["body"]), seen

    method, body, seen = echo(headers={"X-Mine": "1"})
    assert (method, body) == ("GET", b"")
    assert (seen["path"], seen["query"], seen["headers"]["x-mine"]) == (
        "p q",
        {"a": "é", "b": "2"},
        "1",
    )
    method, body, seen = echo(data=urllib.parse.urlencode({"k": "é"}).encode())
    assert (method, body) == ("POST", b"k=%C3%A9")
    assert seen["headers"]["content-type"] == "application/x-www-form-urlencoded"
    for method in ("PUT", "DELETE", "PATCH"):
        assert echo(data=bytes(range(256)), method=method)[:2] == (method, bytes(range(256)))
    assert echo(data=io.BytesIO(b"of a file"), method="PUT")[1] == b"of a file"
    assert (
        echo(data=(part for part in (b"of ", b"a generator")), method="PUT")[1] == b"of a generator"
    )
    method, body, seen = echo(data=b"")
    assert (method, body) == ("POST", b"")
    big = bytes(range(256)) * 4096
    assert echo(data=big)[1] == big


def check_status_errors(url, place):
    """An error status is an HTTPError with headers and body."""
    for status in (404, 418, 500, 503):
        error = raised(urllib.error.HTTPError, urllib.request.urlopen, url + f"status/{status}")
        assert (error.code, error.read()) == (status, f"body of {status}".encode())
        assert error.headers["Content-Type"].startswith("text/plain") and error.url.endswith(
            str(status)
        )
        error.close()
    error = raised(urllib.error.HTTPError, urllib.request.urlopen, url + "status/404/Lost%20it")
    assert error.reason == "Lost it"
    error.close()


def check_redirects(url, place):
    """The final address is known, whoever has followed the redirections."""
    for status in (301, 302, 303, 307, 308):
        with urllib.request.urlopen(url + f"redirect/{status}/2") as r:
            assert (r.status, json.load(r)["path"]) == (200, "arrived")
            assert r.geturl() == url + "echo/arrived"
    with urllib.request.urlopen(url + "redirect/303/1", data=b"form=1") as r:
        assert json.load(r)["method"] == "GET"
    if not shows_reasons(place):
        return
    connection = http.client.HTTPConnection(url.split("/")[2])
    connection.request("GET", "/redirect/302/1")
    response = connection.getresponse()
    assert (response.status, response.headers["Location"]) == (302, "/echo/arrived")
    assert response.read() == b""
    error = raised(urllib.error.HTTPError, urllib.request.urlopen, url + "redirect/302/50")
    assert "infinite loop" in str(error) and error.code == 302
    error.close()


def check_compression(url, place):
    """What the platform has unpacked is not announced as packed."""
    with urllib.request.urlopen(url + "gzip") as r:
        assert r.headers["Content-Encoding"] is None
        assert r.read() == b"unpacked " * 1000


def check_big_bodies(url, place):
    """Large bodies arrive whole, and can be read in pieces."""
    size = 8_000_000
    with urllib.request.urlopen(url + f"big/{size}") as r:
        assert len(r.read()) == size
    with urllib.request.urlopen(url + f"big/{size}") as r:
        start = r.read(1000)
        view = bytearray(2000)
        assert r.readinto(view) == 2000
        rest = sum(len(part) for part in iter(lambda: r.read(100_000), b""))
    assert start == (bytes(range(256)) * 4)[:1000] and len(start) + 2000 + rest == size
    assert bytes(view) == (bytes(range(256)) * 12)[1000:3000]


def check_authentication(url, place):
    """Handlers of urllib answer a demand for authentication."""
    manager = urllib.request.HTTPPasswordMgrWithPriorAuth()
    manager.add_password(None, url, "user", "secret", is_authenticated=True)
    opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))
    with opener.open(url + "auth/user/secret") as r:
        assert r.read() == b"welcome"
    error = raised(urllib.error.HTTPError, urllib.request.urlopen, url + "auth/user/secret")
    assert error.code == 401 and error.headers["WWW-Authenticate"] == 'XBasic realm="test"'
    error.close()


def check_client(url, place):
    """`http.client` by hand: one connection for several requests, HEAD, bodies in parts."""
    connection = http.client.HTTPConnection(url.split("/")[2])
    root = urllib.parse.urlsplit(url).path
    for path in ("status/200", "status/404", "text"):
        connection.request("GET", root + path)
        response = connection.getresponse()
        body = response.read()
        assert body and response.length in (0, None) and response.isclosed()
    connection.request("HEAD", root + "text")
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"")
    connection.putrequest("POST", root + "echo", skip_accept_encoding=True)
    connection.putheader("Content-Length", "6")
    connection.endheaders()
    connection.send(b"abc")
    connection.send(b"def")
    assert base64.b64decode(json.load(connection.getresponse())["body"]) == b"abcdef"
    connection.request(
        "PUT", root + "echo", body=iter([b"ab", b"", b"c" * 70000]), encode_chunked=True
    )
    assert len(base64.b64decode(json.load(connection.getresponse())["body"])) == 70002
    raised(http.client.ResponseNotReady, connection.getresponse)
    connection.putrequest("POST", root + "echo")
    connection.putheader("Content-Length", "2")
    connection.endheaders()
    error = raised(OSError, connection.send, b"abc")
    assert "more data than" in str(error)
    connection.close()
    assert connection.sock is None
    with urllib.request.urlopen(url + "text") as r:
        assert r.status == 200


def check_unsupported(url, place):
    """What the platform cannot do is said, not ignored."""
    host = url.split("/")[2]
    connection = http.client.HTTPConnection("proxy.example", 8080)
    connection.set_tunnel(host)
    assert "tunnels" in str(raised(OSError, connection.request, "GET", "/"))
    connection = http.client.HTTPConnection(host)
    assert "proxy" in str(raised(OSError, connection.request, "GET", url))
    connection = http.client.HTTPConnection(host, source_address=("127.0.0.1", 0))
    raised(OSError, connection.request, "GET", "/")
    connection = http.client.HTTPConnection(host)
    assert "use another method" in str(raised(OSError, connection.request, "GET", "/echo", b"body"))
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"http": "http://127.0.0.1:1"})
    )
    assert "proxy" in str(raised(urllib.error.URLError, opener.open, url))
    raised(urllib.error.URLError, urllib.request.urlopen, "gopher://x")
    raised(http.client.InvalidURL, urllib.request.urlopen, url + "a b\n")


def check_failures(url, place):
    """No answer is a URLError or an exception of `http.client`, and the next request works."""
    from pyodide.http import XHRNetworkError, pyxhr

    error = raised(urllib.error.URLError, urllib.request.urlopen, closed_url)
    assert isinstance(error.reason, ConnectionError)
    raised(urllib.error.URLError, urllib.request.urlopen, closed_url.replace("http:", "https:"))
    error = raised(urllib.error.URLError, urllib.request.urlopen, "http://no-such-host.invalid/")
    if shows_reasons(place):
        assert isinstance(error.reason, socket.gaierror)
        error = raised(urllib.error.URLError, urllib.request.urlopen, closed_url)
        assert isinstance(error.reason, ConnectionRefusedError) and error.reason.errno
        raised(http.client.RemoteDisconnected, urllib.request.urlopen, url + "broken/nothing")
        raised(http.client.BadStatusLine, urllib.request.urlopen, url + "broken/garbage")
    else:
        raised(OSError, urllib.request.urlopen, url + "broken/nothing")

    def read():
        with urllib.request.urlopen(url + "broken/body") as r:
            r.read()

    raised((http.client.IncompleteRead, OSError), read)
    raised(XHRNetworkError, pyxhr.get, url + "broken/body")
    if of_other_origin(url):
        raised(urllib.error.URLError, urllib.request.urlopen, url + "text?nocors=1")
    with urllib.request.urlopen(url + "text") as r:
        assert r.status == 200


def check_timeouts(url, place):
    """An answer that does not come is a TimeoutError; a page that stands still says that it cannot."""
    if place == "page":
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert urllib.request.urlopen(url + "text", timeout=60).status == 200
        assert ["cannot give" in str(w.message) for w in caught] == [True]
        return
    raised(TimeoutError, urllib.request.urlopen, url + f"hold/timeout-{place}", timeout=0.05)
    if place != "worker":
        with urllib.request.urlopen(url + f"drip/timeout-{place}", timeout=0.05) as r:
            assert r.read(10) == b"first half"
            raised(TimeoutError, r.read)
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(0.05)
    try:
        raised(TimeoutError, urllib.request.urlopen, url + f"hold/default-{place}")
    finally:
        socket.setdefaulttimeout(before)
    assert urllib.request.urlopen(url + "text", timeout=60).status == 200


def check_streaming(url, place):
    """Where the platform lets it, the beginning of a body is there before its end."""
    if place in ("page", "worker"):
        return
    key = f"stream-{place}"
    with urllib.request.urlopen(url + "drip/" + key) as r:
        assert r.read(10) == b"first half"
        urllib.request.urlopen(url + "release/" + key)
        assert r.read() == b"other half"
    with urllib.request.urlopen(url + "drip/closed-" + place) as r:
        assert r.read(5) == b"first"
    assert urllib.request.urlopen(url + "text").status == 200


def check_cookies(url, place):
    """A cookie jar works in Node; browsers keep cookies to themselves."""
    import http.cookiejar

    if not shows_reasons(place):
        return
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    assert opener.open(url + "cookie").read() == b""
    assert [cookie.value for cookie in jar] == ["vanilla"]
    assert opener.open(url + "cookie").read() == b"flavour=vanilla"


def check_pyxhr(url, place):
    """The functions of `pyxhr`, its responses and its exceptions."""
    from pyodide.http import HttpStatusError, XHRError, XHRNetworkError, pyxhr

    r = pyxhr.get(url + "text")
    assert (r.status_code, r.ok, r.url, r.text) == (200, True, url + "text", "né\r\n\0ü €\n")
    assert r.content == r.text.encode() and r.headers["x-answer"] == "42" and r.reason == "OK"
    assert pyxhr.get(url + "bytes").content == bytes(range(256))
    assert pyxhr.get(url + "bytes").text == bytes(range(256)).decode("windows-1252", "replace")
    for method in ("get", "post", "put", "delete", "patch"):
        assert getattr(pyxhr, method)(url + "echo").json()["method"] == method.upper()
    assert (pyxhr.head(url + "echo").content, pyxhr.head(url + "echo").status_code) == (b"", 200)
    assert pyxhr.options(url + "echo").status_code in (200, 204)
    seen = pyxhr.get(url + "echo?x=1#part", params={"a": ["1", "2"], "b": None, "c": "é"}).json()
    assert seen["query"] == {"x": "1", "a": "2", "c": "é"}

    def sent(**options):
        seen = pyxhr.post(url + "echo", **options).json()
        return base64.b64decode(seen["body"]), seen["headers"].get("content-type", "").lower()

    assert sent(data={"a": "é"}) == (b"a=%C3%A9", "application/x-www-form-urlencoded")
    assert sent(data="é") == ("é".encode(), "text/plain;charset=utf-8")
    assert sent(data=b"\0\xff")[0] == b"\0\xff"
    assert sent(json={"a": [1]}) == (b'{"a": [1]}', "application/json")
    assert sent(data="x", headers={"content-type": "text/x"}) == (b"x", "text/x")
    raised(ValueError, sent, data="x", json=1)
    raised(ValueError, pyxhr.get, url + "echo", data="x")
    assert pyxhr.get(url + "auth/user/secret", auth=("user", "secret")).text == "welcome"
    r = pyxhr.get(url + "auth/user/secret")
    assert (r.status_code, r.ok) == (401, False)
    error = raised(HttpStatusError, r.raise_for_status)
    assert str(error) == f"401 Client Error: Unauthorized for url: {url}auth/user/secret"
    pyxhr.get(url + "status/204").raise_for_status()
    assert pyxhr.get(url + "redirect/302/2").url == url + "echo/arrived"
    error = raised(XHRNetworkError, pyxhr.get, closed_url)
    assert isinstance(error, XHRError | ConnectionError) and isinstance(error, OSError)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.code) == (XHRNetworkError, str(error), error.code)
    assert pyxhr.get(url + "gzip").content == b"unpacked " * 1000


def check_open_url(url, place):
    """`open_url` gives a text file."""
    from pyodide.http import open_url

    file = open_url(url + "text")
    assert isinstance(file, io.StringIO) and file.read() == "né\r\n\0ü €\n"
    assert open_url(url + "status/404").read() == "body of 404"
    raised(OSError, open_url, closed_url)


def check_byte_order_marks(url, place):
    """Bodies that begin like text with a byte order mark arrive as they are, or a page says that it cannot tell."""
    from pyodide.http import XHRError, open_url, pyxhr

    def given(body):
        return url + "given/" + base64.b64encode(body).decode().replace("/", "%2F")

    for body in (b"\xef\xbb\xbfabc", "\ufeffé".encode()):
        assert pyxhr.get(given(body)).content == body
    for body in ("\ufeffé€".encode("utf-16-le"), b"\xfe\xff\0a", b"\xff\xfe", b"\xef\xbb\xbf\xff"):
        if place == "page":
            error = raised(XHRError, pyxhr.get, given(body))
            assert "byte order mark" in str(error)
            raised(urllib.error.URLError, urllib.request.urlopen, given(body))
        else:
            assert urllib.request.urlopen(given(body)).read() == body
    assert open_url(given("\ufeffé€".encode())).read() == "é€"


def check_xmlrpc(url, place):
    """What is built on `http.client` works: the standard library's XML-RPC."""
    import xmlrpc.client

    with xmlrpc.client.ServerProxy(url + "xmlrpc") as server:
        assert server.add(1, 2) == 3

"""Checks of the packages requests and urllib3, as they are on the index, run inside the runtime.

Like those of web_client.py, of which they use `raised`, `closed_url` and `shows_reasons`: each takes the address of a
`WebServer` and the place: "page", "worker", "streaming" (a worker that may share memory) or "switching".
"""

import base64
import io

import requests
import urllib3

import js
from harness.web_client import closed_url, raised, shows_reasons


def hides_failures(place):
    """Tell whether urllib3 takes no answer for one of status 0: in Firefox's workers, where nothing is thrown."""
    return place in ("worker", "streaming") and "Firefox" in js.navigator.userAgent


def check_get(url, place):
    """Status, headers, address and body; a query; headers."""
    r = requests.get(url + "text")
    assert (r.status_code, r.ok) == (200, True) and r.headers["X-Answer"] == "42"
    assert (
        r.content == "né\r\n\0ü €\n".encode()
        and r.text == "né\r\n\0ü €\n"
        and r.url == url + "text"
    )
    assert requests.get(url + "bytes").content == bytes(range(256))
    seen = requests.get(url + "echo", params={"a": "é", "b": 1}, headers={"X-Mine": "1"}).json()
    assert (seen["query"], seen["headers"]["x-mine"]) == ({"a": "é", "b": "1"}, "1")
    assert requests.get(url + "gzip").content == b"unpacked " * 1000
    assert len(requests.get(url + "big/3000000").content) == 3_000_000
    assert requests.get(url + "chunked").text == "one two three"


def check_post(url, place):
    """Forms, JSON, files, bytes, and the other methods."""

    def sent(method="POST", **options):
        seen = requests.request(method, url + "echo", **options).json()
        return (
            seen["method"],
            base64.b64decode(seen["body"]),
            seen["headers"].get("content-type", ""),
        )

    assert sent(data={"a": "é"})[1:] == (b"a=%C3%A9", "application/x-www-form-urlencoded")
    assert sent(json={"a": [1]})[1:] == (b'{"a": [1]}', "application/json")
    assert sent(data=bytes(range(256)))[1] == bytes(range(256))
    _, body, kind = sent(files={"part": ("name.txt", io.BytesIO(b"content"))})
    assert kind.startswith("multipart/form-data; boundary=") and b'filename="name.txt"' in body
    for method in ("PUT", "DELETE", "PATCH"):
        assert sent(method, data="x")[:2] == (method, b"x")
    if place == "streaming":
        # urllib3's worker reads the body of every response, also where there is none.
        return
    assert requests.head(url + "text").content == b""
    assert requests.delete(url + "status/204").status_code == 204


def check_errors(url, place):
    """Error statuses, no answer, and the next request."""
    r = requests.get(url + "status/404")
    assert not r.ok and "404 Client Error" in str(raised(requests.HTTPError, r.raise_for_status))
    if not hides_failures(place):
        raised(requests.ConnectionError, requests.get, closed_url)
        raised(requests.ConnectionError, requests.get, "http://no-such-host.invalid/")
    raised(requests.exceptions.JSONDecodeError, requests.get(url + "text").json)
    raised(requests.exceptions.MissingSchema, requests.get, "no-address")
    assert requests.get(url + "text").status_code == 200


def check_redirects(url, place):
    """Redirections are followed; browsers hide them."""
    r = requests.get(url + "redirect/302/2")
    assert (r.status_code, r.json()["path"]) == (200, "arrived")
    if shows_reasons(place):
        assert [each.status_code for each in r.history] == [302, 302]
        assert requests.get(url + "redirect/302/1", allow_redirects=False).status_code == 302


def check_authentication(url, place):
    """Basic authentication, for one request and for a session."""
    assert requests.get(url + "auth/user/secret", auth=("user", "secret")).text == "welcome"
    assert requests.get(url + "auth/user/secret").status_code == 401
    with requests.Session() as session:
        session.auth = ("user", "secret")
        session.headers["X-Mine"] = "session"
        assert session.get(url + "auth/user/secret").text == "welcome"
        assert session.get(url + "echo").json()["headers"]["x-mine"] == "session"


def check_timeouts(url, place):
    """An answer that does not come is a Timeout, where there can be one."""
    if place != "page":
        # What urllib3 raises in this environment is to requests an error of the connection.
        kinds = (requests.Timeout, requests.ConnectionError)
        error = raised(kinds, requests.get, url + f"hold/requests-{place}", timeout=0.05)
        assert "timed out" in str(error).lower() or "timeout" in repr(error).lower()
    assert requests.get(url + "text", timeout=60).status_code == 200


def check_streaming(url, place):
    """A body in parts, which come as they are sent where the platform lets them."""
    parts = [*requests.get(url + "big/300000", stream=True).iter_content(100_000)]
    assert sum(map(len, parts)) == 300_000 and max(map(len, parts)) <= 100_000
    if place in ("streaming", "switching"):
        key = f"requests-stream-{place}"
        r = requests.get(url + "drip/" + key, stream=True)
        parts = r.iter_content(10)
        assert next(parts) == b"first half"
        assert requests.get(url + "release/" + key).status_code == 200
        assert b"".join(parts) == b"other half"


def check_urllib3(url, place):
    """urllib3 by itself: pools, retries, `request`, reading in parts."""
    r = urllib3.request("POST", url + "echo", json={"a": 1})
    assert base64.b64decode(r.json()["body"]) == b'{"a":1}' and r.status == 200
    pool = urllib3.PoolManager(retries=urllib3.Retry(2, redirect=5))
    assert pool.request("GET", url + "text").data == "né\r\n\0ü €\n".encode()
    r = pool.request("GET", url + "text", preload_content=False)
    assert r.read(3) + b"".join(r.stream(2)) == "né\r\n\0ü €\n".encode()
    if not hides_failures(place):
        raised(urllib3.exceptions.MaxRetryError, pool.request, "GET", closed_url)
        raised(urllib3.exceptions.HTTPError, pool.request, "GET", closed_url, retries=False)

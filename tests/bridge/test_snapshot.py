"""Starting from a memory snapshot: what must be new at each start, when it is not used, and making one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import JsError
from harness.runtime import Runtime, dist_dir

Fresh = Callable[..., Runtime]
NAME = "pyodide.snapshot.bin"
# A start without it has no use for this module.
IS_USED = "import sys\n'_pyodide._snapshot' in sys.modules"
PRELUDE = """
    const { loadPyodide } = await import(url);
    const begin = (options = {}) => loadPyodide({ conversion: mode, ...options });
    const caught = async (f) => { try { await f(); } catch (e) { return [e.name, e.message]; } };
"""


@pytest.fixture
def js(fresh: Fresh) -> Callable[..., Any]:
    """Run JavaScript with `begin(options)`, which starts another interpreter."""
    rt = fresh()

    def run(body: str) -> Any:
        url = (dist_dir() / "pyodide.mjs").as_uri()
        return rt.js(PRELUDE + body, url=url, mode=rt.mode)

    return run


def test_is_used(fresh: Fresh) -> None:
    """A start without special options is from the snapshot."""
    assert fresh().py(IS_USED) is True


@pytest.mark.parametrize(
    "options",
    [
        "{ snapshot: false }",
        "{ args: ['-c', 'pass'] }",
        "{ env: { PYTHONDONTWRITEBYTECODE: 1 } }",
        "{ fsInit() {} }",
        "{ stdLibURL: '%s' }",
    ],
)
def test_is_not_used(fresh: Fresh, options: str) -> None:
    """What Python looks at while it starts takes effect, so there is a start."""
    rt = fresh(options=options.replace("%s", str(dist_dir() / "python_stdlib.zip")))
    assert rt.py(IS_USED) is False


def test_both_starts_are_alike(fresh: Fresh) -> None:
    """The interpreter is the same with and without the snapshot."""
    look = """
        import os, sys, time
        from _pyodide_core import js_flags
        names = ("path", "argv", "orig_argv", "prefix", "exec_prefix", "executable", "warnoptions", "path_hooks")
        (dict(os.environ), os.getcwd(), [str(getattr(sys, n)) for n in names], time.tzname, time.timezone, time.altzone, time.daylight,
            sys.stdout.line_buffering, sys.stdin.encoding, sys.getrecursionlimit(), os.listdir("/"), os.listdir("/lib"), len(js_flags),
            [type(f).__name__ for f in sys.meta_path], sorted(vars(sys.modules["__main__"])))
    """.replace("\n        ", "\n").strip()
    kinds = [fresh(options=o).py(look) for o in ("{}", "{ snapshot: false }")]
    assert kinds[0] == kinds[1]


def test_environment(fresh: Fresh) -> None:
    """The environment and the home folder are those of the start; variables of the build are gone."""
    rt = fresh(options="{ env: { HOME: '/home/me', MINE: 'x\\u00e9', LANG: 'de_DE.UTF-8' } }")
    got = rt.py(
        "import os\n(os.getcwd(), os.environ['HOME'], os.getenv('MINE'), os.environ['LANG'], 'PYTHONHASHSEED' in os.environ,"
        " os.path.expanduser('~'))"
    )
    assert got == ("/home/me", "/home/me", "x\u00e9", "de_DE.UTF-8", False, "/home/me")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Sydney", "Asia/Kolkata", "UTC"])
def test_time_zone(fresh: Fresh, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """The time zone is that of the start."""
    look = "import time\n(time.tzname, time.timezone, time.altzone, time.daylight, time.localtime(1.7e9).tm_hour, time.localtime(1.72e9).tm_zone)"
    monkeypatch.setenv("TZ", zone)
    kinds = []
    for options in ("{}", "{ snapshot: false }"):
        kinds.append(fresh(options=options).py(look))
    assert kinds[0] == kinds[1]


def test_hashes(js: Callable[..., Any]) -> None:
    """Hashes of strings are new at each start, and everything is found where they say, all the same."""
    got = js(
        """
        const look = `
        import gc, sys
        seen, pending, lost = set(), gc.get_objects(), []
        while pending:
            obj = pending.pop()
            if id(obj) in seen: continue
            seen.add(id(obj))
            if isinstance(obj, dict | set | frozenset) and type(obj).__contains__ in (dict.__contains__, set.__contains__, frozenset.__contains__):
                lost += [repr(key)[:80] for key in list(obj) if key not in obj]
                # An equal string that is not the same one must be found as well.
                lost += [key for key in list(obj) if type(key) is str and len(key) > 1 and (key[:1] + key[1:]) not in obj]
            pending += gc.get_referents(obj)
        lost += [name for name in list(sys.modules) if sys.intern(name[:1] + name[1:]) != name]
        for name in ["join", "__init__", "append"]:
            if sys.intern(name[:1] + name[1:]) is not sys.intern(name): lost.append(name)
        import asyncio, collections, dataclasses, decimal, json, re, typing, zlib, _struct
        f"{hash('text')} {hash(b'bytes')} {hash(frozenset(['a']))} {lost}"
        `.replaceAll("\\n        ", "\\n");
        const r = [];
        for (let i = 0; i < 8; i++) r.push((await begin()).runPython(look));
        return r;
        """
    )
    hashes = {number for text in got for number in text.split(" ", 3)[:3]}
    assert len(hashes) == 3 * len(got)
    assert {text.split(" ", 3)[3] for text in got} == {"[]"}


def test_maker_goes_on(js: Callable[..., Any]) -> None:
    """The interpreter that a snapshot with new hashes was made of keeps its own."""
    got = js(
        """
        const first = await begin({ _makeSnapshot: true });
        first.runPython("d = {('a', 'b' + str(1)): 1, 'c' * 3: 2}; before = hash('x' * 3), d['c' * 3]");
        const image = first.makeMemorySnapshot({ _renewHashes: true });
        const second = await begin({ _loadSnapshot: image });
        const look = "d[('a', 'b' + str(1))], d['c' * 3], before == (hash('x' * 3), d['c' * 3])";
        return [first, second].map((p) => p.runPython(`str((${look}))`));
        """
    )
    assert got == ["(1, 2, True)", "(1, 2, False)"]


def test_random_numbers(js: Callable[..., Any]) -> None:
    """Two starts give different random numbers, also when the snapshot had the module `random`."""
    got = js(
        """
        const first = await begin({ _makeSnapshot: true });
        first.runPython("import random, os, uuid");
        const image = first.makeMemorySnapshot();
        const texts = [];
        for (const options of [{}, {}, { _loadSnapshot: image }, { _loadSnapshot: image }]) {
            const p = await begin(options);
            texts.push(p.runPython("import random, os, uuid; f'{random.random()} {os.urandom(4)} {uuid.uuid4()}'"));
        }
        return new Set(texts.flatMap((text) => text.split(" "))).size;
        """
    )
    assert got == 12


def test_missing(fresh: Fresh, tmp_path: Path) -> None:
    """Without the file, or with a server's page in its place, Python starts all the same."""
    dist = tmp_path / "dist"
    shutil.copytree(dist_dir(), dist, ignore=shutil.ignore_patterns("*.whl", "program", NAME))
    assert fresh(dist=dist).py(IS_USED) is False
    (dist / NAME).write_text("<!DOCTYPE html><title>404</title>")
    assert fresh(dist=dist).py(IS_USED) is False


def test_of_another_build(fresh: Fresh, tmp_path: Path) -> None:
    """A snapshot of another build is an error that says what to do."""
    dist = tmp_path / "dist"
    shutil.copytree(dist_dir(), dist, ignore=shutil.ignore_patterns("*.whl", "program"))
    image = (dist / NAME).read_bytes()
    start = image.index(b'"build":"') + 9
    (dist / NAME).write_bytes(image[:start] + b"#" + image[start + 1 :])
    with pytest.raises(JsError) as caught:
        fresh(dist=dist)
    assert NAME in caught.value.message
    assert "another build" in caught.value.message


@pytest.mark.spec("7.1/17", "7.2/21")
def test_make(js: Callable[..., Any]) -> None:
    """A snapshot has variables and modules; both the old and the new interpreter work on, apart."""
    got = js(
        """
        const first = await begin({ _makeSnapshot: true });
        first.runPython("import json, csv; x = {'a': [1, 2]}; big = bytes(50_000_000); from js import Object; del Object");
        const image = first.makeMemorySnapshot();
        const second = await begin({ _loadSnapshot: image });
        const third = await begin({ _loadSnapshot: image.buffer });
        second.runPython("x['b'] = json.dumps({'c': 1})");
        first.runPython("x['z'] = 1");
        const r = [];
        for (const p of [first, second, third]) {
            r.push(p.runPython("import sys, js; f\\"{sorted(x)} {'csv' in sys.modules} {len(big)} {js.Object.new(a=3).a}\\""));
        }
        const late = await second.runPythonAsync("import asyncio\\nawait asyncio.sleep(0.001)\\n'awaited'");
        return [r, late, image instanceof Uint8Array];
        """
    )
    texts, late, is_bytes = got
    assert texts == [
        "['a', 'z'] True 50000000 3",
        "['a', 'b'] True 50000000 3",
        "['a'] True 50000000 3",
    ]
    assert (late, is_bytes) == ("awaited", True)


def test_make_with_shapes(js: Callable[..., Any]) -> None:
    """Keys that records had before, in either direction, are not taken for those that they have after."""
    got = js(
        """
        const use = (p, text) => {
            const records = Array.from({ length: 5 }, (_, i) => Object.fromEntries(Array.from(text, (c, k) => [c, [i, k]])));
            const list = p.toPy(records);
            const r = JSON.stringify(list.toJs()) === JSON.stringify(records) && p.runPython("str")(list) === p.runPython("str")(p.toPy(records));
            return `${r} ${p.runPython("lambda x: list(x[3])")(list)}`;
        };
        const first = await begin({ _makeSnapshot: true });
        for (const text of ["abc", "abc", "de"]) use(first, text);
        const image = first.makeMemorySnapshot();
        const second = await begin({ _loadSnapshot: image });
        return [first, second].flatMap((p) => ["xyz", "uv", "abc", "xyz", "de"].map((text) => use(p, text)));
        """
    )
    assert got == ["true x,y,z", "true u,v", "true a,b,c", "true x,y,z", "true d,e"] * 2


def test_make_with_event_loop(js: Callable[..., Any]) -> None:
    """asyncio may be in a snapshot; each interpreter has an event loop of its own."""
    got = js(
        """
        const first = await begin({ _makeSnapshot: true });
        await first.runPythonAsync("import asyncio\\nawait asyncio.sleep(0)");
        const image = first.makeMemorySnapshot();
        first.runPython("handle = asyncio.get_running_loop().call_later(60, print)");
        const [, busy] = await caught(() => first.makeMemorySnapshot());
        first.runPython("handle.cancel()");
        const second = await begin({ _loadSnapshot: image });
        const wait = "await asyncio.sleep(0.001)\\ntype(asyncio.get_running_loop()).__name__";
        return [await first.runPythonAsync(wait), await second.runPythonAsync(wait), busy.includes("timers")];
        """
    )
    assert got == ["WebLoop", "WebLoop", True]


def test_wrong_uses(js: Callable[..., Any]) -> None:
    """What cannot be in a snapshot is named; afterwards the interpreter works, and can be copied."""
    got = js(
        """
        const plain = await begin();
        const first = await begin({ _makeSnapshot: true });
        first.runPython("import js; kept = js.Object.new()");
        const r = [await caught(() => plain.makeMemorySnapshot()), await caught(() => first.makeMemorySnapshot())];
        first.runPython("del kept, js");
        const image = first.makeMemorySnapshot();
        r.push(first.runPython("import js; js.Object.new(a=1).a"));
        r.push(await caught(() => begin({ _loadSnapshot: image.subarray(0, -1) })), await caught(() => begin({ _loadSnapshot: new Uint8Array(9) })));
        r.push(await caught(() => begin({ _loadSnapshot: "x" })), await caught(() => begin({ _loadSnapshot: image, _makeSnapshot: true })));
        return r;
        """
    )
    plain, kept, works, short, other, text, both = got
    assert plain[0] == "Error" and "_makeSnapshot" in plain[1]
    assert kept[0] == "Error" and "2 JavaScript objects" in kept[1]
    assert works == 1
    assert "damaged" in short[1] and "damaged" in other[1]
    assert text[0] == "TypeError" and "Uint8Array" in text[1]
    assert "both" in both[1]


def test_shared_libraries(js: Callable[..., Any]) -> None:
    """A loaded shared library is named."""
    got = js(
        """
        const first = await begin({ _makeSnapshot: true });
        await first.loadPackage("numpy", { messageCallback() {} });
        first.runPython("import numpy");
        return await caught(() => first.makeMemorySnapshot());
        """
    )
    assert got[0] == "Error"
    assert "shared libraries" in got[1] and "numpy" in got[1]

"""A corpus of strings that break programs: each crosses both ways unchanged, as value, key, attribute and inside containers."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

CORPUS = {
    "words that mean something": [
        "undefined", "null", "None", "true", "True", "NaN", "Infinity", "-0", "0x10", "1e3", "1n", "0.1", "007", "--1",
        "__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "then", "length", "name", "$",
        "$$", "_", "__class__", "__dict__", "__name__", "this", "self", "arguments", "eval", "yield", "await", "class",
        "destroy", "type", "copy", "toJs", "get", "set", "has", "keys", "Symbol.iterator", "[object Object]", "jsnull",
    ],
    "quotes and escapes": [
        "'", '"', "`", "''", '""', "\\", "\\\\", "\\n", "\\u0041", "\\x41", "${x}", "%s", "%n%n", "{0}", "{{}}", "#{x}", "\"'\\\"",
        "</script>", "<!--", "-->", "]]>", "/*", "*/", "//", "'; DROP TABLE x; --", "$(ls)", "`ls`", "&amp;", "\\0",
    ],
    "white space and control": [
        " ", "\t", "\n", "\r\n", "\r", "\v\f", "\x1b[0m", "\x7f", "\x80\x85\x9f", "\xa0", "\xad", "\u1680", "\u180e", "\u2000\u200a",
        "\u200b", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff", "\ufeff\ufeff", "\ufffe", " leading", "trailing ", "a\0b", "\0" * 5,
    ],
    "directions and marks": [
        "\u202e\u202drtl", "\u0628\u0650\u0633\u0652\u0645", "\u05d0\u05d1 abc \u05d2", "e\u0301", "\u00e9", "Z\u0351\u036b\u0343\u0367\u036f\u0308",
        "\u1112\u1161\u11ab", "\u0e2a\u0e27\u0e31\u0e2a", "\u0915\u094d\u0937", "\u2066\u2067\u2068\u2069", "\u034f\u200c\u200d\u2060", "\u00df \u1e9e \u0130 \u0131 \ufb01",
    ],
    "planes": [
        "\u4e2d\u6587", "\u3042\u30a2", "\u65e5\u672c\u8a9e", "\U00020000\U0002fa1d", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea",
        "\U0001f44d\U0001f3fd", "1\ufe0f\u20e3", "\U0001d518\U0001d52b", "\U000e0001\U000e007f", "\U0010ffff", "\U0010fffe", "\uffff", "\ufdd0", "\ue000", "\U000f0000",
    ],
    "lone surrogates": [
        "\ud800", "\udbff", "\udc00", "\udfff", "a\ud800", "\udc00b", "\ud800\ud800", "\udc00\udc00", "\udc0d\ud83d", "\ud83d \udc0d", "\ud800\U0001f40d", "\U0001f40d\udc00",
        "\ud83d\U0010ffff\udc0d", "x" * 300 + "\ud83d", "\udc0d" + "\u4e2d" * 300,
    ],
    "lengths": ["a" * 255, "a" * 256, "\xff" * 1023, "\u0100" * 4096, "\U0001f40d" * 1025, "ab\0" * 999, "'" * 2049],
}  # fmt: skip


@pytest.mark.spec("1.3/1", "1.3/2", "2.1/1", "2.3/1", "13.1/11", "13.1/13")
@pytest.mark.parametrize("group", CORPUS)
def test_from_python(rt: Runtime, group: str) -> None:
    """Python gets back what it has sent, in every place, and JavaScript sees the same UTF-16 units."""
    rt.js(
        """
        globalThis.same = (x) => x;
        globalThis.units = (s) => Array.from({ length: s.length }, (_, i) => s.charCodeAt(i)).join();
        globalThis.keyOf = (o) => Reflect.ownKeys(o).filter((k) => typeof k === "string")[0];
        """
    )
    got = rt.py(
        """
        import js
        from pyodide.ffi import to_js
        def units(s):
            data = s.encode("utf-16-le", "surrogatepass")
            return ",".join(str(data[i] | data[i + 1] << 8) for i in range(0, len(data), 2))
        def keep(value, convert, cache): return value
        wrong = []
        # An object with an own property of this name is taken for an instance of a class.
        stays = {"constructor"}
        for s in corpus:
            m = js.Map.new()
            m[s] = s
            plain = to_js({s: s})
            checks = {
                "value": js.same(s) == s,
                "units": js.units(s) == units(s),
                "list": to_js([s, [s]]).to_py() == [s, [s]],
                "key": js.keyOf(plain) == s,
                "dict": s in stays or plain.to_py() == {s: s},
                "item by item": s in stays or to_js({s: s}, default_converter=keep).to_py(default_converter=keep) == {s: s},
                "set": to_js({s}).to_py() == {s},
                "map": m[s] == s and list(m.keys()) == [s] and s in m,
                "error": str(js.Error.new(s).message) == s,
            }
            wrong += [(s, name) for name, good in checks.items() if not good]
        m = plain = None
        wrong
        """,
        corpus=CORPUS[group],
    )
    assert got == []


@pytest.mark.spec("1.3/1", "1.3/2", "2.1/1", "2.3/3", "13.1/13")
@pytest.mark.parametrize("group", CORPUS)
def test_from_javascript(rt: Runtime, group: str) -> None:
    """JavaScript gets back what it has sent, in every place, and Python sees the code points."""
    rt.py(
        "def same(x): return x\ndef points(s): return ','.join(str(ord(c)) for c in s)\nclass Space: pass\nspace = Space()"
    )
    got = rt.js(
        """
        const [same, points, space] = ["same", "points", "space"].map((n) => pyodide.globals.get(n));
        const d = pyodide.runPython("{}"), wrong = [];
        for (const s of corpus) {
            d.set(s, s);
            space.value = s;
            const list = pyodide.toPy([s, { [s]: s }]), back = list.toJs();
            list.destroy();
            const checks = {
                value: same(s) === s,
                points: points(s) === Array.from(s, (c) => c.codePointAt(0)).join(),
                dict: d.get(s) === s && d.has(s) && !d.has(s + "x"),
                attribute: space.value === s,
                list: back[0] === s && Object.hasOwn(back[1], s) && back[1][s] === s && Object.keys(back[1]).join() === s,
                literal: pyodide.runPython("x", { globals: pyodide.toPy({ x: s }) }) === s,
            };
            wrong.push(...Object.keys(checks).filter((k) => !checks[k]).map((k) => [s, k]));
        }
        for (const p of [same, points, space, d]) p.destroy();
        await h.collect();
        return wrong;
        """,
        corpus=CORPUS[group],
    )
    assert got == []

"""Strings in both directions: all planes, lone surrogates, NUL, byte order mark, every width, great lengths."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

# Lengths around the borders at which implementations switch method: inline, scratch space, long.
LENGTHS = [0, 1, 2, 5, 15, 16, 17, 31, 63, 64, 65, 127, 128, 255, 256, 1023, 1024, 1025, 1200]
LENGTHS += [2047, 2048, 4095, 4096, 4097, 8192, 65535, 65536, 65537]

SAMPLES = {
    "empty": "",
    "ascii": "Hello, world!",
    "latin1": "na\u00efve caf\u00e9 \u00ff",
    "bmp": "\u0416\u4e2d\u6587 \u2028\u2029\uffff",
    "astral": "\U0001f40d\U0001d11e\U0010ffff",
    "mixed": "a\u00e9\u4e2d\U0001f40dz",
    "nul": "a\0b\0\0",
    "nul first": "\0",
    "bom": "\ufeffabc\ufeff",
    "bom only": "\ufeff",
    "bom wide": "\ufeff\U0001f40d",
    "lone high": "\ud83d",
    "lone low": "\udc0d",
    "lone in text": "a\ud83db\udc0dc",
    "reversed pair": "\udc0d\ud83d",
    "lone beside astral": "\ud83d\U0001f40d\udc0d",
    "control": "".join(map(chr, range(32))) + "\x7f\x80\x9f",
    "noncharacters": "\ufdd0\ufffe\uffff\U0001fffe",
    "combining": "e\u0301\u200d\u202e\u0000",
}


def utf16_units(text: str) -> list[int]:
    """The 16-bit units that JavaScript must see for a Python string."""
    data = text.encode("utf-16-le", "surrogatepass")
    return [data[i] | data[i + 1] << 8 for i in range(0, len(data), 2)]


@pytest.mark.spec("1.3/1", "1.3/2")
@pytest.mark.parametrize("name", SAMPLES)
def test_to_js_units(rt: Runtime, name: str) -> None:
    """JavaScript sees exactly the UTF-16 units of the Python string."""
    text = SAMPLES[name]
    rt.js(
        "globalThis.units = (s) => Array.from({length: s.length}, (_, i) => s.charCodeAt(i)).join()"
    )
    rt.py("import js")
    expected = ",".join(map(str, utf16_units(text)))
    assert rt.py("js.units(text)", text=text) == expected


@pytest.mark.spec("2.1/1")
@pytest.mark.parametrize("name", SAMPLES)
def test_to_py_points(rt: Runtime, name: str) -> None:
    """Python sees exactly the code points of the JavaScript string."""
    text = SAMPLES[name]
    rt.py("def points(s): return ','.join(str(ord(c)) for c in s)")
    units = utf16_units(text)
    got = rt.js(
        "const f = pyodide.globals.get('points'); const r = f(String.fromCharCode(...units));"
        "f.destroy(); return r;",
        units=units,
    )
    assert got == ",".join(str(ord(c)) for c in text)


@pytest.mark.parametrize("name", SAMPLES)
def test_as_attribute_and_property_name(rt: Runtime, name: str) -> None:
    """A string is the same when it names a property, an attribute or a dict key."""
    text = SAMPLES[name]
    rt.js("globalThis.object = {}; globalThis.object[text] = 7;", text=text)
    rt.py("import js\nclass A: pass\na = A()")
    assert rt.py("getattr(js.object, text)", text=text) == 7
    rt.py("setattr(a, text, 8)", text=text)
    assert rt.js("return pyodide.globals.get('a')[text]", text=text) == 8
    assert rt.js("return pyodide.globals.get('a')['$' + text]", text=text) == 8


@pytest.mark.parametrize("char", ["a", "\u00e9", "\u4e2d", "\U0001f40d", "\ud83d"])
def test_every_length(rt: Runtime, char: str) -> None:
    """Each width survives at every length around the borders between methods, both ways."""
    rt.js("globalThis.same = (s) => s; globalThis.size = (s) => s.length")
    rt.py("import js")
    units = len(utf16_units(char))
    for length in LENGTHS:
        expected = f"({length * units}, True, True)"
        got = rt.py(
            "s = 'x' * (n // 2) + c * (n - n // 2)\nt = c * n\n"
            "repr((js.size(t), js.same(s) == s, js.same(t) == t))",
            n=length,
            c=char,
        )
        assert got == expected, length


@pytest.mark.spec("1.3/1", "13.1/10")
def test_surrogates_that_form_a_pair_join(rt: Runtime) -> None:
    """Two surrogate code points in a row are the only string that does not come back as it was."""
    rt.js("globalThis.same = (s) => s")
    got = rt.py("import js\n[js.same(chr(0xd83d) + chr(0xdc0d)) == '\U0001f40d']")
    assert got == [True]


@pytest.mark.spec("13.1/12")
@pytest.mark.parametrize("char", ["a", "\u00e9", "\u4e2d", "\U0001f40d"])
def test_million_characters(rt: Runtime, char: str) -> None:
    """2**20 characters of each storage width cross both ways unchanged."""
    rt.js("globalThis.same = (s) => s; globalThis.size = (s) => s.length")
    rt.py("import js")
    got = rt.py("s = c * 2**20\n(js.same(s) == s, js.size(s))", c=char)
    assert got == (True, 2**20 * len(utf16_units(char)))


@pytest.mark.spec("1.3/2")
@pytest.mark.parametrize("char", ["a", "\u4e2d"])
def test_fifty_megabytes(rt: Runtime, char: str) -> None:
    """A string of 50 MB crosses both ways, and its memory can be used again."""
    rt.js(
        "globalThis.same = (s) => s;"
        "globalThis.size = (s) => `${s.length} ${s.charCodeAt(0)} ${s.charCodeAt(s.length - 1)}`"
    )
    rt.py("import js")
    code = """
        count = 50 * 2**20 // len(c.encode('utf-16-le')) if c > 'z' else 50 * 2**20
        text = 'x' + c * (count - 2) + 'y'
        size = js.size(text)
        back = js.same(text)
        same = back == text
        del text, back
        (size == f'{count} 120 121', same)
    """
    for _ in range(2):
        assert rt.py(code, c=char) == (True, True)


def test_many_strings_in_one_call(rt: Runtime) -> None:
    """Arguments of one call do not overwrite one another, whatever their total length."""
    rt.js("globalThis.lengths = (...args) => args.map((s) => s.length + s[0]).join()")
    rt.py("import js")
    for size in (3, 300, 3000, 70000):
        got = rt.py(
            "args = [chr(97 + i) * (n + i) for i in range(12)]\n"
            "want = ','.join(f'{len(a)}{a[0]}' for a in args)\n"
            "js.lengths(*args) == want",
            n=size,
        )
        assert got is True, size


def test_many_strings_into_python(rt: Runtime) -> None:
    """The same for arguments of a Python function."""
    rt.py("def lengths(*args): return ','.join(f'{len(s)}{s[0]}' for s in args)")
    for size in (3, 300, 3000, 70000):
        got = rt.js(
            """
            const f = pyodide.globals.get("lengths");
            const args = Array.from({length: 12}, (_, i) => String.fromCharCode(97 + i).repeat(n + i));
            const want = args.map((s) => s.length + s[0]).join();
            const got = f(...args);
            f.destroy();
            return got === want;
            """,
            n=size,
        )
        assert got is True, size


@pytest.mark.spec("1.1/7", "13.1/9")
def test_str_subclass_is_primitive(rt: Runtime) -> None:
    """A subclass of str arrives as a primitive string."""
    rt.js("globalThis.kind = (s) => typeof s + s")
    assert rt.py("import js\nclass S(str): pass\njs.kind(S('abc'))") == "stringabc"


def test_python_string_is_canonical(rt: Runtime) -> None:
    """Strings made from JavaScript are stored as narrow as Python's own, so that comparison and hash work."""
    rt.js("globalThis.wide = ('\\u4e2d' + 'abc').slice(1); globalThis.latin = '\\u00e9'")

    @rt.run
    def _() -> None:
        import sys

        import js

        assert js.wide == "abc"
        assert {js.wide: 1}["abc"] == 1
        assert sys.getsizeof(js.wide) == sys.getsizeof("abc")
        assert js.latin.isalpha()
        assert js.latin.encode("latin-1") == b"\xe9"

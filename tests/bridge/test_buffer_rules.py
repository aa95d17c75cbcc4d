"""Buffers in both directions, rule by rule of the specification, with the exporters and buffers that break programs."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from harness.anybuffer import MAKER
from harness.errors import JsError, PyError
from harness.runtime import Runtime

FIELDS = "({ offset: v.offset, strides: [...v.strides], shape: [...v.shape], ndim: v.ndim, nbytes: v.nbytes, itemsize: v.itemsize, format: v.format, flags: [v.readonly, v.c_contiguous, v.f_contiguous] })"


def lend(rt: Runtime, source: str, body: str, type: str | None = None) -> object:
    """Run a body of JavaScript with `v`, what getBuffer gives for the value of an expression; everything is released."""
    rt.py(f"class Box: x = {source}")
    got = rt.js(
        f"""
        const box = pyodide.globals.get("Box"), p = box.getProxy("x");
        box.destroy();
        const v = p.getBuffer(type ?? undefined);
        p.destroy();
        try {{ {body} }} finally {{ v.release(); }}
        """,
        type=type,
    )
    rt.py("Box.x = None")
    return got


@pytest.mark.spec("9.2/1", "9.2/2")
@pytest.mark.parametrize(
    ("letter", "cls"),
    [("b", "Int8Array"), ("B", "Uint8Array"), ("c", "Uint8Array"), ("p", "Uint8Array"), ("s", "Uint8Array"), ("?", "Uint8Array"), ("h", "Int16Array"), ("H", "Uint16Array"),
     ("i", "Int32Array"), ("l", "Int32Array"), ("n", "Int32Array"), ("I", "Uint32Array"), ("L", "Uint32Array"), ("N", "Uint32Array"), ("P", "Uint32Array"),
     ("q", "BigInt64Array"), ("Q", "BigUint64Array"), ("f", "Float32Array"), ("d", "Float64Array")],
)  # fmt: skip
@pytest.mark.parametrize("order", ["", "@", "=", "<"])
def test_default_types(rt: Runtime, letter: str, cls: str, order: str) -> None:
    """The format chooses the class, with any native byte order."""
    size = struct.calcsize(
        "<" + {"c": "B", "p": "B", "n": "i", "N": "I", "P": "I"}.get(letter, letter)
    )
    rt.py(MAKER)
    got = lend(
        rt,
        f"make(bytes({4 * size}), {order + letter!r}, {size}, [4], [{size}])",
        f"return [v.data.constructor.name, v.data.length, {FIELDS}];",
    )
    fields = {
        "offset": 0,
        "strides": [1],
        "shape": [4],
        "ndim": 1,
        "nbytes": 4 * size,
        "itemsize": size,
        "format": order + letter,
        "flags": [True, True, True],
    }
    assert got == [cls, 4, fields]


@pytest.mark.spec("9.2/1")
def test_types_by_name(rt: Runtime) -> None:
    """A name chooses the class; null means the default; anything else is an Error, inherited names too."""
    names = {"i8": "Int8Array", "u8": "Uint8Array", "u8clamped": "Uint8ClampedArray", "i16": "Int16Array", "u16": "Uint16Array", "i32": "Int32Array", "u32": "Uint32Array",
             "i64": "BigInt64Array", "u64": "BigUint64Array", "f32": "Float32Array", "f64": "Float64Array", "dataview": "DataView"}  # fmt: skip
    for name, cls in names.items():
        assert lend(
            rt,
            "bytearray(16)",
            "return [v.data.constructor.name, v.data.byteLength, v.nbytes];",
            name,
        ) == [cls, 16, 16]
    assert lend(rt, "bytearray(16)", "return v.data.constructor.name;") == "Uint8Array"
    rt.py("b = bytearray(8)")
    got = rt.js(
        """
        const b = pyodide.globals.get("b"), bad = ["", "nope", "U8", "constructor", "toString", "__proto__", 5, {}, "u8 "];
        const r = bad.map((type) => h.thrown(() => b.getBuffer(type)).name);
        const v = b.getBuffer(null);
        r.push(v.data.length);
        v.release();
        b.destroy();
        return r;
        """
    )
    assert got == ["Error"] * 9 + [8]
    rt.py("b.append(1)")


HALF = """
    const read = (type) => { const p = pyodide.globals.get("half"), v = p.getBuffer(type); p.destroy(); try { return [v.data.constructor.name, [...v.data]]; } finally { v.release(); } };
    return [undefined, "f16"].map((type) => { try { return read(type); } catch (e) { return e.message; } });
"""


@pytest.mark.spec("9.1/11", "9.2/1")
@pytest.mark.parametrize("known", [True, False])
def test_half_floats(fresh: Callable[..., Runtime], switching_node: str, known: bool) -> None:
    """Half floats are lent as a Float16Array where the engine has it; where not, it is said that there is none."""
    rt = fresh(node=switching_node, node_flags=() if known else ("--no-js-float16array",))
    rt.py(MAKER)
    rt.py("half = make(data, 'e', 2, [2], [2])", data=struct.pack("<2e", 0.5, -2))
    default, named = rt.js(HALF)
    if known:
        assert default == named == ["Float16Array", [0.5, -2]]
        return
    assert default == "Javascript has no Float16 support."
    assert named.startswith("Unknown type f16: getBuffer takes one of i8, u8, u8clamped")


@pytest.mark.spec("9.2/2", "9.2/3")
@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, 1), (1, -1, 1), (-1, -1, -1), (2, 1, -2)])
def test_element_of_any_layout(rt: Runtime, axes: tuple[int, ...], signs: tuple[int, ...]) -> None:
    """data[offset + sum(index * stride)] is the element, for C and Fortran order, negative steps and gaps."""
    shape, strides, step = [2, 3, 4], [0, 0, 0], 1
    for axis in axes:
        strides[axis] = step * signs[axis]
        step *= shape[axis] * abs(signs[axis])
    first = sum(-(n - 1) * s for n, s in zip(shape, strides, strict=True) if s < 0)
    rt.py(MAKER)
    got = lend(
        rt,
        f"make(bytes(i * 7 % 251 for i in range({4 * step})), 'i', 4, {shape}, {[4 * s for s in strides]}, {4 * first})",
        """
        const at = (i, j, k) => v.data[v.offset + i * v.strides[0] + j * v.strides[1] + k * v.strides[2]];
        const all = [];
        for (let i = 0; i < 2; i++) for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) all.push(at(i, j, k));
        return [all, v.strides, v.offset, v.data.length, v.nbytes === v.data.byteLength];
        """,
    )
    numbers = struct.unpack(f"<{step}i", bytes(i * 7 % 251 for i in range(4 * step)))
    want = [
        numbers[first + i * strides[0] + j * strides[1] + k * strides[2]]
        for i in range(2)
        for j in range(3)
        for k in range(4)
    ]
    span = 1 + sum((n - 1) * abs(s) for n, s in zip(shape, strides, strict=True))
    assert got == [want, strides, first, span, True]


@pytest.mark.spec("9.2/2", "9.1/1", "9.1/14")
@pytest.mark.parametrize(
    ("source", "cls", "items", "shape"),
    [("(ctypes.c_int * 3)(1, 2, 3)", "Int32Array", [1, 2, 3], [3]), ("((ctypes.c_short * 3) * 2)((1, 2, 3), (4, 5, 6))", "Int16Array", [1, 2, 3, 4, 5, 6], [2, 3]),
     ("(((ctypes.c_ubyte * 2) * 1) * 2)()", "Uint8Array", [0, 0, 0, 0], [2, 1, 2]), ("ctypes.c_double(1.5)", "Float64Array", [1.5], []), ("(ctypes.c_char * 2)(b'a', b'b')", "Uint8Array", [97, 98], [2]),
     ("(ctypes.c_bool * 2)(1, 0)", "Uint8Array", [1, 0], [2]), ("(ctypes.c_int * 0)()", "Int32Array", [], [0]), ("io.BytesIO(b'ab').getbuffer()", "Uint8Array", [97, 98], [2]),
     ("pickle.PickleBuffer(b'ab')", "Uint8Array", [97, 98], [2]), ("array.array('H', [1, 2])", "Uint16Array", [1, 2], [2]), ("memoryview(b'abc')[::-1]", "Uint8Array", [97, 98, 99], [3])],
)  # fmt: skip
def test_exporters(
    rt: Runtime, source: str, cls: str, items: list[float], shape: list[int]
) -> None:
    """Exporters that leave strides out, have no dimensions or no items are lent and copied alike."""
    rt.py("import array, ctypes, io, pickle, js\nfrom pyodide.ffi import to_js")
    got = lend(
        rt,
        source,
        "return [v.data.constructor.name, [...v.data], [...v.shape], v.strides.length === v.ndim, v.ndim === v.shape.length];",
    )
    assert got == [cls, items, shape, True, True]
    if "::-1" not in source and "bool" not in source:
        rt.js(
            "globalThis.flat = (x) => { const parts = Array.isArray(x) ? x.flat(9) : [x]; return JSON.stringify(parts.flatMap((p) => [...p])); };"
        )
        text = rt.py(f"js.flat(to_js({source}))")
        assert text == "[" + ",".join(f"{x:g}" for x in items) + "]"


@pytest.mark.spec("9.1/11", "9.1/12", "9.2/6")
def test_errors_release_the_exporter(rt: Runtime) -> None:
    """Formats without a view, misalignment, byte order, suboffsets: each is the right error, and the exporter is free again."""
    rt.py(MAKER)
    rt.py(
        """
        import ctypes
        b = bytearray(16)
        odd = memoryview(b)[1:9]
        half = make(bytes(4), "e", 2, [2], [2])
        big = (ctypes.c_int.__ctype_be__ * 2)(1, 2)
        big_bytes = make(bytes(2), ">B", 1, [2], [1])
        rows = [ctypes.create_string_buffer(b"abc"), ctypes.create_string_buffer(b"def")]
        table = (ctypes.c_void_p * 2)(*[ctypes.addressof(r) for r in rows])
        indirect = view_of((table, rows), ctypes.addressof(table), "B", 1, [2, 3], [4, 1], [0, -1])
        class Struct(ctypes.Structure): _fields_ = [("a", ctypes.c_int)]
        struct = Struct(7)
        """
    )
    got = rt.js(
        """
        const names = ["b", "odd", "half", "big", "big_bytes", "indirect", "struct"];
        const P = Object.fromEntries(names.map((n) => [n, pyodide.globals.get(n)]));
        const failure = (f) => { const e = h.thrown(f); return [e.name, e.type ?? undefined, e.message.split("\\n").at(e.type ? -2 : 0).slice(0, 60)]; };
        const r = [
            failure(() => P.odd.getBuffer("i32")), failure(() => P.odd.getBuffer("f64")), typeof Float16Array === 'undefined' && failure(() => P.half.getBuffer()), failure(() => P.big.getBuffer()),
            failure(() => P.struct.getBuffer()), failure(() => P.indirect.getBuffer()).slice(0, 2),
        ];
        const use = (p, type, f) => { const v = p.getBuffer(type); try { return f(v); } finally { v.release(); } };
        r.push(use(P.half, "u16", (v) => v.data.length), use(P.big, "dataview", (v) => [v.data.getInt32(0), v.data.getInt32(4), v.format, v.strides]),
            use(P.big_bytes, undefined, (v) => v.data.constructor.name), use(P.struct, "i32", (v) => v.data[0]), use(P.odd, "u8clamped", (v) => v.data.length));
        names.forEach((n) => P[n].destroy());
        return r;
        """
    )
    misaligned = ["Error", None, "Buffer does not have valid alignment for a view of 4-byte el"]
    assert got[0] == misaligned
    assert got[1][:2] == ["Error", None]
    if rt.expr("typeof Float16Array === 'undefined'"):
        assert got[2] == ["Error", None, "Javascript has no Float16 support."]
    assert got[3][:2] == ["Error", None]
    assert "big endian" in got[3][2]
    assert got[4] == ["Error", None, "Expected format string to have length <= 2, got 'T{<l:a:}'"]
    assert got[5] == ["PythonError", "BufferError"]
    assert got[6:] == [2, [1, 2, ">l", [4]], "Uint8Array", 7, 8]
    rt.py("odd.release()\nb.append(1)\nalive.clear()")


@pytest.mark.spec("9.2/4", "9.2/6")
def test_release(rt: Runtime) -> None:
    """The lock lives as long as the view, whatever becomes of the proxy; release may be repeated; empty buffers need no alignment."""
    rt.py(
        "b = bytearray(b'abcd')\nempty = memoryview(bytearray(9))[3:3]\ndef locked():\n    try: b.append(1)\n    except BufferError: return True\n    b.pop()\n    return False"
    )
    got = rt.js(
        """
        const locked = pyodide.globals.get("locked"), b = pyodide.globals.get("b"), empty = pyodide.globals.get("empty");
        const one = b.getBuffer(), two = b.getBuffer();
        b.destroy();
        const r = [locked(), one.data[0]];
        one.data[0] = 66;
        r.push(two.data[0]);
        one.release();
        one.release();
        r.push(locked(), one.data.length, two.data.length);
        two.release();
        r.push(locked());
        for (const type of ["f64", "u16", "dataview", undefined]) {
            const v = empty.getBuffer(type);
            r.push(v.data.byteLength, v.nbytes, v.shape[0]);
            v.release();
        }
        empty.destroy();
        locked.destroy();
        r.push(h.thrown(() => new pyodide.ffi.PyBufferView()).name, h.thrown(() => pyodide.ffi.PyBufferView()).name);
        return r;
        """
    )
    assert got == [True, 97, 66, True, 0, 4, False] + [0, 0, 0] * 4 + ["TypeError"] * 2
    rt.py("empty.release()")


@pytest.mark.spec("9.2/7")
def test_no_constructor(rt: Runtime) -> None:
    """PyBufferView is a class to test for, not to construct."""
    got = rt.js(
        "const b = pyodide.runPython(\"b'x'\"), v = b.getBuffer(); b.destroy(); const { PyBufferView } = pyodide.ffi, r = [v instanceof PyBufferView, h.thrown(() => new PyBufferView(1, 2)).name, h.thrown(() => new v.constructor()).name]; v.release(); return r;"
    )
    assert got == [True, "TypeError", "TypeError"]


@pytest.mark.spec("9.2/5")
def test_memory_growth(fresh: Callable[..., Runtime]) -> None:
    """What was read before the memory grew is empty; reading `data` again gives the items, of every class of view."""
    rt = fresh()
    rt.py("b = bytearray(b'abcdefgh')\nempty = bytearray()")
    got = rt.js(
        """
        const b = pyodide.globals.get("b"), empty = pyodide.globals.get("empty");
        const v = b.getBuffer(), before = v.data, wide = b.getBuffer("f64"), raw = b.getBuffer("dataview"), none = empty.getBuffer();
        before[0] = 88;
        pyodide.runPython("more = [bytearray(60 * 2**20) for _ in range(4)]");
        const r = [before.length, v.data.length, v.data[0], v.data === v.data, wide.data.length, wide.nbytes, raw.data.getUint8(0), none.data.length];
        v.data[1] = 89;
        r.push(pyodide.runPython("b[:3].decode()"));
        for (const view of [v, wide, raw, none]) view.release();
        r.push(v.data.length);
        pyodide.runPython("b.append(1); empty.append(1); more.clear()");
        b.destroy();
        empty.destroy();
        return r;
        """
    )
    assert got == [0, 8, 88, True, 1, 8, 88, 0, "XYc", 0]


@pytest.mark.spec("9.1/13")
@pytest.mark.parametrize(
    ("format", "size", "text"),
    [("aaa", 4, "Expected format string to have length <= 2, got 'aaa'"), ("T{<l:a:}", 4, "Expected format string to have length <= 2, got 'T{<l:a:}'"), ("Ii", 4, "Unrecognized alignment character I."),
     ("4x", 4, "Unrecognized alignment character 4."), ("x", 1, "Unrecognized format character 'x'."), ("<x", 1, "Unrecognized format character 'x'."), ("w", 4, "Unrecognized format character 'w'."),
     ("O", 4, "Unrecognized format character 'O'."), ("g", 8, "Unrecognized format character 'g'.")],
)  # fmt: skip
def test_formats_that_javascript_has_not(rt: Runtime, format: str, size: int, text: str) -> None:
    """The texts are those of the specification, as ConversionError in Python and PythonError in JavaScript, by tape and item by item."""
    rt.py(MAKER)
    rt.py(f"from pyodide.ffi import to_js\nb = make(bytes(16), {format!r}, {size}, [2], [{size}])")
    for call in (
        "to_js(b)",
        "to_js([{'k': b}])",
        "to_js([b], eager_converter=lambda v, c, k: c(v))",
    ):
        with pytest.raises(PyError) as caught:
            rt.py(call)
        assert caught.value.type == "ConversionError"
        assert text in caught.value.message
    got = rt.js(
        "const b = pyodide.globals.get('b'), e = h.thrown(() => b.toJs()), f = h.thrown(() => b.getBuffer()); b.destroy(); return [e.name, e.type, e.message, f.name, f.message];"
    )
    assert got[:2] == ["PythonError", "ConversionError"]
    assert text in got[2]
    assert got[3] == "Error"
    assert text in got[4]


@pytest.mark.spec("9.1/6")
def test_text_buffers(rt: Runtime) -> None:
    """`s` is UTF-8 with its byte order mark, inside containers and with strides too."""
    rt.py(MAKER)
    rt.js("globalThis.text = (x) => JSON.stringify(x);")
    rt.py(
        "import js\nfrom pyodide.ffi import to_js\ndata = '\\ufeffa\\u00e9\\0\\U0001f40d'.encode()"
    )
    assert (
        rt.py("js.text(to_js([make(data, 's', 1, [len(data)], [1])]))")
        == '["\ufeffa\u00e9\\u0000\U0001f40d"]'
    )
    assert rt.py("js.text(to_js(make(b'a-b-c', '@s', 1, [3], [2])))") == '"abc"'
    assert rt.py("js.text(to_js(make(b'', 's', 1, [0], [1])))") == '""'


JS_BUFFERS = {
    "ArrayBuffer": "Uint8Array.from([97, 98, 99, 100]).buffer",
    "SharedArrayBuffer": "new SharedArrayBuffer(4)",
    "Uint8Array": "Uint8Array.from([97, 98, 99, 100])",
    "part": "Uint8Array.from([0, 97, 98, 99, 100, 0]).subarray(1, 5)",
    "shared": "new Uint8Array(new SharedArrayBuffer(8), 2, 4)",
    "DataView": "new DataView(new ArrayBuffer(9), 3, 4)",
    "shared DataView": "new DataView(new SharedArrayBuffer(9), 3, 4)",
    "resizable": "new ArrayBuffer(4, { maxByteLength: 16 })",
    "length tracking": "new Uint8Array(new ArrayBuffer(4, { maxByteLength: 16 }))",
    "Node's Buffer": "Buffer.from('abcd')",
    "clamped": "new Uint8ClampedArray(4)",
    "of another realm": "process.getBuiltinModule('vm').runInNewContext('new Uint8Array(4)')",
}


@pytest.mark.spec("9.3/1", "9.3/2", "9.3/3", "9.3/4", "9.3/5", "9.3/6", "9.3/10", "9.3/11")
@pytest.mark.parametrize("kind", JS_BUFFERS)
def test_every_kind_of_buffer(rt: Runtime, kind: str) -> None:
    """All of them have all methods, also over shared and resizable memory; implicit conversion copies none."""
    rt.js(f"globalThis.b = {JS_BUFFERS[kind]}; globalThis.isB = (x) => x === b;")

    @rt.run
    def _() -> None:
        import tempfile

        import js
        from js import b
        from pyodide.ffi import JsBuffer, JsProxy

        assert isinstance(b, JsBuffer)
        assert type(b).__name__ == "JsProxy"
        assert isinstance(js.eval("(x) => x")(b), JsProxy)
        assert js.isB(b)
        assert js.eval("(f) => f(b)")(lambda x: js.isB(x))
        b.assign(b"abcd")
        assert b.to_bytes() == b"abcd"
        assert type(b.to_bytes()) is bytes
        assert b.to_string() == "abcd"
        for view in (b.to_py(), b.to_memoryview()):
            assert (view.format, view.ndim, view.readonly, view.tobytes()) == (
                "B",
                1,
                False,
                b"abcd",
            )
            view[0] = 0
        assert b.to_bytes() == b"abcd"
        target = bytearray(b"....")
        b.assign_to(target)
        assert target == b"abcd"
        b.assign(memoryview(b"wxyz").cast("B", [2, 2]))
        with tempfile.TemporaryFile() as file:
            b.to_file(file)
            file.seek(1)
            b.from_file(file)
        assert b.to_bytes() == b"xyzz"
        for wrong in (b"", b"123", b"12345"):
            try:
                b.assign(wrong)
            except ValueError as error:
                assert "cannot assign to TypedArray" in str(error)
            else:
                raise AssertionError(wrong)
            try:
                b.assign_to(bytearray(wrong))
            except ValueError as error:
                assert "cannot assign from TypedArray" in str(error)
            else:
                raise AssertionError(wrong)
        b.to_memoryview().release()


@pytest.mark.spec("9.3/9")
def test_what_fits_an_assignment(rt: Runtime) -> None:
    """C- and Fortran-contiguous sides of the same size and item size; the size of items is no matter for bytes."""
    rt.py(MAKER)
    rt.js(
        "globalThis.Arrays = { u8: new Uint8Array(8), u16: new Uint16Array(4), f32: new Float32Array(2), f64: new Float64Array(1), q: new BigInt64Array(1), ab: new ArrayBuffer(8), dv: new DataView(new ArrayBuffer(8)) };"
    )
    got = rt.py(
        """
        import js
        sizes = {"B": 1, "b": 1, "H": 2, "i": 4, "f": 4, "d": 8, "q": 8}
        def outcome(f):
            try:
                f()
            except Exception as e:
                return type(e).__name__, "incompatible formats" in str(e)
            return "fine"
        result = {}
        for name in ("u8", "u16", "f32", "f64", "q", "ab", "dv"):
            a = getattr(js.Arrays, name)
            size = getattr(a, "BYTES_PER_ELEMENT", None)
            for format, itemsize in sizes.items():
                view = memoryview(bytearray(8)).cast(format)
                want = "fine" if size is None or size == itemsize else ("ValueError", True)
                result[name, format] = outcome(lambda: a.assign(view)) == want == outcome(lambda: a.assign_to(view))
        a = view = None
        [key for key, good in result.items() if not good]
        """
    )
    assert got == []
    fortran = rt.py(
        "f = make(b'abcdef', 'B', 1, [2, 3], [1, 2])\nu = js.Uint8Array.new(6)\nu.assign(f)\nu.to_bytes(), f.f_contiguous, f.c_contiguous"
    )
    assert fortran == (b"abcdef", True, False)
    got = rt.py(
        """
        u = js.Uint8Array.new(4)
        target = bytearray(8)
        [outcome(f) for f in (lambda: u.assign(memoryview(bytes(8))[::2]), lambda: u.assign(memoryview(b"abcd")[::-1]), lambda: u.assign_to(memoryview(target)[::2]), lambda: u.assign_to(b"abcd"),
            lambda: u.assign_to(memoryview(bytearray(4)).toreadonly()), lambda: u.assign("abcd"), lambda: u.assign([1, 2, 3, 4]), lambda: u.assign(None), lambda: u.assign(u), lambda: u.assign(), lambda: u.assign_to(5))]
        """
    )
    assert [kind for kind, _ in got] == ["BufferError"] * 5 + ["TypeError"] * 6
    rt.py("target.append(1)\nalive.clear()\nf = u = None")


@pytest.mark.spec("9.3/4")
@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [(b"", None, ""), (b"a\0b", None, "a\0b"), ("\ufeffx".encode(), None, "\ufeffx"), ("\ufeff\ufeff".encode(), "utf-8", "\ufeff\ufeff"), ("\U0001f40d\u4e2d".encode(), "UTF8", "\U0001f40d\u4e2d"),
     ("\u4e2d".encode("utf-16-le"), "utf-16le", "\u4e2d"), (b"\xe9A", "latin1", "\xe9A"), ("\u65e5\u672c".encode("shift-jis"), "shift_jis", "\u65e5\u672c"), (b"x" * 100_000, None, "x" * 100_000)],
)  # fmt: skip
def test_decoding(rt: Runtime, data: bytes, encoding: str | None, text: str) -> None:
    """Text in any encoding that the platform knows, by its labels; a byte order mark stays."""
    rt.py("import js\nb = js.Uint8Array.new(len(data))\nb.assign(data)", data=data)
    assert (
        rt.py(
            "[b.to_string(encoding), b.to_string(encoding=encoding), b.buffer.to_string(encoding)]",
            encoding=encoding,
        )
        == [text] * 3
    )


@pytest.mark.spec("9.3/4")
@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x90",
        b"a\x80b",
        b"\xc0\x80",
        b"\xf5\x80\x80\x80",
    ],
)
def test_undecodable(rt: Runtime, data: bytes) -> None:
    """What is no UTF-8 is a ValueError, an unknown label a RangeError of JavaScript."""
    rt.py(
        "import js\nfrom pyodide.ffi import JsException\nb = js.Uint8Array.new(len(data))\nb.assign(data)",
        data=data,
    )
    with pytest.raises(PyError) as caught:
        rt.py("b.to_string()")
    assert caught.value.type == "ValueError"
    for label in ("no-such", "", "utf-32", "base64"):
        assert (
            rt.py(
                "try:\n    b.to_string(label)\nexcept JsException as e:\n    r = e.name\nr",
                label=label,
            )
            == "RangeError"
        )


@pytest.mark.spec("9.3/7", "9.3/8")
def test_files(rt: Runtime) -> None:
    """Bytes go to and come from where the file is, and the position moves; _into_file takes an empty file only."""

    @rt.run
    def _() -> None:
        import tempfile
        from pathlib import Path

        import js

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "f")
            a = js.Uint16Array.new(2)
            a.buffer.assign(b"abcd")
            part = js.DataView.new(a.buffer, 1, 2)
            with path.open("wb+") as file:
                file.write(b"__")
                a.to_file(file)
                part.to_file(file)
                assert file.tell() == 8
                file.seek(0)
                assert file.read() == b"__abcdbc"
                file.seek(3)
                part.from_file(file)
                assert file.tell() == 5
                assert a.buffer.to_bytes() == b"abcd"
                file.seek(7)
                a.from_file(file)
                assert a.buffer.to_bytes() == b"cbcd"
                assert file.tell() == 8
                a.from_file(file)
                assert a.buffer.to_bytes() == b"cbcd"
                a.buffer.slice(0, 0).to_file(file)
            fresh = Path(folder, "g")
            with fresh.open("wb") as file:
                a._into_file(file)
            with fresh.open("rb") as file:
                assert file.read() == b"cbcd"
            for wrong in ("name", 5, None, object()):
                for method in (a.to_file, a.from_file, a._into_file):
                    try:
                        method(wrong)
                    except (AttributeError, OSError):
                        continue
                    raise AssertionError(wrong)


@pytest.mark.spec("9.3/3", "9.3/5")
def test_detached_buffers(rt: Runtime) -> None:
    """Memory that was given away is a TypeError of JavaScript in every method, and the Python side is not left locked."""
    rt.js(
        "const u = new Uint8Array(4), b = u.buffer; structuredClone(b, { transfer: [b] }); globalThis.gone = { u, b, d: b };"
    )

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        for b in (js.gone.u, js.gone.b):
            data = bytearray(4)
            for action in (
                b.to_bytes,
                b.to_py,
                b.to_memoryview,
                b.to_string,
                lambda b=b, data=data: b.assign(data),
                lambda b=b, data=data: b.assign_to(data),
            ):
                try:
                    action()
                except JsException as error:
                    assert error.name == "TypeError"
                    assert "detached" in error.message
                else:
                    raise AssertionError(action)
            data.append(1)
        assert len(js.gone.u) == 0
        assert not js.gone.u


@pytest.mark.spec("9.4/1")
def test_the_ways_of_numeric_libraries(rt: Runtime) -> None:
    """to_py's memoryview casts to any shape, assign_to fills memory that exists, getBuffer and to_js keep the mapping of elements."""
    rt.js("globalThis.t = Float64Array.from([0, 1, 2, 3, 4, 5]);")
    rt.py("import js\nfrom array import array\nfrom pyodide.ffi import to_js")
    got = rt.py(
        """
        grid = js.t.to_py().cast("B").cast("d", [2, 3])
        there = array("d", bytes(48))
        js.t.assign_to(there)
        rows = to_js(grid)
        r = grid.tolist(), there.tolist(), [list(rows.get_proxy(i)) for i in range(2)], to_js(array("d", [1.5])).length
        grid = rows = None
        r
        """
    )
    assert got == ([[0, 1, 2], [3, 4, 5]], [0, 1, 2, 3, 4, 5], [[0, 1, 2], [3, 4, 5]], 1)
    with pytest.raises(JsError, match="toJs is not a function"):
        rt.js("pyodide.runPython('1.5').toJs();")

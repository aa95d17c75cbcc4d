"""getBuffer: Python's memory as typed arrays."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


def test_bytearray_is_shared(rt: Runtime) -> None:
    """Writing through the view changes the bytearray, which cannot be resized meanwhile."""
    rt.py("b = bytearray(b'abc')")
    got = rt.js(
        """
        const p = pyodide.globals.get("b");
        const v = p.getBuffer();
        p.destroy();
        v.data[0] = 65;
        const locked = h.thrown(() => pyodide.runPython("b.append(1)")).type;
        const r = [v.data.constructor.name, v.data.length, v.shape, v.strides, v.ndim, v.nbytes, v.itemsize, v.format, v.readonly, v.c_contiguous, v.f_contiguous, v.offset, locked];
        v.release();
        v.release();
        r.push(v.data.length);
        return r;
        """
    )
    assert got == ["Uint8Array", 3, [3], [1], 1, 3, 1, "B", False, True, True, 0, "BufferError", 0]
    rt.py("b.append(1)")
    assert rt.py("bytes(b)") == b"Abc\x01"


@pytest.mark.parametrize(
    ("source", "cls"),
    [
        ("array.array('b', [1, 2])", "Int8Array"),
        ("array.array('h', [1, 2])", "Int16Array"),
        ("array.array('H', [1, 2])", "Uint16Array"),
        ("array.array('i', [1, 2])", "Int32Array"),
        ("array.array('L', [1, 2])", "Uint32Array"),
        ("array.array('q', [1, 2])", "BigInt64Array"),
        ("array.array('f', [1, 2])", "Float32Array"),
        ("array.array('d', [1, 2])", "Float64Array"),
        ("b'ab'", "Uint8Array"),
    ],
)
def test_formats(rt: Runtime, source: str, cls: str) -> None:
    """The buffer's format chooses the class of the view."""
    rt.py("import array")
    got = rt.js(
        "const p = pyodide.runPython(source); const v = p.getBuffer(); const r = [v.data.constructor.name, v.data.length]; v.release(); p.destroy(); return r;",
        source=source,
    )
    assert got == [cls, 2]


def test_strides(rt: Runtime) -> None:
    """Element [i, j] is data[offset + i * strides[0] + j * strides[1]], for negative strides too."""
    rt.py(
        "import array\nm = memoryview(array.array('i', range(6))).cast('B').cast('i', [2, 3])\nback = memoryview(array.array('h', range(5)))[::-2]"
    )
    got = rt.js(
        """
        const p = pyodide.globals.get("m"), q = pyodide.globals.get("back");
        const m = p.getBuffer(), b = q.getBuffer();
        const at = (i, j) => m.data[m.offset + i * m.strides[0] + j * m.strides[1]];
        const r = [[at(0, 0), at(0, 2), at(1, 0), at(1, 2)], m.shape, [0, 1, 2].map((i) => b.data[b.offset + i * b.strides[0]]), b.strides, b.offset];
        m.release(); b.release(); p.destroy(); q.destroy();
        return r;
        """
    )
    assert got == [[0, 2, 3, 5], [2, 3], [4, 2, 0], [-2], 4]


def test_explicit_type(rt: Runtime) -> None:
    """A type chooses the view; unknown and misaligned ones are errors that leave nothing locked."""
    rt.py("b = bytearray(16)\nodd = memoryview(b)[1:9]\nempty = bytearray()")
    got = rt.js(
        """
        const p = pyodide.globals.get("b"), odd = pyodide.globals.get("odd"), empty = pyodide.globals.get("empty");
        const names = ["i8", "u8clamped", "i16", "u32", "i64", "u64", "f32", "f64", "dataview"].map((t) => { const v = p.getBuffer(t); const n = v.data.constructor.name + " " + (v.data.length ?? v.data.byteLength); v.release(); return n; });
        const v = empty.getBuffer("f64");
        const r = [names, h.thrown(() => p.getBuffer("nope")).message, h.thrown(() => odd.getBuffer("i32")).name, v.data.length];
        v.release(); p.destroy(); odd.destroy(); empty.destroy();
        return r;
        """
    )
    assert got[0] == [
        "Int8Array 16",
        "Uint8ClampedArray 16",
        "Int16Array 8",
        "Uint32Array 4",
        "BigInt64Array 2",
        "BigUint64Array 2",
        "Float32Array 4",
        "Float64Array 2",
        "DataView 16",
    ]
    assert got[1].startswith("Unknown type nope: getBuffer takes one of i8, u8, u8clamped, i16")
    assert got[2:] == ["Error", 0]
    rt.py("odd.release()\nb.append(1)")


def test_errors(rt: Runtime) -> None:
    """Formats without a view, and PyBufferView's constructor."""
    rt.py("import array\nwide = memoryview(bytearray(4)).cast('B')\nuni = array.array('w', 'ab')")
    got = rt.js(
        "const u = pyodide.globals.get('uni'); const r = [h.thrown(() => u.getBuffer()).message, h.thrown(() => new pyodide.ffi.PyBufferView()).name]; u.destroy(); return r;"
    )
    assert got == ["Unrecognized format character 'w'.", "TypeError"]
    rt.py("uni.append('c')")


@pytest.mark.spec("9.2/4")
def test_forgotten_views(rt: Runtime) -> None:
    """A view that nobody releases is released by the garbage collector."""
    rt.py(
        "b = bytearray(4)\ndef locked():\n    try: b.append(1)\n    except BufferError: return True\n    return False"
    )
    got = rt.js(
        "const locked = pyodide.globals.get('locked'); (() => { const p = pyodide.globals.get('b'); p.getBuffer(); p.destroy(); })(); const before = locked(); return [before, await h.collect(() => !locked())];"
    )
    assert got == [True, True]


def test_reference_count(rt: Runtime) -> None:
    """A view holds one reference, whatever becomes of the proxy."""
    rt.py("import sys\nb = bytearray(4)")
    got = rt.js(
        "const n = () => pyodide.runPython('sys.getrefcount(b)'); const base = n(); const p = pyodide.globals.get('b'); const v = p.getBuffer(); const r = [n() - base]; p.destroy(); r.push(n() - base); v.release(); r.push(n() - base); return r;"
    )
    assert got == [2, 1, 0]

"""Typed arrays, DataViews and ArrayBuffers: copying to and from Python, text, files."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

FORMATS = {
    "Int8Array": "b",
    "Uint8Array": "B",
    "Uint8ClampedArray": "B",
    "Int16Array": "h",
    "Uint16Array": "H",
    "Int32Array": "i",
    "Uint32Array": "I",
    "BigInt64Array": "q",
    "BigUint64Array": "Q",
    "Float32Array": "f",
    "Float64Array": "d",
}


@pytest.mark.parametrize("name", FORMATS)
def test_to_memoryview_and_bytes(rt: Runtime, name: str) -> None:
    """A memoryview is a writable copy of the fitting format; bytes are the memory itself."""
    rt.js(f"globalThis.t = new {name}(6).fill({'7n' if 'Big' in name else '7'}).subarray(1, 4);")
    got = rt.py(
        """
        from js import t
        m = t.to_memoryview()
        same = t.to_py()
        m[0] = 9
        r = [m.format, m.ndim, m.readonly, list(m), list(same), t[0], t.to_bytes() == bytes(same), type(t.to_bytes()) is bytes]
        del m, same
        r
        """
    )
    assert got == [FORMATS[name], 1, False, [9, 7, 7], [7, 7, 7], 7, True, True]


@pytest.mark.parametrize("source", ["new ArrayBuffer(5)", "new DataView(new ArrayBuffer(9), 2, 5)"])
def test_bytes_of_untyped_buffers(rt: Runtime, source: str) -> None:
    """ArrayBuffers and DataViews are unsigned bytes."""
    rt.js(f"globalThis.b = {source};")
    got = rt.py(
        """
        from js import b
        b.assign(b"hello")
        m = b.to_memoryview()
        r = [m.format, m.tobytes(), b.to_bytes(), b.to_string()]
        del m
        r
        """
    )
    assert got == ["B", b"hello", b"hello", "hello"]


@pytest.mark.parametrize("size", [0, 1, 1024, 1025, 3_000_000])
def test_to_bytes_of_any_size(rt: Runtime, size: int) -> None:
    """Small and large buffers are copied whole."""
    rt.js("globalThis.t = new Uint8Array(size).map((_, i) => i * 7 % 251);", size=size)
    got = rt.py(
        "from js import t\nb = t.to_bytes()\nlen(b), b == bytes(i * 7 % 251 for i in range(size))",
        size=size,
    )
    assert got == (size, True)


def test_to_string(rt: Runtime) -> None:
    """Text is decoded strictly; a byte order mark stays; other encodings have names."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        b = js.Uint8Array.new(10)
        text = "\ufeffh\u00e9\U0001f600"
        b.assign(text.encode())
        assert b.to_string() == b.to_string("utf-8") == b.to_string(None) == text
        latin = js.Uint8Array.new(2)
        latin.assign(b"\xe9\x41")
        assert latin.to_string("latin1") == latin.to_string(encoding="iso-8859-1") == "\u00e9A"
        assert js.Uint8Array.new(0).to_string() == ""
        try:
            latin.to_string()
        except ValueError as error:
            assert "utf-8" in str(error)
        else:
            raise AssertionError
        try:
            latin.to_string("no such encoding")
        except JsException as error:
            assert error.name == "RangeError"
        else:
            raise AssertionError
        try:
            latin.to_string(5)
        except TypeError as error:
            assert "must be str or None, not int" in str(error)
        else:
            raise AssertionError


def test_assign_both_ways(rt: Runtime) -> None:
    """assign and assign_to copy the bytes of buffers of the same size and item size."""

    @rt.run
    def _() -> None:
        from array import array

        import js

        t = js.Float64Array.new(js.ArrayBuffer.new(32), 8, 2)
        t.assign(array("d", [1.5, -2]))
        assert list(t) == [1.5, -2]
        assert js.Float64Array.new(t.buffer)[0] == 0
        target = array("d", [0, 0])
        t.assign_to(target)
        assert list(target) == [1.5, -2]
        # The item size counts, not the format.
        q = js.BigInt64Array.new(2)
        q.assign(target)
        assert q[0] == 0x3FF8000000000000
        raw = bytearray(16)
        t.buffer.slice(8, 24).assign_to(raw)
        assert raw == target.tobytes()
        grid = memoryview(bytearray(range(6))).cast("B", (2, 3))
        u = js.Uint8Array.new(6)
        u.assign(grid)
        assert u.to_bytes() == bytes(range(6))
        js.Uint8Array.new(0).assign(b"")


@pytest.mark.spec("9.3/9")
@pytest.mark.parametrize(
    ("action", "kind", "text"),
    [
        ("u.assign(b'123')", "ValueError", "cannot assign to TypedArray"),
        ("u.assign_to(bytearray(5))", "ValueError", "cannot assign from TypedArray"),
        ("d.assign(bytes(16))", "ValueError", "incompatible formats"),
        ("d.assign_to(bytearray(16))", "ValueError", "incompatible formats"),
        ("u.assign_to(b'1234')", "BufferError", ""),
        ("u.assign_to(memoryview(bytearray(4)).toreadonly())", "BufferError", ""),
        ("u.assign(memoryview(bytes(8))[::2])", "BufferError", ""),
        ("u.assign('text')", "TypeError", "bytes-like"),
        ("u.assign([1, 2, 3, 4])", "TypeError", "bytes-like"),
        ("_pyodide_core.buffer_bytes(5)", "TypeError", "must be a JsBuffer, not int"),
        ("_pyodide_core.buffer_bytes(js.Object)", "TypeError", "must be a JsBuffer"),
        ("_pyodide_core.buffer_read_into(5, 0, bytearray(1))", "TypeError", "must be a JsBuffer"),
        ("_pyodide_core.buffer_write(5, 0, b'1')", "TypeError", "must be a JsBuffer"),
        ("_pyodide_core.buffer_write(u, 2, b'123')", "JsException", "RangeError"),
    ],
)
def test_what_does_not_fit(rt: Runtime, action: str, kind: str, text: str) -> None:
    """Sizes, formats, read-only targets and what is no buffer are errors that say so."""
    got = rt.py(
        f"""
        import _pyodide_core, js
        u, d = js.Uint8Array.new(4), js.Float64Array.new(2)
        try:
            r = {action}
        except Exception as e:
            r = (type(e).__name__, str(e))
        r
        """
    )
    assert got[0] == kind
    assert text in got[1]


def test_released_memory(rt: Runtime) -> None:
    """A failed assignment does not keep the Python buffer locked."""

    @rt.run
    def _() -> None:
        import js

        data = bytearray(3)
        for name in ("assign", "assign_to"):
            try:
                getattr(js.Uint8Array.new(2), name)(data)
            except ValueError:
                data.append(1)
                data.pop()
            else:
                raise AssertionError


def test_files(rt: Runtime) -> None:
    """to_file and from_file begin where the file object is and leave it behind the last byte."""

    @rt.run
    def _() -> None:
        import tempfile
        from pathlib import Path

        import js

        t = js.Uint16Array.new([0x6261, 0x6463])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "f")
            with path.open("wb+") as file:
                file.write(b"12")
                t.to_file(file)
                assert file.tell() == 6
                file.write(b"34")
                file.seek(1)
                assert file.read(1) == b"2"
                u = js.Uint8Array.new(3)
                u.from_file(file)
                assert u.to_bytes() == b"abc"
                assert file.tell() == 5
                assert file.read() == b"d34"
                file.seek(6)
                u.from_file(file)
                assert u.to_bytes() == b"34c"
                js.ArrayBuffer.new(0).to_file(file)
            with path.open("rb", buffering=0) as file:
                assert file.read() == b"12abcd34"
                file.seek(4)
                v = js.DataView.new(js.ArrayBuffer.new(4), 1, 2)
                v.from_file(file)
                assert v.to_bytes() == b"cd"
                try:
                    v.to_file(file)
                except OSError:
                    pass
                else:
                    raise AssertionError
            big = js.Uint8Array.new(2_500_000)
            big[2_499_999] = 5
            with path.open("wb") as file:
                big.to_file(file)
            copy = js.Uint8Array.new(2_500_000)
            with path.open("rb") as file:
                copy.from_file(file)
            assert copy[2_499_999] == 5
            assert copy.to_bytes() == big.to_bytes()
        for no_file in (5, None, "name"):
            for method in (t.to_file, t.from_file, t._into_file):
                try:
                    method(no_file)
                except (AttributeError, OSError):
                    continue
                raise AssertionError(no_file)


def test_pipes_have_no_position(rt: Runtime) -> None:
    """Objects that only have a descriptor will do."""

    @rt.run
    def _() -> None:
        import os
        import tempfile

        import js

        class Descriptor:
            def __init__(self, fd: int) -> None:
                self.fd = fd

            def fileno(self) -> int:
                return self.fd

        with tempfile.TemporaryFile(buffering=0) as file:
            js.Uint8Array.new([104, 105]).to_file(Descriptor(file.fileno()))
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            t = js.Uint8Array.new(2)
            t.from_file(Descriptor(file.fileno()))
            assert t.to_bytes() == b"hi"


@pytest.mark.spec("9.3/8")
def test_into_file(rt: Runtime) -> None:
    """The buffer's own memory becomes the content of an empty file."""

    @rt.run
    def _() -> None:
        import tempfile
        from pathlib import Path

        import js

        buffer = js.ArrayBuffer.new(8)
        view = js.Uint8Array.new(buffer, 2, 4)
        view.assign(b"abcd")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "f")
            with path.open("wb") as file:
                view._into_file(file)
            view[0] = ord("X")
            with path.open("rb") as file:
                assert file.read() == b"Xbcd"
            with path.open("rb+") as file:
                try:
                    buffer._into_file(file)
                except ValueError as error:
                    assert "empty" in str(error)
                else:
                    raise AssertionError
            path.unlink()


def test_crossings(rt: Runtime) -> None:
    """Copies cross once; bytes of a large buffer once more, for the memory."""
    setup = "    import js\n    s, l = js.Uint8Array.new(100), js.Uint8Array.new(100000)\n    b = bytearray(100000)\n"
    for operation, count in {
        "s.to_bytes()": 1,
        "l.to_bytes()": 2,
        "l.assign(b)": 1,
        "l.assign_to(b)": 1,
        "s.to_string()": 1,
        "s.to_memoryview()": 1,
    }.items():
        assert rt.python_crossings(setup, operation)["pyToJs"] == count, operation
    rt.py("del s, l, b, probe")

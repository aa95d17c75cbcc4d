"""Copies of Python buffers: `to_js` and `toJs` of every format, byte order, shape and stride."""

from __future__ import annotations

import itertools
import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.anybuffer import MAKER
from harness.errors import PyError
from harness.runtime import Runtime

SHOW = """
    globalThis.show = (x) => typeof x === "string" ? "string:" + x
        : Array.isArray(x) ? (x.some((y) => typeof y === "boolean") ? "booleans:" + x : x.map(show))
        : x.constructor.name + ":" + Array.from(x, String).join(" ");
"""

CLASSES = {
    "b": "Int8Array", "B": "Uint8Array", "c": "Uint8Array", "p": "Uint8Array",
    "h": "Int16Array", "H": "Uint16Array", "i": "Int32Array", "I": "Uint32Array",
    "l": "Int32Array", "L": "Uint32Array", "n": "Int32Array", "N": "Uint32Array", "P": "Uint32Array",
    "q": "BigInt64Array", "Q": "BigUint64Array", "f": "Float32Array", "d": "Float64Array",
}  # fmt: skip

# Formats of the same size in standard struct notation, which knows byte orders.
STANDARD = {"c": "B", "p": "B", "n": "i", "N": "I", "P": "I"}


def convert(rt: Runtime, source: str) -> Any:
    """Convert the value of an expression with to_js and with toJs, which must agree; how JavaScript shows it."""
    rt.js(SHOW)
    rt.py(f"class Box: x = {source}\nimport js\nfrom pyodide.ffi import to_js")
    rt.py("js.out = to_js(Box.x)")
    first, second = rt.js(
        """
        const box = pyodide.globals.get("Box"), p = box.getProxy("x");
        const r = [show(globalThis.out), show(p.toJs())];
        p.destroy();
        box.destroy();
        return r;
        """
    )
    rt.py("Box.x = None")
    assert first == second
    return first


@pytest.mark.spec("9.1/3", "9.1/4", "9.1/7", "9.1/8", "9.1/9", "9.1/10", "9.1/12")
@pytest.mark.parametrize("order", ["", "@", "=", "<", ">", "!"])
@pytest.mark.parametrize("letter", CLASSES)
def test_formats(rt: Runtime, letter: str, order: str) -> None:
    """Each format has its typed array; big endian items are swapped."""
    code = STANDARD.get(letter, letter)
    values: list[Any] = [1, 2, 120]
    if code in "hiqlfd":
        values.append(-3)
    layout = ("<" if order in ("", "@", "=") else order) + str(len(values)) + code
    size = struct.calcsize("<" + code)
    rt.py(MAKER)
    rt.py(
        f"b = make(data, {order + letter!r}, {size}, [{len(values)}], [{size}])",
        data=struct.pack(layout, *values),
    )
    shown = " ".join(map(str, values))
    assert convert(rt, "b") == f"{CLASSES[letter]}:{shown}"


@pytest.mark.spec("9.1/1", "9.1/5", "9.1/14")
@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("b''", "Uint8Array:"),
        ("b'ab'", "Uint8Array:97 98"),
        ("bytearray(b'ab')", "Uint8Array:97 98"),
        ("memoryview(b'abc')[::-2]", "Uint8Array:99 97"),
        ("__import__('array').array('h', [-1, 2])", "Int16Array:-1 2"),
        ("__import__('array').array('q', [-1, 2**62])", f"BigInt64Array:-1 {2**62}"),
        ("__import__('array').array('d', [0.5])", "Float64Array:0.5"),
        ("memoryview(b'\\0\\1\\2').cast('?')", "booleans:false,true,true"),
        ("memoryview(b'abcdef').cast('B', [2, 3])", ["Uint8Array:97 98 99", "Uint8Array:100 101 102"]),
        ("memoryview(b'a').cast('B', [])", "Uint8Array:97"),
        ("memoryview(b'\\1\\0').cast('?', [2, 1])", ["booleans:true", "booleans:false"]),
        ("type('B', (bytes,), {})(b'x')", "Uint8Array:120"),
        ("[b'a', {'k': bytearray(b'b')}][0]", "Uint8Array:97"),
    ],
)  # fmt: skip
def test_builtin_exporters(rt: Runtime, source: str, shown: object) -> None:
    """Python's own exporters."""
    assert convert(rt, source) == shown


@pytest.mark.spec("9.1/6")
def test_strings(rt: Runtime) -> None:
    """`s` is text in UTF-8, with its byte order mark."""
    rt.py(MAKER)
    data = "\ufeffä€🐍".encode()
    rt.py(f"b = make(data, 's', 1, [{len(data)}], [1])", data=data)
    assert convert(rt, "b") == "string:\ufeffä€🐍"
    rt.py("b = make(data, 's', 1, [2, 3], [3, 1])", data=b"abcdef")
    assert convert(rt, "b") == ["string:abc", "string:def"]


@pytest.mark.spec("9.1/13")
@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("aaa", "Expected format string to have length <= 2, got 'aaa'"),
        ("2i", "Unrecognized alignment character 2."),
        ("Ii", "Unrecognized alignment character I."),
        ("x", "Unrecognized format character 'x'."),
        ("O", "Unrecognized format character 'O'."),
        ("<u", "Unrecognized format character 'u'."),
        ("Zd", "Unrecognized alignment character Z."),
        ("d", "items of 4 bytes instead of 8"),
    ],
)
def test_bad_formats(rt: Runtime, format: str, text: str) -> None:
    """A format that JavaScript has no array for is a ConversionError that names it."""
    rt.py(MAKER)
    rt.py(f"b = make(b'12345678', {format!r}, 4, [2], [4])\nfrom pyodide.ffi import to_js")
    with pytest.raises(PyError) as caught:
        rt.py("to_js([object(), b])")
    assert caught.value.type == "ConversionError"
    assert text in caught.value.message
    message = rt.js(
        "const b = pyodide.globals.get('b'); const e = h.thrown(() => b.toJs()); b.destroy(); return e.message;"
    )
    assert text in message


@pytest.mark.spec("9.1/13")
def test_unicode_arrays(rt: Runtime) -> None:
    """An array of characters has no counterpart."""
    with pytest.raises(PyError, match="Unrecognized format character 'w'"):
        rt.py("from array import array\nfrom pyodide.ffi import to_js\nto_js(array('w', 'ab'))")


@pytest.mark.spec("9.1/11")
def test_half_floats(rt: Runtime) -> None:
    """Half floats become a Float16Array where the engine has it, else it is said that it has not."""
    rt.py(MAKER)
    rt.py("b = make(data, 'e', 2, [2], [2])", data=struct.pack("<2e", 0.5, -2))
    if rt.expr("typeof Float16Array === 'function'"):
        assert convert(rt, "b") == "Float16Array:0.5 -2"
        return
    with pytest.raises(PyError, match="Javascript has no Float16 support") as caught:
        rt.py("from pyodide.ffi import to_js\nto_js([object(), b, object()])")
    assert caught.value.type == "ConversionError"


def test_copies_are_independent(rt: Runtime) -> None:
    """Changing the copy or the original does not change the other; the exporter is not locked."""
    rt.py("b = bytearray(b'ab')\nimport js\nfrom pyodide.ffi import to_js\njs.out = to_js([b, b])")
    rt.py("b.append(99)\nb[0] = 0")
    got = rt.js("const [a, b] = globalThis.out; a[1] = 7; return [a === b, ...a];")
    assert got == [True, 97, 7]
    assert rt.py("bytes(b)") == b"\0bc"


def test_rows_are_independent(rt: Runtime) -> None:
    """Rows do not share memory, so that each can be transferred."""
    rt.py("m = memoryview(bytes(6)).cast('B', [2, 3])")
    got = rt.js(
        "const m = pyodide.globals.get('m'), [a, b] = m.toJs(); m.destroy(); return [a.buffer !== b.buffer, a.buffer.byteLength];"
    )
    assert got == [True, 3]


@pytest.mark.spec("9.1/1")
def test_suboffsets(rt: Runtime) -> None:
    """Rows behind pointers, in outer dimensions too."""
    rt.py(MAKER)
    rt.py(
        """
        rows = [ctypes.create_string_buffer(struct_bytes, 6) for struct_bytes in (b"-abcde", b"-fghij")]
        table = (ctypes.c_void_p * 2)(*[ctypes.addressof(r) for r in rows])
        flat = view_of((table, rows), ctypes.addressof(table), "B", 1, [2, 3], [4, 2], [1, -1])
        backwards = view_of((table, rows), ctypes.addressof(table) + 4, "B", 1, [2, 2], [-4, 1], [1, -1])
        columns = (ctypes.c_void_p * 2)(ctypes.addressof(table), ctypes.addressof(table))
        deep = view_of((columns, table, rows), ctypes.addressof(columns), "B", 1, [2, 2, 2], [4, 4, 1], [0, 2, -1])
        """
    )
    assert convert(rt, "flat") == ["Uint8Array:97 99 101", "Uint8Array:102 104 106"]
    assert convert(rt, "backwards") == ["Uint8Array:102 103", "Uint8Array:97 98"]
    rows = ["Uint8Array:98 99", "Uint8Array:103 104"]
    assert convert(rt, "deep") == [rows, rows]


def test_python_exporters(rt: Runtime) -> None:
    """A class with `__buffer__` is a buffer; what it raises is the cause of the ConversionError."""
    rt.py(
        """
        from pyodide.ffi import to_js
        released = []
        class Exporter:
            def __buffer__(self, flags): return memoryview(b"xyz")
            def __release_buffer__(self, view): released.append(1); view.release()
        class Broken:
            def __buffer__(self, flags): raise OSError("broken")
        """
    )
    assert convert(rt, "[Exporter(), 1][0]") == "Uint8Array:120 121 122"
    assert rt.py("len(released)") == 2
    got = rt.py(
        """
        try:
            to_js([Broken()])
        except Exception as e:
            r = type(e).__name__, repr(e.__cause__)
        r
        """
    )
    assert got == ("ConversionError", "OSError('broken')")


@pytest.mark.parametrize("container", ["[first, text, last]", "{'a': first, 'b': text, 'c': last}"])
@pytest.mark.parametrize("method", ["__buffer__", "__release_buffer__"])
def test_exporters_that_free_what_went_before(rt: Runtime, method: str, container: str) -> None:
    """What a class does when it lends its buffer, or gets it back, does no harm to what has been converted."""
    rt.py(
        f"""
        import js
        from pyodide.ffi import to_js
        first = bytearray(b"abcd" * 20_000)
        text = "".join(["text ", "that ", "one list ", "alone holds"])
        class Exporter(bytearray):
            def {method}(self, view_or_flags):
                first.clear()
                box.clear()
                global more
                more = [bytearray(b"zzzz" * 20_000), "z" * len("text that one list alone holds")]
                return super().{method}(view_or_flags)
        box = {container.replace("last", "Exporter(b'x')")}
        del text
        js.out = to_js(box)
        """
    )
    got = rt.js(
        """
        const [bytes, text, last] = Object.values(globalThis.out);
        const odd = bytes.findIndex((byte, i) => byte !== 97 + (i % 4));
        return [bytes.length, odd, text, last.length];
        """
    )
    assert got == [80_000, -1, "text that one list alone holds", 1]


def test_released_memoryview(rt: Runtime) -> None:
    """A memoryview without memory is an error."""
    with pytest.raises(PyError, match="released memoryview"):
        rt.py("from pyodide.ffi import to_js\nm = memoryview(b'x')\nm.release()\nto_js([m])")


def test_buffers_and_depth(rt: Runtime) -> None:
    """At depth 0 a buffer is a PyProxy."""
    got = rt.js(
        "const p = pyodide.runPython(\"b'x'\"), q = p.toJs({ depth: 0 }); const r = h.isPyProxy(q); p.destroy(); q.destroy(); return r;"
    )
    assert got is True


def test_big_buffers(rt: Runtime) -> None:
    """Tens of megabytes."""
    rt.py(
        "import js\nfrom pyodide.ffi import to_js\nb = bytes(range(256)) * 100_000\njs.out = to_js({'b': b})"
    )
    got = rt.js(
        "const { b } = globalThis.out; delete globalThis.out; return [b.length, b[255], b[b.length - 2]];"
    )
    assert got == [25_600_000, 255, 254]


@pytest.mark.spec("9.1/1", "9.1/12")
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_shape_and_stride(rt: Runtime, data: st.DataObject) -> None:
    """Slices with any steps of arrays with any dimensions have the items that arithmetic says."""
    letter = data.draw(st.sampled_from("bHiIqd"))
    order = data.draw(st.sampled_from(["", ">"]))
    size = struct.calcsize("<" + letter)
    shape = data.draw(st.lists(st.integers(0, 4), max_size=4))
    steps = [data.draw(st.sampled_from([-2, -1, 1, 2, 3])) for _ in shape]
    axes = data.draw(st.permutations(range(len(shape))))
    # The whole array, in whatever order of axes, of which the view takes every step-th item.
    whole = [max(1, 1 + (n - 1) * abs(step)) for n, step in zip(shape, steps, strict=True)]
    strides, offset, width = [0] * len(shape), 0, size
    for axis in axes:
        strides[axis] = width * steps[axis]
        offset += -strides[axis] * max(0, shape[axis] - 1) if steps[axis] < 0 else 0
        width *= whole[axis]
    numbers = list(range(width // size))
    layout = f"{order or '<'}{len(numbers)}{letter}"
    modulus = 100
    rt.py(MAKER)
    rt.py(
        f"b = make(data, {order + letter!r}, {size}, {shape}, {strides}, {offset})",
        data=struct.pack(layout, *[n % modulus for n in numbers]),
    )

    def expected(index: tuple[int, ...]) -> object:
        rest = shape[len(index) :]
        if len(rest) > 1:
            return [expected((*index, i)) for i in range(rest[0])]
        last = itertools.product(range(rest[0])) if rest else [()]
        places = [offset + sum(i * s for i, s in zip((*index, *tail), strides, strict=True)) for tail in last]  # fmt: skip
        return f"{CLASSES[letter]}:" + " ".join(str(p // size % modulus) for p in places)

    assert convert(rt, "b") == expected(())

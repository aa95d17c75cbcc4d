"""numpy arrays and typed arrays: the same memory from JavaScript, copies in both directions, scalars."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import JsError, PyError
from harness.runtime import Runtime

# dtype, class of getBuffer's view, class of to_js' copy
DTYPES = [
    ("bool", "Uint8Array", "Array"),
    ("int8", "Int8Array", "Int8Array"),
    ("uint8", "Uint8Array", "Uint8Array"),
    ("int16", "Int16Array", "Int16Array"),
    ("uint16", "Uint16Array", "Uint16Array"),
    ("int32", "Int32Array", "Int32Array"),
    ("uint32", "Uint32Array", "Uint32Array"),
    ("int64", "BigInt64Array", "BigInt64Array"),
    ("uint64", "BigUint64Array", "BigUint64Array"),
    ("intc", "Int32Array", "Int32Array"),
    ("long", "Int32Array", "Int32Array"),
    ("longlong", "BigInt64Array", "BigInt64Array"),
    ("intp", "Int32Array", "Int32Array"),
    ("float32", "Float32Array", "Float32Array"),
    ("float64", "Float64Array", "Float64Array"),
]
READ = """
    const p = pyodide.globals.get("a"), v = p.getBuffer(type ?? undefined);
    p.destroy();
    const read = (axis, at) => axis === v.ndim ? Number(v.data[at])
        : Array.from({ length: v.shape[axis] }, (_, i) => read(axis + 1, at + i * v.strides[axis]));
    try { return [v.data.constructor.name, read(0, v.offset), v.readonly, v.c_contiguous, v.f_contiguous]; }
    finally { v.release(); }
"""


@pytest.fixture(autouse=True)
def rt_with_numpy(numpy: Runtime) -> None:
    """All tests have numpy."""


@pytest.mark.spec("9.2/1", "9.4/1")
@pytest.mark.parametrize(("dtype", "view", "_copy"), DTYPES)
def test_views_of_every_type(rt: Runtime, dtype: str, view: str, _copy: str) -> None:
    """JavaScript writes into the array and sees what Python writes."""
    rt.py(f"a = np.array([0, 1, 1, 0], dtype={dtype!r})")
    got = rt.js(
        """
        const p = pyodide.globals.get("a"), v = p.getBuffer();
        v.data[0] = v.data[1];
        pyodide.runPython("a[3] = 1");
        const r = [v.data.constructor.name, [...v.data].map(Number), v.itemsize * v.data.length === v.nbytes, v.shape, v.strides];
        v.release();
        p.destroy();
        return r;
        """
    )
    assert got == [view, [1, 1, 1, 1], True, [4], [1]]
    assert rt.py("a.tolist() == [1, 1, 1, 1]") is True


@pytest.mark.spec("9.1/14", "9.4/1")
@pytest.mark.parametrize(("dtype", "_view", "copy"), DTYPES)
@pytest.mark.parametrize("order", ["=", ">"])
def test_copies_of_every_type(rt: Runtime, dtype: str, _view: str, copy: str, order: str) -> None:
    """`to_js` makes typed arrays, with nested Arrays around them for more dimensions, of any byte order."""
    rt.py(
        f"""
        import js
        from pyodide.ffi import to_js
        a = np.array([[0, 1, 1], [1, 0, 1]]).astype(np.dtype({dtype!r}).newbyteorder({order!r}))
        js.rows, js.row, js.back, js.one, js.none = to_js(a), to_js(a[0]), to_js(a[0, ::-1]), to_js(a[1, 0]), to_js(a[:0, 0])
        """
    )
    got = rt.js(
        """
        const show = (x) => [x.constructor.name, Array.from(x, Number)];
        const { rows, row, back, one, none } = globalThis;
        return [rows.map(show), show(row), show(back), show(none)];
        """
    )
    assert got == [
        [[copy, [0, 1, 1]], [copy, [1, 0, 1]]],
        [copy, [0, 1, 1]],
        [copy, [1, 1, 0]],
        [copy, []],
    ]


@pytest.mark.spec("9.4/1")
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_layout(rt: Runtime, data: st.DataObject) -> None:
    """Whatever was transposed, sliced and reversed, element [i, j, ...] is where strides and offset say."""
    shape = data.draw(st.lists(st.integers(0, 4), max_size=4))
    axes = data.draw(st.permutations(range(len(shape))))
    step = st.sampled_from([-3, -2, -1, 1, 2])
    cuts = [
        f"slice({data.draw(st.none() | st.integers(-4, 3))}, None, {data.draw(step)})" for _ in axes
    ]
    dtype = data.draw(st.sampled_from(["int8", "uint16", "int32", "int64", "float32", "float64"]))
    order = data.draw(st.sampled_from("CF"))
    rt.py(
        f"a = np.arange(np.prod({shape}, dtype=int)).astype({dtype!r}).reshape({shape}, order={order!r})"
        # The dots keep an array of no dimension an array.
        f".transpose({list(axes)})[{''.join(cut + ', ' for cut in cuts)}...]"
    )
    assert rt.js(READ, type=None)[1] == rt.py("a.astype(int).tolist()")
    copied = rt.js(
        """
        const p = pyodide.globals.get("a"), copy = p.toJs();
        p.destroy();
        const plain = (x) => Array.isArray(x) ? x.map(plain) : Array.from(x, Number);
        return plain(copy);
        """
    )
    assert copied == rt.py("np.atleast_1d(a.astype(int)).tolist()")


@pytest.mark.spec("9.2/2", "9.4/1")
@pytest.mark.parametrize(
    ("source", "items", "flags"),
    [
        ("np.array(7.5)", 7.5, [False, True, True]),
        ("np.zeros((0, 3))", [], [False, True, True]),
        ("np.arange(4)[1:3]", [1, 2], [False, True, True]),
        ("np.arange(4)[::-1]", [3, 2, 1, 0], [False, False, False]),
        ("np.arange(4).reshape(2, 2).T", [[0, 2], [1, 3]], [False, False, True]),
        ("np.broadcast_to(np.arange(2), (2, 2))", [[0, 1], [0, 1]], [True, False, False]),
        ("np.frombuffer(b'abc', dtype='u1')", [97, 98, 99], [True, True, True]),
        ("np.array([1 + 2j]).real", [1], [False, True, True]),
        ("np.ma.array([1, 2], mask=[0, 1]).data", [1, 2], [False, True, True]),
    ],
)
def test_kinds_of_arrays(rt: Runtime, source: str, items: object, flags: list[bool]) -> None:
    """Arrays of no dimension, empty, sliced, reversed, transposed, broadcast, borrowed and read-only ones."""
    rt.py(f"a = {source}")
    got = rt.js(READ, type=None)
    assert got[1] == items
    assert got[2:] == flags


@pytest.mark.spec("9.2/2")
def test_read_only_arrays(rt: Runtime) -> None:
    """A view of a read-only array says so; `assign_to` refuses it."""
    rt.py("a = np.arange(3)\na.flags.writeable = False\nimport js\nt = js.Int32Array.new(3)")
    assert rt.js(READ, type=None)[2] is True
    with pytest.raises(PyError) as caught:
        rt.py("t.assign_to(a)")
    assert caught.value.type in ("BufferError", "ValueError")
    assert rt.py("t.assign(a)\nt.to_py().tolist()") == [0, 1, 2]


@pytest.mark.spec("9.1/14", "9.2/6")
@pytest.mark.parametrize(
    "source",
    [
        "np.array([1j])",
        "np.array([1, None], dtype=object)",
        "np.array([(1, 2.0)], dtype='i4,f8')",
        "np.array(['ab'])",
        "np.array([b'ab'])",
        "np.array([1.5], dtype=np.longdouble)",
        "np.array(['2024-01-01'], dtype='M8[D]')",
    ],
)
def test_types_without_a_typed_array(rt: Runtime, source: str) -> None:
    """They are errors on both ways, and the array is not left locked."""
    rt.py(f"from pyodide.ffi import to_js\na = {source}")
    with pytest.raises(PyError):
        rt.py("to_js(a)")
    with pytest.raises(JsError):
        rt.js(READ, type=None)
    assert rt.py("a.resize((3,), refcheck=False)\na.size") == 3


@pytest.mark.spec("9.2/6")
def test_byte_order_and_alignment(rt: Runtime) -> None:
    """A view of another byte order or alignment needs a type that fits."""
    rt.py("a = np.array([1, 2], dtype='>i4')")
    with pytest.raises(JsError, match="big endian"):
        rt.js(READ, type=None)
    got = rt.js(
        "const p = pyodide.globals.get('a'), v = p.getBuffer('dataview'), r = [v.data.getInt32(0), v.data.getInt32(4)]; v.release(); p.destroy(); return r;"
    )
    assert got == [1, 2]
    rt.py("a = np.frombuffer(bytearray(9), dtype='i4', offset=1)")
    with pytest.raises(JsError, match="alignment"):
        rt.js(READ, type=None)
    assert rt.js(READ, type="u8")[0] == "Uint8Array"
    rt.py("a = np.zeros(3, dtype=[('a', 'u1'), ('b', '<u2')])['a']")
    assert rt.js(READ, type=None)[1] == [0, 0, 0]


@pytest.mark.spec("9.2/1")
def test_half_floats(rt: Runtime) -> None:
    """float16 needs an engine with Float16Array, or another type of view."""
    rt.py("a = np.array([0.5, -2], dtype='f2')")
    if rt.expr("typeof Float16Array === 'function'"):
        assert rt.js(READ, type=None)[:2] == ["Float16Array", [0.5, -2]]
    else:
        with pytest.raises(JsError, match="no Float16 support"):
            rt.js(READ, type=None)
    assert rt.js(READ, type="u16")[1] == list(struct.unpack("<2H", struct.pack("<2e", 0.5, -2)))


@pytest.mark.spec("9.2/5")
def test_a_view_survives_growth(rt: Runtime) -> None:
    """After the memory has grown the view's data are read anew, and the array cannot be resized meanwhile."""
    rt.py("a = np.arange(4.0)")
    got = rt.js(
        """
        const p = pyodide.globals.get("a"), v = p.getBuffer(), before = v.data, size = pyodide._module.HEAPU8.length;
        p.destroy();
        for (let n = 0; pyodide._module.HEAPU8.length === size; n++) pyodide.runPython("kept = [np.ones(2**22) for _ in range(2)]", { globals: pyodide.globals });
        v.data[0] = 9;
        const r = [before.length, [...v.data], pyodide.runPython("a[0]"), h.thrown(() => pyodide.runPython("a.resize(8)")).type];
        v.release();
        pyodide.runPython("kept = None");
        return r;
        """
    )
    assert got == [0, [9, 1, 2, 3], 9, "ValueError"]
    assert rt.py("a.resize(8, refcheck=False)\na.size") == 8


@pytest.mark.spec("9.3/2", "9.4/1")
@pytest.mark.parametrize(
    ("cls", "dtype"),
    [
        ("Int8Array", "int8"),
        ("Uint8Array", "uint8"),
        ("Uint8ClampedArray", "uint8"),
        ("Int16Array", "int16"),
        ("Uint16Array", "uint16"),
        ("Int32Array", "int32"),
        ("Uint32Array", "uint32"),
        ("BigInt64Array", "int64"),
        ("BigUint64Array", "uint64"),
        ("Float32Array", "float32"),
        ("Float64Array", "float64"),
    ],
)
def test_typed_arrays_as_ndarrays(rt: Runtime, cls: str, dtype: str) -> None:
    """`np.asarray` copies a typed array with its type, with `to_py()` and without; `assign` and `assign_to` go between existing ones."""
    rt.js(
        f"globalThis.t = new {cls}({cls}.BYTES_PER_ELEMENT === 8 && {cls}.name.startsWith('Big') ? [1n, 2n, 3n] : [1, 2, 3]).subarray(1);"
    )
    got = rt.py(
        """
        import js
        a, b = np.asarray(js.t.to_py()), np.asarray(js.t)
        c = np.empty(2, a.dtype)
        js.t.assign_to(c)
        a[0] = 7
        same = np.array(js.t, copy=True).tolist() == np.add(js.t, 0).tolist() == b.tolist()
        js.t.assign(a)
        a.dtype.name, b.dtype.name, a.flags.writeable, b.flags.writeable, b.tolist(), c.tolist(), same, js.t.to_py().tolist()
        """
    )
    assert got == (dtype, dtype, True, True, [2, 3], [2, 3], True, [7, 3])


@pytest.mark.spec("9.3/2")
def test_asarray_of_other_buffers(rt: Runtime) -> None:
    """ArrayBuffers and DataViews are bytes; a type converts; no copy is impossible; other JavaScript objects are no arrays."""
    rt.js("globalThis.d = new DataView(new Uint8Array([1, 2, 3]).buffer, 1);")
    got = rt.py(
        """
        import js
        a = np.asarray(js.d), np.asarray(js.d.buffer), np.asarray(js.d, dtype="f4"), np.asarray(js.d, np.uint8)
        [(x.dtype.name, x.tolist()) for x in a]
        """
    )
    assert got == [
        ("uint8", [2, 3]),
        ("uint8", [1, 2, 3]),
        ("float32", [2, 3]),
        ("uint8", [2, 3]),
    ]
    with pytest.raises(PyError, match="Unable to avoid copy") as caught:
        rt.py("np.asarray(js.d, copy=False)")
    assert caught.value.type == "ValueError"
    assert rt.py("np.asarray(js.Object.new()).dtype.name") == "object"
    with pytest.raises(PyError, match="takes at most 1 positional"):
        rt.py("js.d.__array__(None, True)")


@pytest.mark.spec("9.1/11", "9.2/1")
def test_half_floats_both_ways(fresh: Callable[..., Runtime], switching_node: str) -> None:
    """A Float16Array arrives as float16, and float16 is lent as a Float16Array, in an engine that has it (Node 25)."""
    rt = fresh(node=switching_node)
    rt.js("await pyodide.loadPackage('numpy', { messageCallback() {} })")
    rt.js("globalThis.t = new Float16Array([0.5, -2]);")
    code = "import js, numpy as np\na = np.asarray(js.t)\n(a.dtype.name, a.tolist())"
    assert rt.py(code) == ("float16", [0.5, -2])
    assert rt.js(READ, type=None)[:2] == ["Float16Array", [0.5, -2]]


@pytest.mark.spec("1.2/3")
def test_scalars(rt: Runtime) -> None:
    """numpy's scalars are no Python numbers and cross as proxies, but for float64, which is a float."""
    rt.py("def make(kind): return getattr(np, kind)(1)\ndef seen(x): return type(x).__name__")
    got = rt.js(
        """
        const make = pyodide.globals.get("make"), seen = pyodide.globals.get("seen");
        const kinds = ["int8", "int32", "int64", "uint8", "float32", "bool_", "complex128", "float64"];
        return kinds.map((kind) => {
            const x = make(kind);
            if (typeof x !== "object") return [kind, typeof x, x, seen(x)];
            const r = [kind, x.type, x.item(), seen(x)];
            x.destroy();
            return r;
        }).map(([kind, type, value, back]) => [kind, type, kind === "complex128" ? (value.destroy(), 0) : value, back]);
        """
    )
    assert got == [
        ["int8", "numpy.int8", 1, "int8"],
        ["int32", "numpy.int32", 1, "int32"],
        ["int64", "numpy.int64", 1, "int64"],
        ["uint8", "numpy.uint8", 1, "uint8"],
        ["float32", "numpy.float32", 1, "float32"],
        ["bool_", "numpy.bool", True, "bool"],
        ["complex128", "numpy.complex128", 0, "complex128"],
        ["float64", "number", 1, "int"],
    ]


def test_methods_from_javascript(rt: Runtime) -> None:
    """JavaScript calls an array's methods, with keyword arguments and typed arrays as arguments."""
    rt.py("a = np.arange(6).reshape(2, 3)")
    got = rt.js(
        """
        const a = pyodide.globals.get("a"), np = pyodide.pyimport("numpy");
        const t = np.asarray(new Float64Array([1, 2, 3])), sum = a.sum.callKwargs({ axis: 0 });
        const r = [[...a.shape], a.ndim, a.size, sum.toJs(), np.dot(t, t), a.length, sum.get(0).item()];
        for (const p of [a, np, t, sum]) p.destroy();
        return r;
        """
    )
    assert got[:3] == [[2, 3], 2, 6]
    assert got[4:] == [14, 2, 3]

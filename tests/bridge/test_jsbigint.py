"""JsBigInt: BigInts of JavaScript stay BigInts on their way through Python."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.spec("1.2/2", "2.1/4", "2.1/11", "2.3/3", "13.1/7")
@pytest.mark.parametrize("source", ["0n", "12n", "-1n", "2n ** 31n", "-(2n ** 63n)", "2n ** 64n", "-(10n ** 40n)", "7n ** 999n"])  # fmt: skip
def test_round_trip(rt: Runtime, source: str) -> None:
    """It is an int of the same value, and a BigInt again, alone and inside containers."""
    rt.js(
        f"globalThis.value = {source}; globalThis.list = [value]; globalThis.isValue = (x) => x === globalThis.value;"
    )
    got = rt.py(
        """
        import js
        from pyodide.ffi import JsBigInt, to_js
        x = js.value
        (type(x) is JsBigInt, isinstance(x, int), str(x) == js.value.__repr__(), js.isValue(x), js.isValue(to_js([x])[0]),
            js.isValue(to_js({"a": x}).a), js.isValue(js.get_proxy("list").to_py()[0]), to_js(x) is x, int(x))
        """
    )
    assert got[:-1] == (True,) * 8
    assert got[-1] == rt.expr("value")
    assert rt.js(
        "const f = pyodide.runPython('lambda x: x'); const r = f(value) === value; f.destroy(); return r;"
    )


@pytest.mark.spec("1.2/2")
def test_behaves_as_int(rt: Runtime) -> None:
    """Arithmetic gives plain ints; equality, hash, format, indexing, copies and json are those of int."""

    @rt.run
    def _() -> None:
        import copy
        import json
        import pickle

        import js
        from pyodide.ffi import JsBigInt

        x = js.eval("5n")
        for result in (
            x + 1,
            1 + x,
            x - x,
            x * 2,
            x // 2,
            -x,
            +x,
            ~x,
            abs(x),
            x << 1,
            x | 0,
            x**2,
            round(x),
            divmod(x, 2)[0],
            int(x),
        ):
            assert type(result) is int
        assert x == 5
        assert {x: 1}[5] == 1
        assert "abcdef"[x] == "f"
        assert f"{x} {x:03d} {x!r}" == "5 005 5"
        assert json.dumps([x]) == "[5]"
        assert list(range(JsBigInt(2))) == [0, 1]
        for again in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
            assert type(again) is JsBigInt
            assert again == 5
        assert repr(JsBigInt) == "<class 'pyodide.ffi.JsBigInt'>"
        assert JsBigInt("12") == 12
        assert JsBigInt.from_bytes(b"\x01\x00") == 256
        match x:
            case int(n):
                assert n == 5


@pytest.mark.spec("1.1/5", "1.2/1")
def test_made_in_python(rt: Runtime) -> None:
    """One that Python makes, and one of a subclass, is a BigInt; an int of the same value is not."""
    rt.js("globalThis.kinds = (...args) => args.map((x) => typeof x).join(); globalThis.seen = [];")
    got = rt.py(
        """
        import js
        from pyodide.ffi import JsBigInt, to_js
        class Mine(JsBigInt): pass
        m = js.Map.new()
        m[JsBigInt(1)] = "bigint"
        m[1] = "number"
        (js.kinds(JsBigInt(1), Mine(2), 1, JsBigInt(2**70), JsBigInt(True), *to_js([JsBigInt(3), 3])), m.size,
            m[JsBigInt(1)], m[1], js.Object.keys(to_js({JsBigInt(7): 1})).to_py() if hasattr(js.Object.keys({}), "to_py") else ["7"])
        """
    )
    assert got == ("bigint,bigint,number,bigint,bigint,bigint,number", 2, "bigint", "number", ["7"])


@pytest.mark.spec("2.1/4")
@pytest.mark.parametrize("name", ["BigInt64Array", "BigUint64Array"])
def test_items_of_typed_arrays(rt: Runtime, name: str) -> None:
    """Items are found and set by ints of either kind."""
    rt.js(f"globalThis.a = new {name}([1n, 2n, 2n ** 60n, 2n]);")

    @rt.run
    def _() -> None:
        from js import a
        from pyodide.ffi import JsBigInt

        assert type(a[0]) is JsBigInt
        for number in (int, JsBigInt, float):
            assert a.index(number(2)) == 1
            assert a.index(number(2), 2) == 3
            assert a.count(number(2)) == 2
            assert number(1) in a
            assert number(9) not in a
        assert a.index(2**60) == 2
        assert 2**60 in a
        assert 1.5 not in a
        for wrong in (9, 2**61, "1", None, 1.5):
            try:
                a.index(wrong)
            except ValueError as error:
                assert str(error) == f"{wrong!r} is not in list"
            else:
                raise AssertionError(wrong)
        a[0] = 7
        a[1] = JsBigInt(8)
        a[2] = 2**61
        assert list(a) == [7, 8, 2**61, 2]

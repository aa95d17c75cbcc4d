"""Typed arrays and node lists as sequences: what of a list they have, and what they refuse."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

NODE_LIST = """
    globalThis.nodes = (items, tag = "NodeList") => Object.assign(Object.create({
        get [Symbol.toStringTag]() { return tag; },
        *[Symbol.iterator]() { for (let i = 0; i < this.length; i++) yield this[i]; },
    }), items, { length: items.length });
"""


def outcome(rt: Runtime, setup: str, action: str) -> object:
    """What Python code gives or raises: the value, or the error's type and text."""
    code = f"{setup}\ntry:\n    r = {action}\nexcept Exception as e:\n    r = type(e).__name__ + ': ' + str(e)\nr"
    return rt.py(code)


@pytest.mark.spec("3.7/19", "13.4/9")
def test_typed_array_as_sequence(rt: Runtime) -> None:
    """Typed arrays are searched, counted, reversed and assigned like lists."""

    @rt.run
    def _() -> None:
        import js

        t = js.Int8Array.new([1, 2, 3, 2])
        assert (t.index(2), t.index(2, 2), t.index(2, -1), t.count(2), t.count(9)) == (
            1,
            3,
            3,
            2,
            0,
        )
        assert list(reversed(t)) == [2, 3, 2, 1]
        t.reverse()
        assert list(t) == [2, 3, 2, 1]
        t[-1] = 7
        t[0] = 8
        assert list(t) == [8, 3, 2, 7]
        assert 7 in t
        big = js.BigInt64Array.new(2)
        big[1] = 2**60
        assert big[1] == 2**60


@pytest.mark.spec("3.7/19")
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("t[4]", "IndexError: 4"),
        ("t[-5]", "IndexError: -5"),
        ("t.__setitem__(4, 1)", "IndexError: 4"),
        ("t.__setitem__(-5, 1)", "IndexError: -5"),
        ("t.__delitem__(0)", "TypeError: object doesn't support item deletion"),
        ("t.__delitem__(slice(0, 1))", "TypeError: object doesn't support item deletion"),
        ("t[1:2]", "NotImplementedError: Slice subscripting isn't implemented for typed arrays"),
        (
            "t.__setitem__(slice(0, 1), [1])",
            "NotImplementedError: Slice assignment isn't implemented for typed arrays",
        ),
        ("t['a']", "TypeError: list indices must be integers or slices, not str"),
        ("t.__setitem__('a', 1)", "TypeError: list indices must be integers or slices, not str"),
        ("t.index(9)", "ValueError: 9 is not in list"),
        ("t.append", "AttributeError: append"),
        ("t.extend", "AttributeError: extend"),
        (
            "t + [1]",
            "TypeError: unsupported operand type(s) for +: 'pyodide.ffi.JsProxy' and 'list'",
        ),
        (
            "t * 2",
            "TypeError: unsupported operand type(s) for *: 'pyodide.ffi.JsProxy' and 'int'",
        ),
        ("t.keys", "AttributeError: keys"),
    ],
)
def test_what_typed_arrays_refuse(rt: Runtime, action: str, expected: str) -> None:
    """Indices out of range, deletion, slices and growth are errors."""
    assert outcome(rt, "import js\nt = js.Int8Array.new([1, 2, 3, 2])", action) == expected


@pytest.mark.spec("3.7/18")
def test_sequence_protocol_cannot_delete_from_typed_arrays(rt: Runtime) -> None:
    """PySequence_DelItem is a TypeError too."""

    @rt.run
    def _() -> None:
        from ctypes import c_ssize_t, py_object, pythonapi

        import js

        delete = pythonapi.PySequence_DelItem
        delete.argtypes = [py_object, c_ssize_t]
        try:
            delete(js.Int8Array.new(2), 0)
        except TypeError as error:
            assert str(error) == "object doesn't support item deletion"
        else:
            raise AssertionError


@pytest.mark.spec("3.7/19")
@pytest.mark.parametrize("tag", ["NodeList", "HTMLCollection"])
def test_node_list_as_sequence(rt: Runtime, tag: str) -> None:
    """Node lists have items, a length, iteration, `+`, `in`, reversed and patterns."""
    rt.js(NODE_LIST + "globalThis.n = nodes(['a', 'b', 'c'], tag);", tag=tag)

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsArray

        n = js.n
        assert isinstance(js.n, JsArray)
        assert (n[0], n[-1], len(n), list(n)) == ("a", "c", 3, ["a", "b", "c"])
        assert list(reversed(n)) == ["c", "b", "a"]
        both = n + ["d"]
        assert list(both) == ["a", "b", "c", "d"]
        assert js.Array.isArray(both)
        grown = n
        grown += (1,)
        assert grown != n
        assert list(grown) == ["a", "b", "c", 1]
        assert "b" in n
        match n:
            case ["a", *rest]:
                assert rest == ["b", "c"]
            case _:
                raise AssertionError
        assert bool(n)


@pytest.mark.spec("3.7/19", "3.3/5")
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("n[3]", "IndexError: 3"),
        ("n[-4]", "IndexError: -4"),
        ("n[0:1]", "NotImplementedError: Slice subscripting isn't implemented for node lists"),
        ("n['a']", "TypeError: list indices must be integers or slices, not str"),
        (
            "n.__class__.__setitem__",
            "AttributeError: type object 'pyodide.ffi.JsProxy' has no attribute '__setitem__'",
        ),
        ("n.append", "AttributeError: append"),
        ("n.keys", "AttributeError: keys"),
    ],
)
def test_what_node_lists_refuse(rt: Runtime, action: str, expected: str) -> None:
    """Indices out of range, slices and every change are errors."""
    rt.js(NODE_LIST + "globalThis.n = nodes(['a', 'b', 'c']);")
    assert outcome(rt, "import js\nn = js.n", action) == expected


@pytest.mark.spec("3.7/19")
def test_node_lists_cannot_be_changed(rt: Runtime) -> None:
    """Assignment and deletion of items are TypeErrors."""
    rt.js(NODE_LIST + "globalThis.n = nodes(['a']);")
    for statement in ("js.n[0] = 1", "del js.n[0]"):
        code = f"import js\nr = 'no error'\ntry:\n    {statement}\nexcept TypeError as e:\n    r = str(e)\nr"
        assert "does not support item" in rt.py(code) or "doesn't support item" in rt.py(code)


@pytest.mark.spec("3.7/1", "3.7/19")
@pytest.mark.parametrize(
    ("length", "kind", "text"),
    [
        ("-1", "ValueError", "-1"),
        ("2 ** 31", "OverflowError", "2147483648"),
        ("2 ** 65", "OverflowError", "36893488147419103232"),
        ("-(2 ** 65)", "ValueError", "-36893488147419103232"),
        ("'x'", "TypeError", "object does not have a valid length"),
        ("1.5", "TypeError", "object does not have a valid length"),
        ("NaN", "TypeError", "object does not have a valid length"),
        ("2n ** 65n", "OverflowError", "36893488147419103232"),
    ],
)
def test_bogus_length_of_a_node_list(rt: Runtime, length: str, kind: str, text: str) -> None:
    """A length that is none is an error wherever it is needed, with the number in the text."""
    rt.js(NODE_LIST + f"globalThis.n = nodes([1]); n.length = {length};")
    for action in ("len(n)", "n[-1]", "n + [1]", "reversed(n)"):
        got = outcome(rt, "import js\nn = js.n", action)
        assert isinstance(got, str), action
        assert got.startswith(kind + ": "), action
        assert text in got, action
    assert rt.py("n[0]") == 1

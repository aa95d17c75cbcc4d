"""Live JavaScript Arrays as Python lists: slices, operators, methods, errors."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.runtime import Runtime

INDEX = st.none() | st.integers(-12, 12)
SLICES = st.tuples(INDEX, INDEX, st.none() | st.integers(-4, 4))
LISTS = st.lists(st.integers(-3, 99), max_size=9)
MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

SETUP = """
    import js
    make = js.eval("(...items) => ({ items })")

    def array(items=()):
        "A live Array with these items."
        return make(*items).get_proxy("items")

    def outcome(action, subject):
        "What an action returns or raises, and what is left of its subject."
        try:
            result = action(subject)
        except Exception as error:
            return (type(error).__name__, error.args, list(subject))
        result = list(result) if hasattr(result, "__len__") else result
        return ("ok", result, list(subject))
"""


def compare(rt: Runtime, items: list[int], action: str) -> None:
    """Do one thing to an Array and to a list with the same items."""
    rt.py(SETUP)
    got = rt.py(
        f"action = {action}\n[outcome(action, array(items)), outcome(action, list(items))]",
        items=items,
    )
    assert got[0] == got[1], (items, action)


@pytest.mark.spec("3.7/5", "13.4/7")
@MANY
@given(items=LISTS, bounds=SLICES)
def test_slice_is_read_as_of_a_list(rt: Runtime, items: list[int], bounds: tuple) -> None:
    """Any slice, of any step, has the items that it has of a list."""
    start, stop, step = bounds
    compare(rt, items, f"lambda x: x[slice({start}, {stop}, {step})]")


@pytest.mark.spec("3.7/8", "13.4/7")
@MANY
@given(items=LISTS, bounds=SLICES)
def test_slice_is_deleted_as_of_a_list(rt: Runtime, items: list[int], bounds: tuple) -> None:
    """Deleting a slice leaves what it leaves of a list."""
    start, stop, step = bounds
    compare(rt, items, f"lambda x: x.__delitem__(slice({start}, {stop}, {step}))")


@pytest.mark.spec("3.7/8", "13.4/7")
@MANY
@given(items=LISTS, bounds=SLICES, values=st.lists(st.integers(100, 120), max_size=5))
def test_slice_is_assigned_as_to_a_list(
    rt: Runtime, items: list[int], bounds: tuple, values: list[int]
) -> None:
    """Assigning a slice, of a fitting size or not, does what it does to a list, errors included."""
    start, stop, step = bounds
    compare(rt, items, f"lambda x: x.__setitem__(slice({start}, {stop}, {step}), {values})")


@pytest.mark.spec("3.7/10", "3.7/12", "3.7/13", "3.7/14", "13.4/9")
@MANY
@given(
    items=LISTS,
    method=st.sampled_from(["insert", "pop", "index", "reverse", "reversed", "mul", "imul"]),
    index=st.integers(-12, 12),
    value=st.integers(-3, 99),
)
def test_methods_are_those_of_a_list(
    rt: Runtime, items: list[int], method: str, index: int, value: int
) -> None:
    """Each method does to an Array what it does to a list, for any index."""
    actions = {
        "insert": f"lambda x: x.insert({index}, {value})",
        "pop": f"lambda x: x.pop({index})",
        "index": f"lambda x: x.index({value}, {index})",
        "reverse": "lambda x: x.reverse()",
        "reversed": "lambda x: [i for i in reversed(x)]",
        "mul": f"lambda x: (x * {index}, {index} * x)[1]",
        "imul": f"lambda x: x.__imul__({index})",
    }
    compare(rt, items, actions[method])


@pytest.mark.spec(
    "3.7/8", "3.7/9", "3.7/10", "3.7/11", "3.7/12", "3.7/13", "13.4/8", "13.4/9", "13.4/10"
)
def test_fixed_cases_are_as_of_a_list(rt: Runtime) -> None:
    """What random input seldom meets: generators, empty operands, itself, bad types, huge numbers."""
    for action in (
        "lambda x: x.__setitem__(slice(1, 1), (i for i in range(3)))",
        "lambda x: x.__iadd__([])",
        "lambda x: x.__iadd__('ab')",
        "lambda x: x * 0",
        "lambda x: x + [7, 8]",
        "lambda x: x.__setitem__(slice(None, None, -1), x)",
        "lambda x: x.__setitem__(slice(1, 2), x)",
        "lambda x: x.extend(x)",
        "lambda x: x.extend({5: 6, 7: 8})",
        "lambda x: x.extend(5)",
        "lambda x: x.__setitem__(slice(0, 1), 5)",
        "lambda x: x.__setitem__(slice(0, 4, 2), 5)",
        "lambda x: x.__setitem__(slice(0, 4, 2), [1])",
        "lambda x: x['a']",
        "lambda x: x.__setitem__('a', 1)",
        "lambda x: x.__delitem__(1.5)",
        "lambda x: x[slice('a', 2)]",
        "lambda x: x[::0]",
        "lambda x: x[10**30]",
        "lambda x: x.__setitem__(10**30, 1)",
        "lambda x: x[-10**30:10**30]",
        "lambda x: x.insert(10**30, 1)",
        "lambda x: x.insert('a', 1)",
        "lambda x: x.insert(0, None)",
        "lambda x: x.pop('a')",
        "lambda x: (x.clear(), x.pop())",
        "lambda x: (x.append(4), x.append('b'))[0]",
        "lambda x: x.count(2)",
        "lambda x: x.count(22)",
        "lambda x: x.index(5, 1, -1)",
        "lambda x: x.index(3, -2, 10**30)",
        "lambda x: x.remove(2)",
        "lambda x: [list(reversed(x)), x.reverse()]",
        "lambda x: True in (i == 2 for i in x)",
    ):
        compare(rt, [1, 2, 3, 2, 5], action)


def test_negative_store_before_the_start(rt: Runtime) -> None:
    """A negative index before the start is an IndexError and leaves no stray property behind."""
    rt.py(SETUP)
    got = rt.py(
        """
        a = array([1, 2])
        try:
            a[-3] = []
        except IndexError as error:
            r = str(error)
        a[4] = 5
        js.a = a
        [r, len(a), a[4], a[-1]]
        """
    )
    assert got == ["-3", 5, 5, 5]
    assert rt.expr("[Object.keys(a), 2 in a]") == [["0", "1", "4"], False]
    rt.py("del js.a, a, array, make")


@pytest.mark.spec("3.7/4", "3.7/7", "3.7/16", "13.4/6")
def test_holes(rt: Runtime) -> None:
    """A hole is no item but can be deleted; deleting an item moves the holes behind it."""

    @rt.run
    def _() -> None:
        import js

        a = js.eval("({a: [0, false, NaN, undefined, null]})").get_proxy("a")
        a[6] = 7
        for index in (5, 10, -8):
            try:
                a[index]
            except IndexError as error:
                assert error.args == (index,)
            else:
                raise AssertionError(index)
        assert len(a) == 7
        assert a[3] is None
        del a[1]
        assert len(a) == 6
        assert not js.Object.hasOwn(a, "4")
        del a[4]
        assert len(a) == 5
        assert a[4] == 7
        try:
            del a[5]
        except IndexError as error:
            assert error.args == (5,)
        else:
            raise AssertionError
        holes = js.eval("({a: [1, , 3]})").get_proxy("a")
        assert list(reversed(holes)) == [3, None, 1]
        assert list(holes) == [1, None, 3]
        assert list(holes[::-1]) == [3, None, 1]


@pytest.mark.spec("3.7/5", "3.7/10")
def test_new_arrays_are_live(rt: Runtime) -> None:
    """Slices, sums and products are new Arrays, in both modes; the items in them are the same objects."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsArray

        a = js.eval("({a: [{}, [1]]})").get_proxy("a")
        for new in (a[:], a[::-1], a + [], a + a, a * 2, 2 * a, a[5:]):
            assert isinstance(new, JsArray)
            assert new != a
        assert a[:].get_proxy(1) == a.get_proxy(1)
        assert (a + a)[2] == a[0]
        assert len(a + a) == 4
        b = a
        b += [1]
        assert b is a
        b *= 2
        assert b is a
        assert len(a) == 6
        b += js.Int8Array.new([5, 6])
        assert (len(a), a[6], a[7]) == (8, 5, 6)


@pytest.mark.spec("3.7/10")
def test_sum_with_what_is_not_iterable(rt: Runtime) -> None:
    """`+` takes any iterable and nothing else."""
    rt.py(SETUP)
    got = rt.py(
        """
        r = []
        for action in (lambda: array([1]) + 5, lambda: array([1]) + (1 // i for i in (1, 0)), lambda: [1] + array([2])):
            try:
                action()
            except Exception as error:
                r.append((type(error).__name__, str(error)))
        r, list(array([1]) + range(3)), list(array([1]) + "ab")
        """
    )
    assert got[0] == [
        ("TypeError", 'can only concatenate an iterable (not "int") to pyodide.ffi.JsProxy'),
        ("ZeroDivisionError", "integer division or modulo by zero"),
        ("TypeError", 'can only concatenate list (not "pyodide.ffi.JsProxy") to list'),
    ]
    assert got[1:] == ([1, 0, 1, 2], [1, "a", "b"])


def test_repeat_too_often(rt: Runtime) -> None:
    """A product that no engine can hold is a MemoryError."""
    rt.py(SETUP)
    code = "a = array([1, 2])\ntry:\n    {}\nexcept MemoryError as error:\n    r = 'too long'\n[r, len(a)]"
    for action in ("a * 2**30", "a *= 2**30", "a.__mul__(2**30)"):
        assert rt.py("r = None\n" + code.format(action)) == ["too long", 2]


@pytest.mark.spec("3.7/12", "3.7/13", "3.7/17", "13.4/11", "13.4/12")
def test_python_objects_are_found_by_equality(rt: Runtime) -> None:
    """index, count and remove find a list by `==`, whether it lies in the Array as a proxy or as a copy."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import create_proxy

        a = js.eval("({a: [1, {}]})").get_proxy("a")
        a.append([1, 2])
        a.append({"k": 1})
        a.append([1, 2])
        assert a.index([1, 2]) == 2
        assert a.index([1, 2], 3) == 4
        assert a.index([1, 2], -1) == 4
        assert a.index({"k": 1}) == 3
        assert a.count([1, 2]) == 2
        assert a.count({1}) == 0
        for missing in ([3], {"k": 2}):
            try:
                a.index(missing)
            except ValueError as error:
                assert str(error) == f"{missing!r} is not in list"
            else:
                raise AssertionError(missing)
        try:
            a.index([1, 2], 3, 4)
        except ValueError:
            pass
        else:
            raise AssertionError
        a.remove([1, 2])
        assert len(a) == 4
        assert a.index([1, 2]) == 3
        assert a.index(a[1]) == 1

        p = create_proxy([], roundtrip=False)
        q = create_proxy([])
        a.append(p)
        a.append(q)
        a.remove([])
        assert len(a) == 5
        assert a.index(q) == 4
        p.destroy()
        q.destroy()
        assert a.count([]) == 0
        a.clear()
        assert len(a) == 0


def test_comparison_that_fails(rt: Runtime) -> None:
    """An error in `__eq__` comes out of the search; None and jsnull are compared by JavaScript."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import jsnull

        class Odd:
            def __eq__(self, other: object) -> bool:
                raise ZeroDivisionError

            __hash__ = None

        a = js.eval("({a: [undefined, null, NaN, '1', 1]})").get_proxy("a")
        assert a.index(None) == 0
        assert a.index(jsnull) == 1
        assert a.index(1) == 4
        assert a.count(True) == 0
        assert a.count(float("nan")) == 0
        a.append({})
        for action in (a.index, a.count, a.remove):
            try:
                action(Odd())
            except ZeroDivisionError:
                continue
            raise AssertionError(action)
        try:
            a.remove(77)
        except ValueError as error:
            assert str(error) == "77 is not in list"
        else:
            raise AssertionError
        a.clear()


@pytest.mark.spec("3.7/11")
def test_extend_is_atomic(rt: Runtime) -> None:
    """When adding fails nothing has been added, and no proxy has been left behind."""
    rt.js("globalThis.frozen = Object.freeze([1]);")
    rt.js(
        "globalThis.o = { full: Object.defineProperty([1, 2], 'length', { writable: false }), room: [1] };"
    )

    @rt.run
    def _() -> None:
        from collections.abc import Iterator
        from contextlib import suppress

        import js
        from pyodide.ffi import JsException

        class Thing:
            pass

        def things() -> Iterator[Thing]:
            yield Thing()
            yield Thing()
            raise ZeroDivisionError

        frozen = js.o.get_proxy("full")
        for action in (
            lambda: frozen.extend([Thing(), Thing()]),
            lambda: frozen.append(Thing()),
            lambda: frozen.insert(0, Thing()),
            lambda: frozen.__setitem__(5, Thing()),
            lambda: frozen.__setitem__(slice(0, 1), [Thing(), Thing()]),
        ):
            try:
                action()
            except JsException as error:
                assert error.name == "TypeError"
            else:
                raise AssertionError
            assert list(frozen) == [1, 2]
        room = js.o.get_proxy("room")
        with suppress(ZeroDivisionError):
            room.extend(things())
        assert list(room) == [1]
        with suppress(ValueError):
            room[::2] = [Thing(), Thing()]
        assert list(room) == [1]


def test_deep_containers_are_too_deep(rt: Runtime) -> None:
    """A list that is nested too deeply to be copied leaves the Array as it was."""

    @rt.run
    def _() -> None:
        import js

        deep: list[object] = []
        for _ in range(3000):
            deep = [deep]
        a = js.eval("({a: [1]})").get_proxy("a")
        try:
            a.extend([deep])
        except RecursionError:
            assert list(a) == [1]
        else:
            # Wrapped and not copied.
            assert a[1] is deep
            a.clear()


def test_long_arrays(rt: Runtime) -> None:
    """More items than the engine takes as arguments can be inserted, deleted and added at once."""

    @rt.run
    def _() -> None:
        import js

        a = js.eval("({a: [1, 2, , 3]})").get_proxy("a")
        n = 300_000
        a[1:2] = range(n)
        assert len(a) == n + 3
        assert (a[0], a[1], a[n], a[n + 2]) == (1, 0, n - 1, 3)
        assert not js.Object.hasOwn(a, str(n + 1))
        del a[::2]
        assert len(a) == (n + 3) // 2
        a.extend(range(n))
        assert a[-1] == n - 1


@pytest.mark.spec("3.3/5", "3.7/15", "13.4/13")
def test_mutable_sequence_and_patterns(rt: Runtime) -> None:
    """Arrays and typed arrays are sequences for `match` and have no attribute `keys`."""

    @rt.run
    def _() -> None:
        import js

        for source in ("[1, 2, 3]", "new Uint8Array([1, 2, 3])"):
            a = js.eval(f"({{a: {source}}})").get_proxy("a")
            match a:
                case [1, *rest]:
                    assert rest == [2, 3]
                case _:
                    raise AssertionError(source)
            assert not hasattr(a, "keys")
            assert "keys" not in dir(a)
            assert "map" in dir(a)
        pairs = js.eval("({a: [['x', 1], ['y', 2]]})").get_proxy("a")
        assert dict(pairs) == {"x": 1, "y": 2}
        assert pairs.push("z3") == 3
        assert dict(pairs)["z"] == "3"


@pytest.mark.spec("3.7/18")
def test_sequence_slots_by_ctypes(rt: Runtime) -> None:
    """The functions of the C API for sequences work on Arrays."""

    @rt.run
    def _() -> None:
        from ctypes import c_ssize_t, py_object, pythonapi

        import js

        def api(name: str, *args: object, result: object = py_object) -> object:
            function = getattr(pythonapi, "PySequence_" + name)
            function.restype = result
            function.argtypes = [c_ssize_t if type(arg) is int else py_object for arg in args]
            return function(*args)

        a = js.eval("({a: [1, 2, 3]})").get_proxy("a")
        assert api("Size", a, result=c_ssize_t) == 3
        assert api("Check", a, result=c_ssize_t) == 1
        assert api("GetItem", a, 1) == 2
        assert api("GetItem", a, -1) == 3
        for bad in (-4, -5, 3):
            for action in (
                lambda bad=bad: api("GetItem", a, bad),
                lambda bad=bad: api("DelItem", a, bad, result=c_ssize_t),
            ):
                try:
                    action()
                except IndexError:
                    continue
                raise AssertionError(bad)
        api("SetItem", a, -1, "z", result=c_ssize_t)
        api("DelItem", a, 0, result=c_ssize_t)
        assert list(a) == [2, "z"]
        assert list(api("Concat", a, a)) == [2, "z", 2, "z"]
        assert api("InPlaceConcat", a, [1]) is a
        assert api("InPlaceRepeat", a, 2) is a
        assert list(api("Repeat", a, 1)) == [2, "z", 1] * 2
        assert api("Contains", a, "z", result=c_ssize_t) == 1
        assert list(api("GetSlice", a, 1, 3)) == ["z", 1]
        assert api("Tuple", a) == (2, "z", 1, 2, "z", 1)


def test_one_crossing_each(rt: Runtime) -> None:
    """Every operation on a whole Array crosses once, however many items there are."""
    setup = (
        SETUP
        + "\n    a = array(range(100))\n    numbers = list(range(50))\n    words = ['x'] * 50\n"
    )
    for operation in (
        "a[1:50]",
        "a[5:10] = numbers[:5]",
        "a.extend(words)",
        "a.__iadd__(numbers)",
        "a + numbers",
        "del a[5:50]",
        "a.append(1)",
        "a.insert(3, 'x')",
        "a.pop()",
        "a.index(3)",
        "a.count(3)",
        "a.reverse()",
        "a[-1]",
        "a[0] = 1",
        "del a[0]",
        "a * 2",
    ):
        assert rt.python_crossings(setup, operation)["pyToJs"] == 1, operation
    rt.py("del a, array, make, probe")


def test_items_that_occur_twice(rt: Runtime) -> None:
    """An object may be among the items several times, and a list among its own items."""

    @rt.run
    def _() -> None:
        import js

        class Thing:
            pass

        thing = Thing()
        a = js.eval("({a: []})").get_proxy("a")
        a.extend([thing, 1, thing, {thing: thing}, thing])
        assert [x is thing for x in a] == [True, False, True, False, True]
        inner: list[object] = [5]
        a[1:] = (inner, inner)
        assert a[1] == a[2] == [5]
        a.clear()
        inner.append(inner)
        a.extend(inner)
        assert a[0] == 5
        assert a[1][0] == 5
        a.clear()

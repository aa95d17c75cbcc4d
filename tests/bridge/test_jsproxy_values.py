"""JsProxy as a value: equality, order, hash, truth, repr, typeof, js_id, types, len, `in`, items, iteration."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.spec("3.2/12")
def test_equality_is_identity_of_the_object(rt: Runtime) -> None:
    """`==` of two proxies is `===` of the objects; anything else is unequal."""
    rt.js("globalThis.a = {}; globalThis.b = {};")
    got = rt.py(
        "import js\n(js.a == js.a, js.a != js.a, js.a == js.b, js.a != js.b, js.a == 1, js.a != None, js.a == {})"
    )
    assert got == (True, False, False, True, False, True, False)


@pytest.mark.spec("3.2/12")
def test_order_is_javascripts(rt: Runtime) -> None:
    """`<` and friends between proxies apply the JavaScript operators; against other values they are a TypeError."""
    rt.js("globalThis.one = { valueOf: () => 1 }; globalThis.two = { valueOf: () => 2 };")
    got = rt.py("import js\na, b = js.one, js.two\n(a < b, a <= b, a > b, a >= b, a <= a, a >= a)")
    assert got == (True, True, False, False, True, True)
    assert rt.py("try:\n    r = a < 2\nexcept TypeError:\n    r = 'TypeError'\nr") == "TypeError"


@pytest.mark.spec("3.2/13")
def test_hash_is_identity(rt: Runtime) -> None:
    """Proxies of one object are one dict key; different objects are different keys."""
    rt.js(
        "globalThis.a = {}; globalThis.b = {}; globalThis.f = () => 1; globalThis.o = { m() {} };"
    )

    @rt.run
    def _() -> None:
        import js

        assert hash(js.a) == hash(js.a)
        table = {js.a: "a", js.b: "b", js.f: "f"}
        assert table[js.a] == "a"
        assert table[js.b] == "b"
        assert table[js.f] == "f"
        assert len({js.a, js.a, js.b}) == 2
        assert hash(js.o.m) == hash(js.o.m)


@pytest.mark.spec("3.2/13")
def test_hash_of_errors(rt: Runtime) -> None:
    """A JsException is hashable like any other proxy."""
    rt.js("globalThis.e = new Error('x'); globalThis.fail = () => { throw globalThis.e; };")
    rt.py("import js\ntry: js.fail()\nexcept Exception as e: caught = hash(e)")
    assert rt.py("caught == hash(js.e)") is True


@pytest.mark.spec("3.2/14", "13.4/36")
@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ("({})", True),
        ("(() => {})", True),
        ("(function () {})", True),
        ("new Map()", False),
        ("new Map([[1, 1]])", True),
        ("new Set()", False),
        ("new Set([0])", True),
        ("new ArrayBuffer(0)", False),
        ("new ArrayBuffer(1)", True),
        ("new Uint8Array(0)", False),
        ("new Uint8Array(1)", True),
        ("new DataView(new ArrayBuffer(0))", False),
        ("({length: 0})", True),
        ("({size: 0})", False),
        ("class {}", True),
        ("Symbol('a')", True),
        ("new Boolean(false)", True),
        ("new Date(0)", True),
    ],
)
def test_truth(rt: Runtime, source: str, truth: bool) -> None:
    """Falsy are objects of size 0 and empty array-likes and buffers."""
    assert rt.py("import js\nbool(js.eval(s))", s=f"({source})") is truth


@pytest.mark.spec("3.2/14", "13.4/36")
def test_truth_of_arrays(rt: Runtime) -> None:
    """A live Array is true when it has elements."""
    rt.js("globalThis.o = { empty: [], full: [0] };")
    assert rt.py("import js\n(bool(js.o.get_proxy('empty')), bool(js.o.get_proxy('full')))") == (
        False,
        True,
    )


@pytest.mark.spec("3.2/11")
@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("({})", "[object Object]"),
        ("new Map()", "[object Map]"),
        ("({toString: () => 'mine'})", "mine"),
        ("Object.create(null)", "[object Object]"),
        ("({toString: 1})", "[object Object]"),
        ("({get toString() { throw new Error('x'); }})", "[object Object]"),
        ("({[Symbol.toStringTag]: 'Tagged'})", "[object Tagged]"),
        ("(x) => x + 1", "(x) => x + 1"),
        ("Symbol('a')", "Symbol(a)"),
        ("new Error('hi')", "Error: hi"),
        ("new Date(NaN)", "Invalid Date"),
        ("new Proxy({}, {})", "[object Object]"),
    ],
)
def test_repr(rt: Runtime, source: str, text: str) -> None:
    """`repr` and `str` are the object's own text, or Object.prototype.toString's."""
    rt.js(f"globalThis.o = {source};")
    assert rt.py("import js\n(repr(js.o), str(js.o), f'{js.o}')") == (text, text, text)


@pytest.mark.spec("3.2/11", "13.4/35")
@pytest.mark.parametrize(
    "source",
    [
        "({toString() { throw new Error('no'); }})",
        "({get [Symbol.toStringTag]() { throw new Error('no'); }, toString: 1})",
    ],
)
def test_repr_that_throws(rt: Runtime, source: str) -> None:
    """A text that cannot be made is a JsException."""
    rt.js(f"globalThis.o = {source};")
    rt.py(
        "import js\nfrom pyodide.ffi import JsException\ntext = ''\ntry: repr(js.o)\nexcept JsException as e: text = str(e)"
    )
    assert rt.py("text") == "Error: no"


@pytest.mark.spec("3.2/1")
@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("({})", "object"),
        ("(() => 1)", "function"),
        ("class {}", "function"),
        ("Symbol()", "symbol"),
        ("new Map()", "object"),
    ],
)
def test_typeof(rt: Runtime, source: str, kind: str) -> None:
    """`typeof` says what JavaScript says."""
    assert rt.py("import js\njs.eval(s).typeof", s=f"({source})") == kind


@pytest.mark.spec("3.2/2")
def test_js_id(rt: Runtime) -> None:
    """`js_id` is equal for one object and distinct for different live ones."""
    rt.js(
        "globalThis.list = Object.fromEntries(Array.from({length: 100}, (_, i) => ['x' + i, {}]));"
    )

    @rt.run
    def _() -> None:
        import js

        proxies = [getattr(js.list, f"x{i}") for i in range(100)]
        ids = [p.js_id for p in proxies]
        assert len(set(ids)) == 100
        assert ids == [getattr(js.list, f"x{i}").js_id for i in range(100)]
        assert all(type(i) is int for i in ids)


def test_type_objects(rt: Runtime) -> None:
    """The classes print as documented, are cached by features, and cannot be called."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsProxy

        assert repr(type(js)) == "<class 'pyodide.ffi.JsProxy'>"
        assert type(js.eval("({})")) is type(js.eval("({a: 1})"))
        assert type(js.eval("({})")) is not type(js.eval("new Map()"))
        assert isinstance(js, JsProxy)
        assert not isinstance({}, JsProxy)
        try:
            type(js)()
        except TypeError as error:
            assert "JsProxy" in str(error)
        else:
            raise AssertionError("no error")


@pytest.mark.parametrize(
    ("source", "classes"),
    [
        ("({})", []),
        ("(() => 1)", ["JsCallable"]),
        ("new Map()", ["JsIterable", "JsMap", "JsMutableMap"]),
        ("new Set()", ["JsIterable"]),
        ("Promise.resolve()", ["JsPromise"]),
        ("new Uint8Array()", ["JsIterable", "JsArray", "JsBuffer", "JsTypedArray"]),
        ("new ArrayBuffer()", ["JsBuffer"]),
        ("(function*() {})()", ["JsIterable", "JsIterator", "JsGenerator"]),
        ("[][Symbol.iterator]()", ["JsIterable", "JsIterator"]),
        ("({next() {}})", ["JsIterator", "JsAsyncIterator"]),
        ("new Error()", ["JsException"]),
        ("({then() {}})", ["JsPromise"]),
        ("({[Symbol.asyncIterator]() {}})", ["JsAsyncIterable"]),
    ],
)
def test_isinstance_follows_features(rt: Runtime, source: str, classes: list[str]) -> None:
    """isinstance against the public classes goes by what the object can do."""
    rt.js(f"globalThis.o = {source};")
    got = rt.py(
        """
        import js, pyodide.ffi as ffi
        names = ("JsCallable JsIterable JsIterator JsGenerator JsAsyncIterable JsAsyncIterator JsAsyncGenerator JsArray "
                 "JsTypedArray JsBuffer JsMap JsMutableMap JsPromise JsException JsDoubleProxy").split()
        sorted(n for n in names if isinstance(js.o, getattr(ffi, n)))
        """
    )
    assert got == sorted(classes)


@pytest.mark.spec("3.7/1", "13.4/3")
def test_len(rt: Runtime) -> None:
    """`size` wins over `length`; functions have no length; bad lengths are errors that show the number."""
    rt.js(
        """
        globalThis.o = { both: { length: 7, size: 10 }, len: { length: 3 }, map: new Map([[1, 1]]), f: (a, b) => 1,
            text: { length: "x" }, negative: { length: -1 }, big: { length: 2 ** 31 }, bigger: { size: 2 ** 65 },
            bytes: new Uint8Array(5) };
        """
    )
    assert rt.py("import js\no = js.o\n(len(o.both), len(o.len), len(o.map), len(o.bytes))") == (
        10,
        3,
        1,
        5,
    )
    expected = {
        "o.f": ("TypeError", ""),
        "js.eval('({})')": ("TypeError", ""),
        "o.text": ("TypeError", "object does not have a valid length"),
        "o.negative": ("ValueError", "-1"),
        "o.big": ("OverflowError", "2147483648"),
        "o.bigger": ("OverflowError", "36893488147419103232"),
    }
    for expression, (kind, text) in expected.items():
        got = rt.py(
            f"try: len({expression})\nexcept Exception as e: r = (type(e).__name__, str(e))\nr"
        )
        assert got[0] == kind, expression
        assert text in got[1], expression


@pytest.mark.spec("3.7/2")
def test_map_items(rt: Runtime) -> None:
    """`get`, `set`, `has` and `delete` are the item protocol."""
    rt.js("globalThis.m = new Map([['a', 1], [2, 'two'], ['u', undefined]]);")

    @rt.run
    def _() -> None:
        import js

        m = js.m
        assert (m["a"], m[2], m["u"]) == (1, "two", None)
        assert "a" in m
        assert "b" not in m
        assert len(m) == 3
        m["b"] = 3
        del m["a"]
        assert list(m) == [2, "u", "b"]
        for action in (lambda: m["gone"], lambda: m.__delitem__("gone")):
            try:
                action()
            except KeyError as error:
                assert error.args == ("gone",)
            else:
                raise AssertionError("no error")


@pytest.mark.spec("3.7/2", "13.4/4")
def test_in_uses_has_or_includes(rt: Runtime) -> None:
    """`in` prefers `has`; without either it is a TypeError as for any object."""
    rt.js(
        """
        globalThis.both = { has: (x) => x === 1, includes: (x) => x === 2 };
        globalThis.inc = { includes: (x) => x === 2 };
        globalThis.none = {};
        """
    )
    got = rt.py("import js\n(1 in js.both, 2 in js.both, 2 in js.inc, 1 in js.inc)")
    assert got == (True, False, True, False)
    assert (
        rt.py("try:\n    r = 1 in js.none\nexcept TypeError:\n    r = 'TypeError'\nr")
        == "TypeError"
    )


def test_live_array_items(rt: Runtime) -> None:
    """Indexing a live Array: negative indices, ends, holes, assignment, deletion, wrong index types."""
    rt.js("const a = [0, false, NaN, undefined, null]; a[6] = 7; globalThis.o = { a };")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import jsnull

        a = js.o.get_proxy("a")
        assert len(a) == 7
        assert (a[0], a[1], a[3], a[4], a[6], a[-1]) == (0, False, None, jsnull, 7, 7)
        for bad in (5, 10, -8):
            try:
                a[bad]
            except IndexError:
                continue
            raise AssertionError(bad)
        try:
            a["x"]
        except TypeError as error:
            assert "indices must be integers or slices, not str" in str(error)
        else:
            raise AssertionError("no error")
        a[0] = "first"
        a[-1] = "last"
        del a[1]
        assert a[0] == "first"
        assert a[-1] == "last"
        assert len(a) == 6

    assert rt.expr("[o.a[0], o.a[5], o.a.length, 4 in o.a]") == ["first", "last", 6, False]


@pytest.mark.spec("3.7/2", "3.7/16")
def test_live_array_in_and_iteration(rt: Runtime) -> None:
    """`in` compares as `includes`; iteration gives None for holes."""
    rt.js("globalThis.o = { a: [1, , NaN, 'x'] };")
    got = rt.py(
        "import js\na = js.o.get_proxy('a')\n(1 in a, 'x' in a, 2 in a, [str(x) for x in a])"
    )
    assert got == (True, True, False, ["1", "None", "nan", "x"])


def test_typed_array_items(rt: Runtime) -> None:
    """Typed arrays are indexed, assigned and iterated like sequences; deletion is a TypeError."""
    rt.js("globalThis.t = new Float64Array([1, 2.5, 3]);")
    assert rt.py("import js\nt = js.t\n(t[0], t[1], t[-1], len(t), list(t), 2.5 in t)") == (
        1,
        2.5,
        3,
        3,
        [1, 2.5, 3],
        True,
    )
    rt.py("t[0] = 9")
    assert rt.expr("t[0]") == 9
    assert rt.py("try:\n    del t[0]\nexcept TypeError as e:\n    r = str(e)\nr").endswith(
        "support item deletion"
    )


def test_no_items(rt: Runtime) -> None:
    """Plain objects have no items, no length, no iteration."""

    @rt.run
    def _() -> None:
        import js

        o = js.eval("({a: 1})")
        for action in (
            lambda: o["a"],
            lambda: o.__setitem__("a", 1),
            lambda: len(o),
            lambda: iter(o),
            lambda: next(o),
        ):
            try:
                action()
            except (TypeError, AttributeError):
                continue
            raise AssertionError("no error")


@pytest.mark.spec("3.6/1", "3.6/2")
def test_iteration(rt: Runtime) -> None:
    """Iterables, Maps (keys), Sets, strings of objects, generators and hand-made iterators iterate."""
    rt.js(
        """
        globalThis.o = { set: new Set([1, 2]), map: new Map([["a", 1]]), gen: (function* () { yield 1; yield 2; return 3; })(),
            own: { *[Symbol.iterator]() { yield "x"; } }, hand: { n: 0, next() { return { done: this.n > 1, value: this.n++ }; } },
            entries: { rows: [["a", 1]] } };
        """
    )
    got = rt.py(
        "import js\no = js.o\n[list(o.set), list(o.map), list(o.gen), list(o.own), list(o.hand)]"
    )
    assert got == [[1, 2], ["a"], [1, 2], ["x"], [0, 1]]


@pytest.mark.spec("3.6/7")
def test_stop_iteration_has_the_return_value(rt: Runtime) -> None:
    """The value of a finished generator is StopIteration's value."""
    rt.js("globalThis.g = (function* () { return 5; })();")
    assert rt.py("import js\ntry: next(js.g)\nexcept StopIteration as e: r = e.value\nr") == 5


@pytest.mark.spec("3.6/8")
@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("{ next: () => 2 }", "TypeError", 'Result should have type "object" not "number"'),
        ("{ next: () => ({}) }", "TypeError", 'Result has no "done" field.'),
        (
            "{ next: () => Promise.resolve() }",
            "TypeError",
            "Result was a promise, use anext() / asend() / athrow() instead.",
        ),
        ("{ next() { throw new Error('in next'); } }", "JsException", "Error: in next"),
    ],
)
def test_bad_iterators(rt: Runtime, source: str, kind: str, message: str) -> None:
    """An iterator that breaks the protocol is an error that says how."""
    rt.js(f"globalThis.it = {source};")
    got = rt.py(
        "import js\ntry: next(js.it)\nexcept Exception as e: r = (type(e).__name__, str(e))\nr"
    )
    assert got == (kind, message)


def test_generator_send_throw_close(rt: Runtime) -> None:
    """The generator protocol reaches a JavaScript generator."""
    rt.js(
        """
        globalThis.log = [];
        globalThis.make = function* () {
            try { const x = yield 1; log.push(x); yield x * 2; } catch (e) { log.push(e.message.includes("boom")); yield "caught"; }
            finally { log.push("finally"); }
        };
        globalThis.o = { a: make(), b: make(), c: make() };
        """
    )
    got = rt.py(
        """
        import js
        a, b, c = js.o.a, js.o.b, js.o.c
        r = [next(a), a.send(21), next(b), b.throw(ValueError("boom")), next(c), c.close()]
        a.close(); b.close()
        r
        """
    )
    assert got == [1, 42, 1, "caught", 1, None]
    assert rt.expr("log") == [21, True, "finally", "finally", "finally"]

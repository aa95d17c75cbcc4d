"""Calling JavaScript from Python: arguments, keywords, `this`, `new`, methods, lifetimes of arguments."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.spec("3.5/1")
def test_arguments_and_results(rt: Runtime) -> None:
    """Any number of arguments arrives in order; a missing result is None."""
    rt.js("globalThis.join = (...args) => args.join('|'); globalThis.nothing = () => {};")
    for count in (0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 64, 255, 1000):
        got = rt.py("import js\njs.join(*range(n)) == '|'.join(map(str, range(n)))", n=count)
        assert got is True, count
    assert rt.py("js.nothing()") is None


@pytest.mark.spec("3.5/1", "13.4/29")
def test_keyword_arguments(rt: Runtime) -> None:
    """Keyword arguments become one plain object after the positional ones."""
    rt.js(
        """
        globalThis.f = (...args) => JSON.stringify(args);
        globalThis.proto = (...args) => Object.getPrototypeOf(args.at(-1)) === Object.prototype;
        """
    )
    got = rt.py("import js\n(js.f(1, a=2), js.f(a=1, b='x'), js.f(), js.f(1, **{}), js.proto(a=1))")
    assert got == ('[1,{"a":2}]', '[{"a":1,"b":"x"}]', "[]", "[1]", True)


def test_unusual_keyword_names(rt: Runtime) -> None:
    """Keyword names are kept as they are, also those that JavaScript treats specially."""
    rt.js(
        "globalThis.f = (o) => [Object.keys(o).join(), Object.getPrototypeOf(o) === Object.prototype];"
    )
    got = rt.py("import js\nlist(js.f(**{'__proto__': 1, 'class': 2, 'a b': 3, '\U0001f40d': 4}))")
    assert got == ["__proto__,class,a b,\U0001f40d", True]


@pytest.mark.spec("3.5/1", "13.4/30", "13.4/31")
def test_this(rt: Runtime) -> None:
    """A method keeps its object, called at once or kept in a variable; a plain function has no `this`."""
    rt.js(
        """
        globalThis.o = { n: 5, get() { return this?.n; } };
        globalThis.holder = { bare: (function () { "use strict"; return this === undefined; }) };
        """
    )

    @rt.run
    def _() -> None:
        import js

        assert js.o.get() == 5
        method = js.o.get
        assert method() == 5
        bare = js.eval("(function () { 'use strict'; return this === undefined; })")
        assert bare() is True


@pytest.mark.spec("3.5/6")
def test_call_and_apply_are_plain_attributes(rt: Runtime) -> None:
    """`call`, `apply` and `bind` of a function are JavaScript's own."""
    rt.js("globalThis.o = { n: 5 }; globalThis.f = function (x) { return this.n + x; };")
    assert rt.py("import js\n(js.f.call(js.o, 1), js.f.bind(js.o, 2)())") == (6, 7)


@pytest.mark.spec("3.5/4", "13.4/29")
def test_new(rt: Runtime) -> None:
    """`new` constructs, with positional and keyword arguments, also classes that cannot be called."""
    rt.js(
        """
        globalThis.C = class { constructor(...args) { this.args = JSON.stringify(args); this.target = new.target === globalThis.C; } };
        """
    )

    @rt.run
    def _() -> None:
        import js

        one = js.C.new(1, a=2)
        assert one.args == '[1,{"a":2}]'
        assert one.target is True
        assert js.C.new().args == "[]"
        assert js.Object.new().typeof == "object"
        assert js.Date.new(0).toISOString() == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("js.C()", "TypeError"),
        ("js.arrow.new()", "TypeError"),
        ("js.f()", "Error: thrown by f"),
        ("js.T.new()", "RangeError: in constructor"),
    ],
)
def test_errors_of_calls(rt: Runtime, code: str, message: str) -> None:
    """What a call or a constructor throws is a JsException."""
    rt.js(
        """
        globalThis.C = class {};
        globalThis.T = class { constructor() { throw new RangeError("in constructor"); } };
        globalThis.arrow = () => {};
        globalThis.f = () => { throw new Error("thrown by f"); };
        """
    )
    rt.py(
        f"import js\nfrom pyodide.ffi import JsException\ntext = ''\ntry: {code}\nexcept JsException as e: text = str(e)"
    )
    assert rt.py("text").startswith(message)


@pytest.mark.spec("3.3/6")
def test_not_callable(rt: Runtime) -> None:
    """Calling what is no function is a TypeError, by method call and by plain call."""
    rt.js("globalThis.o = { n: 1, child: {}, text: 'x' };")

    @rt.run
    def _() -> None:
        import js

        for call in (lambda: js.o(), lambda: js.o.child(), lambda: js.o.n(), lambda: js.o.text(1)):
            try:
                call()
            except TypeError:
                continue
            raise AssertionError("no error")
        try:
            js.o.missing()
        except AttributeError:
            pass
        else:
            raise AssertionError("no error")


@pytest.mark.spec("3.5/2")
def test_callable_without_function_prototype(rt: Runtime) -> None:
    """Functions cut off from Function.prototype can be called."""
    rt.js("globalThis.holder = { f: Object.setPrototypeOf((x) => x + 1, null) };")
    assert rt.py("import js\n(js.holder.f(1), callable(js.holder.f))") == (2, True)


@pytest.mark.spec("3.5/7")
def test_functions_are_equal(rt: Runtime) -> None:
    """A function read twice compares equal, bound or not."""
    rt.js("globalThis.o = { f() {} }; globalThis.g = o.f;")
    assert rt.py("import js\n(js.o.f == js.o.f, js.o.f == js.g, js.o.f == js.eval('() => 1'))") == (
        True,
        True,
        False,
    )


def test_python_callable_as_argument(rt: Runtime) -> None:
    """A Python function given as argument can be called while the call runs, with values both ways."""
    rt.js("globalThis.twice = (f, x) => f(f(x));")
    assert rt.py("import js\njs.twice(lambda x: x * 3, 5)") == 45
    assert rt.py("js.eval('(f) => [3, 1, 2].map((x) => f(x)).join()')(lambda x: x + 1)") == "4,2,3"


@pytest.mark.spec("3.9/11")
def test_identity_of_arguments(rt: Runtime) -> None:
    """An object that JavaScript returns is the very object that went in."""
    rt.js("globalThis.same = (x) => x;")

    @rt.run
    def _() -> None:
        import js

        for value in ({}, {1}, b"x", object(), len, lambda: 1, int, ValueError("x"), js):
            assert js.same(value) is value or js.same(value) == value
        d: dict[str, int] = {}
        assert js.same(d) is d


@pytest.mark.spec("3.9/8")
def test_arguments_die_with_the_call(rt: Runtime) -> None:
    """A proxy made for an argument is destroyed when the call ends, and says so when used later."""
    rt.js("globalThis.keep = (x) => { globalThis.kept = x; };")
    rt.py("import js\njs.keep({})")
    error = rt.js("return h.thrown(() => kept.get('a'))")
    assert error["message"].startswith(
        "This borrowed proxy was automatically destroyed at the end of a function call"
    )
    assert "create_proxy" in error["message"]
    assert "pyodide.setDebug(true)" in error["message"]


@pytest.mark.spec("3.9/7")
def test_arguments_of_constructors_die(rt: Runtime) -> None:
    """The same for constructors."""
    rt.js("globalThis.Keep = class { constructor(x) { globalThis.kept = x; } };")
    rt.py("import js\njs.Keep.new({})")
    error = rt.js("return h.thrown(() => kept.get('a'))")
    assert error["message"].startswith("This borrowed proxy was automatically destroyed")


@pytest.mark.spec("3.9/6")
def test_arguments_die_when_the_call_throws(rt: Runtime) -> None:
    """An exception ends the life of the arguments as a return does."""
    rt.js("globalThis.keep = (x) => { globalThis.kept = x; throw new Error('x'); };")
    rt.py(
        "import js\nfrom pyodide.ffi import JsException\ntry: js.keep({})\nexcept JsException: pass"
    )
    assert rt.js("return h.thrown(() => kept.get('a'))")["message"].startswith(
        "This borrowed proxy"
    )


@pytest.mark.spec("3.9/9")
def test_copy_of_an_argument_survives(rt: Runtime) -> None:
    """JavaScript keeps an argument by copying it."""
    rt.js("globalThis.keep = (x) => { globalThis.kept = x.copy(); };")
    rt.py("import js\njs.keep({'a': 1})")
    assert rt.js("const r = kept.get('a'); kept.destroy(); return r;") == 1


@pytest.mark.spec("3.9/9")
def test_create_proxy_survives(rt: Runtime) -> None:
    """`create_proxy` makes an argument that lives until it is destroyed, from either side."""
    rt.js("globalThis.keep = (x) => { globalThis.kept = x; };")
    rt.py(
        "import js\nfrom pyodide.ffi import create_proxy\np = create_proxy(lambda x: x + 1)\njs.keep(p)"
    )
    assert rt.js("return [kept(1), kept(2)]") == [2, 3]
    rt.py("p.destroy()")
    assert "destroyed" in rt.js("return h.thrown(() => kept(1))")["message"]


def test_create_once_callable(rt: Runtime) -> None:
    """`create_once_callable` can be called once and frees itself."""
    rt.js("globalThis.keep = (x) => { globalThis.kept = x; };")
    rt.py(
        "import js\nfrom pyodide.ffi import create_once_callable\njs.keep(create_once_callable(lambda x: x + 1))"
    )
    assert rt.js("return kept(1)") == 2
    assert rt.js("return h.thrown(() => kept(1)).name") == "Error"


@pytest.mark.spec("3.9/2")
def test_references_of_arguments(rt: Runtime) -> None:
    """Calls leave the reference count of their arguments as it was."""
    rt.js("globalThis.use = (f) => f(1); globalThis.ignore = () => {};")

    @rt.run
    def _() -> None:
        import sys

        import js

        def f(x: int) -> int:
            return x

        d: dict[str, int] = {}
        before = (sys.getrefcount(f), sys.getrefcount(d))
        for _ in range(100):
            js.use(f)
            js.ignore(d, f, d)
        assert (sys.getrefcount(f), sys.getrefcount(d)) == before


def test_nested_calls(rt: Runtime) -> None:
    """Calls inside calls inside calls keep their arguments and results apart."""
    rt.py(
        "import js\ndef py(n, tag): return 'end' if n == 0 else tag + js.bounce(n - 1, f'p{n}', [n], py)"
    )
    rt.js("globalThis.bounce = (n, tag, list, f) => tag + (n ? f(n - 1, `j${n}`) : '');")
    got = rt.py("py(20, 'start-')")
    assert got == _bounce(20, "start-")


def _bounce(n: int, tag: str) -> str:
    """What the mutual recursion of test_nested_calls gives, computed here."""

    def py(n: int, tag: str) -> str:
        return "end" if n == 0 else tag + bounce(n - 1, f"p{n}")

    def bounce(n: int, tag: str) -> str:
        return tag + (py(n - 1, f"j{n}") if n else "")

    return py(n, tag)


def test_sort_with_python_comparison(rt: Runtime) -> None:
    """A JavaScript algorithm driven by a Python callback works on many calls."""
    rt.js(
        "globalThis.sorted = (n, compare) => Array.from({length: n}, (_, i) => (i * 7919) % n).sort(compare).join();"
    )
    got = rt.py("import js\njs.sorted(500, lambda a, b: a - b) == ','.join(map(str, range(500)))")
    assert got is True


@pytest.mark.spec("3.5/5", "13.4/14")
def test_method_on_class_attribute(rt: Runtime) -> None:
    """A JavaScript function stored on a Python class gets the instance as `this`."""
    rt.js("globalThis.lookup = function (x) { return this[x]; };")

    @rt.run
    def _() -> None:
        import js

        class T:
            a = 7
            f = js.lookup

        assert T().f("a") == 7
        assert T().f("b") is None

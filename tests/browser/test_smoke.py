"""The bridge in each browser and mode: what engines could do differently. tests/bridge has the details, on Node."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import Browser

SCALARS: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**53 - 2,
    1.5,
    -1e300,
    "",
    "text",
    "\u00e9",
    "\U0001f40d",
]


@pytest.fixture(scope="module", params=["native", "proxy"])
def mode(request: pytest.FixtureRequest) -> str:
    """Both conversion modes."""
    chosen: str = request.param
    return chosen


@pytest.fixture(scope="module", autouse=True)
def functions(shared_page: Browser) -> None:
    """The functions of smoke.mjs, as the JavaScript module `smoke`."""
    shared_page.run(
        "globalThis.smoke = await import('/plain/pages/smoke.mjs'); pyodide.registerJsModule('smoke', { ...smoke });"
    )


@pytest.mark.spec(
    "1.1/2", "1.1/3", "1.1/5", "1.1/6", "1.1/7", "2.1/1", "2.1/2", "2.1/3", "2.1/5", "2.1/7"
)
def test_scalars(page: Browser) -> None:
    """Scalars are the same after a journey to Python and back."""
    script = """
        const same = pyodide.runPython("lambda x: x");
        try { return args[0].map((x) => same(x === null ? undefined : x) ?? null); } finally { same.destroy(); }
    """
    assert page.run(script, SCALARS) == SCALARS
    script = "const x = pyodide.runPython('2**70'); return [typeof x, String(x)];"
    assert page.run(script) == ["bigint", str(2**70)]
    assert (
        page.python(
            """
        import js
        odd = [js.NaN, js.Infinity, js.eval("-(2n**64n)"), js.eval(r"'\\ud83d'")]
        [odd[0] != odd[0], odd[1] == float("inf"), odd[2] == -(2**64), odd[3] == "\\ud83d"]
        """
        )
        == [True] * 4
    )


@pytest.mark.spec("2.1/10", "1.1/9")
def test_lists(page: Browser, mode: str) -> None:
    """Lists are copied in native mode and proxies in the other."""
    native = mode == "native"
    script = """
        const list = pyodide.runPython("[1, 'two', [3.5, None]]");
        const proxy = list instanceof pyodide.ffi.PyProxy, plain = proxy ? list.toJs() : list;
        if (proxy) list.destroy();
        return [proxy, Array.isArray(plain), JSON.stringify(plain)];
    """
    assert page.run(script) == [not native, True, '[1,"two",[3.5,null]]']
    page.run(
        "globalThis.array = [1, 'two', [3.5, [...'abc']]]; pyodide.globals.set('given', array);"
    )
    assert page.python("[type(given) is list, len(given), given[2][1][2]]") == [native, 3, "c"]
    assert page.python("given.append(4); len(given)") == 4
    assert page.run("return array.length") == (3 if native else 4)


def test_objects_keep_identity(page: Browser) -> None:
    """What is no scalar or list comes back as itself, from both sides."""
    script = """
        const same = pyodide.runPython("lambda x: x");
        const things = [{}, document, window, new Map(), Symbol("s"), () => 1, new Date(), /x/];
        try { return things.map((x) => same(x) === x); } finally { same.destroy(); }
    """
    assert page.run(script) == [True] * 8
    assert (
        page.python(
            """
        import js
        same = js.eval("(x) => x")
        things = [{}, {1}, b"x", print, object(), type]
        [same(x) is x for x in things]
        """
        )
        == [True] * 6
    )


def test_listener(page: Browser) -> None:
    """A plain Python function hears an event of the user and can be removed."""
    page.python(
        """
        from js import document
        button = document.createElement("button")
        button.id = "button"
        document.getElementById("place").appendChild(button)
        seen = []
        def on_click(event):
            seen.append([event.type, event.target.id, event.isTrusted])
        button.addEventListener("click", on_click)
        """
    )
    page.click("#button")
    page.click("#button")
    assert page.python("seen") == [["click", "button", True]] * 2
    page.python("button.removeEventListener('click', on_click)")
    page.click("#button")
    assert page.python("len(seen)") == 2


def test_promises(page: Browser) -> None:
    """Python awaits promises, JavaScript awaits coroutines; rejections arrive as errors."""
    assert page.python(
        """
        from smoke import later, refuse
        from pyodide.ffi import JsException
        import asyncio
        got = [await later(5), await asyncio.gather(later("a"), later("b"))]
        try:
            await refuse()
        except JsException as error:
            got.append([error.name, error.message])
        await asyncio.sleep(0)
        got
        """
    ) == [5, ["a", "b"], ["TypeError", "refused"]]
    script = """
        const f = pyodide.runPython(args[0]);
        const got = [await f(3)];
        try { await f("x"); } catch (error) { got.push(error instanceof pyodide.ffi.PythonError, error.type); }
        f.destroy();
        return got;
    """
    code = (
        "import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return 1 / (x - 1) * 2\nf"
    )
    assert page.run(script, code) == [1, True, "TypeError"]


def test_errors(page: Browser) -> None:
    """A traceback has the frames of both languages in the order in which they were called."""
    code = """
        import traceback
        from smoke import fail, outer
        def python_function():
            outer(fail)
        try:
            python_function()
        except Exception as error:
            caught = [type(error).__name__, error.name, str(error)]
            lines = [[f.name, f.filename.rpartition("/")[2]] for f in traceback.extract_tb(error.__traceback__)]
        [caught, lines]
    """
    caught, lines = page.python(code)
    assert caught == ["JsException", "RangeError", "RangeError: from JavaScript"]
    # Chromium says which object's method a function was.
    names = [name.rpartition(".")[2] for name, _ in lines[-4:]]
    assert names == ["python_function", "outer", "inner", "fail"]
    assert {file for name, file in lines[-3:]} == {"smoke.mjs"}
    assert not [file for _, file in lines if "wasm" in file or file.startswith("pyodide.")]


def test_python_error_through_javascript(page: Browser) -> None:
    """An exception that goes through JavaScript is the same one afterwards, and readable in between."""
    assert page.python(
        """
        from smoke import outer
        raised = KeyError("k")
        def fails():
            raise raised
        try:
            outer(fails)
        except KeyError as error:
            same = error is raised
        same
        """
    )
    script = "try { pyodide.runPython('def f():\\n  {}[1]\\nf()'); } catch (e) { return [e.type, e.name, e.message]; }"
    kind, name, message = page.run(script)
    assert (kind, name) == ("KeyError", "PythonError")
    assert message.startswith("Traceback (most recent call last):") and message.endswith(
        "KeyError: 1\n"
    )


def test_overflowing_stacks(page: Browser) -> None:
    """Python and JavaScript that call each other without end get an error, and the runtime lives."""
    assert (
        page.python(
            """
        from smoke import outer
        def down():
            return outer(down)
        try:
            down()
        except RecursionError:
            got = "recursion"
        got
        """
        )
        == "recursion"
    )
    assert page.python("1 + 1") == 2


def test_buffers(page: Browser) -> None:
    """Memory is seen from both sides."""
    script = """
        const array = pyodide.runPython("import array; numbers = array.array('d', [1.5, 2.5]); numbers");
        const view = array.getBuffer();
        view.data[1] = 7.5;
        const got = [view.data.constructor.name, [...view.data], view.readonly];
        view.release();
        array.destroy();
        return [...got, pyodide.runPython("numbers[1]")];
    """
    assert page.run(script) == ["Float64Array", [1.5, 7.5], False, 7.5]
    assert page.python(
        """
        import js
        from pyodide.ffi import to_js
        bytes_ = js.Uint8Array.new([1, 2, 3])
        view = js.Uint8Array.new(4)
        view.assign(b"abcd")
        [bytes_.to_py().tolist(), bytes(view.to_bytes()).decode(), list(to_js(b"xy"))]
        """
    ) == [[1, 2, 3], "abcd", [120, 121]]


def test_generators(page: Browser) -> None:
    """Generators of each language are iterated by the other."""
    assert page.python("from smoke import count\n[*count(4)]") == [0, 1, 2, 3]
    assert (
        page.python(
            """
        g = count(1)
        next(g)
        try:
            next(g)
        except StopIteration as stop:
            got = stop.value
        got
        """
        )
        == "counted"
    )
    script = """
        const g = pyodide.runPython("def f():\\n  x = yield 1\\n  yield x * 2\\nf()");
        const got = [g.next().value, g.next(21).value, g.next().done];
        g.destroy();
        const range = pyodide.runPython("range(3)");
        got.push([...range]);
        range.destroy();
        return got;
    """
    assert page.run(script) == [1, 42, True, [0, 1, 2]]


def test_explicit_conversions(page: Browser) -> None:
    """toJs and to_py copy what nests, alike in both modes."""
    script = """
        const given = pyodide.runPython("{'a': [1, (2, {3})], 'b': b'xy'}");
        const { a, b } = given.toJs();
        given.destroy();
        return [a[0], a[1][0], [...a[1][1]], b instanceof Uint8Array, [...b]];
    """
    assert page.run(script) == [1, 2, [3], True, [120, 121]]
    page.run("globalThis.nested = { a: [1, new Map([['k', new Set([1])]])], n: null };")
    assert (
        page.python("import js\nrepr(js.nested.to_py())") == "{'a': [1, {'k': {1}}], 'n': jsnull}"
    )


def test_memory_growth(page: Browser) -> None:
    """The memory grows while JavaScript is being called; what crosses before and after it is right."""
    page.run("globalThis.memorySize = () => pyodide._module.HEAPU8.length;")
    assert page.python(
        """
        import js
        def grow():
            before = js.memorySize()
            kept = []
            while js.memorySize() == before:
                kept.append(bytearray(16 * 2**20))
            return "grown" * 20
        f = js.eval("(g, text, number) => [text, g(), number, 'end'.repeat(50)].join('|')")
        f(grow, "text" * 20, 1.5)
        """
    ) == "|".join(["text" * 20, "grown" * 20, "1.5", "end" * 50])


def test_garbage_is_collected(page: Browser) -> None:
    """Proxies that nobody holds are released by the engine's collector: the leak check sees to that."""
    page.run("for (let i = 0; i < 100; i++) pyodide.runPython('object()');")
    page.python("import js\nfor i in range(100): js.eval('({})').again = object()")


def test_debug_mode(page: Browser) -> None:
    """The error for a destroyed proxy names the frames of both languages, without those of the bridge."""
    script = """
        pyodide.setDebug(true);
        try {
            const held = [];
            pyodide.registerJsModule("holder", { hold(value) { held.push(value); } });
            pyodide.runPython("def python_function():\\n  import holder\\n  holder.hold({1})");
            const f = pyodide.globals.get("python_function");
            smoke.outer(f);
            f.destroy();
            try { held[0].type; } catch (error) { return error.message.split("\\n"); }
        } finally {
            pyodide.setDebug(false);
            pyodide.unregisterJsModule("holder");
        }
    """
    lines = page.run(script)
    assert lines[1:4] == [
        'The object was of type "set" and had repr "{1}"',
        'It was passed to the JavaScript function "hold" as argument 1.',
        "The proxy was made and destroyed here:",
    ]
    assert lines[4] == '    File "<exec>", line 3, in python_function'
    assert ["inner" in lines[5], "smoke.mjs" in lines[5]] == [True, True]
    assert not any("wasm" in line or "/pyodide." in line for line in lines)

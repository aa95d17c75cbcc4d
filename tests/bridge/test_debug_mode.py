"""Debug mode: what the error for a destroyed proxy tells of it, and the report of live proxies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.runtime import Runtime

SETUP = """
    pyodide.setDebug(true);
    globalThis.kept = [];
    globalThis.keep = function keep(...values) { kept.push(...values); };
    // The harness has functions, methods and a State.
    globalThis.report = () => pyodide._api.liveProxies().filter(({ type }) => !["function", "method", "State"].includes(type));
    globalThis.message = (use) => { try { use(); } catch (error) { return error.message.split("\\n"); } };
"""


@pytest.mark.keeps_state
def test_first_await(rt: Runtime) -> None:
    """The first await starts the event loop, which keeps a few JavaScript objects from then on."""
    rt.js("await pyodide.runPythonAsync('import js; await js.Promise.resolve(1)');")


@pytest.fixture
def debug(rt: Runtime) -> Iterator[Runtime]:
    """A runtime in debug mode."""
    rt.js(SETUP)
    yield rt
    if rt.alive:
        rt.js(
            "pyodide.setDebug(false); for (const name of ['kept', 'keep', 'report', 'message']) delete globalThis[name];"
        )


def frames(lines: list[str]) -> dict[str, list[str]]:
    """The functions of each section of a message, innermost first."""
    sections: dict[str, list[str]] = {}
    for line in lines[2:]:
        if line.endswith("here:"):
            current = sections.setdefault(line.split(" ", 3)[3].removesuffix(" here:"), [])
        elif line.startswith("    File "):
            current.append(line.rsplit(" in ", 1)[1])
        elif line.startswith("    at "):
            current.append(line.split()[1])
    return sections


@pytest.mark.spec("4.10/9")
def test_destroyed_by_hand(debug: Runtime) -> None:
    """Where it was made and where it was destroyed, after the two lines that say what it was."""
    lines = debug.js(
        """
        function maker() { return pyodide.runPython("{'a': 1}"); }
        function destroyer(proxy) { proxy.destroy(); }
        const proxy = maker();
        destroyer(proxy);
        return message(() => proxy.get("a"));
        """
    )
    assert lines[:2] == [
        "Object has already been destroyed",
        """The object was of type "dict" and had repr "{'a': 1}\"""",
    ]
    told = frames(lines)
    assert list(told) == ["made", "destroyed"]
    assert told["made"][0] == "maker"
    assert told["destroyed"][0] == "destroyer"
    text = "\n".join(lines)
    assert not any(word in text for word in ("pyodide.mjs", "pyodide.asm", "wasm", "_pyodide/"))


def test_own_message(debug: Runtime) -> None:
    """A message that destroy() was given stays the first line."""
    lines = debug.js(
        "const p = pyodide.runPython('{}'); p.destroy({ message: 'mine' }); return message(() => p.get(1));"
    )
    assert lines[0] == "mine" and lines[1].startswith("The object was of type")


@pytest.mark.spec("3.9/8")
def test_borrowed_arguments(debug: Runtime) -> None:
    """The function, the argument, and the Python code that called it, below it the JavaScript that called Python."""
    lines = debug.js(
        """
        pyodide.runPython(code);
        const call = pyodide.globals.get("call");
        (function program() { call(); })();
        call.destroy();
        return message(() => kept[1].get(1));
        """,
        code="import js\ndef helper(x):\n    js.keep('text', x)\ndef call():\n    helper({1})",
    )
    assert lines[0].startswith(
        "This borrowed proxy was automatically destroyed at the end of a function call"
    )
    assert lines[1] == 'The object was of type "set" and had repr "{1}"'
    assert lines[2] == 'It was passed to the JavaScript function "keep" as argument 2.'
    assert lines[3] == "The proxy was made and destroyed here:"
    assert lines[4] == '    File "<exec>", line 3, in helper'
    told = frames(lines)
    assert told["made and destroyed"][:3] == ["helper", "call", "program"]


@pytest.mark.parametrize(
    ("call", "place", "told"),
    [
        ("js.keep({1})", "kept[0]", "argument 1"),
        ("js.keep(1, 2, 3, {1}, {2})", "kept[4]", "argument 5"),
        ("js.keep(1, named={1})", "kept[1].named", 'keyword argument "named"'),
        ("js.keep({1}, a=1, b={2})", "kept[1].b", 'keyword argument "b"'),
        ("js.holder.method(1, {1})", "kept[1]", "argument 2"),
        ("js.Holder.new({1})", "kept[0]", "argument 1"),
    ],
)
def test_positions(debug: Runtime, call: str, place: str, told: str) -> None:
    """The position is that of the call, however it is made."""
    debug.js("""
        globalThis.holder = { method(...values) { kept.push(...values); } };
        globalThis.Holder = class Holder { constructor(value) { kept.push(value); } };
    """)
    lines = debug.js(
        "pyodide.runPython(code); return message(() => eval(place).type);",
        code=f"import js\n{call}",
        place=place,
    )
    assert lines[2].startswith("It was passed to the JavaScript function ")
    assert lines[2].endswith(f" as {told}.")


@pytest.mark.modes("native")
def test_position_of_a_part(debug: Runtime) -> None:
    """An object in a list belongs to the argument that the list is."""
    lines = debug.js(
        "pyodide.runPython('import js\\njs.keep(1, [2, [{3}]])'); return message(() => kept[1][1][0].type);"
    )
    assert lines[2] == 'It was passed to the JavaScript function "keep" as argument 2.'


def test_functions_without_a_name(debug: Runtime) -> None:
    """A function whose name cannot be had is one without a name."""
    debug.js(
        """
        globalThis.nameless = [(() => (x) => { kept.push(x); })(), (x) => { kept.push(x); }, (x) => { kept.push(x); }];
        Object.defineProperty(nameless[1], "name", { get() { throw new Error("refused"); } });
        Object.defineProperty(nameless[2], "name", { value: 5 });
        """
    )
    debug.py("import js\nfor i in range(3): js.get_proxy('nameless')[i]({1})")
    for i in range(3):
        lines = debug.js("return message(() => kept[i].type);", i=i)
        assert lines[2] == "It was passed to a JavaScript function without a name as argument 1."


def test_arguments_of_promises(debug: Runtime) -> None:
    """What is borrowed until a promise settles was made by the call; where it ended no program runs."""
    lines = debug.js(
        """
        let settle;
        globalThis.later = function later(x) { kept.push(x); return new Promise((resolve) => { settle = resolve; }); };
        pyodide.runPython("import js\\ndef f():\\n  js.later({1})\\nf()");
        const alive = kept[0].type;
        settle();
        await null; await null;
        return [alive, ...message(() => kept[0].type)];
        """
    )
    assert lines[0] == "set"
    assert "at the end of an asynchronous function call" in lines[1]
    assert lines[3] == 'It was passed to the JavaScript function "later" as argument 1.'
    assert frames(lines[1:])["made"][0] == "f"


def test_attributes(debug: Runtime) -> None:
    """An attribute was made where it was read, and destroyed where its parent was."""
    lines = debug.js(
        """
        const parent = pyodide.runPython("class A:\\n  x = {}\\nA");
        const attribute = (function reader() { return parent.x; })();
        (function destroyer() { parent.destroy(); })();
        return message(() => attribute.get(1));
        """
    )
    told = frames(lines)
    assert (told["made"][0], told["destroyed"][0]) == ("reader", "destroyer")


def test_javascript_below_python(debug: Runtime) -> None:
    """What JavaScript makes while Python calls it: JavaScript, Python, JavaScript, in this order."""
    lines = debug.js(
        """
        globalThis.inner = function inner() { globalThis.made = pyodide.runPython("{5}"); };
        (function outer() { pyodide.runPython("import js\\ndef f(): js.inner()\\nf()"); })();
        made.destroy();
        return message(() => made.type);
        """
    )
    assert frames(lines)["made"][:4] == ["inner", "f", "<module>", "outer"]


def test_made_before(rt: Runtime) -> None:
    """A proxy that was made before debug mode was on says so."""
    lines = rt.js(
        """
        const p = pyodide.runPython("{}");
        pyodide.setDebug(true);
        try { p.destroy(); } finally { pyodide.setDebug(false); }
        try { p.get(1); } catch (error) { return error.message.split("\\n"); }
        """
    )
    assert lines[2:4] == ["The proxy was made here:", "    before debug mode was on"]


def test_without_debug(rt: Runtime) -> None:
    """Without debug mode there are two lines, and nothing is noted."""
    got = rt.js(
        """
        const p = pyodide.runPython("{'made': 'without'}"), report = pyodide._api.liveProxies();
        p.destroy();
        try { p.get(1); }
        catch (error) { return [report.some(({ repr }) => repr.includes("without")), error.message.split("\\n").length]; }
        """
    )
    assert got == [False, 2]


def test_names_beyond_ascii(debug: Runtime) -> None:
    """Files and functions with names of any letters."""
    debug.js("globalThis.f = (x) => { kept.push(x); };")
    lines = debug.js(
        "pyodide.runPython(code, { filename: 'größe🐍.py' }); return message(() => kept[0].type);",
        code="import js\ndef größe():\n    js.f({1})\ngröße()",
    )
    assert lines[4] == '    File "größe🐍.py", line 3, in größe'


def test_report(debug: Runtime) -> None:
    """Live proxies with type, repr, kind and place; destroyed and collected ones are not among them."""
    got = debug.js(
        """
        (function program() {
            kept.push(pyodide.runPython("{'a': 1}"));
            kept.push(pyodide.runPython("class A:\\n  x = {5}\\nA"));
            kept.push(kept[1].x);
            pyodide.runPython("from pyodide.ffi import create_once_callable, create_proxy\\nimport js\\n" +
                "held = create_proxy(len)\\nonce = create_once_callable(print)");
            pyodide.runPython("{'gone': 1}").destroy();
            kept.push(kept[0].copy());
        })();
        globalThis.look = () => { globalThis.during = report(); };
        pyodide.runPython("js.look({'call': 1})");
        const found = report();
        pyodide.runPython("held.destroy(); once.destroy()");
        kept.forEach((proxy) => proxy.destroy());
        return JSON.stringify([found, during, report()]);
        """
    )
    import json

    now, during, after = json.loads(got)
    assert [(r["type"], r["repr"], r["kind"]) for r in now] == [
        ("dict", "{'a': 1}", "owned"),
        ("type", "<class '__main__.A'>", "owned"),
        ("set", "{5}", "attribute"),
        ("builtin_function_or_method", "<built-in function len>", "owned"),
        ("builtin_function_or_method", "<built-in function print>", "once"),
        ("dict", "{'a': 1}", "owned"),
    ]
    assert all(any("program" in line for line in r["made"]) for r in now)
    assert [r["made"][0] for r in now if r["kind"] == "once"] == [
        'File "<exec>", line 4, in <module>'
    ]
    assert [(r["repr"], r["kind"]) for r in during][-1] == ("{'call': 1}", "call")
    assert after == []


def test_report_of_a_failing_repr(debug: Runtime) -> None:
    """An object without a usable repr is listed too, and one whose repr destroys others harms nothing."""
    got = debug.js(
        """
        kept.push(pyodide.runPython(code), pyodide.runPython("{1}"));
        const found = report().map((r) => [r.type, r.repr]);
        kept[0].destroy();
        return found;
        """,
        code="""
import js
class Bad:
    def __repr__(self):
        js.eval("kept[1].destroy()")
        raise ValueError
Bad()
""",
    )
    assert got == [["Bad", "(repr failed)"]]


def test_report_keeps_nothing(debug: Runtime) -> None:
    """What is listed can be collected, and thousands that come and go leave no more than the live ones."""
    got = debug.js(
        """
        for (let i = 0; i < 3000; i++) pyodide.runPython("object()");
        const gone = () => report().length === 0;
        return [await h.collect(gone), report().length];
        """
    )
    assert got == [True, 0]

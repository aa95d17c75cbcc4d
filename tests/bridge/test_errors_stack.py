"""One traceback for both languages: the frames of JavaScript that an error came through stand between Python's."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

NAMES = """
    import traceback
    def frames(error): return [(f.name, f.filename.rpartition("/")[2]) for f in traceback.extract_tb(error.__traceback__)]
    def frames_of(f, *args):
        try: f(*args)
        except BaseException as error: return frames(error)[1:]
"""


def names(rows: list[tuple[str, str]]) -> list[str]:
    """The functions of frames."""
    return [name for name, _ in rows]


@pytest.mark.spec("13.6/6", "5.2/3")
def test_chain_through_both_languages(rt: Runtime) -> None:
    """The chain of the acceptance vector, in order and with nothing of the bridge between."""
    rt.py(NAMES + "\n    import js\n    def c1(): js.b()\n    def c2(): c1()\n    def e(): js.d4()")
    got = rt.js(
        """
        globalThis.b = function b() { pyodide.pyimport("???"); };
        globalThis.d1 = function d1() { pyodide.runPython("c2()"); };
        globalThis.d2 = function d2() { d1(); };
        globalThis.d3 = function d3() { d2(); };
        globalThis.d4 = function d4() { d3(); };
        let message;
        const e = pyodide.globals.get("e");
        try { e(); } catch (error) { message = error.message; }
        return [pyodide.runPython("frames_of(e)").toString(), message, pyodide.globals.get("frames_of")(e).length];
        """
    )
    expected = (
        "e d4 d3 d2 d1 runPython eval_code run <module> c2 c1 b pyimport pyimport_impl".split()
    )
    assert got[2] == len(expected)
    assert names(rt.py("frames_of(e)")) == expected
    lines = [line for line in got[1].splitlines() if line.startswith("  File ")]
    assert [line.rpartition(" in ")[2] for line in lines] == expected
    assert "ModuleNotFoundError: No module named '???'" in got[1]


@pytest.mark.spec("5.2/3")
def test_error_of_javascript(rt: Runtime) -> None:
    """An error that JavaScript throws below two layers of each language."""
    rt.js(
        "globalThis.fail = function fail() { throw new Error('x'); }; globalThis.middle = function middle(f) { return f(); };"
    )
    rt.py(
        NAMES
        + "\n    from js import fail, middle\n    def p1(): fail()\n    def p2(): middle(p1)\n    def p3(): middle(p2)"
    )
    assert names(rt.py("frames_of(p3)")) == ["p3", "middle", "p2", "middle", "p1", "fail"]


@pytest.mark.spec("5.2/3")
def test_names_and_files(rt: Runtime) -> None:
    """Methods, constructors and getters by their names, functions without one as ???, with file and line."""
    rt.py(NAMES + "\n    from pyodide.code import run_js")
    rt.js(
        """
        const { writeFileSync } = await import("node:fs");
        const { tmpdir } = await import("node:os");
        const file = `${tmpdir()}/stack_frames_${process.pid}.mjs`;
        writeFileSync(file, `export const o = {
          method() { throw new Error("m"); },
          get property() { throw new Error("g"); },
        };
        export class K {
          constructor() { throw new Error("k"); }
        }
        export const outer = () => (() => {
          throw new Error("a");
        })();
        `);
        globalThis.module = await import(file);
        (await import("node:fs")).unlinkSync(file);
        """
    )
    got = rt.py(
        """
        import js
        def rows(f):
            try: f()
            except Exception as e:
                return [(f.name.replace(" [as property]", ""), f.filename.rpartition("/")[2].partition("_")[0], f.lineno) for f in traceback.extract_tb(e.__traceback__)][2:]
        m = js.module
        [rows(lambda: m.o.method()), rows(lambda: m.o.property), rows(lambda: m.K.new()), rows(lambda: m.outer(1))]
        """
    )
    assert got == [
        [("Object.method", "stack", 2)],
        [("get property", "stack", 3)],
        [("new K", "stack", 6)],
        [("Module.outer", "stack", 10), ("???", "stack", 9)],
    ]


@pytest.mark.spec("5.2/3")
def test_errors_of_builtins_and_of_the_bridge(rt: Runtime) -> None:
    """What the engine or the bridge itself throws adds no frames of theirs, but the program's below are there."""
    rt.js("globalThis.wrong = function wrong() { return pyodide.runPython(5); };")
    rt.py(NAMES + "\n    import js")
    got = rt.py(
        """
        def array(): js.Array.new(-1)
        def parse(): js.JSON.parse("x")
        def missing(): js.wrong.nothing()
        def deep(): js.wrong()
        [frames_of(f) for f in (array, parse, missing, deep)]
        """
    )
    assert [names(rows) for rows in got] == [
        ["array"],
        ["parse"],
        ["missing"],
        ["deep", "wrong", "runPython"],
    ]


@pytest.mark.spec("5.2/3", "5.3/1")
def test_frames_are_added_once(rt: Runtime) -> None:
    """The JavaScript frames of an error that is kept and thrown twice are in its traceback once."""
    rt.js(
        """
        globalThis.keep = function keep(f) { try { f(); } catch (e) { globalThis.kept = e; } };
        globalThis.again = function again() { throw kept; };
        """
    )
    rt.py(
        NAMES + "\n    import js\n    def fail(): raise ValueError('x')\n    def late(): js.again()"
    )
    rt.py("js.keep(fail)")
    assert names(rt.py("frames_of(late)")) == ["late", "keep", "fail"]
    rt.py("js.keep(fail)")
    rt.py("def twice():\n    try: js.again()\n    except ValueError: return frames_of(js.again)")
    rows = names(rt.py("twice()"))
    assert (rows.count("keep"), rows.count("fail")) == (1, 1)
    rt.py(
        "import sys\nfor n in ('last_exc', 'last_type', 'last_value', 'last_traceback'): setattr(sys, n, None)"
    )
    rt.js("delete globalThis.kept;")


@pytest.mark.spec("5.1/1")
def test_stack_of_a_python_error(rt: Runtime) -> None:
    """The PythonError's own stack is not cut at the engine's limit, and the limit is as before."""
    got = rt.js(
        """
        const before = Error.stackTraceLimit;
        const deep = (n) => (n === 0 ? pyodide.runPython("1/0") : deep(n - 1));
        let stack;
        try { deep(60); } catch (e) { ({ stack } = e); }
        return [stack.split("\\n").filter((line) => /\\bdeep\\b/.test(line)).length, Error.stackTraceLimit === before];
        """
    )
    assert got == [61, True]

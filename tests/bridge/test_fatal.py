"""Fatal errors: the runtime says so once, refuses everything afterwards, and takes nothing else down."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from harness.errors import JsError
from harness.runtime import MODES, Runtime

Fresh = Callable[..., Runtime]

# Reading far outside of the memory traps inside WebAssembly.
TRAP = "import ctypes\nctypes.string_at(0xfffffff0, 100)"
FAILED = "already fatally failed and can no longer be used"

# plant(f, ...body): `at` becomes the address of a function of WebAssembly of these bytes, in which 0 is the imported f
# and 1 the function itself.
PLANT = """
    globalThis.plant = (f, ...body) => {
        const { wasmTable } = pyodide._module;
        const head = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 101, 1, 102, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 103, 0, 1];
        const code = new Uint8Array([...head, 10, body.length + 4, 1, body.length + 2, 0, ...body, 11]);
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { e: { f } });
        const at = wasmTable.grow(1);
        wasmTable.set(at, exports.g);
        pyodide.globals.set("at", at);
    };
"""
CALL = "import ctypes\nctypes.CFUNCTYPE(None)(at)()"
CALL_F, CALL_ITSELF, UNREACHABLE = "16, 0", "16, 1", "0"


def ruin(rt: Runtime) -> dict[str, str]:
    """Make the runtime fail fatally; the error that JavaScript saw."""
    error = rt.js("return h.thrown(() => pyodide.runPython(code))", code=TRAP)
    assert isinstance(error, dict)
    return error


@pytest.mark.spec("5.6/3")
@pytest.mark.parametrize("mode", MODES)
def test_api_is_disabled(fresh: Fresh, mode: str) -> None:
    """After a fatal error every public property throws, except the version and private names; a hook is told of it."""
    rt = fresh(mode)
    rt.js("globalThis.told = []; pyodide._api.on_fatal = (error) => told.push(error);")
    cause = ruin(rt)
    got = rt.js(
        """
        const names = Object.keys(pyodide).filter((n) => n !== "version" && !n.startsWith("_"));
        const wanted = ["runPython", "globals", "pyimport", "toPy", "FS", "registerJsModule"];
        return [[...new Set(names.map((n) => h.thrown(() => pyodide[n]).message))], wanted.filter((n) => !names.includes(n)),
            typeof pyodide.version, typeof pyodide._api, typeof pyodide._module, told.map((e) => e.message)];
        """
    )
    assert got == [
        ["Pyodide already fatally failed and can no longer be used."],
        [],
        "string",
        "object",
        "object",
        [cause["message"]],
    ]


@pytest.mark.spec("5.6/1")
@pytest.mark.parametrize(
    ("body", "name", "words"),
    [
        (UNREACHABLE, "RuntimeError", "unreachable"),
        (CALL_ITSELF, "RangeError", "call stack"),
        (CALL_F, "TypeError", "of a callback"),
    ],
)
def test_what_is_fatal(fresh: Fresh, body: str, name: str, words: str) -> None:
    """A trap, a stack without end and an error of a callback inside of WebAssembly, as is memory out of bounds above."""
    rt = fresh()
    rt.js(f"{PLANT} plant(() => {{ throw new TypeError('of a callback'); }}, {body});")
    error = rt.js("return h.thrown(() => pyodide.runPython(code))", code=CALL)
    assert error["name"] == name
    assert words in error["message"]
    assert FAILED in rt.js("return h.thrown(() => pyodide.runPython).message")
    assert "suffered a fatal error" in rt.output()


@pytest.mark.spec("5.6/6", "13.6/8")
@pytest.mark.parametrize(
    "thrown",
    ["null", "undefined", "({})", "Object.create(null)", "'abc'", "() => 1", "12", "12n"],
)
def test_weird_throws_inside_webassembly(fresh: Fresh, thrown: str) -> None:
    """What is thrown there and is no error is fatal, with the text that Python sees when JavaScript throws it."""
    rt = fresh()
    rt.js(f"{PLANT} globalThis.fail = () => {{ throw ({thrown}); }}; plant(fail, {CALL_F});")
    rt.py(
        "import js\nfrom pyodide.ffi import JsException\ntry: js.fail()\nexcept JsException as e: text = e.message"
    )
    text = rt.py("text")
    error = rt.js("return h.thrown(() => pyodide.runPython(code))", code=CALL)
    assert (error["name"], error["message"]) == ("Error", text)
    assert FAILED in rt.js("return h.thrown(() => pyodide.runPython).message")
    assert text in rt.output()


@pytest.mark.spec("5.6/5")
@pytest.mark.parametrize(
    ("make", "name", "message"),
    [
        (
            "const text = cxx.malloc(8), what = cxx.__cxa_allocate_exception(8);"
            "heap().set([109, 105, 110, 101, 0], text); cxx._ZNSt13runtime_errorC1EPKc(what, text);"
            "cxx.__cxa_throw(what, address('_ZTISt13runtime_error'), 0);",
            "CppException std::runtime_error",
            "^mine$",
        ),
        (
            "const what = cxx.__cxa_allocate_exception(4); cxx.__cxa_throw(what, address('_ZTIi'), 0);",
            "CppException int",
            r"^The exception is an object of type int at address \d+ which does not inherit from std::exception$",
        ),
    ],
)
def test_exceptions_of_cpp(fresh: Fresh, make: str, name: str, message: str) -> None:
    """A C++ exception that nobody catches is an Error that tells its type and text, or where it was."""
    rt = fresh()
    rt.js(
        PLANT
        + f"""
        const cxx = pyodide._module.wasmExports;
        const heap = () => new Uint8Array(cxx.memory.buffer), address = (name) => cxx[name].value;
        plant(() => {{ {make} }}, {CALL_F});
        """
    )
    error = rt.js(
        "try { pyodide.runPython(code); } catch (e) { return [e instanceof Error, e.name, e.message]; }",
        code=CALL,
    )
    assert error[:2] == [True, name]
    assert re.search(message, error[2])
    assert FAILED in rt.js("return h.thrown(() => pyodide.runPython).message")


@pytest.mark.spec("5.6/2", "13.6/9")
def test_log_of_a_fatal_error(fresh: Fresh) -> None:
    """The console shows the notice and the cause, standard output Python's stack, most recent call first; JavaScript gets the cause."""
    rt = fresh(options="{ stdout: (line) => console.log(`out: ${line}`) }")
    code = """
import ctypes
def f(): g()
def g(): h()
def h(): ctypes.string_at(0xfffffff0, 100)
f()
"""
    with pytest.raises(JsError) as caught:
        rt.js("pyodide.runPython(code)", code=code)
    assert "out of bounds" in caught.value.message
    output = rt.output()
    lines = [
        "Pyodide has suffered a fatal error. Please report this to the Pyodide maintainers.\n",
        "The cause of the fatal error was:\n",
        "out of bounds",
        "\n    at ",
        "out: Stack (most recent call first):\n",
    ]
    places = [output.index(line) for line in lines]
    assert places == sorted(places)
    stack = output[output.index("Stack (most recent call first):") :]
    positions = [stack.index(f" in {name}") for name in "hgf"]
    assert positions == sorted(positions)
    assert FAILED in rt.js("return h.thrown(() => pyodide.runPython).message")


@pytest.mark.spec("5.6/4", "13.6/10")
def test_python_cannot_catch_it(fresh: Fresh) -> None:
    """Neither `except` nor `finally` runs after a fatal error, not even around a call through JavaScript."""
    rt = fresh()
    code = """
import ctypes, js
def ruin(): ctypes.string_at(0xfffffff0, 100)
try:
    js.call(ruin)
except BaseException:
    js.note("except")
finally:
    js.note("finally")
js.note("after")
"""
    rt.js(
        "globalThis.notes = []; globalThis.note = (x) => { notes.push(x); }; globalThis.call = (f) => f();"
    )
    got = rt.js(
        "try { pyodide.runPython(code); } catch (e) { return [e.message, e.pyodide_fatal_error]; }",
        code=code,
    )
    assert "out of bounds" in got[0]
    assert got[1] is True
    assert rt.expr("notes") == []


def test_reported_by_the_runtime_itself(fresh: Fresh) -> None:
    """`_api.fatal_error` poisons the runtime as a trap does."""
    rt = fresh()
    rt.js("try { pyodide._api.fatal_error(new Error('said so')); } catch {}")
    assert FAILED in rt.js("return h.thrown(() => pyodide.runPython).message")
    assert "said so" in rt.output()


@pytest.mark.spec("5.6/6")
def test_lock_error_is_not_fatal(fresh: Fresh) -> None:
    """A NoGilError given to `_api.fatal_error` is thrown on, and the runtime goes on."""
    rt = fresh()
    name = rt.js(
        "return h.thrown(() => pyodide._api.fatal_error(new pyodide._api.NoGilError())).name"
    )
    assert name == "NoGilError"
    assert rt.py("1 + 1") == 2
    assert "fatal" not in rt.output()


@pytest.mark.spec("5.6/4")
def test_second_fatal_error_only_logs(fresh: Fresh) -> None:
    """A fatal error inside a poisoned runtime is logged, and does not hide the first."""
    rt = fresh()
    rt.js("globalThis.told = []; pyodide._api.on_fatal = (error) => told.push(error.message);")
    for text in ("first", "second"):
        rt.js("try { pyodide._api.fatal_error(new Error(text)); } catch {}", text=text)
    assert FAILED in rt.js("return h.thrown(() => pyodide.globals).message")
    assert rt.expr("told") == ["first"]
    first, _, second = rt.output().partition("Recursive call to fatal_error. Inner error was:")
    assert "Error: first" in first
    assert "Error: second" in second


def test_proxies_of_a_poisoned_runtime(fresh: Fresh) -> None:
    """Proxies from before throw an error too, and the process lives on."""
    rt = fresh()
    rt.js("globalThis.d = pyodide.runPython('{}');")
    ruin(rt)
    assert rt.js("return h.thrown(() => d.get(1)).message")
    assert rt.expr("1 + 1") == 2


def test_exit(fresh: Fresh) -> None:
    """`os._exit` throws an Exit error; later uses say that the runtime has ended."""
    rt = fresh()
    error = rt.js("return h.thrown(() => pyodide.runPython('import os; os._exit(0)'))")
    assert error["name"] == "Exit"
    assert error["message"] == "Program terminated with exit(0)"
    assert rt.js("return h.thrown(() => pyodide.runPython('1')).name")
    assert rt.expr("1 + 1") == 2


def test_system_exit_is_ordinary(rt: Runtime) -> None:
    """`exit(1)` is a PythonError SystemExit and the runtime goes on."""
    error = rt.js("return h.thrown(() => pyodide.runPython('exit(1)'))")
    assert (error["type"], error["message"].strip().splitlines()[-1]) == (
        "SystemExit",
        "SystemExit: 1",
    )
    assert rt.py("1 + 1") == 2

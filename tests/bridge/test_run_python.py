"""`pyodide.runPython`, `globals`, `version`, `ffi`, `FS`: the public object's first members."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.spec("6.3/1")
def test_result_is_the_last_expression(rt: Runtime) -> None:
    """The value of the last expression is returned; a statement or a semicolon at the end returns undefined."""
    got = rt.js(
        "return ['1 + 1', 'x = 5', 'x', 'x;', '', '# only a comment', 'def f(): pass', 'x\\n\\n'].map((c) => pyodide.runPython(c));"
    )
    assert got == [2, None, 5, None, None, None, None, 5]


def test_state_is_kept(rt: Runtime) -> None:
    """Names stay bound between runs; `__name__` is `__main__`."""
    assert (
        rt.js(
            "pyodide.runPython('a = 1'); pyodide.runPython('a += 1'); return pyodide.runPython('(a, __name__)[0]');"
        )
        == 2
    )
    assert rt.expr("pyodide.runPython('__name__')") == "__main__"


@pytest.mark.spec("7.2/3")
def test_globals_and_locals_options(rt: Runtime) -> None:
    """A dict given as globals is the namespace; `__main__` is untouched."""
    got = rt.js(
        """
        const space = pyodide.toPy({ given: 3 });
        const r = [pyodide.runPython("fresh = given * 2; fresh", { globals: space }), space.get("fresh"), pyodide.globals.has("fresh")];
        const locals = pyodide.toPy({ y: 4 });
        r.push(pyodide.runPython("given + y", { globals: space, locals }));
        r.push(h.thrown(() => pyodide.runPython("1 / 0", { filename: "mine.py" })).message.includes('File "mine.py", line 1'));
        space.destroy();
        locals.destroy();
        return r;
        """
    )
    assert got == [6, 6, False, 7, True]


def test_indented_code(rt: Runtime) -> None:
    """Code in a template literal may be indented as a whole."""
    assert (
        rt.js(
            "return pyodide.runPython(`\n      x = 1\n      if x:\n          x = 2\n      x\n    `);"
        )
        == 2
    )


def test_syntax_error(rt: Runtime) -> None:
    """A syntax error is a PythonError and nothing is executed."""
    got = rt.js(
        "const e = h.thrown(() => pyodide.runPython('made = 1\\n1 +')); return [e.type, pyodide.globals.has('made')];"
    )
    assert got == ["SyntaxError", False]


@pytest.mark.parametrize("argument", ["", "undefined", "null", "5", "{}", "Symbol('x')"])
def test_wrong_argument(rt: Runtime, argument: str) -> None:
    """Code that is no string is a TypeError, in whichever language it is found."""
    error = rt.js(f"return h.thrown(() => pyodide.runPython({argument}));")
    assert "TypeError" in (error["name"], error["type"])


@pytest.mark.spec("7.2/3")
def test_monkeypatched_eval_code(rt: Runtime) -> None:
    """`pyodide.code.eval_code` is looked up at each call."""
    rt.py(
        "import pyodide.code as c\nold = c.eval_code\nc.eval_code = lambda code, *a, **k: 'patched ' + code"
    )
    got = rt.expr("pyodide.runPython('1 + 1')")
    rt.py("c.eval_code = old")
    assert got == "patched 1 + 1"
    assert rt.expr("pyodide.runPython('1 + 1')") == 2


@pytest.mark.spec("7.2/2")
def test_globals_proxy(rt: Runtime) -> None:
    """`pyodide.globals` is the dict of `__main__`; get and has fall back to the builtins."""
    got = rt.js(
        """
        pyodide.globals.set("fresh", 5);
        const sum = pyodide.globals.get("sum");
        const r = [pyodide.runPython("fresh"), pyodide.globals.get("fresh"), pyodide.globals.has("sum"), sum.type, pyodide.globals.has("nowhere"),
            pyodide.globals.get("nowhere"), pyodide.globals instanceof pyodide.ffi.PyProxy];
        sum.destroy();
        pyodide.globals.delete("fresh");
        r.push(pyodide.globals.has("fresh"));
        return r;
        """
    )
    assert got == [5, 5, True, "builtin_function_or_method", False, None, True, False]


@pytest.mark.spec("7.2/2")
def test_globals_is_the_real_dict(rt: Runtime) -> None:
    """Handed to Python, `pyodide.globals` is `globals()` itself."""
    got = rt.js(
        "const f = pyodide.runPython('lambda g: g is globals()'); const r = f(pyodide.globals); f.destroy(); return r;"
    )
    assert got is True


@pytest.mark.spec("7.2/1")
def test_version(rt: Runtime) -> None:
    """The version is the Python package's."""
    assert rt.expr("pyodide.version") == rt.py("import pyodide\npyodide.__version__")
    assert rt.version == rt.expr("pyodide.version")


@pytest.mark.spec("7.2/23")
def test_ffi_classes(rt: Runtime) -> None:
    """The public classes are there."""
    names = (
        "PyProxy PyProxyWithLength PyProxyWithGet PyProxyWithSet PyProxyWithHas PyDict PyIterable PyIterator PyGenerator "
        "PyAsyncIterable PyAsyncIterator PyAsyncGenerator PyAwaitable PyCallable PyBuffer PySequence PyMutableSequence PythonError"
    ).split()
    assert (
        rt.js("return names.filter((n) => typeof pyodide.ffi[n] !== 'function');", names=names)
        == []
    )


@pytest.mark.spec("7.2/3")
def test_results_belong_to_the_caller(rt: Runtime) -> None:
    """A result is converted by the implicit rules; a proxy among them lives until the caller destroys it."""
    rt.py("class A: pass\na = A()\na.x = 5")
    got = rt.js(
        """
        const values = ["1", "1.5", "'text'", "True", "None", "2**70"].map((code) => pyodide.runPython(code));
        const a = pyodide.runPython("a");
        pyodide.runPython("del a; import gc; gc.collect(); None");
        const r = [values.map(String), h.isPyProxy(a), a.x];
        a.destroy();
        r.push(h.thrown(() => a.x).message.split("\\n")[0]);
        return r;
        """
    )
    values = ["1", "1.5", "text", "true", "undefined", str(2**70)]
    assert got == [values, True, 5, "Object has already been destroyed"]


@pytest.mark.keeps_state
@pytest.mark.spec("7.2/4")
def test_run_python_async(rt: Runtime) -> None:
    """`runPythonAsync` awaits at top level and takes the options; an awaitable result is awaited once more, a proxy is the caller's.

    It starts the event loop, which keeps a few objects from then on.
    """
    got = rt.js(
        """
        const space = pyodide.toPy({ y: 4 });
        const options = { globals: space, filename: "mine.py" };
        const run = (code) => pyodide.runPythonAsync(code, options);
        const r = [await run("import asyncio\\nx = await asyncio.sleep(0, 3)\\nx + y"), await run("x;"), space.get("x"), pyodide.globals.has("x")];
        r.push(await run("async def f(): return 7\\nf()"), await run("asyncio.sleep(0, f())"));
        const own = await run("class A: z = 1\\nA()");
        r.push(h.isPyProxy(own), own.z);
        own.destroy();
        const error = await run("await asyncio.sleep(0)\\n1 / 0").catch((e) => e);
        r.push(error.name, error.type, error.message.includes('File "mine.py", line 2'));
        space.destroy();
        return r;
        """
    )
    assert got == [7, None, 3, False, 7, 7, True, 1, "PythonError", "ZeroDivisionError", True]


@pytest.mark.spec("7.2/6")
def test_to_py(rt: Runtime) -> None:
    """`toPy` converts in depth to proxies of Python objects, scalars by the implicit rules, and takes the options."""
    got = rt.js(
        """
        const is = pyodide.runPython("lambda x, text: repr(x) == text");
        const inner = { x: 1 }, made = pyodide.toPy({ inner, list: [1, 2.5, "s"], set: new Set([1]) });
        const shallow = pyodide.toPy([inner], { depth: 1 });
        const converted = pyodide.toPy([new Date(5)], { defaultConverter: (value) => value.getTime() });
        const r = [h.isPyProxy(made), is(made, "{'inner': {'x': 1}, 'list': [1, 2.5, 's'], 'set': {1}}"), shallow.get(0) === inner,
            is(converted, "[5]"), pyodide.toPy(5), pyodide.toPy("s"), pyodide.toPy(made) === made];
        for (const p of [is, made, shallow, converted]) p.destroy();
        return r;
        """
    )
    assert got == [True, True, True, True, 5, "s", True]


@pytest.mark.spec("7.2/22")
def test_pyodide_py(rt: Runtime) -> None:
    """`pyodide_py` is a proxy of the package `pyodide`, the same each time."""
    got = rt.js(
        """
        const is = pyodide.runPython("import pyodide, types\\nlambda x: x is pyodide and isinstance(x, types.ModuleType)");
        const { pyodide_py } = pyodide;
        const r = [pyodide_py instanceof pyodide.ffi.PyProxy, is(pyodide_py), pyodide_py.__version__ === pyodide.version, pyodide.pyodide_py === pyodide_py];
        is.destroy();
        return r;
        """
    )
    assert got == [True, True, True, True]


def test_fs(rt: Runtime) -> None:
    """Files written by one language are read by the other."""
    got = rt.js(
        """
        pyodide.FS.writeFile("/tmp/from_js.txt", "text \\u00e9 \\u{1f40d}");
        pyodide.runPython("with open('/tmp/from_py.bin', 'wb') as f: f.write(bytes(range(256)))");
        const bytes = pyodide.FS.readFile("/tmp/from_py.bin");
        return [pyodide.runPython("open('/tmp/from_js.txt', encoding='utf-8').read()"), bytes.length, bytes[255]];
        """
    )
    assert got == ["text \u00e9 \U0001f40d", 256, 255]
    rt.py("import os\nos.remove('/tmp/from_js.txt'); os.remove('/tmp/from_py.bin')")


def test_environment(rt: Runtime) -> None:
    """Working folder, platform, path and standard library are in place."""
    got = rt.py(
        "import os, sys\n(os.getcwd(), sys.platform, sys.path[0], os.environ['HOME'], sys.implementation.name)"
    )
    assert got == ("/home/pyodide", "emscripten", "", "/home/pyodide", "cpython")


STDLIB = (
    "json csv statistics decimal datetime re math random collections itertools functools dataclasses asyncio sqlite3 zlib bz2 lzma "
    "hashlib ctypes xml.etree.ElementTree unittest zipfile tarfile pathlib tempfile pickle struct array heapq uuid email html "
    "urllib.parse logging argparse inspect ast dis traceback textwrap difflib string secrets base64 binascii codecs io "
    "concurrent.futures contextvars enum fractions graphlib typing types weakref pprint calendar locale tomllib zoneinfo"
).split()


def test_standard_library_imports(rt: Runtime) -> None:
    """The modules that programs import most are there."""
    rt.py("import importlib\nmissing = []")
    rt.py(
        "for n in names:\n    try: importlib.import_module(n)\n    except ImportError as e: missing.append(f'{n}: {e}')",
        names=STDLIB,
    )
    assert rt.py("missing") == []


def test_extension_modules_work(rt: Runtime) -> None:
    """The C modules beside the interpreter do their work."""

    @rt.run
    def _() -> None:
        import bz2
        import ctypes
        import decimal
        import hashlib
        import lzma
        import sqlite3
        import zlib
        from xml.etree import ElementTree

        data = b"some data " * 1000
        for module in (zlib, bz2, lzma):
            assert module.decompress(module.compress(data)) == data
        with sqlite3.connect(":memory:") as db:
            assert db.execute("select sum(x) from (select 1 x union select 2)").fetchone() == (3,)
        db.close()
        assert hashlib.sha256(b"").hexdigest().startswith("e3b0c442")
        assert decimal.Decimal("0.1") + decimal.Decimal("0.2") == decimal.Decimal("0.3")
        assert ElementTree.fromstring("<a><b/></a>")[0].tag == "b"
        assert ctypes.sizeof(ctypes.c_void_p) == 4


def test_output_goes_to_the_console(rt: Runtime) -> None:
    """print and sys.stderr reach the process's output."""
    rt.py(
        "import sys\nprint('to stdout \u00e9')\nprint('to stderr', file=sys.stderr)\nsys.stdout.flush()"
    )
    assert "to stdout \u00e9" in rt.output()
    assert "to stderr" in rt.output()

"""The bridge for extension modules: each function of pyodide_ffi.h from C, and the example in Cython."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from extending.compiling import INCLUDE, ROOT, SUFFIX, compile_c, compile_cython
from harness.runtime import Runtime

HERE = Path(__file__).resolve().parent
EXAMPLE = ROOT / "examples" / "extending" / "src" / "pixelwise"


def install(rt: Runtime, files: dict[str, bytes]) -> None:
    """Write files to the folder of packages in the virtual file system."""
    rt.js(
        """
        const packages = "/lib/python3.13/site-packages/";
        for (const [name, content] of files) {
          pyodide.FS.mkdirTree((packages + name).replace(/[^/]*$/, ""));
          pyodide.FS.writeFile(packages + name, Buffer.from(content, "base64"));
        }
        """,
        files=[[name, b64encode(content).decode()] for name, content in files.items()],
    )


@pytest.fixture
def capi(rt: Runtime) -> Runtime:
    """A runtime with the module `capi` imported."""
    if not rt.py("import sys; 'capi' in sys.modules"):
        install(rt, {f"capi{SUFFIX}": compile_c(HERE / "capi.c", "capi").read_bytes()})
        rt.py("import capi, js, pyodide.code, asyncio")
    return rt


def test_properties(capi: Runtime) -> None:
    """Properties are JavaScript's alone; absence, other types and errors are told apart."""

    @capi.run
    def _() -> None:
        import capi

        from pyodide.code import run_js
        from pyodide.ffi import JsException

        o = run_js(
            "({ a: 1, half: 0.5, s: 'text', keys: 7, from: 8, nothing: undefined, f() { return this.a; },"
            " get bad() { throw new RangeError('bad'); } })"
        )
        assert capi.get(o, "a") == (1, 1) and capi.get(o, "s") == (1, "text")
        assert capi.get(o, "nothing") == (1, None) and capi.get(o, "absent") == (0, None)
        # Names that JsProxy has for itself, and keywords.
        assert capi.get(o, "keys") == (1, 7) and capi.get(o, "from_") == (1, 8)
        assert capi.get(o, "f")[1]() == 1
        assert capi.get_double(o, "half") == (1, 0.5) and capi.get_double(o, "a") == (1, 1.0)
        assert capi.get_double(o, "s")[0] == 0 and capi.get_double(o, "absent")[0] == 0
        capi.set(o, "list", {"x": 1})
        capi.set_double(o, "half", 2.5)
        assert o.half == 2.5 and o.list == {"x": 1}
        o.list = None
        capi.del_ = getattr(capi, "del")
        capi.del_(o, "half")
        capi.del_(o, "half")
        assert not hasattr(o, "half")
        frozen = run_js("Object.freeze({ a: 1 })")
        for action, error in (
            (lambda: capi.get(o, "bad"), JsException),
            (lambda: capi.get_double(o, "bad"), JsException),
            (lambda: capi.set(frozen, "a", 2), JsException),
            (lambda: capi.set_double(frozen, "a", 2), JsException),
            (lambda: capi.get(1, "a"), TypeError),
            (lambda: capi.get(o, 1), TypeError),
            (lambda: capi.set("o", "a", 1), TypeError),
        ):
            try:
                action()
            except error:
                pass
            else:
                raise AssertionError(action)
        del capi.del_


def test_calls(capi: Runtime) -> None:
    """Functions, methods and classes are called; promises stay promises on request."""

    @capi.run
    def _() -> None:
        import capi

        from pyodide.code import run_js
        from pyodide.ffi import JsException, JsPromise

        o = run_js(
            "({ n: 10, add(a, b) { return this.n + a + b; }, all(...args) { return JSON.stringify(args); },"
            " text() { return 'text'; }, later() { return Promise.resolve(1); }, fail() { throw new Error('no'); } })"
        )
        this = run_js("(function () { return this?.n; })")
        assert capi.call(this, o, (), (), 0) == 10 and capi.call(this, None, (), (), 0) is None
        show = run_js("(...args) => JSON.stringify(args)")
        assert capi.call(show, None, (1, "b", 3), ("k",), 0) == '[1,"b",{"k":3}]'
        assert capi.call_method(o, "all", (1, None, True), 0) == "[1,null,true]"
        assert isinstance(capi.call_method(o, "later", (), 1), JsPromise)
        assert isinstance(capi.call(run_js("() => Promise.resolve()"), None, (), (), 1), JsPromise)
        assert capi.call_method_doubles(o, "add", (1, 2.5)) == (1, 13.5)
        assert capi.call_method_doubles(o, "text", ())[0] == 0
        assert capi.call_method_doubles(o, "all", tuple(range(16)))[0] == 0
        date = capi.construct(run_js("Date"), (2020, 1, 3))
        assert date.getFullYear() == 2020
        for action, error in (
            (lambda: capi.call_method(o, "fail", (), 0), JsException),
            (lambda: capi.call_method_doubles(o, "fail", ()), JsException),
            (lambda: capi.call_method_doubles(o, "absent", ()), AttributeError),
            (lambda: capi.call_method_doubles(o, "n", ()), TypeError),
            (lambda: capi.call_method_doubles(o, "all", tuple(range(17))), ValueError),
            (lambda: capi.call(o, None, (), (), 0), TypeError),
            (lambda: capi.construct(o, ()), TypeError),
            (lambda: capi.construct(run_js("() => 1"), ()), JsException),
        ):
            try:
                action()
            except error:
                pass
            else:
                raise AssertionError(action)


def test_values(capi: Runtime) -> None:
    """Explicit conversions, globals, code, proxies and held values."""

    @capi.run
    def _() -> None:
        import capi

        import js
        from pyodide.code import run_js
        from pyodide.ffi import JsException

        assert capi.is_proxy(js) and not capi.is_proxy(js.Math.PI) and capi.globals() is js
        assert capi.run_js("1 + 1") == 2 and capi.to_js(5, -1) == 5
        array = capi.to_js([1, [2]], -1)
        assert capi.is_proxy(array) and array.length == 2
        assert capi.to_py(array, -1) == [1, [2]]
        assert capi.is_proxy(capi.to_py(array, 1)[1])
        try:
            capi.run_js("throw new SyntaxError('s')")
        except JsException as error:
            assert error.name == "SyntaxError"
        else:
            raise AssertionError("no error")

        class Mine:
            def method(self):
                return 1

        mine = Mine()
        proxy = capi.create_proxy(mine, 0)
        assert capi.unwrap(proxy) is mine
        assert run_js("(p) => p.method()")(proxy) == 1
        capi.destroy_proxy(proxy)
        unwrapping = capi.create_proxy(mine, 2)
        assert run_js("(p) => p")(unwrapping) is mine
        capi.destroy_proxy(unwrapping)
        once = capi.create_proxy(lambda: 5, 4)
        assert once() == 5
        capturing = capi.create_proxy(lambda this, x: (this.n, x), 1)
        got = run_js("(f) => ({ n: 3, f }).f(4)")(capturing)
        assert tuple(got) == (3, 4)
        capi.destroy_proxy(capturing)
        for wrong in (
            lambda: capi.unwrap(js),
            lambda: capi.create_proxy(1, 4),
            lambda: capi.hold(1),
        ):
            try:
                wrong()
            except TypeError:
                pass
            else:
                raise AssertionError(wrong)

        o = run_js("({ kept: 1 })")
        capi.hold(o)
        del o
        assert capi.held_proxy().kept == 1 and capi.held_proxy() == capi.held_proxy()
        capi.release()


def test_buffers(capi: Runtime) -> None:
    """Bytes of JavaScript buffers are copied both ways, and only those that are there."""

    @capi.run
    def _() -> None:
        import capi

        from pyodide.code import run_js

        floats = run_js("new Float64Array([1, 2, 3]).subarray(1)")
        assert capi.buffer_size(floats) == 16
        import struct

        assert struct.unpack("2d", capi.buffer_read(floats, 0, 16)) == (2, 3)
        assert capi.buffer_read(floats, 16, 0) == b""
        capi.buffer_write(floats, 8, struct.pack("d", 9))
        assert floats[1] == 9
        assert capi.buffer_size(run_js("new ArrayBuffer(5)")) == 5
        for action, error in (
            (lambda: capi.buffer_read(floats, 9, 8), IndexError),
            (lambda: capi.buffer_read(floats, -1, 1), IndexError),
            (lambda: capi.buffer_read(floats, 0, -1), IndexError),
            (lambda: capi.buffer_write(floats, 9, b"12345678"), IndexError),
            (lambda: capi.buffer_size(run_js("[]")), TypeError),
        ):
            try:
                action()
            except error:
                pass
            else:
                raise AssertionError(action)


def test_waiting(capi: Runtime) -> None:
    """Whether run_sync can wait is asked and answered as in Python."""
    assert capi.py("capi.can_run_sync()") is False
    capi.py(
        """
        try:
            capi.run_sync(capi.run_js('({ p: Promise.resolve(1) })').p)
        except RuntimeError as error:
            assert "Cannot stack switch" in str(error)
        else:
            raise AssertionError("no error")
        """
    )


@pytest.mark.modes("native")
def test_a_module_for_a_later_runtime(rt: Runtime, tmp_path: Path) -> None:
    """A module that was compiled for a version to come says so when it is imported."""
    header = (INCLUDE / "pyodide_ffi.h").read_text()
    assert "PYODIDE_FFI_VERSION 1\n" in header
    later_header = header.replace("PYODIDE_FFI_VERSION 1\n", "PYODIDE_FFI_VERSION 99\n")
    (tmp_path / "pyodide_ffi.h").write_text(later_header)
    source = (HERE / "capi.c").read_text().replace("<pyodide_ffi.h>", '"pyodide_ffi.h"')
    later = tmp_path / "later.c"
    later.write_text(source.replace("PyInit_capi", "PyInit_later"))
    install(rt, {f"later{SUFFIX}": compile_c(later, "later").read_bytes()})
    message = rt.py(
        """
        try:
            import later
        except ImportError as error:
            message = str(error)
        message
        """
    )
    assert message == "this module was compiled for version 99 of pyodide_ffi.h, the runtime has 1"


def test_cython_example(rt: Runtime) -> None:
    """examples/extending draws on what has a canvas' methods and reduces a typed array."""
    library = compile_cython(EXAMPLE / "_fast.pyx", "_fast")
    install(
        rt,
        {
            "pixelwise/__init__.py": (EXAMPLE / "__init__.py").read_bytes(),
            f"pixelwise/_fast{SUFFIX}": library.read_bytes(),
        },
    )
    rt.py("import pixelwise, js, pyodide.code, array")

    @rt.run
    def _() -> None:
        import math
        from array import array

        import pixelwise

        from pyodide.code import run_js

        context = run_js(
            "({ calls: [], beginPath() { this.calls.push('b'); }, moveTo(x, y) { this.calls.push(`m${x},${y}`); },"
            " lineTo(x, y) { this.calls.push(`l${x},${y}`); }, stroke() { this.calls.push('s'); } })"
        )
        points = memoryview(array("d", [0, 0, 10, 5, 20.5, 0])).cast("B").cast("d", (3, 2))
        pixelwise.draw_polyline(context, points)
        assert " ".join(context.calls) == "b m0,0 l10,5 l20.5,0 s"
        numbers = run_js("Float64Array.from({ length: 10000 }, (_, i) => i)")
        assert pixelwise.total(numbers) == 49995000 and pixelwise.mean(numbers) == 4999.5
        assert math.isnan(pixelwise.mean(run_js("new Float64Array(0)")))
        for wrong in (run_js("new Float32Array(1)"), run_js("({})"), 5):
            try:
                pixelwise.total(wrong)
            except TypeError:
                pass
            else:
                raise AssertionError(wrong)

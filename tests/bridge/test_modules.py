"""`import js`, `pyodide_js`, registered JavaScript modules, and `pyodide.pyimport`."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


def test_import_js(rt: Runtime) -> None:
    """`js` is globalThis; names can be imported from it and through dots."""
    rt.js(
        "globalThis.mark = 5; globalThis.isGlobal = (x) => x === globalThis; globalThis.box = { inner: { deep: 7 } };"
    )

    @rt.run
    def _() -> None:
        import js.box.inner as inner
        from js.box import inner as same

        import js
        from js import Math, mark

        assert mark == 5
        assert js.isGlobal(js) is True
        assert Math.max(1, 3) == 3
        assert inner.deep == 7
        assert same == inner


def test_assign_through_js(rt: Runtime) -> None:
    """Python writes JavaScript globals through the module."""
    rt.py("import js\njs.fromPython = 'value'")
    assert rt.expr("globalThis.fromPython") == "value"


def test_missing_name(rt: Runtime) -> None:
    """Importing a missing name is an ImportError; a missing submodule a ModuleNotFoundError."""
    rt.py("try:\n    from js import not_there\nexcept ImportError as e:\n    a = type(e).__name__")
    rt.py("try:\n    import js.not_there\nexcept ImportError as e:\n    b = type(e).__name__")
    assert rt.py("(a, b)") == ("ImportError", "ModuleNotFoundError")


def test_submodule_must_be_an_object(rt: Runtime) -> None:
    """A scalar is no module."""
    rt.js("globalThis.scalar = 5;")
    assert (
        rt.py("try:\n    import js.scalar\nexcept ModuleNotFoundError as e:\n    r = True\nr")
        is True
    )


def test_pyodide_js(rt: Runtime) -> None:
    """`pyodide_js` is the object that loadPyodide gave."""
    rt.js("globalThis.isApi = (x) => x === pyodide;")
    got = rt.py(
        "import js, pyodide_js\n(js.isApi(pyodide_js), pyodide_js.version, pyodide_js.runPython('1 + 1'))"
    )
    assert got == (True, rt.version, 2)


def test_register_js_module(rt: Runtime) -> None:
    """A registered object can be imported, also its names and submodules; what is exported by a star is its own names."""
    rt.js("pyodide.registerJsModule('mine', { a: 1, f: (x) => x + 1, sub: { b: 2 } });")

    @rt.run
    def _() -> None:
        import mine
        import mine.sub
        from mine import a, f

        assert (mine.a, a, f(1), mine.sub.b) == (1, 1, 2, 2)
        space: dict[str, object] = {}
        exec("from mine import *", space)
        assert {"a", "f", "sub"} <= set(space)

    rt.js("pyodide.unregisterJsModule('mine');")
    assert (
        rt.py(
            "import sys\nfor n in ('mine', 'mine.sub'): sys.modules.pop(n, None)\ntry:\n    import mine\nexcept ModuleNotFoundError:\n    r = 'gone'\nr"
        )
        == "gone"
    )


def test_star_import_obeys_all(rt: Runtime) -> None:
    """`__all__` of the object restricts a star import."""
    rt.js("pyodide.registerJsModule('mine', { a: 1, b: 2, __all__: pyodide.toPy(['a']) });")
    rt.py("space = {}\nexec('from mine import *', space)\nr = ('a' in space, 'b' in space)")
    assert rt.py("r") == (True, False)
    rt.js("pyodide.unregisterJsModule('mine');")


def test_frozen_module(rt: Runtime) -> None:
    """A non-extensible object can be a module."""
    rt.js("pyodide.registerJsModule('frozen_one', Object.freeze({ a: 1 }));")
    assert rt.py("import frozen_one\nfrozen_one.a") == 1
    rt.js("pyodide.unregisterJsModule('frozen_one');")


def test_real_modules_win(rt: Runtime) -> None:
    """A Python module of the same name is imported instead."""
    rt.js("pyodide.registerJsModule('colorsys', { a: 1 });")
    assert rt.py("import colorsys\nhasattr(colorsys, 'rgb_to_hsv')") is True
    rt.js("pyodide.unregisterJsModule('colorsys');")


def test_wrong_registrations(rt: Runtime) -> None:
    """Wrong types and unknown names are errors that say so."""
    got = rt.js(
        """
        return [() => pyodide.registerJsModule(5, {}), () => pyodide.registerJsModule("x", 5), () => pyodide.unregisterJsModule("doesnotexist")]
            .map((f) => { const e = h.thrown(f); return [e.type ?? e.name, e.message]; });
        """
    )
    assert [kind for kind, _ in got] == ["TypeError", "TypeError", "ValueError"]
    expected = "Cannot unregister 'doesnotexist': no Javascript module with that name is registered"
    assert expected in got[2][1]


def test_pyimport(rt: Runtime) -> None:
    """Modules, dotted modules and names of globals."""
    rt.py("bound = {'a': 1}")
    got = rt.js(
        """
        const math = pyodide.pyimport("math"), et = pyodide.pyimport("xml.etree.ElementTree"), bound = pyodide.pyimport("bound");
        const r = [math.sqrt(16), et.type, typeof et.fromstring, bound.get("a")];
        for (const p of [math, et, bound]) p.destroy();
        return r;
        """
    )
    assert got == [4, "module", "function", 1]


def test_pyimport_attribute(rt: Runtime) -> None:
    """`a.b` is attribute b of module a if there is one."""
    got = rt.js(
        "const f = pyodide.pyimport('os.path.join'); const r = f('a', 'b'); f.destroy(); return r;"
    )
    assert got == "a/b"


def test_pyimport_scalar_global(rt: Runtime) -> None:
    """A bound name wins over a module and is converted by the implicit rule."""
    rt.py("json = 5")
    assert rt.expr("pyodide.pyimport('json')") == 5


@pytest.mark.parametrize("name", ["no_such_module", "os.no_such_thing", "math.pi.x"])
def test_pyimport_missing(rt: Runtime, name: str) -> None:
    """What cannot be imported is a ModuleNotFoundError or another ImportError or AttributeError of Python."""
    error = rt.js("return h.thrown(() => pyodide.pyimport(name));", name=name)
    assert error["type"] in ("ModuleNotFoundError", "ImportError", "AttributeError")


@pytest.mark.parametrize("name", ["", "5", "undefined", "..", "a..b"])
def test_pyimport_bad_names(rt: Runtime, name: str) -> None:
    """A name that is no module name is an error and nothing worse."""
    source = {"5": "5", "undefined": "undefined"}.get(name, repr(name))
    error = rt.js(f"return h.thrown(() => pyodide.pyimport({source}));")
    assert error["name"] in ("PythonError", "TypeError", "Error")
    assert rt.py("1 + 1") == 2

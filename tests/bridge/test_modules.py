"""`import js`, `pyodide_js`, registered JavaScript modules, and `pyodide.pyimport`."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime


@pytest.mark.spec("3.13/1")
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


@pytest.mark.spec("3.13/2")
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


@pytest.mark.spec("7.2/7")
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


@pytest.mark.spec("3.13/1", "13.4/32")
def test_star_import_obeys_all(rt: Runtime) -> None:
    """`__all__` of the object restricts a star import."""
    rt.js("pyodide.registerJsModule('mine', { a: 1, b: 2, __all__: pyodide.toPy(['a']) });")
    rt.py("space = {}\nexec('from mine import *', space)\nr = ('a' in space, 'b' in space)")
    assert rt.py("r") == (True, False)
    rt.js("pyodide.unregisterJsModule('mine');")


@pytest.mark.spec("3.13/2", "13.4/33")
def test_frozen_module(rt: Runtime) -> None:
    """A non-extensible object can be a module."""
    rt.js("pyodide.registerJsModule('frozen_one', Object.freeze({ a: 1 }));")
    assert rt.py("import frozen_one\nfrozen_one.a") == 1
    rt.js("pyodide.unregisterJsModule('frozen_one');")


@pytest.mark.spec("3.13/4")
def test_real_modules_win(rt: Runtime) -> None:
    """A Python module of the same name is imported instead."""
    rt.js("pyodide.registerJsModule('colorsys', { a: 1 });")
    assert rt.py("import colorsys\nhasattr(colorsys, 'rgb_to_hsv')") is True
    rt.js("pyodide.unregisterJsModule('colorsys');")


@pytest.mark.spec("3.13/2", "3.13/3", "7.2/7")
def test_wrong_registrations(rt: Runtime) -> None:
    """Wrong types and unknown names are errors that say so."""
    got = rt.js(
        """
        return [() => pyodide.registerJsModule(5, {}), () => pyodide.registerJsModule("x", 5), () => pyodide.unregisterJsModule("doesnotexist")]
            .map((f) => { const e = h.thrown(f); return [e.name, e.type, e.message]; });
        """
    )
    kinds = ["TypeError", "TypeError", "ValueError"]
    assert [error[:2] for error in got] == [["PythonError", kind] for kind in kinds]
    expected = "Cannot unregister 'doesnotexist': no Javascript module with that name is registered"
    assert expected in got[2][2]


@pytest.mark.spec("7.2/5")
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


@pytest.mark.spec("7.2/5")
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


@pytest.mark.spec("3.13/1", "13.4/32")
def test_star_import_of_own_names(rt: Runtime) -> None:
    """Without `__all__` a star imports all own names, with it those that it lists."""
    rt.js(
        """
        class Base { inherited() {} }
        globalThis.all = { a: 1, b: 2, f: () => 3, __all__: ["a"] };
        globalThis.own = Object.assign(new Base(), { a: 1, b: 2, f: () => 3 });
        """
    )

    @rt.run
    def _() -> None:
        import sys

        import js
        from pyodide.ffi import register_js_module, unregister_js_module

        for name, names in (("all", ["a"]), ("own", ["a", "b", "f"])):
            register_js_module(f"star_{name}", getattr(js, name))
            space: dict[str, object] = {}
            exec(f"from star_{name} import *", space)
            assert sorted(k for k in space if not k.startswith("__")) == names
            unregister_js_module(f"star_{name}")
            del sys.modules[f"star_{name}"]


@pytest.mark.spec("3.13/1", "3.13/2")
def test_submodules(rt: Runtime) -> None:
    """Objects inside a module are its submodules, in any form of import; values are not, but can be imported from it."""
    rt.js("globalThis.m = { x: { y: { z: 1 } }, v: 5, f: () => 1 };")

    @rt.run
    def _() -> None:
        import sys

        import js
        from pyodide.ffi import register_js_module, unregister_js_module

        register_js_module("tree", js.m)

        def outcome(statement: str) -> object:
            space: dict[str, object] = {}
            try:
                exec(statement, space)
            except ImportError as error:
                return type(error).__name__
            return sorted(k for k in space if not k.startswith("__"))

        expected = {
            "import tree.x": ["tree"],
            "import tree.x.y as q": ["q"],
            "from tree.x.y import z": ["z"],
            "from tree import x, v, f": ["f", "v", "x"],
            "import tree.f": ["tree"],
            "import tree.v": "ModuleNotFoundError",
            "import tree.x.y.z": "ModuleNotFoundError",
            "import tree.nothing": "ModuleNotFoundError",
            "from tree import nothing": "ImportError",
        }
        for statement, names in expected.items():
            assert outcome(statement) == names, statement
        module = sys.modules["tree"]
        assert module == js.m
        assert sys.modules["tree.x"] == js.m.x
        assert (module.__name__, module.__package__) == ("tree", "tree")
        assert module.__spec__.name == "tree"
        for name in ("__name__", "__spec__", "__loader__", "__package__", "__path__"):
            assert name in module.__dict__
            assert not js.Object.hasOwn(js.m, name)
        unregister_js_module("tree")
        for name in [n for n in sys.modules if n.split(".")[0] == "tree"]:
            del sys.modules[name]


@pytest.mark.spec("3.13/3", "13.10/17")
def test_unregistering(rt: Runtime) -> None:
    """Imported modules stay when they are registered anew or no more; an unknown name is a ValueError."""
    rt.js("globalThis.one = { a: 1 }; globalThis.two = { a: 2 };")

    @rt.run
    def _() -> None:
        import sys

        import js
        from pyodide.ffi import register_js_module, unregister_js_module

        register_js_module("mine_two", js.one)
        import mine_two

        register_js_module("mine_two", js.two)
        assert mine_two.a == 1
        assert __import__("mine_two").a == 1
        unregister_js_module("mine_two")
        assert __import__("mine_two").a == 1
        del sys.modules["mine_two"]
        try:
            __import__("mine_two")
        except ImportError as error:
            assert type(error) is ModuleNotFoundError
        else:
            raise AssertionError
        try:
            unregister_js_module("doesnotexist")
        except ValueError as error:
            assert str(error) == (
                "Cannot unregister 'doesnotexist': no Javascript module with that name is registered"
            )
        else:
            raise AssertionError


@pytest.mark.spec("3.13/4")
def test_finder_is_the_last(rt: Runtime) -> None:
    """The finder stands at the end of sys.meta_path and knows nothing below modules that are not imported."""

    @rt.run
    def _() -> None:
        import sys

        finder = sys.meta_path[-1]
        assert finder.find_spec("a.b", None) is None
        assert finder.find_spec("nothing_like_it", None) is None
        assert finder.find_spec("json.decoder", None) is None


@pytest.mark.spec("3.13/2")
def test_registration_checks_types(rt: Runtime) -> None:
    """The name must be a str and the module a JsProxy."""

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import register_js_module

        wrong: list[tuple[object, object]] = [(5, js), (None, js), ("a", 5), ("a", {}), ("a", None)]
        for arguments in wrong:
            try:
                register_js_module(*arguments)
            except TypeError:
                continue
            raise AssertionError(arguments)

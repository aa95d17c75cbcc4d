"""Parts of CPython's library that are packages of their own: loaded by name, and errors that say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import PyError
from harness.runtime import Runtime

pytestmark = pytest.mark.modes("native")
LOAD = "return (await pyodide.loadPackage(name, { messageCallback() {} })).map((p) => p.name)"
TOPIC = """
    import io, pydoc
    out = io.StringIO()
    pydoc.Helper(output=out).help("assert")
    out.getvalue()
"""


def test_topics_of_help(fresh: Callable[..., Runtime]) -> None:
    """help() knows topics when pydoc-data is loaded; before, the error says which package that is."""
    rt = fresh()
    assert "could not be found" in rt.py(TOPIC)
    with pytest.raises(PyError) as caught:
        rt.py("import pydoc_data")
    assert caught.value.type == "ModuleNotFoundError"
    note = rt.js(
        "try { pyodide.runPython('import pydoc_data.topics'); } catch (e) { return e.message; }"
    )
    assert "The module 'pydoc_data' is unvendored from the Python standard library" in note
    assert 'await pyodide.loadPackage("pydoc-data") in JavaScript' in note
    assert rt.js(LOAD, name="pydoc-data") == ["pydoc-data"]
    assert "Assert statements are a convenient way" in rt.py(TOPIC)


def test_found_by_imports(fresh: Callable[..., Runtime]) -> None:
    """loadPackagesFromImports finds them, too."""
    rt = fresh()
    code = "from pydoc_data import topics"
    found = rt.js(
        "return (await pyodide.loadPackagesFromImports(code, { messageCallback() {} })).map((p) => p.name)",
        code=code,
    )
    assert found == ["pydoc-data"]
    assert rt.py(f"{code}\n'assert' in topics.topics") is True


def test_no_tests(fresh: Callable[..., Runtime]) -> None:
    """CPython's own tests are optional; the error says where they are."""
    message = fresh().js(
        "try { pyodide.runPython('import test.support'); } catch (e) { return e.message; }"
    )
    assert "`make packages` makes a folder that has it" in message


def test_tests(fresh: Callable[..., Runtime], optional_packages: Path) -> None:
    """With them, some of them pass."""
    rt = fresh(options=f"{{ lockFileURL: {str(optional_packages)!r} }}")
    assert rt.js(LOAD, name="test") == ["test"]
    got = rt.py(
        """
        import io, unittest
        from test import support, test_bisect
        tests = unittest.defaultTestLoader.loadTestsFromModule(test_bisect)
        result = unittest.TextTestRunner(io.StringIO()).run(tests)
        with support.captured_stdout() as out:
            print("caught")
        result.wasSuccessful(), result.testsRun > 20, out.getvalue()
        """
    )
    assert got == (True, True, "caught\n")

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


def test_names_of_what_is_in_the_library(fresh: Callable[..., Runtime]) -> None:
    """Programs written for Pyodide load what it has apart, or install it; here that is in the library."""
    rt = fresh(options="{ packages: ['micropip'] }")
    assert sorted(rt.js(LOAD, name=["lzma", "sqlite3"])) == ["lzma", "sqlite3"]
    install = "import micropip\nawait micropip.install(['hashlib', 'pydecimal', 'sqlite3'])"
    rt.js("await pyodide.runPythonAsync(code)", code=install)
    assert rt.py("sorted(set(micropip.list()) - {'micropip', 'packaging'})") == [
        *("hashlib", "lzma", "pydecimal", "sqlite3")
    ]
    query = "import sqlite3\nsqlite3.connect(':memory:').execute('select 6 * 7').fetchone()"
    assert rt.py(query) == (42,)
    code = "import hashlib, lzma, sqlite3, _pydecimal"
    assert fresh().js("return pyodide.loadPackagesFromImports(code)", code=code) == []


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

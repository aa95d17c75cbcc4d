"""Names in `_api`, `_module` and `FS` that programs written for Pyodide use without being told to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.runtime import Runtime, dist_dir

Fresh = Callable[..., Runtime]


@pytest.mark.modes("proxy")
def test_settings(fresh: Fresh) -> None:
    """`_api.config` tells where the files are, and what Python was started with."""
    rt = fresh(options="{ args: ['a'], env: { MINE: 'x' }, jsglobals: { only: 1 } }")
    got = rt.js(
        """
        const { config } = pyodide._api;
        return [
          config.indexURL.endsWith("/"), config.packageBaseUrl === pyodide.lockfileBaseUrl, config.args,
          config.env.MINE, config.jsglobals.only, config.fullStdLib, config.enableRunUntilComplete,
        ];
        """
    )
    assert got == [True, True, ["a"], "x", 1, False, True]


def test_modules_of_python(fresh: Fresh) -> None:
    """`_api` has Python's modules; the same proxy each time."""
    rt = fresh()
    assert rt.js("return pyodide._api.pyodide_code.find_imports('import a.b').toString()")
    assert rt.js("return pyodide._api.pyodide_py.__version__ === pyodide._api.version")
    assert rt.js("return pyodide._api.importlib === pyodide._api.importlib")
    assert rt.js("return typeof pyodide._api.pyodide_ffi.to_js") == "function"
    assert rt.js("return pyodide._api.pyodide_base.pyimport_impl('math').pi > 3")
    assert rt.py("from _pyodide._base import CodeRunner\nCodeRunner('1 + 1').compile().run()") == 2


def test_packages_of_modules(fresh: Fresh) -> None:
    """`_import_name_to_package_name` is a Map, which Python converts."""
    rt = fresh()
    assert rt.expr("pyodide._api._import_name_to_package_name.get('dateutil')") == "python-dateutil"
    code = "import pyodide_js\npyodide_js._api._import_name_to_package_name.to_py()['six']"
    assert rt.py(code) == "six"


def test_module(fresh: Fresh) -> None:
    """`_module` has the API, and whether the engine can switch stacks."""
    rt = fresh()
    assert rt.expr("pyodide._module.API === pyodide._api") is True
    can_switch = rt.expr("typeof WebAssembly.Suspending === 'function'")
    assert rt.expr("pyodide._module.jspiSupported") is can_switch


def test_path_fs(fresh: Fresh) -> None:
    """PyScript resolves the paths of the files that it writes with PATH_FS."""
    rt = fresh()
    got = rt.js(
        """
        const { FS, PATH, _module: { PATH_FS } } = pyodide;
        FS.chdir("/tmp");
        const path = PATH_FS.resolve("./deep/../file.txt");
        FS.writeFile(path, "written");
        return [path, PATH.dirname(path), FS.readFile("/tmp/file.txt", { encoding: "utf8" })];
        """
    )
    assert got == ["/tmp/file.txt", "/tmp", "written"]


def test_files_of_another_interpreter(fresh: Fresh) -> None:
    """PROXYFS shows the files of one interpreter in another; writing goes to the first."""
    rt = fresh()
    got = rt.js(
        """
        const { loadPyodide } = await import(loader);
        const other = await loadPyodide();
        pyodide.FS.mkdir("/shared");
        pyodide.FS.writeFile("/shared/a.txt", "one");
        other.FS.mkdir("/seen");
        other.FS.mount(other.FS.filesystems.PROXYFS, { root: "/shared", fs: pyodide.FS }, "/seen");
        const text = other.runPython("open('/seen/b.txt', 'w').write('two'); open('/seen/a.txt').read()");
        return [text, pyodide.FS.readFile("/shared/b.txt", { encoding: "utf8" })];
        """,
        loader=(dist_dir() / "pyodide.mjs").as_uri(),
    )
    assert got == ["one", "two"]


def test_what_is_done_to_files(fresh: Fresh) -> None:
    """`FS.trackingDelegate` is told what Python does to files; an editor shows them by it."""
    rt = fresh()
    got = rt.js(
        """
        const told = [];
        const { trackingDelegate } = pyodide.FS;
        for (const name of ["onMakeDirectory", "onWriteToFile", "onMovePath", "onDeletePath"]) {
          trackingDelegate[name] = (path, more) => void told.push([name, path, typeof more]);
        }
        pyodide.runPython(`if True:
            import os
            os.mkdir("/told")
            with open("/told/a", "w") as file:
                file.write("text")
            os.rename("/told/a", "/told/b")
            os.remove("/told/b")
        `);
        return told;
        """
    )
    assert got == [
        ["onMakeDirectory", "/told", "number"],
        ["onWriteToFile", "/told/a", "number"],
        ["onMovePath", "/told/a", "string"],
        ["onDeletePath", "/told/b", "undefined"],
    ]

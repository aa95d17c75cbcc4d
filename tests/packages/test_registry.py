"""micropip with the registry that it uses when nothing else is said, where that can be reached."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.runtime import Runtime

ASK = """
    import micropip
    from micropip.package_index import DEFAULT_INDEX_URLS
    from pyodide.http import pyfetch

    try:
        answer = (await pyfetch(DEFAULT_INDEX_URLS[0] + "/sampleproject/")).status
    except OSError as error:
        answer = str(error)
    answer
"""


def test_install_from_the_registry(fresh: Callable[..., Runtime]) -> None:
    """A pure wheel and a wheel for this platform, with what they need, found by their names."""
    rt = fresh(options="{ packages: ['micropip'] }")
    answer = rt.js("return await pyodide.runPythonAsync(code)", code=ASK)
    if answer != 200:
        pytest.skip(
            f"the registry does not answer Node.js ({answer}); with a network that lets it, this runs"
        )
    code = """
        await micropip.install(["sampleproject", "xxhash"])
        import sample, xxhash
        found = micropip.list()
        [found[name].source for name in ("sampleproject", "peppercorn", "xxhash")] + [xxhash.xxh32_hexdigest(b"abc")]
    """
    got = rt.js("const r = await pyodide.runPythonAsync(code); return r", code=code)
    assert got == ["pypi", "pypi", "pypi", "32d153ff"]

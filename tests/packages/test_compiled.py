"""Small compiled packages of the distribution, which many pure ones need."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.runtime import Runtime

pytestmark = pytest.mark.modes("native")
Fresh = Callable[..., Runtime]
LOAD = "await pyodide.loadPackagesFromImports(code, { messageCallback() {} })"


def loaded(fresh: Fresh, code: str) -> Runtime:
    """A runtime with what `code` imports."""
    rt = fresh()
    rt.js(LOAD, code=code)
    return rt


def test_markupsafe(fresh: Fresh) -> None:
    """It is the compiled one, and escapes."""
    code = "import markupsafe"
    rt = loaded(fresh, code)
    got = rt.py(
        f"""
        {code}
        from markupsafe import _speedups, escape, Markup
        text = escape("<a href='\u20ac\U0001f600'>")
        str(text), markupsafe._escape_inner is _speedups._escape_inner, str(Markup("<b>%s</b>") % "<")
        """
    )
    assert got == ("&lt;a href=&#39;\u20ac\U0001f600&#39;&gt;", True, "<b>&lt;</b>")


def test_regex(fresh: Fresh) -> None:
    """Sets of Unicode characters, repeated groups and fuzzy matching, which `re` has not."""
    code = "import regex"
    rt = loaded(fresh, code)
    got = rt.py(
        f"""
        {code}
        match = regex.fullmatch(r"(?:(\\p{{Lu}})\\d)+", "\u00c41\u03a92")
        match.captures(1), regex.search("(?:cat){{e<=1}}", "a cut")[0], regex.findall(r"\\X", "e\u0301a")
        """
    )
    assert got == (["\u00c4", "\u03a9"], "cut", ["e\u0301", "a"])


def test_pyyaml(fresh: Fresh) -> None:
    """Documents are read and written."""
    code = "import yaml"
    rt = loaded(fresh, code)
    got = rt.py(
        f"""
        {code}
        data = yaml.safe_load("a: [1, 2.5, null]\\nb: &x {{c: d}}\\ne: *x\\n")
        data, data["b"] is data["e"], yaml.safe_dump({{"a": ["\u00e9", True]}}, allow_unicode=True)
        """
    )
    assert got[0] == {"a": [1, 2.5, None], "b": {"c": "d"}, "e": {"c": "d"}}
    assert got[1:] == (True, "a:\n- \u00e9\n- true\n")

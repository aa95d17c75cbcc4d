"""What a JavaScript object can do decides what its proxy can do: every combination of features."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from harness.runtime import Runtime

FEATURES = ["iterator", "next", "length", "get", "set", "has", "then"]

MAKE = """
    globalThis.make = (names) => {
        const o = {};
        for (const name of names.split(",").filter(Boolean)) {
            if (name === "iterator") o[Symbol.iterator] = () => o;
            else if (name === "length") o.length = 3;
            else o[name] = () => undefined;
        }
        return o;
    };
    globalThis.strip = (o) => {
        for (const key of Reflect.ownKeys(o)) delete o[key];
    };
"""

ABILITIES = {
    "__iter__": {"iterator", "next"},
    "__next__": {"next"},
    "__len__": {"length"},
    "__getitem__": {"get"},
    "__setitem__": {"set"},
    "__delitem__": {"set"},
    "__contains__": {"has"},
    "__await__": {"then"},
}


@pytest.mark.spec("13.4/1")
@pytest.mark.parametrize("count", range(len(FEATURES) + 1))
def test_special_methods_mirror_features(rt: Runtime, count: int) -> None:
    """Of all combinations of `count` features, each gives exactly the special methods that belong to it."""
    rt.js(MAKE)
    # In a box: a call that returned a thenable would give a Future.
    rt.js("globalThis.boxed = (features) => ({ o: make(features) });")
    code = "import js\ndef abilities(features): return [hasattr(js.boxed(features).o, n) for n in names]"
    rt.py(code, names=list(ABILITIES))
    for features in itertools.combinations(FEATURES, count):
        expected = [bool(needed & set(features)) for needed in ABILITIES.values()]
        got = rt.py("abilities(features)", features=",".join(features))
        assert got == expected, features


def test_features_that_vanish(rt: Runtime) -> None:
    """When the methods are gone by the time they are needed, that is an error and nothing worse."""
    rt.js(MAKE + "globalThis.box = { o: make('iterator,length,get,set,has') };")

    @rt.run
    def _() -> None:
        import js
        from pyodide.ffi import JsException

        o = js.box.o
        js.strip(o)
        uses: list[tuple[Any, Any]] = [
            (lambda: iter(o), JsException),
            (lambda: o[1], JsException),
            (lambda: o.__setitem__(1, 2), JsException),
            (lambda: o.__delitem__(1), JsException),
            (lambda: 1 in o, JsException),
            (lambda: len(o), TypeError),
        ]
        for use, kind in uses:
            try:
                use()
            except kind:
                continue
            raise AssertionError("no error")


def test_types_are_cached(rt: Runtime) -> None:
    """Objects with the same features share one type; the flags of a type are told by it."""
    rt.js(MAKE)

    @rt.run
    def _() -> None:
        from _pyodide_core import js_flags, jsproxy_typedict

        import js

        a, b = type(js.make("get,has")), type(js.make("has,get"))
        assert a is b
        assert a._js_type_flags == js_flags["HAS_GET"] | js_flags["HAS_HAS"]
        assert jsproxy_typedict[a._js_type_flags] is a

"""The WebAssembly memory grows in the middle of an operation: no view of the old memory may be used afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.runtime import Runtime

Fresh = Callable[..., Runtime]

GROW = """
    import js
    kept = []
    def grow():
        before = js.memorySize()
        while js.memorySize() == before:
            kept.append(bytearray(4 * 2**20))
        return 1
"""


def start(fresh: Fresh) -> Runtime:
    """A runtime of its own: a memory that has grown stays large."""
    rt = fresh()
    rt.js("const module = pyodide._module; globalThis.memorySize = () => module.HEAPU8.length;")
    rt.py(GROW)
    return rt


def test_while_an_array_is_written(fresh: Fresh) -> None:
    """An element's getter makes the memory grow between two elements."""
    rt = start(fresh)
    rt.js(
        """
        const grow = pyodide.globals.get("grow");
        globalThis.list = ["before".repeat(20), 0, "after".repeat(20), 2.5, { n: 1 }];
        Object.defineProperty(list, 1, { get: () => grow() });
        """
    )
    assert rt.py("v = js.list\n[v[:4], v[4].n]") == [["before" * 20, 1, "after" * 20, 2.5], 1]


def test_inside_a_call_from_javascript(fresh: Fresh) -> None:
    """The callee makes the memory grow; its arguments and its result are right."""
    rt = start(fresh)
    rt.py("def f(a, b, c):\n    grow()\n    return [a, b, c, 'result' * 20]")
    got = rt.js(
        "const f = pyodide.globals.get('f'); return [f(1, 'text'.repeat(20), [2, 'x']), f(3, '', [])];"
    )
    assert got == [[1, "text" * 20, [2, "x"], "result" * 20], [3, "", [], "result" * 20]]


def test_inside_a_call_from_python(fresh: Fresh) -> None:
    """JavaScript calls back and the memory grows before it returns a string and a list."""
    rt = start(fresh)
    rt.js("globalThis.f = (g, text, list) => { g(); return [text, ...list, 'end'.repeat(50)]; };")
    assert rt.py("js.f(grow, 'text' * 20, [1, 'x'])") == ["text" * 20, 1, "x", "end" * 50]


def test_by_a_long_string(fresh: Fresh) -> None:
    """An argument that is itself too large for the memory as it is."""
    rt = start(fresh)
    rt.py("def f(*args): return [len(a) if isinstance(a, str) else a for a in args]")
    got = rt.js(
        "const f = pyodide.globals.get('f'); return f(1, 'x'.repeat(60 * 2 ** 20), 2.5, '\\u4e2d'.repeat(40 * 2 ** 20), 'end');"
    )
    assert got == [1, 60 * 2**20, 2.5, 40 * 2**20, 3]


def test_by_a_long_list(fresh: Fresh) -> None:
    """An Array whose list needs more memory than there is."""
    rt = start(fresh)
    got = rt.js(
        """
        const f = pyodide.runPython("lambda a, b: [len(a), a[-1], sum(a[:10]), b]");
        return f(Array.from({ length: 3_000_000 }, (_, i) => i + 0.5), "after");
        """
    )
    assert got == [3_000_000, 2_999_999.5, 50, "after"]


def test_by_attribute_reads(fresh: Fresh) -> None:
    """A property that makes the memory grow before it gives its string."""
    rt = start(fresh)
    rt.py(
        "class A:\n    @property\n    def x(self):\n        grow()\n        return 'value' * 20\na = A()"
    )
    assert rt.js("const a = pyodide.globals.get('a'); return [a.x, a.x];") == ["value" * 20] * 2


@pytest.mark.spec("1.3/3")
def test_addresses_above_two_gigabytes(fresh: Fresh) -> None:
    """Strings, lists, integers and proxies that lie in the upper half of the memory, where addresses look negative."""
    rt = fresh()
    code = """
        low = [bytearray(1000 * 2**20) for _ in range(2)]
        low.append(bytearray(100 * 2**20))
        text = 'high' * 2**18
        wide = '\\u4e2d' * 2**18
        numbers = [i + 0.5 for i in range(200_000)]
        big = 7 ** 400_000
        class Space: pass
        # Small objects lie high only when the holes below are filled.
        filler = []
        while id(space := Space()) < 2 ** 31:
            filler.append([space, bytes(2000)])
        space.name = 'attribute' * 200
        def check(*args): return args == (text, wide, numbers, big)
        high = min(map(id, (space, text, wide, big)))
    """
    rt.py(code)
    assert rt.py("high") > 2**31
    got = rt.js(
        """
        const native = pyodide.globals.get("check");
        const [text, wide, numbers, big] = ["text", "wide", "numbers", "big"].map((n) => pyodide.globals.get(n));
        const space = pyodide.globals.get("space");
        return [text === "high".repeat(2 ** 18), wide === "\\u4e2d".repeat(2 ** 18), numbers.length, numbers[199_999],
            big === 7n ** 400_000n, native(text, wide, numbers, big), space.name.length, typeof space, native.type];
        """
    )
    assert got == [True, True, 200_000, 199_999.5, True, True, 1800, "object", "function"]
    rt.js("globalThis.f = (o, s) => [o.name, s, [o.name]];")
    assert rt.py("import js\njs.f(space, text) == [space.name, text, [space.name]]") is True

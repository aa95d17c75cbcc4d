"""Awaitables and asynchronous iteration through PyProxies."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

CODE = """
    import asyncio
    async def add(a, b):
        await asyncio.sleep(0)
        return a + b
    async def fail():
        raise ValueError("late")
    async def agen():
        n = 0
        for _ in range(3):
            n = yield n + 2
    async def plain():
        yield 1
    async def yielding():
        try:
            yield 1
        finally:
            yield 3
            return
    async def counting():
        for i in range(3):
            await asyncio.sleep(0)
            yield i
"""
STEP = "const step = ({ done, value }) => [done, value];"


@pytest.mark.keeps_state
def test_first_await(rt: Runtime) -> None:
    """The first await starts the event loop, which keeps a few JavaScript objects from then on."""
    rt.py(CODE)
    assert rt.js("return await pyodide.globals.get('add')(1, 2);") == 3


def test_await(rt: Runtime) -> None:
    """An `async def` is awaited like an async function, and may be awaited again."""
    rt.py(CODE)
    got = rt.js(
        """
        const add = pyodide.globals.get("add"), fail = pyodide.globals.get("fail");
        const p = add(1, 2);
        const r = [await p, await p, await add("a", "b").then((x) => x + "!"), await add(1, 1).finally(() => {})];
        try { await fail(); } catch (e) { r.push(e.type); }
        r.push(await fail().catch((e) => e.name));
        return r;
        """
    )
    assert got == [3, 3, "ab!", 2, "ValueError", "PythonError"]


def test_awaiting_consumes(rt: Runtime) -> None:
    """The proxy is destroyed when it is awaited; one destroyed before cannot be."""
    rt.py(CODE)
    got = rt.js(
        """
        const p = pyodide.runPython("add(1, 2)");
        await p;
        const q = pyodide.runPython("add(1, 2)");
        q.$close();
        q.destroy();
        let message;
        try { await q; } catch (e) { message = e.message.split("\\n")[0]; }
        return [h.thrown(() => p.cr_running).message.split("\\n")[0], message];
        """
    )
    assert got[0].startswith("This proxy of an awaitable was automatically destroyed")
    assert got[1] == "Object has already been destroyed"


def test_coroutine_function_is_scheduled(rt: Runtime) -> None:
    """Calling an `async def` starts it; a function that returns a coroutine does not."""
    rt.py(
        "log = []\nasync def work(x): log.append(x)\ndef indirect(x): return work(x)\nclass A:\n    async def method(self, x): log.append(x)\na = A()"
    )
    rt.js(
        """
        const work = pyodide.globals.get("work"), indirect = pyodide.globals.get("indirect"), a = pyodide.globals.get("a");
        work("direct");
        a.method("method");
        const sleeping = indirect("indirect");
        setTimeout(work, 1, "timeout");
        await new Promise((done) => setTimeout(done, 30));
        sleeping.$close();
        sleeping.destroy();
        """
    )
    assert rt.py("log") == ["direct", "method", "timeout"]


def test_other_awaitables(rt: Runtime) -> None:
    """Objects with `__await__`, tasks and futures; a cancelled one rejects."""
    rt.py(
        CODE
        + "\n    class Later:\n        def __await__(self): return add(3, 4).__await__()\n    later = Later()"
    )
    got = rt.js(
        """
        const later = pyodide.globals.get("later");
        const r = [later instanceof pyodide.ffi.PyAwaitable, await later];
        const task = pyodide.runPython("task = asyncio.ensure_future(add(1, 2)); task.cancel(); task");
        try { await task; } catch (e) { r.push(e.type); }
        pyodide.runPython("del task");
        return r;
        """
    )
    assert got == [True, 7, "CancelledError"]


def test_async_loop(rt: Runtime) -> None:
    """`for await` runs asynchronous generators and iterables."""
    rt.py(CODE + "\n    class Iter:\n        def __aiter__(self): return plain()\n    it = Iter()")
    got = rt.js(
        "const r = []; for await (const x of pyodide.runPython('counting()')) r.push(x); for await (const x of pyodide.globals.get('it')) r.push(x); return r;"
    )
    assert got == [0, 1, 2, 1]


def test_async_generator(rt: Runtime) -> None:
    """`next(value)` sends, `return` and `throw` end the generator or let it answer."""
    rt.py(CODE)
    got = rt.js(
        STEP
        + """
        const g = pyodide.runPython("agen()");
        const r = [];
        for (const x of [undefined, 3, 4, 5]) r.push(step(await g.next(x)));
        const start = async (name) => { const g = pyodide.runPython(name + "()"); await g.next(); return g; };
        r.push(step(await (await start("plain")).return(5)));
        const y = await start("yielding");
        r.push(step(await y.return(5)), step(await y.next()));
        const error = new TypeError("hi");
        try { await (await start("plain")).throw(error); } catch (e) { r.push(e === error); }
        return r;
        """
    )
    assert got == [
        [False, 2],
        [False, 5],
        [False, 6],
        [True, None],
        [True, 5],
        [False, 3],
        [True, None],
        True,
    ]


@pytest.mark.parametrize(
    ("methods", "then", "iterator", "next_", "classes"),
    [
        ("", False, False, False, []),
        ("__await__", True, False, False, ["PyAwaitable"]),
        ("__iter__", False, True, False, ["PyIterable"]),
        ("__next__", False, True, True, ["PyIterable", "PyIterator"]),
        ("__await__ __iter__", True, True, False, ["PyAwaitable", "PyIterable"]),
        (
            "__await__ __iter__ __next__",
            True,
            True,
            True,
            ["PyAwaitable", "PyIterable", "PyIterator"],
        ),
    ],
)
def test_features(
    rt: Runtime, methods: str, then: bool, iterator: bool, next_: bool, classes: list[str]
) -> None:
    """Members and classes come with the special methods, and only with them."""
    rt.py(
        "o = type('O', (), {name: lambda self: iter(()) for name in methods.split()})()",
        methods=methods,
    )
    got = rt.js(
        """
        const o = pyodide.globals.get("o");
        const names = ["PyAwaitable", "PyIterable", "PyIterator"];
        const r = ["then" in o, Symbol.iterator in o, "next" in o, "asJsJson" in o, names.filter((n) => o instanceof pyodide.ffi[n])];
        o.destroy();
        return r;
        """
    )
    assert got == [then, iterator, next_, False, classes]

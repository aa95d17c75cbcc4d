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


@pytest.mark.spec("4.2/11")
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


@pytest.mark.spec("4.9/2")
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
    assert got[0] == got[1] == "Object has already been destroyed"


@pytest.mark.spec("4.7/10")
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


@pytest.mark.spec("4.9/3")
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


@pytest.mark.spec("4.8/7")
def test_async_loop(rt: Runtime) -> None:
    """`for await` runs asynchronous generators and iterables."""
    rt.py(CODE + "\n    class Iter:\n        def __aiter__(self): return plain()\n    it = Iter()")
    got = rt.js(
        "const r = []; for await (const x of pyodide.runPython('counting()')) r.push(x); for await (const x of pyodide.globals.get('it')) r.push(x); return r;"
    )
    assert got == [0, 1, 2, 1]


@pytest.mark.spec("13.5/16")
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


@pytest.mark.spec("4.9/1")
def test_scheduled_once(rt: Runtime) -> None:
    """However often and however a proxy is awaited, its awaitable runs once; the promise stays, the proxy does not."""
    rt.py("log = []\nresult = {}\nasync def work():\n    log.append(1)\n    return result")
    got = rt.js(
        """
        const p = pyodide.runPython("work()");
        const promises = [p.then((x) => x), p.then(), p.catch(() => 0), p.finally(() => 5), (async () => await p)()];
        const results = await Promise.all(promises);
        const late = await p;
        return [promises.every((x) => x instanceof Promise), results.every((x) => x === results[0]), late === results[0], late.type, pyodide.runPython("len(log)"), h.thrown(() => p.cr_frame).message.split("\\n")[0]];
        """
    )
    assert got == [True, True, True, "dict", 1, "Object has already been destroyed"]


@pytest.mark.spec("4.9/2", "4.10/5")
def test_awaiting_frees(rt: Runtime) -> None:
    """Awaiting gives the coroutine's reference back; a copy is a proxy of its own; one destroyed unawaited cannot be awaited."""
    rt.py(
        CODE
        + "\n    import sys\n    class Later:\n        def __await__(self): return add(3, 4).__await__()\n    later = Later()\n    base = sys.getrefcount(later)"
    )
    got = rt.js(
        """
        const counted = () => pyodide.runPython("sys.getrefcount(later) - base");
        const p = pyodide.globals.get("later"), copy = p.copy();
        const r = [counted(), await p, counted(), copy.type, await copy, counted(), await p];
        const q = pyodide.globals.get("later");
        q.destroy();
        try { await q; r.push("awaited"); } catch (e) { r.push(e.message.split("\\n")[0]); }
        return [...r, counted()];
        """
    )
    assert got == [2, 7, 1, "Later", 7, 0, 7, "Object has already been destroyed", 0]


@pytest.mark.spec("4.9/3")
def test_outcomes(rt: Runtime) -> None:
    """Results cross by the implicit rule; exceptions reject with a PythonError, cancellation with CancelledError."""
    rt.py(
        CODE
        + "\n    import js\n    async def give(x): return x\n    async def fail_with(x): raise x\n    error = js.Error.new('js')\n    js.thrown = error\n    async def js_fails(): js.failing()\n"
    )
    got = rt.js(
        """
        const error = new RangeError("mine");
        globalThis.failing = () => { throw error; };
        const run = async (code) => { try { const x = await pyodide.runPython(code); return h.isPyProxy(x) ? x.type : x; } catch (e) { return e === error ? "identical" : [e.name, e.type, e.message.trim().split("\\n").at(-1)]; } };
        const r = [];
        for (const code of ["give(1)", "give({1})", "give(None)", "give('x')", "fail_with(KeyError('k'))", "js_fails()",
          "t = asyncio.ensure_future(asyncio.sleep(10)); t.cancel(); t", "f = asyncio.Future(); f.set_exception(ValueError('v')); f", "f = asyncio.Future(); f.set_result(5); f",
          "type('A', (), {'__await__': lambda self: 5})()"]) r.push(await run(code));
        pyodide.runPython("del t, f");
        return r;
        """
    )
    assert got[:4] == [1, "set", None, "x"]
    assert got[4] == ["PythonError", "KeyError", "KeyError: 'k'"]
    assert got[5] == "identical"
    assert got[6][:2] == ["PythonError", "CancelledError"]
    assert got[7] == ["PythonError", "ValueError", "ValueError: v"]
    assert got[8] == 5
    assert got[9][:2] == ["PythonError", "TypeError"]


@pytest.mark.spec("4.8/7", "13.5/16", "4.2/10")
def test_async_generators(rt: Runtime) -> None:
    """next, throw and return of async generators give the same results as of generators, through promises."""
    rt.py(
        CODE
        + """
    async def returning():
        try: yield 1
        finally: return
    async def swallowing():
        try: yield 1
        except BaseException: pass
        yield 2
"""
    )
    got = rt.js(
        """
        const error = new TypeError("hi");
        const step = ({ done, value }) => [done, value];
        const run = async (name, ...uses) => {
          const g = pyodide.runPython(name + "()"), r = [];
          for (const use of uses) { try { const p = use(g); if (!(p instanceof Promise)) r.push("no promise"); r.push(step(await p)); } catch (e) { r.push(e === error ? "same" : [e.name, e.type]); } }
          return r;
        };
        const next = (g) => g.next(), send = (x) => (g) => g.next(x), end = (g) => g.return(5), fail = (g) => g.throw(error);
        const g = pyodide.runPython("agen()");
        return [await run("agen", next, send(3), send(4), send(5), next), await run("agen", end, next), await run("plain", next, end, next), await run("yielding", next, end, next), await run("returning", next, end),
          await run("swallowing", next, end, next), await run("plain", fail), await run("plain", next, fail, next), await run("yielding", next, fail, next), await run("returning", next, fail), await run("swallowing", next, fail, next),
          await run("plain", next, (g) => g.throw("text")), await run("plain", send(1)), g[Symbol.asyncIterator]() === g];
        """
    )
    assert got == [
        [[False, 2], [False, 5], [False, 6], [True, None], [True, None]],
        [[True, 5], [True, None]],
        [[False, 1], [True, 5], [True, None]],
        [[False, 1], [False, 3], [True, None]],
        [[False, 1], [True, None]],
        [[False, 1], [False, 2], [True, None]],
        ["same"],
        [[False, 1], "same", [True, None]],
        [[False, 1], [False, 3], [True, None]],
        [[False, 1], [True, None]],
        [[False, 1], [False, 2], [True, None]],
        [[False, 1], ["PythonError", "TypeError"]],
        [["PythonError", "TypeError"]],
        True,
    ]


@pytest.mark.spec("4.8/7")
def test_async_loops(rt: Runtime) -> None:
    """`for await` ends at StopAsyncIteration, throws what a step raises, and releases each step's awaitable."""
    rt.py(
        """
        import gc, weakref
        class Step:
            def __init__(self, n): self.n = n; steps.append(weakref.ref(self))
            def __await__(self):
                if self.n == 3: raise StopAsyncIteration
                return self.n
                yield
        steps = []
        class It:
            n = 0
            def __aiter__(self): return self
            def __anext__(self):
                self.n += 1
                return Step(self.n)
        class Iterable:
            def __aiter__(self): return It()
        class Bad:
            def __aiter__(self): raise ValueError("aiter")
        async def failing():
            yield 1
            raise KeyError("k")
        """
    )
    got = rt.js(
        """
        const run = async (source) => { const seen = []; try { for await (const x of pyodide.runPython(source)) seen.push(x); } catch (e) { seen.push(e.type); } return seen; };
        const r = [await run("It()"), await run("Iterable()"), await run("Bad()"), await run("failing()")];
        r.push(pyodide.runPython("gc.collect()\\nimport sys\\nfor n in ('last_exc', 'last_value', 'last_traceback'): setattr(sys, n, None)\\nsum(s() is not None for s in steps)"));
        return r;
        """
    )
    assert got == [[1, 2], [1, 2], ["ValueError"], [1, "KeyError"], 0]

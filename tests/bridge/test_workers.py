"""`workers.mjs` in Node.js: an interpreter in a worker thread, used with live objects, and pools of them.

What is the browser's (isolation, JSPI, closing pages) is in tests/browser/test_page_workers.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.errors import JsError
from harness.runtime import ROOT, Runtime, dist_dir

pytestmark = [pytest.mark.modes("native"), pytest.mark.slow]

URL = (dist_dir() / "workers.mjs").as_uri()
# One worker for the tests of this file; `log` is what it writes, `answers` what it reads.
PRELUDE = """
    const W = await import(url);
    const { startWorker, startPool, isRemote, release, setAttribute, transfer } = W;
    globalThis.log ??= [];
    globalThis.answers ??= [];
    const { log, answers } = globalThis;
    const begin = () => startWorker({
        stdin: async (prompt) => { const a = answers.shift(); return typeof a === "function" ? a(prompt) : (a ?? null); },
        stdout: (text) => log.push(text),
        stderr: (text) => log.push("! " + text),
    });
    const worker = await (globalThis.shared ??= begin());
    const caught = async (promise) => { try { await promise; } catch (e) { return e; } return "no error"; };
    const tell = (e) => [e.constructor.name, e.name, e.type ?? e.reason ?? "-", e.message];
"""
COUNT = "log.length = answers.length = 0; return worker.liveObjects();"
SETTLE = """
    for (let turn = 0; turn < 50 && (await worker.liveObjects()) > before; turn++) {
        // The worker's collector gives back functions of the page, which may hold remote objects.
        await worker.run("import gc, js, sys; sys.last_exc = sys.last_value = sys.last_traceback = None; gc.collect(); js.gc()");
        gc();
        await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return worker.liveObjects();
"""

Page = Callable[..., Any]


@pytest.fixture
def page(rt: Runtime) -> Iterator[Page]:
    """Run JavaScript beside the worker; afterwards it keeps no more objects than before."""

    def run(body: str, **variables: Any) -> Any:
        return rt.js(PRELUDE + body, url=URL, **variables)

    before = run(COUNT)
    yield run
    assert run(SETTLE, before=before) == before, (
        "the worker keeps objects that the page has dropped"
    )


def test_values(page: Page) -> None:
    """Scalars and lists are copied; everything else is a remote object."""
    got = page(
        """
        const values = [];
        for (const code of ["1", "'é'", "None", "2.5", "True", "2**70", "[1, [2, 'x']]", "(1,)"]) values.push(await worker.run(code));
        const others = [];
        for (const code of ["{}", "{1}", "b'a'", "object()", "len", "range(3)"]) others.push(isRemote(await worker.run(code)));
        return [values.map(String), others];
        """
    )
    assert got == [
        ["1", "é", "undefined", "2.5", "true", str(2**70), "1,2,x", "1"],
        [True] * 6,
    ]


def test_objects(page: Page) -> None:
    """Attributes, items, methods and keyword arguments of a remote object."""
    got = page(
        """
        await worker.run(`
        class A:
            def __init__(self, x): self.x = x; self.items = {"k": [1, 2]}
            def add(self, y, *, times=1): return self.x + y * times
        a = A(5)
        `.replaceAll("\\n        ", "\\n"));
        const a = await worker.globals.get("a");
        await setAttribute(a, "x", 7);
        const r = [await a.x, await a.add(1), await a.add.callKwargs(1, { times: 3 }), await a.items.get("k"), await a.type,
            await a.missing, isRemote(a), String(a), String(a.items)];
        await worker.globals.set("b", a);
        return [...r, await worker.run("a is b"), await worker.run("import json; json.dumps(a.items)")];
        """
    )
    assert got[:4] == [7, 8, 10, [1, 2]]
    assert got[4:6] == ["A", None]
    assert got[6:9] == [True, "[object of a worker]", "[object of a worker.items]"]
    assert got[9:] == [True, '{"k": [1, 2]}']


def test_objects_inside_values(page: Page) -> None:
    """References stand for objects and functions anywhere in a value, in both directions, once for each object."""
    got = page(
        """
        const [d, [same], n] = await worker.run("d = {'a': 1}; [d, [d], 3]");
        const f = await worker.run("def f(x):\\n  o = x.o; return [o is d, x.list[0] is d, x.list[1]('from Python')]\\nf");
        const said = [];
        const [first, second, promise] = await f({ o: d, list: [same, async (text) => { said.push(text); return 4; }] });
        return [isRemote(d), isRemote(same), n, first, second, said, isRemote(promise)];
        """
    )
    assert got[:3] == [True, True, 3]
    assert got[3:6] == [True, True, ["from Python"]]


def test_errors(page: Page) -> None:
    """Errors arrive with their type."""
    got = page(
        """
        const f = await worker.run("def f(x): return 1 / x\\nf");
        return [tell(await caught(worker.run("{}['k']"))), tell(await caught(f(0))), tell(await caught(f.nothing())),
            tell(await caught(worker.pyodide.loadPackage(5n))), tell(await caught(worker.run("def f(:"))), tell(await caught((async () => new f())()))];
        """
    )
    assert [row[:3] for row in got[:2]] == [
        ["PythonError", "PythonError", "KeyError"],
        ["PythonError", "PythonError", "ZeroDivisionError"],
    ]
    assert "line 1, in f" in got[1][3]
    assert got[2] == ["TypeError", "TypeError", "-", "nothing is missing."]
    assert got[3][0] == "TypeError"
    assert got[4][2] == "SyntaxError"
    assert got[5][0] == "TypeError" and "without 'new'" in got[5][3]


def test_misuse(page: Page) -> None:
    """Mistakes are told at once, and say what to do."""
    got = page(
        """
        const d = await worker.run("{}");
        const gone = await worker.run("{}");
        release(gone);
        release(gone);
        const attempt = (f) => { try { f(); } catch (e) { return e; } };
        return [tell(attempt(() => { d.x = 1; })), tell(attempt(() => { delete d.x; })), tell(await caught(gone.get("x"))),
            tell(await caught(worker.globals.set("x", d.y))), tell(await caught(worker.globals.set("x", new WeakMap()))),
            tell(await caught(setAttribute({}, "x", 1))), tell(await caught(worker.run("b'ab'").then((b) => b.getBuffer())))];
        """
    )
    assert got[0][0] == "TypeError" and "setAttribute" in got[0][3]
    assert got[1][0] == "TypeError"
    assert got[2][:2] == ["ReferenceError", "ReferenceError"] and "released" in got[2][3]
    assert got[3][0] == "TypeError" and "'y' of a remote object" in got[3][3]
    assert got[4][1] == "DataCloneError"
    assert got[5][0] == "TypeError"
    assert got[6][0] == "TypeError" and "toJs()" in got[6][3]


def test_iteration(page: Page) -> None:
    """`for await` asks for one item after another, and ends a generator that is left early."""
    got = page(
        """
        await worker.run("ended = []\\ndef numbers():\\n  try:\\n    for i in range(5): yield {'i': i}\\n  finally: ended.append(True)");
        await worker.run("async def later():\\n  for i in range(3):\\n    yield i");
        const seen = [];
        for await (const item of await worker.run("numbers()")) { seen.push(await item.get("i")); if (seen.length === 2) break; }
        for await (const item of await worker.run("later()")) seen.push(item);
        for await (const item of await worker.run("{'a': 1, 'b': 2}")) seen.push(item);
        let error;
        try { for await (const _ of await worker.run("object()")); } catch (e) { error = tell(e); }
        return [seen, await worker.run("ended"), error];
        """
    )
    assert got[:2] == [[0, 1, 0, 1, 2, "a", "b"], [True]]
    assert got[2][0] == "TypeError" and "not iterable" in got[2][3]


def test_functions_of_the_page(page: Page) -> None:
    """Python calls functions of the page, awaits them, gets their errors, and can keep them."""
    got = page(
        """
        const f = await worker.run(`
        from pyodide.ffi import JsException
        async def f(g):
            global kept
            kept = g
            got = [await g(1), await g({'k': 2})]
            try:
                await g(None)
            except JsException as e:
                got.append([e.name, e.message])
            return got
        f`.replaceAll("\\n        ", "\\n"));
        let held;
        const g = async (x) => {
            if (x === undefined) throw new RangeError("none given");
            if (!isRemote(x)) return x + 1;
            held = x;
            return x.get("k");
        };
        const r = await f(g);
        const back = await worker.run("kept");
        const later = await held.get("k");
        const thrown = tell(await caught(f(() => { throw new SyntaxError("at once"); })));
        await worker.run("del kept");
        return [r, later, back === g, thrown];
        """
    )
    assert got[:3] == [[2, 2, ["RangeError", "none given"]], 2, True]
    # An error of JavaScript that goes through Python is the same error behind it.
    assert got[3][1] == "SyntaxError" and "at once" in got[3][3]


def test_python_objects_through_the_page(page: Page) -> None:
    """What a function of the page returns to Python is the object itself."""
    got = page(
        """
        const f = await worker.run("async def f(g, o):\\n  r = [(await g(o)) is o, (await g(o)) is o]\\n  return r\\nf");
        const o = await worker.run("object()");
        return [await f((x) => x, o), await f(() => o, o), await o.type];
        """
    )
    assert got == [[True, True], [True, True], "object"]


@pytest.mark.spec("10/10")
def test_transfer(page: Page) -> None:
    """Buffers are moved where asked for; those that toJs makes are moved always."""
    got = page(
        """
        const f = await worker.run("def f(b): return [b.byteLength, bytes(b.to_py())[0]]\\nf");
        const moved = new Uint8Array([7, 8]);
        const inside = new Float64Array(2);
        const copied = new Uint8Array([9]);
        const r = [await f(transfer(moved, [moved.buffer])), moved.length, await f(copied), copied.length];
        await worker.globals.set("x", { b: transfer(inside, [inside.buffer]) });
        const back = await (await worker.run("import array\\narray.array('d', [1, 2])")).toJs();
        await worker.run("del x");
        return [...r, inside.length, back.constructor.name, [...back]];
        """
    )
    assert got == [[2, 7], 0, [1, 9], 1, 0, "Float64Array", [1, 2]]


def test_output(page: Page) -> None:
    """Text arrives as it is written, before the result of the code that wrote it, unfinished lines too."""
    got = page(
        """
        await worker.run("import sys\\nprint('a', end='', flush=True)\\nprint('b')\\nprint('é', file=sys.stderr)");
        await worker.run("import os\\nfor b in 'ß'.encode(): os.write(1, bytes([b]))");
        return log;
        """
    )
    assert "".join(text for text in got if not text.startswith("!")) == "ab\nß"
    assert got[0] == "a" and "! é\n" in got


def test_input(page: Page) -> None:
    """`input()` waits for the page, which may take its time; long lines, the end, and errors."""
    got = page(
        """
        const prompts = [];
        answers.push((prompt) => { prompts.push(prompt); return "first"; },
            (prompt) => new Promise((resolve) => setTimeout(() => { prompts.push(prompt); resolve("é".repeat(100_000)); }, 1)),
            "read\\n", null);
        const lines = await worker.run("import sys\\nprint('x\\\\nold', end=' ')\\n[input('Name? '), input(), sys.stdin.readline()]");
        const end = tell(await caught(worker.run("input()")));
        answers.push(() => { throw new RangeError("page failed"); });
        const failed = tell(await caught(worker.run("input()")));
        answers.push(5);
        const wrong = tell(await caught(worker.run("input()")));
        answers.push("after");
        return [lines[0], lines[1] === "é".repeat(100_000), lines[2], prompts, end, failed, wrong, await worker.run("input()")];
        """
    )
    assert got[:3] == ["first", True, "read\n"]
    assert got[3] == ["old Name? ", "old Name? "]
    assert got[4][2] == "EOFError"
    assert got[5][:2] == ["RangeError", "RangeError"] and got[5][3] == "page failed"
    assert "must return a string" in got[6][3]
    assert got[7] == "after"


def test_interrupts(page: Page) -> None:
    """A busy loop, a sleep, and a read that nobody answers end with KeyboardInterrupt, and the worker works on."""
    got = page(
        """
        const r = [worker.canInterrupt];
        const started = () => new Promise((resolve) => { const push = log.push; log.push = (text) => { log.push = push; resolve(); return 1; }; });
        for (const code of ["print('go')\\nwhile True: pass", "import time\\nprint('go')\\ntime.sleep(1e6)", "print('go')\\ninput()"]) {
            answers.push(() => new Promise(() => {}));
            const begun = started();
            const running = caught(worker.run(code));
            await begun;
            worker.interrupt();
            r.push((await running).type);
            answers.length = 0;
        }
        worker.interrupt();
        return [...r, await worker.run("sum(range(100_000))")];
        """
    )
    assert got[:4] == [True, "KeyboardInterrupt", "KeyboardInterrupt", "KeyboardInterrupt"]
    assert got[4] == sum(range(100_000)), "an interrupt while nothing runs has an effect"


def test_exit(page: Page) -> None:
    """`sys.exit` is an error of that call and does not end the worker."""
    got = page(
        "return [tell(await caught(worker.run('import sys; sys.exit(3)')))[2], await worker.run('2')]"
    )
    assert got == ["SystemExit", 2]


def test_released_objects(page: Page) -> None:
    """An object is released by hand or when the page has lost it; references at both ends go."""
    got = page(
        """
        await worker.run("import weakref\\nclass A: pass\\ndef make():\\n  a = A(); make.ref = weakref.ref(a); return a\\ndef alive(): return make.ref() is not None");
        const make = await worker.globals.get("make");
        const alive = await worker.globals.get("alive");
        const a = await make();
        const before = await alive();
        release(a);
        const r = [before, await alive()];
        await (async () => { await make(); })();
        for (let turn = 0; turn < 50 && (await alive()); turn++) { gc(); await new Promise((resolve) => setTimeout(resolve, 0)); }
        return [...r, await alive()];
        """
    )
    assert got == [True, False, False]


def test_wrong_options(rt: Runtime) -> None:
    """Wrong options are refused before a worker is made."""
    got = rt.js(
        PRELUDE
        + """
        const r = [];
        for (const options of [5, null, { indexURL: "x" }, { stdin: 1 }, { signal: 1 }, { load: { stdin() {} } }, { load: { jsglobals: { f() {} } } }]) {
            r.push(tell(await caught(startWorker(options))));
        }
        r.push(tell(await caught(startPool({ size: 0 }))), tell(await caught(startPool({ setup: 5 }))));
        return r;
        """,
        url=URL,
    )
    assert {row[0] for row in got} == {"TypeError"}
    assert "'load': { load: { indexURL: ... } }" in got[2][3]
    assert "jsglobals" in got[6][3]


def test_failing_start(rt: Runtime) -> None:
    """What loadPyodide throws in the worker is thrown in the page."""
    got = rt.js(
        PRELUDE
        + """
        return [tell(await caught(startWorker({ load: { indexURL: "/nowhere" } }))), tell(await caught(startWorker({ load: { conversion: "odd" } })))];
        """,
        url=URL,
    )
    assert got[0][1] == "RuntimeFileError" and "/nowhere" in got[0][3]
    assert got[1][0] == "TypeError" and "conversion" in got[1][3]


def test_ends(rt: Runtime) -> None:
    """Death, termination and aborting reject what waits, and all that comes later, with an error that says which."""
    got = rt.js(
        PRELUDE
        + """
        const r = [];
        const dying = await startWorker();
        const other = await worker.run("{}");
        r.push(tell(await caught(dying.globals.set("x", other))));
        const d = await dying.run("{}");
        const waiting = caught(dying.run("import asyncio; await asyncio.sleep(1e6)"));
        r.push(tell(await caught(dying.run("import js; js.process.exit(3)"))), tell(await waiting), tell(await caught(d.get("x"))));
        const mortal = await startWorker();
        const busy = caught(mortal.run("while True: pass"));
        mortal.terminate();
        r.push(tell(await busy), tell(await caught(mortal.run("1"))));
        const abort = new AbortController();
        const loading = caught(startWorker({ signal: abort.signal }));
        abort.abort();
        r.push(tell(await loading), tell(await caught(startWorker({ signal: abort.signal }))));
        return r;
        """,
        url=URL,
    )
    assert got[0][0] == "TypeError" and "another" in got[0][3]
    assert [row[1:3] for row in got[1:4]] == [["WorkerError", "died"]] * 3
    assert "code 3" in got[1][3]
    assert [row[1:3] for row in got[4:6]] == [["WorkerError", "terminated"]] * 2
    assert [row[1] for row in got[6:]] == ["AbortError"] * 2


def test_progress(rt: Runtime) -> None:
    """The page is told how far loading is, and what it throws then makes loading fail."""
    got = rt.js(
        PRELUDE
        + """
        const files = new Set();
        const stages = new Set();
        const onProgress = ({ stage, file, loaded, total }) => {
            stages.add(stage);
            if (file !== undefined) files.add(file.split("/").at(-1));
        };
        (await startWorker({ onProgress })).terminate();
        const failed = await caught(startWorker({ onProgress() { throw new RangeError("not so fast"); } }));
        return [[...files], [...stages], tell(failed)];
        """,
        url=URL,
    )
    assert {"pyodide.asm.wasm", "python_stdlib.zip"} <= set(got[0])
    assert got[1] == ["download", "start", "ready"]
    assert got[2][1] == "RangeError" and got[2][3] == "not so fast"


def test_pool(rt: Runtime) -> None:
    """Results come in order and by value; errors stop a map; a worker that dies is replaced; buffers are moved."""
    got = rt.js(
        PRELUDE
        + """
        const setup = `
        import js
        def describe(n):
            return {"n": n, "of": [{"half": n / 2}]}
        def total(b):
            return bytes(x + 1 for x in b.to_py())
        calls = []
        def picky(n):
            calls.append(n)
            if n == 2: raise ValueError(n)
        def die(n):
            js.process.exit(1)
        def live(n):
            return object()
        `.replaceAll("\\n        ", "\\n");
        const pool = await startPool({ size: 2, setup });
        const r = [pool.size, await pool.map("describe", [1, 2, 3]), await pool.map("math.sqrt", [4, 9]), await pool.map("describe", [])];
        const buffers = [new Uint8Array([1]), new Uint8Array([2, 3])];
        const totals = await pool.map("total", buffers, { transfer: (b) => [b.buffer] });
        r.push(totals.map((b) => [...b]), buffers.map((b) => b.length));
        r.push(tell(await caught(pool.map("picky", [1, 2, ...Array(50).keys()])))[2]);
        const calls = await Promise.all([0, 1].map(() => pool.use(async (w) => { const c = await w.run("calls"); await w.run("[0 for _ in range(1000)]"); return c.length; })));
        r.push(calls.reduce((a, b) => a + b) < 20);
        r.push(tell(await caught(pool.map("die", [1])))[2], await pool.map("math.sqrt", [16, 25, 36]));
        r.push(tell(await caught(pool.map("live", [1])))[2], tell(await caught(pool.map("nothing", [1])))[2]);
        const busy = caught(pool.use((w) => w.run("while True: pass")));
        pool.terminate();
        r.push(tell(await busy)[2], tell(await caught(pool.map("math.sqrt", [1])))[2]);
        r.push(tell(await caught(startPool({ size: 1, setup: "1/0" })))[2]);
        return r;
        """,
        url=URL,
    )
    assert got[0] == 2
    assert got[1] == [{"n": n, "of": [{"half": n / 2}]} for n in (1, 2, 3)]
    assert got[2:4] == [[2, 3], []]
    assert got[4:6] == [[[2], [3, 4]], [0, 0]]
    assert got[6:8] == ["ValueError", True]
    assert got[8:10] == ["died", [4, 5, 6]]
    assert got[10:12] == ["ConversionError", "ModuleNotFoundError"]
    assert got[12:14] == ["terminated", "terminated"]
    assert got[14] == "ZeroDivisionError"


@pytest.mark.spec("10/9")
def test_clone_error_tells_what_to_do(rt: Runtime) -> None:
    """Python code that hands a Python object to structured cloning learns what to do instead."""
    with pytest.raises(JsError) as caught:
        rt.js("pyodide.runPython('import js; js.structuredClone({1: 2})')")
    assert caught.value.name == "DataCloneError"
    assert "to_js(obj)" in caught.value.message and "workers.mjs" in caught.value.message


def test_comlink_itself(fresh: Callable[..., Runtime]) -> None:
    """Python uses what the library Comlink gives: reads, calls, errors, and functions of its own at the other end."""
    got = fresh().js(
        """
        const Comlink = await import(comlink);
        pyodide.registerComlink(Comlink);
        const { port1, port2 } = new MessageChannel();
        Comlink.expose({ add: (a, b) => a + b, deep: { x: 5 }, fail() { throw new RangeError("no"); }, async twice(f) { return [await f(1), await f(2)]; } }, port1);
        pyodide.globals.set("remote", Comlink.wrap(port2));
        pyodide.globals.set("proxy", Comlink.proxy);
        const r = await pyodide.runPythonAsync(`
        from pyodide.code import run_js
        from pyodide.ffi import JsException, create_proxy
        try:
            await remote.fail()
        except JsException as e:
            failed = [e.name, e.message]
        def triple(x): return 3 * x
        wrap = run_js("(f) => (x) => f(x)")
        [await remote.add(1, 2), await remote.deep.x, failed, list(await remote.twice(proxy(wrap(create_proxy(triple)))))]
        `.replaceAll("\\n        ", "\\n"));
        port1.close();
        port2.close();
        return r;
        """,
        comlink=(ROOT / "src/js/node_modules/comlink/dist/esm/comlink.mjs").as_uri(),
    )
    assert got == [3, 5, ["RangeError", "no"], [3, 6]]

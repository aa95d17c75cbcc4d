"""Stack switching (JSPI): Python waits for promises while JavaScript goes on. In a Node that can switch stacks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import JsError, PyError
from harness.runtime import Runtime

pytestmark = pytest.mark.switches_stacks

PRELUDE = """
import asyncio
import js
from pyodide.code import run_js
from pyodide.ffi import JsException, can_run_sync, jsnull, run_sync

sleep = run_js("(ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value))")
"""


@pytest.fixture(autouse=True)
def event_loop(request: pytest.FixtureRequest) -> None:
    """Have the event loop make what it keeps for good, before leaks are looked for."""
    if "rt" in request.fixturenames:
        request.getfixturevalue("rt").js(
            "await pyodide.runPythonAsync('import asyncio; await asyncio.sleep(0.001)')"
        )


@pytest.mark.spec("6.1/5", "8.4/1", "13.7/11")
def test_results(rt: Runtime) -> None:
    """run_sync waits for every kind of awaitable, and returns or raises its outcome."""
    rt.js(
        "await pyodide.runPythonAsync(source)",
        source=PRELUDE
        + """
assert can_run_sync()
assert run_sync(sleep(1, 7)) == 7
make = run_js("(value) => ({ promise: Promise.resolve(value) })")
assert run_sync(make(7).promise) == 7
assert run_sync(make(None).promise) is None
assert run_sync(run_js("({ promise: Promise.resolve(null) })").promise) is jsnull
assert run_sync(run_js("({ then(resolve) { resolve('then'); } })")) == "then"
this = object()
assert run_sync(run_js("(f) => ({ promise: (async () => f())() })")(lambda: this).promise) is this

async def give(value):
    await asyncio.sleep(0)
    return value
assert run_sync(give(this)) is this
assert run_sync(asyncio.create_task(give(None))) is None
future = asyncio.get_event_loop().create_future()
asyncio.get_event_loop().call_soon(future.set_result, "later")
assert run_sync(future) == "later" and run_sync(future) == "later"

class Own:
    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        return "own"
assert run_sync(Own()) == "own"

def error_of(awaitable):
    try:
        run_sync(awaitable)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")

for make_promise in ("Promise.reject(new Error('hi'))", "(async () => { throw new Error('hi'); })()"):
    for code in (make_promise, "({ p: " + make_promise + " })"):
        made = run_js(code)
        error = error_of(getattr(made, "p", made))
        assert isinstance(error, JsException) and error.message == "hi", error

own = KeyError("own")
async def fail():
    raise own
assert error_of(fail()) is own
cancelled = asyncio.get_event_loop().create_future()
cancelled.cancel()
assert isinstance(error_of(cancelled), asyncio.CancelledError)
for value in (1, None, [], iter([]), (x for x in [])):
    error = error_of(value)
    assert isinstance(error, TypeError) and "must be awaitable" in str(error)
""",
    )


@pytest.mark.spec("7.2/4")
@pytest.mark.spec("6.1/6", "8.2/3", "8.4/2", "8.4/3", "8.4/4", "8.4/5", "8.4/6", "8.4/7", "8.4/8")
def test_entries(rt: Runtime) -> None:
    """Where Python may wait depends on how JavaScript has entered it, and on nothing of JavaScript lying in between."""
    seen = rt.js(
        """
        pyodide.runPython(prelude + `
def plain():
    return can_run_sync()
async def coroutine():
    return plain()
def through(function):
    return [can_run_sync(), function(plain), can_run_sync()]
class Iterating:
    def __iter__(self):
        yield can_run_sync()
`);
        const { plain, coroutine, through, Iterating } = Object.fromEntries(
          ["plain", "coroutine", "through", "Iterating"].map((n) => [n, pyodide.globals.get(n)]));
        const seen = {};
        seen.runPython = pyodide.runPython("can_run_sync()");
        seen.runPythonAsync = await pyodide.runPythonAsync("can_run_sync()");
        seen.call = plain();
        seen.callPromising = await plain.callPromising();
        seen.callPromisingKwargs = await plain.callPromisingKwargs({});
        seen.options = await plain.callWithOptions({ promising: true });
        seen.relaxed = await plain.callWithOptions({ promising: true, relaxed: true }, 1, 2);
        seen.coroutine = await coroutine();
        seen.through = await through.callPromising((f) => f());
        seen.method = await through.callPromising((f) => f.call());
        seen.iterating = await pyodide.runPythonAsync(
          "[can_run_sync(), list(js.Array.from_(Iterating()))[0], can_run_sync()]");
        seen.then = await pyodide.runPythonAsync("await run_js('({p: Promise.resolve()})').p.then(lambda _: can_run_sync())");
        seen.catch = await pyodide.runPythonAsync("await run_js('({p: Promise.reject(1)})').p.catch(lambda _: can_run_sync())");
        seen.futureThen = await pyodide.runPythonAsync("await sleep(1).then(lambda _: can_run_sync())");
        seen.callSoon = await pyodide.runPythonAsync(`
future = asyncio.get_event_loop().create_future()
asyncio.get_event_loop().call_soon(lambda: future.set_result(can_run_sync()))
await future`);
        seen.callLater = await pyodide.runPythonAsync(`
future = asyncio.get_event_loop().create_future()
asyncio.get_event_loop().call_later(0.001, lambda: future.set_result(can_run_sync()))
await future`);
        for (const proxy of [plain, coroutine, through, Iterating]) proxy.destroy();
        return JSON.stringify(seen, (_, v) => h.isPyProxy(v) ? v.toJs() : v);
        """,
        prelude=PRELUDE,
    )
    import json

    assert json.loads(seen) == {
        "runPython": False,
        "runPythonAsync": True,
        "call": False,
        "callPromising": True,
        "callPromisingKwargs": True,
        "options": True,
        "relaxed": True,
        "coroutine": True,
        "through": [True, False, True],
        "method": [True, False, True],
        "iterating": [True, False, True],
        "then": True,
        "catch": True,
        "futureThen": True,
        "callSoon": True,
        "callLater": True,
    }


@pytest.mark.spec("8.4/9", "13.7/10")
def test_where_it_is_not_possible(rt: Runtime) -> None:
    """The error says that the entry was synchronous and what would help; nothing is harmed."""
    rt.py(PRELUDE)
    for code in ("run_sync(sleep(1))", "run_js('(f) => f()')(lambda: run_sync(sleep(1)))"):
        with pytest.raises(PyError) as caught:
            rt.py(code)
        assert caught.value.type == "RuntimeError"
        assert "Cannot stack switch" in str(caught.value)
        assert "callPromising" in str(caught.value)
    # Python code that C runs while it reads what JavaScript has written.
    rt.js(
        """
        await pyodide.runPythonAsync(`
from pyodide.ffi import create_proxy
class Key:
    def __hash__(self):
        seen.append(can_run_sync())
        return 1
seen = []
key = create_proxy(Key(), roundtrip=False)
run_js("(key) => new Map([[key, 1]])")(key).to_py()
seen.append(can_run_sync())
key.destroy()
assert seen == [False, True], seen
`);
        """
    )


@pytest.mark.spec("4.7/6", "4.7/7", "4.7/8", "8.4/10")
def test_call_promising(rt: Runtime) -> None:
    """callPromising runs up to the first wait, and promises the converted result; every error is a rejection."""
    assert rt.js(
        """
        pyodide.runPython(prelude + `
log = []
def work(*args, **kwargs):
    log.append("begun")
    run_sync(sleep(1))
    log.append("done")
    return f"{args} {kwargs}"
def fail(wait):
    if wait:
        run_sync(sleep(1))
    raise KeyError("failed")
async def later(x):
    await asyncio.sleep(0)
    return x
`);
        const get = (name) => pyodide.globals.get(name);
        const [work, fail, later, log] = ["work", "fail", "later", "log"].map(get);
        const results = [];
        const promise = work.callPromising(1, "a");
        results.push(promise instanceof Promise, String(get("log")).includes("begun"), await promise);
        results.push(await work.bind(null, 1).callPromisingKwargs(2, { k: 3 }));
        results.push(await work.captureThis().bind(5).callWithOptions({ promising: true, kwargs: true }, { k: 3 }));
        for (const wait of [true, false]) {
          results.push(await fail.callPromising(wait).then(() => "no error", (e) => `${e.type}`));
        }
        results.push(await later.callPromising(8));
        try { work.callPromisingKwargs(1); } catch (e) { results.push(e.message); }
        for (const proxy of [work, fail, later, log]) if (h.isPyProxy(proxy)) proxy.destroy();
        return results;
        """,
        prelude=PRELUDE,
    ) == [
        True,
        True,
        "(1, 'a') {}",
        "(1, 2) {'k': 3}",
        "(5,) {'k': 3}",
        "KeyError",
        "KeyError",
        8,
        "kwargs argument is not an object",
    ]


@pytest.mark.spec("8.4/11", "8.4/12", "13.7/8")
def test_stacks_interleave(rt: Runtime) -> None:
    """Suspended stacks go on in any order, each with its own frames, exceptions, context and part of C's stack."""
    assert rt.js(
        """
        pyodide.runPython(prelude + `
import contextvars, sys
variable = contextvars.ContextVar("variable", default="none")
log = []
gates = {}
def wait_at(name):
    run_sync(run_js("(gates, name) => new Promise((resolve) => { gates[name] = resolve; })")(gate, name))
gate = run_js("globalThis.gate = {}")
def worker(name):
    variable.set(name)
    try:
        raise ValueError(name)
    except ValueError:
        wait_at(name)
        log.append((name, variable.get(), str(sys.exception()), sys._getframe().f_code.co_name))
        # The function that sorts lies on C's stack.
        def key(number):
            if number == 500:
                wait_at(name + "1")
            return -number
        assert sorted(range(1000), key=key) == list(range(999, -1, -1))
    return name
`);
        const base = pyodide._module.stackSave();
        const worker = pyodide.globals.get("worker");
        const names = ["a", "b", "c"];
        const results = names.map((name) => worker.callPromising(name));
        const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
        pyodide.runPython("assert sys.exception() is None and variable.get() == 'none'");
        for (const name of ["b", "a", "c"]) { gate[name](); await turn(); }
        pyodide.runPython("assert sys.exception() is None and variable.get() == 'none'");
        for (const name of ["c1", "a1", "b1"]) { gate[name](); await turn(); }
        const done = await Promise.all(results);
        worker.destroy();
        delete globalThis.gate;
        const log = pyodide.runPython("repr(log)");
        return [done.join(""), log, pyodide._module.stackSave() === base];
        """,
        prelude=PRELUDE,
    ) == [
        "abc",
        "[('b', 'b', 'b', 'worker'), ('a', 'a', 'a', 'worker'), ('c', 'c', 'c', 'worker')]",
        True,
    ]


@pytest.mark.spec("8.4/12", "13.7/7")
def test_nesting(rt: Runtime) -> None:
    """A promising call within a promising call within one: each waits for the promise of the next."""
    assert rt.js(
        """
        pyodide.runPython(prelude + `
def deep(n):
    if n == 0:
        run_sync(sleep(2))
        return "bottom"
    result = run_sync(run_js("(f, n) => f.callPromising(n)")(deep, n - 1))
    return f"{n} {result}"
ticks = []
`);
        const base = pyodide._module.stackSave();
        const ticking = pyodide.runPythonAsync(`
for i in range(20):
    await asyncio.sleep(0)
    ticks.append(i)
`);
        const deep = pyodide.globals.get("deep");
        const result = await deep.callPromising(3);
        await ticking;
        deep.destroy();
        return [result, pyodide.runPython("ticks == list(range(20))"), pyodide._module.stackSave() === base];
        """,
        prelude=PRELUDE,
    ) == ["3 2 1 bottom", True, True]


@pytest.mark.spec("7.1/13", "8.2/4", "8.4/11")
def test_tasks_of_asyncio(rt: Runtime) -> None:
    """The task that waits is not the current one meanwhile, and is again afterwards."""
    rt.js(
        "await pyodide.runPythonAsync(source)",
        source=PRELUDE
        + """
order = []
async def one(name, delay):
    me = asyncio.current_task()
    for i in range(3):
        run_sync(asyncio.sleep(delay))
        assert asyncio.current_task() is me
        order.append(name)
    return name
results = await asyncio.gather(one("a", 0.002), one("b", 0.003))
assert results == ["a", "b"] and sorted(order) == list("aaabbb"), order
# A promising call made by a task leaves the task current when it goes on.
me = asyncio.current_task()
def inner():
    assert asyncio.current_task() is None
    run_sync(sleep(1))
    assert asyncio.current_task() is None
    return 5
promise = run_js("(f) => ({ p: f.callPromising() })")(inner)
assert asyncio.current_task() is me
assert await promise.p == 5 and asyncio.current_task() is me
assert asyncio.run(one("c", 0.001)) == "c"
assert asyncio.run(asyncio.create_task(one("d", 0.001))) == "d"
assert asyncio.run(run_js("(async () => 7)")()) == asyncio.run(run_js("[Promise.resolve(7)]")[0]) == 7
assert asyncio.get_event_loop().run_until_complete(sleep(1, "until")) == "until"
""",
    )


@pytest.mark.spec("13.7/5", "13.7/6")
def test_order_of_delays(rt: Runtime) -> None:
    """Waits for timers end in the order of the timers, whichever stack they belong to."""
    assert rt.js(
        """
        const clock = { now: 0, timers: [] };
        globalThis.later = (ms) => new Promise((resolve) => clock.timers.push([clock.now + ms, resolve]));
        pyodide.runPython(prelude + `
log = []
def rounds(name, ms):
    for _ in range(5):
        run_sync(js.later(ms))
        log.append(name)
def once(ms):
    run_sync(js.later(ms))
    log.append(ms)
async def awaiting(ms):
    await js.later(ms)
    log.append(ms)
`);
        const [rounds, once, awaiting] = ["rounds", "once", "awaiting"].map((n) => pyodide.globals.get(n));
        const turn = () => new Promise((resolve) => setTimeout(resolve, 2));
        const play = async (...started) => {
          await turn();
          while (clock.timers.length > 0) {
            clock.timers.sort((a, b) => a[0] - b[0]);
            const [when, resolve] = clock.timers.shift();
            clock.now = when;
            resolve();
            await turn();
          }
          await Promise.all(started);
          return pyodide.runPython("s = ' '.join(map(str, log)); log.clear(); s");
        };
        const first = await play(rounds.callPromising("a", 15), rounds.callPromising("b", 21));
        const second = await play(once.callPromising(30), awaiting(10), once.callPromising(20),
          awaiting(40), once.callPromising(60), awaiting(50));
        for (const proxy of [rounds, once, awaiting]) proxy.destroy();
        delete globalThis.later;
        return [first, second];
        """,
        prelude=PRELUDE,
    ) == ["a b a b a a b a b b", "10 20 30 40 50 60"]


@pytest.mark.spec("8.4/12", "13.7/12")
def test_many_switches_do_not_grow_the_heap(rt: Runtime) -> None:
    """2000 waits in batches of 200: linear memory is as large afterwards as after the first batches."""
    before, after, moved = rt.js(
        """
        pyodide.runPython(prelude + `
def wait(ms):
    run_sync(sleep(ms))
`);
        const wait = pyodide.globals.get("wait");
        const base = pyodide._module.stackSave();
        const batch = () => Promise.all(Array.from({ length: 200 }, (_, i) => wait.callPromising(i % 5)));
        await batch();
        await batch();
        const before = pyodide._module.HEAPU8.length;
        for (let i = 0; i < 10; i++) await batch();
        wait.destroy();
        return [before, pyodide._module.HEAPU8.length, pyodide._module.stackSave() - base];
        """,
        prelude=PRELUDE,
    )
    assert (before, moved) == (after, 0)


@pytest.mark.spec("8.4/11", "13.7/9")
def test_errors_stay_with_their_stack(rt: Runtime) -> None:
    """A promising call that fails leaves nothing to be seen by Python that runs before its promise is looked at."""
    assert rt.js(
        """
        pyodide.runPython(prelude + `
def fail():
    run_sync(sleep(1))
    raise KeyError("mine")
def fail_at_once():
    raise KeyError("mine")
`);
        const outcomes = [];
        for (const name of ["fail", "fail_at_once"]) {
          const fail = pyodide.globals.get(name);
          const promise = fail.callPromising();
          outcomes.push(pyodide.runPython("import sys; sys.exception() is None"));
          outcomes.push(await promise.then(() => "none", (error) => error.type));
          fail.destroy();
        }
        return outcomes;
        """,
        prelude=PRELUDE,
    ) == [True, "KeyError", True, "KeyError"]


@pytest.mark.spec("8.2/4")
def test_sleep_gives_way(rt: Runtime) -> None:
    """time.sleep lets JavaScript go on where that is possible."""
    assert rt.js(
        """
        let ticks = 0;
        const timer = setInterval(() => ticks++, 1);
        await pyodide.runPythonAsync("import time; time.sleep(0.03)");
        const waited = ticks;
        pyodide.runPython("time.sleep(0.01)");
        const blocked = ticks - waited;
        clearInterval(timer);
        return [waited > 0, blocked];
        """
    ) == [True, 0]
    for argument, error in (
        ("-1", "ValueError"),
        ("'1'", "TypeError"),
        ("float('nan')", "ValueError"),
    ):
        with pytest.raises(JsError, match=error):
            rt.js("await pyodide.runPythonAsync(code)", code=f"time.sleep({argument})")


@pytest.mark.parametrize(
    "wait", ["time.sleep(60)", "run_sync(run_js('({ p: new Promise(() => {}) })').p)"]
)
def test_signals_end_the_wait(rt: Runtime, wait: str) -> None:
    """A KeyboardInterrupt from the interrupt buffer ends a wait; a handler that returns does not."""
    rt.js(
        """
        globalThis.signals = new Int32Array(new SharedArrayBuffer(4));
        pyodide.setInterruptBuffer(signals);
        setTimeout(() => { signals[0] = 2; }, 5);
        try {
          await pyodide.runPythonAsync(source);
        } finally {
          pyodide.setInterruptBuffer(undefined);
          delete globalThis.signals;
        }
        """,
        source=PRELUDE
        + f"""
import signal, time
try:
    {wait}
except KeyboardInterrupt:
    pass
else:
    raise AssertionError("not interrupted")
seen = []
before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
slept = run_sync(run_js('''
  new Promise((resolve) => {{
    signals[0] = 2;
    const timer = setInterval(() => {{
      if (signals[0] !== 0) return;
      clearInterval(timer);
      resolve("slept");
    }}, 1);
  }})
'''))
signal.signal(signal.SIGINT, before)
assert slept == "slept" and seen == [signal.SIGINT], (slept, seen)
""",
    )


RECURSION = (
    PRELUDE
    + """
class Endless:
    def __repr__(self):
        return repr(self)
def nested():
    x = []
    for _ in range(100_000):
        x = [x]
    return repr(x)
def endless():
    return endless()
def pingpong():
    return run_js("(f) => f()")(pingpong)
def outcome(function):
    try:
        function()
    except RecursionError:
        return "RecursionError"
"""
)


@pytest.mark.spec("5.4/3")
@pytest.mark.parametrize("function", ["endless", "nested", "lambda: repr(Endless())", "pingpong"])
def test_recursion(rt: Runtime, function: str) -> None:
    """A stack of its own is as deep as any: endless recursion is a RecursionError."""
    assert (
        rt.js(
            """
            pyodide.runPython(prelude);
            const [outcome, run] = [pyodide.globals.get("outcome"), pyodide.runPython(f)];
            try { return await outcome.callPromising(run); }
            finally { outcome.destroy(); run.destroy(); }
            """,
            prelude=RECURSION,
            f=function,
        )
        == "RecursionError"
    )


def test_arguments_live_until_the_end(rt: Runtime) -> None:
    """Arguments and the function itself outlive the wait, though JavaScript has let go of them."""
    assert (
        rt.js(
            """
        pyodide.runPython(prelude + `
def work(obj, *rest):
    run_sync(sleep(5))
    return f"{obj.x} {len(rest)} {rest[-1].y}"
`);
        const work = pyodide.globals.get("work");
        const promise = work.callPromising({ x: 1 }, 1, 2, 3, {}, {}, { y: 2 });
        work.destroy();
        pyodide.runPython("del work");
        await h.collect();
        return await promise;
        """,
            prelude=PRELUDE,
        )
        == "1 6 2"
    )


def test_a_fatal_error_rejects(switching_node: str, fresh: Callable[..., Runtime]) -> None:
    """What escapes from WebAssembly in a promising call rejects its promise, and the runtime refuses to go on."""
    runtime = fresh(node=switching_node)
    assert runtime.js(
        """
        globalThis.console = { ...console, error() {} };
        const boom = pyodide.runPython(prelude + `
def boom():
    run_sync(sleep(1))
    run_js("(p) => p._api.fatal_error(new Error('boom'))")(__import__("pyodide_js"))
boom`);
        const first = await boom.callPromising().then(() => "none", (e) => e.message);
        const second = await (async () => boom.callPromising())().then(() => "none", (e) => e.message);
        return [first, second];
        """,
        prelude=PRELUDE,
    ) == ["boom", "Pyodide already fatally failed and can no longer be used."]


@pytest.mark.spec("7.1/13")
def test_blocking_switched_off(switching_node: str, fresh: Callable[..., Runtime]) -> None:
    """Without `enableRunUntilComplete` asyncio's ways to wait for a coroutine give a task and do not block."""
    runtime = fresh(node=switching_node, options="{ enableRunUntilComplete: false }")
    runtime.js(
        "await pyodide.runPythonAsync(source)",
        source=PRELUDE
        + """
async def five():
    await asyncio.sleep(0)
    return 5
assert can_run_sync()
for wait in (asyncio.run, asyncio.get_event_loop().run_until_complete):
    task = wait(five())
    assert isinstance(task, asyncio.Task) and not task.done()
    assert await task == 5
""",
    )


# A function of WebAssembly of one parameter, which calls PyObject_CallNoArgs with it. Python calls methods without
# arguments and getters with two.
ONE_PARAMETER = """
    const code = [0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 2, 7, 1, 1, 101, 1, 102, 0, 0, 3, 2, 1, 0,
        7, 5, 1, 1, 103, 0, 1, 10, 8, 1, 6, 0, 32, 0, 16, 0, 11];
    const { wasmTable, wasmExports } = pyodide._module;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(code)), { e: { f: wasmExports.PyObject_CallNoArgs } });
    const at = wasmTable.grow(1);
    wasmTable.set(at, exports.g);
    pyodide.globals.set("at", at);
"""


@pytest.mark.spec("8.4/13")
def test_below_functions_of_c(rt: Runtime) -> None:
    """Python waits below C: functions of every kind of signature, getset descriptors, and functions that were cast.

    Frames of C++ with a `catch` are not shown: the runtime has no C++ that calls Python.
    """
    rt.js(
        ONE_PARAMETER + "await pyodide.runPythonAsync(source)",
        source=PRELUDE
        + """
import ctypes, functools, io
def wait(value, *rest):
    assert can_run_sync()
    return run_sync(sleep(1, value))
def waiting():
    for i in range(2):
        yield wait(str(i))

assert sorted([2, 1], key=wait) == [1, 2]
assert functools.reduce(wait, [1, 2, 3]) == 1
assert list(map(wait, [1, 2])) == [1, 2]
assert ",".join(waiting()) == "0,1"  # METH_O
class Raw(io.RawIOBase):
    def writable(self): return True
    def write(self, data): return wait(len(data))
buffered = io.BufferedWriter(Raw())
buffered.write(b"abc")
buffered.flush()  # METH_NOARGS
buffered.close()

class Property:
    @property
    def here(self): return wait(3)
assert Property().here == 3
class Getter:
    __isabstractmethod__ = property(lambda self: wait(True))
assert property(Getter()).__isabstractmethod__ is True  # a getter of C
class Meta(type):
    def mro(cls):
        if can_run_sync(): wait(1)
        return super().mro()
class First: pass
class Second: pass
class Derived(First, metaclass=Meta): pass
Derived.__bases__ = (Second,)  # a setter of C
assert Derived.__mro__ == (Derived, Second, object)

class Called:
    def __call__(self): return wait(4)
class Method(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("call", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p)]
class GetSet(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), *((n, ctypes.c_void_p) for n in ("get", "set", "doc", "closure"))]
METH_NOARGS = 4
method = Method(b"cast", at, METH_NOARGS, None)
new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)(("PyCFunction_NewEx", ctypes.pythonapi))
cast = new(ctypes.addressof(method), Called(), None)
assert cast() == 4
getset = GetSet(b"cast", at, None, None, None)
new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.c_void_p)(("PyDescr_NewGetSet", ctypes.pythonapi))
Called.cast = new(Called, ctypes.addressof(getset))
assert type(Called.cast).__name__ == "getset_descriptor" and Called().cast == 4
# They refer to structures that end with this program.
del cast, Called.cast
""",
    )

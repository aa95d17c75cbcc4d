"""PyProxies of objects that only fail: every trap and member ends in the right error and nothing breaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.runtime import MODES, Runtime, dist_dir

Fresh = Callable[..., Runtime]

BAD = """
    def make(fail):
        names = '''getattribute setattr delattr dir str repr call len getitem setitem delitem contains iter next await
            aiter anext buffer eq hash bool index'''.split()
        def method(name):
            def run(self, *args, **kwargs): fail(name)
            return run
        members = {f'__{name}__': method(name) for name in names}
        members |= {name: method(name) for name in ('send', 'throw', 'close', 'asend', 'athrow', 'aclose')}
        return type('Bad', (), members)
"""
USES = """
    const traps = { get: (b) => b.x, set: (b) => { b.x = 1; }, delete: (b) => { delete b.x; }, ownKeys: (b) => Reflect.ownKeys(b), toString: (b) => b.toString(), template: (b) => `${b}`,
      call: (b) => b(), apply: (b) => b.apply(null, [1]), kwargs: (b) => b.callKwargs({ a: 1 }), relaxed: (b) => b.callRelaxed(), length: (b) => b.length, getItem: (b) => b.get(1), setItem: (b) => b.set(1, 1),
      deleteItem: (b) => b.delete(1), contains: (b) => b.has(1), next: (b) => b.next(), send: (b) => b.next(1), throw: (b) => b.throw(new Error("x")), return: (b) => b.return(1), buffer: (b) => b.getBuffer() };
    const asynchronous = { await: async (b) => { await b; }, then: (b) => b.then(() => 0) };
"""


@pytest.mark.keeps_state
def test_first_task(rt: Runtime) -> None:
    """The first promise starts the event loop, which keeps a few JavaScript objects from then on."""
    rt.js("await pyodide.runPythonAsync('import asyncio; await asyncio.sleep(0)');")


@pytest.mark.spec("13.5/25")
def test_every_special_method_raises(rt: Runtime) -> None:
    """Each trap and member throws the exception as a PythonError, awaiting rejects, and destroy still works."""
    rt.py(
        BAD
        + "\n    import sys\n    def fail(name): raise ZeroDivisionError(name)\n    Bad = make(fail)\n    bad = Bad()\n    base = sys.getrefcount(bad)"
    )
    got = rt.js(
        f"""
        {USES}
        const b = pyodide.globals.get("bad");
        const r = {{}};
        for (const [name, use] of Object.entries(traps)) {{ const e = h.thrown(() => use(b)); r[name] = [e.name, e.type]; }}
        const b2 = pyodide.globals.get("bad");
        for (const [name, use] of Object.entries(asynchronous)) {{ try {{ await use(b2); r[name] = "fulfilled"; }} catch (e) {{ r[name] = [e.name, e.type]; }} }}
        const tests = ["x" in b, b.type, b instanceof pyodide.ffi.PyCallable, typeof b];
        b.destroy();
        b2.destroy();
        pyodide.runPython("for n in ('last_exc', 'last_value', 'last_traceback'): setattr(sys, n, None)");
        return [r, tests, h.thrown(() => b.x).message.split("\\n")[0], pyodide.runPython("sys.getrefcount(bad) - base")];
        """
    )
    assert {
        name: error
        for name, error in got[0].items()
        if error != ["PythonError", "ZeroDivisionError"]
    } == {}
    assert len(got[0]) == 22
    assert got[1] == [False, "Bad", True, "function"]
    assert got[2:] == ["Object has already been destroyed", 0]


LOCK_FREE = """
    const lockFree = (action) => {
      const device = pyodide.FS.makedev(90, 1);
      pyodide.FS.registerDevice(device, { write(stream, buffer, offset, length) { action(); return length; } });
      pyodide.FS.mkdev("/dev/lockfree", 0o666, device);
      try {
        pyodide.runPython("import os\\nfd = os.open('/dev/lockfree', os.O_WRONLY)\\nos.write(fd, b'x')\\nos.close(fd)\\ndel fd");
      } finally {
        pyodide.FS.unlink("/dev/lockfree");
      }
    };
"""


@pytest.mark.spec("13.5/26", "4.10/12", "5.5/1")
def test_without_the_lock(rt: Runtime) -> None:
    """Where Python has let go of its lock each operation, destroy too, is a NoGilError, and no fatal error."""
    rt.py(
        BAD
        + "\n    import sys\n    seen = []\n    Good = make(seen.append)\n    good = Good()\n    base = sys.getrefcount(good)"
    )
    got = rt.js(
        f"""
        {USES} {LOCK_FREE}
        const b = pyodide.globals.get("good");
        const {{ NoGilError }} = pyodide._api;
        const all = {{ ...traps, has: (p) => "x" in p, type: (p) => p.type, copy: (p) => p.copy(), toJs: (p) => p.toJs(), argument: (p) => pyodide.globals.set("x", p), runPython: () => pyodide.runPython("1"), toPy: () => pyodide.toPy([1]),
          then: (p) => p.then(() => 0), destroy: (p) => p.destroy() }};
        const r = {{}};
        lockFree(() => {{ for (const [name, use] of Object.entries(all)) {{ try {{ use(b); r[name] = "none"; }} catch (e) {{ r[name] = [e instanceof NoGilError, e instanceof Error, e.name]; }} }} }});
        const again = pyodide.globals.get("good");
        again.destroy();
        const later = pyodide.globals.get("good");
        let late;
        lockFree(() => {{ try {{ later.then(() => 0); }} catch (e) {{ late = e.name; }} }});
        return [r, pyodide.runPython("len(seen), sys.getrefcount(good) - base, 1 + 1").toString(), late, later.type, later.destroy()];
        """
    )
    assert {name: e for name, e in got[0].items() if e != [True, True, "NoGilError"]} == {}
    assert len(got[0]) == 29
    assert got[1] in ("0,1,2", "(0, 1, 2)")
    # An awaitable that could not be scheduled can still be used.
    assert got[2:] == ["NoGilError", "Bad", None]


@pytest.mark.spec("13.5/27", "4.10/13")
@pytest.mark.parametrize("mode", MODES)
def test_every_special_method_is_fatal(fresh: Fresh, mode: str) -> None:
    """Each trap reports a fatal error in a special method exactly once through `_api.fatal_error`, and throws that error."""
    rt = fresh(mode)
    rt.py(
        BAD
        + "\n    import ctypes\n    def fail(name): ctypes.string_at(0xfffffff0, 100)\n    Bad = make(fail)\n    bad = Bad()"
    )
    got = rt.js(
        f"""
        {USES}
        const b = pyodide.globals.get("bad");
        const reported = [];
        const real = pyodide._api.fatal_error;
        pyodide._api.fatal_error = (error) => {{ reported.push(error); throw error; }};
        const r = {{}};
        for (const [name, use] of Object.entries({{ ...traps, has: (p) => "x" in p }})) {{
          const before = reported.length;
          let thrown;
          try {{ use(b); }} catch (e) {{ thrown = e; }}
          r[name] = [reported.length - before, thrown !== undefined && thrown === reported.at(-1), thrown instanceof WebAssembly.RuntimeError];
        }}
        const before = [typeof pyodide.runPython];
        pyodide._api.fatal_error = real;
        const last = h.thrown(() => b.x);
        return [r, before, last.name, h.thrown(() => pyodide.runPython).message];
        """
    )
    assert {name: seen for name, seen in got[0].items() if seen != [1, True, True]} == {}
    assert len(got[0]) == 21
    assert got[1:] == [
        ["function"],
        "RuntimeError",
        "Pyodide already fatally failed and can no longer be used.",
    ]


@pytest.mark.spec("13.5/28", "4.10/14")
def test_proxy_of_another_interpreter(fresh: Fresh) -> None:
    """To a second interpreter of the realm a proxy is a foreign JavaScript object, through which the data can be had."""
    rt = fresh("proxy")
    got = rt.js(
        """
        const { loadPyodide } = await import(entry);
        const other = await loadPyodide({ conversion: "proxy" });
        const d = other.runPython("{'a': [1, 2], 'b': {'c': 'd'}}");
        const check = pyodide.runPython("lambda d2: (type(d2).__name__, d2.toJs().to_py() == {'a': [1, 2], 'b': {'c': 'd'}}, d2.get('b').get('c'), d2.type)");
        const same = pyodide.runPython("lambda x: x");
        const r = [check(d).toJs(), same(d) === d, d instanceof pyodide.ffi.PyProxy];
        d.destroy();
        r.push(h.thrown(() => check(d)).message.split("\\n")[0], pyodide.runPython("1 + 1"), other.runPython("1 + 1"));
        return r;
        """,
        entry=str(dist_dir() / "pyodide.mjs"),
    )
    assert got == [
        ["JsProxy", True, "d", "dict"],
        True,
        False,
        "Object has already been destroyed",
        2,
        2,
    ]


@pytest.mark.spec("13.5/36")
def test_proxy_returned_by_a_generator(rt: Runtime) -> None:
    """What a finished JavaScript generator returns is unwrapped, and no proxy of it is left."""
    rt.js("globalThis.g = function* (x) { const y = yield 1; return y; };")

    @rt.run
    def _() -> None:
        import sys

        import js

        d: dict[str, int] = {}
        assert sys.getrefcount(d) == 2
        generator = js.g(d)
        assert next(generator) == 1
        try:
            generator.send(d)
        except StopIteration as stop:
            assert stop.value is d
            stop.value = None
        else:
            raise AssertionError("not at its end")
        assert sys.getrefcount(d) == 2


@pytest.mark.spec("13.5/36")
def test_argument_returned_by_a_generator(rt: Runtime) -> None:
    """A generator that returns what it was lent leaves no reference, as soon as Python has the value."""
    rt.js("globalThis.g = function* (x) { yield 1; return x; };")

    @rt.run
    def _() -> None:
        import sys

        import js

        d: dict[str, int] = {}
        generator = js.g(d)
        assert next(generator) == 1
        assert sys.getrefcount(d) == 3
        try:
            next(generator)
        except StopIteration as stop:
            assert stop.value is d
        else:
            raise AssertionError("not at its end")
        assert sys.getrefcount(d) == 2


@pytest.mark.spec("7.2/24", "5.4/2")
def test_lock_let_go_by_hand(rt: Runtime) -> None:
    """`_module._PyEval_SaveThread` lets go of Python's lock, for proxies and for checkInterrupt, until it is restored."""
    got = rt.js(
        """
        const d = pyodide.runPython("{'a': 1}");
        const buffer = new Uint8Array(1);
        pyodide.setInterruptBuffer(buffer);
        const state = pyodide._module._PyEval_SaveThread();
        buffer[0] = 2;
        const thrown = (use) => { try { use(); } catch (error) { return error; } };
        const refused = [() => d.a, () => d.type, () => pyodide.runPython("1")].map(thrown);
        const interrupt = thrown(() => pyodide.checkInterrupt());
        const left = buffer[0];
        buffer[0] = 0;
        pyodide._module._PyEval_RestoreThread(state);
        pyodide.setInterruptBuffer(undefined);
        return [refused.every((e) => e instanceof pyodide._api.NoGilError), interrupt instanceof pyodide.FS.ErrnoError, interrupt.errno === pyodide.ERRNO_CODES.EINTR, left, d.a];
        """
    )
    assert got == [True, True, True, 2, 1]

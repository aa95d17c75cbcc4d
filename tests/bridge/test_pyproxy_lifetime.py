"""Life and death of PyProxies: destroy, copy, messages, reference counts, garbage collection of proxies nobody destroyed."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

DESTROYED = "Object has already been destroyed"


def test_every_use_after_destroy_throws(rt: Runtime) -> None:
    """After destroy, any trap or method throws; destroy again and instanceof do not."""
    got = rt.js(
        """
        const d = pyodide.runPython("{}"), f = pyodide.runPython("lambda: 1");
        d.destroy();
        f.destroy();
        const uses = [() => d.x, () => { d.x = 1; }, () => "x" in d, () => { delete d.x; }, () => Reflect.ownKeys(d), () => d.get(1),
            () => d.toString(), () => d.type, () => d.length, () => [...d], () => f(), () => f.call(null), () => d.copy(),
            () => pyodide.globals.set("x", d)];
        const messages = uses.map((use) => h.thrown(use).message);
        d.destroy();
        return [messages, d instanceof pyodide.ffi.PyProxy];
        """
    )
    for index, message in enumerate(got[0]):
        assert DESTROYED in message, index
    assert got[1] is True


@pytest.mark.spec("7.2/17")
def test_message_hint(rt: Runtime) -> None:
    """The message tells how to learn more; with debugging on it names type and repr."""
    got = rt.js(
        """
        const message = (source) => { const p = pyodide.runPython(source); p.destroy(); return h.thrown(() => p.x).message; };
        const plain = message("{}");
        const previous = pyodide.setDebug(true);
        try {
            const broken = "type('Temp', (), {'__repr__': lambda self: 1 / 0})()";
            return [previous, plain, message("{'a': 1}"), message(broken), pyodide.setDebug(true)];
        } finally {
            pyodide.setDebug(previous);
        }
        """
    )
    assert (got[0], got[4]) == (False, True)
    hint = "For more information about the cause of this error, use `pyodide.setDebug(true)`"
    # What follows these lines may say more, such as who owned the proxy.
    assert got[1].startswith(f"{DESTROYED}\n{hint}")
    assert got[2].startswith(
        f'{DESTROYED}\nThe object was of type "dict" and had repr "{{\'a\': 1}}"'
    )
    assert got[3].startswith(
        f'{DESTROYED}\nThe object was of type "Temp" and an error was raised when trying to generate its repr'
    )


def test_destroy_message(rt: Runtime) -> None:
    """A message given to destroy is the one of later errors."""
    got = rt.js(
        "const p = pyodide.runPython('{}'); p.destroy({ message: 'gone on purpose' }); return h.thrown(() => p.x).message;"
    )
    assert got.startswith("gone on purpose")


def test_destroy_with_null(rt: Runtime) -> None:
    """`null` for options means none."""
    got = rt.js(
        "const p = pyodide.runPython('{}'); p.destroy(null); return h.thrown(() => p.x).message;"
    )
    assert got.startswith(DESTROYED)


def test_copy_is_independent(rt: Runtime) -> None:
    """A copy has a life of its own and is the same object."""
    got = rt.js(
        """
        const p = pyodide.runPython("{'a': 1}"), c = p.copy();
        p.destroy();
        const r = [c.get("a"), h.thrown(() => p.get("a")).name];
        c.destroy();
        r.push(h.thrown(() => c.get("a")).name);
        return r;
        """
    )
    assert got == [1, "Error", "Error"]


def test_reference_counts(rt: Runtime) -> None:
    """A proxy holds one reference, copies one each, a cached method one, destroy gives them all back."""
    rt.py(
        "import sys\nclass A:\n    def m(self): pass\na = A()\ndef count(): return sys.getrefcount(a)"
    )
    got = rt.js(
        """
        const count = pyodide.globals.get("count");
        const base = count(), r = [];
        const p = pyodide.globals.get("a");
        r.push(count() - base);
        const c = p.copy();
        r.push(count() - base);
        p.m; p.m; c.m;
        r.push(count() - base);
        c.destroy();
        r.push(count() - base);
        p.destroy();
        r.push(count() - base);
        p.destroy();
        r.push(count() - base);
        count.destroy();
        return r;
        """
    )
    assert got == [1, 2, 3, 2, 0, 0]


def test_finalizer_runs_at_destroy(rt: Runtime) -> None:
    """Destroying the last reference runs `__del__`, which may call back into JavaScript."""
    rt.js("globalThis.log = [];")
    rt.py("import js\nclass A:\n    def __del__(self): js.note('gone')")
    rt.js("globalThis.note = (x) => { log.push(x); };")
    assert rt.js(
        "const p = pyodide.runPython('A()'); log.push('made'); p.destroy(); return log;"
    ) == ["made", "gone"]


@pytest.mark.parametrize("source", ["object()", "{}", "lambda: 1", "type('A', (), {})()"])
def test_forgotten_proxies_are_collected(rt: Runtime, source: str) -> None:
    """Proxies that nobody destroys give their Python object back when JavaScript's collector finds them."""
    got = rt.js(
        """
        const before = h.counts().pyProxies;
        (() => { for (let i = 0; i < 50; i++) pyodide.runPython(source); })();
        const made = h.counts().pyProxies - before;
        const done = await h.collect(() => h.counts().pyProxies === before);
        return [made > 0, done];
        """,
        source=source,
    )
    assert got == [True, True]


def test_forgotten_copies_and_attributes(rt: Runtime) -> None:
    """Copies and attribute proxies are collected too, and the objects die."""
    rt.py(
        "import weakref\nclass A: pass\na = A()\na.child = A()\nref = weakref.ref(a.child)\nalive = lambda: ref() is not None"
    )
    got = rt.js(
        """
        const before = h.counts().pyProxies;
        (() => { const p = pyodide.globals.get("a"); const c = p.child.copy(); p.child.x; })();
        pyodide.runPython("del a");
        const done = await h.collect(() => h.counts().pyProxies === before);
        return [done, pyodide.runPython("alive()")];
        """
    )
    assert got == [True, False]


def test_forgotten_create_proxy(rt: Runtime) -> None:
    """Even what `create_proxy` made is collected when neither side holds it."""
    rt.js("globalThis.before = h.counts().pyProxies;")
    rt.py(
        "from pyodide.ffi import create_proxy\nfor _ in range(20): create_proxy(lambda: 1)\nimport gc\n_ = gc.collect()"
    )
    assert rt.js("return h.collect(() => h.counts().pyProxies === before)") is True


def test_jsproxies_give_back_their_handle(rt: Runtime) -> None:
    """A JsProxy that dies in Python lets go of its JavaScript object."""
    got = rt.js(
        """
        const before = h.counts();
        const f = pyodide.runPython("lambda x: None");
        let ref;
        (() => { const big = { data: new Array(1000) }; ref = new WeakRef(big); f(big); f(big); })();
        f.destroy();
        const done = await h.collect(() => ref.deref() === undefined);
        const after = h.counts();
        return [done, after.jsRefs === before.jsRefs, after.jsProxies === before.jsProxies];
        """
    )
    assert got == [True, True, True]


def test_python_keeps_a_javascript_object(rt: Runtime) -> None:
    """A JavaScript object lives as long as Python holds it."""
    got = rt.js(
        """
        let ref;
        (() => { const o = { mark: 7 }; ref = new WeakRef(o); pyodide.globals.set("held", o); })();
        const early = await h.collect(() => ref.deref() === undefined);
        const mark = pyodide.runPython("held.mark");
        pyodide.runPython("del held");
        const late = await h.collect(() => ref.deref() === undefined);
        return [early, mark, late];
        """
    )
    assert got == [False, 7, True]


def test_calls_do_not_pile_up(rt: Runtime) -> None:
    """A hundred thousand calls of every kind leave the counters where they were."""
    rt.py("import js\nd = {}\ndef f(x): return None\nclass A: pass\na = A()")
    got = rt.js(
        """
        globalThis.g = (x) => undefined;
        globalThis.o = { p: {} };
        const f = pyodide.globals.get("f");
        const run = pyodide.runPython("lambda n: [js.g(d) for _ in range(n)] and None or [js.o.p for _ in range(n)] and None");
        const before = h.counts();
        for (let i = 0; i < 50_000; i++) f(o);
        run(25_000);
        const after = h.counts();
        f.destroy();
        run.destroy();
        return [before, after];
        """
    )
    assert got[0] == got[1]


def test_dispose(rt: Runtime) -> None:
    """`Symbol.dispose`, where the engine has it, destroys the proxy."""
    got = rt.js(
        """
        if (Symbol.dispose === undefined) return ["no Symbol.dispose", true];
        const p = pyodide.runPython("{}");
        p[Symbol.dispose]();
        return ["destroyed", h.thrown(() => p.x).message.startsWith("Object has already been destroyed")];
        """
    )
    assert got[1] is True

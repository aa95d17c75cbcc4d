"""PyProxies in odd places: names of functions, accessors, destruction in the middle, no lock, two interpreters."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime, dist_dir

LOCK_FREE = """
    const lockFree = (action) => {
      pyodide.FS.createDevice("/dev", "probe", undefined, action);
      try {
        pyodide.runPython("import os\\nfd = os.open('/dev/probe', os.O_WRONLY)\\nos.write(fd, b'x')\\nos.close(fd)\\ndel fd");
      } finally {
        pyodide.FS.unlink("/dev/probe");
      }
    };
"""

NAMES = "['prototype', 'name', 'length', 'caller', 'arguments']"


def test_class_attributes_with_names_of_functions(rt: Runtime) -> None:
    """Attributes of classes and instances that are named like properties of functions are Python's."""
    rt.py(
        "class Test:\n    prototype = 1\n    name = 2\n    length = 3\n    caller = 4\n    arguments = 5\nt = Test()\nt.name = 9"
    )
    got = rt.js(
        f"""
        const T = pyodide.globals.get("Test"), t = pyodide.globals.get("t");
        const r = [{NAMES}.map((n) => T[n]), {NAMES}.map((n) => t[n]), {NAMES}.map((n) => n in T)];
        for (const n of {NAMES}) T[n] = 7;
        r.push({NAMES}.map((n) => T[n]), h.thrown(() => {{ delete T.prototype; }}).name);
        delete T.name;
        delete T.length;
        r.push([T.name, T.length, "name" in T, "length" in T, "prototype" in T]);
        T.destroy(); t.destroy();
        return r;
        """
    )
    assert got == [
        [1, 2, 3, 4, 5],
        [1, 9, 3, 4, 5],
        [True] * 5,
        [7] * 5,
        "TypeError",
        [None, None, False, False, True],
    ]
    assert rt.py("[Test.prototype, Test.caller, hasattr(Test, 'name')]") == [7, 7, False]


def test_dict_method_has_no_names_of_functions(rt: Runtime) -> None:
    """A method has only the `prototype` that JavaScript insists on."""
    got = rt.js(
        """
        const d = pyodide.runPython("{}"), f = d.__getitem__;
        const r = ["prototype" in d, "caller" in d, "name" in d, "length" in d, "prototype" in f, f.prototype, "length" in f, "name" in f,
          d.get.type, d.$get.type, Object.getOwnPropertyNames(f).includes("__call__"), Reflect.ownKeys(f).includes("length")];
        d.destroy();
        return r;
        """
    )
    assert got == [
        False,
        False,
        False,
        True,
        True,
        None,
        False,
        False,
        None,
        "builtin_function_or_method",
        True,
        False,
    ]


def test_defined_properties(rt: Runtime) -> None:
    """Own properties win over Python, keep their attributes, and accessors run with the proxy as `this`."""
    rt.py("class A: pass\na = A()\na.x = 1\ndef f(): pass\nf.name = 'python'")
    got = rt.js(
        """
        const a = pyodide.globals.get("a"), f = pyodide.globals.get("f");
        Object.defineProperty(a, "x", { value: 5, writable: false, configurable: false });
        Object.defineProperty(a, "y", { value: 6, writable: true, configurable: true });
        let seen;
        Object.defineProperty(a, "z", { get() { return this === a; }, set(v) { seen = [this === a, v]; } });
        Object.defineProperty(f, "name", { value: "mine", writable: true, configurable: true });
        const r = [a.x, h.thrown(() => { a.x = 2; }).name, h.thrown(() => { delete a.x; }).name, a.y];
        a.y = 7;
        r.push(a.y, delete a.y, a.y, a.z);
        a.z = 3;
        r.push(seen, h.thrown(() => { delete a.z; }).name, f.name, "name" in f, Object.getOwnPropertyDescriptor(f, "name").value, delete f.name, f.name);
        a.destroy(); f.destroy();
        return r;
        """
    )
    assert got == [
        5,
        "TypeError",
        "TypeError",
        6,
        7,
        True,
        None,
        True,
        [True, 3],
        "TypeError",
        "mine",
        True,
        "mine",
        True,
        "python",
    ]
    assert rt.py("a.x") == 1


@pytest.mark.spec("13.5/11")
def test_length_only(rt: Runtime) -> None:
    """An object with a length and nothing else: read-only, not deletable, no JSON view; callables too."""
    rt.py(
        "class L:\n    def __len__(self): return 5\nclass C(L):\n    def __call__(self): return 1\nobjects = [L(), C()]"
    )
    got = rt.js(
        """
        return [0, 1].map((i) => {
          const p = pyodide.globals.getProxy("objects").getProxy(i);
          const r = [p.length, h.thrown(() => { p.length = 1; }).name, delete p.length, p.length, "length" in p, p.asJsJson === undefined, typeof p];
          p.destroy();
          return r;
        });
        """
    )
    assert got == [[5, "TypeError", True, 5, True, True, kind] for kind in ("object", "function")]


def test_destroyed_while_in_use(rt: Runtime) -> None:
    """An operation during which its proxy is destroyed ends in an error or a value, never in a crash."""
    rt.py(
        """
        class Suicidal:
            def __init__(self): self.end = None
            def __getattr__(self, name):
                self.end(); return name
            def __getitem__(self, i):
                self.end(); return i
            def __len__(self):
                self.end(); return 1
            def __str__(self):
                self.end(); return 'text'
            def __call__(self, *args):
                self.end(); return len(args)
            def __iter__(self):
                self.end(); return iter([1])
        """
    )
    got = rt.js(
        """
        const make = () => { const p = pyodide.runPython("Suicidal()"); p.end = () => p.destroy(); return p; };
        const evil = (p) => new Proxy({}, { ownKeys() { p.destroy(); return []; } });
        const uses = [(p) => p.missing, (p) => p.get(4), (p) => p.length, (p) => String(p), (p) => p(1, 2), (p) => [...p].length];
        const r = uses.map((use) => use(make()));
        const errors = [(p) => p(evil(p)), (p) => { p.x = evil(p); }, (p) => p.get(evil(p)), (p) => p.callKwargs(evil(p), { a: 1 })];
        r.push(errors.map((use) => { const p = pyodide.runPython("Suicidal()"); return h.thrown(() => use(p)).message.split("\\n")[0]; }));
        return r;
        """
    )
    assert got == ["missing", 4, 1, "text", 2, 1, ["Object has already been destroyed"] * 4]


def test_cached_attribute_destroyed_by_its_reading(rt: Runtime) -> None:
    """A property whose getter destroys the proxy of its previous value gives a living one."""
    rt.py(
        "class A:\n    hook = None\n    value = {1}\n    @property\n    def p(self):\n        if self.hook: self.hook()\n        return self.value\na = A()"
    )
    got = rt.js(
        """
        const a = pyodide.globals.get("a");
        const first = a.p;
        a.hook = () => first.destroy();
        const second = a.p;
        const r = [second === first, second.has(1), h.thrown(() => first.has(1)).message.split("\\n")[0]];
        a.destroy();
        return r;
        """
    )
    assert got == [False, True, "Object has already been destroyed"]
    rt.py("A.hook = None; a.hook = None")


def test_without_the_lock(rt: Runtime) -> None:
    """In JavaScript that runs while Python has let go of its lock, each operation is a NoGilError, and nothing breaks."""
    rt.py("class A:\n    def __call__(self): return 1\n    def __len__(self): return 2\na = A()")
    got = rt.js(
        LOCK_FREE
        + """
        const a = pyodide.globals.get("a");
        const names = [];
        const uses = [() => a.x, () => { a.x = 1; }, () => "x" in a, () => delete a.x, () => a(), () => a.length, () => String(a), () => a.copy(), () => Object.keys(a)];
        lockFree(() => uses.forEach((use) => { try { use(); names.push("none"); } catch (e) { names.push(e.name); } }));
        const r = [names, a(), a.length];
        a.destroy();
        return r;
        """
    )
    assert got == [["NoGilError"] * 9, 1, 2]


def test_destroy_without_the_lock(rt: Runtime) -> None:
    """destroy() is refused too; the reference is given back later."""
    rt.py("import weakref\nclass A: pass\na = A()\nr = weakref.ref(a)")
    got = rt.js(
        LOCK_FREE
        + """
        const a = pyodide.globals.get("a");
        pyodide.runPython("del a");
        let name;
        lockFree(() => { try { a.destroy(); } catch (e) { name = e.name; } });
        pyodide.runPython("{1}").destroy();
        return [name, pyodide.runPython("r() is None"), h.thrown(() => a.x).message.split("\\n")[0]];
        """
    )
    assert got == ["NoGilError", True, "Object has already been destroyed"]


def test_debug_message_of_a_failing_repr(rt: Runtime) -> None:
    """With debugging on, the error for a destroyed proxy tells what the object was, also when its repr fails."""
    rt.py("class Temp:\n    def __repr__(self): raise RuntimeError('no')\nt = Temp()")
    got = rt.js(
        """
        const before = pyodide.setDebug(true);
        try {
          const t = pyodide.globals.get("t");
          t.destroy();
          return h.thrown(() => t.x).message;
        } finally { pyodide.setDebug(before); }
        """
    )
    assert got.split("\n")[:2] == [
        "Object has already been destroyed",
        'The object was of type "Temp" and an error was raised when trying to generate its repr',
    ]


@pytest.mark.keeps_state
def test_first_promise(rt: Runtime) -> None:
    """The first promise starts the event loop, which keeps a few JavaScript objects from then on."""
    rt.js("await pyodide.runPythonAsync('import js; await js.Promise.resolve(1)');")


def test_argument_proxies_of_a_promise(rt: Runtime) -> None:
    """Arguments of a function that returns a promise live until it settles."""
    rt.py("import js\nd = {1}")
    got = rt.js(
        """
        let kept, release;
        globalThis.later = (x) => { kept = x; return new Promise((done) => { release = done; }); };
        pyodide.runPython("import js\\njs.later(d)\\nNone");
        const during = kept.has(1);
        release();
        await new Promise((done) => setTimeout(done, 0));
        delete globalThis.later;
        return [during, h.thrown(() => kept.has(1)).message.split("\\n")[0].startsWith("This borrowed proxy was automatically destroyed")];
        """
    )
    assert got == [True, True]


@pytest.mark.modes("proxy")
def test_second_interpreter(rt: Runtime) -> None:
    """To another interpreter of the realm a proxy is a foreign object, and each interpreter keeps its own."""
    got = rt.js(
        """
        const { loadPyodide } = await import(entry);
        const other = await loadPyodide({ conversion: "proxy" });
        const mine = pyodide.runPython("[1, 'two']"), theirs = other.runPython("[3, 4]");
        const type = pyodide.runPython("lambda x: type(x).__name__"), otherType = other.runPython("lambda x: type(x).__name__");
        const first = pyodide.runPython("lambda x: x[0]");
        const r = [type(mine), type(theirs), otherType(theirs), otherType(mine), first(theirs), pyodide.runPython("lambda x: x")(theirs) === theirs];
        theirs.destroy();
        r.push(h.thrown(() => first(theirs)).name, mine.get(1));
        for (const p of [mine, type, otherType, first]) p.destroy();
        return r;
        """,
        entry=str(dist_dir() / "pyodide.mjs"),
    )
    assert got[:4] == ["list", "JsProxy", "list", "JsProxy"]
    # Python finds that it is destroyed: when it is wrapped, or when it is used.
    assert got.pop(6) in ("Error", "PythonError")
    assert got[4:] == [3, True, "two"]


def test_once_callable(rt: Runtime) -> None:
    """A callable for one call says so when it is called again, and gives its function back."""
    rt.py(
        "import sys, js\nfrom pyodide.ffi import create_once_callable\ndef f(x): return x + 1\nbase = sys.getrefcount(f)"
    )
    got = rt.js(
        """
        const make = () => { let f; globalThis.take = (g) => { f = g; }; pyodide.runPython("js.take(create_once_callable(f)); None"); delete globalThis.take; return f; };
        const one = make(), two = make();
        const r = [one(1), h.thrown(() => one(1)).message.split("\\n")[0], h.thrown(() => one.destroy()).name];
        two.destroy();
        r.push(h.thrown(() => two.destroy()).name, h.thrown(() => two(1)).name, pyodide.runPython("import gc; gc.collect(); sys.getrefcount(f) - base"));
        return r;
        """
    )
    assert got == [2, "OnceProxy can only be called once", "Error", "Error", "Error", 0]

"""Ways of calling a PyProxy beside `p()`: call, apply, bind, captureThis, keyword arguments, relaxed calls."""

from __future__ import annotations

import pytest

from harness.runtime import Runtime

SHOW = "def show(*args, **kwargs): return repr(args) + repr(kwargs)"


def on_show(rt: Runtime, body: str) -> object:
    """Run JavaScript with a proxy `f` of a function that shows its arguments."""
    rt.py(SHOW)
    return rt.js(
        f"const f = pyodide.globals.get('show'); try {{ {body} }} finally {{ f.destroy(); }}"
    )


@pytest.mark.spec("4.7/2", "4.7/8")
def test_call_and_bind(rt: Runtime) -> None:
    """`this` is ignored, bound arguments come first and pile up."""
    got = on_show(
        rt,
        """
        const b = f.bind(0, 1, 2);
        return [f.call(9, 1), b(3), b.bind(5, 4)(5), b.call(7, 8), b.callKwargs({ x: 1 }), b.callRelaxed(6), typeof b];
        """,
    )
    assert got == [
        "(1,){}",
        "(1, 2, 3){}",
        "(1, 2, 4, 5){}",
        "(1, 2, 8){}",
        "(1, 2){'x': 1}",
        "(1, 2, 6){}",
        "function",
    ]


@pytest.mark.spec("4.7/3", "13.5/22")
def test_capture_this(rt: Runtime) -> None:
    """`this` is the first argument; a bound one wins over the call's own and the first bound one sticks."""
    got = on_show(
        rt,
        """
        const c = f.captureThis();
        return [
          c.call(1, 2), c.bind(1).bind(2)(3), f.bind(1, 2).bind(5, 6).captureThis()(7),
          c.apply(3, [4]), c(1), c.callKwargs({ y: 2 }),
        ];
        """,
    )
    assert got == [
        "(1, 2){}",
        "(1, 3){}",
        "(1, 2, 6, 7){}",
        "(3, 4){}",
        "(None, 1){}",
        "(None,){'y': 2}",
    ]


@pytest.mark.spec("4.7/3")
def test_capture_this_of_a_method(rt: Runtime) -> None:
    """Put on an object, a capturing function receives that object."""
    got = on_show(
        rt,
        "pyodide.runPython('def me(self, x): return self, x'); const g = pyodide.globals.get('me').captureThis(); const o = { g }; const r = o.g(1); const back = r.get ? r.get(0) : r[0]; return back === o;",
    )
    assert got is True


@pytest.mark.spec("4.7/2", "4.10/8")
def test_aliases_share_a_life(rt: Runtime) -> None:
    """Aliases take no reference of their own and die with the original."""
    rt.py(SHOW + "\nimport sys")
    got = rt.js(
        """
        const count = () => pyodide.runPython("sys.getrefcount(show)");
        const before = count();
        const f = pyodide.globals.get("show");
        const one = count();
        const aliases = [f.bind(0, 1), f.captureThis(), f.bind(2).captureThis()];
        const many = count();
        f.destroy();
        return [one - before, many - before, count() - before, ...aliases.map((a) => h.thrown(() => a()).message.split("\\n")[0])];
        """
    )
    assert got[:3] == [1, 1, 0]
    assert set(got[3:]) == {"Object has already been destroyed"}


@pytest.mark.spec("4.7/1", "13.5/21")
def test_apply_takes_what_function_apply_takes(rt: Runtime) -> None:
    """Array-likes, null and undefined are accepted, primitives are a TypeError, exactly as for a JavaScript function."""
    got = on_show(
        rt,
        """
        const js = (...args) => args.length;
        const sized = (s) => (s === "(){}" ? 0 : s.slice(1, -3).replace(/,$/, "").split(",").length);
        const cases = [undefined, null, {}, { length: 2, 0: 1, 1: 2 }, { 0: 1 }, [1, 2, 3], function (a, b) {}, [], { length: "2" }, 1, "abc", 1n, Symbol("s"), true];
        return cases.map((list) => {
          let expected, got;
          try { expected = js.apply(null, list); } catch (e) { expected = e.name; }
          try { got = sized(f.apply(null, list)); } catch (e) { got = e.name; }
          return [expected, got];
        });
        """,
    )
    assert isinstance(got, list)
    assert [one for one in got if one[0] != one[1]] == []
    assert got[-5:] == [["TypeError", "TypeError"]] * 5


@pytest.mark.spec("4.7/4", "4.7/7", "13.5/19")
def test_call_kwargs(rt: Runtime) -> None:
    """The vectors of a function with defaults, and Python's own complaints."""
    rt.py("def f(x=2, y=3): return [x, y]")
    got = rt.js(
        """
        const f = pyodide.globals.get("f");
        const list = (r) => (Array.isArray(r) ? r : [r.get(0), r.get(1)]);
        const r = [f(), f(7), f.callKwargs({ y: 4 }), f.callKwargs(8, { y: 4 }), f.callKwargs(Object.create(null))].map(list);
        const errors = [() => f.callKwargs(76, { x: 6 }), () => f.callKwargs({ z: 6 }), () => f.callKwargs(), () => f.callKwargs(1),
          () => f.callKwargs(null), () => f.callKwargs(new Map()), () => f.callWithOptions({ kwargs: true })].map(h.thrown);
        return [r, errors.map((e) => [e.name, e.message.trim().split("\\n").at(-1)])];
        """
    )
    assert got[0] == [[2, 3], [7, 3], [2, 4], [8, 4], [2, 3]]
    errors = got[1]
    assert errors[0] == ["PythonError", "TypeError: f() got multiple values for argument 'x'"]
    assert errors[1] == ["PythonError", "TypeError: f() got an unexpected keyword argument 'z'"]
    missing = "requires at least one argument (the key word argument object)"
    assert errors[2] == ["TypeError", f"callKwargs {missing}"]
    assert errors[3:6] == [["TypeError", "kwargs argument is not an object"]] * 3
    assert errors[6] == ["TypeError", f"callWithOptions with 'kwargs: true' {missing}"]


@pytest.mark.spec("4.7/5", "13.5/20")
def test_call_relaxed(rt: Runtime) -> None:
    """Surplus arguments are dropped, missing ones are still a TypeError; options combine."""
    rt.py("def f(a, b=5): return a * 10 + b\ndef g(a, *, k=0): return a + k")
    got = rt.js(
        """
        const f = pyodide.globals.get("f"), g = pyodide.globals.get("g");
        const r = [
          f.callRelaxed(1), f.callRelaxed(1, 2), f.callRelaxed(1, 2, 3), f.callRelaxed(1, 2, 3, 4), h.thrown(() => f.callRelaxed()).type,
          f.callWithOptions({ relaxed: true }, 1, 2, 3), f.callWithOptions({}, 1, 2), h.thrown(() => f.callWithOptions({}, 1, 2, 3)).type,
          g.callKwargsRelaxed(1, 2, 3, { k: 5 }), g.callWithOptions({ relaxed: true, kwargs: true }, 1, 2, { k: 7 }),
        ];
        return r;
        """
    )
    assert got == [15, 12, 12, 12, "TypeError", 12, 12, "TypeError", 6, 8]


@pytest.mark.parametrize("count", range(12))
def test_numbers_of_arguments(rt: Runtime, count: int) -> None:
    """Any number of arguments arrives in order, objects among them too."""
    rt.py(
        "def f(*args): return [type(a).__name__ for a in args], [a for a in args if isinstance(a, int)], [a.n for a in args if not isinstance(a, int)]"
    )
    got = rt.js(
        """
        const f = pyodide.globals.get("f");
        const args = Array.from({ length: count }, (_, i) => (i % 2 ? { n: i } : i));
        const r = f(...args);
        return Array.isArray(r) ? r : [0, 1, 2].map((i) => { const part = r.get(i); return Array.from(part); });
        """,
        count=count,
    )
    assert [sorted([*got[1], *got[2]]), len(got[0])] == [list(range(count)), count]


def test_calls_under_a_getter_that_calls(rt: Runtime) -> None:
    """Looking at an argument may run code that calls Python itself; the frame survives it."""
    rt.py("def f(*args): return len(args)\ndef total(*args): return sum(a.n for a in args)")
    got = rt.js(
        """
        const f = pyodide.globals.get("f"), total = pyodide.globals.get("total");
        const nosy = (n) => new Proxy({ n }, { has(t, k) { f({}, {}, {}, {}, {}, {}); return k in t; } });
        return total(nosy(1), nosy(2), nosy(3), nosy(4), nosy(5), nosy(6));
        """
    )
    assert got == 21


@pytest.mark.spec("4.7/1")
def test_this_and_arguments(rt: Runtime) -> None:
    """`this` is ignored by calls, `call` and `apply`; Function.prototype's own methods do the same."""
    got = on_show(
        rt,
        """
        const F = Function.prototype;
        return [f(), f(1, 2), f.call(), f.call(9), f.call(9, 1), f.apply(), f.apply(9), f.apply(9, [1, 2]), ({ f }).f(1),
          Reflect.apply(f, 9, [1]), F.call.call(f, 9, 1), F.apply.call(f, 9, [1]), F.bind.call(f, 9, 1)(2)];
        """,
    )
    assert got == [
        *("(){}", "(1, 2){}", "(){}", "(){}", "(1,){}", "(){}", "(){}", "(1, 2){}", "(1,){}"),
        *("(1,){}", "(1,){}", "(1,){}", "(1, 2){}"),
    ]


@pytest.mark.spec("4.7/7", "13.5/20")
@pytest.mark.parametrize("count", range(5))
def test_options_agree_with_the_methods(rt: Runtime, count: int) -> None:
    """callWithOptions gives what the method of the same options gives, with 0 to 4 arguments; surplus ones are dropped."""
    rt.py("def f(a, b=5, *, k=0): return repr((a, b, k))\ndef g(*args): return repr(args)")
    got = rt.js(
        """
        const outcome = (use) => { try { return use(); } catch (e) { return e.type ?? e.name; } };
        const args = Array.from({ length: count }, (_, i) => i);
        const r = [];
        for (const name of ["f", "g"]) {
          const f = pyodide.globals.get(name);
          const kw = name === "f" ? { k: 7 } : {};
          r.push([() => f(...args), () => f.callWithOptions({}, ...args)], [() => f.callRelaxed(...args), () => f.callWithOptions({ relaxed: true }, ...args)],
            [() => f.callKwargs(...args, kw), () => f.callWithOptions({ kwargs: true }, ...args, kw)],
            [() => f.callKwargsRelaxed(...args, kw), () => f.callWithOptions({ relaxed: true, kwargs: true }, ...args, kw)]);
        }
        return r.map((pair) => pair.map(outcome));
        """,
        count=count,
    )
    strict = "TypeError" if count in (0, 3, 4) else f"(0, {1 if count > 1 else 5}, 0)"
    relaxed = "TypeError" if count == 0 else f"(0, {1 if count > 1 else 5}, 0)"
    everything = repr(tuple(range(count)))
    assert got == [
        *([strict] * 2, [relaxed] * 2),
        *([strict.replace("0)", "7)")] * 2, [relaxed.replace("0)", "7)")] * 2),
        *[[everything] * 2] * 4,
    ]


@pytest.mark.spec("4.7/8")
def test_every_way_of_calling_honours_the_binding(rt: Runtime) -> None:
    """Bound arguments and captured `this` reach Python whichever way the alias is called."""
    got = on_show(
        rt,
        """
        const b = f.bind(0, 1), c = f.captureThis(), cb = f.captureThis().bind("t", 1);
        return [b, c, cb].map((p) => [p(2), p.call("s", 2), p.apply("s", [2]), p.callRelaxed(2), p.callKwargs(2, { k: 3 }), p.callKwargsRelaxed(2, { k: 3 }), p.callWithOptions({ kwargs: true }, 2, { k: 3 })]);
        """,
    )
    plain = "(1, 2){}"
    named = "(1, 2){'k': 3}"
    captured = "('t', 1, 2){}"
    captured_named = "('t', 1, 2){'k': 3}"
    nothing, this = "(None, 2){}", "('s', 2){}"
    assert got == [
        [plain] * 4 + [named] * 3,
        [nothing, this, this, nothing] + ["(None, 2){'k': 3}"] * 3,
        [captured] * 4 + [captured_named] * 3,
    ]


@pytest.mark.spec("4.7/4")
def test_what_keyword_objects_may_be(rt: Runtime) -> None:
    """Plain objects of any realm and null prototype; everything else is the TypeError; odd keys are Python's business."""
    got = on_show(
        rt,
        """
        const { runInNewContext } = await import("node:vm");
        class Mine {}
        const wrong = [1, "x", null, undefined, [], new Map(), new Mine(), Mine, () => 1, pyodide.toPy({}), Symbol("s"), Object.create({ a: 1 }), new Date(0)];
        const r = [...new Set(wrong.map((w) => { const e = h.thrown(() => f.callKwargs(1, w)); return `${e.name}: ${e.message}`; }))];
        r.push(f.callKwargs({}), f.callKwargs(Object.create(null)), f.callKwargs(runInNewContext("({ a: 1 })")), f.callKwargs({ "a b": 1, "": 2 }), f.callKwargs(JSON.parse('{"__proto__": 3}')));
        r.push(f.callKwargs({ a: 1, [Symbol("s")]: 2 }), h.thrown(() => f.callKwargs({ get a() { throw new RangeError("getter"); } })).name);
        const options = [undefined, null].map((o) => h.thrown(() => f.callWithOptions(o)).name);
        return [...r, options];
        """,
    )
    assert got == [
        "TypeError: kwargs argument is not an object",
        *("(){}", "(){}", "(){'a': 1}", "(){'a b': 1, '': 2}", "(){'__proto__': 3}"),
        *("(){'a': 1}", "RangeError"),
        ["TypeError", "TypeError"],
    ]


@pytest.mark.spec("4.7/9", "4.7/11")
def test_conversion_of_arguments_and_results(rt: Runtime) -> None:
    """Arguments and results cross by the implicit rule; objects are Python's while it keeps them; proxies are unwrapped."""
    rt.py(
        """
        kept = []
        d = {}
        def names(*args): kept.extend(args); return " ".join(type(a).__name__ for a in args)
        def same(x): return x
        def is_d(x): return x is d
        """
    )
    got = rt.js(
        """
        const g = (name) => pyodide.globals.get(name);
        const names = g("names"), same = g("same"), d = g("d"), isD = g("is_d");
        const o = { a: 1 };
        const r = [names(1, 1.5, "x", true, undefined, null, 10n, o, new Map(), () => 1, d), same(o) === o, pyodide.runPython("kept[7].a")];
        const back = same(d);
        r.push(isD(d), isD(back), back === d, d.length);
        back.destroy();
        return [...r, d.length, same(undefined), same(1e300), same(2n ** 70n) === 2n ** 70n];
        """
    )
    assert got == [
        "int float str bool NoneType JsNull JsBigInt JsProxy JsProxy JsProxy dict",
        *(True, 1, True, True, False, 0, 0, None, 1e300, True),
    ]
    rt.py("kept.clear()")


@pytest.mark.keeps_state
def test_first_task(rt: Runtime) -> None:
    """The first coroutine starts the event loop, which keeps a few JavaScript objects from then on."""
    rt.js("await pyodide.runPythonAsync('import asyncio; await asyncio.sleep(0)');")


@pytest.mark.spec("4.7/10", "13.5/23")
def test_coroutine_functions_are_scheduled(rt: Runtime) -> None:
    """What inspect.iscoroutinefunction knows as such is started by its call, in every way of calling; nothing else is."""
    rt.py(
        """
        import asyncio, functools, inspect
        log = []
        async def co(x): log.append(x)
        def sync(x): return co(x)
        class C:
            async def method(self, x): log.append(x)
            @staticmethod
            async def static(x): log.append(x)
            @classmethod
            async def cls(cls, x): log.append(x)
            async def __call__(self, x): log.append(x)
        c = C()
        partial = functools.partial(co, "partial")
        marked = inspect.markcoroutinefunction(lambda x: co(x))
        """
    )
    rt.js(
        """
        const g = (name) => pyodide.globals.get(name);
        const co = g("co");
        co("call");
        co.call(0, "call()"); co.apply(0, ["apply()"]); co.bind(0, "bind")(); co.captureThis().bind("this")(); co.callKwargs({ x: "kwargs" }); co.callRelaxed("relaxed", 1); co.callWithOptions({}, "options");
        g("c").method("method"); g("C").static("static"); g("C").cls("class"); g("partial")(); g("marked")("marked");
        setTimeout(co, 1, "timeout");
        const started = [g("sync")("sync"), g("c")("instance")];
        await new Promise((done) => setTimeout(done, 30));
        for (const coroutine of started) coroutine.$close();
        """
    )
    assert rt.py("log") == [
        *("call", "call()", "apply()", "bind", "this", "kwargs", "relaxed", "options"),
        *("method", "static", "class", "partial", "marked", "timeout"),
    ]

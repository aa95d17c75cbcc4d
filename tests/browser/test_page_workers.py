"""`workers.mjs` in the browsers: pages with and without shared memory, input, interrupts, deaths, and pages that go."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import Browser

pytestmark = pytest.mark.slow

PRELUDE = """
    const W = await import(new URL("../dist/workers.mjs", location.href));
    const { startWorker, startPool, transfer } = W;
    const caught = async (promise) => { try { await promise; } catch (e) { return [e.name, e.type ?? e.reason ?? "-", e.message]; } return "no error"; };
"""


def run(browser: Browser, prefix: str, body: str, *args: Any) -> Any:
    """Run JavaScript in an empty page under a prefix of the server."""
    browser.open(f"/{prefix}/pages/empty.html")
    return browser.run(PRELUDE + body, *args)


@pytest.mark.parametrize("prefix", ["plain", "isolated", "csp"])
def test_live_objects(browser: Browser, prefix: str) -> None:
    """Objects, functions in both directions, errors and moved buffers."""
    got = run(
        browser,
        prefix,
        """
        const said = [];
        const worker = await startWorker({ stdout: (text) => said.push(text) });
        const f = await worker.run(`
        async def f(g, b):
            print(await g({"n": 1}), end="")
            return b.byteLength
        f`.replaceAll("\\n        ", "\\n"));
        const bytes = new Uint8Array(5);
        const size = await f(async (d) => (await d.get("n")) + 1, transfer(bytes, [bytes.buffer]));
        const items = [];
        for await (const item of await worker.run("range(2)")) items.push(item);
        const error = await caught(worker.run("1/0"));
        worker.terminate();
        return [size, bytes.length, items, said.join(""), error.slice(0, 2), worker.canInterrupt === crossOriginIsolated];
        """,
    )
    assert got == [5, 0, [0, 1], "2", ["PythonError", "ZeroDivisionError"], True]


def test_input_and_interrupts_with_shared_memory(browser: Browser) -> None:
    """In an isolated page input() works everywhere and busy loops can be interrupted."""
    got = run(
        browser,
        "isolated",
        """
        const prompts = [];
        let begun;
        const start = new Promise((resolve) => (begun = resolve));
        const worker = await startWorker({
            stdin: async (prompt) => { prompts.push(prompt); return "Ada"; },
            stdout: (text) => { if (text.includes("busy")) begun(); },
        });
        const name = await worker.run("input('Name? ')");
        // runPython cannot wait for promises; with shared memory it need not.
        const plain = await worker.pyodide.runPython("input()");
        const busy = caught(worker.run("print('busy')\\nwhile True: pass"));
        await start;
        worker.interrupt();
        const r = [name, plain, prompts, (await busy)[1], await worker.run("1 + 1")];
        worker.terminate();
        return r;
        """,
    )
    assert got == ["Ada", "Ada", ["Name? ", "Name? "], "KeyboardInterrupt", 2]


def test_input_and_interrupts_by_switching_stacks(browser: Browser) -> None:
    """In other pages input() and interrupts work where Python may wait; elsewhere there is an error that says why."""
    got = run(
        browser,
        "plain",
        """
        let begun;
        const start = new Promise((resolve) => (begun = resolve));
        const worker = await startWorker({
            stdin: (prompt) => new Promise((resolve) => { if (prompt === "") resolve("Ada"); else begun(); }),
        });
        const refused = await caught(worker.pyodide.runPython("input()"));
        const can = typeof WebAssembly.Suspending === "function";
        const r = [can, refused];
        if (can) {
            r.push(await worker.run("def f(): return input()\\nf()"));
            const f = await worker.globals.get("f");
            r.push(await f());
            const waiting = caught(worker.run("input('?')"));
            await start;
            worker.interrupt();
            r.push((await waiting)[1]);
            worker.interrupt();
        } else {
            r.push(await caught(worker.run("input()")));
        }
        r.push(await worker.run("1 + 1"));
        worker.terminate();
        return r;
        """,
    )
    can, refused, *rest = got
    assert refused[1] == "UnsupportedOperation" and "cross-origin isolated" in refused[2]
    if can:
        assert rest == ["Ada", "Ada", "KeyboardInterrupt", 2]
    else:
        assert rest[0][1] == "UnsupportedOperation" and rest[1] == 2


def test_deaths(browser: Browser) -> None:
    """A worker that closes itself, ends without a word, or cannot be loaded is a WorkerError for all that wait."""
    got = run(
        browser,
        "plain",
        """
        const wait = "import asyncio; await asyncio.sleep(1e6)";
        const polite = await startWorker();
        const first = caught(polite.run(wait));
        const r = [await caught(polite.run("import js; js.close()\\n" + wait)), await first, await caught(polite.run("1"))];
        const silent = await startWorker({ worker: () => new Worker("abrupt.mjs", { type: "module" }) });
        const second = caught(silent.run(wait));
        const last = caught(silent.run("import js; js.endAtOnce()\\n" + wait));
        r.push(await last, await second);
        r.push(await caught(startWorker({ worker: () => new Worker("nowhere.mjs", { type: "module" }) })));
        r.push(await caught(startWorker({ load: { indexURL: "/plain/nowhere/" } })));
        return r;
        """,
    )
    assert [row[:2] for row in got[:5]] == [["WorkerError", "died"]] * 5
    assert "closed itself" in got[0][2]
    assert got[5][:2] == ["WorkerError", "not started"]
    assert got[6][0] == "RuntimeFileError" and "nowhere" in got[6][2]


def test_page_that_goes(browser: Browser) -> None:
    """Who waits for a worker of a page that is closed while it loads gets a WorkerError."""
    got = run(
        browser,
        "plain",
        """
        const frame = document.createElement("iframe");
        frame.src = location.href;
        const loaded = new Promise((resolve) => (frame.onload = resolve));
        document.body.append(frame);
        await loaded;
        const begun = new Promise((resolve) => (globalThis.begun = resolve));
        const script = frame.contentDocument.createElement("script");
        script.type = "module";
        script.textContent = `
            import { startWorker } from "../dist/workers.mjs";
            parent.begun([startWorker({ onProgress: () => parent.progressed() })]);
        `;
        const progressed = new Promise((resolve) => (globalThis.progressed = resolve));
        frame.contentDocument.body.append(script);
        const [starting] = await begun;
        const outcome = new Promise((resolve) => starting.catch((e) => resolve([e.name, e.reason, e.message])));
        await progressed;
        frame.remove();
        return outcome;
        """,
    )
    assert got[:2] == ["WorkerError", "terminated"]


def test_pool(browser: Browser) -> None:
    """Several workers share the work; buffers are moved there and back."""
    got = run(
        browser,
        "isolated",
        """
        const pool = await startPool({ size: 2, setup: "def invert(b): return bytes(255 - x for x in b.to_py())" });
        const parts = [new Uint8Array([0, 1]), new Uint8Array([2]), new Uint8Array([255])];
        const results = await pool.map("invert", parts, { transfer: (part) => [part.buffer] });
        pool.terminate();
        return [results.map((b) => [b.constructor.name, ...b]), parts.map((b) => b.length)];
        """,
    )
    assert got == [
        [["Uint8Array", 255, 254], ["Uint8Array", 253], ["Uint8Array", 0]],
        [0, 0, 0],
    ]

"""The example page of workers, and the programs in docs/workers.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsing import Browser, Chromium

pytestmark = pytest.mark.slow

DOCS = Path(__file__).resolve().parents[2] / "docs"
DONE = """
    const until = async (test) => { while (!test()) await new Promise((resolve) => setTimeout(resolve, 10)); };
    const element = (id) => document.getElementById(id);
"""


def test_documentation(browser: Browser) -> None:
    """Each program of the page does what its comments say."""
    text = (DOCS / "workers.md").read_text()
    blocks = re.findall(r"```js\n(.*?)```", text, re.S)
    program = "\n".join(blocks)
    expected = [line for told in re.findall(r"// → (.*)", program) for line in told.split(" ⏎ ")]
    assert len(blocks) == 8 and len(expected) > 15
    program = re.sub(r'import (\{.*?\}) from "pyodide/workers";', r"var \1 = W;", program)
    browser.open("/isolated/pages/empty.html")
    got = browser.run(
        """
        const W = await import(new URL("../dist/workers.mjs", location.href));
        const said = [];
        const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
        const console = { log: (...values) => said.push(values.map(text).join(" ")) };
        """
        + program
        + "\nreturn said;"
    )
    assert got == expected


def test_example(chromium: Chromium) -> None:
    """The example asks, can be stopped, and draws its picture."""
    chromium.open("/isolated/examples/worker/index.html")
    got = chromium.run(
        DONE
        + """
        await started;
        element("run").click();
        await until(() => !element("ask").hidden);
        element("answer").value = "Ada";
        element("ask").requestSubmit();
        await until(() => element("run").disabled === false);
        const first = element("output").textContent;
        const colour = element("output").style.background;
        element("code").value = "print('busy')\\nwhile True: pass";
        element("run").click();
        await until(() => element("output").textContent.includes("busy"));
        element("stop").click();
        await until(() => element("run").disabled === false);
        return [first, colour, element("output").textContent];
        """
    )
    assert "Hello Ada" in got[0] and "done" in got[0]
    assert got[1] == "rgb(238, 246, 232)"
    assert "KeyboardInterrupt" in got[2]
    colours = chromium.run(
        DONE
        + """
        element("draw").click();
        await until(() => element("state").textContent === "drawn");
        const { data } = element("picture").getContext("2d").getImageData(0, 0, 360, 270);
        return new Set(new Uint32Array(data.buffer)).size;
        """
    )
    assert colours > 20

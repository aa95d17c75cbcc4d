"""The example page of numpy and canvases."""

from __future__ import annotations

from browsing import Chromium

READY = """
    const until = async (test) => { while (!test()) await new Promise((resolve) => setTimeout(resolve, 10)); };
    const element = (id) => document.getElementById(id);
    const click = (name) => document.querySelector(`button[value=${name}]`).click();
    const colour = (id, x, y) => [...element(id).getContext("2d").getImageData(x, y, 1, 1).data];
    await until(() => !element("animate").disabled);
"""


def test_filters(chromium: Chromium) -> None:
    """Each button changes the picture as its name says, and pictures go both ways."""
    chromium.open("/plain/examples/canvas/index.html")
    got = chromium.run(
        READY
        + """
        const seen = { first: [colour("picture", 5, 5), colour("picture", 160, 120)] };
        for (const name of ["invert", "grey", "edges", "blur"]) {
            element("reset").click();
            click(name);
            await until(() => element("state").textContent.startsWith(name));
            seen[name] = [colour("picture", 5, 5), colour("picture", 160, 120), colour("picture", 20, 5)];
        }
        return seen;
        """
    )
    white, red = [255, 255, 255, 255], [208, 64, 32, 255]
    assert got["first"] == [white, red]
    assert got["invert"][:2] == [[0, 0, 0, 255], [47, 191, 223, 255]]
    # 0.299 * 208 + 0.587 * 64 + 0.114 * 32
    assert got["grey"][1] == [103, 103, 103, 255]
    assert got["edges"][:2] == [[0, 0, 0, 255]] * 2 and got["edges"][2] == white
    assert got["blur"][:2] == [white, red]
    # Between white and blue: one neighbour column in three is white.
    assert 32 < got["blur"][2][0] < 255


def test_animation(chromium: Chromium) -> None:
    """Frames differ, also after the memory has grown, and the button ends them."""
    chromium.open("/plain/examples/canvas/index.html")
    got = chromium.run(
        READY
        + """
        const frame = () => element("waves").toDataURL();
        const next = async (before) => { await until(() => frame() !== before); return frame(); };
        const empty = frame();
        element("animate").click();
        const first = await next(empty), second = await next(first);
        python.runPython("import numpy as np\\nkept = np.ones(2**24)");
        const third = await next(second);
        await next(third);
        element("animate").click();
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        const last = frame();
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        return [new Set([empty, first, second, third]).size, frame() === last, colour("waves", 5, 5)[3]];
        """
    )
    assert got == [4, True, 255]

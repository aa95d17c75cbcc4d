"""The example of an extension module, on a real canvas."""

from __future__ import annotations

from base64 import b64encode

from browsing import Browser

from extending.compiling import ROOT, SUFFIX, compile_cython

EXAMPLE = ROOT / "examples" / "extending" / "src" / "pixelwise"


def test_canvas(page: Browser) -> None:
    """The compiled module draws a line that can be read back from the canvas."""
    library = compile_cython(EXAMPLE / "_fast.pyx", "_fast")
    page.run(
        """
        const folder = "/lib/python3.13/site-packages/pixelwise/";
        pyodide.FS.mkdirTree(folder);
        for (const [name, content] of args[0]) {
          pyodide.FS.writeFile(folder + name, Uint8Array.from(atob(content), (c) => c.charCodeAt(0)));
        }
        """,
        [
            [name, b64encode(content).decode()]
            for name, content in (
                ("__init__.py", (EXAMPLE / "__init__.py").read_bytes()),
                (f"_fast{SUFFIX}", library.read_bytes()),
            )
        ],
    )
    page.python(
        """
        from array import array
        import js
        import pixelwise
        canvas = js.document.createElement("canvas")
        canvas.width = canvas.height = 20
        context = canvas.getContext("2d")
        context.lineWidth = 4
        points = memoryview(array("d", [0, 10, 20, 10])).cast("B").cast("d", (2, 2))
        pixelwise.draw_polyline(context, points)
        pixels = context.getImageData(0, 0, 20, 20).data.to_py()
        assert pixels[(10 * 20 + 10) * 4 + 3] == 255 and pixels[3] == 0
        assert pixelwise.total(js.Float64Array.from_([1, 2, 3.5])) == 6.5
        """
    )

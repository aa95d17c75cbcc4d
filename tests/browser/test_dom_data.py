"""Data of the platform: maps of strings, blobs, pixels, downloads, clones."""

from __future__ import annotations

import pytest
from browsing import Browser


@pytest.mark.spec("3.7/2", "3.7/20", "3.1/37", "3.1/38")
def test_maps(page: Browser) -> None:
    """FormData, Headers and URLSearchParams are looked up by key; only what has a size is a JsMap and iterates keys."""
    page.python(
        """
        import js
        from pyodide.ffi import JsMap, JsMutableMap, jsnull
        params = js.URLSearchParams.new("a=1&b=2&a=3")
        assert params["a"] == "1" and "b" in params and "c" not in params
        assert params.getAll("a") == ["1", "3"]
        params["c"] = "4"
        assert str(params).startswith("a=1&b=2") and params["c"] == "4"
        del params["b"]
        assert "b" not in params
        assert isinstance(params, JsMutableMap) and len(params) == 3
        assert list(params.keys()) == ["a", "a", "c"]
        assert params.pop("c") == "4" and "c" not in params

        headers = js.Headers.new()
        headers["Content-Type"] = "text/plain"
        headers["X-More"] = "1"
        assert headers["content-type"] == "text/plain" and "x-more" in headers
        assert not isinstance(headers, JsMap)
        assert sorted(headers.keys()) == ["content-type", "x-more"]
        assert [entry[0] for entry in headers] == ["content-type", "x-more"]
        del headers["x-more"]
        assert "x-more" not in headers

        form = js.FormData.new()
        form["name"] = "value"
        form.append("name", "second")
        form["file"] = js.Blob.new(js.Array.of("text"))
        assert form["name"] == "value" and "file" in form and "other" not in form
        assert sorted(form.keys()) == ["file", "name", "name"]
        assert str(form["file"]) == "[object File]"

        # Their get() answers null where there is nothing; deleting says whether there was.
        def is_key_error(action, *args):
            try:
                action(*args)
            except KeyError:
                return True
        for container in (params, headers, form):
            assert container["nothing"] is jsnull
            assert is_key_error(container.__delitem__, "nothing")
        """
    )


@pytest.mark.spec("9.3/1", "9.3/2", "9.3/3", "9.3/4")
def test_blobs(page: Browser) -> None:
    """Bytes go into a Blob and come out again."""
    page.python(
        """
        import js
        from pyodide.ffi import JsBuffer, to_js
        blob = js.Blob.new(to_js([to_js(b"\\x00\\xff"), "text \\u00e9"]), type="text/x-test")
        assert (blob.size, blob.type) == (9, "text/x-test")
        assert bool(blob) and not isinstance(blob, JsBuffer)
        buffer = await blob.arrayBuffer()
        assert isinstance(buffer, JsBuffer) and buffer.byteLength == 9
        assert buffer.to_bytes() == b"\\x00\\xfftext \\xc3\\xa9"
        assert buffer.to_py().tolist()[:2] == [0, 255]
        assert await blob.slice(2).text() == "text \\u00e9"
        assert (await blob.slice(2).arrayBuffer()).to_string() == "text \\u00e9"
        assert not js.ArrayBuffer.new(0) and js.ArrayBuffer.new(1)
        """
    )


@pytest.mark.spec("9.3/5", "9.3/6")
def test_image_data(page: Browser) -> None:
    """Pixels are copied between a canvas and memory of Python, both ways."""
    page.python(
        """
        import js
        canvas = js.document.createElement("canvas")
        canvas.width, canvas.height = 2, 1
        context = canvas.getContext("2d")
        context.fillStyle = "rgb(10, 20, 30)"
        context.fillRect(0, 0, 1, 1)
        image = context.getImageData(0, 0, 2, 1)
        pixels = bytearray(8)
        image.data.assign_to(pixels)
        assert bytes(pixels) == bytes([10, 20, 30, 255, 0, 0, 0, 0])
        pixels[4:] = bytes([40, 50, 60, 255])
        image.data.assign(pixels)
        context.putImageData(image, 0, 0)
        assert context.getImageData(1, 0, 1, 1).data.to_bytes() == bytes([40, 50, 60, 255])
        """
    )


@pytest.mark.spec("9.2/1")
def test_image_data_of_a_buffer(page: Browser) -> None:
    """JavaScript draws an image straight from Python's memory, by getBuffer("u8clamped")."""
    script = """
        const pixels = pyodide.runPython("pixels = bytearray([1, 2, 3, 255] * 4); pixels");
        const view = pixels.getBuffer("u8clamped");
        try {
            const image = new ImageData(view.data, 2, 2);
            const context = document.createElement("canvas").getContext("2d");
            context.putImageData(image, 0, 0);
            const drawn = [...context.getImageData(1, 1, 1, 1).data];
            view.data[0] = 300;
            return [view.data.constructor.name, drawn, pyodide.runPython("pixels[0]")];
        } finally {
            view.release();
            pixels.destroy();
        }
    """
    assert page.run(script) == ["Uint8ClampedArray", [1, 2, 3, 255], 255]


def test_fetch(page: Browser) -> None:
    """A file of the server into bytes, text and JSON; a missing one; a body that is a stream."""
    page.python(
        """
        import js
        response = await js.fetch("/plain/pages/empty.html")
        assert response.ok and response.status == 200 and response.headers["content-type"].startswith("text/html")
        data = (await response.arrayBuffer()).to_bytes()
        assert data.startswith(b"<!doctype html>")
        assert await (await js.fetch("/plain/pages/empty.html")).text() == data.decode()
        assert (await js.fetch("/plain/pages/nothing")).status == 404
        chunks = []
        body = (await js.fetch("/plain/pages/empty.html")).body
        reader = body.getReader()
        while not (step := await reader.read()).done:
            chunks.append(step.value.to_bytes())
        assert b"".join(chunks) == data
        package = await (await js.fetch("/plain/dist/package.json")).json()
        assert package.name == "pyodide" and package.version
        """
    )


def test_aborted_fetch(page: Browser) -> None:
    """A fetch that is aborted ends with a DOMException, which Python catches."""
    page.python(
        """
        import js
        from pyodide.ffi import JsException
        controller = js.AbortController.new()
        request = js.fetch("/plain/pages/empty.html", signal=controller.signal)
        controller.abort()
        try:
            await request
        except JsException as error:
            name = error.name
        assert name == "AbortError"
        """
    )


def test_structured_clone(page: Browser) -> None:
    """What Python made of plain values can be cloned; a proxy of a Python object cannot, and that is an error."""
    page.python(
        """
        import js
        from pyodide.ffi import JsException, create_proxy, to_js
        clone = js.structuredClone(to_js({"a": [1, {"b": b"xy"}]}))
        assert clone.a[1].b.to_bytes() == b"xy"
        assert js.structuredClone(5) == 5 and js.structuredClone("x") == "x" and js.structuredClone(None) is None

        channel = js.MessageChannel.new()
        held = create_proxy({})
        def refused(action, value):
            try:
                action(value)
            except JsException as error:
                return error.name
        for value in ({}, print, object(), held):
            assert refused(js.structuredClone, value) == "DataCloneError", value
            assert refused(channel.port1.postMessage, value) == "DataCloneError", value
        held.destroy()
        channel.port1.close()
        """
    )


def test_messages(page: Browser) -> None:
    """A message port carries what to_js makes; transferred buffers are gone afterwards."""
    page.python(
        """
        import asyncio
        import js
        from pyodide.ffi import JsException, to_js
        channel = js.MessageChannel.new()
        got = asyncio.Future()
        def on_message(event):
            got.set_result(event.data)
        channel.port2.addEventListener("message", on_message)
        channel.port2.start()
        buffer = js.ArrayBuffer.new(8)
        message = to_js({"buffer": buffer, "text": "hello"})
        channel.port1.postMessage(message, to_js([buffer]))
        data = await got
        assert data.text == "hello" and data.buffer.byteLength == 8 and buffer.byteLength == 0
        try:
            buffer.to_bytes()
        except JsException as error:
            name = error.name
        assert name == "TypeError"
        channel.port2.removeEventListener("message", on_message)
        channel.port1.close()
        """
    )


def test_storage(page: Browser) -> None:
    """Storage has exotic properties: attributes are items."""
    page.python(
        """
        from js import localStorage
        localStorage.clear()
        localStorage.setItem("a", "1")
        localStorage.b = 2
        assert localStorage.getItem("b") == "2" == localStorage.b and len(localStorage) == 2
        assert sorted(localStorage.object_keys()) == ["a", "b"]
        del localStorage.a
        assert not hasattr(localStorage, "a") and localStorage.getItem("a") is not None and not localStorage.getItem("a")
        localStorage.clear()
        """
    )


def test_streams(page: Browser) -> None:
    """Python is the source of a stream and iterates over one, where the engine lets streams be iterated."""
    page.python(
        """
        import js
        from pyodide.ffi import to_js
        left = [b"a", b"b", b"c"]
        def pull(controller):
            if left:
                controller.enqueue(to_js(left.pop()))
            else:
                controller.close()
        stream = js.ReadableStream.new(pull=pull)
        got = [chunk.to_bytes() async for chunk in stream]
        assert got == [b"c", b"b", b"a"], got
        text = js.TextDecoderStream.new()
        piped = js.Response.new("h\\u00e9").body.pipeThrough(text)
        assert "".join([part async for part in piped]) == "h\\u00e9"
        """
    )

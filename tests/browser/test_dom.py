"""Python in a page: the document, elements, events."""

from __future__ import annotations

import pytest
from browsing import Browser


def test_title(page: Browser) -> None:
    """Python writes and reads the document's title."""
    page.run(
        "pyodide.runPython(args[0])",
        "from js import document\ndocument.title = 'set by Python \U0001f40d'",
    )
    assert page.run("return document.title") == "set by Python \U0001f40d"
    assert (
        page.run("document.title = 'set by JS'; return pyodide.runPython('document.title')")
        == "set by JS"
    )


def test_elements(page: Browser) -> None:
    """Python makes elements, sets attributes, styles and text, and finds them again."""
    code = """
from js import document
place = document.getElementById("place")
for i in range(3):
    item = document.createElement("p")
    item.id = f"item{i}"
    item.className = "made"
    item.textContent = f"text <{i}>"
    item.style.color = "red"
    item.setAttribute("data-n", i)
    item.dataset.more = "m"
    place.appendChild(item)
items = document.querySelectorAll("p.made")
(items.length, len(items), [item.textContent for item in items], items[1].id, place.children[2].getAttribute("data-n"))
"""
    got = page.run("const r = pyodide.runPython(args[0]); return r;", code)
    assert got == [3, 3, ["text <0>", "text <1>", "text <2>"], "item1", "2"]
    read = "const e = document.getElementById('item0'); return [e.className, e.dataset.more, e.style.color, e.innerHTML]"
    assert page.run(read) == ["made", "m", "red", "text &lt;0&gt;"]


def test_event_listener(page: Browser) -> None:
    """A listener made with create_proxy hears events until it is removed and destroyed."""
    page.run(
        "pyodide.runPython(args[0])",
        """
from js import document
from pyodide.ffi import create_proxy
button = document.createElement("button")
button.id = "button"
document.getElementById("place").appendChild(button)
seen = []
def on_click(event):
    seen.append((event.type, event.target.id, event.isTrusted))
listener = create_proxy(on_click)
button.addEventListener("click", listener)
""",
    )
    page.click("#button")
    page.click("#button")
    assert page.run("return pyodide.runPython('seen')") == [["click", "button", True]] * 2
    page.run(
        "pyodide.runPython(\"button.removeEventListener('click', listener); listener.destroy()\")"
    )
    page.click("#button")
    assert page.run("return pyodide.runPython('len(seen)')") == 2


def test_error_in_a_proxy(page: Browser) -> None:
    """An error in a listener reaches the page as an error event and not as a dead runtime."""
    got = page.run(
        """
        pyodide.runPython(args[0]);
        const messages = [];
        const hear = (event) => { messages.push(String(event.message)); event.preventDefault(); };
        addEventListener("error", hear);
        document.getElementById("place").click();
        removeEventListener("error", hear);
        pyodide.runPython("place.removeEventListener('click', listener); listener.destroy()");
        return [messages.length, messages[0].includes("ZeroDivisionError"), pyodide.runPython("1 + 1")];
        """,
        """
from js import document
from pyodide.ffi import create_proxy
place = document.getElementById("place")
listener = create_proxy(lambda event: 1 / 0)
place.addEventListener("click", listener)
""",
    )
    assert got == [1, True, 2]


def test_timers_and_promises(page: Browser) -> None:
    """A callback given to setTimeout runs later; a once-callable frees itself."""
    got = page.run(
        """
        pyodide.runPython(args[0]);
        await new Promise((resolve) => setTimeout(resolve, 30));
        return pyodide.runPython("seen");
        """,
        "from js import setTimeout\nfrom pyodide.ffi import create_once_callable\nseen = []\n"
        "_ = setTimeout(create_once_callable(lambda: seen.append('late')), 0)",
    )
    assert got == ["late"]


def test_elements_are_identical(page: Browser) -> None:
    """An element that goes through Python is the element."""
    got = page.run(
        """
        const same = pyodide.runPython("lambda x: x"), element = document.getElementById("place");
        const r = [same(element) === element, same(document) === document, same(window) === window];
        same.destroy();
        return r;
        """
    )
    assert got == [True, True, True]


def test_truth_of_elements(page: Browser) -> None:
    """An element is true even when it has no children or options."""
    code = "from js import document\n[bool(document.createElement(n)) for n in ('div', 'select', 'form')]"
    assert page.run("return pyodide.runPython(args[0])", code) == [True, True, True]


def test_canvas_image_data(page: Browser) -> None:
    """Python draws pixels through a typed array of the browser."""
    code = """
from js import document
canvas = document.createElement("canvas")
canvas.width = canvas.height = 2
context = canvas.getContext("2d")
context.fillStyle = "rgb(10, 20, 30)"
context.fillRect(0, 0, 2, 2)
data = context.getImageData(0, 0, 1, 1).data
[data[i] for i in range(4)]
"""
    assert page.run("return pyodide.runPython(args[0])", code) == [10, 20, 30, 255]


def test_attributes(page: Browser) -> None:
    """Styles, data attributes, classes, markup; what is missing is an AttributeError, what is null is jsnull."""
    page.python(
        """
        from js import document
        from pyodide.ffi import jsnull
        element = document.createElement("div")
        document.getElementById("place").appendChild(element)
        element.style.setProperty("--mine", "5px")
        element.style.backgroundColor = "rgb(1, 2, 3)"
        assert element.style.getPropertyValue("--mine") == "5px"
        assert element.getAttribute("style").startswith("--mine: 5px; background-color: rgb(1, 2, 3)")
        element.style.removeProperty("--mine")
        assert element.style.getPropertyValue("--mine") == ""
        element.dataset.someName = 7
        assert element.getAttribute("data-some-name") == "7" and element.dataset.someName == "7"
        assert dict(element.dataset.as_py_json()) == {"someName": "7"}
        del element.dataset.someName
        assert not hasattr(element.dataset, "someName") and not element.hasAttribute("data-some-name")
        element.classList.add("a", "b")
        assert element.className == "a b" and list(element.classList) == ["a", "b"]
        assert element.classList.toggle("b") is False
        element.innerHTML = "<i>x</i>text"
        assert [node.nodeName for node in element.childNodes] == ["I", "#text"]
        assert element.firstElementChild.tagName == "I" and element.firstChild.nextSibling.data == "text"
        assert element.querySelector("b") is jsnull and document.getElementById("nothing") is jsnull
        assert element.parentNode == document.getElementById("place")
        element.mine = expando = {"a": 1}
        assert element.mine is expando
        del element.mine
        try:
            element.mine
        except AttributeError as error:
            message = str(error)
        assert message == "mine"
        assert {"style", "appendChild", "className"} <= set(dir(element)) and str(element) == "[object HTMLDivElement]"
        rect = element.getBoundingClientRect()
        assert type(rect.width) in (int, float)
        label = document.createElement("label")
        # `for` and `class` are words of Python; the DOM calls them htmlFor and className.
        label.htmlFor = "x"
        assert label.getAttribute("for") == "x"
        """
    )


def test_errors_of_the_platform(page: Browser) -> None:
    """What the platform refuses is a JsException with the name of the error."""
    page.python(
        """
        from js import document, window
        from pyodide.ffi import JsException
        def name(action):
            try:
                action()
            except JsException as error:
                return error.name
        assert name(lambda: document.createElement("1")) == "InvalidCharacterError"
        assert name(lambda: document.createElement("div").appendChild(5)) == "TypeError"
        assert name(lambda: document.body.appendChild(document)) == "HierarchyRequestError"
        assert name(lambda: window.HTMLElement.new()) == "TypeError"
        # `prototype` has getters that refuse to run on it.
        assert name(lambda: window.Element.prototype.id) == "TypeError"
        """
    )


@pytest.mark.spec("5.2/1", "5.2/2", "5.2/5", "5.2/6", "3.1/22")
def test_dom_exceptions(page: Browser) -> None:
    """A DOMException is a JsException: caught, raised, made and pickled in Python.

    JavaScript gets the very same back when it has thrown it, and a PythonError that quotes it when Python raised it.
    """
    page.python(
        """
        import copy
        import pickle
        import js
        from js import document
        from pyodide.ffi import JsException
        try:
            document.querySelector("][")
        except JsException as error:
            caught = error
        assert caught.name == "SyntaxError" and caught.code == js.DOMException.SYNTAX_ERR
        assert str(caught).startswith("SyntaxError: ") and isinstance(caught, Exception)
        assert caught.js_error is caught and caught.args[0] == caught

        made = js.DOMException.new("message", "DataCloneError")
        assert isinstance(made, JsException)
        try:
            raise made
        except JsException as error:
            assert error == made and error.code == 25
        thrown = js.eval("(f) => { try { f(); } catch (error) { return error; } }")
        def fail():
            raise made
        quoted = thrown(fail)
        assert quoted.name == "PythonError" and "JsException: DataCloneError: message" in quoted.message

        own = JsException("DOMException", "from Python")
        assert (own.name, own.message) == ("DOMException", "from Python")
        for error in (caught, own, made):
            for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
                assert isinstance(other, JsException)
                assert (other.name, other.message) == (error.name, error.message), other
        """
    )
    script = """
        const f = pyodide.runPython("def f(g): g()\\nf"), error = new DOMException("x", "AbortError");
        try { f(() => { throw error; }); } catch (thrown) { return [thrown === error, thrown.name]; } finally { f.destroy(); }
    """
    assert page.run(script) == [True, "AbortError"]

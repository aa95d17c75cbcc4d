"""Python in a page: the document, elements, events."""

from __future__ import annotations

from browsing import Browser


def test_title(page: Browser) -> None:
    """Python writes and reads the document's title."""
    page.run(
        "pyodide.runPython(args[0])",
        "from js import document\ndocument.title = 'set by Python \U0001f40d'",
    )
    assert page.driver.title == "set by Python \U0001f40d"
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
    page.driver.find_element("id", "button").click()
    page.driver.find_element("id", "button").click()
    assert page.run("return pyodide.runPython('seen')") == [["click", "button", True]] * 2
    page.run(
        "pyodide.runPython(\"button.removeEventListener('click', listener); listener.destroy()\")"
    )
    page.driver.find_element("id", "button").click()
    assert page.run("return pyodide.runPython('len(seen)')") == 2


def test_event_helpers(page: Browser) -> None:
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


def test_dom_exceptions(page: Browser) -> None:
    """An error of the DOM is a JsException with its name."""
    code = """
from js import document
from pyodide.ffi import JsException
try:
    document.querySelector("][")
except JsException as error:
    name = error.name
name
"""
    assert page.run("return pyodide.runPython(args[0])", code) == "SyntaxError"

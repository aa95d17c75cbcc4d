"""Collections of the DOM, live and not: sequences in Python."""

from __future__ import annotations

import pytest
from browsing import Browser

# `items` is a live HTMLCollection of three paragraphs, `nodes` a NodeList of them that stays as it is.
PARAGRAPHS = """
    from js import document
    place = document.getElementById("place")
    for i in range(3):
        p = document.createElement("p")
        p.id = f"p{i}"
        place.appendChild(p)
    items = place.getElementsByTagName("p")
    nodes = document.querySelectorAll("#place p")
    live_nodes = place.childNodes
"""


@pytest.fixture
def paragraphs(page: Browser) -> Browser:
    """A page with three paragraphs, and Python variables of lists of them."""
    page.python(PARAGRAPHS)
    return page


@pytest.mark.spec("3.1/15", "3.1/35", "3.1/43", "2.1/10")
def test_types(paragraphs: Browser) -> None:
    """They are JsArray and Sequence, not mutable ones and not maps, and cross as themselves in both modes."""
    paragraphs.python(
        """
        from collections.abc import MutableSequence, Sequence
        from pyodide.ffi import JsArray, JsIterable, JsMap, JsTypedArray
        for it in (items, nodes, live_nodes):
            assert isinstance(it, JsArray) and isinstance(it, JsIterable) and isinstance(it, Sequence), it
            assert not isinstance(it, (JsTypedArray, JsMap, MutableSequence)), it
        assert [str(it) for it in (items, nodes)] == ["[object HTMLCollection]", "[object NodeList]"]
        match nodes:
            case [first, *rest]:
                assert first.id == "p0" and len(rest) == 2
            case _:
                raise AssertionError("no sequence pattern")
        """
    )


@pytest.mark.spec("3.7/1", "3.7/4", "3.7/14", "3.7/16")
def test_items(paragraphs: Browser) -> None:
    """Indices from both ends, length, iteration, reversal, `in`, concatenation."""
    paragraphs.python(
        """
        for it in (items, nodes, live_nodes):
            assert len(it) == 3
            assert [it[i].id for i in (0, 1, 2, -1, -2, -3)] == ["p0", "p1", "p2", "p2", "p1", "p0"]
            for bad in (3, -4, 2**40):
                try:
                    it[bad]
                except IndexError:
                    continue
                raise AssertionError(bad)
            assert [e.id for e in it] == ["p0", "p1", "p2"]
            assert [e.id for e in reversed(it)] == ["p2", "p1", "p0"]
            assert [e.id for e in [*it, *it]] == ["p0", "p1", "p2"] * 2
            both = it + [1]
            assert len(both) == 4 and both[0].id == "p0" and both[3] == 1
            assert it[True].id == "p1"
            first, *_, last = it
            assert (first.id, last.id) == ("p0", "p2")
            assert it.item(1) == it[1] and it[1] == place.children[1]
        assert document.body not in list(nodes) and nodes[1] in list(nodes)
        """
    )


def test_what_they_cannot(paragraphs: Browser) -> None:
    """No slices, no assignment, no deletion, no `keys`: errors of the right type that say so."""
    paragraphs.python(
        """
        def error(action):
            try:
                action()
            except Exception as e:
                return type(e).__name__
        for it in (items, nodes, live_nodes):
            def assign(): it[0] = 1
            def delete(): del it[0]
            assert error(lambda: it[0:1]) == "NotImplementedError"
            assert error(assign) == "TypeError"
            assert error(delete) == "TypeError"
            assert error(lambda: it["x"]) == "TypeError"
            assert error(lambda: it.keys) == "AttributeError"
            assert error(lambda: it.append(1)) == "AttributeError"
        assert not hasattr(nodes, "as_object_map")
        """
    )


def test_live_collections(paragraphs: Browser) -> None:
    """A live collection follows the document, while it is being iterated too; a NodeList of a query stays."""
    paragraphs.python(
        """
        p = document.createElement("p")
        p.id = "p3"
        place.appendChild(p)
        assert (len(items), len(live_nodes), len(nodes)) == (4, 4, 3)
        assert items[-1].id == live_nodes[-1].id == "p3" and nodes[-1].id == "p2"
        seen = []
        for element in items:
            seen.append(element.id)
            element.remove()
        # Each removal moves the rest to the front, as in JavaScript.
        assert seen == ["p0", "p2"], seen
        assert [e.id for e in items] == ["p1", "p3"]
        for element in list(items):
            element.remove()
        assert len(items) == 0 and not items and not live_nodes and nodes
        assert [*reversed(items)] == []
        """
    )


def test_lists_of_tokens_and_attributes(page: Browser) -> None:
    """classList and attributes are sequences too, beside their own methods."""
    page.python(
        """
        from js import document
        from pyodide.ffi import JsArray
        element = document.createElement("p")
        tokens = element.classList
        assert isinstance(tokens, JsArray) and not tokens and len(tokens) == 0
        tokens.add("a", "b")
        assert tokens[0] == "a" and tokens[-1] == "b" and "b" in tokens and list(reversed(tokens)) == ["b", "a"]
        assert tokens.contains("a") and tokens.toggle("a") is False
        tokens.remove("b")
        assert not tokens
        element.id = "x"
        assert [(a.name, a.value) for a in element.attributes] == [("class", ""), ("id", "x")]
        assert element.attributes[-1].name == "id" and element.attributes.getNamedItem("id").value == "x"
        """
    )


@pytest.mark.spec("3.8/2")
def test_json_view(paragraphs: Browser) -> None:
    """A JSON view of a node list is a sequence whose items are views."""
    paragraphs.python(
        """
        from collections.abc import Sequence
        from pyodide.ffi import JsMap
        for it in (items, nodes):
            view = it.as_py_json()
            assert isinstance(view, Sequence) and len(view) == 3
            assert isinstance(view[0], JsMap) and isinstance(view[-1], JsMap)
            assert [e.id for e in view] == ["p0", "p1", "p2"]
            assert [e.id for e in reversed(view)] == ["p2", "p1", "p0"]
        """
    )


def test_named_items(page: Browser) -> None:
    """Collections with names: forms, their elements, options, by attribute and by index."""
    page.python(
        """
        from js import document
        from pyodide.ffi import JsArray
        place = document.getElementById("place")
        place.innerHTML = (
            "<form name='f'><input name='a' value='1'><input type=radio name='r' value='x'>"
            "<input type=radio name='r' value='y' checked><select name=s><option>one<option selected>two</select></form>"
        )
        form = document.forms.namedItem("f")
        assert document.forms.f == form == document.forms[document.forms.length - 1]
        assert form.elements.a.value == "1" and form.elements.s.value == "two"
        # No NodeList or HTMLCollection by its tag, so JavaScript's ways remain.
        radios = form.elements.r
        assert str(radios) == "[object RadioNodeList]" and radios.value == "y"
        assert [e.value for e in radios] == ["x", "y"] and len(radios) == 2
        assert [o.text for o in form.elements.s.options] == ["one", "two"]
        assert [o.text for o in form.elements.s.selectedOptions] == ["two"]
        assert isinstance(form.elements.s.selectedOptions, JsArray)
        assert len(form.elements) == 4 and [e.name for e in form] == ["a", "r", "r", "s"]
        """
    )


@pytest.mark.spec("3.2/14")
def test_truth(page: Browser) -> None:
    """Empty collections are false; elements are true whatever their `length` or `size` says."""
    page.python(
        """
        from js import document
        empty = document.createDocumentFragment()
        assert not empty.childNodes and not empty.children and not document.querySelectorAll("nothing")
        select = document.createElement("select")
        assert select.length == 0 and select.size == 0 and bool(select) is True
        form = document.createElement("form")
        assert form.length == 0 and bool(form) is True
        for name in ("div", "input", "canvas", "audio", "font", "hr"):
            assert bool(document.createElement(name)) is True, name
        assert bool(document.createElementNS("http://www.w3.org/2000/svg", "svg")) is True
        assert bool(document.createTextNode("")) is True
        """
    )


@pytest.mark.spec("3.1/13")
def test_document_all(page: Browser) -> None:
    """document.all, which calls itself undefined, is an object all the same: falsy, iterable, not callable."""
    page.python(
        """
        import js
        from pyodide.ffi import JsCallable, JsIterable, JsProxy
        everything = js.document.all
        assert isinstance(everything, JsProxy) and everything is not None
        assert everything.typeof == "undefined"
        assert isinstance(everything, JsIterable) and not isinstance(everything, JsCallable)
        assert not everything
        assert len(everything) == everything.length > 3
        assert next(iter(everything)) == js.document.documentElement
        assert everything.namedItem("place") == js.document.getElementById("place") == everything.place
        assert everything == js.document.all and everything != js.document
        assert everything.js_id == js.document.all.js_id
        assert str(everything) == "[object HTMLAllCollection]"
        assert "namedItem" in dir(everything)
        same = js.eval("(x) => [x === document.all, x]")
        first, second = same(everything)
        assert first is True and second == everything
        """
    )
    script = """
        const same = pyodide.runPython("lambda x: x"), held = { all: document.all, list: [document.all] };
        const first = pyodide.runPython("lambda x: x[0]");
        try { return [same(document.all) === document.all, first(held.list) === document.all]; }
        finally { same.destroy(); first.destroy(); }
    """
    assert page.run(script) == [True, True]

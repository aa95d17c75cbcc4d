"""What `keys`, `values`, `items` and `update` of a JavaScript map need of Python.

Called by the core, in src/core/jsproxy/mapping.c. Iterating values or items reads them all in one
crossing; what JavaScript does to the map meanwhile is not seen.
"""

from _collections_abc import ItemsView, KeysView, Mapping, ValuesView

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class JsKeysView(KeysView):  # type: ignore[type-arg]
    """The keys of a JavaScript map."""

    __slots__ = ()


class JsValuesView(ValuesView):  # type: ignore[type-arg]
    """The values of a JavaScript map."""

    __slots__ = ()
    _mapping: "Any"

    def __iter__(self) -> "Iterator[Any]":
        """Iterate over the values."""
        from _pyodide_core import map_items

        return iter(map_items(self._mapping)[1::2])


class JsItemsView(ItemsView):  # type: ignore[type-arg]
    """The pairs of key and value of a JavaScript map."""

    __slots__ = ()
    _mapping: "Any"

    def __contains__(self, item: object) -> bool:
        """Return True for pairs; anything else is just not there, as in a dict."""
        return isinstance(item, tuple) and len(item) == 2 and super().__contains__(item)

    def __iter__(self) -> "Iterator[tuple[Any, Any]]":
        """Iterate over the pairs."""
        from _pyodide_core import map_items

        flat = iter(map_items(self._mapping))
        return zip(flat, flat, strict=True)


def flat_pairs(other: "Any", keywords: "dict[str, Any] | None") -> "list[Any]":
    """Gather what `update(other, **keywords)` sets.

    Parameters
    ----------
    other:
        A mapping, an object with a method ``keys``, an iterable of pairs, or None.
    keywords:
        Further items, or None.

    Returns
    -------
    list
        Keys and values in turn.

    Raises
    ------
    TypeError, ValueError
        As those of ``dict.update``.
    """
    flat: list[Any] = []
    if other is None:
        pass
    elif isinstance(other, Mapping):
        for pair in other.items():
            flat += pair
    elif hasattr(other, "keys"):
        for key in other.keys():  # noqa: SIM118 - it may have no other way to iterate
            flat += (key, other[key])
    else:
        for number, pair in enumerate(other):
            both = tuple(pair)
            if len(both) != 2:
                raise ValueError(
                    f"dictionary update sequence element #{number} has length {len(both)}; "
                    "2 is required"
                )
            flat += both
    if keywords is not None:
        for item in keywords.items():
            flat += item
    return flat

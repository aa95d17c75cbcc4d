"""isinstance and issubclass by the capabilities of a JavaScript object.

Each type of proxies that the C module `_pyodide_core` makes carries the capabilities of its objects
as bits of the integer `_js_type_flags`. The classes of `pyodide.ffi` name the bits they require.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FLAG_BITS = (
    "IS_ITERABLE",
    "IS_ITERATOR",
    "HAS_LENGTH",
    "HAS_GET",
    "HAS_SET",
    "HAS_HAS",
    "HAS_INCLUDES",
    "IS_AWAITABLE",
    "IS_BUFFER",
    "IS_CALLABLE",
    "IS_ARRAY",
    "IS_NODE_LIST",
    "IS_TYPEDARRAY",
    "IS_DOUBLE_PROXY",
    "IS_OBJECT_MAP",
    "IS_ASYNC_ITERABLE",
    "IS_GENERATOR",
    "IS_ASYNC_GENERATOR",
    "IS_ASYNC_ITERATOR",
    "IS_ERROR",
    "IS_PY_JSON_DICT",
    "IS_PY_JSON_SEQUENCE",
    "IS_HEREDITARY",
    "IS_DISPOSABLE",
    "IS_ASYNC_DISPOSABLE",
)
"""Names of the bits of `_js_type_flags`, from bit 0 upwards, as in `src/core/abi.toml`."""

_BIT = {name: 1 << position for position, name in enumerate(FLAG_BITS)}


def mask(*names: str) -> int:
    """Return the integer with the named bits set."""
    return sum(_BIT[name] for name in names)


class CapabilityMeta(type):
    """Metaclass that decides isinstance and issubclass by capabilities.

    The attribute `_js_masks` of a class lists alternatives: a proxy type belongs to the class when
    it has all bits of at least one of them.
    """

    _js_masks: tuple[int, ...]

    def __instancecheck__(cls, instance: object) -> bool:
        """Return True for proxies with the capabilities of the class."""
        return cls.__subclasscheck__(type(instance))

    def __subclasscheck__(cls, subclass: type) -> bool:
        """Return True for proxy types with the capabilities of the class, and for subclasses."""
        flags = getattr(subclass, "_js_type_flags", None)
        if not isinstance(flags, int):
            return type.__subclasscheck__(cls, subclass)
        return any(flags & bits == bits for bits in cls._js_masks)

    def __call__(cls, *args: object, **kwargs: object) -> "Any":
        """Proxies come into being by conversion only."""
        if issubclass(cls, BaseException):
            return type.__call__(cls, *args, **kwargs)
        raise TypeError(f"{cls.__name__} cannot be instantiated")

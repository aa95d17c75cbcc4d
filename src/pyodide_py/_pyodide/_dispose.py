"""What `async with` of a JavaScript object needs of Python.

Called by the core, in src/core/jsproxy/dispose.c.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")


async def itself(obj: "T") -> "T":
    """Return the object, without awaiting it if it is a promise."""
    return obj

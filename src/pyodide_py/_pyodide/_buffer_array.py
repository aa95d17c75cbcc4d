"""JavaScript buffers as numpy arrays: `__array__` of JsBuffer.

Called by the core, in src/core/jsproxy/buffer.c.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._js_types import JsBuffer


def to_array(buffer: "JsBuffer", dtype: "Any", copy: "bool | None") -> "Any":
    """Return a numpy array with a copy of the content.

    Raises
    ------
    ValueError
        If `copy` is False.
    """
    import numpy

    if copy is False:
        raise ValueError(
            "Unable to avoid copy while creating an array of a JavaScript buffer: its memory is "
            "not Python's. Use numpy.asarray(buffer), or buffer.assign_to(array) to fill an "
            "array that exists."
        )
    array = numpy.asarray(buffer.to_memoryview())
    return array if dtype is None else array.astype(dtype, copy=False)

# cython: language_level=3, boundscheck=False, wraparound=False
"""Compiled functions that use the bridge by its C API."""

from pyodide.ffi cimport PyodideFFI, PyodideFFI_Import

PyodideFFI_Import()

DEF CHUNK = 4096


def draw_polyline(context, const double[:, ::1] points):
    """Draw a line through points.

    Parameters
    ----------
    context:
        JsProxy of a CanvasRenderingContext2D.
    points:
        Buffer of doubles with a row for each point: x and y, in pixels.
    """
    cdef Py_ssize_t i
    if points.shape[1] != 2:
        raise ValueError("a point has two coordinates")
    PyodideFFI.call_method_doubles(context, "beginPath", NULL, 0, NULL)
    for i in range(points.shape[0]):
        # A number crosses as it is: no Python object is made for it, nor a tuple for the call.
        PyodideFFI.call_method_doubles(
            context, "lineTo" if i > 0 else "moveTo", &points[i, 0], 2, NULL
        )
    PyodideFFI.call_method_doubles(context, "stroke", NULL, 0, NULL)


def total(array):
    """Return the sum of a JavaScript Float64Array, which is read piece by piece.

    Raises
    ------
    TypeError
        If `array` is no Float64Array.
    """
    cdef double[CHUNK] chunk
    cdef double result = 0
    cdef double width = 0
    cdef Py_ssize_t i, count, offset = 0, size
    if PyodideFFI.get_double(array, "BYTES_PER_ELEMENT", &width) != 1 or width != 8:
        raise TypeError(f"expected a Float64Array, not {array!r}")
    size = PyodideFFI.buffer_size(array)
    while offset < size:
        count = min(size - offset, CHUNK * <Py_ssize_t>sizeof(double))
        PyodideFFI.buffer_read(array, offset, chunk, count)
        for i in range(count // <Py_ssize_t>sizeof(double)):
            result += chunk[i]
        offset += count
    return result


def mean(array):
    """Return the mean of a JavaScript Float64Array; nan if it is empty."""
    cdef double length = 0
    cdef double result = total(array)
    PyodideFFI.get_double(array, "length", &length)
    return result / length if length else float("nan")

"""Python source that makes any buffer at all, for tests of buffers that no builtin exporter has."""

# Any buffer at all: a memoryview over a Py_buffer that the test fills in.
MAKER = """
    import ctypes
    from ctypes import POINTER, c_char_p, c_int, c_ssize_t, c_void_p, py_object

    class PyBuffer(ctypes.Structure):
        _fields_ = [("buf", c_void_p), ("obj", c_void_p), ("len", c_ssize_t), ("itemsize", c_ssize_t),
            ("readonly", c_int), ("ndim", c_int), ("format", c_char_p), ("shape", POINTER(c_ssize_t)),
            ("strides", POINTER(c_ssize_t)), ("suboffsets", POINTER(c_ssize_t)), ("internal", c_void_p)]

    alive = []

    def make(data, format, itemsize, shape, strides, offset=0, suboffsets=None):
        memory = ctypes.create_string_buffer(bytes(data), max(len(data), 1))
        return view_of(memory, ctypes.addressof(memory) + offset, format, itemsize, shape, strides, suboffsets)

    def view_of(memory, address, format, itemsize, shape, strides, suboffsets=None):
        function = ctypes.pythonapi.PyMemoryView_FromBuffer
        function.restype, function.argtypes = py_object, [POINTER(PyBuffer)]
        sizes = [(c_ssize_t * max(len(x), 1))(*x) if x is not None else None for x in (shape, strides, suboffsets)]
        count = 1
        for n in shape:
            count *= n
        info = PyBuffer(address, None, count * itemsize, itemsize, 1, len(shape), format.encode(),
            *[ctypes.cast(x, POINTER(c_ssize_t)) if x is not None else None for x in sizes], None)
        alive.append((memory, sizes, info))
        return function(ctypes.byref(info))
"""

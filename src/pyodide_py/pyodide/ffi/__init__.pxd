# The bridge between Python and JavaScript for Cython modules:
#
#     from pyodide.ffi cimport PyodideFFI, PyodideFFI_Import
#     PyodideFFI_Import()
#
# The rules (who owns what, what failure is) are those of pyodide_ffi.h. Results typed `object` are
# new references, which Cython counts; `except -1` and NULL raise the exception that is set.

from cpython.object cimport PyObject
from libc.stdint cimport uint32_t

cdef extern from "pyodide_ffi.h":
    ctypedef struct PyodideHeld:
        pass
    ctypedef PyodideHeld *PyodideRef

    enum:
        PYODIDE_FFI_VERSION
        PYODIDE_KEEP_PROMISE
        PYODIDE_CAPTURE_THIS
        PYODIDE_UNWRAP
        PYODIDE_ONCE

    ctypedef struct PyodideFFI_API:
        uint32_t version
        bint is_proxy(object obj) noexcept
        object globals()
        object run_js(const char *code)
        object to_js(object obj, int depth)
        object to_py(object proxy, int depth)
        # *value is a new reference that the caller drops.
        int get(object proxy, object name, PyObject **value) except -1
        int get_double(object proxy, object name, double *value) except -1
        int set(object proxy, object name, object value) except -1
        int set_double(object proxy, object name, double value) except -1
        int del_ "del"(object proxy, object name) except -1
        object call(object func, PyObject *this_, PyObject **args, Py_ssize_t nargs, PyObject *kwnames, int flags)
        object call_method(object proxy, object name, PyObject **args, Py_ssize_t nargs, PyObject *kwnames, int flags)
        int call_method_doubles(object proxy, object name, const double *args, Py_ssize_t nargs, double *result) except -1
        object construct(object cls, PyObject **args, Py_ssize_t nargs, PyObject *kwnames)
        object create_proxy(object obj, int flags)
        object unwrap(object proxy)
        int destroy_proxy(object proxy) except -1
        PyodideRef hold(object proxy) except NULL
        void release(PyodideRef ref) noexcept
        object proxy_of(PyodideRef ref)
        Py_ssize_t buffer_size(object buffer) except -1
        int buffer_read(object buffer, Py_ssize_t offset, void *target, Py_ssize_t size) except -1
        int buffer_write(object buffer, Py_ssize_t offset, const void *source, Py_ssize_t size) except -1
        bint can_run_sync() noexcept
        object run_sync(object awaitable)

    const PyodideFFI_API *PyodideFFI
    int PyodideFFI_Import() except -1

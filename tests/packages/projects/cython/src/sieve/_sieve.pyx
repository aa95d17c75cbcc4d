# cython: language_level=3, boundscheck=False
from libc.stdlib cimport calloc, free


def primes_below(Py_ssize_t limit):
    """Return the number of primes below `limit`."""
    if limit < 0:
        raise ValueError(f"limit must not be negative, but is {limit}")
    cdef Py_ssize_t n, multiple, count = 0
    cdef char* composite = <char*>calloc(limit + 1, 1)
    if composite == NULL:
        raise MemoryError
    try:
        for n in range(2, limit):
            if not composite[n]:
                count += 1
                multiple = 2 * n
                while multiple < limit:
                    composite[multiple] = 1
                    multiple += n
        return count
    finally:
        free(composite)


cdef class Counter:
    """Counts what a callable accepts."""

    cdef readonly long accepted
    cdef object accepts

    def __init__(self, accepts):
        self.accepts = accepts

    def feed(self, items):
        for item in items:
            if self.accepts(item):
                self.accepted += 1
        return self

/* Copies of Python buffers for JavaScript: the NDARRAY of a tape. */
#ifndef BUFFER_COPY_H
#define BUFFER_COPY_H

#include <Python.h>

#include "slot.h"

/** A buffer on loan while it is copied. */
typedef struct {
  Py_buffer view;
  char format;
  /* The items have the other byte order. */
  int swap;
  /* Not copied: the items stay where they are until the tape has been read. */
  int borrowed;
  /* What follows the head on the tape: shape and items, in whole slots. */
  uint32_t bytes;
} BufferCopy;

/** Borrow the buffer of an object and check its format. With `may_borrow` no Python code runs
 * before the tape has been read, and the items may stay where they are. Returns 0, or -1 with an
 * error set, and then buffer_copy_end must not be called. */
int buffer_copy_begin(PyObject *obj, int may_borrow, BufferCopy *copy)
  __attribute__((warn_unused_result));
/** Write the head and the `bytes` after it. The object must live until JavaScript has read them.
 * Returns 0, or -1 with an error set. */
int buffer_copy_write(const BufferCopy *copy, Slot *head) __attribute__((warn_unused_result));
/** Give the buffer back. */
void buffer_copy_end(BufferCopy *copy);

#endif

/* Shapes: the sequences of keys that dicts have in common. A dict whose keys have been seen before
 * crosses to JavaScript as the number of its shape and its values. */
#ifndef SHAPES_H
#define SHAPES_H

#include <Python.h>

/** The shape of a dict's keys, as JavaScript is to know it. */
typedef struct {
  /* -1: none. */
  int number;
  uint32_t version;
  /* The keys must be written before the number is used. */
  int untold;
} DictShape;

/** Find the shape of a dict (or an instance of a subclass) for a tape, whose number is not 0.
 *  Never fails. */
DictShape shapes_find(PyObject *dict, uint64_t tape);
/** Forget all, as when what comes next is another JavaScript. */
void shapes_forget(void);

#endif

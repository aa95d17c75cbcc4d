/* Slot -> PyObject. */
#ifndef JS_TO_PY_H
#define JS_TO_PY_H

#include <Python.h>

#include "slot.h"

/** Whether JavaScript's null arrives as None (compatibility switch of loadPyodide). */
extern int js_to_py_null_is_none;

/** The Python object of a slot that JavaScript has filled, in a frame or on a tape; `ref` is
 *  its externref when the tag is REF. New reference, or NULL with an error set. */
PyObject *js_to_py_new(Slot *slot, JsVal ref) __attribute__((warn_unused_result));

/** The same for the answer of an import: also ERR, which sets the exception, and the refs that
 *  JavaScript pushed for a tape are cleared. */
PyObject *js_to_py_answer_new(Slot *slot, JsVal ref) __attribute__((warn_unused_result));

#endif

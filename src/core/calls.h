/* Calls in both directions: frames of arguments, and how an export ends. */
#ifndef CALLS_H
#define CALLS_H

#include <Python.h>

#include "py_to_js.h"
#include "text.h"

/** The externref that belongs to a slot of a frame from JavaScript. */
static inline JsVal
calls_slot_ref(const Slot *slot, JsVal r0, JsVal r1, JsVal r2, JsVal r3)
{
  if (slot->tag != TAG_REF) {
    return JSVAL_NONE;
  }
  switch (slot->i32) {
    case 0:
      return r0;
    case 1:
      return r1;
    case 2:
      return r2;
    case 3:
      return r3;
    default:
      return jsx_take_ref(slot->i32 - 4);
  }
}

/** Finish an export: convert `result` by the implicit rule into `out`. Consumes the reference;
 *  NULL means that an error is set, which becomes the result. */
JsVal calls_return(PyObject *result, Slot *out);
/** The same, but a list or tuple stays a PyProxy in native mode too. */
JsVal calls_return_keep_list(PyObject *result, Slot *out);
/** The same, but a list or tuple becomes an Array in both modes. */
JsVal calls_return_deep(PyObject *result, Slot *out);
/** Finish an export without a value: 0 is success, -1 means that an error is set. */
JsVal calls_return_status(int status, Slot *out);
/** Keep `result` (consumed), whose text, items or blocks since `mark` JavaScript reads when the
 *  export, which has filled `out`, returns. */
void calls_keep_result(PyObject *result, const Slot *out, PyToJsMark mark);
/** What the previous result keeps alive for JavaScript to read, or NULL. */
extern PyObject *calls_result_kept;
/** Drop it. */
void calls_drop_result(void);
/** Drop what the previous result kept alive for JavaScript to read. Exports that return
 *  through the functions above need not call it. */
static inline void
calls_release_result(void)
{
  if (calls_result_kept != NULL) {
    calls_drop_result();
  }
}

/** Call the JavaScript function `func`. `flags` are CALL bits. A promise that it returns becomes
 *  a future of Python's event loop. New reference, or NULL. */
PyObject *calls_function(JsVal func, JsVal this_, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames, int flags) __attribute__((warn_unused_result));
/** As calls_function, but a promise stays a JsProxy. */
PyObject *calls_function_raw(JsVal func, JsVal this_, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames, int flags) __attribute__((warn_unused_result));
/** Call the method `name` of a JavaScript object, in one crossing; as calls_function. */
PyObject *calls_method(JsVal obj, PyObject *name, PyObject *const *args, Py_ssize_t nargs,
                       PyObject *kwnames) __attribute__((warn_unused_result));
/** As calls_method, but a promise stays a JsProxy. */
PyObject *calls_method_raw(JsVal obj, PyObject *name, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames) __attribute__((warn_unused_result));

#endif

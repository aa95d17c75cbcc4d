/* What the files of the pyx_* exports share: how an export begins and ends. */
#ifndef PYPROXY_H
#define PYPROXY_H

#include <Python.h>

#include "calls.h"
#include "slot.h"

/** The parameters that every export has; most use only some of them. */
#define PYX_PARAMS                                                                                 \
  __attribute__((unused)) int32_t a, __attribute__((unused)) int32_t b,                            \
    __attribute__((unused)) Slot *frame, __attribute__((unused)) int32_t n, Slot *out,             \
    __attribute__((unused)) JsVal r0, __attribute__((unused)) JsVal r1,                            \
    __attribute__((unused)) JsVal r2, __attribute__((unused)) JsVal r3

/** The object of frame slot number `i`. New reference, or NULL with an error set. */
#define PYX_VALUE_NEW(i) js_to_py_new(&frame[i], calls_slot_ref(&frame[i], r0, r1, r2, r3))

static inline PyObject *
pyx_object(int32_t address)
{
  return (PyObject *)(uintptr_t)(uint32_t)address;
}

/** Begin an export: take a reference to the object at `address`, so that nothing the operation
 *  does can free it, and one level of recursion. New reference; NULL when Python may not be
 *  entered, and then the export must return pyx_refuse(). */
static inline PyObject *
pyx_begin(int32_t address)
{
  PyThreadState *tstate = PyThreadState_GetUnchecked();
  /* Without a thread state JavaScript runs while Python has let go of its lock. */
  if (tstate == NULL) {
    return NULL;
  }
  /* Py_EnterRecursiveCall, inline while there is room. */
  if (tstate->c_recursion_remaining > 0) {
    tstate->c_recursion_remaining--;
  } else if (Py_EnterRecursiveCall(" while JavaScript uses a Python object")) {
    return NULL;
  }
  return Py_NewRef(pyx_object(address));
}

/** The result of an export that was not allowed to begin. */
JsVal pyx_refuse(Slot *out);
/** Drop the last reference to an object while an error may be set, which stays set. */
void pyx_drop_last(PyObject *obj);

/** End what pyx_begin began. */
static inline void
pyx_end(PyObject *obj)
{
  PyThreadState_GetUnchecked()->c_recursion_remaining++;
  if (Py_REFCNT(obj) == 1) {
    pyx_drop_last(obj);
  } else {
    Py_DECREF(obj);
  }
}

/** Finish an export whose result, a new reference, goes to JavaScript as itself. */
JsVal pyx_return_object(PyObject *result, Slot *out);
/** Finish an export whose result is a truth value; -1 means that an error is set. */
JsVal pyx_return_bool(int truth, Slot *out);
/** Finish an attribute read. `found` is 1 and *value a new reference, or 0 for ABSENT, or -1
 *  with an error set. SAME when the value is `take_cached`, which is consumed and may be NULL:
 *  what JavaScript has cached, kept alive by the caller since before the reading. */
JsVal pyx_return_attribute(int found, PyObject *value, PyObject *take_cached, int keep_lists,
                           Slot *out);
/** A new list of the strs in dir(obj). New reference, or NULL with an error set. */
PyObject *pyx_dir_new(PyObject *obj) __attribute__((warn_unused_result));
/** Make the set error an ABSENT result when it is one of a missing item. Returns 1 for that. */
int pyx_clear_missing(void);

#endif

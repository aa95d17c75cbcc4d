/* Calls: see calls.h. */
#include "calls.h"

#include "errors.h"
#include "js_to_py.h"
#include "jsproxy/object.h"
#include "py_to_js.h"
#include "tape.h"

/* Frames of at most this many slots lie on the C stack. */
#define SMALL_FRAME 12

/* The object whose text or items JavaScript is about to read, and the blocks of its tape. */
PyObject *calls_result_kept;
static PyToJsMark result_mark;
static int result_has_mark;

void
calls_drop_result(void)
{
  if (result_has_mark) {
    result_has_mark = 0;
    py_to_js_free_blocks(result_mark);
  }
  Py_CLEAR(calls_result_kept);
}

void
calls_keep_result(PyObject *result, const Slot *out, PyToJsMark mark)
{
  switch (out->tag) {
    case TAG_TAPE:
    case TAG_BIGINT:
      result_mark = mark;
      result_has_mark = 1;
      calls_result_kept = result;
      break;
    case TAG_STR:
      calls_result_kept = result;
      break;
    default:
      Py_DECREF(result);
  }
  py_to_js_suspend(mark);
}

static JsVal
give(PyObject *result, Slot *out, PyToJsLists lists)
{
  calls_release_result();
  if (result == Py_None) {
    slot_set_tag(out, TAG_UNDEFINED);
    return JSVAL_NONE;
  }
  if (result == NULL) {
    return errors_to_js(out);
  }
  if (PyLong_CheckExact(result) && PyUnstable_Long_IsCompact((PyLongObject *)result)) {
    slot_set_int(out, (int32_t)PyUnstable_Long_CompactValue((PyLongObject *)result));
    Py_DECREF(result);
    return JSVAL_NONE;
  }
  int failed = 0;
  PyToJsMark mark = py_to_js_mark();
  JsVal value = py_to_js(result, out, PYOBJ_OWN, lists, &failed);
  if (failed) {
    py_to_js_done(mark);
    Py_DECREF(result);
    return errors_to_js(out);
  }
  calls_keep_result(result, out, mark);
  return value;
}

JsVal
calls_return(PyObject *result, Slot *out)
{
  return give(result, out, LISTS_BY_MODE);
}

JsVal
calls_return_keep_list(PyObject *result, Slot *out)
{
  return give(result, out, LISTS_KEEP);
}

JsVal
calls_return_deep(PyObject *result, Slot *out)
{
  return give(result, out, LISTS_DEEP);
}

JsVal
calls_return_status(int status, Slot *out)
{
  if (status < 0) {
    return errors_to_js(out);
  }
  slot_set_tag(out, TAG_UNDEFINED);
  return JSVAL_NONE;
}

/* Externrefs cannot lie in an array, so the frame's objects are spread over four locals. */
#define PLACE_REF(slot, value)                                                                     \
  do {                                                                                             \
    if ((slot)->tag == TAG_REF) {                                                                  \
      switch (nrefs++) {                                                                           \
        case 0:                                                                                    \
          r0 = (value);                                                                            \
          (slot)->i32 = 0;                                                                         \
          break;                                                                                   \
        case 1:                                                                                    \
          r1 = (value);                                                                            \
          (slot)->i32 = 1;                                                                         \
          break;                                                                                   \
        case 2:                                                                                    \
          r2 = (value);                                                                            \
          (slot)->i32 = 2;                                                                         \
          break;                                                                                   \
        case 3:                                                                                    \
          r3 = (value);                                                                            \
          (slot)->i32 = 3;                                                                         \
          break;                                                                                   \
        default:                                                                                   \
          (slot)->i32 = py_to_js_push_ref(value);                                                  \
      }                                                                                            \
    }                                                                                              \
  } while (0)

/* Either `func` is called with `this_`, or, when `name` is given, the method of `this_`. */
static PyObject *
call(JsVal func, JsVal this_, JsName *name, PyObject *const *args, Py_ssize_t nargs,
     PyObject *kwnames, int flags)
{
  Py_ssize_t nkw = kwnames ? PyTuple_GET_SIZE(kwnames) : 0;
  Slot small[SMALL_FRAME];
  Slot *frame = small;
  if (nargs + 2 * nkw > SMALL_FRAME) {
    frame = PyMem_Malloc((nargs + 2 * nkw) * sizeof(Slot));
    if (frame == NULL) {
      if (name) {
        text_js_name_unsent(name);
      }
      return PyErr_NoMemory();
    }
  }
  JsVal r0 = JSVAL_NONE;
  JsVal r1 = JSVAL_NONE;
  JsVal r2 = JSVAL_NONE;
  JsVal r3 = JSVAL_NONE;
  int nrefs = 0;
  int failed = 0;
  PyToJsLists lists = flags & CALL_KEEP_LISTS ? LISTS_KEEP : LISTS_BY_MODE;
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  for (Py_ssize_t i = 0; i < nargs + nkw && !failed; i++) {
    Slot *slot = &frame[i];
    if (i >= nargs) {
      slot = &frame[nargs + 2 * (i - nargs)];
      text_to_slot_borrow(PyTuple_GET_ITEM(kwnames, i - nargs), slot++);
    }
    if (i == 0 && (flags & CALL_THIS)) {
      py_to_js_object(args[i], slot, PYOBJ_BORROW);
      continue;
    }
    JsVal value = py_to_js(args[i], slot, PYOBJ_BORROW, lists, &failed);
    PLACE_REF(slot, value);
  }
  PyObject *result = NULL;
  if (!failed && Py_EnterRecursiveCall(" while calling a JavaScript function") == 0) {
    Slot out[2];
    JsVal value =
      name ? jsx_call_method(this_, name->id, name->slot, r0, r1, r2, r3, frame, nargs, nkw, out)
           : jsx_call(func, this_, r0, r1, r2, r3, frame, nargs, nkw, flags, out);
    if (name && out->tag == TAG_PYOBJ && out->aux == UINT32_MAX) {
      /* The method is a Python function: no conversion of its arguments, as in Python. It may
       * switch the stack, so nothing is put aside any more. */
      PyObject *callable = Py_NewRef((PyObject *)out->address);
      py_to_js_done(mark);
      mark = py_to_js_mark();
      result = PyObject_Vectorcall(callable, args, nargs, kwnames);
      Py_DECREF(callable);
    } else if (name && out->tag == TAG_ABSENT) {
      PyErr_SetNone(PyExc_AttributeError);
    } else {
      result = js_to_py_answer_new(out, value);
    }
    Py_LeaveRecursiveCall();
  } else if (name) {
    text_js_name_unsent(name);
  }
  py_to_js_done(mark);
  if (frame != small) {
    PyMem_Free(frame);
  }
  return result;
}

/* What a call returns is for Python's event loop to wait for when it is a promise. Consumes the
 * reference, which may be NULL. */
static PyObject *
settle(PyObject *result)
{
  if (result == NULL || !JsProxy_Check(result)) {
    return result;
  }
  if ((JsProxy_flags(result) & (JSF_IS_AWAITABLE | JSF_IS_DOUBLE_PROXY)) != JSF_IS_AWAITABLE) {
    return result;
  }
  PyObject *future = jsproxy_future_of_call_new(result);
  Py_DECREF(result);
  return future;
}

PyObject *
calls_function_raw(JsVal func, JsVal this_, PyObject *const *args, Py_ssize_t nargs,
                   PyObject *kwnames, int flags)
{
  return call(func, this_, NULL, args, nargs, kwnames, flags);
}

PyObject *
calls_function(JsVal func, JsVal this_, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
               int flags)
{
  PyObject *result = call(func, this_, NULL, args, nargs, kwnames, flags);
  return flags & CALL_CONSTRUCT ? result : settle(result);
}

PyObject *
calls_method_raw(JsVal obj, PyObject *name, PyObject *const *args, Py_ssize_t nargs,
                 PyObject *kwnames)
{
  JsName js_name;
  if (text_js_name(name, &js_name) < 0) {
    return NULL;
  }
  PyObject *result = call(JSVAL_NONE, obj, &js_name, args, nargs, kwnames, 0);
  if (result == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
    PyObject *exc = PyErr_GetRaisedException();
    if (PyTuple_GET_SIZE(((PyBaseExceptionObject *)exc)->args) == 0) {
      Py_DECREF(exc);
      PyErr_SetObject(PyExc_AttributeError, name);
    } else {
      PyErr_SetRaisedException(exc);
    }
  }
  return result;
}

PyObject *
calls_method(JsVal obj, PyObject *name, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
  return settle(calls_method_raw(obj, name, args, nargs, kwnames));
}

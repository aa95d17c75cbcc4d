/* Exports for iteration: iterators, generators, and the steps of their async kin. */
#include "pyproxy.h"

#include "errors.h"
#include "js_to_py.h"

JsVal
pyx_iter(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *iterator = PyObject_GetIter(obj);
  pyx_end(obj);
  return pyx_return_object(iterator, out);
}

/** Finish a step of an iterator whose result is a new reference. */
static JsVal
return_step(PySendResult state, PyObject *result, Slot *frame, Slot *out)
{
  if (state != PYGEN_RETURN) {
    return calls_return(state == PYGEN_NEXT ? result : NULL, out);
  }
  JsVal ref = calls_return(result, frame);
  if (frame->tag == TAG_ERR) {
    *out = *frame;
  } else {
    slot_set_tag(out, TAG_DONE);
  }
  return ref;
}

JsVal
pyx_next(PYX_PARAMS)
{
  PyObject *iterator = pyx_begin(a);
  if (iterator == NULL) {
    return pyx_refuse(out);
  }
  PyObject *result = NULL;
  PySendResult state = PYGEN_ERROR;
  PyObject *sent = n ? PYX_VALUE_NEW(0) : Py_NewRef(Py_None);
  if (sent != NULL) {
    state = PyIter_Send(iterator, sent, &result);
    Py_DECREF(sent);
  }
  pyx_end(iterator);
  return return_step(state, result, frame, out);
}

/** The value of the StopIteration that is set, which is cleared. 1 and a new reference;
 *  0 when another exception or none is set, which stays. */
static int
take_stop_value(PyObject **value)
{
  if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
    return 0;
  }
  PyObject *error = PyErr_GetRaisedException();
  *value = Py_NewRef(((PyStopIterationObject *)error)->value);
  Py_DECREF(error);
  return 1;
}

/** The exception that JavaScript gives: an ERR slot is one by itself, any other value is taken
 *  as it is. New reference, or NULL with an error set. */
static PyObject *
exception_new(PYX_PARAMS)
{
  (void)out;
  if (frame[0].tag != TAG_ERR) {
    return PYX_VALUE_NEW(0);
  }
  errors_from_js(&frame[0], r0);
  return PyErr_GetRaisedException();
}

/** generator.throw(error), in the form of PyIter_Send. */
static PySendResult
generator_throw(PyObject *generator, PyObject *error, PyObject **result)
{
  *result = PyObject_CallMethod(generator, "throw", "O", error);
  if (*result != NULL) {
    return PYGEN_NEXT;
  }
  return take_stop_value(result) ? PYGEN_RETURN : PYGEN_ERROR;
}

JsVal
pyx_throw(PYX_PARAMS)
{
  PyObject *generator = pyx_begin(a);
  if (generator == NULL) {
    return pyx_refuse(out);
  }
  PyObject *result = NULL;
  PySendResult state = PYGEN_ERROR;
  PyObject *error = exception_new(a, b, frame, n, out, r0, r1, r2, r3);
  if (error != NULL) {
    state = generator_throw(generator, error, &result);
    Py_DECREF(error);
  }
  pyx_end(generator);
  return return_step(state, result, frame, out);
}

JsVal
pyx_return(PYX_PARAMS)
{
  PyObject *generator = pyx_begin(a);
  if (generator == NULL) {
    return pyx_refuse(out);
  }
  PyObject *result = NULL;
  PySendResult state = generator_throw(generator, PyExc_GeneratorExit, &result);
  int closed = state == PYGEN_ERROR && PyErr_ExceptionMatches(PyExc_GeneratorExit);
  if (closed) {
    PyErr_Clear();
  }
  pyx_end(generator);
  if (closed) {
    slot_set_tag(frame, TAG_ABSENT);
    slot_set_tag(out, TAG_DONE);
    return JSVAL_NONE;
  }
  return return_step(state, result, frame, out);
}

/** The awaitable of an async iterator's next step. New reference, or NULL with an error. */
static PyObject *
async_next_new(PyObject *iterator, PyObject *sent)
{
  if (sent != Py_None) {
    return PyObject_CallMethod(iterator, "asend", "O", sent);
  }
  PyAsyncMethods *methods = Py_TYPE(iterator)->tp_as_async;
  if (methods == NULL || methods->am_anext == NULL) {
    return PyErr_Format(PyExc_TypeError, "'%.200s' object is not an async iterator",
                        Py_TYPE(iterator)->tp_name);
  }
  return methods->am_anext(iterator);
}

JsVal
pyx_async_step(PYX_PARAMS)
{
  enum { NEXT, THROW, CLOSE, ITERATE };
  PyObject *iterator = pyx_begin(a);
  if (iterator == NULL) {
    return pyx_refuse(out);
  }
  PyObject *awaitable = NULL;
  PyObject *value = b == THROW ? exception_new(a, b, frame, n, out, r0, r1, r2, r3)
                    : n        ? PYX_VALUE_NEW(0)
                               : Py_NewRef(Py_None);
  if (value == NULL) {
    /* The error is set. */
  } else if (b == NEXT) {
    awaitable = async_next_new(iterator, value);
  } else if (b == THROW) {
    awaitable = PyObject_CallMethod(iterator, "athrow", "O", value);
  } else if (b == CLOSE) {
    awaitable = PyObject_CallMethod(iterator, "athrow", "O", PyExc_GeneratorExit);
  } else {
    awaitable = PyObject_GetAIter(iterator);
  }
  Py_XDECREF(value);
  pyx_end(iterator);
  return pyx_return_object(awaitable, out);
}

/* Iteration over JavaScript iterables and iterators. */
#include "jsproxy.h"

#include "../calls.h"
#include "../docs.gen.h"
#include "../errors.h"
#include "../js_to_py.h"
#include "../py_to_js.h"

/* Private in CPython: it alone knows how tuples and exceptions are carried as a value. */
extern int _PyGen_SetStopIterationValue(PyObject *value);

static PyObject *
iterate(PyObject *self)
{
  return jsproxy_op_new(OP_ITERATE, self);
}

static PyObject *
iterate_keys(PyObject *self)
{
  return jsproxy_op_new(OP_ITERATE_KEYS, self);
}

/* The value of a step's answer, new reference; at the end NULL, with StopIteration set when it
 * carries a value. */
static PyObject *
finish(Slot *out, JsVal result)
{
  int done = out[0].tag != TAG_ERR && out[1].tag == TAG_DONE;
  PyObject *value = js_to_py_answer_new(out, result);
  if (done && value != NULL) {
    if (value != Py_None) {
      _PyGen_SetStopIterationValue(value);
    }
    Py_CLEAR(value);
  }
  return value;
}

/* One step by `op` with an argument. As finish. */
static PyObject *
step(PyObject *self, int op, PyObject *sent)
{
  Slot key;
  Slot out[2];
  int failed = 0;
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  JsVal js_key = py_to_js(sent, &key, PYOBJ_BORROW, LISTS_BY_MODE, &failed);
  PyObject *value = NULL;
  if (!failed) {
    JsVal result = jsx_op(op, JsProxy_value(self), &key, js_key, NULL, JSVAL_NONE, out);
    value = finish(out, result);
  }
  py_to_js_done(mark);
  return value;
}

static PyObject *
next(PyObject *self)
{
  Slot out[2];
  calls_release_result();
  JsVal result = jsx_next(JsProxy_value(self), out);
  if (out[0].tag == TAG_INT && out[1].tag != TAG_DONE) {
    return PyLong_FromLong(out[0].i32);
  }
  return finish(out, result);
}

/* Methods say StopIteration at the end, unlike tp_iternext. */
static PyObject *
ended(PyObject *value)
{
  if (value == NULL && !PyErr_Occurred()) {
    PyErr_SetNone(PyExc_StopIteration);
  }
  return value;
}

static PyObject *
send(PyObject *self, PyObject *value)
{
  return ended(step(self, OP_NEXT, value));
}

PyObject *
jsproxy_thrown_new(PyObject *args, const char *format)
{
  PyObject *type;
  PyObject *value = NULL;
  PyObject *traceback = NULL;
  if (!PyArg_ParseTuple(args, format, &type, &value, &traceback)) {
    return NULL;
  }
  if (traceback == Py_None) {
    traceback = NULL;
  }
  if (traceback != NULL && !PyTraceBack_Check(traceback)) {
    PyErr_SetString(PyExc_TypeError, "throw() third argument must be a traceback object");
    return NULL;
  }
  PyObject *exc = NULL;
  if (PyExceptionInstance_Check(type)) {
    if (value != NULL && value != Py_None) {
      PyErr_SetString(PyExc_TypeError, "instance exception may not have a separate value");
      return NULL;
    }
    exc = Py_NewRef(type);
  } else if (!PyExceptionClass_Check(type)) {
    PyErr_Format(PyExc_TypeError,
                 "exceptions must be classes or instances deriving from BaseException, not %s",
                 Py_TYPE(type)->tp_name);
    return NULL;
  } else if (value != NULL && PyObject_TypeCheck(value, (PyTypeObject *)type)) {
    exc = Py_NewRef(value);
  } else if (value == NULL || value == Py_None) {
    exc = PyObject_CallNoArgs(type);
  } else {
    exc =
      PyTuple_Check(value) ? PyObject_CallObject(type, value) : PyObject_CallOneArg(type, value);
  }
  if (exc != NULL && traceback != NULL && PyException_SetTraceback(exc, traceback) < 0) {
    Py_CLEAR(exc);
  }
  return exc;
}

static PyObject *
generator_throw(PyObject *self, PyObject *args)
{
  PyObject *exc = jsproxy_thrown_new(args, "O|OO:throw");
  if (exc == NULL) {
    return NULL;
  }
  PyObject *result;
  if (PyErr_GivenExceptionMatches(exc, PyExc_GeneratorExit)) {
    result = step(self, OP_RETURN, Py_None);
  } else {
    Slot out[2];
    calls_release_result();
    /* JavaScript gets its own errors as they are, also those that Python has made. */
    JsVal error =
      PyObject_TypeCheck(exc, JsException_Type) ? JsProxy_value(exc) : errors_value(exc);
    JsVal answer = jsx_op(OP_THROW, JsProxy_value(self), NULL, error, NULL, JSVAL_NONE, out);
    result = finish(out, answer);
  }
  Py_DECREF(exc);
  return ended(result);
}

static PyObject *
generator_close(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  PyObject *value = step(self, OP_RETURN, Py_None);
  if (value != NULL) {
    Py_DECREF(value);
    PyErr_SetString(PyExc_RuntimeError, "JavaScript generator ignored return");
    return NULL;
  }
  if (PyErr_Occurred()) {
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
      return NULL;
    }
    PyErr_Clear();
  }
  Py_RETURN_NONE;
}

static PyMethodDef generator_methods[] = {
  { "throw", generator_throw, METH_VARARGS, DOC_JsGenerator_throw },
  { "close", generator_close, METH_NOARGS, DOC_JsGenerator_close },
  { 0 },
};

static PyMethodDef iterator_methods[] = {
  { "send", send, METH_O, DOC_JsIterator_send },
  { 0 },
};

static const PyType_Slot iterable_slots[] = { { Py_tp_iter, iterate }, { 0, NULL } };
static const PyType_Slot keyed_slots[] = { { Py_tp_iter, iterate_keys }, { 0, NULL } };
static const PyType_Slot iterator_slots[] = {
  { Py_tp_iter, PyObject_SelfIter },
  { Py_tp_iternext, next },
  { 0, NULL },
};

const JsProxyRow jsproxy_iterate_rows[] = {
  { .all = JSF_IS_ITERABLE, .slots = iterable_slots },
  { .all = JSF_IS_ITERABLE | JSF_HAS_GET | JSF_HAS_LENGTH,
    .none = JSPROXY_SEQUENCES,
    .slots = keyed_slots },
  { .all = JSF_IS_ITERATOR, .slots = iterator_slots, .methods = iterator_methods },
  { .all = JSF_IS_GENERATOR, .methods = generator_methods },
  { 0 },
};

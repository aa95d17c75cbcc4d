/* Iteration over JavaScript iterables and iterators. */
#include "jsproxy.h"

#include "../calls.h"
#include "../errors.h"
#include "../js_to_py.h"
#include "../py_to_js.h"

#define SEQUENCES (JSF_IS_ARRAY | JSF_IS_TYPEDARRAY | JSF_IS_NODE_LIST)

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

/* One step, with `sent` passed to next() when it is not NULL. The value, new reference; at
 * the end NULL with StopIteration set when it carries a value. */
static PyObject *
step(PyObject *self, PyObject *sent)
{
  Slot key;
  Slot out[2];
  int failed = 0;
  JsVal js_key = JSVAL_NONE;
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  if (sent != NULL) {
    js_key = py_to_js(sent, &key, PYOBJ_BORROW, LISTS_BY_MODE, &failed);
  }
  PyObject *value = NULL;
  if (!failed) {
    JsVal result =
      jsx_op(OP_NEXT, JsProxy_value(self), sent ? &key : NULL, js_key, NULL, JSVAL_NONE, out);
    int done = out[0].tag != TAG_ERR && out[1].tag == TAG_DONE;
    value = js_to_py_answer_new(out, result);
    if (done && value != NULL) {
      if (value != Py_None) {
        _PyGen_SetStopIterationValue(value);
      }
      Py_CLEAR(value);
    }
  }
  py_to_js_done(mark);
  return value;
}

static PyObject *
next(PyObject *self)
{
  return step(self, NULL);
}

static PyObject *
send(PyObject *self, PyObject *value)
{
  PyObject *result = step(self, value);
  if (result == NULL && !PyErr_Occurred()) {
    PyErr_SetNone(PyExc_StopIteration);
  }
  return result;
}

static PyMethodDef iterator_methods[] = {
  { "send", send, METH_O,
    "send($self, value, /)\n--\n\nCall `next(value)` of the iterator. Raises StopIteration at the "
    "end." },
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
  { .all = JSF_IS_ITERABLE | JSF_HAS_GET, .none = SEQUENCES, .slots = keyed_slots },
  { .all = JSF_IS_ITERATOR, .slots = iterator_slots, .methods = iterator_methods },
  { 0 },
};

/* JavaScript promises, thenables and async iterators as awaitables.
 *
 * Python's event loop is Python code, so what waits for a promise is made there, by
 * _pyodide/_promise.py; this file only gives the types their slots and methods. */
#include "jsproxy.h"

#include "../errors.h"

/* Call a function of _pyodide._promise. New reference, or NULL with an error set. */
static PyObject *
promise_call(const char *name, PyObject *const *args, Py_ssize_t nargs)
{
  PyObject *module = PyImport_ImportModule("_pyodide._promise");
  PyObject *function = module ? PyObject_GetAttrString(module, name) : NULL;
  PyObject *result = function ? PyObject_Vectorcall(function, args, nargs, NULL) : NULL;
  Py_XDECREF(function);
  Py_XDECREF(module);
  return result;
}

PyObject *
jsproxy_future_of_new(PyObject *promise)
{
  return promise_call("future_of", &promise, 1);
}

static PyObject *
await(PyObject *self)
{
  PyObject *future = jsproxy_future_of_new(self);
  PyObject *iterator = future ? PyObject_CallMethod(future, "__await__", NULL) : NULL;
  Py_XDECREF(future);
  return iterator;
}

static PyObject *
then(PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "onfulfilled", "onrejected", NULL };
  PyObject *call[] = { self, NULL, Py_None };
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:then", names, &call[1], &call[2])) {
    return NULL;
  }
  return promise_call("then", call, 3);
}

static PyObject *
catch(PyObject *self, PyObject *onrejected)
{
  PyObject *call[] = { self, Py_None, onrejected };
  return promise_call("then", call, 3);
}

static PyObject *
finally(PyObject *self, PyObject *onfinally)
{
  PyObject *call[] = { self, onfinally };
  return promise_call("finally_", call, 2);
}

static PyMethodDef promise_methods[] = {
  { "then", (PyCFunction)(void (*)(void))then, METH_VARARGS | METH_KEYWORDS,
    "then(onfulfilled, onrejected=None)\n--\n\n"
    "Attach handlers, which are released when the promise is settled. Returns a JsProxy of the\n"
    "promise of what they return; an awaitable is awaited." },
  { "catch", catch, METH_O,
    "catch(onrejected, /)\n--\n\nAttach a handler of the rejection: then(None, onrejected)." },
  { "finally_", finally, METH_O,
    "finally_(onfinally, /)\n--\n\nAttach a handler that is called in either case. Returns "
    "a JsProxy of a promise with the outcome of this one." },
  { 0 },
};

static PyObject *
iterate_async(PyObject *self)
{
  return jsproxy_op_new(OP_ITERATE_ASYNC, self);
}

/* One step by a method of the iterator, with `value` as its argument when it is not NULL. */
static PyObject *
step(PyObject *self, const char *method, PyObject *value)
{
  PyObject *name = PyUnicode_FromString(method);
  PyObject *call[] = { self, name, value };
  PyObject *result = name ? promise_call("step", call, value ? 3 : 2) : NULL;
  Py_XDECREF(name);
  return result;
}

static PyObject *
anext(PyObject *self)
{
  return step(self, "next", NULL);
}

static PyObject *
asend(PyObject *self, PyObject *value)
{
  return step(self, "next", value);
}

static PyObject *
athrow(PyObject *self, PyObject *args)
{
  PyObject *type;
  PyObject *value = NULL;
  PyObject *traceback = NULL;
  if (!PyArg_ParseTuple(args, "O|OO:athrow", &type, &value, &traceback)) {
    return NULL;
  }
  PyObject *exc = jsproxy_thrown_new(type, value, traceback);
  if (exc == NULL) {
    return NULL;
  }
  PyObject *result;
  if (PyErr_GivenExceptionMatches(exc, PyExc_GeneratorExit)) {
    result = step(self, "return", NULL);
  } else {
    PyObject *error = jsproxy_new(errors_value(exc), JSF_IS_ERROR);
    result = error ? step(self, "throw", error) : NULL;
    Py_XDECREF(error);
  }
  Py_DECREF(exc);
  return result;
}

static PyObject *
aclose(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return promise_call("aclose", &self, 1);
}

static PyMethodDef iterator_methods[] = {
  { "asend", asend, METH_O,
    "asend($self, value, /)\n--\n\nCall `next(value)`. Returns a future of what is yielded next." },
  { 0 },
};

static PyMethodDef generator_methods[] = {
  { "athrow", athrow, METH_VARARGS,
    "athrow($self, type, value=None, traceback=None, /)\n--\n\nRaise an exception inside the "
    "generator, as an error. Returns a future of what it yields next." },
  { "aclose", aclose, METH_NOARGS,
    "aclose($self, /)\n--\n\nCall `return()` of the generator. Returns a future of None." },
  { 0 },
};

static const PyType_Slot await_slots[] = { { Py_am_await, await }, { 0, NULL } };
static const PyType_Slot iterable_slots[] = { { Py_am_aiter, iterate_async }, { 0, NULL } };
static const PyType_Slot iterator_slots[] = {
  { Py_am_aiter, PyObject_SelfIter },
  { Py_am_anext, anext },
  { 0, NULL },
};

const JsProxyRow jsproxy_await_rows[] = {
  { .all = JSF_IS_AWAITABLE, .slots = await_slots, .methods = promise_methods },
  { .all = JSF_IS_ASYNC_ITERABLE, .slots = iterable_slots },
  { .all = JSF_IS_ASYNC_ITERATOR, .slots = iterator_slots, .methods = iterator_methods },
  { .all = JSF_IS_ASYNC_GENERATOR, .methods = generator_methods },
  { 0 },
};

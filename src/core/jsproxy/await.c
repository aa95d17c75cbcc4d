/* JavaScript promises, thenables and async iterators as awaitables.
 *
 * Python's event loop is Python code, so what waits for a promise is made there, by
 * _pyodide/_promise.py; this file only gives the types their slots and methods. */
#include "jsproxy.h"

#include "../calls.h"
#include "../docs.gen.h"
#include "../errors.h"
#include "../js_to_py.h"
#include "../tape.h"

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
jsproxy_future_of_call_new(PyObject *promise)
{
  return promise_call("future_of_call", &promise, 1);
}

static PyObject *
await(PyObject *self)
{
  PyObject *future = promise_call("future_of", &self, 1);
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
  { "then", (PyCFunction)(void (*)(void))then, METH_VARARGS | METH_KEYWORDS, DOC_JsPromise_then },
  { "catch", catch, METH_O, DOC_JsPromise_catch },
  { "finally_", finally, METH_O, DOC_JsPromise_finally_ },
  { 0 },
};

static PyObject *
iterate_async(PyObject *self)
{
  return jsproxy_op_new(OP_ITERATE_ASYNC, self);
}

/* One step by a method of the iterator, with `value` as its argument when it is not NULL. `called`
 * is what the program has called. */
static PyObject *
step(PyObject *self, const char *called, const char *method, PyObject *value)
{
  PyObject *names[] = { PyUnicode_FromString(called), PyUnicode_FromString(method) };
  PyObject *call[] = { self, names[0], names[1], value };
  PyObject *result = names[0] && names[1] ? promise_call("step", call, value ? 4 : 3) : NULL;
  Py_XDECREF(names[0]);
  Py_XDECREF(names[1]);
  return result;
}

static PyObject *
anext(PyObject *self)
{
  return step(self, "anext", "next", NULL);
}

static PyObject *
asend(PyObject *self, PyObject *value)
{
  return step(self, "asend", "next", value);
}

static PyObject *
athrow(PyObject *self, PyObject *args)
{
  PyObject *exc = jsproxy_thrown_new(args, "O|OO:athrow");
  if (exc == NULL) {
    return NULL;
  }
  PyObject *result;
  if (PyErr_GivenExceptionMatches(exc, PyExc_GeneratorExit)) {
    result = step(self, "athrow", "return", NULL);
  } else {
    /* When it comes out of the generator other code has run, which may have seen it. */
    PyObject *error = jsproxy_new(errors_copy(exc), JSF_IS_ERROR);
    result = error ? step(self, "athrow", "throw", error) : NULL;
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
  { "asend", asend, METH_O, DOC_JsAsyncIterator_asend },
  { 0 },
};

static PyMethodDef generator_methods[] = {
  { "athrow", athrow, METH_VARARGS, DOC_JsAsyncGenerator_athrow },
  { "aclose", aclose, METH_NOARGS, DOC_JsAsyncGenerator_aclose },
  { 0 },
};

static const PyType_Slot await_slots[] = { { Py_am_await, await }, { 0, NULL } };
static const PyType_Slot iterable_slots[] = { { Py_am_aiter, iterate_async }, { 0, NULL } };
static const PyType_Slot iterator_slots[] = {
  { Py_am_aiter, PyObject_SelfIter },
  { Py_am_anext, anext },
  { 0, NULL },
};

/* A handler, which JavaScript gets a reference of its own to. */
static JsVal
handler(PyObject *function, Slot *slot)
{
  if (function == Py_None) {
    slot_set_tag(slot, TAG_UNDEFINED);
    return JSVAL_NONE;
  }
  if (JsProxy_Check(function)) {
    slot_set_ref(slot, 0);
    return JsProxy_value(function);
  }
  py_to_js_object(function, slot, PYOBJ_OWN);
  return JSVAL_NONE;
}

/* Attach the handlers args[1] and, of three arguments, args[2] to the promise args[0]. */
static PyObject *
attach(int op, PyObject *const *args, Py_ssize_t nargs, int use_up)
{
  if (!JsProxy_Check(args[0])) {
    return PyErr_Format(PyExc_TypeError, "expected a JsProxy of a promise, not %.200s",
                        Py_TYPE(args[0])->tp_name);
  }
  Slot fulfilled;
  Slot others[2] = { { .tag = TAG_UNDEFINED }, { .tag = TAG_BOOL, .i32 = use_up } };
  Slot out[2];
  JsVal first = handler(args[1], &fulfilled);
  JsVal second = nargs > 2 ? handler(args[2], &others[0]) : JSVAL_NONE;
  calls_release_result();
  JsVal value =
    jsx_op(op, JsProxy_value(args[0]), &fulfilled, first, nargs > 2 ? others : NULL, second, out);
  return js_to_py_answer_new(out, value);
}

static int
check_count(const char *name, Py_ssize_t nargs, Py_ssize_t wanted)
{
  if (nargs != wanted) {
    PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments, not %zd", name, wanted, nargs);
    return 0;
  }
  return 1;
}

static PyObject *
wait(PyObject *Py_UNUSED(self), PyObject *const *args, Py_ssize_t nargs)
{
  return check_count("wait", nargs, 4) ? attach(OP_WAIT, args, 3, args[3] == Py_True) : NULL;
}

static PyObject *
wait_step(PyObject *Py_UNUSED(self), PyObject *const *args, Py_ssize_t nargs)
{
  return check_count("wait_step", nargs, 3) ? attach(OP_WAIT_STEP, args, 3, 0) : NULL;
}

static PyObject *
attach_then(PyObject *Py_UNUSED(self), PyObject *const *args, Py_ssize_t nargs)
{
  return check_count("attach_then", nargs, 3) ? attach(OP_THEN, args, 3, 0) : NULL;
}

static PyObject *
attach_finally(PyObject *Py_UNUSED(self), PyObject *const *args, Py_ssize_t nargs)
{
  return check_count("attach_finally", nargs, 2) ? attach(OP_FINALLY, args, 2, 0) : NULL;
}

PyMethodDef jsproxy_await_functions[] = {
  { "wait", (PyCFunction)(void (*)(void))wait, METH_FASTCALL,
    "wait(promise, onfulfilled, onrejected, use_up, /)\n--\n\n"
    "Have one of two functions called when a promise is settled. With use_up a PyProxy that it\n"
    "is fulfilled with is destroyed then." },
  { "wait_step", (PyCFunction)(void (*)(void))wait_step, METH_FASTCALL,
    "wait_step(promise, onstep, onrejected, /)\n--\n\n"
    "As wait() for a step of an async iterator: onstep gets what is wrong with it or None,\n"
    "whether it is the last, and its value. A PyProxy that is yielded is destroyed then." },
  { "attach_then", (PyCFunction)(void (*)(void))attach_then, METH_FASTCALL,
    "attach_then(promise, onfulfilled, onrejected, /)\n--\n\n"
    "Call the promise's method then; a handler may be None." },
  { "attach_finally", (PyCFunction)(void (*)(void))attach_finally, METH_FASTCALL,
    "attach_finally(promise, onfinally, /)\n--\n\nCall the promise's method finally." },
  { 0 },
};

const JsProxyRow jsproxy_await_rows[] = {
  { .all = JSF_IS_AWAITABLE, .slots = await_slots, .methods = promise_methods },
  { .all = JSF_IS_ASYNC_ITERABLE, .slots = iterable_slots },
  { .all = JSF_IS_ASYNC_ITERATOR, .slots = iterator_slots, .methods = iterator_methods },
  { .all = JSF_IS_ASYNC_GENERATOR, .methods = generator_methods },
  { 0 },
};

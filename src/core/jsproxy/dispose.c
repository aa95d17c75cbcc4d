/* Objects with Symbol.dispose or Symbol.asyncDispose as context managers. */
#include "jsproxy.h"

#include "../docs.gen.h"

static PyObject *
enter(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return Py_NewRef(self);
}

static PyObject *
leave(PyObject *self, PyObject *Py_UNUSED(args))
{
  return jsproxy_op_new(OP_DISPOSE, self);
}

/* A promise of the object would wait for it, if it has a method `then`: hence a coroutine. */
static PyObject *
enter_async(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  PyObject *module = PyImport_ImportModule("_pyodide._dispose");
  PyObject *coroutine = module ? PyObject_CallMethod(module, "itself", "O", self) : NULL;
  Py_XDECREF(module);
  return coroutine;
}

static PyObject *
leave_async(PyObject *self, PyObject *Py_UNUSED(args))
{
  return jsproxy_op_new(OP_DISPOSE_ASYNC, self);
}

static PyMethodDef methods[] = {
  { "__enter__", enter, METH_NOARGS, DOC_JsDisposable___enter__ },
  { "__exit__", leave, METH_VARARGS, DOC_JsDisposable___exit__ },
  { 0 },
};

static PyMethodDef async_methods[] = {
  { "__aenter__", enter_async, METH_NOARGS, DOC_JsAsyncDisposable___aenter__ },
  { "__aexit__", leave_async, METH_VARARGS, DOC_JsAsyncDisposable___aexit__ },
  { 0 },
};

const JsProxyRow jsproxy_dispose_rows[] = {
  { .all = JSF_IS_DISPOSABLE, .methods = methods },
  { .all = JSF_IS_ASYNC_DISPOSABLE, .methods = async_methods },
  { 0 },
};

/* JavaScript promises and thenables as awaitables. */
#include "jsproxy.h"

/* Python's event loop is Python code, so the future that waits for the promise is made there. */
static PyObject *
await(PyObject *self)
{
  PyObject *module = PyImport_ImportModule("_pyodide._promise");
  PyObject *future = module ? PyObject_CallMethod(module, "future_of", "O", self) : NULL;
  PyObject *iterator = future ? PyObject_CallMethod(future, "__await__", NULL) : NULL;
  Py_XDECREF(future);
  Py_XDECREF(module);
  return iterator;
}

static const PyType_Slot slots[] = { { Py_am_await, await }, { 0, NULL } };

const JsProxyRow jsproxy_await_rows[] = {
  { .all = JSF_IS_AWAITABLE, .slots = slots },
  { 0 },
};

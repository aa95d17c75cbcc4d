/* The export that schedules an awaitable for a JavaScript promise. */
#include "pyproxy.h"

#include "handles.h"
#include "js_to_py.h"

static const char SETTLER[] = "pyodide.settler";

static void
drop_settler(PyObject *capsule)
{
  handles_drop((JsRef)PyCapsule_GetPointer(capsule, SETTLER));
}

/** Called when the future is done: hand its result or exception to the promise. */
static PyObject *
settle(PyObject *capsule, PyObject *future)
{
  JsRef settler = (JsRef)PyCapsule_GetPointer(capsule, SETTLER);
  PyObject *result = PyObject_CallMethod(future, "result", NULL);
  Slot value;
  JsVal ref = calls_return(result, &value);
  jsx_settle(handles_get(settler), &value, ref);
  Py_RETURN_NONE;
}

static PyMethodDef settle_def = { "settle_promise", settle, METH_O, NULL };

/** The callback that settles the promise of `settler`. New reference, or NULL with an error. */
static PyObject *
callback_new(JsVal settler)
{
  JsRef held = handles_new(settler);
  if (held == NULL) {
    return PyErr_NoMemory();
  }
  PyObject *capsule = PyCapsule_New((void *)held, SETTLER, drop_settler);
  if (capsule == NULL) {
    handles_drop(held);
    return NULL;
  }
  PyObject *callback = PyCFunction_New(&settle_def, capsule);
  Py_DECREF(capsule);
  return callback;
}

static int
schedule(PyObject *awaitable, JsVal settler)
{
  PyObject *asyncio = PyImport_ImportModule("asyncio");
  PyObject *future = asyncio ? PyObject_CallMethod(asyncio, "ensure_future", "O", awaitable) : NULL;
  PyObject *callback = future ? callback_new(settler) : NULL;
  PyObject *nothing =
    callback ? PyObject_CallMethod(future, "add_done_callback", "O", callback) : NULL;
  int status = nothing ? 0 : -1;
  Py_XDECREF(nothing);
  Py_XDECREF(callback);
  Py_XDECREF(future);
  Py_XDECREF(asyncio);
  return status;
}

JsVal
pyx_await(PYX_PARAMS)
{
  PyObject *awaitable = pyx_begin(a);
  if (awaitable == NULL) {
    return pyx_refuse(out);
  }
  int status = schedule(awaitable, calls_slot_ref(&frame[0], r0, r1, r2, r3));
  pyx_end(awaitable);
  return calls_return_status(status, out);
}

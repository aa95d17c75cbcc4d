/* Errors: see errors.h. */
#include "errors.h"

#include "handles.h"
#include "jsproxy/jsproxy.h"
#include "text.h"

/* Private in CPython: adds an entry to the traceback of the exception that is set. */
extern void _PyTraceback_Add(const char *function, const char *file, int line);

PyObject *ConversionError;
PyObject *InternalError;

/* Recursion that formatting a traceback may use beyond the limit that was hit. */
#define HEADROOM 60

int
errors_init(PyObject *module)
{
  ConversionError = PyErr_NewExceptionWithDoc(
    "pyodide.ffi.ConversionError", "An object cannot be converted between Python and JavaScript.",
    NULL, NULL);
  InternalError = PyErr_NewExceptionWithDoc(
    "pyodide.ffi.InternalError", "A bug in the bridge between Python and JavaScript.", NULL, NULL);
  if (ConversionError == NULL || InternalError == NULL) {
    return -1;
  }
  if (PyModule_AddObjectRef(module, "ConversionError", ConversionError) < 0) {
    return -1;
  }
  return PyModule_AddObjectRef(module, "InternalError", InternalError);
}

/* Remember the exception as the interpreter's last one: a token that comes back is compared
 * with it. */
static void
remember(PyObject *exc)
{
  PyObject *traceback = PyException_GetTraceback(exc);
  if (PySys_SetObject("last_exc", exc) < 0 ||
      PySys_SetObject("last_type", (PyObject *)Py_TYPE(exc)) < 0 ||
      PySys_SetObject("last_value", exc) < 0 ||
      PySys_SetObject("last_traceback", traceback ? traceback : Py_None) < 0) {
    /* No memory for a dict entry: the error goes on without being restorable. */
    PyErr_Clear();
  }
  Py_XDECREF(traceback);
}

/* The text of the exception. New reference; never NULL but for lack of memory, error clear. */
static PyObject *
format(PyObject *exc)
{
  PyThreadState *tstate = PyThreadState_Get();
  tstate->c_recursion_remaining += HEADROOM;
  tstate->py_recursion_remaining += HEADROOM;
  PyObject *text = NULL;
  PyObject *module = PyImport_ImportModule("_pyodide._traceback");
  if (module != NULL) {
    text = PyObject_CallMethod(module, "format_exception", "O", exc);
    Py_DECREF(module);
  }
  tstate->c_recursion_remaining -= HEADROOM;
  tstate->py_recursion_remaining -= HEADROOM;
  if (text != NULL && PyUnicode_Check(text)) {
    return text;
  }
  PyErr_Clear();
  Py_XDECREF(text);
  text = PyUnicode_FromFormat("%s (its traceback could not be formatted)\n", Py_TYPE(exc)->tp_name);
  PyErr_Clear();
  return text;
}

JsVal
errors_value(PyObject *exc)
{
  if (PyObject_TypeCheck(exc, JsException_Type)) {
    return JsProxy_value(exc);
  }
  remember(exc);
  Slot type;
  Slot message;
  PyObject *name = PyType_GetQualName(Py_TYPE(exc));
  PyObject *text = format(exc);
  PyErr_Clear();
  if (name != NULL && text != NULL) {
    text_to_slot_borrow(name, &type);
    text_to_slot_borrow(text, &message);
  } else {
    slot_set_string(&type, STR_ASCII, "MemoryError", 11);
    slot_set_string(&message, STR_ASCII, "MemoryError\n", 12);
  }
  JsVal error = jsx_make_error(&type, &message, exc);
  Py_XDECREF(name);
  Py_XDECREF(text);
  return error;
}

JsVal
errors_to_js(Slot *out)
{
  PyObject *exc = PyErr_GetRaisedException();
  slot_set_tag(out, TAG_ERR);
  if (exc == NULL) {
    errors_fatal("an export failed without setting an exception");
  }
  JsVal thrown = errors_value(exc);
  Py_DECREF(exc);
  return thrown;
}

/* JavaScript asks for an exception of one of Python's own types. */
static void
raise_here(const Slot *err)
{
  PyObject *const types[] = {
    [CODE_TYPE_ERROR] = PyExc_TypeError,           [CODE_VALUE_ERROR] = PyExc_ValueError,
    [CODE_INDEX_ERROR] = PyExc_IndexError,         [CODE_OVERFLOW_ERROR] = PyExc_OverflowError,
    [CODE_MEMORY_ERROR] = PyExc_MemoryError,       [CODE_CONVERSION_ERROR] = ConversionError,
    [CODE_RECURSION_ERROR] = PyExc_RecursionError,
  };
  Slot text = *err;
  PyObject *message = text_from_slot_new(&text);
  if (message != NULL) {
    PyErr_SetObject(types[err->code], message);
    Py_DECREF(message);
  }
}

/* Add what JavaScript's stack says of the error to the exception's traceback, so that one
 * traceback shows both languages. */
static void
stitch(PyObject *exc)
{
  PyObject *frames = jsproxy_op_new(OP_STACK_FRAMES, exc);
  if (frames == NULL) {
    PyErr_Clear();
    return;
  }
  PyErr_SetRaisedException(Py_NewRef(exc));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(frames); i++) {
    const char *function;
    const char *file;
    int line;
    PyObject *frame = PyList_GET_ITEM(frames, i);
    PyObject *row = PyList_AsTuple(frame);
    PyObject *pending = PyErr_GetRaisedException();
    int ok = row && PyArg_ParseTuple(row, "ssi", &function, &file, &line);
    PyErr_SetRaisedException(pending);
    if (ok) {
      _PyTraceback_Add(function, file, line);
    }
    Py_XDECREF(row);
  }
  Py_XDECREF(PyErr_GetRaisedException());
  Py_DECREF(frames);
}

void
errors_from_js(const Slot *err, JsVal thrown)
{
  if (err->code != 0) {
    raise_here(err);
    return;
  }
  PyObject *token = err->address;
  if (token != NULL && token == PySys_GetObject("last_exc")) {
    PyErr_SetRaisedException(Py_NewRef(token));
    return;
  }
  PyObject *exc = jsproxy_new(thrown, err->aux | JSF_IS_ERROR);
  if (exc != NULL) {
    stitch(exc);
    /* Unlike PyErr_SetRaisedException it makes the exception being handled the context. */
    PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
    Py_DECREF(exc);
  }
}

void
errors_fatal(const char *message)
{
  Slot slot;
  slot_set_string(&slot, STR_ASCII, message, (uint32_t)strlen(message));
  jsx_fatal(&slot);
  __builtin_trap();
}

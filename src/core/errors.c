/* Errors: see errors.h. */
#include "errors.h"

#include "calls.h"
#include "docs.gen.h"
#include "handles.h"
#include "js_to_py.h"
#include "jsproxy/jsproxy.h"
#include "text.h"

/* Private in CPython: the interpreter's configuration; */
extern const PyConfig *_Py_GetConfig(void);
/* adds an entry to the traceback of the exception that is set. */
extern void _PyTraceback_Add(const char *function, const char *file, int line);

/* CPython's switch for signals from a buffer; see Python/emscripten_signal.c. */
extern int Py_EMSCRIPTEN_SIGNAL_HANDLING;

PyObject *ConversionError;
PyObject *InternalError;

/* Recursion that formatting a traceback may use beyond the limit that was hit. */
#define HEADROOM 60

int
errors_init(PyObject *module)
{
  ConversionError =
    PyErr_NewExceptionWithDoc("pyodide.ffi.ConversionError", DOC_ConversionError, NULL, NULL);
  InternalError =
    PyErr_NewExceptionWithDoc("pyodide.ffi.InternalError", DOC_InternalError, NULL, NULL);
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

/* The text of the exception. New reference, or NULL with the error clear. */
static PyObject *
format(PyObject *exc)
{
  PyThreadState *tstate = PyThreadState_Get();
  tstate->c_recursion_remaining += HEADROOM;
  tstate->py_recursion_remaining += HEADROOM;
  /* A signal that comes meanwhile must not take the place of the error: it waits. */
  int handling = Py_EMSCRIPTEN_SIGNAL_HANDLING;
  Py_EMSCRIPTEN_SIGNAL_HANDLING = 0;
  PyObject *text = NULL;
  PyObject *module = PyImport_ImportModule("_pyodide._traceback");
  if (module != NULL) {
    text = PyObject_CallMethod(module, "format_exception", "O", exc);
    Py_DECREF(module);
  }
  Py_EMSCRIPTEN_SIGNAL_HANDLING = handling;
  tstate->c_recursion_remaining -= HEADROOM;
  tstate->py_recursion_remaining -= HEADROOM;
  if (text != NULL && PyUnicode_Check(text)) {
    return text;
  }
  PyErr_Clear();
  Py_XDECREF(text);
  return NULL;
}

/* SystemExit that no Python code can handle any more ends the program, unless PYTHONINSPECT is
 * set, as the loader does where it is not told otherwise. */
static void
exit_if_asked(PyObject *exc)
{
  if (PyErr_GivenExceptionMatches(exc, PyExc_SystemExit) && !_Py_GetConfig()->inspect &&
      PyEval_GetFrame() == NULL) {
    PyErr_SetRaisedException(Py_NewRef(exc));
    /* It does not return. */
    PyErr_PrintEx(0);
  }
}

/* The error for an exception; `token` is the exception, or NULL when it will not be restored. */
static JsVal
error_of(PyObject *exc, PyObject *token)
{
  Slot type;
  Slot message;
  PyObject *name = PyType_GetQualName(Py_TYPE(exc));
  PyObject *text = format(exc);
  if (text == NULL) {
    Py_XSETREF(name, PyUnicode_FromString("PyodideInternalError"));
    text = PyUnicode_FromFormat("The traceback of this exception could not be formatted: %s\n",
                                Py_TYPE(exc)->tp_name);
  }
  PyErr_Clear();
  if (name != NULL && text != NULL) {
    text_to_slot_borrow(name, &type);
    text_to_slot_borrow(text, &message);
  } else {
    slot_set_string(&type, STR_ASCII, "MemoryError", 11);
    slot_set_string(&message, STR_ASCII, "MemoryError\n", 12);
  }
  JsVal error = jsx_make_error(&type, &message, token);
  Py_XDECREF(name);
  Py_XDECREF(text);
  return error;
}

JsVal
errors_value(PyObject *exc)
{
  remember(exc);
  exit_if_asked(exc);
  if (PyObject_TypeCheck(exc, JsException_Type) && ((JsErrorObject *)exc)->thrown) {
    /* What JavaScript has thrown is thrown on; what Python raises is quoted by a PythonError. */
    jsx_error_leaves(JsProxy_value(exc), exc);
    return JsProxy_value(exc);
  }
  return error_of(exc, exc);
}

JsVal
errors_copy(PyObject *exc)
{
  return PyObject_TypeCheck(exc, JsException_Type) ? JsProxy_value(exc) : error_of(exc, NULL);
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

/* Function, file and line of the JavaScript frames that the error came through since it was
 * thrown or left Python. New reference to a flat list, or NULL with the error clear. */
static PyObject *
frames_new(JsVal thrown)
{
  Slot out[2];
  calls_release_result();
  JsVal list = jsx_op(OP_STACK_FRAMES, thrown, NULL, JSVAL_NONE, NULL, JSVAL_NONE, out);
  PyObject *frames = js_to_py_answer_new(out, list);
  if (frames == NULL || !PyList_CheckExact(frames)) {
    PyErr_Clear();
    Py_CLEAR(frames);
  }
  return frames;
}

/* Add these frames to the exception's traceback, so that one traceback shows both languages. */
static void
stitch(PyObject *exc, JsVal thrown)
{
  PyObject *frames = frames_new(thrown);
  if (frames == NULL) {
    return;
  }
  for (Py_ssize_t i = 0; i + 2 < PyList_GET_SIZE(frames); i += 3) {
    const char *function = PyUnicode_AsUTF8(PyList_GET_ITEM(frames, i));
    const char *file = PyUnicode_AsUTF8(PyList_GET_ITEM(frames, i + 1));
    int line = PyLong_AsInt(PyList_GET_ITEM(frames, i + 2));
    if (PyErr_Occurred()) {
      /* A name with a lone surrogate, or an absurd line: this frame is left out. */
      PyErr_Clear();
      continue;
    }
    PyErr_SetRaisedException(Py_NewRef(exc));
    _PyTraceback_Add(function, file, line);
    Py_XDECREF(PyErr_GetRaisedException());
  }
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
    Py_INCREF(token);
    stitch(token, thrown);
    PyErr_SetRaisedException(token);
    return;
  }
  PyObject *exc = jsproxy_new(thrown, err->aux | JSF_IS_ERROR);
  if (exc != NULL) {
    ((JsErrorObject *)exc)->thrown = 1;
    stitch(exc, thrown);
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

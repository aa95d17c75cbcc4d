/* JavaScript errors as exceptions: construction from Python, pickling, `js_error`. */
#include "jsproxy.h"

#include "../calls.h"
#include "../docs.gen.h"
#include "../js_to_py.h"
#include "../text.h"

PyObject *
jsproxy_error_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "name", "message", "stack", NULL };
  PyObject *texts[3] = { NULL, NULL, NULL };
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U|UU:JsException", names, &texts[0], &texts[1],
                                   &texts[2])) {
    return NULL;
  }
  Slot slots[3];
  Slot out[2];
  for (int i = 0; i < 3; i++) {
    if (texts[i] != NULL) {
      text_to_slot_borrow(texts[i], &slots[i]);
    } else {
      slot_set_string(&slots[i], STR_ASCII, "", 0);
    }
  }
  calls_release_result();
  JsVal error = jsx_op(OP_MAKE_ERROR, JSVAL_NONE, slots, JSVAL_NONE, NULL, JSVAL_NONE, out);
  return js_to_py_answer_new(out, error);
}

/* tp_new makes the args; BaseException.__init__ would replace them by the constructor's. */
static int
init(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
  return 0;
}

static PyObject *
get_js_error(PyObject *self, void *Py_UNUSED(closure))
{
  return Py_NewRef(self);
}

static PyObject *
reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  static const char *const names[] = { "name", "message", "stack" };
  PyObject *args = PyTuple_New(3);
  for (int i = 0; i < 3 && args != NULL; i++) {
    /* A DOMException has no stack. */
    PyObject *value;
    PyObject *text = NULL;
    if (PyObject_GetOptionalAttrString(self, names[i], &value) >= 0) {
      text = value && value != Py_None ? PyObject_Str(value) : PyUnicode_FromString("");
      Py_XDECREF(value);
    }
    if (text == NULL) {
      Py_CLEAR(args);
    } else {
      PyTuple_SET_ITEM(args, i, text);
    }
  }
  return args ? Py_BuildValue("(ON)", JsException_Type, args) : NULL;
}

static PyGetSetDef getset[] = {
  { "js_error", get_js_error, NULL, DOC_JsException_js_error, NULL },
  { 0 },
};

static PyMethodDef methods[] = {
  { "__reduce__", reduce, METH_NOARGS, DOC_JsException___reduce__ },
  { 0 },
};

static const PyType_Slot slots[] = { { Py_tp_init, init }, { 0, NULL } };

const JsProxyRow jsproxy_error_rows[] = {
  { .all = JSF_IS_ERROR, .slots = slots, .methods = methods, .getset = getset },
  { 0 },
};

/* Views of JavaScript objects: object maps, whose items are the properties, and JSON views, in
 * which that goes on at all levels and Arrays are sequences. A view is a JsProxy of the object
 * itself whose type says how it is looked at. */
#include "jsproxy.h"

#include "../calls.h"
#include "../docs.gen.h"

/* Objects whose properties are not what they hold. */
#define OPAQUE                                                                                     \
  (JSF_IS_TYPEDARRAY | JSF_IS_BUFFER | JSF_IS_DOUBLE_PROXY | JSF_IS_ITERATOR |                     \
   JSF_IS_ASYNC_ITERATOR | JSF_IS_CALLABLE | JSF_IS_ERROR)
#define LISTS (JSF_IS_ARRAY | JSF_IS_NODE_LIST)
#define VIEWS (JSF_IS_OBJECT_MAP | JSF_IS_PY_JSON_DICT | JSF_IS_PY_JSON_SEQUENCE)
#define JSON (JSF_IS_PY_JSON_DICT | JSF_IS_PY_JSON_SEQUENCE)

/* The flags of a JSON view of an object with these flags, or of the object if there is none. */
static uint32_t
json_flags(uint32_t flags)
{
  if (flags & LISTS) {
    return flags | JSF_IS_PY_JSON_SEQUENCE;
  }
  return flags & OPAQUE ? flags : JSF_IS_PY_JSON_DICT;
}

int
jsproxy_view_keeps(uint32_t flags)
{
  return (flags & JSON) != 0;
}

PyObject *
jsproxy_view_item_new(uint32_t flags, PyObject *item)
{
  if (item == NULL || !(flags & (JSON | JSF_IS_HEREDITARY)) || !JsProxy_Check(item)) {
    return item;
  }
  uint32_t own = JsProxy_flags(item);
  uint32_t wanted = own;
  if (flags & JSON) {
    wanted = json_flags(own);
  } else if (!(own & (OPAQUE | LISTS))) {
    wanted = JSF_IS_OBJECT_MAP | JSF_IS_HEREDITARY;
  }
  if (wanted == own) {
    return item;
  }
  PyObject *view = jsproxy_new(JsProxy_value(item), wanted);
  Py_DECREF(item);
  return view;
}

static PyObject *
as_object_map(PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "hereditary", NULL };
  static int warned;
  int hereditary = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$p:as_object_map", names, &hereditary)) {
    return NULL;
  }
  if (!warned) {
    warned = 1;
    if (PyErr_WarnEx(PyExc_RuntimeWarning, "as_object_map() is deprecated: use as_py_json()", 1) <
        0) {
      return NULL;
    }
  }
  uint32_t flags = JSF_IS_OBJECT_MAP | (hereditary ? JSF_IS_HEREDITARY : 0);
  return jsproxy_new(JsProxy_value(self), flags);
}

static PyObject *
as_py_json(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return jsproxy_new(JsProxy_value(self), json_flags(JsProxy_flags(self) & ~(uint32_t)VIEWS));
}

/* Items of a JSON sequence: the view goes on in them, and a hole is None. */

static PyObject *
item_by_key(PyObject *self, PyObject *key)
{
  int absent = 0;
  PyObject *value = jsproxy_op_key_new(OP_GET_PROXY, self, key, &absent);
  if (value != NULL && absent) {
    Py_ssize_t index = PyLong_AsSsize_t(key);
    Py_ssize_t length = PyObject_Size(self);
    if (index < -length || index >= length) {
      Py_CLEAR(value);
      if (!PyErr_Occurred()) {
        PyErr_SetObject(PyExc_IndexError, key);
      }
    }
  }
  return jsproxy_view_item_new(JSF_IS_PY_JSON_SEQUENCE, value);
}

static PyObject *
item(PyObject *self, Py_ssize_t index)
{
  PyObject *key = PyLong_FromSsize_t(index);
  PyObject *value = NULL;
  if (key != NULL && index < 0) {
    PyErr_SetObject(PyExc_IndexError, key);
  } else if (key != NULL) {
    value = item_by_key(self, key);
  }
  Py_XDECREF(key);
  return value;
}

static PyObject *
subscript(PyObject *self, PyObject *key)
{
  if (PySlice_Check(key) || !PyIndex_Check(key)) {
    return jsproxy_view_item_new(JSF_IS_PY_JSON_SEQUENCE, jsproxy_array_subscript(self, key));
  }
  Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
  PyObject *number = index == -1 && PyErr_Occurred() ? NULL : PyLong_FromSsize_t(index);
  PyObject *value = number ? item_by_key(self, number) : NULL;
  Py_XDECREF(number);
  return value;
}

static PyMethodDef map_methods[] = {
  { "as_object_map", (PyCFunction)(void (*)(void))as_object_map, METH_VARARGS | METH_KEYWORDS,
    DOC_JsProxy_as_object_map },
  { 0 },
};

static PyMethodDef json_methods[] = {
  { "as_py_json", as_py_json, METH_NOARGS, DOC_JsProxy_as_py_json },
  { 0 },
};

static const PyType_Slot sequence_slots[] = {
  { Py_mp_subscript, subscript },
  { Py_sq_item, item },
  { Py_tp_iter, PySeqIter_New },
  { 0, NULL },
};

const JsProxyRow jsproxy_view_rows[] = {
  { .none = OPAQUE, .methods = json_methods },
  { .none = OPAQUE | LISTS, .methods = map_methods },
  { .all = JSF_IS_PY_JSON_SEQUENCE, .slots = sequence_slots },
  { 0 },
};

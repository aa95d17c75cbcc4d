/* Length, membership, and objects with get, set and delete methods. */
#include "jsproxy.h"

#include "../calls.h"
#include "../errors.h"
#include "../py_to_js.h"

static Py_ssize_t
length(PyObject *self)
{
  PyObject *value = jsproxy_op_new(OP_LENGTH, self);
  if (value == NULL) {
    return -1;
  }
  Py_ssize_t result = PyLong_AsSsize_t(value);
  Py_DECREF(value);
  return result;
}

static int
contains(PyObject *self, PyObject *key)
{
  PyObject *found = jsproxy_op_key_new(OP_HAS_KEY, self, key, NULL);
  if (found == NULL) {
    return -1;
  }
  int result = found == Py_True;
  Py_DECREF(found);
  return result;
}

static PyObject *
subscript(PyObject *self, PyObject *key)
{
  int absent = 0;
  PyObject *value = jsproxy_op_key_new(OP_GET_KEY, self, key, &absent);
  if (absent && value != NULL) {
    Py_DECREF(value);
    PyErr_SetObject(PyExc_KeyError, key);
    return NULL;
  }
  return value;
}

static int
set_key(PyObject *self, PyObject *key, PyObject *value)
{
  Slot slots[2];
  Slot out[2];
  int failed = 0;
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  JsVal js_value = JSVAL_NONE;
  JsVal js_key = py_to_js(key, &slots[0], PYOBJ_OWN, LISTS_BY_MODE, &failed);
  if (!failed) {
    js_value = py_to_js(value, &slots[1], PYOBJ_OWN, LISTS_BY_MODE, &failed);
    if (failed && slots[0].tag == TAG_PYOBJ) {
      Py_DECREF((PyObject *)slots[0].address);
    }
  }
  JsVal result = JSVAL_NONE;
  if (!failed) {
    result = jsx_op(OP_SET_KEY, JsProxy_value(self), &slots[0], js_key, &slots[1], js_value, out);
  }
  py_to_js_done(mark);
  if (!failed && out->tag == TAG_ERR) {
    errors_from_js(out, result);
    return -1;
  }
  return failed ? -1 : 0;
}

static int
assign_subscript(PyObject *self, PyObject *key, PyObject *value)
{
  if (value != NULL) {
    return set_key(self, key, value);
  }
  int absent = 0;
  PyObject *done = jsproxy_op_key_new(OP_DELETE_KEY, self, key, &absent);
  if (done == NULL) {
    return -1;
  }
  Py_DECREF(done);
  if (absent) {
    PyErr_SetObject(PyExc_KeyError, key);
    return -1;
  }
  return 0;
}

static const PyType_Slot length_slots[] = {
  { Py_mp_length, length },
  { Py_sq_length, length },
  { 0, NULL },
};
static const PyType_Slot contains_slots[] = { { Py_sq_contains, contains }, { 0, NULL } };
static const PyType_Slot get_slots[] = { { Py_mp_subscript, subscript }, { 0, NULL } };
static const PyType_Slot set_slots[] = { { Py_mp_ass_subscript, assign_subscript }, { 0, NULL } };

const JsProxyRow jsproxy_mapping_rows[] = {
  { .all = JSF_HAS_LENGTH, .slots = length_slots },
  { .any = JSF_HAS_HAS | JSF_HAS_INCLUDES, .slots = contains_slots },
  { .all = JSF_HAS_GET, .none = JSPROXY_SEQUENCES, .slots = get_slots },
  { .all = JSF_HAS_SET, .none = JSPROXY_SEQUENCES, .slots = set_slots },
  { 0 },
};

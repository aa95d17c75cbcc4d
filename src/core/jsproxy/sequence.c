/* Arrays and their kin as sequences: items by index, negative ones from the end. */
#include "jsproxy.h"

#include "../calls.h"
#include "../errors.h"
#include "../js_to_py.h"
#include "../py_to_js.h"

/* An op on one item. `value` NULL deletes. Returns the answer's tag, TAG_ERR with an error. */
static int
store(PyObject *self, int op, Py_ssize_t index, PyObject *value)
{
  Slot key;
  Slot slot;
  Slot out[2];
  int failed = 0;
  JsVal js_value = JSVAL_NONE;
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  slot_set_int(&key, (int32_t)index);
  if (value != NULL) {
    js_value = py_to_js(value, &slot, PYOBJ_OWN, LISTS_BY_MODE, &failed);
  }
  if (failed) {
    py_to_js_done(mark);
    return TAG_ERR;
  }
  JsVal result =
    jsx_op(op, JsProxy_value(self), &key, JSVAL_NONE, value ? &slot : NULL, js_value, out);
  py_to_js_done(mark);
  if (out->tag == TAG_ERR) {
    errors_from_js(out, result);
  }
  return out->tag;
}

static PyObject *
get_index(PyObject *self, Py_ssize_t index)
{
  Slot key;
  Slot out[2];
  calls_release_result();
  slot_set_int(&key, (int32_t)index);
  JsVal value = jsx_op(OP_GET_INDEX, JsProxy_value(self), &key, JSVAL_NONE, NULL, JSVAL_NONE, out);
  if (out->tag == TAG_ABSENT) {
    PyObject *number = PyLong_FromSsize_t(index);
    if (number != NULL) {
      PyErr_SetObject(PyExc_IndexError, number);
      Py_DECREF(number);
    }
    return NULL;
  }
  return js_to_py_answer_new(out, value);
}

/* The index that a key means, or -1 with an error. */
static Py_ssize_t
index_of(PyObject *key)
{
  if (!PyIndex_Check(key)) {
    PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %s",
                 Py_TYPE(key)->tp_name);
    return -1;
  }
  return PyNumber_AsSsize_t(key, PyExc_IndexError);
}

static PyObject *
subscript(PyObject *self, PyObject *key)
{
  Py_ssize_t index = index_of(key);
  if (index == -1 && PyErr_Occurred()) {
    return NULL;
  }
  return get_index(self, index);
}

static int
assign_subscript(PyObject *self, PyObject *key, PyObject *value)
{
  Py_ssize_t index = index_of(key);
  if (index == -1 && PyErr_Occurred()) {
    return -1;
  }
  int tag = store(self, value ? OP_SET_INDEX : OP_DELETE_INDEX, index, value);
  if (tag == TAG_ABSENT) {
    PyErr_SetObject(PyExc_IndexError, key);
  }
  return tag == TAG_ABSENT || tag == TAG_ERR ? -1 : 0;
}

static int
typed_assign_subscript(PyObject *self, PyObject *key, PyObject *value)
{
  if (value == NULL) {
    PyErr_SetString(PyExc_TypeError, "object doesn't support item deletion");
    return -1;
  }
  return assign_subscript(self, key, value);
}

static const PyType_Slot item_slots[] = {
  { Py_mp_subscript, subscript },
  { Py_sq_item, get_index },
  { 0, NULL },
};

static const PyType_Slot array_slots[] = {
  { Py_mp_ass_subscript, assign_subscript },
  { 0, NULL },
};

static const PyType_Slot typed_slots[] = {
  { Py_mp_ass_subscript, typed_assign_subscript },
  { 0, NULL },
};

const JsProxyRow jsproxy_sequence_rows[] = {
  { .any = JSF_IS_ARRAY | JSF_IS_TYPEDARRAY | JSF_IS_NODE_LIST, .slots = item_slots },
  { .all = JSF_IS_ARRAY, .slots = array_slots },
  { .all = JSF_IS_TYPEDARRAY, .slots = typed_slots },
  { 0 },
};

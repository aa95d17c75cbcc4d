/* Arrays and their kin as sequences: items, slices and operators. Methods are in array.c. */
#include "jsproxy.h"

#include "../calls.h"
#include "../errors.h"
#include "../js_to_py.h"
#include "../py_to_js.h"
#include "../tape.h"

int
jsproxy_op_status(int op, PyObject *self, Slot *a, PyObject *value)
{
  Slot slot;
  Slot out[2];
  int failed = 0;
  JsVal js_value = JSVAL_NONE;
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  if (value != NULL) {
    js_value = py_to_js(value, &slot, PYOBJ_OWN, LISTS_BY_MODE, &failed);
  }
  if (failed) {
    py_to_js_done(mark);
    return TAG_ERR;
  }
  JsVal result =
    jsx_op(op, JsProxy_value(self), a, JSVAL_NONE, value ? &slot : NULL, js_value, out);
  py_to_js_done(mark);
  if (out->tag == TAG_ERR) {
    errors_from_js(out, result);
  }
  return out->tag;
}

PyObject *
jsproxy_op_slot_new(int op, PyObject *self, Slot *a)
{
  Slot out[2];
  calls_release_result();
  JsVal value = jsx_op(op, JsProxy_value(self), a, JSVAL_NONE, NULL, JSVAL_NONE, out);
  return js_to_py_answer_new(out, value);
}

/* The items of an iterable as a list or tuple. Python code may run in here. New reference. */
static PyObject *
items_new(PyObject *items, const char *message)
{
  if (message != NULL || PyList_CheckExact(items) || PyTuple_CheckExact(items)) {
    return PySequence_Fast(items, message);
  }
  return PySequence_List(items);
}

/* An operation that takes the items of any iterable: as its second argument when there is a
 * slice. `message` is the TypeError for what is not iterable, or NULL for Python's own. */
static PyObject *
items_op(int op, PyObject *self, Slot *slice, PyObject *items, const char *message)
{
  /* Those of an Array need not come to Python and go back. */
  int live = JsProxy_Check(items) && (JsProxy_flags(items) & JSPROXY_SEQUENCES);
  PyObject *list = live ? NULL : items_new(items, message);
  if (!live && list == NULL) {
    return NULL;
  }
  Slot slot;
  Slot out[2];
  PyObject *result = NULL;
  JsVal js_items = JSVAL_NONE;
  int failed = 0;
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  if (live) {
    slot_set_ref(&slot, 0);
    js_items = JsProxy_value(items);
  } else {
    failed = tape_write_items(list, &slot);
  }
  if (!failed) {
    JsVal obj = JsProxy_value(self);
    JsVal value = slice ? jsx_op(op, obj, slice, JSVAL_NONE, &slot, js_items, out)
                        : jsx_op(op, obj, &slot, js_items, NULL, JSVAL_NONE, out);
    result = js_to_py_answer_new(out, value);
  }
  py_to_js_done(mark);
  Py_XDECREF(list);
  return result;
}

PyObject *
jsproxy_extend(PyObject *self, PyObject *items)
{
  return items_op(OP_EXTEND, self, NULL, items, NULL);
}

static PyObject *
concat(PyObject *self, PyObject *items)
{
  if (Py_TYPE(items)->tp_iter == NULL && !PySequence_Check(items)) {
    return PyErr_Format(PyExc_TypeError, "can only concatenate an iterable (not \"%.200s\") to %s",
                        Py_TYPE(items)->tp_name, Py_TYPE(self)->tp_name);
  }
  return items_op(OP_CONCAT, self, NULL, items, NULL);
}

static PyObject *
concat_in_place(PyObject *self, PyObject *items)
{
  PyObject *done = jsproxy_extend(self, items);
  if (done == NULL) {
    return NULL;
  }
  Py_DECREF(done);
  return Py_NewRef(self);
}

static PyObject *
repeat(PyObject *self, Py_ssize_t count)
{
  Slot slot;
  slot_set_int(&slot, (int32_t)count);
  return jsproxy_op_slot_new(OP_REPEAT, self, &slot);
}

static PyObject *
repeat_in_place(PyObject *self, Py_ssize_t count)
{
  Slot slot;
  slot_set_int(&slot, (int32_t)count);
  return jsproxy_op_status(OP_REPEAT_IN_PLACE, self, &slot, NULL) == TAG_ERR ? NULL
                                                                             : Py_NewRef(self);
}

static void
set_index_error(Py_ssize_t index)
{
  PyObject *number = PyLong_FromSsize_t(index);
  if (number != NULL) {
    PyErr_SetObject(PyExc_IndexError, number);
    Py_DECREF(number);
  }
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
    set_index_error(index);
    return NULL;
  }
  return js_to_py_answer_new(out, value);
}

static int
store(PyObject *self, Py_ssize_t index, PyObject *value)
{
  Slot key;
  slot_set_int(&key, (int32_t)index);
  int tag = jsproxy_op_status(value ? OP_SET_INDEX : OP_DELETE_INDEX, self, &key, value);
  if (tag == TAG_ABSENT) {
    set_index_error(index);
  }
  return tag == TAG_ABSENT || tag == TAG_ERR ? -1 : 0;
}

/* The slots of the sequence protocol: its callers have added the length to negative indices. */

static PyObject *
item(PyObject *self, Py_ssize_t index)
{
  if (index < 0) {
    set_index_error(index);
    return NULL;
  }
  return get_index(self, index);
}

static int
assign_item(PyObject *self, Py_ssize_t index, PyObject *value)
{
  if (index < 0) {
    set_index_error(index);
    return -1;
  }
  return store(self, index, value);
}

/* The index that a key means, or -1 with an error. */
static Py_ssize_t
index_of(PyObject *key)
{
  if (!PyIndex_Check(key)) {
    PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %.200s",
                 Py_TYPE(key)->tp_name);
    return -1;
  }
  return PyNumber_AsSsize_t(key, PyExc_IndexError);
}

/* Unpack a slice. Its `__index__` methods run in here. Returns 0, or -1 with an error. */
static int
unpack(PyObject *slice, Slot *slots)
{
  Py_ssize_t start;
  Py_ssize_t stop;
  Py_ssize_t step;
  if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
    return -1;
  }
  slot_set_int(&slots[0], (int32_t)start);
  slot_set_int(&slots[1], (int32_t)stop);
  slot_set_int(&slots[2], (int32_t)step);
  return 0;
}

static PyObject *
subscript(PyObject *self, PyObject *key)
{
  if (PySlice_Check(key)) {
    PyErr_SetString(PyExc_NotImplementedError,
                    JsProxy_flags(self) & JSF_IS_TYPEDARRAY
                      ? "Slice subscripting isn't implemented for typed arrays"
                      : "Slice subscripting isn't implemented for node lists");
    return NULL;
  }
  Py_ssize_t index = index_of(key);
  return index == -1 && PyErr_Occurred() ? NULL : get_index(self, index);
}

PyObject *
jsproxy_array_subscript(PyObject *self, PyObject *key)
{
  if (!PySlice_Check(key) || !(JsProxy_flags(self) & JSF_IS_ARRAY)) {
    return subscript(self, key);
  }
  Slot slice[3];
  return unpack(key, slice) < 0 ? NULL : jsproxy_op_slot_new(OP_SLICE, self, slice);
}

static int
assign_slice(PyObject *self, PyObject *key, PyObject *value)
{
  Slot slice[3];
  if (unpack(key, slice) < 0) {
    return -1;
  }
  if (value == NULL) {
    return jsproxy_op_status(OP_DELETE_SLICE, self, slice, NULL) == TAG_ERR ? -1 : 0;
  }
  PyObject *done =
    items_op(OP_SET_SLICE, self, slice, value, "must assign iterable to extended slice");
  Py_XDECREF(done);
  return done ? 0 : -1;
}

static int
assign_subscript(PyObject *self, PyObject *key, PyObject *value)
{
  Py_ssize_t index = index_of(key);
  return index == -1 && PyErr_Occurred() ? -1 : store(self, index, value);
}

static int
array_assign_subscript(PyObject *self, PyObject *key, PyObject *value)
{
  return PySlice_Check(key) ? assign_slice(self, key, value) : assign_subscript(self, key, value);
}

static int
typed_assign_subscript(PyObject *self, PyObject *key, PyObject *value)
{
  if (value == NULL) {
    PyErr_SetString(PyExc_TypeError, "object doesn't support item deletion");
    return -1;
  }
  if (PySlice_Check(key)) {
    PyErr_SetString(PyExc_NotImplementedError,
                    "Slice assignment isn't implemented for typed arrays");
    return -1;
  }
  return assign_subscript(self, key, value);
}

static int
typed_assign_item(PyObject *self, Py_ssize_t index, PyObject *value)
{
  if (value == NULL) {
    PyErr_SetString(PyExc_TypeError, "object doesn't support item deletion");
    return -1;
  }
  return assign_item(self, index, value);
}

static const PyType_Slot item_slots[] = {
  { Py_mp_subscript, subscript },
  { Py_sq_item, item },
  { 0, NULL },
};

static const PyType_Slot concat_slots[] = { { Py_sq_concat, concat }, { 0, NULL } };

static const PyType_Slot array_slots[] = {
  { Py_mp_subscript, jsproxy_array_subscript },
  { Py_mp_ass_subscript, array_assign_subscript },
  { Py_sq_ass_item, assign_item },
  { Py_sq_repeat, repeat },
  { Py_sq_inplace_concat, concat_in_place },
  { Py_sq_inplace_repeat, repeat_in_place },
  { 0, NULL },
};

static const PyType_Slot typed_slots[] = {
  { Py_mp_ass_subscript, typed_assign_subscript },
  { Py_sq_ass_item, typed_assign_item },
  { 0, NULL },
};

const JsProxyRow jsproxy_sequence_rows[] = {
  { .any = JSPROXY_SEQUENCES, .slots = item_slots },
  { .any = JSF_IS_ARRAY | JSF_IS_NODE_LIST, .slots = concat_slots },
  { .all = JSF_IS_ARRAY, .slots = array_slots },
  { .all = JSF_IS_TYPEDARRAY, .slots = typed_slots },
  { 0 },
};

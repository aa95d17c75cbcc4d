/* The methods that lists and JavaScript's Arrays, typed arrays and node lists have in common. */
#include "jsproxy.h"

#include "../calls.h"
#include "../docs.gen.h"
#include "../errors.h"
#include "../js_to_py.h"
#include "../py_to_js.h"

static PyObject *
none_or_error(int tag)
{
  if (tag == TAG_ERR) {
    return NULL;
  }
  Py_RETURN_NONE;
}

static PyObject *
insert_at(PyObject *self, Py_ssize_t index, PyObject *value)
{
  Slot slot;
  slot_set_int(&slot, (int32_t)index);
  return none_or_error(jsproxy_op_status(OP_INSERT, self, &slot, value));
}

static PyObject *
append(PyObject *self, PyObject *value)
{
  return insert_at(self, PY_SSIZE_T_MAX, value);
}

static PyObject *
insert(PyObject *self, PyObject *args)
{
  Py_ssize_t index;
  PyObject *value;
  return PyArg_ParseTuple(args, "nO:insert", &index, &value) ? insert_at(self, index, value) : NULL;
}

static PyObject *
pop(PyObject *self, PyObject *args)
{
  Py_ssize_t index = -1;
  if (!PyArg_ParseTuple(args, "|n:pop", &index)) {
    return NULL;
  }
  Slot slot;
  slot_set_int(&slot, (int32_t)index);
  uint32_t flags = JsProxy_flags(self);
  int op = jsproxy_view_keeps(flags) ? OP_POP_PROXY : OP_POP;
  return jsproxy_view_item_new(flags, jsproxy_op_slot_new(op, self, &slot));
}

static PyObject *
clear(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  Slot slice[3];
  slot_set_int(&slice[0], 0);
  slot_set_int(&slice[1], INT32_MAX);
  slot_set_int(&slice[2], 1);
  return none_or_error(jsproxy_op_status(OP_DELETE_SLICE, self, slice, NULL));
}

static PyObject *
reverse(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return jsproxy_op_new(OP_REVERSE, self);
}

static PyObject *
reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  uint32_t flags = JsProxy_flags(self);
  if (!jsproxy_view_keeps(flags)) {
    return jsproxy_op_new(OP_REVERSED, self);
  }
  Slot slice[3];
  slot_set_int(&slice[0], INT32_MAX);
  slot_set_int(&slice[1], INT32_MIN);
  slot_set_int(&slice[2], -1);
  PyObject *items = jsproxy_view_item_new(flags, jsproxy_op_slot_new(OP_SLICE, self, slice));
  PyObject *iterator = items ? PyObject_GetIter(items) : NULL;
  Py_XDECREF(items);
  return iterator;
}

/* True for what JavaScript can compare by itself; `===` of anything else is always false. */
static int
is_comparable(PyObject *value)
{
  return JsProxy_Check(value) || value == Py_None || value == py_to_js_null ||
         PyLong_Check(value) || PyFloat_Check(value) || PyUnicode_Check(value);
}

/* Called with the index of each item that equals a value. 1 goes on, 0 ends the search. */
typedef int (*FoundAt)(Py_ssize_t index, void *context);

/* Compare the items that only Python can compare. Returns 0, or -1 with an error. */
static int
search(PyObject *self, PyObject *value, FoundAt found, void *context)
{
  PyObject *pairs = jsproxy_op_new(OP_CANDIDATES, self);
  if (pairs == NULL) {
    return -1;
  }
  int status = 0;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(pairs); i += 2) {
    int equal = PyObject_RichCompareBool(PyList_GET_ITEM(pairs, i + 1), value, Py_EQ);
    if (equal < 0) {
      status = -1;
      break;
    }
    if (equal && !found(PyLong_AsSsize_t(PyList_GET_ITEM(pairs, i)), context)) {
      break;
    }
  }
  Py_DECREF(pairs);
  return status;
}

typedef struct {
  Py_ssize_t start;
  Py_ssize_t stop;
  Py_ssize_t found;
} Bounds;

static int
found_first(Py_ssize_t index, void *context)
{
  Bounds *bounds = context;
  if (index >= bounds->stop) {
    return 0;
  }
  if (index >= bounds->start) {
    bounds->found = index;
    return 0;
  }
  return 1;
}

static int
found_one(Py_ssize_t Py_UNUSED(index), void *context)
{
  ++*(Py_ssize_t *)context;
  return 1;
}

/* The index of a value that JavaScript cannot compare: -1 when it is not there, -2 error. */
static Py_ssize_t
find_object(PyObject *self, PyObject *value, Py_ssize_t start, Py_ssize_t stop)
{
  Bounds bounds = { start, stop, -1 };
  if (start < 0 || stop < 0) {
    Py_ssize_t length = PyObject_Size(self);
    if (length < 0) {
      return -2;
    }
    bounds.start += start < 0 ? length : 0;
    bounds.stop += stop < 0 ? length : 0;
  }
  return search(self, value, found_first, &bounds) < 0 ? -2 : bounds.found;
}

/* The index of a value by `===`: -1 when it is not there, -2 error. */
static Py_ssize_t
find_value(PyObject *self, PyObject *value, Py_ssize_t start, Py_ssize_t stop)
{
  Slot key;
  Slot bounds[2];
  Slot out[2];
  int failed = 0;
  slot_set_int(&bounds[0], (int32_t)start);
  slot_set_int(&bounds[1], (int32_t)stop);
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  JsVal js_value = py_to_js(value, &key, PYOBJ_BORROW, LISTS_KEEP, &failed);
  JsVal result = JSVAL_NONE;
  if (!failed) {
    result = jsx_op(OP_FIND, JsProxy_value(self), &key, js_value, bounds, JSVAL_NONE, out);
  }
  py_to_js_done(mark);
  if (failed) {
    return -2;
  }
  if (out->tag == TAG_ERR) {
    errors_from_js(out, result);
    return -2;
  }
  return out->tag == TAG_ABSENT ? -1 : out->i32;
}

static PyObject *
not_in_list(PyObject *value)
{
  return PyErr_Format(PyExc_ValueError, "%R is not in list", value);
}

static PyObject *
find(PyObject *self, PyObject *args)
{
  PyObject *value;
  Py_ssize_t start = 0;
  Py_ssize_t stop = PY_SSIZE_T_MAX;
  if (!PyArg_ParseTuple(args, "O|O&O&:index", &value, _PyEval_SliceIndexNotNone, &start,
                        _PyEval_SliceIndexNotNone, &stop)) {
    return NULL;
  }
  Py_ssize_t index = is_comparable(value) ? find_value(self, value, start, stop)
                                          : find_object(self, value, start, stop);
  if (index == -1) {
    return not_in_list(value);
  }
  return index < 0 ? NULL : PyLong_FromSsize_t(index);
}

static PyObject *
count(PyObject *self, PyObject *value)
{
  if (is_comparable(value)) {
    return jsproxy_op_key_new(OP_COUNT, self, value, NULL);
  }
  Py_ssize_t number = 0;
  return search(self, value, found_one, &number) < 0 ? NULL : PyLong_FromSsize_t(number);
}

static PyObject *
remove_value(PyObject *self, PyObject *value)
{
  if (is_comparable(value)) {
    int absent = 0;
    PyObject *done = jsproxy_op_key_new(OP_REMOVE, self, value, &absent);
    if (done == NULL || !absent) {
      return done;
    }
    Py_DECREF(done);
    return not_in_list(value);
  }
  Py_ssize_t index = find_object(self, value, 0, PY_SSIZE_T_MAX);
  if (index == -1) {
    return not_in_list(value);
  }
  Slot slot;
  slot_set_int(&slot, (int32_t)index);
  return index < 0 ? NULL : none_or_error(jsproxy_op_status(OP_DELETE_INDEX, self, &slot, NULL));
}

/* `dict(x)` and its kin take anything with an attribute `keys` for a mapping. */
static PyObject *
hide_keys(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
  PyErr_SetString(PyExc_AttributeError, "keys");
  return NULL;
}

static PyGetSetDef hidden[] = {
  { "keys", hide_keys, NULL, NULL, NULL },
  { 0 },
};

static PyMethodDef reversed_methods[] = {
  { "__reversed__", reversed, METH_NOARGS, DOC_JsArray___reversed__ },
  { 0 },
};

static PyMethodDef search_methods[] = {
  { "index", find, METH_VARARGS, DOC_JsArray_index },
  { "count", count, METH_O, DOC_JsArray_count },
  { "reverse", reverse, METH_NOARGS, DOC_JsArray_reverse },
  { 0 },
};

static PyMethodDef array_methods[] = {
  { "append", append, METH_O, DOC_JsArray_append },
  { "extend", jsproxy_extend, METH_O, DOC_JsArray_extend },
  { "insert", insert, METH_VARARGS, DOC_JsArray_insert },
  { "pop", pop, METH_VARARGS, DOC_JsArray_pop },
  { "remove", remove_value, METH_O, DOC_JsArray_remove },
  { "clear", clear, METH_NOARGS, DOC_JsArray_clear },
  { 0 },
};

const JsProxyRow jsproxy_array_rows[] = {
  { .any = JSPROXY_SEQUENCES, .methods = reversed_methods, .getset = hidden },
  { .any = JSF_IS_ARRAY | JSF_IS_TYPEDARRAY, .methods = search_methods },
  { .all = JSF_IS_ARRAY, .methods = array_methods },
  { 0 },
};

/* Length and membership, and objects as dicts: those with get, set and delete methods, and the
 * object maps and JSON views of view.c, whose items are an object's own properties. */
#include "jsproxy.h"

#include "../calls.h"
#include "../docs.gen.h"
#include "../errors.h"
#include "../js_to_py.h"
#include "../py_to_js.h"
#include "../tape.h"

#define MAP (JSF_HAS_GET | JSF_HAS_LENGTH | JSF_IS_ITERABLE)
#define MUTABLE_MAP (MAP | JSF_HAS_SET)
/* What has methods of its own under the names of a dict's. */
#define NO_MAPS (JSPROXY_SEQUENCES | JSPROXY_OWN_MAPS)

/* The operations on one kind of items. */
typedef struct {
  int get;
  int set;
  int delete;
  int has;
  int items;
  int pop;
  int pop_item;
  int update;
  int clear;
} MapOps;

static const MapOps map_ops = {
  OP_GET_KEY, OP_SET_KEY,      OP_DELETE_KEY, OP_HAS_KEY,   OP_MAP_ITEMS,
  OP_MAP_POP, OP_MAP_POP_ITEM, OP_MAP_UPDATE, OP_MAP_CLEAR,
};
static const MapOps own_ops = {
  OP_OWN_GET, OP_OWN_SET,      OP_OWN_DELETE, OP_OWN_HAS,   OP_OWN_ITEMS,
  OP_OWN_POP, OP_OWN_POP_ITEM, OP_OWN_UPDATE, OP_OWN_CLEAR,
};

/* PyErr_SetObject would take a tuple for several arguments and None for none. */
static void
set_key_error(PyObject *key)
{
  PyObject *error = PyObject_CallOneArg(PyExc_KeyError, key);
  if (error != NULL) {
    PyErr_SetObject(PyExc_KeyError, error);
    Py_DECREF(error);
  }
}

static const MapOps *
ops_of(uint32_t flags)
{
  return flags & JSPROXY_OWN_MAPS ? &own_ops : &map_ops;
}

/* Names of properties are strings: nothing else is in an object map. */
static int
may_be_key(uint32_t flags, PyObject *key)
{
  return !(flags & JSPROXY_OWN_MAPS) || PyUnicode_Check(key);
}

static Py_ssize_t
length(PyObject *self)
{
  PyObject *value =
    jsproxy_op_new(JsProxy_flags(self) & JSPROXY_OWN_MAPS ? OP_OWN_LENGTH : OP_LENGTH, self);
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
  uint32_t flags = JsProxy_flags(self);
  if (!may_be_key(flags, key)) {
    return 0;
  }
  int op = ops_of(flags)->has;
  if (op == OP_HAS_KEY && !(flags & JSF_HAS_HAS)) {
    op = OP_INCLUDES;
  }
  PyObject *found = jsproxy_op_key_new(op, self, key, NULL);
  if (found == NULL) {
    return -1;
  }
  int result = found == Py_True;
  Py_DECREF(found);
  return result;
}

/* An operation that gives the value of a key, which is not copied if `live`: 1 and a new
 * reference, 0 not there, -1 error. */
static int
take_as(int op, PyObject *self, uint32_t flags, PyObject *key, int live, PyObject **value)
{
  Slot slot;
  Slot keep;
  Slot out[2];
  JsName name;
  int failed = 0;
  *value = NULL;
  if (!may_be_key(flags, key)) {
    return 0;
  }
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  JsVal js_key = JSVAL_NONE;
  if (!text_key_by_number(key, &slot, &name)) {
    js_key = py_to_js(key, &slot, PYOBJ_BORROW, LISTS_BY_MODE, &failed);
  }
  if (!failed) {
    Slot *b = live ? &keep : NULL;
    JsVal result = jsx_op(op, JsProxy_value(self), &slot, js_key, b, JSVAL_NONE, out);
    if (out->tag != TAG_ABSENT) {
      *value = jsproxy_view_item_new(flags, js_to_py_answer_new(out, result));
      failed = *value == NULL;
    }
  }
  py_to_js_done(mark);
  return failed ? -1 : *value != NULL;
}

static int
take(int op, PyObject *self, uint32_t flags, PyObject *key, PyObject **value)
{
  return take_as(op, self, flags, key, jsproxy_view_keeps(flags), value);
}

int
jsproxy_live_item(PyObject *self, PyObject *key, PyObject **value)
{
  uint32_t flags = JsProxy_flags(self);
  *value = NULL;
  if (!(flags & (JSF_HAS_GET | JSPROXY_OWN_MAPS))) {
    return 0;
  }
  return take_as(ops_of(flags)->get, self, flags, key, 1, value);
}

static PyObject *
subscript(PyObject *self, PyObject *key)
{
  uint32_t flags = JsProxy_flags(self);
  PyObject *value;
  if (take(ops_of(flags)->get, self, flags, key, &value) == 0) {
    set_key_error(key);
  }
  return value;
}

static int
set_key(PyObject *self, PyObject *key, PyObject *value)
{
  uint32_t flags = JsProxy_flags(self);
  if (!may_be_key(flags, key)) {
    PyErr_SetString(PyExc_TypeError,
                    "Can only assign keys of type string to JavaScript object map");
    return -1;
  }
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
    result =
      jsx_op(ops_of(flags)->set, JsProxy_value(self), &slots[0], js_key, &slots[1], js_value, out);
  }
  py_to_js_done(mark);
  if (!failed && out->tag == TAG_ERR) {
    errors_from_js(out, result);
    return -1;
  }
  return failed ? -1 : 0;
}

static int
delete_key(PyObject *self, PyObject *key)
{
  uint32_t flags = JsProxy_flags(self);
  int absent = 1;
  if (may_be_key(flags, key)) {
    PyObject *done = jsproxy_op_key_new(ops_of(flags)->delete, self, key, &absent);
    if (done == NULL) {
      return -1;
    }
    Py_DECREF(done);
  }
  if (absent) {
    set_key_error(key);
    return -1;
  }
  return 0;
}

static int
assign_subscript(PyObject *self, PyObject *key, PyObject *value)
{
  return value == NULL ? delete_key(self, key) : set_key(self, key, value);
}

/* The arguments (key, default) of a method, whose format is "O|O:" and its name. */
static int
key_and_default(PyObject *args, PyObject *kwargs, const char *format, PyObject **key,
                PyObject **fallback)
{
  static char *names[] = { "key", "default", NULL };
  if (kwargs == NULL) {
    return PyArg_ParseTuple(args, format, key, fallback) ? 0 : -1;
  }
  return PyArg_ParseTupleAndKeywords(args, kwargs, format, names, key, fallback) ? 0 : -1;
}

static PyObject *
get(PyObject *self, PyObject *args, PyObject *kwargs)
{
  PyObject *key;
  PyObject *value;
  PyObject *fallback = Py_None;
  if (key_and_default(args, kwargs, "O|O:get", &key, &fallback) < 0) {
    return NULL;
  }
  uint32_t flags = JsProxy_flags(self);
  int found = take(ops_of(flags)->get, self, flags, key, &value);
  if (found < 0 && PyErr_ExceptionMatches(PyExc_Exception)) {
    /* Whatever a lookup fails with means the default; interrupts go on. */
    PyErr_Clear();
    found = 0;
  }
  return found == 0 ? Py_NewRef(fallback) : value;
}

static PyObject *
pop(PyObject *self, PyObject *args, PyObject *kwargs)
{
  PyObject *key;
  PyObject *value;
  PyObject *fallback = NULL;
  if (key_and_default(args, kwargs, "O|O:pop", &key, &fallback) < 0) {
    return NULL;
  }
  uint32_t flags = JsProxy_flags(self);
  int found = take(ops_of(flags)->pop, self, flags, key, &value);
  if (found != 0) {
    return value;
  }
  if (fallback == NULL) {
    set_key_error(key);
  }
  return Py_XNewRef(fallback);
}

static PyObject *
setdefault(PyObject *self, PyObject *args, PyObject *kwargs)
{
  PyObject *key;
  PyObject *value;
  PyObject *fallback = Py_None;
  if (key_and_default(args, kwargs, "O|O:setdefault", &key, &fallback) < 0) {
    return NULL;
  }
  uint32_t flags = JsProxy_flags(self);
  int found = take(ops_of(flags)->get, self, flags, key, &value);
  if (found != 0) {
    return value;
  }
  return set_key(self, key, fallback) < 0 ? NULL : Py_NewRef(fallback);
}

/* A flat list of keys and values, or NULL with an error; *absent when there is no such item. */
static PyObject *
pairs_op_new(int op, PyObject *self, uint32_t flags, int *absent)
{
  Slot keep;
  Slot out[2];
  calls_release_result();
  JsVal result = jsx_op(op, JsProxy_value(self), NULL, JSVAL_NONE,
                        jsproxy_view_keeps(flags) ? &keep : NULL, JSVAL_NONE, out);
  *absent = out->tag == TAG_ABSENT;
  PyObject *pairs = *absent ? NULL : js_to_py_answer_new(out, result);
  for (Py_ssize_t i = 1; pairs != NULL && i < PyList_GET_SIZE(pairs); i += 2) {
    PyObject *value = jsproxy_view_item_new(flags, Py_NewRef(PyList_GET_ITEM(pairs, i)));
    if (value == NULL || PyList_SetItem(pairs, i, value) < 0) {
      Py_CLEAR(pairs);
    }
  }
  return pairs;
}

PyObject *
jsproxy_map_items(PyObject *Py_UNUSED(module), PyObject *map)
{
  if (!JsProxy_Check(map)) {
    return PyErr_Format(PyExc_TypeError, "map_items() argument must be a JsProxy, not %.200s",
                        Py_TYPE(map)->tp_name);
  }
  uint32_t flags = JsProxy_flags(map);
  int absent;
  return pairs_op_new(ops_of(flags)->items, map, flags, &absent);
}

static PyObject *
popitem(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  uint32_t flags = JsProxy_flags(self);
  int absent;
  PyObject *pair = pairs_op_new(ops_of(flags)->pop_item, self, flags, &absent);
  if (absent) {
    PyErr_SetString(PyExc_KeyError, "popitem(): the map is empty");
  }
  PyObject *item = pair ? PyList_AsTuple(pair) : NULL;
  Py_XDECREF(pair);
  return item;
}

static PyObject *
clear(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return jsproxy_op_new(ops_of(JsProxy_flags(self))->clear, self);
}

/* A function or class of the Python half, called with `args`. New reference. */
static PyObject *
call_views(const char *name, PyObject *args)
{
  PyObject *module = PyImport_ImportModule("_pyodide._views");
  PyObject *callable = module ? PyObject_GetAttrString(module, name) : NULL;
  PyObject *result = callable ? PyObject_CallObject(callable, args) : NULL;
  Py_XDECREF(callable);
  Py_XDECREF(module);
  return result;
}

static PyObject *
view(PyObject *self, const char *name)
{
  PyObject *args = PyTuple_Pack(1, self);
  PyObject *result = args ? call_views(name, args) : NULL;
  Py_XDECREF(args);
  return result;
}

static PyObject *
keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return view(self, "JsKeysView");
}

static PyObject *
values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return view(self, "JsValuesView");
}

static PyObject *
items(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return view(self, "JsItemsView");
}

/* True when each key of a flat list of keys and values may be one. */
static int
check_keys(uint32_t flags, PyObject *pairs)
{
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(pairs); i += 2) {
    if (!may_be_key(flags, PyList_GET_ITEM(pairs, i))) {
      PyErr_SetString(PyExc_TypeError,
                      "Can only assign keys of type string to JavaScript object map");
      return 0;
    }
  }
  return 1;
}

static PyObject *
update(PyObject *self, PyObject *args, PyObject *kwargs)
{
  uint32_t flags = JsProxy_flags(self);
  PyObject *other = NULL;
  if (!PyArg_UnpackTuple(args, "update", 0, 1, &other)) {
    return NULL;
  }
  PyObject *both =
    PyTuple_Pack(2, other ? other : Py_None, kwargs && PyDict_GET_SIZE(kwargs) ? kwargs : Py_None);
  PyObject *pairs = both ? call_views("flat_pairs", both) : NULL;
  Py_XDECREF(both);
  if (pairs == NULL || !check_keys(flags, pairs)) {
    Py_XDECREF(pairs);
    return NULL;
  }
  Slot slot;
  Slot out[2];
  PyObject *result = NULL;
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  if (tape_write_items(pairs, &slot) == 0) {
    JsVal answer =
      jsx_op(ops_of(flags)->update, JsProxy_value(self), &slot, JSVAL_NONE, NULL, JSVAL_NONE, out);
    result = js_to_py_answer_new(out, answer);
  }
  py_to_js_done(mark);
  Py_DECREF(pairs);
  return result;
}

static PyObject *
iterate_own(PyObject *self)
{
  PyObject *names = jsproxy_op_new(OP_OWN_KEYS, self);
  PyObject *iterator = names ? PyObject_GetIter(names) : NULL;
  Py_XDECREF(names);
  return iterator;
}

static PyMethodDef map_methods[] = {
  { "keys", keys, METH_NOARGS, DOC_JsMap_keys },
  { "values", values, METH_NOARGS, DOC_JsMap_values },
  { "items", items, METH_NOARGS, DOC_JsMap_items },
  { "get", (PyCFunction)(void (*)(void))get, METH_VARARGS | METH_KEYWORDS, DOC_JsMap_get },
  { 0 },
};

static PyMethodDef mutable_methods[] = {
  { "pop", (PyCFunction)(void (*)(void))pop, METH_VARARGS | METH_KEYWORDS, DOC_JsMutableMap_pop },
  { "setdefault", (PyCFunction)(void (*)(void))setdefault, METH_VARARGS | METH_KEYWORDS,
    DOC_JsMutableMap_setdefault },
  { "popitem", popitem, METH_NOARGS, DOC_JsMutableMap_popitem },
  { "clear", clear, METH_NOARGS, DOC_JsMutableMap_clear },
  { "update", (PyCFunction)(void (*)(void))update, METH_VARARGS | METH_KEYWORDS,
    DOC_JsMutableMap_update },
  { 0 },
};

static const PyType_Slot length_slots[] = {
  { Py_mp_length, length },
  { Py_sq_length, length },
  { 0, NULL },
};
static const PyType_Slot contains_slots[] = { { Py_sq_contains, contains }, { 0, NULL } };
static const PyType_Slot get_slots[] = { { Py_mp_subscript, subscript }, { 0, NULL } };
static const PyType_Slot set_slots[] = { { Py_mp_ass_subscript, assign_subscript }, { 0, NULL } };
static const PyType_Slot own_slots[] = { { Py_tp_iter, iterate_own }, { 0, NULL } };

const JsProxyRow jsproxy_mapping_rows[] = {
  { .any = JSF_HAS_LENGTH | JSPROXY_OWN_MAPS, .slots = length_slots },
  { .any = JSF_HAS_HAS | JSF_HAS_INCLUDES | JSPROXY_OWN_MAPS, .slots = contains_slots },
  { .all = JSF_HAS_GET, .none = JSPROXY_SEQUENCES, .slots = get_slots },
  { .all = JSF_HAS_SET, .none = JSPROXY_SEQUENCES, .slots = set_slots },
  { .any = JSPROXY_OWN_MAPS, .slots = get_slots },
  { .any = JSPROXY_OWN_MAPS, .slots = set_slots },
  { .any = JSPROXY_OWN_MAPS, .slots = own_slots, .methods = map_methods },
  { .any = JSPROXY_OWN_MAPS, .methods = mutable_methods },
  { .all = MAP, .none = NO_MAPS, .methods = map_methods },
  { .all = MUTABLE_MAP, .none = NO_MAPS, .methods = mutable_methods },
  { 0 },
};

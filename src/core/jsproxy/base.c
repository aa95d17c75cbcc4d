/* What every JsProxy has: attributes, repr, comparison, hash, truth, dir. */
#include "jsproxy.h"

#include <stddef.h>
#include <structmember.h>

#include "../calls.h"
#include "../docs.gen.h"
#include "../errors.h"
#include "../js_to_py.h"
#include "../py_to_js.h"
#include "../text.h"
#include "../to_js.h"

static uint32_t live;

uint32_t
jsproxy_live(void)
{
  return live;
}

static PyObject *
make(JsVal value, uint32_t flags)
{
  PyTypeObject *type = jsproxy_type_borrow(flags);
  PyObject *self = type ? type->tp_alloc(type, 0) : NULL;
  if (self == NULL) {
    return NULL;
  }
  live++;
  JsProxyFields *fields = JsProxy_fields(self);
  fields->vectorcall = jsproxy_vectorcall;
  fields->ref = handles_new(value);
  if (fields->ref == NULL) {
    Py_DECREF(self);
    return PyErr_NoMemory();
  }
  if (flags & JSF_IS_ERROR) {
    PyObject *plain = jsproxy_new(value, flags & ~(uint32_t)JSF_IS_ERROR);
    PyObject *args = plain ? PyTuple_Pack(1, plain) : NULL;
    Py_XDECREF(plain);
    if (args == NULL) {
      Py_DECREF(self);
      return NULL;
    }
    ((PyBaseExceptionObject *)self)->args = args;
  }
  return self;
}

PyObject *
jsproxy_new(JsVal value, uint32_t flags)
{
  return make(value, flags);
}

PyObject *
jsproxy_new_bound(JsVal value, JsVal this_value, uint32_t flags)
{
  PyObject *self = make(value, flags);
  if (self != NULL) {
    JsProxyFields *fields = JsProxy_fields(self);
    fields->this_ref = handles_new(this_value);
    if (fields->this_ref == NULL) {
      Py_DECREF(self);
      return PyErr_NoMemory();
    }
  }
  return self;
}

PyObject *
jsproxy_new_method(JsVal value, PyObject *receiver, uint32_t flags)
{
  PyObject *self = make(value, flags);
  if (self != NULL) {
    JsProxy_fields(self)->receiver = Py_NewRef(receiver);
  }
  return self;
}

static int
traverse(PyObject *self, visitproc visit, void *arg)
{
  Py_VISIT(Py_TYPE(self));
  if (PyExceptionInstance_Check(self)) {
    return ((PyTypeObject *)PyExc_Exception)->tp_traverse(self, visit, arg);
  }
  Py_VISIT(((JsProxyObject *)self)->fields.receiver);
  Py_VISIT(((JsProxyObject *)self)->dict);
  return 0;
}

static int
clear(PyObject *self)
{
  if (PyExceptionInstance_Check(self)) {
    return ((PyTypeObject *)PyExc_Exception)->tp_clear(self);
  }
  Py_CLEAR(((JsProxyObject *)self)->fields.receiver);
  Py_CLEAR(((JsProxyObject *)self)->dict);
  return 0;
}

static void
dealloc(PyObject *self)
{
  PyTypeObject *type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  JsProxyFields *fields = JsProxy_fields(self);
  if (fields->weakrefs != NULL) {
    PyObject_ClearWeakRefs(self);
  }
  (void)clear(self);
  handles_drop(fields->ref);
  handles_drop(fields->this_ref);
  live--;
  type->tp_free(self);
  Py_DECREF(type);
}

/* An attribute of the Python side: of the type, or of the instance's own dict. 1 found (new
 * reference in *value), 0 not there, -1 error. */
static int
python_attribute(PyObject *self, PyObject *name, PyObject **value)
{
  if (_PyType_Lookup(Py_TYPE(self), name) != NULL) {
    *value = PyObject_GenericGetAttr(self, name);
    return *value ? 1 : -1;
  }
  if (PyExceptionInstance_Check(self)) {
    PyObject *dict = ((PyBaseExceptionObject *)self)->dict;
    return dict ? PyDict_GetItemRef(dict, name, value) : 0;
  }
  PyObject *dict = ((JsProxyObject *)self)->dict;
  return dict ? PyDict_GetItemRef(dict, name, value) : 0;
}

int
jsproxy_get_property(PyObject *self, PyObject *name, PyObject **value)
{
  *value = NULL;
  JsName js_name;
  if (text_js_name(name, &js_name) < 0) {
    return -1;
  }
  calls_release_result();
  Slot out[2];
  JsVal obj = JsProxy_value(self);
  JsVal result = jsx_getattr(obj, js_name.id, js_name.slot, out);
  if (out->tag == TAG_ABSENT) {
    return 0;
  }
  *value = out->tag == TAG_REF && (out->aux & JSF_IS_CALLABLE)
             ? jsproxy_new_bound(result, obj, out->aux)
             : js_to_py_answer_new(out, result);
  return *value ? 1 : -1;
}

PyObject *
jsproxy_getattro(PyObject *self, PyObject *name)
{
  PyObject *value;
  int found = python_attribute(self, name, &value);
  if (found != 0) {
    return found < 0 ? NULL : value;
  }
  if (jsproxy_get_property(self, name, &value) == 0) {
    PyErr_SetObject(PyExc_AttributeError, name);
  }
  return value;
}

/* Names that the import system writes on modules, and a JsProxy can be one. */
static int
is_module_attribute(PyObject *name)
{
  static const char *const names[] = { "__loader__", "__name__", "__package__", "__path__",
                                       "__spec__" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (PyUnicode_EqualToUTF8(name, names[i])) {
      return 1;
    }
  }
  return 0;
}

/* Names that are Python's own on exceptions. The list of notes grows where it is. */
static int
is_exception_attribute(PyObject *self, PyObject *name)
{
  return PyExceptionInstance_Check(self) && PyUnicode_READ_CHAR(name, 0) == '_' &&
         (_PyType_Lookup(Py_TYPE(self), name) != NULL || PyUnicode_EqualToUTF8(name, "__notes__"));
}

int
jsproxy_set_property(PyObject *self, PyObject *name, PyObject *value)
{
  JsName js_name;
  if (text_js_name(name, &js_name) < 0) {
    return -1;
  }
  calls_release_result();
  Slot out[2];
  JsVal result;
  if (value == NULL) {
    result = jsx_delattr(JsProxy_value(self), js_name.id, js_name.slot, out);
  } else {
    Slot slot;
    int failed = 0;
    PyToJsMark mark = py_to_js_mark();
    JsVal js_value = py_to_js(value, &slot, PYOBJ_OWN, LISTS_BY_MODE, &failed);
    if (!failed) {
      result = jsx_setattr(JsProxy_value(self), js_name.id, js_name.slot, &slot, js_value, out);
    }
    py_to_js_done(mark);
    if (failed) {
      text_js_name_unsent(&js_name);
      return -1;
    }
  }
  return jsproxy_answer_status(out, result);
}

static int
setattro(PyObject *self, PyObject *name, PyObject *value)
{
  return is_module_attribute(name) || is_exception_attribute(self, name)
           ? PyObject_GenericSetAttr(self, name, value)
           : jsproxy_set_property(self, name, value);
}

PyObject *
jsproxy_op_new(int op, PyObject *self)
{
  return jsproxy_op_key_new(op, self, NULL, NULL);
}

PyObject *
jsproxy_op_key_new(int op, PyObject *self, PyObject *key, int *absent)
{
  Slot slot;
  Slot out[2];
  JsVal js_key = JSVAL_NONE;
  int failed = 0;
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  if (key != NULL) {
    js_key = py_to_js(key, &slot, PYOBJ_BORROW, LISTS_BY_MODE, &failed);
  }
  PyObject *result = NULL;
  if (!failed) {
    JsVal value =
      jsx_op(op, JsProxy_value(self), key ? &slot : NULL, js_key, NULL, JSVAL_NONE, out);
    if (absent != NULL) {
      *absent = out->tag == TAG_ABSENT;
    }
    if (out->tag == TAG_ABSENT) {
      slot_set_tag(out, TAG_UNDEFINED);
    }
    result = js_to_py_answer_new(out, value);
  }
  py_to_js_done(mark);
  return result;
}

static PyObject *
repr(PyObject *self)
{
  return jsproxy_op_new(OP_REPR, self);
}

static PyObject *
compare(PyObject *self, PyObject *other, int op)
{
  static const int ops[] = {
    [Py_LT] = OP_LESS,  [Py_LE] = OP_LESS_EQUAL, [Py_EQ] = OP_EQUAL,
    [Py_NE] = OP_EQUAL, [Py_GT] = OP_GREATER,    [Py_GE] = OP_GREATER_EQUAL
  };
  if (!JsProxy_Check(other)) {
    if (op == Py_EQ || op == Py_NE) {
      return PyBool_FromLong(op == Py_NE);
    }
    Py_RETURN_NOTIMPLEMENTED;
  }
  PyObject *result = jsproxy_op_key_new(ops[op], self, other, NULL);
  if (op == Py_NE && result != NULL) {
    int same = result == Py_True;
    Py_DECREF(result);
    return PyBool_FromLong(!same);
  }
  return result;
}

/* Equality is identity of the JavaScript objects, and so is the hash. */
static Py_hash_t
hash(PyObject *self)
{
  PyObject *id = jsproxy_op_new(OP_JS_ID, self);
  if (id == NULL) {
    return -1;
  }
  Py_hash_t value = PyObject_Hash(id);
  Py_DECREF(id);
  return value;
}

static int
truth(PyObject *self)
{
  PyObject *result = jsproxy_op_new(OP_TRUTH, self);
  if (result == NULL) {
    return -1;
  }
  int value = result == Py_True;
  Py_DECREF(result);
  return value;
}

static PyObject *
get_typeof(PyObject *self, void *Py_UNUSED(closure))
{
  return jsproxy_op_new(OP_TYPEOF, self);
}

static PyObject *
get_js_id(PyObject *self, void *Py_UNUSED(closure))
{
  return jsproxy_op_new(OP_JS_ID, self);
}

static PyGetSetDef getset[] = {
  { "typeof", get_typeof, NULL, DOC_JsProxy_typeof, NULL },
  { "js_id", get_js_id, NULL, DOC_JsProxy_js_id, NULL },
  { 0 },
};

static PyObject *
object_entries(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return jsproxy_op_new(OP_OBJECT_ENTRIES, self);
}

static PyObject *
object_keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return jsproxy_op_new(OP_OBJECT_KEYS, self);
}

static PyObject *
object_values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return jsproxy_op_new(OP_OBJECT_VALUES, self);
}

static PyObject *
to_weakref(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return jsproxy_op_new(OP_WEAK_REF, self);
}

/* An attribute or index. New reference, NULL with an error; NULL without one if there is none. */
static PyObject *
live_property_new(PyObject *self, PyObject *key)
{
  int absent = 0;
  PyObject *property = PyUnicode_Check(key) ? text_property_new(key) : Py_NewRef(key);
  PyObject *value = property ? jsproxy_op_key_new(OP_GET_PROXY, self, property, &absent) : NULL;
  Py_XDECREF(property);
  if (absent) {
    Py_CLEAR(value);
  }
  return value;
}

static PyObject *
get_proxy(PyObject *self, PyObject *key)
{
  if (!PyUnicode_Check(key) && !PyLong_Check(key)) {
    return PyErr_Format(PyExc_TypeError,
                        "get_proxy() argument must be a str (attribute) or an int (index), not %s",
                        Py_TYPE(key)->tp_name);
  }
  PyObject *value = NULL;
  /* Among an object map's or JSON view's own items values are views as well. */
  int view = (JsProxy_flags(self) & JSPROXY_OWN_MAPS) != 0;
  if (view && jsproxy_live_item(self, key, &value) != 0) {
    return value;
  }
  value = live_property_new(self, key);
  if (value != NULL || PyErr_Occurred() || (!view && jsproxy_live_item(self, key, &value) != 0)) {
    return value;
  }
  PyErr_SetObject(PyUnicode_Check(key) ? PyExc_AttributeError : PyExc_IndexError, key);
  return NULL;
}

static PyObject *
to_py(PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "depth", "default_converter", NULL };
  int depth = -1;
  PyObject *converter = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$iO:to_py", names, &depth, &converter)) {
    return NULL;
  }
  if (converter == Py_None) {
    PyObject *levels = PyLong_FromLong(depth);
    PyObject *result = levels ? jsproxy_op_key_new(OP_TO_PY, self, levels, NULL) : NULL;
    Py_XDECREF(levels);
    return result;
  }
  if (!PyCallable_Check(converter)) {
    return PyErr_Format(PyExc_TypeError, "to_py(): default_converter must be callable, not %s",
                        Py_TYPE(converter)->tp_name);
  }
  return to_py_with_converter_new(self, depth, converter);
}

/* Sequences hide `keys`, see array.c. */
static int
discard_keys(PyObject *names)
{
  PyObject *keys = PyUnicode_InternFromString("keys");
  int status = keys ? PySet_Discard(names, keys) : -1;
  Py_XDECREF(keys);
  return status;
}

static PyObject *
dir(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  PyObject *base = PyObject_GetAttrString((PyObject *)&PyBaseObject_Type, "__dir__");
  PyObject *python = base ? PyObject_CallOneArg(base, self) : NULL;
  Py_XDECREF(base);
  PyObject *names = python ? PySet_New(python) : NULL;
  Py_XDECREF(python);
  PyObject *js = names ? jsproxy_op_new(OP_DIR, self) : NULL;
  for (Py_ssize_t i = 0; js != NULL && i < PyList_GET_SIZE(js); i++) {
    PyObject *name = PyList_GET_ITEM(js, i);
    PyObject *shown = text_is_mangled(name) ? PyUnicode_FromFormat("%U_", name) : Py_NewRef(name);
    if (shown == NULL || PySet_Add(names, shown) < 0) {
      Py_CLEAR(js);
    }
    Py_XDECREF(shown);
  }
  if (js != NULL && (JsProxy_flags(self) & JSPROXY_SEQUENCES) && discard_keys(names) < 0) {
    Py_CLEAR(js);
  }
  PyObject *sorted = js ? PySequence_List(names) : NULL;
  Py_XDECREF(js);
  Py_XDECREF(names);
  if (sorted != NULL && PyList_Sort(sorted) < 0) {
    Py_CLEAR(sorted);
  }
  return sorted;
}

/* Exceptions bring a `__dict__` of their own. */
static PyGetSetDef plain_getset[] = {
  { "__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL },
  { 0 },
};

static PyMethodDef methods[] = {
  { "__dir__", dir, METH_NOARGS, DOC_JsProxy___dir__ },
  { "object_entries", object_entries, METH_NOARGS, DOC_JsProxy_object_entries },
  { "object_keys", object_keys, METH_NOARGS, DOC_JsProxy_object_keys },
  { "object_values", object_values, METH_NOARGS, DOC_JsProxy_object_values },
  { "to_weakref", to_weakref, METH_NOARGS, DOC_JsProxy_to_weakref },
  { "to_py", (PyCFunction)(void (*)(void))to_py, METH_VARARGS | METH_KEYWORDS, DOC_JsProxy_to_py },
  { "get_proxy", get_proxy, METH_O, DOC_JsProxy_get_proxy },
  { 0 },
};

static PyMemberDef members[] = {
  { "__weaklistoffset__", Py_T_PYSSIZET,
    offsetof(JsProxyObject, fields) + offsetof(JsProxyFields, weakrefs), Py_READONLY, NULL },
  { "__vectorcalloffset__", Py_T_PYSSIZET,
    offsetof(JsProxyObject, fields) + offsetof(JsProxyFields, vectorcall), Py_READONLY, NULL },
  { "__dictoffset__", Py_T_PYSSIZET, offsetof(JsProxyObject, dict), Py_READONLY, NULL },
  { 0 },
};

static PyMemberDef error_members[] = {
  { "__weaklistoffset__", Py_T_PYSSIZET,
    offsetof(JsErrorObject, fields) + offsetof(JsProxyFields, weakrefs), Py_READONLY, NULL },
  { "__vectorcalloffset__", Py_T_PYSSIZET,
    offsetof(JsErrorObject, fields) + offsetof(JsProxyFields, vectorcall), Py_READONLY, NULL },
  { 0 },
};

static const PyType_Slot slots[] = {
  { Py_tp_traverse, traverse },
  { Py_tp_clear, clear },
  { Py_tp_dealloc, dealloc },
  { Py_tp_getattro, jsproxy_getattro },
  { Py_tp_setattro, setattro },
  { Py_tp_repr, repr },
  { Py_tp_str, repr },
  { Py_tp_richcompare, compare },
  { Py_tp_hash, hash },
  { Py_nb_bool, truth },
  { 0, NULL },
};

static const PyType_Slot plain_slots[] = {
  { Py_tp_doc, DOC_JsProxy },
  { Py_tp_members, members },
  { 0, NULL },
};
static const PyType_Slot error_slots[] = {
  { Py_tp_doc, DOC_JsException },
  { Py_tp_members, error_members },
  { 0, NULL },
};

static PyObject *
unwrap(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  return jsproxy_op_new(OP_UNWRAP, self);
}

static PyMethodDef double_proxy_methods[] = {
  { "unwrap", unwrap, METH_NOARGS, DOC_JsDoubleProxy_unwrap },
  { 0 },
};

const JsProxyRow jsproxy_base_rows[] = {
  { .slots = slots, .methods = methods, .getset = getset },
  { .none = JSF_IS_ERROR, .slots = plain_slots, .getset = plain_getset },
  { .all = JSF_IS_ERROR, .slots = error_slots },
  { .all = JSF_IS_DOUBLE_PROXY, .methods = double_proxy_methods },
  { 0 },
};

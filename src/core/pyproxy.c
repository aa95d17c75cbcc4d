/* Exports for the traps and members that every PyProxy can have: attributes, text, items,
 * references. One export is one operation and one crossing. */
#include "pyproxy.h"

#include "errors.h"
#include "js_to_py.h"
#include "py_to_js.h"

/* Exported by CPython, but declared in an internal header only. */
extern PyTypeObject _PyMethodWrapper_Type;

JsVal
pyx_refuse(Slot *out)
{
  if (PyThreadState_GetUnchecked() != NULL) {
    return errors_to_js(out);
  }
  /* An ERR without an error: TypeScript knows it as NoGilError. */
  slot_set_tag(out, TAG_ERR);
  return JSVAL_NONE;
}

void
pyx_drop_last(PyObject *obj)
{
  /* A finalizer runs now. */
  PyObject *error = PyErr_GetRaisedException();
  Py_DECREF(obj);
  PyErr_SetRaisedException(error);
}

JsVal
pyx_return_object(PyObject *result, Slot *out)
{
  if (result == NULL) {
    return errors_to_js(out);
  }
  *out = (Slot){ .tag = TAG_PYOBJ, .aux = py_flags_of(result), .address = result };
  return JSVAL_NONE;
}

JsVal
pyx_return_bool(int truth, Slot *out)
{
  if (truth < 0) {
    return errors_to_js(out);
  }
  slot_set_bool(out, truth);
  return JSVAL_NONE;
}

int
pyx_clear_missing(void)
{
  if (!PyErr_ExceptionMatches(PyExc_KeyError) && !PyErr_ExceptionMatches(PyExc_IndexError)) {
    return 0;
  }
  PyErr_Clear();
  return 1;
}

/** True when both are the same object, or the same method bound to the same object. */
static int
is_same_attribute(PyObject *value, PyObject *cached)
{
  if (value == cached) {
    return 1;
  }
  if (Py_TYPE(value) != Py_TYPE(cached)) {
    return 0;
  }
  if (PyMethod_Check(value)) {
    return PyMethod_GET_FUNCTION(value) == PyMethod_GET_FUNCTION(cached) &&
           PyMethod_GET_SELF(value) == PyMethod_GET_SELF(cached);
  }
  if (PyCFunction_CheckExact(value)) {
    return ((PyCFunctionObject *)value)->m_ml == ((PyCFunctionObject *)cached)->m_ml &&
           PyCFunction_GET_SELF(value) == PyCFunction_GET_SELF(cached);
  }
  /* Methods of C types that stand for slots, like `__len__`: they compare by identity of
   * their parts, so no other code runs. */
  return Py_TYPE(value) == &_PyMethodWrapper_Type &&
         PyObject_RichCompareBool(value, cached, Py_EQ) == 1;
}

JsVal
pyx_return_attribute(int found, PyObject *value, PyObject *take_cached, int keep_lists, Slot *out)
{
  int same = found > 0 && take_cached != NULL && is_same_attribute(value, take_cached);
  Py_XDECREF(take_cached);
  if (found < 0) {
    return errors_to_js(out);
  }
  if (found == 0) {
    slot_set_tag(out, TAG_ABSENT);
    return JSVAL_NONE;
  }
  if (same) {
    Py_DECREF(value);
    slot_set_tag(out, TAG_SAME);
    return JSVAL_NONE;
  }
  return keep_lists ? calls_return_keep_list(value, out) : calls_return(value, out);
}

static JsVal
getattr(int32_t address, int32_t name, int32_t cached, int keep_lists, Slot *out)
{
  PyObject *obj = pyx_begin(address);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *value = NULL;
  /* Reading runs code that may destroy the cached proxy. */
  PyObject *known = Py_XNewRef(pyx_object(cached));
  int found = PyObject_GetOptionalAttr(obj, pyx_object(name), &value);
  pyx_end(obj);
  return pyx_return_attribute(found, value, known, keep_lists, out);
}

JsVal
pyx_getattr(PYX_PARAMS)
{
  return getattr(a, b, n, 0, out);
}

JsVal
pyx_getattr_proxy(PYX_PARAMS)
{
  return getattr(a, b, n, 1, out);
}

JsVal
pyx_setattr(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *value = PYX_VALUE_NEW(0);
  int status = value ? PyObject_SetAttr(obj, pyx_object(b), value) : -1;
  Py_XDECREF(value);
  pyx_end(obj);
  return calls_return_status(status, out);
}

JsVal
pyx_delattr(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  int status = PyObject_DelAttr(obj, pyx_object(b));
  pyx_end(obj);
  return calls_return_status(status, out);
}

JsVal
pyx_hasattr(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *value = NULL;
  int found = PyObject_GetOptionalAttr(obj, pyx_object(b), &value);
  Py_XDECREF(value);
  if (found < 0) {
    /* `in` asks a question; an attribute that cannot be read is not there. */
    PyErr_Clear();
    found = 0;
  }
  pyx_end(obj);
  return pyx_return_bool(found, out);
}

PyObject *
pyx_dir_new(PyObject *obj)
{
  PyObject *all = PyObject_Dir(obj);
  PyObject *names = all ? PyList_New(0) : NULL;
  for (Py_ssize_t i = 0; names != NULL && i < PyList_GET_SIZE(all); i++) {
    PyObject *name = PyList_GET_ITEM(all, i);
    if (PyUnicode_Check(name) && PyList_Append(names, name) < 0) {
      Py_CLEAR(names);
    }
  }
  Py_XDECREF(all);
  return names;
}

JsVal
pyx_dir(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *names = pyx_dir_new(obj);
  pyx_end(obj);
  return calls_return_deep(names, out);
}

JsVal
pyx_str(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *text = b ? PyObject_Repr(obj) : PyObject_Str(obj);
  pyx_end(obj);
  return calls_return(text, out);
}

JsVal
pyx_type_name(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *name = PyUnicode_FromString(Py_TYPE(obj)->tp_name);
  pyx_end(obj);
  return calls_return(name, out);
}

JsVal
pyx_len(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  Py_ssize_t length = PyObject_Size(obj);
  pyx_end(obj);
  if (length < 0) {
    return errors_to_js(out);
  }
  slot_set_int(out, (int32_t)length);
  return JSVAL_NONE;
}

/** 1 and a new reference; 0 when there is no such item; -1 with an error set. */
static int
getitem(PyObject *obj, PyObject *key, PyObject **value)
{
  if (PyDict_CheckExact(obj)) {
    return PyDict_GetItemRef(obj, key, value);
  }
  *value = PyObject_GetItem(obj, key);
  if (*value != NULL) {
    return 1;
  }
  return pyx_clear_missing() ? 0 : -1;
}

static JsVal
return_item(PYX_PARAMS, int keep_lists)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *value = NULL;
  PyObject *key = PYX_VALUE_NEW(0);
  int found = key ? getitem(obj, key, &value) : -1;
  Py_XDECREF(key);
  pyx_end(obj);
  return pyx_return_attribute(found, value, NULL, keep_lists, out);
}

JsVal
pyx_getitem(PYX_PARAMS)
{
  return return_item(a, b, frame, n, out, r0, r1, r2, r3, 0);
}

JsVal
pyx_getitem_proxy(PYX_PARAMS)
{
  return return_item(a, b, frame, n, out, r0, r1, r2, r3, 1);
}

JsVal
pyx_setitem(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *key = PYX_VALUE_NEW(0);
  PyObject *value = key ? PYX_VALUE_NEW(1) : NULL;
  int status = value ? PyObject_SetItem(obj, key, value) : -1;
  Py_XDECREF(key);
  Py_XDECREF(value);
  pyx_end(obj);
  return calls_return_status(status, out);
}

JsVal
pyx_delitem(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *key = PYX_VALUE_NEW(0);
  int status = key ? PyObject_DelItem(obj, key) : -1;
  Py_XDECREF(key);
  pyx_end(obj);
  return calls_return_status(status, out);
}

JsVal
pyx_contains(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *key = PYX_VALUE_NEW(0);
  int found = key ? PySequence_Contains(obj, key) : -1;
  Py_XDECREF(key);
  pyx_end(obj);
  return pyx_return_bool(found, out);
}

JsVal
pyx_incref(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  PyObject *owned = Py_NewRef(obj);
  pyx_end(obj);
  return pyx_return_object(owned, out);
}

JsVal
pyx_decref(PYX_PARAMS)
{
  if (PyThreadState_GetUnchecked() == NULL) {
    return pyx_refuse(out);
  }
  if (a != 0) {
    Py_DECREF(pyx_object(a));
  }
  const uint32_t *addresses = (const uint32_t *)frame;
  for (int32_t i = 0; i < n; i++) {
    Py_DECREF(pyx_object((int32_t)addresses[i]));
  }
  return calls_return_status(0, out);
}

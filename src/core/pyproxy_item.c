/* Exports for names that are items: properties of a dict's PyProxy and of JSON views.
 *
 * A name means the item with that string as its key, else the item with the int that the name
 * spells. With PYI_ATTRIBUTES an attribute of that name comes before both. */
#include "pyproxy.h"

#include "js_to_py.h"

static int
is_negative(PyObject *name)
{
  return PyUnicode_GET_LENGTH(name) > 1 && PyUnicode_READ_CHAR(name, 0) == '-';
}

/** The int that a name spells in the one usual way ("7", not "07"). *key is a new reference
 *  and the result 1; 0 when it spells none; -1 with an error set. */
static int
spelled_int(PyObject *name, PyObject **key)
{
  Py_ssize_t length = PyUnicode_GET_LENGTH(name);
  Py_ssize_t first = is_negative(name);
  if (length == 0 || (length > 1 && PyUnicode_READ_CHAR(name, first) == '0')) {
    return 0;
  }
  for (Py_ssize_t i = first; i < length; i++) {
    Py_UCS4 digit = PyUnicode_READ_CHAR(name, i);
    if (digit < '0' || digit > '9') {
      return 0;
    }
  }
  *key = PyLong_FromUnicodeObject(name, 10);
  if (*key != NULL) {
    return 1;
  }
  if (PyErr_ExceptionMatches(PyExc_ValueError)) {
    /* More digits than Python converts: no int of a program is meant. */
    PyErr_Clear();
    return 0;
  }
  return -1;
}

/** 1 and a new reference; 0 when the container has no such item; -1 with an error set. */
static int
lookup(PyObject *container, PyObject *key, PyObject **value)
{
  if (PyDict_CheckExact(container)) {
    return PyDict_GetItemRef(container, key, value);
  }
  *value = PyObject_GetItem(container, key);
  if (*value != NULL) {
    return 1;
  }
  return pyx_clear_missing() ? 0 : -1;
}

/** Find the key that `name` stands for and its item. 1 and new references; 0 when there is
 *  none, and then *key is what a new item would get; -1 with an error set. */
static int
resolve(PyObject *container, PyObject *name, PyObject **key, PyObject **value)
{
  *key = NULL;
  int found = lookup(container, name, value);
  if (found != 0) {
    *key = found > 0 ? Py_NewRef(name) : NULL;
    return found;
  }
  int numeric = spelled_int(name, key);
  if (numeric == 0) {
    *key = Py_NewRef(name);
  }
  if (numeric <= 0) {
    return numeric;
  }
  found = lookup(container, *key, value);
  if (found < 0) {
    Py_CLEAR(*key);
  } else if (found == 0 && is_negative(name)) {
    /* Only digits make an int of a new name. */
    Py_SETREF(*key, Py_NewRef(name));
  }
  return found;
}

static int
read_name(PyObject *container, PyObject *name, int32_t flags, PyObject **value)
{
  if (flags & PYI_ATTRIBUTES) {
    int found = PyObject_GetOptionalAttr(container, name, value);
    if (found != 0) {
      return found;
    }
  }
  PyObject *key;
  int found = resolve(container, name, &key, value);
  Py_XDECREF(key);
  return found;
}

JsVal
pyx_item_get(PYX_PARAMS)
{
  PyObject *container = pyx_begin(a);
  if (container == NULL) {
    return pyx_refuse(out);
  }
  PyObject *value = NULL;
  PyObject *known = Py_XNewRef(pyx_object(n));
  PyObject *name = PYX_VALUE_NEW(0);
  int found = name ? read_name(container, name, b, &value) : -1;
  Py_XDECREF(name);
  pyx_end(container);
  return pyx_return_attribute(found, value, known, b & PYI_KEEP_LISTS, out);
}

JsVal
pyx_item_has(PYX_PARAMS)
{
  PyObject *container = pyx_begin(a);
  if (container == NULL) {
    return pyx_refuse(out);
  }
  PyObject *value = NULL;
  PyObject *name = PYX_VALUE_NEW(0);
  int found = name ? read_name(container, name, b, &value) : -1;
  if (found < 0) {
    PyErr_Clear();
    found = 0;
  }
  Py_XDECREF(value);
  Py_XDECREF(name);
  pyx_end(container);
  return pyx_return_bool(found, out);
}

/** 1 when an attribute or item was set, 0 when the container refuses the key, -1 on error. */
static int
write_name(PyObject *container, PyObject *name, int32_t flags, PyObject *new_value)
{
  PyObject *old = NULL;
  if (flags & PYI_ATTRIBUTES) {
    int found = PyObject_GetOptionalAttr(container, name, &old);
    Py_CLEAR(old);
    if (found != 0) {
      return found < 0 || PyObject_SetAttr(container, name, new_value) < 0 ? -1 : 1;
    }
  }
  PyObject *key;
  int found = resolve(container, name, &key, &old);
  Py_XDECREF(old);
  if (found < 0) {
    return -1;
  }
  int status = PyObject_SetItem(container, key, new_value);
  Py_DECREF(key);
  if (status == 0) {
    return 1;
  }
  return pyx_clear_missing() ? 0 : -1;
}

JsVal
pyx_item_set(PYX_PARAMS)
{
  PyObject *container = pyx_begin(a);
  if (container == NULL) {
    return pyx_refuse(out);
  }
  PyObject *name = PYX_VALUE_NEW(0);
  PyObject *value = name ? PYX_VALUE_NEW(1) : NULL;
  int done = value ? write_name(container, name, b, value) : -1;
  Py_XDECREF(name);
  Py_XDECREF(value);
  pyx_end(container);
  return pyx_return_bool(done, out);
}

/** 1 when an attribute or item was deleted, 0 when there is none, -1 with an error set. */
static int
delete_name(PyObject *container, PyObject *name, int32_t flags)
{
  PyObject *old = NULL;
  if (flags & PYI_ATTRIBUTES) {
    int found = PyObject_GetOptionalAttr(container, name, &old);
    Py_CLEAR(old);
    if (found != 0) {
      return found < 0 || PyObject_DelAttr(container, name) < 0 ? -1 : 1;
    }
  }
  PyObject *key;
  int found = resolve(container, name, &key, &old);
  Py_XDECREF(old);
  int status = found > 0 ? PyObject_DelItem(container, key) : 0;
  Py_XDECREF(key);
  if (status < 0) {
    return pyx_clear_missing() ? 0 : -1;
  }
  return found;
}

JsVal
pyx_item_delete(PYX_PARAMS)
{
  PyObject *container = pyx_begin(a);
  if (container == NULL) {
    return pyx_refuse(out);
  }
  PyObject *name = PYX_VALUE_NEW(0);
  int done = name ? delete_name(container, name, b) : -1;
  Py_XDECREF(name);
  pyx_end(container);
  return pyx_return_bool(done, out);
}

/** Add a key of the container to the names when it is a str or an int. */
static int
add_key(PyObject *names, PyObject *key)
{
  if (PyUnicode_Check(key)) {
    return PyList_Append(names, key);
  }
  if (!PyLong_Check(key) || PyBool_Check(key)) {
    return 0;
  }
  PyObject *text = PyLong_Type.tp_repr(key);
  int status = text ? PyList_Append(names, text) : -1;
  Py_XDECREF(text);
  return status;
}

/** Add the strs of dir(container) to the names. */
static int
add_attributes(PyObject *names, PyObject *container)
{
  PyObject *all = pyx_dir_new(container);
  int status = all ? PyList_Extend(names, all) : -1;
  Py_XDECREF(all);
  return status;
}

/** What iteration over a container's keys gives: keys() where there is such a method. */
static PyObject *
keys_iterator_new(PyObject *container)
{
  PyObject *method = NULL;
  if (PyObject_GetOptionalAttrString(container, "keys", &method) < 0) {
    return NULL;
  }
  if (method == NULL) {
    return PyObject_GetIter(container);
  }
  PyObject *keys = PyObject_CallNoArgs(method);
  Py_DECREF(method);
  PyObject *iterator = keys ? PyObject_GetIter(keys) : NULL;
  Py_XDECREF(keys);
  return iterator;
}

JsVal
pyx_item_names(PYX_PARAMS)
{
  PyObject *container = pyx_begin(a);
  if (container == NULL) {
    return pyx_refuse(out);
  }
  PyObject *names = PyList_New(0);
  PyObject *keys = names ? keys_iterator_new(container) : NULL;
  PyObject *key;
  int failed = keys == NULL;
  while (!failed && (key = PyIter_Next(keys)) != NULL) {
    failed = add_key(names, key) < 0;
    Py_DECREF(key);
  }
  Py_XDECREF(keys);
  if (failed || PyErr_Occurred() ||
      ((b & PYI_ATTRIBUTES) && add_attributes(names, container) < 0)) {
    Py_CLEAR(names);
  }
  pyx_end(container);
  return calls_return_deep(names, out);
}

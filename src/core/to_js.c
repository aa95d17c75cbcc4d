/* The explicit conversion to JavaScript: to_js, and the exports behind PyProxy.toJs.
 *
 * Builtin containers go as one tape. Where Python code must be asked what a container holds, or
 * the program has given converters, TypeScript (src/js/core/to_js.ts) goes from item to item. */
#include "to_js.h"

#include "calls.h"
#include "errors.h"
#include "js_to_py.h"
#include "jsproxy/object.h"
#include "py_to_js.h"
#include "pyproxy.h"
#include "tape.h"

/* Make the set error a ConversionError whose cause it is. What must reach its handler as itself
 * stays as it is: what is no Exception, and exhaustion of stack or memory. */
static void
wrap_error(void)
{
  PyObject *exc = PyErr_GetRaisedException();
  if (!PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_Exception) ||
      PyErr_GivenExceptionMatches(exc, ConversionError) ||
      PyErr_GivenExceptionMatches(exc, PyExc_RecursionError) ||
      PyErr_GivenExceptionMatches(exc, PyExc_MemoryError)) {
    PyErr_SetRaisedException(exc);
    return;
  }
  PyErr_Format(ConversionError, "%s was raised while a Python object was converted to JavaScript",
               Py_TYPE(exc)->tp_name);
  PyObject *wrapped = PyErr_GetRaisedException();
  PyException_SetContext(wrapped, Py_NewRef(exc));
  PyException_SetCause(wrapped, exc);
  PyErr_SetRaisedException(wrapped);
}

/* Write an object by the explicit rule. With tag REF the value is that of the JsProxy `obj`.
 * 0 done, 1 it must go item by item, -1 error. */
static int
write_explicit(PyObject *obj, Slot *slot, int32_t levels, int32_t flags)
{
  if (JsProxy_Check(obj)) {
    slot_set_ref(slot, 0);
    return 0;
  }
  int known = py_to_js_scalar(obj, slot);
  if (known != 0) {
    return known < 0 ? -1 : 0;
  }
  int tag = levels == 0 ? 0 : tape_container_tag(obj, levels);
  if (tag != 0) {
    return tag < 0 ? 1 : tape_write(obj, slot, PYOBJ_OWN, levels, flags);
  }
  if (flags & CONV_NO_PROXIES) {
    PyErr_Format(ConversionError,
                 "No conversion to JavaScript is known for an object of type '%s', and "
                 "create_pyproxies is false",
                 Py_TYPE(obj)->tp_name);
    return -1;
  }
  py_to_js_object(obj, slot, PYOBJ_OWN);
  return 0;
}

JsVal
pyx_to_js(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  int status = write_explicit(obj, out, b < 0 ? -1 : b, n);
  if (status != 0) {
    if (status < 0) {
      wrap_error();
    }
    py_to_js_done(mark);
    pyx_end(obj);
    slot_set_tag(out, TAG_ABSENT);
    return status < 0 ? errors_to_js(out) : JSVAL_NONE;
  }
  JsVal value = JSVAL_NONE;
  if (out->tag == TAG_REF) {
    value = JsProxy_value(obj);
  }
  calls_keep_result(Py_NewRef(obj), out, mark);
  pyx_end(obj);
  return value;
}

/* The items of a list or tuple whose class has its own ideas of them. New reference. */
static PyObject *
items_new(PyObject *obj)
{
  Py_ssize_t size = PySequence_Size(obj);
  PyObject *items = size < 0 ? NULL : PyList_New(0);
  for (Py_ssize_t i = 0; items != NULL && i < size; i++) {
    PyObject *item = PySequence_GetItem(obj, i);
    if (item == NULL || PyList_Append(items, item) < 0) {
      Py_CLEAR(items);
    }
    Py_XDECREF(item);
  }
  return items;
}

static int
add_pair(PyObject *pairs, PyObject *pair)
{
  if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
    PyErr_Format(PyExc_TypeError, "items() of a dict must yield tuples of two, not %R", pair);
    return -1;
  }
  int status = PyList_Append(pairs, PyTuple_GET_ITEM(pair, 0));
  return status < 0 ? -1 : PyList_Append(pairs, PyTuple_GET_ITEM(pair, 1));
}

/* What items() of a dict gives: a list of keys and values in turn. New reference. */
static PyObject *
pairs_new(PyObject *obj)
{
  PyObject *items = PyObject_CallMethod(obj, "items", NULL);
  PyObject *iterator = items ? PyObject_GetIter(items) : NULL;
  Py_XDECREF(items);
  PyObject *pairs = iterator ? PyList_New(0) : NULL;
  PyObject *pair;
  while (pairs != NULL && (pair = PyIter_Next(iterator)) != NULL) {
    if (add_pair(pairs, pair) < 0) {
      Py_CLEAR(pairs);
    }
    Py_DECREF(pair);
  }
  Py_XDECREF(iterator);
  if (PyErr_Occurred()) {
    Py_CLEAR(pairs);
  }
  return pairs;
}

/* What an object holds, in a form that a tape can be written of; adds to *flags. New reference;
 * NULL without an error when it is no container. */
static PyObject *
contents_new(PyObject *obj, int32_t *flags)
{
  int tag = tape_container_tag(obj, 1);
  if (tag >= 0) {
    return tag == 0 ? NULL : Py_NewRef(obj);
  }
  if (PyList_Check(obj) || PyTuple_Check(obj)) {
    return items_new(obj);
  }
  if (PyDict_Check(obj)) {
    *flags |= TAPE_PAIRS;
    return pairs_new(obj);
  }
  if (!PySet_Check(obj)) {
    return PyMemoryView_FromObject(obj);
  }
  *flags |= TAPE_MEMBERS;
  return PySequence_List(obj);
}

JsVal
pyx_to_js_level(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  int32_t flags = TAPE_ONE_LEVEL;
  PyObject *contents = contents_new(obj, &flags);
  pyx_end(obj);
  if (contents == NULL) {
    slot_set_tag(out, TAG_ABSENT);
    return PyErr_Occurred() ? errors_to_js(out) : JSVAL_NONE;
  }
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  if (tape_write(contents, out, PYOBJ_OWN, 1, flags) < 0) {
    py_to_js_done(mark);
    Py_DECREF(contents);
    return errors_to_js(out);
  }
  calls_keep_result(contents, out, mark);
  return JSVAL_NONE;
}

JsVal
pyx_conversion_failed(PYX_PARAMS)
{
  if (PyThreadState_GetUnchecked() == NULL) {
    return pyx_refuse(out);
  }
  errors_from_js(&frame[0], r0);
  wrap_error();
  return errors_to_js(out);
}

/* The arguments of to_js; all borrowed. */
typedef struct {
  PyObject *obj;
  int depth;
  int create_pyproxies;
  PyObject *pyproxies;
  /* dict_converter, default_converter, eager_converter: None or callable */
  PyObject *converters[3];
} Options;

static int
check_options(const Options *options)
{
  static const char *const names[] = { "dict_converter", "default_converter", "eager_converter" };
  PyObject *pyproxies = options->pyproxies;
  if (pyproxies != Py_None &&
      !(JsProxy_Check(pyproxies) && (JsProxy_flags(pyproxies) & JSF_IS_ARRAY))) {
    PyErr_Format(PyExc_TypeError,
                 "to_js(): pyproxies must be a JsProxy of a JavaScript Array, such as to_js([]), "
                 "not %s",
                 Py_TYPE(pyproxies)->tp_name);
    return -1;
  }
  for (int i = 0; i < 3; i++) {
    PyObject *converter = options->converters[i];
    if (converter != Py_None && !PyCallable_Check(converter)) {
      PyErr_Format(PyExc_TypeError, "to_js(): %s must be callable, not %s", names[i],
                   Py_TYPE(converter)->tp_name);
      return -1;
    }
  }
  return 0;
}

/* Describe an option in a slot: the object of a JsProxy, or a Python callable on loan. */
static void
write_option(PyObject *option, Slot *slot)
{
  if (option == Py_None) {
    slot_set_tag(slot, TAG_UNDEFINED);
  } else if (JsProxy_Check(option)) {
    slot_set_ref(slot, py_to_js_push_ref(JsProxy_value(option)));
  } else {
    py_to_js_object(option, slot, PYOBJ_BORROW);
  }
}

static PyObject *
convert_items(const Options *options)
{
  Slot frame[7];
  Slot out[2];
  PyToJsMark mark = py_to_js_mark();
  py_to_js_object(options->obj, &frame[0], PYOBJ_OWN);
  slot_set_int(&frame[1], options->depth);
  slot_set_bool(&frame[2], options->create_pyproxies);
  write_option(options->pyproxies, &frame[3]);
  for (int i = 0; i < 3; i++) {
    write_option(options->converters[i], &frame[4 + i]);
  }
  JsVal value = jsx_op(OP_TO_JS_ITEMS, JSVAL_NONE, frame, JSVAL_NONE, NULL, JSVAL_NONE, out);
  PyObject *result = js_to_py_answer_new(out, value);
  py_to_js_done(mark);
  return result;
}

/* Convert without asking Python code. New reference, or NULL with an error; *items becomes 1,
 * without either, when the object must go item by item. */
static PyObject *
convert_tape(const Options *options, int *items)
{
  Slot slot;
  Slot out[2];
  PyToJsMark mark = py_to_js_mark();
  int flags = options->create_pyproxies ? 0 : CONV_NO_PROXIES;
  int status = write_explicit(options->obj, &slot, options->depth, flags);
  if (status != 0) {
    py_to_js_done(mark);
    *items = status > 0;
    return NULL;
  }
  JsVal array = JSVAL_NONE;
  if (options->pyproxies != Py_None) {
    array = JsProxy_value(options->pyproxies);
  }
  JsVal value = jsx_op(OP_TO_JS, JSVAL_NONE, &slot, JSVAL_NONE, NULL, array, out);
  /* JavaScript has popped the refs of the tape itself. */
  py_to_js_forget_refs();
  PyObject *result = js_to_py_answer_new(out, value);
  py_to_js_done(mark);
  return result;
}

static int
is_immutable(PyObject *obj)
{
  return obj == Py_None || obj == py_to_js_null || PyLong_Check(obj) || PyUnicode_Check(obj) ||
         PyFloat_Check(obj);
}

PyObject *
to_js(PyObject *Py_UNUSED(self), PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "",
                           "depth",
                           "pyproxies",
                           "create_pyproxies",
                           "dict_converter",
                           "default_converter",
                           "eager_converter",
                           NULL };
  Options options = { .depth = -1, .create_pyproxies = 1, .pyproxies = Py_None };
  PyObject **converters = options.converters;
  converters[0] = converters[1] = converters[2] = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$iOpOOO:to_js", names, &options.obj,
                                   &options.depth, &options.pyproxies, &options.create_pyproxies,
                                   &converters[0], &converters[1], &converters[2]) ||
      check_options(&options) < 0) {
    return NULL;
  }
  if (JsProxy_Check(options.obj) || is_immutable(options.obj)) {
    return Py_NewRef(options.obj);
  }
  if (options.depth < 0) {
    options.depth = -1;
  }
  calls_release_result();
  int items = converters[0] != Py_None || converters[1] != Py_None || converters[2] != Py_None;
  PyObject *result = items ? NULL : convert_tape(&options, &items);
  if (items) {
    result = convert_items(&options);
  }
  if (result == NULL) {
    wrap_error();
  }
  return result;
}

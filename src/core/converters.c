/* Calls of the converters that Python programs give to explicit conversions, and what these
 * converters call in turn: `convert` and `cacheConversion`. The conversions themselves go on in
 * TypeScript; an offer is its object that stands for the question put to a converter. */
#include "calls.h"
#include "errors.h"
#include "js_to_py.h"
#include "jsproxy/jsproxy.h"
#include "py_to_js.h"
#include "pyproxy.h"
#include "tape.h"
#include "to_js.h"

/* An operation on an offer. New reference, or NULL with an error set. */
static PyObject *
ask_offer(int op, PyObject *offer, Slot *a, JsVal ra, Slot *b, JsVal rb)
{
  Slot out[2];
  JsVal value = jsx_op(op, JsProxy_value(offer), a, ra, b, rb, out);
  return js_to_py_answer_new(out, value);
}

/* True for what becomes a PyProxy in JavaScript. */
static int
is_proxied(PyObject *obj)
{
  return !(JsProxy_Check(obj) || obj == Py_None || obj == py_to_js_null || PyLong_Check(obj) ||
           PyUnicode_Check(obj) || PyFloat_Check(obj));
}

static PyObject *
to_js_convert(PyObject *offer, PyObject *obj)
{
  if (!is_proxied(obj)) {
    return Py_NewRef(obj);
  }
  Slot slot;
  calls_release_result();
  py_to_js_object(obj, &slot, PYOBJ_OWN);
  return ask_offer(OP_CONVERT_TO_JS, offer, &slot, JSVAL_NONE, NULL, JSVAL_NONE);
}

static PyObject *
to_js_cache(PyObject *offer, PyObject *args)
{
  PyObject *obj;
  PyObject *result;
  if (!PyArg_ParseTuple(args, "OO:cacheConversion", &obj, &result)) {
    return NULL;
  }
  if (!is_proxied(obj)) {
    return PyErr_Format(PyExc_TypeError,
                        "cacheConversion(): the first argument must be a Python object that has a "
                        "conversion of its own, not %s",
                        Py_TYPE(obj)->tp_name);
  }
  Slot key;
  Slot value;
  int failed = 0;
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  JsVal ref = py_to_js(result, &value, PYOBJ_OWN, LISTS_KEEP, &failed);
  PyObject *answer = NULL;
  if (!failed) {
    py_to_js_object(obj, &key, PYOBJ_OWN);
    answer = ask_offer(OP_CACHE_TO_JS, offer, &key, JSVAL_NONE, &value, ref);
  }
  py_to_js_done(mark);
  return answer;
}

static PyObject *
to_py_convert(PyObject *offer, PyObject *obj)
{
  if (!JsProxy_Check(obj)) {
    return Py_NewRef(obj);
  }
  calls_release_result();
  return ask_offer(OP_CONVERT_TO_PY, offer, NULL, JsProxy_value(obj), NULL, JSVAL_NONE);
}

static PyObject *
to_py_cache(PyObject *offer, PyObject *args)
{
  PyObject *obj;
  PyObject *result;
  if (!PyArg_ParseTuple(args, "OO:cache", &obj, &result)) {
    return NULL;
  }
  if (!JsProxy_Check(obj)) {
    return PyErr_Format(PyExc_TypeError, "cache(): the first argument must be a JsProxy, not %s",
                        Py_TYPE(obj)->tp_name);
  }
  Slot slot;
  calls_release_result();
  py_to_js_object(result, &slot, PYOBJ_OWN);
  return ask_offer(OP_CACHE_TO_PY, offer, NULL, JsProxy_value(obj), &slot, JSVAL_NONE);
}

/* By direction. */
static PyMethodDef convert_methods[] = {
  [CONVERTER_TO_JS] = { "convert", to_js_convert, METH_O,
                        "convert(value, /)\n--\n\n"
                        "Convert a part by the rules of the running conversion to JavaScript." },
  [CONVERTER_TO_PY] = { "convert", to_py_convert, METH_O,
                        "convert(value, /)\n--\n\n"
                        "Convert a part by the rules of the running conversion to Python." },
};
static PyMethodDef cache_methods[] = {
  [CONVERTER_TO_JS] = { "cacheConversion", to_js_cache, METH_VARARGS,
                        "cacheConversion(value, result, /)\n--\n\n"
                        "Announce what a Python object becomes, so that cycles find it." },
  [CONVERTER_TO_PY] = { "cache", to_py_cache, METH_VARARGS,
                        "cache(value, result, /)\n--\n\n"
                        "Announce what a JavaScript object becomes, so that cycles find it." },
};

static PyObject *
call_converter(PyObject *converter, int kind, PyObject *value, JsVal offer_value)
{
  if (kind == CONVERTER_DICT) {
    return PyObject_CallOneArg(converter, value);
  }
  PyObject *offer = jsproxy_new(offer_value, 0);
  PyObject *convert = offer ? PyCFunction_New(&convert_methods[kind], offer) : NULL;
  PyObject *cache = convert ? PyCFunction_New(&cache_methods[kind], offer) : NULL;
  PyObject *result =
    cache ? PyObject_CallFunctionObjArgs(converter, value, convert, cache, NULL) : NULL;
  Py_XDECREF(cache);
  Py_XDECREF(convert);
  Py_XDECREF(offer);
  return result;
}

JsVal
pyx_convert(PYX_PARAMS)
{
  PyObject *converter = pyx_begin(a);
  if (converter == NULL) {
    return pyx_refuse(out);
  }
  PyObject *value = PYX_VALUE_NEW(0);
  PyObject *result = NULL;
  if (value != NULL) {
    JsVal offer = JSVAL_NONE;
    if (b != CONVERTER_DICT) {
      offer = calls_slot_ref(&frame[1], r0, r1, r2, r3);
    }
    result = call_converter(converter, b, value, offer);
  }
  int same = result != NULL && result == value;
  Py_XDECREF(value);
  pyx_end(converter);
  if (b == CONVERTER_TO_PY) {
    return pyx_return_object(result, out);
  }
  if (same && is_proxied(result)) {
    Py_DECREF(result);
    slot_set_tag(out, TAG_SAME);
    return JSVAL_NONE;
  }
  return calls_return_keep_list(result, out);
}

JsVal
pyx_fill(PYX_PARAMS)
{
  PyObject *container = pyx_begin(a);
  if (container == NULL) {
    return pyx_refuse(out);
  }
  PyObject *contents = PYX_VALUE_NEW(0);
  int status = -1;
  if (contents != NULL) {
    status = PyList_CheckExact(container) ? PyList_SetSlice(container, 0, 0, contents)
                                          : PyDict_Update(container, contents);
    Py_DECREF(contents);
  }
  pyx_end(container);
  return calls_return_status(status, out);
}

PyObject *
to_py_with_converter_new(PyObject *proxy, int depth, PyObject *converter)
{
  Slot levels;
  Slot option;
  Slot out[2];
  JsVal function = JSVAL_NONE;
  calls_release_result();
  slot_set_int(&levels, depth);
  if (JsProxy_Check(converter)) {
    slot_set_ref(&option, 0);
    function = JsProxy_value(converter);
  } else {
    py_to_js_object(converter, &option, PYOBJ_BORROW);
  }
  JsVal value = jsx_op(OP_TO_PY, JsProxy_value(proxy), &levels, JSVAL_NONE, &option, function, out);
  return js_to_py_answer_new(out, value);
}

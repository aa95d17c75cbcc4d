/* The explicit conversions that C begins: to_js, and to_py with a converter. */
#ifndef TO_JS_H
#define TO_JS_H

#include <Python.h>

#include "slot.h"

/** `to_js` of pyodide.ffi, for the method table of module.c. */
PyObject *to_js(PyObject *self, PyObject *args, PyObject *kwargs);

/** JsProxy.to_py with a default_converter: `depth` levels, negative for all. New reference, or
 *  NULL with an error set. */
PyObject *to_py_with_converter_new(PyObject *proxy, int depth, PyObject *converter)
  __attribute__((warn_unused_result));

#endif

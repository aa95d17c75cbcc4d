/* The builtin module `_pyodide_core`. */
#ifndef MODULE_H
#define MODULE_H

#include <Python.h>

/** For PyImport_AppendInittab. */
PyMODINIT_FUNC PyInit__pyodide_core(void);

/** A JsDoubleProxy of a new PyProxy; `kind` is a KIND and PROXY options. New reference, or NULL
 * with an error set. */
PyObject *module_create_proxy(PyObject *obj, int kind) __attribute__((warn_unused_result));

#endif

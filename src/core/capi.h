/* The public C API of the bridge, for extension modules. */
#ifndef CAPI_H
#define CAPI_H

#include <Python.h>

/** Put the capsule with the functions of pyodide_ffi.h into `_pyodide_core`. 0, or -1 with an error
 *  set. */
int capi_init(PyObject *module) __attribute__((warn_unused_result));

#endif

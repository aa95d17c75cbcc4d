/* The builtin module `_pyodide_core`. */
#ifndef MODULE_H
#define MODULE_H

#include <Python.h>

/** For PyImport_AppendInittab. */
PyMODINIT_FUNC PyInit__pyodide_core(void);

#endif

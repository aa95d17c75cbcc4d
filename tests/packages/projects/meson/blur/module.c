#define PY_SSIZE_T_CLEAN
#include "kernel.h"
#include <Python.h>

static PyObject *
blur(PyObject *module, PyObject *argument)
{
  Py_buffer view;
  if (PyObject_GetBuffer(argument, &view, PyBUF_SIMPLE) < 0) {
    return NULL;
  }
  PyObject *result = PyBytes_FromStringAndSize(NULL, view.len);
  if (result != NULL) {
    blur_row(view.buf, (unsigned char *)PyBytes_AS_STRING(result), (size_t)view.len);
  }
  PyBuffer_Release(&view);
  return result;
}

static PyMethodDef methods[] = {
  { "blur", blur, METH_O, "The means of neighbouring bytes." },
  { 0 },
};

static PyModuleDef definition = {
  .m_base = PyModuleDef_HEAD_INIT,
  .m_name = "_blur",
  .m_methods = methods,
};

PyMODINIT_FUNC
PyInit__blur(void)
{
  return PyModule_Create(&definition);
}

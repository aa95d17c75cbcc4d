/* JsBigInt: see jsbigint.h. It behaves as int in all else; arithmetic gives int. */
#include "jsbigint.h"

static PyTypeObject *type;

static PyType_Slot slots[] = {
  { Py_tp_doc,
    "An int that is a BigInt in JavaScript, also where a Number could hold it.\n\n"
    "BigInts arrive in Python as JsBigInt. It behaves as int in all else; arithmetic gives\n"
    "plain ints." },
  { 0, NULL },
};

static PyType_Spec spec = {
  .name = "pyodide.ffi.JsBigInt",
  .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
  .slots = slots,
};

int
jsbigint_init(PyObject *module)
{
  type = (PyTypeObject *)PyType_FromSpecWithBases(&spec, (PyObject *)&PyLong_Type);
  return type ? PyModule_AddObjectRef(module, "JsBigInt", (PyObject *)type) : -1;
}

int
jsbigint_check(PyObject *obj)
{
  return PyObject_TypeCheck(obj, type);
}

PyObject *
jsbigint_new(PyObject *take_number)
{
  PyObject *result = take_number ? PyObject_CallOneArg((PyObject *)type, take_number) : NULL;
  Py_XDECREF(take_number);
  return result;
}

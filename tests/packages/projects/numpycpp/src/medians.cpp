#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <Python.h>
#include <algorithm>
#include <numpy/arrayobject.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

double
median(std::vector<double> values)
{
  if (values.empty()) {
    throw std::invalid_argument("a row of " + std::to_string(values.size()) + " items has none");
  }
  auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

PyObject *
rows(PyObject *, PyObject *argument)
{
  PyArrayObject *array = reinterpret_cast<PyArrayObject *>(
    PyArray_FROMANY(argument, NPY_DOUBLE, 2, 2, NPY_ARRAY_IN_ARRAY));
  if (array == nullptr) {
    return nullptr;
  }
  npy_intp height = PyArray_DIM(array, 0), width = PyArray_DIM(array, 1);
  PyArrayObject *result =
    reinterpret_cast<PyArrayObject *>(PyArray_SimpleNew(1, &height, NPY_DOUBLE));
  try {
    for (npy_intp i = 0; result != nullptr && i < height; i++) {
      const double *row = static_cast<double *>(PyArray_GETPTR2(array, i, 0));
      *static_cast<double *>(PyArray_GETPTR1(result, i)) = median({ row, row + width });
    }
  } catch (const std::invalid_argument &error) {
    PyErr_SetString(PyExc_ValueError, error.what());
    Py_CLEAR(result);
  }
  Py_DECREF(array);
  return reinterpret_cast<PyObject *>(result);
}

PyMethodDef methods[] = {
  { "rows", rows, METH_O, "The median of each row." },
  { nullptr, nullptr, 0, nullptr },
};

PyModuleDef module = { PyModuleDef_HEAD_INIT, "medians", nullptr, -1, methods };

} // namespace

PyMODINIT_FUNC
PyInit_medians()
{
  import_array();
  return PyModule_Create(&module);
}

/* An extension module that gives Python each function of pyodide_ffi.h, for the tests. */
#include <Python.h>

#include <pyodide_ffi.h>

static PyObject *
get(PyObject *self, PyObject *args)
{
  PyObject *proxy;
  PyObject *name;
  PyObject *value;
  if (!PyArg_ParseTuple(args, "OO", &proxy, &name)) {
    return NULL;
  }
  int found = PyodideFFI->get(proxy, name, &value);
  return found < 0 ? NULL : found ? Py_BuildValue("(iN)", 1, value) : Py_BuildValue("(iO)", 0, Py_None);
}

static PyObject *
get_double(PyObject *self, PyObject *args)
{
  PyObject *proxy;
  PyObject *name;
  double value = -1;
  if (!PyArg_ParseTuple(args, "OO", &proxy, &name)) {
    return NULL;
  }
  int found = PyodideFFI->get_double(proxy, name, &value);
  return found < 0 ? NULL : Py_BuildValue("(id)", found, value);
}

static PyObject *
status(int failed)
{
  return failed < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
set(PyObject *self, PyObject *args)
{
  PyObject *proxy;
  PyObject *name;
  PyObject *value;
  if (!PyArg_ParseTuple(args, "OOO", &proxy, &name, &value)) {
    return NULL;
  }
  return status(PyodideFFI->set(proxy, name, value));
}

static PyObject *
set_double(PyObject *self, PyObject *args)
{
  PyObject *proxy;
  PyObject *name;
  double value;
  if (!PyArg_ParseTuple(args, "OOd", &proxy, &name, &value)) {
    return NULL;
  }
  return status(PyodideFFI->set_double(proxy, name, value));
}

static PyObject *
del(PyObject *self, PyObject *args)
{
  PyObject *proxy;
  PyObject *name;
  if (!PyArg_ParseTuple(args, "OO", &proxy, &name)) {
    return NULL;
  }
  return status(PyodideFFI->del(proxy, name));
}

/* call(func, this, args, kwargs, flags) */
static PyObject *
call(PyObject *self, PyObject *given)
{
  PyObject *func;
  PyObject *this_;
  PyObject *args;
  PyObject *names;
  int flags;
  if (!PyArg_ParseTuple(given, "OOO!O!i", &func, &this_, &PyTuple_Type, &args, &PyTuple_Type, &names,
                        &flags)) {
    return NULL;
  }
  Py_ssize_t keywords = PyTuple_GET_SIZE(names);
  PyObject *const *values = ((PyTupleObject *)args)->ob_item;
  return PyodideFFI->call(func, this_ == Py_None ? NULL : this_, values,
                          PyTuple_GET_SIZE(args) - keywords, keywords ? names : NULL, flags);
}

static PyObject *
call_method(PyObject *self, PyObject *given)
{
  PyObject *proxy;
  PyObject *name;
  PyObject *args;
  int flags;
  if (!PyArg_ParseTuple(given, "OOO!i", &proxy, &name, &PyTuple_Type, &args, &flags)) {
    return NULL;
  }
  return PyodideFFI->call_method(proxy, name, ((PyTupleObject *)args)->ob_item,
                                 PyTuple_GET_SIZE(args), NULL, flags);
}

static PyObject *
call_method_doubles(PyObject *self, PyObject *given)
{
  PyObject *proxy;
  PyObject *name;
  PyObject *args;
  if (!PyArg_ParseTuple(given, "OOO!", &proxy, &name, &PyTuple_Type, &args)) {
    return NULL;
  }
  double numbers[20] = { 0 };
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args) && i < 20; i++) {
    numbers[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(args, i));
  }
  double result = -1;
  int answered =
    PyodideFFI->call_method_doubles(proxy, name, numbers, PyTuple_GET_SIZE(args), &result);
  return answered < 0 ? NULL : Py_BuildValue("(id)", answered, result);
}

static PyObject *
construct(PyObject *self, PyObject *given)
{
  PyObject *cls;
  PyObject *args;
  if (!PyArg_ParseTuple(given, "OO!", &cls, &PyTuple_Type, &args)) {
    return NULL;
  }
  return PyodideFFI->construct(cls, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), NULL);
}

static PyObject *
create_proxy(PyObject *self, PyObject *args)
{
  PyObject *obj;
  int flags;
  if (!PyArg_ParseTuple(args, "Oi", &obj, &flags)) {
    return NULL;
  }
  return PyodideFFI->create_proxy(obj, flags);
}

static PyObject *
unwrap(PyObject *self, PyObject *proxy)
{
  return PyodideFFI->unwrap(proxy);
}

static PyObject *
destroy_proxy(PyObject *self, PyObject *proxy)
{
  return status(PyodideFFI->destroy_proxy(proxy));
}

static PyodideRef held;

static PyObject *
hold(PyObject *self, PyObject *proxy)
{
  PyodideRef ref = PyodideFFI->hold(proxy);
  if (ref == NULL) {
    return NULL;
  }
  PyodideFFI->release(held);
  held = ref;
  Py_RETURN_NONE;
}

static PyObject *
held_proxy(PyObject *self, PyObject *nothing)
{
  return PyodideFFI->proxy_of(held);
}

static PyObject *
release(PyObject *self, PyObject *nothing)
{
  PyodideFFI->release(held);
  held = NULL;
  PyodideFFI->release(NULL);
  Py_RETURN_NONE;
}

static PyObject *
buffer_read(PyObject *self, PyObject *args)
{
  PyObject *buffer;
  Py_ssize_t offset;
  Py_ssize_t size;
  if (!PyArg_ParseTuple(args, "Onn", &buffer, &offset, &size)) {
    return NULL;
  }
  PyObject *bytes = PyBytes_FromStringAndSize(NULL, size < 0 ? 0 : size);
  if (bytes != NULL &&
      PyodideFFI->buffer_read(buffer, offset, PyBytes_AS_STRING(bytes), size) < 0) {
    Py_CLEAR(bytes);
  }
  return bytes;
}

static PyObject *
buffer_write(PyObject *self, PyObject *args)
{
  PyObject *buffer;
  Py_ssize_t offset;
  Py_buffer source;
  if (!PyArg_ParseTuple(args, "Ony*", &buffer, &offset, &source)) {
    return NULL;
  }
  int failed = PyodideFFI->buffer_write(buffer, offset, source.buf, source.len);
  PyBuffer_Release(&source);
  return status(failed);
}

static PyObject *
buffer_size(PyObject *self, PyObject *buffer)
{
  Py_ssize_t size = PyodideFFI->buffer_size(buffer);
  return size < 0 ? NULL : PyLong_FromSsize_t(size);
}

static PyObject *
is_proxy(PyObject *self, PyObject *obj)
{
  return PyBool_FromLong(PyodideFFI->is_proxy(obj));
}

static PyObject *
globals(PyObject *self, PyObject *nothing)
{
  return PyodideFFI->globals();
}

static PyObject *
run_js(PyObject *self, PyObject *code)
{
  const char *text = PyUnicode_AsUTF8(code);
  return text ? PyodideFFI->run_js(text) : NULL;
}

static PyObject *
to_js(PyObject *self, PyObject *args)
{
  PyObject *obj;
  int depth;
  return PyArg_ParseTuple(args, "Oi", &obj, &depth) ? PyodideFFI->to_js(obj, depth) : NULL;
}

static PyObject *
to_py(PyObject *self, PyObject *args)
{
  PyObject *proxy;
  int depth;
  return PyArg_ParseTuple(args, "Oi", &proxy, &depth) ? PyodideFFI->to_py(proxy, depth) : NULL;
}

static PyObject *
can_run_sync(PyObject *self, PyObject *nothing)
{
  return PyBool_FromLong(PyodideFFI->can_run_sync());
}

static PyObject *
run_sync(PyObject *self, PyObject *awaitable)
{
  return PyodideFFI->run_sync(awaitable);
}

#define METHOD(name, flags) { #name, name, flags, NULL }

static PyMethodDef methods[] = {
  METHOD(get, METH_VARARGS),          METHOD(get_double, METH_VARARGS),
  METHOD(set, METH_VARARGS),          METHOD(set_double, METH_VARARGS),
  METHOD(del, METH_VARARGS),          METHOD(call, METH_VARARGS),
  METHOD(call_method, METH_VARARGS),  METHOD(call_method_doubles, METH_VARARGS),
  METHOD(construct, METH_VARARGS),    METHOD(create_proxy, METH_VARARGS),
  METHOD(unwrap, METH_O),             METHOD(destroy_proxy, METH_O),
  METHOD(hold, METH_O),               METHOD(held_proxy, METH_NOARGS),
  METHOD(release, METH_NOARGS),       METHOD(buffer_read, METH_VARARGS),
  METHOD(buffer_write, METH_VARARGS), METHOD(buffer_size, METH_O),
  METHOD(is_proxy, METH_O),           METHOD(globals, METH_NOARGS),
  METHOD(run_js, METH_O),             METHOD(to_js, METH_VARARGS),
  METHOD(to_py, METH_VARARGS),        METHOD(can_run_sync, METH_NOARGS),
  METHOD(run_sync, METH_O),           { 0 },
};

static struct PyModuleDef definition = {
  PyModuleDef_HEAD_INIT, .m_name = "capi", .m_size = -1, .m_methods = methods
};

PyMODINIT_FUNC
PyInit_capi(void)
{
  return PyodideFFI_Import() < 0 ? NULL : PyModule_Create(&definition);
}

/* The builtin module `_pyodide_core`: what the Python half of the bridge is given. */
#include "module.h"

#include "calls.h"
#include "capi.h"
#include "docs.gen.h"
#include "errors.h"
#include "jsbigint.h"
#include "js_to_py.h"
#include "jsproxy/jsproxy.h"
#include "py_to_js.h"
#include "switch.h"
#include "to_js.h"

static PyObject *
null_repr(PyObject *Py_UNUSED(self))
{
  return PyUnicode_FromString("jsnull");
}

static int
null_bool(PyObject *Py_UNUSED(self))
{
  return 0;
}

static PyObject *
null_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
  if (PyTuple_GET_SIZE(args) || (kwargs && PyDict_GET_SIZE(kwargs))) {
    PyErr_SetString(PyExc_TypeError, "JsNull takes no arguments");
    return NULL;
  }
  return py_to_js_null ? Py_NewRef(py_to_js_null) : type->tp_alloc(type, 0);
}

static PyObject *
null_typeof(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
  return PyUnicode_FromString("object");
}

static PyObject *
null_reduce(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
  return PyUnicode_FromString("jsnull");
}

static PyGetSetDef null_getset[] = {
  { "typeof", null_typeof, NULL, "Always \"object\", as in JavaScript.", NULL },
  { 0 },
};

static PyMethodDef null_methods[] = {
  { "__reduce__", null_reduce, METH_NOARGS, DOC_JsNull___reduce__ },
  { 0 },
};

static PyType_Slot null_slots[] = {
  { Py_tp_repr, null_repr },
  { Py_nb_bool, null_bool },
  { Py_tp_new, null_new },
  { Py_tp_getset, null_getset },
  { Py_tp_methods, null_methods },
  { Py_tp_doc, DOC_JsNull },
  { 0, NULL },
};

static PyType_Spec null_spec = {
  .name = "pyodide.ffi.JsNull",
  .basicsize = sizeof(PyObject),
  .flags = Py_TPFLAGS_DEFAULT,
  .slots = null_slots,
};

PyObject *
module_create_proxy(PyObject *obj, int kind)
{
  Slot slot;
  Slot out[2];
  py_to_js_mark();
  slot = (Slot){ .tag = TAG_PYOBJ, .aux = py_flags_of(obj), .address = Py_NewRef(obj) };
  JsVal proxy = jsx_make_proxy(&slot, kind, out);
  return jsproxy_new(proxy, out->aux);
}

static PyObject *
create_proxy(PyObject *Py_UNUSED(self), PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "", "capture_this", "roundtrip", NULL };
  PyObject *obj;
  int capture_this = 0;
  int roundtrip = 1;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$pp:create_proxy", names, &obj, &capture_this,
                                   &roundtrip)) {
    return NULL;
  }
  return module_create_proxy(obj, KIND_OWNED | (capture_this ? PROXY_CAPTURE_THIS : 0) |
                                    (roundtrip ? PROXY_ROUNDTRIP : 0));
}

static PyObject *
create_once_callable(PyObject *Py_UNUSED(self), PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "", "_may_syncify", NULL };
  PyObject *obj;
  int may_syncify = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$p:create_once_callable", names, &obj,
                                   &may_syncify)) {
    return NULL;
  }
  if (!PyCallable_Check(obj)) {
    return PyErr_Format(PyExc_TypeError, "create_once_callable() argument must be callable, not %s",
                        Py_TYPE(obj)->tp_name);
  }
  return module_create_proxy(obj,
                             KIND_ONCE | PROXY_ROUNDTRIP | (may_syncify ? PROXY_PROMISING : 0));
}

/* A callback that may wait for promises, where the engine can switch stacks. */
static PyObject *
create_callback(PyObject *Py_UNUSED(self), PyObject *obj)
{
  return module_create_proxy(obj, KIND_OWNED | PROXY_ROUNDTRIP | PROXY_PROMISING);
}

static PyObject *
destroy_proxies(PyObject *Py_UNUSED(self), PyObject *array)
{
  if (!JsProxy_Check(array) || !(JsProxy_flags(array) & JSF_IS_ARRAY)) {
    PyErr_Format(PyExc_TypeError, "Expected a JsProxy for the Array of proxies, not %s",
                 Py_TYPE(array)->tp_name);
    return NULL;
  }
  return jsproxy_op_new(OP_DESTROY_ALL, array);
}

/* What the Python half needs to wait for promises without making futures of them. */
static PyObject *
call_method(PyObject *Py_UNUSED(self), PyObject *const *args, Py_ssize_t nargs)
{
  if (nargs < 2 || !JsProxy_Check(args[0]) || !PyUnicode_CheckExact(args[1])) {
    PyErr_SetString(PyExc_TypeError, "call_method() needs a JsProxy, a name, and arguments");
    return NULL;
  }
  return calls_method_raw(JsProxy_value(args[0]), args[1], args + 2, nargs - 2, NULL);
}

static PyObject *
raise_js(PyObject *Py_UNUSED(self), PyObject *value)
{
  Slot slot;
  Slot out[2];
  int failed = 0;
  calls_release_result();
  PyToJsMark mark = py_to_js_mark();
  JsVal thrown = py_to_js(value, &slot, PYOBJ_OWN, LISTS_KEEP, &failed);
  PyObject *result = NULL;
  if (!failed) {
    JsVal error = jsx_op(OP_RAISE, JSVAL_NONE, &slot, thrown, NULL, JSVAL_NONE, out);
    result = js_to_py_answer_new(out, error);
  }
  py_to_js_done(mark);
  return result;
}

static PyMethodDef methods[] = {
  { "call_method", (PyCFunction)(void (*)(void))call_method, METH_FASTCALL,
    "call_method(obj, name, /, *args)\n--\n\n"
    "Call a method of a JavaScript object; a promise that it returns stays a JsProxy." },
  { "raise_js", raise_js, METH_O,
    "raise_js(value, /)\n--\n\nThrow a value in JavaScript, and raise what becomes of it." },
  { "to_js", (PyCFunction)(void (*)(void))to_js, METH_VARARGS | METH_KEYWORDS, DOC_to_js },
  { "create_proxy", (PyCFunction)(void (*)(void))create_proxy, METH_VARARGS | METH_KEYWORDS,
    DOC_create_proxy },
  { "create_once_callable", (PyCFunction)(void (*)(void))create_once_callable,
    METH_VARARGS | METH_KEYWORDS, DOC_create_once_callable },
  { "create_callback", create_callback, METH_O,
    "create_callback(f, /)\n--\n\n"
    "As create_proxy, but where the engine can switch stacks a call returns a promise." },
  { "destroy_proxies", destroy_proxies, METH_O, DOC_destroy_proxies },
  { "can_run_sync", switch_can_run_sync, METH_NOARGS, DOC_can_run_sync },
  { "run_sync", switch_run_sync, METH_O, DOC_run_sync },
  { "map_items", jsproxy_map_items, METH_O,
    "map_items(map, /)\n--\n\nKeys and values of a JavaScript map, in turn, as one list." },
  { 0 },
};

static struct PyModuleDef definition = {
  PyModuleDef_HEAD_INIT,
  .m_name = "_pyodide_core",
  .m_doc = "The C half of the bridge between Python and JavaScript.",
  .m_size = -1,
  .m_methods = methods,
};

static int
add_null(PyObject *module)
{
  PyObject *type = PyType_FromSpec(&null_spec);
  if (type == NULL || PyModule_AddObjectRef(module, "JsNull", type) < 0) {
    Py_XDECREF(type);
    return -1;
  }
  py_to_js_null = PyObject_CallNoArgs(type);
  Py_DECREF(type);
  return py_to_js_null ? PyModule_AddObjectRef(module, "jsnull", py_to_js_null) : -1;
}

PyMODINIT_FUNC
PyInit__pyodide_core(void)
{
  PyObject *module = PyModule_Create(&definition);
  if (module == NULL) {
    return NULL;
  }
  if (add_null(module) < 0 || jsbigint_init(module) < 0 || errors_init(module) < 0 ||
      jsproxy_types_init(module) < 0 || jsproxy_call_init() < 0 ||
      PyModule_AddFunctions(module, jsproxy_buffer_functions) < 0 ||
      PyModule_AddFunctions(module, jsproxy_await_functions) < 0 ||
      PyModule_AddFunctions(module, switch_functions) < 0 || capi_init(module) < 0) {
    Py_DECREF(module);
    return NULL;
  }
  return module;
}

/* JavaScript functions: calls, construction, and methods without a bound object. */
#include "jsproxy.h"

#include <stddef.h>
#include <structmember.h>

#include "../calls.h"
#include "../docs.gen.h"
#include "../text.h"

/* A call with a Python object as `this`: it goes before the arguments. */
static PyObject *
call_on(PyObject *self, PyObject *receiver, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
  Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
  Py_ssize_t all = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
  PyObject **with_this = PyMem_New(PyObject *, all + 1);
  if (with_this == NULL) {
    return PyErr_NoMemory();
  }
  with_this[0] = receiver;
  for (Py_ssize_t i = 0; i < all; i++) {
    with_this[i + 1] = args[i];
  }
  PyObject *result =
    calls_function(JsProxy_value(self), JSVAL_NONE, with_this, nargs + 1, kwnames, CALL_THIS);
  PyMem_Free(with_this);
  return result;
}

PyObject *
jsproxy_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
  JsProxyFields *fields = JsProxy_fields(self);
  if (fields->receiver != NULL) {
    return call_on(self, fields->receiver, args, nargsf, kwnames);
  }
  JsVal this_ = fields->this_ref ? handles_get(fields->this_ref) : JSVAL_NONE;
  return calls_function(handles_get(fields->ref), this_, args, PyVectorcall_NARGS(nargsf), kwnames,
                        0);
}

static PyObject *
construct(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
  return calls_function(JsProxy_value(self), JSVAL_NONE, args, nargs, kwnames, CALL_CONSTRUCT);
}

static PyObject *
descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
  if (obj == NULL || obj == Py_None) {
    return Py_NewRef(self);
  }
  JsVal func = JsProxy_value(self);
  if (JsProxy_Check(obj)) {
    return jsproxy_new_bound(func, JsProxy_value(obj), JsProxy_flags(self));
  }
  return jsproxy_new_method(func, obj, JsProxy_flags(self));
}

static PyMethodDef methods[] = {
  { "new", (PyCFunction)(void (*)(void))construct, METH_FASTCALL | METH_KEYWORDS,
    DOC_JsCallable_new },
  { 0 },
};

static const PyType_Slot slots[] = {
  { Py_tp_call, PyVectorcall_Call },
  { Py_tp_descr_get, descr_get },
  { 0, NULL },
};

const JsProxyRow jsproxy_call_rows[] = {
  { .all = JSF_IS_CALLABLE, .slots = slots, .methods = methods },
  { 0 },
};

/* JsMethod: what `obj.name(...)` calls. It holds only the name, so one object serves every
 * receiver, and the property is read and called in one crossing. */
typedef struct {
  PyObject_HEAD vectorcallfunc vectorcall;
  PyObject *name;
} JsMethod;

static PyTypeObject *JsMethod_Type;

static PyObject *
method_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
  Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
  return calls_method(JsProxy_value(args[0]), ((JsMethod *)self)->name, args + 1, nargs - 1,
                      kwnames);
}

static void
method_dealloc(PyObject *self)
{
  PyTypeObject *type = Py_TYPE(self);
  Py_DECREF(((JsMethod *)self)->name);
  type->tp_free(self);
  Py_DECREF(type);
}

/* The object that calls the JavaScript method `name` of its first argument. */
static PyObject *
method_new(PyObject *name)
{
  PyObject *cached = text_cached_method_borrow(name);
  if (cached != NULL) {
    return Py_NewRef(cached);
  }
  JsMethod *method = (JsMethod *)JsMethod_Type->tp_alloc(JsMethod_Type, 0);
  if (method == NULL) {
    return NULL;
  }
  method->vectorcall = method_vectorcall;
  method->name = Py_NewRef(name);
  text_cache_method(name, (PyObject *)method);
  return (PyObject *)method;
}

/* The contract of _PyObject_GetMethod: 1 and an unbound method, or 0 and an attribute. */
static int
get_method(PyObject *self, PyObject *name, PyObject **method)
{
  PyObject *descr = _PyType_Lookup(Py_TYPE(self), name);
  if (descr != NULL && PyType_HasFeature(Py_TYPE(descr), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
    *method = Py_NewRef(descr);
    return 1;
  }
  int own = PyExceptionInstance_Check(self) ? ((PyBaseExceptionObject *)self)->dict != NULL
                                            : ((JsProxyObject *)self)->dict != NULL;
  if (descr != NULL || own || !PyUnicode_CheckExact(name)) {
    *method = jsproxy_getattro(self, name);
    return 0;
  }
  *method = method_new(name);
  return *method != NULL;
}

/* From our patch of CPython, cpython/patches/0001. */
extern getattrofunc _PyObject_GetMethodHookGetattro;
extern int (*_PyObject_GetMethodHook)(PyObject *, PyObject *, PyObject **);

int
jsproxy_call_init(void)
{
  static PyMemberDef members[] = {
    { "__vectorcalloffset__", Py_T_PYSSIZET, offsetof(JsMethod, vectorcall), Py_READONLY, NULL },
    { 0 },
  };
  static PyType_Slot method_slots[] = {
    { Py_tp_call, PyVectorcall_Call },
    { Py_tp_dealloc, method_dealloc },
    { Py_tp_members, members },
    { Py_tp_doc, "Calls a method of a JavaScript object by its name." },
    { 0, NULL },
  };
  static PyType_Spec spec = {
    .name = "_pyodide_core.JsMethod",
    .basicsize = sizeof(JsMethod),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = method_slots,
  };
  JsMethod_Type = (PyTypeObject *)PyType_FromSpec(&spec);
  if (JsMethod_Type == NULL) {
    return -1;
  }
  _PyObject_GetMethodHookGetattro = jsproxy_getattro;
  _PyObject_GetMethodHook = get_method;
  return 0;
}

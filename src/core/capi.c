/* The public C API: see pyodide_ffi.h, whose functions these are, for what they promise. */
#include "capi.h"

#define PYODIDE_FFI_NO_IMPORT
#include "../pyodide_py/pyodide/include/pyodide_ffi.h"

#include <stdlib.h>

#include "calls.h"
#include "js_to_py.h"
#include "jsproxy/jsproxy.h"
#include "module.h"
#include "switch.h"

/* As many as call_method_doubles takes. */
#define MAX_DOUBLES 16

struct PyodideHeld {
  JsRef ref;
  uint32_t flags;
};

/** Check that an argument is a JsProxy whose capabilities include `flags`. 0, or -1 with TypeError
 *  set. */
static int
check(PyObject *obj, uint32_t flags, const char *what)
{
  if (obj != NULL && JsProxy_Check(obj) && (JsProxy_flags(obj) & flags) == flags) {
    return 0;
  }
  PyErr_Format(PyExc_TypeError, "Expected %s, not %s", what, obj ? Py_TYPE(obj)->tp_name : "NULL");
  return -1;
}

#define CHECK_PROXY(obj) check(obj, 0, "a JsProxy")

static int
check_name(PyObject *name)
{
  if (name != NULL && PyUnicode_Check(name)) {
    return 0;
  }
  PyErr_SetString(PyExc_TypeError, "the name of a property must be a str");
  return -1;
}

static int
is_proxy(PyObject *obj)
{
  return JsProxy_Check(obj);
}

static PyObject *
globals(void)
{
  return PyImport_ImportModule("js");
}

/** A function of a module called with one argument, which is consumed and may be NULL. */
static PyObject *
call_python(const char *module_name, const char *function, PyObject *take_arg)
{
  PyObject *module = take_arg ? PyImport_ImportModule(module_name) : NULL;
  PyObject *result = module ? PyObject_CallMethod(module, function, "O", take_arg) : NULL;
  Py_XDECREF(module);
  Py_XDECREF(take_arg);
  return result;
}

static PyObject *
run_js(const char *code)
{
  return call_python("pyodide.code", "run_js", PyUnicode_FromString(code));
}

/** Call with the keyword argument `depth`. Consumes the callable and the tuple, which may be
 *  NULL. */
static PyObject *
with_depth(PyObject *take_callable, PyObject *take_args, int depth)
{
  PyObject *kwargs = Py_BuildValue("{s:i}", "depth", depth);
  PyObject *result =
    take_callable && take_args && kwargs ? PyObject_Call(take_callable, take_args, kwargs) : NULL;
  Py_XDECREF(kwargs);
  Py_XDECREF(take_args);
  Py_XDECREF(take_callable);
  return result;
}

static PyObject *
to_js(PyObject *obj, int depth)
{
  PyObject *module = PyImport_ImportModule("_pyodide_core");
  PyObject *function = module ? PyObject_GetAttrString(module, "to_js") : NULL;
  Py_XDECREF(module);
  return with_depth(function, PyTuple_Pack(1, obj), depth);
}

static PyObject *
to_py(PyObject *proxy, int depth)
{
  if (CHECK_PROXY(proxy) < 0) {
    return NULL;
  }
  return with_depth(PyObject_GetAttrString(proxy, "to_py"), PyTuple_New(0), depth);
}

static int
prepare_name(PyObject *proxy, PyObject *name, JsName *js_name)
{
  if (CHECK_PROXY(proxy) < 0 || check_name(name) < 0) {
    return -1;
  }
  return text_js_name(name, js_name);
}

static int
get(PyObject *proxy, PyObject *name, PyObject **value)
{
  *value = NULL;
  return CHECK_PROXY(proxy) < 0 || check_name(name) < 0 ? -1
                                                        : jsproxy_get_property(proxy, name, value);
}

/** The number in an answer. 1, or 0 when it is none, or -1 with the error that it is set. */
static int
number_of(Slot *out, JsVal ref, double *number)
{
  switch (out->tag) {
    case TAG_INT:
      *number = out->i32;
      return 1;
    case TAG_SAFEINT:
    case TAG_NUM:
      *number = out->f64;
      return 1;
    case TAG_ABSENT:
      return 0;
    default: {
      /* Whatever it is has to be taken, so that it can be dropped. */
      PyObject *other = js_to_py_answer_new(out, ref);
      Py_XDECREF(other);
      return other ? 0 : -1;
    }
  }
}

static int
get_double(PyObject *proxy, PyObject *name, double *value)
{
  JsName js_name;
  if (prepare_name(proxy, name, &js_name) < 0) {
    return -1;
  }
  calls_release_result();
  Slot out[2];
  JsVal found = jsx_getattr(JsProxy_value(proxy), js_name.id, js_name.slot, out);
  return number_of(out, found, value);
}

static int
set_or_delete(PyObject *proxy, PyObject *name, PyObject *value)
{
  return CHECK_PROXY(proxy) < 0 || check_name(name) < 0 ? -1
                                                        : jsproxy_set_property(proxy, name, value);
}

static int
del(PyObject *proxy, PyObject *name)
{
  return set_or_delete(proxy, name, NULL);
}

static int
set_double(PyObject *proxy, PyObject *name, double value)
{
  JsName js_name;
  if (prepare_name(proxy, name, &js_name) < 0) {
    return -1;
  }
  calls_release_result();
  Slot slot;
  Slot out[2];
  slot_set_number(&slot, value);
  JsVal thrown =
    jsx_setattr(JsProxy_value(proxy), js_name.id, js_name.slot, &slot, JSVAL_NONE, out);
  return jsproxy_answer_status(out, thrown);
}

static PyObject *
call(PyObject *func, PyObject *this_, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
     int flags)
{
  if (check(func, JSF_IS_CALLABLE, "a JavaScript function") < 0 ||
      (this_ != NULL && CHECK_PROXY(this_) < 0)) {
    return NULL;
  }
  JsVal self = this_ ? JsProxy_value(this_) : JSVAL_NONE;
  return (flags & PYODIDE_KEEP_PROMISE ? calls_function_raw : calls_function)(
    JsProxy_value(func), self, args, nargs, kwnames, 0);
}

static PyObject *
call_method(PyObject *proxy, PyObject *name, PyObject *const *args, Py_ssize_t nargs,
            PyObject *kwnames, int flags)
{
  if (CHECK_PROXY(proxy) < 0 || check_name(name) < 0) {
    return NULL;
  }
  return (flags & PYODIDE_KEEP_PROMISE ? calls_method_raw : calls_method)(
    JsProxy_value(proxy), name, args, nargs, kwnames);
}

static int
call_method_doubles(PyObject *proxy, PyObject *name, const double *args, Py_ssize_t nargs,
                    double *result)
{
  if (nargs < 0 || nargs > MAX_DOUBLES) {
    PyErr_Format(PyExc_ValueError, "call_method_doubles() takes at most %d numbers, not %zd",
                 MAX_DOUBLES, nargs);
    return -1;
  }
  JsName js_name;
  if (prepare_name(proxy, name, &js_name) < 0) {
    return -1;
  }
  Slot frame[MAX_DOUBLES];
  for (Py_ssize_t i = 0; i < nargs; i++) {
    slot_set_number(&frame[i], args[i]);
  }
  if (Py_EnterRecursiveCall(" while calling a JavaScript function")) {
    text_js_name_unsent(&js_name);
    return -1;
  }
  calls_release_result();
  Slot out[2];
  JsVal answer = jsx_call_method(JsProxy_value(proxy), js_name.id, js_name.slot, JSVAL_NONE,
                                 JSVAL_NONE, JSVAL_NONE, JSVAL_NONE, frame, (int32_t)nargs, 0, out);
  Py_LeaveRecursiveCall();
  if (out->tag == TAG_ABSENT) {
    PyErr_SetObject(PyExc_AttributeError, name);
    return -1;
  }
  if (out->tag == TAG_PYOBJ && out->aux == UINT32_MAX) {
    PyErr_Format(PyExc_TypeError, "call_method_doubles() cannot call the Python function '%U'",
                 name);
    return -1;
  }
  double ignored;
  return number_of(out, answer, result ? result : &ignored);
}

static PyObject *
construct(PyObject *cls, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
  if (check(cls, JSF_IS_CALLABLE, "a JavaScript class") < 0) {
    return NULL;
  }
  return calls_function(JsProxy_value(cls), JSVAL_NONE, args, nargs, kwnames, CALL_CONSTRUCT);
}

static PyObject *
create_proxy(PyObject *obj, int flags)
{
  if ((flags & PYODIDE_ONCE) && !PyCallable_Check(obj)) {
    return PyErr_Format(PyExc_TypeError, "PYODIDE_ONCE needs a callable, not %s",
                        Py_TYPE(obj)->tp_name);
  }
  int kind = flags & PYODIDE_ONCE ? KIND_ONCE : KIND_OWNED;
  kind |= flags & PYODIDE_CAPTURE_THIS ? PROXY_CAPTURE_THIS : 0;
  kind |= flags & PYODIDE_UNWRAP ? 0 : PROXY_ROUNDTRIP;
  return module_create_proxy(obj, kind);
}

static PyObject *
unwrap(PyObject *proxy)
{
  if (check(proxy, JSF_IS_DOUBLE_PROXY, "a JsDoubleProxy") < 0) {
    return NULL;
  }
  return jsproxy_op_new(OP_UNWRAP, proxy);
}

static int
destroy_proxy(PyObject *proxy)
{
  if (check(proxy, JSF_IS_DOUBLE_PROXY, "a JsDoubleProxy") < 0) {
    return -1;
  }
  PyObject *result = PyObject_CallMethod(proxy, "destroy", NULL);
  Py_XDECREF(result);
  return result ? 0 : -1;
}

static PyodideRef
hold(PyObject *proxy)
{
  if (CHECK_PROXY(proxy) < 0) {
    return NULL;
  }
  PyodideRef held = malloc(sizeof *held);
  JsRef ref = held ? handles_new(JsProxy_value(proxy)) : NULL;
  if (ref == NULL) {
    free(held);
    PyErr_NoMemory();
    return NULL;
  }
  *held = (struct PyodideHeld){ .ref = ref, .flags = JsProxy_flags(proxy) };
  return held;
}

static void
release(PyodideRef ref)
{
  if (ref != NULL) {
    handles_drop(ref->ref);
    free(ref);
  }
}

static PyObject *
proxy_of(PyodideRef ref)
{
  return jsproxy_new(handles_get(ref->ref), ref->flags);
}

static int
check_buffer(PyObject *buffer)
{
  return check(buffer, JSF_IS_BUFFER, "a typed array, DataView or ArrayBuffer");
}

static Py_ssize_t
buffer_size(PyObject *buffer)
{
  char nothing;
  return check_buffer(buffer) < 0 ? -1 : jsproxy_buffer_read(buffer, 0, &nothing, 0);
}

/** Check that `size` bytes lie at `offset`. 0, or -1 with an error set. */
static int
check_range(PyObject *buffer, Py_ssize_t offset, Py_ssize_t size)
{
  Py_ssize_t all = buffer_size(buffer);
  if (all < 0) {
    return -1;
  }
  if (offset < 0 || size < 0 || offset > all || size > all - offset) {
    PyErr_Format(PyExc_IndexError, "%zd bytes at %zd of a JavaScript buffer of %zd bytes", size,
                 offset, all);
    return -1;
  }
  return 0;
}

static int
buffer_read(PyObject *buffer, Py_ssize_t offset, void *target, Py_ssize_t size)
{
  if (check_range(buffer, offset, size) < 0) {
    return -1;
  }
  return jsproxy_buffer_read(buffer, offset, target, (size_t)size) < 0 ? -1 : 0;
}

static int
buffer_write(PyObject *buffer, Py_ssize_t offset, const void *source, Py_ssize_t size)
{
  if (check_range(buffer, offset, size) < 0) {
    return -1;
  }
  return jsproxy_buffer_write(buffer, offset, source, (size_t)size);
}

static int
can_run_sync(void)
{
  return switch_can_run_sync(NULL, NULL) == Py_True;
}

static PyObject *
run_sync(PyObject *awaitable)
{
  return switch_run_sync(NULL, awaitable);
}

static const PyodideFFI_API api = {
  .version = PYODIDE_FFI_VERSION,
  .is_proxy = is_proxy,
  .globals = globals,
  .run_js = run_js,
  .to_js = to_js,
  .to_py = to_py,
  .get = get,
  .get_double = get_double,
  .set = set_or_delete,
  .set_double = set_double,
  .del = del,
  .call = call,
  .call_method = call_method,
  .call_method_doubles = call_method_doubles,
  .construct = construct,
  .create_proxy = create_proxy,
  .unwrap = unwrap,
  .destroy_proxy = destroy_proxy,
  .hold = hold,
  .release = release,
  .proxy_of = proxy_of,
  .buffer_size = buffer_size,
  .buffer_read = buffer_read,
  .buffer_write = buffer_write,
  .can_run_sync = can_run_sync,
  .run_sync = run_sync,
};

int
capi_init(PyObject *module)
{
  PyObject *capsule = PyCapsule_New((void *)&api, PYODIDE_FFI_CAPSULE, NULL);
  return PyModule_Add(module, "_C_API", capsule);
}

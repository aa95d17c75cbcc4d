/* Exports that call a Python object with arguments from JavaScript. */
#include "pyproxy.h"

#include <emscripten/stack.h>

#include "js_to_py.h"
#include "py_to_js.h"
#include "switch.h"

/* Calls with at most this many arguments need no allocation. */
#define SMALL_CALL 8

/** A JavaScript call's arguments in the form of vectorcall. */
typedef struct {
  /* First argument; the place before it is free for vectorcall's use. Owned references. */
  PyObject **values;
  Py_ssize_t count;
  Py_ssize_t positional;
  /* Owned or null. */
  PyObject *names;
  PyObject *small[SMALL_CALL + 1];
} CallArgs;

static void
args_clear(CallArgs *args)
{
  for (Py_ssize_t i = 0; i < args->count; i++) {
    Py_DECREF(args->values[i]);
  }
  if (args->values != args->small + 1) {
    PyMem_Free(args->values - 1);
  }
  Py_XDECREF(args->names);
}

/** Make room for `total` arguments. Returns 0, or -1 with an error set; args_clear() is due
 *  in both cases. */
static int
args_reserve(CallArgs *args, Py_ssize_t total)
{
  args->values = args->small + 1;
  args->count = 0;
  args->names = NULL;
  if (total > SMALL_CALL) {
    PyObject **values = PyMem_Malloc(((size_t)total + 1) * sizeof *values);
    if (values == NULL) {
      PyErr_NoMemory();
      return -1;
    }
    args->values = values + 1;
  }
  return 0;
}

static int
args_add(CallArgs *args, Slot *slot, JsVal ref)
{
  PyObject *value = js_to_py_new(slot, ref);
  if (value == NULL) {
    return -1;
  }
  args->values[args->count++] = value;
  return 0;
}

/** Read n positional slots and b pairs of name and value; `first`, when not NULL, goes before
 *  them. Returns as args_reserve. */
static int
args_read(CallArgs *args, PyObject *first, PYX_PARAMS)
{
  (void)out;
  if (args_reserve(args, (Py_ssize_t)n + b + 1) < 0) {
    return -1;
  }
  if (first != NULL) {
    args->values[args->count++] = Py_NewRef(first);
  }
  for (int32_t i = 0; i < n; i++) {
    if (args_add(args, &frame[i], calls_slot_ref(&frame[i], r0, r1, r2, r3)) < 0) {
      return -1;
    }
  }
  args->positional = args->count;
  if (b == 0) {
    return 0;
  }
  args->names = PyTuple_New(b);
  if (args->names == NULL) {
    return -1;
  }
  for (int32_t i = 0; i < b; i++) {
    Slot *pair = &frame[n + 2 * i];
    PyObject *name = js_to_py_new(&pair[0], JSVAL_NONE);
    if (name == NULL) {
      return -1;
    }
    PyTuple_SET_ITEM(args->names, i, name);
    if (args_add(args, &pair[1], calls_slot_ref(&pair[1], r0, r1, r2, r3)) < 0) {
      return -1;
    }
  }
  return 0;
}

/** inspect.iscoroutinefunction(callable), which knows partial objects and marked functions. */
static int
is_marked_coroutine_function(PyObject *callable)
{
  PyObject *inspect = PyImport_ImportModule("inspect");
  PyObject *answer =
    inspect ? PyObject_CallMethod(inspect, "iscoroutinefunction", "O", callable) : NULL;
  Py_XDECREF(inspect);
  int truth = answer ? PyObject_IsTrue(answer) : -1;
  Py_XDECREF(answer);
  if (truth < 0) {
    /* A callable that cannot be asked is no coroutine function. */
    PyErr_Clear();
  }
  return truth > 0;
}

/** True when a result of `callable`, which may be NULL, is the coroutine of an `async def`. */
static int
is_to_be_scheduled(PyObject *callable, PyObject *result)
{
  if (result == NULL || !PyCoro_CheckExact(result)) {
    return 0;
  }
  PyObject *function = PyMethod_Check(callable) ? PyMethod_GET_FUNCTION(callable) : callable;
  if (PyFunction_Check(function) &&
      (((PyCodeObject *)PyFunction_GET_CODE(function))->co_flags & CO_COROUTINE) != 0) {
    return 1;
  }
  return is_marked_coroutine_function(callable);
}

/** pyodide.code.relaxed_call. Borrowed, or NULL with an error set. */
static PyObject *
relaxed_call_borrow(void)
{
  static PyObject *function;
  if (function == NULL) {
    PyObject *module = PyImport_ImportModule("pyodide.code");
    function = module ? PyObject_GetAttrString(module, "relaxed_call") : NULL;
    Py_XDECREF(module);
  }
  return function;
}

/** Answer with the result of a call, which is consumed, and end the use of the callable. */
static JsVal
end_call(PyObject *callable, PyObject *take_result, Slot *out)
{
  int schedule = is_to_be_scheduled(callable, take_result);
  pyx_end(callable);
  JsVal ref = calls_return(take_result, out);
  if (schedule) {
    out->kind = 1;
  }
  return ref;
}

/** Call `through(callable, ...)`, or `callable(...)` when `through` is NULL. */
static JsVal
call(PyObject *callable, PyObject *through, PYX_PARAMS)
{
  CallArgs args;
  PyObject *result = NULL;
  PyObject *first = through ? callable : NULL;
  if (args_read(&args, first, a, b, frame, n, out, r0, r1, r2, r3) == 0) {
    size_t nargsf = (size_t)args.positional | PY_VECTORCALL_ARGUMENTS_OFFSET;
    result = PyObject_Vectorcall(through ? through : callable, args.values, nargsf, args.names);
  }
  args_clear(&args);
  return end_call(callable, result, out);
}

/* Positional arguments that the short way of a call takes. */
#define FEW 3

/** Call with few positional arguments: what nearly every call is, with nothing to allocate. */
static JsVal
call_few(PyObject *callable, PYX_PARAMS)
{
  PyObject *values[FEW + 1];
  int32_t count = 0;
  while (count < n) {
    Slot *slot = &frame[count];
    PyObject *value = slot->tag == TAG_INT
                        ? PyLong_FromLong(slot->i32)
                        : js_to_py_new(slot, calls_slot_ref(slot, r0, r1, r2, r3));
    if (value == NULL) {
      break;
    }
    values[++count] = value;
  }
  PyObject *result = NULL;
  if (count == n) {
    size_t nargsf = (size_t)n | PY_VECTORCALL_ARGUMENTS_OFFSET;
    result = PyObject_Vectorcall(callable, values + 1, nargsf, NULL);
  }
  while (count > 0) {
    Py_DECREF(values[count--]);
  }
  return end_call(callable, result, out);
}

JsVal
pyx_call(PYX_PARAMS)
{
  PyObject *callable = pyx_begin(a);
  if (callable == NULL) {
    return pyx_refuse(out);
  }
  if (b == 0 && n <= FEW) {
    return call_few(callable, a, b, frame, n, out, r0, r1, r2, r3);
  }
  return call(callable, NULL, a, b, frame, n, out, r0, r1, r2, r3);
}

JsVal
pyx_call_relaxed(PYX_PARAMS)
{
  PyObject *callable = pyx_begin(a);
  if (callable == NULL) {
    return pyx_refuse(out);
  }
  PyObject *through = relaxed_call_borrow();
  if (through == NULL) {
    pyx_end(callable);
    return calls_return(NULL, out);
  }
  return call(callable, through, a, b, frame, n, out, r0, r1, r2, r3);
}

/** Call on a stack of its own and settle the promise in frame[0]. Returns where C's stack is to be
 *  when the export returns. */
static __attribute__((noinline)) char *
call_promising(char *base, int relaxed, PYX_PARAMS)
{
  JsVal settler = calls_slot_ref(&frame[0], r0, r1, r2, r3);
  Slot result;
  JsVal ref = JSVAL_NONE;
  SwitchStack *stack = switch_begin(base);
  PyObject *callable = stack ? pyx_begin(a) : NULL;
  PyObject *through = callable && relaxed ? relaxed_call_borrow() : NULL;
  if (callable == NULL) {
    ref = pyx_refuse(&result);
  } else if (relaxed && through == NULL) {
    pyx_end(callable);
    ref = calls_return(NULL, &result);
  } else {
    ref = call(callable, through, a, b, frame + 1, n - 1, &result, r0, r1, r2, r3);
  }
  jsx_call_ended(settler, &result, ref);
  return stack ? switch_end(stack) : base;
}

/* These two have nothing on C's stack, so that it can be put elsewhere at their end. */

JsVal
pyx_call_promising(PYX_PARAMS)
{
  char *base = (char *)emscripten_stack_get_current();
  _emscripten_stack_restore(call_promising(base, 0, a, b, frame, n, out, r0, r1, r2, r3));
  return JSVAL_NONE;
}

JsVal
pyx_call_relaxed_promising(PYX_PARAMS)
{
  char *base = (char *)emscripten_stack_get_current();
  _emscripten_stack_restore(call_promising(base, 1, a, b, frame, n, out, r0, r1, r2, r3));
  return JSVAL_NONE;
}

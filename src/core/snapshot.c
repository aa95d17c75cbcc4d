/* Memory snapshots: what must be true of C's memory when JavaScript copies it away, and what has
 * to be renewed when a copy takes the place of a start. */
#include <emscripten/stack.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

#include "calls.h"
#include "errors.h"
#include "handles.h"
#include "pyproxy.h"
#include "rehash.h"
#include "shapes.h"
#include "text.h"

/* The linker's: where static data end and the heap begins. */
extern char __heap_base;

JsVal
pyx_lay_out(PYX_PARAMS)
{
  calls_release_result();
  text_forget_names();
  shapes_forget();
  if (a && rehash_prepare() < 0) {
    return errors_to_js(out);
  }
  slot_set_int(&frame[0], (int32_t)handles_live());
  slot_set_int(&frame[1], (int32_t)(uintptr_t)emscripten_stack_get_end());
  /* What lies below is the stack of this very call. */
  slot_set_int(&frame[2], (int32_t)(uintptr_t)emscripten_stack_get_base());
  slot_set_int(&frame[3], (int32_t)(uintptr_t)&__heap_base);
  slot_set_int(&frame[4], (int32_t)(uintptr_t)sbrk(0));
  return JSVAL_NONE;
}

JsVal
pyx_go_on(PYX_PARAMS)
{
  return calls_return_status(rehash_restore(), out);
}

/* The environment of this start, which JavaScript has for whoever asks. New list of bytes. */
static PyObject *
environment_new(void)
{
  size_t count;
  size_t size;
  if (__wasi_environ_sizes_get(&count, &size) != 0) {
    return PyErr_SetFromErrno(PyExc_OSError);
  }
  uint8_t **entries = PyMem_Calloc(count + 1, sizeof *entries);
  uint8_t *texts = PyMem_Malloc(size + 1);
  PyObject *result = NULL;
  if (entries == NULL || texts == NULL) {
    PyErr_NoMemory();
  } else if (__wasi_environ_get(entries, texts) != 0) {
    PyErr_SetFromErrno(PyExc_OSError);
  } else {
    result = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; result != NULL && i < count; i++) {
      PyObject *entry = PyBytes_FromString((char *)entries[i]);
      if (entry == NULL) {
        Py_CLEAR(result);
      } else {
        PyList_SET_ITEM(result, (Py_ssize_t)i, entry);
      }
    }
  }
  PyMem_Free(texts);
  PyMem_Free(entries);
  return result;
}

JsVal
pyx_resume(PYX_PARAMS)
{
  const char *cwd = frame[0].address;
  if (handles_resume() < 0) {
    errors_fatal("no memory for the table of JavaScript values");
  }
  PyThreadState_Get()->c_recursion_remaining = a;
  /* The time zone is asked for again. */
  tzname[0] = NULL;
  if (chdir(cwd) < 0) {
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, cwd);
    return errors_to_js(out);
  }
  if (rehash_renew() < 0) {
    return errors_to_js(out);
  }
  PyObject *environment = environment_new();
  PyObject *module = environment ? PyImport_ImportModule("_pyodide._snapshot") : NULL;
  PyObject *done = module ? PyObject_CallMethod(module, "renew", "O", environment) : NULL;
  Py_XDECREF(module);
  Py_XDECREF(environment);
  int status = done ? 0 : -1;
  Py_XDECREF(done);
  return calls_return_status(status, out);
}

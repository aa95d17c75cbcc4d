/* Start of the interpreter, and the exports that belong to no room: imports, interning,
 * memory, counters. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "calls.h"
#include "cycles.h"
#include "errors.h"
#include "js_to_py.h"
#include "jsproxy/object.h"
#include "module.h"
#include "py_to_js.h"
#include "pyproxy.h"
#include "tape.h"

enum { OPTION_NATIVE, OPTION_NULL_IS_NONE, OPTION_SIGNALS };

/* CPython's; see Python/emscripten_signal.c. */
extern int Py_EMSCRIPTEN_SIGNAL_HANDLING;

/* libc++abi's. */
extern void *__thrown_object_from_unwind_exception(void *unwind);
extern void __get_exception_message(void *thrown, char **type, char **message);

#define UNUSED_PARAMS                                                                              \
  (void)a, (void)b, (void)frame, (void)n, (void)out, (void)r0, (void)r1, (void)r2, (void)r3
#define EXPORT(name)                                                                               \
  JsVal name(int32_t a, int32_t b, Slot *frame, int32_t n, Slot *out, JsVal r0, JsVal r1,          \
             JsVal r2, JsVal r3)

/* main() is never run; emcc wants one. */
int
main(void)
{
  return 0;
}

static PyStatus
set_text(PyConfig *config, wchar_t **field, Slot *slot)
{
  return PyConfig_SetBytesString(config, field, slot->address);
}

static PyStatus
append_text(PyWideStringList *list, Slot *slot)
{
  wchar_t *text = Py_DecodeLocale(slot->address, NULL);
  if (text == NULL) {
    return PyStatus_NoMemory();
  }
  PyStatus status = PyWideStringList_Append(list, text);
  PyMem_RawFree(text);
  return status;
}

enum { HOME, FOLDER, EXECUTABLE, BASE_EXECUTABLE, TEXTS };

static PyStatus
set_executables(PyConfig *config, Slot *frame)
{
  PyStatus status = set_text(config, &config->program_name, &frame[EXECUTABLE]);
  if (!PyStatus_Exception(status)) {
    status = set_text(config, &config->executable, &frame[EXECUTABLE]);
  }
  if (!PyStatus_Exception(status)) {
    status = set_text(config, &config->base_executable, &frame[BASE_EXECUTABLE]);
  }
  return status;
}

static PyStatus
configure(PyConfig *config, Slot *frame, int32_t n, int32_t paths)
{
  /* SIGINT becomes KeyboardInterrupt. */
  config->install_signal_handlers = 1;
  /* Without paths, Python finds them as it does when it is a program: PYTHONPATH counts. */
  config->module_search_paths_set = paths > 0;
  config->pathconfig_warnings = 0;
  config->parse_argv = 1;
  if (paths > 0) {
    /* Modules lie in memory: what is compiled is gone with them, and folders must be removable. */
    config->write_bytecode = 0;
  }
  PyStatus status = set_text(config, &config->home, &frame[HOME]);
  if (!PyStatus_Exception(status)) {
    status = ((char *)frame[EXECUTABLE].address)[0] != '\0'
               ? set_executables(config, frame)
               : PyConfig_SetBytesString(config, &config->program_name, "python");
  }
  for (int32_t i = TEXTS; i < n && !PyStatus_Exception(status); i++) {
    PyWideStringList *list = i < TEXTS + paths ? &config->module_search_paths : &config->argv;
    status = append_text(list, &frame[i]);
  }
  return status;
}

static JsVal
start_failed(PyStatus status, Slot *out)
{
  if (PyStatus_IsExit(status)) {
    /* The command line asked for no more than a text, or was wrong. */
    fflush(NULL);
    slot_set_int(out, status.exitcode);
    return JSVAL_NONE;
  }
  Slot type;
  Slot message;
  const char *text = status.err_msg ? status.err_msg : "Python did not start";
  slot_set_string(&type, STR_ASCII, "", 0);
  slot_set_string(&message, STR_ASCII, text, (uint32_t)strlen(text));
  slot_set_tag(out, TAG_ERR);
  return jsx_make_error(&type, &message, NULL);
}

/* Let modules be found in the current folder. Before the start `site` would make it absolute. */
static int
add_current_folder(void)
{
  PyObject *path = PySys_GetObject("path");
  PyObject *here = PyUnicode_FromString("");
  int status = path && here ? PyList_Insert(path, 0, here) : -1;
  Py_XDECREF(here);
  return status;
}

EXPORT(pyx_start)
{
  UNUSED_PARAMS;
  if (PyImport_AppendInittab("_pyodide_core", PyInit__pyodide_core) < 0) {
    errors_fatal("no memory for the table of builtin modules");
  }
  const char *cwd = frame[FOLDER].address;
  PyConfig config;
  PyConfig_InitPythonConfig(&config);
  PyStatus status = configure(&config, frame, n, b);
  if (!PyStatus_Exception(status)) {
    status = Py_InitializeFromConfig(&config);
  }
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status)) {
    return start_failed(status, out);
  }
  PyThreadState_Get()->c_recursion_remaining = a;
  cycles_init();
  if (chdir(cwd) < 0) {
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, cwd);
    return errors_to_js(out);
  }
  PyObject *core = PyImport_ImportModule("_pyodide_core");
  Py_XDECREF(core);
  /* A program's first entry is its own folder; Py_RunMain() puts it there. */
  int status_of_path = core && b > 0 ? add_current_folder() : 0;
  return calls_return_status(core ? status_of_path : -1, out);
}

EXPORT(pyx_import_module)
{
  UNUSED_PARAMS;
  if (PyThreadState_GetUnchecked() == NULL) {
    return pyx_refuse(out);
  }
  PyObject *name = js_to_py_new(frame, JSVAL_NONE);
  PyObject *importlib = name ? PyImport_ImportModule("importlib") : NULL;
  PyObject *module = importlib ? PyObject_CallMethod(importlib, "import_module", "O", name) : NULL;
  Py_XDECREF(importlib);
  Py_XDECREF(name);
  return calls_return(module, out);
}

EXPORT(pyx_intern)
{
  UNUSED_PARAMS;
  if (PyThreadState_GetUnchecked() == NULL) {
    return pyx_refuse(out);
  }
  PyObject *name = js_to_py_new(frame, JSVAL_NONE);
  if (name == NULL) {
    return errors_to_js(out);
  }
  /* The reference is JavaScript's, which keeps the address in a table. */
  PyUnicode_InternInPlace(&name);
  *out = (Slot){ .tag = TAG_PYOBJ, .address = name };
  return JSVAL_NONE;
}

EXPORT(pyx_to_py)
{
  UNUSED_PARAMS;
  if (PyThreadState_GetUnchecked() == NULL) {
    return pyx_refuse(out);
  }
  return calls_return_keep_list(js_to_py_new(frame, r0), out);
}

EXPORT(pyx_counts)
{
  UNUSED_PARAMS;
  calls_release_result();
  slot_set_int(&frame[0], (int32_t)handles_live());
  slot_set_int(&frame[1], (int32_t)jsproxy_live());
  slot_set_int(&frame[2], PyThreadState_GetUnchecked() != NULL && PyErr_Occurred() != NULL);
  return JSVAL_NONE;
}

EXPORT(pyx_set_option)
{
  UNUSED_PARAMS;
  switch (a) {
    case OPTION_NATIVE:
      py_to_js_native = b;
      break;
    case OPTION_NULL_IS_NONE:
      js_to_py_null_is_none = b;
      break;
    case OPTION_SIGNALS:
      Py_EMSCRIPTEN_SIGNAL_HANDLING = b;
  }
  slot_set_tag(out, TAG_UNDEFINED);
  return JSVAL_NONE;
}

EXPORT(pyx_check_signals)
{
  UNUSED_PARAMS;
  if (PyThreadState_GetUnchecked() == NULL) {
    return pyx_refuse(out);
  }
  return calls_return_status(PyErr_CheckSignals(), out);
}

/* Called when the runtime is poisoned already: no Python code runs, and nothing is freed. */
EXPORT(pyx_cpp_exception)
{
  UNUSED_PARAMS;
  void *thrown = __thrown_object_from_unwind_exception((void *)(uintptr_t)a);
  char *type = NULL;
  char *message = NULL;
  __get_exception_message(thrown, &type, &message);
  slot_set_string(&frame[0], STR_UTF8, type, (uint32_t)strlen(type));
  slot_set_int(out, (int32_t)(uintptr_t)thrown);
  if (message != NULL) {
    slot_set_string(&frame[1], STR_UTF8, message, (uint32_t)strlen(message));
  } else {
    slot_set_tag(&frame[1], TAG_ABSENT);
  }
  return JSVAL_NONE;
}

EXPORT(pyx_frame_region)
{
  UNUSED_PARAMS;
  jsx_frame_region(tape_frame_region);
  return JSVAL_NONE;
}

/* Private in CPython, but there is no other way to write a stack without running Python code. */
extern void _Py_DumpTraceback(int fd, PyThreadState *tstate);

EXPORT(pyx_dump_traceback)
{
  UNUSED_PARAMS;
  PyThreadState *tstate = PyThreadState_GetUnchecked();
  /* There is only one thread, whether it holds the lock or not. */
  PyInterpreterState *interp = PyInterpreterState_Main();
  if (tstate == NULL && interp != NULL) {
    tstate = PyInterpreterState_ThreadHead(interp);
  }
  _Py_DumpTraceback(STDOUT_FILENO, tstate);
  return JSVAL_NONE;
}

EXPORT(pyx_malloc)
{
  UNUSED_PARAMS;
  slot_set_int(out, (int32_t)(uintptr_t)malloc((uint32_t)a));
  return JSVAL_NONE;
}

EXPORT(pyx_free)
{
  UNUSED_PARAMS;
  free((void *)(uintptr_t)a);
  return JSVAL_NONE;
}

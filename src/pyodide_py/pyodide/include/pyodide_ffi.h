/* The bridge between Python and JavaScript for extension modules, in C and C++.
 *
 *   #include <Python.h>
 *   #include <pyodide_ffi.h>
 *
 *   PyMODINIT_FUNC
 *   PyInit_mine(void)
 *   {
 *     if (PyodideFFI_Import() < 0) {
 *       return NULL;   // not inside the runtime, or a runtime that is too old
 *     }
 *     ...
 *
 * after which `PyodideFFI` points to the functions below. JavaScript objects are PyObjects here
 * as they are in Python: JsProxies, which Python's own API uses too (PyObject_GetAttr,
 * PyObject_Call, PyObject_GetItem ...). The functions below do what that API can't, or do it
 * quicker: names are looked up in JavaScript only, and numbers cross without objects.
 *
 * Rules for all of them. The GIL is held. Arguments are borrowed. "New" results are the
 * caller's. Failure is NULL or -1 with an exception set; what JavaScript throws is a
 * `pyodide.ffi.JsException`. Names are str objects, best interned ones that are kept: the runtime
 * knows those by number. A name that is a Python keyword may have an underscore at its end.
 *
 * Compatible: later versions only add functions at the end. A module that was compiled with this
 * header runs in every runtime whose version is at least PYODIDE_FFI_VERSION. */
#ifndef PYODIDE_FFI_H
#define PYODIDE_FFI_H

#include <Python.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PYODIDE_FFI_VERSION 1
#define PYODIDE_FFI_CAPSULE "_pyodide_core._C_API"

/** A JavaScript value held by C: owned by whoever got it from `hold`, until `release`. */
typedef struct PyodideHeld *PyodideRef;

/** Flags of the calls. */
enum {
  /* A promise is returned as a JsProxy, not as a future of Python's event loop. */
  PYODIDE_KEEP_PROMISE = 1,
};

/** Flags of create_proxy. */
enum {
  PYODIDE_CAPTURE_THIS = 1, /* a call passes `this` as the first argument */
  PYODIDE_UNWRAP = 2,       /* coming back to Python it is the object (roundtrip=False) */
  PYODIDE_ONCE = 4,         /* a callable that dies after its first call */
};

typedef struct {
  /** Version of the runtime: how many of the functions below there are. */
  uint32_t version;

  /* Version 1 */

  /** 1 for a JsProxy, else 0. Never fails. */
  int (*is_proxy)(PyObject *obj);
  /** What `import js` gives. New. */
  PyObject *(*globals)(void);
  /** The value of JavaScript code, as `pyodide.code.run_js`. New. */
  PyObject *(*run_js)(const char *code);

  /** As `pyodide.ffi.to_js` with `depth` levels, -1 for all: a JsProxy or an immutable. New. */
  PyObject *(*to_js)(PyObject *obj, int depth);
  /** As `JsProxy.to_py`. New. */
  PyObject *(*to_py)(PyObject *proxy, int depth);

  /** Read a property. 1: *value is new; 0: there is none, and *value is NULL; -1. */
  int (*get)(PyObject *proxy, PyObject *name, PyObject **value);
  /** Read a property that is a number, without making an object. 1: *value is set; 0: it is no
   *  number, or there is none; -1. */
  int (*get_double)(PyObject *proxy, PyObject *name, double *value);
  /** Write a property; `value` is converted implicitly. 0 or -1. */
  int (*set)(PyObject *proxy, PyObject *name, PyObject *value);
  int (*set_double)(PyObject *proxy, PyObject *name, double value);
  /** Delete a property, whether it is there or not. 0 or -1. */
  int (*del)(PyObject *proxy, PyObject *name);

  /** Call a function with `this_`, which may be NULL, as vectorcall: the values of the keyword
   *  arguments named by the tuple `kwnames`, which may be NULL, follow the `nargs` arguments;
   *  JavaScript gets them as one object. New. */
  PyObject *(*call)(PyObject *func, PyObject *this_, PyObject *const *args, Py_ssize_t nargs,
                    PyObject *kwnames, int flags);
  /** Call a method, in one crossing. New. */
  PyObject *(*call_method)(PyObject *proxy, PyObject *name, PyObject *const *args,
                           Py_ssize_t nargs, PyObject *kwnames, int flags);
  /** Call a method with numbers (at most 16), without making objects. 1: it has returned a
   *  number, *result, where `result` is not NULL; 0: something else; -1. */
  int (*call_method_doubles)(PyObject *proxy, PyObject *name, const double *args,
                             Py_ssize_t nargs, double *result);
  /** `new cls(...)`. New. */
  PyObject *(*construct)(PyObject *cls, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames);

  /** A proxy of a Python object for JavaScript, as `pyodide.ffi.create_proxy`: it lives until it is
   *  destroyed or collected. New. */
  PyObject *(*create_proxy)(PyObject *obj, int flags);
  /** The Python object of such a proxy. New. */
  PyObject *(*unwrap)(PyObject *proxy);
  /** Destroy such a proxy: JavaScript that uses it from then on gets an error. 0 or -1. */
  int (*destroy_proxy)(PyObject *proxy);

  /** Hold the value of a JsProxy. The caller's until `release`; the value lives as long. */
  PyodideRef (*hold)(PyObject *proxy);
  /** Let go of it. NULL is allowed. Never fails. */
  void (*release)(PyodideRef ref);
  /** A JsProxy of the held value. New. */
  PyObject *(*proxy_of)(PyodideRef ref);

  /** Bytes of a typed array, DataView or ArrayBuffer, or -1. */
  Py_ssize_t (*buffer_size)(PyObject *buffer);
  /** Copy `size` bytes from `offset` on to `target`. 0, or -1 (IndexError: fewer are there). */
  int (*buffer_read)(PyObject *buffer, Py_ssize_t offset, void *target, Py_ssize_t size);
  /** Copy `size` bytes to `offset`. 0, or -1 (IndexError: there is no room for them). */
  int (*buffer_write)(PyObject *buffer, Py_ssize_t offset, const void *source, Py_ssize_t size);

  /** 1 where run_sync can wait, else 0. Never fails. */
  int (*can_run_sync)(void);
  /** Wait for an awaitable while JavaScript goes on, as `pyodide.ffi.run_sync`. New. */
  PyObject *(*run_sync)(PyObject *awaitable);
} PyodideFFI_API;

#ifndef PYODIDE_FFI_NO_IMPORT
/** Set by PyodideFFI_Import, in each file that includes this header for itself. */
static PyodideFFI_API const *PyodideFFI;

/** Find the runtime's functions. 0, or -1 with ImportError set. */
static inline int
PyodideFFI_Import(void)
{
  PyodideFFI = (PyodideFFI_API const *)PyCapsule_Import(PYODIDE_FFI_CAPSULE, 0);
  if (PyodideFFI == NULL) {
    PyErr_SetString(PyExc_ImportError,
                    "this module needs a runtime that has the C API of pyodide_ffi.h");
    return -1;
  }
  if (PyodideFFI->version < PYODIDE_FFI_VERSION) {
    PyErr_Format(PyExc_ImportError,
                 "this module was compiled for version %d of pyodide_ffi.h, the runtime has %d",
                 PYODIDE_FFI_VERSION, (int)PyodideFFI->version);
    PyodideFFI = NULL;
    return -1;
  }
  return 0;
}
#endif

#ifdef __cplusplus
}
#endif

#endif

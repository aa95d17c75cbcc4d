/* PyObject -> slot (shallow) and PyObject -> tape (deep lists and tuples). */
#ifndef PY_TO_JS_H
#define PY_TO_JS_H

#include <Python.h>

#include "slot.h"

/** What becomes of the Python references that a conversion hands over. */
typedef enum {
  PYOBJ_BORROW, /* the caller keeps the object alive until JavaScript is done with the call */
  PYOBJ_OWN,    /* each PYOBJ slot owns one new reference, which its PyProxy takes over */
} PyToJsOwnership;

/** How lists and tuples of exactly these types cross. */
typedef enum {
  LISTS_BY_MODE, /* as the conversion mode of loadPyodide says */
  LISTS_KEEP,    /* as PyProxies */
  LISTS_DEEP,    /* as new Arrays */
} PyToJsLists;

/** Whether the conversion mode is "native"; set once from loadPyodide. */
extern int py_to_js_native;
/** The single instance of JsNull. */
extern PyObject *py_to_js_null;

/** What a conversion has put aside for JavaScript to read. */
typedef struct {
  uint32_t blocks;
  int32_t first_ref;
} PyToJsMark;

/** Begin a crossing: what later conversions put aside is released by py_to_js_done. */
PyToJsMark py_to_js_mark(void);
/** Release what was put aside since the mark, once JavaScript has read it. */
void py_to_js_done(PyToJsMark mark);
/** Leave the refs pushed since the mark to JavaScript, which has cleared them itself. */
void py_to_js_forget_refs(void);
/** End a crossing whose blocks JavaScript has yet to read, and clears the refs of. */
void py_to_js_suspend(PyToJsMark mark);
/** Free the blocks of a suspended crossing. */
void py_to_js_free_blocks(PyToJsMark mark);

/** Fill `slot` from `obj`. When the tag is REF the result is the object, else it is null, and
 *  `slot->i32` is 0. Text is borrowed from `obj`, which must outlive the slot's use.
 *  *failed becomes -1 with an error set, and is left alone on success.
 *
 *  No Python code runs in here, nor may it until JavaScript has decoded the slot. */
JsVal py_to_js(PyObject *obj, Slot *slot, PyToJsOwnership ownership, PyToJsLists lists,
               int *failed);
/** Put an object in JavaScript's list of refs. Returns the place for its slot. */
int32_t py_to_js_push_ref(JsVal value);

/** What the object can do: PYF bits, cached per type. Never fails. */
uint32_t py_flags_of(PyObject *obj);

#endif

/* Conversion to JavaScript: see py_to_js.h.
 *
 * Exact types are tested first, because they are what crosses nearly always; then subclasses
 * by their type flags; the rest is a PYOBJ. */
#include "py_to_js.h"

#include <stdlib.h>

#include "growing.h"
#include "handles.h"
#include "jsbigint.h"
#include "jsproxy/object.h"
#include "text.h"
#include "tape.h"

int py_to_js_native = 1;
PyObject *py_to_js_null;

#define MAX_SAFE 9007199254740991LL

/* Blocks of memory that hold tapes and the words of big ints, in order of making. */
static void **blocks;
static uint32_t block_count;
static uint32_t block_capacity;
/* Place in JavaScript's list of the first ref pushed in the current crossing, or -1. */
static int32_t first_ref = -1;

PyToJsMark
py_to_js_mark(void)
{
  PyToJsMark mark = { block_count, first_ref };
  first_ref = -1;
  return mark;
}

void
py_to_js_free_blocks(PyToJsMark mark)
{
  while (block_count > mark.blocks) {
    free(blocks[--block_count]);
  }
}

void
py_to_js_done(PyToJsMark mark)
{
  py_to_js_free_blocks(mark);
  if (first_ref >= 0) {
    jsx_clear_refs(first_ref);
  }
  first_ref = mark.first_ref;
}

void
py_to_js_forget_refs(void)
{
  first_ref = -1;
}

void
py_to_js_suspend(PyToJsMark mark)
{
  first_ref = mark.first_ref;
}

int32_t
py_to_js_push_ref(JsVal value)
{
  int32_t index = jsx_push_ref(value);
  if (first_ref < 0) {
    first_ref = index;
  }
  return index + 4;
}

int
py_to_js_keep_block(void *block)
{
  if (GROWING_ROOM(blocks, block_count, block_capacity) < 0) {
    free(block);
    PyErr_NoMemory();
    return -1;
  }
  blocks[block_count++] = block;
  return 0;
}

static int
big_int(PyObject *obj, Slot *slot)
{
  Py_ssize_t bytes = PyLong_AsNativeBytes(obj, NULL, 0, Py_ASNATIVEBYTES_LITTLE_ENDIAN);
  if (bytes < 0) {
    return -1;
  }
  Py_ssize_t words = (bytes + 3) / 4;
  void *data = malloc(words * 4);
  if (data == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  if (PyLong_AsNativeBytes(obj, data, words * 4, Py_ASNATIVEBYTES_LITTLE_ENDIAN) < 0) {
    free(data);
    return -1;
  }
  if (py_to_js_keep_block(data) < 0) {
    return -1;
  }
  *slot = (Slot){ .tag = TAG_BIGINT, .address = data, .len = (uint32_t)words };
  return 0;
}

static int
integer(PyObject *obj, Slot *slot)
{
  PyLongObject *number = (PyLongObject *)obj;
  if (PyUnstable_Long_IsCompact(number)) {
    slot_set_int(slot, (int32_t)PyUnstable_Long_CompactValue(number));
    return 0;
  }
  int overflow;
  long long value = PyLong_AsLongLongAndOverflow(obj, &overflow);
  if (overflow || value <= -MAX_SAFE || value >= MAX_SAFE) {
    return big_int(obj, slot);
  }
  if (value >= INT32_MIN && value <= INT32_MAX) {
    slot_set_int(slot, (int32_t)value);
  } else {
    *slot = (Slot){ .tag = TAG_SAFEINT, .f64 = (double)value };
  }
  return 0;
}

int
py_to_js_scalar(PyObject *obj, Slot *slot)
{
  PyTypeObject *type = Py_TYPE(obj);
  if (type == &PyUnicode_Type) {
    text_to_slot_borrow(obj, slot);
    return 1;
  }
  if (type == &PyLong_Type) {
    return integer(obj, slot) < 0 ? -1 : 1;
  }
  if (type == &PyFloat_Type) {
    slot_set_number(slot, PyFloat_AS_DOUBLE(obj));
    return 1;
  }
  if (obj == Py_None) {
    slot_set_tag(slot, TAG_UNDEFINED);
    return 1;
  }
  if (type == &PyBool_Type) {
    slot_set_bool(slot, obj == Py_True);
    return 1;
  }
  if (obj == py_to_js_null) {
    slot_set_tag(slot, TAG_NULL);
    return 1;
  }
  if (PyLong_Check(obj)) {
    int status = jsbigint_check(obj) ? big_int(obj, slot) : integer(obj, slot);
    return status < 0 ? -1 : 1;
  }
  if (PyUnicode_Check(obj)) {
    text_to_slot_borrow(obj, slot);
    return 1;
  }
  if (PyFloat_Check(obj)) {
    slot_set_number(slot, PyFloat_AS_DOUBLE(obj));
    return 1;
  }
  return 0;
}

void
py_to_js_object(PyObject *obj, Slot *slot, PyToJsOwnership ownership)
{
  *slot = (Slot){
    .tag = TAG_PYOBJ,
    .aux = py_flags_of(obj),
    .address = ownership == PYOBJ_OWN ? Py_NewRef(obj) : obj,
  };
}

JsVal
py_to_js(PyObject *obj, Slot *slot, PyToJsOwnership ownership, PyToJsLists lists, int *failed)
{
  int known = py_to_js_scalar(obj, slot);
  if (known != 0) {
    if (known < 0) {
      *failed = -1;
    }
    return JSVAL_NONE;
  }
  if (JsProxy_Check(obj)) {
    slot_set_ref(slot, 0);
    return JsProxy_value(obj);
  }
  if ((lists == LISTS_DEEP || (lists == LISTS_BY_MODE && py_to_js_native)) &&
      tape_container_tag(obj, TAPE_LISTS) != 0) {
    if (tape_write(obj, slot, ownership, TAPE_LISTS, 0) < 0) {
      *failed = -1;
    }
    return JSVAL_NONE;
  }
  py_to_js_object(obj, slot, ownership);
  return JSVAL_NONE;
}

/* Conversion to Python: see js_to_py.h. */
#include "js_to_py.h"

#include <stdlib.h>

#include "errors.h"
#include "jsbigint.h"
#include "jsproxy/object.h"
#include "py_to_js.h"
#include "text.h"
#include "tape.h"

int js_to_py_null_is_none;

static PyObject *
big_int(Slot *slot)
{
  PyObject *number =
    PyLong_FromNativeBytes(slot->address, (size_t)slot->len * 4, Py_ASNATIVEBYTES_LITTLE_ENDIAN);
  if (slot->kind & STR_OWNED) {
    free(slot->address);
  }
  return jsbigint_new(number);
}

static PyObject *
convert(Slot *slot, JsVal ref, int32_t *lowest)
{
  switch (slot->tag) {
    case TAG_INT:
      return PyLong_FromLong(slot->i32);
    case TAG_STR:
      return text_from_slot_new(slot);
    case TAG_UNDEFINED:
      return Py_NewRef(Py_None);
    case TAG_NUM:
      return PyFloat_FromDouble(slot->f64);
    case TAG_SAFEINT:
      return PyLong_FromLongLong((long long)slot->f64);
    case TAG_BOOL:
      return PyBool_FromLong(slot->i32);
    case TAG_NULL:
      return Py_NewRef(js_to_py_null_is_none ? Py_None : py_to_js_null);
    case TAG_REF:
      return jsproxy_new(ref, slot->aux);
    case TAG_PYOBJ:
      /* With OWNED the reference of the proxy that JavaScript has used up comes along. */
      return slot->kind & STR_OWNED ? slot->address : Py_NewRef((PyObject *)slot->address);
    case TAG_BIGINT:
      return big_int(slot);
    case TAG_TAPE:
      return tape_read_new(slot, lowest);
    default:
      PyErr_Format(InternalError, "slot with unexpected tag %d", slot->tag);
      return NULL;
  }
}

PyObject *
js_to_py_new(Slot *slot, JsVal ref)
{
  int32_t lowest = INT32_MAX;
  return convert(slot, ref, &lowest);
}

PyObject *
js_to_py_answer_new(Slot *slot, JsVal ref)
{
  if (slot->tag == TAG_ERR) {
    errors_from_js(slot, ref);
    return NULL;
  }
  int32_t lowest = INT32_MAX;
  PyObject *result = convert(slot, ref, &lowest);
  if (lowest != INT32_MAX) {
    jsx_clear_refs(lowest);
  }
  return result;
}

/* What the protocol files of this room offer to types.c, which makes the types. */
#ifndef JSPROXY_H
#define JSPROXY_H

#include "../errors.h"
#include "object.h"

/** The objects that are sequences. */
#define JSPROXY_SEQUENCES (JSF_IS_ARRAY | JSF_IS_TYPEDARRAY | JSF_IS_NODE_LIST)
/** The views whose items are an object's own properties. */
#define JSPROXY_OWN_MAPS (JSF_IS_OBJECT_MAP | JSF_IS_PY_JSON_DICT)

/** Slots and methods that a set of capability bits adds to a type. */
typedef struct {
  /* The row applies when all bits of `all` and at least one of `any` (if not 0) are set, and
   * none of `none`. */
  uint32_t all;
  uint32_t any;
  uint32_t none;
  const PyType_Slot *slots;
  PyMethodDef *methods;
  PyGetSetDef *getset;
} JsProxyRow;

/** The rows, ended by one that adds nothing. Of two that give the same slot the later wins. */
extern const JsProxyRow jsproxy_base_rows[];
extern const JsProxyRow jsproxy_call_rows[];
extern const JsProxyRow jsproxy_sequence_rows[];
extern const JsProxyRow jsproxy_array_rows[];
extern const JsProxyRow jsproxy_mapping_rows[];
extern const JsProxyRow jsproxy_view_rows[];
extern const JsProxyRow jsproxy_buffer_rows[];
extern const JsProxyRow jsproxy_dispose_rows[];
extern const JsProxyRow jsproxy_iterate_rows[];
extern const JsProxyRow jsproxy_await_rows[];
extern const JsProxyRow jsproxy_error_rows[];

/** tp_new of JsException: JsException(name, message="", stack=""). */
PyObject *jsproxy_error_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);

/** The type for a set of capability bits, made at first use. Borrowed, or NULL with an error. */
PyTypeObject *jsproxy_type_borrow(uint32_t flags);

int jsproxy_types_init(PyObject *module) __attribute__((warn_unused_result));
int jsproxy_call_init(void) __attribute__((warn_unused_result));

PyObject *jsproxy_getattro(PyObject *self, PyObject *name);
/** Read a JavaScript property, whatever Python attributes there are. 1: *value is new; 0: there is
 *  none, and *value is NULL; -1 with an error set. */
int jsproxy_get_property(PyObject *self, PyObject *name, PyObject **value);
/** Write a JavaScript property, or delete it when `value` is NULL. 0, or -1 with an error set. */
int jsproxy_set_property(PyObject *self, PyObject *name, PyObject *value);
/** 0 for an import's answer without a value, or -1 with the error set that it is. */
static inline int
jsproxy_answer_status(const Slot *out, JsVal thrown)
{
  if (out->tag != TAG_ERR) {
    return 0;
  }
  errors_from_js(out, thrown);
  return -1;
}
PyObject *jsproxy_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                             PyObject *kwnames);

/** The exception that throw(type[, value[, traceback]]) means, by the rules of Python's own
 *  generators; `format` is that of the tuple of arguments. New reference, or NULL with an error
 *  set. */
PyObject *jsproxy_thrown_new(PyObject *args, const char *format)
  __attribute__((warn_unused_result));

/** jsx_op without arguments; the answer converted. New reference, or NULL. */
PyObject *jsproxy_op_new(int op, PyObject *self) __attribute__((warn_unused_result));
/** jsx_op with one argument. `*absent` tells ABSENT from None when not NULL. */
PyObject *jsproxy_op_key_new(int op, PyObject *self, PyObject *key, int *absent)
  __attribute__((warn_unused_result));
/** jsx_op whose first argument, if any, is a slot without an object. New reference, or NULL. */
PyObject *jsproxy_op_slot_new(int op, PyObject *self, Slot *a) __attribute__((warn_unused_result));
/** jsx_op that answers nothing. `value`, if not NULL, is the second argument, which the object
 *  keeps. Returns the answer's tag: TAG_ERR with an error set. */
int jsproxy_op_status(int op, PyObject *self, Slot *a, PyObject *value)
  __attribute__((warn_unused_result));
/** Add the items of an iterable at the end of an Array. None, or NULL with an error. */
PyObject *jsproxy_extend(PyObject *self, PyObject *items) __attribute__((warn_unused_result));
/** The item or slice of a sequence. New reference, or NULL with an error. */
PyObject *jsproxy_array_subscript(PyObject *self, PyObject *key)
  __attribute__((warn_unused_result));

/** True when Arrays in an object with these flags must not be copied. */
int jsproxy_view_keeps(uint32_t flags);
/** The item of a map with `key`, never a copy: 1 and a new reference, 0 it has none or is no map,
 *  -1 error. */
int jsproxy_live_item(PyObject *self, PyObject *key, PyObject **value)
  __attribute__((warn_unused_result));
/** The item as a view like that of what it lies in, whose flags these are, or itself. Consumes
 *  the reference, which may be NULL. New reference. */
PyObject *jsproxy_view_item_new(uint32_t flags, PyObject *item) __attribute__((warn_unused_result));
/** `_pyodide_core.map_items(map)`: a flat list of keys and values. */
PyObject *jsproxy_map_items(PyObject *module, PyObject *map);

/** Copy the bytes of a JavaScript buffer from `offset` on to memory, as many as there are and fit.
 *  The size of the whole buffer, or -1 with an error set. */
Py_ssize_t jsproxy_buffer_read(PyObject *self, Py_ssize_t offset, void *target, size_t size)
  __attribute__((warn_unused_result));
/** Copy memory to a JavaScript buffer, from `offset` on. 0, or -1 with an error set. */
int jsproxy_buffer_write(PyObject *self, Py_ssize_t offset, const void *source, size_t size)
  __attribute__((warn_unused_result));

/** Functions of `_pyodide_core` on JavaScript buffers, for `_pyodide._buffer_files`. */
extern PyMethodDef jsproxy_buffer_functions[];

/** Functions of `_pyodide_core` on promises, for `_pyodide._promise`. */
extern PyMethodDef jsproxy_await_functions[];

/** Make the bases of container types. Returns 0, or -1 with an error set. */
int jsproxy_abstract_init(void) __attribute__((warn_unused_result));
/** The tuple of bases for a type with these flags. New reference, or NULL with an error. */
PyObject *jsproxy_bases_new(uint32_t flags) __attribute__((warn_unused_result));
/** PyType_FromMetaclass for JsProxy types. New reference, or NULL with an error. */
PyObject *jsproxy_subtype_new(PyType_Spec *spec, PyObject *bases)
  __attribute__((warn_unused_result));

#endif

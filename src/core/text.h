/* Python str <-> JavaScript string, and the cache of attribute names. */
#ifndef TEXT_H
#define TEXT_H

#include <Python.h>

#include "slot.h"

/** Let `slot` borrow the text of a str; valid while the str lives. Never fails. */
void text_to_slot_borrow(PyObject *str, Slot *slot);
/** The str that a STR slot from JavaScript describes; frees it when it is OWNED.
 *  New reference, or NULL with MemoryError. */
PyObject *text_from_slot_new(Slot *slot) __attribute__((warn_unused_result));

/** An attribute name as JavaScript knows it: by number, and by text where the number is new. */
typedef struct {
  int32_t id;
  Slot *slot;
  Slot storage;
} JsName;

/** Prepare `name` (a str, not necessarily interned) for jsx_getattr and its kin, with a
 *  trailing underscore removed from Python's keywords (`from_` is `from`). The JsName must
 *  not outlive the str. Returns 0, or -1 with an error set. */
int text_js_name(PyObject *name, JsName *out) __attribute__((warn_unused_result));
/** Take back a prepared name that was not sent after all: its number means another name to
 *  JavaScript still. */
void text_js_name_unsent(const JsName *name);
/** Prepare a key that is to be sent once as `slot`: by number where the str is one that a program
 *  has as a literal. Returns 1 if so, and then the JsName must live as long as the slot; 0 if not.
 */
int text_key_by_number(PyObject *key, Slot *slot, JsName *name);
/** The JsMethod object (jsproxy/call.c) cached beside an attribute name, or NULL. Borrowed. */
PyObject *text_cached_method_borrow(PyObject *name);
/** Remember the JsMethod of `name` while it stays in the cache. */
void text_cache_method(PyObject *name, PyObject *method);
/** Forget which names JavaScript knows by number, as when it is another JavaScript. */
void text_forget_names(void);
/** The name of the property that an attribute stands for, as text_js_name knows it. New
 *  reference, or NULL with an error set. */
PyObject *text_property_new(PyObject *name) __attribute__((warn_unused_result));
/** True for a Python keyword, with or without trailing underscores: `dir` adds one. */
int text_is_mangled(PyObject *name);

#endif

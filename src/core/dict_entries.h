/* The entries of dicts as they lie in memory. The including file defines Py_BUILD_CORE first. */
#ifndef DICT_ENTRIES_H
#define DICT_ENTRIES_H

#include <Python.h>
#include <internal/pycore_dict.h>

/** The entries of a dict that has only strs for keys and never lost one, in its order; else NULL.
 */
static inline const PyDictUnicodeEntry *
dict_entries(PyObject *dict, uint32_t *count)
{
  PyDictObject *self = (PyDictObject *)dict;
  PyDictKeysObject *keys = self->ma_keys;
  if (self->ma_values != NULL || keys->dk_kind != DICT_KEYS_UNICODE ||
      keys->dk_nentries != self->ma_used) {
    return NULL;
  }
  *count = (uint32_t)self->ma_used;
  return DK_UNICODE_ENTRIES(keys);
}

#endif

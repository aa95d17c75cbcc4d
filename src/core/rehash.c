/* Giving a copied interpreter hashes of its own: see rehash.h.
 *
 * CPython chooses a secret when it starts, and hashes of str and bytes depend on it. They are in
 * each string, once it has been asked, and everything that lies in a dict or set lies by them. So
 * that each start from a memory snapshot has a secret of its own, the tables are found when the
 * snapshot is made and built anew when it is loaded; both follow Objects/dictobject.c and
 * setobject.c. */
#define Py_BUILD_CORE 1
#include <Python.h>

#include <internal/pycore_code.h>
#include <internal/pycore_dict.h>
#include <internal/pycore_gc.h>
#include <internal/pycore_hashtable.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_object.h>
#include <internal/pycore_pyhash.h>
#include <internal/pycore_runtime.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "growing.h"
#include "rehash.h"

enum { PERTURB = 5, LINEAR_PROBES = 9 };

/* A growing array of addresses. */
typedef struct {
  void **items;
  uint32_t length;
  uint32_t capacity;
} Addresses;

/* What was found: tables of dicts, and sets. */
static Addresses tables;
static Addresses sets;

/* A walk over all objects. */
typedef struct {
  /* A bit for each 8 bytes of memory. */
  uint8_t *seen;
  size_t limit;
  /* Objects that have been found but not been looked into. */
  Addresses pending;
  int failed;
} Walk;

static int
append(Addresses *list, void *item)
{
  if (GROWING_ROOM(list->items, list->length, list->capacity) < 0) {
    return -1;
  }
  list->items[list->length++] = item;
  return 0;
}

/* Memory goes into a snapshot, also what is free, so that nothing is left in it. */
static void
clear(Addresses *list)
{
  if (list->items != NULL) {
    memset(list->items, 0, list->capacity * sizeof *list->items);
  }
  free(list->items);
  *list = (Addresses){ 0 };
}

/* True the first time that an address is met. */
static int
is_new(Walk *walk, const void *address)
{
  size_t bit = (uintptr_t)address / 8;
  if (bit / 8 >= walk->limit || walk->seen[bit / 8] & 1 << bit % 8) {
    return 0;
  }
  walk->seen[bit / 8] |= (uint8_t)(1 << bit % 8);
  return 1;
}

static int
found(PyObject *obj, void *arg)
{
  Walk *walk = arg;
  if (obj != NULL && is_new(walk, obj) && append(&walk->pending, obj) < 0) {
    walk->failed = 1;
  }
  return walk->failed;
}

static void
found_keys(Walk *walk, PyDictKeysObject *keys)
{
  if (keys != NULL && is_new(walk, keys) && keys->dk_nentries > 0 && append(&tables, keys) < 0) {
    walk->failed = 1;
  }
}

static void
look_into(Walk *walk, PyObject *obj)
{
  if (PyUnicode_Check(obj)) {
    /* Those of exactly this type are found without being reached. */
    ((PyASCIIObject *)obj)->hash = -1;
  } else if (PyDict_Check(obj)) {
    found_keys(walk, ((PyDictObject *)obj)->ma_keys);
  } else if (PyAnySet_Check(obj)) {
    if (append(&sets, obj) < 0) {
      walk->failed = 1;
    }
  } else if (PyCode_Check(obj)) {
    found(((PyCodeObject *)obj)->co_consts, walk);
  } else if (PyType_Check(obj) && PyType_HasFeature((PyTypeObject *)obj, Py_TPFLAGS_HEAPTYPE)) {
    found_keys(walk, ((PyHeapTypeObject *)obj)->ht_cached_keys);
  }
  if (PyObject_IS_GC(obj) && Py_TYPE(obj)->tp_traverse != NULL) {
    Py_TYPE(obj)->tp_traverse(obj, found, walk);
  }
}

/* All objects that the collector knows, and those that only C knows. */
static void
find_roots(Walk *walk)
{
  PyInterpreterState *interp = PyInterpreterState_Get();
  struct _gc_runtime_state *gc = &interp->gc;
  for (int i = 0; i <= NUM_GENERATIONS; i++) {
    PyGC_Head *head =
      i < NUM_GENERATIONS ? &gc->generations[i].head : &gc->permanent_generation.head;
    for (PyGC_Head *at = _PyGCHead_NEXT(head); at != head; at = _PyGCHead_NEXT(at)) {
      found(_Py_FROM_GC(at), walk);
    }
  }
  found(_Py_INTERP_CACHED_OBJECT(interp, interned_strings), walk);
  found(interp->codecs.search_cache, walk);
  found(interp->codecs.error_registry, walk);
  found(interp->dict, walk);
}

static Py_hash_t *
hash_of(PyObject *obj)
{
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  return PyBytes_CheckExact(obj) ? &((PyBytesObject *)obj)->ob_shash
                                 : &((PyASCIIObject *)obj)->hash;
#pragma clang diagnostic pop
}

/* Whether a str or bytes object with this hash begins here. Memory of objects that are gone may
 * look the same: it is free, so that nothing is lost with what is written there. */
static int
is_hashed(const char *at, const char *end)
{
  PyObject *obj = (PyObject *)at;
  const void *data;
  size_t size;
  if (obj->ob_type == &PyUnicode_Type) {
    PyASCIIObject *str = (PyASCIIObject *)at;
    if (!str->state.compact || str->length < 0) {
      return 0;
    }
    data = PyUnicode_DATA(obj);
    size = (size_t)str->length * str->state.kind;
  } else if (obj->ob_type == &PyBytes_Type) {
    data = ((PyBytesObject *)at)->ob_sval;
    size = (size_t)((PyVarObject *)obj)->ob_size;
  } else {
    return 0;
  }
  Py_hash_t hash = *hash_of(obj);
  return hash != -1 && size < (size_t)(end - (const char *)data) &&
         _Py_HashBytes(data, (Py_ssize_t)size) == hash;
}

/* Look at all of memory: strings may be where only C knows of them. */
static void
forget_hashes(void)
{
  const char *end = (const char *)sbrk(0);
  for (char *at = (char *)8; at + sizeof(PyASCIIObject) < end; at += 4) {
    if (is_hashed(at, end)) {
      *hash_of((PyObject *)at) = -1;
    }
  }
}

static void
empty_table(PyDictKeysObject *keys)
{
  memset(keys->dk_indices, 0xff, (size_t)1 << keys->dk_log2_index_bytes);
}

int
rehash_prepare(void)
{
  clear(&tables);
  clear(&sets);
  size_t limit = (uintptr_t)sbrk(0) / 64 + (1 << 16);
  Walk walk = { .seen = calloc(limit, 1), .limit = limit };
  if (walk.seen != NULL) {
    find_roots(&walk);
    while (walk.pending.length > 0 && !walk.failed) {
      look_into(&walk, walk.pending.items[--walk.pending.length]);
    }
  }
  int failed = walk.seen == NULL || walk.failed;
  clear(&walk.pending);
  if (walk.seen != NULL) {
    memset(walk.seen, 0, limit);
  }
  free(walk.seen);
  if (failed) {
    clear(&tables);
    clear(&sets);
    PyErr_NoMemory();
    return -1;
  }
  forget_hashes();
  for (size_t i = 0; i < tables.length; i++) {
    empty_table(tables.items[i]);
  }
  return 0;
}

static Py_ssize_t
get_index(PyDictKeysObject *keys, size_t at)
{
  if (keys->dk_log2_size < 8) {
    return ((int8_t *)keys->dk_indices)[at];
  }
  if (keys->dk_log2_size < 16) {
    return ((int16_t *)keys->dk_indices)[at];
  }
  return ((int32_t *)keys->dk_indices)[at];
}

static void
set_index(PyDictKeysObject *keys, size_t at, Py_ssize_t index)
{
  if (keys->dk_log2_size < 8) {
    ((int8_t *)keys->dk_indices)[at] = (int8_t)index;
  } else if (keys->dk_log2_size < 16) {
    ((int16_t *)keys->dk_indices)[at] = (int16_t)index;
  } else {
    ((int32_t *)keys->dk_indices)[at] = (int32_t)index;
  }
}

/* Every entry goes where its hash says, as in a table that has just been resized. */
static int
rebuild_table(PyDictKeysObject *keys)
{
  size_t mask = ((size_t)1 << keys->dk_log2_size) - 1;
  empty_table(keys);
  for (Py_ssize_t i = 0; i < keys->dk_nentries; i++) {
    PyDictKeyEntry *entry = DK_IS_UNICODE(keys) ? NULL : &DK_ENTRIES(keys)[i];
    PyObject *key = entry ? entry->me_key : DK_UNICODE_ENTRIES(keys)[i].me_key;
    if (key == NULL) {
      continue;
    }
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1) {
      return -1;
    }
    if (entry != NULL) {
      entry->me_hash = hash;
    }
    size_t at = (size_t)hash & mask;
    for (size_t perturb = (size_t)hash; get_index(keys, at) != DKIX_EMPTY;) {
      perturb >>= PERTURB;
      at = mask & (at * 5 + perturb + 1);
    }
    set_index(keys, at, i);
  }
  return 0;
}

static void
insert(setentry *table, size_t mask, PyObject *key, Py_hash_t hash)
{
  size_t perturb = (size_t)hash;
  size_t at = (size_t)hash & mask;
  for (;;) {
    size_t last = at + LINEAR_PROBES <= mask ? at + LINEAR_PROBES : at;
    for (size_t i = at; i <= last; i++) {
      if (table[i].key == NULL) {
        table[i] = (setentry){ .key = key, .hash = hash };
        return;
      }
    }
    perturb >>= PERTURB;
    at = (at * 5 + 1 + perturb) & mask;
  }
}

static int
rebuild_set(PySetObject *set)
{
  size_t size = (size_t)set->mask + 1;
  setentry *old = PyMem_Malloc(size * sizeof *old);
  if (old == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  memcpy(old, set->table, size * sizeof *old);
  memset(set->table, 0, size * sizeof *old);
  set->hash = -1;
  set->fill = set->used;
  int status = 0;
  for (size_t i = 0; i < size && status == 0; i++) {
    /* A removed entry has a key that is none, and this hash. */
    if (old[i].key == NULL || old[i].hash == -1) {
      continue;
    }
    Py_hash_t hash = PyObject_Hash(old[i].key);
    status = hash == -1 ? -1 : 0;
    insert(set->table, (size_t)set->mask, old[i].key, hash);
  }
  PyMem_Free(old);
  return status;
}

/* A table of CPython's own, whose hashes are of texts. */
static void
rebuild_hashtable(_Py_hashtable_t *table)
{
  _Py_slist_item_t *all = NULL;
  for (size_t i = 0; table != NULL && i < table->nbuckets; i++) {
    while (table->buckets[i].head != NULL) {
      _Py_slist_item_t *item = table->buckets[i].head;
      table->buckets[i].head = item->next;
      item->next = all;
      all = item;
    }
  }
  while (all != NULL) {
    _Py_slist_item_t *item = all;
    all = item->next;
    _Py_hashtable_entry_t *entry = (_Py_hashtable_entry_t *)item;
    entry->key_hash = table->hash_func(entry->key);
    _Py_slist_t *bucket = &table->buckets[entry->key_hash & (table->nbuckets - 1)];
    item->next = bucket->head;
    bucket->head = item;
  }
}

int
rehash_renew(void)
{
  if (tables.length == 0) {
    return 0;
  }
  if (getentropy(&_Py_HashSecret, sizeof _Py_HashSecret) < 0) {
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
  }
  return rehash_restore();
}

int
rehash_restore(void)
{
  if (tables.length == 0) {
    return 0;
  }
  rebuild_hashtable(_PyRuntime.cached_objects.interned_strings);
  rebuild_hashtable(_PyRuntime.imports.extensions.hashtable);
  int status = 0;
  /* Those with keys of any type last: they may be hashed by Python code. */
  for (int general = 0; general <= 1; general++) {
    for (size_t i = 0; i < tables.length && status == 0; i++) {
      PyDictKeysObject *keys = tables.items[i];
      if (general == !DK_IS_UNICODE(keys)) {
        status = rebuild_table(keys);
      }
    }
  }
  for (size_t i = 0; i < sets.length && status == 0; i++) {
    status = rebuild_set(sets.items[i]);
  }
  clear(&tables);
  clear(&sets);
  return status;
}

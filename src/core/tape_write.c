/* The writing half of tape.h: exact builtin containers to a tape. The walk keeps its own stack,
 * so that depth costs no C stack, and runs no Python code, so that text may be borrowed. */
#include "tape.h"

#include <stdlib.h>

#include "errors.h"
#include "jsproxy/object.h"

/* Private in CPython: the only way to walk a set without an iterator. */
extern int _PySet_NextEntry(PyObject *set, Py_ssize_t *pos, PyObject **key, Py_hash_t *hash);

typedef struct {
  PyObject *container;
  Py_ssize_t next;
} Level;

typedef struct {
  uint8_t *data;
  uint32_t used;
  uint32_t capacity;
  uint32_t refs;
  uint32_t opened;
  PyToJsOwnership ownership;
  Level *levels;
  uint32_t depth;
  uint32_t level_capacity;
  int32_t max_levels;
  /* Ordinals of the containers that may occur again: open addressing by address. */
  PyObject **keys;
  uint32_t *ordinals;
  uint32_t seen;
  uint32_t seen_capacity;
} Writer;

static int
reserve(Writer *w, uint32_t bytes)
{
  if (w->capacity - w->used >= bytes) {
    return 0;
  }
  uint64_t wanted = (uint64_t)w->capacity * 2;
  if (wanted < (uint64_t)w->used + bytes) {
    wanted = (uint64_t)w->used + bytes + 1024;
  }
  uint8_t *grown = wanted > UINT32_MAX ? NULL : realloc(w->data, wanted);
  if (grown == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  w->data = grown;
  w->capacity = (uint32_t)wanted;
  return 0;
}

static Slot *
append(Writer *w)
{
  if (reserve(w, sizeof(Slot)) < 0) {
    return NULL;
  }
  Slot *slot = (Slot *)(w->data + w->used);
  w->used += sizeof(Slot);
  return slot;
}

static uint32_t
slot_of(const Writer *w, const PyObject *key)
{
  uint32_t mask = w->seen_capacity - 1;
  uint32_t i = ((uint32_t)(uintptr_t)key >> 3) * 2654435761u & mask;
  while (w->keys[i] != NULL && w->keys[i] != key) {
    i = (i + 1) & mask;
  }
  return i;
}

static int
grow_seen(Writer *w)
{
  uint32_t old_capacity = w->seen_capacity;
  PyObject **old_keys = w->keys;
  uint32_t *old_ordinals = w->ordinals;
  uint32_t capacity = old_capacity ? old_capacity * 2 : 32;
  w->keys = calloc(capacity, sizeof *w->keys);
  w->ordinals = calloc(capacity, sizeof *w->ordinals);
  w->seen_capacity = capacity;
  int failed = w->keys == NULL || w->ordinals == NULL;
  for (uint32_t i = 0; i < old_capacity && !failed; i++) {
    if (old_keys[i] != NULL) {
      uint32_t at = slot_of(w, old_keys[i]);
      w->keys[at] = old_keys[i];
      w->ordinals[at] = old_ordinals[i];
    }
  }
  free(old_keys);
  free(old_ordinals);
  if (failed) {
    PyErr_NoMemory();
    return -1;
  }
  return 0;
}

/* Number a container. 1: it was open already, and *ordinal is its number. */
static int
open_container(Writer *w, PyObject *container, uint32_t *ordinal)
{
  if (Py_REFCNT(container) > 1) {
    if (w->seen * 2 >= w->seen_capacity && grow_seen(w) < 0) {
      return -1;
    }
    uint32_t at = slot_of(w, container);
    if (w->keys[at] != NULL) {
      *ordinal = w->ordinals[at];
      return 1;
    }
    w->keys[at] = container;
    w->ordinals[at] = w->opened;
    w->seen++;
  }
  w->opened++;
  return 0;
}

static PyObject **
items_of(PyObject *container)
{
  return PyList_CheckExact(container) ? ((PyListObject *)container)->ob_item
                                      : ((PyTupleObject *)container)->ob_item;
}

static uint32_t
padded(uint32_t bytes)
{
  return (bytes + sizeof(Slot) - 1) & ~(uint32_t)(sizeof(Slot) - 1);
}

/* Write a list of nothing but small ints, or of nothing but floats, as a typed run.
 * 1 done, 0 it is no such list, -1 error. */
static int
write_run(Writer *w, PyObject *container)
{
  Py_ssize_t n = Py_SIZE(container);
  PyObject **items = items_of(container);
  if (n == 0 || n > INT32_MAX / 8) {
    return 0;
  }
  int floats = PyFloat_CheckExact(items[0]);
  if (!floats && !PyLong_CheckExact(items[0])) {
    return 0;
  }
  uint32_t bytes = padded((uint32_t)n * (floats ? 8 : 4));
  if (reserve(w, sizeof(Slot) + bytes) < 0) {
    return -1;
  }
  Slot *head = (Slot *)(w->data + w->used);
  if (floats) {
    double *run = (double *)(head + 1);
    for (Py_ssize_t i = 0; i < n; i++) {
      if (!PyFloat_CheckExact(items[i])) {
        return 0;
      }
      run[i] = PyFloat_AS_DOUBLE(items[i]);
    }
  } else {
    int32_t *run = (int32_t *)(head + 1);
    for (Py_ssize_t i = 0; i < n; i++) {
      PyLongObject *item = (PyLongObject *)items[i];
      if (!PyLong_CheckExact(items[i]) || !PyUnstable_Long_IsCompact(item)) {
        return 0;
      }
      run[i] = (int32_t)PyUnstable_Long_CompactValue(item);
    }
  }
  *head = (Slot){ .tag = floats ? TAG_RUN_F64 : TAG_RUN_I32, .len = (uint32_t)n };
  w->used += sizeof(Slot) + bytes;
  return 1;
}

static int
push_level(Writer *w, PyObject *container)
{
  if (w->depth >= ABI_TAPE_MAX_DEPTH) {
    PyErr_Format(PyExc_RecursionError, "containers are nested more than %d levels deep",
                 ABI_TAPE_MAX_DEPTH);
    return -1;
  }
  if (w->depth == w->level_capacity) {
    uint32_t capacity = w->level_capacity ? w->level_capacity * 2 : 16;
    Level *grown = realloc(w->levels, capacity * sizeof *grown);
    if (grown == NULL) {
      PyErr_NoMemory();
      return -1;
    }
    w->levels = grown;
    w->level_capacity = capacity;
  }
  w->levels[w->depth++] = (Level){ container, 0 };
  return 0;
}

int
tape_is_container(PyObject *obj, int32_t levels)
{
  PyTypeObject *type = Py_TYPE(obj);
  if (type == &PyList_Type || type == &PyTuple_Type) {
    return 1;
  }
  return levels != TAPE_LISTS && (type == &PyDict_Type || type == &PySet_Type);
}

static uint8_t
container_tag(PyObject *container)
{
  return PyDict_CheckExact(container) ? TAG_DICT : PySet_CheckExact(container) ? TAG_SET : TAG_LIST;
}

static int
write_container(Writer *w, PyObject *container)
{
  uint32_t ordinal = 0;
  uint8_t tag = container_tag(container);
  int known = open_container(w, container, &ordinal);
  if (known == 0 && tag == TAG_LIST) {
    int run = write_run(w, container);
    if (run != 0) {
      return run < 0 ? -1 : 0;
    }
  }
  Slot *slot = known < 0 ? NULL : append(w);
  if (slot == NULL) {
    return -1;
  }
  if (known) {
    *slot = (Slot){ .tag = TAG_BACKREF, .len = ordinal };
    return 0;
  }
  Py_ssize_t size = tag == TAG_DICT  ? PyDict_GET_SIZE(container)
                    : tag == TAG_SET ? PySet_GET_SIZE(container)
                                     : Py_SIZE(container);
  *slot = (Slot){ .tag = tag, .len = (uint32_t)size };
  return push_level(w, container);
}

static int
write_item(Writer *w, PyObject *item)
{
  if (tape_is_container(item, w->max_levels) &&
      (w->max_levels < 0 || w->depth < (uint32_t)w->max_levels)) {
    return write_container(w, item);
  }
  Slot *slot = append(w);
  if (slot == NULL) {
    return -1;
  }
  int known = py_to_js_scalar(item, slot);
  if (known != 0) {
    return known < 0 ? -1 : 0;
  }
  if (JsProxy_Check(item)) {
    slot_set_ref(slot, py_to_js_push_ref(JsProxy_value(item)));
    w->refs++;
    return 0;
  }
  py_to_js_object(item, slot, w->ownership);
  return 0;
}

/* A key of a dict or an item of a set: JavaScript compares objects by identity, so that only
 * immutable values can be found again. */
static int
write_key(Writer *w, PyObject *key, const char *kind)
{
  Slot *slot = append(w);
  if (slot == NULL) {
    return -1;
  }
  int known = py_to_js_scalar(key, slot);
  if (known == 0) {
    w->used -= sizeof(Slot);
    PyErr_Format(ConversionError, "Cannot use %R as a key for a Javascript %s", key, kind);
  }
  return known > 0 ? 0 : -1;
}

/* Write the next entry of the innermost container, or close it. */
static int
write_next(Writer *w)
{
  Level *level = &w->levels[w->depth - 1];
  PyObject *container = level->container;
  PyObject *key;
  PyObject *value;
  Py_hash_t hash;
  if (PyDict_CheckExact(container)) {
    if (PyDict_Next(container, &level->next, &key, &value)) {
      return write_key(w, key, "Map") < 0 ? -1 : write_item(w, value);
    }
  } else if (PySet_CheckExact(container)) {
    if (_PySet_NextEntry(container, &level->next, &key, &hash)) {
      return write_key(w, key, "Set");
    }
  } else if (level->next < Py_SIZE(container)) {
    return write_item(w, items_of(container)[level->next++]);
  }
  w->depth--;
  return 0;
}

static int
walk(Writer *w, PyObject *root)
{
  int status = write_container(w, root);
  while (status == 0 && w->depth > 0) {
    status = write_next(w);
  }
  return status;
}

/* Give back the references that the PYOBJ slots of an unsent tape own. */
static void
drop_objects(Writer *w)
{
  uint32_t at = 0;
  while (w->ownership == PYOBJ_OWN && at + sizeof(Slot) <= w->used) {
    Slot *slot = (Slot *)(w->data + at);
    at += sizeof(Slot);
    if (slot->tag == TAG_PYOBJ) {
      Py_DECREF((PyObject *)slot->address);
    } else if (slot->tag == TAG_RUN_I32 || slot->tag == TAG_RUN_F64) {
      at += padded(slot->len * (slot->tag == TAG_RUN_F64 ? 8 : 4));
    }
  }
}

int
tape_write(PyObject *container, Slot *slot, PyToJsOwnership ownership, int32_t levels)
{
  Writer w = { .ownership = ownership, .max_levels = levels };
  int status = walk(&w, container);
  free(w.levels);
  free(w.keys);
  free(w.ordinals);
  if (status < 0) {
    PyObject *exc = PyErr_GetRaisedException();
    drop_objects(&w);
    PyErr_SetRaisedException(exc);
    free(w.data);
    return -1;
  }
  *slot = (Slot){ .tag = TAG_TAPE, .aux = w.refs, .address = w.data, .len = w.used };
  return py_to_js_keep_block(w.data);
}
